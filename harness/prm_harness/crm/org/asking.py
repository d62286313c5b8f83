"""Reading an org: the part of ``Org`` that changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

from prm_harness.crm.org import reading
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.org.ids import is_id
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.saves import payload, saving
from prm_harness.crm.org.schema import Schema

if TYPE_CHECKING:
    from prm_harness.crm.soql import FlatRows, QueryResult


def record_url(sobject: str, record_id: str) -> str:
    """The address in ``attributes.url`` when the caller names no API version."""
    return f"/services/data/v60.0/sobjects/{sobject}/{record_id}"


class Asked:
    """The reading methods of an org."""

    _core: Core
    access: Access
    connection: sqlite3.Connection
    schema: Schema

    def seen_by(self, user: str) -> Self:
        """The same org as that user sees it: ``schema`` and ``get`` leave out what is closed to the user."""
        view = self.access.schema_for(user)
        if view is self.schema:
            return self
        seen = copy(self)
        seen.schema = view
        return seen

    def get(self, sobject: str, record_id: str, *, fields: Sequence[str] | None = None) -> dict[str, Any]:
        """A live record's wire values: Id first, then all fields in describe order, or ``fields`` in theirs.

        Raises:
            NotFoundError: no such object, not an id, no such record, or a deleted one.
            PayloadError: a field the object does not have.
        """
        if self.schema.rows and is_id(record_id):
            obj = self._core.object(sobject)
            if not self.access.sees(self.schema, obj, record_id):
                raise NotFoundError.of("NOT_FOUND", "The requested resource does not exist")
        return reading.get(self._core, sobject, record_id, fields, self.schema)

    def blob(self, sobject: str, record_id: str, field: str) -> tuple[str, str] | None:
        """A live record's content as base64 text, and the media type that it has by itself; None without content.

        Raises:
            NotFoundError: as ``get``.
        """
        media = ["ContentType"] if "ContentType" in self.schema.objects[sobject].fields else []
        shown = self.get(sobject, record_id, fields=media)
        row = self._core.store.pick(sobject, record_id, (field,))
        return (row[field], shown.get("ContentType") or "") if row and row[field] else None

    def find(self, sobject: str, key_field: str, value: Any) -> list[str]:
        """Ids of the live records with that value in a field, oldest first.

        Raises:
            NotFoundError: no such object or field.
        """
        plan = self._core.plan(sobject)
        return payload.find(self._core, plan.obj, payload.key_of(plan, key_field), value)

    def starting_values(self, sobject: str, *, user: str, record_type: str | None = None) -> dict[str, Any]:
        """What a new record of the user begins with: defaults, formulas among them, owner and record type, as wire values by field.

        Raises:
            NotFoundError: no such object.
            SaveError: a record type that the user may not give.
        """
        return saving.starting_values(self._core, sobject, user=user, record_type=record_type)

    def query(
        self,
        soql: str,
        *,
        user: str,
        include_deleted: bool = False,
        as_text: bool = False,
        url_for: Callable[[str, str], str] = record_url,
    ) -> QueryResult:
        """Run SOQL. ``include_deleted`` is queryAll; ``url_for`` makes a record's address from its object and id.

        ``as_text`` allows records that can only be written as JSON, which takes half the time for a page.

        Raises:
            QueryError: a query the org cannot run.
        """
        from prm_harness.crm.soql import run

        return run(
            soql,
            schema=self.access.schema_for(user),
            connection=self.connection,
            now=self._core.now(),
            user_id=user,
            include_deleted=include_deleted,
            as_text=as_text,
            url_for=url_for,
        )

    def query_table(
        self,
        soql: str,
        *,
        user: str,
        include_deleted: bool = False,
        id_range: tuple[str, str] | None = None,
    ) -> FlatRows:
        """Run SOQL for a file of rows: parents' fields as columns, no sub-selects, aggregates or compounds.

        Raises:
            QueryError: a query that a bulk job cannot run.
        """
        from prm_harness.crm.soql import flat

        return flat(
            soql,
            schema=self.access.schema_for(user),
            connection=self.connection,
            now=self._core.now(),
            user_id=user,
            include_deleted=include_deleted,
            id_range=id_range,
        )
