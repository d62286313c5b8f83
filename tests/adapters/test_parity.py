"""One adapter, in process and over HTTP: the same run, once what depends on the moment and the address is taken out."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prm_harness.adapter import open_adapter
from prm_harness.adapter.http_server import serving
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.scoring import load_profile

CHECKS = ("T1", "T3", "R1", "E1")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ADDRESS = re.compile(r"https?://[\w.:-]+")
RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+-[0-9a-f]{6}")
MEASURED = {"seq", "prev", "answer"}
"""Number and chain of events, and marks of answers: records carry the run's id, which is another one each time."""


def normalised(run_file: Path) -> list[Any]:
    """The events of a run without what may differ: its header's time and address, digests, wall-clock durations."""
    events = [json.loads(line) for line in run_file.read_text().splitlines()]
    kept = [event for event in events if event["kind"] not in {"header", "footer"}]
    return [_plain(event) for event in kept]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in MEASURED}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return RUN_ID.sub("RUN", ADDRESS.sub("ADDRESS", value)) if isinstance(value, str) else value


@pytest.mark.parametrize("defect", ["", "?defect=drops-custom-fields"])
def test_the_same_normalised_run(tmp_path: Path, defect: str) -> None:
    connect = f"python:prm_harness.reference.mirror:create{defect}"
    profile = load_profile("smb")

    def audited(where: str, name: str) -> list[Any]:
        spec = AuditSpec(connect=where, profile=profile, out=tmp_path / name, checks=CHECKS, start=START)
        return normalised(run_audit(spec))

    with serving(open_adapter(connect)) as url:
        there = audited(url, "http")
    here = audited(connect, "python")
    assert len(here) > len(CHECKS)
    assert there == here
