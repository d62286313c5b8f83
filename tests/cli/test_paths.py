"""The two paths that a newcomer follows, from an empty folder to the end, as they are typed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

MIRROR = "python:prm_harness.reference.mirror:create"
DEFECT = f"{MIRROR}?defect=truncates-text-at-255"

SMALL = ("--profile", "smb", "--no-pdf")

# The vendor's finished adapter: what `init adapter` wrote is a start, and no product certifies with it.
FINISHED = """
from prm_harness.reference import mirror


def create():
    product = mirror.create()
    said = product.info().model_copy(
        update={"vendor": "My company", "product": "My PRM", "version": "1.0", "sample": False}
    )
    product.info = lambda: said
    return product
"""


@pytest.mark.slow
def test_the_vendors_path(cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRM_HARNESS_KEY_PASSPHRASE", "correct horse battery")
    monkeypatch.syspath_prepend(tmp_path)
    assert cli("init", "adapter", ".").code == 0
    assert cli("init", "product", ".").code == 0
    assert cli("keys", "new", "my.key").code == 0

    assert cli("adapter", "check", "python:my_prm_adapter:create").code == 0
    started = cli("audit", "python:my_prm_adapter:create", "--check", "T3", "--out", "out/first", "--no-pdf")
    assert started.code == 3
    refused = cli("certify", "out/first/run.ndjson", "--key", "my.key")
    assert (refused.code, "refused: 3 runs with 3 seeds are needed" in refused.out) == (1, True)

    (tmp_path / "my_prm.py").write_text(FINISHED)
    for seed in (11, 12):
        ended = cli("audit", "python:my_prm:create", *SMALL, "--seed", seed, "--out", f"out/{seed}")
        assert ended.code == 0, ended.out
    runs = ["out/11/run.ndjson", "out/12/run.ndjson"]
    told = re.search(r"`--seed (\d+)`", cli("certify", *runs, "--key", "my.key").out)
    assert told is not None
    assert cli("audit", "python:my_prm:create", *SMALL, "--seed", told[1], "--out", "out/last").code == 0
    made = cli("certify", *runs, "out/last/run.ndjson", "--key", "my.key", "--no-pdf")
    assert made.code == 0, made.out

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("my-prm-1.0.audit.zip", "my.key.pub"):
        shutil.copy(tmp_path / name, elsewhere)
    monkeypatch.chdir(elsewhere)
    verified = cli("verify", "my-prm-1.0.audit.zip", "--key", "my.key.pub", "--release", "1.0")
    assert (verified.code, verified.last) == (0, "exit 0: verified: My PRM, self-declared"), verified.out


def test_the_path_of_qa(cli) -> None:
    checks = ("--check", "T1", "--check", "T3", "--no-pdf")
    assert cli("audit", MIRROR, *checks, "--out", "out/baseline").code == 3
    assert cli("audit", DEFECT, *checks, "--out", "out/audit").code == 1
    runs = ("out/baseline/run.ndjson", "out/audit/run.ndjson")
    compared = cli("compare", *runs)
    assert (compared.code, compared.last) == (4, "exit 4: worse than the baseline: T1 passed → failed")
    still = cli("replay", runs[1], "T1")
    assert (still.code, "\nFAILED: " in still.out) == (1, True)
    fixed = cli("replay", runs[1], "T1", "--adapter", MIRROR)
    assert (fixed.code, "\nFIXED: " in fixed.out) == (0, True)
