"""Trouble on purpose: which request is hit, by what, how often."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.log import route_matches

KINDS: Final = frozenset({"status", "lost", "reset", "slow"})


@dataclass(slots=True)
class _Armed:
    spec: FaultSpec
    seen: int = 0
    fired: int = 0

    @property
    def spent(self) -> bool:
        return self.spec.times is not None and self.fired >= self.spec.times


class FaultBox:
    """The faults that are switched on. Shares are drawn from a seeded generator, so that a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable, not secret
        self._armed: dict[str, _Armed] = {}
        self._fired: dict[str, int] = {}

    def inject(self, spec: FaultSpec) -> None:
        """Switch a fault on; the same name replaces the fault and starts its count again."""
        if spec.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {spec.kind!r}; known: {', '.join(sorted(KINDS))}")
        self._armed[spec.name] = _Armed(spec)
        self._fired[spec.name] = 0

    def heal(self, name: str | None = None) -> None:
        """Switch one fault (or all) off; their counts stay readable."""
        if name is None:
            self._armed.clear()
        else:
            self._armed.pop(name, None)

    def fired(self, name: str) -> int:
        """How often it has hit since it was injected; 0 for a name never injected."""
        return self._fired.get(name, 0)

    @property
    def armed(self) -> bool:
        """Whether any fault is switched on: the common case is none, and then nothing has to be looked at."""
        return bool(self._armed)

    def hit(self, *, route: str, method: str, text: str) -> FaultSpec | None:
        """The fault that this request meets, if any. ``text`` is its address and body, for ``where``."""
        for armed in tuple(self._armed.values()):  # a check may heal from another thread meanwhile
            if self._meets(armed, route, method, text):
                armed.fired += 1
                self._fired[armed.spec.name] = armed.fired
                return armed.spec
        return None

    def _meets(self, armed: _Armed, route: str, method: str, text: str) -> bool:
        spec = armed.spec
        if armed.spent or not route_matches(spec.route, route):
            return False
        if (spec.method and spec.method.upper() != method) or spec.where not in text:
            return False
        armed.seen += 1
        if armed.seen <= spec.after:
            return False
        return spec.share >= 1 or self._random.random() < spec.share
