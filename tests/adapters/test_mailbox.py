"""What a product sends to the harness's own address stands beside what its adapter hands over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from toy import Toy

from prm_harness.adapter import (
    CrmConnection,
    Notification,
    NotificationSink,
    NotReached,
    NotSupported,
    Session,
)
from prm_harness.adapter.http_client import http_adapter
from prm_harness.adapter.http_server import serving
from prm_harness.audit.handed.mailbox import mailbox
from prm_harness.audit.line import Line
from prm_harness.audit.stage import open_stage
from prm_harness.reference.webhook import posted

AT = datetime(2026, 3, 1, tzinfo=UTC)
CRM = CrmConnection(
    login_url="https://x.example",
    username="u",
    password="p",
    security_token="t",
    client_id="i",
    client_secret="s",
    run_id="r",
)


def note(subject: str, at: datetime = AT) -> Notification:
    return Notification(at=at, channel="webhook", subject=subject)


class Sends(Toy):
    """Its adapter hands over one of the messages, and sends two."""

    def notification_sink(self, sink: NotificationSink) -> None:
        for subject in ("A", "B"):
            assert posted(sink.url, note(subject))

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        return [note("A")]


class Silent(Sends):
    def notification_sink(self, sink: NotificationSink) -> None:
        raise NotSupported("notification_sink", "mail only")


class Breaks(Sends):
    def notification_sink(self, sink: NotificationSink) -> None:
        raise RuntimeError


def subjects(line: Line, since: datetime | None = None) -> list[str]:
    return [one.subject for one in line.call("notifications", since)]


def test_what_arrived_stands_beside_what_was_handed_over() -> None:
    with serving(Sends()) as url, mailbox() as box:
        line = Line(Session(http_adapter(url)), box)
        assert subjects(line) == ["A"]
        line.call("connect", CRM)
        assert subjects(line) == ["A", "B"]
        assert subjects(line, AT + timedelta(seconds=1)) == ["A"], "what it hands over is its own affair"


@pytest.mark.parametrize("adapter", [Silent(), Breaks(), Sends(version="1.1")])
def test_without_a_way_there_it_hands_over_as_before(adapter: Toy) -> None:
    with mailbox() as box:
        line = Line(Session(adapter), box)
        line.call("connect", CRM)
        assert subjects(line) == ["A"]
        assert not box.received


def test_an_older_adapter_is_not_told() -> None:
    with mailbox() as box, pytest.raises(NotReached):
        Session(Sends(version="1.1")).call("notification_sink", box.sink)


def test_an_audit_sets_one_up_and_the_mirror_sends_to_it() -> None:
    with open_stage("python:prm_harness.reference.mirror:create", seed=1, run_id="r") as stage:
        line = stage.line
        line.call("connect", stage.connection)
        for step in line.call("setup_steps"):
            line.call("run_step", step.id)
        stage.crm.logins.lock()
        stage.time.wait(3 * line.info.cycle_seconds)
        assert line.mailbox
        arrived, said = line.mailbox.received, line.call("notifications")
    assert arrived
    assert {one.subject for one in arrived} == {one.subject for one in said}
    assert len(said) == len(arrived), "nothing is counted twice"
