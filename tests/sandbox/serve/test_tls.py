"""The TLS front: any https host leads to the sandbox, and to nothing else."""

import socket
import ssl

import pytest
import requests
from simple_salesforce import Salesforce

from prm_harness.crm.backend import FaultSpec


@pytest.fixture
def through(running):
    """A requests session as a client with HTTPS_PROXY and REQUESTS_CA_BUNDLE has it."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": running.welcome["proxy_url"]}
        session.verify = running.welcome["ca_file"]
        yield session


def form(welcome):
    return {
        "grant_type": "password",
        **{name: welcome[name] for name in ("client_id", "client_secret", "username", "password")},
    }


@pytest.mark.parametrize("host", ["login.salesforce.com", "test.salesforce.com"])
def test_a_hard_coded_login_host_leads_to_the_sandbox(running, through, host):
    token = through.post(
        f"https://{host}/services/oauth2/token", data=form(running.welcome), timeout=10
    ).json()

    assert token["instance_url"] == running.sandbox.instance_url
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = through.get(f"{token['instance_url']}/services/data/v60.0/limits", headers=headers, timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["example.org", "na1.salesforce.com:8443", "10.1.2.3"])
def test_whatever_host_is_asked_nothing_but_the_sandbox_answers(running, through, host):
    answer = through.get(f"https://{host}/services/data", timeout=10)

    assert answer.json()[0]["version"] == "31.0"


def test_simple_salesforce_works_unmodified(running, through):
    own = running.welcome
    client = Salesforce(
        username=own["username"],
        password=own["password"],
        security_token=own["security_token"],
        session=through,
    )

    made = client.Account.create({"Name": "By TLS"})

    assert client.Account.get(made["id"])["Name"] == "By TLS"
    assert client.query_all("SELECT Id FROM Account WHERE Name = 'By TLS'")["totalSize"] == 1


def test_the_direct_address_names_itself_as_the_instance(running):
    base, ca = running.welcome["tls_url"], running.welcome["ca_file"]
    token = requests.post(
        f"{base}/services/oauth2/token", data=form(running.welcome), verify=ca, timeout=10
    ).json()

    assert token["instance_url"] == base


def test_a_client_that_does_not_trust_the_authority_ends_only_its_own_connection(running, through):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(running.welcome["tls_url"], timeout=10)

    assert through.get("https://login.salesforce.com/services/data", timeout=10).status_code == 200


def test_plain_http_is_not_carried(running):
    answer = requests.get(
        "http://login.salesforce.com/services/data",
        proxies={"http": running.welcome["proxy_url"]},
        timeout=10,
    )

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "CONNECT"


@pytest.mark.parametrize(
    "sent", [b"CONNECT\r\n\r\n", b"\r\n\r\n", b"x" * 70000 + b"\r\n\r\n", b"CONNECT :443 HTTP/1.1\r\n\r\n"]
)
def test_nonsense_is_refused_and_the_front_goes_on(running, through, sent):
    host, port = running.welcome["proxy_url"].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(sent)
        assert line.recv(12).startswith(b"HTTP/1.1 40")

    assert through.get("https://login.salesforce.com/services/data", timeout=10).status_code == 200


def test_a_host_that_is_none_gets_no_certificate(running, through):
    host, port = running.welcome["proxy_url"].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"CONNECT not/a/host:443 HTTP/1.1\r\n\r\n")
        line.recv(100)
        assert line.recv(100) == b""

    assert through.get("https://login.salesforce.com/services/data", timeout=10).status_code == 200


def test_a_broken_connection_is_broken_for_the_client_too(running, through):
    running.sandbox.faults.inject(FaultSpec(name="cut", kind="reset", route="limits"))
    headers = {"Authorization": f"Bearer {running.sandbox.open_session()}"}
    with pytest.raises((requests.exceptions.ConnectionError, ssl.SSLError)):
        through.get("https://x.my.salesforce.com/services/data/v60.0/limits", headers=headers, timeout=10)

    assert running.sandbox.faults.fired("cut") == 1


def test_a_body_of_many_chunks_arrives_whole(running, through):
    headers = {
        "Authorization": f"Bearer {running.sandbox.open_session()}",
        "Content-Type": "application/json",
    }
    rows = [
        {"attributes": {"type": "Account"}, "Name": f"A {n}", "Description": "x" * 20_000} for n in range(50)
    ]
    made = through.post(
        "https://x.my.salesforce.com/services/data/v60.0/composite/sobjects",
        json={"records": rows}, headers=headers, timeout=30,
    )  # fmt: skip

    assert [row["success"] for row in made.json()] == [True] * 50
