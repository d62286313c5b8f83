"""The certificate: one landscape page and a badge, as pure functions of the runs and of who vouches for them.

Whether one may be issued is not decided here (``prm-harness certify`` does); what is printed is always computed from
the runs, never taken from the certificate, so a page cannot say more than its runs show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from prm_harness.record.certificate import Certificate
from prm_harness.record.digests import profile_hash
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import score
from prm_harness.scoring.model import Scorecard

from . import numbers
from .doc import Doc, stamps
from .machine.badge import Badge, month, profile_words
from .machine.badge import svg as badge_svg
from .machine.results import results, to_json
from .sentences import name
from .text import clip

MEANS: Final[dict[str, str]] = {
    "self-declared": "The vendor ran the harness on its own tenant. No third party watched.",
    "witnessed": "The vendor ran the harness on its own tenant; a buyer chose a seed that the vendor did not know "
    "beforehand and signed the result as well.",
    "reproduced": "A buyer ran the harness itself and got the same verdicts.",
}
"""What each level of assurance says, and no more."""

NOT_PROVED: Final = (
    "A signature proves who vouches for these files and that they have not changed. It does not prove that the tenant "
    "was the one that customers get."
)


@dataclass(frozen=True)
class PartRow:
    """A part over all runs: the lowest score, and checks that passed in every run."""

    title: str
    score: str
    passed: int
    of: int
    attested: int


@dataclass(frozen=True)
class Summary:
    """What the runs show together: a check counts as passed only where it passed in every run."""

    passed: int
    of: int
    attested: int
    knock_outs: int
    knock_outs_passed: bool
    parts: tuple[PartRow, ...]


def summary(cards: Sequence[Scorecard]) -> Summary:
    """The runs' common ground.

    Raises:
        ValueError: no card was given.
    """
    if not cards:
        raise ValueError("a certificate needs at least one run")
    verdicts = {c.plan.id: {_verdict(card, c.plan.id) for card in cards} for c in cards[0].checks()}
    rows = []
    for at, part in enumerate(cards[0].parts):
        ids = [c.plan.id for q in part.questions for c in q.checks]
        wanted = [i for i in ids if verdicts[i] != {Verdict.NOT_APPLICABLE}]
        scores = [s for card in cards if (s := card.parts[at].score) is not None]
        if wanted:
            rows.append(
                PartRow(
                    title=part.title,
                    score=numbers.whole(min(scores)) if scores else "n/a",
                    passed=sum(verdicts[i] <= {Verdict.PASSED, Verdict.NOT_APPLICABLE} for i in wanted),
                    of=len(wanted),
                    attested=sum(Verdict.ATTESTED in verdicts[i] for i in wanted),
                )
            )
    return Summary(
        passed=sum(row.passed for row in rows),
        of=sum(row.of for row in rows),
        attested=sum(row.attested for row in rows),
        knock_outs=len(cards[0].knock_outs),
        knock_outs_passed=all(card.knock_outs_passed for card in cards),
        parts=tuple(rows),
    )


def badge(certificate: Certificate, runs: Sequence[Run]) -> Badge:
    """The certificate's badge: count, profile and month, and how it is vouched for."""
    cards = [score(run) for run in runs]
    found = summary(cards)
    how = _how(certificate)
    under = profile_words(cards[0])
    said = f"{found.passed}/{found.of} · {under} · {month(certificate.issued_on)}"
    ended = "" if certificate.standing == "valid" else f"{certificate.standing} · "
    return Badge(
        label=f"PRM integration · {how}",
        message=f"{ended}{said}",
        words=(
            f"PRM integration, {how}: {cards[0].contestant.product} {cards[0].contestant.version} passed {found.passed} "
            f"of {found.of} checks under profile {under}, issued {numbers.date(certificate.issued_on)}"
            + (
                f"; {certificate.standing}"
                if ended
                else f", valid until {numbers.date(certificate.valid_until)}"
            )
        ),
        standing=certificate.standing,
    )


def context(certificate: Certificate, runs: Sequence[Run]) -> dict[str, Any]:
    """Everything certificate.html needs."""
    cards = [score(run) for run in runs]
    found = summary(cards)
    return {
        "doc": _doc(certificate, runs),
        "certificate": certificate,
        "found": found,
        "sentence": sentence(certificate, runs, cards, found),
        "means": MEANS[certificate.assurance],
        "not_proved": NOT_PROVED,
        "valid": _validity(certificate),
        "rows": _rows(certificate, runs, cards),
        "badge": badge_svg(badge(certificate, runs)),
    }


