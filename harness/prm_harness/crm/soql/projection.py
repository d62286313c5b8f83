"""SELECT to the columns of a row and the node that makes a record of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.soql import money
from prm_harness.crm.soql.catalog import ALIAS, Listed, Plain
from prm_harness.crm.soql.columns import Column, Kind, compound_parts, kind_of, quote
from prm_harness.crm.soql.display import coded_formatter, formatter, labeller
from prm_harness.crm.soql.faults import Problem, malformed, ungrouped
from prm_harness.crm.soql.functions import WRAPPERS
from prm_harness.crm.soql.geography import distance_column
from prm_harness.crm.soql.plan import Layout, Node, Patch, SqlRow, UrlFor
from prm_harness.crm.soql.scope import NameTable, Scope, Source, Table
from prm_harness.crm.soql.tree import (
    AllFields,
    Call,
    Distance,
    Fields,
    Item,
    Path,
    Selected,
    SubSelect,
    TypeOf,
)
from prm_harness.crm.store.values import any_value

Decode = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field still ``parents`` away from the table at hand; ``shown`` is a wrapper's name or empty."""

    parents: tuple[str, ...]
    field: str
    shown: str
    alias: str | None
    at: int
    converted: bool = False
    """Whether it is an amount to be shown in the user's currency."""


@dataclass(frozen=True, slots=True)
class _Far:
    """A DISTANCE; ``key`` is its alias, or ``expr0`` and so on."""

    call: Distance
    key: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """A TYPEOF."""

    item: TypeOf


_Slot: TypeAlias = _Wanted | _Far | _Choice | SubSelect


