"""The campaign behind the items: the first item to ask for its verdict sets it off, over all that were selected."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from prm_harness.audit.registry import Catalogue, Check
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.audit.traffic.model import traffic_wanted
from prm_harness.record.case import Case
from prm_harness.record.model import Profile, Result
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict

DEFAULT_OUT: Final = Path("out", "audit")
DEFAULT_SEED: Final = 1
DEFAULT_PROFILE: Final = "mid-market"


class Audit:
    """One audit of one PRM in one pytest session.

    ``selected`` holds the ids of the checks that pytest is going to run; ``run_file`` is set once there is one.
    """

    def __init__(self, config: pytest.Config, catalogue: Catalogue, profile: Profile) -> None:
        seed = config.option.prm_seed
        self.catalogue = catalogue
        self.spec = AuditSpec(
            connect=config.option.prm_adapter,
            profile=profile,
            out=config.invocation_params.dir / (config.option.prm_out or DEFAULT_OUT),
            seed=DEFAULT_SEED if seed is None else seed,
            repeats=config.option.prm_repeats or 1,
            traffic=traffic_wanted(*(_folder(config, name) for name in ("prm_record", "prm_replay"))),
        )
        self.selected: tuple[str, ...] = ()
        self.run_file: Path | None = None
        self._run_read: Run | None = None
        self._broken: Exception | None = None

    def result(self, check: Check) -> Result:
        """How the check ended."""
        if self._broken is not None:
            raise self._broken
        if self._run_read is None:
            try:
                self._run_read = self._run()
            except Exception as error:
                self._broken = error
                raise
        nothing = Result(check=check.id, verdict=Verdict.NOT_RUN, reason="the campaign did not reach it")
        return self._run_read.results.get(check.id, nothing)

    def case(self, check: Check) -> Case | None:
        """What is kept of a failure, to run it again."""
        return self._run_read.case(check.id) if self._run_read else None

    def _run(self) -> Run:
        spec = replace(self.spec, checks=self.selected)
        self.run_file = spec.run_file
        # The session's own filters may turn a warning into an error; a verdict must not hang on the caller's settings.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read_run(run_audit(spec, catalogue=self.catalogue))


def _folder(config: pytest.Config, option: str) -> Path | None:
    given = getattr(config.option, option)
    return config.invocation_params.dir / given if given else None
