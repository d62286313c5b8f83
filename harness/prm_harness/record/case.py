"""The case behind a failure: what was done, with which records, in which order, under which trouble. No adapter in it.

A seed alone does not repeat a failure: a list of company names that grew, or another release of a generator, draws other
records from it. So a case holds what was drawn as well as what was done, and a replay is handed both
(research: Schemathesis replaced "same seed" by stored crash files for this reason).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

from pydantic import Field

from .model import Model

Side = Literal["crm", "prm", "time"]
ALIAS: Final = "@"
"""What a record is called in a case: ``@partner``, ``@other_partner``, ``@customer``, and ``@1``, ``@2`` … as they came up."""


class Draw(Model):
    """One thing that chance decided."""

    how: str = Field(description="choice, sample, randrange, … as Python's random calls it")
    value: Any


class Operation(Model):
    """One thing that was done, and what came of it. Records are named by alias, never by an id of some org or portal."""

    at: datetime = Field(description="by the CRM's clock")
    side: Side = Field(
        description="crm: somebody in the CRM or its admin; prm: in the portal; time: a barrier"
    )
    do: str = Field(description="create, update, faults.inject, submit, list_errors, wait, …")
    kind: str = Field(default="", description="sObject")
    what: str = Field(default="", description="alias or name of the record that it was done to")
    values: dict[str, Any] = Field(default_factory=dict)
    rows: tuple[dict[str, Any], ...] = Field(default=(), description="what was created, the first of many")
    more: int = Field(default=0, ge=0, description="rows that were created besides those")
    made: tuple[str, ...] = Field(default=(), description="aliases of what was created")
    answer: str = Field(default="", description="what came of it, in short; empty where it broke")

    @property
    def words(self) -> str:
        """The operation in a line."""
        thing = " ".join(word for word in (self.kind, self.what) if word)
        if self.rows:
            name = self.rows[0].get("Name") or self.rows[0].get("LastName") or ""
            thing = f"{self.kind} {', '.join(self.made[:2])} {name!r}".replace("  ", " ")
            thing += f" and {len(self.rows) + self.more - 1} more" if len(self.rows) + self.more > 1 else ""
        values = ", ".join(
            ", ".join(f"{key} {_short(item)}" for key, item in value.items())
            if isinstance(value, dict)
            else f"{name} = {_short(value)}"
            for name, value in self.values.items()
        )
        return " ".join(word for word in (self.do, thing, f"({values})" if values else "") if word)


class Case(Model):
    """One failing check, ready to be run again by anybody against any adapter."""

    format: Literal["prm-harness-case/1"] = "prm-harness-case/1"
    check: str
    revision: int = 1
    attempt: int = 1
    seed: int = Field(description="of the org and of everything drawn")
    started_at: datetime = Field(description="the CRM's clock when the run began")
    today: date = Field(description="the day that drawn dates count from")
    draws: tuple[Draw, ...] = ()
    given: dict[str, Any] = Field(
        default_factory=dict,
        description="generated inputs by name; a reduced one is the smallest that still failed",
    )
    reduced: str = Field(default="", description="what was left out on the way to this case; empty: nothing")
    operations: tuple[Operation, ...] = ()
    more: int = Field(default=0, ge=0, description="operations beyond those kept")

    def steps(self) -> Iterator[tuple[int, Operation]]:
        """The operations, counted from 1."""
        return enumerate(self.operations, start=1)


def parted(stored: Case, played: Case) -> str:
    """Where a replay left its case although every answer had been the same: then the check has changed, not the product.

    Returns:
        One sentence, or nothing. A different answer of the product ends the comparison: from there on a check may do other
        things. A reduced case has no operations of its own to compare.
    """
    if stored.reduced:
        return ""
    for number, (was, now) in enumerate(zip(stored.operations, played.operations, strict=False), start=1):
        if _act(was) != _act(now):
            return f"operation {number} was {was.words!r} and is {now.words!r}"
        if was.answer != now.answer:
            return ""
    return ""


def _act(operation: Operation) -> Mapping[str, Any]:
    return operation.model_dump(exclude={"at", "answer"})


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:50]}… ({len(text)} characters)"
