"""Deployments and retrieves as jsforce and the sf command line ask for them: by REST, checked first, undone, too late."""

import base64
import io
import json
import zipfile

import pytest

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

FIELD = """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
<fields><fullName>Zip__c</fullName><label>Zip</label><type>Text</type><length>{}</length></fields></CustomObject>"""
GONE = """<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Account.Zip__c</members>
<name>CustomField</name></types></Package>"""
EMPTY = '<Package xmlns="http://soap.sforce.com/2006/04/metadata"/>'


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def ask(sandbox):
    token = sandbox.open_session()

    def send(method, path, body=b"", media="application/json"):
        headers = {"host": "x", "authorization": f"Bearer {token}", "content-type": media}
        path, _, query = path.partition("?")
        answer = sandbox.handle(
            Request(method, f"/services/data/v60.0/metadata/{path}", query, headers, body)
        )
        return answer.status, json.loads(answer.body)

    return send


@pytest.fixture
def soap(sandbox):
    token = sandbox.open_session()

    def send(operation):
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
            '<SessionHeader xmlns="http://soap.sforce.com/2006/04/metadata">'
            f"<sessionId>{token}</sessionId></SessionHeader></e:Header><e:Body>"
            f"{operation}</e:Body></e:Envelope>"
        )
        return sandbox.handle(Request("POST", "/services/Soap/m/60.0", "", {"host": "x"}, body.encode()))

    return send


def packed(**files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, text in {"package.xml": EMPTY, **files}.items():
            package.writestr(name, text)
    return held.getvalue()


def hand_in(ask, package, **options):
    told = json.dumps({"deployOptions": options}).encode()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="package.zip"\r\n'
        b"Content-Type: application/zip\r\n\r\n" + package + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="entity_content"\r\n'
        b"Content-Type: application/json\r\n\r\n" + told + b"\r\n--b--\r\n"
    )
    return ask("POST", "deployRequest", body, "multipart/form-data; boundary=b")


def field(length=20):
    return packed(**{"objects/Account.object": FIELD.format(length)})


def test_a_package_is_handed_in_pending_and_told_done(sandbox, ask):
    status, told = hand_in(ask, field(), rollbackOnError=True)
    assert (status, told["deployResult"]["status"]) == (201, "Pending")
    assert told["deployOptions"] == {"rollbackOnError": True}

    status, told = ask("GET", f"deployRequest/{told['id']}?includeDetails=true")
    assert (status, told["deployResult"]["status"]) == (200, "Succeeded")
    assert [m["fullName"] for m in told["deployResult"]["details"]["componentSuccesses"]] == [
        "Account.Zip__c"
    ]
    assert "Zip__c" in sandbox.schema.describe("Account")
    assert "details" not in ask("GET", f"deployRequest/{told['id']}")[1]["deployResult"]


def test_what_was_validated_is_deployed_quickly_by_rest_and_by_soap(sandbox, ask, soap):
    _, checked = hand_in(ask, field(), checkOnly=True)
    assert "Zip__c" not in sandbox.schema.describe("Account")
    wish = json.dumps({"validatedDeployRequestId": checked["id"]}).encode()
    status, told = ask("POST", "deployRequest", wish)
    assert (status, told["validatedDeployRequestId"]) == (201, checked["id"])
    assert told["id"] != checked["id"]
    assert "Zip__c" in sandbox.schema.describe("Account")

    answer = soap(
        '<deployRecentValidation xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<validationId>{checked['id']}</validationId></deployRecentValidation>"
    )
    assert answer.status == 200
    assert b"<result>0Af" in answer.body


def test_a_file_that_cannot_be_read_fails_alone(sandbox, ask):
    _, told = hand_in(ask, packed(**{"objects/Account.object": "<CustomObject>"}), rollbackOnError=True)
    _, told = ask("GET", f"deployRequest/{told['id']}?includeDetails=true")
    (failure,) = told["deployResult"]["details"]["componentFailures"]
    assert failure["problem"].startswith("Error parsing file: ")
    assert "UNKNOWN_EXCEPTION" in {one.error_code for one in sandbox.log.exchanges()}


def test_what_was_not_validated_is_not(ask):
    _, told = hand_in(ask, field())
    for wanted, code in (
        (told["id"], "INVALID_ID_FIELD"),
        ("0Af000000000000", "INVALID_CROSS_REFERENCE_KEY"),
    ):
        status, refused = ask("POST", f"deployRequest/{wanted}")
        assert status in {400, 404}
        assert refused[0]["errorCode"] == code


