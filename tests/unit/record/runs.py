"""Small runs to write, tamper with and read back."""

from datetime import UTC, datetime
from pathlib import Path

from prm_harness.record.attestations import Attestation
from prm_harness.record.case import Case
from prm_harness.record.digests import plan_hash
from prm_harness.record.model import (
    Barrier,
    Checklist,
    CheckPlan,
    Contestant,
    Fact,
    Header,
    Part,
    Profile,
    Question,
    Result,
    SetupStep,
)
from prm_harness.record.redact import Redactor
from prm_harness.record.style import StyleSeen, StyleSign
from prm_harness.record.verdicts import Verdict
from prm_harness.record.writer import RunWriter

STYLE = StyleSeen(
    claimed="mirror",
    seen=("mirror",),
    signs=(
        StyleSign(
            sign="reading", seen="Of 9 looks at the portal 0 made it call the CRM.", speaks_for=("mirror",)
        ),
    ),
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHECKS = ("T1", "T2", "T3")


def header(**changes):
    checklist = Checklist(
        version="1.0",
        source="written for the tests",
        parts=(
            Part(
                id="2",
                title="Data",
                questions=(Question(id="Q2.3", title="Types", text="Do types survive?"),),
            ),
        ),
        checks=tuple(
            CheckPlan(id=check, question="Q2.3", title=f"check {check}", weight=1) for check in CHECKS
        ),
    )
    profile = Profile(name="smb", weights={"Q2.3": 100}, knock_outs=(("T1",),))
    values = {
        "run_id": "run-1",
        "seed": 7,
        "started_at": NOON,
        "versions": {"harness": "0.1.0"},
        "contestant": Contestant(
            vendor="Birch", product="Birch PRM", version="3", style="mirror", connect="python:b"
        ),
        "checklist": checklist,
        "profile": profile,
        "org": {"template": "standard", "seed": 7},
        "plan": CHECKS,
        "plan_hash": plan_hash(checklist, profile, CHECKS),
    }
    return Header(**{**values, **changes})


def result(check, verdict=Verdict.PASSED, **values):
    return Result(check=check, verdict=verdict, **values)


def write(path: Path, *, results=None, footer=True, interrupted=False, head=None) -> Path:
    """A run file with one event of every kind."""
    with RunWriter(path, Redactor(b"key of the tests")) as writer:
        writer.header(head or header())
        writer.event(
            "setup_step",
            SetupStep(
                id="s1", title="Connect", actor="admin", hands_on_minutes=2, waiting_minutes=0, done=True
            ),
        )
        writer.event("wave", {"name": "shared"})
        writer.event("probe", {"capability": "rollback", "refused": True})
        writer.event("started", {"check": "T1"})
        writer.event(
            "barrier",
            Barrier(
                wave="shared",
                passed=True,
                waited_seconds=60,
                to_crm_seconds=1.5,
                to_prm_seconds=2,
                quiet=True,
            ),
        )
        for one in (
            [result("T1"), result("T2", Verdict.FAILED), result("T3", Verdict.PARTIAL, share=0.25)]
            if results is None
            else results
        ):
            writer.event("result", one)
        writer.event("style", STYLE)
        writer.event("fact", Fact(name="delay p95", value=12.5, unit="s"))
        writer.event("note", {"text": "works although declared absent"})
        writer.event(
            "attestation",
            Attestation(id="raci", question="Q1.2", title="Who does what", asked="Who?", state="unanswered"),
        )
        if results is None:
            writer.event("case", Case(check="T2", seed=7, started_at=NOON, today=NOON.date()))
            writer.event("attempt", {"attempt": 2, "seed": 8})
        if footer:
            writer.footer(NOON, interrupted=interrupted)
    return path
