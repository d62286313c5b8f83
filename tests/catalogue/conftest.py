"""Audits of the reference PRMs, each run once a session and shared by the tests that look at it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from prm_harness.record.model import Result

Audit = Callable[..., Mapping[str, Result]]


@pytest.fixture(scope="session")
def kill_matrix() -> ModuleType:
    """tools/kill_matrix.py: what the page was written by is what the tests audit with."""
    path = Path(__file__).parents[2] / "tools" / "kill_matrix.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.fixture(scope="session")
def audit(kill_matrix: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """``audit("mirror", checks=("H1",), defect="first-page-only")`` → check id → result; the same run only once.

    A product is a reference PRM's name, or a connect string.
    """

    @cache
    def once(product: str, seed: int, checks: tuple[str, ...] | None, defect: str) -> Mapping[str, Result]:
        out: Path = tmp_path_factory.mktemp("run")
        return kill_matrix.audited(product, checks, defect=defect, seed=seed, out=out)

    def run(
        product: str, *, seed: int = 1, checks: tuple[str, ...] | None = None, defect: str = ""
    ) -> Mapping[str, Result]:
        # One spelling of the arguments, so that the cache knows the same run again.
        return once(product, seed, checks, defect)

    return run
