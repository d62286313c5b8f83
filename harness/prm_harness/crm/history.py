"""Every committed row change, oldest first. A load is kept as one run, whose changes become objects when they are read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, overload

from prm_harness.crm.backend import RowChange

Difference = Mapping[str, tuple[Any, Any]]


class Load(Sequence[RowChange]):
    """The same kind of change of many records: a million of them have to stay small."""

    __slots__ = ("at", "fields", "first", "operation", "record_ids", "sobject", "user")

    def __init__(
        self,
        at: datetime,
        user: str,
        sobject: str,
        record_ids: Sequence[str],
        operation: str,
        fields: Sequence[Difference],
    ) -> None:
        self.at = at
        self.user = user
        self.sobject = sobject
        self.record_ids = record_ids
        self.operation = operation
        self.fields = fields
        self.first = 0

    def __len__(self) -> int:
        return len(self.record_ids)

    @overload
    def __getitem__(self, index: int) -> RowChange: ...
    @overload
    def __getitem__(self, index: slice) -> list[RowChange]: ...
    def __getitem__(self, index: int | slice) -> RowChange | list[RowChange]:
        if isinstance(index, slice):
            return [self._change(place) for place in range(*index.indices(len(self)))]
        return self._change(range(len(self))[index])

    def _change(self, place: int) -> RowChange:
        return RowChange(
            self.first + place + 1,
            self.at,
            self.user,
            self.sobject,
            self.record_ids[place],
            self.operation,
            self.fields[place],
        )


class History(Sequence[RowChange]):
    """Changes numbered from 1; it only ever grows."""

    def __init__(self) -> None:
        self._runs: list[list[RowChange] | Load] = []
        self._starts: list[int] = []
        self._count = 0

    def append(
        self, at: datetime, user: str, sobject: str, record_id: str, operation: str, fields: Difference
    ) -> None:
        """Add one change."""
        last = self._runs[-1] if self._runs else None
        if not isinstance(last, list):
            last = []
            self._start(last)
        self._count += 1
        last.append(RowChange(self._count, at, user, sobject, record_id, operation, fields))

    def extend(self, load: Load) -> None:
        """Add a load's changes."""
        load.first = self._count
        self._start(load)
        self._count += len(load)

    def view(self, first: int, count: int | None = None) -> View:
        """The changes from an index on, up to now or as many as ``count``."""
        return View(self, first, self._count if count is None else first + count)

    def runs(self, start: int, stop: int) -> Iterator[Sequence[RowChange]]:
        """The changes of a range in pieces: a Load stays one where the range holds all of it."""
        place = max(0, bisect_right(self._starts, start) - 1)
        for first, run in zip(self._starts[place:], self._runs[place:], strict=True):
            if first >= stop:
                return
            whole = start <= first and first + len(run) <= stop
            yield run if whole else run[max(0, start - first) : stop - first]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> RowChange: ...
    @overload
    def __getitem__(self, index: slice) -> list[RowChange]: ...
    def __getitem__(self, index: int | slice) -> RowChange | list[RowChange]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._count)
            if step != 1:
                return [self[place] for place in range(start, stop, step)]
            return [change for run in self.runs(start, stop) for change in run]
        place = range(self._count)[index]
        run = bisect_right(self._starts, place) - 1
        return self._runs[run][place - self._starts[run]]

    def __iter__(self) -> Iterator[RowChange]:
        for run in self._runs:
            yield from run

    def __eq__(self, other: object) -> bool:
        return list(self) == other

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def _start(self, run: list[RowChange] | Load) -> None:
        self._runs.append(run)
        self._starts.append(self._count)


class View(Sequence[RowChange]):
    """A range of a history, read when it is looked at."""

    __slots__ = ("_all", "_start", "_stop")

    def __init__(self, history: History, start: int, stop: int) -> None:
        self._all, self._start, self._stop = history, start, stop

    def touches(self, sobject: str) -> bool:
        """Whether a record of that object is among the changed ones."""
        return any(
            run.sobject == sobject if isinstance(run, Load) else any(c.sobject == sobject for c in run)
            for run in self._all.runs(self._start, self._stop)
        )

    def __len__(self) -> int:
        return self._stop - self._start

    @overload
    def __getitem__(self, index: int) -> RowChange: ...
    @overload
    def __getitem__(self, index: slice) -> list[RowChange]: ...
    def __getitem__(self, index: int | slice) -> RowChange | list[RowChange]:
        return self._all[self._start : self._stop][index]

    def __iter__(self) -> Iterator[RowChange]:
        for run in self._all.runs(self._start, self._stop):
            yield from run
