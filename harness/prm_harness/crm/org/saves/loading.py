"""Inserting many rows at once, column by column: what a load does with rows that have nothing wrong.

A row is written here only when every check that ``saving`` makes is known to pass. Any doubt sends the row, in its
turn, through ``saving.insert``, which decides and words the refusal: so both ways end in the same records.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, repeat
from typing import Any

import orjson

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import OrgError, SaveError
from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.rights import record_types
from prm_harness.crm.org.saves import automation, checks, locks, saving
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.store.store import quote
from prm_harness.crm.store.values import EMAIL, NUMBERS, Encoder

_SAMPLE = 200
"""Rows by which a column is judged to hold few different texts."""

Text = str | None
"""A cell: the empty text leaves the field out, None clears it."""
Outcome = str | OrgError
"""A new record's id, or why there is none."""

_TRIMMED = frozenset({
    FieldType.STRING, FieldType.TEXTAREA, FieldType.PHONE, FieldType.URL, FieldType.PICKLIST, FieldType.COMBOBOX,
})  # fmt: skip


def insert_many(
    core: Core, sobject: str, columns: Sequence[str], rows: Sequence[Sequence[Text]], *, user: str
) -> list[Outcome]:
    """See Org.insert_many."""
    plan = core.plan(sobject)

    def one(place: int) -> Outcome:
        values = {name: text for name, text in zip(columns, rows[place], strict=True) if text != ""}
        return _one(core, sobject, values, user)

    if not rows:
        return []
    given = dict(zip(columns, zip(*rows, strict=True), strict=True))
    return _inserted(_Batch(core, plan, given, len(rows), user), columns, one)


def insert_records(
    core: Core,
    sobject: str,
    records: Sequence[Mapping[str, Any]],
    *,
    user: str,
    check: Callable[[Sequence[str]], None],
) -> list[Outcome]:
    """See Org.insert_records. ``check`` refuses names of fields that the user may not write."""
    plan = core.plan(sobject)
    outcomes: list[Outcome] = []
    for alike, given in _by_fields(records):
        try:
            check(tuple(alike[0]))
        except OrgError as error:
            outcomes += [error] * len(alike)
            continue
        given.pop("attributes", None)
        alone = partial(_one_of, core, sobject, alike, user)
        outcomes += _inserted(_Records(core, plan, given, len(alike), user), list(given), alone)
    return outcomes


def _by_fields(
    records: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Sequence[Mapping[str, Any]], dict[str, list[Any]]]]:
    """Neighbours with the same fields, and their values by field."""
    if records and len(set(map(len, records))) == 1:  # as many fields, and the first one's: almost always so
        try:
            given = {name: [record[name] for record in records] for name in records[0]}
        except KeyError:
            pass
        else:
            yield records, given
            return
    for names, run in groupby(records, tuple):
        alike = list(run)
        yield alike, {name: [record[name] for record in alike] for name in names}


def _inserted(batch: _Batch, columns: Sequence[str], one: Callable[[int], Outcome]) -> list[Outcome]:
    """The outcomes of a batch's rows, in order; ``one`` saves the row at a place by itself."""
    odd = (
        batch.doubtful()
        if _is_plain(batch.plan, columns) and not locks.are_held(batch.core)
        else range(batch.size)
    )
    outcomes: list[Outcome] = []
    for is_odd, places in groupby(range(batch.size), odd.__contains__):
        if is_odd:
            outcomes += map(one, places)
        else:
            run = list(places)
            outcomes += batch.write(run[0], run[-1] + 1)
    return outcomes


def _is_plain(plan: Plan, columns: Sequence[str]) -> bool:
    """Whether nothing but the columns themselves decides about a row of this object."""
    return (
        plan.obj.createable
        and not plan.is_ruled
        and not plan.auto_numbers
        and not automation.has_rule(plan.obj.name)
        and len(set(columns)) == len(columns)
        and all(name in plan.createable for name in columns)
    )


