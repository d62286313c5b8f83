"""The two paths that a newcomer follows, from an empty folder to the end, as they are typed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import finished
import pytest

from prm_harness.scoring import load_profile

MIRROR = "python:prm_harness.reference.mirror:create"
DEFECT = f"{MIRROR}?defect=truncates-text-at-255"

SEEDS = (11, 12)

HELD_BACK = {
    "V4": "failed", "E1": "failed", "A6": "failed", "X3": "not supported", "X7": "not supported", "R5": "",
    "U8": "not supported", "L1": "not supported",
}  # fmt: skip
"""How the skeleton's portal ends at each knock-out: it inserts without a key, and carries nothing but deals one way."""


@pytest.mark.slow
def test_the_vendors_path(
    cli, command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PRM_HARNESS_KEY_PASSPHRASE", "correct horse battery")
    monkeypatch.syspath_prepend(tmp_path)
    assert cli("init", "adapter", ".").code == 0
    assert cli("init", "product", ".").code == 0
    assert cli("keys", "new", "my.key").code == 0

    # What was written is sound, and far from a certificate: every reason is given at once.
    assert cli("adapter", "check", finished.CONNECT).code == 0
    started = command(*finished.audit_words(1, "out/first"))
    assert started.code == 1, started.err
    refused = cli("certify", "out/first/run.ndjson", "--key", "my.key")
    reasons = [line.removeprefix("refused: ") for line in refused.out.splitlines()]
    assert (refused.code, refused.last) == (1, f"exit 1: no certificate, for {len(reasons)} reasons")
    assert reasons[0] == "3 runs with 3 seeds are needed, there is 1"
    groups = load_profile("smb").knock_outs
    assert [why for why in reasons if "knock-out" in why] == [
        f"seed 1: knock-out {' + '.join(group)} {how}" for group in groups if (how := HELD_BACK[group[0]])
    ]
    assert any(re.fullmatch(r"seed 1: required checks are open: .*\bE2 not run.*", why) for why in reasons)
    assert any(
        re.fullmatch(r"seed 1: [\d.]+% of the weight was judged, 80% is needed", why) for why in reasons
    )
    assert not (tmp_path / "my-prm-1.0.audit.zip").exists()

    # The adapter is completed, and audited with two seeds of the vendor's choice and one that nobody could know.
    # Its stand-in for a product is gone with that: what lies beside the module is part of what is certified.
    (tmp_path / "my_prm_adapter.py").write_text(finished.MODULE)
    (tmp_path / "my_prm_portal.py").unlink()
    shutil.rmtree(tmp_path / "out")
    for seed in SEEDS:
        shutil.copytree(finished.finished_run(tmp_path_factory, seed).parent, tmp_path / "out" / str(seed))
    runs = [f"out/{seed}/run.ndjson" for seed in SEEDS]
    foreseen = cli("certify", *runs, "--key", "my.key")
    told = re.search(r"`--seed (\d+)`", foreseen.out)
    assert (foreseen.code, told is not None) == (1, True)
    last = command(*finished.audit_words(int(told[1]), "out/last"))
    assert last.code == 0, last.err
    made = cli("certify", *runs, "out/last/run.ndjson", "--key", "my.key", "--no-pdf")
    assert made.code == 0, made.out

    # Another machine: neither adapter nor product, only the bundle and the public key.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("my-prm-1.0.audit.zip", "my.key.pub"):
        shutil.copy(tmp_path / name, elsewhere)
    (tmp_path / "my_prm_adapter.py").unlink()
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
