"""The line to the adapter: once it has hung or its process is gone, nobody waits for it again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from prm_harness.adapter import AdapterInfo, NotSupported
from prm_harness.adapter.codec import bind
from prm_harness.adapter.faults import AdapterFault, AdapterHung
from prm_harness.adapter.session import Session

from .handed.mailbox import Mailbox


class Line:
    """Calls the adapter until it hangs; from then on answers at once with the same fault.

    A PRM that hangs would otherwise cost every later check the full time limit. With a mailbox, the product is told of
    it once it is connected, and what arrived there stands among the ``notifications``, beside what was handed over.
    """

    def __init__(self, session: Session, mailbox: Mailbox | None = None) -> None:
        self.info: AdapterInfo = session.info
        self.session = session
        self.mailbox = mailbox
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
            answer = self.session.call(operation, *args, **kwargs)
        except AdapterHung as hung:
            self._dead = hung
            raise
        if self.mailbox is not None:
            if operation == "connect":
                self._tell_of(self.mailbox)
            elif operation == "notifications":
                since = bind(operation, args, kwargs).get("since")
                return [*answer, *self.mailbox.besides(answer, since)]
        return answer

    def _tell_of(self, box: Mailbox) -> None:
        """A product without such an address, or whose adapter breaks at it, goes on handing over what it sent."""
        with suppress(NotSupported, AdapterFault):
            self.call("notification_sink", box.sink)

    def secrets(self) -> tuple[str, ...]:
        """What the adapter says must never be written down."""
        return self.session.secrets()
