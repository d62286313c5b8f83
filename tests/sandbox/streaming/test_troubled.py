"""Deliveries of change events on their bad days."""

import pytest

from prm_harness.crm.backend import FaultSpec


def told(events):
    return [
        (e["data"]["payload"]["ChangeEventHeader"]["changeType"], e["data"]["payload"].get("Name"))
        for e in events
    ]


@pytest.fixture
def changes(sandbox, listen):
    """What a subscriber is told of three new accounts, one commit each, and of a fourth."""

    def run(**fault):
        client = listen()
        sandbox.faults.inject(FaultSpec(name="events", sobject="Account", **fault))
        for name in "ABC":
            sandbox.create("Account", [{"Name": name}])
        first = client.events()
        sandbox.create("Account", [{"Name": "D"}])
        return told(first), told(client.events())

    return run


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("event_drop", [("CREATE", "A"), ("CREATE", "C")]),
        ("event_duplicate", [("CREATE", "A"), ("CREATE", "B"), ("CREATE", "B"), ("CREATE", "C")]),
        ("event_reorder", [("CREATE", "A"), ("CREATE", "C"), ("CREATE", "B")]),
        ("event_gap", [("CREATE", "A"), ("GAP_CREATE", None), ("CREATE", "C")]),
        ("event_overflow", [("CREATE", "A"), ("GAP_OVERFLOW", None), ("CREATE", "C")]),
    ],
)
def test_the_second_event_is_hit(sandbox, changes, kind, expected):
    first, rest = changes(kind=kind, after=1)

    assert first == expected
    assert rest == [("CREATE", "D")]
    (firing,) = sandbox.faults.firings()
    assert (firing.name, firing.kind) == ("events", kind)
    assert sandbox.log.exchanges()[firing.exchange - 1].route == "read.streaming"


def test_only_what_matches_is_hit(sandbox, listen):
    client = listen()
    sandbox.faults.inject(
        FaultSpec("events", "event_drop", sobject="Account", where='"Name":"B"', times=None)
    )
    for name in "ABC":
        sandbox.create("Account", [{"Name": name}])
    sandbox.create("Lead", [{"LastName": "B", "Company": "B"}])

    assert told(client.events()) == [
        ("CREATE", "A"), ("CREATE", "C"), ("CREATE", {"LastName": "B"}),
    ]  # fmt: skip
    assert sandbox.faults.fired("events") == 1
