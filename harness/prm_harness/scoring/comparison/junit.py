"""A comparison as JUnit XML: what fails is what the comparison counts against the run, not what the run failed."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .ending import ended
from .model import Change, Comparison, Move
from .text import measured, plain, said, significance


def junit(comparison: Comparison) -> bytes:
    """One test case a check; with ``fail_on="any"`` one each for changed capabilities and measurements too."""
    root = Element("testsuites", {"name": plain(f"{comparison.after.product} against its baseline")})
    suite = SubElement(
        root,
        "testsuite",
        {"name": "checks", "timestamp": comparison.after.started_at.strftime("%Y-%m-%dT%H:%M:%S")},
    )
    for change in comparison.checks:
        _case(suite, comparison, change)
    if comparison.fail_on == "any":
        _others(root, comparison)
    _count(root)
    indent(root, " ")
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def counts_against(comparison: Comparison, change: Change) -> bool:
    """Whether a check's change makes the comparison fail."""
    if change.expected:
        return False
    any_change = comparison.fail_on == "any" and change.differs
    return change.move is Move.WORSE or change.fails_new or any_change


def _case(suite: Element, comparison: Comparison, change: Change) -> None:
    case = SubElement(
        suite,
        "testcase",
        {"classname": change.question, "name": plain(f"{change.check} {change.title}"), "time": "0"},
    )
    properties = SubElement(case, "properties")
    for name, value in (
        ("change.move", change.move.value),
        ("change.before", change.before.verdict.value if change.before else ""),
        ("change.after", change.after.verdict.value if change.after else ""),
        ("change.flaky", "yes" if change.flaky else "no"),
    ):
        SubElement(properties, "property", {"name": name, "value": value})
    message = f"{change.move.words}: {ended(change)}"
    detail = [said(change), *change.marks, *(change.shape.words if change.shape else ())]
    if counts_against(comparison, change):
        failure = SubElement(case, "failure", {"message": plain(message), "type": change.move.value})
        failure.text = "\n".join(plain(line) for line in detail if line)
    elif change.expected:
        SubElement(case, "skipped", {"message": plain(f"{change.expected.word}: {change.expected.reason}")})
    elif change.move in {Move.UNJUDGED, Move.REMOVED}:
        SubElement(case, "skipped", {"message": plain(message)})


def _others(root: Element, comparison: Comparison) -> None:
    suite = SubElement(root, "testsuite", {"name": "capabilities and measurements"})
    told: Iterable[tuple[str, str]] = [
        *((f"capability {c.name}", f"{c.before} → {c.after}") for c in comparison.capabilities),
        *(
            (
                f"{m.check} {m.name}",
                f"{measured(m.before, m.unit)} → {measured(m.after, m.unit)}, {significance(m)}",
            )
            for m in comparison.beyond
        ),
    ]
    for name, message in told:
        case = SubElement(suite, "testcase", {"classname": "other", "name": plain(name), "time": "0"})
        SubElement(case, "failure", {"message": plain(message), "type": "changed"})


def _count(root: Element) -> None:
    for element in (root, *root.iter("testsuite")):
        element.set("tests", str(len(list(element.iter("testcase")))))
        element.set("failures", str(len(list(element.iter("failure")))))
        element.set("errors", "0")
        element.set("skipped", str(len(list(element.iter("skipped")))))
