"""How a command ends: the code for the pipeline, the sentence for the person."""

import pytest

from prm_harness.scoring import ExitCode, outcome, score

from .runs import V, make_run, partial

QUESTION = {"Q1.1": {"A": 1, "B": 1, "C": 1}}


def ended(results, **values):
    run = make_run(QUESTION, results, **values)
    return outcome(run, score(run))


PASSED = dict.fromkeys("ABC", V.PASSED)


def test_the_codes_are_those_of_the_contract():
    assert {code.name: code.value for code in ExitCode} == {
        "MET": 0, "FAILURES": 1, "USAGE": 2, "OPEN": 3, "REGRESSION": 4, "BAD_BUNDLE": 5, "INTERRUPTED": 130,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "values", "code", "sentence"),
    [
        ({}, {}, 0, "met: of 3 checks 3 passed"),
        ({}, {"knock_outs": (("A",), ("B",))}, 0, "met: of 3 checks 3 passed; all 2 knock-outs passed"),
        ({"A": partial("A"), "B": V.UNSUPPORTED}, {}, 0, "met: of 3 checks 1 passed, 1 partly passed, 1 not supported"),
        ({"A": V.NOT_APPLICABLE}, {}, 0, "met: of 2 checks 2 passed"),
        ({"A": V.FAILED}, {}, 1, "1 of 3 checks failed (A)"),
        ({"B": V.ERROR}, {}, 1, "the adapter broke in 1 of 3 (B)"),
        ({"A": V.FAILED, "B": V.ERROR, "C": V.NOT_RUN}, {}, 1, "1 of 3 checks failed (A); the adapter broke in 1 of 3 (B)"),
        ({"A": V.UNSUPPORTED}, {"knock_outs": (("A", "B"),)}, 1, "knock-outs not passed: A + B"),
        ({"A": partial("A", 0.99)}, {"knock_outs": (("A",),)}, 1, "knock-outs not passed: A"),
        ({"A": V.FAILED}, {"complete": False}, 1, "1 of 3 checks failed (A)"),
        ({"A": V.INCONCLUSIVE}, {}, 3, "nothing failed, but 1 of 3 checks are open (A)"),
        ({"A": V.ATTESTED, "B": V.NOT_RUN}, {}, 3, "nothing failed, but 2 of 3 checks are open (A, B)"),
        ({}, {"knock_outs": (("Z9",),)}, 3, "knock-outs not judged: Z9"),
        ({}, {"complete": False}, 3, "the run is incomplete"),
        (dict.fromkeys("ABC", V.NOT_APPLICABLE), {}, 3, "nothing was judged: no check applies"),
        ({"B": V.NOT_RUN, "C": V.FAILED}, {"interrupted": True}, 130, "interrupted after 2 of 3 checks"),
    ],
)  # fmt: skip
def test_endings(changes, values, code, sentence):
    assert ended({**PASSED, **changes}, **values) == (code, f"exit {code}: {sentence}")


def test_long_lists_are_cut_short():
    checks = [f"C{n}" for n in range(12)]
    run = make_run({"Q1.1": dict.fromkeys(checks, 1)}, dict.fromkeys(checks, V.FAILED))
    assert outcome(run, score(run))[1].endswith("(C0, C1, C2, C3, C4, C5, C6, C7 and 4 more)")
