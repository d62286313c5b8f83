"""Adapters that are wrong in one way each, on top of a sound one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from prm_harness.adapter import (
    AdapterInfo,
    Capability,
    Configuration,
    CrmConnection,
    Declaration,
    FileContent,
    Level,
    Notification,
    NotificationSink,
    NotSupported,
    Outcome,
    Record,
    Ref,
)
from prm_harness.reference import mirror
from prm_harness.reference.mirror import Mirror


class Crashes(Mirror):
    def read(self, kind: str, ref: Ref) -> Record | None:
        return {}[ref.value]  # type: ignore[no-any-return]


class AnswersTheWrongType(Mirror):
    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        return {"status": "ok"}  # type: ignore[return-value]


class PromisesTooMuch(Mirror):
    def info(self) -> AdapterInfo:
        told = super().info()
        levels = {**told.capabilities, Capability.CONFIG: Declaration(level=Level.FULL)}
        return told.model_copy(update={"capabilities": levels})

    def export_config(self) -> Configuration:
        raise NotSupported("export_config")


class IsSlow(Mirror):
    def read(self, kind: str, ref: Ref) -> Record | None:
        time.sleep(0.06)
        return super().read(kind, ref)


class Hangs(Mirror):
    def list(self, kind: str) -> Iterable[Record]:
        time.sleep(3600)
        return []


class RepairsValues(Mirror):
    """Knows that its product is a day late, and puts it right on the way."""

    def read(self, kind: str, ref: Ref) -> Record | None:
        record = super().read(kind, ref)
        if record is None or "CloseDate" not in record.fields:
            return record
        late = date.fromisoformat(record.fields["CloseDate"]) + timedelta(days=1)
        return record.model_copy(update={"raw": {**record.fields, "CloseDate": late.isoformat()}})


class ReadsThrough(Mirror):
    def read(self, kind: str, ref: Ref) -> Record | None:
        self.sync_now()
        return super().read(kind, ref)


class HidesPages(Mirror):
    def list(self, kind: str) -> Iterable[Record]:
        return [*super().list(kind)][:20]


class RepeatsPages(Mirror):
    def list(self, kind: str) -> Iterable[Record]:
        for _ in range(3):
            yield from super().list(kind)


class IgnoresThrottling(Mirror):
    def elapse(self, seconds: float, now: datetime) -> None:
        super().elapse(seconds, now)
        for _ in range(12):
            self._engine.unblock()
            self._locked_sync(True)


class DeniesWhatItHas(Mirror):
    def info(self) -> AdapterInfo:
        told = super().info()
        levels = {**told.capabilities, Capability.FILES: Declaration(level=Level.UNSUPPORTED)}
        return told.model_copy(update={"capabilities": levels})

    def attach(self, kind: str, ref: Ref, file: FileContent, *, as_partner: str | None = None) -> Outcome:
        return Outcome(state="accepted", prm_id="1")

    def list_files(self, kind: str, ref: Ref) -> list[Any]:
        return []


class Invents(Mirror):
    def read(self, kind: str, ref: Ref) -> Record | None:
        return super().read(kind, ref) or Record(
            kind=kind, prm_id="1", fields={"Name": "x"}, raw={"Name": "x"}
        )


class LeavesEverything(Mirror):
    def cleanup(self, run_id: str) -> None:
        pass


class SaysItSent(Mirror):
    """Hands over messages that it never sent anywhere."""

    def notification_sink(self, sink: NotificationSink) -> None:
        """Thrown away."""

    def notifications(self, since: datetime | None = None) -> list[Notification]:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        said = self.__dict__.setdefault("said", [])
        said.append(Notification(at=at, channel="email", subject=f"Alert {len(said)}"))
        return list(said)


class TellsItsPassword(Mirror):
    def connect(self, crm: CrmConnection) -> None:
        raise ValueError(f"login failed for {crm.username} with {crm.password}{crm.security_token}")


def create(which: str) -> Mirror:
    plain = mirror.create()
    plain.__class__ = globals()[which]
    return plain
