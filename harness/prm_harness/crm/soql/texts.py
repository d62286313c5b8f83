"""Records as JSON text made inside the store, for pages: building no Python value per field halves their cost.

Only for records of plain fields. Every other statement answers with records, and so does one whose numbers SQLite
could not write exactly (it writes 15 digits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.soql.columns import Column, Kind

_MOST_FIELDS = 60
"""SQLite's functions take 127 arguments, two for each field."""
_DIGITS = 15
_MOST_DECIMALS = 6


def page_of_texts(
    sobject: str,
    columns: Sequence[str],
    fields: Mapping[str, Column],
    rows: str,
    address: str,
    *,
    sorts: bool,
    pairs: Sequence[str | None] = (),
) -> str:
    """The statement whose rows are records as JSON texts; empty where the store cannot write them.

    Args:
        sobject: What ``attributes`` call the records.
        columns: The SQL of the id, and then of each field.
        fields: Key in the record → field.
        rows: FROM and all that follows.
        address: The placeholder of what comes before the id in a record's url.
        sorts: Whether the rows are sorted; then only those that are left at the end are written.
        pairs: What ``pair`` gives for each field, where that is known.
    """
    if not sorts:
        pairs = pairs or [pair(key, column) for key, column in fields.items()]
        text = _record(sobject, columns[0], pairs, address)
        return f"SELECT {text} {rows}" if text else ""
    names = [f"c{place}" for place in range(len(columns))]
    renamed = [pair(key, column, name) for (key, column), name in zip(fields.items(), names[1:], strict=True)]
    text = _record(sobject, names[0], renamed, address)
    inner = ", ".join([f"{sql} AS {name}" for sql, name in zip(columns, names, strict=True)])
    return f"WITH page AS MATERIALIZED (SELECT {inner} {rows}) SELECT {text} FROM page" if text else ""


def _record(sobject: str, identity: str, pairs: Sequence[str | None], address: str) -> str:
    written = [pair for pair in pairs if pair is not None]
    if not pairs or len(pairs) > _MOST_FIELDS or len(written) < len(pairs):
        return ""
    head = f'\'{{"attributes":{{"type":"{sobject}","url":"\' || {address} || {identity} || \'"}},\''
    return f"{head} || substr(json_object({', '.join(written)}), 2)"


def pair(key: str, column: Column, sql: str = "") -> str | None:
    """A field's part of ``json_object``, read from the SQL ``sql`` or its own; None: the store cannot write it."""
    value = _value(column, sql or column.sql)
    return None if value is None else f"'{key}', {value}"


def _value(column: Column, sql: str) -> str | None:
    if column.kind is Kind.BOOLEAN:
        return f"json(iif({sql}, 'true', 'false'))"
    field = column.field
    if column.kind is not Kind.NUMBER:
        return None if field is not None and field.type is FieldType.BASE64 else sql
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
