"""PushTopics: rows with a query each; whoever subscribes is told of saves that the query selects (contract §10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from prm_harness.crm.backend import RowChange
from prm_harness.crm.history import View
from prm_harness.crm.org.errors import QueryError, SandboxGapError
from prm_harness.crm.salesforce.streaming.bus import Bus

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

_QUERY: Final = re.compile(
    r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<sobject>\w+)\s*(?:WHERE\s+(?P<where>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_WORD: Final = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*")
_KINDS: Final = {"create": "created", "update": "updated", "delete": "deleted", "undelete": "undeleted"}


class PushTopics:
    """Watches saves for the active PushTopics; without any it does nothing."""

    def __init__(self, org: Org, bus: Bus) -> None:
        self._org = org
        self._bus = bus
        self._known: dict[str, dict[str, Any]] = {}

    def is_active(self, name: str) -> bool:
        """Whether there is an active PushTopic of that name."""
        return name in self._known

    def committed(self, changes: View) -> None:
        """Tell of these changes what the topics select."""
        if changes.touches("PushTopic"):
            self._reload()
        for name, topic in self._known.items():
            for change in changes:
                if change.operation in _KINDS:
                    self._tell(name, topic, change)

    def _reload(self) -> None:
        found = self._org.query(
            "SELECT Name, Query, NotifyForFields, NotifyForOperationCreate, NotifyForOperationUpdate, "
            "NotifyForOperationDelete, NotifyForOperationUndelete FROM PushTopic WHERE IsActive = true",
            user=self._org.admin_id,
        )
        self._known = {row["Name"]: row for row in found.records}

    def _tell(self, name: str, topic: dict[str, Any], change: RowChange) -> None:
        query = _QUERY.fullmatch(topic["Query"] or "")
        if query is None or query["sobject"].lower() != change.sobject.lower():
            return
        if not topic[f"NotifyForOperation{change.operation.capitalize()}"]:
            return
        if change.operation == "update" and not _notifies(query, topic["NotifyForFields"], change):
            return
        row = {"Id": change.record_id} if change.operation == "delete" else self._selected(query, change)
        if row is None:
            return
        kind, at = _KINDS[change.operation], change.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self._bus.notice(
            name, lambda n: {"event": {"createdDate": at, "replayId": n, "type": kind}, "sobject": row}
        )

    def _selected(self, query: re.Match[str], change: RowChange) -> dict[str, Any] | None:
        """The row as the topic's query shows it, if it selects it."""
        also = f" AND ({query['where']})" if query["where"] else ""
        soql = f"SELECT {query['fields']} FROM {query['sobject']} WHERE Id = '{change.record_id}'{also}"
        try:
            rows = self._org.query(soql, user=self._org.admin_id).records
        except (QueryError, SandboxGapError):
            return None
        return {k: v for k, v in rows[0].items() if k != "attributes"} if rows else None


def _notifies(query: re.Match[str], fields: str | None, change: RowChange) -> bool:
    """``NotifyForFields``: All saves, or those that changed a field of SELECT, of WHERE, or of either (Referenced)."""
    if fields == "All":
        return True
    parts = {"Select": (query["fields"],), "Where": (query["where"],)}
    clauses = parts.get(fields or "", (query["fields"], query["where"]))
    named = {word.lower() for clause in clauses if clause for word in _WORD.findall(clause)}
    return any(name.lower() in named for name in change.fields)