def _one_of(core: Core, sobject: str, records: Sequence[Mapping[str, Any]], user: str, place: int) -> Outcome:
    return _one(core, sobject, records[place], user)


def _one(core: Core, sobject: str, values: Mapping[str, Any], user: str) -> Outcome:
    try:
        return saving.insert(core, sobject, values, user=user)
    except OrgError as error:
        return error


class _Batch:
    """Rows on their way in: stored values by column, and the places of rows that need a closer look."""

    def __init__(
        self, core: Core, plan: Plan, given: Mapping[str, Sequence[Any]], size: int, user: str
    ) -> None:
        self.core = core
        self.plan = plan
        self.size = size
        self.user = user
        self._given = given
        self._stored: dict[str, Sequence[Any]] = {}
        self._constant: dict[str, Any] = {}
        self._odd: set[int] = set()

    def doubtful(self) -> set[int]:
        """Encode every column; returns the places of rows that ``saving`` has to decide about."""
        for name, texts in self._given.items():
            field, encoder = self.plan.createable[name]
            self._stored[name] = self._encoded(field, encoder, texts)
        self._fill_in()
        self._check_required()
        self._check_picklists()
        self._check_references()
        self._check_unique()
        return self._odd

    def write(self, start: int, stop: int) -> list[str]:
        """Write the rows of a range, none of which is doubtful; returns their ids."""
        at, now = self.core.journal.moment()
        count = stop - start
        ids = self.core.mint.take(self.plan.obj.key_prefix or "000", count)
        stamps = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        people = {"CreatedById": self.user, "LastModifiedById": self.user}
        known = self.plan.obj.fields
        added = self._constant | stamps | people
        constant = {n: v for n, v in added.items() if n in known and v is not None}
        # What all rows share is said once, unless a text of SQL cannot say it.
        shared = {
            n: v for n, v in constant.items() if isinstance(v, int) or (isinstance(v, str) and "\0" not in v)
        }
        given = self._stored | {n: [v] * self.size for n, v in constant.items() if n not in shared}
        names = ("Id", *given)
        tuples = list(zip(ids, *(column[start:stop] for column in given.values()), strict=True))
        self.core.store.insert_many(self.plan.obj.name, names, tuples, shared)
        account = self.plan.created_many(names, tuples, shared)
        self.core.journal.note_many(at, self.user, self.plan.obj.name, ids, "create", account)
        return ids

    # -- columns

    def _encoded(self, field: Field, encoder: Encoder, texts: Sequence[Text]) -> Sequence[Any]:
        default = self.plan.defaults.get(field.name)
        if default is not None or field.name == "OwnerId":
            # Whether a field with a default can be cleared depends on its kind.
            self._odd.update(i for i, t in enumerate(texts) if t is None or t.isspace())
        if None in texts:
            texts = [t or "" for t in texts]
        if field.type in _TRIMMED:
            return self._trimmed(field, texts, default)
        encode = _fast(field, encoder)
        known: dict[Text, Any] = {"": default}
        refused = set()
        for text in set(texts) - {""}:
            try:
                known[text] = encode(text or "")
            except SaveError:
                known[text] = None
                refused.add(text)
        if refused:
            self._odd.update(place for place, text in enumerate(texts) if text in refused)
        return [known[text] for text in texts]

    def _trimmed(self, field: Field, texts: Sequence[Text], default: Any) -> Sequence[Any]:
        if self.size > _SAMPLE and len(set(texts[:_SAMPLE])) < _SAMPLE // 4:
            # Few different texts, none of which needs a second look: the column is what was sent.
            known = set(texts)
            if "" not in known and all(
                t and t == t.strip() and len(t) <= (field.length or len(t)) for t in known
            ):
                return texts
        stripped = [*map(str.strip, texts)]  # type: ignore[arg-type]  # None has been replaced
        if field.length and max(map(len, stripped)) > field.length:
            self._odd.update(place for place, text in enumerate(stripped) if len(text) > field.length)
        return [text or default for text in stripped] if "" in stripped else stripped

    def _fill_in(self) -> None:
        """What the org adds to a new row."""
        plan = self.plan
        self._constant = {n: v for n, v in plan.defaults.items() if n not in self._stored}
        if plan.has_owner:
            if "OwnerId" in self._stored:
                self._stored["OwnerId"] = [owner or self.user for owner in self._stored["OwnerId"]]
            else:
                self._constant["OwnerId"] = self.user
        if "RecordTypeId" in self._stored:
            available, default = record_types.offered(self.core, plan.obj, self.user)
            self._stored["RecordTypeId"] = [
                self._record_type(i, v, available, default)
                for i, v in enumerate(self._stored["RecordTypeId"])
            ]
        elif "RecordTypeId" in plan.obj.fields:
            self._constant["RecordTypeId"] = record_types.offered(self.core, plan.obj, self.user)[1]
        name = plan.obj.name_field
        if plan.name_parts and name is not None:
            parts = [self._stored[part] for part in plan.name_parts if part in self._stored]
            if any(None in part or "" in part for part in parts) or not parts:
                said = [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]
            else:
                said = [*map(" ".join, zip(*parts, strict=True))]
            self._stored[name.name] = [text or None for text in said] or [None] * self.size

    def _record_type(
        self, place: int, chosen: str | None, available: frozenset[str] | None, default: str | None
    ) -> str | None:
        if chosen is None:
            return default
        if chosen == MASTER_RECORD_TYPE:
            return None
        if self.plan.record_type(chosen) is None or not record_types.may_give(available, chosen):
            self._odd.add(place)
        return chosen

    # -- checks, each of which can only add to the doubtful

    def _check_required(self) -> None:
        for name in self.plan.required:
            if name in self._stored:
                column = self._stored[name]
                if None in column:
                    self._odd.update(i for i, value in enumerate(column) if value is None)
            elif self._constant.get(name) is None:
                self._odd.update(range(self.size))

    def _check_picklists(self) -> None:
        types = self._stored.get("RecordTypeId") or repeat(self._constant.get("RecordTypeId"), self.size)
        shared = list(types)
        for field in self.plan.restricted:
            if field.name not in self._given:
                continue
            pairs = list(zip(self._stored[field.name], shared, strict=True))
            bad = {pair for pair in set(pairs) if not self._is_allowed(field, *pair)}
            if bad:
                self._odd.update(i for i, pair in enumerate(pairs) if pair in bad)

    def _is_allowed(self, field: Field, value: str | None, record_type: str | None) -> bool:
        allowed = self.plan.allowed(field, record_type)
        chosen = (value or "").split(";") if field.type is FieldType.MULTIPICKLIST else [value]
        return value is None or all(one in allowed for one in chosen)

    def _check_references(self) -> None:
        for field in self.plan.references:
            if field.name not in self._given:
                continue
            column = self._stored[field.name]
            lost = {
                v
                for v in set(column)
                if v is not None and checks.reference_fault(self.core, self.plan, field, v)
            }
            if lost:
                self._odd.update(i for i, value in enumerate(column) if value in lost)

    def _check_unique(self) -> None:
        for field in self.plan.unique:
            if field.name in self._constant and self._constant[field.name] is not None:
                self._odd.update(range(self.size))
            column = self._stored.get(field.name, ())
            keys = [v.lower() if isinstance(v, str) else v for v in column]
            taken = {v.lower() if isinstance(v, str) else v for v in self._taken(field, column)}
            seen: set[Any] = set()
            for place, key in enumerate(keys):
                if key is None:
                    continue
                if key in seen or key in taken:
                    self._odd.add(place)
                seen.add(key)

    def _taken(self, field: Field, column: Sequence[Any]) -> Iterator[Any]:
        """Which of the values some record has already; more than the exact ones does no harm."""
        store, name = self.core.store, self.plan.obj.name
        if not column or store.is_empty(name):
            return
        store.ensure_index(name, field.name)
        sql = (
            f"SELECT {quote(field.name)} FROM {quote(name)} "
            f"WHERE {quote(field.name)} IN (SELECT value FROM json_each(?))"
        )
        wanted = orjson.dumps([v for v in column if v is not None]).decode()
        for (value,) in store.connection.execute(sql, (wanted,)):
            yield value


