"""A stored row as formulas see it: fields by path, parents, the running user, percents as fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError, Path, Value
from prm_harness.crm.geography import Place
from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.store.values import from_datetime

FetchParent = Callable[[str, str], Mapping[str, Any] | None]
"""(sObject, 18-character id) → stored row, or None."""

Search = Callable[[str, str, Any], Mapping[str, Any] | None]
"""(sObject, field, stored value) → the oldest live row, or None."""

_GLOBALS = {
    "$user": "User", "$profile": "Profile", "$userrole": "UserRole", "$organization": "Organization",
}  # fmt: skip
_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)
"""``$System.OriginDateTime``."""
_NEVER_NULL = frozenset(
    {FieldType.STRING, FieldType.TEXTAREA, FieldType.EMAIL, FieldType.PHONE, FieldType.URL}
)
_NUMBERS = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY})
_FILLED = _NUMBERS | {FieldType.PERCENT}
_PARTS_OF_A_FIELD = 4


def type_of(schema: Schema, obj: SObjectType, path: Path) -> str | None:
    """The type word of the field a path leads to; None when there is no such field.

    Raises:
        SandboxGapError: a global the sandbox does not have, such as ``$Setup``.
    """
    head = path[0].lower()
    if head == "$recordtype":
        return "string" if path[1:] and path[1].lower() in {"id", "name", "developername"} else None
    if head == "$system":
        return "datetime" if path[1:] == ("OriginDateTime",) else None
    if head == "$objecttype":
        return _type_of_field(schema, path)
    if head.startswith("$"):
        if head not in _GLOBALS:
            raise SandboxGapError(f"formula global {path[0]} is not implemented")
        target = schema.get(_GLOBALS[head])
        return type_of(schema, target, path[1:]) if target and len(path) > 1 else None
    if len(path) == 1:
        field = obj.field(path[0])
        return None if field is None else field.type.value
    reference = relationship(obj, path[0])
    if reference is None:
        return None
    targets = [schema.objects[name] for name in reference.reference_to if name in schema.objects]
    return next((word for t in targets if (word := type_of(schema, t, path[1:]))), None)


def _type_of_field(schema: Schema, path: Path) -> str | None:
    """``$ObjectType.Account.Fields.Name``: how formulas name a field, not its value."""
    named = len(path) == _PARTS_OF_A_FIELD and path[2].lower() == "fields"
    target = schema.get(path[1]) if named else None
    field = target.field(path[3]) if target else None
    return None if field is None else field.type.value


def relationship(obj: SObjectType, name: str) -> Field | None:
    """The reference field behind a relationship name, in any case."""
    low = name.lower()
    return next((f for f in obj.fields.values() if f.relationship_name.lower() == low), None)


class RecordScope:
    """A row, the row before its save, and the user who saves.

    ``blanks_are_zero`` fills blank numbers, as formula fields want it that do not "treat blank fields as blanks".
    """

    def __init__(
        self,
        schema: Schema,
        obj: SObjectType,
        row: Mapping[str, Any],
        fetch_parent: FetchParent,
        *,
        old: Mapping[str, Any] | None = None,
        is_new: bool = False,
        user_id: str | None = None,
        now: Callable[[], datetime] | None = None,
        search: Search | None = None,
        blanks_are_zero: bool = False,
    ) -> None:
        self.is_new = is_new
        self._search = search
        self._fills = blanks_are_zero
        self._schema = schema
        self._obj = obj
        self._row = row
        self._old = old
        self._fetch = fetch_parent
        self._user_id = user_id
        self._now = now

    def now(self) -> datetime:
        """The org's clock."""
        if self._now is None:
            raise SandboxGapError("NOW() and TODAY() have no clock where this formula is computed")
        return self._now()

    def value(self, path: Path) -> Value:
        """A field's value as it will be saved."""
        return self._read(self._obj, self._row, path)

    def prior(self, path: Path) -> Value:
        """A field's value before this save; null for a new record."""
        return None if self._old is None else self._read(self._obj, self._old, path)

    def rate(self, currency: str) -> Decimal | None:
        """Units of a currency that one of the corporate currency is worth."""
        row = self._fetch("CurrencyType", currency) if "CurrencyType" in self._schema.objects else None
        return None if row is None else Decimal(str(row["ConversionRate"]))

    def looked_up(self, wanted: Path, key: Path, value: Value) -> Value:
        """A field of the oldest record of another object that has ``value`` in its field ``key``."""
        target = self._schema.get(key[1])
        field, shown = (target.field(key[3]), target.field(wanted[3])) if target else (None, None)
        if target is None or field is None or shown is None or self._search is None:
            raise FormulaError(f"Field {'.'.join(key)} does not exist. Check spelling.")
        row = None if value is None else self._search(target.name, field.name, str(value))
        return None if row is None else self._field(target, shown, row)

    def _read(self, obj: SObjectType, row: Mapping[str, Any], path: Path) -> Value:
        head = path[0].lower()
        if head == "$recordtype":
            return self._record_type(row, path[1].lower())
        if head.startswith("$"):
            return self._global(head, path[1:])
        if len(path) == 1:
            field = obj.field(path[0])
            if field is None:
                raise FormulaError(f"Field {path[0]} does not exist. Check spelling.")
            return self._field(obj, field, row)
        reference = relationship(obj, path[0])
        key = row.get(reference.name) if reference else None
        if reference is None or key is None:
            return self._blank(obj, path)
        return self._of(self._target(reference, key), key, path[1:])

    def _field(self, obj: SObjectType, field: Field, row: Mapping[str, Any]) -> Value:
        if field.type is FieldType.LOCATION:
            return _place(obj, field, row)
        if not field.calculated:
            found = to_value(field, row.get(field.name))
        else:
            inner = RecordScope(
                self._schema,
                obj,
                row,
                self._fetch,
                user_id=self._user_id,
                now=self._now,
                blanks_are_zero=not field.blank_as_blank,
            )
            found = evaluate(parse(field.formula), inner)
        return Decimal(0) if found is None and self._fills and field.type in _FILLED else found

    def _blank(self, obj: SObjectType, path: Path) -> Value:
        """What a path over a parent that is not there gives."""
        word = type_of(self._schema, obj, path) if self._fills else None
        return Decimal(0) if word in _FILLED else None

    def _of(self, target: SObjectType | None, record_id: str, path: Path) -> Value:
        row = None if target is None else self._fetch(target.name, record_id)
        return None if row is None or target is None else self._read(target, row, path)

    def _target(self, reference: Field, record_id: str) -> SObjectType | None:
        targets = [self._schema.objects[n] for n in reference.reference_to if n in self._schema.objects]
        return next((t for t in targets if t.key_prefix == record_id[:3]), None)

    def _record_type(self, row: Mapping[str, Any], word: str) -> Value:
        wanted = row.get("RecordTypeId")
        for record_type in self._obj.record_types.values():
            if record_type.id == wanted:
                return {"id": record_type.id, "name": record_type.name}.get(word, record_type.developer_name)
        return None

    def _global(self, head: str, path: Path) -> Value:
        if head == "$system":
            return _ORIGIN
        if head == "$organization":
            return self._of(self._schema.get("Organization"), "", path)
        if self._user_id is None:
            raise SandboxGapError(f"{head} is not known where this formula is computed")
        user = self._schema.get("User")
        if head == "$user":
            return self._of(user, self._user_id, path)
        if head == "$profile":
            return self._of(user, self._user_id, ("Profile", *path))
        if head == "$userrole":
            return self._of(user, self._user_id, ("UserRole", *path))
        raise SandboxGapError(f"formula global {head} is not implemented")


def _place(obj: SObjectType, field: Field, row: Mapping[str, Any]) -> Place | None:
    """A geolocation: the place that its two parts say."""
    parts = {f.name.lower(): row.get(f.name) for f in obj.fields.values() if f.compound == field.name}
    north = next((v for name, v in parts.items() if "latitude" in name), None)
    east = next((v for name, v in parts.items() if "longitude" in name), None)
    return None if north is None or east is None else Place(north, east)


def to_value(field: Field, stored: Any) -> Value:
    """A column's value as formulas compute with it; a percent is a fraction."""
    if stored is None:
        # Text fields are never null, only empty: ISNULL and NULLVALUE tell the difference (help: ISNULL).
        return "" if field.type in _NEVER_NULL else None
    match field.type:
        case FieldType.BOOLEAN:
            return bool(stored)
        case FieldType.PERCENT:
            return Decimal(str(stored)) / 100
        case FieldType.DATE:
            return date.fromisoformat(stored)
        case FieldType.DATETIME:
            return from_datetime(stored)
        case FieldType.TIME:
            return time.fromisoformat(stored.removesuffix("Z"))
    return Decimal(str(stored)) if field.type in _NUMBERS else str(stored)
