"""Attachments and files: content in, a path in the record, the same content out (contract §4, §12)."""

import base64
import hashlib
import json

import pytest

from prm_harness.crm.sandbox import Sandbox

CONTENT = bytes(range(256)) * 3 + b"\r\n--not-the-boundary\n\n"


@pytest.fixture
def deal(client):
    return client("POST", "sobjects/Deal_Registration__c", {"Name": "Deal"}).body["id"]


def attach(client, parent, content=CONTENT, **more):
    body = base64.b64encode(content).decode()
    return client("POST", "sobjects/Attachment", {"ParentId": parent, "Name": "a.bin", "Body": body, **more})


def multipart(client, verb, path, described, name, content):
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="entity_document";\r\nContent-Type: application/json\r\n\r\n'
        + json.dumps(described).encode()
        + f'\r\n--xyz\r\nContent-Disposition: form-data; name="{name}"; filename="a.bin"\r\n'.encode()
        + b"Content-Type: application/octet-stream\r\n\r\n"
        + content
        + b"\r\n--xyz--\r\n"
    )
    headers = {"content-type": 'multipart/form-data; boundary="xyz"'}
    return client(verb, path, body, headers=headers)


def test_an_attachment_comes_back_byte_by_byte(client, deal):
    made = attach(client, deal, ContentType="application/x-deal")
    path = f"/services/data/v60.0/sobjects/Attachment/{made.body['id']}/Body"
    answer = client("GET", path)

    assert made.status == 201
    assert answer.status == 200
    assert answer.response.body == CONTENT
    assert answer.headers["Content-Type"] == "application/x-deal"


def test_records_and_queries_show_where_the_content_is(client, deal):
    record_id = attach(client, deal).body["id"]
    path = f"/services/data/v58.0/sobjects/Attachment/{record_id}/Body"
    row = client("GET", f"/services/data/v58.0/sobjects/Attachment/{record_id}").body
    queried = client("GET", "/services/data/v58.0/query?q=SELECT+Body,BodyLength+FROM+Attachment").body

    assert row["Body"] == path
    assert row["BodyLength"] == len(CONTENT)
    assert queried["records"][0]["Body"] == path
    assert queried["records"][0]["BodyLength"] == len(CONTENT)


def test_children_show_where_the_content_is(client, deal):
    record_id = attach(client, deal).body["id"]
    soql = f"SELECT Id, (SELECT Body FROM Attachments) FROM Deal_Registration__c WHERE Id = '{deal}'"

    (row,) = client.query(soql)
    assert row["Attachments"]["records"][0]["Body"].endswith(f"/Attachment/{record_id}/Body")


def test_a_multipart_body_is_content_as_it_is(client, deal):
    made = multipart(client, "POST", "sobjects/Attachment", {"ParentId": deal, "Name": "a"}, "Body", CONTENT)
    path = f"sobjects/Attachment/{made.body['id']}"
    assert client("GET", f"{path}/Body").response.body == CONTENT
    assert client("GET", f"{path}/Body").headers["Content-Type"] == "application/octetstream"

    changed = multipart(client, "PATCH", path, {"Name": "b"}, "Body", b"\n\n")
    assert changed.status == 204
    assert client("GET", f"{path}/Body").response.body == b"\n\n"
    assert client("GET", path).body["BodyLength"] == 2


@pytest.mark.parametrize("body", [b"", b"--xyz--", b"--xyz\r\n\r\nnothing\r\n--xyz--", b"no boundary at all"])
def test_a_multipart_body_without_a_description_is_refused(client, body):
    headers = {"content-type": "multipart/form-data; boundary=xyz"}
    answer = client("POST", "sobjects/Attachment", body, headers=headers)

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_MULTIPART_REQUEST")


def test_what_is_not_base64_is_refused(client, deal):
    answer = client("POST", "sobjects/Attachment", {"ParentId": deal, "Name": "a", "Body": "é!"})

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_an_attachment_is_25_megabytes_at_most(client, deal):
    largest = 25 * 1024 * 1024
    assert attach(client, deal, bytes(largest)).status == 201
    refused = attach(client, deal, bytes(largest + 1))

    assert (refused.status, refused.body[0]["errorCode"]) == (400, "FILE_SIZE_LIMIT_EXCEEDED")


def test_a_request_is_50_megabytes_at_most(client):
    answer = client("POST", "sobjects/Attachment", b'{"Body":"' + b"A" * (50 * 1024 * 1024) + b'"}')

    assert (answer.status, answer.body[0]["errorCode"]) == (413, "EXCEEDED_MAX_SIZE_REQUEST")


