"""What a check did not declare it cannot call: that is our own fault, never the vendor's."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from prm_harness.adapter import OPERATIONS, Capability, Outcome
from prm_harness.audit.faults import HarnessMisuse
from prm_harness.audit.handed.evidence import Evidence
from prm_harness.audit.handed.portal import Portal, Submission

DEAL = Submission("Opportunity", {"Name": "x"}, Outcome(state="accepted", prm_id="1"))
CALLS = {
    "update": (DEAL, {}),
    "attach": (DEAL, "a.txt", b"x"),
    "fetch_file": (DEAL, "1"),
    "read_as": ("001", DEAL),
}


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - {"elapse"}))
def test_every_optional_operation_must_have_been_declared(operation: str) -> None:
    asked: list[str] = []
    session = SimpleNamespace(
        info=SimpleNamespace(deal_target="Opportunity", operated_by="software"),
        call=lambda name, *_, **__: asked.append(name),
    )
    evidence = Evidence((), lambda: datetime.now(UTC))
    other = next(capability for capability in Capability if capability is not OPERATIONS[operation])
    portal = Portal(session, evidence, frozenset({other}))  # type: ignore[arg-type]
    with pytest.raises(
        HarnessMisuse, match=f"without declaring that it needs '{OPERATIONS[operation].value}'"
    ):
        getattr(portal, operation)(*CALLS.get(operation, (DEAL,)))
    assert asked == []
