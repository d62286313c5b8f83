"""The sandbox as the harness holds it: acting as the CRM's own people, changing the schema."""

import pytest

from prm_harness.crm.backend import CrmRefusal, Power
from prm_harness.crm.sandbox import Sandbox


def test_facts_name_the_org_and_all_powers(sandbox):
    assert sandbox.facts.id.startswith("00D")
    assert sandbox.facts.integration_user.startswith("005")
    assert sandbox.facts.powers == set(Power)
    assert (sandbox.facts.seed, sandbox.facts.template) == (7, "standard")


def test_an_unknown_template_is_refused():
    with pytest.raises(ValueError, match="unknown org template 'fancy'; known: standard"):
        Sandbox(seed=1, template="fancy")


def test_rows_are_written_as_the_sales_user_and_read_plain(sandbox):
    account, contact = (
        sandbox.create("Account", [{"Name": "Acme"}])[0],
        sandbox.create("Contact", [{"LastName": "Doe"}])[0],
    )
    sandbox.update("Contact", contact, {"AccountId": account})
    row = sandbox.get("Contact", contact)
    (queried,) = sandbox.query("SELECT LastName, Account.Name, CreatedBy.Username FROM Contact")

    assert (row["LastName"], row["AccountId"]) == ("Doe", account)
    assert row["CreatedById"] != sandbox.facts.integration_user
    assert queried == {
        "LastName": "Doe",
        "Account": {"Name": "Acme"},
        "CreatedBy": {"Username": "sales@northwind.example"},
    }


def test_what_is_gone_reads_as_none(sandbox):
    (account,) = sandbox.create("Account", [{"Name": "Acme"}])
    sandbox.delete("Account", account)

    assert sandbox.get("Account", account) is None
    assert sandbox.get("Account", "001000000000001AAA") is None


def test_a_refusal_says_what_was_asked_and_why_and_leaves_nothing(sandbox):
    with pytest.raises(CrmRefusal, match=r"create Account: REQUIRED_FIELD_MISSING: .*\[Name\]"):
        sandbox.create("Account", [{"Name": "good"}, {}])
    with pytest.raises(CrmRefusal, match="INVALID_FIELD"):
        sandbox.query("SELECT Nope FROM Account")

    assert sandbox.query("SELECT Id FROM Account") == []
    assert sandbox.log.changes() == []


def test_history_can_be_backdated_and_corruption_be_silent(sandbox):
    old = "2024-01-01T00:00:00.000+0000"
    audit = {"CreatedDate": old, "LastModifiedDate": old, "SystemModstamp": old}
    (account,) = sandbox.create("Account", [{"Name": "Acme"}], audit=audit)
    sandbox.update("Account", account, {"Phone": "1"}, quietly=True)

    row = sandbox.get("Account", account)
    assert row["Phone"] == "1"
    assert {row[name] for name in audit} == {old}
    assert [change.operation for change in sandbox.log.changes()] == ["create", "update"]


def test_a_lead_is_converted_by_the_crms_people(sandbox):
    (lead,) = sandbox.create("Lead", [{"LastName": "Doe", "Company": "Acme"}])
    made = sandbox.convert_lead(lead)

    assert made["accountId"].startswith("001")
    assert made["contactId"].startswith("003")
    assert made["opportunityId"].startswith("006")
    assert (
        sandbox.convert_lead(
            sandbox.create("Lead", [{"LastName": "Roe", "Company": "B"}])[0], opportunity=False
        )["opportunityId"]
        is None
    )


class TestSchema:
    def test_a_field_lives_and_dies_under_the_integration_users_eyes(self, sandbox, client):
        sandbox.schema.add_field("Account", "Rank__c", "double", precision=5, scale=1, required=False)
        record_id = client("POST", "sobjects/Account", {"Name": "A", "Rank__c": 1.5}).body["id"]
        assert client.query("SELECT Rank__c FROM Account")[0]["Rank__c"] == 1.5

        sandbox.schema.change_field("Account", "Rank__c", nillable=False)
        assert client("POST", "sobjects/Account", {"Name": "B"}).body[0]["fields"] == ["Rank__c"]

        sandbox.schema.drop_field("Account", "Rank__c")
        assert "Rank__c" not in client("GET", f"sobjects/Account/{record_id}").body
        assert client("POST", "sobjects/Account", {"Name": "B"}).status == 201

    def test_an_object_can_be_added_and_related(self, sandbox, client):
        fields = [
            {"name": "Account__c", "type": "reference", "reference_to": "Account"},
            {"name": "State__c", "type": "picklist", "values": ["On", "Off"], "restricted": True},
        ]
        sandbox.schema.add_object("Widget__c", "Widget", fields)
        account = client("POST", "sobjects/Account", {"Name": "Acme"}).body["id"]
        good = client("POST", "sobjects/Widget__c", {"Name": "W", "Account__c": account, "State__c": "On"})
        bad = client("POST", "sobjects/Widget__c", {"Name": "W", "State__c": "Ajar"})

        assert (good.status, bad.status) == (201, 400)
        assert good.body["id"].startswith("a0")
        assert client.query("SELECT Account__r.Name FROM Widget__c")[0]["Account__r"]["Name"] == "Acme"

    def test_a_rule_can_be_switched_off_again(self, sandbox, client):
        sandbox.schema.add_validation_rule("Account", "Never", "TRUE", "No.")
        assert client("POST", "sobjects/Account", {"Name": "A"}).status == 400

        sandbox.schema.drop_validation_rule("Account", "Never")
        assert client("POST", "sobjects/Account", {"Name": "A"}).status == 201

    def test_describe_is_short_and_complete(self, sandbox):
        fields = sandbox.schema.describe("opportunity")

        assert fields["Deal_Region__c"]["values"] == ["EMEA", "AMER", "APAC", "LATAM"]
        assert (fields["Budget__c"]["precision"], fields["Budget__c"]["scale"]) == (16, 2)
        assert fields["Partner_Account__c"]["reference_to"] == ["Account"]
        assert fields["Weighted__c"]["calculated"] is True
        assert fields["Weighted__c"]["createable"] is False

    @pytest.mark.parametrize(
        ("ask", "why"),
        [
            (lambda s: s.add_field("Account", "Rank", "double"), "ends in __c"),
            (lambda s: s.add_field("Account", "Rank__c", "colour"), "unknown field type 'colour'"),
            (lambda s: s.add_field("Account", "Rank__c", "double", size=1), "unknown field properties: size"),
            (lambda s: s.add_field("Account", "External_Id__c", "string"), "already"),
            (lambda s: s.add_field("Nope", "Rank__c", "double"), "Nope"),
            (lambda s: s.drop_field("Account", "Nope__c"), "Nope__c"),
            (lambda s: s.change_field("Account", "Nope__c", nillable=True), "Nope__c"),
            (lambda s: s.drop_validation_rule("Account", "Nope"), "Nope"),
            (lambda s: s.describe("Nope"), "no object Nope"),
            (lambda s: s.add_object("Deal_Registration__c", "D", []), "Deal_Registration__c"),
        ],
    )
    def test_what_an_admin_cannot_do_is_said_with_its_reason(self, sandbox, ask, why):
        with pytest.raises(CrmRefusal, match=why):
            ask(sandbox.schema)


def test_an_org_on_disk_works_like_one_in_memory(tmp_path):
    with Sandbox(seed=1, path=str(tmp_path / "org.db")) as sandbox:
        (account,) = sandbox.create("Account", [{"Name": "Acme"}])
        assert sandbox.get("Account", account)["Name"] == "Acme"
