"""The whole catalogue as a pytest run: with or without workers every verdict and finding is the same. ``make seeds``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command_line import environment

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict

MIRROR = "python:prm_harness.reference.mirror:create"


def held(out: Path, *more: str) -> dict[str, tuple[Verdict, str]]:
    """An audit of the sound mirror under pytest: check id → verdict and finding."""
    words = ["--prm-adapter", MIRROR, "--prm-profile", "smb", "--prm-seed", "5", "--prm-out", "run"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *words, *more, "--pyargs", "prm_scenarios"],
        cwd=out, env=environment() | {"COLUMNS": "200"}, capture_output=True, check=False, text=True, timeout=1500,
    )  # fmt: skip
    files = list((out / "run").glob("*.ndjson"))
    assert len(files) == 1, f"one audit, not one a worker: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return {check: (result.verdict, result.finding) for check, result in read_run(files[0]).results.items()}


def test_the_whole_catalogue_gives_the_same_with_and_without_workers(tmp_path):
    (alone := tmp_path / "alone").mkdir()
    (spread := tmp_path / "spread").mkdir()
    serial = held(alone)
    assert sorted(serial) == sorted(check.id for check in load_catalogue(packs=False).checks)
    assert {verdict for verdict, _ in serial.values()} == {Verdict.PASSED}
    many = held(spread, "-n", "auto")
    assert many == serial
