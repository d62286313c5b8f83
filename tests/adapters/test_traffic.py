"""Traffic is recorded once and replayed without the product; no secret gets into a recording; a miss is explained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from double import rest_double
from toy import Toy

from prm_harness.adapter import open_adapter
from prm_harness.adapter.http_server import serving
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.audit.traffic.cassette import ReplayMissError, conversation
from prm_harness.audit.traffic.cleaning import Cleaner
from prm_harness.audit.traffic.model import Traffic, TrafficError, traffic_wanted
from prm_harness.audit.traffic.product import ProductTape
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.scoring import load_profile

FILE = Path(__file__).with_name("portal.yaml")
SECRETS = ("the-s3cret", "pa55word")


@contextmanager
def tape(folder: Path, mode: Any) -> Iterator[None]:
    traffic = Traffic(folder, mode)
    cleaner = Cleaner(lambda: SECRETS)
    with conversation(traffic, cleaner, ProductTape(traffic, cleaner), lambda place: False):
        yield


def recorded(folder: Path, url: str) -> None:
    with tape(folder, "record"):
        requests.get(f"{url}/objects/Opportunity?key=the-s3cret", timeout=5)
        requests.put(
            f"{url}/objects/Opportunity",
            json={"record": {"Name": "x", "Mail": "a.person@a-firm.com"}},
            timeout=5,
        )


def audited(connect: str, out: Path, traffic: Traffic | None) -> Run:
    spec = AuditSpec(
        connect=connect, profile=load_profile("mid-market"), out=out, checks=("T3",), traffic=traffic
    )
    return read_run(run_audit(spec))


@pytest.mark.parametrize("defect", ["", "?defect=drops-custom-fields"])
def test_an_audit_is_replayed_without_the_product(tmp_path: Path, defect: str) -> None:
    with rest_double(open_adapter(f"python:prm_harness.reference.mirror:create{defect}"), page_size=50) as (
        url,
        api,
    ):
        connect = f"rest:{FILE}?PRM_URL={url}"
        first = audited(connect, tmp_path / "first", Traffic(tmp_path / "tape", "record"))
        asked = len(api.requests)
    again = audited(connect, tmp_path / "again", Traffic(tmp_path / "tape", "replay"))
    assert len(api.requests) == asked
    assert {c: r.verdict for c, r in again.results.items()} == {
        c: r.verdict for c, r in first.results.items()
    }
    assert first.results["T3"].verdict.value == ("failed" if defect else "passed")
    kept = (tmp_path / "tape/adapter.yaml").read_text() + (tmp_path / "tape/product.ndjson").read_text()
    assert "[secret]" in kept
    assert "[run]" in kept
    assert first.header.run_id not in kept


def test_pytest_records_and_replays_with_the_tenant_down(tmp_path: Path) -> None:
    def session(connect: str, out: str, option: str) -> Run:
        words = ["-p", "no:cacheprovider", "--prm-adapter", connect, "--prm-out", out, option, "tape"]
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PRM_HARNESS_"))
        }
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", *words, "--pyargs", "prm_scenarios", "-k", "T3"],
            capture_output=True, check=False, cwd=tmp_path, env=kept, text=True, timeout=300,
        )  # fmt: skip
        assert ended.returncode == 1, ended
        return read_run(tmp_path / out / "run.ndjson")

    behind = open_adapter("python:prm_harness.reference.mirror:create?defect=drops-custom-fields")
    with rest_double(behind, page_size=50) as (url, api):
        connect = f"rest:{FILE}?PRM_URL={url}"
        first = session(connect, "first", "--prm-record")
        asked = len(api.requests)
    assert asked
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    again = session(connect, "again", "--prm-replay")
    assert len(api.requests) == asked
    assert first.results["T3"].verdict.value == "failed"
    told = [(run.results["T3"].verdict, run.results["T3"].reason) for run in (first, again)]
    assert told[0] == told[1]


def test_an_adapter_over_http_is_replayed_too(tmp_path: Path) -> None:
    with serving(open_adapter("python:prm_harness.reference.mirror:create")) as url:
        first = audited(url, tmp_path / "first", Traffic(tmp_path / "tape", "record"))
    again = audited(url, tmp_path / "again", Traffic(tmp_path / "tape", "replay"))
    assert {c: r.verdict for c, r in again.results.items()} == {
        c: r.verdict for c, r in first.results.items()
    }
    assert first.results["T3"].verdict.value == "passed"


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    assert Traffic(tmp_path, "record").circumstances(1, begin) == begin
    assert Traffic(tmp_path, "replay").circumstances(1, datetime.now(UTC)) == begin
    with pytest.raises(TrafficError, match="use --seed 1"):
        Traffic(tmp_path, "replay").circumstances(2, begin)


def test_secrets_and_people_are_taken_out_at_capture(tmp_path: Path) -> None:
    with rest_double(Toy()) as (url, _):
        recorded(tmp_path, url)
    kept = (tmp_path / "adapter.yaml").read_text()
    assert not [secret for secret in (*SECRETS, "a.person", "Authorization") if secret in kept]
    assert "[email]" in kept


def test_what_is_not_recognised_is_not_written(tmp_path: Path) -> None:
    def spilling(method: str, path: str) -> Any:
        return 200, b"\xff" + SECRETS[0].encode(), {}

    with (
        rest_double(Toy(), break_with=spilling) as (url, _),
        pytest.raises(TrafficError, match="a secret would stand in it"),
    ):
        recorded(tmp_path, url)
    assert not (tmp_path / "adapter.yaml").exists()


@pytest.mark.parametrize(
    ("verb", "path", "body", "says"),
    [
        ("GET", "/elsewhere", None, "was not recorded, nor anything else at that address"),
        ("DELETE", "/objects/Opportunity", None, "at that address only GET, PUT"),
        ("GET", "/objects/Opportunity?skip=3", None, "the query was another one: 'key=[secret]'"),
        ("PUT", "/objects/Opportunity", {"record": {"Name": "y"}}, "was recorded with another body"),
    ],
)
def test_a_miss_says_which_request_and_why(
    tmp_path: Path, verb: str, path: str, body: Any, says: str
) -> None:
    with rest_double(Toy()) as (url, _):
        recorded(tmp_path, url)
    with tape(tmp_path, "replay"), pytest.raises(ReplayMissError) as caught:
        requests.request(verb, url + path, json=body, timeout=5)
    assert f"{verb} {url}{path}" in str(caught.value)
    assert says in str(caught.value)


def test_reads_may_be_repeated_and_writes_may_not(tmp_path: Path) -> None:
    with rest_double(Toy()) as (url, _):
        recorded(tmp_path, url)
    with tape(tmp_path, "replay"):
        answers = [requests.get(f"{url}/objects/Opportunity?key=the-s3cret", timeout=5) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {200}
        body = {"record": {"Name": "x", "Mail": "a.person@a-firm.com"}}
        assert requests.put(f"{url}/objects/Opportunity", json=body, timeout=5).ok
        with pytest.raises(ReplayMissError, match="was recorded 1 times, and is asked for once more"):
            requests.put(f"{url}/objects/Opportunity", json=body, timeout=5)


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    assert traffic_wanted(None, None) is None
    with pytest.raises(TrafficError, match="exclude each other"):
        traffic_wanted(tmp_path, tmp_path)
    with pytest.raises(TrafficError, match="holds no recording"):
        traffic_wanted(None, tmp_path)
    (tmp_path / "adapter.yaml").write_text("interactions: [")
    with pytest.raises(TrafficError, match="cannot be read"), tape(tmp_path, "replay"):
        pass
    (tmp_path / "adapter.yaml").write_text(json.dumps({"version": 1, "interactions": []}))
    (tmp_path / "product.ndjson").write_text("{")
    with pytest.raises(TrafficError, match=r"product\.ndjson cannot be read"), tape(tmp_path, "replay"):
        pass
