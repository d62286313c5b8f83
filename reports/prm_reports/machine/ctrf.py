"""ctrf.json: the run in the Common Test Report Format, for dashboards and pull-request actions that read it.

Its five states (ctrf.io, "Test Object", status) hold less than our verdicts: what failed or broke is ``failed``, what
nobody could judge ``other``, what was not run or does not apply ``skipped``. ``rawStatus`` carries the verdict itself.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any, Final

from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import CheckScore, QuestionScore, Scorecard
from prm_reports.text import readable

SPEC: Final = "0.0.0"
STATES: Final = {
    Verdict.PASSED: "passed",
    Verdict.PARTIAL: "passed",
    Verdict.FAILED: "failed",
    Verdict.ERROR: "failed",
    Verdict.UNSUPPORTED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NOT_RUN: "pending",
    Verdict.ATTESTED: "other",
    Verdict.INCONCLUSIVE: "other",
}


def ctrf(run: Run, card: Scorecard) -> bytes:
    """The run as CTRF; times are those of the run file, so the same run gives the same bytes."""
    header = run.header
    tests = [_test(run, question, check) for question in card.questions() for check in question.checks]
    states = Counter(test["status"] for test in tests)
    ended = run.footer.ended_at if run.footer else header.started_at
    told = {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "timestamp": ended.isoformat(),
        "generatedBy": "prm-harness",
        "results": {
            "tool": {"name": "prm-harness", "version": header.versions.get("harness", "")},
            "summary": {
                "tests": len(tests),
                **{state: states[state] for state in ("passed", "failed", "pending", "skipped", "other")},
                "start": _milliseconds(header.started_at),
                "stop": _milliseconds(ended),
            },
            "tests": tests,
            "environment": {
                "appName": readable(header.contestant.product),
                "appVersion": readable(header.contestant.version),
                "testEnvironment": f"sandbox CRM {header.versions.get('sandbox', '')}, seed {header.seed}",
            },
            "extra": {
                "score": card.printed_score,
                "ceiling": card.printed_ceiling,
                "coverage": card.coverage,
                "grade": card.grade,
                "profile": card.profile,
                "runId": card.run_id,
            },
        },
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _test(run: Run, question: QuestionScore, check: CheckScore) -> dict[str, Any]:
    result = check.result
    said = readable(result.finding or result.reason)
    made = len(run.attempts.get(check.plan.id, ()))
    return {
        "name": readable(f"{check.plan.id} {check.plan.title}"),
        "status": STATES[result.verdict],
        "rawStatus": result.verdict.value,
        "duration": 0,
        "suite": [readable(f"{question.id} {question.title}")],
        **({"message": said} if said else {}),
        "retries": max(0, made - 1),
        "flaky": check.flaky,
        "tags": ["knock-out"] if check.knock_out else [],
        "extra": {"points": round(check.weight, 4), "earned": round(check.earned, 4)},
    }


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
