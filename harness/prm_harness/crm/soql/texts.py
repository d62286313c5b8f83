"""Records as JSON text made inside the store, for pages: building no Python value per field halves their cost.

Only for records of plain fields. Every other statement answers with records, and so does one whose numbers SQLite
could not write exactly (it writes 15 digits).
"""

from __future__ import annotations

from collections.abc import Mapping

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.soql.columns import Column, Kind

_MOST_FIELDS = 60
"""SQLite's functions take 127 arguments, two for each field."""
_DIGITS = 15
_MOST_DECIMALS = 6


def record_text(sobject: str, identity: str, fields: Mapping[str, Column], address: str) -> str | None:
    """The SQL of a record's JSON, ``attributes`` included; None where the store cannot write it.

    ``identity`` is the SQL of its id, ``address`` the placeholder of what comes before the id in its url.
    """
    if not fields or len(fields) > _MOST_FIELDS:
        return None
    values = [_value(column) for column in fields.values()]
    if None in values:
        return None
    pairs = ", ".join(f"'{key}', {value}" for key, value in zip(fields, values, strict=True))
    head = f'\'{{"attributes":{{"type":"{sobject}","url":"\' || {address} || {identity} || \'"}},\''
    return f"{head} || substr(json_object({pairs}), 2)"


def _value(column: Column) -> str | None:
    if column.kind is Kind.BOOLEAN:
        return f"json(iif({column.sql}, 'true', 'false'))"
    if column.kind is not Kind.NUMBER:
        return column.sql
    field = column.field
    if field is None:
        return None
    if field.type is FieldType.INT:
        return column.sql
    if field.scale > _MOST_DECIMALS:
        return None
    if 0 < field.precision <= _DIGITS:
        return column.sql
    # 17 digits give the same number back, in more characters than need be.
    exact = f"abs({column.sql}) < 1e{_DIGITS - field.scale}"
    return f"CASE WHEN {column.sql} IS NULL OR {exact} THEN {column.sql} ELSE json(printf('%!.17g', {column.sql})) END"
