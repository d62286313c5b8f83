"""SOQL grammar (contract §7.2): a recursive descent over the tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.soql.calendar import is_date_word, takes_count
from prm_harness.crm.soql.faults import Problem, malformed, unexpected
from prm_harness.crm.soql.functions import AGGREGATES, FUNCTIONS
from prm_harness.crm.soql.tokens import RESERVED, STRINGS, Tokens
from prm_harness.crm.soql.tree import (
    All,
    AllFields,
    AnyOf,
    Call,
    Comparison,
    Condition,
    DateWord,
    Distance,
    Expression,
    Fields,
    Item,
    Joined,
    Literal,
    Money,
    Not,
    Null,
    Ordering,
    Path,
    Query,
    Selected,
    SemiJoin,
    SubSelect,
    Truth,
    TypeOf,
    Value,
)

MAX_STATEMENT = 100_000
"""Characters of a statement; Salesforce's own limit (contract §7.2)."""

_MAX_DEPTH = 100
_MAX_SUBTOTALS = 3
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LISTS = frozenset({"IN", "INCLUDES", "EXCLUDES"})
_MONEY = re.compile(r"([A-Z]{3})(\d+)")


class _Parser:
    """One statement's parse. Every method reads on from ``self.i`` and returns a node of the tree."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        # Past the last token stand a few that match nothing, for looking ahead.
        self.kinds = [*tokens.kinds, "end", "end", "end"]
        self.words = [*map(str.upper, tokens.texts), "", "", ""]
        self.i = 0
        self.depth = 0
        self.dotted: list[Query] = []

    def statement(self) -> Query:
        """The whole text as one query."""
        if len(self.tokens.source) > MAX_STATEMENT:
            raise Problem(
                "QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {MAX_STATEMENT} characters."
            )
        query = self.query()
        if self.kinds[self.i] != "end":
            self.fail()
        return query

    # -- reading tokens

    def fail(self, at: int | None = None) -> NoReturn:
        raise unexpected(self.tokens, self.i if at is None else at)

    def accept(self, word: str) -> bool:
        if self.words[self.i] == word:
            self.i += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.accept(word):
            self.fail()

    def name(self) -> str:
        if self.kinds[self.i] != "name" or self.words[self.i] in RESERVED:
            self.fail()
        self.i += 1
        return self.tokens.texts[self.i - 1]

    def object_name(self) -> str:
        """An object may be called like a clause: Group, Order."""
        if self.words[self.i] in {"GROUP", "ORDER"} and self.words[self.i + 1] != "BY":
            self.i += 1
            return self.tokens.texts[self.i - 1]
        return self.name()

    def number(self) -> int:
        if self.kinds[self.i] != "number":
            self.fail()
        self.i += 1
        return self.i - 1

    def descend(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Problem("QUERY_TOO_COMPLICATED", "Query is nested too deeply to be run.", self.i)

    # -- clauses

    def query(self, *, inner: bool = False) -> Query:
        """One SELECT; ``inner`` is that of a semi-join, which ends with its WHERE."""
        self.descend()
        self.expect("SELECT")
        counts_only = self.count_only()
        items = () if counts_only else self.items()
        self.expect("FROM")
        at = self.i
        sobject = self.object_name()
        alias = self.alias()
        if self.dotted:
            self.undot(sobject, alias)
        joined = self.joined() if self.words[self.i] == "," and self.kinds[self.i + 1] == "name" else ()
        scope = self.scope()
        where = self.condition() if self.accept("WHERE") else None
        if self.kinds[self.i] == "end":
            self.depth -= 1
            return Query(items, sobject, at, alias, counts_only, scope, where, joined=joined)
        if inner and self.kinds[self.i] == "name":
            raise malformed(f"missing value at '{self.tokens.texts[self.i]}'", self.i)
        self.with_clause()
        group, subtotals = self.group()
        having = self.condition() if self.accept("HAVING") else None
        order = self.order()
        limit = self.number() if self.accept("LIMIT") else None
        offset = self.number() if self.accept("OFFSET") else None
        self.trailer()
        self.depth -= 1
        return Query(
            items,
            sobject,
            at,
            alias,
            counts_only,
            scope,
            where,
            group,
            subtotals,
            having,
            order,
            limit,
            offset,
            joined,
        )

    def count_only(self) -> bool:
        if self.words[self.i] == "COUNT" and self.words[self.i + 1 : self.i + 3] == ["(", ")"]:
            self.i += 3
            return True
        return False

    def alias(self) -> str | None:
        if self.accept("AS"):
            return self.name()
        if self.kinds[self.i] == "name" and self.words[self.i] not in RESERVED:
            return self.name()
        return None

    def undot(self, sobject: str, alias: str | None) -> None:
        """``(SELECT … FROM Account.Contacts)`` in a query of accounts is one of its ``Contacts``."""
        own = {sobject.lower(), (alias or sobject).lower()}
        for child in self.dotted:
            first, _, rest = child.sobject.partition(".")
            if first.lower() in own:
                child.sobject = rest
        self.dotted.clear()

    def joined(self) -> tuple[Joined, ...]:
        """``, c.Account a, a.Owner o``: parents with an alias each."""
        found = []
        while self.accept(","):
            path, at = self.name(), self.i - 1
            alias = self.alias()
            if "." not in path or alias is None:
                self.fail(at)
            found.append(Joined(path, alias, at))
        return tuple(found)

    def scope(self) -> str | None:
        if not self.accept("USING"):
            return None
        self.expect("SCOPE")
        return self.name()

    def with_clause(self) -> None:
        if not self.accept("WITH"):
            return
        if self.words[self.i] in {"SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"}:
            raise malformed(f"WITH {self.words[self.i]} is not allowed in this context", self.i)
        raise SandboxGapError(f"SOQL: WITH {self.words[self.i]}")

    def group(self) -> tuple[tuple[Expression, ...], str]:
        """The terms of GROUP BY, and ROLLUP or CUBE if they stand in one."""
        if not self.accept("GROUP"):
            return (), ""
        self.expect("BY")
        word = self.words[self.i]
        subtotals = word if word in {"ROLLUP", "CUBE"} and self.words[self.i + 1] == "(" else ""
        if subtotals:
            self.i += 2
        terms = [self.expression()]
        while self.accept(","):
            terms.append(self.expression())
        if subtotals:
            self.expect(")")
            if len(terms) > _MAX_SUBTOTALS:
                raise malformed(f"GROUP BY {subtotals} takes up to {_MAX_SUBTOTALS} fields", terms[-1].at)
        return tuple(terms), subtotals

    def order(self) -> tuple[Ordering, ...]:
        if not self.accept("ORDER"):
            return ()
        self.expect("BY")
        terms = [self.ordering()]
        while self.accept(","):
            terms.append(self.ordering())
        return tuple(terms)

    def ordering(self) -> Ordering:
        expression = self.expression()
        descending = not self.accept("ASC") and self.accept("DESC")
        nulls = ""
        if self.accept("NULLS"):
            nulls = self.words[self.i]
            if nulls not in {"FIRST", "LAST"}:
                raise malformed(f"missing value at '{(*self.tokens.texts, '<EOF>')[self.i]}'", self.i)
            self.i += 1
        return Ordering(expression, descending, nulls)

    def trailer(self) -> None:
        while self.accept("FOR"):
            if self.accept("UPDATE"):
                raise malformed("FOR UPDATE is not allowed in this context", self.i - 1)
            if not (self.accept("VIEW") or self.accept("REFERENCE")):
                self.fail()
            self.accept(",")
        if self.words[self.i] == "UPDATE":
            raise SandboxGapError("SOQL: UPDATE TRACKING and UPDATE VIEWSTAT")
        if self.words[self.i : self.i + 2] == ["ALL", "ROWS"]:
            raise malformed("ALL ROWS not allowed in this context", self.i)

    # -- SELECT

    def items(self) -> Sequence[Item]:
        if self.kinds[self.i] == "fields":
            self.i += 1
            return Fields(self.tokens.fields, self.i - 1)
        found = [self.item()]
        while self.accept(","):
            found.append(self.item())
        return tuple(found)

    def item(self) -> Item:
        at = self.i
        word, after = self.words[at], self.words[at + 1]
        if self.accept("("):
            query = self.query()
            self.expect(")")
            if "." in query.sobject:
                self.dotted.append(query)
            return SubSelect(query, at)
        if word == "TYPEOF" and after not in {",", "FROM"}:
            return self.type_of()
        if word == "FIELDS" and after == "(":
            self.i += 2
            scope = self.words[self.i]
            if scope not in {"ALL", "STANDARD", "CUSTOM"}:
                self.fail()
            self.i += 1
            self.expect(")")
            return AllFields(scope, at)
        return Selected(self.expression(), self.alias(), at)

    def type_of(self) -> TypeOf:
        at = self.i
        self.i += 1
        relationship = self.name()
        branches: list[tuple[str, tuple[Path, ...], int]] = []
        while self.accept("WHEN"):
            type_at = self.i
            sobject = self.object_name()
            if any(sobject.lower() == known.lower() for known, _, _ in branches):
                raise malformed(f"WHEN clause operand [{sobject}] is not unique", type_at)
            self.expect("THEN")
            branches.append((sobject, self.paths(), type_at))
        if not branches:
            self.fail()
        otherwise = self.paths() if self.accept("ELSE") else ()
        self.expect("END")
        return TypeOf(relationship, tuple(branches), otherwise, at)

    def paths(self) -> tuple[Path, ...]:
        found = [self.path()]
        while self.accept(","):
            found.append(self.path())
        return tuple(found)

    def path(self) -> Path:
        return Path(self.name(), self.i - 1)

    def expression(self) -> Expression:
        if self.words[self.i + 1] != "(":
            return self.path()
        at = self.i
        word = self.words[at]
        if self.kinds[at] != "name":
            self.fail()
        if word == "DISTANCE":
            return self.distance()
        if word not in FUNCTIONS:
            self.fail(at + 1)
        self.descend()
        self.i += 2
        argument = self.expression()
        self.expect(")")
        self.depth -= 1
        return Call(word, (argument,), at)

    def distance(self) -> Distance:
        at = self.i
        self.i += 2
        place = self.path()
        self.expect(",")
        point: Path | tuple[int, int]
        if self.kinds[self.i] == "name" and self.words[self.i : self.i + 2] != ["GEOLOCATION", "("]:
            point = self.path()
        else:
            point = self.geolocation()
        self.expect(",")
        unit = self.i
        if self.kinds[unit] not in STRINGS:
            self.fail()
        self.i += 1
        self.expect(")")
        return Distance(place, point, unit, at)

    def geolocation(self) -> tuple[int, int]:
        self.expect("GEOLOCATION")
        self.expect("(")
        latitude = self.number()
        self.expect(",")
        longitude = self.number()
        self.expect(")")
        return latitude, longitude

    # -- WHERE and HAVING

    def condition(self) -> Condition:
        """Either all AND or all OR: mixing needs parentheses."""
        parts = [self.unit()]
        word = self.words[self.i]
        if word not in {"AND", "OR"}:
            return parts[0]
        while self.accept(word):
            parts.append(self.unit())
        if self.words[self.i] in {"AND", "OR"}:
            self.fail()
        return All(tuple(parts)) if word == "AND" else AnyOf(tuple(parts))

    def unit(self) -> Condition:
        if self.words[self.i] == "NOT":
            self.descend()
            self.i += 1
            part: Condition = Not(self.unit())
            self.depth -= 1
            return part
        if self.accept("("):
            self.descend()
            part = self.condition()
            self.expect(")")
            self.depth -= 1
            return part
        return self.comparison()

    def comparison(self) -> Condition:
        at = self.i
        left = self.expression()
        word = self.words[self.i]
        if word in _COMPARISONS:
            self.i += 1
            return Comparison(left, _COMPARISONS[word], (self.value(),), at)
        if word == "LIKE":
            self.i += 1
            return Comparison(left, "LIKE", (self.value(),), at)
        negated = self.accept("NOT")
        word = self.words[self.i]
        if word not in _LISTS or (negated and word != "IN"):
            self.fail()
        self.i += 1
        part = self.listed(left, word, at)
        return Not(part, anti=True) if negated else part

    def listed(self, left: Expression, word: str, at: int) -> Condition:
        self.expect("(")
        if word == "IN" and self.words[self.i] == "SELECT":
            if isinstance(left, Call) and left.name not in AGGREGATES:
                raise SandboxGapError("SOQL: a function on the left of a semi-join")
            if not isinstance(left, Path):
                self.fail()
            query = self.query(inner=True)
            self.expect(")")
            return SemiJoin(left, query, at)
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect(")")
        return Comparison(left, word, tuple(values), at)

    def value(self) -> Value:
        at, kind, word = self.i, self.kinds[self.i], self.words[self.i]
        self.i += 1
        if kind in STRINGS or kind in {"number", "date", "datetime", "time"}:
            return Literal(kind, at)
        if kind == "empty" or word == "NULL":
            return Null(at)
        if word in {"TRUE", "FALSE"}:
            return Truth(word == "TRUE", at)
        if kind == "name" and is_date_word(word):
            return self.date_word(word, at)
        money = _MONEY.fullmatch(word) if kind == "name" else None
        if not money:
            self.fail(at)
        return Money(money[1], float(money[2]), at)

    def date_word(self, word: str, at: int) -> DateWord:
        if not takes_count(word):
            return DateWord(word, None, at)
        self.expect(":")
        return DateWord(word, self.number(), at)


def parse_tokens(tokens: Tokens) -> Query:
    """The tree of a tokenized statement; raises Problem or SandboxGapError."""
    return _Parser(tokens).statement()
