"""When trouble comes follows from the seed: a product that expects it with the first request is found out."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from prm_harness.audit.handed.data import Data
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict
from prm_harness.reference.syncing.crm_client import CrmClient
from prm_scenarios.shared.moments import WAVES, Moment, mark_of, moment_of

CHECKS = ("A2", "A5", "A6")


def data_of(seed: int) -> Data:
    return Data(f"{seed:08x}", random.Random(seed), date(2026, 11, 2), "p", "o", "c", {}, {}, 300)


def moments(seed: int) -> list[Moment]:
    return [moment_of(data_of(seed), purpose, 3) for purpose in ("lost answer", "refusals")]


def test_a_seed_has_its_moments_and_another_seed_others() -> None:
    assert moments(7) == moments(7)
    found = [moment for seed in range(60) for moment in moments(seed)]
    assert {(moment.wave, moment.row) for moment in found} == {(w, r) for w in range(WAVES) for r in range(3)}


def test_drawing_a_moment_moves_nothing_else() -> None:
    data, other = data_of(7), data_of(7)
    moment_of(data, "lost answer", 3)
    assert data.deal() == other.deal()


def test_the_mark_is_what_no_other_name_holds() -> None:
    data = data_of(7)
    one, other = data.deal(), data.deal()
    assert mark_of(data, one) in one["Name"]
    assert mark_of(data, one) not in other["Name"]


def told(results: Mapping[str, Result]) -> dict[str, list[str]]:
    return {
        check: [step.text for step in results[check].evidence.steps if "burst" in step.text]
        for check in CHECKS
    }


def test_two_seeds_meet_the_trouble_at_other_moments(kill_matrix, tmp_path) -> None:
    one, again, other = (
        kill_matrix.audited("mirror", CHECKS, defect="", seed=seed, out=tmp_path / f"{number}")
        for number, seed in enumerate((3, 3, 5))
    )
    assert all(told(one)[check] for check in CHECKS)
    assert told(one) == told(again)
    assert told(one) != told(other)
    assert {result.verdict for result in (*one.values(), *other.values())} == {Verdict.PASSED}


class Gamer:
    """A mirror that makes its first request with several deals repeatable, for a test that loses its answer, and no other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = 0
        upsert = CrmClient.upsert

        def first_only(client: CrmClient, kind: str, key: str, rows: Any, **more: Any) -> Any:
            if kind != "Opportunity" or len(rows) < 2:
                return upsert(client, kind, key, rows, **more)
            self.seen += 1
            if self.seen <= 2:  # the request and its repetition
                return upsert(client, kind, key, rows, **more)
            plain = [{name: value for name, value in row.items() if name != key} for row in rows]
            return client.insert(kind, plain, **more)

        monkeypatch.setattr(CrmClient, "upsert", first_only)


@pytest.mark.parametrize(("seed", "verdict"), [(1, Verdict.PASSED), (5, Verdict.FAILED)])
def test_who_is_ready_for_the_first_request_only_is_found_out_by_another_seed(
    monkeypatch, kill_matrix, tmp_path, seed, verdict
) -> None:
    Gamer(monkeypatch)
    result = kill_matrix.audited("mirror", ("A6",), defect="", seed=seed, out=tmp_path)["A6"]
    assert result.verdict is verdict, json.dumps(told(dict.fromkeys(CHECKS, result)))
