"""Keys, certify, verify and countersign as they are typed; what they print; and that no secret gets out."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

WORDS = "correct horse battery"
ZIP = "acme-prm-3.1.audit.zip"


def _bundles():
    path = Path(__file__).parents[1] / "unit" / "certify" / "bundles.py"
    spec = importlib.util.spec_from_file_location("certify_bundles", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bundles = _bundles()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys, a product file and three runs."""
    from prm_harness.certify.keys import new_key

    made = tmp_path_factory.mktemp("ready")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        for seed in (11, 12, 77):
            bundles.run_file(made / f"{seed}.ndjson", seed)
    for name in ("acme.key", "buyer.key"):
        new_key(made / name, WORDS)
    (made / "product.yaml").write_text(bundles.PRODUCT)
    return made


@pytest.fixture
def ready(cli, monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path):
    """The same in the folder where the commands run, and the passphrase in the environment."""
    monkeypatch.setenv("PRM_HARNESS_KEY_PASSPHRASE", WORDS)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return cli, [f"{seed}.ndjson" for seed in (11, 12, 77)]


def test_from_runs_to_a_witnessed_certificate(ready, tmp_path: Path) -> None:
    cli, runs = ready
    made = cli("certify", *runs, "--key", "acme.key", "--buyer-seed", "77", "--no-pdf")
    assert (made.code, f"wrote {ZIP}" in made.out) == (0, True)
    mark = cli("keys", "show", "acme.key.pub").out.strip()
    assert f"signed by {mark}" in made.out
    assert cli("keys", "show", "acme.key").out.strip() == mark
    alone = cli("verify", ZIP, "--key", "acme.key.pub", "--release", "3.1")
    assert (alone.code, alone.last) == (0, "exit 0: verified: Acme PRM, self-declared")
    unproved = " ".join(alone.out.partition("A signature does not prove")[2].split())
    assert "a vendor that holds its own key could make up whole runs" in unproved
    assert "witnessed" in unproved
    assert "reproduced" in unproved
    signed = cli(
        "countersign", ZIP, "--key", "buyer.key", "--vendor-key", "acme.key.pub", "--seed", "77",
        "--chosen-on", "2025-01-19", "--out", "both.zip",
    )  # fmt: skip
    assert signed.code == 0, signed
    both = cli(
        "verify", "both.zip", "--key", "acme.key.pub", "--buyer-key", "buyer.key.pub", "--threshold", "2"
    )
    assert (both.code, both.last) == (0, "exit 0: verified: Acme PRM, witnessed")
    printed = cli(
        "verify", "both.zip", "--key", "acme.key.pub", "--buyer-key", "buyer.key.pub", "--out", "today"
    )
    assert printed.code == 0
    assert json.loads((tmp_path / "today" / "certificate.json").read_text())["assurance"] == "witnessed"


def test_the_bundle_holds_what_a_sceptic_needs(ready, tmp_path: Path) -> None:
    cli, runs = ready
    assert cli("certify", *runs, "--key", "acme.key", "--buyer-seed", "77").code == 0
    with zipfile.ZipFile(tmp_path / ZIP) as opened:
        names = set(opened.namelist())
        payload = json.loads(opened.read("statement.dsse.json"))
    each = {
        f"run-{n}/{name}"
        for n in (1, 2, 3)
        for name in ("run.ndjson", "results.json", "junit.xml", "scorecard.html", "scorecard.pdf")
    }
    page = {
        f"certificate/{name}"
        for name in ("certificate.json", "certificate.html", "certificate.pdf", "badge.svg", "badge.json")
    }
    assert names >= each | page | {
        "statement.dsse.json", "profile.json", "catalogue.json", "product.yaml", "environment.json",
    }  # fmt: skip
    assert payload["payloadType"] == "application/vnd.in-toto+json"
    assert WORDS.encode() not in (tmp_path / ZIP).read_bytes()


def test_a_refusal_lists_every_reason(ready, tmp_path: Path) -> None:
    cli, runs = ready
    (tmp_path / "product.yaml").write_text(bundles.PRODUCT.replace("3.1", "3.2"))
    ended = cli("certify", *runs[:2], "--key", "acme.key")
    told = ended.out.splitlines()
    assert (ended.code, ended.last) == (1, "exit 1: no certificate, for 3 reasons")
    assert told[0] == "refused: 3 runs with 3 seeds are needed, there are 2"
    assert "`--seed " in told[1]
    assert told[2] == "refused: the product file says version '3.2', the adapter said '3.1'"
    assert not (tmp_path / ZIP).exists()


