"""How an adapter reaches the CRM is chosen by its connect string."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from prm_harness.adapter import ConnectError
from prm_harness.audit.stage import introduce, open_stage

MIRROR = "python:prm_harness.reference.mirror:create"


def test_in_process_by_real_looking_https_and_without_more(tmp_path):
    with open_stage(MIRROR, seed=3, run_id="r") as stage:
        assert stage.connection.login_url == "https://login.salesforce.com"
        assert (stage.connection.proxy_url, stage.connection.ca_file, stage.connection.refresh_token) == (
            "",
            "",
            "",
        )


def test_by_http_on_loopback():
    with open_stage(f"{MIRROR}?crm=loopback&cycle=60", seed=3, run_id="r") as stage:
        assert stage.connection.login_url.startswith("http://127.0.0.1:")
        assert stage.line.info.cycle_seconds == 60


def test_through_the_proxy_where_the_login_host_is_hard_coded():
    with open_stage(f"{MIRROR}?crm=tls", seed=3, run_id="r") as stage:
        crm = stage.connection
        trusted = ssl.create_default_context(cafile=crm.ca_file)
        form = {
            "grant_type": "refresh_token", "refresh_token": crm.refresh_token,
            "client_id": crm.client_id, "client_secret": crm.client_secret,
        }  # fmt: skip
        with httpx.Client(proxy=crm.proxy_url, verify=trusted, trust_env=False) as client:
            token = client.post(f"{crm.login_url}/services/oauth2/token", data=form).json()
        assert token["instance_url"].startswith("https://")
        assert crm.refresh_token in crm.secrets
        assert Path(crm.ca_file).exists()
    assert not Path(crm.ca_file).exists()


@pytest.mark.parametrize(
    ("connect", "known"),
    [
        (f"{MIRROR}?crm=carrier-pigeon", "in_process, loopback, tls"),
        ("http://127.0.0.1:9?crm=in_process", "loopback, tls"),
    ],
)
def test_another_way_is_refused_in_one_line(connect, known):
    with pytest.raises(ConnectError, match=rf"is no way to the CRM; write one of {known}$"):
        introduce(connect)
