"""Several currencies, and fields of managed packages, as an unmodified client meets them."""

import pytest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def test_every_record_says_which_currency_its_amounts_are_in(sandbox, sf, told):
    before = sf.Opportunity.create(DEAL | {"Amount": 5})["id"]
    assert "CurrencyIsoCode" not in sf.Opportunity.get(before)
    sandbox.schema.enable_currencies({"EUR": 1, "USD": 1.1})
    assert sf.Opportunity.get(before)["CurrencyIsoCode"] == "EUR"
    field = next(f for f in sf.Opportunity.describe()["fields"] if f["name"] == "CurrencyIsoCode")
    assert [v["value"] for v in field["picklistValues"]] == ["EUR", "USD"]
    assert (field["restrictedPicklist"], field["defaultedOnCreate"], field["createable"]) == (
        True,
        True,
        True,
    )
    made = sf.Opportunity.create(DEAL | {"CurrencyIsoCode": "USD"})["id"]
    assert sf.Opportunity.get(made)["CurrencyIsoCode"] == "USD"
    entry = told(lambda: sf.Opportunity.create(DEAL | {"CurrencyIsoCode": "GBP"}))[0]
    assert entry["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    rows = sf.query("SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType ORDER BY IsoCode")[
        "records"
    ]
    assert [(r["IsoCode"], r["ConversionRate"], r["IsCorporate"]) for r in rows] == [
        ("EUR", 1.0, True),
        ("USD", 1.1, False),
    ]
    sandbox.schema.enable_currencies({"EUR": 1, "USD": 1.1, "GBP": 0.8})
    assert sf.Opportunity.create(DEAL | {"CurrencyIsoCode": "GBP"})["success"]
    assert sf.bulk2.Account.insert(records=[{"Name": "A"}], wait=0)[0]["numberRecordsFailed"] == 0
    assert sf.query("SELECT Id FROM Account WHERE CurrencyIsoCode = 'EUR'")["totalSize"] == 1


@pytest.mark.parametrize("rates", [{}, {"EUR": 2}, {"eur": 1}, {"EUR": 1, "USD": 0}])
def test_what_no_currencies_are(sandbox, rates):
    with pytest.raises(CrmRefusal, match="corporate one has rate 1"):
        sandbox.schema.enable_currencies(rates)


def test_names_of_managed_packages(sandbox, sf):
    sandbox.schema.add_object("acme__Program__c", "Program", [{"name": "acme__Level__c", "type": "string"}])
    sandbox.schema.add_field("Account", "acme__Program__c", "reference", reference_to="acme__Program__c")
    program = sf.acme__Program__c.create({"Name": "Gold", "acme__Level__c": "1"})["id"]
    sf.Account.create({"Name": "A", "acme__Program__c": program})
    row = sf.query("SELECT acme__Program__r.acme__Level__c FROM Account")["records"][0]
    assert row["acme__Program__r"]["acme__Level__c"] == "1"
    assert sf.acme__Program__c.describe()["custom"] is True
