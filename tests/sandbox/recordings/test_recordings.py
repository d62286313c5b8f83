"""Every recorded answer is held against ours; what differs is listed in differences.yaml with its reason.

The recordings are not part of the project: PRM_HARNESS_RECORDINGS names the folder that holds ``cases.jsonl``; without
it these tests are skipped. What needs more than one request, or the records behind an answer, is compared beside its
own kind: rows of queries in soql, fields of describes in wire, metadata and events in their folders.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from .compare import differences
from .stage import NotAskableError, Stage

FOLDER = Path(os.environ.get("PRM_HARNESS_RECORDINGS", ""))
LISTED = yaml.safe_load((Path(__file__).parent / "differences.yaml").read_text(encoding="utf-8"))
recorded = pytest.mark.skipif(
    not (FOLDER / "cases.jsonl").is_file(),
    reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded answers",
)


def body_of(response: dict[str, Any]) -> Any:
    if "body_file" not in response:
        return response.get("body")
    found = json.loads((FOLDER / response["body_file"]).read_text(encoding="utf-8"))
    return found.get("body", found) if response["body_file"].startswith("describes") else found


def met(case: dict[str, Any]) -> list[str]:
    """What differs, or why it cannot be compared; empty when the answers agree."""
    stage = Stage(case)
    try:
        answer = stage.ask()
    except NotAskableError as why:
        return [f"cannot be asked: {why}"]
    finally:
        stage.sandbox.close()
    return list(differences(case, body_of(case["response"]), answer.status, answer.body))


@recorded
def test_what_differs_is_listed_with_a_reason_and_nothing_else() -> None:
    lines = (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    listed = {case for entries in LISTED.values() for entry in entries for case in entry["cases"]}
    found = {case["id"]: what for case in cases if (what := met(case))}

    assert {case: what for case, what in found.items() if case not in listed} == {}
    assert sorted(listed - found.keys()) == [], "these agree now: take them off the list"
    assert len(cases) - len(found) > 190


def test_each_difference_is_listed_once_with_its_reason() -> None:
    entries = [entry for group in LISTED.values() for entry in group]
    times = Counter(case for entry in entries for case in entry["cases"])

    assert all(entry["what"] and entry["why"] and entry["cases"] for entry in entries)
    assert [case for case, count in times.items() if count > 1] == []
