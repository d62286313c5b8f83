"""What an org's admins define: objects, fields, picklists, record types, rules. Plain data, no behaviour of rows.

Field types are the lower-case words of Salesforce's sObject describe (contract §3.2, §4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prm_harness.crm.org.declared import DuplicateRule, Flow, SharingRule


class FieldType(StrEnum):
    """The ``type`` words of an sObject describe."""

    ID = "id"
    REFERENCE = "reference"
    STRING = "string"
    TEXTAREA = "textarea"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    BOOLEAN = "boolean"
    INT = "int"
    DOUBLE = "double"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    COMBOBOX = "combobox"
    ADDRESS = "address"
    LOCATION = "location"
    ENCRYPTED = "encryptedstring"
    BASE64 = "base64"
    ANY = "anyType"


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One value of a picklist; ``valid_for`` lists controlling values (dependent picklists)."""

    value: str
    label: str = ""
    active: bool = True
    default: bool = False
    valid_for: tuple[str, ...] = ()


class Summary(StrEnum):
    """What a roll-up does with the children's values."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class RollUp:
    """A roll-up summary: over records of ``child`` whose reference ``via`` leads here, and of which ``where`` is true.

    A count with a ``field`` counts the records that have a value there.
    """

    child: str
    via: str
    operation: Summary = Summary.COUNT
    field: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class LookupFilter:
    """Which records a lookup may lead to: those of which ``formula`` is true.

    The formula's fields are the target's; ``$Source.X`` is field X of the record that has the lookup. An ``optional``
    filter only narrows what pages offer.
    """

    formula: str
    message: str = "Value does not exist or does not match filter criteria."
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Defaults are those of a plain custom text field; None/empty means "does not apply"."""

    name: str
    type: FieldType
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted_on_create: bool = False
    default: object = None
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    name_field: bool = False
    auto_number: str = ""
    formula: str = ""
    blank_as_blank: bool = False
    """Whether blank numbers stay blank in the formula, instead of counting as zero."""
    reference_to: tuple[str, ...] = ()
    relationship_name: str = ""
    child_relationship: str = ""
    cascade_delete: bool = False
    restricted_delete: bool = False
    master_detail: bool = False
    reparentable: bool = False
    roll_up: RollUp | None = None
    default_formula: str = ""
    lookup_filter: LookupFilter | None = None
    tracked: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    restricted: bool = False
    controller: str = ""
    compound: str = ""
    extra_type_info: str = ""
    help_text: str = ""
    deprecated_and_hidden: bool = False

    @property
    def custom(self) -> bool:
        """Whether an admin made it."""
        return self.name.endswith(("__c", "__pc"))

    @property
    def calculated(self) -> bool:
        """Formula fields are read-only and recomputed on read."""
        return bool(self.formula)

    @property
    def securable(self) -> bool:
        """Whether field-level security can close it; required fields and parents of master-detail are always open."""
        return (self.nillable or self.type is FieldType.BOOLEAN) and not self.master_detail

    @property
    def stored(self) -> bool:
        """Whether it has a column of its own (compound and formula fields have not)."""
        return not self.calculated and self.type not in {FieldType.ADDRESS, FieldType.LOCATION}


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record type; ``picklists`` narrows a field's values for it (field name -> allowed values).

    Accounts of a ``person`` type are people.
    """

    id: str
    developer_name: str
    name: str
    active: bool = True
    default: bool = False
    picklists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    person: bool = False


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """``formula`` true means refuse with ``message`` (contract §6.1)."""

    name: str
    formula: str
    message: str
    display_field: str = ""
    active: bool = True


class Sharing(StrEnum):
    """Who sees and changes records of others: an object's organization-wide default (contract §11)."""

    PRIVATE = "private"
    READ = "read"
    READ_WRITE = "read_write"
    PARENT = "controlled_by_parent"


@dataclass(frozen=True, slots=True)
class RowAccess:
    """SQL conditions over a row ``{0}`` that a user may read, change, delete; empty: all rows."""

    read: str = ""
    edit: str = ""
    delete: str = ""


