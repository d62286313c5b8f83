from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from prm_harness.cli.app import run

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.err.rstrip().splitlines()[-1]

    def one_line(self, code: int) -> str:
        """It ended with ``code`` and said one line, which is returned; no traceback, nothing on stdout."""
        lines = self.err.strip().splitlines()
        assert (self.code, len(lines), self.out) == (code, 1, ""), self
        assert lines[0].startswith("prm-harness: "), lines
        assert f"[exit {code}: " in lines[0], lines
        return lines[0]


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


def environment(**more: str) -> dict[str, str]:
    """This environment, with this folder's adapters in reach and without the outer pytest's own settings."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PRM_HARNESS_"))
    }
    paths = [more.pop("before", ""), HERE, kept.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


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


def audit_file(connect: str, out: Path, *, seed: int = 1, checks: Sequence[str] | None = None) -> Path:
    from prm_harness.audit.run import AuditSpec, run_audit
    from prm_harness.scoring import load_profile

    return run_audit(AuditSpec(connect, load_profile("mid-market"), out, seed=seed, checks=checks))
