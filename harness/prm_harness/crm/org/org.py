"""The org: everything that can be done to it, in one place. The work is in the modules beside this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prm_harness.crm.backend import RowChange
from prm_harness.crm.org.schema import Field, RecordType, Schema, SObjectType, ValidationRule

if TYPE_CHECKING:
    from prm_harness.crm.soql import QueryResult


def record_url(sobject: str, record_id: str) -> str:
    """The address in ``attributes.url`` when the caller names no API version."""
    return f"/services/data/v60.0/sobjects/{sobject}/{record_id}"


class Org:
    """A strict, Salesforce-like org in one SQLite database. Callers serialise: it holds no lock of its own."""

    id: str
    schema: Schema
    connection: sqlite3.Connection
    changes: list[RowChange]
    admin_id: str
    sales_id: str
    integration_id: str

    def __init__(self, schema: Schema, *, seed: int, now: Callable[[], datetime], path: str = ":memory:") -> None:
        raise NotImplementedError

    def create_user(
        self,
        username: str,
        *,
        first_name: str,
        last_name: str,
        email: str,
        profile: str = "System Administrator",
        is_active: bool = True,
    ) -> str:
        raise NotImplementedError

    def insert(
        self, sobject: str, values: Mapping[str, Any], *, user: str, audit: Mapping[str, Any] | None = None
    ) -> str:
        raise NotImplementedError

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, user: str, quietly: bool = False
    ) -> None:
        raise NotImplementedError

    def upsert(
        self, sobject: str, key_field: str, key_value: Any, values: Mapping[str, Any], *, user: str
    ) -> tuple[str, bool]:
        raise NotImplementedError

    def delete(self, sobject: str, record_id: str, *, user: str) -> None:
        raise NotImplementedError

    def undelete(self, sobject: str, record_id: str, *, user: str) -> None:
        raise NotImplementedError

    def get(self, sobject: str, record_id: str, *, fields: Sequence[str] | None = None) -> dict[str, Any]:
        raise NotImplementedError

    def find(self, sobject: str, key_field: str, value: Any) -> list[str]:
        raise NotImplementedError

    def query(
        self,
        soql: str,
        *,
        user: str,
        include_deleted: bool = False,
        url_for: Callable[[str, str], str] = record_url,
    ) -> QueryResult:
        raise NotImplementedError

    def convert_lead(
        self,
        lead_id: str,
        *,
        user: str,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: bool = True,
        opportunity_name: str | None = None,
        status: str | None = None,
    ) -> dict[str, str | None]:
        raise NotImplementedError

    def transaction(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def watch(self, callback: Callable[[RowChange], None]) -> None:
        raise NotImplementedError

    def add_object(self, obj: SObjectType) -> None:
        raise NotImplementedError

    def add_field(self, sobject: str, new: Field) -> None:
        raise NotImplementedError

    def drop_field(self, sobject: str, name: str) -> None:
        raise NotImplementedError

    def change_field(self, sobject: str, name: str, **changes: object) -> None:
        raise NotImplementedError

    def add_validation_rule(self, sobject: str, rule: ValidationRule) -> None:
        raise NotImplementedError

    def drop_validation_rule(self, sobject: str, name: str) -> None:
        raise NotImplementedError

    def add_record_type(self, sobject: str, record_type: RecordType) -> None:
        raise NotImplementedError
