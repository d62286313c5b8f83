"""The pytest plugin's front door: nine options, and nothing more until one of them is used.

It is imported in every pytest run of an environment where the harness is installed, so it imports pytest only; what
an audit needs lives in :mod:`prm_harness.pytest_audit` and is imported when ``--prm-adapter`` is given.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of an audit under pytest; they mean what the command line's mean."""
    group = parser.getgroup("prm-harness", "audit of a PRM (prm-harness)")
    group.addoption(
        "--prm-adapter", metavar="CONNECT",
        help="audit the PRM behind this adapter: python:package.module:factory, http://host:port, "
        "rest:FILE.yaml or manual:FILE.yaml; "
        "add `--pyargs prm_scenarios` to collect the checks",
    )  # fmt: skip
    group.addoption(
        "--prm-profile",
        metavar="P",
        help="smb, mid-market (default), enterprise, or a YAML file that overrides one",
    )
    group.addoption("--prm-out", metavar="DIR", help="where run file and reports go (default: out/audit)")
    group.addoption("--prm-seed", metavar="N", type=int, help="records and org follow from it (default: 1)")
    group.addoption(
        "--prm-repeats",
        metavar="N",
        type=int,
        help="run everything so often; the worst attempt counts (default: 1)",
    )
    group.addoption(
        "--prm-baseline",
        metavar="FILE",
        help="an earlier run.ndjson: the session fails only for what is worse than there",
    )
    group.addoption(
        "--prm-no-packs",
        action="store_true",
        help="leave out your own packs of checks, as for a certificate",
    )
    group.addoption(
        "--prm-record",
        metavar="DIR",
        help="keep the adapter's traffic with the product there, without secrets and personal data",
    )
    group.addoption("--prm-replay", metavar="DIR", help="audit from such a recording, without the product")


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the rest, if an audit was asked for."""
    if config.option.prm_adapter:
        from .pytest_audit.session import AuditSession

        config.pluginmanager.register(AuditSession(config), "prm-harness-audit")
