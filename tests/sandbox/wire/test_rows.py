"""One row at a time (contract §5, §6)."""

import pytest

NOT_FOUND = b'[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]'


@pytest.fixture
def account(client):
    return client("POST", "sobjects/Account", {"Name": "Acme"}).body["id"]


def test_create_answers_201_with_location(client):
    answer = client("POST", "sobjects/account/", {"Name": "Acme"})

    assert answer.status == 201
    record_id = answer.body["id"]
    assert answer.response.body == f'{{"id":"{record_id}","success":true,"errors":[]}}'.encode()
    assert answer.headers["Location"] == f"/services/data/v60.0/sobjects/Account/{record_id}"


def test_read_has_attributes_then_id_then_describe_order(client, account):
    answer = client("GET", f"sobjects/Account/{account}")
    names = [field["name"] for field in client("GET", "sobjects/Account/describe").body["fields"]]

    assert answer.status == 200
    assert list(answer.body) == ["attributes", *names]
    assert answer.body["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v60.0/sobjects/Account/{account}",
    }
    assert answer.body["Name"] == "Acme"
    assert answer.body["BillingAddress"] is None
    assert answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"


def test_read_of_some_fields_adds_only_the_id(client, account):
    answer = client("GET", f"sobjects/Account/{account[:15]}", params={"fields": "name,Phone"})

    assert list(answer.body) == ["attributes", "Id", "Name", "Phone"]


def test_read_if_modified_since_spares_the_body(client, account):
    fresh = client(
        "GET", f"sobjects/Account/{account}", headers={"if-modified-since": "Mon, 02 Mar 2026 09:00:00 GMT"}
    )
    stale = client(
        "GET", f"sobjects/Account/{account}", headers={"if-modified-since": "Mon, 02 Mar 2026 08:59:59 GMT"}
    )
    odd = client("GET", f"sobjects/Account/{account}", headers={"if-modified-since": "yesterday"})

    assert (fresh.status, fresh.response.body) == (304, b"")
    assert (stale.status, odd.status) == (200, 200)


def test_update_and_delete_answer_204_and_nothing_else(client, account):
    for method, body in (("PATCH", {"Name": "Acme 2"}), ("DELETE", None)):
        answer = client(method, f"sobjects/Account/{account}", body)
        assert (answer.status, answer.response.body) == (204, b"")
        assert "Content-Type" not in answer.headers


def test_a_deleted_row_reads_like_none_and_deletes_as_deleted(client, account):
    client("DELETE", f"sobjects/Account/{account}")

    assert client("GET", f"sobjects/Account/{account}").response.body == NOT_FOUND
    for method, body in (("DELETE", None), ("PATCH", {"Name": "x"})):
        answer = client(method, f"sobjects/Account/{account}", body)
        assert answer.status == 404
        assert (
            answer.response.body
            == b'[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]'
        )


