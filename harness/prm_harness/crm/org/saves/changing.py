"""Updating and upserting many records at once: what a load does with rows that have nothing wrong.

As in ``loading``, a row is written here only when every check that ``saving`` makes is known to pass. Any doubt sends the
row, in its turn, through ``saving``, which decides and words the refusal: so both ways end in the same records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.saves import automation, checks, loading, locks, payload, saving
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.store.store import StoredRow
from prm_harness.crm.store.values import Encoder, encode

Keyed = tuple[Any, Mapping[str, Any]]
"""The id or external ID of a record, and its values."""
Outcome = tuple[str, bool] | OrgError
"""A record's id and whether it is new, or why it was not saved."""
Check = Callable[[Sequence[str]], None]


def update_many(
    core: Core, sobject: str, records: Sequence[Keyed], *, user: str, check: Check
) -> list[Outcome]:
    """See Org.update_many. ``check`` refuses names of fields that the user may not write."""

    def one(record_id: Any, values: Mapping[str, Any]) -> tuple[str, bool]:
        saving.update(core, sobject, record_id, values, user=user)
        return record_id, False

    plan = core.plan(sobject)
    return _saved(core, plan, plan.obj.fields["Id"], records, one, user=user, check=check)


def upsert_many(
    core: Core, sobject: str, key_field: str, records: Sequence[Keyed], *, user: str, check: Check
) -> list[Outcome]:
    """See Org.upsert_many."""

    def one(key: Any, values: Mapping[str, Any]) -> tuple[str, bool]:
        return saving.upsert(core, sobject, key_field, key, values, user=user)

    plan = core.plan(sobject)
    key = payload.key_of(plan, key_field)
    return _saved(core, plan, key, records, one, user=user, check=lambda names: check((key_field, *names)))


