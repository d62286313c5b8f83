"""OAuth beyond passwords: assertions, a browser's login, refresh tokens, who is logged in (contract §1)."""

import base64
import hashlib
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CALLBACK = "http://localhost:1717/OauthRedirect"
VERIFIER = "dBjftJeZ4CVP-mBbjNPQqK1wXQvz0g5TOzD3FqBgQZ5mXk1L"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def stranger_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


class TestAssertions:
    @pytest.fixture
    def claims(self, sandbox):
        own = sandbox.credentials()
        expires = int(sandbox.clock.now().timestamp()) + 180
        return {
            "iss": own.client_id,
            "sub": own.username,
            "aud": "https://login.salesforce.com",
            "exp": expires,
        }

    def ask(self, client, claims, key):
        form = {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="RS256")}
        return client.post_form("/services/oauth2/token", form)

    def test_a_signed_one_gives_a_session_and_neither_refresh_token_nor_signature(
        self, sandbox, client, claims
    ):
        answer = self.ask(client, claims, sandbox.app_private_key())

        assert list(answer.body) == ["access_token", "scope", "instance_url", "id", "token_type"]
        client.token = answer.body["access_token"]
        assert client("GET", "limits").status == 200

    def test_another_key_is_refused(self, client, claims, stranger_key):
        assert self.ask(client, claims, stranger_key).body == {
            "error": "invalid_grant",
            "error_description": "invalid assertion",
        }

    @pytest.mark.parametrize(
        ("changes", "error", "description"),
        [
            ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
            ({"aud": 5}, "invalid_grant", "audience is invalid"),
            ({"exp": 1}, "invalid_grant", "expired authorization code"),
            ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
            ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
            ({"iss": "3MVG9nobody"}, "invalid_client_id", "client identifier invalid"),
        ],
    )
    def test_each_claim_is_looked_at(self, sandbox, client, claims, changes, error, description):
        answer = self.ask(client, {**claims, **changes}, sandbox.app_private_key())

        assert answer.status == 400
        assert answer.body == {"error": error, "error_description": description}

    @pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "é"])
    def test_what_is_no_assertion(self, client, assertion):
        answer = client.post_form(
            "/services/oauth2/token", {"grant_type": JWT_BEARER, "assertion": assertion}
        )

        assert answer.body["error_description"] == "invalid assertion"

    def test_an_unsigned_one_is_none(self, client, claims):
        unsigned = jwt.encode(claims, None, algorithm="none")
        answer = client.post_form("/services/oauth2/token", {"grant_type": JWT_BEARER, "assertion": unsigned})

        assert answer.status == 400


class Browser:
    """A person with a browser: opens the page, fills it in, follows the redirect."""

    def __init__(self, sandbox, client):
        self.own, self.client, self.sandbox = sandbox.credentials(), client, sandbox

    def open(self, **changes):
        asked = {
            "response_type": "code",
            "client_id": self.own.client_id,
            "redirect_uri": CALLBACK,
            "state": "s&1",
        }
        query = urlencode({k: v for k, v in {**asked, **changes}.items() if v is not None})
        return self.client("GET", f"/services/oauth2/authorize?{query}", headers={"authorization": ""})

    def submit(self, page, **typed):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.response.body.decode()))
        form = {name: unescape(value) for name, value in fields.items()}
        filled = {"username": self.own.username, "password": self.own.password, "decision": "allow", **typed}
        return self.client.post_form("/services/oauth2/authorize", {**form, **filled})

    def code(self, **changes):
        return sent_back(self.submit(self.open(**changes)))["code"]

    def exchange(self, code, **changes):
        form = {
            "grant_type": "authorization_code",
            "client_id": self.own.client_id,
            "client_secret": self.own.client_secret,
            "code": code,
            "redirect_uri": CALLBACK,
        }
        sent = {k: v for k, v in {**form, **changes}.items() if v is not None}
        return self.client.post_form("/services/oauth2/token", sent)


def sent_back(answer):
    assert answer.status == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture
def browser(sandbox, client):
    return Browser(sandbox, client)


