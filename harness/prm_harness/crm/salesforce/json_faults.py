"""What Salesforce's JSON parser says of a body that it cannot read, and where: its own words, line and column.

The parser behind the REST API is Jackson of the 1.x line, known by its words in real answers: ``expected a valid value (number, String,
array, object, 'true', 'false' or 'null') at [line:1, column:2]`` for a body that begins with ``request`` (salesforce.stackexchange.com
137599), ``in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value at [line:1, column:3]`` for one that begins
with ``--``, ``was expecting comma to separate OBJECT entries``. So a syntax error is told one column past the character that gave it. What
Jackson says after a bracket of its own is lost: ``expected close marker for OBJECT (from [line:3, column:22]`` is a whole real message.

The place of a value that is of the wrong type is that of its field, and Jackson 1.x counts the comma before a field as its begin: a real
``multipicklist from START_ARRAY value [line:1, column:51]`` (salesforce.stackexchange.com 54882) names the comma of its body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn, TypeVar

import orjson

from prm_harness.crm.org.errors import UnreadableError

_Refusal = TypeVar("_Refusal", bound=Exception)

LARGEST: Final = 2_000_000
"""Characters of a body that are read again to find its fault; of a longer one the place is told, in fewer words."""
_EXPECTED: Final = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LINE: Final = re.compile(r"\r\n|\r|\n")
_TEXT: Final = re.compile(r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_HEX: Final = re.compile(r"u[0-9a-fA-F]{0,3}")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_REST: Final = {
    ".": "Decimal point not followed by a digit",
    "e": "Exponent indicator not followed by a digit",
}
_DIGITS: Final = re.compile(r"[0-9]+")
_TOKEN: Final = re.compile(r"\w*")
_KINDS: Final = {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}
_LITERALS: Final = {"t": "true", "f": "false", "n": "null"}


class JsonFaultError(Exception):
    """The text is no JSON. ``end`` is how far the parser had read, in characters."""

    def __init__(self, message: str, end: int) -> None:
        self.message = message
        self.end = end
        super().__init__(message)


def message_of(body: bytes, error: orjson.JSONDecodeError) -> str:
    """The whole message about a body that ``orjson`` refuses, with its place."""
    text = body.decode("utf-8", "replace")
    fault = _not_utf8(body) or JsonFaultError(
        f"Unexpected character ({_shown(text, error.pos)}): {_EXPECTED}", error.pos + 1
    )
    if len(text) <= LARGEST:
        try:
            for _ in _tokens(text):
                pass
        except JsonFaultError as found:
            fault = found
    place = _place(text, fault.end)
    return f"{fault.message} {place}" if fault.message.endswith("(from") else f"{fault.message} at {place}"


def placed(error: _Refusal, body: bytes, within: Sequence[str | int] = ()) -> _Refusal:
    """The same refusal; where it is about a value that is not of its field's type, with the place of that in the body."""
    if isinstance(error, UnreadableError):
        with suppress(JsonFaultError):
            place = place_of(body, error.key, error.value, within)
            if place:
                return error.at(place)
    return error


def place_of(body: bytes, key: str, value: Any, within: Sequence[str | int] = ()) -> str | None:
    """Where a field of that name (any, when empty) with that value stands in a body that is JSON: ``[line:1, column:51]``.

    ``within`` is the way to the object that holds it, such as ``("records", 3)``. None where it is not found.
    """
    text = body.decode("utf-8", "replace")
    if len(text) > LARGEST:
        return None
    depth = len(within)
    for path, start, at in _tokens(text):
        if path[:depth] != list(within) or not path or not isinstance(path[-1], str):
            continue
        if key and path[-1].lower() != key.lower():
            continue
        if _same(text, at, value):
            return _place(text, start)
    return None


