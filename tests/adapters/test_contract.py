"""The contract itself: eight operations that everyone has, small protocols for the rest, versions, what crosses the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, get_type_hints

import pytest
from toy import Toy

from prm_harness.adapter import (
    CONTRACT_VERSION,
    CORE_OPERATIONS,
    OPERATIONS,
    Capability,
    Configuration,
    CrmConnection,
    FileContent,
    FileInfo,
    MappingRow,
    NotificationSink,
    NotReached,
    NotSupported,
    Outcome,
    PrmAdapter,
    Ref,
    Session,
    StepLog,
)
from prm_harness.adapter.codec import ALL_OPERATIONS, READING, shape
from prm_harness.adapter.contract import argument_too_new_for, too_new_for
from prm_harness.adapter.http_client import http_adapter
from prm_harness.adapter.http_server import serving
from prm_harness.adapter.operations import ADDED, ADDED_ARGUMENTS, PROTOCOLS

NOBODY = Ref(by="name", value="nobody")


class Richer(Toy):
    """A toy with files, a mapping and an export."""

    files: Mapping[str, FileContent] = {}
    rows: Sequence[MappingRow] = ()

    def attach(self, kind: str, ref: Ref, file: FileContent, *, as_partner: str | None = None) -> Outcome:
        self.files = {**self.files, f"file-{len(self.files)}": file}
        return Outcome(state="accepted", prm_id=f"file-{len(self.files) - 1}")

    def list_files(self, kind: str, ref: Ref) -> Sequence[FileInfo]:
        return [FileInfo(id=key, name=file.name, size=len(file.content)) for key, file in self.files.items()]

    def fetch_file(self, kind: str, ref: Ref, file_id: str) -> FileContent | None:
        return self.files.get(file_id)

    def set_mapping(self, kind: str, rows: Sequence[MappingRow]) -> StepLog:
        self.rows = rows
        return StepLog(done=True)

    def get_mapping(self, kind: str) -> Sequence[MappingRow]:
        return self.rows

    def undelete(self, kind: str, ref: Ref) -> Outcome:
        raise NotReached("undelete", "the recycle bin has no API")

    def export_config(self) -> Configuration:
        return Configuration(format="toy", content='{"ö": 1}')


def test_the_core_stays_at_eight() -> None:
    assert len(CORE_OPERATIONS) == 8
    assert PrmAdapter.__abstractmethods__ == set(CORE_OPERATIONS)


def test_every_capability_has_a_protocol_and_every_operation_one_capability() -> None:
    assert set(PROTOCOLS) == set(Capability) == set(OPERATIONS.values())
    names = [name for protocol in PROTOCOLS.values() for name in vars(protocol) if name in OPERATIONS]
    assert len(names) == len(set(names)) == len(OPERATIONS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_what_nobody_implemented_is_refused_by_name(operation: str) -> None:
    arguments = dict.fromkeys(shape(operation).arguments)
    with pytest.raises(NotSupported) as caught:
        getattr(Toy(), operation)(**arguments)
    assert caught.value.operation == operation
    assert not isinstance(caught.value, NotReached)


def test_what_came_later_is_known() -> None:
    added = [operation for operations in ADDED.values() for operation in operations]
    assert len(added) == len(set(added))
    assert set(added) <= set(OPERATIONS)
    for operations in ADDED_ARGUMENTS.values():
        for operation, arguments in operations.items():
            optional = shape(operation).signature.parameters
            assert all(optional[name].default is None for name in arguments)
    assert argument_too_new_for("1.1", "backfill", "since") == "1.2"
    assert argument_too_new_for("1.2", "backfill", "since") is None
    assert argument_too_new_for("1.0", "backfill", "kind") is None
    assert max(ADDED) == CONTRACT_VERSION
    assert too_new_for("1.0", "attach") == "1.1"
    assert too_new_for("1.1", "attach") is None
    assert too_new_for("1.0", "update") is None


def test_reading_operations_are_operations() -> None:
    assert set(ALL_OPERATIONS) > READING


def test_an_older_adapter_is_not_asked_for_what_came_later() -> None:
    session = Session(Richer(version="1.0"))
    with pytest.raises(NotReached, match=r"came with contract 1\.1, and the adapter speaks 1\.0"):
        session.call("list_files", "Opportunity", NOBODY)
    assert list(Session(Richer()).call("list_files", "Opportunity", NOBODY)) == []


class OfBefore(Toy):
    """Written for contract 1.1: two arguments fewer."""

    asked: ClassVar[list[Any]] = []

    def backfill(self, kind: str, fields: Sequence[str]) -> StepLog:  # type: ignore[override]
        self.asked.append(kind)
        return StepLog(done=True)


@pytest.mark.parametrize("over_http", [False, True])
def test_an_older_adapter_is_not_given_an_argument_that_came_later(over_http: bool) -> None:
    old = OfBefore(version="1.1")
    with serving(old) as url:
        session = Session(http_adapter(url) if over_http else old)
        old.asked.clear()
        assert session.call("backfill", "Lead", ["Name"], since=None).done
        with pytest.raises(
            NotReached, match=r"its since came with contract 1\.2, and the adapter speaks 1\.1"
        ):
            session.call("backfill", "Lead", ["Name"], since=datetime(2026, 1, 1, tzinfo=UTC))
        with pytest.raises(NotReached, match="its ref came with"):
            session.call("list_sync_history", ref=NOBODY)
        with pytest.raises(NotReached, match=r"came with contract 1\.2"):
            session.call("notification_sink", NotificationSink(url="http://127.0.0.1:9/"))
    assert old.asked == ["Lead"]


@pytest.mark.parametrize("content", [b"", bytes(range(256)), "Angebot für Zürich".encode("utf-16")])
def test_files_cross_byte_for_byte_in_process_and_over_http(content: bytes) -> None:
    with serving(Richer()) as url:
        for session in (Session(Richer()), Session(http_adapter(url))):
            file = FileContent(name="Angebot №1.pdf", content=content)
            made = session.call("attach", "Opportunity", NOBODY, file)
            assert session.call("fetch_file", "Opportunity", NOBODY, made.prm_id) == file
            (listed,) = session.call("list_files", "Opportunity", NOBODY)
            assert (listed.name, listed.size) == (file.name, len(content))
            assert session.call("fetch_file", "Opportunity", NOBODY, "none") is None


def test_a_mapping_has_directions_for_create_and_update() -> None:
    row = MappingRow(field="NextStep", on_create="to_crm", on_update="none", values={"Won": "Gewonnen"})
    with serving(Richer()) as url:
        session = Session(http_adapter(url))
        assert session.call("set_mapping", "Opportunity", [row]).done
        assert session.call("get_mapping", "Opportunity") == [row]
        assert session.call("export_config").content == '{"ö": 1}'


def test_not_reached_crosses_as_such() -> None:
    with serving(Richer()) as url, pytest.raises(NotReached, match="recycle bin has no API"):
        http_adapter(url).undelete("Opportunity", NOBODY)


def test_no_secret_of_the_connection_is_in_its_text() -> None:
    secrets: dict[str, Any] = {"password": "pa55", "security_token": "tok3n", "client_secret": "s3cret"}
    crm = CrmConnection(login_url="http://x", username="u", client_id="c", run_id="r", **secrets)
    assert not [secret for secret in secrets.values() if secret in repr(crm) + str(crm)]
    assert set(crm.secrets) == set(secrets.values())


def test_every_argument_and_result_has_a_type() -> None:
    for operation in OPERATIONS:
        hints = get_type_hints(getattr(PrmAdapter, operation))
        assert "return" in hints
        assert set(shape(operation).arguments) == set(hints) - {"return"}
