"""The org during a request that is hit by a ``rows`` fault: some rows are refused, the others saved as ever.

Salesforce refuses a row like that when another transaction holds it, or its parent, for more than ten seconds (contract
§6, ``UNABLE_TO_LOCK_ROW``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, TypeVar

from prm_harness.crm.org.errors import OrgError, SaveError
from prm_harness.crm.org.org import Org

_Row = TypeVar("_Row")
_Saved = TypeVar("_Saved")

Refusal = Callable[[str], OrgError | None]
"""(id or key of a row, empty for a new one) → what it is refused with."""


def refusal(code: str, message: str, share: float) -> Refusal:
    """Refuses the first row and then so large a share of all that come: 0.25 means rows 1, 5, 9."""
    due = 1.0

    def decide(record_id: str) -> OrgError | None:
        nonlocal due
        if due < 1 - 1e-9:
            due += share
            return None
        due += share - 1
        return SaveError.of(code, message.replace("{id}", record_id).removesuffix(": "))

    return decide


def refusing(org: Org, decide: Refusal) -> Org:
    """The same org, which asks ``decide`` about every row first."""
    made = copy(org)
    made.__class__ = _Refusing
    vars(made)["decide"] = decide
    return made


class _Refusing(Org):
    decide: Refusal

    def _ask(self, record_id: Any = "") -> None:
        error = self.decide(str(record_id or ""))
        if error is not None:
            raise error

    def _some(
        self,
        rows: Sequence[_Row],
        key: Callable[[_Row], Any],
        save: Callable[[Sequence[_Row]], list[_Saved | OrgError]],
    ) -> list[_Saved | OrgError]:
        refused = [self.decide(str(key(row) or "")) for row in rows]
        saved = iter(save([row for row, error in zip(rows, refused, strict=True) if error is None]))
        return [next(saved) if error is None else error for error in refused]

    def insert(
        self, sobject: str, values: Mapping[str, Any], *, user: str, audit: Mapping[str, Any] | None = None
    ) -> str:
        self._ask()
        return super().insert(sobject, values, user=user, audit=audit)

    def insert_many(
        self, sobject: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]], *, user: str
    ) -> list[str | OrgError]:
        save = super().insert_many
        return self._some(rows, lambda _: "", lambda some: save(sobject, columns, some, user=user))

    def insert_records(
        self, sobject: str, records: Sequence[Mapping[str, Any]], *, user: str
    ) -> list[str | OrgError]:
        save = super().insert_records
        return self._some(records, lambda _: "", lambda some: save(sobject, some, user=user))

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, user: str, quietly: bool = False
    ) -> None:
        self._ask(record_id)
        super().update(sobject, record_id, values, user=user, quietly=quietly)

    def update_many(
        self, sobject: str, records: Sequence[tuple[Any, Mapping[str, Any]]], *, user: str
    ) -> list[tuple[str, bool] | OrgError]:
        save = super().update_many
        return self._some(records, _key, lambda some: save(sobject, some, user=user))

    def upsert(
        self, sobject: str, key_field: str, key_value: Any, values: Mapping[str, Any], *, user: str
    ) -> tuple[str, bool]:
        self._ask(key_value)
        return super().upsert(sobject, key_field, key_value, values, user=user)

    def upsert_many(
        self, sobject: str, key_field: str, records: Sequence[tuple[Any, Mapping[str, Any]]], *, user: str
    ) -> list[tuple[str, bool] | OrgError]:
        save = super().upsert_many
        return self._some(records, _key, lambda some: save(sobject, key_field, some, user=user))

    def delete(self, sobject: str, record_id: str, *, user: str) -> None:
        self._ask(record_id)
        super().delete(sobject, record_id, user=user)

    def purge(self, sobject: str, record_id: str, *, user: str) -> None:
        self._ask(record_id)
        super().purge(sobject, record_id, user=user)


def _key(record: tuple[Any, Mapping[str, Any]]) -> Any:
    return record[0]
