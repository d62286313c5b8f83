"""A pack's modules as pytest files, its checks as items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prm_harness.audit.registry import Catalogue, Check
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict

from .campaign import Audit
from .words import GREEN, RED, explanation, how_to_replay, shown_path

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr


class NotDemonstrated(Exception):  # noqa: N818 - carries a verdict, not a defect of the test
    """The check failed, or the adapter broke."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.finding or result.reason or result.verdict.words)


class CheckFile(pytest.File):
    """A module that holds checks."""

    def __init__(self, *, audit: Audit, checks: Sequence[Check], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._audit = audit
        self._checks = checks

    def collect(self) -> Iterable[CheckItem]:
        """One item a check, named by its id."""
        for check in self._checks:
            yield CheckItem.from_parent(self, name=check.id, check=check, audit=self._audit)


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, audit: Audit, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.verdict: Verdict | None = None
        self._audit = audit
        self.extra_keyword_matches.add(check.body.__name__)

    def runtest(self) -> None:
        """Ask for the verdict, and say it in pytest's terms: a failure, a pass, or a way of not knowing."""
        result = self._audit.result(self.check)
        self.verdict = result.verdict
        self.user_properties += [
            ("audit.verdict", result.verdict.value),
            ("audit.check", self.check.id),
            ("audit.question", self.check.question),
        ]
        if result.verdict in RED:
            raise NotDemonstrated(result)
        if result.verdict not in GREEN:
            pytest.skip(f"{result.verdict.words}: {result.reason or result.finding}")

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """For a verdict the evidence, not our own call stack."""
        if isinstance(excinfo.value, NotDemonstrated):
            told = explanation(self.check, excinfo.value.result)
            case, run_file = self._audit.case(self.check), self._audit.run_file
            again = "\n".join(how_to_replay(case, shown_path(run_file))) if case and run_file else ""
            return f"{told}\n\n{again}" if again else told
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the check stands, and its title."""
        return self.path, self.check.body.__code__.co_firstlineno, f"{self.check.id} {self.check.title}"


def checks_in(audit: Audit, path: Path) -> list[Check]:
    """The catalogue's checks whose functions stand in the file."""
    return [check for check in audit.catalogue.all if Path(check.body.__code__.co_filename) == path]


def node_ids(catalogue: Catalogue) -> frozenset[str]:
    """The node ids of every check there is."""
    return frozenset(f"{_file_id(check)}::{check.id}" for check in catalogue.all)


def _file_id(check: Check) -> str:
    return check.body.__module__.replace(".", "/") + ".py"


def check_file(audit: Audit, path: Path, parent: pytest.Collector) -> CheckFile | None:
    """The file as a collector, if it holds checks; its node id is the same wherever the pack is installed."""
    checks = checks_in(audit, path)
    if not checks:
        return None
    collector: CheckFile = CheckFile.from_parent(
        parent, path=path, nodeid=_file_id(checks[0]), audit=audit, checks=checks
    )
    return collector
