"""simple-mockforce, the mock that Python projects use today, asked the same things as the sandbox."""

import json
import subprocess
import sys
import venv
from pathlib import Path

from bench.measure import Result, shown

PINS = ("simple-mockforce==0.8.1", "simple-salesforce==1.12.6", "setuptools<81")
ENVIRONMENT = Path("build/bench-peer")
CALLS = Path(__file__).with_name("peer_calls.py")
ROWS = 10_000
FLOORS = {"SOQL =": 100, "ORDER BY LIMIT": 300, "bulk upsert": 50, "get": 1.5, "update": 1.5}
ASKED = {
    "SOQL =": "four fields of the row with a key",
    "ORDER BY LIMIT": "20 of 100 rows that a filter keeps, sorted",
    "bulk upsert": "200 rows by external id, half of them new, Bulk API 1.0",
    "get": "one row, all fields",
    "update": "one field of one row",
}


def measurements():
    peer = _environment()
    theirs, ours = _seconds(peer, "mockforce"), _seconds(Path(sys.executable), "sandbox")
    for name, floor in FLOORS.items():
        yield Result(
            f"simple-mockforce at {ROWS:,} rows: {name}",
            theirs[name] / ours[name],
            "x faster",
            floor,
            at_least=True,
            definition=f"{ASKED[name]}, through unmodified simple-salesforce in process: simple-mockforce / sandbox",
            figures=f"peer {shown(theirs[name])}, sandbox {shown(ours[name])} a call",
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


def _seconds(python, side):
    done = subprocess.run([python, CALLS, side, str(ROWS)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
