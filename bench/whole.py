"""Whole runs and their paper: the catalogue on the sound reference PRM, and its scorecard as PDF."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from bench.measure import Result, each, over, rounds_of, shown, timed
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.delivery import write_scorecard
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

ROUNDS = 3


def measurements():
    with TemporaryDirectory() as folder:
        spec = AuditSpec(
            "python:prm_harness.reference.mirror:create", load_profile("smb"), Path(folder), seed=1
        )
        seconds, _ = timed(run_audit, spec)
        yield Result(
            "whole catalogue, sound reference PRM", seconds, "s", 60, at_least=False,
            definition="every check on the sound mirror, in process, run file included; no peer, so seconds",
            figures=shown(seconds),
        )  # fmt: skip
        yield _scorecard(read_run(spec.run_file), Path(folder))


def _scorecard(run, folder):
    import weasyprint

    kept = []
    parse = weasyprint.HTML

    def keep(*args, **options):
        kept.append(options["string"])
        return parse(*args, **options)

    with mock.patch.object(weasyprint, "HTML", keep):
        write_scorecard(run, folder)
    import prm_reports.pdf as writer

    base = f"{writer.ASSETS.as_uri()}/"

    def bare():
        return weasyprint.HTML(string=kept[-1], base_url=base).write_pdf(pdf_variant="pdf/a-3a")

    rounds = rounds_of(ROUNDS, lambda: write_scorecard(run, folder), bare)
    return Result(
        "scorecard PDF", over(rounds), "x", 1.1, at_least=False,
        definition=(
            "run record to scorecard.pdf, .html and all that travels inside / weasyprint on the same final HTML, "
            "tagged PDF/A-3a, nothing attached"
        ),
        figures=f"scorecard {each(rounds, 0)} ({len(kept)} layouts tried), bare {each(rounds, 1)}",
    )  # fmt: skip
