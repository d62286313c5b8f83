"""A pytest session against a baseline ends as `compare` does."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import audit_file
from test_plugin import Pytest, audit_words, session

__all__ = ["session"]

MIRROR = "python:prm_harness.reference.mirror:create"
DEFECT = f"{MIRROR}?defect=truncates-text-at-255"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit_file(MIRROR, tmp_path_factory.mktemp("baseline"), checks=["T1"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_a_regression_is_named_and_exits_with_4(
    session: Pytest, tmp_path: Path, baseline: Path, workers: list[str]
) -> None:
    ended = session(*audit_words(DEFECT, "T1"), "--prm-baseline", baseline, *workers)
    assert ended.code == 4, ended
    assert ended.out.rstrip().splitlines()[-1] == "exit 4: worse than the baseline: T1 passed → failed"
    assert "against the baseline:" in ended.out
    assert (tmp_path / "out" / "audit" / "change" / "change.html").exists()


def test_a_known_failure_is_shown_and_fails_nothing(session: Pytest, tmp_path: Path) -> None:
    known = audit_file(DEFECT, tmp_path / "known", checks=["T1"])
    ended = session(*audit_words(DEFECT, "T1"), "--prm-baseline", known.relative_to(tmp_path))
    assert "1 failed" in ended.out
    assert ended.code == 0, ended
    assert ended.out.rstrip().splitlines()[-1].startswith("exit 0: nothing is worse")


def test_another_seed_is_refused(session: Pytest, baseline: Path) -> None:
    ended = session(*audit_words(MIRROR, "T1"), "--prm-seed", "7", "--prm-baseline", baseline)
    assert ended.code == 2
    assert "seed: 1 → 7" in ended.out.rstrip().splitlines()[-1]


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda content: b"", 5, "the file is empty"),
        (lambda content: content.replace(b'"passed"', b'"failed"', 1), 5, "edited after it was written"),
        (lambda content: content[: content.rstrip().rindex(b"\n") + 1], 3, "incomplete"),
        (None, 2, "No such file"),
    ],
)
def test_a_baseline_that_cannot_be_used_ends_the_session_before_anything_runs(
    session: Pytest, tmp_path: Path, baseline: Path, make, code: int, said: str
) -> None:
    if make is not None:
        (tmp_path / "b.ndjson").write_bytes(make(baseline.read_bytes()))
    ended = session(*audit_words(MIRROR, "T1"), "--prm-baseline", "b.ndjson")
    assert ended.code == code
    assert said in ended.err
    assert not (tmp_path / "out").exists()
