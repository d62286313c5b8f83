"""The part of ``Org`` that has to do with files: what outlives the process, and objects taken over from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from prm_harness.crm.org import files, keeping
from prm_harness.crm.org.admin import complete, free_prefix
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.event_channels import EventChannels
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.schema import SharingSet, SObjectType
from prm_harness.crm.org.thawing import thawed

_NAMED: Final = ("id", "admin_id", "sales_id", "integration_id")


class Kept:
    """An org's state as plain data, and back."""

    _core: Core
    access: Access
    event_channels: EventChannels

    def adopt(self, obj: SObjectType) -> None:
        """Take over a whole object: its fields are all that it has. One of that name is replaced, with its rows."""
        core = self._core
        done = {name: complete(field) for name, field in obj.fields.items()}
        taken = {o.key_prefix for o in core.schema.objects.values() if o.name != obj.name}
        new = replace(obj, fields=done)
        if new.custom and (
            new.key_prefix is None or new.key_prefix in taken
        ):  # standard ones may share theirs
            new.key_prefix = free_prefix(core, "a")
        core.store.replace_table(new)
        core.schema.put(new)
        if "RecordType" in core.schema.objects:
            core.store.connection.execute('DELETE FROM "RecordType" WHERE "SobjectType" = ?', (new.name,))
        if new.custom:
            files.admit(core, new)

    def plant_many(self, sobject: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
        """Write rows, given as columns hold them, as if the org had always had them; returns their ids.

        No rule runs, no change is logged, nobody is told.
        """
        core = self._core
        plan = core.plan(sobject)
        ids = core.mint.take(plan.obj.key_prefix or "000", len(rows))
        named = set(columns)
        defaults = {name: value for name, value in plan.defaults.items() if name not in named}
        rest = tuple(defaults.values())
        with core.journal.transaction():
            core.store.insert_many(
                sobject,
                ("Id", *columns, *defaults),
                [(record_id, *row, *rest) for record_id, row in zip(ids, rows, strict=True)],
            )
        return ids

    def beside_the_records(self) -> dict[str, Any]:
        """What of the org's state is neither a record nor the schema, as plain data."""
        named = {name: getattr(self, name) for name in _NAMED}
        return {
            **named,
            "mint": self._core.mint.state,
            "governed": self.access.governed,
            "closed": self.access.closed,
            "row_limits": self.access.row_limits,
            "record_types": self._core.schema.record_types,
            "partners": self._core.schema.partners,
            "sharing_sets": {name: asdict(one) for name, one in self._core.schema.sharing_sets.items()},
            "event_channels": self.event_channels.as_data(),
        }

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Take up again what ``beside_the_records`` told."""
        for name in _NAMED:
            setattr(self, name, kept[name])
        self._core.mint.resume(kept["mint"])
        keeping.skip_what_is_there(self._core)
        self.access.governed = kept["governed"]
        self.access.closed = kept.get("closed", ())
        self.access.row_limits = kept.get("row_limits", False)
        self._core.schema.partners = kept.get("partners", False)
        self._core.schema.sharing_sets = {
            name: thawed(SharingSet, one) for name, one in kept.get("sharing_sets", {}).items()
        }
        self._core.schema.record_types = {
            holder: {name: tuple(ids) for name, ids in own.items()}
            for holder, own in kept.get("record_types", {}).items()
        }
        self.event_channels.resume(kept["event_channels"])