class _Records(_Batch):
    """The same for JSON values: null clears a field, and so does the empty text."""

    def _encoded(self, field: Field, encoder: Encoder, texts: Sequence[Any]) -> Sequence[Any]:
        if field.type in _TRIMMED:
            if _are_texts(texts):
                trimmed = self._trimmed(field, texts, None)
                if None in trimmed:
                    self._odd.update(place for place, value in enumerate(trimmed) if value is None)
                return trimmed
        else:
            stored_so = _together(field, texts)
            if stored_so is not None:
                return stored_so
        cleared_to_default = field.name in self.plan.defaults or field.name == "OwnerId"
        stored: list[Any] = []
        for place, value in enumerate(texts):
            try:
                stored.append(None if value is None else encoder(field, value))
            except OrgError:
                stored.append(None)
                self._odd.add(place)
            if cleared_to_default and stored[-1] is None:
                self._odd.add(place)
        return stored


def _are_texts(values: Sequence[Any]) -> bool:
    try:
        "".join(values)  # which demands it, in half the time of asking each for its type
    except TypeError:
        return False
    return True


def _together(field: Field, values: Sequence[Any]) -> Sequence[Any] | None:
    """What is stored of a column of values of one type; None where each needs a look at its own."""
    kind = type(values[0])
    if set(map(type, values)) != {kind}:
        return None
    if kind is bool and field.type is FieldType.BOOLEAN:
        return [*map(int, values)]
    if kind is str and field.type is FieldType.EMAIL:
        fits = not field.length or max(map(len, values)) <= field.length
        return values if fits and all(map(EMAIL.fullmatch, values)) else None
    if kind is int and field.type is FieldType.INT:
        return values if _largest(values) < 10 ** (field.digits or 9) else None
    if kind is int and field.type in NUMBERS and field.precision:
        return [*map(float, values)] if _largest(values) < 10 ** (field.precision - field.scale) else None
    return None


