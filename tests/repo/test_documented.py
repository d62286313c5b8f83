"""Nothing that a user can meet is undocumented, and nothing documented is stale."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.cli.app import app
from prm_harness.cli.ending import MEANINGS
from prm_harness.pytest_audit.words import WORDS
from prm_harness.record.verdicts import Verdict
from prm_harness.record.writer import KINDS
from prm_harness.scoring import ExitCode, shipped_profiles

MADE = re.compile(r"^make (\w+)", re.MULTILINE)
COMMAND = re.compile(r"prm-harness ([a-z]+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from commands(command, click.Context(command, parent=context))


def page(root: Path, name: str) -> str:
    return (root / "docs" / name).read_text()


def test_every_option_of_every_command(root: Path) -> None:
    text = page(root, "reference/cli.md")
    for command in commands(app, click.Context(app)):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert all(name in text for name in parameter.opts), (command.name, parameter.opts)


def test_every_option_of_the_pytest_plugin(root: Path) -> None:
    options = re.findall(r'"(--prm-[a-z]+)"', (root / "harness/prm_harness/plugin.py").read_text())
    assert options
    for option in options:
        assert option in page(root, "how-to/audit-in-ci.md")


def test_every_verdict_and_its_words(root: Path) -> None:
    rows = page(root, "reference/verdicts.md").splitlines()
    for verdict in Verdict:
        row = next(row for row in rows if row.startswith(f"| `{verdict.value}` |"))
        assert f"| {verdict.words} |" in row
        assert f"| `{WORDS[verdict][0]}` |" in row
        assert row.endswith("| yes |" if verdict.open else "| no |")


def test_every_exit_code(root: Path) -> None:
    text = page(root, "reference/exit-codes.md")
    assert {int(code) for code in ExitCode} == set(MEANINGS)
    for code, meaning in MEANINGS.items():
        assert f"| {code} | {meaning} |" in text
        assert f"{code} {meaning.removesuffix(' against the baseline')}" in app.help.replace("\n", " ")


def test_every_check(root: Path) -> None:
    text = page(root, "reference/checks.md")
    for check in load_catalogue().checks:
        assert f"#### [{check.id} {check.title}](checks/{check.id}.md)" in text


def test_every_kind_of_event(root: Path) -> None:
    text = page(root, "reference/run-file.md")
    for kind in KINDS:
        assert f"| `{kind}` |" in text


def test_every_shipped_profile(root: Path) -> None:
    for name in shipped_profiles():
        assert f"`{name}`" in page(root, "how-to/write-a-profile.md")


def test_every_dependency_has_its_reason(root: Path) -> None:
    listed = re.search(
        r"^dependencies = \[(.*?)^\]", (root / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE
    )
    assert listed is not None
    for name in re.findall(r'"([a-z0-9-]+)', listed[1]):
        assert name in page(root, "decisions/0002-dependencies.md"), name


@pytest.mark.parametrize(
    "name",
    [
        "adapter-contract.md",
        "adapter-openapi.json",
        "adapter-rest.md",
        "adapter-manual.md",
        "checks.md",
        "cli.md",
        "sandbox.md",
        "sandbox-differences.md",
        "results.schema.json",
    ],
)
def test_generated_pages_are_current(root: Path, name: str) -> None:
    spec = importlib.util.spec_from_file_location("write_reference", root / "tools" / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert page(root, f"reference/{name}") == tool.pages()[name], "run `make docs`"


def test_every_check_has_its_current_page(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("check_pages", root / "tools" / "check_pages.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    wanted = tool.pages()
    kept = {f"checks/{path.name}": path.read_text() for path in (root / "docs/reference/checks").iterdir()}
    assert kept.keys() == wanted.keys(), "run `make docs`"
    assert [name for name in wanted if kept[name] != wanted[name]] == [], "run `make docs`"


def test_what_readme_and_docs_tell_to_type_exists(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    known = set(app.list_commands(click.Context(app)))
    made, typed = set(), set()
    for path in [root / "README.md", *(root / "docs").rglob("*.md")]:
        text = path.read_text()
        made |= set(MADE.findall(text))
        typed |= {
            word
            for word in COMMAND.findall(text)
            if f"`prm-harness {word}" in text or f"\nprm-harness {word}" in text
        }
    assert {"demo", "test"} <= made
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in made), made
    assert typed <= known


def test_links_lead_somewhere(root: Path) -> None:
    for path in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        for target in LINK.findall(path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(root)} links to {target}"


def test_public_names_are_importable() -> None:
    import prm_harness

    for name in prm_harness.__all__:
        assert getattr(prm_harness, name) is not None, name
