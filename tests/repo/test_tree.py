"""What a reader would trip over."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 500
# Written so that this file does not find itself.
UNFINISHED = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]))
MACHINE = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]"]))
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".html", ".css", ".cfg", ".sh", ".json", ""}


def test_no_module_is_too_long(tracked: list[Path]) -> None:
    long = {
        path.name: lines
        for path in tracked
        if path.suffix == ".py" and (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long


def test_nothing_is_left_unfinished(tracked: list[Path]) -> None:
    found = [path.name for path in tracked if path.suffix == ".py" and UNFINISHED.search(path.read_text())]
    assert not found


def test_no_path_of_somebodys_machine(tracked: list[Path]) -> None:
    found = [
        path.name
        for path in tracked
        if path.suffix in TEXT and MACHINE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found


def test_the_order_of_paths_on_a_command_line_does_not_matter(root: Path) -> None:
    """Many rooms have a conftest, so whoever imports one by name gets the one that was loaded first."""
    tests = [*(root / "tests").rglob("*.py")]
    by_name = re.compile(r"^\s*(?:from|import) conftest\b", re.MULTILINE)
    assert [path.name for path in tests if by_name.search(path.read_text())] == []
    shared = [path.name for room in ("adapters", "cli") for path in (root / "tests" / room).glob("*.py")]
    helpers = [name for name in shared if not name.startswith(("test_", "conftest"))]
    assert len(helpers) == len(set(helpers))


def test_every_package_says_what_lives_there(root: Path) -> None:
    for room in ("harness", "scenarios", "reports"):
        for init in (root / room).rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(init.read_text())), init.relative_to(root)


def test_arrows_run_one_way(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
