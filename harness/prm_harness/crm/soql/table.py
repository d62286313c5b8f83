"""A statement's rows as a flat table of texts, the way files of a bulk query show them (contract §9).

Fields of parents are columns under their dotted names. What has no place in a table is refused in the Bulk API's words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.soql.aggregation import is_aggregated
from prm_harness.crm.soql.columns import Kind, kind_of
from prm_harness.crm.soql.context import Bind
from prm_harness.crm.soql.expressions import column_of
from prm_harness.crm.soql.faults import Problem, malformed
from prm_harness.crm.soql.scope import Scope
from prm_harness.crm.soql.tree import AllFields, Path, Query, Selected

BINARY = "Selecting binary data not supported in Bulk Query"
COMPOUND = "Selecting compound data not supported in Bulk Query"
NO_AGGREGATES = "Aggregate Relationships not supported in Bulk Query"


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled statement. Its values are texts, numbers or null: booleans as ``true``, datetimes with a ``Z``."""

    sobject: str
    columns: tuple[str, ...]
    sql: str
    binds: tuple[Bind, ...]
    folds: bool
    formulas: bool
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its heading and its SQL."""

    name: str
    sql: str


def plain_items(query: Query, obj: SObjectType) -> Iterator[Path]:
    """The fields that a statement selects, one by one.

    Raises:
        Problem: FUNCTIONALITY_NOT_ENABLED for aggregates, functions, sub-selects, TYPEOF and OFFSET.
    """
    if query.counts_only or is_aggregated(query) or query.offset is not None:
        raise Problem("FUNCTIONALITY_NOT_ENABLED", NO_AGGREGATES)
    for item in query.items:
        if isinstance(item, Selected) and isinstance(item.expression, Path):
            if item.alias:
                raise malformed("only aggregate expressions use field aliasing", item.at)
            yield item.expression
        elif isinstance(item, AllFields):
            for field in obj.fields.values():
                fits = item.scope == "ALL" or field.custom == (item.scope == "CUSTOM")
                if fits and kind_of(field) is not Kind.COMPOUND and field.type is not FieldType.BASE64:
                    yield Path(field.name, item.at)
        else:
            raise Problem("FUNCTIONALITY_NOT_ENABLED", NO_AGGREGATES)


def table_column(path: Path, scope: Scope) -> TableColumn:
    """A field as a column of texts.

    Raises:
        Problem: no such field; a compound one (FUNCTIONALITY_NOT_ENABLED).
    """
    column = column_of(scope, path)
    if column.kind is Kind.COMPOUND:
        raise Problem("FUNCTIONALITY_NOT_ENABLED", COMPOUND)
    if column.field is not None and column.field.type is FieldType.BASE64:
        raise Problem("FUNCTIONALITY_NOT_ENABLED", BINARY)
    parents, _ = scope.climb(path)
    name = ".".join([*parents, column.name.rpartition(".")[2]])
    if column.kind is Kind.BOOLEAN:
        return TableColumn(name, f"CASE {column.sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END")
    if column.field is not None and column.field.type is FieldType.ANY:  # checkboxes are held as bytes there
        return TableColumn(
            name, f"iif(typeof({column.sql}) = 'blob', CAST({column.sql} AS TEXT), {column.sql})"
        )
    if column.kind is Kind.DATETIME:
        return TableColumn(name, f"replace({column.sql}, '+0000', 'Z')")
    return TableColumn(name, column.sql)
