"""Records that became other ones: a converted lead, a merged account."""

from __future__ import annotations

from typing import Any

from prm_harness.reference.policy import Values
from prm_harness.reference.shape.fields import PARTNER_FIELD
from prm_harness.reference.store import PortalRecord

from .engine import Core
from .problems import CrmProblem


class Follower:
    """When a record became another one, what waits of it goes there, and the partner's credit with it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def follow(self) -> None:
        """Look at each record that was converted or merged since the last time."""
        for prm_id in self._core.to_follow:
            record = self._core.store.get(prm_id)
            if record is not None and record.successor is not None:
                self._move(record, *record.successor)
        self._core.to_follow.clear()

    def _move(self, record: PortalRecord, kind: str, crm_id: str) -> None:
        heir = self._core.store.by_crm_id(kind, crm_id)
        pending = self._core.store.pending(record.prm_id)
        fields: Any = self._core.types[kind].spec.fields if kind in self._core.types else {}
        if heir is not None and kind != record.kind:
            partner = record.shown.get(PARTNER_FIELD)
            if partner and PARTNER_FIELD in fields and not heir.shown.get(PARTNER_FIELD):
                self._change(heir, {PARTNER_FIELD: partner}, "integration")
        if pending is None:
            return
        self._core.store.drop_pending(record.prm_id)
        fitting = {n: v for n, v in pending.changes.items() if heir and n in fields and fields[n].updateable}
        if heir is not None and fitting:
            self._change(heir, fitting, pending.actor)
        left = sorted(set(pending.changes) - set(fitting))
        if left:
            problem = CrmProblem(
                "CANNOT_UPDATE_CONVERTED_LEAD", f"the record has become {kind} {crm_id}", left
            )
            self._core.log.failed(self._core.clock.wall(), record, problem, retriable=False)

    def _change(self, heir: PortalRecord, changes: Values, actor: str) -> None:
        heir.shown |= changes
        self._core.store.save(heir)
        self._core.queue(heir, changes, actor)
