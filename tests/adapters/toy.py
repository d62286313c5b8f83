"""A PRM small enough to be wrong in one way at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    CrmConnection,
    NotSupported,
    Outcome,
    Prerequisites,
    PrmAdapter,
    Record,
    Ref,
)


class Toy(PrmAdapter):
    """Keeps submissions in a list; ``version`` and ``wrong`` say how it misbehaves."""

    def __init__(self, version: str = CONTRACT_VERSION, **wrong: Callable[[], Any]) -> None:
        self.version = version
        self.wrong = wrong
        self.deals: list[Record] = []
        self.calls: list[str] = []

    def _maybe(self, operation: str) -> Any:
        self.calls.append(operation)
        return self.wrong[operation]() if operation in self.wrong else None

    def info(self) -> AdapterInfo:
        return self._maybe("info") or AdapterInfo(
            contract=self.version, vendor="Toys", product="Toy PRM", version="1", kinds=("Opportunity",),
            cycle_seconds=60, sample=True,
        )  # fmt: skip

    def prerequisites(self) -> Prerequisites:
        return self._maybe("prerequisites") or Prerequisites()

    def connect(self, crm: CrmConnection) -> None:
        self._maybe("connect")

    def disconnect(self) -> None:
        self._maybe("disconnect")

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        wrong = self._maybe("submit")
        if wrong is not None:
            return wrong
        prm_id = f"toy-{len(self.deals)}"
        self.deals.append(Record(kind=kind, prm_id=prm_id, fields=dict(values), raw={"partner": as_partner}))
        return Outcome(state="accepted", prm_id=prm_id)

    def read(self, kind: str, ref: Ref) -> Record | None:
        wrong = self._maybe("read")
        if wrong is not None:
            return wrong
        return next((d for d in self.deals if ref.by == "prm_id" and d.prm_id == ref.value), None)

    def list(self, kind: str) -> Iterable[Record]:
        wrong = self._maybe("list")
        return iter(self.deals) if wrong is None else wrong

    def cleanup(self, run_id: str) -> None:
        self._maybe("cleanup")
        self.deals.clear()


def create(**options: str) -> Toy:
    return Toy(**options)


def boom() -> Toy:
    raise RuntimeError("no licence")


def not_an_adapter() -> dict[str, str]:
    return {}


def hang() -> Any:
    time.sleep(3600)


def refuse() -> Any:
    raise NotSupported("submit", "read-only product")
