"""``prm-harness doctor``: is everything here that a run and its reports need, and if not, the command that installs it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import click

from prm_harness.delivery import REPORTS, pdf_obstacle

from .ending import FAILURES, MET, OPEN, Ending

OLDEST: Final = (3, 11)
FREE_MEGABYTES: Final = 500
CHECKS: Final = "prm_harness.checks"

APT: Final = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
DNF: Final = ("pango", "harfbuzz")
BREW: Final = ("pango",)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``needed``: without it no run works; otherwise only the PDF is lost."""

    what: str
    ok: bool
    said: str
    needed: bool = True

    @property
    def mark(self) -> Literal["ok", "missing", "broken"]:
        """How it is printed."""
        return "ok" if self.ok else "broken" if self.needed else "missing"


@click.command("doctor", short_help="Is everything here that a run and its PDF need?")
@click.option(
    "--fix", is_flag=True, help="Install what the PDF needs, where that is allowed: apt-get as root, or brew."
)
def command(fix: bool) -> Ending:
    """Look at this machine: Python, the PDF's system libraries, fonts, free disk, installed packs and reports."""
    findings = examine()
    if fix and not _ok(findings, "PDF libraries"):
        install()
        findings = examine()
    for finding in findings:
        click.echo(f"{finding.mark:<8} {finding.what}: {finding.said}")
    if any(not f.ok and f.needed for f in findings):
        return Ending(FAILURES, "runs do not work here; the lines marked broken say why")
    if missing := [f for f in findings if not f.ok]:
        return Ending(OPEN, f"runs work, but without: {', '.join(f.what for f in missing)}")
    return Ending(MET, "everything is here")


def examine() -> list[Finding]:
    """Everything, in the order in which it would hurt."""
    looks: tuple[Callable[[], Finding], ...] = (_python, _packs, _reports, _disk, _pdf, _fonts)
    return [look() for look in looks]


def install_command() -> tuple[str, ...] | None:
    """The command that installs the PDF's system libraries here, or None where we do not know one."""
    if platform.system() == "Darwin":
        return ("brew", "install", *BREW)
    if shutil.which("apt-get"):
        return ("apt-get", "install", "--yes", "--no-install-recommends", *APT)
    if shutil.which("dnf"):
        return ("dnf", "install", "--assumeyes", *DNF)
    return None


def install() -> None:
    """Install the libraries where that needs no password; otherwise say the command."""
    import subprocess

    known = install_command()
    if known is None:
        return
    allowed = known[0] == "brew" or (known[0] == "apt-get" and os.geteuid() == 0)
    if not allowed or not shutil.which(known[0]):
        click.echo(f"run this yourself: {_for_a_person(known)}", err=True)
        return
    steps = [("apt-get", "update"), known] if known[0] == "apt-get" else [known]
    for step in steps:
        click.echo(f"running {' '.join(step)}", err=True)
        if subprocess.run(step, check=False, stdout=sys.stderr).returncode:  # noqa: S603 - fixed words only
            click.echo(f"that did not work; run it yourself: {_for_a_person(step)}", err=True)
            return


def _for_a_person(known: tuple[str, ...]) -> str:
    needs_root = known[0] in {"apt-get", "dnf"} and os.geteuid() != 0
    return ("sudo " if needs_root else "") + " ".join(known)


def _ok(findings: list[Finding], what: str) -> bool:
    return next(f.ok for f in findings if f.what == what)


def _python() -> Finding:
    ok = sys.version_info[:2] >= OLDEST
    needed = ".".join(map(str, OLDEST))
    return Finding("Python", ok, platform.python_version() + ("" if ok else f"; {needed} or later is needed"))


def _packs() -> Finding:
    from importlib import metadata

    from prm_harness.audit.registry import load_catalogue

    try:
        catalogue = load_catalogue()
    except Exception as error:  # noqa: BLE001 - a pack is anybody's code and may fail in any way while loading
        return Finding("Checks", ok=False, said=f"the checks cannot be loaded: {error}")
    packs = ", ".join(sorted(entry.name for entry in metadata.entry_points(group=CHECKS)))
    return Finding("Checks", bool(catalogue.checks), f"{len(catalogue.checks)} checks from {packs}")


def _reports() -> Finding:
    from importlib import metadata

    entries = metadata.entry_points(group=REPORTS)
    names = sorted(entry.name for entry in entries)
    for entry in entries:
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001 - a third party's report may fail in any way while loading
            return Finding(
                "Reports", ok=False, said=f"{entry.name} ({entry.value}) cannot be loaded: {error}"
            )
    ok = {"scorecard", "bakeoff"} <= set(names)
    return Finding(
        "Reports", ok, ", ".join(names) if ok else "the built-in ones are missing: reinstall prm-harness"
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free // 2**20
    ok = free >= FREE_MEGABYTES
    return Finding("Free disk", ok, f"{free} MB" + ("" if ok else f"; a large run needs {FREE_MEGABYTES} MB"))


def _pdf() -> Finding:
    obstacle = pdf_obstacle()
    if not obstacle:
        return Finding("PDF libraries", ok=True, said="found", needed=False)
    known = install_command()
    how = (
        f"install them with: {_for_a_person(known)}" if known else "install Pango 1.44 or later and HarfBuzz"
    )
    return Finding("PDF libraries", ok=False, said=f"{how} ({obstacle})", needed=False)


def _fonts() -> Finding:
    from importlib import metadata, resources

    found = 0
    for entry in metadata.entry_points(group=REPORTS, name="scorecard"):
        fonts = resources.files(entry.module) / "fonts"
        found = sum(f.name.endswith((".ttf", ".woff2")) for f in fonts.iterdir()) if fonts.is_dir() else 0
    said = f"{found} shipped with the reports" if found else "none shipped: reinstall prm-harness"
    return Finding("Fonts", found > 0, said, needed=False)
