from __future__ import annotations

import subprocess
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from prm_harness.cli import doctor

OBSTACLE = "cannot load library 'libpango-1.0-0'"
APT = "apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """A Debian without Pango on which nothing is really installed; returns what would have been run."""
    ran: list[Sequence[str]] = []

    def run(words: Sequence[str], **_: object) -> SimpleNamespace:
        ran.append(words)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(doctor.platform, "system", lambda: "Linux")
    monkeypatch.setattr(
        doctor.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None
    )
    monkeypatch.setattr(doctor, "pdf_obstacle", lambda: "" if len(ran) == 2 else OBSTACLE)
    monkeypatch.setattr(subprocess, "run", run)
    return ran


def test_a_sound_machine(cli) -> None:
    ended = cli("doctor")
    assert (ended.code, ended.last) == (0, "exit 0: everything is here")
    looked_at = [line.split(":")[0].split(maxsplit=1)[1] for line in ended.out.splitlines()]
    assert looked_at == ["Python", "Checks", "Reports", "Free disk", "PDF libraries", "Fonts"]


@pytest.mark.parametrize(("user", "how"), [(0, f"with: {APT}"), (1000, f"with: sudo {APT}")])
def test_missing_libraries_come_with_the_exact_command(
    cli, debian: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch, user: int, how: str
) -> None:
    monkeypatch.setattr(doctor.os, "geteuid", lambda: user)
    ended = cli("doctor")
    assert ended.code == 3
    assert how in ended.out
    assert OBSTACLE in ended.out
    assert not debian, "without --fix nothing is installed"


def test_fix_installs_as_root(cli, debian: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 0)
    assert cli("doctor", "--fix").code == 0
    assert [" ".join(words) for words in debian] == ["apt-get update", APT]


def test_fix_says_the_command_where_it_may_not(
    cli, debian: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    ended = cli("doctor", "--fix")
    assert ended.code == 3
    assert f"run this yourself: sudo {APT}" in ended.err
    assert not debian


def test_homebrew_needs_no_password(
    cli, debian: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/opt/{name}" if name == "brew" else None)
    cli("doctor", "--fix")
    assert [" ".join(words) for words in debian] == ["brew install pango"]


def test_a_pack_that_cannot_be_loaded_is_broken(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("no module named prm_scenarios.fields")

    monkeypatch.setattr("prm_harness.audit.registry.load_catalogue", broken)
    ended = cli("doctor")
    assert ended.code == 1
    assert "broken   Checks: the checks cannot be loaded: no module named" in ended.out


def test_a_full_disk_is_broken(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    assert cli("doctor").code == 1
