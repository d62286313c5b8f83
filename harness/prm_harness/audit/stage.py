"""Setting the stage: the adapter is opened first, because its nature decides the CRM's clock and address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from prm_harness.adapter import AdapterInfo, Capability, ConnectError, CrmConnection, Level
from prm_harness.adapter.connect import open_adapter
from prm_harness.adapter.session import DEFAULT_LIMIT, LONG_LIMIT, Session
from prm_harness.crm.backend import Crm
from prm_harness.crm.clock import RealClock, VirtualClock
from prm_harness.crm.org.templates import audited_org
from prm_harness.crm.sandbox import Sandbox

from .handed.mailbox import mailbox
from .line import Line
from .timekeeper import Timekeeper
from .traffic.model import Traffic
from .traffic.recorder import Recorder, recording

DOORS: Final = ("in_process", "loopback", "tls")
"""Values of the harness's own option ``crm``: how the adapter reaches the org."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An adapter and a CRM that can see each other."""

    line: Line
    crm: Crm
    connection: CrmConnection
    time: Timekeeper


@contextmanager
def open_stage(
    connect: str,
    *,
    seed: int,
    run_id: str,
    start: datetime | None = None,
    limits: tuple[float, float] = (DEFAULT_LIMIT, LONG_LIMIT),
    traffic: Traffic | None = None,
    with_mailbox: bool = True,
) -> Iterator[Stage]:
    """Open the adapter, start a sandbox org for it, and close both at the end.

    An adapter in this process reaches the org at its real-looking https address, through an interception of the
    ``requests`` library and without sockets; any other adapter gets an http address on loopback. The option ``crm`` of
    a connect string chooses: ``?crm=loopback``, or ``?crm=tls`` for engines whose login host is hard-coded. These are
    told a CONNECT proxy, and the authority whose certificates they will meet.

    Args:
        connect: the connect string.
        seed: the org's ids, hosts and names follow from it.
        run_id: marks what the run creates.
        start: where a virtual clock starts (default: now).
        limits: seconds for an ordinary operation of the adapter, and for a long one.
        traffic: record or replay what the adapter and its product say to each other, and to the CRM.
        with_mailbox: tell the product of an address for its messages.

    Raises:
        ConnectError: no adapter could be opened; one line says why.
        TrafficError: a recording cannot be read, or must not be written.
    """
    target, door = _door_wanted(connect)
    with ExitStack() as stack:
        recorder = stack.enter_context(recording(traffic)) if traffic else None
        adapter = open_adapter(target)
        session = Session(adapter, limit=limits[0], long_limit=limits[1])
        stack.callback(session.close)
        drivable = session.info.capabilities.get(Capability.VIRTUAL_TIME)
        virtual = drivable is not None and drivable.level is Level.FULL
        begin = (start or datetime.now(UTC)).replace(microsecond=0)
        if traffic is not None:
            begin = traffic.circumstances(seed, begin)
        sandbox = Sandbox(seed=seed, clock=VirtualClock(begin) if virtual else RealClock(), make=audited_org)
        stack.callback(sandbox.close)
        address = _opened(stack, sandbox, door, recorder)
        # A recording holds conversations that the harness began; mail would come the other way, to another address.
        told = session.info.offers(Capability.NOTIFY) and session.info.operated_by != "person"
        line = Line(
            session, stack.enter_context(mailbox()) if told and with_mailbox and traffic is None else None
        )
        time = Timekeeper(sandbox.clock, (lambda s, now: line.call("elapse", s, now)) if virtual else None)
        secrets = sandbox.credentials()
        connection = CrmConnection(
            **address,
            username=secrets.username,
            password=secrets.password,
            security_token=secrets.security_token,
            client_id=secrets.client_id,
            client_secret=secrets.client_secret,
            run_id=run_id,
        )
        if recorder is not None:
            recorder.know(session, sandbox, connection)
        yield Stage(line, sandbox, connection, time)


def introduce(connect: str) -> AdapterInfo:
    """Who is at the other end, without starting anything.

    Raises:
        ConnectError: no adapter could be opened; one line says why.
    """
    return open_adapter(_door_wanted(connect)[0]).info()


def _opened(stack: ExitStack, sandbox: Sandbox, door: str, recorder: Recorder | None) -> dict[str, str]:
    """Where the adapter finds the org, as fields of CrmConnection; closed again with ``stack``."""
    if door == "in_process":
        stack.enter_context(sandbox.in_process())
        return {"login_url": sandbox.login_url}
    if door == "loopback" and recorder is not None:
        from prm_harness.crm.salesforce.transport.server import Server

        heard = Server(recorder.product.watched(sandbox.handle), sleep_on_delay=not sandbox.clock.virtual)
        return {"login_url": stack.enter_context(heard).url}
    if door == "loopback":
        return {"login_url": stack.enter_context(sandbox.serve()).url}
    from prm_harness.crm.salesforce.tls import TlsFront
    from prm_harness.crm.salesforce.transport.server import Server

    sleeps = not sandbox.clock.virtual
    inner = stack.enter_context(Server(sandbox.handle, behind_tls=True, sleep_on_delay=sleeps))
    front = stack.enter_context(TlsFront(("127.0.0.1", inner.port)))
    ca_file = Path(stack.enter_context(TemporaryDirectory(prefix="prm-crm-"))) / "ca.pem"
    ca_file.write_bytes(front.ca_pem)
    return {
        "login_url": sandbox.login_url,
        "proxy_url": front.proxy_url,
        "ca_file": str(ca_file),
        "refresh_token": sandbox.credentials().refresh_token,
    }


def _door_wanted(connect: str) -> tuple[str, str]:
    """The connect string without the harness's own option ``crm``, and how the adapter reaches the org.

    Raises:
        ConnectError: there is no such way.
    """
    target, mark, query = connect.partition("?")
    options = [option for option in query.split("&") if option]
    wanted = [option.removeprefix("crm=") for option in options if option.startswith("crm=")]
    rest = [option for option in options if not option.startswith("crm=")]
    shortened = target + (mark + "&".join(rest) if rest else "")
    if not wanted:
        return shortened, "in_process" if connect.startswith("python:") else "loopback"
    if wanted[-1] not in DOORS or (wanted[-1] == "in_process" and not connect.startswith("python:")):
        known = DOORS if connect.startswith("python:") else DOORS[1:]
        raise ConnectError(
            f"{connect}: crm={wanted[-1]} is no way to the CRM; write one of {', '.join(known)}"
        )
    return shortened, wanted[-1]
