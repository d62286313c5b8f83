"""Two answers side by side: what a client can tell apart, as a list of sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

_ID = re.compile(r"\b[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?\b")
_QUOTED = re.compile(r"v\d\d\.\d|\d+")
_STRICT = {"recorded", "quoted", "body-only"}


def differences(case: dict[str, Any], recorded: Any, status: int, body: bytes) -> Iterator[str]:
    """What differs: status; keys that are missing; JSON types; codes and messages of refusals."""
    if case["response"]["status"] not in {None, status}:
        yield f"status {status}, recorded {case['response']['status']}: {body[:200].decode(errors='replace')}"
        return
    if isinstance(recorded, str) and recorded.lstrip().startswith("<"):
        yield from _tags(_xml(recorded), _xml(body.decode()), "")
    elif isinstance(recorded, str):
        head, ours = (text.splitlines()[:1] for text in (recorded, body.decode()))
        if head != ours:
            yield f"first line {ours}, recorded {head}"
    elif recorded:
        yield from _values(recorded, json.loads(body) if body else None, "", words=case["tier"] in _STRICT)


def _values(recorded: Any, ours: Any, at: str, *, words: bool) -> Iterator[str]:
    if recorded is None or ours is None:
        return  # what is empty in one org is filled in another
    if _kind(recorded) != _kind(ours):
        yield f"{at or 'the answer'} is {_kind(ours)}, recorded {_kind(recorded)}"
    elif isinstance(recorded, dict):
        missing = [key for key in recorded if key not in ours]
        if missing:
            yield f"{at or 'the answer'} has no {', '.join(missing[:8])}"
        if words and "message" in recorded and {"errorCode", "statusCode"} & recorded.keys():
            yield from _words(recorded, ours, at)
        for key in recorded.keys() & ours.keys():
            yield from _values(recorded[key], ours[key], f"{at}.{key}", words=words)
    elif isinstance(recorded, list) and recorded and ours:
        same_length = len(recorded) == len(ours)
        pairs = zip(recorded, ours, strict=True) if same_length else [(recorded[0], ours[0])]
        for number, (theirs, mine) in enumerate(pairs):
            yield from _values(theirs, mine, f"{at}[{number}]", words=words)


def _words(recorded: dict[str, Any], ours: dict[str, Any], at: str) -> Iterator[str]:
    for key in ("errorCode", "statusCode", "message"):
        theirs, mine = (_masked(error.get(key)) for error in (recorded, ours))
        if theirs != mine:
            yield f"{at}.{key} is {mine!r}, recorded {theirs!r}"


def _masked(text: Any) -> str:
    return _QUOTED.sub("#", _ID.sub("<id>", str(text)))


def _kind(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _xml(text: str) -> ET.Element:
    return ET.fromstring(text.strip())


def _tags(recorded: ET.Element, ours: ET.Element, at: str) -> Iterator[str]:
    """Elements by name: missing ones, and those in another order."""
    theirs, mine = ([_local(child) for child in element] for element in (recorded, ours))
    missing = [tag for tag in dict.fromkeys(theirs) if tag not in mine]
    if missing:
        yield f"{at or 'the answer'} has no {', '.join(missing[:8])}"
    both = [tag for tag in dict.fromkeys(theirs) if tag in mine]
    if both != [tag for tag in dict.fromkeys(mine) if tag in both]:
        yield f"{at or 'the answer'}: elements in another order than {', '.join(both[:8])}"
    for tag in both:
        one, other = (next(c for c in e if _local(c) == tag) for e in (recorded, ours))
        yield from _tags(one, other, f"{at}/{tag}")


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
