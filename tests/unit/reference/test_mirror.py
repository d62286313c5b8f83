"""What only the mirror does: any schema, followed as it changes; rollback; health check; schedule; the real clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import requests

from prm_harness.adapter import Capability, FieldInfo, Level, Ref, open_adapter
from prm_harness.audit.handed.mailbox import LARGEST, mailbox
from prm_harness.reference.webhook import posted


def test_a_new_field_comes_with_its_history(lab):
    made = lab()
    made.submit("Deal A")
    made.wait()
    made.crm.schema.add_field("Opportunity", "Code__c", "string", length=20)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"Code__c": "X1"}, quietly=True)
    made.wait()
    assert made.in_prm("Deal A").fields["Code__c"] == "X1"
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"Code__c": "X2"}, quietly=True)
    assert made.prm.add_field("Opportunity", FieldInfo(name="Code__c", type="string")).done
    assert made.prm.backfill("Opportunity", ["Code__c"]).done
    assert made.in_prm("Deal A").fields["Code__c"] == "X2"
    assert not made.prm.add_field("Opportunity", FieldInfo(name="Nope__c", type="string")).done
    assert not made.prm.backfill("Opportunity", ["Nope__c"]).done


def test_a_custom_object_is_added_by_a_click_and_created_once(lab):
    made = lab(
        before=lambda new: new.crm.create(
            "Deal_Registration__c", [{"Name": "Old", "Account__c": new.account}]
        )
    )
    assert made.prm.add_type("Deal_Registration__c").done
    assert not made.prm.add_type("No_Such__c").done
    made.wait()
    assert made.in_prm("Old", "Deal_Registration__c").fields["Account__c"] == made.account
    made.prm.submit("Deal_Registration__c", {"Name": "New", "Account__c": made.account})
    made.fault("lost", route="write")
    made.wait(cycles=3)
    assert made.crm.faults.fired("trouble") == 1
    assert len(made.crm.query("SELECT Id FROM Deal_Registration__c WHERE Name = 'New'")) == 1
    assert len(list(made.prm.list("Deal_Registration__c"))) == 2


def test_a_child_waits_for_its_parent(lab):
    made = lab()
    company = made.prm.submit("Account", {"Name": "Newcomer"}, as_partner=made.partner)
    made.submit("Deal A", AccountId=company.prm_id)
    made.wait(cycles=2)
    (row,) = made.crm.query("SELECT Id FROM Account WHERE Name = 'Newcomer'")
    assert made.in_crm("Deal A")["AccountId"] == row["Id"]


def test_record_types_are_carried_by_id_and_by_name(lab):
    made = lab()
    made.submit("Deal A", **{"RecordType.DeveloperName": "Partner_Deal"})
    made.wait(cycles=2)
    record = made.in_prm("Deal A")
    assert record.fields["RecordType.DeveloperName"] == "Partner_Deal"
    assert record.fields["RecordTypeId"] == made.in_crm("Deal A")["RecordTypeId"]
    wrong = made.deal("Deal B", **{"RecordType.DeveloperName": "Partner_Dael"})
    assert made.prm.submit("Opportunity", wrong).state == "rejected"


def test_rollback_takes_back_its_own_writes_only(lab):
    made = lab()
    for name in ("Deal A", "Deal B"):
        made.submit(name, NextStep="Right")
    made.wait(cycles=2)
    mark = made.prm.checkpoint()
    for name in ("Deal A", "Deal B"):
        made.prm.update("Opportunity", Ref(by="name", value=name), {"NextStep": "Wrong"})
    made.submit("Deal C")
    made.wait()
    made.crm.update("Opportunity", made.in_crm("Deal B")["Id"], {"NextStep": "By hand"})
    assert made.prm.rollback(mark).done
    made.wait(cycles=2)
    steps = [made.in_crm(name)["NextStep"] for name in ("Deal A", "Deal B")]
    assert steps == ["Right", "By hand"]
    assert [made.in_prm(name).fields["NextStep"] for name in ("Deal A", "Deal B")] == steps
    assert made.rows("Deal C") == []
    assert not made.prm.rollback("no-such").done


def test_the_health_check_finds_and_repairs_silent_changes(lab):
    made = lab()
    made.submit("Deal A")
    made.wait(cycles=4)
    made.submit("Deal B")
    made.wait(cycles=2)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"NextStep": "Silent"}, quietly=True)
    made.wait()
    assert made.in_prm("Deal A").fields["NextStep"] is None
    log = made.prm.health_check()
    assert "1 differed" in log.message
    assert made.in_prm("Deal A").fields["NextStep"] == "Silent"
    assert "0 differed" in made.prm.health_check().message


def test_history_names_every_written_field(lab):
    made = lab()
    made.submit("Deal A", Amount=1)
    made.wait(cycles=2)
    made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Amount": 2}, as_partner=made.partner)
    made.wait()
    (entry,) = [
        e
        for e in made.prm.list_sync_history()
        if e.direction == "to_crm" and e.field == "Amount" and e.new == 2
    ]
    assert (entry.old, entry.actor, entry.crm_id) == (
        1,
        f"partner {made.partner}",
        made.in_crm("Deal A")["Id"],
    )


def test_the_schedule_can_be_set(lab):
    made = lab()
    assert made.prm.get_schedule().settable
    assert made.prm.set_schedule(60).done
    made.submit("Deal A")
    made.wait(seconds=61)
    assert len(made.rows("Deal A")) == 1
    assert made.prm.get_schedule().cycle_seconds == 60


def test_a_thousand_deals_take_few_calls(lab):
    made = lab()
    for number in range(1_000):
        made.submit(f"Deal {number}")
    mark, _ = made.crm.log.mark()
    made.wait()
    assert len(made.crm.log.exchanges(since=mark)) == 1 + 5 + 5 + 1, "schema, objects, batches, files"
    assert made.prm.sync_status().backlog == 0


def test_one_bad_row_does_not_hold_up_the_others(lab):
    made = lab()
    made.crm.schema.add_validation_rule("Opportunity", "Bad", 'Name = "Deal 7"', "No sevens")
    for number in range(20):
        made.submit(f"Deal {number}")
    made.wait()
    (error,) = made.prm.list_errors()
    assert error.name == "Deal 7"
    assert len(made.crm.query("SELECT Id FROM Opportunity")) == 19


def test_it_works_by_itself_on_the_real_clock(lab):
    made = lab(connect=False)
    made.prm = open_adapter("python:prm_harness.reference.mirror:create?clock=real&cycle=0.02")
    assert made.prm.info().capabilities[Capability.VIRTUAL_TIME].level is Level.UNSUPPORTED
    made.prm.connect(made.connection())
    for step in made.prm.setup_steps():
        assert made.prm.run_step(step.id).done
    try:
        made.submit("Deal A")
        until(lambda: len(made.rows("Deal A")) == 1)
        made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"NextStep": "Seen"})
        until(lambda: made.in_prm("Deal A").fields["NextStep"] == "Seen")
    finally:
        made.prm.disconnect()
    assert not any(thread.name == "reference-prm" for thread in threading.enumerate())


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen in time")


def test_history_of_one_record(lab):
    made = lab()
    made.submit("Deal A", Amount=1)
    made.submit("Deal B", Amount=1)
    made.wait(cycles=2)
    everything = made.prm.list_sync_history()
    shown, crm_id = made.in_prm("Deal A"), made.in_crm("Deal A")["Id"]
    mine = [entry for entry in everything if entry.prm_id == shown.prm_id]
    assert 0 < len(mine) < len(everything)
    for ref in (Ref(by="name", value="Deal A"), Ref(by="prm_id", value=shown.prm_id)):
        assert made.prm.list_sync_history(ref=ref) == mine
    by_crm = made.prm.list_sync_history(ref=Ref(by="crm_id", value=crm_id))
    assert by_crm
    assert {entry.prm_id for entry in by_crm} == {shown.prm_id}
    assert made.prm.list_sync_history(ref=Ref(by="name", value="Nobody")) == []
    assert made.prm.list_sync_history(mine[-1].at + timedelta(days=1), Ref(by="name", value="Deal A")) == []


def test_a_backfill_from_a_time_on_leaves_what_is_older(lab):
    made = lab()
    made.submit("Old")
    made.wait(cycles=2)
    made.wait()
    since = made.crm.clock.now()
    made.wait()
    made.submit("New")
    made.wait(cycles=2)
    for name in ("Old", "New"):
        made.crm.update("Opportunity", made.in_crm(name)["Id"], {"NextStep": "quiet"}, quietly=True)
    assert made.prm.backfill("Opportunity", ["NextStep"], since).done
    assert made.in_prm("Old").fields.get("NextStep") != "quiet"
    assert made.in_prm("New").fields["NextStep"] == "quiet"
    assert made.prm.backfill("Opportunity", ["NextStep"]).done
    assert made.in_prm("Old").fields["NextStep"] == "quiet"


def test_messages_go_to_the_harness_too(lab):
    made = lab()
    with mailbox() as box:
        made.prm.notification_sink(box.sink)
        made.crm.logins.lock()
        made.wait(cycles=3)
        sent = made.prm.notifications()
        assert sent
        assert [(one.subject, one.body) for one in box.received] == [(one.subject, one.body) for one in sent]
        assert {one.channel for one in box.received} == {"webhook"}
    assert not posted(box.sink.url, sent[0]), "nobody is there any more, and nothing is raised"


def test_a_mailbox_takes_nothing_else():
    with mailbox() as box, requests.Session() as session:
        session.trust_env = False
        assert session.post(box.sink.url, data=b"\xff").status_code == 422
        assert session.post(box.sink.url + "x", json={}).status_code == 404
        assert session.post(box.sink.url, data=b"x" * (LARGEST + 1)).status_code == 413
        assert session.get(box.sink.url).status_code == 501
    assert (box.received, box.unreadable) == ([], 1)
