"""``prm-harness adapter check``: one examination after the other, each bounded, none ending the others."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from prm_harness.adapter.session import Session
from prm_harness.audit.stage import Stage, open_stage
from prm_harness.crm.sandbox import Sandbox

from . import manners, records
from .bench import BUDGET, PATIENCE, Bench, examining
from .messages import messages_arrive
from .report import Report

SEEDED = 220
"""Deals that the CRM has before: more than a page of most CRM clients."""


def check_adapter(connect: str, *, seed: int = 1) -> Report:
    """Look at one adapter, against a sandbox of its own.

    Raises:
        ConnectError: no adapter could be opened; one line says why.
    """
    started = time.monotonic()
    run_id = f"kit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with open_stage(
        connect, seed=seed, run_id=run_id, limits=(PATIENCE, PATIENCE), with_mailbox=False
    ) as stage:
        bench = _bench(stage, started)
        if bench.info.operated_by == "person":
            bench.report.not_looked_at.append(
                "the operations: a person carries them out; the file itself is in order"
            )
        else:
            _examine(bench)
        bench.report.seconds = time.monotonic() - started
        return bench.report


def _bench(stage: Stage, started: float) -> Bench:
    assert isinstance(stage.crm, Sandbox)
    session: Session = stage.line.session
    report = Report(product=session.info.product, stats=session.stats)
    return Bench(
        line=stage.line,
        crm=stage.crm,
        connection=stage.connection,
        time=stage.time,
        report=report,
        end=started + BUDGET,
    )


def _examine(bench: Bench) -> None:
    report = bench.report
    with examining(report, "what is declared"):
        manners.declaring(bench)
    with examining(report, "operations before connect"):
        manners.unconnected(bench)
    _arrange(bench)
    connected = False
    with examining(report, "connecting"):
        connected = manners.connecting(bench)
    if connected:
        with messages_arrive(bench):
            _connected(bench)
    else:
        report.not_looked_at.append("everything that needs a connected product")
    bench.end = float("inf")
    with examining(report, "leaving"):
        manners.leaving(bench)
    records.slowness(bench)


def _connected(bench: Bench) -> None:
    bench.pass_time(1)
    for what, examine in (
        ("submitting", records.submitting),
        ("reading", records.reading),
        ("reading only reads", records.reading_only_reads),
        ("listing", records.listing),
        ("changing", records.changing),
        ("what is declared in full", manners.claims),
        ("patience", manners.patience),
    ):
        with examining(bench.report, what):
            examine(bench)


def _arrange(bench: Bench) -> None:
    """A partner, and deals that it had before; a product whose clock cannot be driven has no time to load them."""
    (bench.partner,) = bench.crm.create("Account", [{"Name": "Kit Partner"}])
    bench.crm.update("Account", bench.partner, {"IsPartner": True})
    if bench.time.virtual and bench.info.deal_target == "Opportunity":
        close = f"{bench.time.now().year + 1}-03-01"
        rows = [
            {
                "Name": f"Kit seeded {n:03d}",
                "StageName": "Prospecting",
                "CloseDate": close,
                "Amount": n,
                bench.info.partner_field: bench.partner,
            }
            for n in range(SEEDED)
        ]
        ids = bench.crm.create("Opportunity", rows)
        bench.seeded = {crm_id: str(row["Name"]) for crm_id, row in zip(ids, rows, strict=True)}
