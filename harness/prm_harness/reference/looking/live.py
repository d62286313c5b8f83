"""Records as the CRM has them at this moment: every look is a query, every change a write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar
from uuid import uuid4

from prm_harness.adapter import Filter, Outcome, Ref, Rule
from prm_harness.reference.clock import Clock
from prm_harness.reference.entry import SAME, checked, offered, refused
from prm_harness.reference.policy import KEEP, OMIT, Policy, Values
from prm_harness.reference.shape.fields import (
    EXTERNAL_ID,
    RECORD_TYPE_NAME,
    TypeSpec,
    converted_into,
    flattened,
    from_describe,
    same_value,
)
from prm_harness.reference.shape.segments import clause, quoted
from prm_harness.reference.store import PortalRecord
from prm_harness.reference.syncing.crm_client import CrmClient, Written
from prm_harness.reference.syncing.problems import CrmProblem

SCHEMA_SECONDS: Final = 60.0
"""How long an object's describe is kept."""

PROBE_SECONDS: Final = 300.0
"""After the day's calls are used up, or the login is refused: no call before that."""

WRITE_ATTEMPTS: Final = 3
"""Tries of a write while the person waits."""

_ID: Final = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")

T = TypeVar("T")


class Live:
    """The portal's view of the CRM.

    Args:
        policy: the product's decisions.
        clock: which time.
        crm: the CRM.
    """

    def __init__(self, policy: Policy, clock: Clock, crm: CrmClient) -> None:
        self._policy = policy
        self._clock = clock
        self.crm = crm
        self._specs: dict[str, tuple[float, TypeSpec]] = {}
        self._pages: dict[tuple[str, str, str | None], tuple[float, list[Values]]] = {}
        self._closed_until = 0.0
        self.filters: dict[str, Filter] = {}
        self.trouble: CrmProblem | None = None
        """What kept the last call from being answered."""

    # -- looking ------------------------------------------------------------------------------------------------

    def spec(self, kind: str) -> TypeSpec:
        """The object's fields.

        Raises:
            CrmProblem: the CRM does not answer, or does not show it to us.
        """
        known = self._specs.get(kind)
        old = known is not None and known[0] + SCHEMA_SECONDS <= self._clock.mono()
        if known is None or (old and self._policy.follows_schema):
            describe = self._ask(lambda: self.crm.describe(kind))
            known = self._specs[kind] = (self._clock.mono(), from_describe(describe))
        return known[1]

    def forget_schema(self) -> None:
        """Read every describe again when it is needed."""
        self._specs.clear()

    def find(self, kind: str, ref: Ref, partner: str | None = None) -> PortalRecord | None:
        """The record; as a link of ours, that of a converted lead leads to what it became.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        if ref.by != "name" and not _ID.fullmatch(ref.value):
            return None
        record = next(self.select(kind, _named(self.spec(kind), ref), partner), None)
        heir = converted_into(record.shown) if record and ref.by == "prm_id" else None
        return record if heir is None else self.find(heir[0], Ref(by="crm_id", value=heir[1]), partner)

    def select(self, kind: str, condition: str = "", partner: str | None = None) -> Iterator[PortalRecord]:
        """Records for which the condition holds, within the filter, and belonging to the partner if one is named.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        rows = self._ask(lambda: self._page(kind, condition, partner))
        return (PortalRecord(kind, row["Id"], row["Id"], shown=row) for row in rows)

    def members(self, rule: Rule) -> list[str]:
        """Ids of the records in a segment.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        condition = clause(rule, _type(self.spec(rule.kind), rule.field))
        return [record.prm_id for record in self.select(rule.kind, condition)]

    def offered(self, kind: str, name: str, given: Mapping[str, Any]) -> list[str]:
        """The choices of a picklist's form.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        spec = self.spec(kind)
        chosen = spec.record_types.get(str(given.get(RECORD_TYPE_NAME)))
        by_type = self._ask(lambda: self.crm.values_of_type(kind, chosen, name)) if chosen else None
        return offered(spec, name, given, by_type)

    def objects(self) -> list[str]:
        """Names of all sObjects that we reach.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        return self._ask(self.crm.objects)

    # -- changing -----------------------------------------------------------------------------------------------

    def create(self, kind: str, values: Mapping[str, Any], partner: str | None) -> Outcome:
        """A new record, or the CRM's no."""
        try:
            spec = self.spec(kind)
            wanted, complaint = checked(self._policy, spec, values, "createable")
            if complaint:
                return refused(complaint)
            if partner:
                self._policy.attribute(spec, wanted, partner)
                if twin := self._registered_by_other(spec, wanted, partner):
                    return refused(f"{kind} {twin.name!r} is already registered by another partner")
        except CrmProblem as problem:
            return refused(str(problem))
        row, key = self._as_sent(spec, "create", wanted), spec.external_id
        if key is None or not self._policy.repeatable_creates:
            blindly = key is not None
            return self._write(lambda: self.crm.insert(kind, [row]), repeatable=blindly)
        row.setdefault(EXTERNAL_ID, f"prm-{uuid4().hex}")
        return self._write(lambda: self.crm.upsert(kind, key, [row]), repeatable=True)

    def update(self, kind: str, ref: Ref, values: Mapping[str, Any], partner: str | None) -> Outcome:
        """Other values, or the CRM's no."""
        try:
            record = self.find(
                kind, Ref(by="prm_id", value=ref.value) if ref.by == "crm_id" else ref, partner
            )
            if record is None:
                return refused(f"there is no such {kind}")
            wanted, complaint = checked(self._policy, self.spec(record.kind), values, "updateable")
        except CrmProblem as problem:
            return refused(str(problem))
        if complaint:
            return refused(complaint, record.prm_id)
        changes = {n: v for n, v in wanted.items() if not same_value(record.shown.get(n), v)}
        if not changes:
            return Outcome(state="accepted", prm_id=record.prm_id)
        row = {"id": record.prm_id, **self._as_sent(self.spec(record.kind), "update", changes)}
        return self._write(lambda: self.crm.update(record.kind, [row]), repeatable=True)

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """No record any more, or the CRM's no."""
        try:
            record = self.find(kind, ref)
        except CrmProblem as problem:
            return refused(str(problem))
        if record is None:
            return refused(f"there is no such {kind}")
        return self._write(lambda: self.crm.delete([record.prm_id]), repeatable=False)

    def in_bin(self, kind: str, record_id: str) -> Values | None:
        """The deleted record of that id.

        Raises:
            CrmProblem: the CRM does not answer.
        """
        soql = f"SELECT Id FROM {kind} WHERE IsDeleted = true AND Id = {quoted(record_id)}"
        pages = self._ask(lambda: list(self.crm.pages(soql, deleted=True)))
        return next((row for page in pages for row in page), None)

    def undelete(self, record_id: str) -> Outcome:
        """Out of the CRM's bin, or its no."""
        return self._write(lambda: self.crm.undelete([record_id]), repeatable=False)

    # -- inside -------------------------------------------------------------------------------------------------

    def _page(self, kind: str, condition: str, partner: str | None) -> Iterable[Values]:
        """Rows as the CRM has them now, unless pages are kept."""
        if not self._policy.keeps_pages_seconds:
            return self._rows(kind, condition, partner)
        wanted, now = (kind, condition, partner), self._clock.mono()
        kept = self._pages.get(wanted)
        if kept is None or kept[0] + self._policy.keeps_pages_seconds <= now:
            kept = self._pages[wanted] = (now, list(self._rows(kind, condition, partner)))
        return kept[1]

    def _rows(self, kind: str, condition: str, partner: str | None) -> Iterator[Values]:
        try:
            pages = self.crm.pages(self._soql(kind, condition, partner))
            first = next(pages)
        except CrmProblem as problem:
            if problem.code != "INVALID_FIELD":
                raise
            # A field has gone since the describe was read.
            self._specs.pop(kind, None)
            pages = self.crm.pages(self._soql(kind, condition, partner))
            first = next(pages)
        read = _and(first, pages) if self._policy.follows_pages else iter([first])
        return (self._as_shown(kind, flattened(row)) for page in read for row in page)

    def _as_shown(self, kind: str, row: Values) -> Values:
        fields = self.spec(kind).fields
        shown = {n: self._policy.incoming(fields[n], v) if n in fields else v for n, v in row.items()}
        # There is no copy whose value could be kept.
        return {name: None if value is KEEP else value for name, value in shown.items()}

    def _as_sent(self, spec: TypeSpec, operation: str, values: Values) -> Values:
        sent = {name: self._policy.outgoing(spec.fields[name], value) for name, value in values.items()}
        return self._policy.finish(spec, operation, {n: v for n, v in sent.items() if v is not OMIT})

    def _soql(self, kind: str, condition: str, partner: str | None) -> str:
        spec = self.spec(kind)
        conditions = [condition] if condition else []
        if (rule := self.filters.get(kind)) is not None and self._policy.filters:
            conditions.append(clause(rule, _type(spec, rule.field)))
        if partner is not None and self._policy.asks_for_partner:
            owner = spec.partner_field
            conditions.append(f"{owner} = {quoted(partner)}" if owner else "Id = null")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        names = dict.fromkeys([*spec.system, *spec.fields])
        return f"SELECT {', '.join(names)} FROM {kind}{where}"

    def _registered_by_other(self, spec: TypeSpec, values: Values, partner: str) -> PortalRecord | None:
        keys = SAME.get(spec.kind, ())
        if not self._policy.flags_duplicates or not keys or not all(values.get(key) for key in keys):
            return None
        same = " AND ".join(f"{key} = {quoted(str(values[key]))}" for key in keys)
        for other in self.select(spec.kind, same):
            if not self._policy.partner_sees(spec, other, partner):
                return other
        return None

    def _write(self, write: Callable[[], list[Written]], *, repeatable: bool) -> Outcome:
        """Write while the person waits: a passing trouble is tried again, the CRM's no is handed on."""
        problem: CrmProblem | None = None
        for _ in range(1 if self._policy.gives_up else WRITE_ATTEMPTS):
            try:
                (written,) = self._ask(write)
            except CrmProblem as trouble:
                problem = trouble
            else:
                if written.problem is None or self._unseen(written.problem):
                    return Outcome(state="accepted", prm_id=written.id, raw={"id": written.id})
                problem = written.problem
            if not problem.passing or (problem.lost and not repeatable):
                break
        assert problem is not None
        # Without an answer nobody knows whether it was written.
        return Outcome(state="unknown" if problem.lost else "rejected", messages=(str(problem),))

    def _unseen(self, problem: CrmProblem) -> bool:
        """Whether the CRM's no is taken for a yes."""
        return self._policy.believes_success or not self._policy.reports(problem)

    def _ask(self, call: Callable[[], T]) -> T:
        """One call, unless the CRM has just said that none will be answered for a while."""
        if self.trouble is not None and self._clock.mono() < self._closed_until:
            raise self.trouble
        try:
            answer = call()
        except CrmProblem as problem:
            self.trouble = problem
            if self._policy.daily_limit(problem) or problem.login_refused:
                self._closed_until = self._clock.mono() + PROBE_SECONDS
            raise
        self.trouble = None
        return answer


def _named(spec: TypeSpec, ref: Ref) -> str:
    if ref.by != "name":
        return f"Id = {quoted(ref.value)}"
    fields = [name for name in ("Name", "LastName") if name in spec.fields]
    return f"({' OR '.join(f'{name} = {quoted(ref.value)}' for name in fields)})" if fields else "Id = null"


def _type(spec: TypeSpec, name: str) -> str:
    return spec.fields[name].type if name in spec.fields else "string"


def _and(first: list[Values], rest: Iterator[list[Values]]) -> Iterator[list[Values]]:
    yield first
    yield from rest
