"""What an expression of a statement is in SQL: its text, the kind of its values, the field behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

from prm_harness.crm.org.schema import Field, FieldType, SObjectType


class Kind(IntEnum):
    """Families of field types that filter, sort and compare alike; numbers, since those are looked up fast."""

    ID = auto()
    BOOLEAN = auto()
    NUMBER = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()
    MULTI = auto()
    TEXT = auto()
    COMPOUND = auto()


_KINDS = {
    FieldType.ID: Kind.ID,
    FieldType.REFERENCE: Kind.ID,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.INT: Kind.NUMBER,
    FieldType.DOUBLE: Kind.NUMBER,
    FieldType.CURRENCY: Kind.NUMBER,
    FieldType.PERCENT: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.DATETIME: Kind.DATETIME,
    FieldType.TIME: Kind.TIME,
    FieldType.MULTIPICKLIST: Kind.MULTI,
    FieldType.ADDRESS: Kind.COMPOUND,
    FieldType.LOCATION: Kind.COMPOUND,
}

_FILTERABLE_TEXT = 255
"""Text areas longer than this can neither be filtered, sorted nor grouped (recorded describes)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One expression. ``name`` is how messages call it; ``entity`` is the object it belongs to."""

    sql: str
    kind: Kind
    name: str
    entity: str
    field: Field | None = None
    alias: str = ""
    """The table that it is read from; empty for what is computed of several."""
    plain: bool = False
    """Whether it is a stored column of the statement's own object, which an index can serve."""

    @property
    def filterable(self) -> bool:
        """Whether WHERE may name it."""
        return self.kind is not Kind.COMPOUND and not _is_long(self.field)

    @property
    def sortable(self) -> bool:
        """Whether ORDER BY may name it."""
        return self.kind not in {Kind.COMPOUND, Kind.MULTI} and not _is_long(self.field)

    @property
    def groupable(self) -> bool:
        """Whether GROUP BY may name it: as recorded describes have ``groupable``."""
        if self.field is None:
            return True
        fractional = self.kind is Kind.NUMBER and self.field.type is not FieldType.INT
        made_up = self.field.calculated and self.field.type is FieldType.STRING
        unfit = fractional or made_up or self.field.type is FieldType.COMBOBOX
        return self.sortable and not unfit and self.kind not in {Kind.DATETIME, Kind.TIME}


def kind_of(field: Field) -> Kind:
    """The family of a field's type."""
    return _KINDS.get(field.type, Kind.TEXT)


def _is_long(field: Field | None) -> bool:
    if field is None:
        return False
    kind = field.type  # compared one by one: hashing a member costs more, and every condition asks
    if kind is FieldType.TEXTAREA:
        return field.length > _FILTERABLE_TEXT
    return kind is FieldType.ENCRYPTED or kind is FieldType.BASE64 or kind is FieldType.ANY


def quote(name: str) -> str:
    """An API name as an SQL identifier."""
    return f'"{name}"'


def person_name_parts(obj: SObjectType, field: Field) -> list[Field]:
    """The parts that make up a person's Name, in reading order; empty for any other field.

    Salutation is a part of the compound but not of the text (recorded names of contacts). An account that may be a
    person has a name of its own.
    """
    if field.name != "Name" or field.extra_type_info == "switchablepersonname":
        return []
    parts = {f.name: f for f in obj.fields.values() if f.compound == field.name and f.name != field.name}
    return [parts[name] for name in ("FirstName", "MiddleName", "LastName", "Suffix") if name in parts]


def compound_parts(obj: SObjectType, field: Field) -> list[tuple[str, Field]]:
    """(key, part) of an address or location, in the alphabetical order Salesforce shows them in."""
    parts = []
    for part in obj.fields.values():
        if part.compound != field.name or part.name == field.name:
            continue
        if field.type is FieldType.ADDRESS:
            stem = part.name.removeprefix(field.name.removesuffix("Address"))
        else:
            stem = "Latitude" if "latitude" in part.name.lower() else "Longitude"
        parts.append((stem[0].lower() + stem[1:], part))
    return sorted(parts, key=lambda pair: pair[0])
