"""What a check does, written down while it does it; and given back to it when its case is replayed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel

from prm_harness.record.case import ALIAS, Case, Draw, Operation, Side
from prm_harness.record.digests import canonical_json, sha256

from .handed.chance import Chance

_MOST_OPERATIONS: Final = 2000
_MOST_ROWS: Final = 20
_MOST_DRAWS: Final = 5000
T = TypeVar("T")
Watcher = Callable[[int, Operation], None]


class Tape:
    """The operations of one check.

    Args:
        now: the CRM's clock.
        replay: the case to give back: its draws and generated inputs come in place of new ones.
        watch: told every operation just before it is done, with its number.
    """

    def __init__(
        self, now: Callable[[], datetime], *, replay: Case | None = None, watch: Watcher | None = None
    ) -> None:
        self._now = now
        self._replay = replay
        self._watch = watch
        self._operations: list[Operation] = []
        self._count = self._numbered = 0
        self._draws: list[Draw] = []
        self._aliases: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._given: dict[str, Any] = {}
        self._reduced = ""

    # -- chance -----------------------------------------------------------------------------------------------------

    def chance(self, seed: str) -> random.Random:
        """Where the check's data come from: seeded, written down, or as it was written down."""
        return Chance(seed, self._draws, self._replay.draws if self._replay else ())

    def seed(self, now: int) -> int:
        """The seed of the case that is replayed; else ``now``, the run's own."""
        return self._replay.seed if self._replay else now

    @property
    def replays(self) -> bool:
        """Whether a case is given back: its input is small already, or as its run left it."""
        return self._replay is not None

    def today(self, today: date) -> date:
        """The day that drawn dates count from."""
        return self._replay.today if self._replay else today

    def given(
        self, name: str, draw: Callable[[], T], write: Callable[[T], Any], read: Callable[[Any], T]
    ) -> T:
        """A generated input: drawn, or the case's own."""
        if self._replay is not None and name in self._replay.given:
            self._given[name] = self._replay.given[name]
            return read(self._given[name])
        drawn = draw()
        self._given[name] = write(drawn)
        return drawn

    def reduce(self, name: str, smallest: Any, how: str, about: Collection[str]) -> None:
        """The case keeps the smallest input that still fails, and the operations on the records called ``about``."""
        self._given[name] = smallest
        self._reduced = how
        wanted = {alias for alias, known in self._names.items() if known in about} | set(about)
        kept = [op for op in self._operations if _touches(op, wanted)]
        needed = {ref for op in kept for ref in _references(op)} - wanted
        begin = next((at for at, op in enumerate(self._operations) if _touches(op, wanted)), 0)
        # What it was under counts as well: from the barrier before it.
        waits = [at for at, op in enumerate(self._operations[:begin]) if op.side == "time"]
        first = waits[-1] + 1 if waits else 0
        self._operations = [
            op
            for at, op in enumerate(self._operations)
            if _touches(op, wanted) or needed & set(op.made) or (at >= first and _about_everything(op))
        ]

    # -- operations -------------------------------------------------------------------------------------------------

    def knows(self, record_id: str | None, alias: str = "", name: str = "") -> str:
        """Give a record its alias, if it has none yet; returns it."""
        if not record_id:
            return ""
        key = record_id[:15]
        known = self._aliases.get(key)
        if known is None:
            self._numbered += not alias
            known = self._aliases[key] = alias or f"{ALIAS}{self._numbered}"
        if name:
            self._names[known] = name
        return known

    def act(
        self,
        side: Side,
        do: str,
        kind: str = "",
        what: str = "",
        values: Mapping[str, Any] | None = None,
        rows: Sequence[Mapping[str, Any]] = (),
    ) -> Callable[..., None]:
        """Write down what is about to be done; returns what takes the answer, and the ids of what was made."""
        operation = Operation(
            at=self._now(),
            side=side,
            do=do,
            kind=kind,
            what=self._plain(what),
            values=self._plain(dict(values or {})),
            rows=tuple(self._plain(dict(row)) for row in rows[:_MOST_ROWS]),
            more=max(len(rows) - _MOST_ROWS, 0),
        )
        self._count += 1
        if self._watch is not None:
            self._watch(self._count, operation)
        if len(self._operations) >= _MOST_OPERATIONS:
            return lambda _answer, _made=(): None
        place = len(self._operations)
        self._operations.append(operation)

        def answered(answer: str, made: Iterable[str] = ()) -> None:
            names = [str(row.get("Name") or row.get("LastName") or "") for row in rows]
            aliases = [self.knows(one, name=name) for one, name in zip(made, names, strict=False)]
            self._operations[place] = operation.model_copy(
                update={"answer": answer, "made": tuple(aliases[:_MOST_ROWS])}
            )

        return answered

    def waited(self, barrier: str, *, passed: bool) -> None:
        """A barrier that was waited at."""
        self.act("time", "wait", what=barrier)("passed" if passed else "not passed")

    def case(self, check: str, revision: int, *, seed: int, started_at: datetime, today: date) -> Case:
        """Everything so far."""
        return Case(
            check=check,
            revision=revision,
            seed=seed,
            started_at=started_at,
            today=today,
            draws=tuple(self._draws[:_MOST_DRAWS]),
            given=self._given,
            reduced=self._reduced,
            operations=tuple(self._operations),
            more=max(self._count - _MOST_OPERATIONS, 0),
        )

    def _plain(self, value: Any) -> Any:
        """As JSON, with every id that is known replaced by its alias, and without what is as usual in a fault."""
        if isinstance(value, str):
            return self._aliases.get(value[:15], value) if len(value) in {15, 18} else value
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, Mapping):
            return {str(key): self._plain(item) for key, item in value.items()}
        if isinstance(value, BaseModel):
            return self._plain(value.model_dump(mode="json"))
        if is_dataclass(value) and not isinstance(value, type):
            usual = {
                field.name: field.default if field.default_factory is MISSING else field.default_factory()
                for field in fields(value)
            }
            return self._plain({name: item for name, item in asdict(value).items() if item != usual[name]})
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._plain(item) for item in value]
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        return f"<{type(value).__name__}>" if callable(value) else str(value)


def gist(value: Any) -> str:
    """A short mark of an answer, equal where the answers are: what a check decides by must be seen to have changed."""
    if value is None:
        return "none"
    many = isinstance(value, (list, tuple))
    if many and not value:
        return "0"
    try:
        mark = sha256(_written(value))[:12]
    except TypeError:
        return str(value)[:60]
    return f"{len(value)}: {mark}" if many else mark


def _dumped(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [*map(_dumped, value)] if isinstance(value, (list, tuple)) else value


def _written(value: Any) -> bytes:
    """As JSON, keys sorted; what only the slower way can write (half characters) goes that way."""
    try:
        return orjson.dumps(value, default=_fields, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return canonical_json(_dumped(value))


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return value.__dict__
    raise TypeError


def _touches(operation: Operation, wanted: Collection[str]) -> bool:
    named = {str(row.get("Name") or row.get("LastName") or "") for row in (*operation.rows, operation.values)}
    return operation.what in wanted or bool(wanted & named) or bool(wanted & set(operation.made))  # type: ignore[operator]


def _references(operation: Operation) -> set[str]:
    values = [value for row in (*operation.rows, operation.values) for value in row.values()]
    return {value for value in values if isinstance(value, str) and value.startswith(ALIAS)}


def _about_everything(operation: Operation) -> bool:
    return operation.side == "time" or operation.do.startswith(("faults.", "quota.", "schema."))
