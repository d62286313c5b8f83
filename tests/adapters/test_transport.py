"""The HTTP transport: nothing is lost on the way, and every way of being wrong becomes AdapterFault."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from toy import Toy, refuse

from prm_harness.adapter import OPERATIONS, AdapterFault, NotSupported, Outcome, Record, Ref
from prm_harness.adapter.codec import ALL_OPERATIONS, shape
from prm_harness.adapter.http_client import http_adapter
from prm_harness.adapter.http_server import serving


def canned(
    monkeypatch: pytest.MonkeyPatch, status: int, text: str, content_type: str = "application/json"
) -> Any:
    """A client whose every request is answered with the same text."""
    adapter = http_adapter("http://127.0.0.1:1")
    answer = httpx.MockTransport(
        lambda _: httpx.Response(status, text=text, headers={"content-type": content_type})
    )
    monkeypatch.setattr(adapter, "_http", httpx.Client(transport=answer, base_url="http://127.0.0.1:1"))
    return adapter


def test_every_operation_has_a_shape() -> None:
    for operation in ALL_OPERATIONS:
        assert shape(operation).signature is not None


def test_values_cross_untouched() -> None:
    values = {
        "Name": "O'Brien & <b>Söhne</b> 🚀",
        "Amount": 1234.5,
        "Closed": False,
        "Region__c": None,
        "Tags": "a;b, c",
    }
    toy = Toy()
    with serving(toy) as url:
        remote = http_adapter(url)
        outcome = remote.submit("Opportunity", values, as_partner="001A")
        record = remote.read("Opportunity", Ref(by="prm_id", value=outcome.prm_id or ""))
        assert record is not None
        assert record.fields == values
        assert record.raw == {"partner": "001A"}
        assert remote.read("Opportunity", Ref(by="prm_id", value="none")) is None
        assert list(remote.list("Opportunity")) == [record]


def test_dates_are_sent_as_text() -> None:
    toy = Toy()
    with serving(toy) as url:
        http_adapter(url).submit(
            "Opportunity", {"CloseDate": date(2026, 2, 28), "At": datetime(2026, 1, 1, tzinfo=UTC)}
        )
    assert toy.deals[0].fields == {"CloseDate": "2026-02-28", "At": "2026-01-01T00:00:00Z"}


def test_long_lists_are_streamed_whole() -> None:
    toy = Toy()
    toy.deals = [Record(kind="Opportunity", prm_id=str(n), fields={"Name": "x" * 50}) for n in range(1_001)]
    with serving(toy) as url:
        assert [record.prm_id for record in http_adapter(url).list("Opportunity")] == [
            str(n) for n in range(1_001)
        ]


def test_a_list_that_breaks_half_way_is_a_fault() -> None:
    def broken() -> Any:
        yield from (Record(kind="Opportunity", prm_id=str(n), fields={}) for n in range(300))
        raise RuntimeError("cursor lost")

    with serving(Toy(list=broken)) as url, pytest.raises(AdapterFault, match="cursor lost"):
        list(http_adapter(url).list("Opportunity"))


def test_not_supported_crosses_with_its_note() -> None:
    with serving(Toy(submit=refuse)) as url:
        remote = http_adapter(url)
        with pytest.raises(NotSupported) as caught:
            remote.submit("Opportunity", {})
        assert caught.value.note == "read-only product"
        for operation in sorted(OPERATIONS):
            if not shape(operation).arguments:
                with pytest.raises(NotSupported):
                    getattr(remote, operation)()


def test_a_crash_is_a_fault_with_a_bounded_message() -> None:
    def crash() -> Any:
        raise ValueError("x" * 5_000)

    with serving(Toy(read=crash)) as url, pytest.raises(AdapterFault) as caught:
        http_adapter(url).read("Opportunity", Ref(by="name", value="a"))
    assert "ValueError" in caught.value.what
    assert len(caught.value.what) <= 300


def test_same_idempotency_key_is_done_once() -> None:
    toy = Toy()
    with serving(toy) as url, httpx.Client(trust_env=False) as client:
        body = {"args": {"kind": "Opportunity", "values": {"Name": "once"}}}
        answers = [
            client.post(f"{url}/v1/ops/submit", json=body, headers={"Idempotency-Key": "k1"}).json()
            for _ in range(2)
        ]
    assert answers[0] == answers[1]
    assert len(toy.deals) == 1


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/v1/ops/fly", b"{}", 404),
        ("/nowhere", b"{}", 404),
        ("/v1/ops/submit", b"{", 400),
        ("/v1/ops/submit", b"[]", 422),
        ("/v1/ops/submit", b'{"args": {"kind": 5, "values": {}}}', 422),
        ("/v1/ops/submit", b'{"args": {"kind": "Lead"}}', 422),
    ],
)
def test_wrong_requests_get_problem_bodies(path: str, content: bytes, status: int) -> None:
    with serving(Toy()) as url, httpx.Client(trust_env=False) as client:
        answer = client.post(url + path, content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("status", "text", "says"),
    [
        (200, "<html>", "not JSON"),
        (200, "null", "JSON NoneType where an object was due"),
        (200, '{"ok": true}', "without 'result'"),
        (200, '{"result": "yes"}', "wrong type"),
        (200, '{"result": {"state": "perhaps"}}', "result.state"),
        (500, "Traceback", "HTTP 500: Traceback"),
        (503, '{"detail": "deploying"}', "HTTP 503: deploying"),
    ],
)
def test_wrong_answers_are_faults(monkeypatch: pytest.MonkeyPatch, status: int, text: str, says: str) -> None:
    with pytest.raises(AdapterFault) as caught:
        canned(monkeypatch, status, text).submit("Opportunity", {})
    assert says in caught.value.what


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "without its closing line"),
        ("nonsense\n", "not JSON"),
        ('{"end": 3}\n', "announced 3 records and sent 0"),
        ('{"item": {"kind": "Lead"}}\n{"end": 1}\n', "result.prm_id"),
    ],
)
def test_wrong_lists_are_faults(monkeypatch: pytest.MonkeyPatch, text: str, says: str) -> None:
    with pytest.raises(AdapterFault) as caught:
        list(canned(monkeypatch, 200, text, "application/x-ndjson").list("Lead"))
    assert says in caught.value.what


def test_a_lost_answer_is_asked_again_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def flaky(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) == 1:
            raise httpx.ReadError("connection reset", request=request)
        return httpx.Response(200, text=json.dumps({"result": Outcome(state="accepted").model_dump()}))

    adapter: Any = http_adapter("http://127.0.0.1:1")
    monkeypatch.setattr(
        adapter, "_http", httpx.Client(transport=httpx.MockTransport(flaky), base_url="http://x")
    )
    assert adapter.submit("Lead", {}).state == "accepted"
    assert len(seen) == 2
    assert seen[0] == seen[1]