def _largest(numbers: Sequence[int]) -> int:
    return max(map(abs, numbers))


def plain_texts(field: Field, texts: Sequence[str]) -> list[str]:
    """What is stored of a column of texts; empty if any of them needs a look at its own."""
    if field.type not in _TRIMMED:
        return []
    stripped = [*map(str.strip, texts)]
    fits = not field.length or max(map(len, stripped)) <= field.length
    return stripped if fits and "" not in stripped else []


def _fast(field: Field, encoder: Encoder) -> Callable[[str], Any]:
    """An encoder of texts; for numbers in plain digits one that does without exact decimals."""
    convert: type[int | float] = int
    if field.type is FieldType.EMAIL:
        longest = field.length or sys.maxsize
        return lambda text: text if EMAIL.fullmatch(text) and len(text) <= longest else encoder(field, text)
    if field.type is FieldType.INT:
        fits = _plain(field.digits or 9, 0)
    elif field.type in NUMBERS and field.precision > field.scale:
        fits, convert = _plain(field.precision - field.scale, field.scale), float
    else:
        return lambda text: encoder(field, text)

    def encode(text: str) -> Any:
        return (convert(text) or convert(0)) if fits(text) else encoder(field, text)

    return encode


def _plain(digits: int, scale: int) -> Callable[[str], re.Match[str] | None]:
    fraction = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    return re.compile(rf"-?[0-9]{{1,{digits}}}{fraction}").fullmatch
