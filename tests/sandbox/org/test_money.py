"""Money in several currencies, as an unmodified client asks for it.

Source: SOQL and SOSL Reference, "convertCurrency()" (developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/
sforce-api-calls-soql-querying-currency-fields); Object Reference, "DatedConversionRate".
"""

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

DEAL = {"StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture
def money(sandbox):
    """An org whose corporate currency is the euro; a dollar is worth less, a pound more."""
    sandbox.schema.enable_currencies({"EUR": 1, "USD": 1.25, "GBP": 0.8})
    return sandbox


@pytest.fixture
def deals(money, sf):
    """Three deals of 100, each in a currency of its own."""
    return {
        code: sf.Opportunity.create(DEAL | {"Name": code, "Amount": 100, "CurrencyIsoCode": code})["id"]
        for code in ("EUR", "USD", "GBP")
    }


def be(money, code):
    """Give the client's user a currency."""
    money._org.update(
        "User", money.facts.integration_user, {"CurrencyIsoCode": code}, user=money._org.admin_id
    )


def rows(sf, soql):
    return [{k: v for k, v in row.items() if k != "attributes"} for row in sf.query(soql)["records"]]


def test_amounts_are_the_records_and_converted_the_users(money, sf, deals):
    found = rows(sf, "SELECT Name, Amount, convertCurrency(Amount) mine FROM Opportunity ORDER BY Name")
    assert found == [
        {"Name": "EUR", "Amount": 100.0, "mine": 100.0},
        {"Name": "GBP", "Amount": 100.0, "mine": 125.0},
        {"Name": "USD", "Amount": 100.0, "mine": 80.0},
    ]
    be(money, "USD")
    assert [r["Amount"] for r in rows(sf, "SELECT convertCurrency(Amount) FROM Opportunity ORDER BY Name")] == [
        125.0, 156.25, 100.0,
    ]  # fmt: skip


def test_format_shows_the_code(money, sf, deals):
    be(money, "GBP")
    soql = (
        "SELECT FORMAT(Amount) theirs, convertCurrency(Amount) converted, FORMAT(convertCurrency(Amount)) mine "
        f"FROM Opportunity WHERE Id = '{deals['USD']}'"
    )
    assert rows(sf, soql) == [{"theirs": "USD 100.00", "converted": 64.0, "mine": "GBP 64.00"}]


def test_parents_amounts_are_converted_too(money, sf):
    account = sf.Account.create({"Name": "A", "AnnualRevenue": 50, "CurrencyIsoCode": "USD"})["id"]
    sf.Opportunity.create(DEAL | {"Name": "D", "AccountId": account})
    (row,) = rows(sf, "SELECT convertCurrency(Account.AnnualRevenue) FROM Opportunity")
    assert row["Account"]["AnnualRevenue"] == 40.0


def test_sums_are_in_the_corporate_currency(money, sf, deals):
    be(money, "USD")
    assert rows(sf, "SELECT SUM(Amount) s, MAX(Amount) m FROM Opportunity") == [{"s": 305.0, "m": 125.0}]
    assert rows(sf, "SELECT Name, SUM(Amount) s FROM Opportunity GROUP BY Name HAVING SUM(Amount) > 90 ORDER BY Name") == [
        {"Name": "EUR", "s": 100.0}, {"Name": "GBP", "s": 125.0},
    ]  # fmt: skip


def test_sorting_goes_by_what_amounts_are_worth(sf, deals):
    assert [r["Name"] for r in rows(sf, "SELECT Name FROM Opportunity ORDER BY Amount")] == [
        "USD",
        "EUR",
        "GBP",
    ]


def test_amounts_with_a_code_are_compared_by_what_they_are_worth(sf, deals):
    """A number without a code is compared as it stands."""
    assert [
        r["Name"] for r in rows(sf, "SELECT Name FROM Opportunity WHERE Amount > USD110 ORDER BY Name")
    ] == ["EUR", "GBP"]
    assert len(rows(sf, "SELECT Name FROM Opportunity WHERE Amount = 100")) == 3


def test_conversion_is_for_select_only(sf, deals, told):
    for soql in (
        "SELECT Id FROM Opportunity WHERE convertCurrency(Amount) > 5",
        "SELECT convertCurrency(Name) FROM Opportunity",
        "SELECT convertCurrency(SUM(Amount)) FROM Opportunity",
    ):
        assert told(lambda soql=soql: sf.query(soql))[0]["errorCode"] in {"MALFORMED_QUERY", "INVALID_FIELD"}


def test_deals_are_converted_by_the_rate_of_their_close_date(money, sf, told):
    money.schema.enable_dated_rates({"USD": {"2026-04-01": 2, "2026-07-01": 4}})
    for name, day in (("before", "2026-03-31"), ("second", "2026-04-01"), ("third", "2026-07-02")):
        sf.Opportunity.create(
            DEAL | {"Name": name, "CloseDate": day, "Amount": 100, "CurrencyIsoCode": "USD"}
        )
    found = rows(sf, "SELECT Name, convertCurrency(Amount) FROM Opportunity ORDER BY CloseDate")
    assert [(r["Name"], r["Amount"]) for r in found] == [("before", 80.0), ("second", 50.0), ("third", 25.0)]
    assert rows(sf, "SELECT SUM(Amount) s FROM Opportunity") == [{"s": 155.0}]
    assert [r["Amount"] for r in rows(sf, "SELECT convertCurrency(Amount) FROM OpportunityHistory ORDER BY CloseDate")] == [
        80.0, 50.0, 25.0,
    ]  # fmt: skip
    # An account has no close date: the rate of the currency itself counts.
    sf.Account.create({"Name": "A", "AnnualRevenue": 50, "CurrencyIsoCode": "USD"})
    assert rows(sf, "SELECT convertCurrency(AnnualRevenue) FROM Account") == [{"AnnualRevenue": 40.0}]


def test_dated_rates_are_rows(money, sf, told):
    assert told(lambda: sf.query("SELECT Id FROM DatedConversionRate"))[0]["errorCode"] == "INVALID_TYPE"
    money.schema.enable_dated_rates({"USD": {"2026-07-01": 4, "2026-04-01": 2}})
    soql = "SELECT Id, StartDate, NextStartDate, ConversionRate FROM DatedConversionRate WHERE IsoCode = 'USD' ORDER BY StartDate"
    found = rows(sf, soql)
    assert [(r["StartDate"], r["NextStartDate"], r["ConversionRate"]) for r in found] == [
        ("1900-01-01", "2026-04-01", 1.25), ("2026-04-01", "2026-07-01", 2.0), ("2026-07-01", None, 4.0),
    ]  # fmt: skip
    sf.DatedConversionRate.update(found[2]["Id"], {"ConversionRate": 5})
    sf.DatedConversionRate.delete(found[1]["Id"])
    assert [(r["NextStartDate"], r["ConversionRate"]) for r in rows(sf, soql)] == [
        ("2026-07-01", 1.25),
        (None, 5.0),
    ]
    assert told(lambda: sf.DatedConversionRate.update(found[2]["Id"], {"StartDate": "2026-08-01"}))
    assert told(
        lambda: sf.DatedConversionRate.create(
            {"IsoCode": "USD", "StartDate": "2027-01-01", "ConversionRate": 1}
        )
    )


@pytest.mark.parametrize("rates", [{"CHF": {"2026-01-01": 1}}, {"USD": {"2026-01-01": 0}}])
def test_what_no_dated_rates_are(money, rates):
    with pytest.raises(CrmRefusal, match="rates above 0"):
        money.schema.enable_dated_rates(rates)


def test_dated_rates_need_several_currencies(sandbox):
    with pytest.raises(CrmRefusal, match="enable them first"):
        sandbox.schema.enable_dated_rates({"USD": {"2026-01-01": 1}})


def test_roll_ups_are_in_the_parents_currency(money, sf):
    for name, where in (("All__c", ""), ("Open__c", "NOT(IsClosed)")):
        summary = {
            "child": "Opportunity",
            "via": "AccountId",
            "operation": "sum",
            "field": "Amount",
            "where": where,
        }
        money.schema.add_field("Account", name, "currency", precision=18, scale=2, roll_up=summary)
    account = sf.Account.create({"Name": "A", "CurrencyIsoCode": "USD"})["id"]
    for code in ("EUR", "GBP"):
        sf.Opportunity.create(
            DEAL | {"Name": code, "Amount": 100, "AccountId": account, "CurrencyIsoCode": code}
        )
    row = sf.Account.get(account)
    assert (row["All__c"], row["Open__c"]) == (281.25, 281.25)


def test_an_org_file_dates_rates():
    builder = OrgBuilder(
        parse_org_file(
            b"format: prm-harness.org/1\nbase: bare\n"
            b"switches: {multi_currency: {EUR: 1, USD: 1.1}, dated_rates: {USD: {'2026-01-01': 1.2}}}\n",
            "m.yaml",
        ),
        "m.yaml",
    )
    with Sandbox(seed=3, template="m", make=builder.make) as made:
        assert builder.notes == []
        assert len(made.query("SELECT Id FROM DatedConversionRate")) == 3
