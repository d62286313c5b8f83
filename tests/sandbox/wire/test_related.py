"""What lies below a record: parents and children by friendly addresses (contract §5)."""

import pytest

NOT_FOUND = b'[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]'


@pytest.fixture
def account(client):
    return client("POST", "sobjects/Account", {"Name": "Acme", "Phone": "1"}).body["id"]


@pytest.fixture
def contact(client, account):
    return client("POST", "sobjects/Contact", {"LastName": "Doe", "AccountId": account}).body["id"]


def test_a_parent_is_read_as_a_record(client, account, contact):
    whole = client("GET", f"sobjects/Contact/{contact}/Account")
    some = client("GET", f"sobjects/Contact/{contact}/account?fields=Name,Phone")

    assert whole.status == 200
    assert whole.body == client("GET", f"sobjects/Account/{account}").body
    assert {k: v for k, v in some.body.items() if k != "attributes"} == {
        "Id": account,
        "Name": "Acme",
        "Phone": "1",
    }


def test_parents_of_parents_are_reached(client, account, contact):
    owner = client("GET", f"sobjects/Contact/{contact}/Account/Owner?fields=Username")

    assert owner.body["attributes"]["type"] == "User"
    assert owner.body["Username"] == "integration@northwind.example"


def test_children_are_a_page_of_a_query(client, account, contact):
    answer = client("GET", f"sobjects/Account/{account}/Contacts?fields=LastName")

    assert answer.status == 200
    assert answer.body["totalSize"] == 1
    assert answer.body["done"] is True
    assert answer.body["records"][0]["LastName"] == "Doe"
    assert list(answer.body["records"][0]) == ["attributes", "Id", "LastName"]
    assert client("GET", f"sobjects/Account/{account}/Opportunities").body["records"] == []


def test_all_fields_of_children_come_without_a_choice(client, account, contact):
    (child,) = client("GET", f"sobjects/Account/{account}/Contacts").body["records"]

    assert child["Id"] == contact
    assert set(client("GET", f"sobjects/Contact/{contact}").body) == set(child)


def test_a_long_list_of_children_is_paged(client, account, sandbox):
    sandbox.create("Contact", [{"LastName": f"C{i}", "AccountId": account} for i in range(300)])

    first = client(
        "GET",
        f"sobjects/Account/{account}/Contacts?fields=LastName",
        headers={"sforce-query-options": "batchSize=200"},
    ).body
    rest = client("GET", first["nextRecordsUrl"]).body

    assert [first["totalSize"], len(first["records"]), len(rest["records"])] == [300, 200, 100]


def test_a_parent_is_updated_and_deleted(client, account, contact):
    assert client("PATCH", f"sobjects/Contact/{contact}/Account", {"Name": "Zenith"}).status == 204
    assert client("GET", f"sobjects/Account/{account}").body["Name"] == "Zenith"

    assert client("DELETE", f"sobjects/Contact/{contact}/Account").status == 204
    assert client("GET", f"sobjects/Account/{account}").status == 404


def test_children_are_neither_updated_nor_deleted(client, account, contact):
    for verb in ("PATCH", "DELETE"):
        answer = client(verb, f"sobjects/Account/{account}/Contacts", {"LastName": "X"})
        assert answer.status == 405
        assert answer.body[0]["errorCode"] == "METHOD_NOT_ALLOWED"
    assert client("GET", f"sobjects/Contact/{contact}").body["LastName"] == "Doe"


def test_what_is_not_there_answers_404(client, account):
    lonely = client("POST", "sobjects/Contact", {"LastName": "Alone"}).body["id"]

    for path in (
        f"Contact/{lonely}/Account",
        f"Contact/{lonely}/Nothing",
        f"Contact/{lonely[:-6]}AAA/Account",
        f"Account/{account}/Contacts/Account",
    ):
        assert client("GET", f"sobjects/{path}").status == 404, path
    assert client("GET", f"sobjects/Contact/{lonely}/Account").response.body == NOT_FOUND


def test_an_unknown_field_of_a_relationship_answers_400(client, account, contact):
    for path in (f"Contact/{contact}/Account", f"Account/{account}/Contacts"):
        answer = client("GET", f"sobjects/{path}?fields=Nope__c")
        assert answer.status == 400
        assert answer.body[0]["errorCode"] == "INVALID_FIELD"
