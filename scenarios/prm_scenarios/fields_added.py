"""Q1.4: fields that are added after go-live, by whom and how fast."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from prm_harness import (
    Course,
    Crm,
    Data,
    Diff,
    DrawnField,
    Evidence,
    Portal,
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
from .shared.carried import BOTH
from .shared.trials import Broken, Trial, carry, compared


@check(
    "C4",
    question="Q1.4",
    title="The admin adds a field within minutes",
    needs=("schema",),
    powers=("schema_change",),
    stage="alone",
    effects={"field added in the CRM", "portal → CRM", "CRM → portal"},
    revision=2,
    catches=("adding-a-field-is-a-ticket", "added-fields-take-text-only"),
    passed="The admin added {these}, with {work} for each and without the vendor; from then on every value was carried "
    "both ways[[ ({left_out:~field} of types that the portal does not offer left out)]].",
    failed="Adding a field took {minutes:~minute} of work and {vendor}, "
    "and then {came}: every new field of yours is a project of theirs{smallest}.",
)
def admin_adds_a_field(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Custom fields are added to the deal in the CRM, then in the portal by the admin's path, and used on each side.

    Fields come every month, and who adds them owns the pace. One field is a plain text; the others are drawn, the same for
    every vendor: other types, lengths and scales, required or not, choices as admins really type them. A drawn field of a type
    that the portal says it does not have is left out, since T1 asks for types. Judged: no step is the vendor's, hands-on minutes
    for each field within the profile's limit, and new records carry the fields in both directions; of the fields that fail, the
    smallest is told. Source: catalogue C4, guide Q1.4.
    """
    plain = DrawnField(data.api_name("added in the setup"), "string", {"length": 30})
    given = wanted(prm, data, "setup", Wanted(plain, [data.label("a code")]))
    with AddedFields(crm, prm, prm.deal) as fields:
        fields.in_crm(one.field for one in given)
        evidence.exercised("field added in the CRM")
        logs = fields.in_portal(one.field for one in given)
        left_out = not_offered(given, logs, evidence)
        added = [one for one in given if one.name not in left_out]
        for one in added:
            done = logs[one.name].done
            how = "added by the admin" if done else logs[one.name].message or "not added"
            evidence.expect(f"field {one.name}", "added by the admin", how, ok=done)
        limit = data.limits["add_field_hands_on_minutes"]
        work = judge_work([logs[one.name] for one in added] or [*logs.values()], limit, evidence)
        yield settled
        sent = carry([_trial(one, n) for n, one in enumerate(added)], crm, prm, evidence, data)
        yield settled
        before = len(evidence.diffs)
        broken = [
            (one, found)
            for trial, pair in sent
            for found in compared(trial, pair, crm, prm, evidence, leaving=(), in_matrix=False)
            for one in added
            if one.name in trial.values
        ]
        cells = evidence.diffs[before:]
        evidence.fact(**work, smallest="", came=_came(cells))
        if broken:
            one, found = yield from _smallest_field(broken, crm, prm, data)
            evidence.fact(smallest=told(one, found.arrived[one.name]))
            how = f"{len(added)} fields, cut down to one"
            data.reduced(GIVEN, written([one]), how, about=found.names)


def _trial(one: Wanted, number: int = 0) -> Trial:
    label = f"generated {number}" if one.drawn else "plain text"
    return Trial(label, {one.name: one.value()}, one.way, drawn=one.drawn)


def _came(cells: Sequence[Diff]) -> str:
    wrong = sum(not cell.ok for cell in cells)
    return f"{wrong} of {len(cells)} values did not come through" if wrong else "every value came through"


def _smallest_field(
    broken: Sequence[tuple[Wanted, Broken]], crm: Crm, prm: Portal, data: Data
) -> Generator[Any, Settled, tuple[Wanted, Broken]]:
    """The simplest field that still fails: many simpler ones are added and tried at once."""

    def size(found: tuple[Wanted, Broken]) -> tuple[int, int]:
        return field_weight(found[0].field, found[0].value())

    best = min(broken, key=size)
    for turn in range(min(data.tries, SMALLER_FIELDS)):
        one = replace(best[0], way=best[1].trial.way)
        candidates = smaller_ones(one, data, turn)
        if not candidates:
            break
        aside = Evidence(BOTH, crm.clock.now)
        with AddedFields(crm, prm, prm.deal) as fields:
            fields.in_crm(one.field for one in candidates)
            logs = fields.in_portal(one.field for one in candidates)
            there = {one.name: one for one in candidates if logs[one.name].done}
            yield settled
            sent = carry([_trial(one) for one in there.values()], crm, prm, aside, data)
            yield settled
            still = [
                (there[name], found)
                for trial, pair in sent
                for found in compared(trial, pair, crm, prm, aside, leaving=(), in_matrix=False)
                for name in found.trial.values
            ]
        if not still:
            break
        best = min(still, key=size)
    return replace(best[0], way=best[1].trial.way), best[1]
