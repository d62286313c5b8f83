import pytest

from prm_harness.crm.org.org import Org


@pytest.fixture
def lead(org: Org, account: str) -> str:
    values = {
        "FirstName": "Grace",
        "LastName": "Hopper",
        "Company": "Navy",
        "Email": "grace@navy.example",
        "City": "Arlington",
        "Industry": "Government",
        "External_Id__c": "lead-1",
        "Partner_Account__c": account,
        "Deal_Region__c": "EMEA",
    }
    return org.insert("Lead", values, user=org.sales_id)


def test_three_records_and_a_closed_lead(org: Org, lead: str, account: str) -> None:
    result = org.convert_lead(lead[:15], user=org.admin_id)
    new_account = org.get("Account", result["accountId"])
    contact = org.get("Contact", result["contactId"])
    deal = org.get("Opportunity", result["opportunityId"])
    closed = org.get("Lead", lead)
    assert (new_account["Name"], new_account["BillingCity"], new_account["Industry"]) == (
        "Navy",
        "Arlington",
        "Government",
    )
    assert (contact["Name"], contact["AccountId"], contact["Email"]) == (
        "Grace Hopper",
        result["accountId"],
        "grace@navy.example",
    )
    assert contact["MailingCity"] == "Arlington"
    assert (deal["Name"], deal["AccountId"], deal["StageName"]) == (
        "Navy-",
        result["accountId"],
        "Prospecting",
    )
    assert (deal["CloseDate"], deal["Probability"]) == ("2026-03-31", 10.0)
    assert {r["OwnerId"] for r in (new_account, contact, deal)} == {org.sales_id}
    assert closed["IsConverted"] is True
    assert (closed["Status"], closed["ConvertedDate"]) == ("Closed - Converted", "2026-03-05")
    assert result == {
        "accountId": closed["ConvertedAccountId"],
        "contactId": closed["ConvertedContactId"],
        "opportunityId": closed["ConvertedOpportunityId"],
        "leadId": lead,
    }
    (role,) = org.connection.execute(
        'SELECT "ContactId", "IsPrimary" FROM "OpportunityContactRole"'
    ).fetchall()
    assert role == (result["contactId"], 1)


def test_custom_fields_follow_except_external_ids(org: Org, lead: str, account: str) -> None:
    deal = org.get("Opportunity", org.convert_lead(lead, user=org.admin_id)["opportunityId"])
    assert (deal["Partner_Account__c"], deal["Deal_Region__c"]) == (account, "EMEA")
    assert deal["External_Id__c"] is None


def test_one_transaction_that_ends_with_the_lead(org: Org, lead: str) -> None:
    before = len(org.changes)
    org.convert_lead(lead, user=org.admin_id)
    assert [(c.sobject, c.operation) for c in org.changes[before:]] == [
        ("Account", "create"),
        ("Contact", "create"),
        ("Opportunity", "create"),
        ("OpportunityHistory", "create"),
        ("OpportunityContactRole", "create"),
        ("Lead", "convert"),
    ]


def test_existing_account_and_contact(org: Org, lead: str, account: str) -> None:
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account}, user=org.sales_id)
    result = org.convert_lead(lead, user=org.admin_id, contact_id=contact, opportunity=False)
    assert result == {"accountId": account, "contactId": contact, "opportunityId": None, "leadId": lead}


def test_name_and_status_can_be_chosen(org: Org, lead: str, refused) -> None:
    assert refused(lambda: org.convert_lead(lead, user=org.admin_id, status="Working - Contacted")) == [
        ("INVALID_STATUS", "invalid convertedStatus: Working - Contacted", ())
    ]
    result = org.convert_lead(
        lead, user=org.admin_id, opportunity_name="Big one", status="Closed - Converted"
    )
    assert org.get("Opportunity", result["opportunityId"])["Name"] == "Big one"


def test_a_converted_lead_is_read_only(org: Org, lead: str, refused) -> None:
    org.convert_lead(lead, user=org.admin_id)
    expected = [("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())]
    assert refused(lambda: org.update("Lead", lead, {"Phone": "1"}, user=org.admin_id)) == expected
    assert refused(lambda: org.convert_lead(lead, user=org.admin_id)) == expected
    assert refused(lambda: org.insert("Task", {"Subject": "s", "WhoId": lead}, user=org.admin_id)) == expected


def test_a_value_the_opportunity_cannot_hold_stops_everything(org: Org, refused) -> None:
    values = {"LastName": "L", "Company": "C", "Deal_Region__c": "MARS"}
    lead = org.insert("Lead", values, user=org.sales_id)
    before = len(org.changes)
    assert (
        refused(lambda: org.convert_lead(lead, user=org.admin_id))[0][0]
        == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )
    assert len(org.changes) == before
    assert org.find("Account", "Name", "C") == []
    assert org.get("Lead", lead)["IsConverted"] is False
