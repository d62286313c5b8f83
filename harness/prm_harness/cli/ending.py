"""How a command ends: one line, with the exit code and what it means."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

MET, FAILURES, USAGE, OPEN, REGRESSION, DOES_NOT_VERIFY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

MEANINGS: Final = {
    MET: "met",
    FAILURES: "failures",
    USAGE: "usage or configuration",
    OPEN: "inconclusive or incomplete only",
    REGRESSION: "regression against the baseline",
    DOES_NOT_VERIFY: "does not verify",
    INTERRUPTED: "interrupted",
}
"""Every exit code and its meaning; docs/reference/exit-codes.md says more."""

_CODES: Final = {
    "AttestationError": USAGE,
    "EnclosureError": USAGE,
    "ConnectError": USAGE,
    "CatalogueError": USAGE,
    "ProfileError": USAGE,
    "NotComparableError": USAGE,
    "NotAnOrgError": USAGE,
    "OrgFileError": USAGE,
    "ExpectedError": USAGE,
    "DeliveryError": USAGE,
    "KeyTroubleError": USAGE,
    "ProductError": USAGE,
    "RevocationError": USAGE,
    "TrafficError": USAGE,
    "RunFileError": DOES_NOT_VERIFY,
}
"""Foreseeable errors of the other floors by name: importing them all would cost every command their modules."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last line says."""

    code: int
    why: str

    @property
    def line(self) -> str:
        """The last line of a command that did its work."""
        return f"exit {self.code}: {self.why}"


class Trouble(Exception):  # noqa: N818 - what a person can put right, not a defect of ours
    """A foreseeable error. The message is one line: what, where, what to do."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        self.code = code
        super().__init__(message)


def trouble_line(message: str, code: int) -> str:
    """The one line of a command that could not do its work."""
    one_line = " ".join(message.split())
    return f"prm-harness: {one_line} [exit {code}: {MEANINGS[code]}]"


def explain(error: Exception) -> tuple[str, int]:
    """A foreseeable error as its message and exit code; anything else is reported as our own defect."""
    if isinstance(error, Trouble):
        return str(error), error.code
    for kind in type(error).__mro__:
        if kind.__name__ in _CODES and kind.__module__.startswith("prm_"):
            return str(error), _CODES[kind.__name__]
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}", USAGE
    defect = f"a defect of prm-harness itself, {type(error).__name__} in {_innermost(error)}: {error}"
    return f"{defect}; it counts against no vendor; PRM_HARNESS_DEBUG=1 shows the traceback to report", OPEN


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("PRM_HARNESS_DEBUG", "") not in {"", "0"}


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    place = "an unknown place"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
