"""Log, faults, quota and clock over the wire (backend.py)."""

from datetime import UTC, datetime, timedelta

import pytest

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.clock import RealClock, VirtualClock
from prm_harness.crm.log import EXCERPT_LENGTH, excerpt, route_matches


class TestLog:
    def test_an_exchange_tells_who_asked_what_and_what_came_of_it(self, sandbox, client):
        client("GET", "query?q=SELECT+Id+FROM+Account", headers={"sforce-call-options": "client=acme/1, x=y"})
        exchange = sandbox.log.exchanges()[-1]

        assert exchange.number == 2
        assert exchange.at == sandbox.clock.now()
        assert exchange.user == sandbox.facts.integration_user
        assert exchange.client == "acme/1"
        assert (exchange.method, exchange.route, exchange.status) == ("GET", "read.query", 200)
        assert exchange.path == "/services/data/v60.0/query?q=SELECT+Id+FROM+Account"
        assert exchange.soql == "SELECT Id FROM Account"
        assert exchange.response_excerpt == '{"totalSize":0,"done":true,"records":[]}'
        assert exchange.bytes_out == len(exchange.response_excerpt)

    def test_a_change_is_linked_to_the_request_that_made_it(self, sandbox, client):
        (arranged,) = sandbox.create("Account", [{"Name": "ours"}])
        created = client("POST", "sobjects/Account", {"Name": "theirs"}).body["id"]
        client("PATCH", f"sobjects/Account/{created}", {"Name": "still theirs"})
        ours, insert, update = sandbox.log.changes(sobject="Account")

        assert (ours.record_id, ours.exchange) == (arranged, None)
        assert insert.exchange == sandbox.log.exchanges(route="row.create")[0].number
        assert insert.user == sandbox.facts.integration_user
        assert update.exchange == sandbox.log.exchanges(route="row.update")[0].number
        assert update.fields["Name"] == ("theirs", "still theirs")

    def test_marks_split_before_from_after(self, sandbox, client):
        client("POST", "sobjects/Account", {"Name": "before"})
        exchanges, changes = sandbox.log.mark()
        after = client("POST", "sobjects/Account", {"Name": "after"}).body["id"]

        assert [e.route for e in sandbox.log.exchanges(since=exchanges)] == ["write.row.create"]
        assert [c.record_id for c in sandbox.log.changes(since=changes)] == [after]
        assert sandbox.log.changes(record_id=after) == sandbox.log.changes(since=changes)

    def test_refusals_are_logged_with_their_code(self, sandbox, client):
        client("POST", "sobjects/Account", {})
        client("GET", "limits", headers={"authorization": "Bearer x"})
        refused, stranger = sandbox.log.exchanges()[-2:]

        assert (refused.status, refused.error_code) == (400, "REQUIRED_FIELD_MISSING")
        assert (stranger.status, stranger.error_code, stranger.user) == (401, "INVALID_SESSION_ID", "")

    def test_no_secret_gets_into_it(self, sandbox, client):
        own = sandbox.credentials()
        client("GET", f"limits?oauth_token={client.token}")
        client("GET", f"query?q=SELECT+Id+FROM+Account+WHERE+Name='{client.token}'")
        shown = repr(sandbox.log.exchanges())

        for secret in (own.password, own.client_secret, client.token, client.token.split("!")[1][:20]):
            assert secret not in shown
        assert "[redacted]" in shown

    def test_excerpts_are_bounded_and_redacted_before_they_are_cut(self):
        body = b"x" * (EXCERPT_LENGTH - 20) + b'"password":"hunter2hunter2hunter2hunter2"'

        assert len(excerpt(b"y" * 10_000)) == EXCERPT_LENGTH
        assert "hunter2" not in excerpt(body)

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [("", True), ("write", True), ("row", True), ("write.row", True), ("row.update", True),
         ("update", True), ("read", False), ("ro", False), ("row.create", False)],
    )  # fmt: skip
    def test_route_patterns(self, pattern, expected):
        assert route_matches(pattern, "write.row.update") is expected