class Projection:
    """Builds the column list of one SELECT."""

    def __init__(self, scope: Scope, *, bounded: bool) -> None:
        self.scope = scope
        self.columns: list[str] = []
        self.subselects: list[tuple[str, SubSelect]] = []
        self.plain: dict[str, Plain] = {}
        """Key in the record → plain field."""
        self._bounded = bounded
        self._unnamed = 0

    def known(self, items: Sequence[Item]) -> Listed | None:
        """A list of plain fields, if earlier statements named all of them."""
        return self.scope.known.listed(items.names) if isinstance(items, Fields) else None

    def root(self, items: Sequence[Item]) -> Node:
        """The node of the statement's own records. Its plain fields are known from now on."""
        wanted: list[_Slot] = []
        for item in items:
            wanted += self._wanted(item)
        node = self._node(self.scope.root, wanted)
        if self.scope.root.alias == ALIAS:
            self.scope.known.fields.update(
                {key: field for key, field in self.plain.items() if field.column.plain}
            )
        return node

    def _wanted(self, item: Item) -> list[_Slot]:
        match item:
            case SubSelect():
                return [item]
            case TypeOf():
                return [_Choice(item)]
            case AllFields(scope, at):
                return list(self._all_fields(scope, at))
            case Selected(expression, alias, at):
                if isinstance(expression, Distance):
                    self._unnamed += not alias
                    return [_Far(expression, alias or f"expr{self._unnamed - 1}")]
                return [self._selected(expression, alias, at)]

    def _all_fields(self, scope: str, at: int) -> list[_Wanted]:
        if scope != "STANDARD" and not self._bounded:
            raise malformed("The SOQL FIELDS function must have a LIMIT of at most 200")
        fields = self.scope.root.obj.fields.values()
        return [
            _Wanted((), field.name, "", None, at)
            for field in fields
            if scope == "ALL" or field.custom == (scope == "CUSTOM")
        ]

    def _selected(self, expression: Path | Call, alias: str | None, at: int) -> _Wanted:
        shown, converted = "", False
        if isinstance(expression, Call):
            shown, expression, converted = _shown(expression, at)
        elif alias:
            raise malformed("only aggregate expressions use field aliasing", at)
        parents, name = self.scope.climb(expression)
        return _Wanted(tuple(parents), name, shown, alias, expression.at, converted)

    # -- nodes

    def _node(self, source: Source, wanted: Sequence[_Slot]) -> Node:
        identity = self._add(source.identity)
        type_column = self._add(source.type_sql) if isinstance(source, NameTable) else None
        slots = self._slots(source, wanted)
        first = len(self.columns)
        later: list[tuple[str, Callable[[int], Patch | None]]] = []
        for key, slot in slots.items():
            sql, patch = slot(key)
            self.columns.append(sql)
            later.append((key, patch))
        patches = [
            (key, made) for i, (key, patch) in enumerate(later) if (made := patch(first + i)) is not None
        ]
        shown = "Name" if isinstance(source, NameTable) else source.entity
        return Node(shown, identity, first, tuple(slots), tuple(patches), type_column)

    def _add(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def _slots(
        self, source: Source, wanted: Sequence[_Slot]
    ) -> dict[str, Callable[[str], tuple[str, Callable[[int], Patch | None]]]]:
        """Key → its slot, in SELECT order; fields of one parent share that parent's slot."""
        slots: dict[str, Any] = {}
        families: dict[str, list[_Wanted]] = {}
        for want in wanted:
            if isinstance(want, SubSelect):
                key = self._child_key(source, want)
                _claim(slots, key, want.at)
                slots[key] = _empty
            elif isinstance(want, _Far):
                _claim(slots, want.key, want.call.at)
                slots[want.key] = _computed(distance_column(self.scope, want.call))
            elif isinstance(want, _Choice):
                key = _parent_key(source, want.item.relationship, want.item.at)
                _claim(slots, key, want.item.at)
                slots[key] = self._choice_slot(source, want.item)
            elif want.parents:
                key = _parent_key(source, want.parents[0], want.at)
                if key not in families:
                    _claim(slots, key, want.at)
                    families[key] = []
                    slots[key] = self._parent_slot(source, families[key])
                families[key].append(want)
            else:
                key, slot = self._field_slot(source, want)
                _claim(slots, key, want.at)
                slots[key] = slot
        return slots

    def _child_key(self, source: Source, want: SubSelect) -> str:
        assert isinstance(source, Table)
        low = want.query.sobject.lower()
        names = (f.child_relationship for _, f in self.scope.context.schema.children_of(source.obj.name))
        key = next((name for name in names if name.lower() == low), want.query.sobject)
        self.subselects.append((key, want))
        return key

    def _parent_slot(self, source: Source, family: list[_Wanted]) -> Any:
        def later(_index: int) -> Patch:
            head = family[0]
            parent = source.parent(head.parents[0], head.at)
            rest = [replace(w, parents=w.parents[1:]) for w in family]
            return self._node(parent, rest).parent

        return lambda _key: ("NULL", later)

    def _field_slot(self, source: Source, want: _Wanted) -> tuple[str, Any]:
        field = source.find(want.field, want.at) if isinstance(source, Table) else None
        if field is not None and isinstance(source, Table) and kind_of(field) is Kind.COMPOUND:
            table, compound = source, field
            return field.name, lambda _key: ("NULL", lambda _index: self._compound(table, compound))
        column = source.column(want.field, want.at)
        if field is not None and isinstance(source, Table) and field.type is FieldType.BASE64:
            return field.name, lambda _key: (_blob_owner(source, column), lambda i: _blob(source, field, i))
        if want.converted:
            _check_money(column, want.at)
        if money.is_money(self.scope.context.schema, column) and (want.converted or want.shown == "FORMAT"):
            return want.alias or column.name, self._money_slot(column, want)
        decode = self._decode(column, want)
        key = want.alias or column.name
        if source is self.scope.root and not want.shown:
            self.plain[key] = Plain.of(key, column)
        return key, lambda _key: (column.sql, lambda index: _patch(decode, index))

    def _decode(self, column: Column, want: _Wanted) -> Decode | None:
        if want.shown == "TOLABEL":
            if column.field is None or not column.field.picklist:
                return None
            return labeller(column.field)
        if want.shown == "FORMAT":
            return formatter(column)
        return decoder(column)

    def _money_slot(self, column: Column, want: _Wanted) -> Any:
        """An amount in an org of several currencies: in the user's currency, or with the code of the one it is in."""
        schema = self.scope.context.schema
        code = money.users_code(self.scope.binds) if want.converted else money.code_of(column)
        shown = money.users(schema, column, code) if want.converted else column
        if want.shown != "FORMAT":
            return lambda _key: (shown.sql, lambda _index: None)
        show = coded_formatter(column)

        def later(index: int) -> Patch:
            place = self._add(code)
            return lambda row, _url_for: show(row[index], row[place])

        return lambda _key: (shown.sql, later)

    def _compound(self, table: Table, field: Field) -> Patch:
        parts = compound_parts(table.obj, field)
        keys = [key for key, _ in parts]
        first = len(self.columns)
        self.columns += [f"{table.alias}.{quote(part.name)}" for _, part in parts]
        last = len(self.columns)

        def patch(row: SqlRow, _url_for: UrlFor) -> Any:
            values = row[first:last]
            if all(value is None for value in values):
                return None
            return dict(zip(keys, values, strict=True))

        return patch

    def _choice_slot(self, source: Source, item: TypeOf) -> Any:
        assert isinstance(source, Table)
        field = source.relationship(item.relationship, item.at)

        def later(_index: int) -> Patch:
            nodes = []
            for name, paths, at in item.branches:
                target = self.scope.context.schema.get(name)
                if name.lower() not in {t.lower() for t in field.reference_to} or target is None:
                    raise Problem("INVALID_TYPE", f"{name} is not a type that {item.relationship} can be", at)
                table = self.scope.joins.one(source, field, target, at)
                nodes.append(self._node(table, [self._branch_field(path) for path in paths]))
            rest = self._otherwise(source, field, item) if item.otherwise else None

            def patch(row: SqlRow, url_for: UrlFor) -> Any:
                for node in nodes:
                    if row[node.identity] is not None:
                        return node.record(row, url_for)
                return rest.parent(row, url_for) if rest else None

            return patch

        return lambda _key: ("NULL", later)

    def _branch_field(self, path: Path) -> _Wanted:
        *parents, name = path.text.split(".")
        return _Wanted(tuple(parents), name, "", None, path.at)

    def _otherwise(self, source: Table, field: Field, item: TypeOf) -> Node:
        named = {name.lower() for name, _, _ in item.branches}
        targets = [t for t in self.scope.joins.targets(field) if t.name.lower() not in named]
        if not targets:
            targets = self.scope.joins.targets(field)
        table = NameTable([self.scope.joins.one(source, field, t, item.at) for t in targets])
        node = self._node(table, [self._branch_field(path) for path in item.otherwise])
        node.sobject = ""
        return node


def _shown(call: Call, at: int) -> tuple[str, Path, bool]:
    """How a selected field is shown, the field, and whether in the user's currency."""
    argument = call.args[0]
    converted = call.name == "CONVERTCURRENCY"
    if call.name == "FORMAT" and isinstance(argument, Call) and argument.name == "CONVERTCURRENCY":
        argument, converted = argument.args[0], True
    if call.name not in WRAPPERS or not isinstance(argument, Path):
        raise ungrouped(call.name, at)
    return call.name, argument, converted


def _check_money(column: Column, at: int) -> None:
    """In an org of one currency ``convertCurrency`` gives the amount as it is."""
    if column.field is None or column.field.type is not FieldType.CURRENCY:
        raise malformed(f"field {column.name} does not support convertCurrency", at)


def decoder(column: Column) -> Decode | None:
    """How a column's stored value becomes its JSON one; None where they are the same."""
    if column.field is not None and column.field.type is FieldType.ANY:
        return any_value
    return bool if column.kind is Kind.BOOLEAN else None


def layout_of(root: Table, names: tuple[str, ...], fields: Sequence[Plain]) -> Layout:
    """The columns of plain fields of a statement's own object, and the node of its records."""
    columns = [root.identity, *[field.sql for field in fields]]
    patches = [(names[at], _of_boolean(at + 1)) for at, field in enumerate(fields) if field.boolean]
    return columns, Node(root.entity, 0, 1, names, tuple(patches))


def _of_boolean(index: int) -> Patch:
    return lambda row, _url_for: bool(row[index])


def _patch(decode: Decode | None, index: int) -> Patch | None:
    if decode is None:
        return None
    return lambda row, _url_for: decode(row[index])


def _blob_owner(table: Table, column: Column) -> str:
    """The record's id where it has content; the content itself stays in the store."""
    return f"CASE WHEN {column.sql} IS NULL THEN NULL ELSE {table.identity} END"


def _blob(table: Table, field: Field, index: int) -> Patch:
    """Where the content is: ``/services/data/v60.0/sobjects/Attachment/<id>/Body``."""
    entity, name = table.entity, field.name
    return lambda row, url_for: None if row[index] is None else f"{url_for(entity, row[index])}/{name}"


def _computed(column: Column) -> Callable[[str], tuple[str, Callable[[int], Patch | None]]]:
    return lambda _key: (column.sql, lambda _index: None)


def _empty(_key: str) -> tuple[str, Callable[[int], Patch | None]]:
    return "NULL", lambda _index: None


def _parent_key(source: Source, name: str, at: int) -> str:
    if isinstance(source, NameTable):
        return name
    field = source.relationship(name, at)
    return field.relationship_name or name


def _claim(slots: dict[str, Any], key: str, at: int) -> None:
    if key in slots:
        raise Problem("INVALID_FIELD", f"duplicate field selected: {key}", at)
