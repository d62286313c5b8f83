"""Runs made by hand: a few vendors as a catalogue of forty checks would have seen them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from prm_harness.record.attestations import Attestation
from prm_harness.record.model import (
    Barrier,
    Checklist,
    CheckPlan,
    Contestant,
    Diff,
    Evidence,
    EvidenceStep,
    Fact,
    Footer,
    Header,
    Metric,
    Part,
    Profile,
    Result,
    SetupStep,
)
from prm_harness.record.run import Run, count_verdicts
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile

START = datetime(2026, 11, 20, 14, 3, tzinfo=UTC)
GUIDE = yaml.safe_load(Path("scenarios/prm_scenarios/guide.yaml").read_text("utf-8"))

CHECKS = """
H1 Q1.1 Every record of ten years arrives with the first load
H2 Q1.1 The oldest records are there, field by field
S2 Q1.2 No setup step needs the vendor
S1 Q1.3 Setup takes no longer than the vendor declares
C1 Q1.4 Eight types of custom field survive both ways
C2 Q1.4 A custom object with its lookups works for an admin
C3 Q1.5 A field without counterpart is typed, or honestly refused
V1 Q2.1 The record type arrives by its developer name
V4 Q2.1 No deal is lost when a validation rule says no
V5 Q2.1 A field that becomes required is never filled with an invention
R1 Q2.2 A three-level hierarchy keeps every parent
R5 Q2.2 The partner is on the deal at once and after conversion
T1 Q2.3 Each field type is exact both ways, or said to be lossy
T2 Q2.3 Dates keep their day from UTC−11 to UTC+14
T3 Q2.3 Multi-select values survive commas and ampersands
T4 Q2.3 Empty, zero and false stay three things
T5 Q2.3 Every script survives, quotes included
G1 Q2.4 A segment follows a custom field
N1 Q3.1 A new field brings its history
N2 Q3.1 A deleted field stops nothing else
E1 Q3.2 Every failed write is visible
E3 Q3.2 Somebody is told within 15 minutes
E7 Q3.2 A broken connection is reported
F1 Q3.3 Portal changes reach the CRM in time
F2 Q3.3 CRM changes reach the portal in time
F3 Q3.3 The declared cycle is the real one
A1 Q3.4 Backs off when the CRM says slow down
A3 Q3.4 Few calls per thousand changes
A6 Q3.4 One record after a lost answer
X3 Q3.5 Concurrent edits of different fields both survive
X5 Q3.5 Its own writes do not echo
X7 Q3.5 Unmapped fields stay untouched
L1 Q3.6 Only what the filter allows is synced
L3 Q3.6 A record that leaves the filter disappears
U1 Q3.7 Every write can be traced
U2 Q3.7 A bad batch can be undone
U6 Q3.7 Deletes are followed
U8 Q3.7 A converted lead keeps its deal
B1 Q4.1 A registered deal goes round and comes back
B7 Q4.3 No partner sees another partner's record
"""


def checklist() -> Checklist:
    """The shipped questions with forty checks of this file."""
    plans = [line.split(" ", 2) for line in CHECKS.strip().splitlines()]
    built = {check for check, _, _ in plans}
    return Checklist(
        version=GUIDE["version"],
        source=" ".join(GUIDE["source"].split()),
        parts=tuple(Part(**part) for part in GUIDE["parts"]),
        checks=tuple(CheckPlan(id=check, question=q, title=title, weight=1) for check, q, title in plans),
        not_tested_yet={k: v for k, v in GUIDE["not_tested_yet"].items() if k not in built},
    )


def wide_checklist(many: int) -> Checklist:
    """The shipped questions with as many checks as one likes, spread over all of them."""
    questions = [q.id for part in checklist().parts for q in part.questions]
    plans = checklist().checks
    named = {plan.id for plan in plans}
    more = (
        CheckPlan(
            id=f"Z{n}",
            question=questions[n % len(questions)],
            title=f"Value {n} is carried as it is",
            weight=1,
        )
        for n in range(many - len(named))
    )
    return checklist().model_copy(update={"checks": (*plans, *more)})


def run(
    product: str = "Birch PRM",
    verdicts: Mapping[str, str] | None = None,
    *,
    otherwise: str = "passed",
    style: str = "native_mapping",
    sample: bool = False,
    complete: bool = True,
    repeats: int = 1,
    evidence: Mapping[str, Evidence] | None = None,
    findings: Mapping[str, str] | None = None,
    minutes: float = 18,
    delay: float = 12.5,
    vendor: str = "",
    check_list: Checklist | None = None,
    profile: Profile | None = None,
    attestations: tuple[Attestation, ...] = (),
) -> Run:
    """One run in which every check ended ``otherwise`` but for those named in ``verdicts``."""
    check_list = check_list or checklist()
    attempts = {
        plan.id: tuple(
            _result(plan, (verdicts or {}).get(plan.id, otherwise), attempt, evidence or {}, findings or {})
            for attempt in range(1, repeats + 1)
        )
        for plan in check_list.checks
    }
    results = {check: made[-1] for check, made in attempts.items()}
    return Run(
        header=_header(product, vendor, style, sample, check_list, profile or load_profile("mid-market")),
        results=results,
        attempts=attempts,
        facts=_facts(minutes, delay),
        setup=_setup(minutes),
        barriers=_barriers(delay),
        attestations=attestations,
        footer=Footer(
            ended_at=START + timedelta(minutes=42), counts=count_verdicts(results.values()), events=99
        )
        if complete
        else None,
        complete=complete,
        digest=f"{hash_of(product):064x}",
    )


def hash_of(words: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest(), "big")


def _header(
    product: str, vendor: str, style: str, sample: bool, check_list: Checklist, profile: Profile
) -> Header:
    return Header(
        run_id=f"2026-11-20T1403Z-{hash_of(product) % 65536:04x}",
        seed=424242,
        started_at=START,
        versions={
            "harness": "0.1.0",
            "catalogue": "1.0",
            "sandbox": "0.1.0",
            "contract": "1.0",
            "python": "3.11.7",
        },
        contestant=Contestant(
            vendor=vendor or product.split(maxsplit=1)[0],
            product=product,
            version="26.3",
            style=style,
            connect="python:example:factory",
            declared_setup_minutes=15,
            sample=sample,
        ),
        checklist=check_list,
        profile=profile.model_copy(update={"buyer": "Example Co, RevOps"}),
        org={"template": "standard", "seed": 424242, "id": "00D000000000001"},
        plan=tuple(check.id for check in check_list.checks),
        plan_hash="4be1" * 16,
    )


def _result(
    plan: CheckPlan, verdict: str, attempt: int, evidence: Mapping[str, Evidence], findings: Mapping[str, str]
) -> Result:
    word = Verdict(verdict)
    reasons = {
        Verdict.INCONCLUSIVE: "the sandbox does not implement what the check needs (SANDBOX_GAP)",
        Verdict.NOT_RUN: "the run was interrupted before its turn",
        Verdict.ERROR: "the adapter did not answer within 30 s",
        Verdict.UNSUPPORTED: "declared absent, and refused cleanly when asked",
        Verdict.ATTESTED: "the vendor's document says so; nothing was observed",
    }
    shown = evidence.get(plan.id)
    if shown is None and word in {Verdict.FAILED, Verdict.PARTIAL, Verdict.PASSED}:
        shown = some_evidence(plan.id, ok=word is Verdict.PASSED)
    return Result(
        check=plan.id,
        verdict=word,
        share=0.75 if word is Verdict.PARTIAL else None,
        finding=findings.get(plan.id, ""),
        reason=reasons.get(word, ""),
        attempt=attempt,
        evidence=shown or Evidence(),
    )


def some_evidence(check: str, *, ok: bool, steps: int = 3, rows: int = 3) -> Evidence:
    """Evidence as a check leaves it: a few steps each side, a diff, a metric, exchanges."""
    return Evidence(
        grade="A" if ok else "B",
        steps=tuple(
            EvidenceStep(at=START + timedelta(seconds=40 * i), side=side, text=text)
            for i in range(steps)
            for side, text in (
                (
                    "crm",
                    f"Opportunity 006…{i:04d} StageName := Qualified; validation rule Lead_Region_Required on",
                ),
                ("prm", f"deal D-{1000 + i} read back as held, message “Region is required”"),
            )
        ),
        diffs=tuple(
            Diff(
                field=("StageName", "Amount", "Partner_Notes__c", "CloseDate")[i % 4],
                expected=("Qualified", "1200.50", "line one\nline two", "2026-12-31")[i % 4],
                observed=("Qualified", "1200.5", "line one line two", "2027-01-01")[i % 4]
                if not ok
                else "Qualified",
                ok=ok or i % 2 == 0,
                note="" if ok or i % 2 == 0 else "lossy",
            )
            for i in range(rows)
        ),
        metrics=(Metric(name="slowest change", value=37.2, unit="s", limit=60, ok=True),),
        effects={"written": True, "read back": True},
        exchanges=tuple(range(418, 418 + steps * 3)),
    )


def matrix_evidence() -> Evidence:
    """Evidence with four cells of a field-type matrix."""
    cells = (
        ("currency", "Amount", "portal → CRM", "exact"),
        ("currency", "Amount", "CRM → portal", "exact"),
        ("currency", "Budget__c", "CRM → portal", "lossy"),
        ("url", "Competitor_Url__c", "portal → CRM", "refused"),
    )
    keys = ("type", "field", "direction", "outcome")
    return Evidence(facts={"field_matrix": [dict(zip(keys, cell, strict=True)) for cell in cells]})


def timed_evidence(key: str, seconds: Sequence[float], limit: float = 60) -> Evidence:
    """Evidence of a check that timed changes in one direction."""
    return Evidence(facts={key: list(seconds), "limit": limit})


def _facts(minutes: float, delay: float) -> tuple[Fact, ...]:
    return (
        Fact(
            name="Hands-on setup",
            value=minutes,
            unit="min",
            note="3 of 5 steps by hand; the vendor says 15 min",
        ),
        Fact(name="Steps only the vendor can do", value=1, unit="steps", note="0.5 h of waiting"),
        Fact(name="Delay portal to CRM, half of changes", value=round(delay / 3, 1), unit="s"),
        Fact(name="Delay portal to CRM, 95 % of changes", value=round(delay / 2, 1), unit="s"),
        Fact(name="Delay CRM to portal, half of changes", value=round(delay / 2, 1), unit="s"),
        Fact(name="Delay CRM to portal, 95 % of changes", value=delay, unit="s"),
        Fact(name="Historical records that arrived", value=100, unit="%"),
        Fact(name="Time until a failure is visible", value=61, unit="s"),
        Fact(name="Time until somebody is alerted", value=None, unit="s", note="not measured"),
        Fact(name="API calls per 1,000 changes", value=1930, unit="calls"),
        Fact(name="Integration style claimed", value="native mapping"),
    )


def _setup(minutes: float) -> tuple[SetupStep, ...]:
    steps: Sequence[tuple[str, str, str, float, float]] = (
        ("install", "Install the package in the CRM", "admin", 4, 3),
        ("user", "Create the integration user and its permission set", "admin", minutes - 8, 0),
        ("map", "Map fields of six objects", "admin", 4, 0),
        ("enable", "Vendor switches on custom objects for the tenant", "vendor", 0, 30),
        ("load", "First load", "automatic", 0, 7.5),
    )
    return tuple(
        SetupStep(
            id=i,
            title=t,
            actor=a,
            hands_on_minutes=max(h, 1) if a == "admin" else h,
            waiting_minutes=w,
            done=True,
        )
        for i, t, a, h, w in steps
    )


def _barriers(delay: float) -> tuple[Barrier, ...]:
    return tuple(
        Barrier(
            wave=wave,
            passed=passed,
            waited_seconds=delay * 4,
            to_crm_seconds=delay / 2 if passed else None,
            to_prm_seconds=delay if passed else None,
            quiet=passed,
            reason="" if passed else "no canary reached the portal within three cycles",
        )
        for wave, passed in (
            ("connected", True),
            ("shared 1", True),
            ("shared 2", True),
            ("alone: outage", False),
        )
    )


def vendors() -> dict[str, Run]:
    """The vendors most tests use."""
    return {
        "good": run(
            "Birch PRM",
            {
                "T2": "partial",
                "S1": "failed",
                "G1": "unsupported",
                "E7": "inconclusive",
                "L3": "attested",
                "N2": "not_run",
            },
            findings={
                "S1": "Setup took 42 minutes of hands-on work; the vendor declares 15.",
                "T2": "Two of eight close dates moved by a day for users east of UTC+12.",
                "G1": "Segments cannot use custom fields.",
            },
            minutes=42,
            repeats=3,
        ),
        "knocked_out": run(
            "Alder Partner Cloud",
            {"E1": "failed", "E3": "failed", "U2": "unsupported", "T1": "partial", "X5": "inconclusive"},
            style="mirror",
            findings={
                "E1": "Of 40 refused writes 11 left no trace in the portal.",
                "E3": "Nobody was told within six hours.",
                "U2": "A wrong bulk update cannot be undone.",
            },
            delay=5.8,
        ),
        "sparse": run(
            "Cedar Portal",
            {
                "H1": "passed",
                "V4": "passed",
                "F1": "passed",
                "F2": "partial",
                "A6": "failed",
                "L1": "passed",
                "T3": "error",
            },
            otherwise="unsupported",
            style="ipaas",
            minutes=644,
            delay=600,
        ),
        "unknown": run("Dogwood Connect", otherwise="inconclusive", style="batch_etl"),
    }
