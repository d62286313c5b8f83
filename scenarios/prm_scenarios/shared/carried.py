"""Values carried both ways: the arrangement that every check of field types shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from prm_harness import Crm, CrmRecord, Data, Evidence, FieldInfo, Portal, Submission

from .fates import in_crm

Way = Literal["both", "portal → CRM", "CRM → portal"]
UP: Final = "portal → CRM"
DOWN: Final = "CRM → portal"
BOTH: Final = (UP, DOWN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where values are carried in: ``fresh`` makes the rest of a record of that kind, ``entered`` is added in the CRM."""

    kind: str
    fresh: Callable[[str], dict[str, Any]]
    entered: Mapping[str, Any] = field(default_factory=dict)


def deals(prm: Portal, data: Data) -> Place:
    """Deals of the check's partner."""
    return Place(prm.deal, data.deal, {prm.info.partner_field: data.partner})


@dataclass(frozen=True, slots=True)
class BothWays:
    """The same values, submitted in the portal and entered in the CRM.

    ``submitted`` holds the submission that carries each field: one for all, or one each where the portal refused them
    together, so that a field that it does not have hides nothing about the others.
    """

    kind: str
    values: Mapping[str, Any]
    submitted: Mapping[str, Submission]
    entered: CrmRecord | None

    @property
    def refused(self) -> set[str]:
        """Fields that the portal did not take, even by themselves."""
        return {field for field, deal in self.submitted.items() if not deal.taken}

    @property
    def names(self) -> list[str]:
        """Of the records made on either side."""
        made = dict.fromkeys(deal.name for deal in self.submitted.values())
        return [*made, *([self.entered.name] if self.entered else [])]

    def compare(
        self, crm: Crm, prm: Portal, evidence: Evidence, label: str = "", *, in_matrix: bool = True
    ) -> None:
        """Hold both arrivals against what was sent, field by field, by the field's own type.

        ``in_matrix`` puts them into the field-type matrix.
        """
        describe = crm.describe(self.kind)
        up, down = f"{label} {UP}".strip(), f"{label} {DOWN}".strip()
        rows = {deal.name: in_crm(crm, deal) for deal in self.submitted.values() if deal.taken}
        for name, deal in self.submitted.items():
            if not deal.taken:
                said = "; ".join(deal.outcome.messages)
                evidence.expect(
                    f"{up} {name}", self.values[name], f"refused: {said}", ok=False, note="refused"
                )
                if in_matrix:
                    evidence.cell(str(describe.get(name, {}).get("type", "unknown")), name, UP, "refused")
                continue
            found = rows[deal.name]
            evidence.compare(found[0] if found else None, self.values, describe, fields=[name], label=up)
            if in_matrix:
                _note_cells(evidence, describe, [name], UP)
            if found:
                evidence.exercised(UP)
        if self.entered is not None:
            evidence.compare(prm.read(self.entered), self.values, describe, label=down)
            if in_matrix:
                _note_cells(evidence, describe, list(self.values), DOWN)
            evidence.exercised(DOWN)


def _note_cells(
    evidence: Evidence, describe: Mapping[str, Mapping[str, Any]], fields: Sequence[str], direction: str
) -> None:
    """Put the comparisons just made into the field-type matrix."""
    for name, diff in zip(fields, evidence.diffs[-len(fields) :], strict=True):
        missing = "missing" in diff.note
        outcome: Any = "exact" if diff.ok else "not carried" if missing else "lossy"
        evidence.cell(str(describe.get(name, {}).get("type", "unknown")), name, direction, outcome)


def both_ways(
    crm: Crm,
    prm: Portal,
    data: Data,
    label: str,
    values: Mapping[str, Any],
    *,
    way: Way = "both",
    start: str = "",
    place: Place | None = None,
) -> BothWays:
    """A partner submits a record with the values; a salesperson enters another one with the same values.

    Args:
        crm: one side.
        prm: the other.
        data: where the rest of the record comes from.
        label: what the record is for.
        values: what is carried.
        way: only one of the two.
        start: what the records' names begin with, before the part that is unique.
        place: what kind of records; deals where it is left out.
    """
    place = place or deals(prm, data)
    submitted = _submitted(prm, data, label, values, start, place) if way != DOWN else {}
    entered = None if way == UP else _entered(crm, data, label, values, start, place)
    return BothWays(place.kind, values, submitted, entered)


def as_the_crm_has_it(
    crm: Crm,
    prm: Portal,
    data: Data,
    label: str,
    values: Mapping[str, Any],
    *,
    way: Way = "both",
    start: str = "",
    place: Place | None = None,
) -> BothWays:
    """As :func:`both_ways`, for values that nobody chose: what the CRM makes of them is what both sides have to show.

    Raises:
        CrmRefusal: the CRM's own people cannot enter them; nothing was submitted.
    """
    place = place or deals(prm, data)
    entered = _entered(crm, data, label, values, start, place)
    row = crm.get(entered) or {}
    due = {name: row.get(name) for name in values}
    submitted = _submitted(prm, data, label, values, start, place) if way != DOWN else {}
    return BothWays(place.kind, due, submitted, None if way == UP else entered)


def _submitted(
    prm: Portal, data: Data, label: str, values: Mapping[str, Any], start: str, place: Place
) -> dict[str, Submission]:
    def submit(some: Mapping[str, Any]) -> Submission:
        return prm.submit(
            _fresh(data, label, start, place) | dict(some), kind=place.kind, as_partner=data.partner
        )

    together = submit(values)
    submitted = dict.fromkeys(values, together)
    if not together.taken:
        for name, value in values.items():
            submitted[name] = submit({name: value})
    return submitted


def _entered(
    crm: Crm, data: Data, label: str, values: Mapping[str, Any], start: str, place: Place
) -> CrmRecord:
    return crm.create(place.kind, _fresh(data, label, start, place) | dict(place.entered) | dict(values))


def _fresh(data: Data, label: str, start: str, place: Place) -> dict[str, Any]:
    return place.fresh(label) | ({"Name": f"{start}{data.name('')}"} if start else {})


def judge_cells(evidence: Evidence) -> None:
    """Count the compared cells; those that are plainly missing or refused leave a share, an altered value leaves none.

    A field that the portal does not have is a gap that everybody sees. A value that arrives changed is not.
    """
    right = [diff for diff in evidence.diffs if diff.ok]
    altered = altered_cells(evidence)
    if not altered:
        evidence.partial(len(right), len(evidence.diffs))
    wrong = [diff.field.rsplit(" ", 1)[-1] for diff in evidence.diffs if not diff.ok]
    evidence.fact(
        cells=len(evidence.diffs),
        right=len(right),
        wrong=len(wrong),
        altered=len(altered),
        which=_listed(dict.fromkeys(wrong)),
    )


def altered_cells(evidence: Evidence) -> list[str]:
    """The compared cells that hold another value than was sent, or whose whole record is not there."""
    return [diff.field for diff in evidence.diffs if not diff.ok and diff.note not in {"missing", "refused"}]


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def as_field(crm: Crm, kind: str, name: str) -> FieldInfo:
    """A field of the CRM as the portal's admin asks for it."""
    field = crm.describe(kind)[name]
    return FieldInfo(name=name, type=str(field["type"]), values=tuple(map(str, field.get("values") or ())))


def api_label(name: str) -> str:
    """What people read for an object with this API name."""
    return name.removesuffix("__c").replace("_", " ")
