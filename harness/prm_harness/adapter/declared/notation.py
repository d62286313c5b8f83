"""How a product writes numbers, dates and yes or no, where that is not ISO 8601 and a decimal point.

Reading a notation is not repairing: what cannot be read that way stays as it is, and the payload stays beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import Field

from .identity import Part


class Notation(Part):
    """A notation: ``{type: date, format: "%m/%d/%Y"}``."""

    type: Literal["number", "date", "datetime", "boolean", "epoch_seconds", "epoch_milliseconds"]
    format: str = Field(default="", description="date, datetime: as Python's strptime; empty: ISO 8601")
    decimal: Literal[".", ","] = Field(
        default=".", description="number: the decimal sign; the other groups thousands"
    )
    true: str = Field(default="true", description="boolean: the word for yes, in any case")
    false: str = Field(default="false", description="boolean: the word for no, in any case")

    def read(self, value: Any) -> Any:
        """A value of the product's in plain notation, or as it is."""
        if value is None or value == "":
            return value
        try:
            return self._read(value)
        except (ValueError, InvalidOperation, OverflowError, OSError):
            return value

    def written(self, value: Any) -> Any:
        """A plain value in the product's notation, or as it is."""
        if value is None or value == "":
            return value
        try:
            return self._written(value)
        except (ValueError, InvalidOperation, OverflowError):
            return value

    def _read(self, value: Any) -> Any:
        text = str(value).strip()
        match self.type:
            case "number":
                other = "," if self.decimal == "." else "."
                return str(Decimal(text.replace(other, "").replace(" ", "").replace(self.decimal, ".")))
            case "date":
                return datetime.strptime(text, self.format).date().isoformat() if self.format else text  # noqa: DTZ007 - a day
            case "datetime":
                return datetime.strptime(text, self.format).isoformat() if self.format else text  # noqa: DTZ007 - as shown
            case "boolean":
                return {self.true.lower(): True, self.false.lower(): False}.get(text.lower(), value)
            case "epoch_seconds":
                return datetime.fromtimestamp(float(text), UTC).isoformat()
            case "epoch_milliseconds":
                return datetime.fromtimestamp(float(text) / 1000, UTC).isoformat()

    def _written(self, value: Any) -> Any:
        match self.type:
            case "number":
                return str(Decimal(str(value))).replace(".", self.decimal) if self.decimal == "," else value
            case "date" | "datetime":
                moment = datetime.fromisoformat(str(value))
                return moment.strftime(self.format) if self.format else value
            case "boolean":
                return (
                    {True: self.true, False: self.false}.get(value, value)
                    if isinstance(value, bool)
                    else value
                )
            case "epoch_seconds" | "epoch_milliseconds":
                moment = datetime.fromisoformat(str(value))
                seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
                return int(seconds * (1000 if self.type == "epoch_milliseconds" else 1))
