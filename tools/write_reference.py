"""Writes the pages of docs/reference that follow from the code: the contract, the checks, the command line and the sandbox.

``python tools/write_reference.py`` writes them; tests/repo holds what is committed against what this would write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import yaml

from prm_harness.audit.registry import load_catalogue
from prm_harness.cli.app import app
from prm_harness.crm.org.absent import ABSENT
from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.routes import ROUTES
from prm_harness.crm.salesforce.statement_gaps import STATEMENT_GAPS
from prm_reports.machine.results import Results

if TYPE_CHECKING:
    from prm_harness.record.model import Checklist, CheckPlan, Question

ROOT: Final = Path(__file__).parents[1]
REFERENCE: Final = ROOT / "docs" / "reference"
DIFFERENCES: Final = ROOT / "tests" / "sandbox" / "recordings" / "differences.yaml"
_GENERATED: Final = "<!-- Written by tools/write_reference.py; change the code and run `make docs`. -->"


def pages() -> dict[str, str]:
    """File name → content, for every generated page."""
    sys.path.insert(0, str(Path(__file__).parent))
    import adapter_pages
    import check_pages
    import crm_pages

    return {
        **crm_pages.pages(),
        **adapter_pages.pages(),
        **check_pages.pages(),
        "checks.md": "\n".join(_checks(load_catalogue().checklist)),
        "cli.md": "\n".join(_commands()),
        "sandbox.md": "\n".join(_sandbox()),
        "sandbox-differences.md": "\n".join(_differences()),
        "results.schema.json": _schema(),
    }


def _schema() -> str:
    """The JSON Schema of results.json."""
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "results.schema.json",
        **Results.model_json_schema(mode="serialization"),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _checks(checklist: Checklist) -> Iterator[str]:
    questions = [question for part in checklist.parts for question in part.questions]
    yield from (_GENERATED, "", "# The checks", "")
    yield f"Catalogue {checklist.version}: {len(checklist.checks)} checks, {len(questions)} questions."
    yield f"{checklist.source.strip()}"
    yield ""
    yield "A check's id is permanent. *Needs* are the adapter's capabilities beyond the core, *powers* what the CRM must"
    yield "offer; how verdicts come about is on [another page](verdicts.md)."
    for part in checklist.parts:
        yield from ("", f"## Part {part.id}: {part.title}")
        for question in part.questions:
            yield from _question(checklist, question)
    if checklist.not_tested_yet:
        yield from ("", "## Not tested yet", "")
        for name, why in checklist.not_tested_yet.items():
            yield f"- **{name}**: {' '.join(why.split())}"
    yield ""


def _question(checklist: Checklist, question: Question) -> Iterator[str]:
    yield from ("", f"### {question.id} {question.title}", "", " ".join(question.text.split()), "")
    checks = [check for check in checklist.checks if check.question == question.id]
    if not checks:
        yield "No check yet."
    for check in checks:
        yield from _check(check)


def _check(check: CheckPlan) -> Iterator[str]:
    yield f"#### [{check.id} {check.title}](checks/{check.id}.md)"
    yield ""
    yield check.doc
    yield ""
    facts = [
        ("stage", check.stage.replace("_", " ")),
        ("weight", f"{check.weight:g}"),
        ("effects that must be seen", ", ".join(check.effects)),
        ("needs", ", ".join(check.needs)),
        ("powers", ", ".join(check.powers)),
        ("proved on the defects", ", ".join(check.catches)),
    ]
    yield "; ".join(f"*{name}*: {value}" for name, value in facts if value)
    yield ""


def _commands() -> Iterator[str]:
    yield from (
        _GENERATED,
        "",
        "# The command line",
        "",
        "Exit codes are explained on [their own page](exit-codes.md).",
    )
    top = click.Context(app, info_name="prm-harness", **app.context_settings)
    yield from _help(top, app)
    for name in app.list_commands(top):
        command = app.get_command(top, name)
        if command is not None:
            yield from _with_subcommands(click.Context(command, info_name=name, parent=top), command)
    yield ""


def _with_subcommands(context: click.Context, command: click.Command) -> Iterator[str]:
    yield from _help(context, command)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _with_subcommands(click.Context(inner, info_name=name, parent=context), inner)


def _help(context: click.Context, command: click.Command) -> Iterator[str]:
    context.terminal_width = 100
    yield from ("", f"## `{context.command_path}`", "", "```text", command.get_help(context).strip(), "```")


_PURPOSES: Final = {
    "login": "Logging in",
    "meta": "About the API and the org",
    "schema": "Objects and fields",
    "read": "Reading",
    "write": "Writing",
}


def _sandbox() -> Iterator[str]:
    missing = [route for route in ROUTES if route.implemented == "no"]
    yield from (_GENERATED, "", "# The sandbox's addresses", "")
    yield "What the sandbox answers as Salesforce does, by purpose. The *class* names requests in the request log and in"
    yield "faults. What an address has in Salesforce and has not here answers `501 SANDBOX_GAP`, never something made up;"
    yield "an address that is not listed answers 404, as an unknown resource does. Where answers still differ from recorded"
    yield "ones is on [another page](sandbox-differences.md)."
    yield ""
    yield "Should the sandbox itself break, it answers `500 SANDBOX_BUG` (a SOAP fault of that code), writes one line and the"
    yield "traceback to standard error, and lists the request under `/log/gaps`: no failure of a check is counted then."
    for purpose, title in _PURPOSES.items():
        routes = [route for route in ROUTES if route not in missing and route.name.split(".")[0] == purpose]
        yield from (
            "",
            f"## {title}",
            "",
            "| verbs | address | class | how far |",
            "| --- | --- | --- | --- |",
        )
        for route in routes:
            yield f"| {_verbs(route)} | `{route.template}` | `{route.name}` | {_how_far(route)} |"
    yield from ("", "## Not there: 501 `SANDBOX_GAP`", "", "| address | what it is |", "| --- | --- |")
    for route in missing:
        yield f"| `{route.template}` | {route.note} |"
    yield from ("", "## What statements cannot say", "")
    yield "What SOQL and SOSL have in Salesforce and not here; each statement answers 501 `SANDBOX_GAP`. What else their reference"
    yield "has is to be understood, or refused as the service refuses it: where it is not, that is an error of the sandbox."
    yield from ("", "| absent | for example |", "| --- | --- |")
    for what, statement in STATEMENT_GAPS:
        yield f"| {what} | `{statement}` |"
    yield from ("", "## What the org does not do", "", "| absent | what there is |", "| --- | --- |")
    for what, instead in ABSENT:
        yield f"| {what} | {instead} |"
    yield ""


def _verbs(route: Route) -> str:
    return "any" if "*" in route.methods else ", ".join(route.methods)


def _how_far(route: Route) -> str:
    return route.note if route.implemented == "partly" else ""


def _differences() -> Iterator[str]:
    told = yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))
    yield from (_GENERATED, "", "# Where the sandbox still differs", "")
    yield "The sandbox's answers are held against recorded answers of real orgs. What does not agree, or cannot be asked of"
    yield "the sandbox, is listed here with its reason; a difference that is not listed fails a test, and so does a listed one"
    yield "that is none any more."
    for title, entries in told.items():
        yield from ("", f"## {title}", "", "| what | why | answers |", "| --- | --- | --- |")
        for entry in entries:
            yield f"| {entry['what']} | {entry['why']} | {len(entry['cases'])} |"
    yield ""


if __name__ == "__main__":
    for file, content in pages().items():
        (REFERENCE / file).parent.mkdir(exist_ok=True)
        (REFERENCE / file).write_text(content, encoding="utf-8")
