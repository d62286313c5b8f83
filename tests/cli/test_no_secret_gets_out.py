"""Planted tokens, passwords and addresses: none is found in anything that a certificate's bundle holds, PDFs and their attachments included."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from command_line import audit_file

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


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Everything that can be read in a file; of a PDF the printed words, the unpacked objects and every attachment."""
    yield name, content.decode("utf-8", "surrogateescape")
    if not name.endswith(".pdf"):
        return
    printed = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout
    words = printed.decode()
    # A long word is broken at the end of a line, with a hyphen or without.
    yield f"{name}: words", words
    yield f"{name}: words, joined", re.sub(r"[-\u00ad\u2010]?\s+", "", words)
    yield f"{name}: words, joined with their hyphens", "".join(words.split())
    unpacked = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        for attached, spec in document.attachments.items():
            yield from texts(f"{name}: {attached}", spec.get_file().read_bytes())
        document.save(
            unpacked,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
        )
    yield f"{name}: objects", unpacked.getvalue().decode("latin-1")


def planted_in(name: str, content: bytes) -> list[str]:
    """Where in a file a secret is found."""
    found = []
    for where, text in texts(name, content):
        found += [f"{where}: {kind}" for kind, secret in PLANTED.items() if secret in text]
        shapes = r"BEGIN (?:ENCRYPTED )?PRIVATE KEY|\b00D\w{12,15}![\w.]{20,}|\beyJ[\w-]{5,}\.eyJ"
        found += [
            f"{where}: {shape}" for shape in (r"[\w.]+@real-customer\.com", shapes) if re.search(shape, text)
        ]
    return found


def test_a_secret_in_a_pdf_would_be_found(tmp_path: Path) -> None:
    """Printed and wrapped, attached, or in the document's properties."""
    from weasyprint import HTML

    page = f"<div style='width: 30mm; overflow-wrap: anywhere'>{PLANTED['token']}</div>"
    HTML(string=page).write_pdf(tmp_path / "a.pdf")
    with pikepdf.open(tmp_path / "a.pdf") as document:
        document.attachments["a.json"] = pikepdf.AttachedFileSpec(document, PLANTED["cookie"].encode())
        document.docinfo["/Author"] = PLANTED["address"]
        document.save(tmp_path / "b.pdf")
    found = {line.rpartition(": ")[2] for line in planted_in("b.pdf", (tmp_path / "b.pdf").read_bytes())}
    assert {"token", "cookie", "address"} <= found


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
        **rendered(certificate, [run], pdf=True), **derived([run]),
    }  # fmt: skip
    (tmp_path / "b.zip").write_bytes(pack(files))
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        held = {name: opened.read(name) for name in opened.namelist()}
    assert [where for name, content in held.items() for where in planted_in(name, content)] == []
    pdf = dict(texts("scorecard.pdf", held["run-1/scorecard.pdf"]))
    assert "Careless PRM" in pdf["scorecard.pdf: words"]
    assert "scorecard.pdf: results.json" in pdf, sorted(pdf)
    # The careless product was really heard: what it said is there, without the secrets.
    said = json.dumps([json.loads(line) for line in path.read_bytes().splitlines()])
    assert "login as [email:" in said
    assert "password=[secret:" in said
