"""Clients that cannot live among the project's own packages get an environment of their own, made once."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[3] / ".cache" / "clients"
UNREACHABLE = ("NewConnectionError", "ConnectTimeout", "ReadTimeout", "Connection refused",
               "No matching distribution")  # fmt: skip


def environment_with(*requirements: str) -> Path:
    """The interpreter of a virtual environment that holds these packages and nothing of the project.

    Kept from one test run to the next. Skips the test where the package index cannot be reached.
    """
    folder = (
        CACHE / f"{'-'.join(requirements).replace('==', '-')}-py{sys.version_info[0]}{sys.version_info[1]}"
    )
    python, done = folder / "bin" / "python", folder / "installed"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            _install(python, requirements)
            done.touch()
    return python


def _install(python: Path, requirements: tuple[str, ...]) -> None:
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--retries", "1", "-q"]
    made = subprocess.run(
        [*command, *requirements], capture_output=True, text=True, check=False, timeout=300, env=_plain_env()
    )
    if made.returncode:
        why = (made.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        if any(sign in made.stderr for sign in UNREACHABLE):
            pytest.skip(f"{', '.join(requirements)} cannot be had from the package index: {why}")
        raise AssertionError(made.stderr)


def npm_folder_with(*requirements: str) -> Path:
    """The folder whose node_modules holds these packages, made once and kept from one test run to the next.

    Skips the test where there is no Node, or where the npm registry cannot be reached.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm and node are needed to install and run an npm package")
    folder = CACHE / f"npm-{'-'.join(requirements).replace('@~', '-')}"
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            # Without one npm would look for a folder above that has it.
            (folder / "package.json").write_text("{}")
            command = [
                npm,
                "install",
                "--no-audit",
                "--no-fund",
                "--no-progress",
                "--ignore-scripts",
                *requirements,
            ]
            made = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
            )
            if made.returncode and any(sign in made.stderr for sign in _NO_REGISTRY):
                pytest.skip(
                    f"{', '.join(requirements)} cannot be had from npm: {made.stderr.strip().splitlines()[0]}"
                )
            assert made.returncode == 0, made.stderr
            (folder / "installed").touch()
    return folder


_NO_REGISTRY = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET")


def _plain_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def client_env(**more: str) -> dict[str, str]:
    """This process's environment without what would lead a client past the sandbox or to the project's modules."""
    kept = {n: v for n, v in _plain_env().items() if not n.lower().endswith("_proxy")}
    return kept | more