def unexpected(body: bytes, *path: str | int) -> str:
    """What is said of a value that is of another kind than it has to be: ``Can not deserialize: unexpected array at …``.

    The words are those of an answer to a deployment (github.com/forcedotcom/cli issue 888). ``path`` leads to the value from the
    body's own, whose path is empty.
    """
    text = body.decode("utf-8", "replace")
    kind, start = "value", 0
    if len(text) <= LARGEST:
        with suppress(JsonFaultError):
            for way, begun, at in _tokens(text):
                if way == list(path):
                    kind, start = _KINDS.get(text[at], "number"), begun
                    break
    return f"Can not deserialize: unexpected {kind} at {_place(text, start)}"


def _not_utf8(body: bytes) -> JsonFaultError | None:
    try:
        body.decode()
    except UnicodeDecodeError as bad:
        starts = bad.reason != "invalid continuation byte"
        wrong = bad.start if starts else bad.end
        byte = f"{'start' if starts else 'middle'} byte {body[wrong]:#x}" if wrong < len(body) else "end"
        return JsonFaultError(f"Invalid UTF-8 {byte}", len(body[: bad.start].decode()) + 1)
    return None


def _same(text: str, at: int, value: Any) -> bool:
    match value:
        case dict() | list() | tuple():
            return text[at] == ("{" if isinstance(value, dict) else "[")
        case str():
            found = _TEXT.match(text, at + 1)
            return text[at] == '"' and found is not None and json.loads(f'"{found[0]}"') == value
        case bool() | None:
            return text.startswith(orjson.dumps(value).decode(), at)
        case _:
            return text[at] in "-0123456789"


def _place(text: str, end: int) -> str:
    lines = list(_LINE.finditer(text, 0, end))
    begun = lines[-1].end() if lines else 0
    return f"[line:{len(lines) + 1}, column:{end - begun + 1}]"


def _shown(text: str, at: int) -> str:
    character = text[at : at + 1]
    if not character or ord(character) < 32 or 127 <= ord(character) < 160:
        return f"(CTRL-CHAR, code {ord(character) if character else 0})"
    code = ord(character)
    return f"'{character}' (code {code}{f' / {code:#x}' if code > 255 else ''})"


def _unexpected(text: str, at: int, comment: str, where: str = "") -> NoReturn:
    raise JsonFaultError(f"Unexpected character ({_shown(text, at)}){where}: {comment}", at + 1)


def _ended(text: str, what: str) -> NoReturn:
    raise JsonFaultError(f"Unexpected end-of-input{what}", len(text))


def _tokens(text: str) -> Iterator[tuple[list[str | int], int, int]]:
    """Every value: the way to it (a list that changes), where its token begins for Jackson, and where it stands itself.

    Raises:
        JsonFaultError: the text is no JSON; raised where Jackson 1.9 would.
    """
    path: list[str | int] = []
    kinds: list[str] = []
    at = 0
    value = True  # what comes next is a value, not an entry's begin
    start = _skipped(text, 0)
    at = start
    if at == len(text):
        return
    while True:
        if value:
            yield path, start, at
            opened = text[at]
            at = _value_end(text, at)
            value = False
            if opened in "{[":
                kinds.append(opened)
                path.append(-1)
        if not kinds:
            at = _skipped(text, at)
            if at == len(text):
                return
            _unexpected(text, at, _EXPECTED)
        inside = kinds[-1] == "{"
        desc = "OBJECT" if inside else "ARRAY"
        start = at = _skipped(text, at)
        if at == len(text):
            _ended(text, f": expected close marker for {desc} (from")
        if text[at] in "}]":
            if (text[at] == "}") != inside:
                wanted = "}" if inside else "]"
                message = f"Unexpected close marker '{text[at]}': expected '{wanted}' (for {desc} starting"
                raise JsonFaultError(message, at + 1)
            kinds.pop()
            path.pop()
            at += 1
            continue
        if path[-1] != -1:
            if text[at] != ",":
                _unexpected(text, at, f"was expecting comma to separate {desc} entries")
            at = _more(text, at + 1, desc)
        if inside:
            if text[at] != '"':
                _unexpected(text, at, "was expecting double-quote to start field name")
            end = _text_end(text, at, ": was expecting closing '\"' for name", "name")
            path[-1] = str(json.loads(text[at:end]))
            at = _more(text, end, desc)
            if text[at] != ":":
                _unexpected(text, at, "was expecting a colon to separate field name and value")
            at = _more(text, at + 1, desc)
        else:
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else 0
        value = True


