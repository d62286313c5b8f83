"""An operation that a product refuses is judged by what it declared of that operation, not of the check's needs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prm_harness.adapter import Level, NotSupported
from prm_harness.audit.handed.evidence import Evidence
from prm_harness.audit.judge import judge
from prm_harness.audit.registry import load_catalogue
from prm_harness.record.verdicts import Verdict

CHECKS = {check.id: check for check in load_catalogue().checks}


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ({"write": Level.FULL}, Verdict.NOT_RUN),
        ({"write": Level.FULL, "errors": Level.NOT_IMPLEMENTED}, Verdict.NOT_RUN),
        ({"write": Level.FULL, "errors": Level.UNSUPPORTED}, Verdict.UNSUPPORTED),
        ({"write": Level.FULL, "errors": Level.PARTIAL}, Verdict.UNSUPPORTED),
        ({"write": Level.PARTIAL, "errors": Level.FULL}, Verdict.FAILED),
    ],
)
def test_the_level_of_what_was_refused_decides(levels, verdict):
    check = CHECKS["X4"]
    evidence = Evidence(check.effects, lambda: datetime.now(UTC))
    assert judge(check, evidence, NotSupported("list_errors"), levels, gaps=()).verdict is verdict
