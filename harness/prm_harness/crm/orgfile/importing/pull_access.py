"""Who may do what in a live org: sharing defaults, roles, groups, queues, and the rights of the user that reads them.

The rights of the connected user, by profile and permission sets together, become one profile: that of the user that a
portal connects as. Standard objects and fields as the object reference has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.model import GroupEntry, ProfileEntry, QueueEntry, RoleEntry

Rows = Callable[[str], list[dict[str, Any]]]
"""Asks a query; what cannot be read is reported and empty."""

SHARING: Final = {
    "Private": "private", "Read": "read", "ReadWrite": "read_write", "ReadWriteTransfer": "read_write",
    "ControlledByParent": "controlled_by_parent", "FullAccess": "read_write",
}  # fmt: skip
_RIGHTS: Final = ("Read", "Create", "Edit", "Delete")
_ALL: Final = {"ViewAllRecords": "view_all", "ModifyAllRecords": "modify_all"}
_PERMITTED: Final = ("ViewAllData", "ModifyAllData", "BulkApiHardDelete")
_MANY: Final = 100
_LEVELS: Final = {"Read": "read", "Edit": "edit"}


def sharing(rows: Rows, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Sharing defaults by object, as an org file says them."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(names), _MANY):
        listed = ", ".join(f"'{name}'" for name in names[start : start + _MANY])
        fields = "QualifiedApiName, InternalSharingModel, ExternalSharingModel"
        for row in rows(f"SELECT {fields} FROM EntityDefinition WHERE QualifiedApiName IN ({listed})"):
            said = {
                key: SHARING[row[column]]
                for key, column in (
                    ("sharing", "InternalSharingModel"),
                    ("external_sharing", "ExternalSharingModel"),
                )
                if row.get(column) in SHARING
            }
            if said.get("sharing", "read_write") != "read_write":
                found[row["QualifiedApiName"]] = said
    return found


def roles(rows: Rows) -> dict[str, RoleEntry]:
    """The role hierarchy; roles of partner accounts come with their users."""
    columns = {
        "opportunities": "OpportunityAccessForAccountOwner", "cases": "CaseAccessForAccountOwner",
        "contacts": "ContactAccessForAccountOwner",
    }  # fmt: skip
    asked = f"SELECT Id, Name, DeveloperName, ParentRoleId, PortalType, {', '.join(columns.values())} FROM UserRole"
    found = [row for row in rows(asked) if row.get("PortalType") in {None, "None"} and row["DeveloperName"]]
    names = {row["Id"]: row["DeveloperName"] for row in found}
    made = {}
    for row in found:
        said: dict[str, Any] = {"name": row["Name"]}
        if row["ParentRoleId"] in names:
            said["parent"] = names[row["ParentRoleId"]]
        said |= {key: _LEVELS[row[column]] for key, column in columns.items() if row.get(column) in _LEVELS}
        made[row["DeveloperName"]] = RoleEntry(**said)
    return made


def groups(
    rows: Rows, objects: Collection[str], report: Report
) -> tuple[dict[str, GroupEntry], dict[str, QueueEntry]]:
    """Public groups and queues; members that are users are left out, as users are."""
    known = rows("SELECT Id, DeveloperName, Type, RelatedId FROM Group")
    by_id = {row["Id"]: row for row in known}
    of_roles = {row["Id"]: row["DeveloperName"] for row in rows("SELECT Id, DeveloperName FROM UserRole")}
    members: dict[str, list[str]] = {}
    left_out = 0
    for row in rows("SELECT GroupId, UserOrGroupId FROM GroupMember"):
        named = _named(by_id.get(row["UserOrGroupId"]), of_roles)
        if named:
            members.setdefault(row["GroupId"], []).append(named)
        else:
            left_out += 1
    if left_out:
        report.lost("groups", f"{left_out} members that are users; add those that matter under `members`")
    owned: dict[str, list[str]] = {}
    for row in rows("SELECT QueueId, SobjectType FROM QueueSobject"):
        if row["SobjectType"] in objects:
            owned.setdefault(row["QueueId"], []).append(row["SobjectType"])
    made, queues = {}, {}
    for row in known:
        said = {"members": tuple(members[row["Id"]])} if row["Id"] in members else {}
        if row["Type"] == "Regular":
            made[row["DeveloperName"]] = GroupEntry(**said)
        elif row["Type"] == "Queue" and row["Id"] in owned:
            queues[row["DeveloperName"]] = QueueEntry(objects=tuple(owned[row["Id"]]), **said)
    return made, queues


def _named(group: Mapping[str, Any] | None, roles_by_id: Mapping[str, str]) -> str:
    words = {
        "Role": "role", "RoleAndSubordinates": "role_and_subordinates",
        "RoleAndSubordinatesInternal": "role_and_internal_subordinates",
    }  # fmt: skip
    if group is None:
        return ""
    if group["Type"] == "Regular":
        return f"group:{group['DeveloperName']}"
    role = roles_by_id.get(group["RelatedId"] or "")
    return f"{words[group['Type']]}:{role}" if group["Type"] in words and role else ""


def rights(rows: Rows, user: str, objects: Collection[str]) -> tuple[str, ProfileEntry] | None:
    """The name of a user's profile, and all that the user may do with these objects."""
    own = rows(f"SELECT ProfileId, Profile.Name FROM User WHERE Id = '{user}'")
    if not own:
        return None
    flags = ", ".join(f"Permissions{name}" for name in _PERMITTED)
    assigned = f"Id IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '{user}')"
    sets = [
        row
        for which in (f"ProfileId = '{own[0]['ProfileId']}'", assigned)
        for row in rows(f"SELECT Id, {flags} FROM PermissionSet WHERE {which}")
    ]
    listed = ", ".join(f"'{row['Id']}'" for row in sets) or "''"
    said: dict[str, Any] = {}
    permitted = [name for name in _PERMITTED if any(row[f"Permissions{name}"] for row in sets)]
    if permitted:
        said["permissions"] = tuple(permitted)
    columns = ", ".join(f"Permissions{right}" for right in (*_RIGHTS, *_ALL))
    granted: dict[str, set[str]] = {}
    for row in rows(f"SELECT SobjectType, {columns} FROM ObjectPermissions WHERE ParentId IN ({listed})"):
        if row["SobjectType"] in objects:
            words = {right: right.lower() for right in _RIGHTS} | _ALL
            given = {word for right, word in words.items() if row[f"Permissions{right}"]}
            granted.setdefault(row["SobjectType"], set()).update(given)
    order = [*(right.lower() for right in _RIGHTS), *_ALL.values()]
    if granted:
        said["objects"] = {name: tuple(sorted(given, key=order.index)) for name, given in granted.items()}
    fields: dict[str, str] = {}
    for row in rows(
        f"SELECT Field, SobjectType, PermissionsEdit FROM FieldPermissions WHERE ParentId IN ({listed})"
    ):
        if row["SobjectType"] in objects and fields.get(row["Field"]) != "edit":
            fields[row["Field"]] = "edit" if row["PermissionsEdit"] else "read"
    if fields:
        said["fields"] = fields
    return str((own[0].get("Profile") or {}).get("Name") or "Integration"), ProfileEntry(**said)
