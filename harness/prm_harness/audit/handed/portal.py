"""The PRM as a check sees it: every call leaves a line of evidence, every operation must have been declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from prm_harness.adapter import (
    OPERATIONS,
    AdapterInfo,
    Capability,
    FileContent,
    FileInfo,
    Outcome,
    Prerequisites,
    Record,
    Ref,
)
from prm_harness.audit.faults import HarnessMisuse
from prm_harness.audit.tape import Tape, gist

from .crm_view import CrmRecord
from .evidence import Evidence

_OF_A_KIND: Final = frozenset({"submit", "update", "delete", "read", "list", "describe_type", "add_field"})
_ALWAYS: Final = frozenset({Capability.VIRTUAL_TIME})


class Caller(Protocol):
    """What the portal needs of an adapter session: one guarded call."""

    info: AdapterInfo

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call an operation of the contract, under a time limit, with its result validated."""
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """Something that a partner submitted in the portal."""

    kind: str
    values: Mapping[str, Any]
    outcome: Outcome

    @property
    def name(self) -> str:
        """The Name it was submitted with."""
        return str(self.values.get("Name") or self.values.get("LastName"))

    @property
    def taken(self) -> bool:
        """Whether the portal took it (it may still be waiting for somebody)."""
        return self.outcome.state in {"accepted", "held", "unknown"}


Named = CrmRecord | Submission | Ref


