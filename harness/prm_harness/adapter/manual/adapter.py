"""The adapter that a ``manual:`` file declares, and a person carries out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_type_hints

from prm_harness.adapter.codec import encode_arguments
from prm_harness.adapter.contract import OPERATIONS, NotReached, NotSupported, PrmAdapter
from prm_harness.adapter.dispatch import Dispatch
from prm_harness.adapter.people.person import Answer, Person, run_step
from prm_harness.adapter.records import (
    AdapterInfo,
    CrmConnection,
    ErrorEntry,
    Notification,
    Outcome,
    Prerequisites,
    Record,
    Ref,
    Step,
    StepLog,
    SyncStatus,
)

from . import questions
from .sheets import understood, write_import
from .spec import ManualFile, ManualKind

SHAPES: Final = (Outcome, StepLog, type(None))
"""Results that a person can give of any operation."""

OWN: Final = frozenset({"read_as", "list_as", "sync_status", "list_errors", "notifications", "update"})
"""Optional operations with questions of their own."""


def possible(operation: str) -> bool:
    """Whether a person can carry the optional operation out."""
    returned = get_type_hints(getattr(PrmAdapter, operation))["return"]
    return operation in OWN or returned in SHAPES


class ManualAdapter(Dispatch):
    """A portal that a person operates; evidence of grade C.

    Args:
        file: the checked file.
        person: who is asked.
    """

    def __init__(self, file: ManualFile, person: Person) -> None:
        self._file = file
        self._person = person
        self._crm_secrets: tuple[str, ...] = ()
        self._made: list[str] = []
        self._connected = False
        reached = {operation for operation in file.instructions if operation in OPERATIONS}
        if file.setup:
            reached |= {"setup_steps", "run_step"}
        self._reached = frozenset(reached)
        self._info = file.info(tuple(file.kinds), self._reached, "person")

    def secrets(self) -> tuple[str, ...]:
        """What must never be written down."""
        return self._crm_secrets

    # -- every operation comes by here ----------------------------------------------------------------------------

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation in OPERATIONS and operation not in self._reached:
            raise NotReached(operation, "the file gives a person no instructions for it")
        own = getattr(self, f"_do_{operation}", None)
        return own(**arguments) if own else self._anything(operation, arguments)

    def _do_info(self) -> AdapterInfo:
        return self._info

    def _do_prerequisites(self) -> Prerequisites:
        return self._file.prerequisites

    def _do_connect(self, crm: CrmConnection) -> None:
        self._crm_secrets = crm.secrets
        answer = self._person.does(
            "connect", f"Connect {self._file.product} to the CRM", self._how("connect"), crm=crm
        )
        if not answer["done"]:
            raise NotSupported("connect", str(answer["message"]))
        self._connected = True

    def _do_disconnect(self) -> None:
        """Nobody is waited for: the run is over, or was interrupted."""
        if self._connected:
            self._person.say(f"\n── The run is over: disconnect {self._file.product} from the CRM.")
        self._connected = False

    def _do_setup_steps(self) -> list[Step]:
        return list(self._file.setup)

    def _do_run_step(self, step_id: str) -> StepLog:
        return run_step(self._person, self._file.setup, step_id)

    def _do_cleanup(self, run_id: str) -> None:  # noqa: ARG002 - a person goes by the list
        """Says what to delete, and keeps the list; nobody is waited for."""
        if self._made:
            left = self._person.journal.folder / "to-delete.txt"
            left.write_text("\n".join(self._made) + "\n", encoding="utf-8")
            self._person.say(f"\n── To delete in the portal: {len(self._made)} records, listed in {left}")
        self._made.clear()

    # -- records --------------------------------------------------------------------------------------------------

    def _do_submit(self, kind: str, values: Mapping[str, Any], as_partner: str | None = None) -> Outcome:
        spec = self._kind("submit", kind)
        number = len(self._made) + 1
        sheet = self._person.journal.folder / f"submit-{number:03d}.csv"
        write_import(sheet, spec, values)
        how = self._how("submit")
        told = f"{how}\n{questions.table(spec, values)}\nThe same as a file to import: {sheet}"
        answer = self._ask(
            "submit",
            {"kind": kind, "values": values, "as_partner": as_partner},
            f"Submit a {spec.label} as a user of {_partner(as_partner)}",
            told,
            lambda: questions.outcome(self._person, "submit"),
        )
        if answer["state"] != "rejected":
            self._made.append(
                f"{spec.label}: {answer['prm_id'] or values.get('Name') or values.get('LastName')}"
            )
        return _outcome(answer)

    def _do_update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], as_partner: str | None = None
    ) -> Outcome:
        spec = self._kind("update", kind)
        answer = self._ask(
            "update",
            {"kind": kind, "ref": ref, "values": values, "as_partner": as_partner},
            f"Change the {spec.label} {_named(ref)} as {_partner(as_partner)}",
            f"{self._how('update')}\n{questions.table(spec, values)}",
            lambda: questions.outcome(self._person, "update"),
        )
        return _outcome(answer)

    def _do_read(self, kind: str, ref: Ref) -> Record | None:
        return self._look("read", kind, ref, "as the portal's admin", {})

    def _do_read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        return self._look("read_as", kind, ref, f"as a user of {_partner(partner)}", {"partner": partner})

    def _do_list(self, kind: str) -> list[Record]:
        return self._list("list", kind, "as the portal's admin", {})

    def _do_list_as(self, partner: str, kind: str) -> list[Record]:
        return self._list("list_as", kind, f"as a user of {_partner(partner)}", {"partner": partner})

    # -- what an admin sees ---------------------------------------------------------------------------------------

    def _do_sync_status(self) -> SyncStatus:
        def ask() -> Answer:
            state = self._person.choose("sync_status", "How is the connection?", questions.SYNC_STATES)
            return {
                "state": state,
                "last_error": self._person.line("sync_status", "Last error shown (Enter: none):"),
            }

        answer = self._ask(
            "sync_status",
            {"at": questions.now()},
            "Look at the state of the sync",
            self._how("sync_status"),
            ask,
        )
        return SyncStatus(state=answer["state"], last_error=answer["last_error"])

    def _do_list_errors(self, since: Any = None) -> list[ErrorEntry]:
        told = self._lines(
            "list_errors", "Failed syncs as the portal lists them", since, "Error, as shown (Enter ends):"
        )
        return [
            ErrorEntry(id=f"line-{number}", at=told["at"], message=line)
            for number, line in enumerate(told["lines"], 1)
        ]

    def _do_notifications(self, since: Any = None) -> list[Notification]:
        told = self._lines(
            "notifications", "Messages that the product sent by itself", since, "Subject (Enter ends):"
        )
        return [
            Notification(at=told["at"], channel="seen by a person", subject=line) for line in told["lines"]
        ]

    # -- inside ---------------------------------------------------------------------------------------------------

    def _anything(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Any other operation whose result a person can give."""
        returned = get_type_hints(getattr(PrmAdapter, operation))["return"]
        encoded = encode_arguments(operation, arguments)
        told = "\n".join(f"{name}: {value}" for name, value in encoded.items())
        how = f"{self._how(operation)}\n{told}"
        title = operation.replace("_", " ").capitalize()
        if returned is Outcome:
            return _outcome(
                self._ask(operation, encoded, title, how, lambda: questions.outcome(self._person, operation))
            )
        answer = self._ask(operation, encoded, title, how, lambda: questions.change(self._person, operation))
        if returned is StepLog:
            return StepLog.model_validate({name: answer[name] for name in ("done", "steps", "message")})
        if not answer["done"]:
            raise NotSupported(operation, answer["message"])
        return None

    def _look(self, operation: str, kind: str, ref: Ref, who: str, more: Mapping[str, Any]) -> Record | None:
        spec = self._kind(operation, kind)
        answer = self._ask(
            operation,
            # What a record shows changes: it is asked anew each time, and only a break brings the same question back.
            {"kind": kind, "ref": ref, **more},
            f"Look up the {spec.label} {_named(ref)} {who}",
            self._how(operation),
            lambda: questions.one_record(self._person, operation, kind, spec),
        )
        return None if answer["record"] is None else _record(kind, spec, answer)

    def _list(self, operation: str, kind: str, who: str, more: Mapping[str, Any]) -> list[Record]:
        spec = self._kind(operation, kind)
        answer = self._ask(
            operation,
            {"kind": kind, **more},
            f"Export every {spec.label} {who} as CSV",
            self._how(operation),
            lambda: {"records": questions.export(self._person, operation, kind, spec)},
        )
        return [Record.model_validate(record) for record in answer["records"]]

    def _lines(self, operation: str, title: str, since: Any, prompt: str) -> Answer:
        return self._ask(
            operation,
            {"since": str(since), "at": questions.now()},
            f"{title}{f' since {since}' if since else ''}",
            self._how(operation),
            lambda: {"at": questions.now(), "lines": questions.lines(self._person, operation, prompt)},
        )

    def _ask(self, operation: str, arguments: Mapping[str, Any], title: str, how: str, ask: Any) -> Answer:
        plain = {
            name: value.model_dump() if isinstance(value, Ref) else value for name, value in arguments.items()
        }
        return self._person.asked(operation, plain, title, how, ask)

    def _kind(self, operation: str, kind: str) -> ManualKind:
        spec = self._file.kinds.get(kind)
        if spec is None:
            raise NotSupported(operation, f"the file describes no {kind}")
        return spec

    def _how(self, operation: str) -> str:
        return self._file.instructions.get(operation, "").strip()


