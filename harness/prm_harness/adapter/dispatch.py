"""An adapter that passes every operation to one function: the base of transports."""

from __future__ import annotations

from abc import update_abstractmethods
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .codec import bind
from .contract import OPERATIONS, PrmAdapter
from .records import AdapterInfo, CrmConnection, Outcome, Prerequisites, Record, Ref


class Dispatch(PrmAdapter):
    """Subclasses implement :meth:`_perform`; the operations themselves are all here."""

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Do one operation of the contract; ``arguments`` by name."""
        raise NotImplementedError

    def info(self) -> AdapterInfo:
        """See the contract."""
        return self._perform("info", {})  # type: ignore[no-any-return]

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return self._perform("prerequisites", {})  # type: ignore[no-any-return]

    def connect(self, crm: CrmConnection) -> None:
        """See the contract."""
        self._perform("connect", {"crm": crm})

    def disconnect(self) -> None:
        """See the contract."""
        self._perform("disconnect", {})

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """See the contract."""
        return self._perform(  # type: ignore[no-any-return]
            "submit", {"kind": kind, "values": values, "as_partner": as_partner}
        )

    def read(self, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        return self._perform("read", {"kind": kind, "ref": ref})  # type: ignore[no-any-return]

    def list(self, kind: str) -> Iterable[Record]:
        """See the contract."""
        return self._perform("list", {"kind": kind})  # type: ignore[no-any-return]

    def cleanup(self, run_id: str) -> None:
        """See the contract."""
        self._perform("cleanup", {"run_id": run_id})


def _optional(operation: str) -> Callable[..., Any]:
    def method(self: Dispatch, *args: Any, **kwargs: Any) -> Any:
        return self._perform(operation, bind(operation, args, kwargs))

    method.__name__ = operation
    method.__doc__ = "See the contract."
    return method


for _operation in OPERATIONS:
    setattr(Dispatch, _operation, _optional(_operation))
update_abstractmethods(Dispatch)
