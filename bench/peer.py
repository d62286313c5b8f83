"""simple-mockforce, the mock that Python projects use today, asked the same things as the sandbox."""

import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Result, each, over

PINS = ("simple-mockforce==0.8.1", "simple-salesforce==1.12.6", "setuptools<81")
ENVIRONMENT = Path("build/bench-peer")
CALLS = Path(__file__).with_name("peer_calls.py")
ROWS = 10_000
ROUNDS = 5
FLOORS = {"SOQL =": 100, "ORDER BY LIMIT": 300, "bulk upsert": 50, "get": 1.5, "update": 1.5}
ASKED = {
    "SOQL =": "four fields of the row with a key",
    "ORDER BY LIMIT": "20 of 100 rows that a filter keeps, sorted",
    "bulk upsert": "1,000 rows by external id, half of them new, Bulk API 1.0",
    "get": "one row, all fields",
    "update": "one field of one row",
}


def measurements():
    with _asked(_environment(), "mockforce") as peer, _asked(Path(sys.executable), "sandbox") as ours:
        for name, floor in FLOORS.items():
            _seconds(peer, name), _seconds(ours, name)
            rounds = [(_seconds(peer, name), _seconds(ours, name)) for _ in range(ROUNDS)]
            yield Result(
                f"simple-mockforce at {ROWS:,} rows: {name}",
                over(rounds),
                "x faster",
                floor,
                at_least=True,
                definition=f"{ASKED[name]}, through unmodified simple-salesforce in process: simple-mockforce / sandbox",
                figures=f"peer {each(rounds, 0)}, sandbox {each(rounds, 1)} a call",
            )


def _environment():
    """An environment of the peer's own: it pins responses and pyparsing to versions that the project cannot share."""
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / "ready"
    if not ready.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS], check=True, capture_output=True)
        ready.touch()
    return python


@contextmanager
def _asked(python, side):
    """One side in a process of its own, which waits for what to do next.

    The environment is bare: ``requests`` searches it for proxies at every call, so a long one would weigh on both sides
    by more than what is measured.
    """
    pipe = subprocess.PIPE
    command = [python, CALLS, side, str(ROWS)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={"NO_PROXY": "*"}) as process:
        yield process


def _seconds(process, name):
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"{process.args[2]} ended while it was asked: {name}")
    return float(answer)
