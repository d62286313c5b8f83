"""Habits of loads: nothing before the next one, all of an extract or nothing, and a report instead of a list."""

from __future__ import annotations

import pytest

from prm_harness.adapter import NotSupported, Ref

RULE = "CONTAINS(Name, 'Refused')"


def test_nothing_crosses_before_the_next_load(lab):
    made = lab("etl")
    made.submit("Deal A")
    made.wait(3599)
    assert made.rows("Deal A") == []
    made.wait(1)
    assert made.rows("Deal A")


def test_the_admin_makes_the_loads_nightly(lab):
    made = lab("etl", options="cycle=86400")
    assert made.prm.get_schedule().settable
    made.submit("Deal A")
    made.wait(3600)
    assert made.rows("Deal A") == []
    assert made.prm.set_schedule(1800).done
    made.wait(1800)
    assert made.rows("Deal A")


def test_an_extract_that_breaks_off_leaves_the_portal_as_it_was(lab):
    made = lab("etl")
    made.crm.create("Account", [{"Name": f"Page {number:04}"} for number in range(2100)])
    # The second page of the accounts is never answered; each read is tried three times.
    made.fault(route="read", where="2000", times=3)
    made.wait()
    assert made.crm.faults.fired("trouble"), "the second page was not asked for"
    assert made.prm.read("Account", Ref(by="name", value="Page 0001")) is None
    made.crm.faults.heal()
    made.wait()
    assert made.in_prm("Page 0001", "Account")
    assert made.in_prm("Page 2099", "Account")


def test_each_load_reports_what_it_rejected_and_tries_it_again(lab):
    made = lab("etl")
    made.crm.schema.add_validation_rule("Opportunity", "No", RULE, "not this one")
    made.submit("Refused deal")
    made.submit("Good deal")
    made.wait(cycles=2)
    reports = made.prm.notifications()
    assert [report.subject for report in reports] == ["Load report: 1 rejected"] * 2
    assert "Opportunity Refused deal: FIELD_CUSTOM_VALIDATION_EXCEPTION: not this one" in reports[0].body
    assert made.rows("Good deal")
    made.crm.schema.drop_validation_rule("Opportunity", "No")
    made.wait()
    assert made.rows("Refused deal")
    assert len(made.prm.notifications()) == 2


def test_what_it_lacks_it_refuses_cleanly(lab):
    prm = lab("etl").prm
    for ask in (prm.list_errors, prm.list_sync_history, prm.checkpoint):
        with pytest.raises(NotSupported):
            ask()
    with pytest.raises(NotSupported):
        prm.retry("E00001")
