"""``prm-harness countersign``: a buyer who chose a seed signs the result as well."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from .ending import DOES_NOT_VERIFY, MET, Ending, Trouble
from .keys import passphrase
from .verify import say_report


@click.command("countersign", short_help="Sign a bundle as the buyer who chose a seed.")
@click.argument("bundle", type=click.Path(path_type=Path), metavar="BUNDLE")
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Your private key."
)
@click.option(
    "--vendor-key",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE.pub",
    help="The vendor's public key.",
)
@click.option(
    "--seed", required=True, type=click.IntRange(min=0), metavar="N", help="The seed that you chose."
)
@click.option(
    "--chosen-on", required=True, metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which you told it to the vendor.",
)  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The new bundle.")
def command(bundle: Path, key: Path, vendor_key: Path, seed: int, chosen_on: datetime, out: Path) -> Ending:
    """Verify BUNDLE, and sign it too if the seed that you chose is in it and was run after you told it.

    What the vendor signed stays as it is; whoever knows your key may then call the certificate witnessed.
    """
    from prm_harness.certify.archive import pack, unpack
    from prm_harness.certify.envelope import signed
    from prm_harness.certify.issue import ENVELOPE
    from prm_harness.certify.keys import load_private, load_public
    from prm_harness.certify.verify import Demands, verify

    if out.exists():
        raise Trouble(f"{out} is there already; name a new file")
    content = bundle.read_bytes()
    report = verify(content, Demands([load_public(vendor_key)], datetime.now(UTC).date()))
    run = next((run for run in report.runs if run.header.seed == seed), None)
    if report.runs and run is None:
        seeds = ", ".join(str(one.header.seed) for one in report.runs)
        report.problems.append(f"no run was made with your seed {seed}; there are {seeds}")
    elif run is not None and run.header.started_at.date() < chosen_on.date():
        report.problems.append(
            f"the run with seed {seed} began on {run.header.started_at.date()}, before you told the seed ({chosen_on.date()})"
        )
    say_report(report)
    if not report.verified:
        return Ending(DOES_NOT_VERIFY, "not signed")
    files = unpack(content)
    signer = load_private(key, passphrase(key))
    out.write_bytes(pack({**files, ENVELOPE: signed(files[ENVELOPE], signer)}))
    click.echo(f"wrote {out}")
    return Ending(MET, "signed as well; who knows your key may call it witnessed")
