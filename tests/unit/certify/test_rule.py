"""When no certificate is issued: every reason, and all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.certify.rule import challenge_seed, refusals
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile

from .bundles import run_file, three_runs

PUBLISHED = load_profile("mid-market")
KNOCK_OUT = PUBLISHED.knock_outs[0][0]
GROUP = " + ".join(PUBLISHED.knock_outs[0])
CHECKS = [check.id for check in load_catalogue().checklist.checks]
ORDINARY = next(c for c in CHECKS if not any(c in group for group in PUBLISHED.knock_outs))


def runs_of(paths: Sequence[Path], *, partial: bool = False) -> list[Run]:
    return [read_run(path, partial=partial) for path in paths]


def reasons(folder: Path, **changes: Any) -> str:
    partial = changes.get("footer") is False
    paths = three_runs(folder, **changes) if not partial else [
        run_file(folder / f"{seed}.ndjson", seed, **changes) for seed in (11, 12, 13)
    ]  # fmt: skip
    return "\n".join(refusals(runs_of(paths, partial=partial), buyer_seed=13 if partial else None))


def test_a_product_that_passes_everything_on_three_seeds_is_certified(tmp_path: Path) -> None:
    assert refusals(runs_of(three_runs(tmp_path))) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdicts": {KNOCK_OUT: Verdict.FAILED}}, f"knock-out {GROUP} failed"),
        ({"verdicts": {KNOCK_OUT: Verdict.INCONCLUSIVE}}, f"knock-out {GROUP} was not judged"),
        ({"verdicts": {ORDINARY: Verdict.ERROR}}, f"required checks are open: {ORDINARY} adapter error"),
        ({"verdicts": {ORDINARY: Verdict.NOT_RUN}}, f"required checks are open: {ORDINARY} not run"),
        ({"profile": PUBLISHED.model_copy(update={"weights": {**PUBLISHED.weights, "Q1.1": 0.0, "Q1.2": PUBLISHED.weights["Q1.1"] + PUBLISHED.weights["Q1.2"]}})}, "weights differ from mid-market as published"),
        ({"profile": PUBLISHED.model_copy(update={"thresholds": dict.fromkeys(PUBLISHED.thresholds, 9e9)})}, "thresholds differ"),
        ({"profile": PUBLISHED.model_copy(update={"knock_outs": ()})}, "knock-outs differ"),
        ({"profile": PUBLISHED.model_copy(update={"not_needed": {ORDINARY: "no"}})}, "exclusions differ"),
        ({"profile": PUBLISHED.model_copy(update={"name": "easy"})}, "'easy' is none of those published"),
        ({"verdicts": dict.fromkeys(CHECKS[::2], Verdict.INCONCLUSIVE)}, "of the weight was judged, 80% is needed"),
        ({"repeated": {ORDINARY: Verdict.FAILED}}, f"repeats disagree on {ORDINARY}"),
        ({"left_out": [ORDINARY]}, f"catalogue is incomplete: {ORDINARY} was not run"),
        ({"footer": False}, "the run is incomplete"),
        ({"versions": {"harness": "0.2.0.dev3", "code": "x"}}, "not a released version (0.2.0.dev3)"),
        ({"who": {"sample": True}}, "a reference product of the harness itself"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:30],
)  # fmt: skip
def test_it_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert said in reasons(tmp_path, **changes)


def test_a_check_that_needs_what_is_not_declared_may_stay_open(tmp_path: Path) -> None:
    check = next(
        c
        for c in load_catalogue().checklist.checks
        if c.needs and c.id not in {x for g in PUBLISHED.knock_outs for x in g}
    )
    capabilities = {
        need: "full" for c in load_catalogue().checklist.checks for need in c.needs
    } | dict.fromkeys(check.needs, "not_implemented")
    open_ones = {
        c.id: Verdict.NOT_RUN for c in load_catalogue().checklist.checks if set(c.needs) & set(check.needs)
    }
    said = reasons(tmp_path, verdicts=open_ones, who={"capabilities": capabilities})
    assert check.id not in said.partition("required checks are open")[2]


def test_seeds_that_disagree(tmp_path: Path) -> None:
    one, two, _ = three_runs(tmp_path)
    third = run_file(tmp_path / "c.ndjson", 99, verdicts={ORDINARY: Verdict.FAILED})
    assert refusals(runs_of([one, two, third]), buyer_seed=99) == [
        f"the seeds 11, 12, 99 disagree on {ORDINARY} (failed, passed)"
    ]


def test_no_seed_that_could_not_be_prepared_for(tmp_path: Path) -> None:
    paths = [run_file(tmp_path / f"{seed}.ndjson", seed) for seed in (1, 2, 3)]
    runs = runs_of(paths)
    (said,) = refusals(runs)
    assert f"`--seed {challenge_seed(runs[:2])}`" in said
    assert refusals(runs, buyer_seed=3) == []
    assert refusals(runs, buyer_seed=4)[0] == "no run was made with the buyer's seed 4"
    two = "\n".join(refusals(runs[:2]))
    assert "3 runs with 3 seeds are needed, there are 2" in two
    assert f"`--seed {challenge_seed(runs[:2])}`" in two


def test_the_seed_that_follows_changes_with_every_byte(tmp_path: Path) -> None:
    one = read_run(run_file(tmp_path / "1.ndjson", 1))
    other = read_run(run_file(tmp_path / "2.ndjson", 1, found="Everything arrived!"))
    assert challenge_seed([one]) != challenge_seed([other])
    assert challenge_seed([one, other]) == challenge_seed([other, one])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"who": {"version": "3.2"}}, "release of the product"),
        ({"who": {"product": "Other"}}, "product"),
        ({"who": {"artefact": "0" * 64}}, "adapter"),
        ({"profile": load_profile("smb")}, "profile"),
        ({"versions": {"harness": "9.9"}}, "version of the harness"),
    ],
)
def test_runs_that_are_not_about_the_same(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    paths = [*three_runs(tmp_path), run_file(tmp_path / "x.ndjson", 77, **changes)]
    assert f"the runs differ in the {said}: they are not about the same thing" in refusals(
        runs_of(paths), buyer_seed=77
    )


def test_all_reasons_are_listed(tmp_path: Path) -> None:
    said = reasons(tmp_path, verdicts={KNOCK_OUT: Verdict.FAILED}, left_out=[ORDINARY], who={"sample": True})
    assert len(said.splitlines()) >= 1 + 3 * 2
