"""``prm-harness audit``: one PRM, one run, one scorecard."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .ending import INTERRUPTED, Ending, Trouble


@click.command("audit", short_help="Audit one PRM.")
@click.argument("connect")
@options.profile
@options.seed
@options.out
@click.option(
    "--check", "checks", multiple=True, metavar="ID", help="Run this check only; may be given again."
)
@click.option(
    "--attestations",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What the vendor answered in writing (`prm-harness init attestations`); printed apart, never scored.",
)
@options.repeats
@options.no_packs
@click.option(
    "--prm-record",
    "record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the adapter's traffic with the product in DIR, without secrets and personal data.",
)
@click.option(
    "--prm-replay",
    "replay",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Audit from such a recording, without the product.",
)
@options.comment
@options.waivers
@options.page
@options.no_pdf
def command(
    connect: str,
    profile: str | None,
    seed: int | None,
    out: Path | None,
    checks: tuple[str, ...],
    attestations: Path | None,
    repeats: int,
    no_packs: bool,
    record: Path | None,
    replay: Path | None,
    comment: Path | None,
    waivers: Path | None,
    page: str,
    no_pdf: bool,
) -> Ending:
    """Audit one PRM through the adapter that CONNECT leads to.

    CONNECT is python:package.module:factory, http://host:port, rest:FILE.yaml or manual:FILE.yaml. The files go to
    out/audit unless --out says otherwise: scorecard.pdf, scorecard.html, results.json, junit.xml and run.ndjson, from
    which `prm-harness report` makes the others again. An earlier run file in the same place is kept under a number.
    With --repeats every attempt is kept, the worst one counts, and checks whose attempts disagree are marked flaky.
    --comment and --waivers are printed beside the verdicts, and change none; the run file does not hold them.
    """
    from prm_harness.audit.attestations import read_form
    from prm_harness.audit.registry import load_catalogue
    from prm_harness.audit.run import AuditSpec, run_audit
    from prm_harness.audit.traffic.model import traffic_wanted
    from prm_harness.record.reader import read_run
    from prm_harness.scoring import load_profile

    from .outcome import enclosures, say_failures, scorecard_ending
    from .progress import Watched, watching

    catalogue = load_catalogue(packs=not no_packs)
    checks_known = [check.id for check in catalogue.checks]
    # A file that cannot be used is said before anything is run.
    enclosed = enclosures(checks_known, comment, waivers)
    spec = AuditSpec(
        connect=connect,
        profile=load_profile(profile or options.DEFAULT_PROFILE, checks=checks_known),
        out=out or Path("out", "audit"),
        seed=options.DEFAULT_SEED if seed is None else seed,
        checks=checks or None,
        form=read_form(attestations, catalogue.checklist) if attestations else None,
        repeats=repeats,
        traffic=traffic_wanted(record, replay),
    )
    try:
        with watching(connect) as display:
            run_file = run_audit(spec, catalogue=catalogue, listeners=[Watched(display, "audit")])
    except KeyboardInterrupt:
        raise interrupted(spec.run_file) from None
    run = read_run(run_file)
    ending = scorecard_ending(run, spec.out, pdf=not no_pdf, page=page, enclosed=enclosed)
    say_failures(run, run_file)
    return ending


def interrupted(*run_files: Path) -> Trouble:
    """What was recorded is kept; says how to read it."""
    kept = [str(path) for path in run_files if path.exists()]
    if not kept:
        return Trouble("interrupted before anything was recorded; start again", INTERRUPTED)
    return Trouble(
        f"interrupted; what was recorded is kept: `prm-harness report --partial {' '.join(kept)}`",
        INTERRUPTED,
    )
