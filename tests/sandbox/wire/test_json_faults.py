"""Bodies that are no JSON, and values of a wrong type: the service's words, with true lines and columns."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.crm.salesforce.json_faults import message_of

SPACE = r"only regular white space (\r, \n, \t) is allowed between tokens"
VALID = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
WORD = "was expecting 'null', 'true', 'false' or NaN"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # seen in real answers
        ("request[account]", f"Unexpected character ('r' (code 114)): {VALID} at [line:1, column:2]"),
        (
            "--boundary",
            (
                "Unexpected character ('-' (code 45)) in numeric value: expected digit (0-9) to follow minus sign, "
                "for valid numeric value at [line:1, column:3]"
            ),
        ),
        # as the parser's source has them
        (
            '{"Name":"a",}',
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name at [line:1, column:14]",
        ),
        (
            '{Name:"a"}',
            "Unexpected character ('N' (code 78)): was expecting double-quote to start field name at [line:1, column:3]",
        ),
        (
            '{"Name" j',
            (
                "Unexpected character ('j' (code 106)): was expecting a colon to separate field name and value "
                "at [line:1, column:10]"
            ),
        ),
        (
            '{\r\n  "Name": "a"\r\n  "Site": "b"\r\n}',
            "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:3, column:4]",
        ),
        (
            '{"a":[1 2]}',
            "Unexpected character ('2' (code 50)): was expecting comma to separate ARRAY entries at [line:1, column:10]",
        ),
        ('{"a":}', "Unexpected character ('}' (code 125)): expected a value at [line:1, column:7]"),
        ("[1,]", "Unexpected character (']' (code 93)): expected a value at [line:1, column:5]"),
        (
            "{'a':1}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name at [line:1, column:3]",
        ),
        ('{"a":None}', f"Unrecognized token 'None': {WORD} at [line:1, column:10]"),
        ('{"a":trueish}', f"Unrecognized token 'trueish': {WORD} at [line:1, column:13]"),
        ('{"a":"b"', "Unexpected end-of-input: expected close marker for OBJECT (from [line:1, column:9]"),
        (
            '{"a":\n"b',
            "Unexpected end-of-input: was expecting closing quote for a string value at [line:2, column:3]",
        ),
        ('{"a', "Unexpected end-of-input: was expecting closing '\"' for name at [line:1, column:4]"),
        ('{"a":', "Unexpected end-of-input within/between OBJECT entries at [line:1, column:6]"),
        ('{"a":tr', "Unexpected end-of-input in a value at [line:1, column:8]"),
        ('{"a":1]', "Unexpected close marker ']': expected '}' (for OBJECT starting at [line:1, column:8]"),
        ('{"a":01}', "Invalid numeric value: Leading zeroes not allowed at [line:1, column:7]"),
        (
            '{"a":1.}',
            "Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit at [line:1, column:9]",
        ),
        (
            '{"a":"b\nc"}',
            (
                "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string "
                "value at [line:2, column:1]"
            ),
        ),
        (r'{"a":"\x"}', "Unrecognized character escape 'x' (code 120) at [line:1, column:9]"),
        ('{"a":1}\x00', f"Illegal character ((CTRL-CHAR, code 0)): {SPACE} at [line:1, column:9]"),
        (
            '{"é":"ü" x}',
            "Unexpected character ('x' (code 120)): was expecting comma to separate OBJECT entries at [line:1, column:11]",
        ),
    ],
)
def test_what_is_no_json_is_told_in_the_parsers_words(client, body, message):
    answer = client("POST", "sobjects/Account", body.encode())

    assert (answer.status, answer.body) == (400, [{"message": message, "errorCode": "JSON_PARSER_ERROR"}])


def test_bytes_that_are_no_text_are_told_by_value(client):
    answer = client("POST", "sobjects/Account", b'{"Name":"\xff"}')

    assert answer.body[0]["message"] == "Invalid UTF-8 start byte 0xff at [line:1, column:11]"


@given(st.binary(max_size=60) | st.text('{}[]":,\\ntrufalse0.-e1 u\n', max_size=40).map(str.encode))
def test_whatever_is_refused_gets_a_message_with_a_place_inside_the_body(body):
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = message_of(body, error)
        place = message[message.rindex("[line:") :]
        line, column = (int("".join(filter(str.isdigit, part))) for part in place.split(","))
        assert 1 <= line <= body.count(b"\n") + body.count(b"\r") + 1
        assert 1 <= column <= len(body) + 2


def wrong(answer) -> str:
    assert answer.status == 400
    assert answer.body[0]["errorCode"] == "JSON_PARSER_ERROR"
    return str(answer.body[0]["message"])


def test_a_value_of_a_wrong_type_is_placed_where_its_field_begins(client):
    tail = "or request may be missing a required field at"
    first = client("POST", "sobjects/Account", b'{"Name":{"a":1}}')  # the service's own example
    later = client("POST", "sobjects/Account", b'{"Name":"ten",\n "Site": "x",\n "AnnualRevenue": "ten"}')
    listed = client("POST", "sobjects/Account", b'{"Name":"Doug","Site":"x","Industry":["A"]}')

    assert (
        wrong(first)
        == f"Cannot deserialize instance of string from START_OBJECT value {{ {tail} [line:1, column:2]"
    )
    assert (
        wrong(later)
        == f"Cannot deserialize instance of currency from VALUE_STRING value ten {tail} [line:2, column:13]"
    )
    assert (
        wrong(listed) == "Cannot deserialize instance of picklist from START_ARRAY value [line:1, column:26]"
    )


def test_a_value_in_a_collection_is_placed_in_its_own_record(client):
    record = {"attributes": {"type": "Account"}, "Name": "a", "AnnualRevenue": "x"}
    body = json.dumps({"records": [{**record, "AnnualRevenue": 1}, record]}, indent=1)
    (answer,) = [client("POST", "composite/sobjects", body.encode())]

    assert [result["success"] for result in answer.body] == [True, False]
    line = body.split("\n").index('   "Name": "a",', 9) + 1
    assert answer.body[1]["errors"][0]["message"].endswith(f"[line:{line}, column:15]")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("composite", b"[1]", "Can not deserialize: unexpected array at [line:1, column:1]"),
        (
            "composite",
            b'\n {"compositeRequest":{}}',
            "Can not deserialize: unexpected object at [line:2, column:3]",
        ),
        (
            "composite/batch",
            b'{"batchRequests":[{},"x"]}',
            "Can not deserialize: unexpected string at [line:1, column:21]",
        ),
        (
            "composite/sobjects",
            b'{"records":[7]}',
            "Can not deserialize: unexpected number at [line:1, column:13]",
        ),
        (
            "composite/graph",
            b'{"graphs":true}',
            "Can not deserialize: unexpected boolean at [line:1, column:2]",
        ),
    ],
)
def test_a_body_of_a_wrong_kind_is_placed_too(client, path, body, message):
    assert wrong(client("POST", path, body)) == message


@pytest.mark.parametrize("body", [b"[]", b'[{"Name":"a"}]', b"42", b'"x"', b"true"])
def test_a_row_that_is_no_object_is_refused_as_recorded(client, body):
    answer = client("POST", "sobjects/Account", body)

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert answer.body[0]["message"].startswith("Json Deserialization failed on token 'null'")
