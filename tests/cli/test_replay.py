"""A failure run again: by whom it was found, by somebody else, after the mending; and as a shell would do it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import audit_file

from prm_harness import Data
from prm_harness.record.curl import curl_lines
from prm_harness.record.reader import read_run

MIRROR = "python:prm_harness.reference.mirror:create"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run files with a defect switched on, by the check that finds it."""
    defects = {
        "T1": "truncates-text-at-255",
        "P1": "ignores-deletes",
        "T4": "clearing-is-ignored",
        "B2": "partner-sees-everything",
    }
    return {
        check: audit_file(f"{MIRROR}?defect={defect}", tmp_path_factory.mktemp(check), checks=[check, "T3"])
        for check, defect in defects.items()
    }


@pytest.mark.parametrize("check", ["T1", "P1", "T4", "B2"])
def test_it_fails_again_until_the_defect_is_off(cli, files: dict[str, Path], check: str) -> None:
    still = cli("replay", files[check], check)
    assert (still.code, still.last) == (1, f"exit 1: {check} still fails")
    assert "\nFAILED: " in still.out
    fixed = cli("replay", files[check], check, "--adapter", MIRROR)
    assert fixed.code == 0, fixed
    assert "\nFIXED: " in fixed.out


def test_a_history_is_played_step_by_step_and_is_the_short_one(cli, files: dict[str, Path]) -> None:
    out = cli("replay", files["P1"], "P1").out
    assert "16 histories of up to 40 steps, cut down to one of 1" in out
    lines = [line.split(maxsplit=2) for line in out.splitlines() if line[:4].strip().isdigit()]
    assert [int(line[0]) for line in lines] == list(range(1, len(lines) + 1))
    assert len(lines) < 60
    assert any("delete Opportunity @" in line[2] for line in lines)


def test_the_smallest_record_is_played_and_nothing_else(cli, files: dict[str, Path]) -> None:
    ended = cli("replay", files["T1"], "T1")
    assert "cut down to one with 1" in ended.out
    steps = [line.split(maxsplit=2) for line in ended.out.splitlines() if line[:4].strip().isdigit()]
    assert [step[2].split()[0] for step in steps if step[1] != "CRM"] == ["submit", "settled"]
    assert 'The smallest record that fails: Description = 256 times "a"' in ended.out


def test_in_company_says_the_same(cli, files: dict[str, Path]) -> None:
    assert cli("replay", files["T1"], "T1", "--in-company").code == 1
    ended = cli("replay", files["T1"], "T1", "--in-company", "--adapter", MIRROR)
    assert (ended.code, "alone" in ended.last) == (0, False)


def test_another_product_is_asked_the_same(cli, files: dict[str, Path]) -> None:
    mine = cli("replay", files["T1"], "T1")
    other = cli("replay", files["T1"], "T1", "--adapter", "python:prm_harness.reference.ipaas:create")
    assert other.code in {0, 1}
    first = [line for line in mine.out.splitlines() if "  portal  submit" in line]
    assert first
    assert first[0] in other.out


def test_an_adapter_that_breaks_is_no_answer(cli, files: dict[str, Path]) -> None:
    ended = cli("replay", files["T1"], "T1", "--adapter", "python:fickle_prm:broken")
    assert (ended.code, ended.last) == (3, "exit 3: T1 could not be judged")
    assert "\nERROR: " in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["T3"], "T3 passed in this run, so there is no case to replay; it holds cases of T1"),
        (["T99"], "this run has no check 'T99'"),
        (["T1", "--adapter", "python:nothing_here:create"], "nothing_here"),
    ],
)
def test_bad_input_is_one_line(cli, files: dict[str, Path], words: list[str], said: str) -> None:
    ended = cli("replay", files["T1"], *words)
    assert (ended.code, said in ended.err) == (2, True)


def test_a_check_that_changed_is_no_verdict_about_the_product(
    cli, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Data.lead
    monkeypatch.setattr(
        Data, "lead", lambda data, **values: first(data, **values) | {"Title": "something else"}
    )
    ended = cli("replay", files["B2"], "B2", "--adapter", MIRROR)
    assert ended.code == 3
    assert "ERROR: the check has changed since: operation 1 was" in ended.out


def test_the_crm_side_as_a_shell_would_do_it(cli, files: dict[str, Path], tmp_path: Path) -> None:
    from prm_harness.crm.sandbox.serve import RunningSandbox

    shown = cli("replay", files["P1"], "P1", "--show")
    assert shown.code == 0
    case = read_run(files["P1"]).case("P1")
    assert case is not None
    lines = curl_lines(case)
    assert shown.out.splitlines() == lines
    made = next(line for line in lines if line.startswith("r"))
    alias = made.partition("=")[0]
    with RunningSandbox() as running:
        known = running.welcome
        account = '$(crm POST Account \'{"Name": "Somebody"}\' | made)'
        script = [
            *lines[:7], f"customer={account}", f"partner={account}", f"other_partner={account}",
            *[line for line in lines[7:] if not line.startswith(("crm DELETE", "admin"))],
            f'crm GET "Opportunity/${{{alias}}}"',
            "echo", *[line for line in lines if line.startswith("admin POST")], "admin DELETE faults",
        ]  # fmt: skip
        done = subprocess.run(
            ["sh", "-eu", "-c", "\n".join(script)], capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "CRM": known["url"], "TOKEN": known["access_token"], "ADMIN": known["admin_url"],
                 "ADMIN_TOKEN": known["admin_token"], "no_proxy": "*"},
        )  # fmt: skip
    shown_record, faults = done.stdout.split("\n", 1)
    record = json.loads(shown_record)
    created = next(op for op in case.operations if op.do == "create" and op.kind == "Opportunity")
    assert record["Name"] == created.rows[0]["Name"]
    assert faults.count('"name":"P1 ') == sum(op.do == "faults.inject" for op in case.operations)
    assert faults.endswith('{"healed":"all"}')


def test_an_audit_says_how_to_run_its_failures_again(cli) -> None:
    ended = cli("audit", f"{MIRROR}?defect=truncates-text-at-255", "--check", "T1", "--no-pdf")
    assert "T1 Every field type survives both ways: failed" in ended.out
    assert f"again: prm-harness replay {Path('out', 'audit', 'run.ndjson')} T1" in ended.out
