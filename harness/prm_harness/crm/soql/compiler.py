"""A statement's tree to a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prm_harness.crm.org.schema import Field, Schema, SObjectType
from prm_harness.crm.soql import literals
from prm_harness.crm.soql.aggregation import Aggregator, is_aggregated
from prm_harness.crm.soql.catalog import ALIAS, Listed
from prm_harness.crm.soql.columns import Column, Kind, quote
from prm_harness.crm.soql.conditions import Conditions
from prm_harness.crm.soql.context import Bind, Binds, Context, Moment
from prm_harness.crm.soql.expressions import column_of, ordering_sql
from prm_harness.crm.soql.faults import (
    Problem,
    malformed,
    no_such_child_relationship,
    no_such_object,
)
from prm_harness.crm.soql.filter_scopes import scope_filter
from prm_harness.crm.soql.money import corporate
from prm_harness.crm.soql.plan import Layout, Plan, Select
from prm_harness.crm.soql.projection import Projection, layout_of
from prm_harness.crm.soql.scope import Scope
from prm_harness.crm.soql.table import Table, plain_items, table_column
from prm_harness.crm.soql.texts import page_of_texts
from prm_harness.crm.soql.tokens import Tokens
from prm_harness.crm.soql.tree import AllFields, Comparison, Fields, Ordering, Path, Query, Selected

NO_INNER_SELECTS = frozenset({"Attachment", "Event", "Note", "Task"})
"""Objects that no semi-join may ask (SOQL reference, "Semi-Joins with IN and Anti-Joins with NOT IN")."""
_MAX_OFFSET = 2000
_MAX_FIELDS_LIMIT = 200
_MAX_CHILDREN = 20
_MAX_CHILD_LEVELS = 5


def compile_query(query: Query, schema: Schema, *, include_deleted: bool) -> Plan:
    """The plan of a statement.

    Raises:
        Problem: what the org would refuse.
        SandboxGapError: what it would answer and the sandbox cannot.
    """
    context = Context(schema, include_deleted=include_deleted)
    obj = schema.get(query.sobject)
    if obj is None or not obj.queryable:
        raise no_such_object(query.sobject, query.at)
    compiler = _Compiler(context)
    if query.counts_only:
        plan = compiler.counting(query, obj)
    elif is_aggregated(query):
        plan = compiler.grouping(query, obj)
    else:
        select = compiler.selecting(query, obj)
        plan = Plan(obj.name, "", select.binds, select=select)
    plan.folds, plan.formulas, plan.extras = context.folds, context.formulas, frozenset(context.extras)
    plan.indexes = frozenset(context.indexes)
    return plan


def compile_table(query: Query, schema: Schema, *, include_deleted: bool, id_range: bool = False) -> Table:
    """The flat form of a statement: plain columns, with parents' fields among them, for files of rows.

    ``id_range`` adds two values to bind first: ids from the one up to, but without, the other.

    Raises:
        Problem: what a bulk query refuses.
    """
    context = Context(schema, include_deleted=include_deleted)
    obj = schema.get(query.sobject)
    if obj is None or not obj.queryable:
        raise no_such_object(query.sobject, query.at)
    return _Compiler(context).flat(query, obj, id_range=id_range)


class _Compiler:
    def __init__(self, context: Context) -> None:
        self.context = context

    def counting(self, query: Query, obj: SObjectType) -> Plan:
        """``SELECT COUNT() FROM …``."""
        if query.group or query.having:
            raise malformed("Grouped query cannot use COUNT()", query.at)
        binds = Binds()
        scope = Scope(self.context, query, obj, binds)
        if query.order:
            first = query.order[0].expression
            name = column_of(scope, first).name
            raise malformed(f"Ordered field must be grouped or aggregated: {name}", first.at)
        tail = self._where(query, scope, binds)
        inner = f"SELECT 1 FROM {self._from(scope)}{tail}{self._limits(query, binds)}"
        return Plan(obj.name, f"SELECT COUNT(*) FROM ({inner})", tuple(binds.all), counts_only=True)

    def grouping(self, query: Query, obj: SObjectType) -> Plan:
        """GROUP BY, and aggregates over everything."""
        binds = Binds()
        scope = Scope(self.context, query, obj, binds)
        aggregator = Aggregator(query, scope)
        clauses = aggregator.clauses()
        where = self._where(query, scope, binds)
        if query.subtotals:
            sql = self._subtotals(query, aggregator, scope, where)
        else:
            terms = ", ".join(ordering_sql(sql, term) for sql, term in clauses.order)
            having = self._having(query, aggregator, binds)
            shown, order = ", ".join(clauses.columns), f" ORDER BY {terms}" if terms else ""
            sql = f"SELECT {shown} FROM {self._from(scope)}{where}{clauses.group}{having}{order}"
        return Plan(obj.name, sql + self._limits(query, binds), tuple(binds.all), groups=clauses.groups)

    def _having(self, query: Query, aggregator: Aggregator, binds: Binds) -> str:
        if query.having is None:
            return ""
        conditions = Conditions(self.context, binds, aggregator.resolve, _no_semi_join)
        return f" HAVING {conditions.compile(query.having)}"

    def _subtotals(self, query: Query, aggregator: Aggregator, scope: Scope, where: str) -> str:
        """One SELECT for each set of fields that ROLLUP or CUBE groups by, all together sorted."""
        selects, width, order = [], 0, []
        for _ in aggregator.sets():
            clauses = aggregator.clauses()
            having = self._having(query, aggregator, scope.binds)
            width, order = len(clauses.columns), clauses.order
            shown = ", ".join([*clauses.columns, *(sql for sql, _ in order)])
            selects.append(f"SELECT {shown} FROM {self._from(scope)}{where}{clauses.group}{having}")
        names = [f"c{i}" for i in range(width + len(order))]
        keys = [
            f"{n} COLLATE NOCASE" if "COLLATE" in sql else n
            for n, (sql, _) in zip(names[width:], order, strict=True)
        ]
        terms = ", ".join(ordering_sql(key, term) for key, (_, term) in zip(keys, order, strict=True))
        union = " UNION ALL ".join(selects)
        return f"WITH s({', '.join(names)}) AS ({union}) SELECT {', '.join(names[:width])} FROM s ORDER BY {terms}"

    def selecting(
        self, query: Query, obj: SObjectType, *, lookup: Field | None = None, level: int = 1
    ) -> Select:
        """Records of an object; with ``lookup``, those of given parents, as a sub-select."""
        binds = Binds()
        parents = binds.add(_no_parents) if lookup else ""
        scope = Scope(self.context, query, obj, binds)
        projection = Projection(scope, bounded=query.limit is not None)
        listed = None if lookup else projection.known(query.items)
        if listed is not None:
            return self._plain_rows(query, scope, listed)
        node = projection.root(query.items)
        children = tuple((key, self._child(sub.query, obj, level)) for key, sub in projection.subselects)
        if len(children) > _MAX_CHILDREN:
            raise malformed(f"Queries can have up to {_MAX_CHILDREN} child sub-selects", query.at)
        columns = projection.columns
        if not lookup:
            select = self._rows(query, scope, lambda: (columns, node), children)
            if tuple(projection.plain) == node.keys:
                listed = Listed.of(tuple(projection.plain.values()))
                self._write(select, node.keys, listed, sorts=bool(query.order))
            return select
        parent = f"{scope.root.alias}.{quote(lookup.name)}"
        columns.append(parent)
        where = self._where(query, scope, binds, also=f"{parent} IN (SELECT value FROM json_each({parents}))")
        rows = f"FROM {self._from(scope)}{where}{self._order(query.order, scope)}"
        select = Select(obj.name, rows, tuple(binds.all), lambda: (columns, node), children)
        select.parent_column = len(columns) - 1
        select.limit, select.offset = self._row_counts(query)
        self.context.indexes.add((obj.name, lookup.name))
        return select

    def _plain_rows(self, query: Query, scope: Scope, listed: Listed) -> Select:
        """Records of plain fields that earlier statements named."""
        assert isinstance(query.items, Fields)
        names = query.items.names
        select = self._rows(query, scope, lambda: layout_of(scope.root, names, listed.fields))
        self._write(select, names, listed, sorts=bool(query.order))
        return select

    def _rows(
        self,
        query: Query,
        scope: Scope,
        layout: Callable[[], Layout],
        children: tuple[tuple[str, Select], ...] = (),
    ) -> Select:
        """The statement's own rows."""
        binds = scope.binds
        where = self._where(query, scope, binds)
        order, limits = self._order(query.order, scope), self._limits(query, binds)
        if query.order and query.limit is not None:
            self._wish_sorted(query, scope)
        rows = f"FROM {self._from(scope)}{where}{order}{limits}"
        return Select(scope.root.entity, rows, tuple(binds.all), layout, children)

    def _write(self, select: Select, keys: Sequence[str], listed: Listed, *, sorts: bool) -> None:
        """Lets the store write the records, if it can."""
        address = f"?{len(select.binds) + 1}"
        select.texts = page_of_texts(
            select.sobject, f'{ALIAS}."Id"', keys, listed, select.rows, address, sorts=sorts
        )

    def flat(self, query: Query, obj: SObjectType, *, id_range: bool) -> Table:
        """Every item a column of its own, as texts show it."""
        binds = Binds()
        limits = [binds.add(_no_parents), binds.add(_no_parents)] if id_range else []
        scope = Scope(self.context, query, obj, binds)
        columns = [table_column(item, scope) for item in plain_items(query, obj)]
        family = (
            f"{scope.root.identity} >= {limits[0]} AND {scope.root.identity} < {limits[1]}" if limits else ""
        )
        where = self._where(query, scope, binds, also=family)
        shown = ", ".join(column.sql for column in columns)
        tail = f"{where}{self._order(query.order, scope)}{self._limits(query, binds)}"
        return Table(
            obj.name,
            tuple(column.name for column in columns),
            f"SELECT {shown} FROM {self._from(scope)}{tail}",
            tuple(binds.all)[len(limits) :],
            folds=self.context.folds,
            formulas=self.context.formulas,
            extras=frozenset(self.context.extras),
        )

    def _child(self, query: Query, parent: SObjectType, level: int) -> Select:
        if query.counts_only or is_aggregated(query):
            raise malformed("only root queries support aggregate expressions", query.at)
        if level == _MAX_CHILD_LEVELS:
            raise malformed(f"Child sub-selects can be nested up to {_MAX_CHILD_LEVELS} levels", query.at)
        low = query.sobject.lower()
        for obj, field in self.context.schema.children_of(parent.name):
            if field.child_relationship.lower() == low:
                return self.selecting(query, obj, lookup=field, level=level + 1)
        raise no_such_child_relationship(query.sobject, query.at)

    # -- clauses

    def _from(self, scope: Scope) -> str:
        return " ".join([f"{quote(scope.root.obj.name)} {scope.root.alias}", *scope.joins.clauses])

    def _conditions(self, scope: Scope, binds: Binds) -> Conditions:
        return Conditions(
            self.context,
            binds,
            lambda e: column_of(scope, e),
            lambda q, c, at: self._semi_join(q, c, at, scope),
        )

    def _where(self, query: Query, scope: Scope, binds: Binds, *, also: str = "") -> str:
        parts = [also, scope.joins.live(scope.root.obj, scope.root.alias), self._sharing(query, scope, binds)]
        if query.where is not None:
            parts.append(self._conditions(scope, binds).compile(query.where))
        kept = [part for part in parts if part]
        return f" WHERE {' AND '.join(kept)}" if kept else ""

    def _sharing(self, query: Query, scope: Scope, binds: Binds) -> str:
        """USING SCOPE."""
        if query.scope is None:
            return ""
        return scope_filter(
            query.scope, scope.root, lambda: binds.add(lambda _tokens, moment: moment.user_id), query.at
        )

    def _order(self, order: tuple[Ordering, ...], scope: Scope) -> str:
        if not order:
            return ""
        terms = []
        for term in order:
            column = corporate(self.context.schema, column_of(scope, term.expression))
            if not column.sortable:
                raise Problem(
                    "INVALID_FIELD",
                    f"field '{column.name}' can not be sorted in a query call",
                    term.expression.at,
                )
            terms.append(ordering_sql(column.sql, term))
        # Ties fall in the order of creation, so that a page never depends on the index that served it.
        return f" ORDER BY {', '.join([*terms, scope.root.identity])}"

    def _wish_sorted(self, query: Query, scope: Scope) -> None:
        """The first rows of those with one value: an index that has them sorted saves reading all the others."""
        if not isinstance(query.where, Comparison) or query.where.operator != "=":
            return
        index = scope.root.entity, column_of(scope, query.where.left).name
        columns = [column_of(scope, term.expression) for term in query.order]
        if index in self.context.indexes and all(column.plain for column in columns):
            self.context.indexes.remove(index)
            self.context.indexes.add((*index, *dict.fromkeys(column.name for column in columns)))

    def _row_counts(self, query: Query) -> tuple[Bind | None, Bind | None]:
        """What LIMIT and OFFSET bind."""
        if query.limit is None and query.offset is None:
            return None, None

        def limit(tokens: Tokens, _moment: Moment) -> int:
            assert query.limit is not None
            rows = literals.count(tokens.texts[query.limit], query.limit)
            if rows > _MAX_FIELDS_LIMIT and _selects_all(query):
                raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_MAX_FIELDS_LIMIT}")
            return rows

        def offset(tokens: Tokens, _moment: Moment) -> int:
            assert query.offset is not None
            rows = literals.count(tokens.texts[query.offset], query.offset)
            if rows > _MAX_OFFSET:
                raise Problem("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
            return rows

        return limit if query.limit is not None else None, offset if query.offset is not None else None

    def _limits(self, query: Query, binds: Binds) -> str:
        limit, offset = self._row_counts(query)
        if limit is None and offset is None:
            return ""
        sql = f" LIMIT {binds.add(limit) if limit else -1}"
        return f"{sql} OFFSET {binds.add(offset)}" if offset else sql

    def _semi_join(self, query: Query, outer: Column, at: int, around: Scope) -> str:
        """The SQL of a semi-join's query: one column of ids, of the type the outer field holds."""
        obj = self.context.schema.get(query.sobject)
        if obj is None or not obj.queryable:
            raise no_such_object(query.sobject, query.at)
        if around.inner:
            raise malformed("Nesting of semi join sub-selects is not supported", at)
        if obj.name in NO_INNER_SELECTS:
            raise malformed(f"Entity '{obj.name}' is not supported for semi join inner selects", query.at)
        if obj is around.root.obj:
            raise malformed("The inner and outer selects should not be on the same object type", at)
        item = query.items[0] if len(query.items) == 1 else None
        if (
            not isinstance(item, Selected)
            or not isinstance(item.expression, Path)
            or item.alias
            or query.group
        ):
            raise malformed("A semi join sub-select must select exactly one field", query.at)
        scope = Scope(self.context, query, obj, around.binds)
        scope.inner = True
        if scope.climb(item.expression)[0]:
            raise malformed("inner select field cannot have more than one level of relationships", item.at)
        inner = column_of(scope, item.expression)
        if inner.kind is not Kind.ID:
            raise malformed(
                f"semi join sub selects can only query id fields, cannot use: '{inner.name}'", item.at
            )
        if outer.kind is not Kind.ID:
            raise Problem(
                "INVALID_QUERY_FILTER_OPERATOR",
                f"The left operand '{outer.name}' of a semi join must be an id",
                at,
            )
        if not outer.sql.startswith(f"{around.root.alias}."):
            raise malformed("The left operand of a semi join cannot use relationships", at)
        if not _types(inner) & _types(outer):
            raise malformed(
                f"The selected field '{inner.name}' in the subquery and the left operand field in the where expression "
                f"in the outer query '{outer.name}' should point to the same object type",
                at,
            )
        where = self._where(query, scope, scope.binds, also=f"{inner.sql} IS NOT NULL")
        return f"SELECT {inner.sql} FROM {self._from(scope)}{where}"


def _selects_all(query: Query) -> bool:
    if isinstance(query.items, Fields):
        return False
    return any(isinstance(item, AllFields) and item.scope != "STANDARD" for item in query.items)


def _types(column: Column) -> set[str]:
    """The objects whose ids a column holds."""
    if column.field is not None and column.field.reference_to:
        return set(column.field.reference_to)
    return {column.entity}


def _no_semi_join(_query: Query, _outer: Column, at: int) -> str:
    raise malformed("Semi join sub-selects are not allowed in HAVING", at)


def _no_parents(_tokens: Tokens, _moment: Moment) -> str:
    raise AssertionError("a child select is run with its parents")
