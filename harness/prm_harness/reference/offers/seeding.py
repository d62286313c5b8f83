"""Records of its own before any CRM is connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from prm_harness.adapter import NotSupported, Outcome
from prm_harness.reference.installation import Installation


class HasSeeds(Installation):
    """The operation."""

    def seed(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Outcome]:
        """See the contract."""
        with self._lock:
            if self._core is not None:
                raise NotSupported("seed", "the portal is connected to a CRM already")
            made = []
            for values in rows:
                prm_id = f"prm-seed-{uuid4().hex[:12]}"
                self._seeds.put(prm_id, kind, values)
                made.append(Outcome(state="accepted", prm_id=prm_id))
            return made
