"""Whether what a check asked of the CRM was done: seen in the CRM's own account, not believed.

An arrangement that did not come about must end a check *inconclusive*. Without this, a record that was never written would
be held against the product that does not show it, and a rule that was never made would let a check pass that saw nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prm_harness.audit.faults import Inconclusive
from prm_harness.crm import backend
from prm_harness.crm.backend import Power


class Witness:
    """Looks before and after.

    Args:
        crm: the backend. Where it has no request log, what it answers has to be believed.
    """

    def __init__(self, crm: backend.Crm) -> None:
        self._crm = crm
        self._sees = Power.REQUEST_LOG in crm.facts.powers

    @contextmanager
    def rows(self, what: str, count: int = 1) -> Iterator[None]:
        """At least so many rows are changed inside.

        Raises:
            Inconclusive: they were not.
        """
        before = self._rows()
        yield
        if self._sees and self._rows() - before < count:
            raise _not_done(what)

    @contextmanager
    def schema(self, what: str) -> Iterator[None]:
        """The schema is changed inside.

        Raises:
            Inconclusive: it was not.
        """
        before = self._crm.schema.changes
        yield
        if self._crm.schema.changes == before:
            raise _not_done(what)

    def holds(self, what: str, there: object, wanted: object) -> None:
        """What was set is there.

        Raises:
            Inconclusive: it is not.
        """
        if there != wanted:
            raise _not_done(what)

    def _rows(self) -> int:
        return self._crm.log.mark()[1] if self._sees else 0


def _not_done(what: str) -> Inconclusive:
    return Inconclusive(f"the arrangement did not come about: the CRM knows nothing of it ({what})")
