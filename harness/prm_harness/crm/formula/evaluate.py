"""Tree → value, for one record."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from prm_harness.crm.formula import functions, values
from prm_harness.crm.formula.tree import (
    Binary,
    Call,
    FormulaError,
    Literal,
    Negative,
    Node,
    Path,
    Reference,
    Value,
)

_NULL = Literal(None)


class Scope(Protocol):
    """The record a formula looks at."""

    is_new: bool

    def value(self, path: Path) -> Value:
        """A field's value as it will be saved. Percents are fractions: 0.6 for 60."""
        ...

    def prior(self, path: Path) -> Value:
        """A field's value before this save; null for a new record."""
        ...

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def rate(self, currency: str) -> Decimal | None:
        """Units of a currency that one of the corporate currency is worth; None where it is none of the org's."""
        ...

    def looked_up(self, wanted: Path, key: Path, value: Value) -> Value:
        """A field of the record of another object whose name is ``value``; null without one."""
        ...


def evaluate(node: Node, scope: Scope) -> Value:
    """The formula's value.

    Raises:
        FormulaError: it has none for this record (division by zero, text that is no number, mixed types).
    """
    match node:
        case Literal(value):
            return value
        case Reference(path):
            return scope.value(path)
        case Negative(operand):
            return functions.minus(Decimal(0), evaluate(operand, scope))
        case Binary("=" | "<>" as operator, left, right) if _NULL in {left, right}:
            compared = evaluate(right if left == _NULL else left, scope)
            return values.is_blank(compared) == (operator == "=")
        case Binary(operator, left, right):
            return _combined(operator, evaluate(left, scope), evaluate(right, scope))
        case Call(name, args):
            return _called(name, args, scope)


def _combined(operator: str, left: Value, right: Value) -> Value:
    match operator:
        case "=":
            return functions.equal(left, right)
        case "<>":
            return _comparable(left, right) and not functions.equal(left, right)
        case "<":
            return functions.less(left, right)
        case ">":
            return functions.less(right, left)
        case "<=":
            return _comparable(left, right) and not functions.less(right, left)
        case ">=":
            return _comparable(left, right) and not functions.less(left, right)
        case "&":
            return values.text(left) + values.text(right)
        case "+":
            return functions.plus(left, right)
        case "-":
            return functions.minus(left, right)
        case "*":
            return functions.times(left, right)
        case "/":
            return functions.divide(left, right)
        case _:
            return functions.power(left, right)


def _comparable(left: Value, right: Value) -> bool:
    """A missing number, date or truth is neither less, nor more, nor other than another one; missing text is empty."""
    return not (
        (left is None and not isinstance(right, str)) or (right is None and not isinstance(left, str))
    )


def _called(name: str, args: tuple[Node, ...], scope: Scope) -> Value:
    match name:
        case "AND":
            return all(values.truth(evaluate(arg, scope)) for arg in args)
        case "OR":
            return any(values.truth(evaluate(arg, scope)) for arg in args)
        case "IF":
            condition, then, otherwise = args
            return evaluate(then if values.truth(evaluate(condition, scope)) else otherwise, scope)
        case "CASE":
            return _case(args, scope)
        case "ISNEW":
            return scope.is_new
        case "ISCHANGED":
            path = _path(args[0])
            return not scope.is_new and scope.value(path) != scope.prior(path)
        case "PRIORVALUE":
            return scope.prior(_path(args[0]))
        case "NOW":
            return scope.now()
        case "TIMENOW":
            return scope.now().astimezone(UTC).time()
        case "CURRENCYRATE":
            # help.salesforce.com, "CURRENCYRATE": a currency that is none counts as the corporate one.
            return scope.rate(values.text(evaluate(args[0], scope))) or Decimal(1)
        case "VLOOKUP":
            return scope.looked_up(_path(args[0]), _path(args[1]), evaluate(args[2], scope))
        case "TODAY":
            return scope.now().astimezone(UTC).date()
    return functions.FUNCTIONS[name].apply(*(evaluate(arg, scope) for arg in args))


def _case(args: tuple[Node, ...], scope: Scope) -> Value:
    subject = evaluate(args[0], scope)
    for when, then in zip(args[1:-1:2], args[2:-1:2], strict=True):
        if functions.equal(subject, evaluate(when, scope)):
            return evaluate(then, scope)
    return evaluate(args[-1], scope)


def _path(node: Node) -> Path:
    if isinstance(node, Reference):
        return node.path
    raise FormulaError("Expected a field")
