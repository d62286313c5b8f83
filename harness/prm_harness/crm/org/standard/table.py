"""Reads one object's table: a line an object, a line a field, indented lines of picklist values.

    Account | 001 | Account | Accounts | create update delete undelete
    Type | picklist 255 | Account Type | cu
        Prospect | *Customer - Direct | Matched = In Sync

Columns of a field: API name, type with length (text), ``precision,scale`` (number) or digits (int), label, access, rest.
Access letters: ``c`` createable, ``u`` updateable, ``*`` not nillable, ``=`` defaulted on create, ``-`` none of them.
A value is ``value`` or ``value = label``; the default one has a star. ``address Billing`` stands for the parts of one
address and the compound over them; ``audit`` for the five fields that say who saved a record, and when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, SObjectType

_AUDIT = """\
CreatedDate | datetime | Created Date | *=
CreatedById | reference | Created By ID | *= | to=User as=CreatedBy
LastModifiedDate | datetime | Last Modified Date | *=
LastModifiedById | reference | Last Modified By ID | *= | to=User as=LastModifiedBy
SystemModstamp | datetime | System Modstamp | *=
"""

_ADDRESS = """\
{api}Street | textarea 255 | {label}Street | cu | of={api}Address info=plaintextarea
{api}City | string 40 | {label}City | cu | of={api}Address
{api}State | string 80 | {label}State/Province | cu | of={api}Address
{api}PostalCode | string 20 | {label}Zip/Postal Code | cu | of={api}Address
{api}Country | string 80 | {label}Country | cu | of={api}Address
{api}Latitude | double 18,15 | {label}Latitude | cu | of={api}Address
{api}Longitude | double 18,15 | {label}Longitude | cu | of={api}Address
{api}GeocodeAccuracy | picklist 40 | {label}Geocode Accuracy | cu | of={api}Address restricted
    Address | NearAddress = Near Address | Block | Street | ExtendedZip = Extended Zip | Zip | Neighborhood |
    City | County | State | Unknown
{api}Address | address | {label}Address
"""

_FLAGS = {
    "name": "name_field",
    "lookup": "id_lookup",
    "unique": "unique",
    "sensitive": "case_sensitive",
    "restricted": "restricted",
    "cascade": "cascade_delete",
    "restrict": "restricted_delete",
}
_WORDS = {
    "as": "relationship_name",
    "children": "child_relationship",
    "of": "compound",
    "info": "extra_type_info",
}


def read_object(table: str) -> SObjectType:
    """The object a table describes."""
    lines = [line for line in _expanded(table) if line.strip()]
    name, prefix, label, plural, abilities = _columns(lines[0], 5)
    able = set(abilities.split())
    fields: dict[str, Field] = {}
    last = ""
    for line in lines[1:]:
        if line.startswith(" "):
            fields[last] = _with_values(fields[last], line)
        else:
            field = _read_field(line)
            fields[field.name] = field
            last = field.name
    return SObjectType(
        name=name,
        label=label,
        label_plural=plural,
        key_prefix=prefix or None,
        fields=fields,
        createable="create" in able,
        updateable="update" in able,
        deletable="delete" in able,
        undeletable="undelete" in able,
        replicateable="SystemModstamp" in fields and (bool(able) or name.endswith("History")),
        layoutable="create" in able and name not in {"Profile", "RecordType"},
    )


def _expanded(table: str) -> Iterator[str]:
    for line in table.splitlines():
        if line == "audit":
            yield from _AUDIT.splitlines()
        elif line == "address" or line.startswith("address "):
            prefix = line[len("address ") :]
            label = f"{prefix} " if prefix else ""
            yield from _ADDRESS.format(api=prefix, label=label).splitlines()
        else:
            yield line


def _columns(line: str, count: int) -> list[str]:
    cells = [cell.strip() for cell in line.split("|")]
    return cells + [""] * (count - len(cells))


def _read_field(line: str) -> Field:
    name, sort, label, access, rest = _columns(line, 5)
    word, _, size = sort.partition(" ")
    kind = FieldType(word)
    created, updated = "c" in access, "u" in access
    more: dict[str, object] = {}
    for item in rest.split():
        key, eq, value = item.partition("=")
        if key == "to":
            more["reference_to"] = tuple(value.split(","))
        elif key == "auto":
            more["auto_number"] = value
        elif key == "default":
            more["default"] = value == "true"
        else:
            more[_WORDS[key] if eq else _FLAGS[key]] = value if eq else True
    field = Field(
        name,
        kind,
        label=label,
        createable=created,
        updateable=updated,
        nillable="*" not in access,
        defaulted_on_create="=" in access,
        default=False if kind is FieldType.BOOLEAN else None,
    )
    return replace(field, **_sizes(kind, size), **more)  # type: ignore[arg-type]


def _sizes(kind: FieldType, size: str) -> dict[str, int]:
    if kind in {FieldType.ID, FieldType.REFERENCE}:
        return {"length": 18}
    if not size:
        return {}
    if kind is FieldType.INT:
        return {"digits": int(size)}
    if "," in size:
        precision, _, scale = size.partition(",")
        return {"precision": int(precision), "scale": int(scale)}
    return {"length": int(size)}


def _with_values(field: Field, line: str) -> Field:
    """Appends a line of picklist values; the starred one is the field's default."""
    values = []
    default = field.default
    for cell in line.split("|"):
        value, _, label = (part.strip() for part in cell.partition(" = "))
        if not value:
            continue
        starred = value.startswith("*")
        value = value.removeprefix("*")
        values.append(PicklistValue(value, label or value, default=starred))
        default = value if starred else default
    return replace(field, picklist=(*field.picklist, *values), default=default)