def test_what_does_not_verify_exits_with_5(ready, tmp_path: Path) -> None:
    cli, runs = ready
    assert cli("certify", *runs, "--key", "acme.key", "--buyer-seed", "77", "--no-pdf").code == 0
    wrong = cli("verify", ZIP, "--key", "buyer.key.pub")
    assert (wrong.code, wrong.last.startswith("exit 5: does not verify: signature: none of the keys")) == (
        5,
        True,
    )
    content = bytearray((tmp_path / ZIP).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "changed.zip").write_bytes(bytes(content))
    changed = cli("verify", "changed.zip", "--key", "acme.key.pub")
    assert (changed.code, changed.out.startswith("FAILED   the bundle: ")) == (5, True)
    refused = cli(
        "countersign", ZIP, "--key", "buyer.key", "--vendor-key", "acme.key.pub", "--seed", "77",
        "--chosen-on", "2025-01-21", "--out", "both.zip",
    )  # fmt: skip
    assert (refused.code, "before you told the seed" in refused.out, (tmp_path / "both.zip").exists()) == (
        5,
        True,
        False,
    )


def test_another_pdf_engine_is_said_and_not_passed_over(ready, monkeypatch: pytest.MonkeyPatch) -> None:
    cli, runs = ready
    assert cli("certify", *runs, "--key", "acme.key", "--buyer-seed", "77").code == 0
    monkeypatch.setattr("prm_harness.certify.verify.pdf_engine", lambda: "weasyprint 71.0")
    ended = cli("verify", ZIP, "--key", "acme.key.pub")
    assert (
        ended.code,
        "do not rely on them: certificate/certificate.pdf, run-1/scorecard.pdf" in ended.out,
    ) == (3, True)
    assert cli("verify", ZIP, "--key", "acme.key.pub", "--without-pdf").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "x.zip"], "say whose signature you trust"),
        (["verify", "x.zip", "--key", "acme.key"], "verify with the public one"),
        (["verify", "x.zip", "--key", "acme.key.pub"], "x.zip: No such file"),
        (["verify", "x.zip", "--key", "acme.key.pub", "--threshold", "2"], "can never be met"),
        (["certify", "11.ndjson", "--key", "acme.key.pub"], "mode 0644"),
        (["certify", "11.ndjson", "--key", "acme.key", "--product", "none.yaml"], "none.yaml: No such file"),
        (["keys", "new", "acme.key"], "is there already"),
        (["keys", "show", "product.yaml"], "no public key in PEM form"),
    ],
)
def test_bad_input_is_one_line(ready, words: list[str], said: str) -> None:
    cli, _ = ready
    assert said in cli(*words).one_line(2)


def test_a_new_key_is_shown_where_it_is(ready, tmp_path: Path) -> None:
    cli, _ = ready
    made = cli("keys", "new", "new.key")
    assert made.code == 0
    assert made.out.splitlines()[2] == cli("keys", "show", "new.key.pub").out.strip()
    assert WORDS not in made.out + made.err


def test_a_passphrase_needs_somebody_to_ask(ready, monkeypatch: pytest.MonkeyPatch) -> None:
    cli, _ = ready
    monkeypatch.delenv("PRM_HARNESS_KEY_PASSPHRASE")
    assert "set PRM_HARNESS_KEY_PASSPHRASE, or run this on a terminal" in cli(
        "keys", "new", "new.key"
    ).one_line(2)
    monkeypatch.setenv("PRM_HARNESS_KEY_PASSPHRASE", "wrong horse battery")
    told = cli("certify", "11.ndjson", "--key", "acme.key").one_line(2)
    assert "the passphrase is wrong" in told
    assert "horse" not in told


def test_a_product_file_is_read_strictly(ready, tmp_path: Path) -> None:
    cli, runs = ready
    for line, said in (
        ("type: cloudy", "type: Input should be 'hosted', 'installable' or 'in-platform'"),
        ("kind: hosted", "has 'kind', which is none of the keys"),
        ("", "type: Field required"),
    ):
        (tmp_path / "product.yaml").write_text(bundles.PRODUCT.replace("type: hosted", line))
        assert said in cli("certify", *runs, "--key", "acme.key").one_line(2)
