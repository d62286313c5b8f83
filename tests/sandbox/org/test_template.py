"""The template holds what docs/decisions/0001-org-template-standard.md lists."""

from prm_harness.crm.org.ids import is_id
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.org.templates import standard_org


def test_same_seed_same_org(clock) -> None:
    one, two, other = (standard_org(seed, clock) for seed in (1, 1, 2))
    assert (one.id, one.admin_id, one.integration_id) == (two.id, two.admin_id, two.integration_id)
    assert one.id != other.id
    assert is_id(one.id)
    assert one.id.startswith("00D")


def test_rows_a_real_org_has(org: Org) -> None:
    def names(sobject: str, column: str) -> list[str]:
        return [v for (v,) in org.connection.execute(f'SELECT "{column}" FROM "{sobject}" ORDER BY "Id"')]

    assert names("Organization", "Id") == [org.id]
    assert names("User", "Id") == [org.admin_id, org.sales_id, org.integration_id]
    assert names("RecordType", "DeveloperName") == ["Direct_Sale", "Partner_Deal"]
    assert "Closed Won" in names("OpportunityStage", "MasterLabel")
    assert "Closed - Converted" in names("LeadStatus", "MasterLabel")
    assert "System Administrator" in names("Profile", "Name")
    assert org.get("User", org.integration_id)["Name"] == "Ines Integration"
    assert org.changes == []


def test_opportunity_fields(org: Org) -> None:
    fields = org.schema.objects["Opportunity"].fields
    industries = fields["Industries__c"]
    assert len(industries.picklist) == 24
    assert {"Banking", "Health & Care", "Oil, Gas", "Sector 24"} <= {v.value for v in industries.picklist}
    region = fields["Deal_Region__c"]
    assert region.restricted
    assert [v.value for v in region.picklist] == ["EMEA", "AMER", "APAC", "LATAM"]
    sizes = {
        n: (fields[n].precision, fields[n].scale)
        for n in ("Discount__c", "Budget__c", "Seats__c", "Score__c")
    }
    assert sizes == {"Discount__c": (5, 2), "Budget__c": (16, 2), "Seats__c": (8, 0), "Score__c": (12, 4)}
    assert fields["Notes__c"].length == 32000
    assert fields["Partner_Account__c"].relationship_name == "Partner_Account__r"
    assert fields["External_Id__c"].unique
    assert fields["External_Id__c"].external_id
    assert fields["Weighted__c"].calculated
    assert not fields["Weighted__c"].createable


def test_deal_registration(org: Org) -> None:
    fields = org.schema.objects["Deal_Registration__c"].fields
    assert fields["Account__c"].reference_to == ("Account",)
    assert fields["Primary_Contact__c"].reference_to == ("Contact",)
    assert fields["Value__c"].type is FieldType.CURRENCY
    assert fields["Name"].createable


def test_no_rule_is_active(org: Org) -> None:
    assert all(not o.validation_rules for o in org.schema.objects.values())
