"""Share rows (contract §11): the owner's follows the record, manual ones are written by clients and end with the owner.

Those of rules and teams are kept by ``sharing_rules`` and ``teams``, through :func:`settle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Sharing, parent_field
from prm_harness.crm.org.sharing.shares import CHILDREN, share_level, share_name
from prm_harness.crm.store.store import StoredRow, quote

_REACH: Final = {
    Sharing.PRIVATE: "None",
    Sharing.READ: "Read",
    Sharing.READ_WRITE: "Edit",
    Sharing.PARENT: "ControlledByParent",
}


def check(core: Core, row: StoredRow, given: Mapping[str, Any], old: StoredRow | None) -> None:
    """Clients write manual shares only, of reading or editing."""
    cause = (old or row).get("RowCause")
    if old is not None and cause != "Manual":
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    if cause != "Manual":
        raise SaveError.of(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"RowCause: bad value for restricted picklist field: {cause}",
            "RowCause",
        )
    for name, value in given.items():
        if name.endswith("AccessLevel") and value == "All":
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", f"{name}: bad value for restricted picklist field: All", name
            )
    if old is None and "AccountAccessLevel" in row:
        _refuse_trivial(core, row)


def _refuse_trivial(core: Core, row: StoredRow) -> None:
    """An account's share has to give more than everybody has (object reference, AccountShare: AccountAccessLevel)."""
    levels, everybody = [], []
    for name in ("Account", *CHILDREN):
        obj = core.schema.objects[name]
        levels.append(row.get(share_level(name)) or "None")
        everybody.append(_REACH[obj.sharing])
    order = ("None", "Read", "Edit", "All")
    above = [
        one
        for one, usual in zip(levels, everybody, strict=True)
        if usual in order and order.index(one) > order.index(usual)
    ]
    if not above:
        raise SaveError.of(
            "INVALID_ACCESS_LEVEL",
            f"Account, Opportunity, Case Levels, Con Levels ({', '.join(levels)}) are below organization levels "
            f"({', '.join(everybody)})",
            *map(share_level, ("Account", *CHILDREN)),
        )


def follow(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """A new record gets its owner's share; another owner's replaces it, and ends manual shares."""
    if old is not None and old.get("OwnerId") == row.get("OwnerId"):
        return
    if old is not None:
        name, parent = share_name(plan.obj.name), parent_field(plan.obj.name)
        core.store.ensure_index(name, parent)
        ended = core.store.connection.execute(
            f"SELECT \"Id\" FROM {quote(name)} WHERE {quote(parent)} = ? AND \"RowCause\" IN ('Owner', 'Manual')",
            (row["Id"],),
        ).fetchall()
        for (share_id,) in ended:
            _end(core, name, share_id, user)
    own(core, plan, row["Id"], row["OwnerId"], user)


def own(core: Core, plan: Plan, record_id: str, owner: str, user: str) -> None:
    """The share row of an owner; the owner's role says how far an account opens what hangs on it."""
    levels = {share_level(plan.obj.name): "All"}
    if plan.obj.name == "Account":
        levels |= _of_role(core, owner)
    _give(core, plan, record_id, owner, "Owner", levels, user)


def settle(
    core: Core, plan: Plan, record_id: str, cause: str, wanted: Mapping[str, Mapping[str, str]], user: str
) -> None:
    """Make the shares that a record has for one cause be these: user or group → level by field."""
    name = share_name(plan.obj.name)
    columns = level_fields(plan.obj.name)
    core.store.ensure_index(name, parent_field(plan.obj.name))
    found = core.store.connection.execute(
        f'SELECT "Id", "UserOrGroupId", {", ".join(map(quote, columns))} FROM {quote(name)} '
        f'WHERE {quote(parent_field(plan.obj.name))} = ? AND "RowCause" = ? AND "IsDeleted" = 0',
        (record_id, cause),
    ).fetchall()
    known = set()
    for share_id, principal, *levels in found:
        given = wanted.get(principal)
        if given is None:
            _end(core, name, share_id, user)
            continue
        known.add(principal)
        before = dict(zip(columns, levels, strict=True))
        changed = {column: level for column, level in given.items() if level != before[column]}
        if changed:
            at, stamp = core.journal.moment()
            core.store.update(name, share_id, changed | {"LastModifiedDate": stamp, "LastModifiedById": user})
            core.journal.note(
                at, user, name, share_id, "update", core.plan(name).differences(before, dict(changed))
            )
    for principal, given in wanted.items():
        if principal not in known:
            _give(core, plan, record_id, principal, cause, given, user)


def level_fields(sobject: str) -> list[str]:
    """The fields of an object's shares that say how far they go."""
    more = [share_level(child) for child in CHILDREN] if sobject == "Account" else []
    return [share_level(sobject), *more]


def _of_role(core: Core, owner: str) -> dict[str, str]:
    role = (core.fetch("User", owner) or {}).get("UserRoleId")
    row = (core.fetch("UserRole", role) if role else None) or {}
    return {share_level(child): row.get(f"{child}AccessForAccountOwner") or "None" for child in CHILDREN}


def _give(
    core: Core,
    plan: Plan,
    record_id: str,
    principal: str,
    cause: str,
    levels: Mapping[str, str],
    user: str,
) -> None:
    name = share_name(plan.obj.name)
    shares = core.plan(name)
    at, stamp = core.journal.moment()
    row: StoredRow = {
        "Id": core.mint.next(shares.obj.key_prefix or "02c"),
        parent_field(plan.obj.name): record_id,
        "UserOrGroupId": principal,
        **dict.fromkeys(level_fields(plan.obj.name), "None"),
        **levels,
        "RowCause": cause,
        "LastModifiedDate": stamp,
        "LastModifiedById": user,
        "IsDeleted": 0,
    }
    core.store.insert(name, row)
    core.journal.note(at, user, name, row["Id"], "create", shares.created(row))


def _end(core: Core, name: str, share_id: str, user: str) -> None:
    core.store.remove(name, share_id)
    core.journal.note(core.journal.moment()[0], user, name, share_id, "delete", {})
