"""What the org refuses, in Salesforce's own words, and what the sandbox says it cannot do."""

import pytest

from prm_harness.crm.org.errors import QueryError, SandboxGapError
from prm_harness.crm.soql import parse

NAMING = "Please reference your WSDL or the describe call for the appropriate names."


def refusal(org, text):
    with pytest.raises(QueryError) as found:
        org.ask(text)
    (fault,) = found.value.faults
    assert fault.fields == ()
    return fault.code, fault.message


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "SELECT Id, Dispenser__c, Name FROM Account",
            "INVALID_FIELD",
            (
                "\nSELECT Id, Dispenser__c, Name FROM Account\n           ^\nERROR at Row:1:Column:12\n"
                "No such column 'Dispenser__c' on entity 'Account'. If you are attempting to use a custom field, be sure to "
                f"append the '__c' after the custom field name. {NAMING}"
            ),
        ),
        (
            "SELECT Id,Name,BillingCity,IsDeleted FROM Accout",
            "INVALID_TYPE",
            (
                "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\nERROR at Row:1:Column:43\n"
                "sObject type 'Accout' is not supported. If you are attempting to use a custom object, be sure to append the "
                f"'__c' after the entity name. {NAMING}"
            ),
        ),
        (
            "SELECT Id, Name, From Account",
            "MALFORMED_QUERY",
            "\nSELECT Id, Name, From Account\n                 ^\nERROR at Row:1:Column:18\nunexpected token: 'From'",
        ),
        ("invalid", "MALFORMED_QUERY", "unexpected token: invalid"),
        ("", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        (
            "SELECT Id FROM Account WHERE Id = 'abc'",
            "INVALID_QUERY_FILTER_OPERATOR",
            (
                "\nSELECT Id FROM Account WHERE Id = 'abc'\n                             ^\nERROR at Row:1:Column:30\n"
                "invalid ID field: abc"
            ),
        ),
        (
            "SELECT Id FROM Account LIMIT 10 OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        (
            "SELECT FIELDS(ALL) FROM Account",
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        (
            "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201",
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        (
            "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Opportunity)",
            "MALFORMED_QUERY",
            (
                "\nSELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Opportunity)\n"
                "                             ^\nERROR at Row:1:Column:30\n"
                "The selected field 'Id' in the subquery and the left operand field in the where expression in the outer "
                "query 'AccountId' should point to the same object type"
            ),
        ),
    ],
)
def test_whole_messages(org, text, code, message):
    assert refusal(org, text) == (code, message)


def test_a_position_is_that_of_the_text_at_hand_though_the_plan_is_older(org):
    text = "SELECT Id FROM Account WHERE Name = '{}' AND Id = '{}'"
    org.ask(text.format("short", org.user_id))
    code, message = refusal(org, text.format("much longer than before", "bad"))
    assert code == "INVALID_QUERY_FILTER_OPERATOR"
    assert message.endswith("ERROR at Row:1:Column:67\ninvalid ID field: bad")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        (
            "SELECT Id FROM Account WHERE Owner.Foo = 'x'",
            "INVALID_FIELD",
            "No such column 'Foo' on entity 'User'",
        ),
        (
            "SELECT Foo__r.Name FROM Account",
            "INVALID_FIELD",
            "Didn't understand relationship 'Foo__r' in field path",
        ),
        ("SELECT Name.Id FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Name'"),
        ("SELECT Owner.Foo FROM Task", "INVALID_FIELD", "No such column 'Foo' on entity 'Name'"),
        ("SELECT Id, (SELECT Id FROM Foos) FROM Account", "INVALID_TYPE", "relationship 'Foos' in FROM part"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Foo)", "INVALID_TYPE", "sObject type 'Foo'"),
        ("SELECT Id, Name, id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
            "MALFORMED_QUERY",
            "token: 'OR'",
        ),
        ("SELECT Id FROM Account WHERE Name = 'a' LIMIT", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name = :name", "MALFORMED_QUERY", "unexpected token: ':'"),
        ("SELECT Id FROM Account WHERE Name = name", "MALFORMED_QUERY", "unexpected token: 'name'"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY", "unexpected token: '''"),
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Account LIMIT 1.5", "MALFORMED_QUERY", "unexpected token: '1.5'"),
        ("SELECT Id FROM Account extra words", "MALFORMED_QUERY", "unexpected token: 'words'"),
        ("SELECT Foo(Id) FROM Account", "MALFORMED_QUERY", "unexpected token: '('"),
        ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY", "unexpected token: ','"),
        (
            r"SELECT Id FROM Account WHERE Name = 'a\qb'",
            "MALFORMED_QUERY",
            r"Illegal character sequence '\q'",
        ),
        (r"SELECT Id FROM Account WHERE Name = '5\%'", "MALFORMED_QUERY", r"Illegal character sequence '\%'"),
        ("SELECT Id FROM Account FOR UPDATE", "MALFORMED_QUERY", "not allowed in this context"),
        ("SELECT Id FROM Account ALL ROWS", "MALFORMED_QUERY", "not allowed in this context"),
        ("SELECT Id FROM Account WITH SECURITY_ENFORCED", "MALFORMED_QUERY", "not allowed in this context"),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed",
        ),
        (
            "SELECT Id FROM Opportunity WHERE Amount = '5'",
            "INVALID_FIELD",
            "type currency and should not be enclosed",
        ),
        (
            "SELECT Id FROM Account WHERE IsPartner = 'true'",
            "INVALID_FIELD",
            "type boolean and should not be enclosed",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = '2024-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = 2024-01-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate = 2024-02-30",
            "INVALID_QUERY_FILTER_OPERATOR",
            "2024-02-30",
        ),
        ("SELECT Id FROM Account WHERE Name = TODAY", "INVALID_FIELD", "must be of type string"),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered",
        ),
        (
            "SELECT Id FROM Account WHERE BillingAddress = 'x'",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "INVALID_FIELD",
            "field 'Description' can not be sorted",
        ),
        (
            "SELECT Id FROM Account WHERE Id LIKE '001%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id field",
        ),
        (
            "SELECT Id FROM Account WHERE IsPartner > true",
            "INVALID_QUERY_FILTER_OPERATOR",
            "on boolean field",
        ),
        (
            "SELECT Id FROM Account WHERE Name INCLUDES ('x')",
            "INVALID_QUERY_FILTER_OPERATOR",
            "multipicklist",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "not allowed with the 'OR' operator",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x' AND (Name = 'y' OR NOT Id IN (SELECT AccountId FROM Contact))",
            "MALFORMED_QUERY",
            "only allowed at the top level",
        ),
        (
            (
                "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM Case) "
                "AND Id NOT IN (SELECT AccountId FROM Opportunity)"
            ),
            "MALFORMED_QUERY",
            "Maximum 2 semi join",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Name FROM Contact)",
            "MALFORMED_QUERY",
            "exactly one field",
        ),
        (
            "SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)",
            "INVALID_QUERY_FILTER_OPERATOR",
            "must be an id",
        ),
        # words that live orgs were seen to use
        (
            "SELECT Id FROM Account WHERE Name IN (SELECT Name FROM Opportunity)",
            "MALFORMED_QUERY",
            "semi join sub selects can only query id fields, cannot use: 'Name'",
        ),
        (
            "SELECT Id FROM Account WHERE Id NOT IN (SELECT WhatId FROM Task)",
            "MALFORMED_QUERY",
            "Entity 'Task' is not supported for semi join inner selects",
        ),
        (
            "SELECT Id FROM Account WHERE Id NOT IN (SELECT ParentId FROM Account)",
            "MALFORMED_QUERY",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            (
                "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE AccountId IN "
                "(SELECT AccountId FROM Opportunity))"
            ),
            "MALFORMED_QUERY",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "SELECT Id FROM Account WHERE OwnerId IN (SELECT Account.OwnerId FROM Contact)",
            "MALFORMED_QUERY",
            "inner select field cannot have more than one level of relationships",
        ),
        *[
            (
                f"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact {clause})",
                "MALFORMED_QUERY",
                f"missing value at '{clause.split()[0]}'",
            )
            for clause in ("LIMIT 1", "ORDER BY Name", "GROUP BY AccountId", "FOR VIEW")
        ],
        (
            "SELECT TYPEOF What WHEN Account THEN Name WHEN account THEN Id END FROM Task",
            "MALFORMED_QUERY",
            "WHEN clause operand [account] is not unique",
        ),
        (
            "SELECT Id FROM Contact WHERE Account.OwnerId IN (SELECT OwnerId FROM Opportunity)",
            "MALFORMED_QUERY",
            "left operand of a semi join cannot use relationships",
        ),
        (
            "SELECT COUNT() FROM Account ORDER BY Name",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: Name",
        ),
        ("SELECT Id FROM Account ORDER BY Name NULLS MIDDLE", "MALFORMED_QUERY", "missing value at 'MIDDLE'"),
        ("SELECT Id FROM Account ORDER BY Name NULLS", "MALFORMED_QUERY", "missing value at '<EOF>'"),
        ("SELECT Id FROM Account USING SCOPE my_territory", "INVALID_QUERY_SCOPE", "my_territory"),
        (
            "SELECT Id FROM Account USING SCOPE mine_and_my_groups",
            "INVALID_QUERY_SCOPE",
            "mine_and_my_groups",
        ),
        ("SELECT Id FROM Account USING SCOPE delegated", "INVALID_QUERY_SCOPE", "delegated"),
        ("SELECT Id FROM Profile USING SCOPE mine", "INVALID_QUERY_SCOPE", "mine"),
        ("SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account", "MALFORMED_QUERY", "5 levels"),
        (
            f"SELECT Id FROM Account WHERE {'(' * 3000}Name = 'x'{')' * 3000}",
            "QUERY_TOO_COMPLICATED",
            "nested",
        ),
        (f"SELECT Id FROM Account WHERE {'NOT ' * 3000}Name = 'x'", "QUERY_TOO_COMPLICATED", "nested"),
        (f"SELECT {'MIN(' * 3000}Id FROM Account", "QUERY_TOO_COMPLICATED", "nested"),
        (f"SELECT Id FROM Account WHERE Name = 'x'{' ' * 100_000}", "QUERY_TOO_COMPLICATED", "100000"),
        (f"SELECT Id FROM Account WHERE Name = '{'x' * 4001}'", "MALFORMED_QUERY", "4000"),
        (
            "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:9999999",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "LAST_N_DAYS",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS",
            "MALFORMED_QUERY",
            "unexpected token: '<EOF>'",
        ),
        ("SELECT TYPEOF What WHEN Profile THEN Name END FROM Task", "INVALID_TYPE", "Profile"),
    ],
)
def test_refusals(org, text, code, part):
    found, message = refusal(org, text)
    assert found == code
    assert part in message


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT Id FROM Account WITH DATA CATEGORY Geography__c AT x__c", "WITH DATA"),
        ("SELECT Id FROM Account USING SCOPE team", "team"),
        ("SELECT Id FROM Account USING SCOPE ScopingRule", "scopingRule"),
        ("SELECT Id FROM Account a, a.Contacts c", "child relationships in FROM"),
        ("SELECT Id FROM Account UPDATE TRACKING", "UPDATE"),
        ("SELECT DandbCompany.Name FROM Account", "DandBCompany"),
    ],
)
def test_gaps_say_what_is_missing(org, text, names):
    with pytest.raises(SandboxGapError, match=names):
        org.ask(text)


@pytest.mark.parametrize(
    "condition",
    [
        f"Amount IN ({','.join('1' * 45_000)})",
        " OR ".join(["Industries__c INCLUDES ('a')"] * 3_000),
        "(Name = 'a' AND " * 90 + "(" + " OR ".join(["Name = 'a'"] * 6000) + ")" * 91,
    ],
)
def test_the_longest_statements_are_rows_or_gaps(org, condition):
    text = f"SELECT Id FROM Opportunity WHERE {condition}"
    assert len(text) < 100_000
    try:
        assert org.ask(text).records == []
    except SandboxGapError as gap:
        assert "limits" in str(gap)  # noqa: PT017


def test_parse_looks_up_no_names():
    tree = parse("SELECT Foo FROM Bar WHERE Baz = 1")
    assert tree.sobject == "Bar"
    with pytest.raises(QueryError, match="unexpected token"):
        parse("SELECT FROM")
