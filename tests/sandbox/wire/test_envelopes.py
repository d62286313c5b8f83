"""What every answer has in common (contract §2), and the table of routes."""

import gzip
import json

import pytest

from prm_harness.crm.salesforce.routes import ROUTES

NOT_FOUND = b'[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]'


def test_versions_need_no_session_and_ascend(client):
    answer = client("GET", "/services/data/", headers={"authorization": ""})
    numbers = [float(entry["version"]) for entry in answer.body]
    labels = {entry["version"]: entry["label"] for entry in answer.body}

    assert answer.status == 200
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (31.0, 66.0)
    assert list(answer.body[0]) == ["label", "url", "version"]
    assert (labels["31.0"], labels["42.0"], labels["59.0"]) == ("Summer '14", "Spring ’18", "Winter '24")
    assert "Sforce-Limit-Info" not in answer.headers


def test_resources_name_the_callers_identity(sandbox, client):
    resources = client("GET", "").body

    assert resources["sobjects"] == "/services/data/v60.0/sobjects"
    assert resources["identity"].endswith(f"/id/{sandbox.facts.id}/{sandbox.facts.integration_user}")


@pytest.mark.parametrize(
    "path",
    [
        "/services/data/v30.0/limits",
        "/services/data/v67.0/limits",
        "/services/data/60.0/limits",
        "/services/data/v60/limits",
        "/services/data/v٦٠.0/limits",
        "sobjects/Nope",
        "sobjects/Nope/describe",
        "nope",
        "sobjects/Account/a/b/c/d",
    ],
)
def test_an_unknown_address_is_404_with_the_code_first(client, path):
    answer = client("GET", path)

    assert (answer.status, answer.response.body) == (404, NOT_FOUND)


def test_a_wrong_verb_is_405_and_says_which_are_right(client):
    answer = client("POST", "limits")

    assert answer.status == 405
    assert answer.response.body == (
        b'[{"errorCode":"METHOD_NOT_ALLOWED","message":"HTTP Method \'POST\' not allowed. Allowed are HEAD,GET"}]'
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "limits", None),
        ("GET", "nope", None),
        ("POST", "limits", None),
        ("POST", "sobjects/Account", {}),
        ("GET", "tooling/query?q=x", None),
        ("POST", "sobjects/Account", {"Name": "A"}),
    ],
)
def test_every_authenticated_answer_says_how_much_of_the_allowance_is_used(
    sandbox, client, method, path, body
):
    answer = client(method, path, body)

    assert answer.headers["Sforce-Limit-Info"] == f"api-usage=1/{sandbox.quota.maximum}"
    assert answer.headers["Cache-Control"].startswith("no-cache")


def test_a_patch_can_be_tunnelled_through_post(client):
    record_id = client("POST", "sobjects/Account", {"Name": "A"}).body["id"]
    url = f"sobjects/Account/{record_id}"

    assert client("POST", f"{url}?_HttpMethod=PATCH", {"Phone": "1"}).status == 204
    assert client("POST", url, {"Fax": "2"}, headers={"x-http-method-override": "patch"}).status == 204
    row = client("GET", url).body
    assert (row["Phone"], row["Fax"]) == ("1", "2")


def test_a_packed_body_is_unpacked(client):
    packed = gzip.compress(json.dumps({"Name": "A"}).encode())
    good = client("POST", "sobjects/Account", packed, headers={"content-encoding": "gzip"})
    broken = client("POST", "sobjects/Account", b"x" + packed, headers={"content-encoding": "gzip"})
    unknown = client("POST", "sobjects/Account", packed, headers={"content-encoding": "br"})

    assert (good.status, broken.status, unknown.status) == (201, 400, 400)


def test_the_date_is_the_orgs_own(sandbox, client):
    sandbox.clock.advance(3600)

    assert client("GET", "limits").headers["Date"] == "Mon, 02 Mar 2026 10:00:00 GMT"


def test_head_is_get_without_a_body(client):
    answer = client("HEAD", "limits")

    assert (answer.status, answer.response.body) == (200, b"")


def test_gaps_say_so_and_are_listed(sandbox, client):
    answer = client("GET", "tooling/query?q=SELECT+Id+FROM+ApexClass")

    assert answer.status == 501
    assert answer.body == [
        {
            "errorCode": "SANDBOX_GAP",
            "message": "The sandbox does not implement tooling queries on ApexClass.",
        }
    ]
    assert [gap.path for gap in sandbox.log.gaps()] == [
        "/services/data/v60.0/tooling/query?q=SELECT+Id+FROM+ApexClass"
    ]


def test_the_daily_allowance_is_in_limits(sandbox, client):
    sandbox.quota.set(used=10)
    calls = client("GET", "limits").body["DailyApiRequests"]

    assert calls == {"Max": sandbox.quota.maximum, "Remaining": sandbox.quota.maximum - 11}


class TestRoutes:
    def test_every_route_says_how_far_it_goes(self):
        for route in ROUTES:
            assert route.implemented in {"yes", "partly", "no"}
            assert (route.handler is None) == (route.implemented == "no"), route.template
            assert route.note or route.implemented == "yes", f"{route.template} does not say what is missing"

    def test_classes_begin_with_a_purpose(self):
        for route in ROUTES:
            assert route.name.split(".")[0] in {"login", "meta", "schema", "read", "write"}
