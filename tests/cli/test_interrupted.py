"""A run that is stopped keeps what it had. The audited PRM lives in real time, so that there is something to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import environment

from prm_harness.record.reader import RunFileError, read_run

SLOW = "python:prm_harness.reference.mirror:create?clock=real&cycle=60"
VENDORS = f"""vendors:\n  - connect: {SLOW}\n    name: a\n  - connect: {SLOW.replace("=60", "=61")}\n    name: b\n"""


def started(tmp_path: Path, *argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "prm_harness.cli", *argv],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(run_file: Path, process: subprocess.Popen[str]) -> None:
    """Until the run is under way: its header and one event are written."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if run_file.exists() and run_file.read_bytes().count(b"\n") >= 3:
            return
        time.sleep(0.05)
    raise AssertionError(f"{run_file} was not begun: {process.communicate()}")


def test_ctrl_c_keeps_what_was_recorded_and_says_how_to_read_it(cli, tmp_path: Path) -> None:
    process = started(tmp_path, "audit", SLOW, "--no-pdf")
    run_file = tmp_path / "out" / "audit" / "run.ndjson"
    wait_for(run_file, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    last = err.strip().splitlines()[-1]
    assert process.returncode == 130
    assert "`prm-harness report --partial out/audit/run.ndjson`" in last
    assert last.endswith("[exit 130: interrupted]")
    assert "Traceback" not in err
    assert not read_run(run_file).complete
    ended = cli("report", "--partial", run_file, "--no-pdf")
    assert ended.code == 130
    assert "interrupted" in ended.last


def test_a_killed_run_is_read_with_partial_only_and_marked(cli, tmp_path: Path) -> None:
    process = started(tmp_path, "audit", SLOW, "--no-pdf")
    run_file = tmp_path / "out" / "audit" / "run.ndjson"
    wait_for(run_file, process)
    process.kill()
    process.communicate(timeout=60)
    with pytest.raises(RunFileError):
        read_run(run_file)
    assert "--partial" in cli("report", run_file, "--no-pdf").one_line(3)
    ended = cli("report", run_file, "--partial", "--no-pdf")
    assert ended.code == 3
    assert "incomplete" in ended.last
    assert "PARTIAL RUN" in (run_file.parent / "scorecard.html").read_text()


def test_ctrl_c_stops_every_contestant_of_a_bakeoff(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(VENDORS)
    process = started(tmp_path, "bakeoff", "b.yaml", "--no-pdf")
    files = [tmp_path / "out" / "bakeoff" / name / "run.ndjson" for name in ("a", "b")]
    for run_file in files:
        wait_for(run_file, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    last = err.strip().splitlines()[-1]
    assert process.returncode == 130, err
    assert "a/run.ndjson" in last
    assert "b/run.ndjson" in last
    assert "Traceback" not in err
    for run_file in files:
        assert read_run(run_file).footer is not None, "each closed its own file"
