"""``prm-harness checks``: what is asked, and what is not tested yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .ending import MET, Ending

if TYPE_CHECKING:
    from prm_harness.record.model import Checklist, Question


@click.command("checks", short_help="List the checks.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> Ending:
    """List every check under its question, and what is not tested yet."""
    from prm_harness.audit.registry import load_catalogue

    checklist = load_catalogue().checklist
    if form == "json":
        import json

        click.echo(json.dumps(as_json(checklist), indent=2, ensure_ascii=False))
    else:
        for line in as_text(checklist):
            click.echo(line)
    questions = sum(len(part.questions) for part in checklist.parts)
    return Ending(
        MET, f"{len(checklist.checks)} checks of {questions} questions, catalogue {checklist.version}"
    )


def as_json(checklist: Checklist) -> dict[str, Any]:
    """The catalogue as JSON: the same words as in a run file's header."""
    return checklist.model_dump(mode="json")


def as_text(checklist: Checklist) -> list[str]:
    """The catalogue as lines for a terminal."""
    lines = []
    for part in checklist.parts:
        lines.append(f"Part {part.id}: {part.title}")
        for question in part.questions:
            lines += _question(checklist, question)
        lines.append("")
    if checklist.not_tested_yet:
        lines.append("Not tested yet")
        lines += [f"  {name:<5} {why}" for name, why in checklist.not_tested_yet.items()]
    return lines


def _question(checklist: Checklist, question: Question) -> list[str]:
    checks = [check for check in checklist.checks if check.question == question.id]
    lines = [f"  {question.id} {question.title}"]
    lines += [f"    {check.id:<5} {check.title}" for check in checks]
    return lines if checks else [*lines, "    no check yet"]
