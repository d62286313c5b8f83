"""The plugin is imported in every pytest run of an environment, and the help is asked for often: both stay light.

Modules that may not be loaded are listed instead of milliseconds, which depend on the machine.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "hypothesis", "httpx", "jinja2", "orjson", "pydantic", "requests", "responses", "rich", "simple_salesforce",
    "sqlite3", "uvicorn", "vcr", "weasyprint", "yaml",
}  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """Top-level names of the modules that are loaded once the code has run in a fresh interpreter."""
    report = f"{code}\nimport sys\nprint(*sorted(sys.modules), sep='\\n', file=sys.__stdout__)"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, check=True, text=True)
    return set(done.stdout.split())


def test_the_plugin_adds_itself_to_a_bare_pytest_and_nothing_more() -> None:
    bare = loaded_after("import pytest")
    with_plugin = loaded_after("import pytest, prm_harness.plugin")
    assert with_plugin - bare == {"prm_harness", "prm_harness._version", "prm_harness.plugin"}


@pytest.mark.parametrize("argv", [["--help"], ["audit", "--help"], ["--version"], ["no-such-command"]])
def test_help_needs_click_and_nothing_heavy(argv: list[str]) -> None:
    code = f"import io, sys\nsys.stdout = sys.stderr = io.StringIO()\nfrom prm_harness.cli.app import run\nrun({argv!r})"
    loaded = {name.partition(".")[0] for name in loaded_after(code)}
    assert "click" in loaded
    assert not loaded & HEAVY


def test_importing_the_package_loads_nothing_of_it() -> None:
    ours = {name for name in loaded_after("import prm_harness") if name.startswith("prm_")}
    assert ours == {"prm_harness", "prm_harness._version"}


def test_reading_a_score_needs_neither_server_nor_store() -> None:
    loaded = {
        name.partition(".")[0]
        for name in loaded_after("import prm_harness.scoring, prm_harness.record.reader")
    }
    assert not loaded & (HEAVY - {"pydantic", "yaml"})
