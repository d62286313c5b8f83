"""Setting the stage: the adapter is opened first, because its nature decides the CRM's clock and address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from prm_harness.adapter import AdapterInfo, Capability, CrmConnection, Level
from prm_harness.adapter.connect import open_adapter
from prm_harness.adapter.session import Session
from prm_harness.crm.backend import Crm
from prm_harness.crm.clock import RealClock, VirtualClock
from prm_harness.crm.sandbox import Sandbox

from .line import Line
from .timekeeper import Timekeeper


@dataclass(frozen=True, slots=True)
class Stage:
    """An adapter and a CRM that can see each other."""

    line: Line
    crm: Crm
    connection: CrmConnection
    time: Timekeeper


@contextmanager
def open_stage(connect: str, *, seed: int, run_id: str, start: datetime | None = None) -> Iterator[Stage]:
    """Open the adapter, start a sandbox org for it, and close both at the end.

    An adapter in this process reaches the org at its real-looking https address, through an interception of the
    ``requests`` library and without sockets; any other adapter, and one opened with ``?crm=loopback``, gets an http
    address on loopback.

    Args:
        connect: the connect string.
        seed: the org's ids, hosts and names follow from it.
        run_id: marks what the run creates.
        start: where a virtual clock starts (default: now).

    Raises:
        ConnectError: no adapter could be opened; one line says why.
    """
    target, loopback = _address_wanted(connect)
    with ExitStack() as stack:
        adapter = open_adapter(target)
        session = Session(adapter)
        stack.callback(session.close)
        drivable = session.info.capabilities.get(Capability.VIRTUAL_TIME)
        virtual = drivable is not None and drivable.level is Level.FULL
        begin = (start or datetime.now(UTC)).replace(microsecond=0)
        sandbox = Sandbox(seed=seed, clock=VirtualClock(begin) if virtual else RealClock())
        stack.callback(sandbox.close)
        if loopback:
            address = stack.enter_context(sandbox.serve()).url
        else:
            stack.enter_context(sandbox.in_process())
            address = sandbox.login_url
        line = Line(session)
        time = Timekeeper(sandbox.clock, (lambda s, now: line.call("elapse", s, now)) if virtual else None)
        secrets = sandbox.credentials()
        connection = CrmConnection(
            login_url=address,
            username=secrets.username,
            password=secrets.password,
            security_token=secrets.security_token,
            client_id=secrets.client_id,
            client_secret=secrets.client_secret,
            run_id=run_id,
        )
        yield Stage(line, sandbox, connection, time)


def introduce(connect: str) -> AdapterInfo:
    """Who is at the other end, without starting anything.

    Raises:
        ConnectError: no adapter could be opened; one line says why.
    """
    return open_adapter(_address_wanted(connect)[0]).info()


def _address_wanted(connect: str) -> tuple[str, bool]:
    """The connect string without the harness's own option ``crm=loopback``, and whether loopback is wanted."""
    target, mark, query = connect.partition("?")
    options = [option for option in query.split("&") if option]
    rest = [option for option in options if option != "crm=loopback"]
    shortened = target + (mark + "&".join(rest) if rest else "")
    return shortened, len(rest) < len(options) or not connect.startswith("python:")
