"""The shell steps of the CI recipes, executed: first run, a change that breaks something, and the mending of it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).parents[2] / "examples" / "ci"
SOUND, DEFECT = "python:prm_harness.reference.mirror:create", "?defect=truncates-text-at-255"
STUBS = {
    # One check instead of all: the recipe is under test, not the catalogue.
    "prm-harness": f'[ "$1" = audit ] && set -- "$@" --check T1 --check T3\nexec {sys.executable} -m prm_harness.cli "$@"\n',
    "pip": 'echo "pip $@" >> "$STUBBED"\n',
    "gh": 'echo "gh $@" >> "$STUBBED"\n',
    "curl": 'echo "curl $@" >> "$STUBBED"\n',
}


@dataclass
class Pipeline:
    """A checkout in which steps are run one after the other, as the service would."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stubs = self.folder / "stubs"
        stubs.mkdir()
        for name, script in STUBS.items():
            (stubs / name).write_text(f"#!/bin/sh\n{script}")
            (stubs / name).chmod(0o755)
        self.env = {
            **os.environ, "PATH": f"{stubs}{os.pathsep}{os.environ['PATH']}", "STUBBED": str(self.folder / "stubbed"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), **self.env,
        }  # fmt: skip

    def step(self, script: str, shell: str = "sh", **more: str) -> subprocess.CompletedProcess[str]:
        words = [shell, "-eo", "pipefail", "-c", script] if shell == "bash" else [shell, "-e", "-c", script]
        return subprocess.run(
            words,
            cwd=self.folder,
            env={**self.env, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    @property
    def stubbed(self) -> str:
        path = self.folder / "stubbed"
        return path.read_text() if path.exists() else ""


def github_steps() -> dict[str, dict[str, Any]]:
    (job,) = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"].values()
    return {step["name"]: step for step in job["steps"] if "name" in step}


def gitlab_job() -> dict[str, Any]:
    return yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["prm-audit"]


def github_run(pipeline: Pipeline, connect: str) -> int:
    """The steps up to the comparison; the first that fails ends the job, as there."""
    steps = github_steps()
    for name in ("Install", "Audit", "Compare with the baseline"):
        done = pipeline.step(
            steps[name]["run"], steps[name].get("shell", "sh"), PRM_ADAPTER=connect, PRM_SEED="7"
        )
        if done.returncode:
            return done.returncode
    return 0


def test_github_fails_only_for_what_got_worse(tmp_path: Path) -> None:
    pipeline, steps = Pipeline(tmp_path), github_steps()
    assert github_run(pipeline, SOUND) == 0
    assert pipeline.step(steps["Make it the new baseline"]["run"]).returncode == 0
    assert github_run(pipeline, SOUND) == 0
    assert github_run(pipeline, SOUND + DEFECT) == 4
    assert "T1" in (tmp_path / "summary.md").read_text()
    assert pipeline.step(steps["Post the change report"]["run"], PR="12").returncode == 0
    assert "gh pr comment 12 --body-file out/change/change.md" in pipeline.stubbed
    assert "| worse | **T1** " in (tmp_path / "out" / "change" / "change.md").read_text()
    assert pipeline.stubbed.startswith("pip install prm-harness\n")
    (tmp_path / "expected.yaml").write_text(
        "expected:\n  - {check: T1, verdict: failed, reason: ticket 1, owner: QA, expires: 2999-12-31}\n"
    )
    assert github_run(pipeline, SOUND + DEFECT) == 0


def test_gitlab_fails_only_for_what_got_worse(tmp_path: Path) -> None:
    job = gitlab_job()
    pipeline = Pipeline(tmp_path, {"PRM_SEED": job["variables"]["PRM_SEED"], "CI_DEFAULT_BRANCH": "main"})

    def run(connect: str, branch: str) -> int:
        # GitLab runs before_script and script in one shell, and ends at the first line that fails.
        script = "\n".join([*job["before_script"], *job["script"]])
        return pipeline.step(script, PRM_ADAPTER=connect, CI_COMMIT_BRANCH=branch).returncode

    assert run(SOUND, "main") == 0
    assert (tmp_path / "baseline" / "run.ndjson").exists()
    assert run(SOUND + DEFECT, "topic") == 4
    kept = (tmp_path / "baseline" / "run.ndjson").read_bytes()
    after = pipeline.step(
        "\n".join(job["after_script"]), CI_MERGE_REQUEST_IID="9", PRM_COMMENT_TOKEN="t", CI_API_V4_URL="http://git.test/api/v4",
        CI_PROJECT_ID="3",
    )  # fmt: skip
    assert after.returncode == 0
    assert (
        "body@out/change/change.md http://git.test/api/v4/projects/3/merge_requests/9/notes"
        in pipeline.stubbed
    )
    assert run(SOUND, "topic") == 0
    assert (tmp_path / "baseline" / "run.ndjson").read_bytes() == kept
    assert all((tmp_path / report).exists() for report in job["artifacts"]["reports"]["junit"])


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_a_broken_audit_is_not_passed_over(tmp_path: Path, name: str) -> None:
    pipeline = Pipeline(tmp_path)
    script = github_steps()["Audit"]["run"] if name.startswith("github") else gitlab_job()["script"][0]
    assert pipeline.step(script, PRM_ADAPTER="python:nothing_there:create", PRM_SEED="7").returncode == 2
