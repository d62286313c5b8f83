"""What a check saw, kept as it happens: lines for both sides, compared values, figures, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from prm_harness.adapter.records import Record
from prm_harness.audit.canonical import same, shown
from prm_harness.record.model import Diff, EvidenceStep, Metric
from prm_harness.record.model import Evidence as EvidenceRecord

if TYPE_CHECKING:
    from prm_harness.audit.reconcile import Reconciled

_MAX_STEPS: Final = 200
_MAX_DIFFS: Final = 500
_MAX_EXAMPLES: Final = 40


class Evidence:
    """Handed to each check as ``evidence``. Nothing here judges; audit/judge.py does."""

    def __init__(self, effects: Iterable[str], now: Callable[[], datetime]) -> None:
        self.effects = dict.fromkeys(effects, False)
        self.facts: dict[str, Any] = {}
        self.share: tuple[int, int] | None = None
        self.exchanges: list[int] = []
        self.grade: Literal["A", "B", "C", "D", "E"] = "B"
        self.diffs: list[Diff] = []
        self.metrics: list[Metric] = []
        self._now = now
        self._steps: list[EvidenceStep] = []

    # -- what happened --------------------------------------------------------------------------------------------

    def did(self, text: str) -> None:
        """A line under "done on the CRM"."""
        self._step("crm", text)

    def saw(self, text: str) -> None:
        """A line under "came back from the PRM"."""
        self._step("prm", text)

    def exercised(self, *effects: str) -> None:
        """The declared effects have been seen to happen.

        Raises:
            KeyError: an effect that the check did not declare.
        """
        for effect in effects:
            if effect not in self.effects:
                raise KeyError(f"effect {effect!r} is not declared by this check: {sorted(self.effects)}")
            self.effects[effect] = True

    # -- what was compared ----------------------------------------------------------------------------------------

    def expect(self, what: str, expected: Any, observed: Any, ok: bool | None = None, note: str = "") -> bool:
        """Compare one thing; ``ok`` decides where plain equality is not the question."""
        right = expected == observed if ok is None else ok
        self.diffs.append(
            Diff(
                field=what,
                expected=shown(expected),
                observed=shown(observed),
                ok=right,
                note="" if right else note,
            )
        )
        return right

    def compare(
        self,
        observed: Record | Mapping[str, Any] | None,
        expected: Mapping[str, Any],
        describe: Mapping[str, Mapping[str, Any]],
        *,
        fields: Iterable[str] | None = None,
        label: str = "",
    ) -> bool:
        """Compare a record field by field, by each field's own type; a record that is not there fails every field."""
        values = observed.fields if isinstance(observed, Record) else observed
        right = True
        for name in fields if fields is not None else expected:
            what = f"{label} {name}".strip()
            want = expected.get(name)
            if values is None:
                ok = self.expect(what, want, "no such record", ok=False, note="record missing")
            elif name not in values:
                ok = self.expect(what, want, "no such field", ok=want is None, note="missing")
            else:
                ok, note = same(want, values[name], describe.get(name, {}))
                self.expect(what, want, values[name], ok=ok, note=note)
            right = right and ok
        return right

    def reconcile(
        self,
        what: str,
        describe: Mapping[str, Mapping[str, Any]],
        crm: Iterable[tuple[str, Mapping[str, Any]]],
        prm: Iterable[tuple[str, Mapping[str, Any]]],
    ) -> Reconciled:
        """Compare two sides of an object, (CRM id, values) each, at any size; differences become compared rows.

        Args:
            what: begins each line.
            describe: the fields that are compared.
            crm: every record of the CRM's side, in any order.
            prm: every record of the portal's side, in any order.
        """
        from prm_harness.audit.reconcile import CRM, PRM, Reconciliation

        with Reconciliation(describe) as both:
            both.add(CRM, crm)
            both.add(PRM, prm)
            found = both.result()
        self.saw(f"{what} {found.crm_rows} records in the CRM, {found.prm_rows} in the portal")
        self.expect(f"{what} records missing in the portal", 0, found.missing)
        self.expect(f"{what} records too many in the portal", 0, found.extra + found.doubled)
        self.expect(f"{what} records that differ", 0, found.differing)
        for one in found.examples[:_MAX_EXAMPLES]:
            self.expect(f"{what} {one.key} {one.field}", one.crm, one.prm, ok=False, note=one.note)
        return found

    # -- what was measured ----------------------------------------------------------------------------------------

    def metric(
        self, name: str, value: float, unit: str, limit: float | None = None, *, at_least: bool = False
    ) -> bool:
        """Keep a figure; with a limit it is also a comparison (at most, or at least)."""
        ok = None if limit is None else (value >= limit if at_least else value <= limit)
        self.metrics.append(Metric(name=name, value=round(value, 3), unit=unit, limit=limit, ok=ok))
        if ok is not None:
            bound = f"{'≥' if at_least else '≤'} {limit:g} {unit}"
            self.expect(name, bound, f"{round(value, 2):g} {unit}", ok=ok, note="outside the limit")
        return ok is not False

    def fact(self, **facts: Any) -> None:
        """Figures for the finding's sentence and the facts box."""
        self.facts.update(facts)

    def cell(
        self,
        kind: str,
        field: str,
        direction: str,
        outcome: Literal["exact", "lossy", "refused", "not carried"],
    ) -> None:
        """One cell of the field-type matrix that reports print: a field of a type, carried in one direction."""
        told = {"type": kind, "field": field, "direction": direction, "outcome": outcome}
        self.facts.setdefault("field_matrix", []).append(told)

    def partial(self, right: int, of: int) -> None:
        """The share that was right, where part of it is worth something (never for data that must not be lost)."""
        self.share = (right, of)

    @property
    def all_right(self) -> bool:
        """Whether every effect was seen and nothing compared was wrong."""
        return all(self.effects.values()) and all(diff.ok for diff in self.diffs)

    # -- for the campaign -----------------------------------------------------------------------------------------

    def record(self) -> EvidenceRecord:
        """As written to the run file: the wrong rows first when there are too many."""
        return EvidenceRecord(
            grade=self.grade,
            steps=tuple(self._steps),
            diffs=self._bounded(),
            metrics=tuple(self.metrics),
            effects=self.effects,
            exchanges=tuple(sorted(set(self.exchanges))),
            facts=self.facts,
        )

    def _bounded(self) -> tuple[Diff, ...]:
        if len(self.diffs) <= _MAX_DIFFS:
            return tuple(self.diffs)
        wrong = [d for d in self.diffs if not d.ok]
        kept = wrong[: _MAX_DIFFS - 1]
        right = len(self.diffs) - len(wrong)
        cut = len(wrong) - len(kept)
        more = Diff(field="… and", expected="", observed=f"{right} more right, {cut} more wrong", ok=cut == 0)
        return (*kept, more)

    def _step(self, side: Literal["crm", "prm"], text: str) -> None:
        if len(self._steps) < _MAX_STEPS:
            self._steps.append(EvidenceStep(at=self._now(), side=side, text=text[:400]))
