"""Each refusal of a save, in Salesforce's exact words (contract §6)."""

import pytest

from prm_harness.crm.org.errors import NotFoundError, PayloadError, SaveError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import Field, FieldType


def test_unknown_object(org: Org, refused) -> None:
    assert refused(lambda: org.insert("Nope", {}, user=org.sales_id)) == [
        ("NOT_FOUND", "The requested resource does not exist", ())
    ]


def test_unknown_field(org: Org) -> None:
    with pytest.raises(PayloadError) as caught:
        org.insert("Task", {"Equipo": 1}, user=org.sales_id)
    (fault,) = caught.value.faults
    assert (fault.code, fault.message) == ("INVALID_FIELD", "No such column 'Equipo' on sobject of type Task")


def test_id_in_the_body(org: Org, account: str, refused) -> None:
    assert refused(lambda: org.update("Account", account, {"id": account}, user=org.sales_id)) == [
        ("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ())
    ]


def test_read_only_fields_are_all_named(org: Org, refused) -> None:
    values = {"LastName": "X", "Name": "X", "createddate": "2026-01-01T00:00:00Z", "MailingAddress": None}
    names = ("Name", "CreatedDate", "MailingAddress")
    assert refused(lambda: org.insert("Contact", values, user=org.sales_id)) == [
        (
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            (
                "Unable to create/update fields: Name, CreatedDate, MailingAddress. Please check the security settings of "
                "this field and verify that it is read/write for your profile or permission set."
            ),
            names,
        )
    ]


def test_createable_and_updateable_differ(org: Org, account: str, refused) -> None:
    org.update("Account", account, {"IsPartner": True}, user=org.admin_id)
    assert org.get("Account", account)["IsPartner"] is True
    assert [
        f[0]
        for f in refused(lambda: org.insert("Account", {"Name": "B", "IsPartner": True}, user=org.admin_id))
    ] == ["INVALID_FIELD_FOR_INSERT_UPDATE"]


def test_formula_fields_are_never_writable(deal, refused) -> None:
    assert refused(lambda: deal(Weighted__c=5))[0][2] == ("Weighted__c",)


def test_required_fields_are_all_named(org: Org, refused) -> None:
    assert refused(lambda: org.insert("Opportunity", {"StageName": ""}, user=org.sales_id)) == [
        (
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name, StageName, CloseDate]",
            ("Name", "StageName", "CloseDate"),
        )
    ]


def test_required_fields_cannot_be_cleared(org: Org, account: str, refused) -> None:
    assert refused(lambda: org.update("Account", account, {"Name": None}, user=org.sales_id)) == [
        ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",))
    ]


def test_owner_cannot_be_cleared(org: Org, account: str, refused) -> None:
    assert refused(lambda: org.update("Account", account, {"OwnerId": None}, user=org.sales_id)) == [
        ("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ("OwnerId",))
    ]


def test_inactive_users_own_nothing_new(org: Org, refused) -> None:
    gone = org.create_user(
        "g@x.example", first_name="G", last_name="One", email="g@x.example", is_active=False
    )
    assert refused(lambda: org.insert("Account", {"Name": "A", "OwnerId": gone}, user=org.sales_id)) == [
        (
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{gone[:15]}] as owner of account",
            (),
        )
    ]


def test_several_faults_come_together(deal, refused) -> None:
    found = refused(lambda: deal(Name="", Summary__c="x" * 256, Approver_Email__c="?", Deal_Region__c="MARS"))
    assert [f[0] for f in found] == [
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "INVALID_EMAIL_ADDRESS",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]


def test_a_name_that_is_too_long_is_not_missing_as_well(deal, refused) -> None:
    assert [f[0] for f in refused(lambda: deal(Name="n" * 121))] == ["STRING_TOO_LONG"]


def test_restricted_picklist(deal, refused) -> None:
    assert refused(lambda: deal(Deal_Region__c="MARS")) == [
        (
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Deal Region: bad value for restricted picklist field: MARS",
            ("Deal_Region__c",),
        )
    ]


