"""docs/how-to/use-the-sandbox.md, followed to the letter from an empty folder: jsforce, sf and simple-salesforce.

Not part of ``make test``, because sf weighs half a gigabyte: ``make newcomer`` runs it, and so does CI.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-sandbox.md"
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "NewConnectionError", "ConnectTimeout")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

if shutil.which("npm") is None or shutil.which("node") is None:
    pytest.skip("npm and node are needed to install and run the clients", allow_module_level=True)


def section(title):
    """A section's blocks as (language, text)."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert text, f"the page has no section {title}"
    return BLOCK.findall(text)


def script(blocks):
    """All shell blocks of a section as one terminal session that ends with the first command that fails."""
    return "set -euo pipefail\n" + "".join(text for language, text in blocks if language in {"sh", "bash"})


def save(blocks, folder):
    """The files that blocks name in their first line."""
    for _, text in blocks:
        named = re.match(r"(?://|#) (\w+\.\w+)\n", text)
        if named:
            (folder / named[1]).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An empty folder, a home of its own, and the sandbox running as the page says."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / "home").mkdir()
    ((_, command),) = [block for block in section("Start it") if block[0] == "sh"]
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        try:
            assert serving.stdout is not None
            assert json.loads(serving.stdout.readline()) == json.loads((folder / "sandbox.json").read_text())
            yield folder
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(10)


def environment(folder):
    kept = {
        n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy") and not n.startswith("PYTHON")
    }
    own = str(Path(sys.executable).parent)
    quiet = {
        "SF_DISABLE_TELEMETRY": "true",
        "SF_AUTOUPDATE_DISABLE": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true",
    }
    own_npm = {
        "npm_config_cache": str(Path.home() / ".npm"),
        "npm_config_userconfig": str(Path.home() / ".npmrc"),
    }
    return {**kept, **quiet, **own_npm, "PATH": f"{own}:{kept['PATH']}", "HOME": str(folder / "home")}


def follow(blocks, folder, home):
    done = subprocess.run(
        ["bash", "-c", script(blocks)],
        cwd=folder,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=420,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode and any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip(f"the package registry cannot be reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_jsforce(home):
    folder = home / "first"
    folder.mkdir()
    blocks = section("jsforce")
    save(blocks, folder)
    assert "Name: 'Acme'" in follow(blocks, folder, home)


def test_sf(home):
    folder = home / "second"
    folder.mkdir()
    said = follow(section("The sf command line"), folder, home)
    for words in (
        "Successfully authorized integration@northwind.example",
        "Successfully created record: 001",
        "Banking",
        "Successful records: 2",
        "AccountRef1",
        "Changed",
        "Created",
        "Account.Region__c",
        "REGION__C",
        "Northwind Sandbox",
        "Successfully logged out",
    ):
        assert words in said, words
    assert '"Globex AG","A-2"' in (folder / "all.csv").read_text().splitlines()
    assert json.loads((folder / "account.json").read_text())["result"]["name"] == "Account"
    assert (
        folder / "crm/force-app/main/default/objects/Account/fields/External_Id__c.field-meta.xml"
    ).is_file()


def test_python_through_the_proxy(home):
    blocks = section("Clients whose hosts are hard-coded")
    save(blocks, home)
    own = [
        (language, text.replace("pip install", "python3 -m pip install --quiet")) for language, text in blocks
    ]
    assert "'totalSize'" in follow(own, home, home)
