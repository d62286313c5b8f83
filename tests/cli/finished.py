"""A vendor's finished adapter, and whole audits of it: each made once a session, whichever of xdist's workers asks first."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

MODULE = '''"""What became of the skeleton: the same functions, answered by a product that syncs."""

from prm_harness.reference import mirror


def create():
    product = mirror.create()
    said = product.info().model_copy(
        update={"vendor": "My company", "product": "My PRM", "version": "1.0", "sample": False}
    )
    product.info = lambda: said
    return product
'''
"""The completed ``my_prm_adapter.py``: the mirror under a vendor's own name."""

CONNECT = "python:my_prm_adapter:create"


def audit_words(seed: int, out: str) -> list[str]:
    """What is typed for one of the runs of a certificate."""
    return ["audit", CONNECT, "--profile", "smb", "--no-pdf", "--seed", str(seed), "--out", out]


def finished_run(factory: pytest.TempPathFactory, seed: int) -> Path:
    """The run file of an audit with that seed, typed in the folder of the finished adapter."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "finished"
    folder.mkdir(exist_ok=True)
    run = folder / "out" / str(seed) / "run.ndjson"
    done = run.with_name("ended")
    with (folder / f"{seed}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            (folder / "my_prm_adapter.py").write_text(MODULE)
            words = audit_words(seed, f"out/{seed}")
            ended = subprocess.run(
                [sys.executable, "-m", "prm_harness.cli", *words],
                cwd=folder, env=environment(), capture_output=True, check=False, text=True, timeout=900,
            )  # fmt: skip
            assert ended.returncode == 0, ended.stderr[-2000:]
            done.write_text(ended.stderr)
    return run
