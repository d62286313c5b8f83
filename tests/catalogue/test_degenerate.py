"""Nothing is earned by a portal that does nothing, whatever it says; and it never takes us down."""

from __future__ import annotations

from pathlib import Path

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.verdicts import Verdict


@pytest.fixture
def verdicts(audit, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))

    def of(product):
        return {id_: result.verdict for id_, result in audit(f"python:degenerate:{product}").items()}

    return of


@pytest.mark.parametrize("product", ["yes", "no", "crash", "babble"])
def test_nothing_is_earned(verdicts, product):
    seen = verdicts(product)
    assert {id_ for id_, verdict in seen.items() if verdict in {Verdict.PASSED, Verdict.PARTIAL}} == set()
    assert set(seen) == {check.id for check in load_catalogue().checks}


def test_what_is_declared_absent_and_refused_politely_is_unsupported(verdicts):
    seen = verdicts("no")
    needing = {check.id for check in load_catalogue().checks if check.needs}
    assert {seen[id_] for id_ in needing} == {Verdict.UNSUPPORTED}


@pytest.mark.parametrize("product", ["crash", "babble"])
def test_an_adapter_that_breaks_its_contract_is_an_error_everywhere(verdicts, product):
    assert set(verdicts(product).values()) == {Verdict.ERROR}
