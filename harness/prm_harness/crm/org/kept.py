"""The part of ``Org`` that outlives the process: what has to be known beside records and schema to go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.crm.org import keeping
from prm_harness.crm.org.access import Access
from prm_harness.crm.org.core import Core

_NAMED: Final = ("id", "admin_id", "sales_id", "integration_id")


class Kept:
    """An org's state as plain data, and back."""

    _core: Core
    access: Access

    def beside_the_records(self) -> dict[str, Any]:
        """What of the org's state is neither a record nor the schema, as plain data."""
        named = {name: getattr(self, name) for name in _NAMED}
        return {**named, "mint": self._core.mint.state, "governed": self.access.governed}

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Take up again what ``beside_the_records`` told."""
        for name in _NAMED:
            setattr(self, name, kept[name])
        self._core.mint.resume(kept["mint"])
        keeping.skip_what_is_there(self._core)
        self.access.governed = kept["governed"]
