"""The CRM's powers as a check is handed them: what is done to them is written down, and looked for afterwards."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Final

from prm_harness.audit.tape import Tape
from prm_harness.crm import backend

from .witness import Witness


class Noted:
    """One of the CRM's powers, with what is done to it written down.

    Args:
        power: what answers.
        tape: where it is written down.
        name: what the power is called there.
        acts: operations that change something; None: all but ``describe``.
    """

    def __init__(self, power: Any, tape: Tape, name: str, acts: set[str] | None = None) -> None:
        self._power = power
        self._tape = tape
        self._name = name
        self._acts = acts

    def __getattr__(self, operation: str) -> Any:
        """The operation, or the figure, of the power itself."""
        found = getattr(self._power, operation)
        if not callable(found) or operation == "describe" or (self._acts and operation not in self._acts):
            return found

        def noted(*args: Any, **kwargs: Any) -> Any:
            asked = inspect.signature(found).bind(*args, **kwargs).arguments
            answered = self._tape.act("crm", f"{self._name}.{operation}", values=asked)
            result = found(*args, **kwargs)
            answered("done")
            return result

        return noted


_UNLOGGED: Final = frozenset({"describe", "user", "create_user", "create_queue"})


class Seen:
    """One of the CRM's powers, whose acts are looked for afterwards.

    Args:
        power: what answers.
        look: what looks, before and after.
        acts: operations that have to change something; None: all but ``describe``, ``user``, and those that make users
            and queues: these are no rows of the log, and a record that names one that is not there is refused.
        name: what the power is called.
    """

    def __init__(
        self,
        power: Any,
        look: Callable[[str], AbstractContextManager[None]],
        acts: set[str] | None,
        name: str,
    ) -> None:
        self._power = power
        self._look = look
        self._acts = acts
        self._name = name

    def __getattr__(self, operation: str) -> Any:
        """The operation, or the figure, of the power itself."""
        found = getattr(self._power, operation)
        changes = operation in self._acts if self._acts else operation not in _UNLOGGED
        if not callable(found) or not changes:
            return found

        @wraps(found)
        def looked(*args: Any, **kwargs: Any) -> Any:
            with self._look(f"{self._name}: {operation.replace('_', ' ')}"):
                return found(*args, **kwargs)

        return looked


class SetAndHeld:
    """The daily allowance; what is set has to be there afterwards.

    Args:
        quota: what answers.
        witness: who looks.
    """

    def __init__(self, quota: backend.Quota, witness: Witness) -> None:
        self._quota = quota
        self._witness = witness

    def set(self, *, used: int | None = None, maximum: int | None = None, **more: Any) -> None:
        """See Quota.

        Raises:
            Inconclusive: the allowance is not what was asked for.
        """
        self._quota.set(used=used, maximum=maximum, **more)
        for name, wanted in (("used", used), ("maximum", maximum)):
            if wanted is not None:
                self._witness.holds(f"{name} calls of the day", getattr(self._quota, name), wanted)

    def __getattr__(self, name: str) -> Any:
        """Whatever else the allowance offers."""
        return getattr(self._quota, name)
