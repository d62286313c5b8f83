"""Two sides of an object, record by record, at up to millions of rows: what is missing, extra, doubled or different, and why.

Rows of each side are spilled, in sorted chunks, into a table ordered by key (SQLite, WITHOUT ROWID) while they arrive, so
that memory does not grow with them. One join then finds the pairs whose raw values differ at all, and only those are looked
at in Python, by the field's own type: a spelling is forgiven, content is not (canonical.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self

from .canonical import same, shown

_CHUNK: Final = 20_000
_EXAMPLES: Final = 20
_CACHE_KIB: Final = 16_384
_ORDER: Final = {"missing": 0, "extra": 1}
"""Examples of these notes come first."""

Side = str
CRM: Final = "crm"
PRM: Final = "prm"


@dataclass(frozen=True, slots=True)
class Difference:
    """One explained difference: ``note`` says of which kind it is (missing, extra, doubled, shifted, rounded, …)."""

    key: str
    field: str
    crm: str
    prm: str
    note: str


@dataclass(slots=True)
class Reconciled:
    """What was found; ``examples`` are the first differences of each kind."""

    crm_rows: int = 0
    prm_rows: int = 0
    missing: int = 0
    """In the CRM and not in the portal."""
    extra: int = 0
    """In the portal and not in the CRM."""
    doubled: int = 0
    """Copies in the portal beyond the first."""
    differing: int = 0
    """On both sides, with another value in some field."""
    values: int = 0
    """Values compared."""
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(field, note) → how often."""
    examples: list[Difference] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        """Share (%) of the CRM's records that the portal has once and with the same values: the data accuracy rate."""
        if not self.crm_rows:
            return 100.0
        right = self.crm_rows - self.missing - self.differing
        return 100 * max(right - self.doubled, 0) / self.crm_rows

    @property
    def clean(self) -> bool:
        """Whether both sides are the same."""
        return not (self.missing or self.extra or self.doubled or self.differing)

    def found(self, difference: Difference) -> None:
        """Count a difference, and keep it while there are few of its kind."""
        kind = (difference.field, difference.note)
        self.by_kind[kind] += 1
        if self.by_kind[kind] <= _EXAMPLES:
            self.examples.append(difference)


class Reconciliation:
    """Takes both sides in any order, then compares them. Use it as a context manager: it keeps a file meanwhile.

    Args:
        describe: field → its describe entry; these fields are compared.
    """

    def __init__(self, describe: Mapping[str, Mapping[str, Any]]) -> None:
        self._describe = describe
        self._names = list(describe)
        self._rows = {CRM: 0, PRM: 0}
        self._keys = {CRM: 0, PRM: 0}
        self._kept = TemporaryDirectory(prefix="prm-reconcile-")
        self._db = sqlite3.connect(Path(self._kept.name) / "sides.db", isolation_level=None)
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            f"cache_size=-{_CACHE_KIB}",
            "locking_mode=EXCLUSIVE",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        columns = "".join(f", c{number}" for number in range(len(self._names)))
        for side in (CRM, PRM):
            self._db.execute(f"CREATE TABLE {side} (key TEXT PRIMARY KEY{columns}) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._kept.cleanup()

    def add(self, side: Side, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Spill (CRM id, values) of one side; ids of 15 and of 18 characters are the same."""
        names = self._names
        self.add_stored(
            side, ((key[:15], *(_stored(values.get(name)) for name in names)) for key, values in rows)
        )

    def add_stored(self, side: Side, rows: Iterable[Sequence[Any]]) -> None:
        """Spill rows that are tuples already: the key of 15 characters, then the values in the order of the fields."""
        marks = ", ".join("?" * (len(self._names) + 1))
        statement = f"INSERT OR IGNORE INTO {side} VALUES ({marks})"
        chunk: list[Sequence[Any]] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) >= _CHUNK:
                self._spill(side, statement, chunk)
        self._spill(side, statement, chunk)

    def result(self) -> Reconciled:
        """Compare what was added."""
        found = Reconciled(crm_rows=self._keys[CRM], prm_rows=self._rows[PRM])
        found.doubled = self._rows[PRM] - self._keys[PRM]
        if found.doubled:
            found.by_kind["record", "doubled"] = found.doubled
        for there, key, *pair in self._candidates():
            if there is None:
                found.missing += 1
                found.found(Difference(key, "record", "there", "no such record", "missing"))
            else:
                found.differing += self._explained(key, pair, found)
        paired = found.crm_rows - found.missing
        for key in self._extra() if self._keys[PRM] > paired else ():
            found.extra += 1
            found.found(Difference(key, "record", "no such record", "there", "extra"))
        found.values = paired * len(self._names)
        found.examples.sort(key=lambda difference: _ORDER.get(difference.note, len(_ORDER)))
        return found

    # -- inside -----------------------------------------------------------------------------------------------------

    def _spill(self, side: Side, statement: str, chunk: list[Sequence[Any]]) -> None:
        if not chunk:
            return
        self._rows[side] += len(chunk)
        chunk.sort(key=_key)
        self._db.execute("BEGIN")
        self._keys[side] += self._db.executemany(statement, chunk).rowcount
        self._db.execute("COMMIT")
        chunk.clear()

    def _candidates(self) -> Iterator[Sequence[Any]]:
        """The CRM's records that the portal lacks or has with another value: (its key or None, key, values in pairs)."""
        numbers = range(len(self._names))
        pairs = "".join(f", a.c{n}, b.c{n}" for n in numbers)
        differ = "".join(f" OR a.c{n} IS NOT b.c{n}" for n in numbers)
        return self._db.execute(
            f"SELECT b.key, a.key{pairs} FROM crm a LEFT JOIN prm b ON a.key = b.key WHERE b.key IS NULL{differ}"
        )

    def _extra(self) -> Iterator[str]:
        rows = self._db.execute(
            "SELECT b.key FROM prm b LEFT JOIN crm a ON a.key = b.key WHERE a.key IS NULL"
        )
        return (key for (key,) in rows)

    def _explained(self, key: str, pair: Sequence[Any], found: Reconciled) -> bool:
        wrong = False
        for number, name in enumerate(self._names):
            crm, prm = pair[2 * number], pair[2 * number + 1]
            if crm == prm:
                continue
            right, note = same(crm, prm, self._describe[name])
            if not right:
                wrong = True
                found.found(Difference(key, name, shown(crm), shown(prm), note))
        return wrong


def _key(row: Sequence[Any]) -> Any:
    return row[0]


def _stored(value: Any) -> Any:
    """As SQLite takes it; what it cannot take is written as text that canonical.py reads."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(sorted(map(str, value)))
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)
