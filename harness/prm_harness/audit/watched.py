"""The line to the adapter, with a note of which CRM calls fell into which operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from prm_harness.adapter.codec import READING, bind
from prm_harness.crm import backend

from .handed.portal import Caller

LOOKING: Final = frozenset({"read", "list", "read_as", "list_as"})
"""Operations by which somebody looks at the portal."""


@dataclass(frozen=True, slots=True)
class Span:
    """The CRM calls that were made while one operation was under way: numbers after ``first``, up to ``last``."""

    operation: str
    first: int
    last: int


class Watched:
    """A caller that keeps account. In driven time a call that is in no span was made on the PRM's own accord.

    Args:
        session: the adapter.
        crm: whose request log is watched.
    """

    def __init__(self, session: Caller, crm: backend.Crm) -> None:
        self._session = session
        self._crm = crm
        self.info = session.info
        self.asked: Counter[str] = Counter()
        self.spans: list[Span] = []
        self.by_hand: set[tuple[str, str]] = set()
        """Object and field of what somebody added in the portal."""

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """See Caller."""
        first = self._crm.log.mark()[0]
        self.asked[operation] += 1
        if operation == "add_field":
            added = bind(operation, args, kwargs)
            self.by_hand.add((added["kind"], added["field"].name))
        try:
            return self._session.call(operation, *args, **kwargs)
        finally:
            last = self._crm.log.mark()[0]
            if last > first:
                self.spans.append(Span(operation, first, last))

    def looks(self) -> tuple[int, int]:
        """How often somebody looked at the portal, and how many of these looks made it call the CRM."""
        asked = sum(self.asked[operation] for operation in LOOKING)
        return asked, sum(1 for span in self.spans if span.operation in LOOKING)

    def own_accord(self, exchanges: Iterator[backend.Exchange]) -> Iterator[backend.Exchange]:
        """Those that no operation asked for. Looking at an admin's screen asks for nothing."""
        asked = iter(span for span in self.spans if span.operation not in READING - LOOKING)
        span = next(asked, None)
        for exchange in exchanges:
            while span is not None and exchange.number > span.last:
                span = next(asked, None)
            if span is None or exchange.number <= span.first:
                yield exchange
