"""Fields that get another name or another type while records have values in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects.history import MOST_TRACKED, history_name, history_object
from prm_harness.crm.org.errors import OrgError, SandboxGapError, SaveError
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.store.store import quote
from prm_harness.crm.store.values import NUMBERS, encode

_T = FieldType
_TEXTS = frozenset({
    _T.STRING, _T.TEXTAREA, _T.EMAIL, _T.PHONE, _T.URL, _T.PICKLIST, _T.COMBOBOX, _T.MULTIPICKLIST,
})  # fmt: skip
_COUNTS = NUMBERS | {_T.INT}


def rename_field(core: Core, sobject: str, name: str, new_name: str) -> None:
    """See Org.rename_field."""
    obj = core.object(sobject)
    if core.journal.is_open:
        raise SandboxGapError("the schema cannot change inside a transaction")
    field = obj.field(name)
    if field is None:
        raise SaveError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
    if not field.name.endswith("__c") or not new_name.endswith("__c"):
        raise SaveError.of(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            f"{field.name}: only custom fields are renamed, to a name in __c",
        )
    if field.type is FieldType.LOCATION:
        raise SandboxGapError(f"{field.name}: renaming a geolocation is not implemented")
    taken = obj.field(new_name)
    if taken is not None and taken is not field:
        raise SaveError.of(
            "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {new_name} on {obj.label}."
        )
    if field.name == new_name:
        return
    if field.stored:
        core.store.rename_column(obj.name, field.name, new_name)
    stem, new_stem = field.name.removesuffix("__c"), new_name.removesuffix("__c")
    relationship = f"{new_stem}__r" if field.relationship_name == f"{stem}__r" else field.relationship_name
    renamed = replace(field, name=new_name, relationship_name=relationship)
    obj.fields = {
        (new_name if key == field.name else key): (renamed if key == field.name else other)
        for key, other in obj.fields.items()
    }
    core.store.connection.execute(
        'UPDATE "$bin" SET "Field" = ? WHERE "SObject" = ? AND "Field" = ?', (new_name, obj.name, field.name)
    )
    _follow(obj, field.name, new_name, _spelt(stem, new_stem))
    core.schema.version += 1


def _spelt(stem: str, new_stem: str) -> Callable[[str], str]:
    """A formula with the field's new name: Salesforce keeps formulas by field, not by text."""
    pattern = re.compile(rf"\b{re.escape(stem)}__([cr])\b", re.IGNORECASE)
    return lambda formula: pattern.sub(rf"{new_stem}__\1", formula)


def _follow(obj: SObjectType, old: str, new: str, spelt: Callable[[str], str]) -> None:
    """Rules, formulas, record types and dependent picklists of the object name the field by its new name."""

    def called(name: str) -> str:
        return new if name == old else name

    for key, rule in obj.validation_rules.items():
        obj.validation_rules[key] = replace(
            rule, formula=spelt(rule.formula), display_field=called(rule.display_field)
        )
    for key, check in obj.duplicate_rules.items():
        against = check.against_fields if check.against else tuple(map(called, check.against_fields))
        obj.duplicate_rules[key] = replace(
            check,
            fields=tuple(map(called, check.fields)),
            against_fields=against,
            condition=spelt(check.condition),
        )
    for key, shared in obj.sharing_rules.items():
        obj.sharing_rules[key] = replace(shared, condition=spelt(shared.condition))
    for key, flow in obj.flows.items():
        obj.flows[key] = replace(
            flow,
            condition=spelt(flow.condition),
            updates={spelt(path): spelt(text) for path, text in flow.updates.items()},
            creates=tuple(
                replace(made, values={name: spelt(text) for name, text in made.values.items()})
                for made in flow.creates
            ),
        )
    for name, field in obj.fields.items():
        if field.formula or field.controller == old:
            obj.fields[name] = replace(
                field, formula=spelt(field.formula), controller=called(field.controller)
            )
    for key, record_type in obj.record_types.items():
        obj.record_types[key] = replace(
            record_type, picklists={called(name): values for name, values in record_type.picklists.items()}
        )


def retype(core: Core, obj: SObjectType, field: Field, changed: Field) -> None:
    """Give a field another type, and its records what the type can hold of their values.

    What cannot be held is lost, as Salesforce warns. Nobody changed the records: no date moves (contract §10 has the
    gap events that Salesforce sends instead; the sandbox sends none).

    Raises:
        SaveError: types that cannot become each other.
    """
    convert = _conversion(field, changed)
    if convert is None:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Cannot change the type of {field.name} from {field.type} to {changed.type}",
            field.name,
        )
    column = quote(field.name)
    found = core.store.connection.execute(
        f'SELECT "Id", {column} FROM {quote(obj.name)} WHERE {column} IS NOT NULL'
    ).fetchall()
    core.store.add_column(obj.name, changed)
    core.schema.put_field(obj.name, changed)
    account: list[dict[str, Any]] = []
    rows, ids = [], []
    for record_id, value in found:
        kept = convert(value)
        rows.append((kept, record_id))
        if kept != value:
            ids.append(record_id)
            account.append({field.name: (value, kept)})
    core.store.update_many(obj.name, (field.name,), rows)
    if ids:
        core.journal.note_many(core.journal.moment()[0], "", obj.name, ids, "setup", account)


def _conversion(old: Field, new: Field) -> Callable[[Any], Any] | None:
    if not (old.stored and new.stored) or old.name_field or old.type in {_T.REFERENCE, _T.ID, _T.BASE64}:
        return None
    if old.type in _COUNTS and new.type in _TEXTS:
        return lambda value: _fits(new, format(Decimal(str(value)).normalize(), "f"))
    if new.type in _COUNTS and old.type in _TEXTS | _COUNTS:
        return lambda value: _number(new, value)
    if old.type is _T.DATETIME and new.type is _T.DATE:
        return lambda value: date.fromisoformat(value[:10]).isoformat()
    if old.type is _T.DATE and new.type is _T.DATETIME:
        return lambda value: f"{value}T00:00:00.000+0000"
    if new.type in _TEXTS and old.type in _TEXTS | {_T.DATE, _T.DATETIME, _T.TIME, _T.ENCRYPTED}:
        return lambda value: _fits(new, str(value))
    return None


def _fits(field: Field, text: str) -> str | None:
    try:
        stored = encode(field, text[: field.length] if field.length else text)
    except OrgError:
        return None
    return None if stored is None else str(stored)


def _number(field: Field, value: Any) -> Any:
    try:
        return encode(field, str(Decimal(str(value).replace(",", ""))))
    except (OrgError, InvalidOperation):
        return None


def track_history(core: Core, sobject: str, names: Sequence[str]) -> None:
    """See Org.track_history."""
    obj = core.object(sobject)
    if len(names) > MOST_TRACKED:
        raise SaveError.of(
            "LIMIT_EXCEEDED",
            f"{obj.name}: history is kept of at most {MOST_TRACKED} fields, not of {len(names)}",
        )
    chosen = set()
    for name in names:
        field = obj.field(name)
        if field is None or not field.stored or field.auto_number or field.roll_up is not None:
            raise SaveError.of("INVALID_FIELD", f"{obj.name}.{name} cannot be tracked")
        chosen.add(field.name)
    history = history_name(obj.name)
    if names and history not in core.schema.objects:
        if core.journal.is_open:
            raise SandboxGapError("the schema cannot change inside a transaction")
        made = history_object(obj)
        core.store.create_table(made)
        core.schema.put(made)
    for name, field in obj.fields.items():
        if field.tracked is not (name in chosen):
            obj.fields[name] = replace(field, tracked=name in chosen)
    core.schema.version += 1
