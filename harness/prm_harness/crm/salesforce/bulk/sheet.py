"""CSV as bulk jobs read and write it: delimiters, line endings, chunks of 10,000 rows (contract §9.1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

CHUNK: Final = 10_000
"""Rows that Salesforce processes as one internal batch."""
DELIMITERS: Final = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS: Final = {"LF": "\n", "CRLF": "\r\n"}

_UNESCAPED: Final = (
    "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote"
)


class JobFault(Exception):  # noqa: N818 - what a job or batch fails with; it is no answer by itself
    """Why a whole job or batch cannot be processed: its ``errorMessage`` or ``stateMessage``."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a job's files are written."""

    delimiter: str = "COMMA"
    line_ending: str = "LF"

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return DELIMITERS[self.delimiter]

    @property
    def newline(self) -> str:
        """What ends a row."""
        return LINE_ENDINGS[self.line_ending]

    def rows(self, text: str) -> Iterator[list[str]]:
        """All rows of a text, the header among them, without blank lines; csv.Error comes up while they are read."""
        return filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=self.separator))

    def page(self, rows: Iterable[Sequence[Any]]) -> str:
        """Rows with every cell in quotes, nulls as empty texts."""
        out = io.StringIO()
        self.writer(out).writerows(rows)
        return out.getvalue()

    def header(self, names: Iterable[str]) -> str:
        """A header line in quotes."""
        return self.page([list(names)])

    def writer(self, out: io.StringIO) -> Any:
        """A CSV writer in this dialect with every cell in quotes."""
        return csv.writer(out, delimiter=self.separator, lineterminator=self.newline, quoting=csv.QUOTE_ALL)


def decoded(body: bytes) -> str:
    """The text of an uploaded file.

    Raises:
        JobFault: it is not UTF-8.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise JobFault("InvalidBatch : Failed to parse CSV. The file is not encoded in UTF-8") from None


def check_line_ending(text: str, dialect: Dialect) -> None:
    """Refuse a file whose first line does not end as the job says (public reports of Bulk API 2.0 failures).

    Raises:
        JobFault: ClientInputError.
    """
    end = text.find("\n")
    if end < 0:
        return
    found = "CRLF" if text[:end].endswith("\r") else "LF"
    if found != dialect.line_ending:
        raise JobFault(
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {dialect.line_ending}"
        )


def read(text: str, dialect: Dialect) -> tuple[list[str], Iterator[list[list[str]]]]:
    """The header, and the rows in chunks; short rows are filled up with empty cells.

    Raises:
        JobFault: no header, a quote where none can be, or (while reading) a row longer than the header.
    """
    rows = dialect.rows(text)
    first = next(_taken(rows, 1), None)
    if first is None:
        raise JobFault("InvalidBatch : Records not found")
    header = first[0]
    if any('"' in name for name in header):
        raise JobFault(_UNESCAPED)
    return header, _chunks(rows, len(header))


def _chunks(rows: Iterator[list[str]], width: int) -> Iterator[list[list[str]]]:
    for chunk in _taken(rows, CHUNK):
        if set(map(len, chunk)) != {width}:
            for row in chunk:
                if len(row) > width:
                    message = f"a row has {len(row)} columns and the header {width}"
                    raise JobFault(f"InvalidBatch : Failed to parse CSV. Found unexpected columns: {message}")
                row.extend([""] * (width - len(row)))
        yield chunk


def _taken(rows: Iterator[list[str]], count: int) -> Iterator[list[list[str]]]:
    try:
        while chunk := list(islice(rows, count)):
            yield chunk
    except csv.Error as error:
        raise JobFault(f"InvalidBatch : Failed to parse CSV. {error}") from None
