"""The questions that lead from what a person sees to a record of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter.people.person import Answer, Person

from .sheets import SheetError, read_export, shown
from .spec import ManualKind

STATES: Final = {"accepted": "accepted", "rejected": "rejected", "held": "held", "unknown": "unknown"}
SYNC_STATES: Final = {
    "active": "active", "paused": "paused", "error": "error", "disconnected": "disconnected",
    "reauth_required": "needs a new login", "unknown": "unknown",
}  # fmt: skip


def outcome(person: Person, operation: str) -> Answer:
    """How the portal reacted, as members of an Outcome."""
    state = person.choose(operation, "What did the portal say?", STATES)
    prm_id = person.line(operation, "Id that the portal shows (Enter: none):") if state != "rejected" else ""
    message = person.line(operation, "Message that the portal shows (Enter: none):")
    return {"state": state, "prm_id": prm_id or None, "messages": [message] if message else []}


def change(person: Person, operation: str) -> Answer:
    """What an admin change took, as members of a StepLog with one step."""
    said = person.line(operation, "Done? Enter when it is, or `failed WHY`:")
    if said.partition(" ")[0].lower() in {"failed", "no", "n"}:
        return {"done": False, "message": said.partition(" ")[2], "steps": []}
    actor = person.choose(operation, "Who did it?", {"admin": "admin", "vendor": "vendor"})
    hands_on = _minutes(person, operation, "Minutes of somebody's work:")
    waiting = _minutes(person, operation, "Minutes of waiting (a working day is 480):")
    step = {
        "id": operation, "title": operation.replace("_", " "), "actor": actor, "automatable": False,
        "hands_on_minutes": hands_on, "waiting_minutes": waiting,
    }  # fmt: skip
    return {"done": True, "message": "", "steps": [step]}


def one_record(person: Person, operation: str, kind: str, spec: ManualKind) -> Answer:
    """A record as the portal shows it: not there, or field by field, or from an export."""
    said = person.line(
        operation, "Id that the portal shows, `csv PATH` of an export of this one record, or `none`:"
    )
    while not said:
        said = person.line(
            operation, "Write the id, `csv PATH`, or `none` when the portal has no such record:"
        )
    if said.lower() == "none":
        return {"record": None}
    word, _, path = said.partition(" ")
    if word.lower() == "csv" and path:
        records = export(person, operation, kind, spec, path)
        return {"record": records[0] if records else None}
    crm_id = (
        person.line(operation, "CRM id that the portal shows (Enter: none):") if spec.crm_id_column else ""
    )
    person.say("What does the portal show? Enter: the field is empty; -: the portal has no such field.")
    fields = {}
    for name, column in spec.fields.items():
        value = person.line(operation, f"  {column.label}:")
        if value != "-":
            fields[name] = value
    return {"record": {"prm_id": said, "crm_id": crm_id or None, "shown": fields}}


def export(
    person: Person, operation: str, kind: str, spec: ManualKind, path: str = ""
) -> list[dict[str, Any]]:
    """The records of an export, which is kept as evidence; asked for until it can be read."""
    while True:
        path = path or person.line(
            operation, "Path of the CSV file (`none`: the portal holds no such records):"
        )
        if path.lower() == "none":
            return []
        try:
            records = read_export(Path(path.strip("\"'")).expanduser(), kind, spec)
        except SheetError as error:
            person.say(f"That is not it: {error}")
            path = ""
            continue
        person.file(path)
        return [record.model_dump() for record in records]


def lines(person: Person, operation: str, prompt: str) -> list[str]:
    """Any number of lines; an empty one ends them."""
    told = []
    while said := person.line(operation, prompt):
        told.append(said)
    return told


def table(spec: ManualKind, values: Mapping[str, Any]) -> str:
    """Values under the portal's labels, ready to be typed."""
    known = [
        (column.label, shown(column, values[name])) for name, column in spec.fields.items() if name in values
    ]
    width = max((len(label) for label, _ in known), default=0)
    return "\n".join(f"{label:<{width}}  {value}" for label, value in known)


def now() -> str:
    """This moment."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _minutes(person: Person, operation: str, prompt: str) -> float:
    while True:
        said = person.line(operation, prompt) or "0"
        try:
            minutes = float(said.replace(",", "."))
        except ValueError:
            minutes = -1
        if minutes >= 0:
            return minutes
        person.say("Write a number of minutes.")
