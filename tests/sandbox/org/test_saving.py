import pytest

from prm_harness.crm.org.errors import MultipleMatchesError, NotFoundError, SaveError
from prm_harness.crm.org.org import Org


class TestInsert:
    def test_defaults(self, org: Org, deal) -> None:
        row = org.get("Opportunity", deal())
        assert row["OwnerId"] == row["CreatedById"] == row["LastModifiedById"] == org.sales_id
        assert (
            row["CreatedDate"]
            == row["LastModifiedDate"]
            == row["SystemModstamp"]
            == "2026-03-05T10:00:00.000+0000"
        )
        assert row["RecordTypeId"] == org.schema.objects["Opportunity"].record_types["Direct_Sale"].id
        assert row["Strategic__c"] is row["IsDeleted"] is False
        assert row["Id"].startswith("006")
        assert next(iter(row)) == "Id"

    def test_picklist_default(self, org: Org) -> None:
        lead = org.insert("Lead", {"LastName": "L", "Company": "C", "Status": None}, user=org.sales_id)
        assert org.get("Lead", lead)["Status"] == "Open - Not Contacted"

    def test_master_record_type_is_none(self, org: Org, deal) -> None:
        assert org.get("Opportunity", deal(RecordTypeId="012000000000000AAA"))["RecordTypeId"] is None

    def test_names_in_any_case(self, org: Org) -> None:
        row = org.get(
            "ACCOUNT", org.insert("account", {"NAME": "A", "billingcity": "Rome"}, user=org.sales_id)
        )
        assert (row["Name"], row["BillingCity"]) == ("A", "Rome")

    def test_name_of_a_person_is_composed(self, org: Org) -> None:
        values = {"Salutation": "Ms.", "FirstName": "Grace", "LastName": "Hopper"}
        contact = org.insert("Contact", values, user=org.sales_id)
        assert org.get("Contact", contact)["Name"] == "Grace Hopper"
        org.update("Contact", contact, {"FirstName": ""}, user=org.sales_id)
        assert org.get("Contact", contact)["Name"] == "Hopper"

    def test_auto_number(self, org: Org) -> None:
        cases = [org.insert("Case", {"Subject": str(n)}, user=org.sales_id) for n in range(2)]
        assert [org.get("Case", c)["CaseNumber"] for c in cases] == ["00000001", "00000002"]

    def test_audit_fields_can_be_set_on_creation_only(self, org: Org) -> None:
        stamps = {"CreatedDate": "2020-01-01T00:00:00Z", "LastModifiedDate": "2021-01-01T00:00:00Z"}
        account = org.insert("Account", {"Name": "Old"}, user=org.admin_id, audit=stamps)
        row = org.get("Account", account)
        assert row["CreatedDate"] == "2020-01-01T00:00:00.000+0000"
        assert row["LastModifiedDate"] == "2021-01-01T00:00:00.000+0000"
        with pytest.raises(SaveError, match="is no audit field"):
            org.insert("Account", {"Name": "Old"}, user=org.admin_id, audit={"OwnerId": org.sales_id})


class TestCompoundFields:
    def test_address(self, org: Org) -> None:
        row = org.get(
            "Account", org.insert("Account", {"Name": "A", "BillingCity": "Rome"}, user=org.sales_id)
        )
        assert row["BillingAddress"] == {
            "city": "Rome",
            "country": None,
            "geocodeAccuracy": None,
            "latitude": None,
            "longitude": None,
            "postalCode": None,
            "state": None,
            "street": None,
        }
        assert row["ShippingAddress"] is None

    def test_address_without_prefix(self, org: Org) -> None:
        lead = org.insert("Lead", {"LastName": "L", "Company": "C", "City": "Rome"}, user=org.sales_id)
        assert org.get("Lead", lead)["Address"]["city"] == "Rome"

    def test_formula_field(self, org: Org, deal) -> None:
        row = org.get("Opportunity", deal(Amount=33.33, Probability=60))
        assert row["Weighted__c"] == 20.0
        assert org.get("Opportunity", deal(Amount=33.35, Probability=10))["Weighted__c"] == 3.34

    def test_chosen_fields_in_their_order(self, org: Org, account: str) -> None:
        assert list(org.get("Account", account, fields=["name", "IsDeleted"])) == ["Id", "Name", "IsDeleted"]


