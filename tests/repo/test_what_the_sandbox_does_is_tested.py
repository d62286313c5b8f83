"""An inventory: each refusal of the org, each fault and each arrangement is met by a test below tests/sandbox.

That a test names a code or an operation does not prove that it is a good one; that none does proves that there is none.
"""

import inspect
import re
from pathlib import Path

import pytest

from prm_harness.crm.org.declared import OnDuplicate, Timing
from prm_harness.crm.org.schema import FieldType, Sharing, Summary
from prm_harness.crm.sandbox.serve.operations import PARTS
from prm_harness.crm.trouble import KINDS

ROOT = Path(__file__).parents[2]
ORG = ROOT / "harness" / "prm_harness" / "crm" / "org"
REFUSAL = re.compile(
    r"(?:\.of\(|_error\(\s*\d{3},\s*|SoapFault\(|Problem\(|Fault\()\s*\"([A-Z][A-Z_]{4,})\"", re.MULTILINE
)


@pytest.fixture(scope="module")
def tests():
    texts = [path.read_text() for path in sorted((ROOT / "tests" / "sandbox").rglob("*.py"))]
    return "\n".join([*texts, (ROOT / "docs" / "how-to" / "provoke-failure-modes.md").read_text()])


def missing(tests, names, pattern):
    return sorted(name for name in names if not re.search(pattern.format(re.escape(name)), tests))


def test_every_refusal_is_met(tests):
    codes = {code for path in ORG.rglob("*.py") for code in REFUSAL.findall(path.read_text())}
    assert len(codes) > 35
    assert missing(tests, codes, r"\b{}\b") == []


def test_every_kind_of_fault_is_met(tests):
    assert missing(tests, KINDS, r"[\"']{}[\"']") == []


def test_every_arrangement_is_used(tests):
    known = {
        name
        for protocol in PARTS.values()
        for name, _ in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }
    assert len(known) > 70
    assert missing(tests, known, r"\b{}\b") == []


@pytest.mark.parametrize("kinds", [Timing, OnDuplicate, Summary, Sharing, FieldType])
def test_every_kind_of_rule_and_field_is_met(tests, kinds):
    assert missing(tests, [one.value for one in kinds], r"[\"'.:\s]{}\b") == []
