"""The revocation file: certificates and keys that are not to be trusted any more, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from prm_harness.record.model import Model
from prm_harness.scoring.profiles.source import ProfileError, Source, read_yaml

_KEYS: Final = ("certificate", "key", "since", "reason")


class RevocationError(ValueError):
    """A revocation file that cannot be used. One line: which entry, what is wrong."""


class Revoked(Model):
    """One entry: a certificate by its id, or a key by its fingerprint."""

    certificate: str = ""
    key: str = ""
    since: date
    reason: str


def load_revocations(path: Path) -> tuple[Revoked, ...]:
    """Read the file: ``revoked:`` and under it entries of ``certificate`` or ``key``, with ``since`` and ``reason``.

    Raises:
        RevocationError: a mistake in it; a revocation that cannot be read must not pass for none.
        OSError: it cannot be read.
    """
    source = Source(str(path))
    try:
        given = read_yaml(source, path.read_bytes(), start="revoked:")
        source.known("", given, ("revoked",), "keys")
        return tuple(
            _entry(source, number, entry)
            for number, entry in enumerate(source.list("revoked", given.get("revoked")), start=1)
        )
    except ProfileError as error:
        raise RevocationError(str(error)) from None


def revoked(entries: Iterable[Revoked], certificate: str, keys: Sequence[str]) -> list[str]:
    """Why this certificate, or who signed it, is not to be trusted; nothing when no entry is about it."""
    found = []
    for entry in entries:
        if entry.certificate == certificate:
            found.append(f"certificate {certificate} was revoked on {entry.since}: {entry.reason}")
        elif entry.key in keys:
            found.append(f"key {entry.key} was revoked on {entry.since}: {entry.reason}")
    return found


def _entry(source: Source, number: int, given: Any) -> Revoked:
    key = f"revoked, entry {number}"
    entry = source.mapping(key, given)
    source.known(key, entry, _KEYS, "keys")
    if bool(entry.get("certificate")) == bool(entry.get("key")):
        raise source.error(
            key, "names neither or both; write `certificate` with an id, or `key` with a fingerprint"
        )
    if type(entry.get("since")) is not date:
        raise source.error(f"{key}, since", "is no day; write it as 2027-03-31, without quotes")
    if not entry.get("reason"):
        raise source.error(key, "has no reason")
    words = {name: source.text(f"{key}, {name}", value) for name, value in entry.items() if name != "since"}
    return Revoked.model_validate({**words, "since": entry["since"]})
