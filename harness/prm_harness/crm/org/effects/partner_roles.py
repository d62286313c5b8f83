"""Roles of partner accounts: their users stand below the role of the account's owner, who so sees what is theirs.

A partner account gets one role, that of its users, when its first user comes; an owner without a role gives it none,
which Salesforce refuses ("portal account owner must have a role"). Sources: object reference, UserRole (PortalAccountId,
PortalRole); Salesforce Help, "Roles and Partner Users".
"""

from __future__ import annotations

from prm_harness.crm.org.admin import plant
from prm_harness.crm.org.core import Core
from prm_harness.crm.store.store import StoredRow


def role_of(core: Core, account: StoredRow) -> str | None:
    """The role of a partner account's users, made when there is none yet."""
    above = (core.fetch("User", account["OwnerId"]) or {}).get("UserRoleId")
    known = core.store.connection.execute(
        'SELECT "Id" FROM "UserRole" WHERE "PortalAccountId" = ?', (account["Id"],)
    ).fetchone()
    if known is not None:
        return str(known[0])
    if not above:
        return None
    name = f"{account['Name']} Partner User"[:80]
    values = {"Name": name, "ParentRoleId": above, "PortalAccountId": account["Id"]}
    return plant(core, "UserRole", values | {"PortalType": "Partner", "PortalRole": "Worker"})


def follow(core: Core, owner: str) -> None:
    """Whoever owns partner accounts has another role, or owns others: the accounts' roles stand below it."""
    above = (core.fetch("User", owner) or {}).get("UserRoleId")
    core.store.connection.execute(
        'UPDATE "UserRole" SET "ParentRoleId" = ? '
        'WHERE "PortalAccountId" IN (SELECT "Id" FROM "Account" WHERE "OwnerId" = ?)',
        (above, owner),
    )
    core.schema.version += 1