def _outcome(answer: Answer) -> Outcome:
    return Outcome(
        state=answer["state"],
        prm_id=answer["prm_id"],
        messages=tuple(answer["messages"]),
        raw=_evidence(answer),
    )


def _record(kind: str, spec: ManualKind, answer: Answer) -> Record:
    seen = answer["record"]
    if "fields" in seen:
        record = Record.model_validate(seen)
        return record.model_copy(update={"raw": {**record.raw, **_evidence(answer)}})
    fields = {
        name: understood(spec.fields[name], text)
        for name, text in seen["shown"].items()
        if name in spec.fields
    }
    return Record(
        kind=kind,
        prm_id=seen["prm_id"],
        crm_id=seen["crm_id"],
        fields=fields,
        raw={"shown": seen["shown"], **_evidence(answer)},
    )


def _evidence(answer: Answer) -> dict[str, Any]:
    return {name: answer[name] for name in ("by", "notes", "files") if name in answer}


def _named(ref: Ref) -> str:
    return (
        repr(ref.value)
        if ref.by == "name"
        else f"with {'CRM id' if ref.by == 'crm_id' else 'id'} {ref.value}"
    )


def _partner(crm_id: str | None) -> str:
    return f"the partner with CRM account {crm_id}" if crm_id else "a partner"
