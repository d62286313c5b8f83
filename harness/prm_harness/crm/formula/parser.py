"""Formula text → tree, by recursive descent.

Binding, from weakest: ``||`` · ``&&`` · comparison · ``&`` · ``+ -`` · ``* /`` · ``^`` · sign and ``!`` (contract §6.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from prm_harness.crm.formula.tree import Binary, Call, FormulaError, Literal, Negative, Node, Reference

_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
      | (?P<number>\d+(?:\.\d+)?|\.\d+)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>\$?[A-Za-z_]\w*(?::[A-Za-z_]\w*)?(?:\.[A-Za-z_]\w*)*)
      | (?P<operator>\|\||&&|==|<>|!=|<=|>=|[-+*/^&=<>!(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_SAME = {"==": "=", "!=": "<>"}


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The formula's tree.

    Raises:
        FormulaError: a syntax error, with what was found and where.
    """
    return _Parser(text).whole()


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if hit is None or hit.lastgroup is None:
            raise FormulaError(f"Syntax error. Unexpected character '{text[at]}' at position {at + 1}")
        if hit.lastgroup != "space":
            found.append(_Token(hit.lastgroup, hit.group(), at))
        at = hit.end()
    return [*found, _Token("end", "", len(text))]


def _unquote(literal: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), literal[1:-1], flags=re.DOTALL)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0

    def whole(self) -> Node:
        node = self._either()
        if self._peek.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *operators: str) -> str | None:
        token = self._peek
        if token.kind == "operator" and token.text in operators:
            self._next += 1
            return token.text
        return None

    def _expect(self, operator: str) -> None:
        if self._take(operator) is None:
            raise FormulaError(f"Syntax error. Missing '{operator}' at position {self._peek.at + 1}")

    def _unexpected(self) -> FormulaError:
        token = self._peek
        if token.kind == "end":
            return FormulaError("Syntax error. The formula ends too early")
        return FormulaError(f"Syntax error. Extra '{token.text}' at position {token.at + 1}")

    def _either(self) -> Node:
        node = self._both()
        while self._take("||"):
            node = Call("OR", (node, self._both()))
        return node

    def _both(self) -> Node:
        node = self._comparison()
        while self._take("&&"):
            node = Call("AND", (node, self._comparison()))
        return node

    def _comparison(self) -> Node:
        return self._chain(self._joined, "=", "==", "<>", "!=", "<=", ">=", "<", ">")

    def _joined(self) -> Node:
        return self._chain(self._sum, "&")

    def _sum(self) -> Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Node:
        return self._chain(self._power, "*", "/")

    def _power(self) -> Node:
        return self._chain(self._signed, "^")

    def _chain(self, part: Callable[[], Node], *operators: str) -> Node:
        node = part()
        while operator := self._take(*operators):
            node = Binary(_SAME.get(operator, operator), node, part())
        return node

    def _signed(self) -> Node:
        if self._take("-"):
            return Negative(self._signed())
        if self._take("+"):
            return self._signed()
        if self._take("!"):
            return Call("NOT", (self._signed(),))
        return self._primary()

    def _primary(self) -> Node:
        if self._take("("):
            node = self._either()
            self._expect(")")
            return node
        token = self._peek
        self._next += 1
        match token.kind:
            case "number":
                return Literal(Decimal(token.text))
            case "text":
                return Literal(_unquote(token.text))
            case "name":
                return self._named(token.text)
        self._next -= 1
        raise self._unexpected()

    def _named(self, name: str) -> Node:
        if self._take("("):
            return Call(name.upper(), self._arguments())
        if name.upper() in _CONSTANTS:
            return Literal(_CONSTANTS[name.upper()])
        # ``Owner:User.Name`` names the type of a polymorphic parent; the record's own id settles it.
        return Reference(tuple(part.partition(":")[0] for part in name.split(".")))

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")"):
            return ()
        args = [self._either()]
        while self._take(","):
            args.append(self._either())
        self._expect(")")
        return tuple(args)
