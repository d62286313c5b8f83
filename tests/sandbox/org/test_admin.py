import pytest

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import (
    Field,
    FieldType,
    PicklistValue,
    RecordType,
    SObjectType,
    ValidationRule,
)

COLOUR = Field("Colour__c", FieldType.STRING, length=20)


def test_a_new_field_reaches_old_rows(org: Org, account: str) -> None:
    version = org.schema.version
    org.add_field("account", COLOUR)
    org.add_field("Account", Field("Flag__c", FieldType.BOOLEAN, default=True))
    row = org.get("Account", account)
    assert (row["Colour__c"], row["Flag__c"]) == (None, True)
    org.update("Account", account, {"Colour__c": "red"}, user=org.sales_id)
    assert org.get("Account", account)["Colour__c"] == "red"
    assert org.schema.version > version


def test_the_same_field_twice(org: Org, refused) -> None:
    org.add_field("Account", COLOUR)
    assert refused(lambda: org.add_field("Account", Field("colour__c", FieldType.STRING))) == [
        ("DUPLICATE_DEVELOPER_NAME", "There is already a field named colour__c on Account.", ())
    ]


def test_dropped_and_made_again_it_is_empty(org: Org, account: str, refused) -> None:
    org.add_field("Account", COLOUR)
    org.update("Account", account, {"Colour__c": "red"}, user=org.sales_id)
    assert org.find("Account", "Colour__c", "red") == [account]
    org.drop_field("Account", "colour__c")
    assert "Colour__c" not in org.get("Account", account)
    assert refused(lambda: org.update("Account", account, {"Colour__c": "x"}, user=org.sales_id)) == [
        ("INVALID_FIELD", "No such column 'Colour__c' on sobject of type Account", ())
    ]
    org.add_field("Account", Field("Colour__c", FieldType.DOUBLE, scale=1))
    assert org.get("Account", account)["Colour__c"] is None
    org.update("Account", account, {"Colour__c": 7}, user=org.sales_id)
    assert org.find("Account", "Colour__c", 7) == [account]


def test_fields_in_use_stay(org: Org, refused) -> None:
    org.add_field("Account", COLOUR)
    org.add_validation_rule("Account", ValidationRule("No_Red", 'Colour__c = "red"', "No red"))
    assert refused(lambda: org.drop_field("Account", "Colour__c"))[0][:2] == (
        "DEPENDENCY_EXISTS",
        "Cannot delete Colour__c: it is used by No_Red",
    )
    assert refused(lambda: org.drop_field("Account", "Phone"))[0][0] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_change_field(org: Org, account: str, refused) -> None:
    org.add_field("Account", COLOUR)
    org.change_field("Account", "colour__c", nillable=False, length=3)
    assert refused(lambda: org.insert("Account", {"Name": "A"}, user=org.sales_id))[0][2] == ("Colour__c",)
    assert (
        refused(lambda: org.update("Account", account, {"Colour__c": "green"}, user=org.sales_id))[0][0]
        == "STRING_TOO_LONG"
    )
    org.change_field(
        "Account",
        "Colour__c",
        type=FieldType.PICKLIST,
        length=255,
        restricted=True,
        picklist=(PicklistValue("red"),),
    )
    assert refused(lambda: org.update("Account", account, {"Colour__c": "green"}, user=org.sales_id))[0][
        0
    ] == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert refused(lambda: org.change_field("Account", "Colour__c", type=FieldType.REFERENCE))[0][0] == (
        "FIELD_INTEGRITY_EXCEPTION"
    )


def test_deactivated_values_are_refused(org: Org, deal, refused) -> None:
    values = (PicklistValue("AMER"), PicklistValue("LATAM", active=False))
    org.change_field("Opportunity", "Deal_Region__c", picklist=values)
    assert deal(Deal_Region__c="AMER")
    assert refused(lambda: deal(Deal_Region__c="LATAM"))[0][0] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_custom_objects_are_numbered(org: Org) -> None:
    org.add_object(SObjectType("Visit__c", "Visit", "Visits", None, fields={"Colour__c": COLOUR}))
    assert org.schema.objects["Deal_Registration__c"].key_prefix == "a00"
    assert org.schema.objects["Visit__c"].key_prefix == "a01"
    visit = org.insert("visit__c", {"Name": "V", "Colour__c": "red"}, user=org.sales_id)
    row = org.get("Visit__c", visit)
    assert visit.startswith("a01")
    assert (row["Name"], row["OwnerId"], row["IsDeleted"], row["Colour__c"]) == (
        "V",
        org.sales_id,
        False,
        "red",
    )
    assert list(row)[:4] == ["Id", "OwnerId", "IsDeleted", "Name"]


def test_the_same_object_twice(org: Org, refused) -> None:
    again = SObjectType("deal_registration__c", "D", "D", None)
    assert refused(lambda: org.add_object(again))[0][0] == "DUPLICATE_DEVELOPER_NAME"


def test_auto_number_names(org: Org) -> None:
    name = Field("Name", FieldType.STRING, length=80, name_field=True, auto_number="DR-{0000}")
    org.add_object(SObjectType("Ticket__c", "Ticket", "Tickets", None, fields={"Name": name}))
    ticket = org.insert("Ticket__c", {}, user=org.sales_id)
    assert org.get("Ticket__c", ticket)["Name"] == "DR-0001"


def test_geolocation(org: Org, account: str) -> None:
    org.add_field("Account", Field("Site__c", FieldType.LOCATION))
    assert org.get("Account", account)["Site__c"] is None
    org.update("Account", account, {"Site__Latitude__s": 1.5, "Site__Longitude__s": -2}, user=org.sales_id)
    assert org.get("Account", account)["Site__c"] == {"latitude": 1.5, "longitude": -2.0}
    org.drop_field("Account", "Site__c")
    assert "Site__Latitude__s" not in org.get("Account", account)


def test_record_types_on_an_object_without(org: Org) -> None:
    org.add_record_type("Deal_Registration__c", RecordType("", "Standard", "Standard", default=True))
    org.add_record_type("Deal_Registration__c", RecordType("", "Express", "Express", default=True))
    record = org.insert("Deal_Registration__c", {"Name": "D"}, user=org.sales_id)
    types = org.schema.objects["Deal_Registration__c"].record_types
    assert org.get("Deal_Registration__c", record)["RecordTypeId"] == types["Express"].id
    assert not types["Standard"].default
    rows = org.connection.execute(
        'SELECT "DeveloperName" FROM "RecordType" WHERE "SobjectType" = ?', ("Deal_Registration__c",)
    )
    assert {name for (name,) in rows} == {"Standard", "Express"}


def test_no_schema_change_inside_a_transaction(org: Org) -> None:
    with org.transaction(), pytest.raises(SandboxGapError):
        org.add_field("Account", COLOUR)
