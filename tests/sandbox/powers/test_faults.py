"""Every kind of fault, as an unmodified client meets it, and its line in the log."""

from datetime import timedelta

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
)

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.trouble import EVENT_KINDS, KINDS

Q = "SELECT Id, Name FROM Account ORDER BY Name"


def names(sandbox):
    return [row["Name"] for row in sandbox.query(Q)]


def test_an_error_can_be_a_page(sandbox, sf):
    sandbox.faults.inject(FaultSpec("page", "status", status=500, body="html"))

    with pytest.raises(SalesforceGeneralError) as caught:
        sf.Account.create({"Name": "A"})

    assert (caught.value.status, caught.value.content[:15]) == (500, "<!DOCTYPE html>")
    assert names(sandbox) == []
    assert sandbox.log.exchanges()[-1].error_code == "SERVER_UNAVAILABLE"


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("timeout", requests.exceptions.ConnectionError, []),
        ("reset", requests.exceptions.ConnectionError, []),
        ("lost", requests.exceptions.ConnectionError, ["A"]),
        ("truncated", requests.exceptions.RequestException, ["A"]),
    ],
)
def test_answers_that_never_arrive_whole(sandbox, sf, kind, error, kept):
    sandbox.faults.inject(FaultSpec("cut", kind, route="write", seconds=30))

    with pytest.raises(error):
        sf.Account.create({"Name": "A"})

    assert names(sandbox) == kept
    assert [(f.name, f.kind, f.exchange) for f in sandbox.faults.firings()] == [
        ("cut", kind, sandbox.log.mark()[0])
    ]
    assert sandbox.log.exchanges()[-1].fault == "cut"


def test_a_timeout_takes_as_long_as_it_takes(sandbox, sf):
    before = sandbox.clock.now()
    sandbox.faults.inject(FaultSpec("silence", "timeout", seconds=90))

    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{sandbox.instance_url}/services/data", timeout=5)

    assert sandbox.clock.now() - before == timedelta(seconds=90)


def test_a_session_ends_in_the_middle_of_a_run(sandbox, session, log_in):
    sandbox.create("Account", [{"Name": f"A{n}"} for n in range(3)])
    sandbox.faults.inject(FaultSpec("ends", "expire", route="read", after=1))
    first = session.query(Q)

    with pytest.raises(SalesforceExpiredSession) as caught:
        session.query(Q)
    with pytest.raises(SalesforceExpiredSession):
        session.query(Q)

    assert (first["totalSize"], caught.value.content[0]["errorCode"]) == (3, "INVALID_SESSION_ID")
    assert log_in().query(Q)["totalSize"] == 3
    assert sandbox.faults.fired("ends") == 1


