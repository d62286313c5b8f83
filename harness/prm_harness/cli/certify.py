"""``prm-harness certify``: runs become a signed bundle, or every reason why not is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from . import options
from .ending import FAILURES, MET, Ending, Trouble
from .keys import passphrase


@click.command("certify", short_help="Sign runs as a certificate.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN.ndjson...", type=click.Path(path_type=Path))
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Your private key."
)
@click.option(
    "--product", default="product.yaml", show_default=True, type=click.Path(path_type=Path), metavar="FILE",
    help="What is certified (`prm-harness init product DIR` writes one).",
)  # fmt: skip
@click.option("--buyer-seed", type=click.IntRange(min=0), metavar="N", help="The seed that a buyer chose.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=365,
    show_default=True,
    metavar="N",
    help="How long it is valid.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    metavar="DIR",
    help="Where the bundle goes.",
)
@options.no_pdf
def command(
    runs: tuple[Path, ...],
    key: Path,
    product: Path,
    buyer_seed: int | None,
    days: int,
    out: Path,
    no_pdf: bool,
) -> Ending:
    """Certify three runs or more of one release, each with a seed of its own, and write NAME-VERSION.audit.zip.

    One seed must not have been known beforehand: a buyer chooses it, or it follows from the other runs. Where a certificate
    may not be issued, every reason is listed (exit code 1).
    """
    from prm_harness.certify.archive import SUFFIX
    from prm_harness.certify.issue import Refused, issue
    from prm_harness.certify.keys import load_private
    from prm_harness.certify.statement import bundle_name

    signer = load_private(key, passphrase(key))
    try:
        issued = issue(
            runs, product, signer,
            today=datetime.now(UTC).date(), days=days, buyer_seed=buyer_seed, pdf=not no_pdf,
        )  # fmt: skip
    except Refused as refused:
        for reason in refused.reasons:
            click.echo(f"refused: {reason}")
        many = len(refused.reasons)
        return Ending(FAILURES, f"no certificate, for {many} reason{'' if many == 1 else 's'}")
    path = out / f"{bundle_name(issued.product)}{SUFFIX}"
    if path.exists():
        raise Trouble(f"{path} is there already; move it away, or name another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    path.write_bytes(issued.content)
    click.echo(f"wrote {path}")
    click.echo(f"certificate {issued.certificate_id}, valid until {issued.valid_until}")
    click.echo(f"signed by {issued.fingerprint}")
    return Ending(MET, f"self-declared; who verifies it needs {key}.pub")
