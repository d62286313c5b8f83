"""Who works in the org and what they may, as an admin sets it up while everything is running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.declared import SharingRule
from prm_harness.crm.sandbox.asking import asking

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org


class SandboxPeople:
    """Implements :class:`~prm_harness.crm.backend.People`. Ids have 18 characters; what the org refuses is CrmRefusal."""

    def __init__(self, org: Org, lock: RLock, keep: Callable[[], None]) -> None:
        self._org = org
        self._keep = keep
        self._lock = lock

    def user(self, username: str) -> str:
        """The id of the user with that name."""
        with self._asking(f"find user {username}"):
            found = self._org.find("User", "Username", username)
            if not found:
                raise CrmRefusal(f"the org has no user {username}")
            return found[0]

    def create_user(
        self,
        username: str,
        *,
        first_name: str = "",
        last_name: str = "User",
        profile: str = "Standard User",
        contact: str | None = None,
    ) -> str:
        """A new user; with a contact of a partner account (``IsPartner``), a partner user of that account."""
        with self._asking(f"create user {username}"):
            return self._org.create_user(
                username,
                first_name=first_name,
                last_name=last_name,
                email=username,
                profile=profile,
                contact_id=contact,
            )

    def create_queue(self, name: str, objects: Sequence[str], members: Sequence[str] = ()) -> str:
        """A queue that may own records of these objects; ``members`` are ids of users and groups."""
        with self._asking(f"create queue {name}"):
            return self._org.create_queue(name, objects, members)

    def create_role(self, name: str, parent: str = "") -> str:
        """A role below another one."""
        with self._asking(f"create role {name}"):
            return self._org.create_role(name, parent)

    def assign_role(self, user: str, role: str | None) -> None:
        """Put a user into a role: whoever stands above sees what the user owns."""
        with self._asking(f"assign a role to {user}"):
            self._org.assign_role(user, role)

    def create_permission_set(
        self, name: str, *, assignees: Sequence[str] = (), permissions: Sequence[str] = ()
    ) -> str:
        """A permission set of these users; ``permissions`` such as ViewAllData and ModifyAllData."""
        with self._asking(f"create permission set {name}"):
            return self._org.create_permission_set(name, assignees=assignees, permissions=permissions)

    def close_object(self, sobject: str) -> None:
        """Close an object to everyone without a grant: it is not in describes, and queries do not know it."""
        with self._asking(f"close {sobject}"):
            self._org.close_object(sobject)

    def grant_object(self, permission_set: str, sobject: str, rights: Sequence[str]) -> None:
        """Set what a permission set allows: Read, Create, Edit, Delete, ViewAllRecords, ModifyAllRecords."""
        with self._asking(f"grant {sobject}"):
            self._org.grant_object(permission_set, sobject, rights)

    def close_field(self, sobject: str, field: str) -> None:
        """Close a field to everyone without a grant."""
        with self._asking(f"close {sobject}.{field}"):
            self._org.close_field(sobject, field)

    def grant_field(self, permission_set: str, sobject: str, field: str, *, edit: bool = False) -> None:
        """Let a permission set read a closed field, or edit it, too."""
        with self._asking(f"grant {sobject}.{field}"):
            self._org.grant_field(permission_set, sobject, field, edit=edit)

    def set_sharing(self, sobject: str, internal: str, external: str | None = None) -> None:
        """Set who sees and changes records of others: private, read, read_write or controlled_by_parent."""
        with self._asking(f"set the sharing of {sobject}"):
            self._org.set_sharing(sobject, internal, external)

    def share(self, sobject: str, record: str, with_whom: str, level: str = "Read") -> str:
        """Share a record with a user or group by hand, for ``Read`` or ``Edit``; returns the share's id."""
        with self._asking(f"share {record}"):
            return self._org.share(sobject, record, with_whom, level)

    def create_group(self, name: str, members: Sequence[str] = ()) -> str:
        """A public group of users, groups and roles, named as ``add_sharing_rule`` says."""
        with self._asking(f"create group {name}"):
            return self._org.create_group(name, members)

    def add_sharing_rule(
        self,
        sobject: str,
        name: str,
        shared_with: str,
        *,
        level: str = "Read",
        owned_by: str = "",
        condition: str = "",
        children: Mapping[str, str] | None = None,
    ) -> None:
        """Open records that somebody owns, or that meet a formula, to a user, group or role."""
        rule = SharingRule(name, shared_with, level, owned_by, condition, dict(children or {}))
        with self._asking(f"add sharing rule {name}"):
            self._org.add_sharing_rule(sobject, rule)

    def drop_sharing_rule(self, sobject: str, name: str) -> None:
        """Delete a sharing rule, and the shares that it made."""
        with self._asking(f"drop sharing rule {name}"):
            self._org.drop_sharing_rule(sobject, name)

    def add_sharing_set(
        self, name: str, sobject: str, field: str, level: str, profiles: Sequence[str]
    ) -> None:
        """Let partner users of these profiles read or edit what leads to their own account or contact."""
        with self._asking(f"add sharing set {name}"):
            self._org.add_sharing_set(name, sobject, field, level, profiles)

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        with asking(self._lock, self._keep, what):
            try:
                yield
            except KeyError as error:
                raise CrmRefusal(f"{what}: there is no {error}") from None
