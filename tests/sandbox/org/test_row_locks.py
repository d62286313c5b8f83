"""Rows that somebody else holds, as an unmodified client meets them."""

import json
import re

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.clock import RealClock
from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def words(account):
    return f"unable to obtain exclusive access to this record or 1 records: {account}"


@pytest.fixture
def held(sandbox):
    """An account with a contact, held for a minute."""
    (account,) = sandbox.create("Account", [{"Name": "Acme"}])
    (contact,) = sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])
    sandbox.hold_rows([account], 60)
    return account, contact


def test_saves_of_a_held_row_and_of_its_children_are_refused(sandbox, sf, told, held):
    account, contact = held
    saves = (
        lambda: sf.Account.update(account, {"Name": "B"}),
        lambda: sf.Account.delete(account),
        lambda: sf.Contact.create({"LastName": "Rey", "AccountId": account}),
        lambda: sf.Contact.update(contact, {"LastName": "Rey"}),
    )
    for save in saves:
        (entry,) = told(save)
        assert entry["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert entry["message"] == (
            f"unable to obtain exclusive access to this record or 1 records: {account}"
        )
    assert sf.Contact.create({"LastName": "Free"})["success"]
    sandbox.clock.advance(61)
    assert sf.Contact.update(contact, {"LastName": "Rey"}) == 204
    sf.Account.delete(account)


def test_loads_are_refused_row_by_row(sandbox, sf, held):
    account, contact = held
    rows = [{"LastName": "A", "AccountId": account}, {"LastName": "B"}]
    made = sf.bulk2.Contact.insert(records=rows, wait=0)[0]
    assert (made["numberRecordsProcessed"], made["numberRecordsFailed"]) == (2, 1)
    changed = sf.bulk2.Contact.update(records=[{"Id": contact, "LastName": "C"}], wait=0)[0]
    assert changed["numberRecordsFailed"] == 1
    sandbox.hold_rows([account], 0)
    assert (
        sf.bulk2.Contact.update(records=[{"Id": contact, "LastName": "C"}], wait=0)[0]["numberRecordsFailed"]
        == 0
    )


def test_merges_wait_for_nobody(sandbox, held):
    (other,) = sandbox.create("Account", [{"Name": "Twin"}])
    for winner, loser in (held[0], other), (other, held[0]):
        with pytest.raises(CrmRefusal, match="UNABLE_TO_LOCK_ROW"):
            sandbox.merge("Account", winner, [loser])


def test_only_rows_can_be_held(sandbox):
    with pytest.raises(CrmRefusal, match="malformed id x"):
        sandbox.hold_rows(["x"], 5)


# -- waiting


@pytest.mark.parametrize(("held_for", "waited", "saved"), [(4, 4, True), (10, 10, True), (11, 10, False)])
def test_a_save_waits_ten_seconds_at_most(sandbox, sf, told, held_for, waited, saved):
    (account,) = sandbox.create("Account", [{"Name": "Acme"}])
    before = sandbox.clock.now()
    sandbox.hold_rows([account], held_for)
    if saved:
        sf.Account.update(account, {"Phone": "1"})
        stamp = sf.Account.get(account)["LastModifiedDate"]
        assert stamp == f"2026-03-02T09:00:{waited:02}.000+0000", "it is saved when the row is free"
    else:
        assert told(lambda: sf.Account.update(account, {"Phone": "1"}))[0]["message"] == words(account)
    assert (sandbox.clock.now() - before).total_seconds() == waited


