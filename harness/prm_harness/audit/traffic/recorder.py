"""Both halves of a recording together, and what they must know of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from prm_harness.adapter import CrmConnection
from prm_harness.adapter.session import Session
from prm_harness.crm.sandbox import Sandbox

from .cleaning import CRM, RUN, Cleaner
from .model import Traffic
from .product import ProductTape


class Recorder:
    """Records or replays one run."""

    def __init__(self, traffic: Traffic) -> None:
        self._session: Session | None = None
        self._connection: CrmConnection | None = None
        self.cleaner = Cleaner(self._secrets)
        self.product = ProductTape(traffic, self.cleaner)

    def know(self, session: Session, sandbox: Sandbox, connection: CrmConnection) -> None:
        """What has become known of the run once its adapter and its CRM are open."""
        self._session, self._connection = session, connection
        self.cleaner.name(connection.run_id, RUN)
        self.cleaner.name(connection.login_url, CRM)
        self.product.stage(sandbox.handle, connection)

    def is_crm(self, place: str) -> bool:
        """Whether ``host:port`` is the sandbox."""
        return self._connection is not None and urlsplit(self._connection.login_url).netloc == place

    def _secrets(self) -> tuple[str, ...]:
        own = self._session.secrets() if self._session is not None else ()
        return (*own, *(self._connection.secrets if self._connection is not None else ()))


@contextmanager
def recording(traffic: Traffic) -> Iterator[Recorder]:
    """Record or replay while it is open; heavy, and therefore only imported here.

    Raises:
        TrafficError: the recording cannot be read, or must not be written.
    """
    from .cassette import conversation

    recorder = Recorder(traffic)
    with conversation(traffic, recorder.cleaner, recorder.product, recorder.is_crm):
        yield recorder
