"""Field paths to columns: the statement's own table, the parents it joins, and the Name of a polymorphic parent."""

from __future__ import annotations

from typing import TypeAlias

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.soql.catalog import ALIAS, Known, Plain, catalog_of
from prm_harness.crm.soql.columns import Column, Kind, kind_of, person_name_parts, quote
from prm_harness.crm.soql.context import Binds, Context
from prm_harness.crm.soql.faults import Problem, malformed, no_such_column, no_such_relationship
from prm_harness.crm.soql.tree import Path, Query

MAX_LEVELS = 5
"""Parents a path may climb (contract §7.2)."""

_MAX_PARENTS = 55

_NAME_FIELDS = {
    name.lower(): name
    for name in (
        "Alias", "Email", "FirstName", "Id", "IsActive", "LastName", "Name", "Phone", "ProfileId", "Title", "Type",
        "UserRoleId", "Username",
    )
}  # fmt: skip
"""Fields of the Name pseudo-object, through which polymorphic parents are read (contract §7.3)."""


class Table:
    """One joined table."""

    def __init__(self, joins: Joins, obj: SObjectType, alias: str, level: int) -> None:
        self.joins = joins
        self.obj = obj
        self.alias = alias
        self.level = level
        self.entity = obj.name
        self.identity = f'{alias}."Id"'
        self._parents: dict[str, Source] = {}

    def find(self, name: str, at: int) -> Field:
        """The field of that name."""
        field = self.obj.field(name)
        if field is None:
            raise no_such_column(name, self.obj.name, at)
        return field

    def column(self, name: str, at: int) -> Column:
        """A field as an expression."""
        field = self.find(name, at)
        return Column(
            self._sql(field),
            kind_of(field),
            field.name,
            self.obj.name,
            field,
            alias=self.alias,
            plain=self._is_plain(field),
        )

    def _is_plain(self, field: Field) -> bool:
        own = field.stored and field.type is not FieldType.ANY
        return self.level == 0 and own and not person_name_parts(self.obj, field)

    def _sql(self, field: Field) -> str:
        if field.calculated:
            self.joins.context.formulas = True
            return f"soql_formula('{self.obj.name}', '{field.name}', {self.identity})"
        parts = person_name_parts(self.obj, field)
        if parts:
            pieces = " || ".join(f"coalesce({self.alias}.{quote(p.name)} || ' ', '')" for p in parts)
            return f"(nullif(trim({pieces}), '') COLLATE NOCASE)"
        sql = f"{self.alias}.{quote(field.name)}"
        return f"({sql} COLLATE BINARY)" if field.case_sensitive else sql

    def relationship(self, name: str, at: int) -> Field:
        """The reference field behind a relationship name."""
        low = name.lower()
        for field in self.obj.fields.values():
            if field.relationship_name.lower() == low or (
                not field.relationship_name and field.reference_to and _custom_relationship(field) == low
            ):
                return field
        raise no_such_relationship(name, at)

    def parent(self, name: str, at: int) -> Source:
        """The table a relationship leads to, joined when first asked for."""
        field = self.relationship(name, at)
        known = self._parents.get(field.name)
        if known is None:
            if self.level == MAX_LEVELS:
                raise malformed(f"Relationships can be followed up to {MAX_LEVELS} levels", at)
            known = self._parents[field.name] = self.joins.add(self, field, at)
        return known


class NameTable:
    """A polymorphic parent: every table its reference may lead to, seen as the pseudo-object Name."""

    entity = "Name"

    def __init__(self, targets: list[Table]) -> None:
        self.targets = targets
        self.identity = _first_of([t.identity for t in targets])
        cases = " ".join(f"WHEN {t.identity} IS NOT NULL THEN {_type_word(t)}" for t in targets)
        self.type_sql = f"CASE {cases} END"

    def column(self, name: str, at: int) -> Column:
        """A field of Name: the value of whichever target the record leads to."""
        canonical = _NAME_FIELDS.get(name.lower())
        if canonical is None:
            raise no_such_column(name, self.entity, at)
        if canonical == "Type":
            return Column(f"({self._kind_sql()} COLLATE NOCASE)", Kind.TEXT, "Type", self.entity)
        if canonical == "Id":
            return Column(self.identity, Kind.ID, "Id", self.entity)
        found = [self._of(target, canonical, at) for target in self.targets]
        columns = [column for column in found if column is not None]
        if not columns:
            return Column("NULL", Kind.TEXT, canonical, self.entity)
        sql = _first_of([column.sql for column in columns])
        collated = f"({sql} COLLATE NOCASE)" if columns[0].kind is Kind.TEXT else sql
        return Column(collated, columns[0].kind, canonical, self.entity)

    def _kind_sql(self) -> str:
        """What Name says of its Type: the object, but of a group which kind of group it is (Queue)."""
        kinds = ((t, f'{t.alias}."Type"' if t.entity == "Group" else f"'{t.entity}'") for t in self.targets)
        return f"CASE {' '.join(f'WHEN {t.identity} IS NOT NULL THEN {kind}' for t, kind in kinds)} END"

    def _of(self, target: Table, name: str, at: int) -> Column | None:
        if name == "Name" and target.obj.name_field is not None:
            return target.column(target.obj.name_field.name, at)
        return target.column(name, at) if target.obj.field(name) else None

    def parent(self, name: str, at: int) -> Source:
        """What a relationship leads to from whichever target has it, such as Profile or Owner."""
        found: list[Table] = []
        for target in self.targets:
            if any(f.relationship_name.lower() == name.lower() for f in target.obj.fields.values()):
                source = target.parent(name, at)
                found += source.targets if isinstance(source, NameTable) else [source]
        if not found:
            raise no_such_relationship(name, at)
        return found[0] if len(found) == 1 else NameTable(found)


