"""The org that a file describes. What this version cannot represent becomes a note, and everything else is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from prm_harness.crm.org.declared import DuplicateRule, Flow
from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import (
    Field,
    FieldType,
    LookupFilter,
    PicklistValue,
    RecordType,
    RollUp,
    SObjectType,
    ValidationRule,
)
from prm_harness.crm.org.templates import BASES
from prm_harness.crm.org.thawing import thawed
from prm_harness.crm.orgfile.model import FieldEntry, ObjectEntry, OrgFile
from prm_harness.crm.orgfile.people import add_people
from prm_harness.crm.orgfile.reading import OrgFileError
from prm_harness.crm.orgfile.sharing import add_sharing

_ABLE: Final = (
    "createable", "updateable", "deletable", "queryable", "undeletable", "replicateable", "layoutable",
)  # fmt: skip
_PROPERTIES: Final = frozenset(f.name for f in fields(Field))


class OrgBuilder:
    """Builds orgs of one file; :meth:`make` is what a sandbox takes as ``make``.

    Attributes:
        notes: One line for each thing in the file that the org last made does not have.
    """

    def __init__(self, file: OrgFile, name: str) -> None:
        """``name`` is what the file is called in messages."""
        self.file = file
        self.name = name
        self.notes: list[str] = []

    def make(self, *, seed: int, now: Callable[[], datetime], path: str) -> Org:
        """The org.

        Raises:
            OrgFileError: the file contradicts itself: a rule that is no formula, a field of no type.
        """
        base = BASES.get(self.file.base)
        if base is None:
            raise OrgFileError(
                f"{self.name}: 'base': there is no template {self.file.base!r}; known: {', '.join(BASES)}"
            )
        self.notes = []
        org = base(seed=seed, now=now, path=path)
        self._organization(org)
        self._setup(org)
        if self.file.switches.state_and_country:
            with self._doing("switches.state_and_country"):
                org.enable_state_and_country(self.file.switches.state_and_country)
        if self.file.switches.shared_contacts:
            org.enable_shared_contacts()
        if self.file.switches.person_accounts:
            org.enable_person_accounts()
        if self.file.switches.teams:
            org.enable_teams()
        self._objects(org)
        if self.file.switches.multi_currency:
            with self._doing("switches.multi_currency"):
                org.enable_currencies(self.file.switches.multi_currency)
        if self.file.switches.dated_rates:
            with self._doing("switches.dated_rates"):
                org.enable_dated_rates(self.file.switches.dated_rates)
        add_people(org, self.file, self._doing, self.notes)
        add_sharing(org, self.file, self._doing)
        return org

    # -- the organization -----------------------------------------------------------------------------------------

    def _organization(self, org: Org) -> None:
        values = {"Name": self.file.name, "TimeZoneSidKey": self.file.time_zone}
        for column, value in values.items():
            if value:
                org.connection.execute(f'UPDATE "Organization" SET "{column}" = ?', (value,))
        switches = self.file.switches
        if switches.prm is False:
            self.notes.append("switches.prm: partner accounts, users and funds are always there")

    def _setup(self, org: Org) -> None:
        for sobject, rows in self.file.setup.items():
            org.connection.execute(f'DELETE FROM "{sobject}"')
            for place, row in enumerate(rows):
                with self._doing(f"setup.{sobject}.{place}"):
                    unknown = sorted(row.keys() - org.schema.objects[sobject].fields.keys())
                    if unknown:
                        raise OrgFileError(
                            f"{self.name}: setup.{sobject}.{place}: {sobject} has no field {', '.join(unknown)}"
                        )
                    org.plant(sobject, {"SortOrder": place + 1, **row})
            self._offer(org, sobject, rows)

    def _offer(self, org: Org, sobject: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """The field that holds a stage or status offers what there is."""
        owner, name = {"OpportunityStage": ("Opportunity", "StageName"), "LeadStatus": ("Lead", "Status")}[
            sobject
        ]
        values = tuple(
            PicklistValue(
                str(row["ApiName"]),
                str(row.get("MasterLabel") or row["ApiName"]),
                bool(row.get("IsActive", True)),
                bool(row.get("IsDefault")),
            )
            for row in rows
            if row.get("ApiName")
        )
        default = next((v.value for v in values if v.default), None)
        org.change_field(owner, name, picklist=values, default=default)

    # -- objects --------------------------------------------------------------------------------------------------

    def _objects(self, org: Org) -> None:
        waiting: list[tuple[str, str, FieldEntry]] = []
        for name, entry in self.file.objects.items():
            known = org.schema.get(name) is not None
            with self._doing(f"objects.{name}"):
                self._object(org, name, entry)
            if not entry.whole:
                waiting += [(name, field, of) for field, of in entry.fields.items() if known or _waits(of)]
        self._fields(org, waiting)
        for name, entry in self.file.objects.items():
            self._rules(org, name, entry)

    def _object(self, org: Org, name: str, entry: ObjectEntry) -> None:
        known = org.schema.get(name)
        if known is None and not entry.label:
            raise OrgFileError(f"{self.name}: objects.{name}: a new object needs a label")
        if known is None or entry.whole:
            label = entry.label or name
            base = known or SObjectType(name, label, f"{label}s", entry.key_prefix)
            own = {
                n: self._field(name, n, e) for n, e in entry.fields.items() if entry.whole or not _waits(e)
            }
            for key, field in own.items():  # what the org computes by itself, no describe tells how
                there = base.fields.get(key)
                derived = there is not None and (there.calculated or there.roll_up is not None)
                if there is not None and derived and not field.calculated:
                    own[key] = replace(
                        there,
                        label=field.label,
                        nillable=field.nillable,
                        defaulted_on_create=field.defaulted_on_create,
                    )
            obj = replace(base, fields=own, record_types={}, validation_rules={}, **_said(entry))
            if entry.whole:
                org.adopt(obj)
            else:
                org.add_object(obj)
            return
        for key, value in _said(entry).items():
            setattr(known, key, value)
        org.schema.version += 1

    def _field(self, sobject: str, name: str, entry: FieldEntry) -> Field:
        if entry.type is None:
            raise OrgFileError(f"{self.name}: objects.{sobject}.fields.{name}: a new field needs a type")
        return Field(name, **{"type": entry.type, **_given(entry)})

    def _fields(self, org: Org, waiting: list[tuple[str, str, FieldEntry]]) -> None:
        """Add and change fields; those whose formulas need others that are not there yet have another turn."""
        while waiting:
            later: list[tuple[str, str, FieldEntry]] = []
            why: dict[str, str] = {}
            for sobject, name, entry in waiting:
                place = f"objects.{sobject}.fields.{name}"
                try:
                    self._one_field(org, sobject, name, entry)
                except (OrgError, SandboxGapError) as error:
                    later.append((sobject, name, entry))
                    why[place] = str(error)
            if len(later) == len(waiting):
                self.notes += [f"{place}: {text}" for place, text in why.items()]
                return
            waiting = later

    def _one_field(self, org: Org, sobject: str, name: str, entry: FieldEntry) -> None:
        known = org.schema.objects[sobject].field(name)
        if known is None:
            field = self._field(sobject, name, entry)
            if field.type is FieldType.ADDRESS:
                org.schema.put_field(sobject, field)
            else:
                org.add_field(sobject, field)
            return
        given = {key: value for key, value in _given(entry).items() if value != getattr(known, key)}
        if given:
            org.change_field(sobject, known.name, **given)

    def _rules(self, org: Org, name: str, entry: ObjectEntry) -> None:
        place = f"objects.{name}"
        for key, kind in entry.record_types.items():
            with self._doing(f"{place}.record_types.{key}"):
                label = kind.name or key.replace("_", " ")
                made = RecordType(
                    "", key, label, kind.active, kind.default, dict(kind.picklists), kind.person
                )
                known = org.schema.objects[name].record_types.get(key)
                if known is None:
                    org.add_record_type(name, made)
                else:
                    org.change_record_type(name, replace(made, id=known.id))
        for key, rule in entry.validation_rules.items():
            with self._doing(f"{place}.validation_rules.{key}"):
                org.add_validation_rule(name, ValidationRule(name=key, **rule.model_dump()))
        for key, duplicates in entry.duplicate_rules.items():
            with self._doing(f"{place}.duplicate_rules.{key}"):
                org.add_duplicate_rule(name, DuplicateRule(name=key, **duplicates.model_dump()))
        for key, flow in entry.flows.items():
            with self._doing(f"{place}.flows.{key}"):
                org.add_flow(name, thawed(Flow, {"name": key, **flow.model_dump(mode="json")}))
        tracked = [key for key, field in entry.fields.items() if field.tracked]
        if tracked:
            with self._doing(f"{place}.fields"):
                org.track_history(name, tracked)
        if entry.sharing or entry.external_sharing:
            with self._doing(f"{place}.sharing"):
                obj = org.schema.objects[name]
                org.set_sharing(name, entry.sharing or obj.sharing, entry.external_sharing or None)

    def _doing(self, place: str) -> _Doing:
        return _Doing(self.notes, place)


class _Doing:
    """What the org refuses inside becomes a note that names the place."""

    def __init__(self, notes: list[str], place: str) -> None:
        self._notes, self._place = notes, place

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, OrgError | SandboxGapError):
            self._notes.append(f"{self._place}: {error}")
            return True
        return False


def _waits(entry: FieldEntry) -> bool:
    """Whether a field needs others that may come later in the file."""
    return bool(entry.formula or entry.roll_up or entry.lookup_filter or entry.default_formula)


def _given(entry: FieldEntry) -> dict[str, Any]:
    given = {key: getattr(entry, key) for key in entry.model_fields_set if key in _PROPERTIES - {"tracked"}}
    if entry.roll_up is not None:
        given["roll_up"] = RollUp(**entry.roll_up.model_dump())
    if entry.lookup_filter is not None:
        given["lookup_filter"] = LookupFilter(**entry.lookup_filter.model_dump())
    if "picklist" in given:
        given["picklist"] = tuple(
            PicklistValue(v.value, v.label or v.value, v.active, v.default, v.valid_for)
            for v in given["picklist"]
        )
    if entry.type is not None:
        given["type"] = entry.type
    return {key: value for key, value in given.items() if value is not None or key == "default"}


def _said(entry: ObjectEntry) -> dict[str, Any]:
    """Properties of the object that the file names."""
    said = {key: getattr(entry, key) for key in _ABLE if getattr(entry, key) is not None}
    names = {"label": entry.label, "label_plural": entry.label_plural, "key_prefix": entry.key_prefix}
    return said | {key: value for key, value in names.items() if value}
