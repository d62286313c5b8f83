"""Verifying: everything that a bundle says is computed again from its runs. No adapter, no CRM, no network, no trust.

A valid signature on a bundle that does not follow from its runs fails like any other.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from prm_harness._version import __version__
from prm_harness.record.certificate import Certificate
from prm_harness.record.digests import sha256
from prm_harness.record.installed import code_digest
from prm_harness.record.reader import RunFileError, read_run
from prm_harness.record.run import Run

from .archive import ArchiveError, unpack
from .assurance import Assured, assurance
from .envelope import EnvelopeError, claimed, signers, statement_of
from .issue import ENVELOPE
from .product import Product, ProductError, parse_product
from .rendering import derived, pdf_engine, rendered
from .revocation import Revoked, revoked
from .rule import refusals
from .statement import ADAPTER, problems_of, statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_FIXED: Final = frozenset({ENVELOPE, "product.yaml", "environment.json", "profile.json", "catalogue.json"})


@dataclass(frozen=True, slots=True)
class Demands:
    """What a verifier asks of a bundle.

    ``keys`` are those trusted to sign, ``buyers`` those of them known to be a buyer's; ``threshold`` of them must have
    signed. ``release`` is the release of the product that the verifier is offered. ``own_run`` is a run that the verifier
    made itself.
    """

    keys: Sequence[Ed25519PublicKey]
    today: date
    buyers: Sequence[Ed25519PublicKey] = ()
    threshold: int = 1
    revocations: Sequence[Revoked] = ()
    release: str = ""
    own_run: Run | None = None
    pdf: bool = True


@dataclass(slots=True)
class Report:
    """What was found: ``problems`` make it fail; ``unchecked`` is what this machine could not compare."""

    problems: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    certificate: Certificate | None = None
    product: Product | None = None
    runs: tuple[Run, ...] = ()
    assured: Assured | None = None

    @property
    def verified(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems


def verify(content: bytes, demands: Demands) -> Report:
    """Verify a bundle.

    Args:
        content: the bundle's bytes.
        demands: what is asked of it.

    Returns:
        Every problem, not only the first, as far as the bundle can be read at all.
    """
    report = Report()
    try:
        files = unpack(content)
    except ArchiveError as error:
        report.problems.append(f"the bundle: {error}")
        return report
    report.passed.append("the archive is whole, and packed as this tool packs")
    signed = _envelope(files, demands, report)
    if signed is None:
        return report
    as_signed = _digests(files, signed, report)
    opened = _open(files, report)
    if opened is None:
        return report
    _rule(opened, report)
    _statement(files, signed, opened, report, as_signed=as_signed)
    _code(opened, report)
    if as_signed:  # pages that are not even those that were signed need no second reason
        _printed(files, opened, demands, report)
    _validity(files, opened, demands, report)
    report.certificate, report.product, report.runs = opened.certificate, opened.product, opened.runs
    if report.verified:
        known = [key for key in demands.buyers if signers(files[ENVELOPE], [key])]
        report.assured = assurance(
            opened.runs, buyer_seed=opened.buyer_seed, witnessed=bool(known), own=demands.own_run
        )
        report.problems += report.assured.problems
    return report


@dataclass(frozen=True, slots=True)
class _Opened:
    runs: tuple[Run, ...]
    product: Product
    certificate: Certificate
    environment: dict[str, Any]
    buyer_seed: int | None


def _envelope(files: dict[str, bytes], demands: Demands, report: Report) -> dict[str, Any] | None:
    if ENVELOPE not in files:
        report.problems.append(f"the bundle holds no {ENVELOPE}: nobody signed it")
        return None
    try:
        signed = statement_of(files[ENVELOPE])
    except EnvelopeError as error:
        report.problems.append(f"{ENVELOPE}: {error}")
        return None
    trusted = [*demands.keys, *demands.buyers]
    good = signers(files[ENVELOPE], trusted)
    if len(good) >= demands.threshold:
        report.passed.append(f"signed by {', '.join(good)}")
        return signed
    named = claimed(files[ENVELOPE])
    if not good:
        report.problems.append(
            "signature: none of the keys given signed these words; the bundle names "
            f"{', '.join(named) or 'nobody'}: a wrong key, or a changed statement"
        )
    else:
        report.problems.append(
            f"threshold: {demands.threshold} of the keys given have to have signed, {len(good)} did ({', '.join(good)})"
        )
    return signed


def _digests(files: dict[str, bytes], signed: dict[str, Any], report: Report) -> bool:
    """Whether the files are those that were signed."""
    listed = {}
    for subject in filter(_is_object, signed.get("subject") or []):
        if str(subject.get("name")).startswith(ADAPTER):
            continue
        if isinstance(subject.get("digest"), dict):
            listed[str(subject.get("name"))] = subject["digest"].get("sha256")
    present = set(files) - {ENVELOPE}
    found = [
        *(f"{name} is signed for and missing" for name in sorted(set(listed) - present)),
        *(f"{name} was added: nobody signed for it" for name in sorted(present - set(listed))),
        *(
            f"{name} is not the file that was signed"
            for name in sorted(present & set(listed))
            if sha256(files[name]) != listed[name]
        ),
    ]
    report.problems += found
    if not found:
        report.passed.append(f"{len(listed)} files have the digests that were signed")
    return not found


def _open(files: dict[str, bytes], report: Report) -> _Opened | None:
    """The bundle's own files, read as strictly as anywhere else."""
    before = len(report.problems)
    runs = []
    names = sorted((name for name in files if name.endswith("/run.ndjson")), key=_number)
    for name in names:
        try:
            runs.append(_read(files[name]))
        except RunFileError as error:
            report.problems.append(f"{name}: {str(error).partition(': ')[2]}")
    product = certificate = None
    try:
        product = parse_product("product.yaml", files.get("product.yaml", b""))
    except ProductError as error:
        report.problems.append(str(error))
    try:
        certificate = Certificate.model_validate_json(files.get("certificate/certificate.json", b"{}"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        report.problems.append(
            f"certificate/certificate.json: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        )
    if not names:
        report.problems.append("the bundle holds no run")
    if len(report.problems) > before or product is None or certificate is None:
        return None
    report.passed.append(f"{len(runs)} runs are complete and unchanged, from header to footer")
    return _Opened(tuple(runs), product, certificate, _environment(files), _buyer_seed(files))


def _rule(opened: _Opened, report: Report) -> None:
    reasons = refusals(opened.runs, buyer_seed=opened.buyer_seed)
    who = opened.runs[0].header.contestant
    stated = (opened.product.vendor, opened.product.product, opened.product.version)
    if stated != (who.vendor, who.product, who.version):
        reasons.append(
            f"product.yaml is about {' '.join(stated)}, the runs about {who.vendor} {who.product} {who.version}"
        )
    report.problems += [f"no certificate may be issued on these runs: {reason}" for reason in reasons]
    if not reasons:
        report.passed.append("scored again from the events: the rule for a certificate is met")


def _statement(
    files: dict[str, bytes], signed: dict[str, Any], opened: _Opened, report: Report, *, as_signed: bool
) -> None:
    problems = [f"certificate: {problem}" for problem in problems_of(opened.certificate, opened.runs)]
    others = {name: content for name, content in files.items() if name != ENVELOPE}
    again = statement(others, opened.runs, opened.product, opened.certificate, buyer_seed=opened.buyer_seed)
    if again != signed and as_signed:
        places = ", ".join(_differing(signed, again)) or "its form"
        problems.append(f"the signed statement does not follow from the runs: {places}")
    report.problems += problems
    if again == signed and not problems:
        report.passed.append("the signed statement follows from the runs, verdict by verdict")


def _code(opened: _Opened, report: Report) -> None:
    versions = opened.runs[0].header.versions
    if versions.get("harness") != __version__:
        report.unchecked.append(
            f"the runs were made by prm-harness {versions.get('harness')}, this is {__version__}: code and printed pages "
            f"cannot be compared; verify with `pip install prm-harness=={versions.get('harness')}`"
        )
    elif versions.get("code") != code_digest():
        report.problems.append(
            f"the runs were made by a changed copy of prm-harness {__version__}: its code is not the one installed here"
        )
    else:
        report.passed.append(f"made by prm-harness {__version__}, whose code is the one installed here")


def _printed(files: dict[str, bytes], opened: _Opened, demands: Demands, report: Report) -> None:
    """Every page printed again, and compared byte by byte."""
    if opened.runs[0].header.versions.get("harness") != __version__:
        return
    has_pdf = any(name.endswith(".pdf") for name in files)
    made_with = str(opened.environment.get("pdf", ""))
    here = pdf_engine() if has_pdf and demands.pdf else ""
    same_engine = has_pdf and bool(here) and here == made_with
    again = {**rendered(opened.certificate, opened.runs, pdf=same_engine), **derived(opened.runs)}
    runs = {f"run-{number}/run.ndjson" for number in range(1, len(opened.runs) + 1)}
    pages = {
        name for name in files if name not in _FIXED - {"profile.json", "catalogue.json"} and name not in runs
    }
    compared = {name for name in pages if same_engine or not name.endswith(".pdf")}
    problems = [
        *(
            f"{name} is not what the runs give"
            for name in sorted(compared & set(again))
            if files[name] != again[name]
        ),
        *(f"{name} belongs to no run" for name in sorted(compared - set(again))),
        *(f"{name} is missing" for name in sorted(set(again) - pages)),
    ]
    report.problems += problems
    if not problems:
        report.passed.append(f"{len(compared)} files were printed again and have the same bytes")
    if left := sorted(pages - compared):
        why = (
            "as asked"
            if not demands.pdf
            else f"made with {made_with or 'nothing known'}, here is {here or 'no PDF engine'}"
        )
        report.unchecked.append(f"not compared, so do not rely on them: {', '.join(left)} ({why})")


def _validity(files: dict[str, bytes], opened: _Opened, demands: Demands, report: Report) -> None:
    certificate, before = opened.certificate, len(report.problems)
    if certificate.valid_until < demands.today:
        report.problems.append(f"expired on {certificate.valid_until}")
    if certificate.issued_on > demands.today:
        report.problems.append(f"issued on {certificate.issued_on}, which is still to come")
    report.problems += revoked(demands.revocations, certificate.id, claimed(files[ENVELOPE]))
    if demands.release and demands.release != opened.product.version:
        report.problems.append(
            f"it is about release {opened.product.version}, and release {demands.release} was asked for"
        )
    if len(report.problems) == before:
        report.passed.append(f"valid until {certificate.valid_until}, not revoked")


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _number(name: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, name.partition("/")[0]))
    return int(digits or 0), name


def _read(content: bytes) -> Run:
    """A run from memory: the reader takes files, and says where in them something is wrong."""
    with tempfile.TemporaryDirectory(prefix="prm-harness-") as folder:
        path = Path(folder, "run.ndjson")
        path.write_bytes(content)
        return read_run(path)


def _environment(files: dict[str, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(files.get("environment.json", b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _buyer_seed(files: dict[str, bytes]) -> int | None:
    """Which seed the statement says a buyer chose; the statement is compared as a whole afterwards."""
    try:
        seeds = statement_of(files[ENVELOPE])["predicate"]["prmHarness"]["seeds"]
        return next((int(seed["seed"]) for seed in seeds if seed["chosen_by"] == "buyer"), None)
    except (KeyError, TypeError, ValueError):
        return None


def _differing(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """The places, outermost first, at which two JSON values differ; the first few."""
    if isinstance(one, dict) and isinstance(other, dict):
        found: Iterable[str] = (
            where
            for key in sorted({*one, *other})
            if one.get(key) != other.get(key)
            for where in _differing(one.get(key), other.get(key), f"{place}.{key}".strip("."))
        )
        yield from list(found)[:4]
    elif one != other:
        yield place
