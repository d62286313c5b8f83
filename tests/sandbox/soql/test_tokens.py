"""The short ways through a statement's text and its address give what the plain ones give."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.soql import parse
from prm_harness.crm.soql.tokens import _TOKEN, Tokens

_SCRAPS = st.sampled_from(
    [
        "'",
        "\\",
        "u",
        "é",
        " ",
        "''",
        "=",
        "1",
        "2026-01-01",
        "!",
        "\\'",
        "\\u00e9",
        "\n",
        "(",
        "Name",
        "\0",
        "'a'",
    ]
)
_QUERY_SCRAPS = st.sampled_from(
    ["a", "=", "&", "%", "%2C", "%2c", "%27", "%3D", "+", "%c3", "%C3%A9", "é", "%", "4", "%00", ";"]
)


@given(st.lists(_SCRAPS).map("".join))
def test_quoted_texts_lifted_out_leave_the_tokens_that_the_grammar_gives(source):
    matches = list(_TOKEN.finditer(source))
    tokens = Tokens(source)
    assert tokens.texts == tuple(match[0] for match in matches)
    assert tokens.kinds == tuple(match.lastgroup for match in matches)
    assert tokens.starts == tuple(match.start() for match in matches)


@given(st.lists(_QUERY_SCRAPS).map("".join))
def test_query_strings_are_decoded_as_the_standard_library_does(query):
    first = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    assert Request("GET", "/", query).params == first


_NAMES = st.sampled_from(["Id", "name", "Owner.Name", "Froms", "Selected", "x__c", "COUNT", "'a'", "1", ""])
_GAPS = st.sampled_from(["", " ", "\n", "  "])


@given(
    st.lists(st.tuples(_NAMES, _GAPS, _GAPS)),
    _GAPS,
    st.sampled_from(["FROM Lead", "from Lead LIMIT 1", "WHERE"]),
)
def test_a_list_read_at_once_is_what_its_names_are_one_by_one(names, gap, rest):
    listed = ",".join(f"{before}{name}{after}" for name, before, after in names)
    tokens = Tokens(f"SELECT {gap}{listed} {rest}")
    spelled = tokens.spelled_out()
    assert not spelled.fields
    if tokens.fields:
        end = spelled.texts.index(rest.split()[0])
        assert tokens.fields == spelled.texts[1:end:2]
        assert set(spelled.kinds[1:end:2]) == {"name"}
        assert tokens.texts[2:] == spelled.texts[end:]
        assert tokens.starts[2:] == spelled.starts[end:]
        assert tokens.starts[:2] == spelled.starts[:2]


@pytest.mark.parametrize(
    "statement", ["SELECT FROM FROM Lead", "SELECT Id, Select FROM Lead", "SELECT Id, From FROM Lead"]
)
def test_a_reserved_word_in_a_list_is_no_name(statement, org):
    for refused in (parse, org.rows):
        with pytest.raises(QueryError, match="unexpected token"):
            refused(statement)
