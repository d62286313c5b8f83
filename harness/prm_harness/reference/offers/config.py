"""The configuration as a file that another org can be set up by."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from prm_harness.adapter import Configuration, Filter, MappingRow, Step, StepLog
from prm_harness.reference.installation import Installation
from prm_harness.reference.syncing.problems import CrmProblem

FORMAT: Final = "reference-prm-config-1"


class HasConfig(Installation):
    """The operations: interval, objects, filters and mapping rows. Credentials are not part of it.

    Attributes:
        move_step: what bringing it into another org takes.
    """

    move_step: ClassVar = Step(
        id="import", title="Upload the configuration", actor="admin", hands_on_minutes=2
    )

    def export_config(self) -> Configuration:
        """See the contract."""
        with self._lock:
            types = self._core.types if self._core is not None else {}
            content: dict[str, Any] = {
                "cycle_seconds": self._declared_cycle,
                "objects": {
                    kind: {
                        "filter": carried.filter.model_dump(mode="json") if carried.filter else None,
                        "rows": [row.model_dump(mode="json") for row in carried.rows.values()],
                    }
                    for kind, carried in types.items()
                },
            }
            if self._policy.exports_ids:
                content["record_types"] = {kind: carried.spec.record_types for kind, carried in types.items()}
        return Configuration(format=FORMAT, content=json.dumps(content, indent=1, sort_keys=True))

    def import_config(self, configuration: Configuration) -> StepLog:
        """See the contract; an object or field that the other org lacks is refused by name, and nothing is changed."""
        with self._lock:
            core = self._connected("import_config")
            try:
                content = _read(configuration)
                filters, rows = self._fitting(content)
            except (CrmProblem, ValueError) as problem:
                return StepLog(done=False, message=str(problem))
            for kind, rule in filters.items():
                core.types[kind].filter = rule
                core.types[kind].read_again()
            for kind, mapped in rows.items():
                core.types[kind].rows |= {row.field: row for row in mapped}
            self._declared_cycle = float(content["cycle_seconds"])
            self._scheduler.set_cycle(self._policy.cycle(self._declared_cycle))
        return StepLog(done=True, steps=(self.move_step,))

    def _fitting(self, content: dict[str, Any]) -> tuple[dict[str, Filter], dict[str, list[MappingRow]]]:
        core = self._connected("import_config")
        filters: dict[str, Filter] = {}
        rows: dict[str, list[MappingRow]] = {}
        for kind, told in content["objects"].items():
            if kind not in core.types:
                self._carry(kind)
            fields = core.types[kind].spec.fields
            rows[kind] = [MappingRow.model_validate(row) for row in told["rows"]]
            if told["filter"]:
                filters[kind] = Filter.model_validate(told["filter"])
            named = {row.field for row in rows[kind]} | ({filters[kind].field} if kind in filters else set())
            if missing := sorted(named - fields.keys()):
                raise ValueError(f"this CRM shows us no field {missing[0]} on {kind}")
        return filters, rows

    def _carry(self, kind: str) -> None:
        """An object that the exported configuration has and this product does not carry yet."""
        raise ValueError(f"this portal does not carry {kind}")


def _read(configuration: Configuration) -> dict[str, Any]:
    if configuration.format != FORMAT:
        raise ValueError(
            f"the configuration is of format {configuration.format!r}, this product reads {FORMAT!r}"
        )
    content = json.loads(configuration.content)
    if not isinstance(content, dict) or not {"cycle_seconds", "objects"} <= content.keys():
        raise ValueError("the configuration names no objects or no interval")
    return content
