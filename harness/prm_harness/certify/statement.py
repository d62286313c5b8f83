"""What is signed: an in-toto Statement v1 with the test-result predicate, and an extension that holds what that cannot say.

The predicate knows passed, warned and failed only. The extension ``prmHarness`` holds every verdict list, the scores, the
seeds and who chose them. Both are a pure function of the bundle's files, and are computed again when it is verified.
Sources: in-toto/attestation, spec/v1 and spec/predicates/test-result.md (v0.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from prm_harness.delivery import slug
from prm_harness.record.certificate import Certificate
from prm_harness.record.digests import checklist_hash, profile_hash, sha256
from prm_harness.record.run import Run, worst_attempt
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import score

from .product import Product
from .rule import challenged

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"
FORMAT: Final = "prm-harness-certificate/1"
ADAPTER: Final = "adapter of "
"""How the subject that is no file of the bundle begins."""

LONGEST_DAYS: Final = 366
_WARNED: Final = frozenset(
    {Verdict.PARTIAL, Verdict.UNSUPPORTED, Verdict.ATTESTED, Verdict.NOT_RUN, Verdict.INCONCLUSIVE}
)
_FAILED: Final = frozenset({Verdict.FAILED, Verdict.ERROR})


def certificate_of(
    runs: Sequence[Run], *, issued_on: date, valid_until: date, fingerprint: str
) -> Certificate:
    """The certificate as its vendor issues it: self-declared. What a buyer adds is added outside of it."""
    mark = sha256("".join(run.digest for run in runs))[:8].upper()
    return Certificate(
        id=f"PRM-{issued_on:%Y-%m%d}-{mark}",
        issued_on=issued_on,
        valid_until=valid_until,
        signed_by=(fingerprint,),
        verify="prm-harness verify BUNDLE --key KEY",
    )


def bundle_name(product: Product) -> str:
    """``NAME-VERSION``, fit for a file."""
    return f"{slug(product.product)}-{slug(product.version.replace('.', '_')).replace('-', '.')}"


def statement(
    files: Mapping[str, bytes],
    runs: Sequence[Run],
    product: Product,
    certificate: Certificate,
    *,
    buyer_seed: int | None,
) -> dict[str, Any]:
    """The statement over a bundle's files.

    Args:
        files: every file of the bundle but the envelope.
        runs: those read from ``files``.
        product: as read from ``files``.
        certificate: as read from ``files``.
        buyer_seed: the seed that a buyer is said to have chosen.
    """
    header = runs[0].header
    verdicts = _verdicts(runs)
    by_list = {
        name: sorted(check for check, verdict in verdicts.items() if verdict in wanted)
        for name, wanted in (
            ("passedTests", {Verdict.PASSED}),
            ("warnedTests", _WARNED),
            ("failedTests", _FAILED),
        )
    }
    adapter = [{"sha256": header.contestant.artefact}] if header.contestant.artefact else []
    result = "FAILED" if by_list["failedTests"] else "WARNED" if by_list["warnedTests"] else "PASSED"
    return {
        "_type": TYPE,
        "subject": [
            *({"name": f"{ADAPTER}{product.product}", "digest": digest} for digest in adapter),
            *({"name": name, "digest": {"sha256": sha256(files[name])}} for name in sorted(files)),
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "result": result,
            "configuration": [
                {"name": "profile", "digest": {"sha256": profile_hash(header.profile)}},
                {"name": "catalogue", "digest": {"sha256": checklist_hash(header.checklist)}},
                {"name": "prm-harness", "digest": {"sha256": header.versions.get("code", "")}},
            ],
            **by_list,
            "prmHarness": {
                "format": FORMAT,
                "rule": "met",
                "certificate": certificate.model_dump(mode="json"),
                "product": product.model_dump(mode="json"),
                "versions": {key: value for key, value in header.versions.items() if key != "python"},
                "adapter": _adapter(header.contestant.artefact, header.contestant.connect),
                "seeds": _seeds(runs, buyer_seed),
                "verdicts": {
                    verdict.value: sorted(check for check, found in verdicts.items() if found is verdict)
                    for verdict in Verdict
                },
                "runs": [_run(run) for run in runs],
            },
        },
    }


def problems_of(certificate: Certificate, runs: Sequence[Run]) -> list[str]:
    """What a certificate says that its runs do not give; nothing when it is as issued."""
    again = certificate_of(
        runs,
        issued_on=certificate.issued_on,
        valid_until=certificate.valid_until,
        fingerprint=certificate.signed_by[0] if certificate.signed_by else "",
    )
    problems = [
        f"its {name.replace('_', ' ')} is {getattr(certificate, name)!r}, the runs give {getattr(again, name)!r}"
        for name in type(certificate).model_fields
        if getattr(certificate, name) != getattr(again, name)
    ]
    last = max(run.header.started_at for run in runs).date()
    if certificate.issued_on < last:
        problems.append(f"it was issued on {certificate.issued_on}, before its last run ({last})")
    if certificate.valid_until > certificate.issued_on + timedelta(days=LONGEST_DAYS):
        problems.append(f"it is valid for more than {LONGEST_DAYS} days")
    return problems


def _verdicts(runs: Sequence[Run]) -> dict[str, Verdict]:
    """Check → its worst verdict over all runs."""
    return {
        plan.id: worst_attempt([run.results[plan.id] for run in runs if plan.id in run.results]).verdict
        for plan in runs[0].header.checklist.checks
    }


def _adapter(artefact: str, connect: str) -> dict[str, str]:
    if artefact:
        return {"kind": "files", "sha256": artefact}
    return {"kind": "declared", "connect": connect, "note": "another process; only its word for its version"}


def _seeds(runs: Sequence[Run], buyer_seed: int | None) -> list[dict[str, Any]]:
    followed = challenged(runs) if buyer_seed is None else None
    return [
        {
            "seed": run.header.seed,
            "chosen_by": "buyer"
            if run.header.seed == buyer_seed
            else "the other runs"
            if run is followed
            else "vendor",
        }
        for run in runs
    ]


def _run(run: Run) -> dict[str, Any]:
    card = score(run)
    return {
        "id": run.header.run_id,
        "seed": run.header.seed,
        "digest": run.digest,
        # Numbers as text: RFC 8785 writes floats as ECMAScript does, and readers differ in the last digit.
        "score": "n/a" if card.score is None else f"{card.score:.6f}",
        "ceiling": "n/a" if card.ceiling is None else f"{card.ceiling:.6f}",
        "coverage": "n/a" if card.coverage is None else f"{card.coverage:.6f}",
        "grade": card.grade,
        "knock_outs": {" + ".join(group.checks): group.verdict.value for group in card.knock_outs},
        "counts": card.counts,
    }
