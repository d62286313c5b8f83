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


def test_json_says_of_each_check_what_it_needs_and_what_it_is_proved_on(cli) -> None:
    checks = json.loads(cli("checks", "--format", "json").out)["checks"]
    for check in checks:
        assert check.keys() >= {
            "id",
            "question",
            "title",
            "knock_out",
            "needs",
            "powers",
            "catches",
            "effects",
        }
        assert check["catches"], check["id"]
    knock_outs = {check["id"] for check in checks if check["knock_out"]}
    assert knock_outs == {"V4", "V5", "E1", "A6", "X3", "X7", "R5", "U8", "L1"}
    assert "E1    Every failed write is visible (knock-out)" in cli("checks").out
