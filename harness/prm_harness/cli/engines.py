"""Contestants of the demo that nobody here wrote: examples/ beside the source, each when its tools are there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).parents[3] / "examples"
"""In a checkout; an installed package has none."""

_READY: Final = "listening on "


@dataclass(frozen=True, slots=True)
class Engines:
    """Connect strings of those that can be audited here, and a sentence for each that cannot."""

    connects: tuple[str, ...]
    missing: tuple[str, ...]


@contextmanager
def engines(examples: Path = EXAMPLES) -> Iterator[Engines]:
    """While open, the engines that can run are running."""
    with ExitStack() as stack:
        found = [_singer(examples / "singer-portal"), _node(examples / "node-portal", stack)]
        yield Engines(
            tuple(connect for connect, _ in found if connect), tuple(why for _, why in found if why)
        )


def _singer(folder: Path) -> tuple[str, str]:
    name = "the Singer portal (tap-salesforce)"
    if not folder.is_dir():
        return "", _left_out(name, "the examples are not part of this installation")
    if not (folder / ".venv" / "bin" / "tap-salesforce").exists():
        return "", _left_out(name, "tap-salesforce is not installed; `make engines` installs it")
    # The processes that audit inherit it.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return "python:singer_portal:create?crm=tls", ""


def _node(folder: Path, stack: ExitStack) -> tuple[str, str]:
    name = "the Node portal (jsforce)"
    node = shutil.which("node")
    if not folder.is_dir():
        return "", _left_out(name, "the examples are not part of this installation")
    if node is None:
        return "", _left_out(name, "there is no node on the path")
    if not (folder / "node_modules" / "jsforce").is_dir():
        return "", _left_out(name, "jsforce is not installed; `make engines` installs it")
    process = subprocess.Popen(  # noqa: S603 - the node that was found, with a file of ours
        [node, str(folder / "portal.mjs"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    stack.callback(_end, process)
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    if not first.startswith(_READY):
        return "", _left_out(name, "it did not start; `node portal.mjs` in its folder says why")
    return first.removeprefix(_READY), ""


def _left_out(name: str, why: str) -> str:
    return f"left out: {name}, because {why}"


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
