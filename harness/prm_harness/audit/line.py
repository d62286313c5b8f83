"""The line to the adapter: once it has hung or its process is gone, nobody waits for it again."""

from __future__ import annotations

from typing import Any

from prm_harness.adapter import AdapterInfo
from prm_harness.adapter.faults import AdapterFault, AdapterHung
from prm_harness.adapter.session import Session


class Line:
    """Calls the adapter until it hangs; from then on answers at once with the same fault.

    A PRM that hangs would otherwise cost every later check the full time limit.
    """

    def __init__(self, session: Session) -> None:
        self.info: AdapterInfo = session.info
        self.session = session
        self._dead: AdapterHung | None = None

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call an operation of the contract.

        Raises:
            AdapterFault: it broke its contract, hung, or hung before.
            NotSupported: it refuses the operation.
        """
        if self._dead is not None:
            raise AdapterFault(operation, f"not asked any more: {self._dead}")
        try:
            return self.session.call(operation, *args, **kwargs)
        except AdapterHung as hung:
            self._dead = hung
            raise

    def secrets(self) -> tuple[str, ...]:
        """What the adapter says must never be written down."""
        return self.session.secrets()
