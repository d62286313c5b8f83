"""Filter items of metadata (``Type equals Partner``) as formulas: what sharing rules, filters and flows say in lists.

Operations are those of the Metadata API guide, FilterItem and FlowRecordFilter; a value with commas means any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.salesforce.metadata.fields import flag, many

KindOf = Callable[[str], FieldType | None]
"""The type of the field that a path such as ``Account.Type`` leads to; None when it is not known."""

_NUMBERS: Final = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_CHOICES: Final = frozenset({FieldType.PICKLIST, FieldType.COMBOBOX})
_ORDER: Final = {
    "lessThan": "<", "greaterThan": ">", "lessOrEqual": "<=", "greaterOrEqual": ">=", "LessThan": "<",
    "GreaterThan": ">", "LessThanOrEqualTo": "<=", "GreaterThanOrEqualTo": ">=",
}  # fmt: skip
_EQUAL: Final = frozenset({"equals", "EqualTo"})
_UNEQUAL: Final = frozenset({"notEqual", "NotEqualTo"})
_WORD: Final = re.compile(r"\s*(\d+|AND|OR|NOT|[()])", re.IGNORECASE)
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class CriteriaError(Exception):
    """What cannot be said as a formula, in a few words."""


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def term(path: str, operation: str, value: str, kind_of: KindOf) -> str:
    """One item as a formula.

    Raises:
        CriteriaError: an operation or value that formulas have no words for.
    """
    kind = kind_of(path)
    if kind is None:
        raise CriteriaError(f"the field {path} is not known")
    values = [part.strip().strip('"') for part in value.split(",")] if "," in value else [value.strip()]
    if operation in _EQUAL:
        return _any([_equal(path, one, kind) for one in values])
    if operation in _UNEQUAL:
        return f"NOT({_any([_equal(path, one, kind) for one in values])})"
    if operation in _ORDER:
        return f"{path} {_ORDER[operation]} {literal(value, kind)}"
    shown = f"TEXT({path})" if kind in _CHOICES else path
    several = {
        "contains": f"CONTAINS({shown}, {{}})", "Contains": f"CONTAINS({shown}, {{}})",
        "startsWith": f"BEGINS({shown}, {{}})", "StartsWith": f"BEGINS({shown}, {{}})",
        "EndsWith": f"RIGHT({shown}, LEN({{}})) = {{}}", "includes": f"INCLUDES({path}, {{}})",
    }  # fmt: skip
    opposite = {"notContain": "contains", "excludes": "includes"}
    pattern = several.get(opposite.get(operation, operation))
    if pattern is None:
        raise CriteriaError(f"{path} {operation} {value} has no formula")
    parts = re.split(r"[;,]", value) if operation in {"includes", "excludes"} else values
    said = _any([pattern.replace("{}", quoted(one.strip())) for one in parts])
    return f"NOT({said})" if operation in opposite else said


def literal(value: str, kind: FieldType) -> str:
    """A value as formulas write one of that type.

    Raises:
        CriteriaError: it is none.
    """
    if kind in _NUMBERS:
        number = value.replace(" ", "")
        if not re.fullmatch(r"-?\d+(\.\d+)?", number):
            raise CriteriaError(f"{value!r} is no number")
        return f"{number} / 100" if kind is FieldType.PERCENT else number
    if kind is FieldType.BOOLEAN:
        return "TRUE" if value.lower() in {"true", "1"} else "FALSE"
    if kind is FieldType.DATE:
        return _date(value)
    if kind is FieldType.DATETIME:
        raise CriteriaError(f"{value!r}: moments in criteria are not read")
    return quoted(value)


def combined(terms: Sequence[str], logic: str) -> str:
    """Several terms by a filter logic such as ``1 AND (2 OR 3)``; and, when there is none.

    Raises:
        CriteriaError: a logic that cannot be read.
    """
    low = logic.strip().lower()
    if low in {"", "and"}:
        return " && ".join(f"({one})" for one in terms) if len(terms) > 1 else (terms[0] if terms else "TRUE")
    if low == "or":
        return _any(terms)
    words, at = [], 0
    for hit in _WORD.finditer(logic):
        if hit.start() != at:
            break
        at = hit.end()
        word = hit[1].upper()
        if word.isdigit():
            if not 1 <= int(word) <= len(terms):
                raise CriteriaError(f"filter logic {logic!r} names a condition that is not there")
            words.append(f"({terms[int(word) - 1]})")
        else:
            words.append({"AND": "&&", "OR": "||", "NOT": "NOT"}.get(word, word))
    if logic[at:].strip():
        raise CriteriaError(f"filter logic {logic!r} cannot be read")
    return " ".join(words)


def _any(terms: Sequence[str]) -> str:
    return " || ".join(f"({one})" for one in terms) if len(terms) > 1 else terms[0]


def _equal(path: str, value: str, kind: FieldType) -> str:
    if kind is FieldType.BOOLEAN:
        return f"{path} = {literal(value, kind)}"
    if not value:
        return f'ISPICKVAL({path}, "")' if kind in _CHOICES else f"ISBLANK({path})"
    if kind in _CHOICES:
        return f"ISPICKVAL({path}, {quoted(value)})"
    if kind is FieldType.MULTIPICKLIST:
        return f"INCLUDES({path}, {quoted(value)})"
    return f"{path} = {literal(value, kind)}"


def _date(value: str) -> str:
    slashed = _SLASHED.fullmatch(value.strip())
    try:
        found = (
            date(int(slashed[3]), int(slashed[1]), int(slashed[2]))
            if slashed
            else date.fromisoformat(value.strip())
        )
    except ValueError:
        raise CriteriaError(f"{value!r} is no day; relative days are not read") from None
    return f"DATE({found.year}, {found.month}, {found.day})"


def lookup_filter(owner: str, target: str, meta: Mapping[str, Any], kind_of: KindOf) -> dict[str, Any]:
    """A lookup filter: the fields of the target by name, those of the record that has the lookup as ``$Source.X``.

    Raises:
        CriteriaError: as for ``term``.
    """

    def kind(path: str) -> FieldType | None:
        head, _, rest = path.partition(".")
        return kind_of(f"{owner}.{rest}" if head == "$Source" else f"{target}.{path}")

    terms = []
    for one in many(meta.get("filterItems")):
        path, other = _plain(str(one.get("field")), target), _plain(str(one.get("valueField") or ""), target)
        operation = str(one.get("operation"))
        if not other:
            terms.append(term(path, operation, str(one.get("value") or ""), kind))
        elif operation in _EQUAL | _UNEQUAL:
            terms.append(f"{path} {'=' if operation in _EQUAL else '<>'} {other}")
        else:
            raise CriteriaError(f"{path} {operation} {other} has no formula")
    made: dict[str, Any] = {"formula": combined(terms, str(meta.get("booleanFilter") or ""))}
    if meta.get("errorMessage"):
        made["message"] = str(meta["errorMessage"])
    return made | ({"optional": True} if flag(dict(meta), "isOptional") else {})


def _plain(path: str, target: str) -> str:
    return path.removeprefix(f"{target}.")
