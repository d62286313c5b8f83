"""Planted tokens, passwords and addresses: none is found in anything that a certificate's bundle holds."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from conftest import audit_file

PLANTED = {
    "password": "Tr0ub4dor&3-staging",
    "token": "00DGs00000uV2d0MAC!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B8fLEz6n04NPGRrq0FM",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLW9mLXRoZS1wbGFudGVk",
    "address": "marta.planted@real-customer.com",
    "cookie": "sid-5up3rs3cr3tc00k1e",
}
ADAPTER = f'''
from prm_harness.reference import mirror


def create():
    """A product that is careless with secrets: in its answers, its name and its errors."""
    product = mirror.create()
    said = product.info()
    said = said.model_copy(update={{"product": "Careless PRM", "sample": False, "capabilities": said.capabilities}})
    product.info = lambda: said
    submit = product.submit

    def careless(kind, values, **more):
        outcome = submit(kind, values, **more)
        words = "login as {PLANTED["address"]} with password={PLANTED["password"]}; Authorization: Bearer {PLANTED["token"]}"
        return outcome.model_copy(update={{"messages": (*outcome.messages, words, "Set-Cookie: sid={PLANTED["cookie"]}")}})

    def broken(*_, **__):
        raise RuntimeError("token {PLANTED["jwt"]} has expired for {PLANTED["address"]}")

    product.submit, product.list_errors = careless, broken
    return product
'''


def test_none_is_in_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prm_harness.certify.archive import pack
    from prm_harness.certify.rendering import derived, environment_file, rendered
    from prm_harness.certify.statement import certificate_of
    from prm_harness.record.reader import read_run

    (tmp_path / "careless_prm.py").write_text(ADAPTER)
    monkeypatch.syspath_prepend(tmp_path)
    path = audit_file("python:careless_prm:create", tmp_path / "out", checks=["T1", "E1", "E2"])
    run = read_run(path)
    day = run.header.started_at.date()
    certificate = certificate_of([run], issued_on=day, valid_until=day, fingerprint="ed25519:0")
    files = {
        "run-1/run.ndjson": path.read_bytes(), "environment.json": environment_file(),
        **rendered(certificate, [run], pdf=False), **derived([run]),
    }  # fmt: skip
    (tmp_path / "b.zip").write_bytes(pack(files))
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        for name in opened.namelist():
            text = opened.read(name).decode("utf-8", "surrogateescape")
            for kind, secret in PLANTED.items():
                assert secret not in text, (name, kind)
            assert not re.search(r"[\w.]+@real-customer\.com", text), name
            assert not re.search(
                r"BEGIN (?:ENCRYPTED )?PRIVATE KEY|\b00D\w{12,15}![\w.]{20,}|\beyJ[\w-]{5,}\.eyJ", text
            ), name
    # The careless product was really heard: what it said is there, without the secrets.
    said = json.dumps([json.loads(line) for line in path.read_bytes().splitlines()])
    assert "login as [email:" in said
    assert "password=[secret:" in said
