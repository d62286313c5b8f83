"""What `init` writes works as it is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import environment

from prm_harness.cli.bakeoff_file import load_bakeoff
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile


def test_the_adapter_can_be_audited_and_carries_deals_both_ways(cli, command, tmp_path: Path) -> None:
    ended = cli("init", "adapter", "mine")
    assert ended.code == 0
    assert "next: cd mine && prm-harness adapter check python:my_prm_adapter:create" in ended.out
    audited = command(
        "audit", "python:my_prm_adapter:create", "--check", "T3", "--check", "R1", "--no-pdf", before=str(tmp_path / "mine")
    )  # fmt: skip
    assert audited.code == 3, audited
    results = read_run(tmp_path / "out" / "audit" / "run.ndjson").results
    assert results["T3"].verdict is Verdict.PASSED
    assert all(result.verdict is not Verdict.ERROR for result in results.values())


@contextmanager
def listening(*words: str, folder: Path) -> Iterator[str]:
    """A program that prints the address it listens on; ended afterwards."""
    program = subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        yield program.stdout.readline().removeprefix("listening on ").strip()
    finally:
        program.terminate()
        program.wait(timeout=30)
        program.stdout.close()


def test_the_adapter_in_python_has_nothing_to_mend(cli, command, tmp_path: Path) -> None:
    assert cli("init", "adapter", "mine").code == 0
    checked = command("adapter", "check", "python:my_prm_adapter:create", before=str(tmp_path / "mine"))
    assert checked.code == 0, checked


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_adapter_in_node_has_nothing_to_mend_and_carries_deals(cli, tmp_path: Path) -> None:
    assert cli("init", "adapter", "mine", "--language", "node").code == 0
    with listening("node", "my-prm-adapter.mjs", "0", folder=tmp_path / "mine") as address:
        checked = cli("adapter", "check", address)
        cli("audit", address, "--check", "T3", "--no-pdf")
    assert checked.code == 0, checked
    assert read_run(tmp_path / "out" / "audit" / "run.ndjson").results["T3"].verdict is Verdict.PASSED


def test_the_yaml_file_has_nothing_to_mend_and_carries_deals(cli, tmp_path: Path) -> None:
    assert cli("init", "adapter", "mine", "--language", "yaml").code == 0
    with listening(sys.executable, "my_prm_api.py", "0", folder=tmp_path / "mine") as address:
        connect = f"rest:mine/portal.yaml?MY_PRM_URL={address}"
        checked = cli("adapter", "check", connect)
        cli("audit", connect, "--check", "T3", "--no-pdf")
    assert checked.code == 0, checked
    assert read_run(tmp_path / "out" / "audit" / "run.ndjson").results["T3"].verdict is Verdict.PASSED


def test_only_adapters_have_a_language(cli) -> None:
    assert "--language is for adapters" in cli("init", "profile", "mine", "--language", "node").one_line(2)


def test_the_bakeoff_file_is_valid(cli, tmp_path: Path) -> None:
    assert cli("init", "bakeoff", "mine").code == 0
    file = load_bakeoff(tmp_path / "mine" / "bakeoff.yaml")
    assert len(file.vendors) == 2


def test_the_profile_is_valid_and_differs_from_the_shipped_one(cli, tmp_path: Path) -> None:
    assert cli("init", "profile", "mine").code == 0
    profile = load_profile(tmp_path / "mine" / "profile.yaml")
    assert profile.name == "mid-market"
    assert profile.customised


def test_nothing_is_ever_overwritten(cli, tmp_path: Path) -> None:
    (tmp_path / "my_prm_portal.py").write_text("precious")
    assert "my_prm_portal.py is there already" in cli("init", "adapter", ".").one_line(2)
    assert (tmp_path / "my_prm_portal.py").read_text() == "precious"
    assert not (tmp_path / "my_prm_adapter.py").exists()


def test_the_form_can_be_handed_in_and_is_no_part_of_the_score(cli, tmp_path: Path) -> None:
    assert cli("init", "attestations", "form").code == 0
    form = tmp_path / "form" / "attestations.yaml"
    text = (
        form.read_text()
        .replace("said_by: ''", "said_by: 'Ines Okafor'")
        .replace("said_on: ", "said_on: 2026-03-01 ")
    )
    form.write_text(text.replace("answer: ''", "answer: 'We take care of everything.'"))
    portal = "python:prm_harness.reference.mirror:create"
    ended = cli("audit", portal, "--check", "T3", "--no-pdf", "--profile", "smb", "--attestations", form)
    without = cli("audit", portal, "--check", "T3", "--no-pdf", "--profile", "smb", "--out", "other")
    assert ended.last == without.last
    said = read_run(tmp_path / "out" / "audit" / "run.ndjson").attestations
    assert {one.state for one in said} == {"answered"}
    assert read_run(tmp_path / "other" / "run.ndjson").attestations == ()
    broken = cli("audit", portal, "--attestations", tmp_path / "none.yaml")
    assert "none.yaml" in broken.one_line(2)
