"""Sharing as admins set it up: defaults, shares by hand, public groups, sharing rules and sharing sets.

Whom something is shared with is the id of a user or group, or words: ``role:NAME``, ``role_and_subordinates:NAME``,
``role_and_internal_subordinates:NAME``, ``group:NAME``, ``queue:NAME``, ``user:USERNAME``, ``all_internal_users``,
``all_partner_users``; names are developer names or labels. The group of a role is made when it is needed first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from prm_harness.crm.org.admin import plant
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import SharingRule
from prm_harness.crm.org.effects import sharing_rules, teams
from prm_harness.crm.org.effects.shares import own
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.saves.rules import compile_formula
from prm_harness.crm.org.schema import Sharing, SharingSet, parent_field
from prm_harness.crm.org.sharing.shares import CHILDREN, share_level, share_name, share_object
from prm_harness.crm.store.store import quote

_OF_ROLES: Final = {
    "role": "Role",
    "role_and_subordinates": "RoleAndSubordinates",
    "role_and_internal_subordinates": "RoleAndSubordinatesInternal",
}
_EVERYBODY: Final = {"all_internal_users": "Organization", "all_partner_users": "PRMOrganization"}
_KNOWN: Final = ", ".join(
    [*(f"{word}:NAME" for word in _OF_ROLES), "group:NAME", "queue:NAME", "user:USERNAME", *_EVERYBODY]
)


def principal(core: Core, words: str) -> str:
    """The id of whom the words name.

    Raises:
        SaveError: INVALID_CROSS_REFERENCE_KEY: nobody is called that.
    """
    if is_id(words):
        return to18(words)
    kind, _, name = words.partition(":")
    if kind in _EVERYBODY and not name:
        return _group(core, _EVERYBODY[kind], None, kind.replace("_", " ").title())
    if kind in _OF_ROLES:
        role = _named(core, "UserRole", name, "")
        return _group(core, _OF_ROLES[kind], role, name)
    if kind in {"group", "queue"}:
        return _named(core, "Group", name, f"AND \"Type\" = '{'Regular' if kind == 'group' else 'Queue'}'")
    if kind == "user":
        found = core.live_ids(core.object("User"), "Username", name)
        if found:
            return found[0]
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"there is no user {name!r}")
    raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"{words!r} names nobody: an id, or {_KNOWN}")


def _named(core: Core, sobject: str, name: str, more: str) -> str:
    sql = f'SELECT "Id" FROM {quote(sobject)} WHERE ("DeveloperName" = ? OR "Name" = ?) {more} ORDER BY "Id"'
    found = core.store.connection.execute(sql, (name, name)).fetchone()
    if found is None:
        kind = "role" if sobject == "UserRole" else "group"
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"there is no {kind} {name!r}")
    return str(found[0])


def _group(core: Core, kind: str, related: str | None, name: str) -> str:
    found = core.store.connection.execute(
        'SELECT "Id" FROM "Group" WHERE "Type" = ? AND "RelatedId" IS ?', (kind, related)
    ).fetchone()
    if found is not None:
        return str(found[0])
    values = {"Name": name[:40], "DeveloperName": f"{kind}_{name}".replace(" ", "_")[:80], "Type": kind}
    return plant(core, "Group", values | ({"RelatedId": related} if related else {}))


def create_group(core: Core, name: str, members: Sequence[str], user: str) -> str:
    """See Org.create_group."""
    wanted = [principal(core, member) for member in members]
    group = plant(core, "Group", {"Name": name, "DeveloperName": name.replace(" ", "_"), "Type": "Regular"})
    for member in wanted:
        plant(core, "GroupMember", {"GroupId": group, "UserOrGroupId": member})
    core.schema.version += 1
    sharing_rules.regroup(core, user)
    return group


def add_sharing_rule(core: Core, sobject: str, rule: SharingRule, user: str) -> None:
    """See Org.add_sharing_rule."""
    obj = core.object(sobject)
    if "OwnerId" not in obj.fields:
        raise SaveError.of("INVALID_OPERATION", f"{obj.name} has no owner: its records go with their parent")
    if obj.sharing in {Sharing.READ_WRITE, Sharing.PARENT}:
        raise SaveError.of(
            "INVALID_OPERATION", f"{obj.name} is {obj.sharing}: rules share what is private or read only"
        )
    if bool(rule.owned_by) == bool(rule.condition):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION", f"Sharing rule {rule.name}: give either owners or a condition"
        )
    if rule.level not in {"Read", "Edit"} or not {*rule.children.values()} <= {"None", "Read", "Edit"}:
        raise SaveError.of(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Sharing rule {rule.name}: a level is Read or Edit"
        )
    if rule.children and (obj.name != "Account" or not rule.children.keys() <= set(CHILDREN)):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Sharing rule {rule.name}: only rules of Account open other objects: {', '.join(CHILDREN)}",
        )
    if rule.condition:
        compile_formula(core.schema, obj, rule.condition)
    obj.sharing_rules[rule.name] = replace(
        rule,
        shared_with=principal(core, rule.shared_with),
        owned_by=principal(core, rule.owned_by) if rule.owned_by else "",
    )
    core.schema.version += 1
    sharing_rules.recalculate(core, obj.name, user)


def drop_sharing_rule(core: Core, sobject: str, name: str, user: str) -> None:
    """See Org.drop_sharing_rule."""
    obj = core.object(sobject)
    if obj.sharing_rules.pop(name, None) is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"no SharingRule named {obj.name}.{name} found")
    core.schema.version += 1
    sharing_rules.recalculate(core, obj.name, user)


def add_sharing_set(
    core: Core, access: Access, name: str, sobject: str, field: str, level: str, profiles: Sequence[str]
) -> None:
    """See Org.add_sharing_set."""
    obj = core.object(sobject)
    found = obj.field(field)
    matches = obj.name if field == "Id" else (found.reference_to[0] if found and found.reference_to else "")
    if found is None or matches not in {"Account", "Contact"}:
        raise SaveError.of("INVALID_FIELD", f"{obj.name}.{field} leads to no account or contact")
    if level not in {"Read", "Edit"}:
        raise SaveError.of("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"a level is Read or Edit, not {level}")
    known = core.object("Profile")
    ids = [next(iter(core.live_ids(known, "Name", one)), "") for one in profiles]
    if "" in ids:
        raise SaveError.of(
            "INVALID_CROSS_REFERENCE_KEY", f"there is no profile {profiles[ids.index('')]!r}", "ProfileId"
        )
    key = f"{name}.{obj.name}"
    core.schema.sharing_sets[key] = SharingSet(obj.name, found.name, matches, level, tuple(ids))
    access.limit_rows()


def set_sharing(
    core: Core, access: Access, sobject: str, internal: str, external: str | None, user: str
) -> None:
    """See Org.set_sharing."""
    obj = core.object(sobject)
    for given in (internal, external):
        if given is not None and given not in set(Sharing):
            raise SaveError.of("INVALID_FIELD", f"sharing is one of {', '.join(Sharing)}, not {given}")
    if "OwnerId" not in obj.fields and internal == Sharing.PARENT:
        return
    if "OwnerId" not in obj.fields:
        raise SaveError.of("INVALID_OPERATION", f"{obj.name} has no owner: its records go with their parent")
    obj.sharing = Sharing(internal)
    if external is not None:
        obj.external_sharing = Sharing(external)
    name = share_name(obj.name)
    if name not in core.schema.objects:
        made = share_object(obj)
        core.store.create_table(made)
        core.schema.put(made)
        plan = core.plan(obj.name)
        owners = core.store.connection.execute(f'SELECT "Id", "OwnerId" FROM {quote(obj.name)}').fetchall()
        for record_id, owner in owners:
            own(core, plan, record_id, owner, user)
        teams.recalculate(core, obj.name, user)
        sharing_rules.recalculate(core, obj.name, user)
    access.limit_rows()


def share(core: Core, sobject: str, record_id: str, principal: str, level: str, user: str) -> str:
    """See Org.share."""
    obj = core.object(sobject)
    name = share_name(obj.name)
    if name not in core.schema.objects:
        raise SaveError.of(
            "INVALID_OPERATION", f"{obj.name} is public: there is nothing to share; set its sharing first"
        )
    if level not in {"Read", "Edit"}:
        raise SaveError.of("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"a share is Read or Edit, not {level}")
    row = core.fetch_live(obj, record_id)
    values = {
        parent_field(obj.name): row["Id"],
        "UserOrGroupId": principal,
        share_level(obj.name): level,
        "RowCause": "Manual",
        "LastModifiedById": user,
    }
    return plant(core, name, values)
