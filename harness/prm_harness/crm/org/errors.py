"""What the org refuses, in Salesforce's own codes (contract §6). The wire turns these into answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

START: Final = "[line:1, column:1]"
"""Where a fault is in a body whose text is not at hand."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a save: code, message, API names of the fields it is about."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class OrgError(Exception):
    """A request the org refuses. ``faults`` has at least one entry; a save can be refused for several reasons."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{f.code}: {f.message}" for f in faults))

    @classmethod
    def of(cls, code: str, message: str, *fields: str) -> Self:
        """One fault."""
        return cls(Fault(code, message, fields))


class SaveError(OrgError):
    """A record-level refusal: REST answers with ``message, errorCode, fields``."""


class QueryError(OrgError):
    """A SOQL text the org cannot run: REST answers with ``message, errorCode``."""


class NotFoundError(OrgError):
    """The record, object or resource is not there (for this user)."""


class SandboxGapError(Exception):
    """Salesforce would answer this; the sandbox cannot yet. Answered as 501 ``SANDBOX_GAP``, never as a vendor's fault."""


class MultipleMatchesError(OrgError):
    """More than one record has the key: REST answers 300 with the records' addresses (contract §5)."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        super().__init__(Fault("DUPLICATE_EXTERNAL_ID", f"{len(self.ids)} records match the key"))


class PayloadError(SaveError):
    """The row could not be read at all: REST answers with ``message, errorCode`` and no ``fields`` (contract §6)."""


class UnreadableError(PayloadError):
    """A value that is not of its field's type. The wire, which has the request's text, puts the place in.

    ``key`` is the field's name as the client wrote it, empty where it is not known; ``value`` what was sent.
    """

    def __init__(self, *faults: Fault, value: Any = None, key: str = "") -> None:
        self.value = value
        self.key = key
        super().__init__(*faults)

    def at(self, place: str) -> Self:
        """The same with its place, such as ``[line:1, column:51]``."""
        (fault,) = self.faults
        whole = Fault(fault.code, fault.message.removesuffix(START) + place)
        return type(self)(whole, value=self.value, key=self.key)