class Portal:
    """Handed to each check as ``prm``.

    Every optional operation of the contract is available under its own name (``prm.list_errors()``), and refused
    with :class:`HarnessMisuse` unless the check declared the capability that it belongs to.
    """

    def __init__(
        self,
        session: Caller,
        evidence: Evidence,
        needs: frozenset[Capability],
        tape: Tape | None = None,
        authorise: Callable[[], object] = lambda: None,
    ) -> None:
        self._authorise = authorise
        self._session = session
        self._tape = tape
        self._evidence = evidence
        self._needs = needs
        self.info = session.info

    @property
    def deal(self) -> str:
        """The sObject that a registered deal becomes."""
        return self.info.deal_target

    @property
    def prerequisites(self) -> Prerequisites:
        """What the product says that it needs in the CRM."""
        wanted: Prerequisites = self._session.call("prerequisites")
        return wanted

    def authorise_again(self) -> None:
        """The admin authorises the portal in the CRM once more, with the same credentials."""
        self._authorise()
        self._evidence.saw("authorised in the CRM once more")

    def offers(self, capability: Capability | str) -> bool:
        """Whether the product declares the capability, in full or in part."""
        return self.info.offers(Capability(capability))

    def submit(
        self, values: Mapping[str, Any], *, kind: str = "", as_partner: str | None = None
    ) -> Submission:
        """A partner submits a record (a deal, unless ``kind`` says otherwise)."""
        kind = kind or self.deal
        outcome = self._call("submit", kind, dict(values), as_partner=as_partner)
        made = Submission(kind, values, outcome)
        self._evidence.saw(f"{kind} {made.name!r} submitted → {outcome.state}{_said(outcome)}")
        self._left_by_a_person(outcome.raw)
        return made

    def update(
        self, what: Named, values: Mapping[str, Any], *, kind: str = "", as_partner: str | None = None
    ) -> Outcome:
        """Somebody changes a record in the portal."""
        kind = kind or _kind(what)
        outcome: Outcome = self._optional("update")(kind, _ref(what), dict(values), as_partner=as_partner)
        self._evidence.saw(
            f"{kind} {_label(what)}: {', '.join(values)} changed → {outcome.state}{_said(outcome)}"
        )
        self._left_by_a_person(outcome.raw)
        return outcome

    def delete(self, what: Named) -> Outcome:
        """Somebody deletes a record in the portal."""
        outcome: Outcome = self._optional("delete")(_kind(what), _ref(what))
        self._evidence.saw(f"{_kind(what)} {_label(what)} deleted → {outcome.state}{_said(outcome)}")
        return outcome

    def undelete(self, what: Named) -> Outcome:
        """Somebody brings a deleted record back in the portal."""
        outcome: Outcome = self._optional("undelete")(_kind(what), _ref(what))
        self._evidence.saw(f"{_kind(what)} {_label(what)} brought back → {outcome.state}{_said(outcome)}")
        return outcome

    def attach(
        self, what: Named, name: str, content: bytes, *, media_type: str = "", as_partner: str | None = None
    ) -> Outcome:
        """Somebody attaches a file to a record in the portal."""
        file = FileContent(name=name, content=content, media_type=media_type or "application/octet-stream")
        outcome: Outcome = self._optional("attach")(_kind(what), _ref(what), file, as_partner=as_partner)
        self._evidence.saw(
            f"{_kind(what)} {_label(what)}: file {name!r} of {len(content)} bytes attached → {outcome.state}"
            f"{_said(outcome)}"
        )
        return outcome

    def files(self, what: Named) -> list[FileInfo]:
        """The files on a record as the portal shows them."""
        files = list(self._optional("list_files")(_kind(what), _ref(what)))
        self._evidence.saw(f"{_kind(what)} {_label(what)}: {len(files)} files shown")
        return files

    def fetch_file(self, what: Named, file_id: str) -> FileContent | None:
        """A file's bytes as the portal hands them out, or None when it is not there."""
        file: FileContent | None = self._optional("fetch_file")(_kind(what), _ref(what), file_id)
        told = f"{len(file.content)} bytes" if file else "not there"
        self._evidence.saw(f"{_kind(what)} {_label(what)}: file {file_id!r} is {told}")
        return file

    def read(self, what: Named, kind: str = "") -> Record | None:
        """The record as the portal shows it now."""
        record: Record | None = self._call("read", kind or _kind(what), _ref(what))
        self._evidence.saw(f"{kind or _kind(what)} {_label(what)}: {'shown' if record else 'not there'}")
        self._left_by_a_person(record.raw if record else {})
        return record

    def read_as(self, partner: str, what: Named, kind: str = "") -> Record | None:
        """The record as that partner's users see it, or None."""
        kind = kind or _kind(what)
        record: Record | None = self._optional("read_as")(partner, kind, _ref(what))
        self._evidence.saw(f"partner {partner}: {kind} {_label(what)} {'seen' if record else 'not seen'}")
        self._left_by_a_person(record.raw if record else {})
        return record

    def list(self, kind: str) -> list[Record]:
        """Every record of the kind that the portal holds."""
        records = list(self._call("list", kind))
        self._evidence.saw(f"{kind}: {len(records)} listed")
        return records

    def _left_by_a_person(self, raw: Mapping[str, Any]) -> None:
        """Notes and files that the person who did it left, where one did."""
        if self.info.operated_by != "person":
            return
        for note in raw.get("notes", ()):
            self._evidence.saw(f"note: {note}")
        for file in raw.get("files", ()):
            self._evidence.saw(f"kept: {file['file']}, {file['bytes']} bytes, sha256 {file['sha256']}")

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Any other operation of the contract, guarded."""
        if operation not in OPERATIONS:
            raise AttributeError(operation)
        return self._optional(operation)

    def _optional(self, operation: str) -> Callable[..., Any]:
        capability = OPERATIONS[operation]
        if capability not in self._needs | _ALWAYS:
            raise HarnessMisuse(
                f"the check called {operation!r} without declaring that it needs {capability.value!r}"
            )

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._call(operation, *args, **kwargs)

        return call

    def _call(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """Call the adapter, and write down what was asked and what came of it."""
        if self._tape is None:
            return self._session.call(operation, *args, **kwargs)
        kind, what, values = _told(operation, args, kwargs)
        answered = self._tape.act("prm", operation, kind, what, values)
        answer = self._session.call(operation, *args, **kwargs)
        answered(answer.state if isinstance(answer, Outcome) else gist(answer))
        return answer


def _told(
    operation: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    """An operation's arguments as a case keeps them: the object, the record, the values."""
    kind = next((arg for arg in args if isinstance(arg, str)), "") if operation in _OF_A_KIND else ""
    ref = next((arg for arg in args if isinstance(arg, Ref)), None)
    values: dict[str, Any] = {}
    for arg in args:
        if isinstance(arg, Mapping):
            values |= arg
        elif not isinstance(arg, Ref) and arg is not None and not (kind and arg == kind):
            values[f"argument {len(values) + 1}"] = arg
    more = {name: value for name, value in kwargs.items() if value is not None}
    # A portal's own id means nothing to another portal; the Name that it was submitted with does.
    what = "" if ref is None else f"{ref.by} {ref.value}" if ref.by == "prm_id" else ref.value
    return kind, what, values | more


def _kind(what: Named) -> str:
    if isinstance(what, CrmRecord):
        return what.sobject
    if isinstance(what, Submission):
        return what.kind
    raise HarnessMisuse("say the kind when a record is named by a bare Ref")


def _ref(what: Named) -> Ref:
    if isinstance(what, Ref):
        return what
    if isinstance(what, CrmRecord):
        return Ref(by="crm_id", value=what.id)
    if what.outcome.prm_id:
        return Ref(by="prm_id", value=what.outcome.prm_id)
    return Ref(by="name", value=what.name)


def _label(what: Named) -> str:
    return repr(what.value if isinstance(what, Ref) else what.name)


def _said(outcome: Outcome) -> str:
    return f": {'; '.join(outcome.messages)}" if outcome.messages else ""
