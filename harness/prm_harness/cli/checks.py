"""``prm-harness checks``: what is asked, and what is not tested yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .ending import MET, Ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prm_harness.record.model import Checklist, Pack, Question


@click.command("checks", short_help="List the checks.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> Ending:
    """List every check under its question, and what is not tested yet.

    JSON says more of each: whether the profiles that ship make it a knock-out, what it needs of the adapter and of the
    CRM, the effects that it has to have seen, and the defects of the reference PRMs that it is proved on.
    """
    from prm_harness.audit.registry import load_catalogue

    catalogue = load_catalogue()
    checklist = catalogue.checklist
    if form == "json":
        import json

        click.echo(json.dumps(as_json(checklist, catalogue.packs), indent=2, ensure_ascii=False))
    else:
        for line in as_text(checklist, catalogue.packs):
            click.echo(line)
    questions = sum(len(part.questions) for part in checklist.parts)
    own = f", and {len(catalogue.own)} of your own" if catalogue.own else ""
    return Ending(
        MET, f"{len(checklist.checks)} checks of {questions} questions, catalogue {checklist.version}{own}"
    )


def as_json(checklist: Checklist, packs: Sequence[Pack] = ()) -> dict[str, Any]:
    """The catalogue as JSON: the same words as in a run file's header, and which checks are knock-outs as shipped.

    Users' own packs stand under ``packs``.
    """
    content = checklist.model_dump(mode="json")
    knock_outs = _knock_outs()
    for check in content["checks"]:
        check["knock_out"] = check["id"] in knock_outs
    content["packs"] = [pack.model_dump(mode="json") for pack in packs]
    return content


def _knock_outs() -> frozenset[str]:
    """Checks without which a buyer of the default profile would not buy."""
    from prm_harness.scoring import load_profile

    from .options import DEFAULT_PROFILE

    return frozenset(check for group in load_profile(DEFAULT_PROFILE).knock_outs for check in group)


def as_text(checklist: Checklist, packs: Sequence[Pack] = ()) -> list[str]:
    """The catalogue as lines for a terminal."""
    lines = []
    knock_outs = _knock_outs()
    for part in checklist.parts:
        lines.append(f"Part {part.id}: {part.title}")
        for question in part.questions:
            lines += _question(checklist, question, knock_outs)
        lines.append("")
    if checklist.not_tested_yet:
        lines.append("Not tested yet")
        lines += [f"  {name:<5} {why}" for name, why in checklist.not_tested_yet.items()]
    for pack in packs:
        lines += [f"Your own pack {pack.name} {pack.version}".rstrip() + ", scored apart"]
        lines += [f"    {check.id:<5} {check.title}" for check in pack.checks]
    return lines


def _question(checklist: Checklist, question: Question, knock_outs: frozenset[str]) -> list[str]:
    checks = [check for check in checklist.checks if check.question == question.id]
    lines = [f"  {question.id} {question.title}"]
    lines += [
        f"    {check.id:<5} {check.title}{' (knock-out)' if check.id in knock_outs else ''}"
        for check in checks
    ]
    return lines if checks else [*lines, "    no check yet"]
