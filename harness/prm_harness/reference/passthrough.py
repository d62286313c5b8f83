"""The pass-through PRM: a window on the CRM, without a store of its own.

``python:prm_harness.reference.passthrough:create``. Reading reads the CRM, entering writes it at once, and what the CRM
refuses the portal refuses with the CRM's own message. While the CRM is down, so is the portal: pages show no record,
entries are refused, and the status says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    BackfillStatus,
    Capability,
    FieldInfo,
    Filter,
    NotSupported,
    Prerequisites,
    Rule,
    Step,
    StepLog,
    TypeInfo,
)

from .copying import KEYED, KINDS
from .declaring import declared, footprint
from .defects import policy_with
from .installation import version_of
from .looking.offers import WindowOffers
from .options import clock_option
from .policy import Policy
from .syncing.problems import CrmProblem

FRESH_SECONDS: Final = 60.0
"""Declared as the cycle: nothing that is shown is older (only the describe of an object is kept at all)."""

_FULL: Final = (
    Capability.WRITE, Capability.PARTNER_VIEW, Capability.SCHEMA, Capability.HISTORY, Capability.FILTERS,
    Capability.SETUP, Capability.FILES, Capability.CONFIG,
)  # fmt: skip


def create(clock: str = "virtual", defect: str | None = None) -> PassThrough:
    """The pass-through PRM.

    Args:
        clock: "virtual" (driven by elapse) or "real".
        defect: name of a planted defect (defects/).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    return PassThrough(policy_with(defect, "passthrough"), clock_option(clock), defect)


class PassThrough(WindowOffers):
    """See the module; what its admin does."""

    def __init__(self, policy: Policy, clock: str, defect: str | None) -> None:
        super().__init__(policy, clock)
        self._defect = defect
        self._rules: dict[str, Rule] = {}
        self._rule_number = count(1)

    def info(self) -> AdapterInfo:
        """See the contract."""
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Pass-through reference PRM",
            version=version_of("1.0", self._defect),
            style="passthrough",
            capabilities=declared(
                full=_FULL,
                partial={
                    Capability.LOGIC: "segments; a workflow would have to remember what was there before",
                    Capability.USAGE: "counts its own calls; keeps to no ceiling",
                    Capability.FLOWS: "leads; nothing waits for a decision, and there are no funds",
                    Capability.SYNC_CONTROL: "the status of the connection; there is nothing to sync",
                    Capability.HEALTH: "tries the connection; there is no second copy to compare",
                },
                absent={
                    Capability.SCHEDULE: "nothing is scheduled: every look reads the CRM",
                    Capability.MAPPING: "there is nothing to map: same schema",
                    Capability.ERRORS: "what the CRM refuses is refused at once, to the person who entered it",
                    Capability.NOTIFY: "whoever enters something is told at once; nobody else is",
                    Capability.SEED: "the portal keeps no records of its own",
                    Capability.AUDIT: "the CRM's own history is the history",
                    Capability.ROLLBACK: "the portal does not know what was there before",
                },
                virtual=self._virtual,
            ),
            kinds=KINDS,
            cycle_seconds=FRESH_SECONDS,
            declared_setup_minutes=5,
            unsupported_notes=(
                "working while the CRM is down, or while its daily API calls are used up",
                "reading without API calls",
            ),
            sample=True,
        )

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return footprint(KEYED, KINDS, self._policy.permissions)

    # -- health --------------------------------------------------------------------------------------------------

    def health_check(self) -> StepLog:
        """See the contract; there is one copy only."""
        with self._lock:
            try:
                self._connected("health_check").objects()
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        step = Step(id="health", title="Try the connection", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,), message="connected; there is no second copy to compare")

    # -- schema, history ----------------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """See the contract."""
        with self._lock:
            return self._connected("list_types").objects()

    def describe_type(self, kind: str) -> TypeInfo:
        """See the contract."""
        with self._lock:
            if kind not in self._kinds:
                return TypeInfo(kind=kind)
            spec = self._connected("describe_type").spec(kind)
        fields = tuple(
            FieldInfo(name=f.name, type=f.type, writable=f.updateable, values=f.values)
            for f in spec.fields.values()
        )
        return TypeInfo(kind=kind, fields=fields, record_types=tuple(spec.record_types))

    def offered_values(self, kind: str, field: str, given: Mapping[str, Any]) -> Sequence[str]:
        """See the contract; asked of the CRM when somebody opens the form."""
        with self._lock:
            live = self._connected("offered_values")
            if kind not in self._kinds or field not in live.spec(kind).fields:
                raise NotSupported("offered_values", f"the portal has no field {field} on {kind}")
            return live.offered(kind, field, given)

    def refresh_schema(self) -> StepLog:
        """See the contract; no describe is older than a minute anyway."""
        with self._lock:
            self._connected("refresh_schema").forget_schema()
        return StepLog(done=True)

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """Nothing has to be done."""
        self.refresh_schema()
        there = field.name in {one.name for one in self.describe_type(kind).fields}
        return StepLog(
            done=there, message="" if there else f"the CRM shows us no field {field.name} on {kind}"
        )

    def add_type(self, kind: str) -> StepLog:
        """See the contract."""
        with self._lock:
            try:
                self._connected("add_type").spec(kind)
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
            self._kinds.add(kind)
        step = Step(id=f"add-{kind}", title=f"Tick {kind}", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))

    def backfill(self, kind: str, fields: Sequence[str], since: datetime | None = None) -> StepLog:  # noqa: ARG002
        """Nothing has to be loaded: what the CRM has is there."""
        there = {one.name for one in self.describe_type(kind).fields}
        missing = [name for name in fields if name not in there]
        return StepLog(
            done=not missing, message=f"the portal has no field {missing[0]} on {kind}" if missing else ""
        )

    def backfill_status(self, kind: str) -> BackfillStatus:
        """There is never one under way."""
        self._connected("backfill_status").spec(kind)
        return BackfillStatus(state="idle")

    # -- filters, logic -----------------------------------------------------------------------------------------

    def get_filter(self, kind: str) -> Filter | None:
        """See the contract."""
        with self._lock:
            return self._connected("get_filter").filters.get(kind)

    def set_filter(self, kind: str, rule: Filter | None) -> StepLog:
        """Takes effect at once."""
        with self._lock:
            live = self._connected("set_filter")
            if rule is None:
                live.filters.pop(kind, None)
            elif kind not in self._kinds or rule.field not in live.spec(kind).fields:
                return StepLog(done=False, message=f"the portal has no such field on {kind}")
            else:
                live.filters[kind] = rule
        step = Step(id="filter", title=f"Set the filter of {kind}", actor="admin", hands_on_minutes=2)
        return StepLog(done=True, steps=(step,))

    def create_rule(self, rule: Rule) -> str:
        """See the contract."""
        with self._lock:
            live = self._connected("create_rule")
            if rule.kind not in self._kinds or rule.field not in live.spec(rule.kind).fields:
                raise NotSupported("create_rule", f"the portal has no field {rule.field} on {rule.kind}")
            rule_id = f"segment-{next(self._rule_number)}"
            self._rules[rule_id] = rule
            return rule_id

    def rule_members(self, rule_id: str) -> Sequence[str]:
        """See the contract; asked of the CRM each time."""
        with self._lock:
            return self._connected("rule_members").members(self._rules[rule_id])

    def delete_rule(self, rule_id: str) -> None:
        """See the contract."""
        with self._lock:
            self._rules.pop(rule_id, None)
