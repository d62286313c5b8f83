"""Sharing rules, teams, what accounts open, groups and partner users: what other users get, through an unmodified client."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceResourceNotFound

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
SALES = "sales@northwind.example"


@pytest.fixture
def logged_in(sandbox, sf):
    assert sf.session_id  # its fixture leads requests to the sandbox

    def session(user):
        host = sandbox.instance_url.removeprefix("https://")
        return Salesforce(instance=host, session_id=sandbox.open_session(user))

    return session


@pytest.fixture
def account(sandbox):
    return sandbox.create("Account", [{"Name": "Theirs", "Industry": "Energy"}])[0]


def names(sf, sobject):
    return sorted(row["Name"] for row in sf.query(f"SELECT Name FROM {sobject}")["records"])


def shares(sandbox, sobject="Account", cause="Rule"):
    level = f"{sobject}AccessLevel"
    rows = sandbox.query(f"SELECT {level}, UserOrGroup.Name FROM {sobject}Share WHERE RowCause = '{cause}'")
    return [(row[level], row["UserOrGroup"]["Name"]) for row in rows]


def refusal(told, call):
    return told(call)[0]["errorCode"]


# -- sharing rules


def test_a_rule_by_owner_opens_to_a_role(sandbox, sf, people, own, account, told):
    people.set_sharing("Account", "private")
    reps, channel = people.create_role("Reps"), people.create_role("Channel")
    people.assign_role(people.user(SALES), reps)
    people.assign_role(own, channel)
    people.add_sharing_rule("Account", "Reps_to_Channel", "role:Channel", owned_by="role:Reps")

    assert sf.Account.get(account)["Name"] == "Theirs"
    assert shares(sandbox) == [("Read", "Channel")]
    assert refusal(told, lambda: sf.Account.update(account, {"Phone": "1"})) == (
        "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    later = sandbox.create("Account", [{"Name": "Later"}])[0]
    assert names(sf, "Account") == ["Later", "Theirs"]
    assert sf.search("FIND {Later} IN ALL FIELDS RETURNING Account(Id)")["searchRecords"][0]["Id"] == later

    people.assign_role(people.user(SALES), None)
    assert names(sf, "Account") == []
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(account)


def test_a_rule_by_criteria_follows_the_record(sandbox, sf, people, own, account, told):
    people.set_sharing("Account", "private")
    people.create_group("Energy_Desk", [own])
    people.add_sharing_rule(
        "Account",
        "Energy",
        "group:Energy_Desk",
        level="Edit",
        condition="ISPICKVAL(Industry, 'Energy')",
        children={"Opportunity": "Read"},
    )
    sf.Account.update(account, {"Phone": "1"})
    assert refusal(told, lambda: sf.Account.delete(account)) == "INSUFFICIENT_ACCESS_OR_READONLY"
    sandbox.update("Account", account, {"Industry": "Banking"})
    assert names(sf, "Account") == []
    assert refusal(told, lambda: sf.Account.update(account, {"Phone": "2"})) == (
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    )
    sandbox.update("Account", account, {"Industry": "Energy"})
    assert names(sf, "Account") == ["Theirs"]
    people.drop_sharing_rule("Account", "Energy")
    assert (names(sf, "Account"), shares(sandbox)) == ([], [])


def test_the_widest_of_several_rules_holds_and_makes_one_share(sandbox, sf, people, own, account):
    people.set_sharing("Account", "private")
    people.create_group("Desk", [own])
    people.add_sharing_rule("Account", "A", "group:Desk", condition="TRUE")
    people.add_sharing_rule("Account", "B", "group:Desk", condition="NOT(ISBLANK(Name))", level="Edit")
    assert shares(sandbox) == [("Edit", "Desk")]
    sf.Account.update(account, {"Phone": "1"})
    people.drop_sharing_rule("Account", "B")
    assert shares(sandbox) == [("Read", "Desk")]


@pytest.mark.parametrize(
    ("whom", "above", "same", "below"),
    [
        ("role:Channel", True, True, False),
        ("role_and_subordinates:Channel", True, True, True),
        ("role_and_internal_subordinates:Channel", True, True, True),
        ("all_internal_users", True, True, True),
    ],
)
def test_who_belongs_to_a_role(people, account, logged_in, whom, above, same, below):
    people.set_sharing("Account", "private")
    top = people.create_role("CEO")
    channel = people.create_role("Channel", top)
    reps = people.create_role("Reps", channel)
    users = []
    for number, role in enumerate((top, channel, reps)):
        users.append(people.create_user(f"u{number}@northwind.example"))
        people.assign_role(users[-1], role)
    people.add_sharing_rule("Account", "All", whom, condition="TRUE")

    seen = [names(logged_in(user), "Account") == ["Theirs"] for user in users]
    assert seen == [above, same, below]


def test_members_of_a_group_that_clients_change(sf, sandbox, people, own, account):
    people.set_sharing("Account", "private")
    owners, desk = people.create_group("Owners"), people.create_group("Desk", [own])
    people.add_sharing_rule("Account", "Owned", "group:Desk", owned_by="group:Owners")
    assert names(sf, "Account") == []
    made = sf.GroupMember.create({"GroupId": owners, "UserOrGroupId": people.user(SALES)})["id"]
    assert names(sf, "Account") == ["Theirs"]
    sf.GroupMember.delete(made)
    assert names(sf, "Account") == []
    assert desk in {row["Id"] for row in sf.query("SELECT Id FROM Group WHERE Type = 'Regular'")["records"]}


def test_loads_get_their_shares_too(sandbox, sf, people, own):
    people.set_sharing("Account", "private")
    people.create_group("Desk", [own])
    people.add_sharing_rule("Account", "All", "group:Desk", condition="TRUE")
    sandbox.create("Account", [{"Name": f"Load {n:02}"} for n in range(30)])
    assert len(names(sf, "Account")) == 30


# -- what accounts open, and what opens accounts


def test_an_accounts_share_opens_what_hangs_on_it(sandbox, sf, people, own, account, told):
    people.set_sharing("Account", "private")
    people.set_sharing("Opportunity", "private")
    people.set_sharing("Contact", "private")
    deal = sandbox.create("Opportunity", [DEAL | {"AccountId": account}])[0]
    contact = sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])[0]
    sales = people.user(SALES)
    host = sandbox.instance_url.removeprefix("https://")
    seller = Salesforce(instance=host, session_id=sandbox.open_session(sales))
    share = {"AccountId": account, "UserOrGroupId": own, "AccountAccessLevel": "Read"}
    made = seller.AccountShare.create(share | {"OpportunityAccessLevel": "Read", "CaseAccessLevel": "None"})

    assert (names(sf, "Account"), names(sf, "Opportunity"), names(sf, "Contact")) == (
        ["Theirs"],
        ["Deal"],
        [],
    )
    assert refusal(told, lambda: sf.Opportunity.update(deal, {"NextStep": "x"})) == (
        "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    seller.AccountShare.update(made["id"], {"OpportunityAccessLevel": "Edit", "ContactAccessLevel": "Read"})
    sf.Opportunity.update(deal, {"NextStep": "x"})
    assert sf.Contact.get(contact)["LastName"] == "Ito"
    seller.AccountShare.delete(made["id"])
    assert names(sf, "Opportunity") == []


def test_a_shared_deal_opens_its_account_for_reading(sandbox, sf, people, own, account, told):
    people.set_sharing("Account", "private")
    people.set_sharing("Opportunity", "private")
    deal = sandbox.create("Opportunity", [DEAL | {"AccountId": account}])[0]
    assert names(sf, "Account") == []
    people.share("Opportunity", deal, own, "Edit")
    assert names(sf, "Account") == ["Theirs"]
    assert refusal(told, lambda: sf.Account.update(account, {"Phone": "1"})) == (
        "INSUFFICIENT_ACCESS_OR_READONLY"
    )


@pytest.mark.parametrize(("level", "reads", "writes"), [("None", 0, 0), ("Read", 1, 0), ("Edit", 1, 1)])
def test_an_account_owners_role_opens_deals_of_others(sandbox, sf, people, own, told, level, reads, writes):
    people.set_sharing("Opportunity", "private")
    role = sf.UserRole.create({"Name": "Owners", "OpportunityAccessForAccountOwner": level})["id"]
    people.assign_role(own, role)
    mine = sf.Account.create({"Name": "Mine"})["id"]
    deal = sandbox.create("Opportunity", [DEAL | {"AccountId": mine}])[0]
    assert len(names(sf, "Opportunity")) == reads
    if writes:
        sf.Opportunity.update(deal, {"NextStep": "x"})
    else:
        assert refusal(told, lambda: sf.Opportunity.update(deal, {"NextStep": "x"})).startswith(
            "INSUFFICIENT_ACCESS"
        )


def test_only_owners_share_and_only_more_than_everybody_has(sandbox, sf, people, account, told):
    people.set_sharing("Account", "read")
    other = people.create_user("other@northwind.example")
    share = {"AccountId": account, "UserOrGroupId": other, "AccountAccessLevel": "Edit"}
    assert refusal(told, lambda: sf.AccountShare.create(share)) == "INSUFFICIENT_ACCESS_OR_READONLY"
    mine = sf.Account.create({"Name": "Mine"})["id"]
    entry = told(lambda: sf.AccountShare.create(share | {"AccountId": mine, "AccountAccessLevel": "Read"}))[0]
    assert entry["errorCode"] == "INVALID_ACCESS_LEVEL"
    assert (
        "(Read, None, None, None) are below organization levels (Read, Edit, Edit, Edit)" in entry["message"]
    )
    assert sf.AccountShare.create(share | {"AccountId": mine})["success"]


# -- teams


def test_account_teams(sandbox, sf, people, own, account, told):
    sandbox.schema.enable_teams()
    people.set_sharing("Account", "private")
    people.set_sharing("Case", "private")
    case = sandbox.create("Case", [{"Subject": "Help", "AccountId": account}])[0]
    host = sandbox.instance_url.removeprefix("https://")
    seller = Salesforce(instance=host, session_id=sandbox.open_session(people.user(SALES)))
    member = {"AccountId": account, "UserId": own, "TeamMemberRole": "Channel Manager"}
    made = seller.AccountTeamMember.create(member)["id"]
    assert names(sf, "Account") == ["Theirs"]
    assert [row[0] for row in shares(sandbox, cause="Team")] == ["Read"]
    assert sf.query("SELECT Id FROM Case")["totalSize"] == 0

    again = seller.AccountTeamMember.create(
        member | {"AccountAccessLevel": "Edit", "CaseAccessLevel": "Read"}
    )
    assert again["id"] == made
    sf.Account.update(account, {"Phone": "1"})
    assert sf.Case.get(case)["Subject"] == "Help"
    seller.AccountTeamMember.delete(made)
    assert (names(sf, "Account"), shares(sandbox, cause="Team")) == ([], [])
    assert refusal(told, lambda: sf.AccountTeamMember.create(member)).startswith("INSUFFICIENT_ACCESS")


def test_opportunity_teams_outlive_another_owner_and_go_with_the_deal(sandbox, sf, people, own):
    sandbox.schema.enable_teams()
    deal = sandbox.create("Opportunity", [DEAL])[0]
    sandbox.create("OpportunityTeamMember", [{"OpportunityId": deal, "UserId": own}])
    people.set_sharing("Opportunity", "private")
    assert names(sf, "Opportunity") == ["Deal"]
    sandbox.update("Opportunity", deal, {"OwnerId": people.user("admin@northwind.example")})
    assert names(sf, "Opportunity") == ["Deal"]
    sandbox.delete("Opportunity", deal)
    assert sf.query("SELECT Id FROM OpportunityTeamMember")["totalSize"] == 0


def test_without_the_switch_there_are_no_teams(sf):
    with pytest.raises(SalesforceResourceNotFound):
        sf.AccountTeamMember.describe()


# -- partner users


@pytest.fixture
def partner(sandbox, people):
    """A partner account below the channel manager's role, and its user."""
    manager = people.user(SALES)
    people.assign_role(manager, people.create_role("Channel Manager"))
    account = sandbox.create("Account", [{"Name": "Partner"}])[0]
    sandbox.update("Account", account, {"IsPartner": True})
    contact = sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])[0]
    user = people.create_user(
        "ito@partner.example", contact=contact, profile="Partner Community User", last_name="Ito"
    )
    return account, contact, user


