"""Q3.1: fields that are added after go-live, and what old records show in them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    DrawnField,
    Evidence,
    Portal,
    Row,
    Settled,
    check,
    field_weight,
    settled,
)

from .shared.added import (
    GIVEN,
    SMALLER_FIELDS,
    AddedFields,
    Wanted,
    judge_work,
    not_offered,
    smaller_ones,
    told,
    wanted,
    written,
)
from .shared.carried import DOWN

_CYCLES_UNTIL_OLD: Final = 4
"""Products read the recent past again with each sync; records must lie behind that to be history."""
_VALUES: Final = 8
"""How many values a drawn field has among the old records."""


@check(
    "N1",
    question="Q3.1",
    title="A field added later comes with its history",
    needs=("schema", "history"),
    powers=("schema_change",),
    stage="alone",
    weight=2,
    effects={"old records filled", "field added in the portal"},
    revision=2,
    catches=("no-backfill-of-new-field", "added-fields-take-text-only"),
    passed="After {these} had been added, all {rows} old records showed their values; adding one took {work}"
    "[[ ({left_out:~field} of types that the portal does not offer left out)]].",
    failed="Of {fields} fields added after go-live, {incomplete} are empty or wrong on old records, at most on {missing} of "
    "{rows}, and adding one took {minutes:~minute} of work and {vendor}: reports and rules on them are wrong for everything that nobody edits again"
    "{smallest}.",
)
def added_field_comes_with_history(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Custom fields are added to the deal and filled on old records, half of them without a new timestamp.

    An org changes every month, and a portal that only sees future edits shows the new field empty for years. One field is a
    plain text; the others are drawn, the same for every vendor, as C4 does. Judged: after the admin added and backfilled
    them, every old record shows their values; no step needs the vendor; hands-on time for each field against the profile's
    limit; of the fields that fail, the smallest is told. Source: catalogue N1 (D21), guide Q3.1.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    rows = data.sizes["schema_history_rows"]
    plain = DrawnField(data.api_name("added later"), "string", {"length": 30})
    texts = [data.text(f"row {number}", length=30) for number in range(rows)]
    given = wanted(prm, data, "history", Wanted(plain, texts, way=DOWN), values=_VALUES)
    old = crm.create_all(kind, [data.deal("Renewal") | own for _ in range(rows)])
    for _ in range(_CYCLES_UNTIL_OLD):
        yield settled
    with AddedFields(crm, prm, kind) as fields:
        fields.in_crm(one.field for one in given)
        due = [_filled(crm, deal, given, number) for number, deal in enumerate(old)]
        evidence.exercised("old records filled")
        logs = fields.in_portal(one.field for one in given)
        left_out = not_offered(given, logs, evidence)
        added = [one for one in given if one.name not in left_out]
        if added and all(logs[one.name].done for one in added):
            evidence.exercised("field added in the portal")
        loading = prm.backfill(kind, [one.name for one in added])
        done = {f"field {one.name}": logs[one.name] for one in added} | {"history of the fields": loading}
        for what, log in done.items():
            evidence.expect(
                f"{what}, by the admin", "done", "done" if log.done else log.message or "not done"
            )
        yield settled
        wrong = _not_shown(prm, crm, old, due, added)
        for one in added:
            evidence.expect(
                f"old records that show {one.name}", len(old), len(old) - len(wrong[one.name]), note="missing"
            )
        limit = data.limits["add_field_hands_on_minutes"]
        work = judge_work([logs[one.name] for one in added] or [*logs.values()], limit, evidence, loading)
        evidence.fact(
            **work,
            rows=len(old),
            incomplete=sum(bool(seen) for seen in wrong.values()),
            missing=max((len(seen) for seen in wrong.values()), default=0),
            add_field_minutes=round(work["minutes"], 1),
            smallest="",
        )
        broken = [
            (replace(one, values=[due[number][one.name]]), number, seen)
            for one in added
            for number, seen in wrong[one.name].items()
        ]
        if broken:
            one, number, seen = yield from _smallest_field(broken, crm, prm, data, old)
            evidence.fact(smallest=told(one, seen))
            how = f"{len(added)} fields on {len(old)} records, cut down to one"
            data.reduced(GIVEN, written([one]), how, about=[old[number].name])


def _filled(crm: Crm, deal: CrmRecord, fields: Sequence[Wanted], number: int) -> Row:
    """Fill the fields of an old record, every second one quietly; returns what the CRM made of it."""
    crm.update(deal, {one.name: one.value(number) for one in fields}, quietly=number % 2 == 0)
    row = crm.get(deal) or {}
    return {one.name: row.get(one.name) for one in fields}


def _not_shown(
    prm: Portal, crm: Crm, old: Sequence[CrmRecord], due: Sequence[Row], fields: Sequence[Wanted]
) -> dict[str, dict[int, str]]:
    """Field → number of each record on which the portal shows something else → what it shows."""
    describe = crm.describe(prm.deal)
    found: dict[str, dict[int, str]] = {one.name: {} for one in fields}
    for number, (deal, values) in enumerate(zip(old, due, strict=True)):
        here = [one.name for one in fields if one.name in values]
        aside = Evidence((), crm.clock.now)
        aside.compare(prm.read(deal) if here else None, values, describe, fields=here)
        for name, diff in zip(here, aside.diffs, strict=True):
            if not diff.ok:
                found[name][number] = diff.observed
    return found


_Broken = tuple[Wanted, int, str]


def _smallest_field(
    broken: Sequence[_Broken], crm: Crm, prm: Portal, data: Data, old: Sequence[CrmRecord]
) -> Generator[Any, Settled, _Broken]:
    """The simplest field that still fails, with the record that it failed on: simpler ones are added and loaded at once."""

    def size(one: _Broken) -> tuple[int, int]:
        return field_weight(one[0].field, one[0].value())

    best = min(broken, key=size)
    for turn in range(min(data.tries, SMALLER_FIELDS)):
        # No more than there are old records: each of them tries one field.
        candidates = smaller_ones(best[0], data, turn)[: len(old)]
        if not candidates:
            break
        with AddedFields(crm, prm, prm.deal) as fields:
            fields.in_crm(one.field for one in candidates)
            due = [_filled(crm, deal, [one], n) for n, (deal, one) in enumerate(zip(old, candidates))]  # noqa: B905
            logs = fields.in_portal(one.field for one in candidates)
            there = [one for one in candidates if logs[one.name].done]
            prm.backfill(prm.deal, [one.name for one in there])
            yield settled
            wrong = _not_shown(prm, crm, old[: len(due)], due, there)
        still = [(one, number, seen) for one in there for number, seen in wrong[one.name].items()]
        if not still:
            break
        best = min(still, key=size)
    return best
