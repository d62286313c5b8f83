"""Filters, one by one."""

import pytest

ALL = ["One", "Two", "three", "50%_off"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Name = 'ONE'", ["One"]),
        ("Name != 'one'", ["Two", "three", "50%_off"]),
        ("Name <> 'one'", ["Two", "three", "50%_off"]),
        ("NextStep != 'x'", ALL),
        ("NextStep = ''", ALL),
        ("NextStep = null", ALL),
        ("Amount = null", ["three"]),
        ("Amount != null", ["One", "Two", "50%_off"]),
        ("Amount > 100", ["Two"]),
        ("Amount >= 1e2", ["One", "Two"]),
        ("Amount < -4.5", ["50%_off"]),
        ("Amount <= 100.0", ["One", "50%_off"]),
        ("Amount = USD100", ["One"]),
        ("NOT Amount > 100", ["One", "three", "50%_off"]),
        ("NOT (Amount > 100 OR Amount = null)", ["One", "50%_off"]),
        ("(NOT (Name = 'one')) AND Amount != null", ["Two", "50%_off"]),
        ("NOT NOT Name = 'one'", ["One"]),
        ("Amount IN (100, -5)", ["One", "50%_off"]),
        ("Amount NOT IN (100, -5)", ["Two", "three"]),
        ("Name IN ('one', 'TWO', 'nobody')", ["One", "Two"]),
        ("Name NOT IN ('one')", ["Two", "three", "50%_off"]),
        ("External_Id__c IN (null, 'x-1')", ALL),
        ("External_Id__c NOT IN (null, 'x-1')", []),
        ("Name LIKE 't%'", ["Two", "three"]),
        ("Name LIKE 'tw_'", ["Two"]),
        (r"Name LIKE '50\%%'", ["50%_off"]),
        (r"Name LIKE '50_\_off'", ["50%_off"]),
        ("Name LIKE 'one_'", []),
        ("NOT Name LIKE 't%'", ["One", "50%_off"]),
        ("Strategic__c = true", ["One"]),
        ("Strategic__c = FALSE", ["Two", "three", "50%_off"]),
        ("Strategic__c != true", ["Two", "three", "50%_off"]),
        ("Strategic__c = null", []),
        ("Account.IsPartner = false", ["three", "50%_off"]),
        ("Account.Name != 'Acme'", ["three", "50%_off"]),
        ("Account.Parent.Name = 'acme'", ["three"]),
        ("Account.Name = null", ["50%_off"]),
        ("Industries__c INCLUDES ('retail')", ["One", "Two"]),
        ("Industries__c INCLUDES ('Banking;Retail')", ["One"]),
        ("Industries__c INCLUDES ('Banking;Retail', 'Oil, Gas')", ["One"]),
        ("Industries__c INCLUDES ('Bank')", []),
        ("Industries__c EXCLUDES ('Banking')", ["Two", "three", "50%_off"]),
        ("NOT Industries__c INCLUDES ('Banking')", ["Two", "three", "50%_off"]),
        ("Industries__c = 'Banking;Retail'", ["One"]),
        ("CloseDate = 2024-02-15", ["One"]),
        ("CloseDate = TODAY", ["One"]),
        ("CloseDate != today", ["Two", "three", "50%_off"]),
        ("CloseDate > TODAY", ["Two"]),
        ("CloseDate <= TODAY", ["One", "three", "50%_off"]),
        ("CloseDate = THIS_MONTH", ["One", "50%_off"]),
        ("CloseDate IN (TODAY, 2024-03-01)", ["One", "Two"]),
        ("CloseDate = LAST_N_DAYS:14", ["One", "50%_off"]),
        ("CloseDate = LAST_N_DAYS:13", ["One"]),
        ("CloseDate = NEXT_N_DAYS:15", ["Two"]),
        ("CloseDate < LAST_YEAR", []),
        ("CloseDate = LAST_YEAR", ["three"]),
        ("Kickoff_At__c = TODAY", ["One"]),
        ("Kickoff_At__c = 2024-02-15T09:00:00Z", ["One"]),
        ("Kickoff_At__c = 2024-02-15T10:00:00+01:00", ["One"]),
        ("Kickoff_At__c = 2024-02-15T04:00:00.000-0500", ["One"]),
        ("Kickoff_At__c = 2024-02-15T09:00:00.000000Z", ["One"]),
        ("Kickoff_At__c >= 2024-02-15T09:00:00.001Z", []),
        ("Demo_Time__c = 09:30:00.000Z", ["One"]),
        ("Demo_Time__c < 09:30:00Z", []),
        ("CALENDAR_YEAR(CloseDate) = 2023", ["three"]),
        ("HOUR_IN_DAY(Kickoff_At__c) = 9", ["One"]),
        ("DAY_ONLY(Kickoff_At__c) = 2024-02-15", ["One"]),
        ("WEEK_IN_MONTH(CloseDate) = 3", ["One"]),
        ("CALENDAR_QUARTER(CloseDate) = 4", ["three"]),
        ("DAY_IN_WEEK(CloseDate) = 5", ["One", "50%_off"]),
        ("AccountId IN (SELECT Id FROM Account WHERE Industry = 'Banking')", ["One", "Two"]),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Industry = 'Banking')", ["three", "50%_off"]),
        ("Name LIKE '%' AND CampaignId IN (SELECT Id FROM Campaign)", []),
        ("CampaignId NOT IN (SELECT Id FROM Campaign)", ["One", "Two", "three", "50%_off"]),
    ],
)
def test_filter(deals, condition, names):
    assert deals.org.values(f"SELECT Name FROM Opportunity WHERE {condition}") == names


