"""Before, around and after: what is declared, connecting, claims kept, patience with the CRM, leaving no trace."""

from __future__ import annotations

from typing import Final

from prm_harness.adapter import AdapterFault, Capability, Level, NotSupported, Ref
from prm_harness.audit.connect import install
from prm_harness.audit.probing import ANSWERS, REFUSED, probe_claims, probe_refusals
from prm_harness.crm.backend import FaultSpec

from .bench import Bench
from .report import Kind

IMPATIENT: Final = 40
"""CRM requests in one cycle, every one of them answered "try later", that are too many."""


def declaring(bench: Bench) -> None:
    """What ``info`` says, and whether it says it twice."""
    info = bench.info
    again = bench.tried("info", core=True)
    if again is not None and again != info:
        bench.report.add(
            Kind.WRONG, "info", "a second call answers something else", "answer the same from the start on"
        )
    if info.deal_target not in info.kinds:
        bench.report.add(
            Kind.WRONG, "info", f"deal_target {info.deal_target!r} is none of the kinds {', '.join(info.kinds)}",
            "list it among the kinds, or name the kind that a deal becomes",
        )  # fmt: skip
    for capability, declared in info.capabilities.items():
        if declared.level is Level.PARTIAL and not declared.note:
            bench.report.add(
                Kind.NOTE,
                "info",
                f"{capability.value} is declared partial, without a note",
                "tell the buyer its limits",
            )
    silent = [
        one.value for one in Capability if one not in info.capabilities and one is not Capability.VIRTUAL_TIME
    ]
    if silent:
        bench.report.add(
            Kind.NOTE, "info", f"nothing is declared of {', '.join(silent)}",
            "say `unsupported` or `not_implemented`: what is not spoken of is asked for nowhere and costs coverage",
        )  # fmt: skip


def unconnected(bench: Bench) -> None:
    """Ending what never began, and refusing what is not there."""
    bench.tried("disconnect", core=True)
    levels = {capability.value: declared.level for capability, declared in bench.info.capabilities.items()}
    for capability, answer in probe_refusals(bench.line, levels).items():
        if answer == ANSWERS:
            bench.report.add(
                Kind.DISHONEST,
                capability,
                "declared unsupported, although it answers",
                "declare what there is",
            )
        elif answer != REFUSED:
            bench.report.add(
                Kind.WRONG, capability, f"declared unsupported, but not refused cleanly: {answer}",
                "raise NotSupported for what the product does not have",
            )  # fmt: skip


def connecting(bench: Bench) -> bool:
    """Prerequisites, login, setup steps; whether the product is connected."""
    wanted = bench.tried("prerequisites", core=True)
    if wanted is not None:
        install(bench.crm, wanted)
    before = len(bench.report.faults)
    bench.tried("connect", bench.connection, core=True)
    if len(bench.report.faults) > before:
        return False
    if bench.info.offers(Capability.SETUP):
        for step in bench.tried("setup_steps") or ():
            log = bench.tried("run_step", step.id)
            if log is not None and not log.done:
                bench.report.add(
                    Kind.WRONG, "run_step", f"step {step.id!r} was not done: {log.message or 'without a reason'}",
                    "the steps of setup_steps, in their order, must lead to a product that syncs",
                )  # fmt: skip
    return True


def claims(bench: Bench) -> None:
    """What is declared in full answers."""
    levels = {capability.value: declared.level for capability, declared in bench.info.capabilities.items()}
    for capability, answer in probe_claims(bench.line, levels).items():
        if answer == REFUSED:
            bench.report.add(
                Kind.MISSING, capability, "declared in full, but refused",
                "implement it, or declare it `unsupported`, or `partial` with a note",
            )  # fmt: skip
        else:
            bench.report.add(Kind.WRONG, capability, answer, "answer with the record of the contract")
    if bench.info.offers(Capability.WRITE) and bench.made:
        ref = Ref(by="prm_id", value=next(iter(bench.made)))
        bench.tried("update", bench.info.deal_target, ref, {"Description": "changed by the kit"})


def patience(bench: Bench) -> None:
    """The CRM says "try later" for a whole cycle: how often is it asked?"""
    if not bench.time.virtual:
        bench.report.not_looked_at.append(
            "patience when the CRM throttles: it takes a cycle, and this product cannot be driven (`virtual_time`)"
        )
        return
    bench.crm.faults.inject(FaultSpec(name="kit", kind="status"))
    mark = bench.crm.log.mark()[0]
    try:
        bench.pass_time(1)
        asked = len(bench.crm.log.exchanges(since=mark))
    finally:
        bench.crm.faults.heal()
    if asked > IMPATIENT:
        bench.report.add(
            Kind.DISHONEST, "elapse",
            f"told to try later, the product asked the CRM {asked} times within one cycle of {bench.info.cycle_seconds:g} s",
            "wait longer after each refusal (429, 503, REQUEST_LIMIT_EXCEEDED), and honour Retry-After",
        )  # fmt: skip


def leaving(bench: Bench) -> None:
    """Cleaning up twice, disconnecting twice, and nothing left."""
    for _ in range(2):
        bench.tried("cleanup", bench.connection.run_id, core=True)
    kind = bench.info.deal_target
    try:
        left = [record for record in bench.call("list", kind) if record.prm_id in bench.made]
    except (AdapterFault, NotSupported):
        left = []
    # Behind a pass-through portal the records are the CRM's own, and the CRM is thrown away.
    if left and bench.info.style != "passthrough":
        bench.report.add(
            Kind.WRONG, "cleanup", f"{len(left)} of {len(bench.made)} submitted records are still there",
            "remove what was submitted since `connect`; without a way to delete, say so in the notes of `info`",
        )  # fmt: skip
    for _ in range(2):
        bench.tried("disconnect", core=True)
