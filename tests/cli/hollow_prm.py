"""A PRM that refuses everything politely: the cheapest whole run there is. Options say who it is and how it misbehaves."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    Capability,
    CrmConnection,
    Declaration,
    Level,
    Outcome,
    Prerequisites,
    PrmAdapter,
    Record,
    Ref,
)


class Hollow(PrmAdapter):
    def __init__(self, product: str, dies_in: str) -> None:
        self._product = product
        self._dies_in = dies_in

    def info(self) -> AdapterInfo:
        no = Declaration(level=Level.UNSUPPORTED)
        declared = dict.fromkeys(Capability, no) | {Capability.VIRTUAL_TIME: Declaration(level=Level.FULL)}
        return AdapterInfo(
            contract=CONTRACT_VERSION, vendor="Hollow", product=self._product, version="1", kinds=("Opportunity",),
            cycle_seconds=600, capabilities=declared, sample=True,
        )  # fmt: skip

    def prerequisites(self) -> Prerequisites:
        if self._dies_in == "prerequisites":
            os._exit(9)
        return Prerequisites()

    def connect(self, crm: CrmConnection) -> None:
        pass

    def disconnect(self) -> None:
        pass

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        return Outcome(state="rejected", messages=("not here",))

    def read(self, kind: str, ref: Ref) -> Record | None:
        return None

    def list(self, kind: str) -> Iterable[Record]:
        return []

    def cleanup(self, run_id: str) -> None:
        pass

    def elapse(self, seconds: float, now: datetime) -> None:
        pass


def create(product: str = "Hollow PRM", dies_in: str = "") -> Hollow:
    return Hollow(product, dies_in)


def boom() -> Hollow:
    raise RuntimeError("no licence")


def thing() -> dict[str, str]:
    return {}
