"""The command line: one small module a command, loaded when it is called for."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    from .app import run

    sys.exit(run(sys.argv[1:] if argv is None else argv))