def _saved(
    core: Core,
    plan: Plan,
    key: Field,
    records: Sequence[Keyed],
    one: Callable[[Any, Mapping[str, Any]], tuple[str, bool]],
    *,
    user: str,
    check: Check,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for names, run in groupby(records, lambda record: tuple(record[1])):
        alike = list(run)
        try:
            check(names)
        except OrgError as error:
            outcomes += [error] * len(alike)
            continue
        alone = partial(_alone, core, one, alike)
        if locks.are_held(core) or not _is_plain(plan, key, names):
            outcomes += map(alone, range(len(alike)))
            continue
        batch = _Batch(core, plan, key, names, alike, user)
        for kind, places in groupby(range(len(alike)), batch.kinds().__getitem__):
            spots = list(places)
            if kind == _ODD:
                outcomes += map(alone, spots)
            elif kind == _CHANGED:
                outcomes += batch.write(spots)
            else:
                outcomes += _new(core, plan, key, [alike[i] for i in spots], user)
    return outcomes


def _alone(
    core: Core, one: Callable[[Any, Mapping[str, Any]], tuple[str, bool]], alike: Sequence[Keyed], place: int
) -> Outcome:
    try:
        with core.journal.transaction():
            return one(*alike[place])
    except OrgError as error:
        return error


def _new(core: Core, plan: Plan, key: Field, records: Sequence[Keyed], user: str) -> Iterator[Outcome]:
    whole = [{**values, key.name: value} for value, values in records]
    made = loading.insert_records(core, plan.obj.name, whole, user=user, check=lambda _: None)
    return (one if isinstance(one, OrgError) else (one, True) for one in made)


def _is_plain(plan: Plan, key: Field, names: Sequence[str]) -> bool:
    """Whether nothing but the columns themselves decides about a changed record of this object."""
    return (
        plan.obj.updateable
        and not plan.is_ruled
        and not automation.has_rule(plan.obj.name)
        and plan.obj.name not in automation.AFTER
        and payload.is_key(key)
        and not key.case_sensitive
        and "RecordTypeId" not in names
        and not (plan.leads_partners and "OwnerId" in names)
        and key.name not in names
        and all(name in plan.updateable for name in names)
    )


_ODD, _NEW, _CHANGED = range(3)
_ALWAYS = frozenset(
    {
        "Id", "IsDeleted", "IsConverted", "RecordTypeId", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
    }
)  # fmt: skip
"""Columns of a row that are looked at whatever a record changes."""


class _Batch:
    """Records on their way in that all name the same fields: stored values by column, and the rows they change."""

    def __init__(
        self,
        core: Core,
        plan: Plan,
        key: Field,
        names: Sequence[str],
        records: Sequence[Keyed],
        user: str,
    ) -> None:
        self.core = core
        self.plan = plan
        self.key = key
        self.names = names
        self.keys = [key for key, _ in records]
        self.user = user
        self._given = list(zip(*(values.values() for _, values in records), strict=True))
        self._stored: dict[str, Sequence[Any]] = {}
        self._olds: list[StoredRow | None] = []
        self._changed: list[StoredRow] = []
        self._odd: set[int] = set()

    def kinds(self) -> list[int]:
        """For each record whether it is new, changes a row, or has to be decided about by ``saving``."""
        self._find()
        for name, values in zip(self.names, self._given, strict=True):
            self._stored[name] = self._encoded(*self.plan.updateable[name], values)
        self._check_columns()
        self._compare()
        self._check_unique()
        return [
            _ODD if place in self._odd else _NEW if old is None else _CHANGED
            for place, old in enumerate(self._olds)
        ]

    def write(self, places: Sequence[int]) -> Iterator[Outcome]:
        """Write changed rows, none of which is doubtful."""
        at, stamp = self.core.journal.moment()
        stamps = {"LastModifiedDate": stamp, "LastModifiedById": self.user, "SystemModstamp": stamp}
        columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        ids: list[str] = []
        account = []
        for place in places:
            old, changed = self._olds[place], self._changed[place]
            assert old is not None
            for name, value in stamps.items():
                if name in old and value != old[name]:
                    changed[name] = value
            if changed:
                columns[tuple(changed)].append((*changed.values(), old["Id"]))
            ids.append(old["Id"])
            account.append(self.plan.differences(old, changed))
        for names, rows in columns.items():
            self.core.store.update_many(self.plan.obj.name, names, rows)
        self.core.journal.note_many(at, self.user, self.plan.obj.name, ids, "update", account)
        own = [self.keys[place] for place in places] if self.key.type is FieldType.ID else ids
        return ((one, False) for one in own)

    # -- which rows are meant

    def _find(self) -> None:
        stored = [self._key(value) for value in self.keys]
        found: dict[Any, list[StoredRow]] = defaultdict(list)
        wanted = [value for value in stored if value is not None]
        for row in self.core.store.fetch_many(self.plan.obj.name, self.key.name, wanted, self._looked_at()):
            if not row.get("IsDeleted") or self.key.type is FieldType.ID:
                found[_folded(self.key, row[self.key.name])].append(row)
        keys = [_folded(self.key, value) for value in stored]
        times = Counter(keys)
        for place, folded in enumerate(keys):
            rows = found.get(folded, ())
            old = rows[0] if len(rows) == 1 else None
            unsure = folded is None or times[folded] > 1 or len(rows) > 1
            if old is None:
                unsure = unsure or self.key.type is FieldType.ID
            elif old.get("IsDeleted") or old.get("IsConverted"):
                unsure = True
            if unsure:
                self._odd.add(place)
            self._olds.append(old)

    def _looked_at(self) -> set[str]:
        """The columns of a row that decide what becomes of it."""
        whole = self.plan.obj.name_field
        name = {whole.name, *self.plan.name_parts} if whole else set()
        return {*self.names, self.key.name, *name, *_ALWAYS}

    def _key(self, value: Any) -> Any:
        if self.key.type is FieldType.ID:
            return to18(value) if isinstance(value, str) and is_id(value) else None
        try:
            return encode(self.key, value)
        except OrgError:
            return None

    # -- columns

    def _encoded(self, field: Field, encoder: Encoder, values: Sequence[Any]) -> Sequence[Any]:
        if set(map(type, values)) == {str}:
            stored = loading.plain_texts(field, values) or self._by_value(field, encoder, values)
        else:
            stored = [self._one(field, encoder, value) for value in values]
        if _REFUSED in stored:
            self._odd.update(place for place, value in enumerate(stored) if value is _REFUSED)
        if None in stored and (field.name == "OwnerId" or not field.nillable):
            self._odd.update(place for place, value in enumerate(stored) if value is None)
        return stored

    def _by_value(self, field: Field, encoder: Encoder, values: Sequence[str]) -> list[Any]:
        known = {value: self._one(field, encoder, value) for value in set(values)}
        return [known[value] for value in values]

    def _one(self, field: Field, encoder: Encoder, value: Any) -> Any:
        try:
            return encode(field, None) if value is None else encoder(field, value)
        except OrgError:
            return _REFUSED

    def _check_columns(self) -> None:
        for field in self.plan.restricted:
            if field.name in self._stored:
                for place, value in enumerate(self._stored[field.name]):
                    old = self._olds[place]
                    if old is not None and not self._is_allowed(field, value, old.get("RecordTypeId")):
                        self._odd.add(place)
        for field in self.plan.references:
            column = self._stored.get(field.name, ())
            lost = {
                value
                for value in set(column) - {None, _REFUSED}
                if checks.reference_fault(self.core, self.plan, field, value)
            }
            if lost:
                self._odd.update(place for place, value in enumerate(column) if value in lost)

    def _is_allowed(self, field: Field, value: Any, record_type: str | None) -> bool:
        if value is None or value is _REFUSED:
            return True
        chosen = value.split(";") if field.type is FieldType.MULTIPICKLIST else [value]
        return self.plan.allowed(field, record_type).issuperset(chosen)

    def _compare(self) -> None:
        """What each record changes in its row, the name that its parts make included."""
        names, parts = tuple(self._stored), self.plan.name_parts
        whole = self.plan.obj.name_field
        rows = zip(*self._stored.values(), strict=True) if names else (() for _ in self._olds)
        for old, values in zip(self._olds, rows, strict=True):
            changed: StoredRow = {}
            if old is not None:
                changed = {n: v for n, v in zip(names, values, strict=True) if v != old[n]}
                if parts and whole is not None:
                    pieces = [changed[part] if part in changed else old[part] for part in parts]
                    name = " ".join(str(piece) for piece in pieces if piece) or None
                    if name != old[whole.name]:
                        changed[whole.name] = name
            self._changed.append(changed)

    def _check_unique(self) -> None:
        for field in self.plan.unique:
            values = {
                place: changed[field.name]
                for place, changed in enumerate(self._changed)
                if changed.get(field.name) not in {None, _REFUSED}
            }
            if not values:
                continue
            given = list(values.values())
            rows = self.core.store.fetch_many(self.plan.obj.name, field.name, given, {field.name})
            taken = {_folded(field, row[field.name]) for row in rows}
            times = Counter(_folded(field, value) for value in values.values())
            for place, value in values.items():
                if _folded(field, value) in taken or times[_folded(field, value)] > 1:
                    self._odd.add(place)


_REFUSED: Any = object()


def _folded(field: Field, value: Any) -> Any:
    return value.lower() if isinstance(value, str) and field.type is not FieldType.ID else value