def test_a_channel_manager_sees_what_partner_users_own(sandbox, people, own, sf, partner, logged_in):
    account, _, user = partner
    people.set_sharing("Opportunity", "private")
    logged_in(user).Opportunity.create(DEAL | {"Name": "Registered"})
    row = sandbox.query("SELECT Name, PortalType, PortalRole FROM UserRole ORDER BY Name")[1]
    assert (row["Name"], row["PortalType"], row["PortalRole"]) == (
        "Partner Partner User",
        "Partner",
        "Worker",
    )
    assert names(logged_in(people.user(SALES)), "Opportunity") == ["Registered"]
    assert names(sf, "Opportunity") == []

    people.assign_role(own, people.create_role("Other Manager"))
    sandbox.update("Account", account, {"OwnerId": own})
    assert names(sf, "Opportunity") == ["Registered"]


def test_rules_for_partner_users_and_for_internal_ones_only(people, partner, logged_in, account):
    _, _, user = partner
    people.set_sharing("Account", "private", "private")
    seen = logged_in(user)
    assert names(seen, "Account") == ["Partner"]
    people.add_sharing_rule("Account", "In", "all_internal_users", condition="TRUE")
    people.add_sharing_rule(
        "Account", "Down", "role_and_internal_subordinates:Channel Manager", condition="TRUE"
    )
    assert names(seen, "Account") == ["Partner"]
    people.add_sharing_rule("Account", "Out", "all_partner_users", condition="ISPICKVAL(Industry, 'Energy')")
    assert names(seen, "Account") == ["Partner", "Theirs"]


