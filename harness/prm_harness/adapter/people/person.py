"""A person who does a step, says how it went, and leaves notes and screenshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter.contract import NotReached, NotSupported
from prm_harness.adapter.faults import AdapterFault
from prm_harness.adapter.records import CrmConnection, Step, StepLog

from .console import Console, NobodyThereError
from .journal import Journal, key_of

HELP: Final = """\
  note TEXT      keep a remark with this answer
  file PATH      keep a screenshot or another file with this answer
  break          have a break: nothing is asked until you press Enter. You may also end the program (Ctrl-C) and
                 start it again with the same command: what you answered is offered again.
  cannot WHY     the product cannot do this
  unreached WHY  you cannot get at it, whatever the product can
  ?              these lines"""

Answer = dict[str, Any]


class Person:
    """One person at one console.

    Args:
        console: where they are.
        journal: where answers are kept.
    """

    def __init__(self, console: Console, journal: Callable[[], Journal]) -> None:
        self._console = console
        self._open = journal
        self._journal: Journal | None = None
        self._greeted = False
        self._notes: list[str] = []
        self._files: list[dict[str, Any]] = []

    @property
    def journal(self) -> Journal:
        """Opened when it is first needed: a file that asks nobody leaves no folder behind."""
        self._journal = self._journal or self._open()
        return self._journal

    def does(
        self, operation: str, title: str, instructions: str, *, crm: CrmConnection | None = None
    ) -> Answer:
        """Let a person do something, and wait until they say that it is done.

        Raises:
            NotSupported: they say that the product cannot.
            NotReached: they say that they cannot get at it.
            AdapterFault: nobody is there.
        """
        arguments = {"title": title, "crm": crm.model_dump(exclude={"run_id"}) if crm else None}

        def ask() -> Answer:
            if crm is not None:
                self._console.say(_credentials(crm))
            while True:
                said = self.line(operation, "Done? Enter when it is, or `failed WHY`:")
                if not said or said.lower() in {"y", "yes", "done"}:
                    return {"done": True, "message": ""}
                if said.partition(" ")[0].lower() in {"failed", "no", "n"}:
                    return {"done": False, "message": said.partition(" ")[2]}
                self._console.say("Press Enter when it is done, write `failed` and why, or `?` for help.")

        return self.asked(operation, arguments, title, instructions, ask)

    def asked(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        title: str,
        instructions: str,
        ask: Callable[[], Answer],
    ) -> Answer:
        """Ask something, unless it was answered before a break and the answer still holds.

        Args:
            operation: of the contract.
            arguments: what makes this question the same as an earlier one.
            title: what it is about, in a line.
            instructions: how to do it.
            ask: asks the questions; its answer is kept.
        """
        self._notes, self._files = [], []
        self._greet()
        self._console.say(f"\n── {title}")
        if instructions.strip():
            self._console.say("\n".join(f"   {line}" for line in instructions.strip().splitlines()))
        key = key_of(operation, arguments)
        try:
            kept = self._kept(operation, key)
            if kept is not None:
                return kept
            answer = ask()
        except NobodyThereError as error:
            raise AdapterFault(operation, f"{title}: {error}") from None
        answer = {**answer, "by": "person"}
        if self._notes:
            answer["notes"] = self._notes
        if self._files:
            answer["files"] = self._files
        self.journal.keep(key, operation, answer)
        return answer

    def line(self, operation: str, prompt: str) -> str:
        """One line of answer; notes, files, breaks and refusals are dealt with on the way."""
        while True:
            said = self._console.ask(prompt)
            word, _, rest = said.partition(" ")
            match word.lower():
                case "?":
                    self._console.say(HELP)
                case "note" if rest:
                    self._notes.append(rest)
                case "file" if rest:
                    self.file(rest)
                case "break" if not rest:
                    self._console.ask("Having a break. Press Enter to go on.")
                case "cannot" if rest:
                    raise NotSupported(operation, rest)
                case "unreached" if rest:
                    raise NotReached(operation, rest)
                case _:
                    return said

    def file(self, path: str) -> bool:
        """Keep a file with the present answer; says so when it cannot be."""
        try:
            self._files.append(self.journal.keep_file(Path(path.strip().strip("\"'")).expanduser()))
        except (OSError, ValueError) as error:
            self._console.say(f"That file could not be kept: {error}")
            return False
        return True

    def say(self, text: str) -> None:
        """Tell them something."""
        self._console.say(text)

    def choose(self, operation: str, prompt: str, choices: Mapping[str, str]) -> str:
        """One of several words, by its first letters; asked until it is one."""
        while True:
            said = self.line(operation, f"{prompt} ({' / '.join(choices.values())}):").lower()
            fitting = [word for word, shown in choices.items() if said and shown.lower().startswith(said)]
            if len(fitting) == 1:
                return fitting[0]
            self._console.say(
                f"Write one of {', '.join(choices.values())}, or its first letters; `?` for help."
            )

    def _greet(self) -> None:
        if not self._greeted:
            self._greeted = True
            self._console.say(
                f"\nA person is asked from here on. `?` explains what can be answered; answers and files are kept in "
                f"{self.journal.folder}."
            )

    def _kept(self, operation: str, key: str) -> Answer | None:
        entry = self.journal.earlier(key)
        if entry is None:
            return None
        answer: Answer = entry["answer"]
        told = "; ".join(
            f"{name}: {value}" for name, value in answer.items() if name not in {"by", "files"} and value
        )
        self._console.say(f"   Answered before the break, {entry['at']}: {told or 'done'}")
        while True:
            said = self.line(operation, "Does that still hold? Enter keeps it, `again` asks anew:").lower()
            if said in {"", "y", "yes"}:
                return answer
            if said in {"again", "a", "n", "no"}:
                return None


def run_step(person: Person, steps: Sequence[Step], step_id: str) -> StepLog:
    """Let a person do one setup step."""
    step = next((step for step in steps if step.id == step_id), None)
    if step is None:
        return StepLog(done=False, message=f"there is no step {step_id!r}")
    who = {"admin": "the buyer's admin", "vendor": "the vendor", "automatic": "the product by itself"}[
        step.actor
    ]
    answer = person.does("run_step", f"Setup: {step.title} (by {who})", step.instructions)
    return StepLog(done=answer["done"], steps=(step,), message=str(answer.get("message", "")))


def _credentials(crm: CrmConnection) -> str:
    """What the person types into the product; shown, and written down nowhere."""
    return "\n".join((
        f"   CRM address    {crm.login_url}",
        f"   User name      {crm.username}",
        f"   Password       {crm.password}",
        f"   Security token {crm.security_token}",
        f"   Client id      {crm.client_id}",
        f"   Client secret  {crm.client_secret}",
        "   These are shown here only; they are not kept.",
    ))  # fmt: skip
