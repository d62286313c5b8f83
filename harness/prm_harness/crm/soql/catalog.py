"""What the plain fields of a schema are in SQL, learned once for each version of it.

A statement of a shape never seen finds most of its fields here: looking them up, checking them and wording their SQL is
the greater part of compiling it.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.soql.columns import Column, Kind

ALIAS = "t1"
"""The alias of a statement's own table, which the first one gets."""
_KEPT = 16
_KEPT_LISTS = 64
_MOST_FIELDS = 60
"""SQLite's functions take 127 arguments, two for each field."""
_DIGITS = 15
"""Digits that SQLite writes of a number."""
_MOST_DECIMALS = 6


@dataclass(slots=True)
class Plain:
    """A stored field of a statement's own object. ``pair`` is its part of ``json_object``, None where it has none."""

    column: Column
    sql: str
    pair: str | None
    boolean: bool

    @classmethod
    def of(cls, key: str, column: Column) -> Plain:
        """What a column is, selected as ``key``."""
        return cls(column, column.sql, pair(key, column), column.kind is Kind.BOOLEAN)


@dataclass(slots=True)
class Listed:
    """A list of plain fields that a statement selected; ``pairs`` is what ``json_object`` takes, empty if it cannot."""

    fields: tuple[Plain, ...]
    pairs: str

    @classmethod
    def of(cls, fields: tuple[Plain, ...]) -> Listed:
        """What a list of fields is."""
        return cls(fields, joined([field.pair for field in fields]))


class Known:
    """What statements of one object have named: fields, as they spelled them, and whole lists of fields."""

    __slots__ = ("_lists", "fields")

    def __init__(self) -> None:
        self.fields: dict[str, Plain] = {}
        self._lists: OrderedDict[tuple[str, ...], Listed] = OrderedDict()

    def listed(self, names: tuple[str, ...]) -> Listed | None:
        """The fields of a list, if all of them are known and none comes twice."""
        found = self._lists.get(names)
        if found is None:
            fields = self.fields
            if len(set(names)) < len(names) or not all(name in fields for name in names):
                return None
            found = self._lists[names] = Listed.of(tuple([fields[name] for name in names]))
            if len(self._lists) > _KEPT_LISTS:
                self._lists.popitem(last=False)
        return found


class Catalog:
    """Object → what is known of it."""

    __slots__ = ("schema", "tables", "version")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.version = schema.version
        self.tables: dict[str, Known] = defaultdict(Known)


_catalogs: OrderedDict[int, Catalog] = OrderedDict()


def catalog_of(schema: Schema) -> Catalog:
    """The catalog of a schema as it is now."""
    known = _catalogs.get(id(schema))
    # The entry holds on to its schema, so that no other one can have the same id meanwhile.
    if known is not None and known.schema is schema and known.version == schema.version:
        return known
    made = _catalogs[id(schema)] = Catalog(schema)
    if len(_catalogs) > _KEPT:
        _catalogs.popitem(last=False)
    return made


def joined(pairs: Sequence[str | None]) -> str:
    """The arguments of ``json_object``; empty where the store cannot write one of the fields, or not as many."""
    written = [pair for pair in pairs if pair]
    return ", ".join(written) if len(pairs) <= _MOST_FIELDS and len(written) == len(pairs) else ""


def pair(key: str, column: Column, sql: str = "") -> str | None:
    """A field's part of ``json_object``, read from the SQL ``sql`` or its own; None: the store cannot write it."""
    value = _value(column, sql or column.sql)
    return None if value is None else f"'{key}', {value}"


def _value(column: Column, sql: str) -> str | None:
    if column.kind is Kind.BOOLEAN:
        return f"json(iif({sql}, 'true', 'false'))"
    field = column.field
    if column.kind is not Kind.NUMBER:
        return None if field is not None and field.type in {FieldType.BASE64, FieldType.ANY} else sql
    if field is None:
        return None
    if field.type is FieldType.INT:
        return sql
    if field.scale > _MOST_DECIMALS:
        return None
    if 0 < field.precision <= _DIGITS:
        return sql
    # 17 digits give the same number back, in more characters than need be.
    exact = f"abs({sql}) < 1e{_DIGITS - field.scale}"
    return f"CASE WHEN {sql} IS NULL OR {exact} THEN {sql} ELSE json(printf('%!.17g', {sql})) END"
