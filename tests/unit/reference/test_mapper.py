"""What the mapping PRM admits that it cannot do, and does as it says."""

from __future__ import annotations

import pytest

from prm_harness.adapter import FieldInfo, NotSupported, Ref, Rule


def test_setup_is_mostly_somebodys_work(lab):
    steps = lab("mapper").prm.setup_steps()
    assert sum(step.hands_on_minutes for step in steps) > 60
    assert {step.actor for step in steps} == {"admin", "vendor", "automatic"}


def test_steps_come_in_order(lab):
    made = lab("mapper", connect=False)
    made.prm.connect(made.connection())
    first, *_, last = made.prm.setup_steps()
    assert "first do" in made.prm.run_step(last.id).message
    assert made.prm.run_step(first.id).done
    assert not made.prm.run_step("no-such").done


def test_fields_without_a_counterpart_are_refused_openly(lab):
    made = lab("mapper")
    refused = made.prm.submit("Opportunity", made.deal("Deal A", Kickoff_At__c="2026-01-01T00:00:00Z"))
    assert refused.state == "rejected"
    assert "Kickoff_At__c" in refused.messages[0]
    assert "Internal_Rating__c" not in {f.name for f in made.prm.describe_type("Opportunity").fields}


def test_a_new_field_needs_a_ticket_and_has_no_history(lab):
    made = lab("mapper")
    made.submit("Deal A")
    made.wait()
    made.crm.schema.add_field("Opportunity", "Code__c", "string", length=20)
    made.crm.schema.add_field("Opportunity", "Day_Time__c", "time")
    crm_id = made.in_crm("Deal A")["Id"]
    made.crm.update("Opportunity", crm_id, {"Code__c": "old"}, quietly=True)
    made.wait(cycles=2)
    log = made.prm.add_field("Opportunity", FieldInfo(name="Code__c", type="string"))
    assert log.done
    assert log.steps[0].actor == "vendor"
    assert not made.prm.add_field("Opportunity", FieldInfo(name="Day_Time__c", type="time")).done
    made.submit("Deal B", Code__c="new")
    made.wait(cycles=2)
    assert made.in_prm("Deal B").fields["Code__c"] == "new"
    assert made.in_crm("Deal B")["Code__c"] == "new"


def test_what_it_lacks_it_refuses_cleanly(lab):
    prm = lab("mapper").prm
    with pytest.raises(NotSupported):
        prm.backfill("Opportunity", ["Name"])
    with pytest.raises(NotSupported):
        prm.add_type("Deal_Registration__c")
    with pytest.raises(NotSupported):
        prm.set_schedule(60)
    with pytest.raises(NotSupported):
        prm.checkpoint()
    with pytest.raises(NotSupported):
        prm.create_rule(Rule(kind="Account", field="Tier_Score__c", op="gt", value=1))
    assert not prm.get_schedule().settable


def test_deals_carry_the_default_record_type(lab):
    made = lab("mapper")
    made.submit("Deal A")
    made.wait()
    (row,) = made.crm.query("SELECT RecordType.DeveloperName FROM Opportunity WHERE Name = 'Deal A'")
    assert row["RecordType"]["DeveloperName"] == "Direct_Sale"
    assert made.prm.read("Opportunity", Ref(by="name", value="Deal A")) is not None
