"""Partner relationships, partner funds, campaign members and queues, as an unmodified client meets them."""

import pytest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture
def accounts(sandbox):
    return sandbox.create("Account", [{"Name": "Vendor"}, {"Name": "Reseller"}, {"Name": "Agency"}])


def partners(sf, sobject):
    found = sf.query(f"SELECT Id, AccountToId, Role, IsPrimary FROM {sobject} ORDER BY Id")["records"]
    return [(r["AccountToId"], r["Role"], r["IsPrimary"]) for r in found]


def test_a_partnership_has_two_sides(sf, accounts):
    vendor, reseller, _ = accounts
    made = sf.Partner.create({"AccountFromId": vendor, "AccountToId": reseller, "Role": "Agency"})["id"]
    both = [(reseller, "Agency", False), (vendor, "Advertiser", False)]
    assert partners(sf, "Partner") == both
    assert partners(sf, "AccountPartner") == both
    nested = sf.query(
        f"SELECT (SELECT AccountTo.Name FROM AccountPartnersFrom) FROM Account WHERE Id = '{vendor}'"
    )
    assert nested["records"][0]["AccountPartnersFrom"]["records"][0]["AccountTo"]["Name"] == "Reseller"
    sf.Partner.delete(made)
    assert partners(sf, "Partner") == partners(sf, "AccountPartner") == []


def test_an_opportunity_has_one_primary_partner(sf, accounts):
    deal = sf.Opportunity.create(DEAL)["id"]
    for account in accounts[1:]:
        sf.Partner.create(
            {"OpportunityId": deal, "AccountToId": account, "IsPrimary": True, "Role": "Distributor"}
        )
    expected = [(accounts[1], "Distributor", False), (accounts[2], "Distributor", True)]
    assert partners(sf, "OpportunityPartner") == expected
    sf.Opportunity.delete(deal)
    assert partners(sf, "OpportunityPartner") == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"AccountFromId": 0, "OpportunityId": "deal", "AccountToId": 1}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"AccountToId": 1}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"AccountFromId": 0, "AccountToId": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"AccountFromId": 0}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_what_no_partnership_is(sf, told, accounts, values, code):
    deal = sf.Opportunity.create(DEAL)["id"]
    given = {name: deal if value == "deal" else accounts[value] for name, value in values.items()}
    assert told(lambda: sf.Partner.create(given))[0]["errorCode"] == code


def test_partner_rows_cannot_be_changed(sf, told, accounts):
    made = sf.Partner.create({"AccountFromId": accounts[0], "AccountToId": accounts[1]})["id"]
    assert told(lambda: sf.Partner.update(made, {"Role": "Agency"}))
    assert told(lambda: sf.AccountPartner.create({"AccountFromId": accounts[0]}))


def test_funds_add_up(sf, accounts):
    budget = sf.PartnerMarketingBudget.create({"Title": "FY", "Amount": 100, "Type": "Marketing Funds"})["id"]
    allocation = sf.PartnerFundAllocation.create(
        {"Title": "Q1", "Amount": 40, "BudgetId": budget, "ChannelPartnerId": accounts[1]}
    )["id"]
    request = sf.PartnerFundRequest.create(
        {
            "Title": "Fair",
            "AllocationId": allocation,
            "BudgetId": budget,
            "ChannelPartnerId": accounts[1],
            "RequestedAmount": 30,
        }
    )["id"]
    assert sf.PartnerFundRequest.get(request)["Status"] == "Draft"
    sf.PartnerFundRequest.update(request, {"Status": "Approved", "Amount": 25})
    claim = sf.PartnerFundClaim.create({"Title": "Bill", "RequestId": request, "Amount": 20})["id"]
    found = sf.PartnerFundClaim.get(claim)
    assert (found["AllocationId"], found["BudgetId"], found["ChannelPartnerId"]) == (
        allocation,
        budget,
        accounts[1],
    )
    sf.PartnerFundClaim.update(claim, {"Status": "Paid"})
    row = sf.PartnerMarketingBudget.get(budget)
    names = ("TotalAllocatedAmount", "TotalApprovedFrs", "TotalApprovedFcs", "TotalReimbursedFcs")
    assert [row[name] for name in names] == [40.0, 25.0, 20.0, 20.0]
    assert sf.PartnerFundRequest.get(request)["TotalReimbursedFcs"] == 20.0


