"""Whatever an adapter does, the audit ends: as an error with the operation, and without a secret anywhere."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import miniatures
import pytest
from toy import Toy

from prm_harness.adapter import AdapterFault, Outcome, Record, Session, bounded
from prm_harness.adapter.http_client import http_adapter
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.crm.sandbox import Sandbox
from prm_harness.delivery import write_scorecard
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n"
RECORD = {"kind": "Opportunity", "prm_id": "1", "fields": {}}


@contextmanager
def sending(parts: Callable[[], Iterator[bytes]]) -> Iterator[str]:
    """A server that answers anything with these parts, for as long as somebody listens."""
    over = threading.Event()

    def serve(client: socket.socket) -> None:
        with client:
            client.recv(65536)
            try:
                client.sendall(HEAD)
                for part in parts():
                    if over.is_set():
                        return
                    client.sendall(part)
            except OSError:
                return

    def run(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def dripping() -> Iterator[bytes]:
    for byte in itertools.cycle([b"x"]):
        time.sleep(0.02)
        yield byte


def endless() -> Iterator[bytes]:
    for number in itertools.count():
        item = {**RECORD, "prm_id": str(number)}
        yield json.dumps({"item": item}).encode() + b"\n"
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (dripping, "after 0.3 seconds only"),
        (endless, "after 0.3 seconds only"),
        (lambda: iter([b"x" * 70_000] * 40), "longer than"),
        (lambda: iter([b'{"item": \xff\xfe}\n']), "not UTF-8 (at 9): b'{\"item\": \\xff\\xfe}'"),
        (lambda: iter([b'{"error": "session expired"}\n']), "answered without 'item', but with ['error']"),
        (lambda: iter([b'{"item": {"kind": "Opportunity", "prm_id": 1}}\n']), "result.prm_id"),
        (lambda: iter([b'{"item": NaN}\n']), "NaN is no JSON number"),
    ],
)
def test_lists_over_http(monkeypatch, parts, says) -> None:
    monkeypatch.setattr(bounded, "LONGEST_LINE", 100_000)
    with sending(parts) as url, pytest.raises(AdapterFault) as caught:
        list(http_adapter(url, timeout=0.3).list("Opportunity"))
    assert caught.value.operation == "list"
    assert says in caught.value.what
    assert len(caught.value.what) <= 300


def test_a_huge_answer_over_http(monkeypatch) -> None:
    monkeypatch.setattr(bounded, "LARGEST_ANSWER", 2**20)
    with (
        sending(lambda: itertools.repeat(b"y" * 65536)) as url,
        pytest.raises(AdapterFault, match="larger than 1 MB: yyy"),
    ):
        http_adapter(url, timeout=20).submit("Opportunity", {})


@pytest.mark.parametrize(
    ("records", "says"),
    [
        (lambda: itertools.repeat(Record(**RECORD)), "record '1' came twice, as number 1 and 2"),
        (lambda: [Record(**{**RECORD, "kind": "Lead"})], "asked for Opportunity, record 1 is a Lead"),
        (lambda: (Record(**{**RECORD, "prm_id": str(n)}) for n in itertools.count()), "more than 50 records"),
        (lambda: "abc", "returned the wrong type"),
    ],
)
def test_lists_in_process(monkeypatch, records, says) -> None:
    monkeypatch.setattr("prm_harness.adapter.session.MOST_RECORDS", 50)
    with pytest.raises(AdapterFault) as caught:
        Session(Toy(list=records)).call("list", "Opportunity")
    assert says in caught.value.what


def test_a_list_that_nobody_waits_for_any_more_is_not_read_on() -> None:
    read: list[int] = []

    def slow() -> Iterator[Record]:
        for number in itertools.count():
            read.append(number)
            time.sleep(0.01)
            yield Record(**{**RECORD, "prm_id": str(number)})

    with pytest.raises(AdapterFault, match="did not answer within"):
        Session(Toy(list=slow), long_limit=0.1).call("list", "Opportunity")
    time.sleep(0.05)
    count = len(read)
    time.sleep(0.05)
    assert len(read) == count


def test_where_it_was_raised_is_said() -> None:
    def broken() -> Any:
        raise KeyError("stage")

    with pytest.raises(AdapterFault, match=r"raised KeyError: 'stage' at test_bad_input\.py:\d+"):
        Session(Toy(read=broken)).call("read", "Lead", {"by": "name", "value": "x"})


@pytest.mark.parametrize("strange", ["\ud800", "a\x00b", "\u202e", float("nan"), 10**400, "x" * 100_000])
def test_strange_values_are_values(strange: Any) -> None:
    made = Outcome(state="accepted", prm_id="1", raw={"value": strange})
    assert Session(Toy(submit=lambda: made)).call("submit", "Lead", {}).raw == made.raw


# -- a whole audit ----------------------------------------------------------------------------------------------------


def audited(which: str, out: Path, check: str = "T3") -> Run:
    connect = f"python:miniatures:create?which={which}"
    spec = AuditSpec(connect=connect, profile=load_profile("smb"), out=out, checks=(check,))
    return read_run(run_audit(spec))


@pytest.mark.parametrize(
    ("which", "says"),
    [
        ("Crashes", "raised KeyError"),
        ("AnswersTheWrongType", "returned the wrong type: result.state"),
        ("TellsItsPassword", "login failed for"),
    ],
)
def test_the_audit_of_a_broken_adapter_ends_with_an_error(tmp_path: Path, which: str, says: str) -> None:
    run = audited(which, tmp_path)
    result = run.results["T3"]
    assert run.complete
    assert (result.verdict, says in result.reason) == (Verdict.ERROR, True), result.reason


def test_no_secret_is_in_any_file_of_a_run(tmp_path: Path, monkeypatch) -> None:
    handed_out: list[str] = []
    credentials = Sandbox.credentials

    def remembered(self: Sandbox) -> Any:
        made = credentials(self)
        handed_out.extend((made.password, made.security_token, made.client_secret))
        return made

    monkeypatch.setattr(Sandbox, "credentials", remembered)
    run = audited("TellsItsPassword", tmp_path)
    write_scorecard(run, tmp_path, pdf=False)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert handed_out
    assert not [secret for secret in handed_out if secret.encode() in written]


def test_a_traceback_holds_no_secret() -> None:
    import traceback

    from prm_harness.adapter import CrmConnection

    crm = CrmConnection(
        login_url="http://x", username="u", password="pa55word99", security_token="t0ken99", client_id="c",
        client_secret="s3cret99", run_id="r",
    )  # fmt: skip
    session = Session(miniatures.create("TellsItsPassword"))
    try:
        session.call("connect", crm)
    except AdapterFault as fault:
        told = "".join(traceback.format_exception(fault))
    assert "AdapterFault" in told
    assert not [secret for secret in crm.secrets if secret in told]
