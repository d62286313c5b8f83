"""Records that were in the portal before it met a CRM: recognised in what the CRM has, or created there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .entry import SAME
from .shape.fields import EXTERNAL_ID
from .store import Pending, PortalRecord
from .syncing.engine import Core


class Seeds:
    """Kept until the product is connected, then matched by name or address while the first load comes in."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, dict[str, Any]]] = []
        self._waiting: dict[tuple[str, str], list[str]] = {}
        """Portal ids by object and the value of the first field that the object is recognised by."""

    def put(self, prm_id: str, kind: str, values: Mapping[str, Any]) -> None:
        """One record, under an id that it keeps."""
        self._rows.append((prm_id, kind, dict(values)))

    def plant(self, core: Core) -> None:
        """The product has its database now: there they are, not yet known to the CRM."""
        for prm_id, kind, values in self._rows:
            record = PortalRecord(kind, prm_id, shown=dict(values), run_id=core.run_id, local=True)
            core.store.save(record)
            if core.policy.matches_existing and kind in SAME:
                first = str(values.get(SAME[kind][0])).casefold()
                self._waiting.setdefault((kind, first), []).append(prm_id)

    def twin(self, core: Core, kind: str, row: Mapping[str, Any]) -> PortalRecord | None:
        """The portal's own record of what the CRM has just shown, once."""
        if not self._waiting or kind not in SAME:
            return None
        alike = self._waiting.get((kind, str(row.get(SAME[kind][0])).casefold()), [])
        key = _key(kind, row, core) if alike else None
        for prm_id in alike:
            record = core.store.get(prm_id)
            if record is not None and key is not None and _key(kind, record.shown, core) == key:
                alike.remove(prm_id)
                return record
        return None

    def create_rest(self, core: Core) -> None:
        """The first load is over: what the CRM did not have is created there, what it left blank is filled."""
        for prm_id, kind, values in self._rows:
            record = core.store.get(prm_id)
            carried = core.types.get(kind)
            if record is None or carried is None:
                continue
            known = {name: value for name, value in values.items() if name in carried.spec.fields}
            if record.crm_id is not None:
                blank = {n: v for n, v in known.items() if record.base.get(n) is None and v is not None}
                if blank:
                    record.shown |= blank
                    core.store.save(record)
                    core.queue(record, blank, "portal admin")
                continue
            if carried.spec.external_id and core.policy.repeatable_creates:
                known.setdefault(EXTERNAL_ID, prm_id)
            core.store.put_pending(Pending(prm_id, kind, "create", known, actor="portal admin"))
        self._rows.clear()
        self._waiting.clear()


def _key(kind: str, values: Mapping[str, Any], core: Core) -> tuple[Any, ...] | None:
    names = SAME.get(kind, ())
    key = []
    for name in names:
        value = values.get(name)
        if not isinstance(value, str) or not value:
            return None
        other = core.store.get(value) if name.endswith("Id") else None
        value = (other.crm_id or value) if other else value
        key.append(value[:15] if name.endswith("Id") else value.casefold())
    return tuple(key) or None
