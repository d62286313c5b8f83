"""What an org's admin does to the schema while everything is running; the store follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import references
from prm_harness.crm.org import files
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import filters, rollups
from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.saves.persons import are_on
from prm_harness.crm.org.saves.rules import compile_formula
from prm_harness.crm.org.schema import (
    Field,
    FieldType,
    RecordType,
    RollUp,
    SObjectType,
    Summary,
    ValidationRule,
)
from prm_harness.crm.org.setup.fields import retype
from prm_harness.crm.store.values import NUMBERS, as_datetime, encode

_LENGTHS = {
    FieldType.STRING: 255,
    FieldType.TEXTAREA: 255,
    FieldType.EMAIL: 80,
    FieldType.PHONE: 40,
    FieldType.URL: 255,
    FieldType.PICKLIST: 255,
    FieldType.MULTIPICKLIST: 4099,
    FieldType.REFERENCE: 18,
}


def complete(field: Field) -> Field:
    """A field with the properties its type implies."""
    changes: dict[str, Any] = {}
    if not field.label:
        changes["label"] = field.name.removesuffix("__c").replace("_", " ")
    if not field.length and field.type in _LENGTHS:
        changes["length"] = _LENGTHS[field.type]
    if not field.precision and field.type in NUMBERS:
        changes["precision"] = 18
    if field.type is FieldType.BOOLEAN:
        changes |= {"nillable": False, "defaulted_on_create": True, "default": bool(field.default)}
    if field.calculated or field.auto_number or not field.stored:
        changes |= {"createable": False, "updateable": False}
    if field.external_id:
        changes["id_lookup"] = True
    if field.type is FieldType.REFERENCE and not field.relationship_name and field.name.endswith("__c"):
        changes["relationship_name"] = field.name.removesuffix("__c") + "__r"
    if field.master_detail:
        changes |= {"nillable": False, "updateable": field.reparentable, "cascade_delete": True}
    if field.roll_up is not None:
        changes |= {"createable": False, "updateable": False, "nillable": rollups.empty(field) is None}
        changes |= {"default": rollups.empty(field), "defaulted_on_create": not changes["nillable"]}
    if field.default_formula:
        changes["defaulted_on_create"] = True
    return replace(field, **changes)


def system_fields(label: str, *, owned: bool = True) -> list[Field]:
    """What every custom object has, in describe order."""
    fixed: dict[str, Any] = {
        "nillable": False,
        "createable": False,
        "updateable": False,
        "defaulted_on_create": True,
    }
    owner = Field(
        "OwnerId",
        FieldType.REFERENCE,
        label="Owner ID",
        length=18,
        nillable=False,
        defaulted_on_create=True,
        reference_to=("Group", "User"),
        relationship_name="Owner",
    )
    return [
        Field("Id", FieldType.ID, label="Record ID", length=18, id_lookup=True, **fixed),
        *([owner] if owned else []),
        Field("IsDeleted", FieldType.BOOLEAN, label="Deleted", default=False, **fixed),
        Field(
            "Name",
            FieldType.STRING,
            label=f"{label} Name",
            length=80,
            nillable=False,
            name_field=True,
            id_lookup=True,
        ),
        Field("CreatedDate", FieldType.DATETIME, label="Created Date", **fixed),
        _by("CreatedBy", "Created By ID", fixed),
        Field("LastModifiedDate", FieldType.DATETIME, label="Last Modified Date", **fixed),
        _by("LastModifiedBy", "Last Modified By ID", fixed),
        Field("SystemModstamp", FieldType.DATETIME, label="System Modstamp", **fixed),
    ]


def event_fields() -> list[Field]:
    """What every platform event has, in describe order."""
    fixed: dict[str, Any] = {"createable": False, "updateable": False}
    by = {"nillable": False, "defaulted_on_create": True, **fixed}
    return [
        Field("Id", FieldType.ID, label="Record ID", length=18, **by),
        Field("ReplayId", FieldType.STRING, label="Replay ID", length=1000, **fixed),
        Field("CreatedDate", FieldType.DATETIME, label="Created Date", **by),
        _by("CreatedBy", "Created By ID", by),
        Field("EventUuid", FieldType.STRING, label="Event UUID", length=36, **fixed),
    ]


def _by(relationship: str, label: str, fixed: Mapping[str, Any]) -> Field:
    return Field(
        f"{relationship}Id",
        FieldType.REFERENCE,
        label=label,
        length=18,
        reference_to=("User",),
        relationship_name=relationship,
        **fixed,
    )


def add_object(core: Core, obj: SObjectType) -> None:
    """See Org.add_object."""
    _outside_transactions(core)
    if core.schema.get(obj.name) is not None:
        raise SaveError.of("DUPLICATE_DEVELOPER_NAME", f"The object name {obj.name} is already in use")
    own = [complete(f) for f in obj.fields.values()]
    owned = not any(f.master_detail for f in own)
    is_event = obj.name.endswith("__e")
    system = event_fields() if is_event else system_fields(obj.label, owned=owned)
    merged = {f.name: f for f in system} | {f.name: f for f in own}
    prefix = obj.key_prefix or free_prefix(core, "e" if is_event else "a")
    new = replace(
        obj,
        key_prefix=prefix,
        fields=merged,
        record_types={},
        validation_rules={},
        duplicate_rules={},
        flows={},
    )
    if is_event:  # it is published and never seen again
        new.queryable = new.updateable = new.deletable = new.undeletable = False
        new.replicateable = new.layoutable = False
    core.store.create_table(new)
    core.schema.put(new)
    files.admit(core, new)
    for record_type in obj.record_types.values():
        add_record_type(core, obj.name, record_type)
    for rule in obj.validation_rules.values():
        add_validation_rule(core, obj.name, rule)


def free_prefix(core: Core, letter: str) -> str:
    """Custom objects are numbered a00, a01 … in order of creation (contract §4.1), platform events from e00."""
    taken = {o.key_prefix for o in core.schema.objects.values()}
    return next(p for n in range(1000) if (p := f"{letter}{n:02d}") not in taken)


def add_field(core: Core, sobject: str, new: Field) -> None:
    """See Org.add_field."""
    _outside_transactions(core)
    obj = core.object(sobject)
    if obj.field(new.name) is not None:
        raise SaveError.of(
            "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {new.name} on {obj.label}."
        )
    field = complete(new)
    if field.calculated or field.default_formula:
        compile_formula(core.schema, obj, field.formula or field.default_formula)
    filters.compile_filter(core.schema, obj, field)
    if field.master_detail and not core.store.is_empty(obj.name):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{field.name}: a master-detail field cannot be added to an object with records; add a lookup and retype it",
        )
    if field.roll_up is not None:
        field = replace(field, roll_up=_summary(core, obj, field.roll_up))
    if field.stored:
        core.store.add_column(obj.name, field)
    core.schema.put_field(obj.name, field)
    if field.roll_up is not None:
        rollups.fill(core, obj, field)
    if field.type is FieldType.LOCATION:
        stem = field.name.removesuffix("__c")
        for part in ("Latitude", "Longitude"):
            label = f"{field.label} ({part})"
            half = Field(
                f"{stem}__{part}__s",
                FieldType.DOUBLE,
                label=label,
                precision=18,
                scale=15,
                compound=field.name,
            )
            add_field(core, obj.name, half)


def _summary(core: Core, parent: SObjectType, summary: RollUp) -> RollUp:
    """A roll-up with its names as the schema spells them."""
    child = core.object(summary.child)
    via = child.field(summary.via)
    if via is None or parent.name not in via.reference_to or not (via.master_detail or via.cascade_delete):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{child.name}.{summary.via} is no master-detail relationship to {parent.name}: nothing to summarize",
        )
    summed = child.field(summary.field) if summary.operation is not Summary.COUNT else None
    if summary.operation is not Summary.COUNT and (
        summed is None or summed.type not in _SUMMED or not summed.stored
    ):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{child.name}.{summary.field} cannot be summarized by {summary.operation}",
        )
    if summary.where:
        compile_formula(core.schema, child, summary.where)
    return replace(summary, child=child.name, via=via.name, field=summed.name if summed else "")


_SUMMED = NUMBERS | {FieldType.INT, FieldType.DATE, FieldType.DATETIME}


def drop_field(core: Core, sobject: str, name: str) -> None:
    """See Org.drop_field."""
    _outside_transactions(core)
    obj, field = _field(core, sobject, name)
    if not field.name.endswith("__c"):
        raise SaveError.of(
            "INSUFFICIENT_ACCESS_OR_READONLY", f"Standard field {field.name} cannot be deleted"
        )
    used_by = [r.name for r in obj.validation_rules.values() if _uses(r.formula, field)]
    used_by += [f.name for f in obj.fields.values() if f.calculated and _uses(f.formula, field)]
    used_by += [
        f"{parent.name}.{f.name}"
        for parent in core.schema.objects.values()
        for f in parent.fields.values()
        if f.roll_up and f.roll_up.child == obj.name and field.name in {f.roll_up.via, f.roll_up.field}
    ]
    used_by += [r.name for r in obj.duplicate_rules.values() if field.name in r.fields]
    used_by += [r.name for r in obj.sharing_rules.values() if r.condition and _uses(r.condition, field)]
    used_by += [
        f.name
        for f in obj.flows.values()
        if f.uses(field.name) or (field.relationship_name and f.uses(field.relationship_name))
    ]
    if used_by:
        raise SaveError.of(
            "DEPENDENCY_EXISTS", f"Cannot delete {field.name}: it is used by {', '.join(used_by)}"
        )
    for part in [f.name for f in obj.fields.values() if f.compound == field.name]:
        core.schema.drop_field(obj.name, part)
    core.schema.drop_field(obj.name, field.name)


def _uses(formula: str, field: Field) -> bool:
    heads = {path[0].lower() for path in references(parse(formula))}
    return field.name.lower() in heads or bool(
        field.relationship_name and field.relationship_name.lower() in heads
    )


def change_field(core: Core, sobject: str, name: str, changes: Mapping[str, object]) -> None:
    """See Org.change_field."""
    _outside_transactions(core)
    obj, field = _field(core, sobject, name)
    changed = replace(field, **changes)  # type: ignore[arg-type]
    if changed.name != field.name:
        raise SandboxGapError(f"{field.name}: a field is renamed by rename_field")
    if changed.calculated:
        compile_formula(core.schema, obj, changed.formula)
    if changed.stored != field.stored or changed.type is not field.type:
        retype(core, obj, field, complete(changed))
        return
    core.schema.change_field(obj.name, field.name, **changes)


def add_validation_rule(core: Core, sobject: str, rule: ValidationRule) -> None:
    """See Org.add_validation_rule."""
    obj = core.object(sobject)
    compile_formula(core.schema, obj, rule.formula, in_rule=True)
    display = obj.field(rule.display_field) if rule.display_field else None
    if rule.display_field and display is None:
        raise SaveError.of(
            "INVALID_FIELD", f"No such column '{rule.display_field}' on sobject of type {obj.name}"
        )
    obj.validation_rules[rule.name] = replace(rule, display_field=display.name if display else "")
    core.schema.version += 1


def drop_validation_rule(core: Core, sobject: str, name: str) -> None:
    """See Org.drop_validation_rule."""
    obj = core.object(sobject)
    if obj.validation_rules.pop(name, None) is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"no ValidationRule named {obj.name}.{name} found")
    core.schema.version += 1


def add_record_type(core: Core, sobject: str, record_type: RecordType) -> None:
    """See Org.add_record_type."""
    obj = core.object(sobject)
    if "RecordTypeId" not in obj.fields:
        add_field(core, obj.name, _RECORD_TYPE_ID)
    new = record_type if record_type.id else replace(record_type, id=core.mint.next("012"))
    if new.person and not (obj.name == "Account" and are_on(core.schema)):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{obj.name}.{new.developer_name}: person accounts are not switched on",
        )
    if new.default:
        for name, other in obj.record_types.items():
            obj.record_types[name] = replace(other, default=False)
    obj.record_types[new.developer_name] = new
    core.schema.version += 1
    if "RecordType" in core.schema.objects:
        facts = {
            "Id": new.id,
            "Name": new.name,
            "DeveloperName": new.developer_name,
            "SobjectType": obj.name,
            "IsActive": new.active,
        }
        plant(core, "RecordType", facts | ({"IsPersonType": True} if new.person else {}))


def change_record_type(core: Core, sobject: str, new: RecordType) -> None:
    """See Org.change_record_type."""
    obj = core.object(sobject)
    obj.record_types = {
        (new if old.id == new.id else old).developer_name: new if old.id == new.id else old
        for old in obj.record_types.values()
    }
    core.store.connection.execute(
        'UPDATE "RecordType" SET "Name" = ?, "DeveloperName" = ?, "IsActive" = ? WHERE "Id" = ?',
        (new.name, new.developer_name, new.active, new.id),
    )
    core.schema.version += 1


_RECORD_TYPE_ID = Field(
    "RecordTypeId",
    FieldType.REFERENCE,
    label="Record Type ID",
    length=18,
    reference_to=("RecordType",),
    relationship_name="RecordType",
)


def plant(core: Core, sobject: str, values: Mapping[str, Any]) -> str:
    """Write a row of setup data (a profile, a stage, a user): encoded and stamped, but no save and no change."""
    plan = core.plan(sobject)
    row = plan.defaults | {name: encode(plan.obj.fields[name], value) for name, value in values.items()}
    if plan.name_parts:
        row["Name"] = " ".join(row[part] for part in plan.name_parts if row.get(part))
    stamp = as_datetime(core.now())
    for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        row.setdefault(name, stamp)
    row_id = row.setdefault("Id", core.mint.next(plan.obj.key_prefix or "000"))
    core.store.insert(sobject, row)
    return str(row_id)


def _field(core: Core, sobject: str, name: str) -> tuple[SObjectType, Field]:
    obj = core.object(sobject)
    field = obj.field(name)
    if field is None:
        raise SaveError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
    return obj, field


def _outside_transactions(core: Core) -> None:
    if core.journal.is_open:
        raise SandboxGapError("the schema cannot change inside a transaction")
