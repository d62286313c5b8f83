"""Change events on their bad days: dropped, doubled, out of order, or told only as a gap.

Salesforce replaces an event by a gap event when it cannot make the whole one, and events of an object by one overflow
event when a transaction changes too many records of it (contract §10); subscribers have to read the records again.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson

from prm_harness.crm.faults import FaultBox

Message = dict[str, Any]


def troubled(messages: list[Message], faults: FaultBox, exchange: int | None) -> list[Message]:
    """What really goes out of the messages that were to be delivered; replay ids stay as they are."""
    told: list[Message] = []
    waiting: list[Message] = []
    for message in messages:
        trouble = faults.hit_event(_entity(message), lambda m=message: _text(m), exchange)  # type: ignore[misc]
        if trouble == "event_reorder":
            waiting.append(message)
            continue
        if trouble == "event_duplicate":
            told += [message, message]
        elif trouble in {"event_gap", "event_overflow"}:
            told.append(as_gap(message, overflow=trouble == "event_overflow"))
        elif trouble != "event_drop":
            told.append(message)
        told += waiting
        waiting.clear()
    return told + waiting


def as_gap(message: Message, *, overflow: bool = False) -> Message:
    """The gap event that stands for a change event: its header, without a field."""
    changed = deepcopy(message)
    payload = changed["data"].get("payload", {})
    header = payload.get("ChangeEventHeader")
    if header is None:
        return message
    header["changeType"] = "GAP_OVERFLOW" if overflow else f"GAP_{header['changeType'].removeprefix('GAP_')}"
    header["changedFields"] = []
    if overflow:
        header["recordIds"] = [f"{record_id[:3]}000000000000AAA" for record_id in header["recordIds"][:1]]
    changed["data"]["payload"] = {"ChangeEventHeader": header}
    return changed


def _entity(message: Message) -> str:
    data = message.get("data", {})
    header = data.get("payload", {}).get("ChangeEventHeader", {})
    return str(header.get("entityName") or data.get("event", {}).get("EventApiName") or "")


def _text(message: Message) -> str:
    return orjson.dumps(message).decode()