class TestBrowser:
    def test_the_whole_way_in(self, browser, client):
        answer = browser.submit(browser.open(scope="api refresh_token"))
        token = browser.exchange(sent_back(answer)["code"])

        assert answer.headers["Location"].startswith(f"{CALLBACK}?code=aPrx")
        assert sent_back(answer)["state"] == "s&1"
        assert list(token.body) == [
            *("access_token", "instance_url", "id", "token_type", "issued_at", "signature"),
            *("refresh_token", "scope"),
        ]
        client.token = token.body["access_token"]
        assert client("GET", "limits").status == 200

    def test_a_public_client_proves_itself_with_the_verifier(self, browser):
        pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        good = browser.exchange(browser.code(**pkce), client_secret=None, code_verifier=VERIFIER)
        bad = browser.exchange(browser.code(**pkce), client_secret=None, code_verifier=VERIFIER + "x")
        missing = browser.exchange(browser.code(**pkce))

        assert good.status == 200
        assert bad.body == {"error": "invalid_grant", "error_description": "invalid code verifier"}
        assert missing.status == 400

    def test_without_a_challenge_the_secret_is_needed(self, browser):
        assert browser.exchange(browser.code(), client_secret=None).body["error"] == "invalid_client"

    def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(self, sandbox, browser):
        code = browser.code()
        assert (browser.exchange(code).status, browser.exchange(code).status) == (200, 400)

        late = browser.code()
        sandbox.clock.advance(901)
        assert browser.exchange(late).body["error_description"] == "expired authorization code"

    def test_the_callback_has_to_be_the_same(self, browser):
        answer = browser.exchange(browser.code(), redirect_uri=CALLBACK + "/else")

        assert answer.body["error"] == "redirect_uri_mismatch"

    def test_a_wrong_password_shows_the_page_again(self, browser):
        again = browser.submit(browser.open(), password="wrong")

        assert again.status == 200
        assert 'role="alert"' in again.response.body.decode()
        assert "code" in sent_back(browser.submit(again))

    def test_denial_goes_back_to_the_program(self, browser):
        answer = browser.submit(browser.open(), decision="deny", username="", password="")

        assert sent_back(answer)["error"] == "access_denied"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "api everything"}, "invalid_scope"),
            ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ],
    )
    def test_what_the_program_asks_wrongly_goes_back_to_it(self, browser, changes, error):
        assert sent_back(browser.open(**changes))["error"] == error

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "3MVG9nobody"},
            {"redirect_uri": None},
            {"redirect_uri": "http://evil.example/"},
            {"redirect_uri": "javascript:alert(1)"},
            {"redirect_uri": "https://good.example/é"},
            {"redirect_uri": "https://["},
        ],
    )
    def test_nobody_is_sent_to_an_address_that_is_not_the_apps(self, browser, changes):
        answer = browser.open(**changes)

        assert answer.status == 400
        assert "Location" not in answer.headers

    def test_what_is_carried_along_cannot_write_into_the_page(self, browser):
        page = browser.open(state='"><script>alert(1)</script>', login_hint='"><i>').response.body.decode()

        assert "<script>" not in page
        assert "<i>" not in page

    def test_an_id_token_can_be_verified_with_the_published_key(self, sandbox, browser, client):
        token = browser.exchange(browser.code(scope="openid api", nonce="n-1")).body
        about = client("GET", "/.well-known/openid-configuration").body
        keys = client("GET", urlsplit(about["jwks_uri"]).path).body
        key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token["id_token"])["kid"]]
        claims = jwt.decode(
            token["id_token"], key, algorithms=["RS256"], audience=browser.own.client_id,
            issuer=about["issuer"], options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip

        assert claims["sub"] == token["id"]
        assert claims["nonce"] == "n-1"
        assert claims["exp"] > sandbox.clock.now().timestamp()
        assert "refresh_token" not in token


class TestRefreshTokens:
    def refresh(self, client, sandbox, token):
        form = {
            "grant_type": "refresh_token",
            "client_id": sandbox.credentials().client_id,
            "refresh_token": token,
        }
        return client.post_form("/services/oauth2/token", form)

    def test_using_one_does_not_replace_it(self, sandbox, client):
        token = sandbox.credentials().refresh_token
        answers = [self.refresh(client, sandbox, token) for _ in range(3)]

        assert [answer.status for answer in answers] == [200] * 3
        assert all("refresh_token" not in answer.body for answer in answers)
        assert len({answer.body["access_token"] for answer in answers}) == 3

    def test_revoking_one_ends_its_sessions_and_no_others(self, sandbox, client, browser):
        token = browser.exchange(browser.code()).body
        assert client.post_form("/services/oauth2/revoke", {"token": token["refresh_token"]}).status == 200

        dead = client("GET", "limits", headers={"authorization": f"Bearer {token['access_token']}"})
        assert dead.status == 401
        assert client("GET", "limits").status == 200
        assert self.refresh(client, sandbox, token["refresh_token"]).body == {
            "error": "invalid_grant",
            "error_description": "expired access/refresh token",
        }
        assert self.refresh(client, sandbox, sandbox.credentials().refresh_token).status == 200

    def test_an_admin_can_limit_how_long_one_lives_unused(self, sandbox, client):
        token = sandbox.credentials().refresh_token
        sandbox.limit_refresh_tokens(timedelta(days=30))
        for _ in range(3):
            sandbox.clock.advance(29 * 86400)
            assert self.refresh(client, sandbox, token).status == 200

        sandbox.clock.advance(30 * 86400 + 1)
        assert self.refresh(client, sandbox, token).body["error"] == "invalid_grant"

    def test_introspection_knows_both_kinds(self, sandbox, client):
        own = sandbox.credentials()
        form = {"client_id": own.client_id, "client_secret": own.client_secret}
        access = client.post_form("/services/oauth2/introspect", {**form, "token": client.token}).body
        refresh = client.post_form("/services/oauth2/introspect", {**form, "token": own.refresh_token}).body

        assert (access["token_type"], refresh["token_type"]) == ("access_token", "refresh_token")
        assert access["exp"] - access["iat"] == 7200


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/00D000000000000EAA/005000000000000AAA"])
def test_a_bad_session_has_its_own_answer_where_identity_is_asked(client, path):
    none = client("GET", path, headers={"authorization": ""}).response
    bad = client("GET", path, headers={"authorization": "Bearer 00Dxx!none"}).response

    assert (none.status, none.body) == (403, b"Missing_OAuth_Token")
    assert (bad.status, bad.body) == (403, b"Bad_OAuth_Token")


def test_the_identity_address_names_one_user_of_one_org(sandbox, client):
    facts = sandbox.facts
    other_org = client("GET", f"/id/00D000000000000EAA/{facts.integration_user}").response
    other_user = client("GET", f"/id/{facts.id}/005000000000000AAA").response

    assert (other_org.status, other_org.body) == (403, b"Wrong_Org")
    assert (other_user.status, other_user.body) == (404, b"Bad_Id")
