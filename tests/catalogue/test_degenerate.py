"""Nothing is earned by a portal that does nothing, whatever it says; and it never takes us down."""

from __future__ import annotations

from pathlib import Path

import pytest

from prm_harness.adapter.session import Session
from prm_harness.audit import stage
from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile, score

FAILED, OPEN, LACKING, ERROR, NOT_RUN = (
    Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED, Verdict.ERROR, Verdict.NOT_RUN,
)  # fmt: skip
EXPECTED = {
    "yes": ("F", {FAILED, OPEN}, "says yes to everything and does nothing"),
    "hollow": ("F", {FAILED, ERROR}, "declares everything, and refuses its own setup"),
    "silent": ("F", {FAILED, OPEN, NOT_RUN}, "declares nothing: what needs a capability is not run"),
    "no": ("F", {FAILED, OPEN, LACKING}, "declares everything absent, and refuses politely"),
    "crash": ("–", {ERROR}, "raises at every call"),
    "sleep": ("–", {ERROR}, "never answers: it is asked once"),
    "babble": ("–", {ERROR}, "answers with what no contract knows"),
    "gamble": ("F", {FAILED, OPEN}, "answers at random, within the contract"),
}
"""Portal → grade, verdicts that occur, what it does; the score is 0 for all."""


class Impatient(Session):
    """A session that waits a twentieth of a second, however long it is told to."""

    def __init__(self, adapter, *_given, **_limits):
        super().__init__(adapter, limit=0.05, long_limit=0.05)


@pytest.fixture(scope="module", params=EXPECTED)
def portal(request, tmp_path_factory):
    """(name, run) of one degenerate portal, audited whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        if request.param == "sleep":
            patch.setattr(stage, "Session", Impatient)
        out = tmp_path_factory.mktemp("run")
        spec = AuditSpec(f"python:degenerate:{request.param}", load_profile("smb"), out, seed=1)
        return request.param, read_run(run_audit(spec))


@pytest.mark.slow
def test_its_scorecard_is_the_expected_one(portal):
    name, run = portal
    grade, verdicts, _why = EXPECTED[name]
    assert set(run.results) == {check.id for check in load_catalogue().checks}
    assert {result.verdict for result in run.results.values()} == verdicts
    card = score(run)
    assert (card.score, card.grade) == (0, grade)
    if name == "no":
        needing = {check.id for check in load_catalogue().checks if check.needs}
        assert {run.results[id_].verdict for id_ in needing} == {LACKING}


@pytest.mark.parametrize("portal", ["sleep"], indirect=True)
def test_who_never_answers_is_told_by_the_time_that_was_waited(portal):
    _name, run = portal
    reasons = {result.reason for result in run.results.values()}
    assert all("did not answer within 0.05 seconds" in reason for reason in reasons), reasons
