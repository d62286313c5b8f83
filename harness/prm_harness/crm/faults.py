"""Trouble on purpose: which request or event is hit, by what, how often, and until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from prm_harness.crm.matching import Counted, Match
from prm_harness.crm.trouble import EVENT_KINDS, KINDS, FaultSpec, Firing

_BODIES = ("json", "html")


@dataclass(slots=True)
class _Armed:
    spec: FaultSpec
    dice: Random
    ends: datetime | None
    counted: Counted
    fired: int = 0
    misfires: list[str] = field(default_factory=list)


class FaultBox:
    """The faults that are switched on. Shares are drawn from seeded generators, so that a run can be repeated."""

    def __init__(self, seed: int, now: Callable[[], datetime] | None = None) -> None:
        self._seed = seed
        self._now = now or (lambda: datetime.now(UTC))
        self._armed: dict[str, _Armed] = {}
        self._known: dict[str, _Armed] = {}
        self._firings: list[Firing] = []

    def inject(self, spec: FaultSpec) -> None:
        """Switch a fault on; the same name replaces the fault and starts its count again.

        Raises:
            ValueError: an unknown kind, or a number that makes no sense for it.
        """
        _demand_sense(spec)
        ends = None if spec.lasts is None else self._now() + timedelta(seconds=spec.lasts)
        dice = Random(f"{self._seed} {spec.name}")  # noqa: S311 - repeatable, not secret
        # Events have no route, and their text is only made when an object's event may be hit.
        is_event = spec.kind in EVENT_KINDS
        where = "" if is_event else spec.where
        match = Match(spec.route, spec.method, where, spec.after, spec.after_rows, None)
        self._armed[spec.name] = self._known[spec.name] = _Armed(spec, dice, ends, Counted(match))

    def heal(self, name: str | None = None) -> None:
        """Switch one fault (or all) off; their counts stay readable."""
        if name is None:
            self._armed.clear()
        else:
            self._armed.pop(name, None)

    def fired(self, name: str) -> int:
        """How often it has hit since it was injected; 0 for a name never injected."""
        known = self._known.get(name)
        return known.fired if known else 0

    def firings(self, *, since: int = 0) -> Sequence[Firing]:
        """Every hit after number ``since``, oldest first."""
        return self._firings[since:]

    def misfires(self, name: str) -> Sequence[str]:
        """Why a fault could not do what it should: the org refused the change that it stood for."""
        known = self._known.get(name)
        return tuple(known.misfires) if known else ()

    @property
    def armed(self) -> bool:
        """Whether any fault is switched on: the common case is none, and then nothing has to be looked at."""
        return bool(self._armed)

    def switched_on(self) -> list[FaultSpec]:
        """The faults that can still hit."""
        return [armed.spec for armed in tuple(self._armed.values()) if not self._over(armed)]

    def hit(self, *, route: str, method: str, text: str, exchange: int | None = None) -> FaultSpec | None:
        """The fault that this request meets, if any. ``text`` is its address and body, for ``where``."""
        for armed in tuple(self._armed.values()):  # a check may heal from another thread meanwhile
            if armed.spec.kind in EVENT_KINDS or self._over(armed):
                continue
            if armed.counted.meets(route, method, text) and self._lands(armed, exchange):
                return armed.spec
        return None

    def hit_event(self, sobject: str, text: Callable[[], str], exchange: int | None = None) -> str:
        """The kind of trouble that the delivery of this object's event meets, or the empty text."""
        for armed in tuple(self._armed.values()):
            spec = armed.spec
            if spec.kind not in EVENT_KINDS or spec.sobject not in {"", sobject} or self._over(armed):
                continue
            if spec.where and spec.where not in text():
                continue
            if armed.counted.meets(spec.route, spec.method.upper(), "") and self._lands(armed, exchange):
                return spec.kind
        return ""

    def passed(self, route: str, method: str, rows: int) -> None:
        """A request was handled and carried so many rows: those that wait for a number of rows count them."""
        for armed in tuple(self._armed.values()):
            armed.counted.passed(route, method, rows)

    def misfired(self, name: str, why: str) -> None:
        """The last hit of that fault came to nothing."""
        known = self._known.get(name)
        if known is not None and known.fired:
            known.fired -= 1
            known.misfires.append(why)
            self._firings = [f for f in self._firings if f is not self._firings[-1]]

    def choose(self, name: str, count: int) -> int:
        """A number below ``count``, drawn from the fault's own generator."""
        return self._known[name].dice.randrange(count)

    def chance(self, name: str) -> Callable[[float], bool]:
        """The fault's own dice, for shares inside one request."""
        dice = self._known[name].dice
        return lambda share: share >= 1 or dice.random() < share

    def _over(self, armed: _Armed) -> bool:
        spent = armed.spec.times is not None and armed.fired >= armed.spec.times
        return spent or (armed.ends is not None and self._now() >= armed.ends)

    def _lands(self, armed: _Armed, exchange: int | None) -> bool:
        spec = armed.spec
        if spec.share < 1 and armed.dice.random() >= spec.share:
            return False
        armed.fired += 1
        number = self._firings[-1].number + 1 if self._firings else 1
        self._firings.append(Firing(number, self._now(), spec.name, spec.kind, exchange))
        return True


def _demand_sense(spec: FaultSpec) -> None:
    if spec.kind not in KINDS:
        raise ValueError(f"unknown kind of fault {spec.kind!r}; known: {', '.join(sorted(KINDS))}")
    for name in ("share", "rows"):
        if not 0 <= getattr(spec, name) <= 1:
            raise ValueError(f"fault {spec.name!r}: {name} is a share from 0 to 1, not {getattr(spec, name)}")
    for name in ("seconds", "after", "after_rows", "lasts", "times"):
        value = getattr(spec, name)
        if value is not None and value < 0:
            raise ValueError(f"fault {spec.name!r}: {name} is not below 0, as {value} is")
    if spec.body not in _BODIES:
        raise ValueError(f"fault {spec.name!r}: body is json or html, not {spec.body!r}")
    if spec.kind == "status" and not 400 <= spec.status <= 599:
        raise ValueError(f"fault {spec.name!r}: status is an error from 400 to 599, not {spec.status}")
    if spec.kind in {"late", "corrupt"} and not (spec.sobject and spec.values):
        raise ValueError(f"fault {spec.name!r}: {spec.kind} needs an sobject and the values to save")
