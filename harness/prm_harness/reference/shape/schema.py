"""Keeping the product's picture of an object like the CRM's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prm_harness.reference.syncing.engine import Carried, Core
from prm_harness.reference.syncing.problems import CrmProblem

from .fields import TypeSpec, from_describe


class SchemaCopy:
    """Copies objects by their describe, and follows what admins do to them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def add(self, *kinds: str) -> None:
        """Start to carry objects; their history comes with the next sync.

        Raises:
            CrmProblem: the CRM does not show one of them to us.
        """
        for kind, answer in self._core.crm.describes(kinds).items():
            if isinstance(answer, CrmProblem):
                raise answer
            self._core.types[kind] = Carried(self._spec(answer))

    def look(self) -> None:
        """Compare every carried object with the CRM's describe, if the product does that by itself."""
        if self._core.policy.follows_schema:
            self.refresh(*self._core.types)

    def refresh(self, *kinds: str) -> None:
        """Compare objects; a new field is filled for all records at the next read, a lost one is announced."""
        for kind, answer in self._core.crm.describes(kinds).items():
            if isinstance(answer, CrmProblem):
                if answer.status != 404:
                    raise answer
                announce_lost(self._core, kind, answer, None)
            else:
                self._compare(self._core.types[kind], self._spec(answer))

    def _compare(self, carried: Carried, fresh: TypeSpec) -> None:
        kind, log, now = fresh.kind, self._core.log, self._core.clock.wall()
        added = fresh.fields.keys() - carried.spec.fields.keys()
        before = carried.spec.fields
        revalued = any(
            before[name].values != field.values for name, field in fresh.fields.items() if name in before
        )
        for name in sorted(carried.spec.fields.keys() - fresh.fields.keys()):
            announce_lost(self._core, kind, _lost(kind, name), name)
        for name in sorted(added):
            log.solved(f"field:{kind}.{name}")
            log.tell(now, "schema", f"New field {kind}.{name}", "It is in the portal now.")
        for name, field in fresh.fields.items():
            if name in added or before[name].later:
                fresh.fields[name] = replace(field, later=True)
        if not self._core.policy.keeps_retyped:
            self._empty(carried, fresh)
        carried.spec = fresh
        missed = (added and self._core.policy.backfills) or (revalued and self._core.policy.follows_values)
        if missed and carried.watermark:
            carried.read_again()

    def _empty(self, carried: Carried, fresh: TypeSpec) -> None:
        known = carried.spec.fields
        retyped = [n for n, field in fresh.fields.items() if n in known and known[n].type != field.type]
        for record in self._core.store.alive(fresh.kind) if retyped else ():
            record.shown |= dict.fromkeys(retyped)
            self._core.store.save(record)

    def _spec(self, describe: Mapping[str, Any]) -> TypeSpec:
        spec = from_describe(describe)
        spec.fields = {name: field for name, field in spec.fields.items() if self._core.policy.carries(field)}
        if (most := self._core.policy.most_fields) is not None:
            spec.fields = dict(list(spec.fields.items())[:most])
        return spec


def announce_lost(core: Core, kind: str, problem: CrmProblem, field: str | None) -> None:
    """Tell the admin that a field or an object is gone, once."""
    now = core.clock.wall()
    if not core.policy.logs_lost_fields:
        return
    if core.log.broken(now, f"field:{kind}.{field}", problem, kind=kind, field=field):
        core.log.tell(now, "schema", f"{kind}.{field or '*'} is gone from the CRM", problem.message)


def _lost(kind: str, name: str) -> CrmProblem:
    return CrmProblem("INVALID_FIELD", f"{name} no longer exists on {kind}, or we may not see it", [name])
