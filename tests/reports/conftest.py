from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from prm_harness.record.run import Run


def _samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_samples", Path(__file__).parent / "samples.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return _samples()


@pytest.fixture(scope="session")
def vendors(samples: ModuleType) -> dict[str, Run]:
    return samples.vendors()
