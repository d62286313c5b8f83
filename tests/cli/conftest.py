from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ended, audit_file, environment

from prm_harness.cli.app import run


@pytest.fixture
def cli(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ended]:
    """The command line in this process, started in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*argv: object) -> Ended:
        code = run([str(word) for word in argv])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return call


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ended]:
    """The command line, or another module, in a process of its own."""

    def call(*argv: object, module: str = "prm_harness.cli", **more: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, argv)],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment(**more),
            text=True,
            timeout=300,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def no_pdf(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder that, first on the path, makes a machine without the PDF's system libraries; and tests faster."""
    lacking = tmp_path_factory.mktemp("lacking")
    (lacking / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    return str(lacking)


@pytest.fixture(scope="session")
def hollow_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of a PRM that refuses everything."""
    return audit_file("python:hollow_prm:create", tmp_path_factory.mktemp("hollow"))


@pytest.fixture(scope="session")
def other_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of another one."""
    return audit_file("python:hollow_prm:create?product=Echo+PRM", tmp_path_factory.mktemp("echo"))
