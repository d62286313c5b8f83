"""``manual:``: what a person is asked, what is kept of it, and going on after a break."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from prm_harness.adapter import (
    AdapterFault,
    Capability,
    ConnectError,
    CrmConnection,
    Level,
    NotReached,
    NotSupported,
    Ref,
    Session,
    open_adapter,
)

FILE = """
vendor: Doubles
product: Hand-operated portal
version: "1"
sample: true
cycle_seconds: 900
kinds:
  Opportunity:
    label: Deal registration
    id_column: Deal ID
    crm_id_column: CRM ID
    fields:
      Name: Deal name
      StageName: {label: Stage, values: {Closed Won: Won}}
      Amount: {label: Value, notation: {type: number, decimal: ","}}
      NextStep: Next step
instructions:
  submit: Log in as the partner and choose "Register a deal".
  update: Open the deal and change it.
  delete: Open the deal and delete it.
  sync_now: Settings, Sync, "Now".
  sync_status: Settings, Sync.
  list_errors: Settings, Sync, Log.
setup:
  - {id: map, title: Map the fields, actor: admin, hands_on_minutes: 20, instructions: Settings → Mapping}
"""
CRM = CrmConnection(
    login_url="http://127.0.0.1:9", username="u", password="pa55word", security_token="t0ken99", client_id="c",
    client_secret="s3cret99", run_id="run-1",
)  # fmt: skip


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session with a person who gives these answers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hand.yaml").write_text(FILE)

    def session(*answers: str) -> Session:
        (tmp_path / "answers.txt").write_text(
            "".join(f"{line}\n" for line in ("# what the person types", *answers))
        )
        return Session(open_adapter("manual:hand.yaml?answers=answers.txt&folder=kept"))

    return session


def said(session: Session) -> str:
    return "\n".join(session._adapter._person._console.said)


def test_a_file_says_what_a_person_can_reach(asked) -> None:
    info = asked().info
    assert info.operated_by == "person"
    levels = {capability: info.capabilities[capability].level for capability in Capability}
    assert levels[Capability.SETUP] is Level.FULL
    assert levels[Capability.WRITE] is Level.PARTIAL
    assert levels[Capability.FILES] is Level.NOT_IMPLEMENTED


def test_submitting_shows_labels_and_an_import_file(asked, tmp_path) -> None:
    session = asked("a", "D-17", "Thank you")
    values = {"Name": "Müller; Söhne", "StageName": "Closed Won", "Amount": 12.5, "Unknown__c": 1}
    outcome = session.call("submit", "Opportunity", values, as_partner="001P")
    assert (outcome.state, outcome.prm_id, outcome.messages) == ("accepted", "D-17", ("Thank you",))
    assert "Deal name  Müller; Söhne\n   Stage      Won\n   Value      12,5" in said(session)
    assert 'choose "Register a deal"' in said(session)
    assert "the partner with CRM account 001P" in said(session)
    assert (
        tmp_path / "kept/submit-001.csv"
    ).read_text() == 'Deal name,Stage,Value\nMüller; Söhne,Won,"12,5"\n'


def test_a_record_is_typed_field_by_field(asked) -> None:
    session = asked("D-17", "006X", "Deal", "Won", "1.234,50", "-")
    record = session.call("read", "Opportunity", Ref(by="name", value="Deal"))
    assert record.fields == {"Name": "Deal", "StageName": "Closed Won", "Amount": "1234.50"}
    assert (record.prm_id, record.crm_id) == ("D-17", "006X")
    assert record.raw["shown"]["Amount"] == "1.234,50"
    assert asked("none").call("read", "Opportunity", Ref(by="name", value="Other")) is None


def test_a_list_is_an_export_which_is_kept(asked, tmp_path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes('\ufeffDeal ID,CRM ID,Deal name,Value\nD-1,006A,Ä,"1,5"\nD-2,,B,\n'.encode())
    session = asked("nowhere.csv", "hand.yaml", f"'{export}'")
    first, second = session.call("list", "Opportunity")
    assert (first.fields, first.crm_id) == ({"Name": "Ä", "Amount": "1.5"}, "006A")
    assert (second.fields, second.crm_id) == ({"Name": "B", "Amount": None}, None)
    assert "That is not it: nowhere.csv: No such file" in said(session)
    assert "hand.yaml has no column 'Deal ID'" in said(session)
    assert (tmp_path / "kept/evidence/001-export.csv").read_bytes() == export.read_bytes()


def test_notes_and_screenshots_are_kept_as_evidence(asked, tmp_path) -> None:
    (tmp_path / "shot.png").write_bytes(b"\x89PNG")
    session = asked(
        "note the button was grey", "file missing.png", "file shot.png", "?", "r", "Amount is required"
    )
    outcome = session.call("submit", "Opportunity", {"Name": "x"})
    assert outcome.state == "rejected"
    assert outcome.raw["notes"] == ["the button was grey"]
    digest = hashlib.sha256(b"\x89PNG").hexdigest()
    assert outcome.raw["files"] == [{"file": "evidence/001-shot.png", "bytes": 4, "sha256": digest}]
    assert "could not be kept: missing.png is no file" in said(session)
    assert "have a break" in said(session)


def test_a_break_loses_nothing(asked) -> None:
    values = {"Name": "x"}
    assert asked("break", "", "h", "D-9", "").call("submit", "Opportunity", values).state == "held"
    again = asked("")
    assert again.call("submit", "Opportunity", values).prm_id == "D-9"
    assert "Answered before the break" in said(again)
    assert "prm_id: D-9" in said(again)
    anew = asked("what?", "again", "a", "D-10", "")
    assert anew.call("submit", "Opportunity", values).prm_id == "D-10"
    other = asked("a", "D-11", "")
    assert other.call("submit", "Opportunity", {"Name": "y"}).prm_id == "D-11"


def test_a_half_written_line_is_forgotten(asked, tmp_path) -> None:
    asked("a", "D-1", "").call("submit", "Opportunity", {"Name": "x"})
    with (tmp_path / "kept/journal.ndjson").open("a") as file:
        file.write('{"key": "abc", "ans')
    assert asked("").call("submit", "Opportunity", {"Name": "x"}).prm_id == "D-1"


def test_credentials_are_shown_and_kept_nowhere(asked, tmp_path) -> None:
    session = asked("", "failed no such menu")
    session.call("connect", CRM)
    assert "pa55word" in said(session)
    kept = "".join(path.read_text() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    assert json.loads(kept)["operation"] == "connect"
    assert not [secret for secret in CRM.secrets if secret in kept]
    assert session.call("run_step", "map").message == "no such menu"


def test_what_cannot_be_done_is_said_by_the_person(asked) -> None:
    with pytest.raises(NotSupported, match="deals are for ever"):
        asked("cannot deals are for ever").call("delete", "Opportunity", Ref(by="prm_id", value="D-1"))
    with pytest.raises(NotReached, match="no licence"):
        asked("unreached no licence").call("delete", "Opportunity", Ref(by="prm_id", value="D-1"))
    with pytest.raises(NotReached, match="no instructions"):
        asked().call("retry", "1")


def test_other_operations(asked) -> None:
    ref = Ref(by="prm_id", value="D-1")
    assert asked("a", "", "gone").call("delete", "Opportunity", ref).messages == ("gone",)
    assert asked("a", "", "").call("update", "Opportunity", ref, {"Amount": 2}).state == "accepted"
    asked("", "admin", "1", "x", "0").call("sync_now")
    assert asked("what", "n", "bad login").call("sync_status").state == "reauth_required"
    assert [entry.message for entry in asked("first", "second", "").call("list_errors")] == [
        "first",
        "second",
    ]


def test_nobody_there_is_a_fault_that_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = Session(open_adapter("manual:"))
    with pytest.raises(AdapterFault, match=r"no terminal; run it in one .*answers=FILE"):
        session.call("submit", "Opportunity", {"Name": "x"})


def test_answers_that_run_out(asked) -> None:
    with pytest.raises(AdapterFault, match="used up at: What did the portal say"):
        asked().call("submit", "Opportunity", {"Name": "x"})


@pytest.mark.parametrize(
    ("export", "says"),
    [
        (b"Deal ID\nD-1\n\xff\n", "is not UTF-8"),
        (b"Deal ID,Deal name\n,x\n", "line 2 has nothing in the column 'Deal ID'"),
        (b"", "has no column 'Deal ID', but none"),
    ],
)
def test_exports_that_are_none(asked, tmp_path, export, says) -> None:
    (tmp_path / "export.csv").write_bytes(export)
    session = asked("export.csv", "none")
    assert session.call("list", "Opportunity") == []
    assert says in said(session)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("label: Deal registration", "lable: x"), "did you mean 'label'"),
        (("  sync_now:", "  sync_nwo:"), "did you mean 'sync_now'"),
        (("  sync_now:", "  get_mapping:"), "a person cannot answer this one"),
        (("cycle_seconds: 900", ""), "'cycle_seconds' is missing"),
    ],
)
def test_mistakes_are_one_line(tmp_path, change, says) -> None:
    (tmp_path / "hand.yaml").write_text(FILE.replace(*change))
    with pytest.raises(ConnectError) as caught:
        open_adapter(f"manual:{tmp_path / 'hand.yaml'}")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
