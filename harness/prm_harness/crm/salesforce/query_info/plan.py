"""``query?explain=…``: the plans that the optimizer would weigh, the best one first.

Keys and operation names are the vendor's (REST API, query performance feedback). Costs are estimates by its published
rule of thumb, by which a filter is worth an index up to a third of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prm_harness.crm.org.schema import FieldType, Schema, SObjectType
from prm_harness.crm.soql import Query
from prm_harness.crm.soql.tree import All, Comparison, Condition, Path, SemiJoin

_INDEXED: Final = frozenset(
    {"Id", "Name", "OwnerId", "CreatedDate", "SystemModstamp", "RecordTypeId", "Email"}
)
_SELECTIVE: Final = 0.3
_SCAN_COST: Final = 1.0


def plans_of(query: Query, schema: Schema, *, matching: int, rows: int) -> dict[str, Any]:
    """The whole answer, for a statement that ``matching`` of the object's ``rows`` rows fulfil."""
    sobject = schema.get(query.sobject)
    assert sobject is not None
    indexed: list[str] = []
    others: list[str] = []
    for name in dict.fromkeys(_filtered(query.where, sobject)):
        field = sobject.fields[name]
        is_indexed = (
            name in _INDEXED or field.unique or field.external_id or field.type is FieldType.REFERENCE
        )
        (indexed if is_indexed else others).append(name)
    plans = [_plan(sobject, "TableScan", [], matching, rows, _SCAN_COST, _notes(others, sobject))]
    if indexed:
        cost = round(matching / (_SELECTIVE * max(1, rows)), 3)
        plans.append(_plan(sobject, "Index", indexed, matching, rows, cost, []))
    return {"plans": sorted(plans, key=lambda plan: float(plan["relativeCost"]))}


def _filtered(condition: Condition | None, sobject: SObjectType) -> Iterator[str]:
    """Own fields that every row has to fulfil a condition on: an OR or a NOT helps no index."""
    match condition:
        case All(parts):
            for part in parts:
                yield from _filtered(part, sobject)
        case Comparison(Path(text)) | SemiJoin(Path(text)):
            field = sobject.field(text.rpartition(".")[2])
            if field is not None and text.count(".") == 0:
                yield field.name
        case _:
            return


def _notes(unindexed: list[str], sobject: SObjectType) -> list[dict[str, Any]]:
    if not unindexed:
        return []
    reason = "Not considering filter for optimization because unindexed"
    return [{"description": reason, "fields": unindexed, "tableEnumOrId": sobject.name}]


def _plan(
    sobject: SObjectType,
    kind: str,
    fields: list[str],
    matching: int,
    rows: int,
    cost: float,
    notes: list[Any],
) -> dict[str, Any]:
    return {
        "cardinality": matching,
        "fields": fields,
        "leadingOperationType": kind,
        "notes": notes,
        "relativeCost": cost,
        "sobjectCardinality": rows,
        "sobjectType": sobject.name,
    }