class TestFaults:
    def test_a_status_fault_answers_instead_of_handling(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("down", "status", route="write"))
        answer = client("POST", "sobjects/Account", {"Name": "A"})

        assert answer.status == 503
        assert answer.body == [{"message": "Server is unavailable", "errorCode": "SERVER_UNAVAILABLE"}]
        assert sandbox.query("SELECT Id FROM Account") == []
        assert sandbox.faults.fired("down") == 1
        assert sandbox.log.exchanges()[-1].fault == "down"

    def test_it_fires_as_often_as_told_after_as_many_as_told(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("late", "status", after=2, times=2))
        statuses = [client("GET", "limits").status for _ in range(6)]

        assert statuses == [200, 200, 503, 503, 200, 200]
        assert sandbox.faults.fired("late") == 2

    def test_it_hits_only_what_matches(self, sandbox, client):
        sandbox.faults.inject(
            FaultSpec("narrow", "status", route="row", method="post", where="Acme", times=None)
        )
        hit = [
            client("POST", "sobjects/Account", {"Name": "Acme"}).status,
            client("POST", "sobjects/Account", {"Name": "Other"}).status,
            client("GET", "query?q=SELECT+Id+FROM+Account+WHERE+Name='Acme'").status,
        ]

        assert hit == [503, 201, 200]

    def test_healing_ends_it_and_keeps_the_count(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("down", "status", times=None))
        client("GET", "limits")
        sandbox.faults.heal("down")

        assert client("GET", "limits").status == 200
        assert sandbox.faults.fired("down") == 1
        assert sandbox.faults.fired("never injected") == 0

    def test_a_lost_answer_was_committed_all_the_same(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("lost", "lost", route="write"))
        answer = client("POST", "sobjects/Account", {"Name": "A"})

        assert answer.response.dropped is True
        assert len(sandbox.query("SELECT Id FROM Account")) == 1
        assert sandbox.log.exchanges()[-1].status == 201

    def test_a_reset_comes_before_anything_is_done(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("reset", "reset", route="write"))
        answer = client("POST", "sobjects/Account", {"Name": "A"})

        assert answer.response.dropped is True
        assert sandbox.query("SELECT Id FROM Account") == []

    def test_a_slow_answer_lets_virtual_time_pass(self, sandbox, client):
        before = sandbox.clock.now()
        sandbox.faults.inject(FaultSpec("slow", "slow", seconds=30))
        answer = client("GET", "limits")

        assert (answer.status, answer.response.delay) == (200, 30)
        assert sandbox.clock.now() - before == timedelta(seconds=30)

    def test_a_login_can_fail_too_in_its_own_shape(self, sandbox, client):
        sandbox.faults.inject(
            FaultSpec("login", "status", route="login", code="server_error", message="try later")
        )
        answer = client.post_form("/services/oauth2/token", {})

        assert (answer.status, answer.body) == (
            503,
            {"error": "server_error", "error_description": "try later"},
        )

    def test_a_share_is_drawn_from_the_seed(self, sandbox, client):
        sandbox.faults.inject(FaultSpec("some", "status", times=None, share=0.5))
        statuses = [client("GET", "limits").status for _ in range(60)]

        assert 15 < sandbox.faults.fired("some") < 45
        assert statuses.count(503) == sandbox.faults.fired("some")

    def test_the_harness_own_work_is_not_hit(self, sandbox):
        sandbox.faults.inject(FaultSpec("down", "status", times=None))

        assert sandbox.create("Account", [{"Name": "A"}])
        assert sandbox.faults.fired("down") == 0

    def test_an_unknown_kind_is_refused(self, sandbox):
        with pytest.raises(ValueError, match="unknown kind of fault 'gremlin'"):
            sandbox.faults.inject(FaultSpec("x", "gremlin"))


class TestQuota:
    def test_used_up_is_403_until_the_window_has_passed(self, sandbox, client):
        sandbox.quota.set(used=4, maximum=5)
        assert client("GET", "limits").status == 200
        refused = client("GET", "limits")

        assert refused.status == 403
        assert refused.body == [
            {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
        ]
        assert refused.headers["Sforce-Limit-Info"] == "api-usage=5/5"
        sandbox.clock.advance(24 * 3600)
        client.token = client.log_in()
        assert client("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/5"

    def test_the_window_rolls(self, sandbox, client):
        client("GET", "limits")
        sandbox.clock.advance(3600)
        client("GET", "limits")
        assert sandbox.quota.used == 2
        sandbox.clock.advance(23 * 3600)

        assert sandbox.quota.used == 1

    def test_logins_versions_and_the_harness_cost_nothing(self, sandbox, client):
        client.log_in()
        client("GET", "/services/data")
        sandbox.create("Account", [{"Name": "A"}])

        assert sandbox.quota.used == 0


class TestClock:
    def test_a_virtual_clock_stands_still_until_advanced(self):
        clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        clock.advance(1.5)

        assert clock.now() == datetime(2026, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)

    def test_time_runs_forward_and_has_a_zone(self):
        with pytest.raises(ValueError, match="cannot run back"):
            VirtualClock().advance(-1)
        with pytest.raises(ValueError, match="aware"):
            VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001

    def test_a_real_clock_cannot_be_advanced(self):
        with pytest.raises(ValueError, match="cannot be advanced"):
            RealClock().advance(1)