def _type_word(target: Table) -> str:
    """What ``Owner.Type`` says: the object, and of a group what kind it is (``Queue``)."""
    is_group = target.entity == "Group" and "Type" in target.obj.fields
    return f"{target.alias}.{quote('Type')}" if is_group else f"'{target.entity}'"


Source: TypeAlias = Table | NameTable


class Joins:
    """The JOIN clauses of one SELECT. Tables know it and not their scope: a plan leaves no cycles to be collected."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.clauses: list[str] = []

    def targets(self, field: Field) -> list[SObjectType]:
        """The objects a reference may lead to, as far as the sandbox holds them."""
        found = [obj for name in field.reference_to if (obj := self.context.schema.get(name))]
        if not found:
            raise SandboxGapError(
                f"SOQL: relationship {field.relationship_name} leads to {' or '.join(field.reference_to) or 'nothing'}, "
                "which the sandbox does not hold"
            )
        return found

    def add(self, table: Table, field: Field, at: int) -> Source:
        """Joins what a reference field leads to; records without it stay."""
        joined = [self.one(table, field, target, at) for target in self.targets(field)]
        return joined[0] if len(field.reference_to) == 1 else NameTable(joined)

    def one(self, table: Table, field: Field, target: SObjectType, at: int) -> Table:
        """Joins one object a reference field may lead to."""
        if len(self.clauses) >= _MAX_PARENTS:
            raise Problem(
                "QUERY_TOO_COMPLICATED", f"Queries can join up to {_MAX_PARENTS} parent relationships.", at
            )
        alias = self.context.table()
        live = self.live(target, alias)
        self.clauses.append(
            f'LEFT JOIN {quote(target.name)} {alias} ON {alias}."Id" = {table.alias}.{quote(field.name)}'
            + (f" AND {live}" if live else "")
        )
        return Table(self, target, alias, table.level + 1)

    def live(self, obj: SObjectType, alias: str) -> str:
        """The condition that hides deleted rows, and rows that the user does not see; empty where there is none to hide."""
        limits = self.context.schema.rows.get(obj.name)
        if limits is None or not limits.read:
            return self._undeleted(obj, alias)
        seen = limits.read.format(alias)
        kept = self._undeleted(obj, alias)
        return f"{kept} AND {seen}" if kept else seen

    def _undeleted(self, obj: SObjectType, alias: str) -> str:
        if self.context.include_deleted or "IsDeleted" not in obj.fields:
            return ""
        return f'{alias}."IsDeleted" IS NOT 1'


class Scope:
    """The names of one SELECT: its own table, and what paths from there lead to."""

    def __init__(self, context: Context, query: Query, obj: SObjectType, binds: Binds) -> None:
        self.context = context
        self.binds = binds
        self.inner = False
        """Whether this is the SELECT of a semi-join."""
        self.joins = Joins(context)
        self.root = Table(self.joins, obj, context.table(), 0)
        # The fields that earlier statements named, unless they read them from a table of another alias.
        self.known = catalog_of(context.schema).tables[obj.name] if self.root.alias == ALIAS else Known()
        self._prefixes = {obj.name.lower(), (query.alias or obj.name).lower()}
        self._aliases: dict[str, list[str]] = {}
        for joined in query.joined:
            parents, last = self.climb(Path(joined.path, joined.at))
            self._refuse_children(self.source(parents, joined.at), last)
            self._aliases[joined.alias.lower()] = [*parents, last]
            self.source([*parents, last], joined.at)

    def _refuse_children(self, source: Source, name: str) -> None:
        children = self.context.schema.children_of(source.entity)
        if any(field.child_relationship.lower() == name.lower() for _, field in children):
            raise SandboxGapError("SOQL: child relationships in FROM")

    def climb(self, path: Path) -> tuple[list[str], str]:
        """A path's relationships and its field, without the object's own name or alias in front."""
        *parents, field = path.text.split(".")
        if parents and parents[0].lower() in self._prefixes:
            del parents[0]
        elif parents and parents[0].lower() in self._aliases:
            parents[:1] = self._aliases[parents[0].lower()]
        if len(parents) > MAX_LEVELS:
            raise malformed(f"Relationships can be followed up to {MAX_LEVELS} levels", path.at)
        return parents, field

    def column(self, path: Path) -> Column:
        """The column a path leads to."""
        known = self.known.fields.get(path.text)
        if known is not None:
            return known.column
        parents, name = self.climb(path)
        column = self.source(parents, path.at).column(name, path.at)
        if column.plain and column.name == path.text and self.root.alias == ALIAS:
            self.known.fields[column.name] = Plain.of(column.name, column)
        return column

    def source(self, parents: list[str], at: int) -> Source:
        """What a chain of relationships leads to."""
        source: Source = self.root
        for name in parents:
            source = source.parent(name, at)
        return source


def _custom_relationship(field: Field) -> str:
    return f"{field.name.removesuffix('__c')}__r".lower() if field.custom else ""


def _first_of(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"
