"""Defects in what people see and do: setup, schedule, errors, alerts, audit, visibility."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.adapter import ErrorEntry, Step

from .model import ALL, BATCH, IPAAS, MAPPING, MIRROR, WINDOW, Defect

_BY_HAND: Final = tuple(
    Step(id=f"by-hand-{number}", title=f"Build screen {number}", actor="admin", hands_on_minutes=12)
    for number in range(1, 31)
)
_BY_VENDOR: Final = Step(
    id="vendor-opens",
    title="Vendor switches the sync on",
    actor="vendor",
    hands_on_minutes=30,
    waiting_minutes=2880,
)

_TICKET: Final = Step(
    id="ticket",
    title="Vendor switches the field on",
    actor="vendor",
    hands_on_minutes=20,
    waiting_minutes=2880,
)


def _opaque(entry: ErrorEntry) -> ErrorEntry:
    gone: dict[str, Any] = dict.fromkeys(("prm_id", "crm_id", "name", "field", "code", "direction"))
    return entry.model_copy(update=gone | {"message": "Sync failed"})


PEOPLE: Final = (
    Defect(
        "setup-needs-many-manual-steps",
        "Declares ten minutes of setup and needs six hours by hand.",
        checks=("S1",), styles=MIRROR + BATCH + WINDOW, changes={"more_steps": _BY_HAND},
    ),
    Defect(
        "vendor-only-setup-step",
        "The sync can be switched on by the vendor only.",
        checks=("S2",), styles=MIRROR + IPAAS + BATCH + WINDOW, changes={"more_steps": (_BY_VENDOR,)},
    ),
    Defect(
        "makes-fields-it-never-declared",
        "Makes fields of its own in the CRM while it is set up, and declares none of them.",
        checks=("S3",), styles=MIRROR + IPAAS + BATCH,
        changes={"makes_fields": (("Opportunity", "Portal_Sync_Token__c"), ("Account", "Portal_Sync_Token__c"))},
    ),
    Defect(
        "adding-a-field-is-a-ticket",
        "A new field is switched on by the vendor, two working days after a ticket.",
        checks=("C4",), styles=MIRROR + BATCH, changes={"field_steps": (_TICKET,)},
    ),
    Defect(
        "exports-ids-of-its-org",
        "Writes the ids of record types into its exported configuration.",
        checks=("S5",), styles=MIRROR + BATCH, changes={"exports_ids": True},
    ),
    Defect(
        "demands-full-admin",
        "Asks for an integration user that may see and change everything.",
        checks=("S4",), styles=ALL, failure_modes=("D27",),
        changes={"permissions": ("ModifyAllData", "ViewAllData", "CustomizeApplication")},
    ),
    Defect(
        "segments-ignore-custom-fields",
        "Lets segments be built on custom fields and never fills them.",
        checks=("G1",), styles=MIRROR + IPAAS + BATCH, changes={"segments_on": lambda field: not field.endswith("__c")},
    ),
    Defect(
        "opaque-error-messages",
        "The error log says that a sync failed, and not of what, why or where.",
        checks=("E2",), styles=MIRROR + MAPPING + IPAAS, changes={"error_shown": _opaque},
    ),
    Defect(
        "no-alerts",
        "Keeps an error log and never tells anybody.",
        checks=("E3",), styles=MIRROR + MAPPING + BATCH, failure_modes=("D1",), changes={"tells": lambda _topic: False},
    ),
    Defect(
        "retry-button-does-nothing",
        "The retry button says yes and sends nothing; a record that was refused once is never sent again.",
        checks=("E4",), styles=MIRROR + MAPPING + IPAAS, failure_modes=("D19",), changes={"retries": False},
    ),
    Defect(
        "silent-after-lockout",
        "Stops without a word when the CRM refuses its login.",
        checks=("E6",), styles=MIRROR + MAPPING + IPAAS, failure_modes=("D26",), changes={"tells": lambda topic: topic != "login"},
    ),
    Defect(
        "polls-hourly-claims-minutes",
        "Declares a sync every few minutes and syncs every two hours.",
        checks=("F1", "F2", "F3"), changes={"cycle": lambda _declared: 7200.0},
    ),
    Defect(
        "declares-faster-cycle",
        "Syncs half as often as it says.",
        checks=("F3",), changes={"cycle": lambda declared: declared * 2},
    ),
    Defect(
        "schedule-setting-is-ignored",
        "Accepts another interval and keeps the old one.",
        checks=("F4",), styles=MIRROR + IPAAS + BATCH, changes={"sets_schedule": False},
    ),
    Defect(
        "no-sync-history-of-updates",
        "Writes down which records were created, and not what was changed in them.",
        checks=("U1",), styles=MIRROR + IPAAS, changes={"keeps_history": lambda entry: entry.old is None and entry.field is None},
    ),
    Defect(
        "partner-sees-everything",
        "Shows every partner the records of all partners.",
        checks=("B7", "B2"), styles=ALL,
        changes={"partner_sees": lambda _spec, _record, _partner: True, "asks_for_partner": False},
    ),
    Defect(
        "second-registration-is-accepted",
        "Takes the same deal, company or contact from two partners without a word.",
        checks=("B1", "B6"), styles=ALL, changes={"flags_duplicates": False},
    ),
)  # fmt: skip
