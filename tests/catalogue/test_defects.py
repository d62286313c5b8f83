"""Every check can fail: each catches the defects that it names, running by itself."""

from __future__ import annotations

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.verdicts import Verdict
from prm_harness.reference.defects import DEFECTS

CHECKS = {check.id: check for check in load_catalogue().checks}
PAIRS = [(check.id, defect) for check in CHECKS.values() for defect in check.catches]


@pytest.mark.parametrize(("check", "defect"), PAIRS, ids=[f"{check}-{defect}" for check, defect in PAIRS])
def test_the_check_fails_on_its_defect(audit, kill_matrix, check, defect):
    # In the first style that can have it; CI runs all of them (make kill-matrix-check).
    product = kill_matrix.STYLES[DEFECTS[defect].styles[0]]
    result = audit(product, checks=(check,), defect=defect)[check]
    assert result.verdict is Verdict.FAILED, f"{result.verdict.value}: {result.reason or result.finding}"
    assert "?" not in result.finding, "a figure that the check did not set"


def test_checks_and_defects_name_each_other():
    by_defect = {
        (check, name) for name, defect in DEFECTS.items() for check in defect.checks if check in CHECKS
    }
    assert by_defect == set(PAIRS)


def test_every_check_is_proved_on_a_defect():
    assert [check.id for check in CHECKS.values() if not check.catches] == []
