"""An audit that a person carries out: what they leave is evidence of grade C, and they are not asked for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

FILE = """
vendor: Doubles
product: Hand-operated portal
version: "1"
sample: true
cycle_seconds: 0.3
kinds:
  Opportunity: {label: Deal, fields: {Name: Deal name, StageName: Stage}}
"""


class Somebody:
    """Takes every deal, finds none, and leaves a note and a screenshot each time."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.left: list[str] = []

    def say(self, text: str) -> None:
        pass

    def ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if prompt.startswith("What did the portal say"):
            self.left = self.left or ["note the form was slow", "file shot.png"]
            return self.left.pop() if len(self.prompts) % 2 else "accepted"
        return {"Id": "", "Message": "", "Path": "none", "Done?": ""}.get(
            prompt.split(" ", maxsplit=1)[0], "none"
        )


def test_what_a_person_leaves_is_evidence_of_grade_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hand.yaml").write_text(FILE)
    (tmp_path / "shot.png").write_bytes(b"png")
    somebody = Somebody()
    monkeypatch.setattr("prm_harness.adapter.manual.opening.console_for", lambda _: somebody)
    spec = AuditSpec(connect="manual:hand.yaml", profile=load_profile("smb"), out=tmp_path, checks=("T3",))
    run = read_run(run_audit(spec))
    result = run.results["T3"]
    assert result.verdict.value in {"failed", "inconclusive"}, result
    assert result.evidence.grade == "C"
    told = " ".join(step.text for step in result.evidence.steps)
    assert "note: the form was slow" in told or "kept: evidence/" in told
    assert len(somebody.prompts) < 60
    assert (tmp_path / "hand-answers" / "journal.ndjson").exists()
