"""What the plain fields of a schema are in SQL, learned once for each version of it.

A statement of a shape never seen finds most of its fields here: looking them up, checking them and wording their SQL is
the greater part of compiling it.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass

from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.soql.columns import Column, Kind

ALIAS = "t1"
"""The alias of a statement's own table, which the first one gets."""
_KEPT = 16
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


class Catalog:
    """Object → name as statements spell it → field."""

    __slots__ = ("schema", "tables", "version")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.version = schema.version
        self.tables: dict[str, dict[str, Plain]] = defaultdict(dict)


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