def test_ids_compare_in_either_length(deals):
    ask = deals.org.values
    assert ask(f"SELECT Name FROM Opportunity WHERE AccountId = '{deals.globex}'") == ["three"]
    assert ask(f"SELECT Name FROM Opportunity WHERE AccountId = '{deals.globex[:15]}'") == ["three"]
    assert ask(f"SELECT Name FROM Opportunity WHERE Id IN ('{deals.one[:15]}')") == ["One"]
    assert ask(f"SELECT Name FROM Opportunity WHERE Id > '{deals.one}' ORDER BY Id LIMIT 1") == ["Two"]


def test_letters_beyond_ascii_compare_without_case_too(deals):
    ask = deals.org.values
    for condition in (
        "Name = 'éMILE & fils'",
        "Name LIKE 'É%'",
        "Name IN ('nobody', 'ÉMILE & FILS')",
        r"Name = '\u00c9mile & Fils'",
    ):
        assert ask(f"SELECT Name FROM Account WHERE {condition}") == ["Émile & Fils"], condition


def test_escapes_in_text(org):
    text = "a'b\"c\\d\ne\tf\u20ac"
    org.add("Account", Name=text)
    assert org.values(r"SELECT Name FROM Account WHERE Name = 'a\'b\"c\\d\ne\tf\u20ac'") == [text]
    assert org.values(r"SELECT Name FROM Account WHERE Name LIKE '%\\d%'") == [text]


def test_users_time_zone_and_week(deals):
    set_user = 'UPDATE "User" SET "TimeZoneSidKey" = ?, "LocaleSidKey" = ?'
    created = "SELECT Name FROM Account WHERE CreatedDate = "
    # 31 January 23:30 in Greenwich is already February in Berlin.
    assert deals.org.values(created + "LAST_MONTH") == ["Acme"]
    deals.org.connection.execute(set_user, ("Europe/Berlin", "de_DE"))
    assert deals.org.values(created + "LAST_MONTH") == []
    assert deals.org.values(created + "THIS_MONTH") == ["Acme", "Globex"]
    # 11 February 2024 was a Sunday: the first day of an American week, the last of a German one.
    deals.org.connection.execute('UPDATE "Account" SET "CreatedDate" = \'2024-02-11T12:00:00.000+0000\'')
    assert len(deals.org.values(created + "LAST_WEEK")) == 3
    deals.org.connection.execute(set_user, ("Europe/Berlin", "en_US"))
    assert len(deals.org.values(created + "THIS_WEEK")) == 3


def test_long_lists_and_long_chains(deals):
    ids = ", ".join(f"'{deals.one}'" for _ in range(4000))
    assert deals.org.values(f"SELECT Name FROM Opportunity WHERE Id IN ({ids})") == ["One"]
    chain = " OR ".join(f"Amount = {n}" for n in range(3000))
    assert deals.org.values(f"SELECT Name FROM Opportunity WHERE {chain}") == ["One"]


def test_numbers_beyond_any_column(deals):
    ask = deals.org.values
    assert ask(f"SELECT Name FROM Opportunity WHERE Amount < {'9' * 5000}") == ["One", "Two", "50%_off"]
    assert ask("SELECT Name FROM Opportunity WHERE Amount > -1e999 AND Amount < 99999999999999999999") == ask(
        "SELECT Name FROM Opportunity WHERE Amount != null"
    )
    assert len(ask(f"SELECT Name FROM Opportunity LIMIT {'9' * 5000}")) == 4
