"""Writing a run down as it happens: one event a line, each line carrying the digest of the one before.

A killed run keeps what it had: every event is flushed, and what a verdict rests on is on the disk before the run
goes on. A file without its footer is incomplete and says so to every reader.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic_core import to_jsonable_python

from .attestations import Attestation
from .case import Case
from .digests import canonical_json, sha256
from .model import Barrier, Fact, Footer, Header, Model, Result, SetupStep
from .redact import Redactor
from .run import count_verdicts
from .style import StyleSeen

FIRST_PREV: Final = "0" * 64
"""What the first line carries in place of a digest."""

KINDS: Final[Mapping[str, type[Model] | None]] = {
    "header": Header,
    "wave": None,
    "barrier": Barrier,
    "setup_step": SetupStep,
    "attestation": Attestation,
    "started": None,
    "attempt": None,
    "result": Result,
    "case": Case,
    "style": StyleSeen,
    "fact": Fact,
    "probe": None,
    "note": None,
    "footer": Footer,
}
"""Every kind of event, and the model of its data; None: any JSON object."""

_ON_DISK: Final = frozenset({"header", "result", "footer"})


def footer_digest(event: Mapping[str, Any]) -> str:
    """What protects the last line, which no later line carries the digest of: taken over it with its digest empty."""
    return sha256(canonical_json({**event, "data": {**event["data"], "digest": ""}}))


class RunWriter:
    """Writes one run file. Not shared between threads.

    Args:
        path: where to; must not exist yet, because a run file is evidence and is never overwritten.
        redactor: what everything goes through before it is written; one with a fresh key when left out.

    Raises:
        FileExistsError: there is a file at ``path``.
    """

    def __init__(self, path: str | Path, redactor: Redactor | None = None) -> None:
        self.path = Path(path)
        self.redactor = redactor or Redactor()
        self._file = self.path.open("xb")
        self._seq = 0
        self._prev = FIRST_PREV
        self._results: list[Result] = []
        self._ended = False

    def header(self, header: Header) -> None:
        """The first event."""
        if self._seq:
            raise ValueError("the header is the first event of a run file and is written once")
        self._write("header", header.model_dump(mode="json"))

    def event(self, kind: str, payload: Model | Mapping[str, Any]) -> None:
        """One event between header and footer.

        Raises:
            ValueError: unknown kind, wrong place, or data that a reader would refuse.
        """
        if kind not in KINDS or kind in {"header", "footer"}:
            raise ValueError(f"{kind!r} is no kind of event; there are {', '.join(KINDS)}")
        if not self._seq:
            raise ValueError("the header comes first")
        shape = KINDS[kind]
        if shape is not None:
            payload = payload if isinstance(payload, shape) else shape.model_validate(payload)
        if isinstance(payload, Result):
            self._results.append(payload)
        self._write(kind, to_jsonable_python(payload))

    def footer(self, ended_at: datetime, *, interrupted: bool = False) -> Footer:
        """The last event: the file is complete after this. Counts checks by their worst attempt."""
        if not self._seq:
            raise ValueError("the header comes first")
        footer = Footer(
            ended_at=ended_at,
            counts=count_verdicts(self._results),
            events=self._seq + 1,
            interrupted=interrupted,
        )
        digest = footer_digest(self._next("footer", footer.model_dump(mode="json")))
        footer = footer.model_copy(update={"digest": digest})
        self._write("footer", footer.model_dump(mode="json"))
        self._ended = True
        return footer

    def close(self) -> None:
        """Close the file; without a footer it stays incomplete."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, kind: str, data: dict[str, Any]) -> None:
        if self._ended:
            raise ValueError("the run file has its footer: nothing can follow")
        line = canonical_json(self._next(kind, data))
        self._file.write(line + b"\n")
        self._file.flush()
        if kind in _ON_DISK:
            os.fsync(self._file.fileno())
        self._seq += 1
        self._prev = sha256(line)

    def _next(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"seq": self._seq + 1, "prev": self._prev, "kind": kind, "data": self.redactor.json(data)}