class TestOpportunityStages:
    def test_stage_drives(self, org: Org, deal) -> None:
        record = deal(StageName="Closed Won", Amount=200)
        row = org.get("Opportunity", record)
        assert (row["Probability"], row["IsClosed"], row["IsWon"]) == (100.0, True, True)
        assert (row["ForecastCategory"], row["ForecastCategoryName"]) == ("Closed", "Closed")
        assert (row["ExpectedRevenue"], row["FiscalYear"], row["FiscalQuarter"], row["Fiscal"]) == (
            200.0,
            2026,
            2,
            "2026 2",
        )
        org.update("Opportunity", record, {"StageName": "Closed Lost"}, user=org.sales_id)
        row = org.get("Opportunity", record)
        assert (row["Probability"], row["IsClosed"], row["IsWon"], row["ForecastCategory"]) == (
            0.0,
            True,
            False,
            "Omitted",
        )

    def test_a_given_probability_stays(self, org: Org, deal) -> None:
        record = deal(StageName="Prospecting", Probability=42)
        assert org.get("Opportunity", record)["Probability"] == 42.0
        org.update(
            "Opportunity", record, {"StageName": "Qualification", "Probability": 43}, user=org.sales_id
        )
        assert org.get("Opportunity", record)["Probability"] == 43.0
        org.update("Opportunity", record, {"StageName": "Qualification", "NextStep": "x"}, user=org.sales_id)
        assert org.get("Opportunity", record)["Probability"] == 43.0

    def test_stage_values_are_unrestricted(self, org: Org, deal) -> None:
        row = org.get("Opportunity", deal(StageName="Invented"))
        assert (row["StageName"], row["IsClosed"], row["ForecastCategory"]) == ("Invented", False, "Pipeline")


class TestStamps:
    def test_update_moves_both(self, org: Org, clock, account: str) -> None:
        clock.advance(61)
        org.update("Account", account, {"Phone": "1"}, user=org.admin_id)
        row = org.get("Account", account)
        assert row["LastModifiedDate"] == row["SystemModstamp"] == "2026-03-05T10:01:01.000+0000"
        assert (row["LastModifiedById"], row["CreatedById"]) == (org.admin_id, org.sales_id)
        assert row["CreatedDate"] == "2026-03-05T10:00:00.000+0000"

    def test_a_save_without_change_moves_them_too(self, org: Org, clock, account: str) -> None:
        clock.advance(5)
        org.update("Account", account, {"Name": "Acme"}, user=org.sales_id)
        assert org.get("Account", account)["SystemModstamp"] == "2026-03-05T10:00:05.000+0000"
        assert org.changes[-1].operation == "update"
        assert org.changes[-1].fields == {}

    def test_quietly_moves_neither(self, org: Org, clock, account: str) -> None:
        clock.advance(5)
        org.update("Account", account, {"Phone": "1"}, user=org.admin_id, quietly=True)
        row = org.get("Account", account)
        assert row["Phone"] == "1"
        assert row["LastModifiedDate"] == row["SystemModstamp"] == "2026-03-05T10:00:00.000+0000"
        assert row["LastModifiedById"] == org.sales_id

    def test_whole_seconds(self, org: Org, clock) -> None:
        clock.advance(0.9)
        account = org.insert("Account", {"Name": "A"}, user=org.sales_id)
        assert org.get("Account", account)["SystemModstamp"] == "2026-03-05T10:00:00.000+0000"

    def test_never_backwards_inside_a_transaction(self, org: Org, clock, account: str) -> None:
        with org.transaction():
            clock.advance(10)
            org.update("Account", account, {"Phone": "1"}, user=org.sales_id)
            clock.advance(-7)
            org.update("Account", account, {"Phone": "2"}, user=org.sales_id)
        assert org.get("Account", account)["SystemModstamp"] == "2026-03-05T10:00:10.000+0000"


class TestUpsert:
    def test_creates_then_updates(self, org: Org) -> None:
        record, created = org.upsert("Account", "external_id__c", "K1", {"Name": "A"}, user=org.sales_id)
        assert created
        assert org.get("Account", record)["External_Id__c"] == "K1"
        assert org.upsert("Account", "External_Id__c", "k1", {"Name": "B"}, user=org.sales_id) == (
            record,
            False,
        )
        assert org.get("Account", record)["Name"] == "B"

    def test_by_id_and_by_id_lookup(self, org: Org, account: str) -> None:
        assert org.upsert("Account", "Id", account[:15], {"Phone": "1"}, user=org.sales_id) == (
            account,
            False,
        )
        contact, created = org.upsert("Contact", "Email", "a@b.example", {"LastName": "L"}, user=org.sales_id)
        assert created
        assert org.get("Contact", contact)["Email"] == "a@b.example"
        with pytest.raises(NotFoundError, match="INVALID_CROSS_REFERENCE_KEY"):
            org.upsert("Account", "Id", "0010000000000AA", {"Name": "A"}, user=org.sales_id)

    @pytest.mark.parametrize("field", ["Industry", "Nope__c"])
    def test_fields_that_identify_nothing(self, org: Org, refused, field: str) -> None:
        assert refused(lambda: org.upsert("Account", field, "x", {}, user=org.sales_id)) == [
            ("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}", ())
        ]

    def test_more_than_one_match(self, org: Org) -> None:
        ids = [
            org.insert("Contact", {"LastName": n, "Email": "a@b.example"}, user=org.sales_id) for n in "AB"
        ]
        with pytest.raises(MultipleMatchesError) as caught:
            org.upsert("Contact", "Email", "a@b.example", {"LastName": "C"}, user=org.sales_id)
        assert list(caught.value.ids) == ids

    def test_without_a_key(self, org: Org, refused) -> None:
        assert refused(
            lambda: org.upsert("Account", "External_Id__c", "", {"Name": "A"}, user=org.sales_id)
        ) == [("MISSING_ARGUMENT", "External_Id__c not specified", ())]

    def test_the_key_is_not_repeated_in_the_body(self, org: Org, refused) -> None:
        values = {"Name": "A", "External_Id__c": "K1"}
        assert refused(lambda: org.upsert("Account", "External_Id__c", "K1", values, user=org.sales_id)) == [
            ("INVALID_FIELD", "The External_Id__c field should not be specified in the sobject data.", ())
        ]


