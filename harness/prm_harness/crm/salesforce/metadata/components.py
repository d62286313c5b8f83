"""The kinds of component that the sandbox knows, each as: names, read, create, change, delete."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.ids import to18
from prm_harness.crm.org.schema import SObjectType

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

Meta = Mapping[str, Any]
_READ_OVER: Final = frozenset(
    {"businessProcesses", "compactLayouts", "fieldSets", "indexes", "listViews", "sharingReasons", "webLinks",
     "summaryFilterItems", "lookupFilter", "encryptionScheme", "businessProcess"}
)  # fmt: skip
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def missing(what: str) -> SaveError:
    """The refusal of a component that is not there (recording soap_metadata-006)."""
    return SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"This {what} does not exist or is not accessible")


def component_id(prefix: str, full_name: str) -> str:
    """The id of a component that is no row: made from its name, so that it is the same wherever it is asked for."""
    number = int.from_bytes(hashlib.sha256(full_name.encode()).digest()[:8], "big")
    digits = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return to18(f"{prefix}000{digits}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component. Full names are ``Object.Name`` for parts of an object."""

    org: Org
    user: str
    name: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    words: ClassVar[str] = ""

    def names(self) -> Iterator[str]:
        """Full names of all components of the kind."""
        raise NotImplementedError

    def read(self, full_name: str) -> dict[str, Any] | None:
        """A component's metadata, or None."""
        raise NotImplementedError

    def create(self, full_name: str, meta: Meta) -> None:
        """Make it; SaveError when it is refused."""
        raise NotImplementedError

    def change(self, full_name: str, meta: Meta) -> None:
        """Make it as described; SaveError when it is refused or not there."""
        raise NotImplementedError

    def delete(self, full_name: str) -> None:
        """Remove it; SaveError when it is refused or not there."""
        raise NotImplementedError

    def rename(self, full_name: str, new_name: str) -> None:  # noqa: ARG002 - what some kinds can
        """Give it another full name, of the same object; what uses it follows."""
        raise SandboxGapError(f"renaming a {self.words}")

    def take_back(self, full_name: str) -> None:
        """Undo its creation."""
        self.delete(full_name)

    def beyond(self, meta: Meta) -> list[str]:
        """Parts of its metadata that the sandbox reads over; whoever deploys them is told."""
        return sorted(set(meta) & _READ_OVER)

    def id_of(self, full_name: str) -> str:
        """Its id."""
        return component_id(self.prefix, full_name)

    def canonical(self, full_name: str) -> str | None:
        """The full name as the org spells it, or None when there is no such component."""
        low = full_name.lower()
        return next((name for name in self.names() if name.lower() == low), None)

    def _split(self, full_name: str) -> tuple[SObjectType, str]:
        sobject, _, part = full_name.partition(".")
        # The whole schema: administrators see what field-level security hides.
        found = (self.org.schema.whole or self.org.schema).get(sobject)
        if found is None or not part:
            raise SaveError.of(
                "INVALID_CROSS_REFERENCE_KEY",
                f"Entity of type '{self.name}' named '{full_name}' cannot be found",
            )
        return found, part

    def _renamed(self, full_name: str, new_name: str) -> str:
        """The last part of a new name, which stays with the object and is free."""
        (sobject, _, _), (target, _, part) = full_name.partition("."), new_name.partition(".")
        if sobject.lower() != target.lower() or not part:
            raise SaveError.of("INVALID_FULL_NAME", f"{full_name} cannot be renamed to {new_name}")
        own = self.canonical(new_name)
        if own is not None and own.lower() != full_name.lower():
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME", f"The name {part} is already used by a {self.words}"
            )
        return part

    def _objects(self) -> Iterator[SObjectType]:
        yield from (self.org.schema.whole or self.org.schema).objects.values()


def put(kind: Kind, full_name: str, meta: Meta) -> bool:
    """Create or change; whether it was created."""
    if kind.canonical(full_name) is None:
        kind.create(full_name, meta)
        return True
    kind.change(full_name, meta)
    return False
