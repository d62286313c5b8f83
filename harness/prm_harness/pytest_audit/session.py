"""The hooks of a session with an audit in it; registered only when one was asked for."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from prm_harness.adapter.faults import ConnectError
from prm_harness.audit.registry import CatalogueError, load_catalogue
from prm_harness.audit.stage import introduce
from prm_harness.audit.traffic.model import TrafficError
from prm_harness.delivery import DeliveryError, score_line, write_scorecard
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import ProfileError, load_profile, outcome, score

from .baseline import BaselineError, compared, load_baseline
from .campaign import DEFAULT_PROFILE, Audit
from .items import CheckFile, CheckItem, check_file, node_ids
from .words import status

FAILURES, USAGE, OPEN, INTERRUPTED = 1, 2, 3, 130
_HINT: Final = "no check was collected; add `--pyargs prm_scenarios` to the command"


class AuditSession:
    """One pytest session: in a serial run everything, under xdist a worker's part or the controller's."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._audit: Audit | None = None
        self._run_file: Path | None = None
        self._baseline: Run | None = None
        self._ours: frozenset[str] = frozenset()
        self._broken = 0
        self._failed_elsewhere = 0
        self._lines: list[str] = []
        self._last_line = ""

    # -- before and while the items run -----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Mistakes in the options end the session in a line, before anything is collected."""
        option = self._config.option
        try:
            catalogue = load_catalogue(packs=not option.prm_no_packs)
            known = [check.id for check in catalogue.checks]
            profile = load_profile(option.prm_profile or DEFAULT_PROFILE, checks=known)
            self._audit = Audit(self._config, catalogue, profile)
            self._ours = node_ids(catalogue)
            if option.prm_baseline and not self._worker:
                self._baseline = load_baseline(self._config.invocation_params.dir / option.prm_baseline)
            # In a replay nobody is there to be asked.
            if not (self._worker or option.collectonly or option.prm_replay):
                introduce(option.prm_adapter)
        except BaselineError as error:
            pytest.exit(str(error), returncode=error.code)
        except (CatalogueError, ConnectError, ProfileError, TrafficError) as error:
            pytest.exit(f"prm-harness: {error} [exit {USAGE}: usage or configuration]", returncode=USAGE)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CheckFile | None:
        """A pack's module is collected by the checks in it, whatever it is called."""
        return None if self._audit is None else check_file(self._audit, file_path, parent)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is selected once every filter has had its say; scoring counts the rest as not run."""
        if self._audit is not None:
            self._audit.selected = tuple(i.check.id for i in session.items if isinstance(i, CheckItem))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Under xdist the checks of an audit stay together: an audit is one conversation with one PRM."""
        from .scheduling import scheduler

        return scheduler(config, log, together=self._ours)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The verdict travels with the report, from an xdist worker too."""
        report = yield
        if isinstance(item, CheckItem) and report.when == "call" and item.verdict is not None:
            report.prm_verdict = item.verdict.value  # type: ignore[attr-defined]  # reports carry what they are given
        return report

    # -- what is shown ----------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """The verdict's own word instead of "skipped"."""
        verdict = getattr(report, "prm_verdict", None)
        return status(Verdict(verdict)) if verdict is not None else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Failures that are no verdicts are told apart: they are not about the PRM."""
        no_verdict = report.failed and not hasattr(report, "prm_verdict")
        self._broken += no_verdict and report.nodeid in self._ours
        self._failed_elsewhere += no_verdict and report.nodeid not in self._ours

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The score, and where the reports are."""
        if self._lines:
            terminalreporter.section("PRM audit")
        for line in self._lines:
            terminalreporter.write_line(line)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The last line says the exit code and why."""
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if self._last_line and reporter is not None:
            reporter.write_line(self._last_line)

    # -- the end ----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """The worker that made the run says where its file is."""
        if made := getattr(node, "workeroutput", {}).get("prm_run_file"):
            self._run_file = Path(made)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Reports and exit code; a worker hands its run file to the controller instead."""
        made = self._audit.run_file if self._audit is not None else None
        if self._worker:
            if made is not None:
                session.config.workeroutput["prm_run_file"] = str(made)  # type: ignore[attr-defined]
            return
        run_file = made or self._run_file
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            self._interrupted(session, run_file)
        elif self._broken:
            session.exitstatus = OPEN
            why = "the audit could not be held, for a reason on our side that is shown above; it counts against no vendor"
            self._last_line = f"exit {OPEN}: {why}"
        elif run_file is None:
            self._lines = [] if session.config.option.collectonly else [_HINT]
        elif exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            self._deliver(session, run_file)

    def _interrupted(self, session: pytest.Session, run_file: Path | None) -> None:
        session.exitstatus = INTERRUPTED
        kept = "nothing was recorded"
        if run_file is not None and run_file.exists():
            kept = f"what was recorded is kept: `prm-harness report --partial {run_file}`"
        self._last_line = f"exit {INTERRUPTED}: interrupted; {kept}"

    def _deliver(self, session: pytest.Session, run_file: Path) -> None:
        run = read_run(run_file)
        card = score(run)
        try:
            delivered = write_scorecard(run, run_file.parent)
        except DeliveryError as error:
            self._lines.append(str(error))
        else:
            self._lines += [f"wrote {path}" for path in delivered.files]
            self._lines += [f"no PDF: {delivered.no_pdf}"] if delivered.no_pdf else []
        self._lines.append(score_line(card))
        code, self._last_line = outcome(run, card)
        session.exitstatus = int(code)
        if self._baseline is not None:
            ended = compared(self._baseline, run, run_file.parent / "change")
            self._lines += ended.lines
            session.exitstatus, self._last_line = ended.code, ended.last_line
        if self._failed_elsewhere:
            session.exitstatus = FAILURES
            self._last_line = f"exit {FAILURES}: {self._failed_elsewhere} tests outside the audit failed"
