"""What the product says that it sent has to arrive where the harness told it to send to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prm_harness.adapter import AdapterFault, Capability, NotSupported
from prm_harness.audit.handed.mailbox import mailbox

from .bench import Bench
from .report import Kind


@contextmanager
def messages_arrive(bench: Bench) -> Iterator[None]:
    """Set up a mailbox, and afterwards hold it against what the adapter hands over.

    An adapter of an older contract, or one without a way to such an address, is not blamed: it hands over what was sent.
    """
    if not bench.info.offers(Capability.NOTIFY):
        yield
        return
    with mailbox() as box:
        try:
            before = list(bench.call("notifications"))
            bench.call("notification_sink", box.sink)
        except NotSupported:
            yield
            return
        except AdapterFault as fault:
            bench.report.add(
                Kind.WRONG,
                "notification_sink",
                fault.what,
                "send messages to the address, or raise NotSupported",
            )
            yield
            return
        yield
        try:
            sent = [note for note in bench.call("notifications") if note not in before]
        except (AdapterFault, NotSupported):
            return  # said elsewhere
        lost = [note for note in sent if not box.has(note)]
        if lost:
            bench.report.add(
                Kind.DISHONEST, "notification_sink",
                f"{len(lost)} of {len(sent)} messages that are said to have been sent did not arrive, the first: "
                f"{lost[0].subject[:80]!r}",
                "POST each message as JSON to the address when it is sent, or raise NotSupported",
            )  # fmt: skip
        if box.unreadable:
            bench.report.add(
                Kind.WRONG, "notification_sink", f"{box.unreadable} messages that arrived are no Notification",
                "POST the JSON of a Notification: at, channel, subject, body",
            )  # fmt: skip