class TestRows:
    def test_a_locked_row_is_refused_with_its_id(self, sandbox, sf):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        sandbox.faults.inject(FaultSpec("lock", "rows", route="write"))

        with pytest.raises(SalesforceMalformedRequest) as caught:
            sf.Account.update(account, {"Name": "B"})

        (error,) = caught.value.content
        assert error["errorCode"] == "UNABLE_TO_LOCK_ROW"
        assert account in error["message"]
        assert sf.Account.update(account, {"Name": "B"}) == 204

    def test_a_share_of_a_batch_fails_and_the_rest_is_saved(self, sandbox, sf):
        sandbox.faults.inject(FaultSpec("some", "rows", route="write", rows=0.25, times=None))
        made = sf.bulk2.Account.insert(records=[{"Name": f"A{n}"} for n in range(8)], wait=0)

        assert (made[0]["numberRecordsFailed"], made[0]["numberRecordsTotal"]) == (2, 8)
        assert names(sandbox) == ["A1", "A2", "A3", "A5", "A6", "A7"]

    def test_in_a_collection_too_with_a_code_of_its_own(self, sandbox, sf):
        sandbox.faults.inject(
            FaultSpec(
                "odd",
                "rows",
                route="write",
                rows=0.5,
                code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                message="x: y",
            )
        )
        body = {"allOrNone": False, "records": [
            {"attributes": {"type": "Account"}, "Name": f"A{n}"} for n in range(4)
        ]}  # fmt: skip
        rows = sf.restful("composite/sobjects", method="POST", json=body)

        assert [row["success"] for row in rows] == [False, True, False, True]
        assert rows[0]["errors"][0]["statusCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        assert names(sandbox) == ["A1", "A3"]

    @pytest.mark.parametrize("operation", ["update", "upsert", "delete"])
    def test_every_bulk_operation_can_meet_it(self, sandbox, sf, operation):
        ids = sandbox.create("Account", [{"Name": f"A{n}", "External_Id__c": f"X{n}"} for n in range(4)])
        sandbox.faults.inject(FaultSpec("some", "rows", route="write", rows=0.5, times=None))
        run = getattr(sf.bulk2.Account, operation)
        if operation == "upsert":
            records = [{"External_Id__c": f"X{n}", "Name": f"B{n}"} for n in range(4)]
            made = run(records=records, external_id_field="External_Id__c", wait=0)
        else:
            records = [{"Id": i} | ({"Name": "B"} if operation == "update" else {}) for i in ids]
            made = run(records=records, wait=0)

        assert made[0]["numberRecordsFailed"] == 2


class TestWhatTheCrmDoesMeanwhile:
    def test_a_late_commit_is_behind_the_poll_that_missed_it(self, sandbox, sf):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        sandbox.clock.advance(600)
        sandbox.faults.inject(
            FaultSpec("late", "late", route="query", sobject="Account", seconds=60, values={"Name": "B"})
        )
        polled_at = sandbox.clock.now()
        seen = sf.query(Q)["records"][0]["Name"]
        row = sandbox.get("Account", account)

        assert (seen, row["Name"]) == ("A", "B")
        assert row["SystemModstamp"] < polled_at.strftime("%Y-%m-%dT%H:%M:%S")
        assert sandbox.log.changes()[-1].exchange is None, "the CRM's people did it, not the request"
        assert sandbox.faults.fired("late") == 1

    def test_corruption_moves_no_timestamp_and_tells_nobody(self, sandbox, sf):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        before = sandbox.get("Account", account)
        sandbox.clock.advance(600)
        sandbox.faults.inject(
            FaultSpec("rot", "corrupt", sobject="Account", record=account, values={"Phone": "1"})
        )
        sf.limits()
        after = sandbox.get("Account", account)

        assert after == before | {"Phone": "1"}

    def test_what_the_org_refuses_is_no_firing(self, sandbox, sf):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        sandbox.faults.inject(
            FaultSpec("rot", "corrupt", sobject="Account", record=account, values={"Name": None})
        )
        sf.limits()

        assert sandbox.faults.fired("rot") == 0
        assert "REQUIRED_FIELD_MISSING" in sandbox.faults.misfires("rot")[0]

    def test_the_harness_can_commit_late_by_hand(self, sandbox):
        with sandbox.late(300):
            (account,) = sandbox.create("Account", [{"Name": "A"}])
        stamp = sandbox.clock.now() - timedelta(seconds=300)

        assert sandbox.get("Account", account)["SystemModstamp"][:19] == stamp.strftime("%Y-%m-%dT%H:%M:%S")


class TestHealing:
    def test_an_outage_lasts_by_the_orgs_clock(self, sandbox, sf, log_in):
        sandbox.faults.inject(FaultSpec("outage", "status", times=None, lasts=80 * 3600))
        for _ in range(2):
            with pytest.raises(SalesforceGeneralError):
                sf.query(Q)
        sandbox.clock.advance(80 * 3600)

        assert log_in().query(Q)["totalSize"] == 0
        assert sandbox.faults.fired("outage") == 2

    def test_it_can_wait_for_a_number_of_rows(self, sandbox, sf):
        sandbox.create("Account", [{"Name": f"A{n:04}"} for n in range(5000)])
        sandbox.faults.inject(FaultSpec("burst", "status", route="read", after_rows=4000, times=1))
        rows = sf.query_all_iter(Q)
        read = [next(rows) for _ in range(4000)]

        with pytest.raises(SalesforceGeneralError):
            next(rows)
        assert len(read) == 4000

    def test_shares_are_the_same_in_every_run_whatever_else_is_armed(self, sandbox, sf):
        def statuses(*more):
            sandbox.faults.heal()
            for spec in (*more, FaultSpec("some", "status", route="meta", times=None, share=0.5)):
                sandbox.faults.inject(spec)
            found = []
            for _ in range(30):
                try:
                    sf.limits()
                    found.append(200)
                except SalesforceGeneralError:
                    found.append(503)
            return found

        alone = statuses()

        assert 5 < alone.count(503) < 25
        assert statuses(FaultSpec("other", "slow", route="write", share=0.5, times=None)) == alone


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"share": 2}, "share from 0 to 1"),
        ({"after": -1}, "not below 0"),
        ({"body": "yaml"}, "json or html"),
        ({"status": 200}, "error from 400"),
        ({"kind": "late"}, "needs an sobject and the values"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox, more, words):
    with pytest.raises(ValueError, match=words):
        sandbox.faults.inject(FaultSpec(**{"name": "x", "kind": "status", **more}))


def test_every_kind_has_its_test_here_or_beside():
    asked = {"status", "timeout", "slow", "reset", "lost", "truncated", "expire", "rows", "late", "corrupt"}

    assert set(KINDS) - EVENT_KINDS == asked
