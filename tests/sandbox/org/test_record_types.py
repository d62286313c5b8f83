"""Record types by profile and permission set, as an unmodified client meets them."""

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.org import Org
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
OWN = "Integration User"


def infos(sf):
    found = sf.Opportunity.describe()["recordTypeInfos"]
    return {i["developerName"]: (i["available"], i["defaultRecordTypeMapping"]) for i in found}


@pytest.fixture
def kinds(sf):
    found = sf.query("SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Opportunity'")["records"]
    return {row["DeveloperName"]: row["Id"] for row in found}


def kind_of(sf, record):
    return sf.Opportunity.get(record)["RecordTypeId"]


def test_a_profile_that_says_nothing_offers_all(sf):
    assert infos(sf) == {
        "Direct_Sale": (True, True),
        "Partner_Deal": (True, False),
        "Master": (True, False),
    }


def test_a_profile_has_its_own_default_and_refuses_the_others(sandbox, sf, told, kinds):
    old = sf.Opportunity.create(DEAL)["id"]
    sandbox.schema.offer_record_types(OWN, "Opportunity", ["Partner_Deal"])
    assert infos(sf) == {
        "Direct_Sale": (False, False),
        "Partner_Deal": (True, True),
        "Master": (True, False),
    }
    made = sf.Opportunity.create(DEAL)["id"]
    assert kind_of(sf, made) == kinds["Partner_Deal"]
    for action in (
        lambda: sf.Opportunity.create(DEAL | {"RecordTypeId": kinds["Direct_Sale"]}),
        lambda: sf.Opportunity.update(made, {"RecordTypeId": kinds["Direct_Sale"]}),
    ):
        entry = told(action)[0]
        assert entry["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
        assert "isn't valid for the user" in entry["message"]
    sf.Opportunity.update(old, {"Name": "Still", "RecordTypeId": kinds["Direct_Sale"]})
    assert kind_of(sf, old) == kinds["Direct_Sale"]
    sandbox.schema.offer_record_types(OWN, "Opportunity", [])
    assert infos(sf)["Direct_Sale"] == (True, True)


def test_the_master_may_be_the_default(sandbox, sf):
    sandbox.schema.offer_record_types(OWN, "Opportunity", ["Master"])
    assert infos(sf)["Master"] == (True, True)
    assert kind_of(sf, sf.Opportunity.create(DEAL)["id"]) is None


def test_loads_follow_the_profile(sandbox, sf, kinds):
    sandbox.schema.offer_record_types(OWN, "Opportunity", ["Partner_Deal"])
    assert sf.bulk2.Opportunity.insert(records=[DEAL, DEAL], wait=0)[0]["numberRecordsFailed"] == 0
    found = sf.query(f"SELECT Id FROM Opportunity WHERE RecordTypeId = '{kinds['Partner_Deal']}'")
    assert found["totalSize"] == 2
    refused = sf.bulk2.Opportunity.insert(records=[DEAL | {"RecordTypeId": kinds["Direct_Sale"]}], wait=0)[0]
    assert refused["numberRecordsFailed"] == 1


@pytest.mark.parametrize(
    ("profile", "names", "words"),
    [("Nobody", [], "no profile 'Nobody'"), (OWN, ["Nothing"], "no record type Nothing")],
)
def test_what_cannot_be_offered(sandbox, profile, names, words):
    with pytest.raises(CrmRefusal, match=words):
        sandbox.schema.offer_record_types(profile, "Opportunity", names)


def offered(org: Org) -> tuple[set[str], str]:
    """Developer names of what the integration user may give, and of its default."""
    names = {kind.id: kind.developer_name for kind in org.schema.objects["Opportunity"].record_types.values()}
    available, default = org.record_types_for("Opportunity", org.integration_id)
    return {names[one] for one in available or ()}, names[default or ""]


def test_a_kept_org_remembers(tmp_path):
    place = str(tmp_path / "org.db")
    with Sandbox(seed=4, path=place) as sandbox:
        sandbox.schema.offer_record_types(OWN, "Opportunity", ["Partner_Deal"])
    with Sandbox.reopen(place) as sandbox:
        assert offered(sandbox._org) == ({"Partner_Deal"}, "Partner_Deal")


FILE = b"""\
format: prm-harness.org/1
base: standard
profiles:
  Integration User: {record_types: {Opportunity: [Partner_Deal]}}
permission_sets:
  Direct: {record_types: {Opportunity: [Direct_Sale], Account: [None_Such]}}
"""


def test_permission_sets_of_an_org_file_add_to_a_profile():
    builder = OrgBuilder(parse_org_file(FILE, "acme.yaml"), "acme.yaml")
    with Sandbox(seed=3, template="acme", make=builder.make) as sandbox:
        org = sandbox._org
        assert offered(org) == ({"Partner_Deal"}, "Partner_Deal")
        (added,) = org.find("PermissionSet", "Name", "Direct")
        values = {"PermissionSetId": added, "AssigneeId": org.integration_id}
        org.insert("PermissionSetAssignment", values, user=org.admin_id)
        assert offered(org) == ({"Partner_Deal", "Direct_Sale"}, "Partner_Deal")
    assert [note.partition(":")[0] for note in builder.notes] == [
        "permission_sets.Direct.record_types.Account"
    ]
