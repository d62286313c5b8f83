"""Audits of the reference PRMs, each run once a session and shared by the tests that look at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.model import Result
from prm_harness.scoring import load_profile

Audit = Callable[..., Mapping[str, Result]]


class Results(dict[str, Result]):
    """A listener that keeps the results."""

    def event(self, kind: str, payload: Any) -> None:
        if isinstance(payload, Result):
            self[payload.check] = payload


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """``audit("mirror", checks=("H1",), defect="first-page-only")`` → check id → result; the same run only once.

    A product is a reference PRM's name, or a connect string.
    """

    @cache
    def once(product: str, seed: int, checks: tuple[str, ...] | None, defect: str) -> Results:
        sound = product if ":" in product else f"python:prm_harness.reference.{product}:create"
        connect = f"{sound}?defect={defect}" if defect else sound
        results = Results()
        out: Path = tmp_path_factory.mktemp("run")
        run_audit(AuditSpec(connect, load_profile("smb"), out, seed=seed, checks=checks), listeners=[results])
        return results

    def run(
        product: str, *, seed: int = 1, checks: tuple[str, ...] | None = None, defect: str = ""
    ) -> Results:
        # One spelling of the arguments, so that the cache knows the same run again.
        return once(product, seed, checks, defect)

    return run
