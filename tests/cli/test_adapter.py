"""An adapter in Python, put on HTTP: another process audits it, with the same verdicts."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from command_line import environment

from prm_harness.record.reader import read_run

CHECKS = [word for check in ("T3", "T5", "E1") for word in ("--check", check)]
DEFECT = "python:prm_harness.reference.mirror:create?defect=drops-custom-fields"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_served_adapter_is_audited_with_the_same_verdicts(cli, tmp_path: Path) -> None:
    port = free_port()
    words = [sys.executable, "-m", "prm_harness.cli", "adapter", "serve", DEFECT, "--port", str(port)]
    server = subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        wait_until_open(port, server)
        cli("audit", f"http://127.0.0.1:{port}", *CHECKS, "--no-pdf", "--out", "http")
    finally:
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=60)
    cli("audit", DEFECT, *CHECKS, "--no-pdf", "--out", "here")
    there, here = (read_run(tmp_path / name / "run.ndjson").results for name in ("http", "here"))
    assert {c: r.verdict for c, r in there.items()} == {c: r.verdict for c, r in here.items()}
    assert here["T3"].verdict.value == "failed"
    assert f"serving Mirror reference PRM on http://127.0.0.1:{port}" in err
    assert "Traceback" not in err


def wait_until_open(port: int, server: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {server.poll()}")


def test_check_says_what_is_to_mend_and_openapi_prints_the_document(cli) -> None:
    sound = cli("adapter", "check", "python:prm_harness.reference.mirror:create")
    assert sound.code == 0
    assert "list" in sound.out
    hollow = cli("adapter", "check", "python:hollow_prm:create")
    assert hollow.code == 1
    assert "a plain Opportunity was rejected: not here" in hollow.out
    assert json.loads(cli("adapter", "openapi").out)["openapi"] == "3.1.0"
