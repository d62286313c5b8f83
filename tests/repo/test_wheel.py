"""What a user installs: built, put into an empty environment, and used from there."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

NEEDED = (
    "prm_harness/py.typed",
    "prm_harness/cli/skeletons/my_prm_adapter.py.txt",
    "prm_harness/cli/skeletons/bakeoff.yaml.txt",
    "prm_harness/cli/skeletons/profile.yaml.txt",
    "prm_harness/scoring/profiles/smb.yaml",
    "prm_harness/scoring/profiles/mid-market.yaml",
    "prm_harness/scoring/profiles/enterprise.yaml",
    "prm_scenarios/guide.yaml",
    "prm_scenarios/findings.yaml",
    "prm_reports/templates/scorecard.html",
    "prm_reports/templates/bakeoff.html",
    "prm_reports/fonts/IBMPlexSans-Regular.ttf",
    "prm_reports/fonts/OFL.txt",
)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, root)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``bin`` of an environment with this wheel; the dependencies are lent by ours, the project itself is not."""
    home = tmp_path_factory.mktemp("home")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    asked = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    packages = Path(asked.stdout.strip())
    # Only a folder on the path: its own .pth files, the editable install among them, are not read.
    (packages / "lent.pth").write_text(
        "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    )
    done = run(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--no-compile",
        "--disable-pip-version-check", wheel,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "bin"


def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(w) for w in words], capture_output=True, check=False, cwd=cwd, text=True, timeout=300
    )


def test_it_holds_what_the_code_reads_at_run_time(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not [name for name in NEEDED if name not in names]
    assert any(name.startswith("prm_reports/styles/") for name in names)
    top = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"prm_harness", "prm_scenarios", "prm_reports"}
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_it_is_the_installed_one_that_answers(installed: Path, root: Path, tmp_path: Path) -> None:
    code = (
        "import prm_harness, prm_scenarios, prm_reports; print(prm_harness.__file__, prm_scenarios.__file__)"
    )
    answer = run(installed / "python", "-c", code, cwd=tmp_path).stdout
    assert str(installed.parent) in answer
    assert str(root) not in answer.replace(str(installed.parent), "")


def test_the_command_works_from_it(installed: Path, tmp_path: Path) -> None:
    version = run(installed / "prm-harness", "--version", cwd=tmp_path)
    assert (version.returncode, version.stdout.split()[0]) == (0, "prm-harness")
    checks = run(installed / "prm-harness", "checks", cwd=tmp_path)
    assert checks.returncode == 0, checks.stderr
    assert "T3" in checks.stdout
    doctor = run(installed / "prm-harness", "doctor", cwd=tmp_path)
    assert "ok       Reports: bakeoff, certificate, change, scorecard" in doctor.stdout, doctor
    assert "ok       Fonts" in doctor.stdout


def test_an_audit_and_its_report_work_from_it(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "prm-harness", "init", "adapter", tmp_path).returncode == 0
    audit = run(
        installed / "prm-harness",
        "audit",
        "python:my_prm_adapter:create",
        "--check",
        "T3",
        "--no-pdf",
        cwd=tmp_path,
    )
    assert audit.returncode == 3, audit.stderr
    assert (tmp_path / "out" / "audit" / "scorecard.html").exists()


def test_pytest_finds_the_plugin_of_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "my_prm.py").write_text("from prm_harness.reference.mirror import create\n")
    words = (
        "--prm-adapter",
        "python:my_prm:create",
        "--pyargs",
        "prm_scenarios",
        "-k",
        "T3",
        "-p",
        "no:cacheprovider",
    )
    done = run(installed / "python", "-m", "pytest", *words, "-v", cwd=tmp_path)
    assert "prm_scenarios/field_types.py::T3 PASSED" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 3
