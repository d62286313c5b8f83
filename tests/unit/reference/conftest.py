"""A sandbox CRM and a reference PRM connected to it, time driven by the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from prm_harness.adapter import CrmConnection, PrmAdapter, Record, Ref, open_adapter
from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.sandbox import Sandbox


@dataclass
class Lab:
    """Both sides."""

    crm: Sandbox
    prm: PrmAdapter
    account: str = ""
    partner: str = ""
    other_partner: str = ""
    setup_messages: list[str] = field(default_factory=list)

    def connection(self, login_url: str = "") -> CrmConnection:
        given = self.crm.credentials()
        return CrmConnection(
            login_url=login_url or self.crm.login_url,
            username=given.username,
            password=given.password,
            security_token=given.security_token,
            client_id=given.client_id,
            client_secret=given.client_secret,
            run_id="run-1",
        )

    def connect(self, login_url: str = "") -> Lab:
        self.prm.connect(self.connection(login_url))
        for step in self.prm.setup_steps():
            log = self.prm.run_step(step.id)
            assert log.done, log.message
        self.prm.elapse(0, self.crm.clock.now())
        return self

    def wait(self, seconds: float | None = None, *, cycles: int = 1) -> None:
        for _ in range(cycles):
            passing = seconds or self.prm.info().cycle_seconds
            self.crm.clock.advance(passing)
            self.prm.elapse(passing, self.crm.clock.now())

    def deal(self, name: str, **values: Any) -> dict[str, Any]:
        basics = {
            "Name": name,
            "StageName": "Prospecting",
            "CloseDate": "2026-12-31",
            "AccountId": self.account,
        }
        return basics | values

    def submit(self, name: str, **values: Any) -> str:
        outcome = self.prm.submit("Opportunity", self.deal(name, **values), as_partner=self.partner)
        assert outcome.state == "accepted", outcome.messages
        assert outcome.prm_id
        return outcome.prm_id

    def in_crm(self, name: str) -> dict[str, Any]:
        (row,) = self.rows(name)
        full = self.crm.get("Opportunity", row["Id"])
        assert full is not None
        return full

    def rows(self, name: str) -> list[dict[str, Any]]:
        return self.crm.query(f"SELECT Id FROM Opportunity WHERE Name = '{name}'")

    def in_prm(self, name: str, kind: str = "Opportunity") -> Record:
        record = self.prm.read(kind, Ref(by="name", value=name))
        assert record is not None
        return record

    def fault(self, kind: str = "status", **more: Any) -> None:
        self.crm.faults.inject(FaultSpec(name="trouble", kind=kind, **more))


Open = Callable[..., Lab]


@pytest.fixture
def lab() -> Iterator[Open]:
    """Makes a lab: ``lab("mirror", defect="…")``; seed with ``before``; connects unless told not to."""
    made: list[Lab] = []
    contexts: list[Any] = []

    def make(
        style: str = "mirror",
        *,
        defect: str = "",
        options: str = "",
        before: Callable[[Lab], None] | None = None,
        connect: bool = True,
    ) -> Lab:
        crm = Sandbox(seed=7)
        context = crm.in_process()
        context.__enter__()
        contexts.append(context)
        query = f"?defect={defect}" if defect else options and f"?{options}"
        new = Lab(crm, open_adapter(f"python:prm_harness.reference.{style}:create{query}"))
        made.append(new)
        names = ["Customer", "Partner One", "Partner Two"]
        new.account, new.partner, new.other_partner = crm.create(
            "Account", [{"Name": name} for name in names]
        )
        if before:
            before(new)
        return new.connect() if connect else new

    yield make
    for one in made:
        one.prm.disconnect()
        one.crm.close()
    for context in reversed(contexts):
        context.__exit__(None, None, None)
