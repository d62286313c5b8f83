"""Allowances: used up by others, reset at midnight, and the places for long requests."""

import threading
from datetime import timedelta

import pytest
from simple_salesforce.exceptions import SalesforceRefusedRequest

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.clock import RealClock
from prm_harness.crm.sandbox import Sandbox


def refusal(sf):
    with pytest.raises(SalesforceRefusedRequest) as caught:
        sf.limits()
    (error,) = caught.value.content
    assert error["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    return error["message"]


def test_another_application_uses_it_up(sandbox, sf):
    sandbox.quota.set(maximum=100)
    sandbox.quota.use(98)
    remaining = sf.limits()["DailyApiRequests"]["Remaining"]

    assert (sandbox.quota.used, remaining) == (99, 1)
    sandbox.quota.use(1)
    assert refusal(sf) == "TotalRequests Limit exceeded."
    assert sandbox.log.usage().by_error == {"REQUEST_LIMIT_EXCEEDED": 1}


def test_it_can_begin_anew_at_the_orgs_midnight(sandbox, log_in):
    sandbox.quota.set(resets="midnight")
    berlin = "UPDATE Organization SET TimeZoneSidKey = 'Europe/Berlin'"
    sandbox._org.connection.execute(berlin)
    sandbox.quota.use(500)
    ahead = timedelta(hours=23) - (
        sandbox.clock.now() - sandbox.clock.now().replace(hour=0)
    )  # 23:00 UTC, 00:00 there
    sandbox.clock.advance(ahead.total_seconds() - 1)
    before = sandbox.quota.used
    sandbox.clock.advance(1)

    assert (before, sandbox.quota.used) == (500, 0)
    log_in().limits()
    assert sandbox.quota.used == 1


def test_all_places_for_long_requests_can_be_taken(sandbox, sf):
    sandbox.quota.set(held=25)
    message = refusal(sf)
    sandbox.quota.set(held=24)

    assert message == "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    assert sf.limits()
    assert sandbox.quota.concurrent == (24, 25)


def test_slow_answers_take_places_while_they_last():
    with Sandbox(seed=7, clock=RealClock()) as sandbox:
        sandbox.quota.set(concurrent=1)
        sandbox.faults.inject(FaultSpec("slow", "slow", seconds=20, route="limits"))
        from prm_harness.crm.salesforce.http import Request

        headers = {"host": "x", "authorization": f"Bearer {sandbox.open_session()}"}
        slow = sandbox.handle(Request("GET", "/services/data/v60.0/limits", "", headers))
        meanwhile = sandbox.handle(Request("GET", "/services/data/v60.0/limits", "", headers))
        assert slow.done
        slow.done()
        afterwards = sandbox.handle(Request("GET", "/services/data/v60.0/limits", "", headers))

        assert (slow.status, slow.delay, meanwhile.status, afterwards.status) == (200, 20, 403, 200)


def test_counting_from_many_threads_loses_nothing(sandbox):
    threads = [threading.Thread(target=lambda: [sandbox.quota.take() for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sandbox.quota.used == 4000
