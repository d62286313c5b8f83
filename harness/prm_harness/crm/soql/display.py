"""``toLabel`` and ``FORMAT``: values as a person of the org would read them (en_US)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.soql.columns import Column, Kind


def labeller(field: Field) -> Callable[[Any], Any]:
    """Picklist values to their labels; several ones each by itself."""
    labels = {value.value.lower(): value.label or value.value for value in field.picklist}

    def label(stored: Any) -> Any:
        if stored is None:
            return None
        return ";".join(labels.get(part.lower(), part) for part in stored.split(";"))

    return label


def formatter(column: Column) -> Callable[[Any], Any]:
    """Numbers grouped, money with its sign, dates month first; null stays null."""
    field_type = column.field.type if column.field else None
    scale = column.field.scale if column.field else 0

    def show(stored: Any) -> Any:
        if stored is None:
            return None
        match column.kind:
            case Kind.NUMBER:
                digits = f"{abs(stored):,.{scale}f}"
                sign = "-" if stored < 0 else ""
                if field_type is FieldType.CURRENCY:
                    return f"{sign}${digits}"
                return f"{sign}{digits}%" if field_type is FieldType.PERCENT else f"{sign}{digits}"
            case Kind.BOOLEAN:
                return bool(stored)
            case Kind.DATE:
                return _date(stored)
            case Kind.DATETIME:
                when = datetime.strptime(stored[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - shown as stored, in UTC
                return f"{_date(stored)}, {when.hour % 12 or 12}:{when.minute:02} {'AM' if when.hour < 12 else 'PM'}"
        return stored

    return show


def coded_formatter(column: Column) -> Callable[[Any, str | None], Any]:
    """Money as an org of several currencies shows it: the code before the amount."""
    scale = column.field.scale if column.field else 0

    def show(stored: Any, code: str | None) -> Any:
        if stored is None:
            return None
        sign = "-" if stored < 0 else ""
        return f"{sign}{code or ''} {abs(stored):,.{scale}f}".strip()

    return show


def _date(stored: str) -> str:
    year, month, day = stored[:10].split("-")
    return f"{int(month)}/{int(day)}/{int(year)}"
