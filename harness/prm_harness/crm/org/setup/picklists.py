"""Picklists as admins change them: values, what record types offer of them, what they depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, RecordType, SObjectType
from prm_harness.crm.store.store import quote

_PICKLISTS = frozenset({FieldType.PICKLIST, FieldType.MULTIPICKLIST, FieldType.COMBOBOX})
_PROCESS = {
    ("Opportunity", "StageName"): (
        "OpportunityStage",
        {"ForecastCategory": "Pipeline", "ForecastCategoryName": "Pipeline"},
    ),
    ("Lead", "Status"): ("LeadStatus", {}),
    ("Case", "Status"): ("CaseStatus", {}),
    ("Task", "Status"): ("TaskStatus", {}),
}
"""Picklists whose values have rows of their own, and what a new one says there."""


def add_value(
    core: Core, sobject: str, name: str, value: PicklistValue, record_types: Sequence[str] | None
) -> None:
    """See Org.add_picklist_value."""
    obj, field = _picklist(core, sobject, name)
    if any(known.value.lower() == value.value.lower() for known in field.picklist):
        raise SaveError.of(
            "DUPLICATE_VALUE",
            f"{field.label or field.name}: there is a value {value.value} already",
            field.name,
        )
    _put(core, obj, field, (*field.picklist, value))
    chosen = {_record_type(obj, one).developer_name for one in record_types or ()}
    for key, record_type in obj.record_types.items():
        narrowed = record_type.picklists.get(field.name)
        if narrowed is None:
            continue
        if record_types is None or record_type.developer_name in chosen:
            _narrow(obj, key, field.name, (*narrowed, value.value))
    process = _PROCESS.get((obj.name, field.name))
    if process is not None:
        from prm_harness.crm.org.admin import plant

        label = value.label or value.value
        table, facts = process
        plant(
            core,
            table,
            {"MasterLabel": label, "ApiName": value.value, "SortOrder": len(field.picklist) + 1, **facts},
        )
        if table == "OpportunityStage":
            plant_active = f'UPDATE {quote(table)} SET "IsActive" = 1 WHERE "ApiName" = ?'
            core.store.connection.execute(plant_active, (value.value,))
    core.schema.version += 1


def change_value(
    core: Core,
    sobject: str,
    name: str,
    value: str,
    *,
    label: str | None,
    rename: str | None,
    active: bool | None,
    user: str,
) -> None:
    """See Org.change_picklist_value."""
    obj, field = _picklist(core, sobject, name)
    old = _value(field, value)
    new = replace(
        old,
        value=rename or old.value,
        label=old.label if label is None else label,
        active=old.active if active is None else active,
    )
    if new.value != old.value and any(
        v.value.lower() == new.value.lower() for v in field.picklist if v is not old
    ):
        raise SaveError.of(
            "DUPLICATE_VALUE", f"{field.label}: there is a value {new.value} already", field.name
        )
    _put(core, obj, field, tuple(new if v is old else v for v in field.picklist))
    if new.value != old.value:
        _follow(core, obj, field, old.value, lambda text: new.value if text == old.value else text)
        _rewrite(core, obj, field, old.value, new.value, user=user, stamp=False)
    process = _PROCESS.get((obj.name, field.name))
    if process is not None:
        core.store.connection.execute(
            f'UPDATE {quote(process[0])} SET "ApiName" = ?, "MasterLabel" = ? WHERE "ApiName" = ?',
            (new.value, new.label or new.value, old.value),
        )
        if active is not None and process[0] == "OpportunityStage":
            core.store.connection.execute(
                'UPDATE "OpportunityStage" SET "IsActive" = ? WHERE "ApiName" = ?', (int(active), new.value)
            )
    core.schema.version += 1


def drop_value(
    core: Core, sobject: str, name: str, value: str, replacement: str | None, *, user: str
) -> None:
    """See Org.drop_picklist_value."""
    obj, field = _picklist(core, sobject, name)
    old = _value(field, value)
    if replacement is not None:
        replacement = _value(field, replacement).value
    _put(core, obj, field, tuple(v for v in field.picklist if v is not old))
    _follow(core, obj, field, old.value, lambda text: None if text == old.value else text)
    _rewrite(core, obj, field, old.value, replacement, user=user, stamp=True)
    process = _PROCESS.get((obj.name, field.name))
    if process is not None:
        core.store.connection.execute(f'DELETE FROM {quote(process[0])} WHERE "ApiName" = ?', (old.value,))
    core.schema.version += 1


def offer(core: Core, sobject: str, record_type: str, name: str, values: Sequence[str] | None) -> None:
    """See Org.offer_picklist_values."""
    obj, field = _picklist(core, sobject, name)
    chosen = _record_type(obj, record_type)
    known = None if values is None else tuple(_value(field, value).value for value in values)
    _narrow(obj, chosen.developer_name, field.name, known)
    core.schema.version += 1


def set_dependency(
    core: Core, sobject: str, name: str, controller: str, valid_for: Mapping[str, Sequence[str]]
) -> None:
    """See Org.set_dependency."""
    obj, field = _picklist(core, sobject, name)
    if not controller:
        core.schema.change_field(
            obj.name,
            field.name,
            controller="",
            picklist=tuple(replace(v, valid_for=()) for v in field.picklist),
        )
        return
    controlling = obj.field(controller)
    if controlling is None or controlling.type not in {FieldType.PICKLIST, FieldType.BOOLEAN}:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{controller} cannot control a picklist: it is no picklist or checkbox",
        )
    known = (
        ["false", "true"]
        if controlling.type is FieldType.BOOLEAN
        else [v.value for v in controlling.picklist]
    )
    unknown = sorted(set(valid_for) - set(known))
    if unknown:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{controlling.name} has no value {', '.join(unknown)}; it has {', '.join(known)}",
        )
    for allowed in valid_for.values():
        for value in allowed:
            _value(field, value)
    values = tuple(
        replace(v, valid_for=tuple(key for key in known if v.value in valid_for.get(key, ())))
        for v in field.picklist
    )
    core.schema.change_field(obj.name, field.name, controller=controlling.name, picklist=values)


# -- details


def _picklist(core: Core, sobject: str, name: str) -> tuple[SObjectType, Field]:
    obj = core.object(sobject)
    field = obj.field(name)
    if field is None:
        raise SaveError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
    if field.type not in _PICKLISTS:
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", f"{obj.name}.{field.name} is no picklist", field.name)
    return obj, field


def _value(field: Field, value: str) -> PicklistValue:
    found = next((v for v in field.picklist if v.value == value), None)
    if found is None:
        raise SaveError.of(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label or field.name}: bad value for restricted picklist field: {value}",
            field.name,
        )
    return found


def _record_type(obj: SObjectType, name: str) -> RecordType:
    found = obj.record_types.get(name)
    if found is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"no RecordType named {obj.name}.{name} found")
    return found


def _put(core: Core, obj: SObjectType, field: Field, values: tuple[PicklistValue, ...]) -> None:
    default = next((v.value for v in values if v.default), None)
    changes: dict[str, Any] = {"picklist": values}
    if isinstance(field.default, str) or default is not None:
        changes["default"] = default
    core.schema.change_field(obj.name, field.name, **changes)


def _narrow(obj: SObjectType, key: str, name: str, values: tuple[str, ...] | None) -> None:
    record_type = obj.record_types[key]
    kept = {field: chosen for field, chosen in record_type.picklists.items() if field != name}
    if values is not None:
        kept[name] = values
    obj.record_types[key] = replace(record_type, picklists=kept)


def _follow(core: Core, obj: SObjectType, field: Field, old: str, moved: Callable[[str], str | None]) -> None:
    """Let record types and dependent picklists follow a value that was renamed or deleted."""
    for key, record_type in obj.record_types.items():
        narrowed = record_type.picklists.get(field.name)
        if narrowed is not None and old in narrowed:
            _narrow(obj, key, field.name, tuple(new for one in narrowed if (new := moved(one)) is not None))
    for other in list(obj.fields.values()):
        if other.controller.lower() == field.name.lower():
            values = tuple(
                replace(v, valid_for=tuple(new for one in v.valid_for if (new := moved(one)) is not None))
                for v in other.picklist
            )
            core.schema.change_field(obj.name, other.name, picklist=values)


def _rewrite(
    core: Core, obj: SObjectType, field: Field, old: str, new: str | None, *, user: str, stamp: bool
) -> None:
    """Give every record that has a value, deleted ones too, another one."""
    multiple = field.type is FieldType.MULTIPICKLIST
    column = quote(field.name)
    where = f"instr(';' || {column} || ';', ';' || ? || ';')" if multiple else f"{column} = ? COLLATE BINARY"
    found = core.store.connection.execute(
        f'SELECT "Id", {column} FROM {quote(obj.name)} WHERE {where}', (old,)
    ).fetchall()
    if not found:
        return
    at, now = core.journal.moment()
    names = (field.name, *(["SystemModstamp"] if stamp and "SystemModstamp" in obj.fields else []))
    rows, account = [], []
    for record_id, value in found:
        parts = [p if p != old else new for p in value.split(";")] if multiple else [new]
        kept = ";".join(dict.fromkeys(p for p in parts if p)) or None
        rows.append((kept, *([now] if len(names) > 1 else []), record_id))
        account.append({field.name: (value, kept)})
    with core.journal.transaction():
        core.store.update_many(obj.name, names, rows)
        operation = "update" if stamp else "setup"
        core.journal.note_many(at, user, obj.name, [i for i, _ in found], operation, account)
