"""A deal whose history is played: what was done to it on each side, and how far the sides agree afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prm_harness import Crm, CrmRecord, Data, Evidence, Portal, Record, Submission

from .histories import RATING, History, Side, Step

_RATED = "B"


@dataclass(slots=True)
class Life:
    """One deal on its way.

    ``values`` are those that it was made with, ``opening`` is how every text begins that is written into it. ``written``
    is what was written later, by field, in order: only what was really done counts, a step that a portal refused or a
    record that had not arrived leave no trace.
    """

    history: History
    values: dict[str, Any]
    accounts: Sequence[str]
    opening: str
    record: CrmRecord | None = None
    submission: Submission | None = None
    written: dict[str, list[tuple[Side, Any]]] = field(default_factory=dict)
    deleted: set[Side] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Its Name, which occurs nowhere else."""
        return str(self.values["Name"])

    @property
    def lived(self) -> bool:
        """Whether it ever came to be: a portal may refuse a deal, and then there is nothing to agree on."""
        return self.record is not None or (self.submission is not None and self.submission.taken)

    def play(self, number: int, crm: Crm, prm: Portal, partner: str) -> None:
        """Everything that happens to it in one round."""
        if number == self.history.first:
            self._begin(crm, prm, partner)
        for step in self.history.in_round(number):
            if not self.lived or self.deleted:
                return
            done = self._in_crm(step, crm, prm) if step.side == "CRM" else self._in_portal(step, prm)
            if done and step.action == "delete":
                self.deleted.add(step.side)
            elif done:
                self.written.setdefault(step.field, []).append((step.side, self._value(step)))

    def _begin(self, crm: Crm, prm: Portal, partner: str) -> None:
        if self.history.born == "CRM":
            self.record = crm.create(
                prm.deal, self.values | {prm.info.partner_field: partner, RATING: _RATED}
            )
        else:
            self.submission = prm.submit(self.values, as_partner=partner)

    def _in_crm(self, step: Step, crm: Crm, prm: Portal) -> bool:
        record = self.record or self._arrived(crm, prm.deal)
        if record is None or crm.get(record) is None:
            return False
        if step.action == "delete":
            crm.delete(record)
        else:
            crm.update(record, {step.field: self._value(step)})
        return True

    def _in_portal(self, step: Step, prm: Portal) -> bool:
        what = self.record or self.submission
        assert what is not None
        change = {step.field: self._value(step)}
        outcome = prm.delete(what) if step.action == "delete" else prm.update(what, change)
        return outcome.state != "rejected"

    def _arrived(self, crm: Crm, kind: str) -> CrmRecord | None:
        rows = rows_of(crm, kind, self.name)
        return CrmRecord(kind, rows[0]["Id"], self.values) if rows else None

    def _value(self, step: Step) -> Any:
        return self.accounts[step.value] if step.action == "move" else self._written(step)

    def _written(self, step: Step) -> Any:
        return f"{self.opening} {step.value}" if step.is_text else step.value

    # -- afterwards -----------------------------------------------------------------------------------------------

    def agrees(self, crm: Crm, kind: str, shown: Sequence[Record], evidence: Evidence) -> bool:
        """Hold both sides against each other and against what was done; differences go into ``evidence``.

        Args:
            crm: where to look.
            kind: the sObject that a deal is.
            shown: everything that the portal lists of that kind.
            evidence: takes what is wrong.
        """
        rows = [row for found in rows_of(crm, kind, self.name) if (row := crm.get(found["Id"], kind))]
        ids = {row["Id"][:15] for row in rows}
        there = [r for r in shown if r.fields.get("Name") == self.name or (r.crm_id or "-")[:15] in ids]
        right = evidence.expect(f"{self.name}: records in the CRM", *self._due(rows, there))
        right &= evidence.expect(f"{self.name}: records in the portal", len(rows[:1]), len(there))
        if not rows or not there:
            return right
        describe = crm.describe(kind)
        row, seen = rows[0], there[0]
        scope = [name for name in seen.fields if name in row and describe.get(name, {}).get("updateable")]
        right &= evidence.compare(
            seen, row, describe, fields=scope, label=f"{self.name}, portal against CRM:"
        )
        return evidence.compare(row, self._owed(row), describe, label=f"{self.name}, last edit:") and right

    def _due(self, rows: Sequence[Any], there: Sequence[Any]) -> tuple[int, int]:
        """How many CRM records there must be and are. What only the portal deleted may live on, on both sides."""
        if "CRM" in self.deleted:
            return 0, len(rows)
        if self.deleted:
            return min(len(rows), len(there), 1), len(rows)
        return 1, len(rows)

    def _owed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What it was made with and the last edits; of two sides that wrote the same field either may have won."""
        owed: dict[str, Any] = {**self.values, RATING: _RATED if self.history.born == "CRM" else None}
        for name, edits in self.written.items():
            owed[name] = edits[-1][1]
            contested = len({side for side, _ in edits}) > 1
            if contested and row.get(name) in {value for _, value in edits}:
                owed[name] = row.get(name)
        return owed


def rows_of(crm: Crm, kind: str, name: str) -> list[dict[str, Any]]:
    """Ids of the CRM's live records of that name."""
    return crm.query(f"SELECT Id FROM {kind} WHERE Name = '{name}'")


def begun(histories: Sequence[History], data: Data, accounts: Sequence[str], label: str) -> list[Life]:
    """A deal for each history, not yet made."""
    opening = data.text(label, length=30)
    return [Life(history, data.deal(label, NextStep=opening), accounts, opening) for history in histories]
