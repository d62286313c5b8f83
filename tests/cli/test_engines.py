"""Which foreign engines take part in the demo, and what is said of those that do not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx
import pytest

from prm_harness.cli.engines import engines

PORTAL = """#!/bin/sh
echo "{words}"
exec sleep 60
"""


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both folders as they are before anything is installed, and a node that is a shell script."""
    for name in ("singer-portal", "node-portal"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    node(tmp_path, "listening on http://127.0.0.1:4711")
    return tmp_path


def node(folder: Path, words: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    script = folder / "bin" / "node"
    script.write_text(PORTAL.format(words=words))
    script.chmod(0o755)


def install(examples: Path) -> None:
    (examples / "singer-portal" / ".venv" / "bin").mkdir(parents=True)
    (examples / "singer-portal" / ".venv" / "bin" / "tap-salesforce").touch()
    (examples / "node-portal" / "node_modules" / "jsforce").mkdir(parents=True)


def test_what_is_not_installed_is_named_with_what_to_do(examples):
    with engines(examples) as found:
        assert found.connects == ()
        singer, node_portal = found.missing
        assert singer.startswith(
            "left out: the Singer portal (tap-salesforce), because tap-salesforce is not installed"
        )
        assert node_portal.startswith("left out: the Node portal (jsforce), because jsforce is not installed")
        assert all(sentence.endswith("`make engines` installs it") for sentence in found.missing)


def test_what_is_installed_takes_part(examples):
    install(examples)
    with engines(examples) as found:
        assert found.connects == ("python:singer_portal:create?crm=tls", "http://127.0.0.1:4711")
        assert found.missing == ()
        assert str(examples / "singer-portal") in sys.path


def test_a_portal_that_does_not_start_is_left_out(examples):
    install(examples)
    node(examples, "cannot find package")
    with engines(examples) as found:
        assert found.connects == ("python:singer_portal:create?crm=tls",)
        assert "it did not start" in found.missing[0]


def test_without_node_it_says_so(examples, monkeypatch):
    install(examples)
    monkeypatch.setenv("PATH", str(examples / "nothing"))
    with engines(examples) as found:
        assert found.missing == ("left out: the Node portal (jsforce), because there is no node on the path",)


def test_nothing_answers_any_more_afterwards(examples):
    install(examples)
    with engines(examples) as found:
        address = found.connects[1]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/v1/info", trust_env=False)
