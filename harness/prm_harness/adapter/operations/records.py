"""What people do with records in the portal beyond submitting and reading them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from prm_harness.adapter.records import FileContent, FileInfo, Outcome, Record, Ref

from .base import NotSupported


class Write(Protocol):
    """Records can be changed in the portal after they were submitted."""

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """Change a record in the portal; keys that are absent stay as they are, ``None`` clears."""
        raise NotSupported("update")

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """Delete a record in the portal."""
        raise NotSupported("delete")

    def undelete(self, kind: str, ref: Ref) -> Outcome:
        """Bring a deleted record back, from the portal's recycle bin or archive."""
        raise NotSupported("undelete")


class Seed(Protocol):
    """The portal can hold records of its own before any CRM is connected, as one that has been in use does."""

    def seed(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Outcome]:
        """Put records into the unconnected portal, one outcome a row; they belong to the run as submitted ones do.

        Called only before ``connect``. Values are keyed as in ``submit``.
        """
        raise NotSupported("seed")


class Files(Protocol):
    """Files can be attached to records and fetched again, byte for byte."""

    def attach(self, kind: str, ref: Ref, file: FileContent, *, as_partner: str | None = None) -> Outcome:
        """Attach a file to a record in the portal; ``prm_id`` of the outcome is the file's id."""
        raise NotSupported("attach")

    def list_files(self, kind: str, ref: Ref) -> Sequence[FileInfo]:
        """The files on a record as the portal shows them; none on a record that it does not know."""
        raise NotSupported("list_files")

    def fetch_file(self, kind: str, ref: Ref, file_id: str) -> FileContent | None:
        """A file as the portal hands it out, or None when it is not there."""
        raise NotSupported("fetch_file")


class PartnerView(Protocol):
    """The portal can be looked at as a partner's users see it."""

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """The record as users of the partner Account see it, or None when they do not."""
        raise NotSupported("read_as")

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """Every record of the kind that users of the partner Account see."""
        raise NotSupported("list_as")
