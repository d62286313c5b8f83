"""tap-salesforce, unmodified and in an environment of its own, through the TLS front: its hosts are hard-coded."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox

from .installing import client_env, environment_with

pytestmark = pytest.mark.slow

ACCOUNTS = 2101
TAP = "from tap_salesforce import main; main()"
FIRST = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def python():
    return environment_with("tap-salesforce==2.8.1")


@pytest.fixture(scope="module")
def served():
    """An org with more accounts than fit a page, one changed each minute, and with children and parents."""
    with RunningSandbox(tls=True, seed=11) as running:
        box = running.sandbox
        ids = []
        for n in range(ACCOUNTS):
            moment = FIRST + timedelta(minutes=n)
            dates = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), moment.isoformat())
            row = {"Name": f'A "{n:04d}", ü', "AnnualRevenue": n * 1.5, "BillingCity": "Graz"}
            ids += box.create("Account", [row], audit=dates)
        box.create("Contact", [{"LastName": "Doe", "AccountId": ids[0], "Birthdate": "1990-02-28"}])
        running.accounts = ids
        yield running


class Tap:
    """Runs of the tap, each a process."""

    def __init__(self, python, welcome, folder, api):
        self.python, self.folder = python, folder
        self.env = client_env(HTTPS_PROXY=welcome["proxy_url"], REQUESTS_CA_BUNDLE=welcome["ca_file"])
        config = {name: welcome[name] for name in ("refresh_token", "client_id", "client_secret")}
        config |= {"start_date": "2020-01-01T00:00:00Z", "api_type": api, "select_fields_by_default": True}
        self.config = self._file("config.json", config)

    def _file(self, name, content):
        path = self.folder / name
        path.write_text(json.dumps(content))
        return str(path)

    def run(self, *options):
        done = subprocess.run(
            [self.python, "-c", TAP, "--config", self.config, *options],
            capture_output=True, text=True, env=self.env, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def discover(self):
        return json.loads(self.run("--discover"))

    def sync(self, catalog, state=None):
        """Records by stream, and the last state."""
        options = ["--properties", self._file("catalog.json", catalog)]
        if state is not None:
            options += ["--state", self._file("state.json", state)]
        messages = [json.loads(line) for line in self.run(*options).splitlines()]
        found = {m["stream"]: [] for m in messages if m["type"] == "SCHEMA"}
        for message in messages:
            if message["type"] == "RECORD":
                found[message["stream"]].append(message["record"])
        return found, [m["value"] for m in messages if m["type"] == "STATE"][-1]


def selected(catalog, streams=None):
    """The catalog with these streams (all, when none are named) and all of their fields switched on."""
    for stream in catalog["streams"]:
        (own,) = [m["metadata"] for m in stream["metadata"] if m["breadcrumb"] == []]
        own["selected"] = streams is None or stream["stream"] in streams
        if own.get("valid-replication-keys"):
            own["replication-method"], own["replication-key"] = (
                "INCREMENTAL",
                own["valid-replication-keys"][0],
            )
    return catalog


def as_sent(text, api):
    """The text before this client garbled it: it reads recorded Bulk 1.0 files, whose type names no charset, as Latin-1."""
    return text.encode("latin-1").decode() if api == "BULK" else text


@pytest.mark.parametrize("api", ["REST", "BULK"])
def test_it_discovers_reads_everything_and_then_only_what_is_new(python, served, tmp_path, api):
    box = served.sandbox
    tap = Tap(python, served.welcome, tmp_path, api)

    catalog = tap.discover()
    fields = {stream["stream"]: set(stream["schema"]["properties"]) for stream in catalog["streams"]}
    assert {"Account", "Contact", "Lead", "Opportunity", "Deal_Registration__c", "User"} <= fields.keys()
    assert {"Id", "Name", "External_Id__c", "SystemModstamp", "BillingAddress"} <= fields["Account"]

    found, state = tap.sync(selected(catalog))
    accounts = {row["Id"]: row for row in found["Account"]}
    assert sorted(row["Id"] for row in found["Account"]) == sorted(served.accounts)
    last = accounts[served.accounts[ACCOUNTS - 1]]
    assert as_sent(last["Name"], api) == box.get("Account", last["Id"])["Name"]
    assert float(last["AnnualRevenue"]) == (ACCOUNTS - 1) * 1.5
    assert last["SystemModstamp"] == "2026-01-06T11:00:00.000000Z"
    assert found["Contact"][0]["Birthdate"].startswith("1990-02-28")
    for stream in found.keys() - {"Account"}:
        assert len(found[stream]) == len(box.query(f"SELECT Id FROM {stream}")), stream

    box.update("Account", served.accounts[7], {"Phone": api})
    (made,) = box.create("Account", [{"Name": f"new by {api}"}])
    found, _ = tap.sync(selected(catalog, {"Account"}), state)
    again = {row["Id"]: row for row in found["Account"]}
    assert again[served.accounts[7]]["Phone"] == api
    assert made in again
    assert len(again) < 10, "the bookmark was not honoured"

    box.delete("Account", made)
    found, _ = tap.sync(selected(catalog, {"Account"}), state)
    assert {row["Id"]: row["IsDeleted"] for row in found["Account"]}[made] in {True, "true"}
    served.accounts.append(made)
