"""Profiles and permission sets of a source tree (Metadata API guide: Profile, PermissionSet)."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]

_RIGHTS: Final = {
    "allowRead": "read", "allowCreate": "create", "allowEdit": "edit", "allowDelete": "delete",
    "viewAllRecords": "view_all", "modifyAllRecords": "modify_all",
}  # fmt: skip


_OF_PERMISSIONS: Final = frozenset({
    "fieldPermissions", "objectPermissions", "userPermissions", "recordTypeVisibilities", "label", "custom", "license",
    "userLicense", "hasActivationRequired",
})  # fmt: skip


def permissions(place: str, meta: Meta, report: Report) -> Meta:
    """What the file of a profile or permission set grants."""
    granted: Meta = {"label": str(meta["label"])} if meta.get("label") else {}
    fields = {}
    for one in many(meta.get("fieldPermissions")):
        access = "edit" if flag(one, "editable") else "read" if flag(one, "readable") else "none"
        fields[str(one.get("field"))] = access
    objects = {
        str(one.get("object")): [right for part, right in _RIGHTS.items() if flag(one, part)]
        for one in many(meta.get("objectPermissions"))
    }
    permissions = [str(one.get("name")) for one in many(meta.get("userPermissions")) if flag(one, "enabled")]
    for key, value in {"fields": fields, "objects": objects, "permissions": permissions}.items():
        if value:
            granted[key] = value
    kinds: dict[str, list[str]] = {}
    for one in many(meta.get("recordTypeVisibilities")):
        owner, _, kind = str(one.get("recordType")).partition(".")
        if flag(one, "visible"):
            kinds.setdefault(owner, []).insert(0 if flag(one, "default") else len(kinds.get(owner, [])), kind)
    if kinds:
        granted["record_types"] = kinds
    without_place(place, meta, _OF_PERMISSIONS, report)
    return granted


def without_place(place: str, meta: Meta, known: frozenset[str], report: Report) -> None:
    """Parts of a component that an org file cannot say, in one line."""
    parts = [f"{key} ({len(many(meta[key]))})" for key in sorted(meta) if key not in known]
    parts = [part for part in parts if not part.startswith(("description ", "fullName ", "label "))]
    if parts:
        report.lost(place, f"parts that have no place in an org file: {', '.join(parts)}")
