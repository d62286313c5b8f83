"""Bringing a PRM and the CRM together: what it needs is installed, then its setup steps are gone through."""

from __future__ import annotations

from prm_harness.adapter import Capability, CrmConnection, Prerequisites, Step, StepLog
from prm_harness.crm import backend
from prm_harness.record.model import SetupStep

from .events import Listener
from .handed.portal import Caller


def install(crm: backend.Crm, wanted: Prerequisites) -> int:
    """Create the fields that the PRM asks for, where the org lacks them; returns how many were added."""
    added = 0
    for field in wanted.fields:
        if field.name in crm.schema.describe(field.sobject):
            continue
        properties: dict[str, object] = {"label": field.label or field.name, "external_id": field.external_id}
        if field.length:
            properties["length"] = field.length
        if field.values:
            properties["values"] = field.values
        crm.schema.add_field(field.sobject, field.name, field.type, **properties)
        added += 1
    return added


def connect(session: Caller, connection: CrmConnection, listener: Listener) -> list[SetupStep]:
    """Log in and go through the setup steps, each written down as it is done.

    Raises:
        AdapterFault: the adapter broke its contract while connecting.
        NotSupported: a declared setup operation is missing.
    """
    session.call("connect", connection)
    if not session.info.offers(Capability.SETUP):
        return []
    done = []
    for step in session.call("setup_steps"):
        done.append(_go_through(session, step))
        listener.event("setup_step", done[-1])
    return done


def _go_through(session: Caller, step: Step) -> SetupStep:
    log: StepLog = session.call("run_step", step.id)
    return SetupStep(
        id=step.id,
        title=step.title,
        actor=step.actor,
        hands_on_minutes=step.hands_on_minutes,
        waiting_minutes=step.waiting_minutes,
        done=log.done,
        message=log.message,
    )
