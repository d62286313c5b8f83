"""What is installed here: one digest over the code that runs, judges and prints."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("prm_harness", "prm_scenarios", "prm_reports")


@cache
def code_digest() -> str:
    """sha256 over every file of the installed packages, with their names; the same wherever the same release lies.

    A version number is a claim; this tells a changed copy from the release. Nothing is imported.
    """
    digest = hashlib.sha256()
    for package in _PACKAGES:
        spec = find_spec(package)
        for root in sorted(spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(root).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    name = f"{package}/{path.relative_to(root).as_posix()}"
                    digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
