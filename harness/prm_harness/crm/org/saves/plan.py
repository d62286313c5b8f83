"""What saving needs to know about an object, worked out once per version of the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import Node
from prm_harness.crm.org.declared import Timing, compiled
from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.saves.persons import twins
from prm_harness.crm.org.schema import Field, FieldType, RecordType, Schema, SObjectType, ValidationRule
from prm_harness.crm.org.sharing.shares import share_name
from prm_harness.crm.store.store import StoredRow
from prm_harness.crm.store.values import encode, encoder_of

AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
# Who saved and when is said by the change itself; a save that alters nothing else is a change with no fields.
_NOT_LOGGED = frozenset({"Id", "LastModifiedDate", "LastModifiedById", "SystemModstamp"})
_POSITIONS = frozenset({"User", "UserRole", "Group", "GroupMember"})
PICKLISTS = frozenset({FieldType.PICKLIST, FieldType.MULTIPICKLIST})


class Plan:
    """An object's names, defaults, required and unique fields, name parts and rules, ready for use row by row."""

    def __init__(self, schema: Schema, obj: SObjectType) -> None:
        self.obj = obj
        fields = list(obj.fields.values())
        self._by_name = {f.name.lower(): f for f in fields} | {f.name: f for f in fields}
        self._by_relationship = {f.relationship_name.lower(): f for f in fields if f.relationship_name}
        self.required = tuple(
            f.name
            for f in fields
            if not f.nillable
            and f.createable
            and not f.defaulted_on_create
            and f.type is not FieldType.BOOLEAN
        )
        self.defaults: StoredRow = {
            f.name: value for f in fields if f.stored and (value := _default(f)) is not None
        }
        self.unique = tuple(f for f in fields if f.unique)
        self.auto_numbers = tuple(f for f in fields if f.auto_number)
        self.name_parts = _name_parts(obj)
        self.rules: tuple[tuple[ValidationRule, Node], ...] = tuple(
            (rule, parse(rule.formula)) for rule in obj.validation_rules.values() if rule.active
        )
        self.duplicate_rules = tuple(rule for rule in obj.duplicate_rules.values() if rule.active)
        active = [flow for flow in obj.flows.values() if flow.active]
        self.flows = {
            timing: tuple(compiled(flow) for flow in active if flow.timing is timing) for timing in Timing
        }
        self.default_formulas = tuple((f, parse(f.default_formula)) for f in fields if f.default_formula)
        self.filters = tuple(
            (f, f.lookup_filter, parse(f.lookup_filter.formula))
            for f in fields
            if f.lookup_filter is not None and not f.lookup_filter.optional
        )
        self.roll_ups = tuple(
            (parent, f, f.roll_up)
            for parent in schema.objects.values()
            for f in parent.fields.values()
            if f.roll_up is not None and f.roll_up.child == obj.name
        )
        """Fields of other objects that sum up records of this one."""
        self.tracked = frozenset(f.name for f in fields if f.tracked)
        self.has_partners = schema.partners and "PartnerAccountId" in obj.fields
        self.leads_partners = schema.partners and obj.name == "Account"
        """Whether its owner's role stands above partner users."""
        self.has_relations = obj.name == "Contact" and "AccountContactRelation" in schema.objects
        self.twins = twins(schema) if obj.name in {"Account", "Contact"} else {}
        """Fields that a person account shares with its contact, as accounts and as contacts call them."""
        self.has_stages = obj.name == "Opportunity" and "OpportunityHistory" in schema.objects
        self.coded_addresses = tuple(
            f.name.removesuffix("Address")
            for f in fields
            if f.type is FieldType.ADDRESS and f"{f.name.removesuffix('Address')}CountryCode" in obj.fields
        )
        """Prefixes of addresses that have state and country picklists."""
        self.is_share = obj.name.endswith("Share") and "RowCause" in obj.fields
        self.is_shared = share_name(obj.name) in schema.objects and "OwnerId" in obj.fields
        self.is_team = obj.name in {"AccountTeamMember", "OpportunityTeamMember"}
        by_owner = any(r.owned_by for one in schema.objects.values() for r in one.sharing_rules.values())
        self.regroups = (obj.name in _POSITIONS and by_owner) or (obj.name == "User" and schema.partners)
        """Whether its rows decide whose records sharing rules open, or who stands above partner users."""
        self.is_ruled = bool(
            self.rules
            or self.duplicate_rules
            or active
            or self.default_formulas
            or self.filters
            or self.roll_ups
            or self.tracked
            or self.has_partners
            or self.has_relations
            or self.twins
            or self.coded_addresses
            or self.is_share
            or self.is_shared
            or self.is_team
            or self.regroups
        )
        """Whether more than a row's own columns decides about it: loads take such rows one by one."""
        self._always_effects = bool(
            self.tracked
            or self.is_shared
            or self.has_relations
            or self.twins
            or self.is_team
            or self.regroups
            or self.has_stages
        ) or any(self.flows[t] for t in (Timing.ASSIGNMENT, Timing.WORKFLOW, Timing.AFTER_SAVE))
        self._vias = tuple({summary.via for _, _, summary in self.roll_ups})
        self.has_owner = "OwnerId" in obj.fields
        # What decides whether another record may point at this one.
        self.state = tuple(n for n in ("Id", "IsDeleted", "IsConverted", "IsActive") if n in obj.fields) + (
            ("Type",) if obj.name == "Group" else ()
        )
        self.soft_delete = "IsDeleted" in obj.fields
        self.children = tuple(
            (child, f) for child, f in schema.children_of(obj.name) if f.stored and f.name not in AUDIT_FIELDS
        )
        blobs = frozenset(f.name for f in fields if f.type is FieldType.BASE64)
        self._logged = frozenset(f.name for f in fields if f.stored) - _NOT_LOGGED - blobs
        self._flags = frozenset(f.name for f in fields if f.type is FieldType.BOOLEAN)
        self.createable = {f.name: (f, encoder_of(f)) for f in fields if f.createable and f.stored}
        self.updateable = {f.name: (f, encoder_of(f)) for f in fields if f.updateable and f.stored}
        self.plain = frozenset(
            f.name
            for f in fields
            if f.stored
            and f.type not in {FieldType.BOOLEAN, FieldType.BASE64, FieldType.ANY}
            and not f.calculated
        )
        """Fields whose wire value is the stored one."""
        self.restricted = tuple(f for f in fields if f.restricted and f.type in PICKLISTS)
        self.references = tuple(
            f for f in fields if f.type is FieldType.REFERENCE and f.name != "RecordTypeId"
        )
        self._record_types = {rt.id: rt for rt in obj.record_types.values()}
        self._allowed: dict[tuple[str, str | None], frozenset[str]] = {}

    def has_effects(self, row: StoredRow, old: StoredRow | None) -> bool:
        """Whether something follows once the row is written: automation, history, a parent's sum."""
        moved = self.leads_partners and old is not None and old["OwnerId"] != row["OwnerId"]
        return (
            self._always_effects
            or moved
            or any(
                row.get(via) is not None or (old is not None and old.get(via) is not None)
                for via in self._vias
            )
        )

    def field(self, name: str) -> Field | None:
        """A field by API name, in any case."""
        return self._by_name.get(name) or self._by_name.get(name.lower())

    def reference(self, relationship: str) -> Field | None:
        """The reference field behind a relationship name, in any case."""
        return self._by_relationship.get(relationship.lower())

    def created(self, row: StoredRow) -> Mapping[str, tuple[Any, Any]]:
        """A new row's fields with a value, as (None, wire value)."""
        return NewFields(row, self._logged, self._flags)

    def created_many(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], shared: Mapping[str, Any]
    ) -> Sequence[Mapping[str, tuple[Any, Any]]]:
        """The same for many rows, given as values of ``columns``, and what other columns hold in all of them."""
        layout = tuple((n if n in self._logged else "", n in self._flags) for n in (*columns, *shared))
        return WrittenRows(layout, rows, tuple(shared.values()))

    def differences(self, old: StoredRow, written: StoredRow) -> dict[str, tuple[Any, Any]]:
        """What a write changed, as (old, new) wire values."""
        changed = {n: (old[n], v) for n, v in written.items() if n in self._logged}
        for n in self._flags & changed.keys():
            before, after = changed[n]
            changed[n] = (bool(before), bool(after))
        return changed

    def record_type(self, record_type_id: str) -> RecordType | None:
        """An active record type of this object."""
        found = self._record_types.get(record_type_id)
        return found if found is not None and found.active else None

    def allowed(self, field: Field, record_type_id: str | None) -> frozenset[str]:
        """The values a restricted picklist takes in a record of that type."""
        key = (field.name, record_type_id)
        values = self._allowed.get(key)
        if values is None:
            active = frozenset(v.value for v in field.picklist if v.active)
            record_type = self._record_types.get(record_type_id or MASTER_RECORD_TYPE)
            narrowed = record_type.picklists.get(field.name) if record_type else None
            values = self._allowed[key] = active if narrowed is None else active & frozenset(narrowed)
        return values


