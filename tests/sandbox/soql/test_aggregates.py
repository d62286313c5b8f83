"""COUNT and its kin, GROUP BY, HAVING."""

import pytest

from prm_harness.crm.org.errors import QueryError


def test_count_alone_is_the_total_without_records(deals):
    result = deals.org.ask("select count() from Opportunity where Amount > 0")
    assert (result.total, result.records, result.sobject) == (2, [], "Opportunity")


def test_aggregate_results_have_a_type_but_no_address(deals):
    assert deals.org.ask("SELECT count(Id) FROM Opportunity").records == [
        {"attributes": {"type": "AggregateResult"}, "expr0": 4}
    ]


@pytest.mark.parametrize(
    ("select", "value"),
    [
        ("COUNT(Amount)", 3),
        ("COUNT_DISTINCT(StageName)", 3),
        ("SUM(Amount)", 345.5),
        ("AVG(Amount)", 345.5 / 3),
        ("MIN(Amount)", -5.0),
        ("MAX(CloseDate)", "2024-03-01"),
        ("MIN(Name)", "50%_off"),
        ("SUM(Seats__c)", None),
        ("MAX(Account.Name)", "Globex"),
    ],
)
def test_functions(deals, select, value):
    assert deals.org.rows(f"SELECT {select} FROM Opportunity") == [{"expr0": value}]


def test_names_of_values(deals):
    assert deals.org.rows("SELECT MIN(Amount), COUNT(Id) n, MAX(Amount) FROM Opportunity") == [
        {"expr0": -5.0, "n": 4, "expr1": 250.5}
    ]


def test_groups_order_and_having(deals):
    text = "SELECT StageName stage, COUNT(Id) FROM Opportunity GROUP BY StageName "
    assert deals.org.rows(text + "ORDER BY StageName") == [
        {"stage": "Closed Lost", "expr0": 1},
        {"stage": "Closed Won", "expr0": 1},
        {"stage": "Prospecting", "expr0": 2},
    ]
    assert deals.org.rows(text + "HAVING COUNT(Id) > 1") == [{"stage": "Prospecting", "expr0": 2}]
    assert deals.org.rows(text + "HAVING StageName LIKE 'closed%' ORDER BY MAX(Amount) DESC LIMIT 1") == [
        {"stage": "Closed Won", "expr0": 1}
    ]


def test_parents_and_date_functions_group(deals):
    assert deals.org.rows(
        "SELECT Account.Name, COUNT(Id) n FROM Opportunity GROUP BY Account.Name ORDER BY Account.Name"
    ) == [
        {"Name": None, "n": 1},
        {"Name": "Acme", "n": 2},
        {"Name": "Globex", "n": 1},
    ]
    assert deals.org.rows(
        "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate) "
        "ORDER BY CALENDAR_YEAR(CloseDate)"
    ) == [{"y": 2023, "n": 1}, {"y": 2024, "n": 3}]


def test_grouped_booleans_are_booleans(deals):
    assert deals.org.rows(
        "SELECT Strategic__c, COUNT(Id) n FROM Opportunity GROUP BY Strategic__c ORDER BY Strategic__c"
    ) == [{"Strategic__c": False, "n": 3}, {"Strategic__c": True, "n": 1}]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "SELECT Name, COUNT(Id) FROM Opportunity",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY Name",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT SUM(Name) FROM Opportunity",
            "MALFORMED_QUERY",
            "field Name does not support aggregate operator SUM",
        ),
        ("SELECT COUNT(Id) FROM Opportunity LIMIT 1", "MALFORMED_QUERY", "cannot also use LIMIT"),
        (
            "SELECT Amount FROM Opportunity GROUP BY Amount",
            "INVALID_FIELD",
            "field 'Amount' can not be grouped",
        ),
        ("SELECT Name FROM Opportunity GROUP BY COUNT(Id)", "MALFORMED_QUERY", "not allowed in GROUP BY"),
        ("SELECT COUNT(Id) n, MAX(Amount) N FROM Opportunity", "MALFORMED_QUERY", "duplicate alias: N"),
        ("SELECT COUNT() FROM Opportunity GROUP BY Name", "MALFORMED_QUERY", "COUNT()"),
        (
            "SELECT Name FROM Opportunity WHERE COUNT(Id) > 1",
            "MALFORMED_QUERY",
            "not allowed in this context",
        ),
        (
            "SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account",
            "MALFORMED_QUERY",
            "only root queries support aggregate expressions",
        ),
        (
            "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY CloseDate",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: CloseDate",
        ),
        (
            "SELECT COUNT(CALENDAR_YEAR(CloseDate)) FROM Opportunity",
            "MALFORMED_QUERY",
            "following manner: date_function(convertTimezone(columnName)): COUNT",
        ),
        ("SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY", "only select fields"),
        (
            "SELECT Name, COUNT(Id) FROM Opportunity GROUP BY Name HAVING Id IN (SELECT WhatId FROM Task)",
            "MALFORMED_QUERY",
            "grouped or aggregated: Id",
        ),
    ],
)
def test_refusals(deals, text, code, message):
    with pytest.raises(QueryError) as refusal:
        deals.org.ask(text)
    assert refusal.value.faults[0].code == code
    assert message in refusal.value.faults[0].message


def test_too_many_groups(org):
    for number in range(2001):
        org.add("Account", Name=f"A{number}")
    with pytest.raises(QueryError, match="queryMore") as refusal:
        org.ask("SELECT Name, COUNT(Id) FROM Account GROUP BY Name")
    assert refusal.value.faults[0].code == "EXCEEDED_ID_LIMIT"
    assert org.ask("SELECT Name, COUNT(Id) FROM Account GROUP BY Name LIMIT 2000").total == 2000


def test_format_shows_aggregates_as_a_person_reads_them(org):
    org.add("Opportunity", Name="Seven", Amount=7.5, CloseDate="2024-02-15", StageName="Prospecting")
    (row,) = org.rows(
        "SELECT FORMAT(MIN(CloseDate)) first, FORMAT(SUM(Amount)), COUNT(Id), FORMAT(COUNT(Id)) n "
        "FROM Opportunity WHERE Name = 'Seven'"
    )
    assert row == {"first": "2/15/2024", "expr0": "$7.50", "expr1": 1, "n": "1"}
    with pytest.raises(QueryError, match="FORMAT"):
        org.rows("SELECT FORMAT(Name), COUNT(Id) FROM Opportunity GROUP BY Name")
