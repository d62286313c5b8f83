"""Groups, sharing rules, sharing sets, teams and access of roles that an org file declares: at work, and kept in a store."""

from simple_salesforce import Salesforce

from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

FILE = b"""\
format: prm-harness.org/1
base: standard
switches: {teams: true}
roles:
  Head: {}
  Channel: {parent: Head, opportunities: edit}
groups:
  Desk: {members: ["user:rep@acme.example"]}
queues:
  Inbound: {objects: [Lead], members: ["group:Desk"]}
users:
  rep@acme.example: {last_name: Rep, role: Channel}
sharing_sets:
  Partners: {profiles: [Partner Community User], fields: {Case.AccountId: read}}
objects:
  Account:
    sharing: private
    sharing_rules:
      Energy: {shared_with: "group:Desk", condition: 'ISPICKVAL(Industry, "Energy")', children: {Case: read}}
      Wrong: {shared_with: "role:Nobody", condition: "TRUE"}
  Opportunity: {sharing: private, external_sharing: read}
  Case: {sharing: private}
  Lead: {sharing: private}
"""


def seen(sandbox, user, soql):
    sf = Salesforce(
        instance=sandbox.instance_url.removeprefix("https://"), session_id=sandbox.open_session(user)
    )
    return [row["Name"] for row in sf.query(soql)["records"]]


def looks(sandbox):
    rep = sandbox.people.user("rep@acme.example")
    return [seen(sandbox, rep, f"SELECT Name FROM {name} ORDER BY Name") for name in ("Account", "Lead")]


def test_a_files_sharing_is_at_work_and_kept(tmp_path):
    path = str(tmp_path / "org.db")
    builder = OrgBuilder(parse_org_file(FILE, "acme.yaml"), "acme.yaml")
    with Sandbox(seed=4, path=path, make=builder.make) as first, first.in_process():
        assert builder.notes == [
            "objects.Account.sharing_rules.Wrong: INVALID_CROSS_REFERENCE_KEY: there is no role 'Nobody'"
        ]
        first.create("Account", [{"Name": "Sun", "Industry": "Energy"}, {"Name": "Bank"}])
        queue = first.query("SELECT Id FROM Group WHERE Type = 'Queue' AND DeveloperName = 'Inbound'")[0][
            "Id"
        ]
        first.create("Lead", [{"LastName": "Ito", "Company": "A", "OwnerId": queue}])
        assert looks(first) == [["Sun"], ["Ito"]]
        roles = first.query("SELECT OpportunityAccessForAccountOwner FROM UserRole ORDER BY Name")
        assert [row["OpportunityAccessForAccountOwner"] for row in roles] == ["Edit", None]
        sets = first._org.schema.sharing_sets

    with Sandbox.reopen(path) as again, again.in_process():
        assert looks(again) == [["Sun"], ["Ito"]]
        again.create("Account", [{"Name": "Wind", "Industry": "Energy"}])
        assert looks(again)[0] == ["Sun", "Wind"]
        assert again._org.schema.sharing_sets == sets != {}
        assert "AccountTeamMember" in again.objects()
