"""What statements cannot say is told in the documentation, and said by the sandbox when it is asked."""

import pytest
from tests.sandbox.wire.conftest import Client

from prm_harness.crm.salesforce.statement_gaps import STATEMENT_GAPS
from prm_harness.crm.sandbox import Sandbox


@pytest.fixture(scope="module")
def asked():
    with Sandbox(seed=7) as sandbox:
        sandbox.create("Case", [{"Subject": "Zebra", "Status": "New", "Origin": "Web"}])
        yield Client(sandbox)


@pytest.mark.parametrize(("what", "statement"), STATEMENT_GAPS)
def test_each_says_so(asked, what, statement):
    path = "search" if statement.startswith("FIND") else "query"
    answer = asked("GET", path, params={"q": statement})
    assert (answer.status, answer.body[0]["errorCode"]) == (501, "SANDBOX_GAP"), what


def test_nothing_else_of_the_grammar_is_a_gap(asked):
    """A statement with a bit of everything that SOQL has, and one for SOSL."""
    everything = (
        "SELECT FORMAT(MIN(CloseDate)) first, CALENDAR_YEAR(CloseDate) y, GROUPING(StageName) g, COUNT_DISTINCT(OwnerId) "
        "FROM Opportunity o, o.Account a USING SCOPE mine WHERE a.Name LIKE 'A%' AND NOT Amount < 5 "
        "AND AccountId NOT IN (SELECT AccountId FROM Case) "
        "GROUP BY CUBE(StageName, CALENDAR_YEAR(CloseDate)) HAVING COUNT(Id) > 0 ORDER BY COUNT(Id) DESC NULLS LAST"
    )
    records = (
        "SELECT Id, toLabel(Status), TYPEOF What WHEN Account THEN Name ELSE Name END FROM Task "
        "WHERE CreatedDate = LAST_N_DAYS:3 AND What.Type IN ('Account') ORDER BY Id LIMIT 5 OFFSET 1 FOR VIEW FOR REFERENCE"
    )
    found = 'FIND {ac* AND NOT (be OR "c d")} IN NAME FIELDS RETURNING Account(Id, Name WHERE Name != null) WITH HIGHLIGHT LIMIT 2'
    for path, statement in (("query", everything), ("query", records), ("search", found)):
        answer = asked("GET", path, params={"q": statement})
        assert answer.status == 200, answer.body
