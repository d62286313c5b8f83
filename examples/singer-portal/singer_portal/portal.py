"""The adapter: ``python:singer_portal:create?crm=tls``, from this folder."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter import (
    AdapterInfo,
    BackfillStatus,
    Capability,
    CrmConnection,
    Declaration,
    FieldInfo,
    Level,
    Notification,
    NotSupported,
    Outcome,
    Prerequisites,
    PrmAdapter,
    Record,
    Ref,
    Schedule,
    Step,
    StepLog,
    SyncStatus,
    TypeInfo,
)

from .engine import DEFAULT_PYTHON, Engine, EngineFailed
from .entries import Entries
from .feed import Feed
from .replica import PARTNER_FIELD, Replica, Row, belongs_to

KINDS: Final = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
CYCLE_SECONDS: Final = 3600.0
RECORD_TYPE_NAME: Final = "RecordType.DeveloperName"

_FULL: Final = (
    Capability.PARTNER_VIEW, Capability.SCHEDULE, Capability.HISTORY, Capability.SETUP,
)  # fmt: skip
_PARTIAL: Final = {
    Capability.SYNC_CONTROL: "loads can be started by hand; to hold them the schedule is taken away",
    Capability.SCHEMA: "fields and objects come with a discovery; forms offer no choices by record type",
    Capability.WRITE: "posted to the CRM at once, one record at a time; nothing can be deleted from the portal",
    Capability.NOTIFY: "a mail when a load fails, and when loads work again",
}
_ABSENT: Final = {
    Capability.MAPPING: "there is nothing to map: the engine copies fields under their own names",
    Capability.FILTERS: "the engine reads whole objects",
    Capability.ERRORS: "what the CRM refuses is refused at once, to the person who entered it",
    Capability.AUDIT: "the copy keeps no history",
    Capability.HEALTH: "the engine does not compare",
}

_STEPS: Final = (
    Step(id="engine", title="Install tap-salesforce in an environment of its own", actor="admin", hands_on_minutes=10),
    Step(id="authorise", title="Authorise the engine in the CRM, and note the refresh token", actor="admin", hands_on_minutes=10),
    Step(id="streams", title="Discover the CRM's objects and select those to read", actor="admin", hands_on_minutes=10),
    Step(id="schedule", title="Schedule the loads", actor="admin", hands_on_minutes=5),
    Step(id="first-load", title="Load what is there", actor="automatic", waiting_minutes=5),
)  # fmt: skip


def create(tap: str = "", clock: str = "virtual") -> SingerPortal:
    """The portal.

    Args:
        tap: interpreter of the environment that tap-salesforce is installed in (README.md says how); the one in this
            folder's .venv unless said.
        clock: "virtual" (driven by elapse) or "real" (loads by itself, once an hour).

    Raises:
        ValueError: the engine is not there, or there is no such clock.
    """
    python = Path(tap).expanduser() if tap else DEFAULT_PYTHON
    if not python.exists():
        raise ValueError(f"there is no {python}: tap-salesforce is not installed; README.md says how")
    if clock not in {"virtual", "real"}:
        raise ValueError(f"clock={clock!r}: it is virtual or real")
    return SingerPortal(python, virtual=clock == "virtual")


class SingerPortal(PrmAdapter):
    """A copy of the CRM that partners look at, and forms whose entries are posted to it.

    One lock: people and the scheduler take turns.
    """

    def __init__(self, python: Path, *, virtual: bool) -> None:
        self._python = python
        self._virtual = virtual
        self._cycle = CYCLE_SECONDS
        self._lock = threading.RLock()
        self._replica = Replica()
        self._feed: Feed | None = None
        self._entries: Entries | None = None
        self._connected = False
        self._next: datetime | None = None
        self._now = datetime.now(UTC)
        self._timer: threading.Timer | None = None
        self._loaded = ""

    def info(self) -> AdapterInfo:
        """See the contract."""
        levels = dict.fromkeys(Capability, Declaration(level=Level.UNSUPPORTED))
        levels |= dict.fromkeys(_FULL, Declaration(level=Level.FULL))
        levels |= {one: Declaration(level=Level.PARTIAL, note=note) for one, note in _PARTIAL.items()}
        levels |= {one: Declaration(level=Level.UNSUPPORTED, note=note) for one, note in _ABSENT.items()}
        if self._virtual:
            levels[Capability.VIRTUAL_TIME] = Declaration(level=Level.FULL)
        return AdapterInfo(
            contract="1.1",
            vendor="Example",
            product="Singer portal (tap-salesforce)",
            version="2.8.1",
            style="batch_etl",
            capabilities=levels,
            kinds=KINDS,
            cycle_seconds=self._cycle,
            declared_setup_minutes=35,
            unsupported_notes=(
                "a way back: tap-salesforce only reads, and the portal posts its forms itself",
                "keeping an entry that the CRM could not take: it is refused, and has to be entered again",
                "records deleted for good: the engine sees the recycle bin only",
            ),
            sample=True,
        )

    def prerequisites(self) -> Prerequisites:
        """See the contract; nothing has to be added to the CRM."""
        return Prerequisites(permissions=("ApiEnabled",), objects=KINDS)

    # -- connection, setup, time --------------------------------------------------------------------------------

    def connect(self, crm: CrmConnection) -> None:
        """Log in; a second call is a new authorisation."""
        with self._lock:
            entries = Entries(crm)
            entries.login()
            engine = Engine(self._python, crm)
            if self._feed is None:
                self._feed = Feed(engine, self._replica, set(KINDS))
            else:
                self._feed.engine.close()
                self._feed.engine = engine
            self._entries, self._connected = entries, True

    def disconnect(self) -> None:
        """No more loads; the copy stays."""
        with self._lock:
            self._connected, self._next = False, None
            if self._timer is not None:
                self._timer.cancel()
            if self._feed is not None:
                self._feed.engine.close()

    def setup_steps(self) -> Sequence[Step]:
        """See the contract."""
        return _STEPS

    def run_step(self, step_id: str) -> StepLog:
        """See the contract; the first load starts the schedule."""
        step = next((one for one in _STEPS if one.id == step_id), None)
        if step is None:
            return StepLog(done=False, message=f"there is no step {step_id!r}")
        with self._lock:
            feed = self._running("run_step")
            if step_id == "streams":
                try:
                    feed.discover(self._time(), self._engine_time())
                except EngineFailed as failed:
                    return StepLog(done=False, steps=(step,), message=str(failed))
            if step_id == "first-load":
                self._schedule()
                if not feed.run(self._time(), self._engine_time()):
                    return StepLog(done=False, steps=(step,), message=feed.last_error)
        return StepLog(done=True, steps=(step,))

    def elapse(self, seconds: float, now: datetime) -> None:
        """See the contract."""
        if not self._virtual:
            raise NotSupported("elapse", "this instance runs on the real clock")
        with self._lock:
            begin = now - timedelta(seconds=seconds)
            if self._next is not None:
                # What was scheduled on the portal's own clock is so many seconds from the start of this wait.
                self._next += begin - self._now
            while self._next is not None and self._next <= now:
                self._now = self._next
                self._next += timedelta(seconds=self._cycle)
                self._running("elapse").run(self._now, self._now)
            self._now = now

    def sync_now(self) -> None:
        """See the contract."""
        with self._lock:
            self._running("sync_now").run(self._time(), self._engine_time())

    def sync_status(self) -> SyncStatus:
        """See the contract."""
        with self._lock:
            return (
                self._feed.status(connected=self._connected)
                if self._feed
                else SyncStatus(state="disconnected")
            )

    def get_schedule(self) -> Schedule:
        """See the contract."""
        return Schedule(cycle_seconds=self._cycle, settable=True)

    def set_schedule(self, cycle_seconds: float) -> StepLog:
        """A line of crontab."""
        with self._lock:
            self._cycle = cycle_seconds
            if self._next is not None:
                self._schedule()
        step = Step(
            id="schedule", title="Change the schedule of the loads", actor="admin", hands_on_minutes=3
        )
        return StepLog(done=True, steps=(step,))

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        """See the contract."""
        with self._lock:
            mails = self._running("notifications").mails
            return [mail for mail in mails if since is None or mail.at >= since]

    # -- entering -----------------------------------------------------------------------------------------------

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """Posted to the CRM while the partner waits."""
        with self._lock:
            if self._entries is None or not self._connected:
                return Outcome(state="rejected", messages=("the portal is not connected to a CRM",))
            wanted, complaint = self._checked(kind, values)
            if complaint:
                return Outcome(state="rejected", messages=(complaint,))
            if as_partner and PARTNER_FIELD in self._fields(kind):
                wanted.setdefault(PARTNER_FIELD, as_partner)
            answer = self._entries.create(kind, wanted)
            if answer.lost:
                return Outcome(state="unknown", messages=answer.messages)
            if answer.record_id is None:
                return Outcome(state="rejected", messages=answer.messages)
            self._replica.put(kind, {"Id": answer.record_id, **wanted})
            return Outcome(state="accepted", prm_id=answer.record_id)

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """Sent to the CRM while the partner waits; the copy follows what it took."""
        with self._lock:
            row = self._found(kind, ref)
            if row is None or (as_partner and not belongs_to(row, kind, as_partner)):
                return Outcome(state="rejected", messages=(f"there is no such {kind}",))
            wanted, complaint = self._checked(kind, values)
            if complaint or self._entries is None:
                return Outcome(state="rejected", prm_id=row["Id"], messages=(complaint,))
            answer = self._entries.update(kind, row["Id"], wanted)
            if answer.lost or answer.messages:
                state: Any = "unknown" if answer.lost else "rejected"
                return Outcome(state=state, prm_id=row["Id"], messages=answer.messages)
            self._replica.put(kind, row | wanted)
            return Outcome(state="accepted", prm_id=row["Id"])

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            row = self._found(kind, ref)
            return None if row is None else self._record(kind, row)

    def list(self, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            return [self._record(kind, row) for row in self._replica.rows(kind)]

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            row = self._found(kind, ref)
            return self._record(kind, row) if row and belongs_to(row, kind, partner) else None

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            rows = self._replica.rows(kind)
            return [self._record(kind, row) for row in rows if belongs_to(row, kind, partner)]

    def cleanup(self, run_id: str) -> None:
        """The copy goes with the process."""

    # -- schema, history ----------------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """See the contract."""
        with self._lock:
            return self._running("list_types").objects()

    def describe_type(self, kind: str) -> TypeInfo:
        """See the contract."""
        with self._lock:
            carried = kind in self._running("describe_type").kinds
            fields = self._fields(kind) if carried else {}
            shown = tuple(FieldInfo(name=name, type=_type(schema)) for name, schema in fields.items())
            return TypeInfo(kind=kind, fields=shown, record_types=tuple(self._replica.record_types(kind)))

    def refresh_schema(self) -> StepLog:
        """The engine's ``--discover``."""
        step = Step(id="discover", title="Run the discovery", actor="admin", hands_on_minutes=3)
        with self._lock:
            try:
                self._running("refresh_schema").discover(self._time(), self._engine_time())
            except EngineFailed as failed:
                return StepLog(done=False, steps=(step,), message=str(failed))
        return StepLog(done=True, steps=(step,))

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """After a discovery every field is read; of records that change, unless the object is loaded again."""
        with self._lock:
            log = self.refresh_schema()
            there = field.name in self._fields(kind)
            return (
                log
                if there or not log.done
                else StepLog(done=False, message=f"the CRM shows no {field.name}")
            )

    def add_type(self, kind: str) -> StepLog:
        """One more stream; the next load brings all of it."""
        with self._lock:
            log = self.refresh_schema()
            if not log.done:
                return log
            if not self._fields(kind):
                return StepLog(done=False, message=f"the CRM shows no object {kind}")
            self._running("add_type").kinds.add(kind)
        step = Step(id=f"select-{kind}", title=f"Select the stream {kind}", actor="admin", hands_on_minutes=2)
        return StepLog(done=True, steps=(*log.steps, step))

    def backfill(self, kind: str, fields: Sequence[str]) -> StepLog:
        """The object's bookmark is deleted and the engine run: it reads the whole object again."""
        with self._lock:
            feed = self._running("backfill")
            missing = [name for name in fields if name not in self._fields(kind)]
            if missing:
                return StepLog(done=False, message=f"the portal has no field {missing[0]} on {kind}")
            feed.forget_bookmark(kind)
            done = feed.run(self._time(), self._engine_time())
            self._loaded = kind
        step = Step(
            id="bookmark", title="Delete the bookmark, run a load", actor="admin", hands_on_minutes=10
        )
        return StepLog(done=done, steps=(step,), message=feed.last_error)

    def backfill_status(self, kind: str) -> BackfillStatus:
        """See the contract; a backfill is over when its operation returns."""
        with self._lock:
            if self._loaded != kind:
                return BackfillStatus(state="idle")
            return BackfillStatus(state="done", loaded=sum(1 for _ in self._replica.rows(kind)))

    # -- inside -------------------------------------------------------------------------------------------------

    def _running(self, operation: str) -> Feed:
        if self._feed is None:
            raise NotSupported(operation, "the portal is not connected to a CRM yet")
        return self._feed

    def _time(self) -> datetime:
        return self._now if self._virtual else datetime.now(UTC)

    def _engine_time(self) -> datetime | None:
        return self._now if self._virtual else None

    def _schedule(self) -> None:
        self._next = self._time() + timedelta(seconds=self._cycle)
        if not self._virtual:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._cycle, self._tick)
            self._timer.daemon = True
            self._timer.start()

    def _tick(self) -> None:
        with self._lock:
            if self._connected and self._next is not None:
                self._running("load").run(self._time(), None)
                self._schedule()

    def _fields(self, kind: str) -> dict[str, Any]:
        return self._running("schema").schema(kind)

    def _checked(self, kind: str, values: Mapping[str, Any]) -> tuple[Row, str]:
        fields = self._fields(kind) if self._feed and kind in self._feed.kinds else {}
        if not fields:
            return {}, f"the portal does not carry {kind}"
        wanted = dict(values)
        chosen = wanted.pop(RECORD_TYPE_NAME, None)
        if chosen is not None:
            types = self._replica.record_types(kind)
            if chosen not in types:
                return {}, f"{kind} has no record type {chosen}"
            wanted["RecordTypeId"] = types[chosen]
        unknown = next((name for name in wanted if name not in fields), None)
        return wanted, "" if unknown is None else f"the portal has no field {unknown} on {kind}"

    def _found(self, kind: str, ref: Ref) -> Row | None:
        return (
            self._replica.by_name(kind, ref.value) if ref.by == "name" else self._replica.get(kind, ref.value)
        )

    def _record(self, kind: str, row: Row) -> Record:
        fields = dict(row)
        if row.get("RecordTypeId"):
            names = {type_id: name for name, type_id in self._replica.record_types(kind).items()}
            fields[RECORD_TYPE_NAME] = names.get(row["RecordTypeId"])
        return Record(kind=kind, prm_id=row["Id"], crm_id=row["Id"], fields=fields, raw=row)


def _type(schema: Mapping[str, Any]) -> str:
    """The engine's word for a field's type."""
    if "anyOf" in schema:
        return "date-time"
    kinds = schema.get("type", "any")
    return ", ".join(kind for kind in kinds if kind != "null") if isinstance(kinds, list) else str(kinds)
