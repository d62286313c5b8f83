"""Rows of a bulk job into the org: one operation, many rows, each with its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, Final, NamedTuple

from prm_harness.crm.org.errors import Fault, MultipleMatchesError, OrgError, PayloadError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.bulk.sheet import JobFault
from prm_harness.crm.store.values import encode

WRITES: Final = ("insert", "update", "upsert", "delete", "hardDelete")
NO_HARD_DELETE: Final = (
    "hardDelete operation requires special user profile permission, please contact your system administrator"
)
"""Refusal of a user without the permission "Bulk API Hard Delete"; the vendor's data loader looks for this very text."""
DELETES: Final = frozenset({"delete", "hardDelete"})
NULL: Final = "#N/A"

_XSD: Final = {
    FieldType.DATE: "date",
    FieldType.DATETIME: "dateTime",
    FieldType.TIME: "time",
    FieldType.BOOLEAN: "boolean",
    FieldType.INT: "int",
    FieldType.DOUBLE: "double",
    FieldType.CURRENCY: "double",
    FieldType.PERCENT: "double",
}


class Outcome(NamedTuple):
    """What became of one row: saved unless there are faults; ``id`` is empty where none is known."""

    id: str
    created: bool
    faults: tuple[Fault, ...] = ()


class Column(NamedTuple):
    """What a heading stands for: a field, or a parent named by one of its key fields."""

    field: Field
    relationship: str = ""
    parent_type: str = ""
    parent_key: str = ""


def error_text(faults: Sequence[Fault]) -> str:
    """``CODE:message:fields --`` (contract §9.1; ``:--`` where no field is meant, as public captures show)."""
    return "".join(
        f"{f.code}:{f.message}:{','.join(f.fields)} --" if f.fields else f"{f.code}:{f.message}:--"
        for f in faults
    )


