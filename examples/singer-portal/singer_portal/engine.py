"""tap-salesforce: its files, its runs, and what it says when one fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from prm_harness.adapter import CrmConnection

HERE: Final = Path(__file__).parent
DEFAULT_PYTHON: Final = HERE.parent / ".venv" / "bin" / "python"
START: Final = "2000-01-01T00:00:00Z"
"""From when on the first load reads: everything."""

_PREFIX: Final = re.compile(r"^(CRITICAL|ERROR)\s+")


class EngineFailed(Exception):  # noqa: N818 - a run that failed, not a mistake of ours
    """A run ended badly; the message is the engine's last word."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run sent, and how it ended: a run that fails half-way has sent half."""

    messages: Iterator[dict[str, Any]]
    trouble: str = ""


class Engine:
    """The engine, with a folder for its files, until ``close``.

    Args:
        python: the interpreter of the environment that tap-salesforce is installed in.
        crm: whom it reads; the proxy and the authority are for it, its login host is hard-coded.
    """

    def __init__(self, python: Path, crm: CrmConnection) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="singer-portal-")
        env = {name: value for name, value in os.environ.items() if not _misleading(name)}
        if crm.proxy_url:
            env["HTTPS_PROXY"] = crm.proxy_url
        if crm.ca_file:
            env["REQUESTS_CA_BUNDLE"] = crm.ca_file
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter that the admin named
            [str(python), str(HERE / "keeper.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True
        )  # fmt: skip
        self._config = self._written(
            "config.json",
            {
                "refresh_token": crm.refresh_token,
                "client_id": crm.client_id,
                "client_secret": crm.client_secret,
                "start_date": START,
                "api_type": "REST",
                "select_fields_by_default": True,
            },
        )

    def close(self) -> None:
        """End its process and remove its files; may be called twice."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def discover(self, now: datetime | None) -> dict[str, Any]:
        """The catalog: every object that the user reaches, with its fields.

        Raises:
            EngineFailed: with the engine's last word.
        """
        out, trouble = self._run(["--discover"], now)
        if trouble:
            raise EngineFailed(trouble)
        catalog: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return catalog

    def sync(self, catalog: dict[str, Any], state: dict[str, Any], now: datetime | None) -> Run:
        """Read what is new. ``now`` moves the engine's clock; None leaves it the real one."""
        arguments = ["--properties", self._written("catalog.json", catalog)]
        if state:
            arguments += ["--state", self._written("state.json", state)]
        out, trouble = self._run(arguments, now)
        return Run(_messages(out), trouble)

    def _run(self, arguments: list[str], now: datetime | None) -> tuple[Path, str]:
        out, errors = (Path(self._folder.name, name) for name in ("out", "errors"))
        order = {
            "arguments": ["--config", self._config, *arguments],
            "stdout": str(out),
            "stderr": str(errors),
            "now": now.isoformat() if now else "",
        }
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except (OSError, ValueError):
            answer = ""
        if not answer:
            return out, f"the engine's process is gone (exit code {process.poll()})"
        code = json.loads(answer)["code"]
        return out, "" if code == 0 else _last_word(errors, code)

    def _written(self, name: str, content: dict[str, Any]) -> str:
        path = Path(self._folder.name, name)
        path.write_text(json.dumps(content), encoding="utf-8")
        path.chmod(0o600)
        return str(path)


def selected(catalog: dict[str, Any], streams: set[str]) -> dict[str, Any]:
    """The catalog with these streams switched on, each read by its timestamp where it has one."""
    for stream in catalog["streams"]:
        (own,) = [entry["metadata"] for entry in stream["metadata"] if entry["breadcrumb"] == []]
        own["selected"] = stream["stream"] in streams
        if keys := own.get("valid-replication-keys"):
            own["replication-method"], own["replication-key"] = "INCREMENTAL", keys[0]
    return catalog


def _misleading(name: str) -> bool:
    """Variables that would lead the engine past the CRM, or to modules that are not its own."""
    return name.lower().endswith("_proxy") or name.startswith("PYTHON") or name == "REQUESTS_CA_BUNDLE"


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            # A run that was cut off may end in half a line.
            with suppress(ValueError):
                yield json.loads(line)


def _last_word(errors: Path, code: int) -> str:
    lines = errors.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [_PREFIX.sub("", line) for line in lines if _PREFIX.match(line)]
    return (told[0] if told else f"the engine ended with {code}")[:500]