def test_a_wrong_body_gets_salesforces_own_errors(client, account):
    url = f"sobjects/Account/{account}"
    cases = [
        (
            client("POST", "sobjects/Account", {}),
            "REQUIRED_FIELD_MISSING",
            ["message", "errorCode", "fields"],
        ),
        (client("PATCH", url, {"Nmae": "x"}), "INVALID_FIELD", ["message", "errorCode"]),
        (client("PATCH", url, {"Id": account}), "INVALID_FIELD", ["message", "errorCode"]),
        (client("PATCH", url, b""), "JSON_PARSER_ERROR", ["message", "errorCode"]),
        (client("PATCH", url, b'{"Name" j'), "JSON_PARSER_ERROR", ["message", "errorCode"]),
        (client("PATCH", url, b"[1]"), "INVALID_FIELD", ["message", "errorCode"]),
        (
            client("PATCH", url, {"CreatedDate": "2020-01-01T00:00:00Z"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            ["message", "errorCode", "fields"],
        ),
    ]
    for answer, code, keys in cases:
        assert answer.status == 400, answer.body
        assert answer.body[0]["errorCode"] == code
        assert list(answer.body[0]) == keys


def test_messages_name_what_was_wrong(client):
    missing = client("POST", "sobjects/Account", {}).body
    unknown = client("POST", "sobjects/Task", {"Equipo": "x"}).body
    no_body = client("POST", "sobjects/Account").body

    assert missing[0]["message"] == "Required fields are missing: [Name]"
    assert missing[0]["fields"] == ["Name"]
    assert unknown[0]["message"] == "No such column 'Equipo' on sobject of type Task"
    assert no_body[0]["message"] == "The HTTP entity body is required, but this request has no entity body."


@pytest.mark.parametrize("segment", ["-1", "Nope", "001"])
def test_a_segment_that_is_no_id_is_taken_for_a_key_field(client, segment):
    answer = client("GET", f"sobjects/Campaign/{segment}")

    assert answer.status == 404
    assert answer.body == [
        {
            "errorCode": "NOT_FOUND",
            "message": f"Provided external ID field does not exist or is not accessible: {segment}",
        }
    ]


class TestByKey:
    def test_upsert_creates_then_updates(self, client):
        url = "sobjects/Account/External_Id__c/a%2F1%20%C3%BC"
        created = client("PATCH", url, {"Name": "Acme"})
        updated = client("PATCH", url, {"Name": "Acme 2"})

        assert created.status == 201
        assert list(created.body) == ["id", "success", "errors", "created"]
        assert created.body["created"] is True
        assert updated.status == 200
        assert updated.body == {**created.body, "created": False}
        assert updated.headers["Location"] == created.headers["Location"]
        read = client("GET", url).body
        assert (read["Name"], read["External_Id__c"]) == ("Acme 2", "a/1 ü")

    def test_before_v46_the_answers_are_shorter(self, client):
        url = "/services/data/v45.0/sobjects/Account/External_Id__c/old"
        created, updated = client("PATCH", url, {"Name": "A"}), client("PATCH", url, {"Name": "B"})

        assert (created.status, list(created.body)) == (201, ["id", "success", "errors"])
        assert (updated.status, updated.response.body) == (204, b"")

    def test_more_than_one_match_is_300_with_their_addresses(self, client):
        ids = [
            client("POST", "sobjects/Contact", {"LastName": n, "Email": "twin@example.com"}).body["id"]
            for n in "AB"
        ]
        for method, body in (("GET", None), ("PATCH", {"LastName": "C"}), ("DELETE", None)):
            answer = client(method, "sobjects/Contact/Email/twin@example.com", body)
            assert answer.status == 300
            assert answer.body == [f"/services/data/v60.0/sobjects/Contact/{record_id}" for record_id in ids]

    def test_upsert_by_id_updates_only(self, client):
        record_id = client("POST", "sobjects/Account", {"Name": "Acme"}).body["id"]
        answer = client("PATCH", f"sobjects/Account/Id/{record_id}?updateOnly=true", {"Phone": "1"})

        assert (answer.status, answer.body["created"]) == (200, False)
        assert client("GET", f"sobjects/Account/Id/{record_id}").body["Phone"] == "1"

    def test_update_only_does_not_create(self, client):
        answer = client("PATCH", "sobjects/Account/External_Id__c/new?updateOnly=true", {"Name": "Acme"})

        assert answer.response.body == NOT_FOUND
        assert client("GET", "sobjects/Account/External_Id__c/new").status == 404

    def test_post_to_the_id_key_creates(self, client):
        answer = client("POST", "sobjects/Account/Id", {"Name": "Acme"})

        assert (answer.status, answer.body["created"]) == (201, True)

    def test_the_key_may_not_be_in_the_body_too(self, client):
        answer = client("PATCH", "sobjects/Account/External_Id__c/k", {"Name": "A", "External_Id__c": "k"})

        assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_FIELD")

    def test_a_field_that_is_no_key_is_refused(self, client):
        answer = client("PATCH", "sobjects/Account/Phone/1", {"Name": "A"})

        assert answer.status == 404
        assert answer.body[0]["message"].endswith("is not accessible: Phone")

    def test_delete_by_key(self, client):
        client("PATCH", "sobjects/Account/External_Id__c/gone", {"Name": "A"})

        assert client("DELETE", "sobjects/Account/External_Id__c/gone").status == 204
        assert client("GET", "sobjects/Account/External_Id__c/gone").status == 404


def test_a_parent_can_be_named_by_its_external_id(client):
    account = client("PATCH", "sobjects/Account/External_Id__c/p1", {"Name": "Acme"}).body["id"]
    contact = client(
        "POST", "sobjects/Contact", {"LastName": "Doe", "Account": {"External_Id__c": "p1"}}
    ).body["id"]

    assert client("GET", f"sobjects/Contact/{contact}").body["AccountId"] == account


def test_a_validation_rule_speaks_in_its_own_words(sandbox, client):
    sandbox.schema.add_validation_rule("Account", "No_Fax", "NOT(ISBLANK(Fax))", "We have no fax.", "Fax")
    answer = client("POST", "sobjects/Account", {"Name": "A", "Fax": "1"})

    assert answer.status == 400
    assert answer.body == [
        {"message": "We have no fax.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Fax"]}
    ]


def test_updated_and_deleted_name_the_rows_of_the_range(sandbox, client):
    kept, gone = (client("POST", "sobjects/Account", {"Name": n}).body["id"] for n in "AB")
    sandbox.clock.advance(3600)
    client("DELETE", f"sobjects/Account/{gone}")
    window = {"start": "2026-03-02T08:30:00+00:00", "end": "2026-03-02T11:00:00+00:00"}

    updated = client("GET", "sobjects/Account/updated/", params=window).body
    deleted = client("GET", "sobjects/Account/deleted/", params=window).body

    assert updated["ids"] == [kept]
    assert updated["latestDateCovered"] == "2026-03-02T10:00:00.000+0000"
    assert deleted["deletedRecords"] == [{"deletedDate": "2026-03-02T10:00:00.000+0000", "id": gone}]
    assert list(deleted) == ["deletedRecords", "earliestDateAvailable", "latestDateCovered"]


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"start": "x", "end": "y"},
        {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T08:00:30Z"},
        {"start": "2025-03-02T08:00:00Z", "end": "2026-03-02T08:00:30Z"},
    ],
)
def test_a_bad_range_is_refused(client, window):
    answer = client("GET", "sobjects/Account/updated", params=window)

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")
