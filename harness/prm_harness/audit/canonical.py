"""One value, two spellings: are they the same value? Only spelling is forgiven, never content.

The CRM's field type decides what counts as spelling (contract §4): ``12.50`` and ``"12.5"`` are one number,
``…T09:00:00Z`` and ``…T09:00:00.000+0000`` one instant, ``["B", "A"]`` and ``"A;B"`` one multi-select. A shifted
day, a cut text, a rounded amount or a missing value is a difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_NUMBERS: Final = frozenset({"int", "double", "currency", "percent"})
_CHECKSUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_OFFSET: Final = re.compile(r"([+-]\d\d):?(\d\d)$")


def same(expected: Any, observed: Any, field: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether both are the same value of ``field`` (a describe entry), and if not, what kind of difference it is.

    Returns:
        (True, "") or (False, note) with note one of: missing, invented, unreadable, shifted, rounded, truncated,
        changed case, values lost, different.
    """
    kind = str(field.get("type", "string"))
    want, got = canonical(expected, kind), canonical(observed, kind)
    if want == got:
        return True, ""
    return False, _difference(want, got, kind)


def canonical(value: Any, kind: str) -> Any:
    """The value in the one spelling in which two values of that type can be compared; unreadable stays as it is."""
    if value is None or value in ("", []):
        return False if kind == "boolean" else None
    if kind in _NUMBERS:
        return _number(value)
    if kind == "boolean":
        return _boolean(value)
    if kind == "date":
        return _date(value)
    if kind == "datetime":
        return _instant(value)
    if kind == "time":
        return str(value).removesuffix("Z")[:8]
    if kind == "multipicklist":
        return frozenset(
            value if isinstance(value, list | tuple | set | frozenset) else str(value).split(";")
        )
    if kind in {"reference", "id"}:
        return _long_id(str(value))
    return value if isinstance(value, str) else str(value)


def shown(value: Any) -> str:
    """How evidence prints a value."""
    if value is None:
        return "(empty)"
    if isinstance(value, frozenset | set):
        return ";".join(sorted(map(str, value)))
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    text = str(value)
    return text if len(text) <= 160 else f"{text[:120]}… ({len(text)} characters)"


def _number(value: Any) -> Any:
    try:
        return Decimal(str(value)).normalize() + 0
    except InvalidOperation:
        return str(value)


def _boolean(value: Any) -> Any:
    words = {"true": True, "1": True, "false": False, "0": False}
    return words.get(str(value).lower(), value)


def _date(value: Any) -> Any:
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00(?:\.0+)?(?:Z|[+-]00:?00)?", text):
        text = text[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _instant(value: Any) -> Any:
    text = _OFFSET.sub(r"\1:\2", str(value).replace("Z", "+00:00"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)


def _long_id(value: str) -> str:
    """15-character ids with the checksum that makes them 18 (contract §4.1)."""
    if not _ID.fullmatch(value) or len(value) == 18:
        return value
    blocks = (value[i : i + 5] for i in (0, 5, 10))
    return value + "".join(_CHECKSUM[sum(1 << j for j, c in enumerate(b) if c.isupper())] for b in blocks)


def _difference(want: Any, got: Any, kind: str) -> str:
    if got is None:
        return "missing"
    if want is None:
        return "invented"
    if type(want) is not type(got):
        return "unreadable"
    if kind in {"date", "datetime"}:
        return "shifted"
    if kind in _NUMBERS:
        return "rounded" if abs(want - got) < 1 else "different"
    if isinstance(want, frozenset):
        return "values lost" if got < want else "different"
    if isinstance(want, str) and want.startswith(got):
        return "truncated"
    return "changed case" if isinstance(want, str) and want.lower() == got.lower() else "different"
