"""Rows that somebody else holds, as an unmodified client meets them."""

import pytest

from prm_harness.crm.backend import CrmRefusal


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
    made = sf.bulk2.Contact.insert(records=rows)[0]
    assert (made["numberRecordsProcessed"], made["numberRecordsFailed"]) == (2, 1)
    changed = sf.bulk2.Contact.update(records=[{"Id": contact, "LastName": "C"}])[0]
    assert changed["numberRecordsFailed"] == 1
    sandbox.hold_rows([account], 0)
    assert sf.bulk2.Contact.update(records=[{"Id": contact, "LastName": "C"}])[0]["numberRecordsFailed"] == 0


def test_merges_wait_for_nobody(sandbox, held):
    (other,) = sandbox.create("Account", [{"Name": "Twin"}])
    for winner, loser in (held[0], other), (other, held[0]):
        with pytest.raises(CrmRefusal, match="UNABLE_TO_LOCK_ROW"):
            sandbox.merge("Account", winner, [loser])


def test_only_rows_can_be_held(sandbox):
    with pytest.raises(CrmRefusal, match="malformed id x"):
        sandbox.hold_rows(["x"], 5)
