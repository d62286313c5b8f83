"""A CRM and a PRM of a few lines each, in memory, for tests of the campaign."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from prm_harness.adapter import (
    AdapterInfo,
    Capability,
    CrmConnection,
    Declaration,
    Level,
    NotSupported,
    Outcome,
    Prerequisites,
    Record,
    Ref,
)
from prm_harness.audit.campaign import Campaign
from prm_harness.audit.registry import Check, check_of
from prm_harness.audit.timekeeper import Timekeeper
from prm_harness.crm.backend import CrmRefusal, OrgFacts, Power, RowChange
from prm_harness.record.model import Profile, Result

PRM_USER = "005PRM"


class FakeClock:
    virtual = True

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FakeLog:
    def __init__(self) -> None:
        self.rows: list[RowChange] = []
        self.gap = 0

    def exchanges(self, **_: Any) -> Sequence[Any]:
        return []

    def gaps(self, *, since: int = 0) -> Sequence[Any]:
        return [SimpleNamespace(error_code="SANDBOX_GAP")] * self.gap

    def changes(self, *, since: int = 0, user: str | None = None, **_: Any) -> Sequence[RowChange]:
        return [row for row in self.rows[since:] if user in {None, row.user}]

    def mark(self) -> tuple[int, int]:
        return 0, len(self.rows)


class FakeFaults:
    healed = 0

    def heal(self, name: str | None = None) -> None:
        self.healed += 1


class FakeHooks:
    cancelled = 0

    def cancel(self, name: str | None = None) -> None:
        self.cancelled += 1


class FakeLogins:
    restored = 0

    def restore(self) -> None:
        self.restored += 1


class FakeSchema:
    def describe(self, sobject: str) -> dict[str, dict[str, Any]]:
        return {}


class FakeCrm:
    """Rows in dicts; ``refuses`` names a text that no record may contain."""

    def __init__(self) -> None:
        self.facts = OrgFacts("00D", "standard", 1, PRM_USER, "0", frozenset(Power) - {Power.QUOTA})
        self.clock, self.log, self.faults, self.schema = FakeClock(), FakeLog(), FakeFaults(), FakeSchema()
        self.hooks, self.logins = FakeHooks(), FakeLogins()
        self.rows: dict[str, dict[str, Any]] = {}
        self.refuses = ""

    def create(self, sobject: str, rows: Any, *, audit: Any = None, user: str = "005ADMIN") -> list[str]:
        made = []
        for row in rows:
            if self.refuses and self.refuses in str(row):
                raise CrmRefusal(f"{self.refuses!r} is not taken")
            made.append(f"006{len(self.rows):012}AAA")
            self.rows[made[-1]] = {**row, "Id": made[-1], "sobject": sobject}
            self.log.rows.append(
                RowChange(len(self.log.rows), self.clock.now(), user, sobject, made[-1], "insert", {})
            )
        return made

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, quietly: bool = False
    ) -> None:
        self.rows[record_id] |= values
        self.log.rows.append(
            RowChange(len(self.log.rows), self.clock.now(), "005ADMIN", sobject, record_id, "update", {})
        )

    def get(self, sobject: str, record_id: str) -> dict[str, Any] | None:
        return self.rows.get(record_id)

    def query(self, soql: str) -> list[dict[str, Any]]:
        kind, field, value = re.fullmatch(r"SELECT .* FROM (\w+) WHERE (\w+) = '(.*)'", soql).groups()
        return [row for row in self.rows.values() if row["sobject"] == kind and row.get(field) == value]


class FakePrm:
    """A portal that shows the CRM's rows as of its last cycle and sends what was submitted with the next one.

    ``breaks`` maps an operation to the exception that it raises.
    """

    def __init__(self, crm: FakeCrm, **levels: Level) -> None:
        declared = {Capability(name): Declaration(level=level) for name, level in levels.items()}
        self.info = AdapterInfo(
            contract="1.0", vendor="Double", product="Double", version="1", kinds=("Account", "Opportunity"),
            capabilities={Capability.VIRTUAL_TIME: Declaration(level=Level.FULL)} | declared, cycle_seconds=60,
        )  # fmt: skip
        self.crm = crm
        self.breaks: dict[str, Exception | KeyboardInterrupt] = {}
        self.called: list[str] = []
        self.outbox: list[tuple[str, dict[str, Any]]] = []
        self.shown: dict[str, dict[str, Any]] = {}
        self.steps = 0

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        self.called.append(operation)
        if operation in self.breaks:
            raise self.breaks[operation]
        return getattr(self, operation, self.absent)(
            *args, **{k: v for k, v in kwargs.items() if k != "as_partner"}
        )

    def absent(self, *_: Any) -> Any:
        raise NotSupported(self.called[-1])

    def prerequisites(self) -> Prerequisites:
        return Prerequisites()

    def connect(self, connection: CrmConnection) -> None:
        self.sync()

    def cleanup(self, run_id: str) -> None:
        self.outbox.clear()

    def disconnect(self) -> None:
        self.shown.clear()

    def submit(self, kind: str, values: dict[str, Any]) -> Outcome:
        self.outbox.append((kind, values))
        return Outcome(state="accepted", prm_id=f"P{len(self.outbox)}")

    def read(self, kind: str, ref: Ref) -> Record | None:
        key = "Name" if ref.by == "name" else "Id"
        for row in self.shown.values():
            if row.get(key) == ref.value:
                return Record(kind=kind, prm_id=row["Id"], crm_id=row["Id"], fields=row)
        return None

    def list(self, kind: str) -> list[Record]:
        return [
            Record(kind=kind, prm_id=i, crm_id=i, fields=r)
            for i, r in self.shown.items()
            if r["sobject"] == kind
        ]

    def elapse(self, seconds: float, now: datetime) -> None:
        self.steps += 1
        if self.steps % 4 == 0:
            self.sync()

    def sync(self) -> None:
        for kind, values in self.outbox:
            self.crm.create(kind, [values], user=PRM_USER)
        self.outbox.clear()
        self.shown = {i: dict(row) for i, row in self.crm.rows.items()}


class Heard:
    """Every event of a run, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def event(self, kind: str, payload: Any) -> None:
        self.events.append((kind, payload))

    def of(self, kind: str) -> list[Any]:
        return [payload for name, payload in self.events if name == kind]


class Rig:
    """A campaign over the doubles."""

    def __init__(self) -> None:
        self.crm = FakeCrm()
        self.heard = Heard()
        self.profile = Profile(
            name="test", weights={}, knock_outs=(), data={},
            thresholds={"settle_timeout_cycles": 3, "settle_timeout_seconds_max": 600},
        )  # fmt: skip
        self.prm = FakePrm(self.crm, write=Level.FULL)

    def declare(self, **levels: Level) -> None:
        self.prm = FakePrm(self.crm, **levels)

    def run(self, *bodies: Any) -> dict[str, Result]:
        return self.campaign(*bodies).run()

    def campaign(self, *bodies: Any) -> Campaign:
        checks: list[Check] = [entry for body in bodies if (entry := check_of(body)) is not None]
        assert len(checks) == len(bodies)
        connection = CrmConnection(
            login_url="https://crm.test", username="u", password="p", security_token="t", client_id="c",
            client_secret="s", run_id="run",
        )  # fmt: skip
        time = Timekeeper(self.crm.clock, lambda s, now: self.prm.call("elapse", s, now))
        return Campaign(
            checks, self.prm, self.crm, connection, time, self.profile, seed=1, listener=self.heard
        )


@pytest.fixture
def rig() -> Rig:
    return Rig()
