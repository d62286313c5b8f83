from __future__ import annotations

import json
import subprocess
import sys

from prm_harness.audit.registry import load_catalogue


def test_every_check_is_listed_under_its_question(cli) -> None:
    ended = cli("checks")
    assert ended.code == 0
    for check in load_catalogue().checks:
        assert f"    {check.id:<5} {check.title}" in ended.out


def test_json_is_json_to_the_last_byte(cli) -> None:
    listed = json.loads(cli("checks", "--format", "json").out)
    assert [check["id"] for check in listed["checks"]] == [c.id for c in load_catalogue().checks]


def test_a_reader_that_stops_reading_is_no_error() -> None:
    words = [sys.executable, "-m", "prm_harness.cli", "checks", "--format", "json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert (listing.wait(timeout=60), listing.stderr.read()) == (0, b"")
