"""What both sound reference PRMs do: history, both directions, errors, limits, lost answers, deletes, conversion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prm_harness.adapter import NotSupported, Ref, Rule
from prm_harness.adapter.records import Filter

STYLES = ("mirror", "mapper")
both = pytest.mark.parametrize("style", STYLES)


def deals(lab, count, **values):
    return lab.crm.create("Opportunity", [lab.deal(f"Old {n}", **values) for n in range(count)])


@both
def test_history_is_loaded_past_the_first_page(lab, style):
    made = lab(style, before=lambda new: deals(new, 2_050))
    assert len(list(made.prm.list("Opportunity"))) == 2_050
    assert made.prm.sync_status().state == "active"


@pytest.mark.parametrize(("style", "expected"), [("mirror", True), ("mapper", False)])
def test_old_history(lab, style, expected):
    def before(new):
        old = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), "2019-05-01T00:00:00Z")
        new.crm.create("Opportunity", [new.deal("Ancient")], audit=old)

    made = lab(style, before=before)
    assert (made.prm.read("Opportunity", Ref(by="name", value="Ancient")) is not None) is expected


@both
def test_a_deal_reaches_the_crm_once_with_its_partner(lab, style):
    made = lab(style)
    prm_id = made.submit("Deal A", Amount=1234.5, Industries__c="Oil, Gas;Retail")
    made.wait()
    row = made.in_crm("Deal A")
    assert (row["Amount"], row["Partner_Account__c"]) == (1234.5, made.partner)
    assert set(row["Industries__c"].split(";")) == {"Oil, Gas", "Retail"}
    assert row["Internal_Rating__c"] is None
    record = made.prm.read("Opportunity", Ref(by="prm_id", value=prm_id))
    assert record is not None
    assert record.crm_id == row["Id"]
    made.wait(cycles=5)
    writes = made.crm.log.changes(user=made.crm.facts.integration_user)
    assert len(writes) == 1
    assert len(made.rows("Deal A")) == 1
    assert len([r for r in made.prm.list("Opportunity") if r.fields["Name"] == "Deal A"]) == 1


@both
def test_edits_of_different_fields_both_survive(lab, style):
    made = lab(style)
    prm_id = made.submit("Deal A")
    made.wait()
    crm_id = made.in_crm("Deal A")["Id"]
    made.crm.update("Opportunity", crm_id, {"StageName": "Qualification"})
    made.prm.update("Opportunity", Ref(by="prm_id", value=prm_id), {"Description": "Called them"})
    made.wait(cycles=2)
    row, record = made.in_crm("Deal A"), made.in_prm("Deal A")
    assert (row["StageName"], row["Description"]) == ("Qualification", "Called them")
    assert (record.fields["StageName"], record.fields["Description"]) == ("Qualification", "Called them")
    assert made.prm.list_errors() == []


@both
def test_a_conflict_keeps_the_crms_value_and_says_so(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.wait(cycles=2)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"Description": "theirs"})
    made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Description": "ours"})
    made.wait(cycles=2)
    assert made.in_crm("Deal A")["Description"] == made.in_prm("Deal A").fields["Description"] == "theirs"
    (error,) = made.prm.list_errors()
    assert (error.code, error.field) == ("CONFLICT", "Description")


@both
def test_clearing_and_values_travel_both_ways(lab, style):
    made = lab(style)
    made.submit("Deal A", Description="x", NextStep="call")
    made.wait(cycles=2)
    crm_id = made.in_crm("Deal A")["Id"]
    made.prm.update("Opportunity", Ref(by="crm_id", value=crm_id), {"Description": None})
    made.crm.update("Opportunity", crm_id, {"NextStep": None})
    made.wait(cycles=2)
    assert made.in_crm("Deal A")["Description"] is None
    assert made.in_prm("Deal A").fields["NextStep"] is None


@both
def test_a_refused_deal_is_visible_told_and_repaired(lab, style):
    made = lab(style)
    made.crm.schema.add_validation_rule("Opportunity", "Cheap", "Amount < 100", "Too cheap for us", "Amount")
    prm_id = made.submit("Deal A", Amount=5)
    made.submit("Deal B", Amount=500)
    made.wait()
    assert made.rows("Deal A") == []
    assert len(made.rows("Deal B")) == 1
    (error,) = made.prm.list_errors()
    assert (error.prm_id, error.name, error.code) == (prm_id, "Deal A", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert "Too cheap for us" in error.message
    assert any("Deal A" in note.body for note in made.prm.notifications())
    assert made.prm.retry(error.id).state == "rejected"
    made.prm.update("Opportunity", Ref(by="prm_id", value=prm_id), {"Amount": 200})
    assert made.prm.retry(error.id).state == "accepted"
    assert made.in_crm("Deal A")["Amount"] == 200
    assert made.prm.list_errors() == []


@both
def test_dead_letters_are_tried_again_by_themselves(lab, style):
    made = lab(style)
    made.crm.schema.add_validation_rule("Opportunity", "Never", "TRUE", "Closed for today")
    made.submit("Deal A")
    made.wait()
    assert made.rows("Deal A") == []
    made.crm.schema.drop_validation_rule("Opportunity", "Never")
    made.wait(cycles=4)
    assert len(made.rows("Deal A")) == 1
    assert made.prm.list_errors() == []


@both
@pytest.mark.parametrize("trouble", [{"kind": "lost"}, {"kind": "reset"}, {"kind": "status", "status": 503}])
def test_passing_trouble_makes_one_record(lab, style, trouble):
    made = lab(style)
    made.submit("Deal A", Amount=1)
    made.fault(**trouble, route="write", times=2)
    made.wait()
    made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Amount": 2})
    made.wait(cycles=3)
    assert made.crm.faults.fired("trouble") == 2
    assert made.in_crm("Deal A")["Amount"] == 2
    assert len([r for r in made.prm.list("Opportunity") if r.fields["Name"] == "Deal A"]) == 1
    assert made.prm.list_errors() == []


@both
def test_a_long_outage_is_survived_and_told(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.fault("reset", times=None)
    made.wait(seconds=3_600)
    assert made.prm.sync_status().state == "error"
    assert any("cannot be reached" in note.subject for note in made.prm.notifications())
    made.crm.faults.heal()
    made.wait(cycles=2)
    assert len(made.rows("Deal A")) == 1
    assert made.prm.sync_status().state == "active"


@both
def test_the_daily_limit_stops_calls_and_loses_nothing(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.crm.quota.set(used=made.crm.quota.maximum)
    mark, _ = made.crm.log.mark()
    made.wait(seconds=3_600)
    assert len(made.crm.log.exchanges(since=mark)) <= 3
    assert made.prm.sync_status().state == "paused"
    assert any("API calls" in note.subject for note in made.prm.notifications())
    made.crm.quota.set(used=0)
    made.wait(seconds=1_500)
    assert len(made.rows("Deal A")) == 1
    assert made.prm.sync_status().state == "active"


@both
def test_a_concurrency_limit_is_not_the_daily_one(lab, style):
    made = lab(style)
    made.submit("Deal A")
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    made.fault(status=403, code="REQUEST_LIMIT_EXCEEDED", message=message, times=3)
    made.wait(seconds=made.prm.info().cycle_seconds + 600)
    assert len(made.rows("Deal A")) == 1


@both
def test_expired_sessions_are_renewed(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.crm.expire_sessions()
    made.wait()
    assert len(made.rows("Deal A")) == 1


@both
def test_a_changed_password_is_told_and_nothing_is_lost(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.crm._sessions.credentials = replace(made.crm.credentials(), password="rotated")
    made.crm.expire_sessions()
    made.wait()
    assert made.prm.sync_status().state == "reauth_required"
    assert any("refuses our login" in note.subject for note in made.prm.notifications())
    made.prm.connect(made.connection())
    made.wait()
    assert len(made.rows("Deal A")) == 1
    assert made.prm.sync_status().state == "active"


@both
def test_wrong_credentials_are_refused_at_once(lab, style):
    made = lab(style, connect=False)
    wrong = made.connection().model_copy(update={"password": "nope"})
    with pytest.raises(Exception, match="INVALID_LOGIN"):
        made.prm.connect(wrong)


@both
def test_deletes_and_undeletes_follow(lab, style):
    made = lab(style, before=lambda new: deals(new, 2))
    first = made.in_prm("Old 0")
    made.crm.delete("Opportunity", str(first.crm_id))
    made.wait()
    assert made.prm.read("Opportunity", Ref(by="prm_id", value=first.prm_id)) is None
    assert [r.fields["Name"] for r in made.prm.list("Opportunity")] == ["Old 1"]


@both
def test_portal_deletes_reach_the_crm(lab, style):
    made = lab(style, before=lambda new: deals(new, 1))
    assert made.prm.delete("Opportunity", Ref(by="name", value="Old 0")).state == "accepted"
    made.wait(cycles=2)
    assert made.rows("Old 0") == []
    assert list(made.prm.list("Opportunity")) == []


@both
def test_a_converted_lead_is_followed(lab, style):
    made = lab(style)
    lead = {"LastName": "Ngo", "Company": "Acme", "Email": "n@example.com"}
    outcome = made.prm.submit("Lead", lead, as_partner=made.partner)
    made.wait(cycles=2)
    link = Ref(by="prm_id", value=str(outcome.prm_id))
    crm_id = str(made.prm.read("Lead", link).crm_id)
    made.prm.update("Lead", link, {"LeadSource": "Web"})
    result = made.crm.convert_lead(crm_id)
    made.wait(cycles=2)
    assert made.prm.read("Lead", Ref(by="crm_id", value=crm_id)) is not None
    deal = made.prm.read("Lead", link)
    assert deal.crm_id == result["opportunityId"]
    row = made.crm.get("Opportunity", result["opportunityId"])
    assert (row["Partner_Account__c"], row["LeadSource"]) == (made.partner, "Web")
    for text in ("one", "two"):
        assert made.prm.update("Lead", link, {"Description": text}).state == "accepted"
        made.wait(cycles=2)
    assert made.crm.get("Opportunity", result["opportunityId"])["Description"] == "two"
    assert made.prm.list_errors() == []
    assert len(made.crm.query("SELECT Id FROM Lead")) == 1


@both
def test_partners_see_their_own_only(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.wait()
    assert [r.fields["Name"] for r in made.prm.list_as(made.partner, "Opportunity")] == ["Deal A"]
    assert list(made.prm.list_as(made.other_partner, "Opportunity")) == []
    ref = Ref(by="name", value="Deal A")
    assert made.prm.read_as(made.other_partner, "Opportunity", ref) is None
    assert (
        made.prm.update("Opportunity", ref, {"Amount": 1}, as_partner=made.other_partner).state == "rejected"
    )
    second = made.prm.submit("Opportunity", made.deal("Deal A"), as_partner=made.other_partner)
    assert second.state == "rejected"
    assert "another partner" in second.messages[0]


@both
def test_filters(lab, style):
    def before(new):
        new.crm.create(
            "Account",
            [{"Name": f"P{n}", "Partner_Status__c": s} for n, s in enumerate(["Active", "Inactive"])],
        )

    made = lab(style, before=before)
    rule = Filter(kind="Account", field="Partner_Status__c", op="eq", value="Active")
    assert made.prm.set_filter("Account", rule).done
    made.wait()
    assert [r.fields["Name"] for r in made.prm.list("Account")] == ["P0"]
    (p0,) = made.crm.query("SELECT Id FROM Account WHERE Name = 'P0'")
    (p1,) = made.crm.query("SELECT Id FROM Account WHERE Name = 'P1'")
    made.crm.update("Account", p0["Id"], {"Partner_Status__c": "Inactive"})
    made.crm.update("Account", p1["Id"], {"Partner_Status__c": "Active"})
    made.wait()
    assert [r.fields["Name"] for r in made.prm.list("Account")] == ["P1"]
    assert made.prm.get_filter("Account") == rule
    made.prm.set_filter("Account", None)
    made.wait()
    assert len(list(made.prm.list("Account"))) == 5


@both
def test_a_deleted_field_leaves_the_others_flowing(lab, style):
    made = lab(style)
    made.submit("Deal A", Summary__c="x")
    made.wait()
    made.crm.schema.drop_field("Opportunity", "Summary__c")
    made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Summary__c": "y", "Amount": 7})
    made.wait(cycles=2)
    assert made.in_crm("Deal A")["Amount"] == 7
    assert "Summary__c" not in made.in_prm("Deal A").fields
    assert any("Summary__c" in note.subject for note in made.prm.notifications())
    assert any(error.field == "Summary__c" for error in made.prm.list_errors())


@both
def test_segments(lab, style):
    made = lab(style)
    made.submit("Small", Amount=5)
    made.submit("Big", Amount=5_000)
    made.wait()
    rule_id = made.prm.create_rule(Rule(kind="Opportunity", field="Amount", op="gt", value=100))
    assert made.prm.rule_members(rule_id) == [made.in_prm("Big").crm_id]
    made.prm.delete_rule(rule_id)


@both
def test_nothing_before_connect_crashes(style, lab):
    made = lab(style, connect=False)
    assert made.prm.info().sample
    made.prm.prerequisites()
    made.prm.disconnect()
    assert made.prm.submit("Opportunity", {"Name": "x"}).state == "rejected"
    assert made.prm.read("Opportunity", Ref(by="name", value="x")) is None
    with pytest.raises(NotSupported):
        made.prm.list_errors()


@both
def test_cleanup_is_idempotent(lab, style):
    made = lab(style)
    made.submit("Deal A")
    made.wait()
    made.prm.cleanup("run-1")
    made.prm.cleanup("run-1")
    assert list(made.prm.list("Opportunity")) == []


def test_http_transport_gives_the_same_records(lab):
    from prm_harness.adapter.http_client import http_adapter
    from prm_harness.adapter.http_server import serving

    def normalised(records):
        volatile = {"External_Id__c"}
        return sorted(
            (r.fields["Name"], sorted((k, str(v)) for k, v in r.fields.items() if k not in volatile))
            for r in records
        )

    direct = lab("mirror", before=lambda new: deals(new, 3))
    direct.submit("Deal A", Amount=1.25)
    direct.wait(cycles=2)
    remote = lab("mirror", before=lambda new: deals(new, 3), connect=False)
    inside = remote.prm
    with serving(inside) as url:
        remote.prm = http_adapter(url)
        remote.connect()
        remote.submit("Deal A", Amount=1.25)
        remote.wait(cycles=2)
        assert normalised(remote.prm.list("Opportunity")) == normalised(direct.prm.list("Opportunity"))
    remote.prm = inside


def test_a_crm_on_plain_http_is_reached(lab):
    made = lab("mirror", connect=False)
    with made.crm.serve() as server:
        made.connect(login_url=server.url)
        made.submit("Deal A")
        made.wait()
        made.prm.disconnect()
    assert len(made.rows("Deal A")) == 1
