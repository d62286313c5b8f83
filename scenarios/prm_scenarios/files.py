"""Q3.7: files on deals."""

from __future__ import annotations

import hashlib
from typing import Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .shared.fates import in_crm

_BLOCK: Final = 64 * 1024


def _files(data: Data) -> dict[str, int]:
    """Name → size in bytes: one byte, a little more than a block of 64 KiB, and about one and a half megabytes."""
    chance = data.apart("files")
    number = chance.randrange(100, 1_000)
    return {
        f"{chance.choice('abcdefgh')}{number}.txt": 1,
        f"Angebot – Übersicht {number} ({chance.choice(('最終', '確定', '見積'))}).pdf": _BLOCK
        + chance.randrange(1, 100),
        f"{chance.choice(('drawing', 'plan', 'layout'))} {number} O'Brien & Söhne.dwg": 1_500_000
        + chance.randrange(9_999),
    }


@check(
    "U10",
    question="Q3.7",
    title="Files travel with their deal",
    needs=("files",),
    stage="alone",
    effects={"files attached in the portal", "files attached in the CRM"},
    catches=("files-stay-where-they-are",),
    passed="All {files} files, attached on either side, were on the other one byte for byte.",
    failed="{wrong} of {files} files are missing or different on the other side ({which}): quotes and drawings go by e-mail "
    "again.",
)
def files_travel(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Files of one byte up to a megabyte and a half, one with a Unicode name, are attached to deals on each side.

    A deal without its drawing is half a deal. Judged: name, size and SHA-256 of each file on the other side. Source: catalogue
    U10 (D30), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    entered = crm.create(prm.deal, data.deal("With files") | own)
    submitted = prm.submit(data.deal("With files"), as_partner=data.partner)
    yield settled
    contents = {
        name: hashlib.shake_256(f"{data.nonce} {name}".encode()).digest(size)
        for name, size in _files(data).items()
    }
    taken = [
        prm.attach(submitted, name, content, as_partner=data.partner) for name, content in contents.items()
    ]
    if all(outcome.state != "rejected" for outcome in taken):
        evidence.exercised("files attached in the portal")
    for name, content in contents.items():
        crm.attach(entered, name, content)
    evidence.exercised("files attached in the CRM")
    yield settled
    rows = in_crm(crm, submitted)
    there = _in_crm(crm, rows[0]["Id"]) if rows else {}
    shown = {info.name: info for info in prm.files(entered)}
    wrong = []
    for name, content in contents.items():
        due = f"{len(content)} bytes, {_digest(content)}"
        if not evidence.expect(f"{name}, portal → CRM", due, there.get(name, "missing")):
            wrong.append(f"{name} to the CRM")
        info = shown.get(name)
        fetched = prm.fetch_file(entered, info.id) if info else None
        seen = f"{len(fetched.content)} bytes, {_digest(fetched.content)}" if fetched else "missing"
        if not evidence.expect(f"{name}, CRM → portal", due, seen):
            wrong.append(f"{name} to the portal")
    evidence.fact(files=2 * len(contents), wrong=len(wrong), which=", ".join(wrong[:4]))


def _in_crm(crm: Crm, record_id: str) -> dict[str, str]:
    links = crm.query(
        f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{record_id}'"
    )
    found = {}
    for link in links:
        condition = f"IsLatest = true AND ContentDocumentId = '{link['ContentDocumentId']}'"
        for row in crm.query(f"SELECT Id, PathOnClient, ContentSize FROM ContentVersion WHERE {condition}"):
            content = crm.content(row["Id"])
            found[row["PathOnClient"]] = f"{len(content)} bytes, {_digest(content)}"
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
