"""A user's own pack of checks: found by its entry point, run beside the catalogue, scored apart, in no certificate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

from prm_harness.audit.registry import CatalogueError, load_catalogue
from prm_harness.certify.rule import refusals
from prm_harness.record.reader import read_run
from prm_harness.scoring import score

EXAMPLE = Path(__file__).parents[2] / "examples" / "own-checks"
MIRROR = "python:prm_harness.reference.mirror:create"


def installed(folder: Path, points: str = "acme = acme_checks", name: str = "acme_checks") -> Path:
    """What pip leaves of a pack besides its code."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[prm_harness.checks]\n{points}\n")
    return folder


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(installed(tmp_path)))


@pytest.mark.usefixtures("pack")
def test_it_is_collected_beside_the_catalogue() -> None:
    with_it, without = load_catalogue(), load_catalogue(packs=False)
    assert [check.id for check in with_it.own] == ["acme.W1"]
    assert with_it.checklist == without.checklist
    assert with_it.packs[0].version == "1.0"
    assert [check.id for check in with_it.select(["acme.W1"])] == ["acme.W1"]
    assert not without.own


@pytest.mark.usefixtures("pack")
def test_it_is_listed(cli) -> None:
    text = cli("checks")
    assert "Your own pack acme 1.0, scored apart" in text.out
    assert "acme.W1 A discount arrives together with its approver" in text.out
    assert "and 1 of your own" in text.last
    listed = json.loads(cli("checks", "--format", "json").out)
    assert [check["id"] for check in listed["packs"][0]["checks"]] == ["acme.W1"]
    assert "acme.W1" not in {check["id"] for check in listed["checks"]}


@pytest.mark.usefixtures("pack")
def test_it_is_scored_apart(cli, tmp_path: Path) -> None:
    wrong = f"{MIRROR}?defect=drops-custom-fields"
    words = ("--profile", "smb", "--seed", "1", "--check", "H1", "--no-pdf")
    ended = cli("audit", wrong, *words, "--check", "acme.W1", "--out", tmp_path / "own")
    assert ended.code == 1
    assert "1 of 1 own checks failed (acme.W1)" in ended.last
    cli("audit", wrong, *words, "--out", tmp_path / "other", "--no-packs")
    own, other = (read_run(tmp_path / name / "run.ndjson") for name in ("own", "other"))
    mine, theirs = score(own), score(other)
    assert (mine.score, mine.ceiling, mine.coverage) == (theirs.score, theirs.ceiling, theirs.coverage)
    assert "acme.W1" not in {check.plan.id for check in mine.checks()}
    assert (mine.packs[0].score, len(mine.packs[0].checks)) == (0, 1)
    assert not theirs.packs
    assert any("own checks took part (acme)" in why for why in refusals([own]))
    assert not any("own checks" in why for why in refusals([other]))
    html = (tmp_path / "own" / "scorecard.html").read_text()
    assert "The buyer’s own checks" in html
    assert "who allowed it" in html
    assert "own checks: acme" in (tmp_path / "own" / "junit.xml").read_text()
    assert "own checks" not in (tmp_path / "other" / "scorecard.html").read_text()
    again = cli("replay", tmp_path / "own" / "run.ndjson", "acme.W1", "--adapter", MIRROR)
    assert again.code == 0
    assert "acme.W1 A discount arrives" in again.out


@pytest.mark.usefixtures("pack")
def test_compare_tells_its_changes_and_no_points_hang_on_them(cli, tmp_path: Path) -> None:
    words = ("--profile", "smb", "--check", "acme.W1", "--no-pdf")
    cli("audit", MIRROR, *words, "--out", "sound")
    cli("audit", f"{MIRROR}?defect=drops-custom-fields", *words, "--out", "worse")
    sound, worse = "sound/run.ndjson", "worse/run.ndjson"
    ended = cli("compare", sound, worse, "--no-pdf", "--out", "change")
    assert ended.code == 4
    assert "worse than the baseline: acme.W1 passed → failed" in ended.last
    assert "acme.W1 A discount arrives together with its approver: passed → failed [own check]" in ended.out
    (change,) = [
        one for one in json.loads((tmp_path / "change/change.json").read_text())["checks"] if one["own"]
    ]
    assert (change["check"], change["before"]["weight"], change["after"]["earned"]) == ("acme.W1", 0, 0)
    assert "acme.W1" in (tmp_path / "change/change.html").read_text()
    assert cli("compare", worse, sound).code == 0
    (tmp_path / "expected.yaml").write_text(
        "expected:\n  - {check: acme.W1, verdict: failed, reason: known, owner: us, expires: 2999-01-01}\n"
    )
    assert cli("compare", sound, worse, "--expected", "expected.yaml").code == 0
    cli("audit", MIRROR, "--profile", "smb", "--check", "H1", "--no-pdf", "--out", "without", "--no-packs")
    removed = cli("compare", sound, "without/run.ndjson")
    assert "NOT own checks (acme 1.0 → none)" in removed.out
    assert "removed:\n  acme.W1" in removed.out


@pytest.mark.usefixtures("pack")
def test_a_bakeoff_and_a_pytest_audit_leave_it_out(cli, tmp_path: Path) -> None:
    hollow = "python:hollow_prm:create"
    (tmp_path / "b.yaml").write_text(f"vendors:\n  - connect: {hollow}\n  - connect: {hollow}?product=Two\n")
    for out, more, packs in (("with", (), ["acme"]), ("without", ("--no-packs",), [])):
        cli("bakeoff", "b.yaml", "--no-pdf", "--out", out, *more)
        for folder in ("hollow-prm", "two"):
            run = read_run(tmp_path / out / folder / "run.ndjson")
            assert [pack.name for pack in run.header.packs] == packs
            assert ("acme.W1" in run.results) is bool(packs)
    path = os.pathsep.join([str(tmp_path), str(EXAMPLE), environment()["PYTHONPATH"]])
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--prm-adapter", hollow, "--prm-no-packs",
            "--prm-out", "alone", "--pyargs", "prm_scenarios", "acme_checks", "-k", "T1",
        ],
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False, env=environment() | {"PYTHONPATH": path},
    )  # fmt: skip
    run = read_run(tmp_path / "alone" / "run.ndjson")
    assert (run.header.packs, run.header.plan) == ((), ("T1",))


@pytest.mark.usefixtures("pack")
def test_the_examples_own_test_and_a_pytest_audit(tmp_path: Path) -> None:
    path = os.pathsep.join([str(tmp_path), str(EXAMPLE)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "test_acme_checks.py")],
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--prm-adapter", MIRROR, "--prm-profile", "smb",
            "--prm-out", str(tmp_path / "out"), "--pyargs", "acme_checks",
        ],
        capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("acme = nothing_here", "the pack 'acme' (nothing_here) cannot be imported: ModuleNotFoundError"),
        ("Acme X = acme_checks", "called by small letters, digits and hyphens"),
        ("acme = acme_checks.discounts", "is a module; name the package"),
        ("acme = email", "holds no check: decorate a generator function"),
    ],
)
def test_a_pack_that_cannot_be_used_is_one_line(
    cli, points: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(installed(tmp_path, points)))
    with pytest.raises(CatalogueError, match=r"the pack '"):
        load_catalogue()
    ended = cli("checks")
    assert (ended.code, said in ended.err) == (2, True), ended
    assert load_catalogue(packs=False).checks
