"""The expected-failures file is strict: whatever in it is not so any more is an error with one line."""

from datetime import date

import pytest

from prm_harness.scoring.comparison import Expected, ExpectedError, compare, comparison_outcome, load_expected
from prm_harness.scoring.comparison import junit as junit_of

from .runs import V, make_run

TODAY = date(2026, 11, 22)
ENTRY = "check: A\n    verdict: failed\n    reason: ticket 4711\n    owner: QA\n    expires: 2026-11-22\n"
PASSED = dict.fromkeys("AB", V.PASSED)


def run(**verdicts):
    return make_run({"Q1.1": {"A": 1, "B": 1}}, {**PASSED, **verdicts})


def entry(check="A", verdict=V.FAILED):
    return Expected(check=check, verdict=verdict, reason="ticket 4711", owner="QA", expires=TODAY)


@pytest.fixture
def load(tmp_path):
    def call(content):
        path = tmp_path / "expected.yaml"
        path.write_text(content)
        return load_expected(path, today=TODAY)

    return call


def test_an_entry_holds_through_its_last_day(load):
    assert load(f"expected:\n  - {ENTRY}") == (entry(),)
    assert load("expected:\n") == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("expected:\n  - " + ENTRY.replace("2026-11-22", "2026-11-21"), "expired: A on 2026-11-21 (QA)"),
        ("expected:\n  - " + ENTRY.replace("2026-11-22", "soon"), "write it as 2027-03-31"),
        ("expected:\n  - " + ENTRY.replace("2026-11-22", "2026-11-22 10:00:00"), "is no day"),
        ("expected:\n  - " + ENTRY.replace("    owner: QA\n", ""), "has no owner"),
        ("expected:\n  - " + ENTRY.replace("ticket 4711", "''"), "has no reason"),
        ("expected:\n  - " + ENTRY.replace("verdict: failed", "verdict: passed"), "'passed', which is none"),
        ("expected:\n  - " + ENTRY.replace("owner:", "ownr:"), "did you mean 'owner'?"),
        (f"expected:\n  - {ENTRY}  - {ENTRY}", "names A twice"),
        ("expect: []\n", "did you mean 'expected'?"),
        ("expected: A\n", "write it as a list"),
        ("expected:\n  - A\n", "is the text 'A'"),
        ("", "start with 'expected:'"),
        ("expected: [", "line 1"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place(load, content, said):
    with pytest.raises(ExpectedError) as error:
        load(content)
    assert said in str(error.value)
    assert "expected.yaml: " in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("verdicts", "given", "said"),
    [
        ({}, entry(), "A is expected to end as failed, and is passed; remove the entry"),
        ({"A": V.NOT_APPLICABLE}, entry(), "not applicable; remove"),
        ({"A": V.ERROR}, entry(), "A is expected to end as failed, and ended as error"),
        ({}, entry("Z"), "Z is no check of this run"),
    ],
)
def test_an_entry_that_is_not_so_any_more_is_an_error(verdicts, given, said):
    with pytest.raises(ExpectedError) as error:
        compare(run(), run(**verdicts), expected=[given])
    assert said in str(error.value)


def test_what_an_entry_answers_for_does_not_count():
    comparison = compare(run(), run(A=V.FAILED), expected=[entry()])
    code, line = comparison_outcome(comparison)
    assert code == 0
    assert line.endswith("; 1 expected")
    assert comparison.checks[0].marks == ("expected until 2026-11-22 (QA)",)
    assert b"expected: ticket 4711" in junit_of(comparison)
    assert comparison_outcome(compare(run(), run(A=V.FAILED, B=V.FAILED), expected=[entry()]))[0] == 4
    unsettled = compare(run(), run(A=V.INCONCLUSIVE), expected=[entry(verdict=V.INCONCLUSIVE)])
    assert comparison_outcome(unsettled)[0] == 0
