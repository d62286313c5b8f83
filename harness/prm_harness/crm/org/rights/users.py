"""The org's people. Users are setup data: they are not saved by clients and never deleted, only deactivated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prm_harness.crm.org.admin import plant
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import partner_roles
from prm_harness.crm.org.errors import SaveError


def create_user(
    core: Core,
    username: str,
    *,
    first_name: str,
    last_name: str,
    email: str,
    profile: str,
    is_active: bool,
    contact_id: str | None,
) -> str:
    """See Org.create_user."""
    users = core.object("User")
    if core.live_ids(users, "Username", username):
        raise SaveError.of(
            "DUPLICATE_USERNAME",
            "Duplicate Username.  The username already exists in this or another Salesforce organization. "
            "Usernames must be unique across all Salesforce organizations.",
            "Username",
        )
    profiles = core.live_ids(core.object("Profile"), "Name", profile)
    if not profiles:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "ProfileId")
    values: dict[str, Any] = {
        "Username": username,
        "FirstName": first_name,
        "LastName": last_name,
        "Email": email,
        "Alias": (first_name[:1] + last_name)[:8].lower(),
        "CommunityNickname": username.partition("@")[0][:40],
        "IsActive": is_active,
        "ProfileId": profiles[0],
    }
    own = core.fetch("Profile", profiles[0]) or {}
    values["UserType"] = own.get("UserType") or "Standard"
    if contact_id is not None:
        contact = core.fetch_live(core.object("Contact"), contact_id)
        account = core.fetch("Account", contact.get("AccountId") or "")
        if account is None or not account.get("IsPartner"):
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", "The contact's account is no partner account", "ContactId"
            )
        values |= {"ContactId": contact["Id"], "AccountId": account["Id"], "IsPortalEnabled": True}
        values["UserType"] = "PowerPartner"
        role = partner_roles.role_of(core, account)
        if role:
            values["UserRoleId"] = role
    return plant(core, "User", values)


def create_queue(core: Core, name: str, sobjects: Sequence[str], members: Sequence[str]) -> str:
    """See Org.create_queue."""
    wanted = [core.object(sobject) for sobject in sobjects]
    for obj in wanted:
        owner = obj.fields.get("OwnerId")
        if owner is None or "Group" not in owner.reference_to:
            raise SaveError.of("INVALID_OPERATION", f"{obj.name} records cannot be owned by a queue")
    queue = plant(core, "Group", {"Name": name, "DeveloperName": name.replace(" ", "_"), "Type": "Queue"})
    for obj in wanted:
        plant(core, "QueueSobject", {"QueueId": queue, "SobjectType": obj.name})
    for member in members:
        plant(core, "GroupMember", {"GroupId": queue, "UserOrGroupId": member})
    core.schema.version += 1
    return queue
