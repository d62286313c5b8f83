"""The product's own count of its CRM calls, and the ceiling that it keeps to."""

from __future__ import annotations

from typing import Final

from prm_harness.adapter import ApiUsage, Step, StepLog
from prm_harness.reference.installation import Installation

DAY: Final = 86400.0


class HasUsage(Installation):
    """The operations. A style without a ceiling of its own refuses the second one."""

    def api_usage(self) -> ApiUsage:
        """See the contract."""
        with self._lock:
            core = self._connected("api_usage")
            since = core.clock.mono() - DAY
            return ApiUsage(
                calls=core.meter.calls(since),
                window_seconds=DAY,
                ceiling=core.meter.ceiling,
                paused=core.log.is_open("ceiling"),
            )

    def set_ceiling(self, share: float | None) -> StepLog:
        """See the contract; takes effect with the next call."""
        with self._lock:
            core = self._connected("set_ceiling")
            if core.policy.keeps_ceiling:
                core.meter.ceiling = share
            assert self._engine is not None
            self._engine.unblock()
        step = Step(id="ceiling", title="Set the ceiling of API calls", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))