def test_canceling_comes_too_late(ask, soap):
    _, told = hand_in(ask, field())
    wish = json.dumps({"deployResult": {"status": "Canceling"}}).encode()
    assert (
        ask("PATCH", f"deployRequest/{told['id']}", wish)[1][0]["message"] == "Deployment already completed"
    )
    answer = soap(
        f'<cancelDeploy xmlns="http://soap.sforce.com/2006/04/metadata"><id>{told["id"]}</id></cancelDeploy>'
    )
    assert b"INVALID_ID_FIELD: Deployment already completed" in answer.body


def test_a_package_that_is_refused_deletes_nothing(sandbox, ask):
    hand_in(ask, field())
    bad = packed(
        **{
            "destructiveChangesPre.xml": GONE,
            "objects/Contact.object": FIELD.format(""),
        }
    )
    _, told = hand_in(ask, bad)
    assert ask("GET", f"deployRequest/{told['id']}")[1]["deployResult"]["status"] == "Failed"
    assert "Zip__c" in sandbox.schema.describe("Account")

    _, told = hand_in(ask, packed(**{"destructiveChanges.xml": GONE}))
    assert ask("GET", f"deployRequest/{told['id']}")[1]["deployResult"]["status"] == "Succeeded"
    assert "Zip__c" not in sandbox.schema.describe("Account")


def test_what_nothing_comes_of_is_a_warning(ask):
    granted = (
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>Hard</label><tabSettings>'
        "<tab>x</tab><visibility>Visible</visibility></tabSettings><userPermissions><enabled>true</enabled>"
        "<name>BulkApiHardDelete</name></userPermissions></PermissionSet>"
    )
    _, told = hand_in(ask, packed(**{"permissionsets/Hard.permissionset": granted}))
    result = ask("GET", f"deployRequest/{told['id']}?includeDetails=true")[1]["deployResult"]
    (message,) = result["details"]["componentSuccesses"]
    assert (message["problemType"], message["problem"]) == ("Warning", "The sandbox reads over: tabSettings")


def test_a_permission_set_brings_its_rights_on_objects(sandbox, ask):
    granted = (
        '<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>Cases</label><objectPermissions>'
        "<allowCreate>{0}</allowCreate><allowRead>{0}</allowRead><object>Case</object></objectPermissions></PermissionSet>"
    )
    for given, expected in (
        ("true", [{"PermissionsCreate": True, "PermissionsDelete": False}]),
        ("false", []),
    ):
        hand_in(ask, packed(**{"permissionsets/Cases.permissionset": granted.format(given)}))
        found = sandbox.query(
            "SELECT PermissionsCreate, PermissionsDelete FROM ObjectPermissions WHERE Parent.Name = 'Cases'"
        )
        assert found == expected


@pytest.mark.parametrize(
    ("package", "status", "code"),
    [
        (b"no zip", 400, "INVALID_TYPE"),
        (b"", 400, "INVALID_MULTIPART_REQUEST"),
        (packed(**{"layouts/Account-Layout.layout": "<Layout/>"}), 501, "SANDBOX_GAP"),
    ],
)
def test_what_cannot_be_deployed_says_so(ask, package, status, code):
    answered, refused = hand_in(ask, package)
    assert (answered, refused[0]["errorCode"]) == (status, code)


@pytest.mark.parametrize("argument", ["retrieveRequest", "request"])
def test_a_retrieve_names_what_it_did_not_find(soap, argument):
    asked = soap(
        f'<retrieve xmlns="http://soap.sforce.com/2006/04/metadata"><{argument}><unpackaged><types>'
        "<members>Account.External_Id__c</members><members>Account.None__c</members><name>CustomField</name>"
        f"</types></unpackaged></{argument}></retrieve>"
    )
    job = asked.body.decode().partition("<id>")[2].partition("</id>")[0]
    told = soap(
        '<checkRetrieveStatus xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<asyncProcessId>{job}</asyncProcessId></checkRetrieveStatus>"
    ).body.decode()
    assert "<problem>Entity of type 'CustomField' named 'Account.None__c' cannot be found</problem>" in told
    data = base64.b64decode(told.partition("<zipFile>")[2].partition("</zipFile>")[0])
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        assert "External_Id__c" in files.read("unpackaged/objects/Account.object").decode()
