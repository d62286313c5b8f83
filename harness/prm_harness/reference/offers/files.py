"""Files on records: copied both ways, byte for byte, once their records have crossed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from prm_harness.adapter import FileContent, FileInfo, Outcome, Ref
from prm_harness.reference.installation import Installation
from prm_harness.reference.portal import Portal
from prm_harness.reference.shape.segments import quoted
from prm_harness.reference.syncing.engine import Core
from prm_harness.reference.syncing.problems import CrmProblem
from prm_harness.reference.syncing.reader import literal

_VERSION: Final = "ContentVersion"
_IDS_IN_A_QUERY: Final = 100
OVERLAP: Final = timedelta(minutes=5)


@dataclass(slots=True)
class PortalFile:
    """A file on a record of the portal. ``document`` is the CRM's id of it, None while it waits to be sent."""

    id: str
    record: str
    file: FileContent
    document: str | None = None
    refused: bool = False


class Cabinet:
    """The portal's files, and their way to and from the CRM.

    Args:
        core: what is shared.
        kinds: objects on whose records files are carried; empty: all.
    """

    def __init__(self, core: Core, kinds: frozenset[str]) -> None:
        self._core = core
        self._kinds = kinds
        self._files: dict[str, PortalFile] = {}
        self._watermark: datetime | None = None

    def put(self, record: str, file: FileContent) -> PortalFile:
        """Keep it; it is sent with the next sync."""
        made = PortalFile(f"file-{len(self._files) + 1:05}", record, file)
        self._files[made.id] = made
        return made

    def of(self, record: str) -> list[PortalFile]:
        """Files on a record, oldest first."""
        return [one for one in self._files.values() if one.record == record]

    def sync(self) -> None:
        """Send what waits, read what is new.

        Raises:
            CrmProblem: the CRM cannot be asked; nothing is lost.
        """
        if not self._core.policy.carries_files:
            return
        for one in [one for one in self._files.values() if one.document is None and not one.refused]:
            self._send(one)
        self._read()

    # -- to the CRM ---------------------------------------------------------------------------------------------

    def _send(self, one: PortalFile) -> None:
        record = self._core.store.get(one.record)
        if record is None or record.deleted or record.crm_id is None:
            return
        row = {
            "Title": one.file.name.rpartition(".")[0] or one.file.name,
            "PathOnClient": one.file.name,
            "VersionData": base64.b64encode(one.file.content).decode("ascii"),
            "FirstPublishLocationId": record.crm_id,
        }
        key = f"file:{one.id}"
        try:
            version = self._core.crm.create(_VERSION, row)
        except CrmProblem as problem:
            if problem.passing or problem.stops_all or self._core.policy.daily_limit(problem):
                raise
            one.refused = True
            now = self._core.clock.wall()
            if self._core.log.broken(now, key, problem, kind=record.kind):
                self._core.log.tell(now, "writes", f"{one.file.name} was refused", str(problem))
            return
        one.document = str(self._core.crm.retrieve(_VERSION, version)["ContentDocumentId"])
        self._core.log.solved(key)
        self._core.log.wrote(
            self._core.clock.wall(), record, "to_crm", [("File", None, one.file.name)], "integration"
        )

    # -- from the CRM -------------------------------------------------------------------------------------------

    def _read(self) -> None:
        since = f" AND SystemModstamp >= {literal(self._watermark - OVERLAP)}" if self._watermark else ""
        fields = "Id, ContentDocumentId, Title, PathOnClient, FileExtension, SystemModstamp"
        soql = f"SELECT {fields} FROM {_VERSION} WHERE IsLatest = true{since} ORDER BY SystemModstamp"
        rows = [row for page in self._core.crm.pages(soql) for row in page]
        known = {one.document for one in self._files.values()}
        new = [row for row in rows if row["ContentDocumentId"] not in known]
        for start in range(0, len(new), _IDS_IN_A_QUERY):
            self._take(new[start : start + _IDS_IN_A_QUERY])
        if rows:
            self._watermark = datetime.fromisoformat(rows[-1]["SystemModstamp"])

    def _take(self, rows: Sequence[dict[str, Any]]) -> None:
        by_document = {row["ContentDocumentId"]: row for row in rows}
        ids = ", ".join(quoted(one) for one in by_document)
        soql = f"SELECT ContentDocumentId, LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId IN ({ids})"
        for page in self._core.crm.pages(soql):
            for link in page:
                record = self._carried(link["LinkedEntityId"])
                if record is not None:
                    self._keep(record, by_document[link["ContentDocumentId"]])

    def _carried(self, crm_id: str) -> str | None:
        for kind in self._core.types:
            if self._kinds and kind not in self._kinds:
                continue
            record = self._core.store.by_crm_id(kind, crm_id)
            if record is not None and not record.deleted:
                return record.prm_id
        return None

    def _keep(self, record: str, row: dict[str, Any]) -> None:
        content = self._core.crm.content(f"sobjects/{_VERSION}/{row['Id']}/VersionData")
        made = self.put(record, FileContent(name=_name(row), content=content))
        made.document = row["ContentDocumentId"]


def _name(row: dict[str, Any]) -> str:
    path = str(row.get("PathOnClient") or "").replace("\\", "/").rpartition("/")[2]
    return (
        path or f"{row['Title']}.{row['FileExtension']}" if row.get("FileExtension") else path or row["Title"]
    )


class HasFiles(Installation):
    """The operations.

    Attributes:
        file_kinds: objects on whose records files are carried; empty: all.
    """

    file_kinds: ClassVar[frozenset[str]] = frozenset()
    _files: Cabinet | None = None

    def attach(self, kind: str, ref: Ref, file: FileContent, *, as_partner: str | None = None) -> Outcome:
        """See the contract; stored at once, sent with the next sync."""
        with self._lock:
            cabinet = self._cabinet("attach")
            record = Portal(self._connected("attach")).read(kind, ref, as_partner)
            if record is None:
                return Outcome(state="rejected", messages=(f"there is no such {kind}",))
            if self.file_kinds and kind not in self.file_kinds:
                return Outcome(state="rejected", messages=(f"no files can be attached to {kind}",))
            return Outcome(state="accepted", prm_id=cabinet.put(record.prm_id, file).id)

    def list_files(self, kind: str, ref: Ref) -> Sequence[FileInfo]:
        """See the contract."""
        with self._lock:
            found = self._on(kind, ref, "list_files")
            return [
                FileInfo(
                    id=one.id, name=one.file.name, size=len(one.file.content), media_type=one.file.media_type
                )
                for one in found
            ]

    def fetch_file(self, kind: str, ref: Ref, file_id: str) -> FileContent | None:
        """See the contract."""
        with self._lock:
            return next((one.file for one in self._on(kind, ref, "fetch_file") if one.id == file_id), None)

    def _sync_files(self) -> None:
        self._cabinet("sync").sync()

    def _on(self, kind: str, ref: Ref, operation: str) -> list[PortalFile]:
        record = Portal(self._connected(operation)).read(kind, ref)
        return [] if record is None else self._cabinet(operation).of(record.prm_id)

    def _cabinet(self, operation: str) -> Cabinet:
        if self._files is None:
            self._files = Cabinet(self._connected(operation), self.file_kinds)
        return self._files
