"""Who works in an org and what they may: the part of ``Org`` about users, roles, permissions and sharing."""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import SharingRule
from prm_harness.crm.org.effects import teams
from prm_harness.crm.org.rights import record_types, users
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.setup import people, sharing


class Peopled:
    """The methods of an org about people; ids are 18 characters long.

    Each raises NotFoundError for objects and records that are not there, SaveError for what an org refuses.
    """

    _core: Core
    access: Access
    admin_id: str

    def create_user(
        self,
        username: str,
        *,
        first_name: str,
        last_name: str,
        email: str,
        profile: str = "System Administrator",
        is_active: bool = True,
        contact_id: str | None = None,
    ) -> str:
        """A new user's id; with a contact of a partner account, a partner user's.

        Raises:
            SaveError: the user name is taken (DUPLICATE_USERNAME), there is no such profile, or the contact's account is
                no partner account.
        """
        made = users.create_user(
            self._core,
            username,
            first_name=first_name,
            last_name=last_name,
            email=email,
            profile=profile,
            is_active=is_active,
            contact_id=contact_id,
        )
        if contact_id is not None:
            self._core.schema.partners = True
            self.access.limit_rows()
        return made

    def create_queue(self, name: str, sobjects: Sequence[str], members: Sequence[str] = ()) -> str:
        """A queue that may own records of these objects; returns its id. ``members`` are ids of users and groups."""
        queue = users.create_queue(self._core, name, sobjects, members)
        self._trail("queueCreated", "Manage Users", f"Created queue {name}")
        return queue

    def create_role(self, name: str, parent: str = "") -> str:
        """A role below another one; returns its id."""
        role = people.create_role(self._core, name, parent)
        self._trail("createdrole", "Manage Users", f"Created role {name}")
        return role

    def assign_role(self, user: str, role: str | None) -> None:
        """Put a user into a role: who stands above sees and changes what the user owns."""
        people.assign_role(self._core, user, role)
        self._trail("changedroleforuser", "Manage Users", f"Changed role of user {user}")

    def create_permission_set(
        self, name: str, *, assignees: Sequence[str] = (), permissions: Sequence[str] = ()
    ) -> str:
        """A permission set of these users, with permissions such as ``ViewAllData``; returns its id."""
        made = people.create_permission_set(self._core, name, tuple(assignees), tuple(permissions))
        self._trail("PermSetCreate", "Manage Users", f"Created permission set {name}")
        return made

    def close_object(self, sobject: str) -> None:
        """Close an object to everyone but its grants, the harness's own people, and who modifies all data."""
        self.access.close(self._core.object(sobject).name)

    def grant_object(self, permission_set: str, sobject: str, rights: Sequence[str]) -> None:
        """Set what a permission set allows of an object: Read, Create, Edit, Delete, ViewAllRecords, ModifyAllRecords."""
        people.grant_object(self._core, permission_set, sobject, tuple(rights))

    def close_field(self, sobject: str, name: str) -> None:
        """Close a field to everyone but its grants, and the harness's own people."""
        obj = self._core.object(sobject)
        self.access.govern(obj.name, obj.fields[name])

    def grant_field(self, permission_set: str, sobject: str, name: str, *, edit: bool = False) -> None:
        """Let a permission set read a closed field, or edit it, too."""
        people.grant_field(self._core, permission_set, sobject, name, edit=edit)

    def offer_record_types(self, permission_set: str, sobject: str, names: Sequence[str]) -> None:
        """Set which record types a permission set offers, by developer name; ``Master`` is none of them.

        In the set that belongs to a profile the first one is the default of its users. No names: it says nothing, and a
        profile that says nothing offers all.
        """
        record_types.offer(self._core, permission_set, sobject, names)
        self._trail("changedRecordTypeAccess", sobject, f"Changed record types of {sobject}")

    def record_types_for(self, sobject: str, user: str) -> tuple[frozenset[str] | None, str | None]:
        """Ids of the record types that a user may give to records (None: all), and the id of the default (None: Master)."""
        return record_types.offered(self._core, self._core.object(sobject), user)

    def set_sharing(self, sobject: str, internal: str, external: str | None = None) -> None:
        """Set an object's organization-wide default, a word of Sharing, for the org's users and for partner users."""
        sharing.set_sharing(self._core, self.access, sobject, internal, external, self.admin_id)
        self._trail("owdUpdated", "Sharing Defaults", f"Changed sharing default of {sobject} to {internal}")

    def share(self, sobject: str, record_id: str, principal: str, level: str = "Read") -> str:
        """Share a record with a user or group, for ``Read`` or ``Edit``; returns the share's id."""
        return sharing.share(self._core, sobject, record_id, principal, level, self.admin_id)

    def principal(self, words: str) -> str:
        """The id of whom words such as ``role:Channel`` or ``user:ada@acme.example`` name."""
        return sharing.principal(self._core, words)

    def create_group(self, name: str, members: Sequence[str] = ()) -> str:
        """A public group; ``members`` as in ``add_sharing_rule``. Returns its id."""
        made = sharing.create_group(self._core, name, members, self.admin_id)
        self._trail("groupCreated", "Manage Users", f"Created group {name}")
        return made

    def add_sharing_rule(self, sobject: str, rule: SharingRule) -> None:
        """Create or replace a sharing rule; every record gets or loses its shares at once.

        Whom it shares with, and whose records, are ids of users and groups, or words such as ``role:Channel`` and
        ``all_internal_users`` (``setup.sharing``).
        """
        sharing.add_sharing_rule(self._core, sobject, rule, self.admin_id)
        self._trail("sharingRuleCreated", "Sharing Rules", f"Created sharing rule {rule.name} of {sobject}")

    def drop_sharing_rule(self, sobject: str, name: str) -> None:
        """Delete a sharing rule, and the shares that it made."""
        sharing.drop_sharing_rule(self._core, sobject, name, self.admin_id)
        self._trail("sharingRuleDeleted", "Sharing Rules", f"Deleted sharing rule {name} of {sobject}")

    def add_sharing_set(
        self, name: str, sobject: str, field: str, level: str, profiles: Sequence[str]
    ) -> None:
        """Let partner users of some profiles read or edit records whose field leads to their own account or contact."""
        sharing.add_sharing_set(self._core, self.access, name, sobject, field, level, profiles)
        self._trail("sharingSetCreated", "Sharing Sets", f"Created sharing set {name} for {sobject}")

    def enable_teams(self) -> None:
        """Switch account teams and opportunity teams on: AccountTeamMember and OpportunityTeamMember appear."""
        teams.enable(self._core)
        self._trail(
            "teamSellingEnabled", "Opportunity Team Settings", "Enabled account and opportunity teams"
        )

    def _trail(self, action: str, section: str, display: str) -> None:
        raise NotImplementedError
