"""What the tests of the command line share: how a command ended, a process's surroundings, a run file made on the spot."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = str(Path(__file__).parent)


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


def environment(**more: str) -> dict[str, str]:
    """This environment, with this folder's adapters in reach and without the outer pytest's own settings."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PRM_HARNESS_"))
    }
    paths = [more.pop("before", ""), HERE, kept.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


def audit_file(connect: str, out: Path, *, seed: int = 1, checks: Sequence[str] | None = None) -> Path:
    from prm_harness.audit.run import AuditSpec, run_audit
    from prm_harness.scoring import load_profile

    return run_audit(AuditSpec(connect, load_profile("mid-market"), out, seed=seed, checks=checks))
