"""The tree of a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from prm_harness.crm.geography import Place

Value = None | bool | str | Decimal | date | datetime | time | Place
Path = tuple[str, ...]


class FormulaError(Exception):
    """A formula that does not compile, or that has no value for this record (``#Error!`` on a page)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A field, by the names that lead to it: ``("Account", "Type")``, ``("$User", "Id")``."""

    path: Path


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; ``name`` is upper-case. Operators that join truth values are calls of AND, OR and NOT."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """An arithmetic, comparing or joining operator."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus sign before something."""

    operand: Node


Node = Literal | Reference | Call | Binary | Negative


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    match node:
        case Call(_, args):
            for arg in args:
                yield from walk(arg)
        case Binary(_, left, right):
            yield from walk(left)
            yield from walk(right)
        case Negative(operand):
            yield from walk(operand)


def references(node: Node) -> set[Path]:
    """Every field the formula names."""
    return {n.path for n in walk(node) if isinstance(n, Reference)}
