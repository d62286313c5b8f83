"""How much a verified certificate is worth, in words; and what no signature proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prm_harness.record.certificate import Assurance
from prm_harness.record.digests import checklist_hash, profile_hash
from prm_harness.record.run import Run

from .rule import challenged

NOT_PROVED: Final = (
    "that the runs took place: a vendor that holds its own key could make up whole runs, so there are witnessed and reproduced",
    "that the tenant was set up as a customer's is",
    "that the product was not made to behave well under audit: other seeds, orgs and names make that hard, not impossible",
    "that the adapter did nothing that the product does not do by itself",
    "anything about another release, another CRM, or volumes that were not run",
)
"""What a signature does not prove, however valid."""


@dataclass(frozen=True, slots=True)
class Assured:
    """The level, the sentence that says why, and what speaks against a level that was asked for."""

    level: Assurance
    why: str
    problems: tuple[str, ...] = ()


def assurance(runs: Sequence[Run], *, buyer_seed: int | None, witnessed: bool, own: Run | None) -> Assured:
    """The level that a verifier may speak of.

    Args:
        runs: the bundle's.
        buyer_seed: the seed that the bundle says a buyer chose.
        witnessed: one of the keys that the verifier knows as a buyer's signed as well.
        own: a run that the verifier made itself.
    """
    if own is not None:
        problems = _apart(runs, own)
        if problems:
            return Assured("self-declared", "your own run does not agree with it", tuple(problems))
        return Assured("reproduced", f"your own run with seed {own.header.seed} came to the same verdicts")
    if witnessed and buyer_seed is not None:
        return Assured("witnessed", f"a buyer chose seed {buyer_seed} and signed the result as well")
    if witnessed:
        return Assured("self-declared", "a buyer signed as well, but chose no seed: nothing was witnessed")
    if buyer_seed is not None:
        return Assured(
            "self-declared",
            f"the vendor says that a buyer chose seed {buyer_seed}; no buyer whom you know signed it",
        )
    followed = challenged(runs)
    seed = f"; seed {followed.header.seed} follows from the other runs" if followed else ""
    return Assured("self-declared", f"the vendor ran it, and nobody else vouches for it{seed}")


def _apart(runs: Sequence[Run], own: Run) -> list[str]:
    """Where a verifier's own run and the bundle's differ."""
    theirs = runs[0]
    who, whose = own.header.contestant, theirs.header.contestant
    if not own.complete:
        return ["your own run is incomplete"]
    for what, one, other in (
        ("product", (who.product, who.version), (whose.product, whose.version)),
        ("catalogue", checklist_hash(own.header.checklist), checklist_hash(theirs.header.checklist)),
        ("profile", profile_hash(own.header.profile), profile_hash(theirs.header.profile)),
    ):
        if one != other:
            return [f"your own run is of another {what}: it shows nothing about this certificate"]
    apart = [
        f"{check} {result.verdict.words}, yours {own.results[check].verdict.words}"
        for check, result in theirs.results.items()
        if check in own.results and own.results[check].verdict is not result.verdict
    ]
    return [f"your own run came to other verdicts: {', '.join(apart[:8])}"] if apart else []
