"""Defects that no check of the catalogue catches yet: each makes a difference that the sound product does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from prm_harness.adapter import Ref
from prm_harness.adapter.records import Filter

ACTIVE = Filter(kind="Account", field="Partner_Status__c", op="eq", value="Active")


def late_commit_is_read(made: Any) -> bool:
    made.wait()
    stamp = made.crm.clock.now().isoformat()
    made.crm.clock.advance(60)
    made.crm.create("Opportunity", [made.deal("Newest")])
    made.wait()
    audit = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp)
    made.crm.create("Opportunity", [made.deal("Late")], audit=audit)
    made.wait()
    return made.prm.read("Opportunity", Ref(by="name", value="Late")) is not None


def error_names_its_record(made: Any) -> bool:
    made.crm.schema.add_validation_rule("Opportunity", "Never", "TRUE", "Closed for today")
    made.submit("Deal A")
    made.wait()
    (error,) = made.prm.list_errors()
    return error.name == "Deal A" and error.code is not None


def refused_is_sent_again(made: Any) -> bool:
    made.crm.schema.add_validation_rule("Opportunity", "Never", "TRUE", "Closed for today")
    made.submit("Deal A")
    made.wait()
    made.crm.schema.drop_validation_rule("Opportunity", "Never")
    made.prm.retry(made.prm.list_errors()[0].id)
    made.wait(cycles=10)
    return len(made.rows("Deal A")) == 1


def good_rows_pass_a_bad_one(made: Any) -> bool:
    made.crm.schema.add_validation_rule("Opportunity", "Bad", 'Name = "Bad"', "No")
    made.submit("Good")
    made.submit("Bad")
    made.wait(cycles=3)
    return len(made.rows("Good")) == 1


def concurrency_passes_quickly(made: Any) -> bool:
    made.submit("Deal A")
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    made.fault(status=403, code="REQUEST_LIMIT_EXCEEDED", message=message, times=2)
    made.wait(cycles=4)
    return len(made.rows("Deal A")) == 1


def conflict_is_logged(made: Any) -> bool:
    made.submit("Deal A")
    made.wait(cycles=2)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"Description": "theirs"})
    made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Description": "ours"})
    made.wait(cycles=2)
    return bool(made.prm.list_errors())


def last_of_rapid_edits_arrives(made: Any) -> bool:
    made.submit("Deal A")
    made.wait(cycles=2)
    for text in ("one", "two", "three"):
        made.prm.update("Opportunity", Ref(by="name", value="Deal A"), {"Description": text})
    made.wait(cycles=2)
    return bool(made.in_crm("Deal A")["Description"] == "three")


def reparenting_is_followed(made: Any) -> bool:
    made.submit("Deal A")
    made.wait(cycles=2)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"AccountId": made.other_partner})
    made.wait()
    return bool(made.in_prm("Deal A").fields["AccountId"] == made.other_partner)


def old_record_enters_the_filter(made: Any) -> bool:
    made.wait(cycles=15)
    made.prm.set_filter("Account", ACTIVE)
    made.crm.create("Account", [{"Name": "Fresh", "Partner_Status__c": "Active"}])
    made.wait()
    made.crm.update("Account", made.account, {"Partner_Status__c": "Active"})
    made.wait()
    return made.prm.read("Account", Ref(by="crm_id", value=made.account)) is not None


def filter_is_in_every_query(made: Any) -> bool:
    made.prm.set_filter("Account", ACTIVE)
    mark, _ = made.crm.log.mark()
    made.wait(cycles=2)
    queries = [e.soql for e in made.crm.log.exchanges(since=mark) if "FROM Account" in e.soql]
    return bool(queries) and all("Partner_Status__c" in soql.partition("WHERE")[2] for soql in queries)


def amounts_are_exact(made: Any) -> bool:
    made.submit("Deal A", Amount=10.25)
    made.wait()
    return bool(made.in_crm("Deal A")["Amount"] == 10.25)


def no_request_per_record(made: Any) -> bool:
    made.crm.create("Opportunity", [made.deal(f"Deal {n}") for n in range(30)])
    mark, _ = made.crm.log.mark()
    made.wait()
    return len(made.crm.log.exchanges(since=mark)) < 20


def schema_is_followed(made: Any) -> bool:
    made.crm.schema.add_field("Opportunity", "Code__c", "string", length=20)
    made.wait()
    return "Code__c" in {f.name for f in made.prm.describe_type("Opportunity").fields}


def new_object_has_history(made: Any) -> bool:
    made.crm.create("Deal_Registration__c", [{"Name": "Old"}])
    made.prm.add_type("Deal_Registration__c")
    made.wait(cycles=2)
    return len(list(made.prm.list("Deal_Registration__c"))) == 1


def health_check_repairs(made: Any) -> bool:
    made.submit("Deal A")
    made.wait(cycles=4)
    made.submit("Deal B")
    made.wait(cycles=2)
    made.crm.update("Opportunity", made.in_crm("Deal A")["Id"], {"NextStep": "Silent"}, quietly=True)
    made.prm.health_check()
    return bool(made.in_prm("Deal A").fields["NextStep"] == "Silent")


def schedule_is_obeyed(made: Any) -> bool:
    made.prm.set_schedule(60)
    made.submit("Deal A")
    made.wait(seconds=61)
    return len(made.rows("Deal A")) == 1


def login_refusal_is_told(made: Any) -> bool:
    made.crm._sessions.credentials = replace(made.crm.credentials(), password="rotated")
    made.crm.expire_sessions()
    made.wait()
    return any("login" in note.subject for note in made.prm.notifications())


def permissions_are_modest(made: Any) -> bool:
    return "ModifyAllData" not in made.prm.prerequisites().permissions


def retired_values_are_kept(made: Any) -> bool:
    made.crm.create("Opportunity", [made.deal("Deal A", LeadSource="Fax from a fair")])
    made.wait()
    return bool(made.in_prm("Deal A").fields["LeadSource"] == "Fax from a fair")


SHOWS: dict[str, Callable[[Any], bool]] = {
    "no-overlap-window": late_commit_is_read,
    "opaque-error-messages": error_names_its_record,
    "retry-button-does-nothing": refused_is_sent_again,
    "one-bad-row-fails-the-batch": good_rows_pass_a_bad_one,
    "takes-concurrency-for-daily-limit": concurrency_passes_quickly,
    "unlogged-conflicts": conflict_is_logged,
    "drops-edits-while-pending": last_of_rapid_edits_arrives,
    "keeps-the-first-account": reparenting_is_followed,
    "misses-records-that-enter-the-filter": old_record_enters_the_filter,
    "filters-after-download": filter_is_in_every_query,
    "rounds-amounts": amounts_are_exact,
    "reads-record-by-record": no_request_per_record,
    "schema-needs-a-click": schema_is_followed,
    "new-object-without-history": new_object_has_history,
    "health-check-only-counts": health_check_repairs,
    "schedule-setting-is-ignored": schedule_is_obeyed,
    "silent-after-lockout": login_refusal_is_told,
    "demands-full-admin": permissions_are_modest,
    "drops-retired-picklist-values": retired_values_are_kept,
}


@pytest.mark.parametrize("defect", sorted(SHOWS))
def test_the_defect_shows_and_the_sound_product_does_not(lab, defect):
    promise = SHOWS[defect]
    assert promise(lab("mirror"))
    assert not promise(lab("mirror", defect=defect))
