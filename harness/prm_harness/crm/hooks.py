"""Arrangements that wait for a request: "when the n-th matching request arrives, do this"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from prm_harness.crm.matching import Counted, Match


@dataclass(slots=True)
class _Waiting:
    act: Callable[[], object]
    answered: bool
    counted: Counted


class HookBox:
    """The hooks that wait. What an action raises is kept and raised to whoever asks for its count."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._fired: Counter[str] = Counter()
        self._errors: dict[str, Exception] = {}

    def when(self, name: str, match: Match, act: Callable[[], object], *, answered: bool = False) -> None:
        """Run ``act`` when a matching request arrives, or (``answered``) right after it was handled."""
        self._waiting[name] = _Waiting(act, answered, Counted(match))
        self._fired[name] = 0
        self._errors.pop(name, None)

    def cancel(self, name: str | None = None) -> None:
        """Forget one hook, or all of them; counts stay readable."""
        if name is None:
            self._waiting.clear()
        else:
            self._waiting.pop(name, None)

    def fired(self, name: str) -> int:
        """How often it ran.

        Raises:
            Exception: what its action raised: the arrangement did not come about.
        """
        if name in self._errors:
            raise self._errors[name]
        return self._fired[name]

    @property
    def names(self) -> list[str]:
        """The hooks that wait."""
        return list(self._waiting)

    @property
    def waiting(self) -> bool:
        """Whether any hook waits: the common case is none."""
        return bool(self._waiting)

    def due(self, *, answered: bool, route: str, method: str, text: str) -> list[Callable[[], None]]:
        """The actions that this request sets off at this moment."""
        return [
            self._action(name, hook)
            for name, hook in tuple(self._waiting.items())
            if hook.answered is answered and hook.counted.meets(route, method, text)
        ]

    def passed(self, route: str, method: str, rows: int) -> None:
        """A request was handled and carried so many rows."""
        for hook in tuple(self._waiting.values()):
            hook.counted.passed(route, method, rows)

    def _action(self, name: str, hook: _Waiting) -> Callable[[], None]:
        def run() -> None:
            self._fired[name] += 1
            try:
                hook.act()
            except Exception as error:  # noqa: BLE001 - the PRM's request goes on; the check is told
                self._errors[name] = error

        return run
