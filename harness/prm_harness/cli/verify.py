"""``prm-harness verify``: a bundle computed again from its runs, by somebody who trusts nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .ending import DOES_NOT_VERIFY, MET, OPEN, Ending, Trouble

if TYPE_CHECKING:
    from prm_harness.certify.verify import Report

_KEY = click.Path(path_type=Path)


@click.command("verify", short_help="Verify a certificate's bundle.")
@click.argument("bundle", type=click.Path(path_type=Path), metavar="BUNDLE")
@click.option(
    "--key", "keys", multiple=True, type=_KEY, metavar="FILE.pub", help="A public key that you trust."
)
@click.option(
    "--buyer-key",
    "buyers",
    multiple=True,
    type=_KEY,
    metavar="FILE.pub",
    help="A public key of a buyer whom you know.",
)
@click.option(
    "--threshold", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
    help="How many of the keys must have signed.",
)  # fmt: skip
@click.option(
    "--revoked",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="Certificates and keys not to be trusted.",
)
@click.option(
    "--release", default="", metavar="VERSION", help="The release of the product that you are offered."
)
@click.option(
    "--run", "own", type=click.Path(path_type=Path), metavar="RUN.ndjson",
    help="A run that you made yourself: do its verdicts agree?",
)  # fmt: skip
@click.option("--without-pdf", is_flag=True, help="Do not compare the PDFs; then do not rely on them either.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Print the certificate anew into DIR, as it stands today.",
)  # fmt: skip
def command(
    bundle: Path,
    keys: tuple[Path, ...],
    buyers: tuple[Path, ...],
    threshold: int,
    revoked: Path | None,
    release: str,
    own: Path | None,
    without_pdf: bool,
    out: Path | None,
) -> Ending:
    """Verify BUNDLE: signatures, digests, every line of the runs, the rule, the scores, and every printed byte.

    Nothing is run: neither the product nor the sandbox is needed. Exit code 0: it holds; 5: it does not, with every reason;
    3: it holds as far as this machine can tell.
    """
    from prm_harness.certify.keys import load_public
    from prm_harness.certify.revocation import load_revocations
    from prm_harness.certify.verify import Demands, verify
    from prm_harness.record.reader import read_run

    if not keys and not buyers:
        raise Trouble("say whose signature you trust: --key FILE.pub")
    if threshold > len({*keys, *buyers}):
        raise Trouble(
            f"--threshold {threshold} of {len({*keys, *buyers})} keys can never be met; give more keys"
        )
    demands = Demands(
        keys=[load_public(path) for path in keys],
        buyers=[load_public(path) for path in buyers],
        today=datetime.now(UTC).date(),
        threshold=threshold,
        revocations=load_revocations(revoked) if revoked else (),
        release=release,
        own_run=read_run(own) if own else None,
        pdf=not without_pdf,
    )
    report = verify(bundle.read_bytes(), demands)
    say_report(report)
    if out is not None:
        _print(report, out)
    if not report.verified:
        return Ending(DOES_NOT_VERIFY, f"does not verify: {report.problems[0]}")
    if report.unchecked and not (without_pdf and len(report.unchecked) == 1):
        return Ending(OPEN, f"holds as far as it could be checked here: {report.unchecked[0]}")
    level = report.assured.level if report.assured else "?"
    return Ending(MET, f"verified: {report.product.product if report.product else ''}, {level}")


def say_report(report: Report) -> None:
    """Every step, in words, and what it is worth."""
    from prm_harness.certify.assurance import NOT_PROVED

    if report.product and report.certificate:
        product = report.product
        click.echo(
            f"{product.vendor}: {product.product} {product.version}, certificate {report.certificate.id}"
        )
    for line in report.passed:
        click.echo(f"ok       {line}")
    for line in report.unchecked:
        click.echo(f"open     {line}")
    for line in report.problems:
        click.echo(f"FAILED   {line}")
    if report.assured and report.verified:
        click.echo(f"{report.assured.level}: {report.assured.why}")
        click.echo("A signature does not prove")
        for line in NOT_PROVED:
            click.echo(f"  - {line}")


def _print(report: Report, out: Path) -> None:
    """The certificate as it stands now: witnessed, expired or revoked, whatever its own page said."""
    from prm_harness.delivery import write_certificate

    from .outcome import say_files

    if report.certificate is None or not report.runs:
        click.echo("no certificate to print: the bundle could not be read", err=True)
        return
    ended = next((p for p in report.problems if p.startswith(("expired", "certificate ", "key "))), "")
    standing = "valid" if not ended else "expired" if ended.startswith("expired") else "revoked"
    if report.problems and not ended:
        click.echo("no certificate is printed for a bundle that does not verify", err=True)
        return
    now = report.certificate.model_copy(
        update={
            "assurance": report.assured.level if report.assured else "self-declared",
            "witness": report.assured.why
            if report.assured and report.assured.level != "self-declared"
            else "",
            "standing": standing,
            "standing_reason": ended,
        }
    )
    say_files(write_certificate(now, report.runs, out))
