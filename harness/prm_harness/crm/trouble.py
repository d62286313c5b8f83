"""What goes wrong on purpose, as plain data: which requests or events are hit, by what, how often, until when.

A fault is declarative and its shares are drawn from the run's seed, so that it can be written into a file, sent over the
control API, and repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

KINDS: Final = {
    "status": "answers with an error (`status`, `code`, `message`) instead of handling; `body` is `json` or `html`",
    "timeout": "holds the request for `seconds` without handling it, then breaks the connection",
    "slow": "handles at once, answers after `seconds`",
    "reset": "breaks the connection before anything is done",
    "lost": "handles and commits, then breaks the connection: the answer is lost",
    "truncated": "handles and commits, then breaks off in the middle of the answer's body",
    "expire": "ends every session, so that this request is the first one refused",
    "rows": "refuses a share (`rows`) of the request's rows with `code`, saves the others",
    "late": "after a matching read, commits `values` to `record` with a SystemModstamp of `seconds` before that read",
    "corrupt": "after a matching request, changes `record` to `values` and leaves every timestamp alone",
    "event_drop": "change events that are never delivered",
    "event_duplicate": "change events that are delivered twice",
    "event_reorder": "change events that swap places with the next one",
    "event_gap": "change events that are replaced by a gap event",
    "event_overflow": "change events that are replaced by an overflow event",
}
"""Every kind of fault, and what it does."""

EVENT_KINDS: Final = frozenset(kind for kind in KINDS if kind.startswith("event_"))
"""Kinds that hit deliveries of change events instead of requests."""


UNNAMED: Final = "SERVER_UNAVAILABLE"
"""The code of a fault that names none; kinds that refuse rows have one of their own."""


@dataclass(frozen=True, slots=True)
class RequestMatch:
    """Which requests: those whose route class and method match and whose address or body contains ``where``.

    The first ``after`` of them are left alone, and so are all until ``after_rows`` rows went in or out with matching
    requests; then it matches ``times`` times (None: without end).
    """

    route: str = ""
    method: str = ""
    where: str = ""
    after: int = 0
    after_rows: int = 0
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """Something that goes wrong on purpose, for the integration user's requests only.

    ``kind`` is one of :data:`KINDS`. It hits requests whose route class and method match and whose address or body
    contains ``where`` (events: whose object is ``sobject`` and whose data contains ``where``), skips the first ``after``
    of them, those before ``after_rows`` rows went in or out, and fires ``times`` times (None = until healed). ``share``
    is the chance of each match, drawn from the run's seed. ``lasts`` heals it by itself, so many seconds of the org's
    clock after it was injected.
    """

    name: str
    kind: str
    route: str = ""
    method: str = ""
    where: str = ""
    status: int = 503
    code: str = UNNAMED
    message: str = "Server is unavailable"
    seconds: float = 0
    after: int = 0
    times: int | None = 1
    share: float = 1.0
    after_rows: int = 0
    lasts: float | None = None
    body: str = "json"
    sobject: str = ""
    rows: float = 1.0
    record: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Firing:
    """One hit of a fault: ``exchange`` is the number of the request that met it (None: no request was under way)."""

    number: int
    at: datetime
    name: str
    kind: str
    exchange: int | None
