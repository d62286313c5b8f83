"""When a certificate may be issued, and every reason why not. A pure function of the runs.

A percentage certifies nothing. What must hold: everything was run, in three orgs, on a seed that nobody could prepare
for, and came out the same; every knock-out passed; what the product says it does was judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prm_harness.record.digests import checklist_hash, plan_hash, profile_hash, sha256
from prm_harness.record.model import CheckPlan
from prm_harness.record.run import Run
from prm_harness.scoring import load_profile, score, shipped_profiles
from prm_harness.scoring.grade import COVERAGE_FLOOR
from prm_harness.scoring.model import CheckScore, Scorecard

FEWEST_RUNS: Final = 3
_RELEASED = re.compile(r"\d+(?:\.\d+)+(?:\.post\d+)?")


def refusals(runs: Sequence[Run], *, buyer_seed: int | None = None) -> list[str]:
    """Every reason why these runs carry no certificate, in words; none when they do.

    Args:
        runs: of one product, one a seed.
        buyer_seed: the seed that a buyer chose, if one did.
    """
    if not runs:
        return ["there is no run"]
    cards = [score(run) for run in runs]
    return [
        *_seeds(runs, buyer_seed),
        *_alike(runs),
        *_unreleased(runs),
        *_profile(runs[0]),
        *(
            f"seed {run.header.seed}: {why}"
            for run, card in zip(runs, cards, strict=True)
            for why in _one(run, card)
        ),
        *_agreement(runs, cards),
    ]


def challenge_seed(runs: Iterable[Run]) -> int:
    """The seed that follows from runs that exist already, for a vendor to whom no buyer has given one.

    It cannot be known before those runs are finished, and changes with every byte of them.
    """
    return int(sha256("".join(sorted(run.digest for run in runs)))[:8], 16)


def challenged(runs: Sequence[Run]) -> Run | None:
    """The run, if there is one, whose seed follows from all the others."""
    return next(
        (
            run
            for run in runs
            if run.header.seed == challenge_seed(other for other in runs if other is not run)
        ),
        None,
    )


def required(plan: CheckPlan, run: Run) -> bool:
    """Whether a check has to have been judged: the core, knock-outs, and what the product says that it does."""
    declared = run.header.contestant.capabilities
    knock_outs = {check for group in run.header.profile.knock_outs for check in group}
    return plan.id in knock_outs or all(declared.get(need) in {"full", "partial"} for need in plan.needs)


def _seeds(runs: Sequence[Run], buyer_seed: int | None) -> Iterator[str]:
    seeds = [run.header.seed for run in runs]
    if len(set(seeds)) < len(seeds):
        yield f"two runs have the same seed ({', '.join(map(str, seeds))}); make each with its own"
    if buyer_seed is not None and buyer_seed not in seeds:
        yield f"no run was made with the buyer's seed {buyer_seed}"
    foreseen = buyer_seed is None and challenged(runs) is None
    missing = FEWEST_RUNS - len(runs)
    if missing > 0:
        yield f"{FEWEST_RUNS} runs with {FEWEST_RUNS} seeds are needed, there {'is' if len(runs) == 1 else 'are'} {len(runs)}"
    if foreseen and missing <= 1:
        base = runs if missing == 1 else runs[:-1]
        yield (
            "no seed was unknown beforehand: let a buyer choose one (--buyer-seed N), or make the last run with the seed "
            f"that follows from the others, `--seed {challenge_seed(base)}`"
        )


def _alike(runs: Sequence[Run]) -> Iterator[str]:
    for what, values in (
        ("product", [(r.header.contestant.vendor, r.header.contestant.product) for r in runs]),
        ("release of the product", [r.header.contestant.version for r in runs]),
        ("adapter", [r.header.contestant.artefact or r.header.contestant.connect for r in runs]),
        ("declared capabilities", [tuple(sorted(r.header.contestant.capabilities.items())) for r in runs]),
        ("catalogue", [checklist_hash(r.header.checklist) for r in runs]),
        ("profile", [profile_hash(r.header.profile) for r in runs]),
        ("version of the harness", [r.header.versions.get("harness") for r in runs]),
        ("code of the harness", [r.header.versions.get("code") for r in runs]),
    ):
        if len(set(values)) > 1:
            yield f"the runs differ in the {what}: they are not about the same thing"


def _unreleased(runs: Sequence[Run]) -> Iterator[str]:
    for version in sorted({run.header.versions.get("harness", "unknown") for run in runs}):
        if not _RELEASED.fullmatch(version):
            yield f"the harness is not a released version ({version}); install a release and run again"
    if any(run.header.contestant.sample for run in runs):
        yield "the product is a reference product of the harness itself; there is nothing to certify"


def _profile(run: Run) -> Iterator[str]:
    used = run.header.profile
    if used.name not in shipped_profiles():
        yield f"the profile {used.name!r} is none of those published ({', '.join(shipped_profiles())})"
        return
    published = load_profile(used.name)
    parts = {
        "weights": (used.weights, published.weights),
        "thresholds": (used.thresholds, published.thresholds),
        "amounts of data": (used.data, published.data),
        "knock-outs": (used.knock_outs, published.knock_outs),
        "exclusions": (used.not_needed, published.not_needed),
    }
    if changed := [name for name, (one, other) in parts.items() if one != other]:
        yield f"the profile's {', '.join(changed)} differ from {used.name} as published"


def _one(run: Run, card: Scorecard) -> Iterator[str]:
    if run.header.packs:
        names = ", ".join(pack.name for pack in run.header.packs)
        yield f"own checks took part ({names}), and a certificate is about the catalogue alone; audit with --no-packs"
    planned = [plan.id for plan in run.header.checklist.checks]
    if not run.complete:
        yield "the run is incomplete"
    if run.header.plan_hash != plan_hash(run.header.checklist, run.header.profile, run.header.plan):
        yield "its plan is not the one that was laid down before it was run"
    if left_out := [check for check in planned if check not in run.header.plan or check not in run.results]:
        yield f"the catalogue is incomplete: {_listed(left_out)} {'was' if len(left_out) == 1 else 'were'} not run"
    for group in card.knock_outs:
        if not group.passed:
            how = group.verdict.words if group.judged else f"was not judged ({group.verdict.words})"
            yield f"knock-out {' + '.join(group.checks)} {how}"
    unsettled = [c for c in card.checks() if c.result.verdict.open and required(c.plan, run)]
    if unsettled:
        yield f"required checks are open: {_listed([_ended(c) for c in unsettled])}"
    if card.coverage is None or card.coverage < COVERAGE_FLOOR:
        share = "nothing" if card.coverage is None else f"{card.coverage:.1%}"
        yield f"{share} of the weight was judged, {COVERAGE_FLOOR:.0%} is needed"
    if run.flaky:
        yield f"its repeats disagree on {_listed(sorted(run.flaky))}"


def _agreement(runs: Sequence[Run], cards: Sequence[Scorecard]) -> Iterator[str]:
    verdicts: dict[str, set[str]] = {}
    for card in cards:
        for check in card.checks():
            verdicts.setdefault(check.plan.id, set()).add(check.result.verdict.value)
    if apart := [
        f"{check} ({', '.join(sorted(found))})" for check, found in verdicts.items() if len(found) > 1
    ]:
        yield f"the seeds {', '.join(str(run.header.seed) for run in runs)} disagree on {_listed(apart)}"


def _ended(check: CheckScore) -> str:
    return f"{check.plan.id} {check.result.verdict.words}"


def _listed(words: Sequence[str], limit: int = 8) -> str:
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more