def test_channel_programs(sf, told, accounts):
    program = sf.ChannelProgram.create({"Name": "Gold Club"})["id"]
    level = sf.ChannelProgramLevel.create({"Name": "Starter", "ProgramId": program, "Rank": 1})["id"]
    member = sf.ChannelProgramMember.create(
        {"ProgramId": program, "LevelId": level, "PartnerId": accounts[1]}
    )["id"]
    assert sf.ChannelProgramMember.get(member)["Name"] == "CPM-00000001"
    entry = told(lambda: sf.Account.delete(accounts[1]))[0]
    assert entry["errorCode"] == "DELETE_FAILED"
    sf.ChannelProgram.delete(program)
    assert sf.query("SELECT Id FROM ChannelProgramMember")["totalSize"] == 0


def test_campaigns_count_their_members(sf, told):
    campaign = sf.Campaign.create({"Name": "Fair"})["id"]
    lead = sf.Lead.create({"LastName": "Ito", "Company": "Acme"})["id"]
    contact = sf.Contact.create({"LastName": "Ito"})["id"]
    first = sf.CampaignMember.create({"CampaignId": campaign, "LeadId": lead})["id"]
    sf.CampaignMember.create({"CampaignId": campaign, "ContactId": contact, "Status": "Responded"})
    entry = told(lambda: sf.CampaignMember.create({"CampaignId": campaign, "LeadId": lead}))[0]
    assert (entry["errorCode"], entry["message"]) == ("DUPLICATE_VALUE", "Already a campaign member.")
    sf.Opportunity.create(DEAL | {"CampaignId": campaign, "Amount": 5})
    won = sf.Opportunity.create(DEAL | {"CampaignId": campaign, "Amount": 7, "StageName": "Closed Won"})["id"]
    row = sf.Campaign.get(campaign)
    assert (row["NumberOfLeads"], row["NumberOfContacts"], row["NumberOfResponses"]) == (1, 1, 1)
    assert (row["NumberOfOpportunities"], row["NumberOfWonOpportunities"]) == (2, 1)
    assert (row["AmountAllOpportunities"], row["AmountWonOpportunities"]) == (12.0, 7.0)
    sf.CampaignMember.update(first, {"Status": "Responded"})
    sf.Opportunity.delete(won)
    row = sf.Campaign.get(campaign)
    assert (row["NumberOfResponses"], row["NumberOfWonOpportunities"]) == (2, 0)


def test_queues_own_what_they_were_made_for(sandbox, sf, told):
    queue = sandbox.people.create_queue("Inbound", ["Lead", "Deal_Registration__c"])
    lead = sf.Lead.create({"LastName": "Ito", "Company": "Acme", "OwnerId": queue})["id"]
    found = sf.query(f"SELECT Owner.Name, Owner.Type FROM Lead WHERE Id = '{lead}'")["records"][0]["Owner"]
    assert (found["Name"], found["Type"]) == ("Inbound", "Queue")
    entry = told(lambda: sf.Case.create({"Subject": "s", "OwnerId": queue}))[0]
    assert (entry["errorCode"], entry["message"]) == (
        "INVALID_OPERATION",
        "Queue not associated with this SObject type",
    )
    entry = told(lambda: sf.Account.create({"Name": "A", "OwnerId": queue}))[0]
    assert entry["fields"] == ["OwnerId"]
    rows = sf.query("SELECT Queue.Name, SobjectType FROM QueueSobject ORDER BY SobjectType")["records"]
    assert [(r["Queue"]["Name"], r["SobjectType"]) for r in rows] == [
        ("Inbound", "Deal_Registration__c"),
        ("Inbound", "Lead"),
    ]
    with pytest.raises(CrmRefusal, match="Account records cannot be owned by a queue"):
        sandbox.people.create_queue("No", ["Account"])


def test_statuses_that_close_come_from_their_rows(sandbox, sf):
    sandbox.schema.change_picklist_value("Task", "Status", "Completed", rename="Done")
    task = sf.Task.create({"Subject": "Call", "Status": "Done"})["id"]
    assert sf.Task.get(task)["IsClosed"] is True
    sandbox.schema.add_picklist_value("Case", "Status", "Parked")
    assert sf.Case.get(sf.Case.create({"Subject": "s", "Status": "Parked"})["id"])["IsClosed"] is False