@dataclass(frozen=True, slots=True)
class SharingSet:
    """What partner users of some profiles may do with rows whose ``field`` leads to their own account or contact.

    ``matches`` is ``Account`` or ``Contact``, ``level`` is ``Read`` or ``Edit``, ``profiles`` are ids.
    """

    sobject: str
    field: str
    matches: str
    level: str
    profiles: tuple[str, ...]


@dataclass(slots=True)
class SObjectType:
    """One object. ``fields`` keeps describe order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    fields: dict[str, Field] = field(default_factory=dict)
    record_types: dict[str, RecordType] = field(default_factory=dict)
    validation_rules: dict[str, ValidationRule] = field(default_factory=dict)
    duplicate_rules: dict[str, DuplicateRule] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    sharing_rules: dict[str, SharingRule] = field(default_factory=dict)
    sharing: Sharing = Sharing.READ_WRITE
    external_sharing: Sharing = Sharing.PRIVATE
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    queryable: bool = True
    undeletable: bool = True
    replicateable: bool = True
    layoutable: bool = True

    @property
    def custom(self) -> bool:
        """Whether an admin made it."""
        return self.name.endswith("__c")

    def field(self, name: str) -> Field | None:
        """The field of that name, case-insensitively, as every Salesforce API reads names."""
        hit = self.fields.get(name)
        if hit is not None:
            return hit
        low = name.lower()
        return next((f for key, f in self.fields.items() if key.lower() == low), None)

    @property
    def name_field(self) -> Field | None:
        """The field shown as the record's name."""
        return next((f for f in self.fields.values() if f.name_field), None)


@dataclass(slots=True)
class Schema:
    """All objects. ``version`` grows with every change, so that compiled queries and describes can be cached by it.

    A user's view of a schema names the ``whole`` of it: what the platform itself works with, formulas for one.
    """

    objects: dict[str, SObjectType] = field(default_factory=dict)
    version: int = 0
    partners: bool = False
    """Whether there are partner users, whose records belong to a partner account."""
    record_types: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Permission set -> object -> ids of the record types it offers; a profile's own set has the default first."""
    sharing_sets: dict[str, SharingSet] = field(default_factory=dict)
    """What partner users may do beyond what is theirs, by name and place in it."""
    whole: Schema | None = None
    rows: dict[str, RowAccess] = field(default_factory=dict)
    """What the user of a view may do with which rows; objects that are not in it have no limits."""

    def get(self, name: str) -> SObjectType | None:
        """The object of that name, case-insensitively."""
        return self.objects.get(name) or next(
            (o for key, o in self.objects.items() if key.lower() == name.lower()), None
        )

    def put(self, obj: SObjectType) -> None:
        """Add or replace an object."""
        self.objects[obj.name] = obj
        self.version += 1

    def put_field(self, sobject: str, new: Field) -> None:
        """Add or replace a field."""
        self.objects[sobject].fields[new.name] = new
        self.version += 1

    def drop_field(self, sobject: str, name: str) -> None:
        """Remove a field; its column is only hidden by the store."""
        del self.objects[sobject].fields[name]
        self.version += 1

    def change_field(self, sobject: str, name: str, **changes: object) -> None:
        """Change properties of a field."""
        obj = self.objects[sobject]
        obj.fields[name] = replace(obj.fields[name], **changes)  # type: ignore[arg-type]
        self.version += 1

    def children_of(self, name: str) -> Iterator[tuple[SObjectType, Field]]:
        """Every (object, reference field) that can point at ``name``."""
        for obj in self.objects.values():
            for f in obj.fields.values():
                if name in f.reference_to:
                    yield obj, f


def parent_field(sobject: str) -> str:
    """What a row beside a record, its share or an entry of its history, calls that record."""
    return "ParentId" if sobject.endswith("__c") else f"{sobject}Id"


def parent_reference(parent: SObjectType, rows: str, *, createable: bool) -> Field:
    """The field by which a row beside a record names it; ``rows`` is what the record calls those rows together."""
    name = parent_field(parent.name)
    return Field(
        name,
        FieldType.REFERENCE,
        label=f"{parent.label} ID",
        length=18,
        nillable=False,
        createable=createable,
        updateable=False,
        reference_to=(parent.name,),
        relationship_name="Parent" if name == "ParentId" else parent.name,
        child_relationship=rows,
        cascade_delete=True,
    )
