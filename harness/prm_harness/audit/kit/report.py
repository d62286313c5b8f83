"""What the kit found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from prm_harness.adapter.session import OperationStats


class Kind(StrEnum):
    """What sort of finding it is, worst first."""

    DISHONEST = "dishonest"
    WRONG = "wrong"
    MISSING = "missing"
    SLOW = "slow"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where, what was seen, what to do. A note is advice and fails nothing."""

    kind: Kind
    operation: str
    what: str
    todo: str


@dataclass(slots=True)
class Report:
    """Everything that was found, how every operation was used, and what there was no time or no way to look at."""

    product: str
    findings: list[Finding] = field(default_factory=list)
    stats: dict[str, OperationStats] = field(default_factory=dict)
    not_looked_at: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, kind: Kind, operation: str, what: str, todo: str) -> None:
        """Note a finding; the same one twice counts once."""
        finding = Finding(kind, operation, what, todo)
        if finding not in self.findings:
            self.findings.append(finding)

    @property
    def faults(self) -> list[Finding]:
        """What has to be mended: everything but notes."""
        return [finding for finding in self.findings if finding.kind is not Kind.NOTE]

    def of(self, operation: str) -> list[Finding]:
        """The findings of one operation, worst first."""
        order = list(Kind)
        return sorted(
            (f for f in self.findings if f.operation == operation), key=lambda f: order.index(f.kind)
        )

    def lines(self) -> Iterable[str]:
        """As a person reads it: operation by operation, in the order they were first used."""
        yield f"{self.product}: {len(self.stats)} operations looked at in {self.seconds:.1f} s"
        names = [*self.stats, *sorted({f.operation for f in self.findings} - set(self.stats))]
        width = max((len(name) for name in names), default=0)
        for name in names:
            stats, found = self.stats.get(name), self.of(name)
            word = (
                found[0].kind.value
                if found
                else "refused"
                if stats and stats.refused == stats.calls
                else "fine"
            )
            used = (
                f"{stats.calls} call{'s' if stats.calls != 1 else ''}, slowest {stats.slowest:.3f} s"
                if stats
                else ""
            )
            yield f"  {name:<{width}}  {word:<9}  {used}".rstrip()
            for finding in found:
                yield f"      {finding.kind.value}: {finding.what}"
                yield f"      → {finding.todo}"
        for what in self.not_looked_at:
            yield f"  not looked at: {what}"