class TestChangeLog:
    def test_numbered_from_one_with_what_changed(self, org: Org, account: str) -> None:
        org.update("Account", account, {"Phone": "1", "Name": "Acme"}, user=org.admin_id)
        first, second = org.changes
        assert (first.number, first.operation, first.sobject, first.record_id) == (
            1,
            "create",
            "Account",
            account,
        )
        assert first.fields["Name"] == (None, "Acme")
        assert "Phone" not in first.fields
        assert (second.number, second.user, second.fields) == (2, org.admin_id, {"Phone": (None, "1")})

    def test_derived_fields_are_changes_too(self, org: Org, deal) -> None:
        record = deal()
        org.update("Opportunity", record, {"StageName": "Closed Won"}, user=org.sales_id)
        (change,) = [c for c in org.changes if c.record_id == record and c.operation == "update"]
        assert change.fields["IsWon"] == (False, True)
        assert change.fields["Probability"] == (10.0, 100.0)

    def test_watchers_hear_after_the_commit_only(self, org: Org) -> None:
        heard = []
        org.watch(lambda change: heard.append((change.number, change.operation)))
        with org.transaction():
            record = org.insert("Account", {"Name": "A"}, user=org.sales_id)
            org.update("Account", record, {"Name": "B"}, user=org.sales_id)
            assert heard == []
            assert org.changes == []
        assert heard == [(1, "create"), (2, "update")]

    def test_a_refused_save_leaves_no_trace(self, org: Org, refused) -> None:
        refused(lambda: org.insert("Account", {}, user=org.sales_id))
        assert org.changes == []


class TestTransactions:
    def test_all_or_nothing(self, org: Org, account: str) -> None:
        def spoil() -> None:
            with org.transaction():
                org.update("Account", account, {"Name": "B"}, user=org.sales_id)
                org.insert("Account", {"External_Id__c": "K"}, user=org.sales_id)

        with pytest.raises(SaveError):
            spoil()
        assert org.get("Account", account)["Name"] == "Acme"
        assert len(org.changes) == 1

    def test_inner_units_fail_alone(self, org: Org) -> None:
        def spoil() -> None:
            with org.transaction():
                org.insert("Account", {"Name": "Inner", "External_Id__c": "k"}, user=org.sales_id)
                raise SaveError

        with org.transaction():
            org.insert("Account", {"Name": "Outer"}, user=org.sales_id)
            with pytest.raises(SaveError):
                spoil()
        assert [c.fields["Name"][1] for c in org.changes] == ["Outer"]
        # The index made inside the failed unit is gone, and made anew.
        assert org.find("Account", "External_Id__c", "k") == []

    def test_on_disk(self, tmp_path, clock) -> None:
        from prm_harness.crm.org.templates import standard_org

        org = standard_org(3, clock, str(tmp_path / "org.db"))
        record = org.insert("Account", {"Name": "A"}, user=org.sales_id)
        assert org.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert org.get("Account", record)["Name"] == "A"
        org.connection.close()


def test_find(org: Org, account: str) -> None:
    assert org.find("Account", "name", "ACME") == [account]
    assert org.find("Account", "Id", account[:15]) == [account]
    assert org.find("Account", "Id", "nonsense") == []
    org.delete("Account", account, user=org.sales_id)
    assert org.find("Account", "Name", "Acme") == []
    with pytest.raises(NotFoundError):
        org.find("Account", "Nope", "x")


def test_duplicate_user_names(org: Org, refused) -> None:
    def again() -> None:
        org.create_user("ADMIN@northwind.example", first_name="A", last_name="B", email="a@b.example")

    assert refused(again)[0][0] == "DUPLICATE_USERNAME"


def test_indexes_are_made_when_first_wanted(org: Org) -> None:
    def indexes() -> set[str]:
        sql = (
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'Contact' AND sql IS NOT NULL"
        )
        return {name for (name,) in org.connection.execute(sql)}

    org.insert("Contact", {"LastName": "A"}, user=org.sales_id)
    assert indexes() == set()
    org.find("Contact", "Phone", "1")
    assert indexes() == {"Contact.Phone"}