def _skipped(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    at = found.end() if found else at
    if at < len(text):
        if text[at] < " ":
            only = "only regular white space (\\r, \\n, \\t) is allowed between tokens"
            raise JsonFaultError(f"Illegal character ({_shown(text, at)}): {only}", at + 1)
        if text[at] == "/":
            feature = "(not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
            _unexpected(text, at, f"maybe a (non-standard) comment? {feature}")
    return at


def _more(text: str, at: int, desc: str) -> int:
    at = _skipped(text, at)
    if at == len(text):
        _ended(text, f" within/between {desc} entries")
    return at


def _value_end(text: str, at: int) -> int:
    first = text[at]
    if first == '"':
        return _text_end(text, at, ": was expecting closing quote for a string value", "string value")
    if first in "{[":
        return at + 1
    if first in "}]":
        _unexpected(text, at, "expected a value")
    if first in _LITERALS:
        return _literal_end(text, at, _LITERALS[first])
    if first == "-" or "0" <= first <= "9":
        return _number_end(text, at)
    if first == "N":
        return _literal_end(text, at, "NaN")
    _unexpected(text, at, _EXPECTED)


def _literal_end(text: str, at: int, literal: str) -> int:
    found = _TOKEN.match(text, at)
    word = found[0] if found else ""
    end = at + len(word)
    if word == literal != "NaN":
        return end
    if end == len(text) and literal.startswith(word):
        _ended(text, " in a value")
    raise JsonFaultError(f"Unrecognized token '{word}': was expecting 'null', 'true', 'false' or NaN", end)


def _number_end(text: str, at: int) -> int:
    found = _NUMBER.match(text, at)
    if found is None:
        if at + 1 == len(text):
            _ended(text, " in VALUE_NUMBER_INT")
        comment = "expected digit (0-9) to follow minus sign, for valid numeric value"
        _unexpected(text, at + 1, comment, " in numeric value")
    end = found.end()
    if found[0].endswith("0") and len(found[0].lstrip("-")) == 1 and _DIGITS.match(text, end):
        raise JsonFaultError("Invalid numeric value: Leading zeroes not allowed", end)
    for mark, comment in _REST.items():
        if text[end : end + 1].lower() == mark:
            end += 1
            if mark == "e" and text[end : end + 1] in {"+", "-"}:
                end += 1
            digits = _DIGITS.match(text, end)
            if digits is None:
                if end == len(text):
                    _ended(text, " in VALUE_NUMBER_FLOAT")
                _unexpected(text, end, comment, " in numeric value")
            end = digits.end()
    return end


def _text_end(text: str, at: int, open_ended: str, what: str) -> int:
    found = _TEXT.match(text, at + 1)
    end = found.end() if found else at + 1
    if end == len(text):
        _ended(text, open_ended)
    if text[end] == '"':
        return end + 1
    if text[end] != "\\":
        message = f"Illegal unquoted character ({_shown(text, end)}): has to be escaped using backslash"
        raise JsonFaultError(f"{message} to be included in {what}", end + 1)
    digits = _HEX.match(text, end + 1)
    stop = digits.end() if digits else end + 1
    if stop == len(text):
        _ended(text, open_ended)
    if digits:
        _unexpected(text, stop, "expected a hex-digit for character escape sequence")
    raise JsonFaultError(f"Unrecognized character escape {_shown(text, stop)}", stop + 1)
