"""What one compilation and one run share: bound values, the running user's calendar, table aliases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.soql import literals
from prm_harness.crm.soql.tokens import Tokens

_SUNDAY_LOCALES = frozenset({"en_US", "en_CA", "pt_BR", "ja_JP", "es_MX", "ko_KR", "zh_TW", "he_IL"})
"""Locales whose week begins on Sunday; everyone else's begins on Monday."""


class Moment:
    """When and for whom a statement runs: the clock, and the user's time zone and week."""

    def __init__(self, now: datetime, connection: sqlite3.Connection, user_id: str, schema: Schema) -> None:
        self.now = now
        self.user_id = user_id
        self._connection = connection
        self._schema = schema

    @cached_property
    def _preferences(self) -> tuple[str | None, str | None]:
        user = self._schema.get("User")
        if user is None or not {"TimeZoneSidKey", "LocaleSidKey"} <= user.fields.keys():
            return None, None
        cursor = self._connection.cursor()
        cursor.row_factory = None
        found: tuple[str | None, str | None] | None = cursor.execute(
            'SELECT "TimeZoneSidKey", "LocaleSidKey" FROM "User" WHERE "Id" = ?', (self.user_id,)
        ).fetchone()
        return found or (None, None)

    @cached_property
    def zone(self) -> tzinfo:
        """The user's time zone; UTC for a user without one."""
        name = self._preferences[0]
        if not name:
            return UTC
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise SandboxGapError(f"time zone {name} is not known on this machine") from None

    @property
    def monday(self) -> bool:
        """Whether the user's week begins on Monday."""
        locale = self._preferences[1]
        return locale is not None and locale not in _SUNDAY_LOCALES

    @property
    def today(self) -> date:
        """The user's day."""
        return self.now.astimezone(self.zone).date()

    def local(self, stored: str | None) -> str | None:
        """The stored form of a datetime, as the user's clock showed it then."""
        if stored is None:
            return None
        when = datetime.strptime(stored[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        return when.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def midnight(self, day: date) -> str:
        """The stored form of the moment a day begins for the user."""
        return literals.stored_moment(datetime.combine(day, time(), self.zone))


Bind: TypeAlias = Callable[[Tokens, Moment], Any]
"""Computes one bound value of a plan from the literals of the text at hand; raises Problem."""


class Context:
    """One compilation: the schema it is for, and what it has bound and named so far."""

    def __init__(self, schema: Schema, *, include_deleted: bool) -> None:
        self.schema = schema
        self.include_deleted = include_deleted
        self.folds = False
        self.formulas = False
        self.extras: set[str] = set()
        """Further SQL functions that the statement calls: ``soql_distance``, ``soql_local``."""
        self.indexes: set[tuple[str, ...]] = set()
        """Indexes that would help: the table, then the columns."""
        self._tables = 0

    def table(self) -> str:
        """A new table alias."""
        self._tables += 1
        return f"t{self._tables}"


class Binds:
    """The bound values of one SQL statement, numbered as they come."""

    def __init__(self) -> None:
        self.all: list[Bind] = []

    def add(self, bind: Bind) -> str:
        """The placeholder of a new bound value."""
        self.all.append(bind)
        return f"?{len(self.all)}"

    def literal(self, convert: Callable[[str, int], Any], at: int) -> str:
        """The placeholder of the literal in token ``at``, converted."""
        return self.add(lambda tokens, _moment: convert(tokens.texts[at], at))
