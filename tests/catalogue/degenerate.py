"""Portals that are none: what a vendor could send in to see what the harness swallows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prm_harness.adapter import (
    AdapterInfo,
    Capability,
    Declaration,
    Level,
    NotSupported,
    Outcome,
    Prerequisites,
    PrmAdapter,
    Schedule,
    StepLog,
    SyncStatus,
    TypeInfo,
)

KINDS = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")


def info(product: str, level: Level) -> AdapterInfo:
    """Every capability declared at one level; time can be driven, so that nobody waits."""
    levels = dict.fromkeys(Capability, Declaration(level=level))
    levels[Capability.VIRTUAL_TIME] = Declaration(level=Level.FULL)
    return AdapterInfo(
        contract="1.0",
        vendor="Test",
        product=product,
        version="1",
        kinds=KINDS,
        capabilities=levels,
        cycle_seconds=300,
    )


class YesMan(PrmAdapter):
    """Says yes to everything, claims everything, does nothing."""

    def info(self) -> AdapterInfo:
        return info("Yes", Level.FULL)

    def prerequisites(self) -> Prerequisites:
        return Prerequisites()

    def connect(self, crm: Any) -> None:
        """Nothing is connected."""

    def disconnect(self) -> None:
        """Nothing was connected."""

    def submit(self, kind: str, values: Any, *, as_partner: str | None = None) -> Outcome:
        return Outcome(state="accepted", prm_id="1")

    def read(self, kind: str, ref: Any) -> None:
        return None

    def list(self, kind: str) -> list[Any]:
        return []

    def cleanup(self, run_id: str) -> None:
        """There is nothing to clean up."""

    def elapse(self, seconds: float, now: datetime) -> None:
        """Time passes without consequence."""

    def update(self, kind: str, ref: Any, values: Any, *, as_partner: str | None = None) -> Outcome:
        return Outcome(state="accepted")

    def delete(self, kind: str, ref: Any) -> Outcome:
        return Outcome(state="accepted")

    def read_as(self, partner: str, kind: str, ref: Any) -> None:
        return None

    def list_as(self, partner: str, kind: str) -> list[Any]:
        return []

    def sync_status(self) -> SyncStatus:
        return SyncStatus(state="active", last_ok=datetime(2026, 1, 1, tzinfo=UTC))

    def get_schedule(self) -> Schedule:
        return Schedule(cycle_seconds=300, settable=True)

    def describe_type(self, kind: str) -> TypeInfo:
        return TypeInfo(kind=kind)

    def create_rule(self, rule: Any) -> str:
        return "1"

    def checkpoint(self) -> str:
        return "1"

    def _done(self, *_: Any, **__: Any) -> StepLog:
        return StepLog(done=True)

    def _nothing(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def _silent(self, *_: Any, **__: Any) -> None:
        return None

    set_schedule = refresh_schema = add_field = add_type = backfill = set_filter = rollback = health_check = (
        run_step
    ) = _done
    list_types = list_errors = notifications = list_sync_history = rule_members = setup_steps = _nothing
    sync_now = delete_rule = get_filter = _silent


class Refuser(YesMan):
    """Declares that it has nothing, and refuses everything politely."""

    def info(self) -> AdapterInfo:
        return info("No", Level.UNSUPPORTED)

    def submit(self, kind: str, values: Any, *, as_partner: str | None = None) -> Outcome:
        return Outcome(state="rejected", messages=("this portal takes nothing",))

    def _refused(self, *_: Any, **__: Any) -> Any:
        raise NotSupported("everything")

    update = delete = read_as = list_as = sync_status = get_schedule = describe_type = create_rule = (
        checkpoint
    ) = _refused
    set_schedule = refresh_schema = add_field = add_type = backfill = set_filter = rollback = health_check = (
        _refused
    )
    list_types = list_errors = notifications = list_sync_history = rule_members = setup_steps = run_step = (
        _refused
    )
    sync_now = delete_rule = get_filter = _refused


class Crasher(YesMan):
    """Falls over in everything but the first questions."""

    def _crash(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("boom")

    submit = read = list = elapse = update = read_as = list_as = list_errors = add_type = _crash
    describe_type = create_rule = checkpoint = set_filter = list_sync_history = notifications = add_field = (
        _crash
    )


class Babbler(YesMan):
    """Answers with things that no contract knows."""

    def _garbage(self, *_: Any, **__: Any) -> Any:
        return "<html>502</html>"

    submit = read = update = read_as = list_errors = add_type = describe_type = _garbage
    checkpoint = set_filter = list_sync_history = notifications = add_field = rule_members = _garbage


yes, no, crash, babble = YesMan, Refuser, Crasher, Babbler