def sentence(
    certificate: Certificate, runs: Sequence[Run], cards: Sequence[Scorecard], found: Summary
) -> tuple[str, str, str]:
    """What it certifies: the words before the profile's name, the name, and the end."""
    many = f" in each of {len(runs)} runs" if len(runs) > 1 else ""
    if not found.knock_outs:
        knocked = "under no knock-out"
    elif found.knock_outs_passed:
        knocked = "with every knock-out passed"
    else:
        knocked = "with a knock-out not passed"
    waived = f", with {numbers.count(certificate.waivers, 'waiver')}" if certificate.waivers else ""
    whose = "a changed profile" if cards[0].customised_profile else "the published profile"
    version = runs[0].header.versions.get("harness", "?")
    return (
        f"passed {found.passed} of {found.of} checks of the PRM harness {version}{many}, {knocked}{waived}, under {whose} ",
        clip(cards[0].profile, 40),
        ".",
    )


def _verdict(card: Scorecard, check: str) -> Verdict:
    return next((c.result.verdict for c in card.checks() if c.plan.id == check), Verdict.NOT_RUN)


def _how(certificate: Certificate) -> str:
    return "self-certified" if certificate.assurance == "self-declared" else certificate.assurance


def _validity(certificate: Certificate) -> str:
    if certificate.standing == "revoked":
        return f"Revoked: {certificate.standing_reason or 'no reason was given'}."
    if certificate.standing == "expired":
        return f"Expired on {numbers.date(certificate.valid_until)}; it says nothing about later releases."
    return f"Valid until the next release or {numbers.date(certificate.valid_until)}, whichever comes first."


def _doc(certificate: Certificate, runs: Sequence[Run]) -> Doc:
    header = runs[0].header
    who = header.contestant
    last = max(run.header.started_at for run in runs)
    marks = [*stamps(runs[:1]), *([certificate.standing.upper()] if certificate.standing != "valid" else [])]
    if header.contestant.sample:
        marks = ["REFERENCE PRODUCT — NOT A CERTIFICATE", *marks[1:]]
    by = {"self-declared": "by the vendor", "witnessed": "by the vendor", "reproduced": "by a buyer"}
    return Doc(
        title=f"{who.product}: PRM–CRM integration certificate",
        about=f"Certificate {certificate.id}, {certificate.assurance}; {_validity(certificate)}",
        kicker=f"PRM–CRM integration certificate · {_how(certificate)}",
        heading=who.product,
        sub=f"Release {who.version or 'not stated'} for Salesforce, run {by[certificate.assurance]} on {numbers.day(last)}",
        running=f"{who.product} · integration certificate",
        stamps=tuple(marks),
        aside=(),
        foot=" · ".join(
            [
                f"certificate {clip(certificate.id, 40)}",
                f"harness {header.versions.get('harness', '?')}",
                f"sandbox {header.versions.get('sandbox', '?')}",
                f"catalogue {header.checklist.version}",
            ]
        ),
        harness=header.versions.get("harness", "?"),
    )


def _rows(
    certificate: Certificate, runs: Sequence[Run], cards: Sequence[Scorecard]
) -> list[tuple[str, list[str]]]:
    profile = runs[0].header.profile
    keys = [clip(key, 60) for key in certificate.signed_by] or ["not signed"]
    return [
        ("Certificate", [clip(certificate.id, 44)]),
        ("Issued", [numbers.date(certificate.issued_on)]),
        ("Runs", [f"{clip(run.header.run_id, 30)}, seed {run.header.seed}" for run in runs[:4]]),
        ("Profile", [f"{clip(profile.name, 20)} sha256 {_short(profile_hash(profile))}"]),
        (
            "Results",
            [
                f"sha256 {_short(hashlib.sha256(to_json(results(run, card))).hexdigest())}"
                for run, card in zip(runs[:4], cards, strict=False)
            ],
        ),
        ("Signed", keys),
        *([("Witness", [clip(name(certificate.witness), 44)])] if certificate.witness else []),
        ("Check it", [clip(certificate.verify, 90) or "prm-harness verify BUNDLE --key KEY"]),
    ]


def _short(digest: str) -> str:
    return f"{digest[:12]}…{digest[-6:]}"
