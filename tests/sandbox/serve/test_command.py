"""``prm-harness crm serve`` as a process: what it says, and how it ends."""

import json
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

KEYS = [
    *("url", "admin_url", "admin_token", "username", "password", "security_token", "client_id", "client_secret"),
    *("access_token", "refresh_token", "org_id", "user_id", "api_version"),
]  # fmt: skip
TLS_KEYS = ["tls_url", "ca_file", "proxy_url"]
COMMAND = [sys.executable, "-m", "prm_harness.cli", "crm", "serve"]


class Served:
    """The process, started and ready."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self):
        readable, _, _ = select.select([self.process.stdout], [], [], 60)
        assert readable, "nothing was printed within a minute"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.welcome = json.loads(line)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self, number):
        started = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return time.monotonic() - started, out, err


def refusal(*options):
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def ask(welcome, path, base="url"):
    headers = {"Authorization": f"Bearer {welcome['access_token']}"}
    return requests.get(f"{welcome[base]}/services/data/v60.0/{path}", headers=headers, timeout=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_a_client_needs_and_ends_cleanly(tmp_path, number):
    ready = tmp_path / "ready.json"
    with Served("--ready-file", str(ready)) as served:
        welcome = served.welcome
        assert list(welcome) == KEYS
        assert re.fullmatch(r"00D\w{12}![.\w]+", welcome["access_token"])
        assert json.loads(ready.read_text()) == welcome
        assert ready.stat().st_mode & 0o077 == 0
        assert ask(welcome, "sobjects").status_code == 200

        seconds, out, err = served.end(number)

    assert served.process.returncode == 0
    assert (out, err) == ("", "exit 0: the sandbox was stopped\n")
    assert seconds < 3  # alone it is 0.3; the machine may be busy
    assert not ready.exists()


def test_a_busy_keep_alive_connection_does_not_hold_it_back():
    with Served() as served, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {served.welcome['access_token']}"
        assert session.get(f"{served.welcome['url']}/services/data/v60.0/limits", timeout=10).ok

        seconds, _, _ = served.end(signal.SIGTERM)

    assert served.process.returncode == 0
    assert seconds < 3


def test_with_tls_it_says_three_things_more_and_leaves_no_files():
    with Served("--tls") as served:
        welcome = served.welcome
        assert list(welcome) == KEYS + TLS_KEYS
        ca_file = Path(welcome["ca_file"])
        assert "BEGIN CERTIFICATE" in ca_file.read_text()

        served.end(signal.SIGTERM)

    assert not ca_file.parent.exists()


def test_the_store_keeps_the_org_and_is_opened_again(tmp_path):
    store = tmp_path / "org.db"
    with Served("--store", str(store)) as served:
        assert f"{store}: it is in use by another sandbox; stop that one first" in refusal(
            "--store", str(store)
        )
        first = served.welcome
        headers = {"Authorization": f"Bearer {first['access_token']}"}
        made = requests.post(
            f"{first['url']}/services/data/v60.0/sobjects/Account",
            json={"Name": "A"},
            headers=headers,
            timeout=10,
        ).json()
        served.process.kill()

    assert "leave out --org, --template" in refusal("--store", str(store), "--template", "standard")
    with Served("--store", str(store)) as served:
        again = served.welcome
        assert ask(again, f"sobjects/Account/{made['id']}").json()["Name"] == "A"
    for key in ("org_id", "user_id", "username", "password", "client_id", "refresh_token"):
        assert again[key] == first[key]


def test_an_org_file_is_served_and_what_is_missing_is_told(tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text(
        "format: prm-harness.org/1\n"
        "switches: {prm: false}\n"
        "objects:\n"
        "  Account:\n"
        "    fields:\n"
        "      Tier__c: {type: picklist, picklist: [Gold, Silver]}\n"
    )
    with Served("--org", str(file)) as served:
        fields = ask(served.welcome, "sobjects/Account/describe").json()["fields"]
        _, _, err = served.end(signal.SIGTERM)

    (tier,) = [field for field in fields if field["name"] == "Tier__c"]
    assert [value["value"] for value in tier["picklistValues"]] == ["Gold", "Silver"]
    assert err.splitlines()[0].startswith("not represented: switches.prm")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--template", "complex"], "unknown org template 'complex'; known: standard, enterprise-complex"),
        (["--org", "my-org.yaml"], "File 'my-org.yaml' does not exist"),
        (["--org", "pyproject.toml"], "pyproject.toml: line 2: "),
        (["--org", __file__, "--template", "standard"], "exclude each other"),
        (["--store", __file__], "it holds no org"),
        (["--proxy-port", "8080"], "--proxy-port needs --tls"),
        (["--store", "/no/such/folder/org.db"], "there is no folder /no/such/folder"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--port", "70000"], "--port"),
    ],
)
def test_what_it_cannot_do_is_one_line(options, words):
    assert words in refusal(*options)


def test_a_taken_port_is_one_line():
    with Served() as served:
        port = served.welcome["url"].rpartition(":")[2]
        assert "cannot listen" in refusal("--port", port)


def test_every_prm_object_has_a_unique_external_id():
    with Served() as served:
        for sobject in ("Account", "Contact", "Lead", "Opportunity"):
            fields = ask(served.welcome, f"sobjects/{sobject}/describe").json()["fields"]
            (key,) = [field for field in fields if field["name"] == "External_Id__c"]
            assert (key["type"], key["length"], key["unique"], key["externalId"]) == (
                "string",
                80,
                True,
                True,
            )
