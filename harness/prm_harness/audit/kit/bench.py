"""Where the kit works: the guarded adapter, a throw-away sandbox, a clock, and a list of findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from prm_harness.adapter import AdapterFault, AdapterInfo, CrmConnection, NotReached, NotSupported, Ref
from prm_harness.adapter.faults import AdapterHung
from prm_harness.audit.line import Line
from prm_harness.audit.timekeeper import Timekeeper
from prm_harness.crm.sandbox import Sandbox

from .report import Kind, Report

BUDGET: Final = 55.0
"""Seconds for everything."""

PATIENCE: Final = 12.0
"""Seconds for one call; an audit is more patient, but whoever needs this long makes an audit last for days."""

NOBODY: Final = Ref(by="prm_id", value="prm-harness-no-such-record")


class OutOfTimeError(Exception):
    """The kit's time is used up."""


@dataclass(slots=True)
class Bench:
    """What an examination gets.

    ``made`` are the records that were submitted, by the portal's id; ``partner`` is a partner Account in the CRM;
    ``seeded`` are deals that the CRM had before.
    """

    line: Line
    crm: Sandbox
    connection: CrmConnection
    time: Timekeeper
    report: Report
    end: float
    partner: str = ""
    seeded: dict[str, str] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def info(self) -> AdapterInfo:
        """What the adapter says of itself."""
        return self.line.info

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """One guarded call.

        Raises:
            AdapterFault, NotSupported: as the session does.
            OutOfTimeError: the kit's time is used up.
        """
        if time.monotonic() > self.end:
            raise OutOfTimeError
        return self.line.call(operation, *args, **kwargs)

    def tried(self, operation: str, /, *args: Any, core: bool = False, **kwargs: Any) -> Any:
        """One call whose failure is a finding; None then.

        Args:
            operation: of the contract.
            args: its arguments.
            core: whether every adapter must have it.
            kwargs: its arguments.
        """
        try:
            return self.call(operation, *args, **kwargs)
        except AdapterHung as hung:
            self.report.add(
                Kind.SLOW,
                operation,
                hung.what,
                f"answer within {PATIENCE:g} seconds; long work goes on in the background",
            )
        except AdapterFault as fault:
            self.report.add(Kind.WRONG, operation, fault.what, _cure(fault))
        except NotReached as refusal:
            self.report.add(
                Kind.MISSING if core else Kind.NOTE,
                operation,
                str(refusal),
                "reach it, and this part of the product is judged",
            )
        except NotSupported as refusal:
            todo = (
                "every adapter needs it: return what the product says, even if that is a refusal"
                if core
                else "implement it, or declare its capability `unsupported` or `partial` with a note"
            )
            self.report.add(Kind.MISSING, operation, str(refusal), todo)
        return None

    def pass_time(self, cycles: float) -> bool:
        """Let the product's scheduler work, where it can be driven; whether it could."""
        if not self.time.virtual:
            return False
        try:
            self.time.wait(cycles * self.info.cycle_seconds)
        except AdapterFault as fault:
            self.report.add(Kind.WRONG, "elapse", fault.what, _cure(fault))
            return False
        return True

    def calls_seen(self, act: Callable[[], object]) -> int:
        """How many requests reached the CRM while something was done."""
        mark = self.crm.log.mark()[0]
        act()
        return len(self.crm.log.exchanges(since=mark))


@contextmanager
def examining(report: Report, what: str) -> Iterator[None]:
    """Say so, instead of stopping, when there is no time left for something or it cannot be looked at any more."""
    try:
        yield
    except OutOfTimeError:
        report.not_looked_at.append(f"{what}: the kit's {BUDGET:g} seconds were used up")
    except (AdapterFault, NotSupported) as error:
        report.not_looked_at.append(f"{what}: {error}")


def _cure(fault: AdapterFault) -> str:
    what = fault.what
    if "came twice" in what or "repeats" in what or "no end" in what:
        return "follow the product's paging to its end, and hand every record out once"
    if "wrong type" in what:
        return "return the record of the contract; see docs/reference/adapter-contract.md"
    if "raised" in what:
        return "catch what the product may answer: a refusal is an Outcome, what it lacks is NotSupported"
    if "asked for" in what:
        return "list only records of the kind that was asked for"
    return "mend it; PRM_HARNESS_DEBUG=1 shows more"
