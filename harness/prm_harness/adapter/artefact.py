"""What an adapter in Python consists of, as one digest: so that runs can be said to be of the same adapter."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path


def artefact(connect: str) -> str:
    """sha256 over the adapter's own files, with their names: its whole package, or its module with those beside it.

    Nothing for an adapter that another process runs: its files are out of reach, and its word is all there is.

    Args:
        connect: the connect string; the adapter has been opened with it, so its module can be found.
    """
    scheme, _, rest = connect.partition(":")
    if scheme != "python":
        return ""
    spec = find_spec(rest.partition(":")[0].partition(".")[0])
    if spec is None:
        return ""
    roots = [Path(root) for root in spec.submodule_search_locations or ()]
    if roots:
        files = sorted(path for root in roots for path in root.rglob("*.py"))
    elif spec.origin and (origin := Path(spec.origin)).is_file():
        # A module that lies about by itself imports its neighbours.
        files, roots = sorted(origin.parent.glob("*.py")), [origin.parent]
    else:
        return ""
    digest = hashlib.sha256()
    for path in files:
        name = next(path.relative_to(root) for root in roots if path.is_relative_to(root)).as_posix()
        digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
