"""The org: everything that can be done to it, in one place. The work is in the modules beside this one.

Refusals are raised as errors.py names them; which one becomes which HTTP answer is the wire's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from prm_harness.crm.backend import RowChange
from prm_harness.crm.history import History
from prm_harness.crm.org.asking import Asked
from prm_harness.crm.org.core import Core, SaveOptions
from prm_harness.crm.org.errors import OrgError, SaveError
from prm_harness.crm.org.event_channels import EventChannels
from prm_harness.crm.org.ids import IdMint, is_id
from prm_harness.crm.org.journal import Journal
from prm_harness.crm.org.kept import Kept
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.saves import changing, conversion, deletion, loading, locks, merging, saving
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.org.setup.administered import Administered
from prm_harness.crm.org.setup.peopled import Peopled
from prm_harness.crm.store.store import Store, open_database


class Org(Administered, Peopled, Asked, Kept):
    """A strict, Salesforce-like org in one SQLite database.

    Callers serialise: the org holds no lock, and its connection may be used from any one thread at a time. Ids may have
    15 or 18 characters wherever one is taken and have 18 wherever one is given; object and field names are read in any case.

    Attributes:
        id: The org's own 18-character id.
        schema: What admins have defined. Change it through the org's methods, so that the store follows.
        connection: The database, for queries.
        access: Which fields a user may see; the admin and the sales user see all.
        event_channels: Which objects' changes are told, and in which channels.
        admin_id: The user that the harness acts as ("" in an org without a template, as the two below).
        sales_id: A user of the sales team.
        integration_id: The user that a PRM connects as.
    """

    def __init__(
        self, schema: Schema, *, seed: int, now: Callable[[], datetime], path: str = ":memory:"
    ) -> None:
        """An empty org with a table for each object of ``schema``.

        Args:
            schema: Taken over, not copied.
            seed: The same seed gives the same ids in the same order.
            now: The org's clock: aware, UTC.
            path: A new database file, one that :mod:`keeping` opens again, or ``:memory:``.
        """
        self.connection = open_database(path)
        store = Store(self.connection)
        self._journal = Journal(store, now)
        self._core = Core(schema, store, self._journal, IdMint(seed), now)
        self.connection.execute(deletion.BIN_TABLE)
        self.connection.execute(deletion.BIN_INDEX)
        for obj in schema.objects.values():
            store.open_table(obj)
        self.schema = schema
        self.event_channels = EventChannels()
        self.id = self._core.mint.next("00D")
        self.admin_id = self.sales_id = self.integration_id = ""
        self.access = Access(self._core, lambda: (self.admin_id, self.sales_id))
        self.watch_commits(self.access.committed)

    @property
    def changes(self) -> History:
        """Every committed change of a row, oldest first, numbered from 1.

        ``fields`` holds (old, new) wire values of what changed, without the last-modified trail; a save that altered
        nothing has none. A new row's fields are those with a value.
        """
        return self._journal.changes

    def watch(self, callback: Callable[[RowChange], None]) -> None:
        """Call back after each commit, once for each change in it, in order."""
        self._journal.watch(callback)

    def watch_commits(self, callback: Callable[[int, int], None]) -> None:
        """Call back once after each commit: index of its first change in ``changes``, and their number."""
        self._journal.watch_commits(callback)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, the change log included: an exception inside undoes everything. Transactions nest."""
        return self._journal.transaction()

    def late(self, seconds: float) -> AbstractContextManager[None]:
        """Stamp what is saved inside so many seconds ago: it began then and commits only now."""
        return self._journal.late(seconds)

    @contextmanager
    def saving_with(self, options: SaveOptions) -> Iterator[None]:
        """Inside, saves are made with what a client says about them."""
        before, self._core.options = self._core.options, options
        try:
            yield
        finally:
            self._core.options = before

    def hold_rows(self, record_ids: Sequence[str], seconds: float) -> None:
        """Hold rows for so many seconds of the org's clock, as another user's transaction does; 0 lets go.

        Saves of these rows, and of rows that name them in a lookup, wait up to ten seconds for them, and are refused with
        UNABLE_TO_LOCK_ROW when that is not enough.

        Raises:
            SaveError: MALFORMED_ID.
        """
        locks.hold(self._core, record_ids, seconds)

    def acting(self, turn: str) -> AbstractContextManager[None]:
        """Inside, saves are one transaction's as far as row locks go; ``""`` is the CRM's own people."""
        return locks.Acting(self._core.locks, turn)

    def pass_time_with(self, pass_time: Callable[[float], None] | None) -> None:
        """Let saves that wait for rows pass the time of the org's clock so; None: nobody can."""
        self._core.locks.pass_time = pass_time

    def time_taken(self) -> tuple[float, float]:
        """Seconds that the saves of this turn waited without time passing, and that their automation takes; then none."""
        own = self._core.locks
        taken = own.waited, own.busy
        own.waited = 0.0
        return taken

    def plan_twin(self, record_id: str) -> str:
        """Make the next new record of an object have an id that differs from this one by a letter's case; returns it.

        Raises:
            SaveError: MALFORMED_ID, or every such id is in use.
        """
        if not is_id(record_id):
            raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
        try:
            return self._core.mint.plan_twin(record_id)
        except ValueError as error:
            raise SaveError.of("MALFORMED_ID", str(error)) from None

    def insert(
        self, sobject: str, values: Mapping[str, Any], *, user: str, audit: Mapping[str, Any] | None = None
    ) -> str:
        """Create a record; returns its 18-character id.

        Args:
            sobject: The object.
            values: Field → JSON value; a parent may be named by external ID: ``{"Account": {"External_Id__c": "v"}}``.
            user: Who saves: owner, creator, running user of rules.
            audit: Audit fields to set instead of now and ``user`` ("Set Audit Fields upon Record Creation").

        Raises:
            NotFoundError: no such object.
            SaveError: refused, with every reason (contract §6); PayloadError when the values could not be read at all.
        """
        self.access.check(sobject, values, user, "createable")
        self.access.check_references(sobject, values, user)
        return saving.insert(self._core, sobject, values, user=user, audit=audit)

    def insert_many(
        self, sobject: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]], *, user: str
    ) -> list[str | OrgError]:
        """Create many records from texts, as ``insert`` would one by one, only faster.

        Args:
            sobject: The object.
            columns: Field names as the schema spells them.
            rows: Texts by column; an empty text leaves the field out, None clears it.
            user: Who saves.

        Returns:
            For each row its new id, or what ``insert`` would have raised. A refused row leaves the others alone.

        Raises:
            NotFoundError: no such object.
        """
        self.access.check(sobject, columns, user)
        try:
            self.access.check(sobject, (), user, "createable")
        except OrgError as error:
            return [error] * len(rows)
        if self.access.limits_rows(user):
            records = [{n: t for n, t in zip(columns, row, strict=True) if t != ""} for row in rows]
            return [self._tried(self.insert, sobject, record, user=user) for record in records]
        return loading.insert_many(self._core, sobject, columns, rows, user=user)

    def insert_records(
        self, sobject: str, records: Sequence[Mapping[str, Any]], *, user: str
    ) -> list[str | OrgError]:
        """Create many records of one object, as ``insert`` would one by one, only faster.

        Returns:
            For each record its new id, or what ``insert`` would have raised. A refused record leaves the others alone.

        Raises:
            NotFoundError: no such object.
        """
        if self.access.limits_rows(user):
            return [self._tried(self.insert, sobject, record, user=user) for record in records]
        return loading.insert_records(
            self._core,
            sobject,
            records,
            user=user,
            check=lambda names: self.access.check(sobject, names, user, "createable"),
        )

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, user: str, quietly: bool = False
    ) -> None:
        """Change a record; a missing key leaves its field alone, null clears it.

        ``quietly`` leaves the last-modified fields and SystemModstamp alone, as no client can: silent corruption.

        Raises:
            NotFoundError: no such object; no such record (INVALID_CROSS_REFERENCE_KEY); deleted (ENTITY_IS_DELETED).
            SaveError: as for ``insert``; MALFORMED_ID; CANNOT_UPDATE_CONVERTED_LEAD.
        """
        self.access.check(sobject, values, user, "updateable")
        self.access.check_row(sobject, record_id, user)
        self.access.check_references(sobject, values, user)
        saving.update(self._core, sobject, record_id, values, user=user, quietly=quietly)

    def upsert(
        self, sobject: str, key_field: str, key_value: Any, values: Mapping[str, Any], *, user: str
    ) -> tuple[str, bool]:
        """Update the record with that key, or create it; returns (id, created).

        Raises:
            NotFoundError: no such object, or ``key_field`` identifies no records.
            MultipleMatchesError: more than one record has the key.
            SaveError: as for ``insert``.
        """
        self.access.check(sobject, (key_field, *values), user)
        if self.access.depends_on_the_record:
            found = self.find(sobject, key_field, key_value)
            self.access.check(sobject, (), user, "updateable" if found else "createable")
            for record_id in found[:1]:
                self.access.check_row(sobject, record_id, user)
            self.access.check_references(sobject, values, user)
        return saving.upsert(self._core, sobject, key_field, key_value, values, user=user)

    def update_many(
        self, sobject: str, records: Sequence[tuple[Any, Mapping[str, Any]]], *, user: str
    ) -> list[tuple[str, bool] | OrgError]:
        """Change many records, given as id and values, as ``update`` would one by one, only faster.

        Returns:
            For each record its id as given and False, or what ``update`` would have raised. A refused record leaves
            the others alone.

        Raises:
            NotFoundError: no such object.
        """
        if self.access.limits_rows(user):
            return [
                outcome
                if (outcome := self._tried(self.update, sobject, *one, user=user))
                else (one[0], False)
                for one in records
            ]
        return changing.update_many(
            self._core,
            sobject,
            records,
            user=user,
            check=lambda names: self.access.check(sobject, names, user, "updateable"),
        )

    def upsert_many(
        self, sobject: str, key_field: str, records: Sequence[tuple[Any, Mapping[str, Any]]], *, user: str
    ) -> list[tuple[str, bool] | OrgError]:
        """Update or create many records, given as key and values, as ``upsert`` would one by one, only faster.

        Returns:
            For each record its id and whether it is new, or what ``upsert`` would have raised. A refused record leaves
            the others alone.

        Raises:
            NotFoundError: no such object, or no such field.
        """
        if self.access.depends_on_the_record:
            return [self._tried(self.upsert, sobject, key_field, *one, user=user) for one in records]
        return changing.upsert_many(
            self._core,
            sobject,
            key_field,
            records,
            user=user,
            check=lambda names: self.access.check(sobject, names, user),
        )

    def delete(self, sobject: str, record_id: str, *, user: str) -> None:
        """Move a record to the recycle bin, with what hangs on it; lookups at it are emptied.

        Raises:
            NotFoundError: as for ``update``.
            SaveError: a record that restricts it (DELETE_FAILED), an object without delete; MALFORMED_ID.
        """
        self._check_delete(sobject, record_id, user)
        deletion.delete(self._core, sobject, record_id, user=user)

    def purge(self, sobject: str, record_id: str, *, user: str) -> None:
        """Delete a record and what hangs on it for good: nothing goes to the recycle bin ("hard delete").

        Raises:
            NotFoundError, SaveError: as for ``delete``.
        """
        self._check_delete(sobject, record_id, user)
        deletion.purge(self._core, sobject, record_id, user=user)

    def undelete(self, sobject: str, record_id: str, *, user: str) -> None:
        """Bring a deleted record back, with what went with it.

        Raises:
            NotFoundError: no such object or record.
            SaveError: it is not in the recycle bin by itself (UNDELETE_FAILED); its unique value is taken by now.
        """
        deletion.undelete(self._core, sobject, record_id, user=user)

    def merge(
        self,
        sobject: str,
        master_id: str,
        others: Sequence[str],
        values: Mapping[str, Any],
        *,
        user: str,
    ) -> list[str]:
        """Merge one or two duplicates into a master, which takes ``values``; returns the ids of the moved children.

        The duplicates go to the recycle bin with the master's id in their MasterRecordId.

        Raises:
            NotFoundError: as for ``update``.
            SaveError: an object that cannot be merged, a record with itself; what ``update`` refuses.
        """
        self.access.check(sobject, values, user)
        return merging.merge(self._core, sobject, master_id, others, values, user=user)

    def empty_bin(self, sobject: str, record_id: str) -> None:
        """Remove a deleted record, and what went with it, from the recycle bin for good.

        Raises:
            NotFoundError: no such object, or the record is not in the bin by itself.
        """
        merging.empty_bin(self._core, sobject, record_id)

    def _check_delete(self, sobject: str, record_id: str, user: str) -> None:
        self.access.check(sobject, (), user, "deletable")
        self.access.check_row(sobject, record_id, user, delete=True)

    def _tried(self, save: Callable[..., Any], *given: Any, user: str) -> Any:
        """One row of many: what is refused leaves the others alone."""
        try:
            with self.transaction():
                return save(*given, user=user)
        except OrgError as error:
            return error

    def convert_lead(
        self,
        lead_id: str,
        *,
        user: str,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: bool = True,
        opportunity_id: str | None = None,
        opportunity_name: str | None = None,
        status: str | None = None,
        overwrite_source: bool = False,
    ) -> dict[str, str | None]:
        """Make an Account, a Contact and an Opportunity of a Lead, or attach it to existing ones.

        Custom fields are copied to fields of the same API name and type, but for external IDs. The Lead is read-only
        from then on. ``overwrite_source`` gives an existing contact the Lead's LeadSource. Returns accountId, contactId, opportunityId (None without one) and leadId.

        Raises:
            NotFoundError: no such Lead, Account, Contact or Opportunity.
            SaveError: already converted (CANNOT_UPDATE_CONVERTED_LEAD); a status that does not convert
                (INVALID_STATUS); what saving the new records refuses.
        """
        return conversion.convert_lead(
            self._core,
            lead_id,
            user=user,
            account_id=account_id,
            contact_id=contact_id,
            opportunity=opportunity,
            opportunity_id=opportunity_id,
            opportunity_name=opportunity_name,
            status=status,
            overwrite_source=overwrite_source,
        )