def test_restricted_picklists_follow_the_record_type(org: Org, deal, refused) -> None:
    partner_deal = org.schema.objects["Opportunity"].record_types["Partner_Deal"].id
    assert refused(lambda: deal(Deal_Region__c="EMEA"))[0][0] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    record = deal(Deal_Region__c="EMEA", RecordTypeId=partner_deal)
    assert org.get("Opportunity", record)["Deal_Region__c"] == "EMEA"
    # What was there before a record type changed is not judged again.
    direct = org.schema.objects["Opportunity"].record_types["Direct_Sale"].id
    org.update("Opportunity", record, {"RecordTypeId": direct, "Deal_Region__c": "EMEA"}, user=org.sales_id)


def test_unrestricted_picklists_take_anything(org: Org) -> None:
    lead = org.insert("Lead", {"LastName": "L", "Company": "C", "Deal_Region__c": "MARS"}, user=org.sales_id)
    assert org.get("Lead", lead)["Deal_Region__c"] == "MARS"


def test_record_type_of_another_object(org: Org, deal, refused) -> None:
    stranger = "012000000000001AAA"
    assert refused(lambda: deal(RecordTypeId=stranger)) == [
        (
            "INVALID_CROSS_REFERENCE_KEY",
            f"Record Type ID: this ID value isn't valid for the user: {stranger}",
            ("RecordTypeId",),
        )
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "003QH00000000zz",
            ("MALFORMED_ID", "Account ID: id value of incorrect type: 003QH00000000zz", ("AccountId",)),
        ),
        ("0010000000000AA", ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())),
    ],
)
def test_references_that_lead_nowhere(deal, refused, given: str, expected: tuple) -> None:
    assert refused(lambda: deal(AccountId=given)) == [expected]


def test_reference_to_a_deleted_record(org: Org, account: str, deal, refused) -> None:
    org.delete("Account", account, user=org.sales_id)
    assert refused(lambda: deal(AccountId=account)) == [("ENTITY_IS_DELETED", "entity is deleted", ())]


def test_ids_are_case_sensitive(org: Org, account: str, deal, refused) -> None:
    assert refused(lambda: deal(AccountId=account[:15].swapcase()))[0][0] in {
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
    }
    assert deal(AccountId=account[:15])


class TestParentByExternalId:
    def test_found(self, org: Org, deal) -> None:
        acme = org.insert("Account", {"Name": "A", "External_Id__c": "k1"}, user=org.sales_id)
        assert org.get("Opportunity", deal(Account={"External_Id__c": "K1"}))["AccountId"] == acme
        assert (
            org.get("Opportunity", deal(partner_account__r={"External_Id__c": "k1"}))["Partner_Account__c"]
            == acme
        )

    def test_not_found(self, deal, refused) -> None:
        message = "Foreign key external ID: k9 not found for field External_Id__c in entity Account"
        assert refused(lambda: deal(Account={"External_Id__c": "k9"})) == [("INVALID_FIELD", message, ())]

    def test_not_a_key(self, deal, refused) -> None:
        message = "Field name provided, Industry does not match an External ID, Salesforce Id, or indexed field for Account"
        assert refused(lambda: deal(Account={"Industry": "x"})) == [("INVALID_FIELD", message, ())]

    def test_unknown(self, deal, refused) -> None:
        message = "No such column 'Nope__c' on sobject of type Account"
        assert refused(lambda: deal(Account={"Nope__c": "x"})) == [("INVALID_FIELD", message, ())]

    def test_polymorphic_needs_the_type(self, org: Org, refused) -> None:
        org.insert("Account", {"Name": "A", "External_Id__c": "k1"}, user=org.sales_id)
        message = (
            "Nested object for polymorphic foreign key must have an attributes field before any other fields."
        )
        bare = {"Subject": "s", "What": {"External_Id__c": "k1"}}
        assert refused(lambda: org.insert("Task", bare, user=org.sales_id)) == [
            ("JSON_PARSER_ERROR", message, ())
        ]
        typed = {"Subject": "s", "What": {"attributes": {"type": "Account"}, "External_Id__c": "k1"}}
        assert org.insert("Task", typed, user=org.sales_id)

    def test_ambiguous(self, org: Org, refused) -> None:
        one, two = (
            org.insert("Contact", {"LastName": n, "Email": "a@b.example"}, user=org.sales_id) for n in "AB"
        )
        values = {"LastName": "C", "ReportsTo": {"Email": "a@b.example"}}
        message = f"Email: more than one record found for external id field: [{one}, {two}]"
        assert refused(lambda: org.insert("Contact", values, user=org.sales_id)) == [
            ("DUPLICATE_EXTERNAL_ID", message, ())
        ]


