"""Where a person is spoken to: the terminal, or a file of answers in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from prm_harness.adapter.faults import ConnectError


class NobodyThereError(Exception):
    """An answer is needed and nobody can give it; the message says what to do."""


class Console(Protocol):
    """Somebody who reads and answers."""

    def say(self, text: str) -> None:
        """Show some lines."""
        ...

    def ask(self, prompt: str) -> str:
        """One line of answer, without spaces around it.

        Raises:
            NobodyThereError: there is none.
        """
        ...


class Terminal:
    """The terminal that the command was started in."""

    def say(self, text: str) -> None:
        """On standard error, as everything that is not a result."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the terminal

    def ask(self, prompt: str) -> str:
        """One line from standard input."""
        if not sys.stdin.isatty():
            raise NobodyThereError(
                "a person is needed and there is no terminal; run it in one (pytest: with -s), "
                "or give the answers with ?answers=FILE, one a line"
            )
        print(f"{prompt} ", end="", file=sys.stderr, flush=True)  # noqa: T201
        line = sys.stdin.readline()
        if not line:
            raise NobodyThereError("the terminal was closed")
        return line.strip()


class Scripted:
    """Answers given beforehand, in order."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers: Iterator[str] = iter(answers)
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Kept, for whoever wants to look."""
        self.said.append(text)

    def ask(self, prompt: str) -> str:
        """The next answer."""
        self.said.append(prompt)
        try:
            return next(self._answers).strip()
        except StopIteration:
            raise NobodyThereError(f"the file of answers is used up at: {prompt}") from None


def console_for(answers: str) -> Console:
    """The terminal, or the answers in a file; lines that start with # are left out.

    Raises:
        ConnectError: the file cannot be read.
    """
    if not answers:
        return Terminal()
    try:
        lines = Path(answers).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectError(f"answers={answers}: {getattr(error, 'strerror', None) or error}") from None
    return Scripted(line for line in lines if not line.startswith("#"))
