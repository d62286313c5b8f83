"""An earlier run to hold the session's run against: read before anything is run, compared when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prm_harness.delivery import DeliveryError, write_change
from prm_harness.record.reader import RunFileError, read_run
from prm_harness.record.run import Run
from prm_harness.scoring import NotComparableError
from prm_harness.scoring.comparison import compare, comparison_outcome, text

USAGE, OPEN, DOES_NOT_VERIFY = 2, 3, 5


class BaselineError(Exception):
    """A baseline that cannot be used. One line, and the exit code that says what kind of trouble it is."""

    def __init__(self, message: str, code: int, meaning: str) -> None:
        self.code = code
        super().__init__(f"prm-harness: {message} [exit {code}: {meaning}]")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the session says about the comparison."""

    lines: tuple[str, ...]
    code: int
    last_line: str


def load_baseline(path: Path) -> Run:
    """Read it.

    Raises:
        BaselineError: it cannot be read (2), is incomplete (3), or was changed after it was written (5).
    """
    try:
        return read_run(path)
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}", USAGE, "usage or configuration") from error
    except RunFileError as error:
        raise BaselineError(str(error), *_kind(path)) from error


def _kind(path: Path) -> tuple[int, str]:
    try:
        read_run(path, partial=True)
    except RunFileError:
        return DOES_NOT_VERIFY, "does not verify"
    return OPEN, "inconclusive or incomplete only"


def compared(baseline: Run, run: Run, out: Path) -> Compared:
    """Compare, write the change report, and say how it ended; runs that cannot be compared end with 2."""
    try:
        comparison = compare(baseline, run)
    except NotComparableError as error:
        return Compared((), USAGE, f"exit {USAGE}: {error}")
    lines = ["", "against the baseline:", *text(comparison).splitlines()]
    try:
        delivered = write_change((baseline, run), comparison, out)
    except DeliveryError as error:
        lines.append(str(error))
    else:
        lines += [f"wrote {path}" for path in delivered.files]
    code, last_line = comparison_outcome(comparison)
    return Compared(tuple(lines), int(code), last_line)