class TestUnique:
    def test_twice(self, org: Org, deal, refused) -> None:
        first = deal(External_Id__c="K-1")
        message = f"duplicate value found: External_Id__c duplicates value on record with id: {first[:15]}"
        assert refused(lambda: deal(External_Id__c="k-1")) == [("DUPLICATE_VALUE", message, ())]
        other = deal(External_Id__c="K-2")
        assert refused(
            lambda: org.update("Opportunity", other, {"External_Id__c": "K-1"}, user=org.sales_id)
        ) == [("DUPLICATE_VALUE", message, ())]

    def test_not_with_itself_nor_the_deleted(self, org: Org, deal) -> None:
        first = deal(External_Id__c="K-1")
        org.update("Opportunity", first, {"External_Id__c": "k-1"}, user=org.sales_id)
        org.delete("Opportunity", first, user=org.sales_id)
        assert deal(External_Id__c="K-1")

    def test_case_sensitive_uniqueness(self, org: Org, deal, refused) -> None:
        org.add_field(
            "Opportunity", Field("Code__c", FieldType.STRING, length=20, unique=True, case_sensitive=True)
        )
        deal(Code__c="a")
        assert deal(Code__c="A")
        assert refused(lambda: deal(Code__c="a"))[0][0] == "DUPLICATE_VALUE"


class TestRowsThatAreNotThere:
    def test_unknown_id(self, org: Org, refused) -> None:
        for act in (
            lambda: org.update("Account", "0010000000000AA", {"Name": "B"}, user=org.sales_id),
            lambda: org.delete("Account", "0010000000000AA", user=org.sales_id),
        ):
            assert refused(act) == [("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())]
            with pytest.raises(NotFoundError):
                act()

    def test_malformed_id(self, org: Org, account: str, refused) -> None:
        wrong = account[:15] + ("AAA" if account[15:] != "AAA" else "AAB")
        assert refused(lambda: org.update("Account", wrong, {}, user=org.sales_id)) == [
            ("MALFORMED_ID", f"malformed id {wrong}", ())
        ]

    def test_deleted(self, org: Org, account: str, refused) -> None:
        org.delete("Account", account, user=org.sales_id)
        gone = [("ENTITY_IS_DELETED", "entity is deleted", ())]
        assert refused(lambda: org.update("Account", account, {"Name": "B"}, user=org.sales_id)) == gone
        assert refused(lambda: org.delete("Account", account, user=org.sales_id)) == gone
        assert refused(lambda: org.get("Account", account)) == [
            ("NOT_FOUND", "The requested resource does not exist", ())
        ]

    def test_get_by_something_else_than_an_id(self, org: Org, refused) -> None:
        assert refused(lambda: org.get("Campaign", "-1")) == [
            ("NOT_FOUND", "Provided external ID field does not exist or is not accessible: -1", ())
        ]

    def test_get_of_an_unknown_field(self, org: Org, account: str, refused) -> None:
        assert refused(lambda: org.get("Account", account, fields=["Name", "Nope"])) == [
            ("INVALID_FIELD", "No such column 'Nope' on sobject of type Account", ())
        ]


def test_objects_that_clients_cannot_write(org: Org, refused) -> None:
    assert refused(lambda: org.insert("OpportunityStage", {}, user=org.admin_id)) == [
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Opportunity Stage", ())
    ]
    assert refused(lambda: org.delete("User", org.sales_id, user=org.admin_id)) == [
        ("INVALID_TYPE_FOR_OPERATION", "entity type User does not support delete", ())
    ]


def test_a_required_field_whose_value_is_refused_is_not_missing_too(org):
    with pytest.raises(SaveError) as refusal:
        org.insert("Account", {"Name": "x" * 256}, user=org.sales_id)
    assert [(f.code, f.fields) for f in refusal.value.faults] == [("STRING_TOO_LONG", ("Name",))]

    record_id = org.insert("Account", {"Name": "x"}, user=org.sales_id)
    with pytest.raises(SaveError) as refusal:
        org.update("Account", record_id, {"Name": "x" * 256}, user=org.sales_id)
    assert [f.code for f in refusal.value.faults] == ["STRING_TOO_LONG"]
