"""Eight portals that are none: what a vendor could send in to see what the harness swallows."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, get_type_hints

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    ApiUsage,
    BackfillStatus,
    Capability,
    Configuration,
    Declaration,
    Level,
    NotSupported,
    Outcome,
    Prerequisites,
    PrmAdapter,
    Record,
    Schedule,
    SourceOfTruth,
    StepLog,
    SyncStatus,
    TypeInfo,
)
from prm_harness.adapter.dispatch import Dispatch

KINDS: Final = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
NOTHING: Final = frozenset({"connect", "disconnect", "cleanup", "elapse"})
"""Operations of which nothing is expected but that they end."""

_YES: Final[Mapping[type, Any]] = {
    Outcome: Outcome(state="accepted", prm_id="1"),
    StepLog: StepLog(done=True),
    Schedule: Schedule(cycle_seconds=300, settable=True),
    SyncStatus: SyncStatus(state="active", last_ok=datetime(2026, 1, 1, tzinfo=UTC)),
    SourceOfTruth: SourceOfTruth(winner="crm", settable=True),
    BackfillStatus: BackfillStatus(state="done"),
    ApiUsage: ApiUsage(calls=0, window_seconds=1),
    Configuration: Configuration(format="none", content=""),
    str: "1",
}


class Puppet(Dispatch):
    """Says yes to everything, claims everything, does nothing; the others change single answers."""

    product = "Yes"
    level: Level | None = Level.FULL

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation == "info":
            return self._info()
        if operation == "prerequisites":
            return Prerequisites()
        return None if operation in NOTHING else self.answer(operation, arguments)

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """What is said; here: yes."""
        if operation == "describe_type":
            return TypeInfo(kind=arguments["kind"])
        returned = get_type_hints(getattr(PrmAdapter, operation))["return"]
        if returned in _YES:
            return _YES[returned]
        return [] if getattr(returned, "__origin__", None) is not None else None

    def _info(self) -> AdapterInfo:
        """Every capability declared at one level, or none; time can be driven, so that nobody waits."""
        levels = {} if self.level is None else dict.fromkeys(Capability, Declaration(level=self.level))
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Test",
            product=self.product,
            version="1",
            kinds=KINDS,
            fund_target="Partner_Fund_Request__c",
            capabilities=levels | {Capability.VIRTUAL_TIME: Declaration(level=Level.FULL)},
            cycle_seconds=300,
        )


class Hollow(Puppet):
    """Declares everything, has none of it beyond the core."""

    product = "Hollow"

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation in {"submit", "read", "list"}:
            return super().answer(operation, arguments)
        raise NotSupported(operation)


class Silent(Puppet):
    """Declares nothing."""

    product = "Silent"
    level = None


class Refuser(Puppet):
    """Declares that it has nothing, and refuses everything politely."""

    product = "No"
    level = Level.UNSUPPORTED

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation == "submit":
            return Outcome(state="rejected", messages=("this portal takes nothing",))
        if operation in {"read", "list"}:
            return super().answer(operation, arguments)
        raise NotSupported(operation)


class Crasher(Puppet):
    """Falls over in everything but the first questions."""

    product = "Crash"

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation == "elapse":
            raise RuntimeError("boom")
        return super()._perform(operation, arguments)

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        raise RuntimeError("boom")


class Sleeper(Puppet):
    """Never answers once it is connected."""

    product = "Sleep"

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        time.sleep(30)


class Babbler(Puppet):
    """Answers with things that no contract knows."""

    product = "Babble"

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        return "<html>502</html>"


class Gambler(Puppet):
    """Answers within the contract, and at random."""

    product = "Gamble"

    def __init__(self) -> None:
        self._dice = random.Random(7)

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        dice = self._dice
        if operation in {"submit", "update"}:
            states = ("accepted", "rejected", "held", "unknown")
            return Outcome(state=dice.choice(states), prm_id=str(dice.randrange(99)))
        if operation in {"read", "read_as"}:
            return dice.choice([None, self._record(arguments["kind"])])
        if operation in {"list", "list_as"}:
            return [self._record(arguments["kind"]) for _ in range(dice.randrange(4))]
        return super().answer(operation, arguments)

    def _record(self, kind: str) -> Record:
        fields = {"Name": f"Random {self._dice.randrange(999)}", "Amount": self._dice.random()}
        return Record(kind=kind, prm_id=str(self._dice.randrange(99)), fields=fields)


yes, hollow, silent, no, crash, sleep, babble, gamble = (
    Puppet, Hollow, Silent, Refuser, Crasher, Sleeper, Babbler, Gambler,
)  # fmt: skip
