"""The mapping screen: a row a field, with directions for create and update, and whose value stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from prm_harness.adapter import MappingRow, NotSupported, SourceOfTruth, Step, StepLog
from prm_harness.reference.installation import Installation
from prm_harness.reference.shape.fields import TypeSpec
from prm_harness.reference.syncing.engine import Carried


class HasMappingRows(Installation):
    """The operations.

    Attributes:
        map_step: what changing one row takes.
        chooses_winner: whether the admin says whose value stands.
    """

    map_step: ClassVar[Step]
    chooses_winner: ClassVar[bool] = True

    def get_mapping(self, kind: str) -> Sequence[MappingRow]:
        """See the contract."""
        with self._lock:
            carried = self._carried("get_mapping", kind)
            if carried is None:
                return ()
            return [
                carried.rows.get(name, MappingRow(field=name, prm_field=_own(name)))
                for name in carried.spec.fields
            ]

    def set_mapping(self, kind: str, rows: Sequence[MappingRow]) -> StepLog:
        """See the contract; takes effect at the next sync."""
        with self._lock:
            carried = self._carried("set_mapping", kind)
            if carried is None:
                return StepLog(done=False, message=f"the portal has no {kind}")
            if missing := [row.field for row in rows if row.field not in carried.spec.fields]:
                return StepLog(
                    done=False, message=f"{missing[0]} is not mapped on {kind}; add the field first"
                )
            carried.rows |= {row.field: row for row in rows}
        return StepLog(done=True, steps=(self.map_step,) * len(rows))

    def source_of_truth(self, kind: str) -> SourceOfTruth:
        """See the contract."""
        with self._lock:
            carried = self._carried("source_of_truth", kind)
            winner = carried.winner if carried is not None else "crm"
        return SourceOfTruth(winner=winner, settable=self.chooses_winner)

    def set_source_of_truth(self, kind: str, winner: Literal["crm", "prm", "newest"]) -> StepLog:
        """See the contract; times are not compared, so there is no "newest"."""
        if not self.chooses_winner:
            raise NotSupported("set_source_of_truth", "the CRM's value stands")
        with self._lock:
            carried = self._carried("set_source_of_truth", kind)
            if carried is None or winner == "newest":
                what = f"the portal has no {kind}" if carried is None else "the product compares no times"
                return StepLog(done=False, message=what)
            carried.winner = winner
        step = Step(id="winner", title=f"Say whose {kind} stands", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))

    def _carried(self, operation: str, kind: str) -> Carried | None:
        core = self._connected(operation)
        if kind not in core.types and kind in self._specs_at_setup():
            core.types[kind] = Carried(self._specs_at_setup()[kind])
        return core.types.get(kind)

    def _specs_at_setup(self) -> dict[str, TypeSpec]:
        """What will be carried, before the first load."""
        return {}


def _own(name: str) -> str:
    """The product's own name of a field: words instead of an API name."""
    return name.removesuffix("__c").replace("_", " ")
