"""What checks arrange while a sync runs: hooks, logins, bursts."""

from time import perf_counter

import pytest
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from prm_harness.crm.backend import CrmRefusal, RequestMatch

Q = "SELECT Id, Name FROM Account ORDER BY Name"


class TestHooks:
    def test_the_schema_changes_in_the_middle_of_a_sync(self, sandbox, sf):
        sandbox.schema.add_field("Account", "Tier__c", "string")
        sandbox.create("Account", [{"Name": f"A{n:04}"} for n in range(4100)])
        sandbox.hooks.when(
            "drop",
            RequestMatch(route="query.more", after=1),
            lambda: sandbox.schema.drop_field("Account", "Tier__c"),
        )
        read = len(list(sf.query_all_iter("SELECT Id, Tier__c FROM Account")))

        assert sandbox.hooks.fired("drop") == 1
        assert read == 4100, "a cursor goes on with what it had"
        assert "Tier__c" not in sandbox.schema.describe("Account")

    def test_what_it_does_is_the_crms_own_work(self, sandbox, sf):
        sandbox.hooks.when(
            "new", RequestMatch(route="query"), lambda: sandbox.create("Account", [{"Name": "B"}])
        )

        assert [row["Name"] for row in sf.query(Q)["records"]] == ["B"]
        assert sandbox.log.changes(sobject="Account")[0].exchange is None

    def test_answered_runs_right_after_the_request(self, sandbox, sf):
        sandbox.hooks.when(
            "after",
            RequestMatch(route="query", times=None),
            lambda: sandbox.create("Account", [{"Name": "B"}]),
            answered=True,
        )

        assert [sf.query(Q)["totalSize"] for _ in range(3)] == [0, 1, 2]
        assert sandbox.hooks.fired("after") == 3

    def test_cancelled_it_waits_no_more(self, sandbox, sf):
        sandbox.hooks.when("x", RequestMatch(), lambda: sandbox.create("Account", [{"Name": "B"}]))
        sandbox.hooks.cancel("x")
        sf.limits()

        assert (sandbox.hooks.fired("x"), sandbox.query(Q)) == (0, [])

    def test_an_arrangement_that_fails_is_told_to_the_check_not_to_the_portal(self, sandbox, sf):
        sandbox.hooks.when("bad", RequestMatch(), lambda: sandbox.schema.drop_field("Account", "Nothing__c"))
        sf.limits()

        with pytest.raises(CrmRefusal, match="Nothing__c"):
            sandbox.hooks.fired("bad")

    def test_it_is_deaf_to_the_crms_own_people(self, sandbox):
        sandbox.hooks.when("x", RequestMatch(), lambda: None)
        sandbox.query(Q)

        assert sandbox.hooks.fired("x") == 0


class TestLogins:
    def token(self, sandbox, **form):
        own = sandbox.credentials()
        sent = {"client_id": own.client_id, "client_secret": own.client_secret, **form}
        return requests.post(f"{own.login_url}/services/oauth2/token", data=sent, timeout=5)

    def refresh(self, sandbox):
        return self.token(
            sandbox, grant_type="refresh_token", refresh_token=sandbox.credentials().refresh_token
        )

    def test_revoked_tokens_refresh_no_more(self, sandbox, session, log_in):
        sandbox.logins.revoke()
        refused = self.refresh(sandbox)

        with pytest.raises(SalesforceExpiredSession):
            session.query(Q)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        assert refused.json()["error_description"] == "expired access/refresh token"
        assert log_in().query(Q)["totalSize"] == 0, "the password is still good"

        sandbox.logins.restore()
        assert self.refresh(sandbox).status_code == 200

    def test_a_locked_user_gets_in_by_no_way(self, sandbox, session, log_in):
        sandbox.logins.lock()

        with pytest.raises(SalesforceExpiredSession):
            session.query(Q)
        with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
            log_in()
        for grant in ("client_credentials", "refresh_token"):
            refused = self.token(sandbox, grant_type=grant, refresh_token=sandbox.credentials().refresh_token)
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        (user,) = sandbox.query(f"SELECT IsActive FROM User WHERE Id = '{sandbox.facts.integration_user}'")
        assert user["IsActive"] is False

        sandbox.logins.restore()
        assert log_in().query(Q)["totalSize"] == 0
        assert self.refresh(sandbox).status_code == 200


class TestBursts:
    def test_five_thousand_changes_are_cheap(self, sandbox):
        started = perf_counter()
        ids = sandbox.create("Account", [{"Name": f"A{n}"} for n in range(5000)])
        created = perf_counter()
        sandbox.change("Account", [(record_id, {"Phone": str(n)}) for n, record_id in enumerate(ids)])
        changed = perf_counter()

        assert sandbox.get("Account", ids[-1])["Phone"] == "4999"
        assert len(sandbox.log.changes()) == 10_000
        # One by one it takes ten times as long; the bound is for a busy machine.
        assert max(created - started, changed - created) < 5

    def test_all_or_nothing(self, sandbox):
        ids = sandbox.create("Account", [{"Name": "A"}, {"Name": "B"}])

        with pytest.raises(CrmRefusal, match="REQUIRED_FIELD_MISSING"):
            sandbox.change("Account", [(ids[0], {"Name": "C"}), (ids[1], {"Name": None})])
        with pytest.raises(CrmRefusal, match="STRING_TOO_LONG"):
            sandbox.create("Account", [{"Name": "D"}, {"Name": "E" * 300}])

        assert [row["Name"] for row in sandbox.query(Q)] == ["A", "B"]
