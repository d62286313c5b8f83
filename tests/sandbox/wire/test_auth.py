"""Logging in and sessions (contract §1)."""

import base64
import hashlib
import hmac
import xml.etree.ElementTree as ET

import pytest

from prm_harness.crm.salesforce.http import Request

TOKEN_KEYS = ["access_token", "instance_url", "id", "token_type", "issued_at", "signature"]


def form_of(sandbox, **changes):
    own = sandbox.credentials()
    form = {
        "grant_type": "password",
        "client_id": own.client_id,
        "client_secret": own.client_secret,
        "username": own.username,
        "password": own.password,
    }
    return {**form, **changes}


def test_the_password_grant_answers_exactly_the_recorded_keys(sandbox, client):
    answer = client.post_form("/services/oauth2/token", form_of(sandbox))

    assert answer.status == 200
    assert list(answer.body) == TOKEN_KEYS
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["issued_at"].isdecimal()
    assert answer.body["instance_url"] == sandbox.instance_url
    assert "Sforce-Limit-Info" not in answer.headers


def test_the_signature_can_be_verified_with_the_client_secret(sandbox, client):
    body = client.post_form("/services/oauth2/token", form_of(sandbox)).body

    key = sandbox.credentials().client_secret.encode()
    digest = hmac.new(key, (body["id"] + body["issued_at"]).encode(), hashlib.sha256).digest()
    assert body["signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"client_id": "3MVG9nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
        ({"password": "wrong"}, "invalid_grant", "authentication failure"),
        ({"username": "nobody@example.com"}, "invalid_grant", "authentication failure"),
        ({"grant_type": "magic"}, "unsupported_grant_type", "grant type not supported"),
        ({"grant_type": "refresh_token"}, "invalid_grant", "expired access/refresh token"),
    ],
)
def test_a_refused_login_is_an_object_with_400(sandbox, client, changes, error, description):
    answer = client.post_form("/services/oauth2/token", form_of(sandbox, **changes))

    assert answer.status == 400
    assert list(answer.body.items()) == [("error", error), ("error_description", description)]


def test_the_security_token_may_follow_the_password_but_a_wrong_one_may_not(sandbox, client):
    own = sandbox.credentials()
    good = client.post_form(
        "/services/oauth2/token", form_of(sandbox, password=own.password + own.security_token)
    )
    bad = client.post_form("/services/oauth2/token", form_of(sandbox, password=own.password + "WRONGTOKEN"))

    assert (good.status, bad.status) == (200, 400)


def test_a_refresh_token_gives_a_new_session_with_scope(sandbox, client):
    own = sandbox.credentials()
    form = {"grant_type": "refresh_token", "client_id": own.client_id, "refresh_token": own.refresh_token}
    answer = client.post_form("/services/oauth2/token", form)

    assert list(answer.body) == [*TOKEN_KEYS, "scope"]
    client.token = answer.body["access_token"]
    assert client("GET", "limits").status == 200