def test_partner_users_see_their_colleagues_and_what_sharing_sets_give(
    sandbox, people, partner, logged_in, told
):
    account, _, user = partner
    other = sandbox.create("Account", [{"Name": "Other"}])[0]
    sandbox.create(
        "Contact", [{"LastName": "Ono", "AccountId": account}, {"LastName": "Far", "AccountId": other}]
    )
    for name in ("Contact", "Case"):
        people.set_sharing(name, "private", "private")
    case = sandbox.create(
        "Case", [{"Subject": "Ours", "AccountId": account}, {"Subject": "No", "AccountId": other}]
    )[0]
    seen = logged_in(user)
    assert names(seen, "Contact") == ["Ito", "Ono"]
    assert seen.query("SELECT Id FROM Case")["totalSize"] == 0
    people.add_sharing_set("Partners", "Case", "AccountId", "Read", ["Partner Community User"])
    assert [row["Subject"] for row in seen.query("SELECT Subject FROM Case")["records"]] == ["Ours"]
    assert (
        refusal(told, lambda: seen.Case.update(case, {"Priority": "Low"}))
        == "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    people.add_sharing_set("Partners", "Case", "AccountId", "Edit", ["Partner Community User"])
    seen.Case.update(case, {"Priority": "Low"})


# -- mistakes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Account", "R", "role:Nobody"), "either owners or a condition"),
        (("Account", "R", "role:Nobody", "TRUE"), "there is no role 'Nobody'"),
        (("Account", "R", "everybody", "TRUE"), "'everybody' names nobody: an id, or role:NAME"),
        (("Account", "R", "all_internal_users", "Nope = 1"), "Nope"),
        (("Opportunity", "R", "all_internal_users", "TRUE"), "Opportunity is read_write"),
        (("OpportunityContactRole", "R", "all_internal_users", "TRUE"), "has no owner"),
    ],
)
def test_rules_that_cannot_be(people, arguments, words):
    people.set_sharing("Account", "private")
    sobject, name, whom, *rest = arguments
    with pytest.raises(CrmRefusal, match=words):
        people.add_sharing_rule(sobject, name, whom, condition=rest[0] if rest else "")


def test_a_field_that_a_rule_looks_at_cannot_go(sandbox, people):
    people.set_sharing("Account", "private")
    people.add_sharing_rule(
        "Account", "Gold", "all_internal_users", condition="ISPICKVAL(Partner_Tier__c, 'Gold')"
    )
    with pytest.raises(CrmRefusal, match="it is used by Gold"):
        sandbox.schema.drop_field("Account", "Partner_Tier__c")
