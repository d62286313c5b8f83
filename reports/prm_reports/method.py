"""What was tested, how, and what a report does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from prm_harness.record.run import Run
from prm_harness.scoring.model import Scorecard

from . import numbers
from .sentences import name
from .text import clip

SOURCE = (
    "The 16 questions of parts 1 to 3 follow a public buyer's guide written by Magentrix, itself a PRM vendor. "
    "They are worded afresh here, and nothing the guide says about its author or its rivals is taken over."
)
"""Printed when a checklist does not say who wrote it."""

_JUDGING = (
    "The CRM is the witness: every request and every changed row is recorded there. A check passes only when the "
    "effects it names were seen. Several correct ways to refuse bad data are accepted; silent loss and invented "
    "values are not. When repeats disagree the worst one counts. What could not be judged is never counted for or "
    "against the product: it earns nothing, and the ceiling says what it could still earn."
)
_LIMITS = (
    "A sandbox is not the buyer's own org: page layouts, Apex code, territory rules and other apps are not "
    "exercised. Delays depend on the network of the test. One tenant says nothing about load from others. Price, "
    "support and everything outside the integration are not looked at. Results hold for the release named on the "
    "first page."
)


@dataclass(frozen=True)
class Method:
    """The texts of the last page."""

    scope: str
    who: str
    source: str
    judging: str
    limits: str
    again: tuple[str, ...]
    again_note: str
    attached: tuple[tuple[str, str], ...]
    versions: str


def scorecard(run: Run, card: Scorecard, results_hash: str) -> Method:
    """The method page of a scorecard."""
    header = run.header
    who = header.contestant
    return Method(
        scope=f"One tenant of {name(who.product)}, release {clip(who.version, 30) or 'not stated'}, connected to {_org(run)}.",
        who=_who(card),
        source=source(run),
        judging=_JUDGING,
        limits=limits([run]),
        again=(
            "prm-harness report run.ndjson",
            f"prm-harness audit {quote(who.connect)} --profile {quote(header.profile.name)} --seed {header.seed}",
        ),
        again_note=(
            "The first line prints this report again from the run file. The second asks the same questions with the "
            "same records; with --check ID it runs one check alone."
        ),
        attached=(
            ("results.json", f"sha256 {results_hash}"),
            ("checklist.json", "the questions and checks as they stood"),
            ("run.ndjson", f"sha256 {run.digest}" if run.digest else "kept beside this report"),
            ("plan", f"sha256 {header.plan_hash}"),
        ),
        versions=" · ".join(f"{name} {version}" for name, version in sorted(header.versions.items())),
    )


def source(run: Run) -> str:
    """Who wrote the questions, and whose the weights are."""
    profile = run.header.profile
    whose = "the buyer's own" if profile.customised else f"those of the published profile {profile.name}"
    return f"{clip(run.header.checklist.source, 700) or SOURCE} Weights and knock-outs are {whose}."


def limits(runs: Sequence[Run]) -> str:
    """What the numbers do not say; an unfinished run and a reference product are named first."""
    first = []
    if not all(run.complete for run in runs):
        first.append("A run ended before it was complete: what had not been run by then is shown as not run.")
    if any(run.header.contestant.sample for run in runs):
        first.append(
            "A product marked as reference is an implementation made to prove the checks; its numbers are real, "
            "but nobody sells it."
        )
    if any(run.header.contestant.unverified for run in runs):
        first.append(
            "An adapter marked as not verified follows public documentation and was tried on a local double only: "
            "what it shows of the product has to be confirmed on a live tenant."
        )
    return " ".join([*first, _LIMITS])


def _org(run: Run) -> str:
    org, versions = run.header.org, run.header.versions
    template = org.get("template", "standard")
    data = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(run.header.profile.data.items())[:6]
    )
    return (
        f"the sandbox CRM {versions.get('sandbox', '')} with org template {template} and seed {run.header.seed}"
        + (f" (data: {data})" if data else "")
    ).replace("  ", " ")


def _who(card: Scorecard) -> str:
    if not card.setup:
        return "Checks ran without people, except where an exhibit has evidence grade C. No setup steps were reported."
    by = {actor: sum(s.actor == actor for s in card.setup) for actor in ("automatic", "admin", "vendor")}
    return (
        "Checks ran without people, except where an exhibit has evidence grade C. Of the setup steps "
        f"{by['automatic']} ran by themselves, {by['admin']} were done by the buyer's admin and "
        f"{by['vendor']} by the vendor, {numbers.minutes(sum(s.hands_on_minutes for s in card.setup))} hands-on in all."
    )