class NewFields(Mapping[str, tuple[Any, Any]]):
    """Worked out when first looked at: loading a million rows makes as many, and few are ever read."""

    __slots__ = ("_fields", "_flags", "_logged", "_row")

    def __init__(self, row: StoredRow, logged: frozenset[str], flags: frozenset[str]) -> None:
        self._row: StoredRow | None = row
        self._logged = logged
        self._flags = flags
        self._fields: dict[str, tuple[Any, Any]] = {}

    def _all(self) -> dict[str, tuple[Any, Any]]:
        if self._row is not None:
            self._fields = {
                n: (None, bool(v) if n in self._flags else v)
                for n, v in self._row.items()
                if v is not None and n in self._logged
            }
            self._row = None
        return self._fields

    def __getitem__(self, name: str) -> tuple[Any, Any]:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class WrittenFields(Mapping[str, tuple[Any, Any]]):
    """As NewFields, on the tuple that a row was written from: a million of them have to stay small."""

    __slots__ = ("_layout", "_values")

    def __init__(self, layout: tuple[tuple[str, bool], ...], values: Sequence[Any]) -> None:
        self._layout = layout
        self._values = values

    def _all(self) -> dict[str, tuple[Any, Any]]:
        return {
            name: (None, bool(value) if flag else value)
            for (name, flag), value in zip(self._layout, self._values, strict=True)
            if name and value is not None
        }

    def __getitem__(self, name: str) -> tuple[Any, Any]:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class WrittenRows(Sequence[Mapping[str, tuple[Any, Any]]]):
    """The fields of each row that a load wrote, made when they are looked at."""

    __slots__ = ("_layout", "_rows", "_shared")

    def __init__(
        self, layout: tuple[tuple[str, bool], ...], rows: Sequence[Sequence[Any]], shared: tuple[Any, ...]
    ) -> None:
        self._layout = layout
        self._rows = rows
        self._shared = shared

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return WrittenFields(self._layout, (*self._rows[index], *self._shared))


def _default(field: Field) -> object:
    if field.default is not None:
        return encode(field, field.default)
    if field.type is FieldType.BOOLEAN:
        return 0
    if field.type in PICKLISTS:
        return next((v.value for v in field.picklist if v.default and v.active), None)
    return None


def _name_parts(obj: SObjectType) -> tuple[str, ...]:
    """The parts of a person's name, in the order they are joined; empty for objects with a plain name."""
    name = obj.name_field
    if name is None or name.createable or name.type is not FieldType.STRING:
        return ()
    order = ("FirstName", "MiddleName", "LastName", "Suffix")
    return tuple(part for part in order if part in obj.fields and obj.fields[part].compound == name.name)