def test_on_a_real_clock_the_answer_comes_so_much_later():
    with Sandbox(seed=4, clock=RealClock()) as real:
        first, second = real.create("Account", [{"Name": "A"}, {"Name": "B"}])
        real.hold_rows([first], 5)
        real.hold_rows([second], 500)
        head = {"host": "x", "authorization": f"Bearer {real.open_session()}"}
        answers = []
        for account in (first, second):
            path = f"/services/data/v60.0/sobjects/Account/{account}"
            answers.append(real.handle(Request("PATCH", path, "", head, b'{"Phone": "1"}')))
    assert [answer.status for answer in answers] == [204, 400]
    assert 4 < answers[0].delay <= 5
    assert answers[1].delay == 10
    assert json.loads(answers[1].body)[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"


def test_on_a_real_clock_slow_automation_delays_its_own_answer_and_the_next_one():
    with Sandbox(seed=4, clock=RealClock()) as real:
        real.schema.add_flow("Account", "Scores", takes=6, updates={"Description": "'scored'"})
        head = {"host": "x", "authorization": f"Bearer {real.open_session()}"}
        path = "/services/data/v60.0/sobjects/Account"
        made = real.handle(Request("POST", path, "", head, b'{"Name": "A"}'))
        account = json.loads(made.body)["id"]
        changed = real.handle(Request("PATCH", f"{path}/{account}", "", head, b'{"Phone": "1"}'))
    assert (made.delay, changed.status) == (6, 204)
    assert 11 < changed.delay <= 12, "it waits for the first one, then for its own"


# -- saves that take their time


@pytest.fixture
def slow(sandbox):
    """An account; every new deal sets automation off that runs for 25 seconds."""
    sandbox.schema.add_flow(
        "Opportunity", "Scores", takes=25, on_update=False, updates={"NextStep": "'scored'"}
    )
    return sandbox.create("Account", [{"Name": "Acme"}])[0]


def test_a_sellers_slow_save_holds_the_account(sandbox, sf, told, slow):
    (deal,) = sandbox.create("Opportunity", [DEAL | {"AccountId": slow}])
    refused = [
        told(save)[0]["message"]
        for save in (
            lambda: sf.Account.update(slow, {"Phone": "1"}),
            lambda: sf.Contact.create({"LastName": "Ito", "AccountId": slow}),
        )
    ]
    assert refused == [words(slow)] * 2
    sf.Opportunity.update(deal, {"Description": "the third waits for the rest"})
    assert sandbox.clock.now().second == 25
    assert sf.Contact.create({"LastName": "Ito", "AccountId": slow})["success"]


def test_a_transaction_does_not_stand_in_its_own_way(sandbox, sf, slow):
    rows = [{"attributes": {"type": "Opportunity"}, **DEAL, "AccountId": slow} for _ in range(3)]
    made = sf.restful("composite/sobjects", method="POST", json={"records": rows})
    assert [row["success"] for row in made] == [True] * 3
    assert sandbox.clock.now().minute == 1, "three times 25 seconds have passed when the answer comes"
    sf.Account.update(slow, {"Phone": "1"})


@pytest.mark.parametrize(("mode", "failed"), [("Parallel", ["0", "1"]), ("Serial", ["0", "0"])])
def test_parallel_batches_meet_each_others_locks_and_serial_ones_do_not(sandbox, slow, mode, failed):
    """The remedy that the Bulk API guide names against lock contention."""
    head = {"host": "x", "x-sfdc-session": sandbox.open_session(), "content-type": "application/xml"}

    def asked(method, path, body, kind="application/xml"):
        sent = {**head, "content-type": kind}
        return sandbox.handle(
            Request(method, f"/services/async/60.0/job{path}", "", sent, body.encode())
        ).body.decode()

    def said(text, tag):
        return re.findall(f"<{tag}>(.*?)</{tag}>", text)[0]

    job = said(
        asked(
            "POST",
            "",
            '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><operation>insert</operation>'
            f"<object>Opportunity</object><concurrencyMode>{mode}</concurrencyMode><contentType>CSV</contentType></jobInfo>",
        ),
        "id",
    )
    sheet = f"Name,StageName,CloseDate,AccountId\nD,Prospecting,2026-06-30,{slow}\n"
    batches = [said(asked("POST", f"/{job}/batch", sheet, "text/csv"), "id") for _ in range(2)]
    assert [
        said(asked("GET", f"/{job}/batch/{batch}", ""), "numberRecordsFailed") for batch in batches
    ] == failed
    results = asked("GET", f"/{job}/batch/{batches[1]}/result", "")
    assert ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access" in results) is (mode == "Parallel")
