"""State and country picklists, as an unmodified client meets them.

Source: Salesforce Help, "State and Country/Territory Picklists"; Object Reference, "Address Compound Fields" (stateCode and
countryCode); the refusal of a country as Apex developers met it (FIELD_INTEGRITY_EXCEPTION of BillingCountry).
"""

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

COUNTRIES = {
    "US": {"name": "United States", "states": {"CA": "California", "WA": "Washington"}},
    "AU": {"name": "Australia", "states": {"WA": "Western Australia"}},
    "DE": {"name": "Germany"},
}


@pytest.fixture
def lists(sandbox):
    sandbox.schema.enable_state_and_country(COUNTRIES)
    return sandbox


def address(sf, account):
    row = sf.Account.get(account)
    return tuple(row[f"Billing{part}"] for part in ("Country", "CountryCode", "State", "StateCode"))


def test_codes_and_texts_follow_each_other(lists, sf):
    made = sf.Account.create({"Name": "A", "BillingCountryCode": "US", "BillingStateCode": "WA"})["id"]
    assert address(sf, made) == ("United States", "US", "Washington", "WA")
    sf.Account.update(made, {"BillingCountry": "australia", "BillingState": "Western Australia"})
    assert address(sf, made) == ("Australia", "AU", "Western Australia", "WA")
    assert sf.Account.get(made)["BillingAddress"]["stateCode"] == "WA"
    assert sf.Account.get(made)["BillingAddress"]["countryCode"] == "AU"
    sf.Account.update(made, {"BillingCountry": "DE"})
    assert address(sf, made) == ("Germany", "DE", None, None)
    sf.Account.update(made, {"BillingCountry": None})
    assert address(sf, made) == (None, None, None, None)
    assert sf.query("SELECT Id FROM Account WHERE BillingCountryCode = null")["totalSize"] == 1


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"BillingCountry": "USA"}, "BillingCountry", "There's a problem with this country, even though"),
        ({"BillingCountryCode": "XX"}, "BillingCountryCode", "There's a problem with this country"),
        (
            {"BillingCountry": "Germany", "BillingState": "Bavaria"},
            "BillingState",
            "There's a problem with this state",
        ),
        (
            {"BillingCountryCode": "US", "BillingStateCode": "XY"},
            "BillingStateCode",
            "There's a problem with this state",
        ),
        ({"BillingState": "California"}, "BillingState", "A country/territory must be specified before"),
    ],
)
def test_what_is_not_in_the_lists_is_refused(lists, sf, told, values, field, words):
    (entry,) = told(lambda: sf.Account.create({"Name": "A", **values}))
    assert (entry["errorCode"], entry["fields"]) == ("FIELD_INTEGRITY_EXCEPTION", [field])
    assert words in entry["message"]


def test_describes_show_the_codes(lists, sf):
    fields = {f["name"]: f for f in sf.Contact.describe()["fields"]}
    code = fields["MailingStateCode"]
    assert (code["type"], code["length"], code["controllerName"], code["compoundFieldName"]) == (
        "picklist", 10, "MailingCountryCode", "MailingAddress",
    )  # fmt: skip
    assert [v["value"] for v in fields["MailingCountryCode"]["picklistValues"]] == ["US", "AU", "DE"]
    assert "MailingStateCode" not in {f["name"] for f in sf.Opportunity.describe()["fields"]}


def test_records_of_before_get_codes_where_their_texts_are_known(sandbox, sf):
    known = sf.Account.create({"Name": "A", "BillingCountry": "United States", "BillingState": "CA"})["id"]
    odd = sf.Account.create({"Name": "B", "BillingCountry": "USA"})["id"]
    sandbox.schema.enable_state_and_country(COUNTRIES)
    assert address(sf, known) == ("United States", "US", "CA", "CA")
    assert address(sf, odd) == ("USA", None, None, None)
    sf.Account.update(odd, {"Phone": "1"})  # what nobody touches is not looked at
    answer = sf.bulk2.Account.insert(
        records=[{"Name": "C", "BillingCountry": "Nowhere"}, {"Name": "D", "BillingCountry": "DE"}], wait=0
    )
    assert (answer[0]["numberRecordsProcessed"], answer[0]["numberRecordsFailed"]) == (2, 1)


def test_converted_leads_keep_their_address(lists, sf):
    lead = sf.Lead.create({"LastName": "L", "Company": "C", "CountryCode": "US", "StateCode": "CA"})["id"]
    done = lists.convert_lead(lead)
    assert address(sf, done["accountId"]) == ("United States", "US", "California", "CA")
    assert sf.Contact.get(done["contactId"])["MailingStateCode"] == "CA"


@pytest.mark.parametrize("countries", [{}, {"US": {}}])
def test_what_no_lists_are(sandbox, countries):
    with pytest.raises(CrmRefusal, match="countries are ISO codes"):
        sandbox.schema.enable_state_and_country(countries)


def test_an_org_file_has_the_lists():
    builder = OrgBuilder(
        parse_org_file(
            b"format: prm-harness.org/1\nbase: bare\n"
            b"switches: {person_accounts: true, state_and_country: {DE: {name: Germany}}}\n",
            "c.yaml",
        ),
        "c.yaml",
    )
    with Sandbox(seed=3, template="c", make=builder.make) as made:
        assert builder.notes == []
        (account,) = made.create("Account", [{"Name": "A", "ShippingCountry": "Germany"}])
        assert made.get("Account", account)["ShippingCountryCode"] == "DE"