def test_client_credentials_work_on_the_my_domain_host_only(sandbox, client):
    own = sandbox.credentials()
    basic = base64.b64encode(f"{own.client_id}:{own.client_secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}

    at_login = client.post_form("/services/oauth2/token", form, authorization=f"Basic {basic}")
    host = sandbox.instance_url.removeprefix("https://")
    at_home = client.post_form("/services/oauth2/token", form, authorization=f"Basic {basic}", host=host)

    assert at_login.status == 400
    assert at_home.status == 200


def test_the_instance_follows_the_host_that_was_asked_and_a_proxy_in_front(sandbox, client):
    direct = client.post_form("/services/oauth2/token", form_of(sandbox), host="127.0.0.1:8080")
    proxied = client.post_form(
        "/services/oauth2/token",
        form_of(sandbox),
        **{"host": "127.0.0.1:8080", "x-forwarded-proto": "https", "x-forwarded-host": "crm.example.com"},
    )

    assert direct.body["instance_url"] == "https://127.0.0.1:8080"
    assert proxied.body["instance_url"] == "https://crm.example.com"
    assert proxied.body["id"].startswith("https://crm.example.com/id/00D")


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer 00Dxx!none", "Basic abc", "nonsense"])
def test_without_a_session_every_data_resource_answers_the_recorded_401(client, authorization):
    for path in ("sobjects/Account", "limits", "query?q=SELECT+Id+FROM+Account", "no/such/thing"):
        answer = client("GET", path, headers={"authorization": authorization})

        assert answer.status == 401
        assert (
            answer.response.body
            == b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
        )
        assert answer.headers["WWW-Authenticate"] == "Token"
        assert "Sforce-Limit-Info" not in answer.headers


def test_the_oauth_scheme_is_as_good_as_bearer(client):
    assert client("GET", "limits", headers={"authorization": f"OAuth {client.token}"}).status == 200


def test_a_session_ends_after_two_idle_hours_and_lives_while_it_is_used(sandbox, client):
    for _ in range(3):
        sandbox.clock.advance(7000)
        assert client("GET", "limits").status == 200

    sandbox.clock.advance(7201)
    assert client("GET", "limits").status == 401


def test_an_admin_can_end_all_sessions(sandbox, client):
    sandbox.expire_sessions()

    assert client("GET", "limits").status == 401
    client.token = client.log_in()
    assert client("GET", "limits").status == 200


def test_a_revoked_token_is_dead(client):
    assert client.post_form("/services/oauth2/revoke", {"token": client.token}).status == 200
    assert client("GET", "limits").status == 401


def test_introspection_tells_live_from_dead(sandbox, client):
    own = sandbox.credentials()
    form = {"client_id": own.client_id, "client_secret": own.client_secret}

    live = client.post_form("/services/oauth2/introspect", {**form, "token": client.token})
    dead = client.post_form("/services/oauth2/introspect", {**form, "token": "x"})

    assert live.body["active"] is True
    assert dead.body == {"active": False}


def test_userinfo_and_identity_name_the_integration_user(sandbox, client):
    info = client("GET", "/services/oauth2/userinfo").body
    identity = client("GET", f"/id/{sandbox.facts.id}/{sandbox.facts.integration_user}").body

    assert len(info) == 23
    assert info["user_id"] == identity["user_id"] == sandbox.facts.integration_user
    assert info["organization_id"] == identity["organization_id"] == sandbox.facts.id
    assert info["preferred_username"] == identity["username"] == sandbox.credentials().username
    assert "{version}" in info["urls"]["rest"]


SOAP_LOGIN = """<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<n:login xmlns:n="urn:partner.soap.sforce.com"><n:username>{0}</n:username><n:password>{1}</n:password></n:login>
</e:Body></e:Envelope>"""


def soap(sandbox, text, version="59.0"):
    headers = {"host": "login.salesforce.com", "content-type": "text/xml", "soapaction": "login"}
    return sandbox.handle(Request("POST", f"/services/Soap/u/{version}", "", headers, text.encode()))


def test_a_soap_login_gives_a_session_and_where_to_use_it(sandbox, client):
    own = sandbox.credentials()
    answer = soap(sandbox, SOAP_LOGIN.format(own.username, own.password + own.security_token))
    result = {e.tag.rpartition("}")[2]: e.text for e in ET.fromstring(answer.body).iter()}

    assert answer.status == 200
    assert result["serverUrl"] == f"{sandbox.instance_url}/services/Soap/u/59.0/{sandbox.facts.id[:15]}"
    assert result["sessionSecondsValid"] == "7200"
    assert len(result["organizationId"]) == len(result["userId"]) == 18
    client.token = result["sessionId"]
    assert client("GET", "limits").status == 200


def test_a_refused_soap_login_is_the_recorded_fault(sandbox):
    answer = soap(sandbox, SOAP_LOGIN.format("nobody", "wrong"))
    text = answer.body.decode()

    assert answer.status == 500
    assert "<faultcode>sf:INVALID_LOGIN</faultcode>" in text
    assert (
        "<faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out." in text
    )
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in text


SOAP_QUERY = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">
<e:Header><SessionHeader><sessionId>{0}</sessionId></SessionHeader></e:Header><e:Body><describeTabs/></e:Body></e:Envelope>"""


def test_another_soap_operation_is_a_gap_with_a_session_and_a_fault_without(sandbox, client):
    gap = soap(sandbox, SOAP_QUERY.format(client.token))
    stranger = soap(sandbox, SOAP_QUERY.format("00Dxx!x"))

    assert gap.status == 501
    assert b"SANDBOX_GAP: The sandbox does not implement the SOAP operation describeTabs." in gap.body
    assert stranger.status == 500
    assert b"<faultcode>sf:INVALID_SESSION_ID</faultcode>" in stranger.body


@pytest.mark.parametrize("text", ["", "<a", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_envelope_is_a_fault_too(sandbox, text):
    answer = soap(sandbox, text)

    assert answer.status == 500
    assert b"<soapenv:Fault>" in answer.body


def test_the_same_seed_gives_the_same_addresses_and_credentials():
    from prm_harness.crm.sandbox import Sandbox

    with Sandbox(seed=3) as one, Sandbox(seed=3) as same, Sandbox(seed=4) as other:
        assert one.credentials() == same.credentials() != other.credentials()
        assert one.instance_url == same.instance_url != other.instance_url
