"""SOQL: grammar to tree to SQL.

A statement becomes tokens, the tokens a tree, the tree a plan (SQL with bound values, and how rows become records).
Plans are kept by the statement's shape, its text without the values of its literals.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from prm_harness.crm.org.schema import Schema
from prm_harness.crm.soql.compiler import compile_query, compile_table
from prm_harness.crm.soql.context import Moment
from prm_harness.crm.soql.execute import Execution
from prm_harness.crm.soql.faults import Problem
from prm_harness.crm.soql.parser import parse_tokens
from prm_harness.crm.soql.plan import Plan
from prm_harness.crm.soql.tokens import Tokens, tokenize
from prm_harness.crm.soql.tree import Query

__all__ = ["FlatRows", "Query", "QueryResult", "flat", "parse", "run"]

_KEPT_PLANS = 512
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class QueryResult:
    """All rows of a query, JSON-ready; ``total`` is the count, also for ``COUNT()`` which has no records.

    Records carry ``attributes`` first and then the fields in SELECT order, under their canonical names. A parent is a
    nested record or null; a child sub-select is ``{totalSize, done, records}`` or null (contract §7.1). Asked for as
    text, plain ones are ``orjson.Fragment``s, good for nothing but being written.
    """

    total: int
    records: list[Any]
    sobject: str


def parse(text: str) -> Query:
    """The tree of one SOQL statement, its names not yet looked up.

    Raises:
        QueryError: MALFORMED_QUERY.
        SandboxGapError: grammar that Salesforce has and the sandbox has not.
    """
    tokens = tokenize(text).spelled_out()
    try:
        return parse_tokens(tokens)
    except Problem as problem:
        raise problem.located(tokens) from None


def run(
    text: str,
    *,
    schema: Schema,
    connection: sqlite3.Connection,
    now: datetime,
    user_id: str,
    include_deleted: bool = False,
    as_text: bool = False,
    url_for: Callable[[str, str], str],
) -> QueryResult:
    """Run one SOQL statement against the store.

    Args:
        text: The statement.
        schema: Objects and fields as the running user sees them.
        connection: A store of one table per object, one column per stored field (boolean 0/1, datetimes as UTC text).
        now: The org's clock, aware: date literals such as TODAY count from it, in the user's time zone.
        user_id: The running user's 18-character id.
        include_deleted: Also rows in the recycle bin, as queryAll does.
        as_text: Records that are only going to be written may come as JSON text.
        url_for: (sObject, id) → the ``url`` of a record's ``attributes``, which has to end with the id.

    Raises:
        QueryError: what the org refuses, with Salesforce's code and message.
        SandboxGapError: what it would answer and the sandbox cannot.
    """
    tokens = tokenize(text)
    moment = Moment(now, connection, user_id, schema)
    execution = Execution(tokens, moment, connection=connection, schema=schema, url_for=url_for)
    plan = _plan(tokens, schema, include_deleted=include_deleted)
    try:
        total, records = execution.answer(plan, as_text=as_text)
    except Problem as problem:
        raise problem.located(tokens) from None
    return QueryResult(total, records, plan.sobject)


@dataclass(frozen=True, slots=True)
class FlatRows:
    """A query's rows as a table: headings, and chunks of rows to be read once, before anything else is asked."""

    sobject: str
    columns: tuple[str, ...]
    chunks: Iterator[list[Sequence[Any]]]


def flat(
    text: str,
    *,
    schema: Schema,
    connection: sqlite3.Connection,
    now: datetime,
    user_id: str,
    include_deleted: bool = False,
    id_range: tuple[str, str] | None = None,
) -> FlatRows:
    """Run one SOQL statement for a file of rows; arguments as for ``run``.

    ``id_range`` keeps the rows whose id is at or above the first and below the second (PK chunking).

    Raises:
        QueryError, SandboxGapError: as ``run``; FUNCTIONALITY_NOT_ENABLED for what bulk queries do not do.
    """
    tokens = tokenize(text)
    moment = Moment(now, connection, user_id, schema)
    execution = Execution(tokens, moment, connection=connection, schema=schema, url_for=lambda _o, _i: "")
    table = _compiled(
        tokens,
        lambda query: compile_table(
            query, schema, include_deleted=include_deleted, id_range=id_range is not None
        ),
    )

    def chunks() -> Iterator[list[Sequence[Any]]]:
        try:
            yield from execution.table(table, id_range or ())
        except Problem as problem:
            raise problem.located(tokens) from None

    return FlatRows(table.sobject, table.columns, chunks())


_plans: OrderedDict[tuple[tuple[str, ...], int, bool], tuple[Schema, int, Plan]] = OrderedDict()


def _plan(tokens: Tokens, schema: Schema, *, include_deleted: bool) -> Plan:
    """The plan of a statement's shape, compiled once for each schema and version of it."""
    key = (tokens.shape, id(schema), include_deleted)
    known = _plans.get(key)
    # The entry holds on to its schema, so that no other one can have the same id meanwhile.
    if known is not None and known[0] is schema and known[1] == schema.version:
        return known[2]
    plan = _compiled(tokens, lambda query: compile_query(query, schema, include_deleted=include_deleted))
    _plans[key] = (schema, schema.version, plan)
    if len(_plans) > _KEPT_PLANS:
        _plans.popitem(last=False)
    return plan


def _compiled(tokens: Tokens, compile_tree: Callable[[Query], _T]) -> _T:
    """What a statement compiles to. One that is refused is read again name by name, to say which it is about."""
    try:
        return compile_tree(parse_tokens(tokens))
    except Problem as problem:
        if not tokens.fields:
            raise problem.located(tokens) from None
    return _compiled(tokens.spelled_out(), compile_tree)
