"""Issuing: runs, a product file and a key in; a signed bundle, or every reason why not, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from prm_harness._version import __version__
from prm_harness.record.installed import code_digest
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run

from .archive import pack
from .envelope import sealed
from .keys import fingerprint
from .product import Product, parse_product
from .rendering import derived, environment_file, rendered
from .rule import refusals
from .statement import certificate_of, statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ENVELOPE = "statement.dsse.json"


class Refused(Exception):  # noqa: N818 - an answer, not a defect
    """No certificate for these runs; ``reasons`` holds all of them."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reasons))


@dataclass(frozen=True, slots=True)
class Issued:
    """A bundle, not yet written."""

    content: bytes
    product: Product
    certificate_id: str
    valid_until: date
    fingerprint: str


def issue(
    paths: Sequence[Path],
    product_file: Path,
    key: Ed25519PrivateKey,
    *,
    today: date,
    days: int = 365,
    buyer_seed: int | None = None,
    pdf: bool = True,
) -> Issued:
    """Certify.

    Args:
        paths: run files, one a seed.
        product_file: product.yaml.
        key: signs.
        today: the day of issue.
        days: how long the certificate is good for.
        buyer_seed: which of the seeds a buyer chose.
        pdf: also print the PDFs.

    Raises:
        Refused: with every reason.
        RunFileError: a run file was changed, is incomplete, or is none.
        ProductError: the product file cannot be used.
        OSError: a file cannot be read.
    """
    content = product_file.read_bytes()
    product = parse_product(str(product_file), content)
    runs = [read_run(path) for path in paths]
    reasons = [*refusals(runs, buyer_seed=buyer_seed), *_other_code(runs), *_other_product(product, runs)]
    if reasons:
        raise Refused(reasons)
    certificate = certificate_of(
        runs,
        issued_on=today,
        valid_until=today + timedelta(days=days),
        fingerprint=fingerprint(key.public_key()),
    )
    files = {
        **{f"run-{number}/run.ndjson": path.read_bytes() for number, path in enumerate(paths, start=1)},
        **rendered(certificate, runs, pdf=pdf),
        **derived(runs),
        "product.yaml": content,
        "environment.json": environment_file(),
    }
    signed = sealed(statement(files, runs, product, certificate, buyer_seed=buyer_seed), key)
    return Issued(
        pack({**files, ENVELOPE: signed}),
        product,
        certificate.id,
        certificate.valid_until,
        certificate.signed_by[0],
    )


def _other_code(runs: Sequence[Run]) -> list[str]:
    """The runs must be those of the release that certifies: its code judged, and its code is what a verifier has."""
    made = {(run.header.versions.get("harness"), run.header.versions.get("code")) for run in runs}
    if made == {(__version__, code_digest())}:
        return []
    versions = ", ".join(sorted({str(version) for version, _ in made}))
    if versions == __version__:
        return [
            f"the runs were made by a changed copy of prm-harness {__version__}, not by the one installed here"
        ]
    return [f"the runs were made by prm-harness {versions}; certify with that version, this is {__version__}"]


def _other_product(product: Product, runs: Sequence[Run]) -> list[str]:
    who = runs[0].header.contestant
    stated = {"vendor": who.vendor, "product": who.product, "version": who.version}
    return [
        f"the product file says {name} {getattr(product, name)!r}, the adapter said {value!r}"
        for name, value in stated.items()
        if getattr(product, name) != value
    ]
