"""What SOQL and SOSL can say in Salesforce and not here, each with a statement that answers 501 ``SANDBOX_GAP``.

Told in docs/reference/sandbox.md; a test sends every statement.
"""

from __future__ import annotations

from typing import Final

STATEMENT_GAPS: Final[tuple[tuple[str, str], ...]] = (
    ("articles by data category", "SELECT Id FROM Account WITH DATA CATEGORY Geography__c AT usa__c"),
    ("rows of a community", "SELECT Id FROM Account WITH NETWORK = '0DB000000000001'"),
    ("who sees a row", "SELECT Id FROM Account WITH RecordVisibilityContext (maxDescriptorPerRecord=100)"),
    ("keywords and views of articles", "SELECT Id FROM Account UPDATE TRACKING"),
    ("the scopes of teams", "SELECT Id FROM Account USING SCOPE team"),
    ("scoping rules", "SELECT Id FROM Account USING SCOPE scopingRule"),
    ("child relationships in FROM", "SELECT Id FROM Account a, a.Contacts c"),
    ("a date function on the left of a semi-join",
     "SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) IN (SELECT AccountId FROM Contact)"),
    ("labels of several values outside SELECT",
     "SELECT Id FROM Opportunity WHERE toLabel(Industries__c) = 'Cloud'"),
    ("child relationships to objects that the sandbox has not",
     "SELECT Id, (SELECT Subject FROM ActivityHistories) FROM Account"),
    ("objects that every org has and the sandbox has not", "SELECT Id FROM Asset"),
    ("divisions", "FIND {acme} WITH DIVISION = 'Global'"),
    ("searches by data category", "FIND {acme} WITH DATA CATEGORY Geography__c AT usa__c"),
    ("searches of a community", "FIND {acme} WITH NETWORK = '0DB000000000001'"),
    ("excerpts of cases", "FIND {zebra} RETURNING Case(Subject) WITH SNIPPET"),
    ("searches within a list view", "FIND {acme} RETURNING Account(Name USING LISTVIEW=Recent)"),
)  # fmt: skip
"""(what, statement)"""
