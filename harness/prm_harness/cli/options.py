"""Options that several commands share, so that one word means one thing everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

profile = click.option(
    "--profile", metavar="P", help="smb, mid-market (default), enterprise, or a YAML file that overrides one."
)
seed = click.option(
    "--seed", type=click.IntRange(min=0), metavar="N",
    help="Records and org follow from it; the same seed asks every vendor the same. Default 1.",
)  # fmt: skip
out = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where the files go."
)
MOST_REPEATS: Final = 20
repeats = click.option(
    "--repeats", type=click.IntRange(1, MOST_REPEATS), default=1, show_default=True, metavar="N",
    help="Run everything so often, each time in an org and with records of its own.",
)  # fmt: skip
page = click.option(
    "--page", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper of the PDF."
)
comment = click.option(
    "--comment", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="The vendor's own words about this run (YAML: by, date, text, checks), printed as such.",
)  # fmt: skip
waivers = click.option(
    "--waivers", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Checks that the buyer accepts as they are (YAML: check, reason, owner, until); no verdict changes.",
)  # fmt: skip
no_packs = click.option(
    "--no-packs", is_flag=True, help="Leave out your own packs of checks, as for a certificate."
)
no_pdf = click.option("--no-pdf", is_flag=True, help="Leave the PDF out (HTML, JSON and JUnit are written).")

DEFAULT_PROFILE = "mid-market"
DEFAULT_SEED = 1
