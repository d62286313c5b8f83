"""A sound mapping product is failed exactly where its style cannot do what is asked, and nowhere else."""

from __future__ import annotations

import pytest
from style_limits import NOT_PASSED

from prm_harness.record.verdicts import Verdict


@pytest.mark.slow
def test_the_mapper_fails_only_where_its_style_does(audit):
    seen = {id_: r.verdict for id_, r in audit("mapper").items() if r.verdict is not Verdict.PASSED}
    assert seen == {id_: verdict for id_, (verdict, _why) in NOT_PASSED["mapper"].items()}


@pytest.mark.slow
def test_what_the_mapper_cannot_carry_is_refused_and_never_altered(audit):
    for id_ in ("C1", "T1", "T2"):
        result = audit("mapper")[id_]
        assert result.evidence.facts["altered"] == 0
        assert result.share == pytest.approx(result.evidence.facts["right"] / result.evidence.facts["cells"])
