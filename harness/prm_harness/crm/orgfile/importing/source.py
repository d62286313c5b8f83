"""A Metadata API source tree (an sfdx project, or a retrieved package) to sections of an org file.

Facts about the files: the vendor's Metadata API guide, types CustomObject, CustomField, RecordType, ValidationRule,
GlobalValueSet, StandardValueSet, Profile and PermissionSet (what is shared and automated: the modules beside this one); both the source format (a file a component) and the
package format (one ``.object`` file with everything) are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.org.scope import relationship
from prm_harness.crm.org.standard import standard_schema
from prm_harness.crm.orgfile.importing import flow_source, sharing_source
from prm_harness.crm.orgfile.importing.criteria import CriteriaError, lookup_filter
from prm_harness.crm.orgfile.importing.duplicates_source import duplicate_rules, matching_rules
from prm_harness.crm.orgfile.importing.permissions_source import permissions, without_place
from prm_harness.crm.orgfile.importing.pull_access import SHARING
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.importing.values_source import inlined, standard_values
from prm_harness.crm.orgfile.importing.workflow_source import workflow
from prm_harness.crm.orgfile.model import FieldEntry, OrgFile
from prm_harness.crm.salesforce.metadata.documents import read_meta
from prm_harness.crm.salesforce.metadata.fields import field_of, flag, many
from prm_harness.crm.salesforce.soap.xml import XmlError, parse

Meta = dict[str, Any]

_KINDS: Final = (
    "object", "field", "recordType", "validationRule", "globalValueSet", "standardValueSet", "profile", "permissionset",
    "role", "sharingRules", "group", "queue", "sharingSet", "duplicateRule", "matchingRule", "flow", "workflow", "settings",
)  # fmt: skip
_ADVICE: Final = {
    "trigger": "Apex is not imported; describe what it does under `flows` of its object",
    "assignmentRules": "assignment rules are not imported; describe them under `flows` of their object (timing: assignment)",
    "escalationRules": "escalation rules have no place in an org file",
    "approvalProcess": "approval processes have no place in an org file",
    "territory2": "territories have no place in an org file",
}
_OF_OBJECTS: Final = frozenset({
    "label", "pluralLabel", "sharingModel", "externalSharingModel", "nameField", "fields", "recordTypes", "validationRules",
    "deploymentStatus", "enableActivities", "enableBulkApi", "enableFeeds", "enableHistory", "enableReports", "enableSearch",
    "enableSharing", "enableStreamingApi", "visibility", "gender", "startsWith", "compactLayoutAssignment", "actionOverrides",
    "allowInChatterGroups", "enableEnhancedLookup", "enableLicensing", "searchLayouts",
})  # fmt: skip


def add_source(file: OrgFile, folder: Path, report: Report) -> OrgFile:
    """The file with everything that the source tree below the folder says."""
    return _Tree(file, folder, report).whole()


class _Tree:
    def __init__(self, file: OrgFile, folder: Path, report: Report) -> None:
        self._folder, self._report = folder, report
        self._data: Meta = file.model_dump(mode="json", exclude_unset=True)
        self._objects: dict[str, Meta] = self._data.setdefault("objects", {})
        self._standard = standard_schema()
        self._parts: dict[str, list[tuple[str, str, Meta]]] = {kind: [] for kind in _KINDS}

    def whole(self) -> OrgFile:
        for path in sorted(self._folder.rglob("*")):
            if path.is_file():
                self._read(path)
        for name, _, meta in self._parts["object"]:
            self._object(name, meta)
        self._fields()
        self._filters()
        for name, owner, meta in self._parts["recordType"]:
            self._record_type(owner, name, meta)
        for name, owner, meta in self._parts["validationRule"]:
            self._rule(owner, name, meta)
        for name, _, meta in self._parts["standardValueSet"]:
            standard_values(name, meta, self._data, self._report)
        for name, _, meta in self._parts["profile"]:
            self._data.setdefault("profiles", {})[name] = permissions(f"profiles.{name}", meta, self._report)
        for name, _, meta in self._parts["permissionset"]:
            self._data.setdefault("permission_sets", {})[name] = permissions(
                f"permission_sets.{name}", meta, self._report
            )
        self._shared()
        self._automation()
        return OrgFile.model_validate(self._data)

    def _read(self, path: Path) -> None:
        stem = path.name.removesuffix("-meta.xml")
        name, _, kind = stem.rpartition(".")
        if kind in _ADVICE:
            self._report.lost(str(path.relative_to(self._folder)), _ADVICE[kind])
        elif kind in _KINDS:
            try:
                meta = read_meta(parse(path.read_bytes()))
            except XmlError as error:
                self._report.lost(str(path.relative_to(self._folder)), f"is no XML that can be read: {error}")
                return
            owner = path.parent.parent.name if kind in {"field", "recordType", "validationRule"} else ""
            self._parts[kind].append((str(meta.get("fullName") or name) if owner else name, owner, meta))
            if kind == "object":
                for part, inner in (
                    ("fields", "field"),
                    ("recordTypes", "recordType"),
                    ("validationRules", "validationRule"),
                ):
                    self._parts[inner] += [(str(m.get("fullName")), name, m) for m in many(meta.get(part))]
        elif path.name.endswith("-meta.xml"):
            self._report.left_out(f"{kind} components", name)

    def _entry(self, name: str) -> Meta:
        return self._objects.setdefault(name, {})

    def _object(self, name: str, meta: Meta) -> None:
        entry = self._entry(name)
        if name.endswith("__c") or "label" in meta:
            entry.setdefault("label", str(meta.get("label") or name.removesuffix("__c").replace("_", " ")))
        if meta.get("pluralLabel"):
            entry.setdefault("label_plural", str(meta["pluralLabel"]))
        if meta.get("sharingModel") in SHARING:
            entry["sharing"] = SHARING[str(meta["sharingModel"])]
        if meta.get("externalSharingModel") in SHARING:
            entry["external_sharing"] = SHARING[str(meta["externalSharingModel"])]
        without_place(f"objects.{name}", meta, _OF_OBJECTS, self._report)
        naming = meta.get("nameField")
        if isinstance(naming, Mapping) and name.endswith("__c"):
            field = {
                "type": "string",
                "label": str(naming.get("label") or "Name"),
                "nillable": False,
                "name_field": True,
            }
            number = (
                {"auto_number": str(naming.get("displayFormat") or "{0}")}
                if naming.get("type") == "AutoNumber"
                else {}
            )
            entry.setdefault("fields", {}).setdefault("Name", {**field, "length": 80, **number})

    def _fields(self) -> None:
        schema = self._everything()
        sets = {name: meta for name, _, meta in self._parts["globalValueSet"]}
        for name, owner, meta in self._parts["field"]:
            place = f"{owner}.{name}"
            if not name.endswith("__c"):
                if meta.keys() - {"fullName", "trackHistory", "trackFeedHistory", "type"}:
                    self._report.lost(
                        place, "changes of standard fields come from describes or standard value sets only"
                    )
                continue
            try:
                field = field_of(name, inlined(meta, sets), schema)
            except (OrgError, SandboxGapError) as error:
                self._report.lost(place, str(error))
                continue
            said = _said(field)
            known = self._entry(owner).setdefault("fields", {}).get(name)
            self._entry(owner)["fields"][name] = said | {
                k: v for k, v in (known or {}).items() if k not in said
            }

    def _filters(self) -> None:
        """Lookup filters, once the types of all fields are known."""
        for name, owner, meta in self._parts["field"]:
            said, field = meta.get("lookupFilter"), self._entry(owner).get("fields", {}).get(name)
            if isinstance(said, dict) and field is not None and flag(said, "active", default=True):
                try:
                    target = str(meta.get("referenceTo"))
                    field["lookup_filter"] = lookup_filter(owner, target, said, self._kind)
                except CriteriaError as error:
                    self._report.lost(f"{owner}.{name}", f"its lookup filter is left out: {error}")

    def _kind(self, path: str) -> FieldType | None:
        """The type of the field that a path from an object leads to."""
        owner, *way, name = path.split(".")
        for step in way:
            known = self._standard.get(owner)
            via = relationship(known, step) if known is not None else None
            field = f"{step.removesuffix('__r')}__c"
            custom = self._entry(owner).get("fields", {}).get(field) if step.endswith("__r") else None
            targets = (custom or {}).get("reference_to") or (via.reference_to if via is not None else ())
            if not targets:
                return None
            owner = targets[0]
        own = self._objects.get(owner, {}).get("fields", {}).get(name, {}).get("type")
        known = self._standard.get(owner)
        there = known.field(name) if known is not None else None
        return FieldType(own) if own else there.type if there is not None else None

    def _shared(self) -> None:
        report = self._report
        for name, _, meta in self._parts["role"]:
            self._data.setdefault("roles", {})[name] = sharing_source.role(name, meta)
        for name, _, _meta in self._parts["group"]:
            self._data.setdefault("groups", {})[name] = sharing_source.group(name, report)
        for name, _, meta in self._parts["queue"]:
            self._data.setdefault("queues", {})[name] = sharing_source.queue(meta)
        for name, _, meta in self._parts["sharingSet"]:
            made = sharing_source.sharing_set(name, meta, report)
            if made is not None:
                self._data.setdefault("sharing_sets", {})[name] = made
        for owner, _, meta in self._parts["sharingRules"]:
            rules = sharing_source.sharing_rules(owner, meta, partial(self._kind_in, owner), report)
            if rules:
                self._entry(owner).setdefault("sharing_rules", {}).update(rules)
        switches = {"enableAccountTeams", "enableAccountTeam", "enableOpportunityTeam"}
        if any(sharing_source.is_on(meta, *switches) for _, _, meta in self._parts["settings"]):
            self._data.setdefault("switches", {})["teams"] = True

    def _kind_in(self, owner: str, path: str) -> FieldType | None:
        return self._kind(f"{owner}.{path}")

    def _automation(self) -> None:
        report = self._report
        known: dict[str, Meta] = {}
        for owner, _, meta in self._parts["matchingRule"]:
            known |= matching_rules(owner, meta)
        for name, _, meta in self._parts["duplicateRule"]:
            kind = partial(self._kind_in, name.partition(".")[0])
            owner, rules = duplicate_rules(name, meta, known, kind, report)
            if rules:
                self._entry(owner).setdefault("duplicate_rules", {}).update(rules)
        for name, _, meta in self._parts["flow"]:
            try:
                owner, flows = flow_source.flow(name, meta, self._kind)
            except CriteriaError as error:
                report.lost(f"flows.{name}", f"{error}; describe what it does under `flows` of its object")
                continue
            self._entry(owner).setdefault("flows", {}).update(flows)
        for owner, _, meta in self._parts["workflow"]:
            rules, lost = workflow(owner, meta, self._kind)
            for rule, why in lost:
                report.lost(f"{owner}.workflow.{rule}", why)
            if rules:
                self._entry(owner).setdefault("flows", {}).update(rules)

    def _everything(self) -> Schema:
        """A schema in which every object that the tree names can be pointed at."""
        schema = standard_schema()
        targets = {str(m.get("referenceTo")) for _, _, m in self._parts["field"] if m.get("referenceTo")}
        for name in targets | set(self._objects) | {owner for _, owner, _ in self._parts["field"]}:
            if schema.get(name) is None:
                schema.put(SObjectType(name, name, name, None))
        return schema

    def _record_type(self, owner: str, name: str, meta: Meta) -> None:
        kind: Meta = {"name": str(meta.get("label") or name)}
        if not flag(meta, "active", default=True):
            kind["active"] = False
        offered = {
            str(p.get("picklist")): [_decoded(str(v.get("fullName"))) for v in many(p.get("values"))]
            for p in many(meta.get("picklistValues"))
        }
        if offered:
            kind["picklists"] = offered
        kinds = self._entry(owner).setdefault("record_types", {})
        kinds[name] = kinds.get(name, {}) | kind

    def _rule(self, owner: str, name: str, meta: Meta) -> None:
        rule = {
            "formula": str(meta.get("errorConditionFormula") or ""),
            "message": str(meta.get("errorMessage") or ""),
        }
        if meta.get("errorDisplayField"):
            rule["display_field"] = str(meta["errorDisplayField"])
        self._entry(owner).setdefault("validation_rules", {})[name] = rule | (
            {} if flag(meta, "active", default=True) else {"active": False}
        )


def _said(field: Field) -> Meta:
    """What a field says beyond the defaults."""
    plain = asdict(Field(field.name, field.type))
    told = {k: v for k, v in asdict(field).items() if k != "name" and v != plain[k]}
    if "picklist" in told:
        told["picklist"] = [
            {
                k: v
                for k, v in value.items()
                if k == "value"
                or v not in ("", (), False, True)
                or (k == "default" and v)
                or (k == "active" and not v)
            }
            for value in told["picklist"]
        ]
    known = FieldEntry.model_fields.keys()
    return {"type": field.type.value, **{k: v for k, v in told.items() if k in known}}


def _decoded(name: str) -> str:
    """Record types write values percent-encoded."""
    from urllib.parse import unquote

    return unquote(name)
