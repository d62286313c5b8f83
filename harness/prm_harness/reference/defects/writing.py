"""Defects on the way from the portal to the CRM: batches, retries, limits, conflicts, refusals."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.reference.policy import OMIT, Values
from prm_harness.reference.shape.fields import EXTERNAL_ID, FieldSpec, TypeSpec
from prm_harness.reference.store import PortalRecord
from prm_harness.reference.syncing.gaps import held_after
from prm_harness.reference.syncing.problems import CrmProblem

from .model import ALL, BATCH, IPAAS, MAPPING, MIRROR, WINDOW, Defect


def _no_attribution(_spec: TypeSpec, _values: Values, _partner: str) -> None:
    """Nothing is written about the partner."""


def _first_record_type(spec: TypeSpec, operation: str, values: Values) -> Values:
    if operation != "create" or "RecordTypeId" not in spec.fields or not spec.record_types:
        return values
    return values | {
        "RecordTypeId": spec.record_types.get("Direct_Sale") or next(iter(spec.record_types.values()))
    }


def _two_record_types(spec: TypeSpec, operation: str, values: Values) -> Values:
    known = list(spec.record_types.values())[:2]
    if operation != "create" or values.get("RecordTypeId") in {None, *known}:
        return values
    return values | {"RecordTypeId": known[0]}


def _stamps_the_rating(spec: TypeSpec, _operation: str, values: Values) -> Values:
    return values | {"Internal_Rating__c": "updated by portal"} if spec.kind == "Opportunity" else values


def _no_profile(spec: TypeSpec, operation: str, values: Values) -> Values:
    return {} if spec.kind == "Account" and operation == "update" else values


def _unknown_for_required(problem: CrmProblem, values: Values) -> Values | None:
    missing = [name for name in problem.fields if name not in values]
    if problem.code != "REQUIRED_FIELD_MISSING" or not missing:
        return None
    return values | dict.fromkeys(missing, "Unknown")


def _whole_record(record: PortalRecord, spec: TypeSpec, changes: Values) -> Values:
    shown = {name: record.shown.get(name) for name, field in spec.fields.items() if field.updateable}
    return {n: v for n, v in shown.items() if n != EXTERNAL_ID and "." not in n} | changes


def _owner_too(record: PortalRecord, spec: TypeSpec, changes: Values) -> Values:
    owner = record.shown.get("OwnerId")
    return {"OwnerId": owner} | changes if owner and "OwnerId" in spec.fields else changes


def _forgets_cleared(_field: FieldSpec, value: Any) -> Any:
    return OMIT if value is None or value == "" else value


WRITING: Final = (
    Defect(
        "hard-coded-record-type",
        "Creates every deal with the one record type it was developed with.",
        checks=("V1",), styles=MIRROR + BATCH + WINDOW, failure_modes=("D17",), changes={"finish": _first_record_type},
    ),
    Defect(
        "knows-two-record-types",
        "Has room for two record types of an object, and creates the deals of any other with the first.",
        checks=("V1",), styles=MIRROR + BATCH + WINDOW, failure_modes=("D17",), changes={"finish": _two_record_types},
    ),
    Defect(
        "swallows-validation-errors",
        "A record that a validation rule refuses is dropped without a word.",
        checks=("V4",), styles=ALL, failure_modes=("D1",),
        changes={"reports": lambda problem: problem.code != "FIELD_CUSTOM_VALIDATION_EXCEPTION"},
    ),
    Defect(
        "fills-required-with-unknown",
        "Fills a required field that nobody filled with the word Unknown.",
        checks=("V5",), failure_modes=("D1", "D14"), changes={"repair": _unknown_for_required},
    ),
    Defect(
        "forgets-partner-attribution",
        "The deal arrives without the partner who registered it.",
        checks=("R5",), styles=ALL, changes={"attribute": _no_attribution},
    ),
    Defect(
        "sends-the-owner-along",
        "Writes the owner that it knows with every change, before reading who has the record now.",
        checks=("U9",), failure_modes=("D23", "D11"), styles=MIRROR, changes={"patch": _owner_too, "push_first": True},
    ),
    Defect(
        "clearing-is-ignored",
        "Leaves empty fields out of what it sends, so a field cleared in the portal keeps its value in the CRM.",
        checks=("T4",), styles=ALL, failure_modes=("D14",), changes={"outgoing": _forgets_cleared},
    ),
    Defect(
        "success-despite-failed-writes",
        "Takes the answer 200 to a batch for success of every record in it.",
        checks=("E1",), styles=ALL, failure_modes=("D1", "D33"), changes={"believes_success": True},
    ),
    Defect(
        "one-bad-row-fails-the-batch",
        "Sends batches all-or-none, so one refused record keeps the others back.",
        checks=("E5",), failure_modes=("D34",), changes={"all_or_none": True},
    ),
    Defect(
        "one-call-per-record",
        "Sends every record with a request of its own.",
        checks=("A1",), failure_modes=("D20",), changes={"batch": 1},
    ),
    Defect(
        "takes-concurrency-for-daily-limit",
        "Stops for long when too many requests ran at once, as if the day's calls were used up.",
        checks=("A2",), styles=MIRROR + MAPPING + BATCH, failure_modes=("D20",),
        changes={"daily_limit": lambda problem: problem.code == "REQUEST_LIMIT_EXCEEDED", "probe_seconds": 86400.0},
    ),
    Defect(
        "ignores-quota",
        "Goes on calling after the day's API calls are used up, and tells nobody.",
        checks=("A3",), styles=MIRROR + MAPPING + IPAAS + WINDOW, failure_modes=("D20",), changes={"daily_limit": lambda _problem: False},
    ),
    Defect(
        "replays-nothing",
        "A task that failed is held at once, and waits for somebody to press replay.",
        checks=("A5",), styles=IPAAS, failure_modes=("D23",), changes={"gaps": held_after(1)},
    ),
    Defect(
        "gives-up-after-one-failure",
        "Drops a record at the first passing trouble.",
        checks=("A5", "P1"), failure_modes=("D19", "D23"), changes={"gives_up": True},
    ),
    Defect(
        "retry-inserts-twice",
        "Repeats an insert whose answer was lost, without a key that would make it one record.",
        checks=("A6", "P1"), failure_modes=("D19",), changes={"repeatable_creates": False},
    ),
    Defect(
        "sends-a-lost-form-again",
        "Sends a form again when no answer came, without a key that would make it one record.",
        checks=("A6",), styles=WINDOW, failure_modes=("D19",), changes={"repeatable_creates": False},
    ),
    Defect(
        "pushes-whole-record",
        "Sends all fields of its copy when one was edited, before reading what changed in the CRM.",
        checks=("X3", "P1"), failure_modes=("D11",), changes={"patch": _whole_record, "push_first": True},
    ),
    Defect(
        "unlogged-conflicts",
        "Settles an edit of the same field on both sides without leaving a trace.",
        checks=("X4",), styles=MIRROR + MAPPING + IPAAS, failure_modes=("D11",), changes={"logs_conflicts": False},
    ),
    Defect(
        "echoes-own-writes",
        "Sends a record back whenever it changed in the CRM, its own writes among them.",
        checks=("X5",), failure_modes=("D10",), changes={"echoes": True, "compares_first": False},
    ),
    Defect(
        "drops-edits-while-pending",
        "Ignores an edit of a field while an earlier edit of it waits to be sent.",
        checks=("X6", "P1"), failure_modes=("D9", "D11"), changes={"merge_edits": lambda before, after: after | before},
    ),
    Defect(
        "touches-unmapped-field",
        "Stamps a field of the CRM team with every write.",
        checks=("X7",), styles=ALL, changes={"finish": _stamps_the_rating},
    ),
    Defect(
        "drops-what-a-duplicate-rule-blocks",
        "Takes a duplicate rule's no for a sign that the record is there already, and drops its own.",
        checks=("V6",), failure_modes=("D19",), changes={"reports": lambda problem: problem.code != "DUPLICATES_DETECTED"},
    ),
    Defect(
        "drops-values-it-may-not-write",
        "Takes a value for a field that it may not write, and leaves it out without a word.",
        checks=("S4",), styles=MIRROR + IPAAS + BATCH + WINDOW, failure_modes=("D27",),
        changes={"unknown_field": lambda _values, _name, _value: True, "tells": lambda topic: topic != "schema",
                 "logs_lost_fields": False},
    ),
    Defect(
        "files-stay-where-they-are",
        "Takes files on records and never sends or fetches one.",
        checks=("U10",), styles=MIRROR, failure_modes=("D30",), changes={"carries_files": False},
    ),
    Defect(
        "writes-fields-the-crm-owns",
        "Shows a direction for each field on its screen and sends all of them.",
        checks=("X1",), styles=MIRROR + MAPPING + IPAAS, failure_modes=("D11",), changes={"obeys_owner": False},
    ),
    Defect(
        "create-only-is-forgotten",
        "Treats a field that should cross once, when the record is made, like any other.",
        checks=("X2",), styles=MIRROR + MAPPING + IPAAS, failure_modes=("D11",), changes={"obeys_create_only": False},
    ),
    Defect(
        "ignores-its-ceiling",
        "Keeps a setting for its share of the day's calls and never looks at it.",
        checks=("A4",), styles=MIRROR, failure_modes=("D20",), changes={"keeps_ceiling": False},
    ),
    Defect(
        "profile-stays-in-the-portal",
        "Sends what partners sell to the CRM, and keeps what is changed about the partner itself.",
        checks=("B4",), styles=MIRROR + MAPPING + BATCH + WINDOW, changes={"finish": _no_profile},
    ),
    Defect(
        "rollback-overwrites-later-edits",
        "Rollback writes the old values back without looking whether people have edited since.",
        checks=("U2",), styles=MIRROR, changes={"undo_looks_first": False},
    ),
)  # fmt: skip
