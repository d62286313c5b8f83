"""``query?q=…&columns=true``: the columns of a statement, which the sf command line lays its tables out by.

The shape is that of sf's own reader: a parent path is an entry with ``joinColumns`` and ``aggregate`` false, a child
sub-select one with both, a function one with ``aggregate`` true and no joins.
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.soql import Query
from prm_harness.crm.soql.tree import AllFields, Call, Distance, Path, Selected, SubSelect, TypeOf

_APEX_TYPES: Final = {
    FieldType.ID: "Id",
    FieldType.REFERENCE: "Id",
    FieldType.BOOLEAN: "Boolean",
    FieldType.INT: "Integer",
    FieldType.DOUBLE: "Double",
    FieldType.CURRENCY: "Double",
    FieldType.PERCENT: "Double",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "Datetime",
    FieldType.TIME: "Time",
    FieldType.ADDRESS: "Address",
    FieldType.LOCATION: "Location",
    FieldType.BASE64: "Blob",
}
_NUMBERS: Final = frozenset({"Integer", "Double"})


def columns_of(query: Query, schema: Schema) -> dict[str, Any]:
    """The whole answer. The statement has been run before, so its names are known to be right."""
    sobject = schema.get(query.sobject)
    assert sobject is not None
    columns = _entries(query, sobject, schema)
    return {
        "columnMetadata": columns,
        "entityName": sobject.name,
        "groupBy": bool(query.group),
        "idSelected": any(column["columnName"] == "Id" for column in columns),
        "keyPrefix": sobject.key_prefix,
    }


def _entries(query: Query, sobject: SObjectType, schema: Schema) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    unnamed = 0
    for item in query.items:
        match item:
            case Selected(Path(text), alias):
                _add_path(entries, _steps(text, query, sobject), alias, sobject, schema)
            case Selected(Call(name, args), alias):
                shown = alias or (f"expr{unnamed}" if not _shows_a_field(name) else _last(args))
                unnamed += not alias and not _shows_a_field(name)
                entries.append(_entry(shown, name.lower(), None, aggregate=True))
            case Selected(Distance(), alias):
                entries.append(_entry(alias or f"expr{unnamed}", "distance", None, aggregate=True))
                unnamed += not alias
            case AllFields(scope):
                entries += [
                    _entry(field.name, field.name, field)
                    for field in sobject.fields.values()
                    if scope == "ALL" or field.custom == (scope == "CUSTOM")
                ]
            case TypeOf(relationship):
                entries.append(_entry(relationship, relationship, None))
            case SubSelect(inner):
                entries.append(_child(inner, sobject, schema))
    if query.counts_only:
        entries.append(_entry("count", "count", None, aggregate=True))
    return entries


def _steps(text: str, query: Query, sobject: SObjectType) -> list[str]:
    """A path's names, without the object's own name or alias in front."""
    first, *rest = text.split(".")
    for joined in query.joined:
        if rest and first.lower() == joined.alias.lower():
            return [*_steps(joined.path, query, sobject), *rest]
    own = {sobject.name.lower(), (query.alias or "").lower()}
    return rest if rest and first.lower() in own else [first, *rest]


def _add_path(
    entries: list[dict[str, Any]], steps: list[str], alias: str | None, sobject: SObjectType, schema: Schema
) -> None:
    if len(steps) == 1:
        field = sobject.field(steps[0])
        name = field.name if field else steps[0]
        entries.append(_entry(alias or name, name, field))
        return
    reference = next(
        (f for f in sobject.fields.values() if f.relationship_name.lower() == steps[0].lower()), None
    )
    name = reference.relationship_name if reference else steps[0]
    parent = next(
        (entry for entry in entries if entry["columnName"] == name and not entry["aggregate"]), None
    )
    if parent is None:
        parent = _entry(name, name, None)
        entries.append(parent)
    target = schema.get(reference.reference_to[0]) if reference else None
    _add_path(parent["joinColumns"], steps[1:], alias, target or sobject, schema)


def _child(inner: Query, sobject: SObjectType, schema: Schema) -> dict[str, Any]:
    wanted = inner.sobject.lower()
    child, name = next(
        (child, field.child_relationship)
        for child, field in schema.children_of(sobject.name)
        if field.child_relationship.lower() == wanted
    )
    entry = _entry(name, name, None, aggregate=True)
    entry["joinColumns"] = _entries(inner, child, schema)
    return entry


def _shows_a_field(function: str) -> bool:
    return function in {"TOLABEL", "FORMAT"}


def _last(args: tuple[Any, ...]) -> str:
    return args[0].text.rpartition(".")[2] if isinstance(args[0], Path) else "expr0"


def _entry(column: str, shown: str, field: Field | None, *, aggregate: bool = False) -> dict[str, Any]:
    apex = _APEX_TYPES.get(field.type, "String") if field else "String"
    return {
        "aggregate": aggregate,
        "apexType": apex,
        "booleanType": apex == "Boolean",
        "columnName": column,
        "custom": bool(field and field.custom),
        "displayName": shown,
        "foreignKeyName": None,
        "insertable": bool(field and field.createable and not field.calculated),
        "joinColumns": [],
        "numberType": apex in _NUMBERS,
        "textType": field is not None and apex == "String",
        "updatable": bool(field and field.updateable and not field.calculated),
    }
