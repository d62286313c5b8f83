"""What a check asks of the CRM and does not get ends it inconclusive, whatever the product shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from prm_harness.audit.api import check, settled
from prm_harness.audit.faults import Inconclusive
from prm_harness.audit.handed.powers import Seen, SetAndHeld
from prm_harness.audit.handed.witness import Witness
from prm_harness.crm.backend import Power
from prm_harness.record.verdicts import Verdict


def test_an_edit_that_the_crm_did_not_make_is_not_held_against_the_product(
    rig: Any, monkeypatch: Any
) -> None:
    @check("X1", question="Q1.1", title="t", effects={"seen"}, passed="p", failed="f")
    def body(crm: Any, prm: Any, evidence: Any, data: Any) -> Any:
        """D."""
        deal = crm.create("Opportunity", data.deal())
        crm.update(deal, {"Amount": 5})
        yield settled
        evidence.exercised("seen")
        evidence.expect("Amount", 5, prm.read(deal).fields["Amount"])

    monkeypatch.setattr(rig.crm, "update", lambda *_, **__: None)
    result = rig.run(body)["X1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "did not come about" in result.reason
    assert "changed" in result.reason


def backend(*powers: Power) -> Any:
    log = SimpleNamespace(rows=0, mark=lambda: (0, log.rows))
    return SimpleNamespace(facts=SimpleNamespace(powers=powers), log=log, schema=SimpleNamespace(changes=3))


def test_fewer_rows_than_asked_for_are_noticed() -> None:
    crm = backend(Power.REQUEST_LOG)
    with pytest.raises(Inconclusive, match="3 created"), Witness(crm).rows("3 created", 3):
        crm.log.rows += 2
    with Witness(crm).rows("2 created", 2):
        crm.log.rows += 2


def test_a_crm_without_a_log_is_believed() -> None:
    with Witness(backend()).rows("one created"):
        pass


def test_a_power_that_changes_nothing_is_noticed() -> None:
    crm = backend()
    crm.schema.add_field = lambda _name: None
    crm.schema.describe = lambda _name: {"Amount": {}}
    seen = Seen(crm.schema, Witness(crm).schema, None, "schema")
    assert seen.describe("Opportunity") == {"Amount": {}}
    with pytest.raises(Inconclusive, match="schema: add field"):
        seen.add_field("Region__c")
    crm.schema.add_field = lambda _name: setattr(crm.schema, "changes", 4)
    seen.add_field("Region__c")


def test_an_allowance_has_to_be_what_was_set() -> None:
    quota = SimpleNamespace(
        used=0, maximum=10, set=lambda **asked: quota.__dict__.update(maximum=asked["maximum"])
    )
    held = SetAndHeld(quota, Witness(backend()))
    held.set(maximum=50)
    assert held.maximum == 50
    with pytest.raises(Inconclusive, match="used calls"):
        held.set(used=49, maximum=50)
