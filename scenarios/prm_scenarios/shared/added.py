"""Fields that are added while everything runs: one of the check's own and drawn ones; of what fails, the smallest is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from prm_harness import Crm, Data, DrawnField, Evidence, Portal, StepLog, simpler_fields, worded

from .carried import UP, Way, as_field
from .trials import short

GIVEN: Final = "fields"
"""What a case calls them."""
SMALLER_FIELDS: Final = 2
"""How often smaller ones are looked for; each time takes two sync cycles."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field to be added, and what it is filled with; ``drawn`` ones are nobody's choice."""

    field: DrawnField
    values: Sequence[Any]
    drawn: bool = False
    way: Way = "both"

    @property
    def name(self) -> str:
        """The field's API name."""
        return self.field.name

    def value(self, number: int = 0) -> Any:
        """What the record of that number holds."""
        return self.values[number % len(self.values)]


def wanted(
    prm: Portal, data: Data, purpose: str, own: Wanted, *, values: int = 1, types: Sequence[str] = ()
) -> list[Wanted]:
    """The check's own field and the drawn ones, or what the case holds.

    Args:
        prm: whoever operates it by hand is asked for the check's own field only.
        data: the check's.
        purpose: what the fields are for.
        own: the check's own field.
        values: how many values are drawn for each of the others.
        types: only fields of these types.
    """
    count = 0 if prm.info.operated_by == "person" else data.sizes["generated_fields"]

    def drawn() -> list[Wanted]:
        fields = data.fields(purpose, count, types=types)
        rows = data.records(
            purpose, {one.name: one.entry for one in fields}, [f.name for f in fields], values
        )
        return [own, *(Wanted(one, [row[one.name] for row in rows], drawn=True) for one in fields)]

    return data.given(GIVEN, drawn, write=written, read=_read)


def written(fields: Iterable[Wanted]) -> list[dict[str, Any]]:
    """As a case keeps them."""
    return [asdict(one) for one in fields]


def _read(kept: Iterable[Mapping[str, Any]]) -> list[Wanted]:
    return [Wanted(**{**one, "field": DrawnField(**one["field"])}) for one in kept]


class AddedFields:
    """Fields of an object that are there as long as the check needs them.

    Args:
        crm: where the admin adds them.
        prm: where they are added then.
        kind: the object.
    """

    def __init__(self, crm: Crm, prm: Portal, kind: str) -> None:
        self._crm, self._prm, self._kind = crm, prm, kind
        self._there: list[str] = []

    def __enter__(self) -> Self:
        """Nothing is added yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete them."""
        for name in self._there:
            self._crm.schema.drop_field(self._kind, name)

    def in_crm(self, fields: Iterable[DrawnField]) -> None:
        """The CRM's admin adds them."""
        for one in fields:
            self._crm.schema.add_field(self._kind, one.name, one.type, **one.properties)
            self._there.append(one.name)

    def in_portal(self, fields: Iterable[DrawnField]) -> dict[str, StepLog]:
        """The portal's admin adds them: name → what it took."""
        return {
            one.name: self._prm.add_field(self._kind, as_field(self._crm, self._kind, one.name))
            for one in fields
        }


def not_offered(fields: Iterable[Wanted], logs: Mapping[str, StepLog], evidence: Evidence) -> set[str]:
    """Names of drawn fields of types for which the portal says that it has none: which types it has is T1's question.

    Keeps what was drawn with the evidence.
    """
    refused = {one.name for one in fields if one.drawn and not logs[one.name].done}
    for one in fields:
        told = f"; the portal does not offer it: {logs[one.name].message}" if one.name in refused else ""
        evidence.saw(f"{one.name}: {one.field.words}{told}")
    kept = [{**asdict(one.field), "drawn": one.drawn, "offered": one.name not in refused} for one in fields]
    count = len(kept) - len(refused)
    these = "one field of plain text" if count == 1 else f"{count} fields of different types"
    evidence.fact(schema=kept, fields=count, these=these, left_out=len(refused))
    return refused


def judge_work(
    logs: Collection[StepLog], limit: float, evidence: Evidence, more: StepLog | None = None
) -> dict[str, Any]:
    """Compare what a field costs with what it may: no step of the vendor's, hands-on minutes within the limit.

    Args:
        logs: one for each field; the one that takes longest counts.
        limit: minutes, the profile's.
        evidence: the check's.
        more: what every field needs besides.

    Returns:
        Facts for the finding: ``minutes``, and ``work`` and ``vendor`` in words.
    """
    minutes, hours, vendor = _worst(logs, more)
    evidence.expect("steps only the vendor can do", "none", ", ".join(vendor) or "none")
    evidence.metric("adding a field, hands on", minutes, "min", limit=limit)
    return {"minutes": minutes, "work": _by_hand(minutes), "vendor": _vendor_steps(vendor, hours)}


def _worst(logs: Collection[StepLog], more: StepLog | None = None) -> tuple[float, float, list[str]]:
    """Of the field that takes longest: hands-on minutes, hours of waiting for the vendor, steps that only the vendor can do."""
    found = [(*log.steps, *(more.steps if more else ())) for log in logs]
    minutes = max(
        sum(step.hands_on_minutes for step in steps if step.actor != "automatic") for steps in found
    )
    vendor = max(([step for step in steps if step.actor == "vendor"] for steps in found), key=len)
    return minutes, sum(step.waiting_minutes for step in vendor) / 60, [step.title for step in vendor]


def _by_hand(minutes: float) -> str:
    """Somebody's work, in words."""
    if not minutes:
        return "no work by hand"
    return "at most one minute of work" if minutes == 1 else f"at most {minutes:g} minutes of work"


def _vendor_steps(steps: Sequence[str], hours: float) -> str:
    """What only the vendor can do, in words."""
    if not steps:
        return "no step of the vendor's"
    count = "one step" if len(steps) == 1 else f"{len(steps)} steps"
    return f"{count} that only the vendor can do, with {hours:g} hours of waiting"


def smaller_ones(one: Wanted, data: Data, turn: int) -> list[Wanted]:
    """Simpler fields with a simpler value each, to be tried side by side."""
    pairs = simpler_fields(one.field, one.value())
    return [
        Wanted(replace(field, name=data.api_name(f"smaller {turn} {number}")), [value], True, one.way)
        for number, (field, value) in enumerate(pairs)
    ]


def told(one: Wanted, seen: str) -> str:
    """The smallest field that fails, in a sentence that follows another."""
    held = worded({"": one.value()})[3:]
    where = "submitted in the portal" if one.way == UP else "entered in the CRM"
    gone = seen in {"(empty)", "no such record", "no such field"}
    how = "does not arrive" if gone else f"arrives as {short(seen)}"
    return f". The smallest field that fails: {one.field.words}, with {held} {where}, {how}"
