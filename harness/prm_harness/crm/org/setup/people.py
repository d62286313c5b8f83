"""Roles, permission sets and grants as admins set them up."""

from __future__ import annotations

from prm_harness.crm.org.admin import plant
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import partner_roles, sharing_rules
from prm_harness.crm.org.errors import SaveError

_OBJECT_RIGHTS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


def create_role(core: Core, name: str, parent: str) -> str:
    """See Org.create_role."""
    values = {"Name": name, "DeveloperName": name.replace(" ", "_"), "ParentRoleId": parent or None}
    role = plant(core, "UserRole", values)
    core.schema.version += 1
    return role


def assign_role(core: Core, user: str, role: str | None) -> None:
    """See Org.assign_role."""
    core.fetch_live(core.object("User"), user)
    core.store.update("User", user, {"UserRoleId": role})
    core.schema.version += 1
    partner_roles.follow(core, user)
    sharing_rules.regroup(core, user)


def create_permission_set(
    core: Core, name: str, assignees: tuple[str, ...], permissions: tuple[str, ...]
) -> str:
    """See Org.create_permission_set."""
    fields = core.object("PermissionSet").fields
    unknown = [one for one in permissions if f"Permissions{one}" not in fields]
    if unknown:
        known = ", ".join(n.removeprefix("Permissions") for n in fields if n.startswith("Permissions"))
        raise SaveError.of("INVALID_FIELD", f"unknown permissions: {', '.join(unknown)}; known: {known}")
    values = {
        "Name": name,
        "Label": name.replace("_", " "),
        **{f"Permissions{one}": True for one in permissions},
    }
    made = plant(core, "PermissionSet", values)
    for user in assignees:
        plant(
            core, "PermissionSetAssignment", {"PermissionSetId": made, "AssigneeId": user, "IsActive": True}
        )
    core.schema.version += 1
    return made


def grant_object(core: Core, permission_set: str, sobject: str, rights: tuple[str, ...]) -> None:
    """See Org.grant_object."""
    obj = core.object(sobject)
    known = {right.lower(): right for right in _OBJECT_RIGHTS}
    chosen = {known.get(right.lower().replace("_", ""), "") for right in rights}
    if "" in chosen:
        raise SaveError.of("INVALID_FIELD", f"rights of an object are {', '.join(_OBJECT_RIGHTS)}")
    if chosen:
        chosen.add("Read")
    core.store.connection.execute(
        'DELETE FROM "ObjectPermissions" WHERE "ParentId" = ? AND "SobjectType" = ?',
        (permission_set, obj.name),
    )
    values = {f"Permissions{right}": right in chosen for right in _OBJECT_RIGHTS}
    plant(core, "ObjectPermissions", {"ParentId": permission_set, "SobjectType": obj.name, **values})
    core.schema.version += 1


def grant_field(core: Core, permission_set: str, sobject: str, name: str, *, edit: bool) -> None:
    """See Org.grant_field."""
    obj = core.object(sobject)
    field = obj.field(name)
    if field is None or not field.securable:
        raise SaveError.of("INVALID_FIELD", f"{obj.name}.{name} is no field that field-level security covers")
    path = f"{obj.name}.{field.name}"
    core.store.connection.execute(
        'DELETE FROM "FieldPermissions" WHERE "ParentId" = ? AND "Field" = ?', (permission_set, path)
    )
    values = {"ParentId": permission_set, "SobjectType": obj.name, "Field": path}
    plant(core, "FieldPermissions", {**values, "PermissionsRead": True, "PermissionsEdit": edit})
    core.schema.version += 1