def test_attachments_go_with_their_record(client, deal):
    record_id = attach(client, deal).body["id"]
    client("DELETE", f"sobjects/Deal_Registration__c/{deal}")

    assert client("GET", f"sobjects/Attachment/{record_id}/Body").status == 404
    assert client("GET", f"sobjects/Attachment/{record_id}").status == 404


def publish(client, **more):
    values = {"PathOnClient": "deal/quote.pdf", "VersionData": base64.b64encode(CONTENT).decode(), **more}
    return client("POST", "sobjects/ContentVersion", values)


def test_a_first_version_has_a_document_and_its_links(client, deal):
    made = publish(client, FirstPublishLocationId=deal)
    assert made.status == 201
    row = client("GET", f"sobjects/ContentVersion/{made.body['id']}").body
    document = client("GET", f"sobjects/ContentDocument/{row['ContentDocumentId']}").body
    user = client.sandbox.facts.integration_user

    assert [row[k] for k in ("Title", "FileExtension", "FileType", "ContentSize", "VersionNumber", "IsLatest")] == [
        "quote", "pdf", "PDF", len(CONTENT), "1", True,
    ]  # fmt: skip
    assert row["Checksum"] == hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert row["VersionData"].endswith(f"/sobjects/ContentVersion/{row['Id']}/VersionData")
    assert client("GET", row["VersionData"]).response.body == CONTENT
    assert [document["Title"], document["LatestPublishedVersionId"]] == ["quote", row["Id"]]
    links = client.query(
        f"SELECT LinkedEntityId, ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '{document['Id']}'"
    )
    assert {(link["LinkedEntityId"], link["ShareType"]) for link in links} == {(user, "I"), (deal, "V")}
    assert client("GET", f"sobjects/Deal_Registration__c/{deal}/ContentDocumentLinks").body["totalSize"] == 1


def test_a_further_version_becomes_the_latest(client):
    first = client("GET", f"sobjects/ContentVersion/{publish(client).body['id']}").body
    document_id = first["ContentDocumentId"]
    second = publish(client, ContentDocumentId=document_id, PathOnClient="new.txt").body["id"]

    rows = client.query("SELECT Id, VersionNumber, IsLatest FROM ContentVersion ORDER BY VersionNumber")
    assert [(r["Id"], r["VersionNumber"], r["IsLatest"]) for r in rows] == [
        (first["Id"], "1", False),
        (second, "2", True),
    ]
    document = client("GET", f"sobjects/ContentDocument/{document_id}").body
    assert [document["LatestPublishedVersionId"], document["Title"]] == [second, "new"]
    assert len(client.query("SELECT Id FROM ContentDocument")) == 1


@pytest.mark.parametrize("missing", ["PathOnClient", "VersionData"])
def test_a_version_needs_a_path_and_content(client, missing):
    answer = publish(client, **{missing: None})

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "REQUIRED_FIELD_MISSING")
    assert client.query("SELECT Id FROM ContentDocument") == []


def test_a_document_is_linked_to_more_records_and_deleted_whole(client, deal):
    version = publish(client).body["id"]
    document = client("GET", f"sobjects/ContentVersion/{version}").body["ContentDocumentId"]
    link = {"ContentDocumentId": document, "LinkedEntityId": deal, "ShareType": "V"}
    assert client("POST", "sobjects/ContentDocumentLink", link).status == 201

    assert client("DELETE", f"sobjects/ContentVersion/{version}").status == 400
    assert client("DELETE", f"sobjects/ContentDocument/{document}").status == 204
    assert client.query("SELECT Id FROM ContentVersion") == []
    assert client.query("SELECT Id FROM ContentDocumentLink") == []


def test_documents_are_made_by_their_versions_only(client):
    assert client("POST", "sobjects/ContentDocument", {"Title": "x"}).status == 400


def test_simple_salesforce_uploads_a_file_and_reads_it_back():
    from simple_salesforce import Salesforce

    with Sandbox(seed=7) as sandbox, sandbox.in_process():
        own = sandbox.credentials()
        sf = Salesforce(username=own.username, password=own.password, security_token=own.security_token)
        account = sf.Account.create({"Name": "Acme"})["id"]
        text = base64.b64encode(CONTENT).decode()
        made = sf.ContentVersion.create(
            {"PathOnClient": "a.bin", "VersionData": text, "FirstPublishLocationId": account}
        )
        (row,) = sf.query("SELECT VersionData FROM ContentVersion")["records"]
        url = f"https://{sf.sf_instance}{row['VersionData']}"

        assert (
            row["VersionData"]
            == f"/services/data/v{sf.sf_version}/sobjects/ContentVersion/{made['id']}/VersionData"
        )
        assert sf._call_salesforce("GET", url).content == CONTENT
