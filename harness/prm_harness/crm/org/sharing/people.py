"""A user as far as sharing goes, and the groups that users belong to (object reference: Group, UserRole; contract §11).

Groups of a role, and of a role with all below it, have no member rows: whoever has the role belongs to them. What is
granted to such a group reaches the people above its members, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prm_harness.crm.org.core import Core

EXTERNAL: Final = frozenset({"PowerPartner", "PowerCustomerSuccess", "CustomerSuccess"})
"""User types of partner and customer users."""

_BELOW = """
WITH RECURSIVE below(id) AS (SELECT "Id" FROM "UserRole" WHERE "ParentRoleId" = ?
UNION SELECT r."Id" FROM "UserRole" r JOIN below ON r."ParentRoleId" = below.id)
SELECT u."Id" FROM "User" u JOIN below ON u."UserRoleId" = below.id
"""
_OF_ROLES = """
WITH RECURSIVE up(id, own) AS (SELECT DISTINCT "UserRoleId", 1 FROM "User" WHERE "Id" IN ({}) AND "UserRoleId" IS NOT NULL
UNION SELECT r."ParentRoleId", 0 FROM "UserRole" r JOIN up ON r."Id" = up.id WHERE r."ParentRoleId" IS NOT NULL)
SELECT DISTINCT g."Id" FROM "Group" g JOIN up ON g."RelatedId" = up.id WHERE g."Type" IN ({}) AND (g."Type" <> 'Role' OR up.own)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A user, as far as sharing goes.

    Attributes:
        id: The user's own id.
        principals: Ids of those whose rows and shares count as the user's.
        external: Whether it is a partner or customer user.
        account: The account of such a user.
        contact: The contact of such a user.
        profile: The id of the user's profile.
        views_all: Whether the user sees all data.
        modifies_all: Whether the user changes all data.
    """

    id: str
    principals: tuple[str, ...]
    external: bool
    account: str | None
    contact: str | None
    profile: str | None
    views_all: bool
    modifies_all: bool


def person(core: Core, user: str, *, views_all: bool, modifies_all: bool) -> Person:
    """A user with everyone who counts as one: subordinates in the role hierarchy, and the groups of all of them."""
    row = core.fetch("User", user) or {}
    people = {user}
    role = row.get("UserRoleId")
    if role:
        people |= {found for (found,) in core.store.connection.execute(_BELOW, (role,))}
    return Person(
        user,
        tuple(sorted(people | groups_of(core, people))),
        row.get("UserType") in EXTERNAL,
        row.get("AccountId"),
        row.get("ContactId"),
        row.get("ProfileId"),
        views_all or modifies_all,
        modifies_all,
    )


def groups_of(core: Core, people: Collection[str]) -> set[str]:
    """The groups and queues that any of these users belongs to, through other groups as well."""
    found = _by_position(core, people)
    waiting = set(people) | found
    while waiting:
        sql = f'SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" IN ({_marks(waiting)})'
        waiting = {group for (group,) in core.store.connection.execute(sql, tuple(waiting))} - found
        found |= waiting
    return found


def _by_position(core: Core, people: Collection[str]) -> set[str]:
    """Groups of roles, and of all internal or all partner users."""
    run = core.store.connection.execute
    types = run(f'SELECT "Id", "UserType" FROM "User" WHERE "Id" IN ({_marks(people)})', tuple(people))
    outside: set[str] = set()
    inside: set[str] = set()
    partners = False
    for user, kind in types:
        (outside if kind in EXTERNAL else inside).add(user)
        partners = partners or kind == "PowerPartner"
    found: set[str] = set()
    everywhere = ("Role", "RoleAndSubordinates")
    for some, kinds in ((outside, everywhere), (inside, (*everywhere, "RoleAndSubordinatesInternal"))):
        if some:
            sql = _OF_ROLES.format(_marks(some), _marks(kinds))
            found |= {group for (group,) in run(sql, (*some, *kinds))}
    for kind, wanted in (("Organization", bool(inside)), ("PRMOrganization", partners)):
        if wanted:
            found |= {group for (group,) in run('SELECT "Id" FROM "Group" WHERE "Type" = ?', (kind,))}
    return found


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
