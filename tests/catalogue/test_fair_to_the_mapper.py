"""A sound mapping product is failed exactly where its style cannot do what is asked, and nowhere else."""

from __future__ import annotations

import pytest

from prm_harness.record.verdicts import Verdict

NOT_PASSED = {
    "H1": (Verdict.FAILED, "the vendor imports two years"),
    "H2": (Verdict.FAILED, "the vendor imports two years"),
    "S1": (Verdict.FAILED, "every field is mapped by hand: about four hours"),
    "S2": (Verdict.FAILED, "the vendor activates sync rules and the history import"),
    "C1": (Verdict.PARTIAL, "percent and currency fields cannot be mapped"),
    "C4": (Verdict.FAILED, "the vendor adds a field, two working days after a ticket"),
    "C2": (Verdict.UNSUPPORTED, "a schema of its own has no place for custom objects"),
    "V1": (Verdict.FAILED, "there are no record types in its schema"),
    "R1": (Verdict.FAILED, "an account's parent has no counterpart"),
    "T1": (Verdict.PARTIAL, "half of the field types cannot be mapped; none is altered"),
    "T2": (Verdict.PARTIAL, "points in time cannot be mapped; days are exact"),
    "H5": (Verdict.UNSUPPORTED, "a schema of its own has no place for another object"),
    "V2": (Verdict.FAILED, "there are no record types in its schema"),
    "V8": (Verdict.FAILED, "a computed amount cannot be mapped"),
    "A4": (Verdict.UNSUPPORTED, "it counts its calls, and keeps to no ceiling"),
    "S5": (Verdict.FAILED, "the vendor imports a configuration, two working days after a ticket"),
    "G2": (Verdict.UNSUPPORTED, "workflows work on standard fields only"),
    "B5": (Verdict.UNSUPPORTED, "funds live in the portal only"),
    "P3": (Verdict.UNSUPPORTED, "a schema of its own has no place for another object"),
    "R3": (Verdict.UNSUPPORTED, "contact roles have no counterpart"),
    "B4": (Verdict.PARTIAL, "there is no place for certifications"),
    "G1": (Verdict.UNSUPPORTED, "segments work on standard fields only"),
    "N1": (Verdict.UNSUPPORTED, "the history of a field is never loaded later"),
    "N4": (Verdict.FAILED, "a changed schema is noticed when somebody looks"),
    "N6": (Verdict.UNSUPPORTED, "a schema of its own has no place for another object"),
    "F4": (Verdict.UNSUPPORTED, "the vendor sets the interval"),
    "U3": (Verdict.UNSUPPORTED, "there is no health check"),
    "U2": (Verdict.UNSUPPORTED, "there is no rollback"),
}


@pytest.mark.slow
def test_the_mapper_fails_only_where_its_style_does(audit):
    seen = {id_: r.verdict for id_, r in audit("mapper").items() if r.verdict is not Verdict.PASSED}
    assert seen == {id_: verdict for id_, (verdict, _why) in NOT_PASSED.items()}


@pytest.mark.slow
def test_what_the_mapper_cannot_carry_is_refused_and_never_altered(audit):
    for id_ in ("C1", "T1", "T2"):
        result = audit("mapper")[id_]
        assert result.evidence.facts["altered"] == 0
        assert result.share == pytest.approx(result.evidence.facts["right"] / result.evidence.facts["cells"])
