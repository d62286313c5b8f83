"""Defects in what happens to single values."""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import Any, Final

from prm_harness.reference.policy import KEEP, OMIT, Values
from prm_harness.reference.shape.fields import EXTERNAL_ID, PARTNER_FIELD, FieldSpec

from .model import ALL, BATCH, IPAAS, MIRROR, WINDOW, Defect

_LONG: Final = 255
_PLAIN_TEXT: Final = frozenset({"string", "textarea"})
_UNFAMILIAR: Final = frozenset({"time", "datetime", "percent"})


def _standard_only(field: FieldSpec, value: Any) -> Any:
    ours = field.name in {EXTERNAL_ID, PARTNER_FIELD}
    return OMIT if field.custom and not ours else value


def _standard_only_back(field: FieldSpec, value: Any) -> Any:
    return KEEP if _standard_only(field, value) is OMIT else value


def _familiar(field: FieldSpec) -> bool:
    return not (field.custom and field.type in _UNFAMILIAR)


def _into_description(values: Values, name: str, value: Any) -> bool:
    before = values.get("Description")
    values["Description"] = f"{before}\n{name}: {value}" if before else f"{name}: {value}"
    return True


def _truncated(_field: FieldSpec, value: Any) -> Any:
    return value[:_LONG] if isinstance(value, str) else value


def _a_day_early(field: FieldSpec, value: Any) -> Any:
    # Midnight local time east of Greenwich, written down in UTC, is the day before.
    if field.type != "date" or not value:
        return value
    return (date.fromisoformat(value) - timedelta(days=1)).isoformat()


def _split_on_comma(field: FieldSpec, value: Any) -> Any:
    if field.type != "multipicklist" or not isinstance(value, str):
        return value
    return ";".join(part.strip() for part in value.replace(",", ";").split(";"))


def _escaped(field: FieldSpec, value: Any) -> Any:
    return html.escape(value) if field.type in {"string", "textarea"} and isinstance(value, str) else value


def _cut_to_fit(field: FieldSpec, value: Any) -> Any:
    text = field.type in {"string", "textarea"} and isinstance(value, str)
    return value[: field.length] if text and field.length else value


def _collapsed(field: FieldSpec, value: Any) -> Any:
    return (
        " ".join(value.split()) if field.type in {"string", "textarea"} and isinstance(value, str) else value
    )


def _whole_amounts(field: FieldSpec, value: Any) -> Any:
    return round(value) if field.type in {"currency", "double"} and isinstance(value, float) else value


def _known_values_only(field: FieldSpec, value: Any) -> Any:
    return (
        None if field.type == "picklist" and value and field.values and value not in field.values else value
    )


def _text_only_later(field: FieldSpec, value: Any) -> Any:
    return OMIT if field.later and field.type not in _PLAIN_TEXT else value


def _text_only_later_back(field: FieldSpec, value: Any) -> Any:
    return KEEP if _text_only_later(field, value) is OMIT else value


def _until_semicolon(field: FieldSpec, value: Any) -> Any:
    return value.split(";")[0].strip() if field.type == "picklist" and isinstance(value, str) else value


VALUES: Final = (
    Defect(
        "drops-custom-fields",
        "Takes custom fields in its form and carries only standard ones.",
        checks=("C1",), styles=ALL, changes={"outgoing": _standard_only, "incoming": _standard_only_back},
    ),
    Defect(
        "dumps-unknown-field-into-description",
        "Writes a value that it has no field for into the description.",
        checks=("C3",), styles=ALL, failure_modes=("D29",), changes={"carries": _familiar, "unknown_field": _into_description},
    ),
    Defect(
        "truncates-text-at-255",
        "Cuts long text after 255 characters.",
        checks=("T1",), styles=MIRROR + IPAAS + BATCH + WINDOW, failure_modes=("D31",), changes={"outgoing": _truncated, "incoming": _truncated},
    ),
    Defect(
        "shifts-dates-by-time-zone",
        "Turns dates into points in time, and sends the day before.",
        checks=("T2",), styles=ALL, failure_modes=("D13",), changes={"outgoing": _a_day_early},
    ),
    Defect(
        "splits-multiselect-on-comma",
        "Takes the comma inside a multi-select value for a separator.",
        checks=("T3",), styles=ALL, failure_modes=("D15",), changes={"outgoing": _split_on_comma},
    ),
    Defect(
        "html-escapes-text",
        "Sends text with its HTML entities.",
        checks=("T5",), styles=ALL, failure_modes=("D24",), changes={"outgoing": _escaped},
    ),
    Defect(
        "cuts-what-is-too-long",
        "Cuts text to the length of the CRM's field, so that the CRM takes it.",
        checks=("T9",), styles=ALL, failure_modes=("D31",), changes={"outgoing": _cut_to_fit},
    ),
    Defect(
        "collapses-white-space",
        "Sends text as a web page would show it: each run of blanks, tabs and line breaks is one blank.",
        checks=("T5",), styles=ALL, failure_modes=("D24",), changes={"outgoing": _collapsed},
    ),
    Defect(
        "rounds-amounts",
        "Rounds amounts to whole numbers.",
        checks=("T6", "B5"), styles=ALL, failure_modes=("D22",), changes={"outgoing": _whole_amounts, "incoming": _whole_amounts},
    ),
    Defect(
        "offers-every-value",
        "Offers every value of a picklist, whatever the record type or the controlling value.",
        checks=("V2",), styles=MIRROR + BATCH, failure_modes=("D16",), changes={"narrows_offers": False},
    ),
    Defect(
        "lets-dependent-values-disagree",
        "Takes and sends a dependent value that does not go with its controlling value.",
        checks=("V3",), styles=ALL, failure_modes=("D16",), changes={"checks_dependencies": False},
    ),
    Defect(
        "drops-retired-picklist-values",
        "Empties a picklist in the portal when the record's value is no longer offered.",
        checks=("T7",), styles=MIRROR + BATCH + WINDOW, failure_modes=("D16",), changes={"incoming": _known_values_only},
    ),
    Defect(
        "added-fields-take-text-only",
        "Lets the admin add fields of every type after the setup, and carries only those that hold text.",
        checks=("C4", "N1"), failure_modes=("D21",), changes={"outgoing": _text_only_later, "incoming": _text_only_later_back},
    ),
    Defect(
        "cuts-choices-at-semicolons",
        "Keeps the choices of every picklist in one text with semicolons between them, and so cuts a choice that has one.",
        checks=("T7",), styles=ALL, failure_modes=("D15",), changes={"outgoing": _until_semicolon, "incoming": _until_semicolon},
    ),
)  # fmt: skip
