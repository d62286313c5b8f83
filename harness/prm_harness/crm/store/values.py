"""A field's value on the wire (JSON) and in its column, and the way between them (contract §4).

Columns hold what compares and sorts as the value does: datetimes as fixed-width UTC text, booleans as 0 and 1, decimal
numbers as REAL, multi-select values in definition order. Empty text is null.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from prm_harness.crm.org.errors import START, Fault, SaveError, UnreadableError
from prm_harness.crm.org.ids import canonical, is_id
from prm_harness.crm.org.schema import Field, FieldType

NUMBERS = frozenset({FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_MULTIPICKLIST_LENGTH = 4099
Encoder = Callable[[Field, Any], Any]

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?Z?")
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)


def encode(field: Field, value: Any) -> Any:
    """The column's form of a JSON value, null for null and for empty text.

    Membership of a restricted picklist is not judged here: it depends on the record type.

    Raises:
        UnreadableError: the value is not of the field's type (JSON_PARSER_ERROR).
        SaveError: too long, out of range, not an e-mail address, not an id.
    """
    if value is None:
        return 0 if field.type is FieldType.BOOLEAN else None
    return encoder_of(field)(field, value)


def encoder_of(field: Field) -> Encoder:
    """What ``encode`` does with values of a field that are not null, for those who encode many."""
    return _ENCODERS.get(field.type, _text)


def decode(field: Field, stored: Any) -> Any:
    """The JSON form of a column's value."""
    if field.type is FieldType.ANY:
        return any_value(stored)
    return bool(stored) if field.type is FieldType.BOOLEAN else stored


TRUTHS: Final = {True: b"true", False: b"false"}
"""How a column of any type holds what numbers and texts are not: a checkbox's value in field history."""


def any_value(stored: Any) -> Any:
    """The JSON form of a value in a column of any type."""
    return stored == TRUTHS[True] if isinstance(stored, bytes) else stored


def as_datetime(moment: datetime) -> str:
    """A moment as its column holds it, and as the wire shows it: whole seconds, UTC."""
    return moment.astimezone(UTC).isoformat()[:19] + ".000+0000"


def from_datetime(stored: str) -> datetime:
    """The aware moment behind a stored datetime."""
    return datetime.fromisoformat(stored[:19]).replace(tzinfo=UTC)


def unreadable(type_name: str, value: Any) -> UnreadableError:
    """The refusal of a JSON value that is not of that type."""
    token, shown = _json_token(value)
    # A list has no more to its message: the service takes all from the bracket on for the parser's own place.
    rest = "" if shown == "[" else f"{shown} or request may be missing a required field at "
    message = f"Cannot deserialize instance of {type_name} from {token} value {rest}{START}"
    return UnreadableError(Fault("JSON_PARSER_ERROR", message), value=value)


def _not_readable(type_name: str, value: Any) -> NoReturn:
    raise unreadable(type_name, value)


def _json_token(value: Any) -> tuple[str, str]:
    match value:
        case bool():
            return ("VALUE_TRUE", "true") if value else ("VALUE_FALSE", "false")
        case int():
            return "VALUE_NUMBER_INT", str(value)
        case float():
            return "VALUE_NUMBER_FLOAT", str(value)
        case dict():
            return "START_OBJECT", "{"
        case list() | tuple():
            return "START_ARRAY", "["
        case _:
            return "VALUE_STRING", str(value)


def _refuse(code: str, field: Field, message: str) -> NoReturn:
    raise SaveError.of(code, f"{field.label or field.name}: {message}", field.name)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        _not_readable(field.type.value, value)
    trimmed = value.strip()
    if field.length and len(trimmed) > field.length:
        _refuse("STRING_TOO_LONG", field, f"data value too large: {trimmed} (max length={field.length})")
    return trimmed or None


def _email(field: Field, value: Any) -> str | None:
    address = _text(field, value)
    if address is not None and not EMAIL.fullmatch(address):
        _refuse("INVALID_EMAIL_ADDRESS", field, f"invalid email address: {address}")
    return address


