"""What a person answered, line by line in a file, so that nobody answers twice after a break; and the files kept with it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter.faults import ConnectError

LARGEST_FILE: Final = 25 * 2**20
"""Bytes of a screenshot or export that is kept."""


class Journal:
    """A folder with ``journal.ndjson`` and ``evidence/``.

    An answer is found again by what was asked: the operation and its arguments. Answers of this session are not
    offered again; those of earlier ones are, once each and in order.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "journal.ndjson"
        self._earlier: dict[str, list[dict[str, Any]]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise ConnectError(f"{folder}: {getattr(error, 'strerror', None) or error}") from None
        for line in lines:
            try:
                entry = json.loads(line)
                self._earlier.setdefault(entry["key"], []).append(entry)
            except (ValueError, KeyError, TypeError):
                # The line that was being written when the machine went down.
                continue

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self._folder

    def earlier(self, key: str) -> dict[str, Any] | None:
        """What was answered to this before the break, if anything; the next time the one after it."""
        entries = self._earlier.get(key)
        return entries.pop(0) if entries else None

    def keep(self, key: str, operation: str, answer: Mapping[str, Any]) -> None:
        """Write an answer down, at once and for good."""
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "key": key,
            "operation": operation,
            "answer": answer,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def keep_file(self, path: Path) -> dict[str, Any]:
        """Copy a screenshot or an export into the evidence.

        Returns:
            its name in the folder, its size in bytes and its digest.

        Raises:
            OSError: it cannot be read or copied.
            ValueError: it is too large, or no file.
        """
        if not path.is_file():
            raise ValueError(f"{path} is no file")
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path} is larger than {LARGEST_FILE // 2**20} MB")
        kept = self._folder / "evidence"
        kept.mkdir(exist_ok=True)
        target = kept / f"{len(list(kept.iterdir())) + 1:03d}-{path.name}"
        shutil.copyfile(path, target)
        return {
            "file": f"evidence/{target.name}",
            "bytes": target.stat().st_size,
            "sha256": sha256(target.read_bytes()).hexdigest(),
        }


def key_of(operation: str, arguments: Mapping[str, Any]) -> str:
    """What an answer is found again by; says nothing about the arguments themselves."""
    text = json.dumps(arguments, sort_keys=True, default=str)
    return sha256(f"{operation}:{text}".encode()).hexdigest()[:20]
