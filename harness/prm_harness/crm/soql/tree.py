"""The typed tree of a SOQL statement. ``at`` is the index of a token: of literals, whose value it holds, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, overload


class Path(NamedTuple):
    """A field, perhaps through parents: ``Account.Owner.Name``."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of fields: aggregates, date functions, ``toLabel``, ``FORMAT``. ``name`` is upper case."""

    name: str
    args: tuple[Expression, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Distance:
    """``DISTANCE(Geo__c, GEOLOCATION(37.7, -122.4), 'mi')``: to the tokens of two numbers, or to another field."""

    place: Path
    point: Path | tuple[int, int]
    unit: int
    at: int


Expression: TypeAlias = Path | Call | Distance


class Joined(NamedTuple):
    """A parent that FROM names after the object: ``c.Account a`` is the path ``c.Account`` and its alias."""

    path: str
    alias: str
    at: int


class Selected(NamedTuple):
    """One item of SELECT."""

    expression: Expression
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class AllFields:
    """``FIELDS(ALL)``, ``FIELDS(STANDARD)`` or ``FIELDS(CUSTOM)``."""

    scope: str
    at: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """``TYPEOF What WHEN Account THEN Phone ELSE Id END``: (types, fields) by branch, and the fields of the rest."""

    relationship: str
    branches: tuple[tuple[str, tuple[Path, ...], int], ...]
    otherwise: tuple[Path, ...]
    at: int


@dataclass(frozen=True, slots=True)
class SubSelect:
    """A child query in SELECT; its ``sobject`` is the relationship's name."""

    query: Query
    at: int


Item: TypeAlias = Selected | AllFields | TypeOf | SubSelect


class Fields(Sequence[Item]):
    """The items of a statement that selects plain fields only: their names, and items for whoever asks for those.

    All stand in one token, ``at``. What compiles such a statement at once looks at ``names`` alone.
    """

    __slots__ = ("at", "names")

    def __init__(self, names: tuple[str, ...], at: int) -> None:
        self.names = names
        self.at = at

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return Fields(self.names[index], self.at)
        return self._item(self.names[index])

    def __iter__(self) -> Iterator[Item]:
        return map(self._item, self.names)

    def _item(self, name: str) -> Item:
        return Selected(Path(name, self.at), None, self.at)


class Literal(NamedTuple):
    """A value that may differ between texts of one shape: the text of token ``at``, of that kind."""

    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Null:
    """``null``, and the empty text, which the org stores as null."""

    at: int


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    at: int


@dataclass(frozen=True, slots=True)
class Money:
    """``USD5000``: an amount with its currency."""

    currency: str
    amount: float
    at: int


@dataclass(frozen=True, slots=True)
class DateWord:
    """``TODAY``, ``LAST_N_DAYS:30``: a span of days; ``count`` is the token of the number."""

    name: str
    count: int | None
    at: int


Value: TypeAlias = Literal | Null | Truth | Money | DateWord


class Comparison(NamedTuple):
    """``operator`` is one of = != < <= > >= LIKE IN INCLUDES EXCLUDES (``NOT IN`` is a Not around IN)."""

    left: Expression
    operator: str
    values: tuple[Value, ...]
    at: int


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """``AccountId IN (SELECT …)``; an anti-join is a Not around it."""

    left: Path
    query: Query
    at: int


@dataclass(frozen=True, slots=True)
class All:
    """AND."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """OR."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """NOT; ``anti`` marks the one that belongs to ``NOT IN``."""

    part: Condition
    anti: bool = False


Condition: TypeAlias = Comparison | SemiJoin | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Ordering:
    """One term of ORDER BY; ``nulls`` is FIRST, LAST or empty."""

    expression: Expression
    descending: bool
    nulls: str


@dataclass(slots=True)
class Query:
    """A statement. ``limit`` and ``offset`` are tokens of numbers; ``subtotals`` is ROLLUP, CUBE or empty.

    ``joined`` are parents that FROM gives short names to.
    """

    items: Sequence[Item]
    sobject: str
    at: int
    alias: str | None = None
    counts_only: bool = False
    scope: str | None = None
    where: Condition | None = None
    group: tuple[Expression, ...] = field(default=())
    subtotals: str = ""
    having: Condition | None = None
    order: tuple[Ordering, ...] = field(default=())
    limit: int | None = None
    offset: int | None = None
    joined: tuple[Joined, ...] = ()
