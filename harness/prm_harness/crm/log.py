"""The request log: what was asked, what came back, which rows that changed.

Bounded when captured, redacted before anyone sees it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

from prm_harness.crm.backend import BUG, GAP, Exchange, RowChange, Usage
from prm_harness.crm.entries import Entries
from prm_harness.crm.history import History, Load
from prm_harness.crm.matching import route_matches
from prm_harness.crm.usage import Columns, Kind

__all__ = ["EXCERPTED", "EXCERPT_LENGTH", "ExchangeLog", "excerpt", "redact", "route_matches"]

EXCERPT_LENGTH: Final = 600
EXCERPTED: Final = 2 * EXCERPT_LENGTH
"""Bytes of a body that an excerpt is made from."""

_NEVER_SHOWN = (
    r"access_token|refresh_token|id_token|client_secret|password|assertion|signature|sessionId|security_token"
)
_SECRETS: Final = (
    # a session id wherever it stands: 15 characters of org id, "!", the secret
    (re.compile(r"00D[0-9A-Za-z]{12}(!|%21)[^\s\"'<>&]+"), "[redacted]"),
    (re.compile(rf'("(?:{_NEVER_SHOWN})"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE), r"\1[redacted]"),
    (re.compile(rf"(\b(?:{_NEVER_SHOWN}|token|code)=)[^&\s]*", re.IGNORECASE), r"\1[redacted]"),
    (re.compile(rf"(<(?:\w+:)?(?:{_NEVER_SHOWN})(?:\s[^>]*)?>)[^<]*", re.IGNORECASE), r"\1[redacted]"),
)


def redact(text: str) -> str:
    """``text`` without tokens and passwords."""
    if text.isascii() and not _may_hold_secrets(text.lower()):
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _may_hold_secrets(low: str) -> bool:
    """Whether a pattern of _SECRETS can match at all: plain searches cost a twentieth of theirs."""
    return (
        "00d" in low
        or "token" in low
        or "code=" in low
        or "secret" in low
        or "password" in low
        or "assertion" in low
        or "signature" in low
        or "sessionid" in low
    )


def excerpt(body: bytes) -> str:
    """The first 600 characters of a body, redacted.

    Redaction comes before the cut (over a longer prefix), so that a secret at the edge is not half shown.
    """
    text = redact(body[:EXCERPTED].decode("utf-8", "replace"))
    return text if len(text) <= EXCERPT_LENGTH else text[: EXCERPT_LENGTH - 1] + "…"


class ExchangeLog:
    """Numbers requests and row changes from 1, and remembers which request made which change."""

    def __init__(self) -> None:
        self._exchanges = Entries()
        self._columns = Columns()
        self._history = History()
        self._first = 0
        self._makers: list[int | None] = []
        self._made_from: list[int] = []
        self._current: int | None = None

    # -- written by the wire and the org ------------------------------------------------------------------------

    def open(self) -> int:
        """Number of the request that is being handled now; row changes until ``close`` are its work."""
        self._current = len(self._exchanges) + 1
        return self._current

    def close(
        self, exchange: Callable[[], Exchange], *, at: datetime, kind: Kind, rows: tuple[int, int]
    ) -> None:
        """Keep the finished request; it is written out, and redacted, when someone reads it first."""
        self._exchanges.append(exchange)
        self._columns.add(at.timestamp(), kind, rows)
        self._current = None

    @contextmanager
    def aside(self) -> Iterator[int | None]:
        """What is changed inside is not the work of the request under way, whose number is given."""
        current, self._current = self._current, None
        try:
            yield current
        finally:
            self._current = current

    @property
    def current(self) -> int | None:
        """Number of the request that is being handled now."""
        return self._current

    def follow(self, history: History) -> None:
        """Number the org's changes from here on."""
        self._history, self._first = history, len(history)

    def committed(self, first: int, _count: int) -> None:
        """Link committed changes to the request under way (None: the CRM's own people made them)."""
        # Loads make these by the hundred thousand, and few are ever read: each is linked when it is.
        if not self._makers or self._makers[-1] != self._current:
            self._makers.append(self._current)
            self._made_from.append(first)

    # -- read by checks -----------------------------------------------------------------------------------------

    def exchanges(
        self, *, since: int = 0, user: str | None = None, route: str | None = None
    ) -> Sequence[Exchange]:
        """Requests after number ``since``, oldest first; ``route`` as in :func:`route_matches`."""
        wanted = [
            (user is None or kind.user == user) and route_matches(route or "", kind.route)
            for kind in self._columns.kinds
        ]
        return list(self._exchanges.read(self._places(since, wanted)))

    def usage(self, *, since: tuple[int, int] = (0, 0), user: str | None = None) -> Usage:
        """What was asked and written after a ``mark``, counted; with a user, by that user."""
        runs = self._history.runs(self._first + since[1], len(self._history))
        if user is not None:
            runs = (self._of_user(run, user) for run in runs)
        return self._columns.usage(since[0], len(self._exchanges), user, runs)

    def _of_user(self, run: Sequence[RowChange], user: str) -> Sequence[RowChange]:
        if isinstance(run, Load):
            return run if run.user == user else ()
        return [change for change in run if change.user == user]

    def changes(
        self,
        *,
        since: int = 0,
        user: str | None = None,
        sobject: str | None = None,
        record_id: str | None = None,
    ) -> Sequence[RowChange]:
        """Committed row changes after number ``since``, oldest first."""
        found = []
        for run in self._history.runs(self._first + since, len(self._history)):
            if isinstance(run, Load) and not (user in {None, run.user} and sobject in {None, run.sobject}):
                continue
            found += [
                self._linked(change)
                for change in run
                if (user is None or change.user == user)
                and (sobject is None or change.sobject == sobject)
                and (record_id is None or change.record_id == record_id)
            ]
        return found

    def _linked(self, change: RowChange) -> RowChange:
        maker = self._makers[bisect_right(self._made_from, change.number - 1) - 1]
        return replace(change, number=change.number - self._first, exchange=maker)

    def mark(self) -> tuple[int, int]:
        """(last exchange number, last change number): pass them as ``since`` later."""
        return len(self._exchanges), len(self._history) - self._first

    def gaps(self, *, since: int = 0) -> Sequence[Exchange]:
        """Requests that the sandbox could not answer: 501 ``SANDBOX_GAP``, or 500 ``SANDBOX_BUG`` when it crashed."""
        wanted = [kind.error_code in {GAP, BUG} for kind in self._columns.kinds]
        return list(self._exchanges.read(self._places(since, wanted)))

    def _places(self, since: int, wanted: Sequence[bool]) -> Iterator[int]:
        kinds = self._columns.kind
        return (place for place in range(since, len(kinds)) if wanted[kinds[place]])
