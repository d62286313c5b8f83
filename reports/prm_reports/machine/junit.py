"""junit.xml: one test case per check, for CI servers that know nothing of ours.

``failed`` is a failure, ``error`` an error, passed and partly passed are successes, and each way of not knowing
is ``skipped`` with its own word. The property ``audit.verdict`` carries the verdict itself.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import CheckScore, Scorecard
from prm_reports import numbers
from prm_reports.text import readable


def junit(run: Run, card: Scorecard) -> bytes:
    """The run as JUnit XML: a suite per question that has checks."""
    questions = [q for q in card.questions() if q.checks]
    every = (*card.checks(), *(check for pack in card.packs for check in pack.checks))
    root = Element("testsuites", {"name": readable(card.contestant.product), **_counts(every)})
    for question in questions:
        suite = SubElement(
            root,
            "testsuite",
            {
                "name": readable(f"{question.id} {question.title}"),
                "timestamp": run.header.started_at.strftime("%Y-%m-%dT%H:%M:%S"),
                **_counts(question.checks),
            },
        )
        for check in question.checks:
            _case(suite, run, card, question.id, check)
    for pack in card.packs:
        stamp = run.header.started_at.strftime("%Y-%m-%dT%H:%M:%S")
        name = readable(f"own checks: {pack.name}")
        suite = SubElement(root, "testsuite", {"name": name, "timestamp": stamp, **_counts(pack.checks)})
        for check in pack.checks:
            _case(suite, run, card, pack.name, check)
    indent(root, " ")
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _case(suite: Element, run: Run, card: Scorecard, group: str, check: CheckScore) -> None:
    result = check.result
    case = SubElement(
        suite,
        "testcase",
        {"classname": group, "name": readable(f"{check.plan.id} {check.plan.title}"), "time": "0"},
    )
    properties = SubElement(case, "properties")
    for name, value in (
        ("audit.run", card.run_id),
        ("audit.verdict", result.verdict.value),
        ("audit.knock_out", "yes" if check.knock_out else "no"),
        ("audit.evidence_grade", result.evidence.grade),
        ("audit.attempts", str(len(run.attempts.get(check.plan.id, ())))),
        ("audit.points", f"{numbers.points(check.earned)} of {numbers.points(check.weight)}"),
    ):
        SubElement(properties, "property", {"name": name, "value": readable(value)})
    said = readable(result.finding or result.reason or result.verdict.words)
    if result.verdict is Verdict.FAILED:
        SubElement(case, "failure", {"message": said, "type": "failed"}).text = _detail(check)
    elif result.verdict is Verdict.ERROR:
        SubElement(case, "error", {"message": said, "type": "error"}).text = _detail(check)
    elif result.verdict not in {Verdict.PASSED, Verdict.PARTIAL}:
        SubElement(
            case, "skipped", {"message": readable(f"{result.verdict.words}: {result.reason}".rstrip(": "))}
        )


def _detail(check: CheckScore) -> str:
    wrong = [d for d in check.result.evidence.diffs if not d.ok]
    lines = [check.result.reason] if check.result.reason else []
    lines += [f"{d.field}: expected {d.expected}, observed {d.observed}" for d in wrong[:20]]
    if len(wrong) > 20:
        lines.append(f"+ {len(wrong) - 20} more in results.json")
    return readable("\n".join(lines))


def _counts(checks: tuple[CheckScore, ...]) -> dict[str, str]:
    verdicts = [c.result.verdict for c in checks]
    told = {Verdict.PASSED, Verdict.PARTIAL, Verdict.FAILED, Verdict.ERROR}
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count(Verdict.FAILED)),
        "errors": str(verdicts.count(Verdict.ERROR)),
        "skipped": str(sum(v not in told for v in verdicts)),
    }