def _boolean(_field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return int(value.strip().lower() == "true")
    _not_readable("boolean", value)


def _decimal(type_name: str, value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        _not_readable(type_name, value)
    text = str(value).strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        _not_readable(type_name, value)
    if not number.is_finite():
        _not_readable(type_name, value)
    return number


def _integer(field: Field, value: Any) -> int | None:
    if type(value) is int and abs(value) < 10 ** (field.digits or 9):
        return value
    number = _decimal("int", value)
    if number is None:
        return None
    if number != number.to_integral_value():
        _not_readable("int", value)
    if abs(number) >= 10 ** (field.digits or 9):
        _refuse(
            "NUMBER_OUTSIDE_VALID_RANGE", field, f"value outside of valid range on numeric field: {value}"
        )
    return int(number)


def _number(field: Field, value: Any) -> float | None:
    # Most numbers need no rounding; the exact way through Decimal is six times slower.
    if type(value) is int and _fits(field, value):
        return float(value)
    if type(value) is float and round(value, field.scale) == value and _fits(field, value):
        return value or 0.0
    return _rounded(field, value)


def _fits(field: Field, value: float | Decimal) -> bool:
    """Whether the digits before the point have room."""
    return not field.precision or abs(value) < 10 ** (field.precision - field.scale)


def _rounded(field: Field, value: Any) -> float | None:
    number = _decimal(field.type.value, value)
    if number is None:
        return None
    if field.precision:
        if number.adjusted() >= field.precision:
            rounded = number
        else:
            rounded = number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP)
        if not _fits(field, rounded):
            _refuse(
                "NUMBER_OUTSIDE_VALID_RANGE", field, f"value outside of valid range on numeric field: {value}"
            )
        number = rounded
    return float(number) or 0.0


def _date(_field: Field, value: Any) -> str | None:
    if value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        day = text[:10]
        if _DATE.fullmatch(day) and (len(text) == 10 or _DATETIME.fullmatch(text)):
            try:
                date.fromisoformat(day)
            except ValueError:
                _not_readable("date", value)
            return day
    _not_readable("date", value)


def _datetime(_field: Field, value: Any) -> str | None:
    if value == "":
        return None
    if isinstance(value, str) and (hit := _DATETIME.fullmatch(value.strip())):
        day, minutes, seconds, zone = hit.groups()
        zone = (zone or "Z").upper().replace("Z", "+00:00")
        try:
            moment = datetime.fromisoformat(f"{day}T{minutes or '00:00'}:{seconds or '00'}{zone}")
            return as_datetime(moment)
        except (ValueError, OverflowError):
            pass
    _not_readable("datetime", value)


def _time(_field: Field, value: Any) -> str | None:
    if value == "":
        return None
    if isinstance(value, str) and (hit := _TIME.fullmatch(value.strip())):
        hours, minutes, seconds, fraction = hit.groups()
        try:
            clock = time(
                int(hours), int(minutes), int(seconds or 0), int((fraction or "0").ljust(3, "0")) * 1000
            )
            return clock.isoformat(timespec="milliseconds") + "Z"
        except ValueError:
            pass
    _not_readable("time", value)


def _multipicklist(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        _not_readable(field.type.value, value)
    chosen = dict.fromkeys(part.strip() for part in value.split(";"))
    chosen.pop("", None)
    known = [v.value for v in field.picklist if v.value in chosen]
    text = ";".join([*known, *(part for part in chosen if part not in set(known))])
    if len(text) > _MULTIPICKLIST_LENGTH:
        _refuse(
            "STRING_TOO_LONG", field, f"data value too large: {text} (max length={_MULTIPICKLIST_LENGTH})"
        )
    return text or None


def _reference(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        _not_readable("reference", value)
    text = value.strip()
    if not text:
        return None
    known = canonical(text)
    if known is not None:
        return known
    if len(text) == 18 and is_id(text[:15]):
        raise SaveError.of("MALFORMED_ID", f"malformed id {text}", field.name)
    _refuse("MALFORMED_ID", field, f"id value of incorrect type: {text}")


def _base64(_field: Field, value: Any) -> str | None:
    """As text without line breaks: what is stored is what was sent."""
    if isinstance(value, str):
        packed = "".join(value.split())
        try:
            base64.b64decode(packed, validate=True)
        except ValueError:  # binascii.Error is one; text beyond ASCII is another
            _not_readable("base64", "(binary content)")
        return packed or None
    _not_readable("base64", value)


_ENCODERS: dict[FieldType, Encoder] = {
    FieldType.EMAIL: _email,
    FieldType.BOOLEAN: _boolean,
    FieldType.INT: _integer,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.TIME: _time,
    FieldType.MULTIPICKLIST: _multipicklist,
    FieldType.REFERENCE: _reference,
    FieldType.ID: _reference,
    FieldType.BASE64: _base64,
}
