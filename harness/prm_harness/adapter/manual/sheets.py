"""CSV on its way in and out: what a portal exported, and what a person can import instead of typing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter.records import Record

from .spec import Column, ManualKind

_ENCODINGS: Final = ("utf-8-sig", "utf-16")
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
LARGEST: Final = 64 * 2**20


class SheetError(Exception):
    """A file that is not the export that was asked for; says what is wrong with it."""


def read_export(path: Path, kind: str, spec: ManualKind) -> list[Record]:
    """The records of an exported file. A column that is not there is a field that the portal has not.

    Raises:
        SheetError: it cannot be read, or lacks the id column.
    """
    rows = csv.DictReader(io.StringIO(_text(path), newline=""), delimiter=spec.delimiter)
    columns = rows.fieldnames or ()
    if spec.id_column not in columns:
        raise SheetError(
            f"{path.name} has no column {spec.id_column!r}, but {', '.join(map(repr, columns)) or 'none'}"
        )
    try:
        return list(_records(rows, kind, spec))
    except csv.Error as error:
        raise SheetError(f"{path.name}, line {rows.line_num}: {error}") from None


def write_import(path: Path, spec: ManualKind, values: Mapping[str, Any]) -> None:
    """One record as a file that the portal can import, with its own labels."""
    columns = {name: column for name, column in spec.fields.items() if name in values}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=spec.delimiter)
        writer.writerow([column.label for column in columns.values()])
        writer.writerow([shown(column, values[name]) for name, column in columns.items()])


def shown(column: Column, value: Any) -> str:
    """A CRM value as the portal wants it typed."""
    if value is None:
        return ""
    if isinstance(value, str) and value in column.values:
        return column.values[value]
    return str(column.notation.written(value) if column.notation else value)


def understood(column: Column, text: str) -> Any:
    """What the portal shows as a CRM value; nothing shown is nothing."""
    if text == "":
        return None
    for ours, theirs in column.values.items():
        if theirs == text:
            return ours
    return column.notation.read(text) if column.notation else text


def _records(rows: csv.DictReader[str], kind: str, spec: ManualKind) -> Iterator[Record]:
    columns = rows.fieldnames or ()
    for row in rows:
        # A line that is longer or shorter than the header: what is missing is missing, what is too much is kept raw.
        raw = {str(key): value for key, value in row.items()}
        prm_id = row.get(spec.id_column)
        if not prm_id:
            raise SheetError(f"line {rows.line_num} has nothing in the column {spec.id_column!r}")
        yield Record(
            kind=kind,
            prm_id=prm_id,
            crm_id=(row.get(spec.crm_id_column) or None) if spec.crm_id_column else None,
            fields={
                name: understood(column, row[column.label] or "")
                for name, column in spec.fields.items()
                if column.label in columns
            },
            raw=raw,
        )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise SheetError(f"{path.name} is larger than {LARGEST // 2**20} MB; export less at a time")
        content = path.read_bytes()
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror or error}") from None
    encoding = _ENCODINGS[content[:2] in _BOMS]
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SheetError(
            f"{path.name} is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}); export it as UTF-8"
        ) from None
