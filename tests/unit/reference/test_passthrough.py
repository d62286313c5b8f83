"""Habits of a window: no delay, no store, the CRM's own words, and dark when the CRM is."""

from __future__ import annotations

from prm_harness.adapter import Filter, Ref

RULE = "CONTAINS(Name, 'Refused')"


def calls(lab):
    return lab.crm.log.mark()[0]


def test_what_is_entered_is_there_at_once_and_what_is_there_is_seen_at_once(lab):
    made = lab("passthrough")
    crm_id = made.submit("Deal A")
    assert made.in_crm("Deal A")["Id"] == crm_id
    assert made.in_crm("Deal A")["Partner_Account__c"] == made.partner
    made.crm.update("Opportunity", crm_id, {"NextStep": "in the CRM"})
    assert made.in_prm("Deal A").fields["NextStep"] == "in the CRM"
    ref = Ref(by="crm_id", value=crm_id)
    assert made.prm.update("Opportunity", ref, {"NextStep": "here"}).state == "accepted"
    assert made.in_crm("Deal A")["NextStep"] == "here"
    assert made.prm.delete("Opportunity", ref).state == "accepted"
    assert made.rows("Deal A") == []


def test_the_crms_no_is_the_portals_no_in_the_same_words(lab):
    made = lab("passthrough")
    made.crm.schema.add_validation_rule("Opportunity", "No", RULE, "not this one")
    refused = made.prm.submit("Opportunity", made.deal("Refused deal"), as_partner=made.partner)
    assert refused.state == "rejected"
    assert refused.messages == ("FIELD_CUSTOM_VALIDATION_EXCEPTION: not this one",)


def test_every_look_is_a_call(lab):
    made = lab("passthrough")
    made.submit("Deal A")
    made.in_prm("Deal A")
    before = calls(made)
    for _ in range(3):
        made.in_prm("Deal A")
    assert calls(made) - before == 3


def test_while_the_crm_is_down_so_is_the_portal_and_it_says_so(lab):
    made = lab("passthrough")
    made.submit("Deal A")
    made.fault(times=None)
    assert made.prm.read("Opportunity", Ref(by="name", value="Deal A")) is None
    assert [*made.prm.list("Opportunity")] == []
    refused = made.prm.submit("Opportunity", made.deal("Deal B"), as_partner=made.partner)
    assert refused.state == "rejected"
    assert "SERVER_UNAVAILABLE" in refused.messages[0]
    status = made.prm.sync_status()
    assert status.state == "error"
    assert "SERVER_UNAVAILABLE" in status.last_error
    made.crm.faults.heal()
    assert made.in_prm("Deal A")
    assert made.prm.sync_status().state == "active"


def test_a_used_up_allowance_is_left_alone_for_five_minutes(lab):
    made = lab("passthrough")
    made.submit("Deal A")
    made.crm.quota.set(used=made.crm.quota.maximum)
    ref = Ref(by="name", value="Deal A")
    made.prm.read("Opportunity", ref)
    before = calls(made)
    for _ in range(10):
        assert made.prm.read("Opportunity", ref) is None
    assert calls(made) == before
    made.crm.quota.set(used=0)
    made.wait(300)
    assert made.prm.read("Opportunity", ref) is not None


def test_a_lost_answer_makes_one_record(lab):
    made = lab("passthrough")
    made.fault("lost", route="write", times=1)
    assert made.prm.submit("Opportunity", made.deal("Deal A")).state == "accepted"
    assert len(made.rows("Deal A")) == 1


def test_an_answer_that_never_comes_is_said_to_be_unknown(lab):
    made = lab("passthrough")
    made.fault("lost", route="write", times=None)
    outcome = made.prm.submit("Opportunity", made.deal("Deal A"))
    assert outcome.state == "unknown"
    assert len(made.rows("Deal A")) == 1


def test_a_partner_is_asked_for_in_the_query(lab):
    made = lab("passthrough")
    made.submit("Deal A")
    assert [record.fields["Name"] for record in made.prm.list_as(made.partner, "Opportunity")] == ["Deal A"]
    assert [*made.prm.list_as(made.other_partner, "Opportunity")] == []
    ref = Ref(by="name", value="Deal A")
    assert made.prm.read_as(made.other_partner, "Opportunity", ref) is None
    own = made.prm.list_as(made.partner, "Account")
    assert [record.crm_id[:15] for record in own] == [made.partner[:15]]


def test_a_link_to_a_converted_lead_leads_to_what_it_became(lab):
    made = lab("passthrough")
    values = {"LastName": "Okafor", "Company": "Clinics North", "Status": "Open - Not Contacted"}
    lead = made.prm.submit("Lead", values, as_partner=made.partner)
    became = made.crm.convert_lead(lead.prm_id)
    ref = Ref(by="prm_id", value=lead.prm_id)
    assert made.prm.read("Lead", ref).crm_id[:15] == became["opportunityId"][:15]
    assert made.prm.update("Lead", ref, {"Description": "called"}).state == "accepted"
    assert made.crm.get("Opportunity", became["opportunityId"])["Description"] == "called"


def test_a_field_that_goes_away_is_forgotten_in_the_middle_of_a_look(lab):
    made = lab("passthrough")
    made.crm.schema.add_field("Opportunity", "Brief__c", "string", length=20)
    made.submit("Deal A", Brief__c="x")
    made.crm.schema.drop_field("Opportunity", "Brief__c")
    assert "Brief__c" not in made.in_prm("Deal A").fields


def test_a_filter_is_part_of_every_query(lab):
    made = lab("passthrough")
    rule = Filter(kind="Account", field="Name", op="ne", value="Customer")
    assert made.prm.set_filter("Account", rule).done
    assert made.prm.read("Account", Ref(by="name", value="Customer")) is None
    assert made.prm.set_filter("Account", None).done
    assert made.prm.read("Account", Ref(by="name", value="Customer")) is not None
