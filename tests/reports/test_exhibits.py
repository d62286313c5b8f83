from __future__ import annotations

import pytest

from prm_harness.record.model import Diff, Evidence
from prm_harness.scoring import score
from prm_reports import exhibits


@pytest.fixture
def exhibit(samples):
    def make(evidence, verdict="failed", limits=exhibits.PAPER, **made):
        run = samples.run(verdicts={"E1": verdict}, evidence={"E1": evidence}, **made)
        return next(e for e in exhibits.exhibits(run, score(run), limits) if e.check.plan.id == "E1")

    return make


def test_paper_shows_twelve_lines_a_side_and_counts_the_rest(exhibit, samples):
    shown = exhibit(samples.some_evidence("E1", ok=False, steps=40, rows=0))
    assert 3 <= len(shown.crm) <= 12
    assert len(shown.crm) + shown.crm_more == 40
    assert len(shown.prm) + shown.prm_more == 40


def test_paper_shows_what_is_wrong_first_and_few_of_the_right(exhibit, samples):
    shown = exhibit(samples.some_evidence("E1", ok=False, steps=0, rows=30))
    assert [d.ok for d in shown.diffs] == [False] * 15 + [True] * 3
    assert shown.diffs_more == 12


def test_never_more_than_twenty_rows_and_fewer_when_they_wrap(exhibit):
    def rows(value):
        return Evidence(
            diffs=tuple(Diff(field="f", expected=value, observed="", ok=False) for _ in range(50))
        )

    assert len(exhibit(rows("x")).diffs) == 20
    assert len(exhibit(rows("x" * 100)).diffs) == 5


def test_screens_show_all_of_it(exhibit, samples):
    shown = exhibit(samples.some_evidence("E1", ok=False, steps=40, rows=60), limits=exhibits.SCREEN)
    assert (shown.diffs_more, len(shown.diffs)) == (0, 60)


def test_remarks_tell_knock_out_repeats_and_evidence(exhibit, samples):
    shown = exhibit(samples.some_evidence("E1", ok=False), repeats=3)
    assert shown.remarks == "knock-out · 3 of 3 repeats · evidence B"


def test_a_reason_that_the_finding_already_gives_is_not_repeated(exhibit):
    shown = exhibit(
        Evidence(), "unsupported", findings={"E1": "No. declared absent, and refused cleanly when asked"}
    )
    assert shown.said == "No. declared absent, and refused cleanly when asked."
    assert shown.bare


def test_what_was_not_exercised_is_named(exhibit):
    shown = exhibit(
        Evidence(effects={"written": True, "refused": False}, exchanges=(7, 8, 9, 12)), "inconclusive"
    )
    assert shown.foot == "Exchanges 7–9, 12 of the CRM's log · Not exercised: refused"


@pytest.mark.parametrize(
    ("values", "shown"),
    [((), ""), ((5,), "5"), ((3, 1, 2), "1–3"), (range(0, 40, 2), "0, 2, 4, 6, 8, 10, 12, 14 and 12 more")],
)
def test_ranges(values, shown):
    assert exhibits.ranges(tuple(values)) == shown
