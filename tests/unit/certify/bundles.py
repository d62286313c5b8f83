"""Runs of a product that passes everything, made without running anything; bundles of them; and ways to tamper with both."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from prm_harness._version import __version__
from prm_harness.audit.registry import Catalogue, load_catalogue
from prm_harness.certify.archive import pack, unpack
from prm_harness.certify.envelope import sealed
from prm_harness.certify.issue import ENVELOPE, issue
from prm_harness.certify.rule import challenge_seed
from prm_harness.record.digests import canonical_json, plan_hash, sha256
from prm_harness.record.installed import code_digest
from prm_harness.record.model import Contestant, Diff, Evidence, Header, Profile, Result
from prm_harness.record.reader import read_run
from prm_harness.record.redact import Redactor
from prm_harness.record.verdicts import Verdict
from prm_harness.record.writer import RunWriter, footer_digest
from prm_harness.scoring import load_profile

TODAY = date(2025, 1, 20)
NOON = datetime(2025, 1, 20, 12, tzinfo=UTC)
PRODUCT = "vendor: Acme\nproduct: Acme PRM\nversion: '3.1'\nurl: https://acme.example/prm\ntype: hosted\ncontact: qa@acme.example\n"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def published() -> Profile:
    return load_profile("mid-market")


def header(seed: int, **changes: Any) -> Header:
    checklist = changes.pop("checklist", None) or catalogue().checklist
    profile = changes.pop("profile", None) or published()
    plan = tuple(check.id for check in checklist.checks)
    who = {
        "vendor": "Acme", "product": "Acme PRM", "version": "3.1", "style": "mirror", "connect": "python:acme:create",
        "artefact": sha256("acme"), "capabilities": {need: "full" for check in checklist.checks for need in check.needs},
        **changes.pop("who", {}),
    }  # fmt: skip
    values = {
        "run_id": f"run-{seed}", "seed": seed, "started_at": NOON, "contestant": Contestant(**who),
        "versions": {"harness": __version__, "code": code_digest(), "catalogue": checklist.version, "sandbox": "1"},
        "checklist": checklist, "profile": profile, "org": {"template": "standard", "seed": seed}, "plan": plan,
        "plan_hash": plan_hash(checklist, profile, plan),
    }  # fmt: skip
    return Header(**{**values, **changes})


def run_file(
    path: Path,
    seed: int,
    *,
    verdicts: Mapping[str, Verdict] | None = None,
    left_out: Sequence[str] = (),
    repeated: Mapping[str, Verdict] | None = None,
    footer: bool = True,
    found: str = "Everything arrived.",
    **changes: Any,
) -> Path:
    """A run in which everything passed, but for what is said."""
    head = header(seed, **changes)
    evidence = Evidence(
        diffs=(Diff(field="Amount", expected="5", observed="5", ok=True),), effects={"seen": True}
    )
    with RunWriter(path, Redactor(b"key of the tests")) as writer:
        writer.header(head)
        for check in head.plan:
            if check not in left_out:
                verdict = (verdicts or {}).get(check, Verdict.PASSED)
                writer.event("result", Result(check=check, verdict=verdict, finding=found, evidence=evidence))
        for check, verdict in (repeated or {}).items():
            writer.event(
                "result", Result(check=check, verdict=verdict, finding=found, attempt=2, evidence=evidence)
            )
        if footer:
            writer.footer(NOON + timedelta(minutes=9))
    return path


def three_runs(folder: Path, *, seeds: Sequence[int] = (11, 12), **changes: Any) -> list[Path]:
    """Runs of the given seeds and of the one that follows from them."""
    paths = [run_file(folder / f"run-{seed}.ndjson", seed, **changes) for seed in seeds]
    last = challenge_seed(read_run(path) for path in paths)
    return [*paths, run_file(folder / f"run-{last}.ndjson", last, **changes)]


@cache
def key(number: int = 0) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def bundle(folder: Path, paths: Sequence[Path] | None = None, *, pdf: bool = False, **more: Any) -> bytes:
    product = folder / "product.yaml"
    product.write_text(PRODUCT)
    return issue(paths or three_runs(folder), product, key(), today=TODAY, pdf=pdf, **more).content


def with_files(content: bytes, **changes: bytes | None) -> bytes:
    """The bundle with files changed, added or (None) removed; the signature stays as it was."""
    files: dict[str, bytes | None] = {**unpack(content), **changes}
    return pack({name: value for name, value in files.items() if value is not None})


def signed_again(content: bytes, number: int = 0, **changes: bytes) -> bytes:
    """What somebody with a trusted key could make: files changed, every digest put right, and signed validly."""
    files = {**unpack(content), **changes}
    payload = json.loads(_payload(files.pop(ENVELOPE)))
    for subject in payload["subject"]:
        if subject["name"] in files:
            subject["digest"]["sha256"] = sha256(files[subject["name"]])
    payload["subject"] += [
        {"name": name, "digest": {"sha256": sha256(files[name])}}
        for name in sorted(set(files) - {subject["name"] for subject in payload["subject"]})
    ]
    return pack({**files, ENVELOPE: sealed(payload, key(number))})


def rechained(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Events written down as if they had always been so: what a forger who knows the format does."""
    prev, out = "0" * 64, b""
    for number, event in enumerate(lines, start=1):
        made = {**event, "seq": number, "prev": prev}
        if made["kind"] == "footer":
            made["data"] = {**made["data"], "events": len(lines)}
            made["data"]["digest"] = footer_digest(made)
        line = canonical_json(made)
        out += line + b"\n"
        prev = sha256(line)
    return out


def events(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def _payload(envelope: bytes) -> bytes:
    return base64.b64decode(json.loads(envelope)["payload"])
