"""The adapter that a ``rest:`` file declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_type_hints

from prm_harness.adapter.codec import STREAMING, CodecError, decode_result, encode_arguments
from prm_harness.adapter.contract import OPERATIONS, NotReached, NotSupported, PrmAdapter
from prm_harness.adapter.dispatch import Dispatch
from prm_harness.adapter.faults import AdapterFault
from prm_harness.adapter.operations import ADDED_ARGUMENTS
from prm_harness.adapter.people.person import Person, run_step
from prm_harness.adapter.records import (
    AdapterInfo,
    CrmConnection,
    Outcome,
    Prerequisites,
    Record,
    Ref,
    Step,
    StepLog,
)

from .answers import Answers, Reading, matches
from .listing import records
from .paths import MISSING, found
from .sender import Sender
from .shaping import as_payload, as_record, as_result, left_out
from .spec import Kind, Listing, Operation, RestFile, Writing

_WRITES: Final = ("update", "delete", "undelete")

_NARROWING: Final = {
    operation: names for added in ADDED_ARGUMENTS.values() for operation, names in added.items()
}
"""Arguments that a file made for an older contract does not pass on."""


class RestAdapter(Dispatch):
    """Asks the product's REST API as its file says.

    Args:
        file: the checked file.
        sender: the conversation with the product.
        person: who does what the API does not.
        secrets: values of the environment that must never be written down.
    """

    def __init__(self, file: RestFile, sender: Sender, person: Person, secrets: Iterable[str] = ()) -> None:
        self._file = file
        self._sender = sender
        self._person = person
        self._answers = Answers(file.errors)
        self._secrets = set(secrets)
        self._made: list[tuple[str, str]] = []
        self._reached = self._operations()
        self._info = file.info(tuple(file.kinds), self._reached, "software")

    def secrets(self) -> tuple[str, ...]:
        """What must never be written down, tokens that were granted included."""
        return tuple(self._secrets | self._sender.auth.secrets)

    def _operations(self) -> frozenset[str]:
        kinds = self._file.kinds.values()
        offered = {name for name in _WRITES if any(getattr(kind, name) for kind in kinds)}
        if any(kind.list_as for kind in kinds):
            offered |= {"list_as", "read_as"}
        if self._file.setup:
            offered |= {"setup_steps", "run_step"}
        return frozenset(offered | set(self._file.operations))

    # -- every operation comes by here ----------------------------------------------------------------------------

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        declared = self._file.operations.get(operation)
        if declared is not None:
            return self._declared(operation, declared, arguments)
        own = getattr(self, f"_do_{operation}", None)
        if own is None or (operation not in self._reached and operation in OPERATIONS):
            raise NotReached(operation, "the file declares no request for it")
        return own(**arguments)

    def _do_info(self) -> AdapterInfo:
        return self._info

    def _do_prerequisites(self) -> Prerequisites:
        return self._file.prerequisites

    def _do_connect(self, crm: CrmConnection) -> None:
        self._secrets |= set(crm.secrets)
        if self._file.connect.person:
            self._person.does("connect", "Connect the product to the CRM", self._file.connect.person, crm=crm)
        for request in self._file.connect.requests:
            answer = self._sender.send("connect", request, {"crm": crm.model_dump()})
            self._answers.demand("connect", answer)

    def _do_disconnect(self) -> None:
        for request in self._file.disconnect:
            self._answers.demand("disconnect", self._sender.send("disconnect", request, {}))

    def _do_setup_steps(self) -> list[Step]:
        return [
            step.model_copy(update={"automatable": step.id in self._file.setup_requests})
            for step in self._file.setup
        ]

    def _do_run_step(self, step_id: str) -> StepLog:
        request = self._file.setup_requests.get(step_id)
        if request is None:
            return run_step(self._person, self._do_setup_steps(), step_id)
        step = next(step for step in self._do_setup_steps() if step.id == step_id)
        reading = self._answers.read("run_step", self._sender.send("run_step", request, {"step_id": step_id}))
        return StepLog(done=reading.meaning == "fine", steps=(step,), message="; ".join(reading.messages))

    # -- records --------------------------------------------------------------------------------------------------

    def _do_submit(self, kind: str, values: Mapping[str, Any], as_partner: str | None = None) -> Outcome:
        spec = self._kind("submit", kind)
        if spec.create is None:
            raise NotSupported("submit", f"the file declares no way to create a {kind}")
        payload = as_payload(spec, values, self._partner(spec, as_partner), constants=True)
        outcome = self._write("submit", kind, spec, spec.create, {"fields": payload})
        if missing := left_out(spec, values):
            note = f"the portal has no place for {', '.join(missing)}"
            outcome = outcome.model_copy(update={"messages": (*outcome.messages, note)})
        if outcome.prm_id:
            self._made.append((kind, outcome.prm_id))
        return outcome

    def _do_update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], as_partner: str | None = None
    ) -> Outcome:
        spec = self._kind("update", kind)
        payload = as_payload(spec, values, self._partner(spec, as_partner), constants=False)
        return self._change("update", kind, ref, spec.update, {"fields": payload})

    def _do_delete(self, kind: str, ref: Ref) -> Outcome:
        return self._change("delete", kind, ref, self._kind("delete", kind).delete, {})

    def _do_undelete(self, kind: str, ref: Ref) -> Outcome:
        return self._change("undelete", kind, ref, self._kind("undelete", kind).undelete, {})

    def _do_read(self, kind: str, ref: Ref) -> Record | None:
        spec = self._kind("read", kind)
        if ref.by == "prm_id" and spec.read is not None:
            answer = self._sender.send("read", spec.read, {"id": ref.value})
            reading = self._answers.read("read", answer)
            if reading.meaning == "absent":
                return None
            record = found(self._answers.demand("read", answer), spec.record)
            return None if record in (None, MISSING) else as_record("read", kind, spec, record)
        return next((record for record in self._found("read", kind, spec, ref) if _is(record, ref)), None)

    def _do_list(self, kind: str) -> Iterator[Record]:
        spec = self._kind("list", kind)
        return self._records("list", kind, spec, spec.list, {})

    def _do_list_as(self, partner: str, kind: str) -> Iterator[Record]:
        spec = self._kind("list_as", kind)
        if spec.list_as is None:
            raise NotReached("list_as", f"the file declares no request for {kind}")
        values = {"partner": self._partner(spec, partner), "partner_crm_id": partner}
        return self._records("list_as", kind, spec, spec.list_as, values)

    def _do_read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        return next((record for record in self._do_list_as(partner, kind) if _is(record, ref)), None)

    def _do_cleanup(self, run_id: str) -> None:
        """Deletes what was submitted through this adapter, where the file says how; a run that was killed leaves it."""
        while self._made:
            kind, prm_id = self._made[-1]
            spec = self._file.kinds[kind]
            if spec.delete is not None:
                reading = self._answers.read(
                    "cleanup",
                    self._sender.send("cleanup", spec.delete.request, {"id": prm_id, "run_id": run_id}),
                )
                if reading.meaning == "fault":
                    raise AdapterFault("cleanup", f"{kind} {prm_id}: {'; '.join(reading.messages)}")
            self._made.pop()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _kind(self, operation: str, kind: str) -> Kind:
        spec = self._file.kinds.get(kind)
        if spec is None:
            raise NotSupported(operation, f"the file describes no {kind}")
        return spec

    def _records(
        self, operation: str, kind: str, spec: Kind, listing: Listing, values: Mapping[str, Any]
    ) -> Iterator[Record]:
        rows = records(operation, self._sender, self._answers, listing, self._file.paging, values)
        return (as_record(operation, kind, spec, row) for row in rows)

    def _found(self, operation: str, kind: str, spec: Kind, ref: Ref) -> Iterator[Record]:
        listing = {"crm_id": spec.find_by_crm_id, "name": spec.find_by_name}.get(ref.by)
        return self._records(operation, kind, spec, listing or spec.list, {"value": ref.value})

    def _partner(self, spec: Kind, crm_id: str | None) -> str | None:
        """What names the partner in this product: its own id, when the file says which kind partners are."""
        if crm_id is None or spec.partner is None or spec.partner.kind is None:
            return crm_id
        kind = spec.partner.kind
        partner = self._do_read(kind, Ref(by="crm_id", value=crm_id))
        return partner.prm_id if partner else None

    def _change(
        self, operation: str, kind: str, ref: Ref, writing: Writing | None, values: Mapping[str, Any]
    ) -> Outcome:
        if writing is None:
            raise NotReached(operation, f"the file declares no request for {kind}")
        prm_id = ref.value
        if ref.by != "prm_id":
            record = self._do_read(kind, ref)
            if record is None:
                return Outcome(state="rejected", messages=(f"the portal has no {kind} with this {ref.by}",))
            prm_id = record.prm_id
        return self._write(
            operation, kind, self._kind(operation, kind), writing, {"id": prm_id, **values}, prm_id
        )

    def _write(
        self,
        operation: str,
        kind: str,
        spec: Kind,
        writing: Writing,
        values: Mapping[str, Any],
        prm_id: str | None = None,
    ) -> Outcome:
        answer = self._sender.send(operation, writing.request, values)
        reading = self._answers.read(operation, answer)
        raw = reading.payload if isinstance(reading.payload, dict) else {"answer": reading.payload}
        if reading.meaning == "not_supported":
            raise NotSupported(operation, "; ".join(reading.messages))
        if reading.meaning == "fault":
            raise AdapterFault(operation, f"HTTP {answer.status}: {'; '.join(reading.messages)}")
        if reading.meaning in {"refused", "absent"}:
            return Outcome(state="rejected", prm_id=prm_id, messages=reading.messages, raw=raw)
        new = found(found(reading.payload, writing.record), writing.id or spec.id)
        made = prm_id or (str(new) if new not in (None, MISSING, "") else None)
        if operation == "submit" and made is None:
            raise AdapterFault(
                operation, f"{kind} was taken, but the answer has no id at {writing.id or spec.id!r}"
            )
        held = writing.held is not None and matches(writing.held, answer.status, reading.payload)
        return Outcome(state="held" if held else "accepted", prm_id=made, raw=raw)

    def _declared(self, operation: str, spec: Operation, arguments: Mapping[str, Any]) -> Any:
        values = encode_arguments(operation, arguments)
        told = spec.request.model_dump_json()
        for name in _NARROWING.get(operation, ()):
            if values.get(name) is not None and name not in told:
                raise NotReached(operation, f"the file's request says nothing of {name}")
        if operation in STREAMING:
            raise AdapterFault(operation, "declare lists under kinds, not under operations")
        answer = self._sender.send(operation, spec.request, values)
        reading = self._answers.read(operation, answer)
        if reading.meaning == "not_supported":
            raise NotSupported(operation, "; ".join(reading.messages))
        refusal = _refusal(operation, reading)
        if refusal is not None:
            return refusal
        payload = self._answers.demand(operation, answer)
        try:
            return decode_result(operation, as_result(spec, payload))
        except CodecError as error:
            raise AdapterFault(operation, f"the file makes the wrong type of the answer: {error}") from None


def _refusal(operation: str, reading: Reading) -> Outcome | StepLog | None:
    """A refusal in the shape that the operation answers with, where its shape has room for one."""
    if reading.meaning not in {"refused", "absent"}:
        return None
    returned = get_type_hints(getattr(PrmAdapter, operation))["return"]
    if returned is Outcome:
        return Outcome(state="rejected", messages=reading.messages)
    if returned is StepLog:
        return StepLog(done=False, message="; ".join(reading.messages))
    return None


def _is(record: Record, ref: Ref) -> bool:
    """A filter that the product ignores must not lead to another record."""
    named = {"prm_id": record.prm_id, "crm_id": record.crm_id, "name": record.fields.get("Name")}
    return named[ref.by] == ref.value
