"""The bundle as a zip that can be written in one way only: the same files always give the same bytes.

Nothing is compressed, because compressed bytes differ between versions of the library; and a bundle whose bytes are not
exactly those that its files give is refused, so that no byte of it can change unseen.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

SUFFIX: Final = ".audit.zip"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)?")
_LARGEST: Final = 256 * 1024 * 1024


class ArchiveError(Exception):
    """A zip that is no bundle, or was changed; says what about it."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, in the order of their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            made.writestr(entry, files[name])
    return out.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Name → content.

    Raises:
        ArchiveError: not a zip, damaged, unreasonably large, or not written by :func:`pack`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            _demand_sane(opened.infolist())
            files = {entry.filename: opened.read(entry) for entry in opened.infolist()}
    except ArchiveError:
        raise
    except Exception as error:  # noqa: BLE001 - zipfile raises whatever the damage leads to
        raise ArchiveError(f"it is damaged, or no zip: {error}") from None
    if pack(files) != content:
        raise ArchiveError(
            "it is not packed the way this tool packs: something was changed, added or put around it"
        )
    return files


def _demand_sane(entries: list[zipfile.ZipInfo]) -> None:
    if sum(entry.file_size for entry in entries) > _LARGEST:
        raise ArchiveError("it would unpack to more than a bundle can be")
    names = [entry.filename for entry in entries]
    for name in names:
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            raise ArchiveError(f"it holds a file called {name!r}, twice or by no name of a bundle's")