class Loader:
    """Runs one operation of a job on rows as they come."""

    def __init__(self, org: Org, sobject: SObjectType, operation: str, key_field: str, *, user: str) -> None:
        self._org = org
        self._sobject = sobject
        self._operation = operation
        self._key = key_field or "Id"
        self._user = user
        self._places: dict[str, int] = {}
        self._run: Callable[[dict[str, Any]], Outcome] = {
            "insert": self._insert,
            "update": self._update,
            "upsert": self._upsert,
            "delete": self._delete,
            "hardDelete": self._delete,
        }[operation]

    # -- rows of texts ------------------------------------------------------------------------------------------

    def columns(self, header: Sequence[str]) -> list[Column]:
        """What the headings of a file stand for.

        Raises:
            JobFault: an unknown field; a file for deletion with more than ids; an upsert without its key.
        """
        if self._operation in DELETES and [name.strip().lower() for name in header] != ["id"]:
            raise JobFault(f"InvalidBatch : The '{self._operation}' batch must contain only ids")
        columns = [self._column(name.strip()) for name in header]
        self._places = {column.field.name: place for place, column in enumerate(columns)}
        if self._operation == "upsert" and not any(self._is_key(column) for column in columns):
            raise JobFault(f"InvalidBatch : Field name not found : {self._key}")
        return columns

    def load(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, clears: bool = True
    ) -> list[Outcome]:
        """The outcomes of a chunk of rows, in order; empty texts leave a field alone, ``#N/A`` clears it.

        ``clears`` false promises that there is no ``#N/A``.
        """
        plain = all(not c.relationship and c.field.name != "Id" for c in columns)
        if self._operation == "insert" and plain:
            return self._insert_many(columns, rows, clears=clears)
        return self._load([self._values(columns, row) for row in rows])

    def _insert_many(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, clears: bool
    ) -> list[Outcome]:
        cleared = [_with_nulls(row) for row in rows] if clears else rows
        names = [column.field.name for column in columns]
        with self._org.transaction():
            made = self._org.insert_many(self._sobject.name, names, cleared, user=self._user)
        if set(map(type, made)) == {str}:
            return [*map(Outcome._make, zip(made, repeat(True), repeat(()), strict=False))]
        return [
            Outcome(one, created=True)
            if isinstance(one, str)
            else self._refused(self._values(columns, row), one)
            for one, row in zip(made, rows, strict=True)
        ]

    def _column(self, name: str) -> Column:
        field = self._sobject.field(name)
        if field is not None:
            return Column(field)
        parent_type, _, path = name.rpartition(":")
        relationship, _, key = path.partition(".")
        low = relationship.lower()
        for reference in self._sobject.fields.values():
            if key and reference.relationship_name.lower() == low:
                named = [parent_type] if parent_type else reference.reference_to
                targets = [t for t in map(self._org.schema.get, named) if t is not None]
                if any(target.field(key) for target in targets):
                    return Column(reference, reference.relationship_name, parent_type, key)
        raise JobFault(f"InvalidBatch : Field name not found : {name}")

    def _is_key(self, column: Column) -> bool:
        return not column.relationship and column.field.name.lower() == self._key.lower()

    def _values(self, columns: Sequence[Column], row: Sequence[str | None]) -> dict[str, Any]:
        """A row of texts as a record."""
        values: dict[str, Any] = {}
        for column, text in zip(columns, row, strict=True):
            if text == "":
                continue
            if text is None or text == NULL:
                values[column.field.name] = None
            elif column.relationship:
                typed = {"attributes": {"type": column.parent_type}} if column.parent_type else {}
                values[column.relationship] = {**typed, column.parent_key: text}
            else:
                values[column.field.name] = text
        return values

    # -- records ------------------------------------------------------------------------------------------------

    def load_records(self, records: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """The outcomes of records as JSON and XML files hold them: null clears a field.

        Raises:
            JobFault: an unknown field.
        """
        for name in dict.fromkeys(n for record in records for n in record if n != "attributes"):
            reference = any(
                f.relationship_name.lower() == name.lower() for f in self._sobject.fields.values()
            )
            if self._sobject.field(name) is None and not reference:
                raise JobFault(f"InvalidBatch : Field name not found : {name}")
        return self._load(
            [{name: value for name, value in record.items() if name != "attributes"} for record in records]
        )

    def _load(self, records: Sequence[dict[str, Any]]) -> list[Outcome]:
        by_key = self._operation == "upsert" and self._key.lower() != "id"
        with self._org.transaction():
            if by_key or self._operation == "update":
                return self._change_many(records)
            return [self._outcome(record) for record in records]

    def _change_many(self, records: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Update or upsert those that say which record they mean; the others are refused and touch nothing."""
        name = "Id" if self._operation == "update" else self._key
        keyed: list[tuple[Any, dict[str, Any]]] = []
        places: list[int] = []
        for place, record in enumerate(records):
            values = dict(record)
            key = _taken(values, name)
            if self._operation == "upsert":
                _taken(values, "Id")
            if key is not None and key != "":
                places.append(place)
                keyed.append((str(key) if name == "Id" else key, values))
        if name == "Id":
            saved = self._org.update_many(self._sobject.name, keyed, user=self._user)
        else:
            saved = self._org.upsert_many(self._sobject.name, name, keyed, user=self._user)
        done = dict(zip(places, saved, strict=True))
        return [
            self._shown(record, done[place]) if place in done else self._outcome(record)
            for place, record in enumerate(records)
        ]

    def _shown(self, record: dict[str, Any], one: tuple[str, bool] | OrgError) -> Outcome:
        return self._refused(record, one) if isinstance(one, OrgError) else Outcome(*one)

    # -- one row ------------------------------------------------------------------------------------------------

    def _outcome(self, values: dict[str, Any]) -> Outcome:
        try:
            with self._org.transaction():
                return self._run(dict(values))
        except OrgError as error:
            return self._refused(values, error)

    def _refused(self, values: dict[str, Any], error: OrgError) -> Outcome:
        known = str(_taken(dict(values), "Id") or "") if self._operation != "insert" else ""
        return Outcome(known, created=False, faults=tuple(self._faults(values, error)))

    def _faults(self, values: Mapping[str, Any], error: OrgError) -> Iterator[Fault]:
        if isinstance(error, MultipleMatchesError):
            message = (
                f"{self._key}: more than one record found for external id field: [{', '.join(error.ids)}]"
            )
            yield Fault("DUPLICATE_EXTERNAL_ID", message)
        elif isinstance(error, PayloadError) and error.faults[0].code == "JSON_PARSER_ERROR":
            yield self._unreadable(values) or error.faults[0]
        else:
            yield from error.faults

    def _unreadable(self, values: Mapping[str, Any]) -> Fault | None:
        """The value that is not of its field's type, in the Bulk API's words (recording bulk2-006)."""
        for place, (name, value) in enumerate(values.items()):
            field = self._sobject.field(name)
            if field is None:
                continue
            try:
                encode(field, value)
            except PayloadError:
                kind = _XSD.get(field.type, "string")
                return Fault(
                    "INVALID_FIELD",
                    f"Failed to deserialize field at col {self._places.get(field.name, place)}. Due to, '{value}' is not a valid value for the type "
                    f"xsd:{kind}",
                    (field.name,),
                )
            except OrgError:
                continue
        return None

    def _insert(self, values: dict[str, Any]) -> Outcome:
        if _taken(values, "Id"):
            raise OrgError.of("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
        return Outcome(self._org.insert(self._sobject.name, values, user=self._user), created=True)

    def _update(self, values: dict[str, Any]) -> Outcome:
        record_id = str(_taken(values, "Id") or "")
        if not record_id:
            raise OrgError.of("MISSING_ARGUMENT", "Id not specified in an update call")
        self._org.update(self._sobject.name, record_id, values, user=self._user)
        return Outcome(record_id, created=False)

    def _upsert(self, values: dict[str, Any]) -> Outcome:
        key = _taken(values, self._key)
        if key is None or key == "":
            if self._key.lower() == "id":
                return self._insert(values)
            raise OrgError.of("MISSING_ARGUMENT", f"{self._key} not specified", self._key)
        if self._key.lower() != "id":
            _taken(values, "Id")
        record_id, created = self._org.upsert(self._sobject.name, self._key, key, values, user=self._user)
        return Outcome(record_id, created)

    def _delete(self, values: dict[str, Any]) -> Outcome:
        record_id = str(_taken(values, "Id") or "")
        if not record_id:
            raise OrgError.of("MISSING_ARGUMENT", f"Id not specified in a {self._operation} call")
        remove = self._org.delete if self._operation == "delete" else self._org.purge
        remove(self._sobject.name, record_id, user=self._user)
        return Outcome(record_id, created=False)


def _with_nulls(row: Sequence[str]) -> list[str | None]:
    return [None if text == NULL else text for text in row]


def _taken(values: dict[str, Any], name: str) -> Any:
    """A value by its name in any case, taken out."""
    given = _spelled(tuple(values), name)
    return None if given is None else values.pop(given)


@lru_cache(maxsize=256)
def _spelled(names: tuple[str, ...], name: str) -> str | None:
    return next((key for key in names if key.lower() == name.lower()), None)
