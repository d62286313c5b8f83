"""What an answer means: taken, refused with reasons, absent, or broken. An error inside a 200 is an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from prm_harness.adapter.faults import AdapterFault, excerpt, shortened

from .paths import MISSING, every, found
from .sender import Answer
from .spec import ErrorPattern, Where

Meaning = Literal["fine", "refused", "absent", "not_supported", "fault"]

_USUAL_MESSAGES: Final = (
    "message", "error.message", "errors[].message", "errors[].detail", "error_description", "detail", "title", "error",
    "errors[]", "[].message",
)  # fmt: skip
_GONE: Final = frozenset({404, 410})
_REFUSALS: Final = frozenset({400, 403, 404, 405, 409, 410, 412, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as understood."""

    meaning: Meaning
    messages: tuple[str, ...]
    payload: Any


class Answers:
    """Reads answers by the file's error patterns, and by their status where none fits."""

    def __init__(self, patterns: Iterable[ErrorPattern]) -> None:
        self._patterns = tuple(patterns)

    def read(self, operation: str, answer: Answer) -> Reading:
        """What the answer means.

        Raises:
            AdapterFault: it should be JSON and is not.
        """
        succeeded = 200 <= answer.status < 300
        try:
            payload = answer.payload(operation)
        except AdapterFault:
            if succeeded:
                raise
            payload = None
        for pattern in self._patterns:
            if matches(pattern, answer.status, payload):
                # What an error looks like says nothing of which error it is; 404 does, unless the pattern speaks of it.
                gone = answer.status in _GONE and pattern.status is None and pattern.meaning == "refused"
                meaning: Meaning = "absent" if gone else pattern.meaning
                return Reading(meaning, _messages(pattern.messages, payload, answer), payload)
        if succeeded:
            return Reading("fine", (), payload)
        if answer.status in _GONE:
            return Reading("absent", _messages((), payload, answer), payload)
        meaning = "refused" if answer.status in _REFUSALS else "fault"
        return Reading(meaning, _messages((), payload, answer), payload)

    def demand(self, operation: str, answer: Answer) -> Any:
        """The payload of an answer that must be fine.

        Raises:
            AdapterFault: it is not.
        """
        reading = self.read(operation, answer)
        if reading.meaning != "fine":
            raise AdapterFault(operation, f"HTTP {answer.status}: {'; '.join(reading.messages)}")
        return reading.payload


def matches(where: Where, status: int, payload: Any) -> bool:
    """Whether an answer has everything that ``where`` asks for."""
    if where.status is not None:
        wanted = (where.status,) if isinstance(where.status, int) else where.status
        if status not in wanted:
            return False
    if where.path is None:
        return where.status is not None
    value = found(payload, where.path)
    if where.exists is not None:
        return (value is not MISSING and value not in (None, [], {}, "")) is where.exists
    if where.in_ is not None:
        return value in where.in_
    return bool(value == where.equals)


def _messages(paths: tuple[str, ...] | str, payload: Any, answer: Answer) -> tuple[str, ...]:
    wanted = (paths,) if isinstance(paths, str) else paths
    for path in (*wanted, *_USUAL_MESSAGES):
        texts = [
            shortened(str(text)) for text in every(payload, path) if isinstance(text, str | int) and str(text)
        ]
        if texts:
            return tuple(texts)
    return (f"HTTP {answer.status}: {excerpt(answer.body)}" if answer.body else f"HTTP {answer.status}",)
