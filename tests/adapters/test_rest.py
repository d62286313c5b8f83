"""``rest:`` files against a local double: every way in, every way of paging, patience, errors inside a 200."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from double import Api, rest_double
from toy import Toy

from prm_harness.adapter import (
    AdapterFault,
    Capability,
    ConnectError,
    Level,
    NotReached,
    NotSupported,
    Outcome,
    Record,
    Ref,
    Session,
    open_adapter,
)
from prm_harness.adapter.rest.sender import Sender

FILE = Path(__file__).with_name("portal.yaml")


@contextmanager
def connected(
    tmp_path: Path, prm: Toy | None = None, changes: dict[str, Any] | None = None, **habits: Any
) -> Iterator[tuple[Session, Api]]:
    """A session with the double through portal.yaml, with some of its keys changed."""
    content = yaml.safe_load(FILE.read_text()) | (changes or {})
    file = tmp_path / "portal.yaml"
    file.write_text(yaml.safe_dump(content))
    with rest_double(prm or Toy(), **habits) as (url, api):
        yield Session(open_adapter(f"rest:{file}?PRM_URL={url}")), api


def names(session: Session) -> list[str]:
    return [record.fields["Name"] for record in session.call("list", "Opportunity")]


def filled(count: int) -> Toy:
    toy = Toy()
    toy.deals = [
        Record(kind="Opportunity", prm_id=f"d{n}", fields={"Name": f"deal {n}"}) for n in range(count)
    ]
    return toy


# -- getting in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habit", "auth"),
    [
        ("none", {"type": "none"}),
        ("basic", {"type": "basic", "username": "someone", "password": "${PASS}"}),
        ("bearer", {"type": "bearer", "token": "${TOKEN}"}),
        ("tenant", {"type": "api_key", "key": "${KEY}", "prefix": "prm-key "}),
        ("query", {"type": "api_key", "key": "${KEY}", "place": "query", "name": "key"}),
        ("oauth2", {"type": "oauth2", "token_url": "/token", "client_id": "the-client", "client_secret": "${SECRET}"}),
        ("oauth2", {"type": "oauth2", "token_url": "/token", "client_id": "the-client", "client_secret": "${SECRET}",
                    "client_as": "basic", "grant": "refresh_token", "refresh_token": "${TOKEN}"}),
        ("oauth2", {"type": "session", "prefix": "Bearer ", "session": {
            "request": {"method": "POST", "path": "/token", "form": {"client_secret": "${SECRET}"}}, "seconds": "expires_in"}}),
    ],
)  # fmt: skip
def test_ways_in(tmp_path, monkeypatch, habit, auth) -> None:
    for name, value in {
        "PASS": "pa55word",
        "TOKEN": "the-token",
        "KEY": "the-key",
        "SECRET": "the-secret",
    }.items():
        monkeypatch.setenv(name, value)
    with connected(tmp_path, filled(1), {"auth": auth}, auth=habit) as (session, _):
        assert names(session) == ["deal 0"]


def test_a_token_that_ran_out_is_renewed_once(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SECRET", "the-secret")
    auth = {"type": "oauth2", "token_url": "/token", "client_id": "the-client", "client_secret": "${SECRET}"}
    with connected(tmp_path, filled(1), {"auth": auth}, auth="oauth2") as (session, api):
        assert names(session) == ["deal 0"]
        api.tokens.append("revoked the first")
        assert names(session) == ["deal 0"]
        assert len(api.tokens) == 3
        assert {"granted-1", "granted-3", "the-secret"} <= set(session.secrets())


def test_a_login_that_is_refused_names_no_secret(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SECRET", "wr0ng-secret")
    auth = {"type": "oauth2", "token_url": "/token", "client_id": "the-client", "client_secret": "${SECRET}"}
    with (
        connected(tmp_path, changes={"auth": auth}, auth="oauth2") as (session, _),
        pytest.raises(AdapterFault, match="login was answered with HTTP 400") as caught,
    ):
        names(session)
    assert "wr0ng-secret" not in str(caught.value)


# -- lists ----------------------------------------------------------------------------------------------------------

PAGING = {
    "offset": {"style": "offset", "offset": "skip", "limit": "take", "size": 50},
    "page": {"style": "page", "page": "page"},
    "cursor": {"style": "cursor", "cursor": "starting_after", "last": "id", "more": "has_more"},
    "link": {"style": "link"},
}


@pytest.mark.parametrize("style", sorted(PAGING))
@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_every_style_of_paging_brings_everything_once(tmp_path, style, count) -> None:
    changes = {"paging": PAGING[style]}
    with connected(tmp_path, filled(count), changes, paging=style) as (session, _):
        assert names(session) == [f"deal {n}" for n in range(count)]


def test_pages_that_repeat_are_noticed(tmp_path) -> None:
    with (
        connected(tmp_path, filled(3), {"paging": PAGING["page"]}, paging="link") as (session, api),
        pytest.raises(AdapterFault, match="page 2 repeats an earlier one"),
    ):
        names(session)
    assert len(api.requests) == 2


def test_no_credentials_go_to_another_host(tmp_path) -> None:
    def elsewhere(method: str, path: str) -> Any:
        return (
            200,
            {"data": {"results": [{"id": "1", "record": {}}]}},
            {"Link": '<http://example.test/2>; rel="next"'},
        )

    with (
        connected(tmp_path, changes={"paging": PAGING["link"]}, break_with=elsewhere) as (session, _),
        pytest.raises(AdapterFault, match="on another host"),
    ):
        names(session)


# -- patience -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [429, 503, 406])
def test_throttling_is_waited_out(tmp_path, monkeypatch, code) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with connected(tmp_path, filled(1), throttle=[(code, "7"), (code, "")]) as (session, _):
        session._adapter._sender._sleep = slept.append
        assert names(session) == ["deal 0"]
    assert slept == [7, 0.02]


def test_patience_ends(tmp_path) -> None:
    with (
        connected(tmp_path, throttle=[(406, "0.001")] * 9) as (session, api),
        pytest.raises(AdapterFault, match=r"still throttled \(HTTP 406\) after 4 tries"),
    ):
        names(session)
    assert len(api.requests) == 4


def test_the_documented_limit_is_kept_beforehand(tmp_path) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    changes = {"throttling": {"requests_per_minute": 20}, "paging": {"style": "none"}}
    with connected(tmp_path, filled(1), changes) as (session, _):
        adapter = session._adapter
        adapter._sender = Sender(adapter._file, sleep=sleep, now=lambda: clock[0])
        for _ in range(4):
            names(session)
    assert clock[0] == 9.0


# -- what answers mean ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("errors_in_200", [False, True])
def test_a_refusal_is_an_outcome_wherever_it_stands(tmp_path, errors_in_200) -> None:
    toy = Toy(submit=lambda: Outcome(state="rejected", messages=("Amount is required", "and more")))
    with connected(tmp_path, toy, errors_in_200=errors_in_200) as (session, _):
        outcome = session.call("submit", "Opportunity", {"Name": "x"})
    assert (outcome.state, outcome.messages) == ("rejected", ("Amount is required", "and more"))


def test_a_404_that_looks_like_every_error_is_absence(tmp_path) -> None:
    changes = {"errors": [{"path": "message", "exists": True, "messages": "message"}]}
    with connected(tmp_path, changes=changes) as (session, _):
        assert session.call("read", "Opportunity", Ref(by="prm_id", value="none")) is None


def test_held_is_held(tmp_path) -> None:
    with connected(tmp_path, Toy(submit=lambda: Outcome(state="held", prm_id="9"))) as (session, _):
        assert session.call("submit", "Opportunity", {"Name": "x"}).state == "held"


def test_values_cross_untouched_and_what_has_no_place_is_said(tmp_path) -> None:
    values = {
        "Name": "O'Brien 🚀",
        "Amount": 12.5,
        "RecordType.DeveloperName": None,
        "CloseDate": "2026-02-28",
        "Colour__c": "red",
    }
    kinds = yaml.safe_load(FILE.read_text())["kinds"]
    kinds["Opportunity"]["fields"] = {"Colour__c": {"path": "record.colour", "write": False}}
    with connected(tmp_path, changes={"kinds": kinds}) as (session, _):
        outcome = session.call("submit", "Opportunity", values, as_partner="001P")
        record = session.call("read", "Opportunity", Ref(by="prm_id", value=outcome.prm_id))
        assert session.call("read", "Opportunity", Ref(by="name", value="O'Brien 🚀")) == record
        assert session.call("read", "Opportunity", Ref(by="prm_id", value="none")) is None
    assert outcome.messages == ("the portal has no place for Colour__c",)
    assert record.fields == {name: value for name, value in values.items() if name != "Colour__c"}
    assert record.raw["id"] == outcome.prm_id


def test_value_maps_and_notations(tmp_path) -> None:
    kinds = yaml.safe_load(FILE.read_text())["kinds"]
    kinds["Opportunity"].pop("same_names_at")
    kinds["Opportunity"]["fields"] = {
        "Name": "record.title",
        "StageName": {"path": "record.custom[key=stage].value", "values": {"Closed Won": 7}},
        "CloseDate": {"path": "record.closes", "notation": {"type": "date", "format": "%d/%m/%Y"}},
        "Amount": {"path": "record.amount", "notation": {"type": "number", "decimal": ","}},
    }
    values = {"Name": "x", "StageName": "Closed Won", "CloseDate": "2026-02-28", "Amount": 1234.5}
    toy = Toy()
    with connected(tmp_path, toy, {"kinds": kinds}) as (session, _):
        ref = Ref(by="prm_id", value=session.call("submit", "Opportunity", values).prm_id)
        assert session.call("read", "Opportunity", ref).fields == values | {"Amount": "1234.5"}
        toy.deals[0].fields["closes"] = "31/02/2026"
        assert session.call("read", "Opportunity", ref).fields["CloseDate"] == "31/02/2026"
    assert toy.deals[0].fields["custom"] == [{"key": "stage", "value": 7}]
    assert toy.deals[0].fields["amount"] == "1234,5"


def test_what_the_file_does_not_reach_says_nothing_about_the_product(tmp_path) -> None:
    with connected(tmp_path) as (session, _):
        assert session.info.capabilities[Capability.FILES].level is Level.NOT_IMPLEMENTED
        assert session.info.capabilities[Capability.ERRORS].level is Level.PARTIAL
        with pytest.raises(NotReached):
            session.call("retry", "1")
        with pytest.raises(NotSupported, match="describes no Lead"):
            session.call("submit", "Lead", {"LastName": "x"})


def test_cleanup_deletes_what_was_made_and_nothing_else(tmp_path) -> None:
    with connected(tmp_path, filled(1)) as (session, api):
        made = session.call("submit", "Opportunity", {"Name": "x"}).prm_id
        api.habits.break_with = lambda method, _: (204, None, {}) if method == "DELETE" else None
        session.call("cleanup", "run")
        session.call("cleanup", "run")
    assert [url for method, url in api.requests if method == "DELETE"] == [f"/objects/Opportunity/{made}"]


def test_operations_become_the_contracts_records(tmp_path) -> None:
    row = {
        "key": "e1",
        "when": "2026-01-02T03:04:05Z",
        "what": "no",
        "rec": {"kind": "Opportunity", "code": "REQUIRED"},
    }
    with connected(tmp_path, break_with=lambda *_: (200, {"items": [row]}, {})) as (session, _):
        (entry,) = session.call("list_errors")
    assert (entry.id, entry.message, entry.code) == ("e1", "no", "REQUIRED")
    assert entry.at == datetime.fromisoformat("2026-01-02T03:04:05Z")


# -- mistakes in the file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"base_ulr": "x"}, "unknown key 'base_ulr'; did you mean 'base_url'?"),
        ({"auth": {"type": "bearer"}}, "auth of type bearer needs 'token'"),
        ({"auth": {"type": "bearer", "token": "s3cret"}}, "auth.token: a secret stands in the file"),
        ({"auth": {"type": "bearer", "token": "${NO_SUCH_TOKEN}"}}, "set NO_SUCH_TOKEN in the environment"),
        ({"deal_target": "Lead"}, "deal_target 'Lead' is none of the kinds"),
        ({"paging": {"style": "cursor"}}, "paging by cursor needs"),
        ({"paging": {"style": "ofset"}}, "paging.style"),
        ({"cycle_seconds": 0}, "cycle_seconds"),
        ({"operations": {"sync_nwo": {"request": "POST /sync"}}}, "did you mean 'sync_now'?"),
        ({"base_url": "ftp:${PRM_URL}"}, "is no http or https address"),
        ({"contract": "9.0"}, "this harness is older"),
        (
            {"kinds": {"Opportunity": {"fields": {"Name": "a..b"}, "list": {"request": "GET /x"}}}},
            "is not a path",
        ),
    ],
)
def test_mistakes_are_one_line(tmp_path, changes, says) -> None:
    with pytest.raises(ConnectError) as caught, connected(tmp_path, changes=changes):
        pass
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"vendor: [", "line 1"),
        (b"vendor: a\nvendor: b\n", "line 2, column 1: the key 'vendor' is written twice"),
        (b"vendor: \xff\n", "not UTF-8 (byte 8)"),
        (b"- a\n", "holds no keys"),
    ],
)
def test_files_that_are_none(tmp_path, content, says) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    with pytest.raises(ConnectError) as caught:
        open_adapter(f"rest:{tmp_path / 'x.yaml'}")
    assert says in str(caught.value)


def test_a_variable_that_the_file_does_not_have() -> None:
    with pytest.raises(ConnectError, match="has no variable 'PRM_ULR'; did you mean 'PRM_URL'"):
        open_adapter(f"rest:{FILE}?PRM_URL=http://127.0.0.1:9&PRM_ULR=x")
    with pytest.raises(ConnectError, match="No such file"):
        open_adapter("rest:nowhere.yaml")
    with pytest.raises(ConnectError, match="names no file"):
        open_adapter("rest:")


# -- answers that are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, b"<html>Login</html>", {}), "not JSON (Expecting value, at 0): <html>Login</html>"),
        ((200, b'{"data": "\xff\xfe"}', {}), r"not UTF-8 (at 10)"),
        ((200, b'{"data": {"results": NaN}}', {}), "NaN is no JSON number"),
        ((200, b"[" * 100_000, {}), "nested too deeply"),
        ((200, {"data": {"results": {"id": 1}}}, {}), "no list of records at 'data.results', but a dict"),
        ((200, {"data": {"results": [1, 2]}}, {}), "no list of records"),
        ((200, {"data": {"results": [{"name": "x"}]}}, {}), "Opportunity without 'id'"),
        (
            (200, {"data": {"results": [{"id": 1}, {"id": 1}]}}, {}),
            "record '1' came twice, as number 1 and 2",
        ),
        ((200, {"success": False, "errors": [{"message": "not today"}]}, {}), "HTTP 200: not today"),
        ((500, b"Traceback: x", {}), "HTTP 500: Traceback: x"),
        ((302, b"", {"Location": "http://example.test/"}), "HTTP 302"),
        (b"garbage\r\n\r\n", "no answer"),
    ],
)
def test_broken_answers_are_faults_that_show_the_bytes(tmp_path, answer, says) -> None:
    with (
        connected(tmp_path, break_with=lambda *_: answer) as (session, _),
        pytest.raises(AdapterFault) as caught,
    ):
        names(session)
    assert caught.value.operation == "list"
    assert says in caught.value.what
    assert len(caught.value.what) <= 300
