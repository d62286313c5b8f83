"""Roles, profiles, permission sets and users of an org file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from prm_harness.crm.org.org import Org
from prm_harness.crm.org.templates import add_profile
from prm_harness.crm.orgfile.model import OrgFile, Permissions

_RIGHTS = {"view_all": "ViewAllRecords", "modify_all": "ModifyAllRecords"}
Doing = Callable[[str], AbstractContextManager[None]]


def add_people(org: Org, file: OrgFile, doing: Doing, notes: list[str]) -> None:
    """Add them; what cannot be represented becomes a note."""
    roles = _roles(org, file, doing, notes)
    for name, profile in file.profiles.items():
        with doing(f"profiles.{name}"):
            known = org.find("Profile", "Name", name)
            profile_id = known[0] if known else add_profile(org, name, user_type=profile.user_type)
            (own,) = org.find("PermissionSet", "ProfileId", profile_id)
            _grant(org, own, profile, f"profiles.{name}", notes)
    for username, user in file.users.items():
        with doing(f"users.{username}"):
            user_id = org.create_user(
                username,
                first_name=user.first_name,
                last_name=user.last_name,
                email=user.email or username,
                profile=user.profile,
                is_active=user.active,
            )
            if user.role and user.role in roles:
                org.update("User", user_id, {"UserRoleId": roles[user.role]}, user=org.admin_id)
            elif user.role:
                notes.append(f"users.{username}.role: there is no role {user.role!r}")
    for name, given in file.permission_sets.items():
        with doing(f"permission_sets.{name}"):
            made = org.insert(
                "PermissionSet",
                {"Name": name, "Label": given.label or name.replace("_", " ")},
                user=org.admin_id,
            )
            _grant(org, made, given, f"permission_sets.{name}", notes)
            for username in given.assigned_to:
                found = org.find("User", "Username", username)
                if not found:
                    notes.append(f"permission_sets.{name}.assigned_to: there is no user {username!r}")
                    continue
                values = {"PermissionSetId": made, "AssigneeId": found[0]}
                org.insert("PermissionSetAssignment", values, user=org.admin_id)
    if file.integration_profile:
        with doing("integration_profile"):
            found = org.find("Profile", "Name", file.integration_profile)
            if found:
                values = {"ProfileId": found[0]}
                org.update("User", org.integration_id, values, user=org.admin_id)
            else:
                notes.append(f"integration_profile: there is no profile {file.integration_profile!r}")


def _roles(org: Org, file: OrgFile, doing: Doing, notes: list[str]) -> dict[str, str]:
    made: dict[str, str] = {}
    waiting = dict(file.roles)
    while waiting:
        ready = {key: role for key, role in waiting.items() if not role.parent or role.parent in made}
        if not ready:
            notes += [
                f"roles.{key}.parent: there is no role {role.parent!r}" for key, role in waiting.items()
            ]
            break
        for key, role in ready.items():
            del waiting[key]
            with doing(f"roles.{key}"):
                values = {"Name": role.name or key.replace("_", " "), "DeveloperName": key}
                for child, level in (
                    ("Opportunity", role.opportunities),
                    ("Case", role.cases),
                    ("Contact", role.contacts),
                ):
                    if level != "none":
                        values[f"{child}AccessForAccountOwner"] = level.title()
                parent = {"ParentRoleId": made[role.parent]} if role.parent else {}
                made[key] = org.plant("UserRole", values | parent)
    return made


def _grant(org: Org, set_id: str, given: Permissions, place: str, notes: list[str]) -> None:
    for path, access in given.fields.items():
        sobject, _, name = path.partition(".")
        obj = org.schema.get(sobject)
        field = obj.field(name) if obj else None
        if obj is None or field is None:
            notes.append(f"{place}.fields.{path}: there is no such field")
            continue
        org.access.govern(obj.name, field)
        if access == "none" or not field.securable:
            continue
        values = {
            "ParentId": set_id,
            "SobjectType": obj.name,
            "Field": f"{obj.name}.{field.name}",
            "PermissionsRead": True,
            "PermissionsEdit": access == "edit",
        }
        org.insert("FieldPermissions", values, user=org.admin_id)
    names = org.schema.objects["PermissionSet"].fields
    for permission in given.permissions:
        column = f"Permissions{permission}"
        if column in names:
            org.connection.execute(f'UPDATE "PermissionSet" SET "{column}" = 1 WHERE "Id" = ?', (set_id,))
        else:
            notes.append(f"{place}.permissions.{permission}: this version knows no such permission")
    for sobject, rights in given.objects.items():
        if org.schema.get(sobject) is None:
            notes.append(f"{place}.objects.{sobject}: there is no such object")
            continue
        org.close_object(sobject)
        org.grant_object(set_id, sobject, [_RIGHTS.get(right, right) for right in rights])
    for sobject, kinds in given.record_types.items():
        obj = org.schema.get(sobject)
        known = {"Master"} | (obj.record_types.keys() if obj else set())
        unknown = [name for name in kinds if name not in known]
        if unknown:
            notes.append(f"{place}.record_types.{sobject}: there is no record type {', '.join(unknown)}")
        elif obj is not None:
            org.offer_record_types(set_id, obj.name, kinds)
