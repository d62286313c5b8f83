"""Reading what somebody else sends: never more bytes than there is room for, never longer than there is time for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from .faults import AdapterFault, excerpt

LARGEST_ANSWER: Final = 64 * 2**20
"""Bytes of one answer."""

LONGEST_LINE: Final = 8 * 2**20
"""Bytes of one record in a list."""


class Bounds:
    """The bounds of one answer.

    Args:
        operation: named in faults.
        seconds: from now until the answer must be complete.
    """

    def __init__(self, operation: str, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._operation = operation
        self._seconds = seconds
        self._now = now
        self._end = now() + seconds

    def whole(self, chunks: Iterable[bytes]) -> bytes:
        """All bytes of an answer.

        Raises:
            AdapterFault: there are too many, or they come too slowly.
        """
        parts: list[bytes] = []
        size = 0
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise AdapterFault(
                    self._operation,
                    f"the answer is larger than {LARGEST_ANSWER // 2**20} MB: {excerpt(parts[0])}",
                )
            self._in_time(f"{size} bytes")
        return b"".join(parts)

    def lines(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of an answer as they come, without their ends; empty ones are left out.

        Raises:
            AdapterFault: a line is too long, or they come too slowly.
        """
        rest = b""
        count = 0
        for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line.strip():
                    count += 1
                    yield line
            if len(rest) > LONGEST_LINE:
                raise AdapterFault(
                    self._operation,
                    f"line {count + 1} is longer than {LONGEST_LINE // 2**20} MB: {excerpt(rest)}",
                )
            self._in_time(f"{count} lines")
        if rest.strip():
            yield rest

    def _in_time(self, so_far: str) -> None:
        if self._now() > self._end:
            raise AdapterFault(self._operation, f"after {self._seconds:g} seconds only {so_far} had come")


def parsed(operation: str, body: bytes) -> Any:
    """Bytes as JSON (RFC 8259: UTF-8, no NaN).

    Raises:
        AdapterFault: they are not; shows the offending ones.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise AdapterFault(
            operation, f"answered bytes that are not UTF-8 (at {error.start}): {excerpt(body, error.start)}"
        ) from None
    except RecursionError:
        raise AdapterFault(operation, f"answered with JSON nested too deeply: {excerpt(body)}") from None
    except json.JSONDecodeError as error:
        at = len(body.decode("utf-8")[: error.pos].encode())
        raise AdapterFault(
            operation, f"answered with something that is not JSON ({error.msg}, at {at}): {excerpt(body, at)}"
        ) from None
    except ValueError as error:
        raise AdapterFault(
            operation, f"answered with something that is not JSON ({error}): {excerpt(body)}"
        ) from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
