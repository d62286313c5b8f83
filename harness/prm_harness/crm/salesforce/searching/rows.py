"""Which rows of an object hold the words of a search."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.salesforce.searching.term import Term, needles, words_of
from prm_harness.crm.store.store import numbered, quote

_TEXT: Final = frozenset({
    FieldType.STRING, FieldType.TEXTAREA, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.COMBOBOX,
})  # fmt: skip
_NOT_DIGIT: Final = re.compile(r"\D+")
_SETUP: Final = frozenset({
    "FieldPermissions", "LeadStatus", "OpportunityStage", "Organization", "PermissionSet", "PermissionSetAssignment",
    "Profile", "PushTopic", "RecordType", "StreamingChannel", "UserRole",
})  # fmt: skip
"""Objects that describe the org itself: searched only when RETURNING names them."""


def searchable(schema: Schema) -> Iterator[str]:
    """The objects that a search without RETURNING goes through."""
    for name, obj in schema.objects.items():
        if obj.queryable and obj.name_field is not None and name not in _SETUP:
            yield name


def matching_ids(connection: sqlite3.Connection, obj: SObjectType, term: Term, group: str) -> list[str]:
    """Ids of the live rows whose fields of that group hold the term, oldest first.

    SQLite narrows the rows down to those that may match; words are told apart here.
    """
    fields = [f for f in obj.fields.values() if f.stored and _in_group(obj, f, group)]
    if not fields:
        return []
    marks: list[str] = []
    values: list[str] = []
    for needle in needles(term):
        # What is not plain ASCII is folded differently by SQLite: then every row is looked at.
        values.append(f"%{needle}%" if needle.isascii() else "%")
        phone = [f"replace(replace(replace(replace({quote(f.name)},' ',''),'-',''),'(',''),')','')"
                 for f in fields if f.type is FieldType.PHONE]  # fmt: skip
        columns = [*(quote(f.name) for f in fields), *phone]
        marks += [f"{column} LIKE ?{len(values)}" for column in columns]
    live = '"IsDeleted" IS NOT 1 AND ' if "IsDeleted" in obj.fields else ""
    shown = ", ".join(quote(f.name) for f in fields)
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(
        f'SELECT "Id", {shown} FROM {quote(obj.name)} WHERE {live}({" OR ".join(marks)}) ORDER BY "Id"',
        numbered(values),
    )
    return [row[0] for row in cursor if term.matches(_row_words(fields, row[1:]))]


def _row_words(fields: list[Field], row: tuple[Any, ...]) -> list[str]:
    words: list[str] = []
    for field, value in zip(fields, row, strict=True):
        if isinstance(value, str):
            words += words_of(value)
            if field.type is FieldType.PHONE:
                words.append(_NOT_DIGIT.sub("", value))
            words.append("")  # no phrase runs from one field into the next
    return words


def _in_group(obj: SObjectType, field: Field, group: str) -> bool:
    if field.type not in _TEXT:
        return False
    name = field.name_field or (field.compound == "Name" and field.name != "Salutation")
    match group:
        case "NAME":
            return name
        case "EMAIL":
            return field.type is FieldType.EMAIL
        case "PHONE":
            return field.type is FieldType.PHONE
        case "SIDEBAR":
            return name or field.external_id or field.type in {FieldType.EMAIL, FieldType.PHONE}
    return obj.queryable
