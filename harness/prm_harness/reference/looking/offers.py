"""What a window offers besides records: the CRM's own files, choices and bin, and the little that is its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Final

from prm_harness.adapter import (
    ApiUsage,
    Configuration,
    FileContent,
    FileInfo,
    Filter,
    Outcome,
    Ref,
    Step,
    StepLog,
)
from prm_harness.reference.entry import refused
from prm_harness.reference.offers.flows import ACCEPTED, passed_to, turned_down
from prm_harness.reference.offers.usage import DAY
from prm_harness.reference.shape.segments import quoted
from prm_harness.reference.syncing.problems import CrmProblem

from .window import Window

FORMAT: Final = "reference-window-config-1"


class WindowOffers(Window):
    """Everything is asked of the CRM while somebody waits; what it refuses is refused in its words."""

    # -- write --------------------------------------------------------------------------------------------------

    def undelete(self, kind: str, ref: Ref) -> Outcome:
        """See the contract; by id, as the bin shows it."""
        with self._lock:
            live = self._connected("undelete")
            if ref.by == "name" or live.in_bin(kind, ref.value) is None:
                return refused(f"there is no such {kind} in the bin")
            return live.undelete(ref.value)

    # -- files --------------------------------------------------------------------------------------------------

    def attach(self, kind: str, ref: Ref, file: FileContent, *, as_partner: str | None = None) -> Outcome:
        """See the contract; in the CRM at once."""
        with self._lock:
            live = self._connected("attach")
            try:
                record = live.find(kind, ref, as_partner)
                if record is None:
                    return refused(f"there is no such {kind}")
                version = live.crm.create(
                    "ContentVersion",
                    {
                        "Title": file.name.rpartition(".")[0] or file.name,
                        "PathOnClient": file.name,
                        "VersionData": base64.b64encode(file.content).decode("ascii"),
                        "FirstPublishLocationId": record.prm_id,
                    },
                )
            except CrmProblem as problem:
                return Outcome(state="unknown" if problem.lost else "rejected", messages=(str(problem),))
            return Outcome(state="accepted", prm_id=version)

    def list_files(self, kind: str, ref: Ref) -> Sequence[FileInfo]:
        """See the contract; nothing while the CRM does not answer."""
        with self._lock:
            live = self._connected("list_files")
            try:
                record = live.find(kind, ref)
                if record is None:
                    return ()
                links = (
                    "SELECT ContentDocumentId FROM ContentDocumentLink "
                    f"WHERE LinkedEntityId = {quoted(record.prm_id)}"
                )
                ids = [row["ContentDocumentId"] for page in live.crm.pages(links) for row in page]
                if not ids:
                    return ()
                versions = (
                    "SELECT Id, PathOnClient, Title, ContentSize FROM ContentVersion "
                    f"WHERE IsLatest = true AND ContentDocumentId IN ({', '.join(map(quoted, ids))})"
                )
                rows = [row for page in live.crm.pages(versions) for row in page]
            except CrmProblem:
                return ()
        return [
            FileInfo(id=row["Id"], name=row["PathOnClient"] or row["Title"], size=row["ContentSize"])
            for row in rows
        ]

    def fetch_file(self, kind: str, ref: Ref, file_id: str) -> FileContent | None:
        """See the contract."""
        with self._lock:
            found = next((one for one in self.list_files(kind, ref) if one.id == file_id), None)
            if found is None:
                return None
            try:
                content = self._connected("fetch_file").crm.content(
                    f"sobjects/ContentVersion/{file_id}/VersionData"
                )
            except CrmProblem:
                return None
            return FileContent(name=found.name, content=content)

    # -- usage, configuration -----------------------------------------------------------------------------------

    def api_usage(self) -> ApiUsage:
        """See the contract."""
        with self._lock:
            self._connected("api_usage")
            return ApiUsage(calls=self._meter.calls(self._clock.mono() - DAY), window_seconds=DAY)

    def export_config(self) -> Configuration:
        """See the contract: the objects shown and their filters are all there is."""
        with self._lock:
            filters = self._live.filters if self._live is not None else {}
            content = {
                "objects": sorted(self._kinds),
                "filters": [rule.model_dump(mode="json") for rule in filters.values()],
            }
        return Configuration(format=FORMAT, content=json.dumps(content, indent=1, sort_keys=True))

    def import_config(self, configuration: Configuration) -> StepLog:
        """See the contract."""
        with self._lock:
            live = self._connected("import_config")
            if configuration.format != FORMAT:
                told = (
                    f"the configuration is of format {configuration.format!r}, this product reads {FORMAT!r}"
                )
                return StepLog(done=False, message=told)
            try:
                content = json.loads(configuration.content)
                rules = [Filter.model_validate(rule) for rule in content["filters"]]
                for kind in content["objects"]:
                    live.spec(kind)
                missing = [rule for rule in rules if rule.field not in live.spec(rule.kind).fields]
            except (CrmProblem, ValueError, LookupError, TypeError) as problem:
                return StepLog(done=False, message=str(problem))
            if missing:
                told = f"this CRM shows us no field {missing[0].field} on {missing[0].kind}"
                return StepLog(done=False, message=told)
            self._kinds |= set(content["objects"])
            live.filters.update({rule.kind: rule for rule in rules})
        step = Step(id="import", title="Upload the configuration", actor="admin", hands_on_minutes=2)
        return StepLog(done=True, steps=(step,))

    # -- flows --------------------------------------------------------------------------------------------------

    def assign_lead(self, ref: Ref, partner: str) -> Outcome:
        """See the contract."""
        with self._lock:
            return self._connected("assign_lead").update("Lead", ref, passed_to(partner), None)

    def answer_lead(self, ref: Ref, accepted: bool, *, as_partner: str, reason: str = "") -> Outcome:
        """See the contract."""
        with self._lock:
            live = self._connected("answer_lead")
            try:
                lead = live.find("Lead", ref, as_partner)
            except CrmProblem as problem:
                return refused(str(problem))
            if lead is None:
                return refused("there is no such Lead")
            if accepted:
                return live.update("Lead", ref, ACCEPTED, as_partner)
            return live.update("Lead", ref, turned_down(lead.shown, reason), None)
