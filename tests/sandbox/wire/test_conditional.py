"""Conditional requests, and what the caller worked with last (contract §5)."""

import pytest


@pytest.fixture
def account(client):
    return client("POST", "sobjects/Account", {"Name": "Acme"}).body["id"]


def read(client, account, **headers):
    return client(
        "GET", f"sobjects/Account/{account}", headers={n.replace("_", "-"): v for n, v in headers.items()}
    )


def write(client, account, **headers):
    named = {n.replace("_", "-"): v for n, v in headers.items()}
    return client("PATCH", f"sobjects/Account/{account}", {"Phone": "1"}, headers=named)


def test_an_account_has_an_etag_that_changes_with_it(client, account):
    before = read(client, account).headers["ETag"]
    same = read(client, account).headers["ETag"]
    write(client, account)

    assert before.endswith('--gzip"')
    assert before == same != read(client, account).headers["ETag"]


def test_other_objects_have_none(client):
    lead = client("POST", "sobjects/Lead", {"LastName": "L", "Company": "C"}).body["id"]

    assert "ETag" not in client("GET", f"sobjects/Lead/{lead}").headers


def test_a_known_etag_is_answered_304_and_another_in_full(client, account):
    tag = read(client, account).headers["ETag"]
    known = read(client, account, if_none_match=f'"other", {tag}')

    assert (known.status, known.response.body) == (304, b"")
    assert read(client, account, if_none_match='"other"').status == 200
    assert read(client, account, if_match='"other"').status == 412


def test_a_write_passes_only_while_the_row_is_as_it_was_seen(client, account):
    tag = read(client, account).headers["ETag"]

    assert write(client, account, if_match=tag).status == 204
    assert write(client, account, if_match=tag).status == 412
    assert write(client, account, if_match="*").status == 204


def test_dates_work_on_reads_and_writes(sandbox, client, account):
    seen = read(client, account).headers["Last-Modified"]
    assert read(client, account, if_modified_since=seen).status == 304
    assert read(client, account, if_unmodified_since=seen).status == 200

    sandbox.clock.advance(60)
    assert write(client, account, if_unmodified_since=seen).status == 204
    assert write(client, account, if_unmodified_since=seen).status == 412
    assert read(client, account, if_modified_since=seen).status == 200
    assert read(client, account, if_unmodified_since=seen).status == 412


@pytest.mark.parametrize(
    "header", [{"if_match": "abc"}, {"if_none_match": '"a", b'}, {"if_unmodified_since": "soon"}]
)
def test_a_write_with_a_header_that_cannot_be_read_is_refused(client, account, header):
    assert write(client, account, **header).status == 400


def test_a_read_with_such_a_header_is_answered(client, account):
    assert read(client, account, if_modified_since="soon", if_unmodified_since="later").status == 200


def test_recent_has_the_callers_rows_of_all_objects_latest_first(sandbox, client, account):
    sandbox.clock.advance(60)
    lead = client("POST", "sobjects/Lead", {"FirstName": "Lea", "LastName": "Lead", "Company": "C"}).body[
        "id"
    ]
    sandbox.create("Account", [{"Name": "of somebody else"}])

    rows = client("GET", "recent").body

    assert [list(row) for row in rows] == [["attributes", "Id", "Name"]] * 2
    assert [(row["attributes"]["type"], row["Id"], row["Name"]) for row in rows] == [
        ("Lead", lead, "Lea Lead"),
        ("Account", account, "Acme"),
    ]
    assert len(client("GET", "recent?limit=1").body) == 1
    assert client("GET", "recent?limit=0").status == 400
