"""The guarded session: an adapter can hang, crash or lie, and the harness goes on."""

from __future__ import annotations

import sys
import threading

import pytest
from toy import Toy, hang, refuse

from prm_harness.adapter import AdapterFault, NotSupported, Outcome, Record, Ref, Session


def test_counts_and_durations() -> None:
    session = Session(Toy(read=lambda: 7))
    session.call("submit", "Lead", {"LastName": "A"}, as_partner="001")
    with pytest.raises(NotSupported):
        session.call("sync_now")
    with pytest.raises(AdapterFault):
        session.call("read", "Lead", Ref(by="name", value="A"))
    stats = session.stats
    assert (stats["submit"].calls, stats["sync_now"].refused, stats["read"].faults) == (1, 1, 1)
    assert stats["submit"].slowest > 0
    assert session.info.product == "Toy PRM"


def test_a_hanging_adapter_is_left_behind() -> None:
    toy = Toy(read=hang)
    session = Session(toy, limit=0.1)
    with pytest.raises(AdapterFault, match=r"did not answer within 0\.1 seconds"):
        session.call("read", "Lead", Ref(by="name", value="A"))
    assert session.call("submit", "Lead", {}).state == "accepted"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: sys.exit("bye"), "SystemExit: bye"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: "accepted", "returned the wrong type"),
        (lambda: {"state": "perhaps"}, "result.state"),
        (lambda: Record(kind="Lead", prm_id="1", fields={}), "returned the wrong type"),
    ],
)
def test_crashes_and_wrong_types_are_faults(wrong: object, says: str) -> None:
    session = Session(Toy(submit=wrong))  # type: ignore[arg-type]
    with pytest.raises(AdapterFault) as caught:
        session.call("submit", "Lead", {})
    assert says in caught.value.what


def test_a_mapping_that_fits_is_taken() -> None:
    assert Session(Toy(submit=lambda: {"state": "held"})).call("submit", "Lead", {}) == Outcome(state="held")


def test_refusals_pass_through() -> None:
    with pytest.raises(NotSupported, match="read-only product"):
        Session(Toy(submit=refuse)).call("submit", "Lead", {})


@pytest.mark.parametrize("wrong", [lambda: 5, lambda: [1], lambda: iter([{"kind": "Lead"}])])
def test_lists_are_checked_item_by_item(wrong: object) -> None:
    with pytest.raises(AdapterFault, match="list"):
        Session(Toy(list=wrong)).call("list", "Lead")  # type: ignore[arg-type]


def test_all_calls_share_a_thread_which_ends_with_the_session() -> None:
    threads: list[threading.Thread] = []
    session = Session(Toy(cleanup=lambda: threads.append(threading.current_thread())))
    session.call("cleanup", "a")
    session.call("cleanup", "b")
    session.close()
    assert threads[0] is threads[1]
    threads[0].join(5)
    assert not threads[0].is_alive()
