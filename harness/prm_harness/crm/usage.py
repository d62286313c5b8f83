"""What a stretch of the request log amounts to: calls per change, batch sizes, gaps, who wrote which field.

Numbers stand in plain arrays beside the entries, so that a million entries are counted without writing out one of them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import sub
from typing import NamedTuple

from prm_harness.crm.backend import Gaps, RowChange, Usage
from prm_harness.crm.history import Load


class Kind(NamedTuple):
    """What many requests have in common."""

    user: str
    client: str
    method: str
    route: str
    status: int
    error_code: str
    fault: str


class Columns:
    """The numbers of all requests, by place."""

    __slots__ = ("_places", "at", "kind", "kinds", "rows_in", "rows_out")

    def __init__(self) -> None:
        self.at = array("d")
        self.kind = array("l")
        self.rows_in = array("l")
        self.rows_out = array("l")
        self.kinds: list[Kind] = []
        self._places: dict[Kind, int] = {}

    def add(self, at: float, kind: Kind, rows: tuple[int, int]) -> None:
        """One more request."""
        place = self._places.get(kind)
        if place is None:
            place = self._places[kind] = len(self.kinds)
            self.kinds.append(kind)
        self.at.append(at)
        self.kind.append(place)
        self.rows_in.append(rows[0])
        self.rows_out.append(rows[1])

    def usage(
        self, since: int, until: int, user: str | None, changes: Iterable[Sequence[RowChange]]
    ) -> Usage:
        """The figures of the requests from ``since`` up to ``until`` (places), and of those row changes."""
        kinds, at = self.kind[since:until], self.at[since:until]
        rows_in, rows_out = self.rows_in[since:until], self.rows_out[since:until]
        wanted = [user is None or kind.user == user for kind in self.kinds]
        if not all(wanted):
            mask = [wanted[kind] for kind in kinds]
            kinds, at = array("l", compress(kinds, mask)), array("d", compress(at, mask))
            rows_in, rows_out = array("l", compress(rows_in, mask)), array("l", compress(rows_out, mask))
        counts = Counter(kinds)
        named = {self.kinds[place]: count for place, count in counts.items()}
        writing = [kind.route.startswith("write") for kind in self.kinds]
        is_write = [writing[kind] for kind in kinds]
        batches = Counter(compress(rows_in, is_write))
        written, made = _writes(changes)
        return Usage(
            calls=len(kinds),
            rows_in=sum(rows_in),
            rows_out=sum(rows_out),
            changes=made,
            calls_per_1000_changes=len(kinds) * 1000 / made if made else None,
            batch_sizes=dict(sorted(batches.items())),
            gaps=_gaps(at),
            by_route=_by(named, "route"),
            by_client=_by(named, "client"),
            by_user=_by(named, "user"),
            by_status=_by(named, "status"),
            by_error={key: n for key, n in _by(named, "error_code").items() if key},
            by_fault={key: n for key, n in _by(named, "fault").items() if key},
            writes=written,
        )


def _by(named: dict[Kind, int], part: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for kind, count in named.items():
        total[str(getattr(kind, part))] += count
    return dict(total.most_common())


def _gaps(at: array[float]) -> Gaps:
    between = sorted(map(sub, at[1:], at[:-1]))
    if not between:
        return Gaps(0, 0.0, 0.0, 0.0)
    last = len(between) - 1
    return Gaps(len(between), between[last // 2], between[last * 95 // 100], between[last])


def _writes(runs: Iterable[Sequence[RowChange]]) -> tuple[dict[str, dict[str, int]], int]:
    """User → ``Object.Field`` → how often it was written, and the number of changes; the platform's own do not count."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    made = 0
    for run in runs:
        if isinstance(run, Load):
            shapes = {
                (run.user, run.sobject, names): n for names, n in Counter(map(tuple, run.fields)).items()
            }
        else:
            shapes = Counter((change.user, change.sobject, tuple(change.fields)) for change in run)
        for (user, sobject, names), count in shapes.items():
            if not user:
                continue
            made += count
            fields = counts.setdefault((user, sobject), Counter())
            for name in names:
                fields[name] += count
    written: dict[str, dict[str, int]] = {}
    for (user, sobject), fields in counts.items():
        mine = written.setdefault(user, {})
        mine.update(zip(map(".".join, zip(repeat(sobject), fields)), fields.values(), strict=True))
    return written, made
