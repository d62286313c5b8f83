"""Roll-ups, default formulas, lookup filters and master-detail through an unmodified client."""

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.sandbox import Sandbox

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture
def budget(sandbox: Sandbox) -> Sandbox:
    """Programs with payments, which are their details."""
    schema = sandbox.schema
    schema.add_object("Program__c", "Program", [])
    parent = {
        "name": "Program__c",
        "type": "reference",
        "reference_to": "Program__c",
        "master_detail": True,
        "child_relationship": "Payments__r",
    }
    amount = {"name": "Sum__c", "type": "currency", "precision": 16, "scale": 2}
    paid = {"name": "Paid__c", "type": "boolean"}
    day = {"name": "Day__c", "type": "date"}
    schema.add_object("Payment__c", "Payment", [parent, amount, paid, day])
    for name, kind, summary in (
        ("Count__c", "double", {"operation": "count"}),
        ("Total__c", "currency", {"operation": "sum", "field": "Sum__c"}),
        ("Least__c", "currency", {"operation": "min", "field": "Sum__c", "where": "Paid__c"}),
        ("Last__c", "date", {"operation": "max", "field": "Day__c"}),
    ):
        scale = {"scale": 2} if kind == "currency" else {}
        whole = {"child": "Payment__c", "via": "Program__c", **summary}
        schema.add_field("Program__c", name, kind, roll_up=whole, **scale)
    return sandbox


def sums(sf, program):
    found = sf.Program__c.get(program)
    return found["Count__c"], found["Total__c"], found["Least__c"], found["Last__c"]


@pytest.mark.usefixtures("budget")
def test_roll_ups_follow_their_children(sf):
    program, other = (sf.Program__c.create({"Name": name})["id"] for name in "AB")
    assert sums(sf, program) == (0, 0.0, None, None)
    first, second = (
        sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": n, "Day__c": f"2026-01-0{n}"})[
            "id"
        ]
        for n in (1, 2)
    )
    assert sums(sf, program) == (2, 3.0, None, "2026-01-02")
    sf.Payment__c.update(second, {"Paid__c": True, "Sum__c": 5.5})
    assert sums(sf, program) == (2, 6.5, 5.5, "2026-01-02")
    sf.Payment__c.delete(second)
    assert sums(sf, program) == (1, 1.0, None, "2026-01-01")
    rows = [{"Name": str(n), "Program__c": other, "Sum__c": n} for n in range(1, 4)]
    assert sf.bulk2.Payment__c.insert(records=rows, wait=0)[0]["numberRecordsFailed"] == 0
    assert sums(sf, other) == (3, 6.0, None, None)
    assert sf.query("SELECT Id FROM Program__c WHERE Total__c > 5")["totalSize"] == 1
    assert first


def test_only_the_parents_system_modstamp_moves(budget, sf):
    program = sf.Program__c.create({"Name": "A"})["id"]
    before = sf.Program__c.get(program)
    budget.clock.advance(60)
    sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": 5})
    after = sf.Program__c.get(program)
    assert after["LastModifiedDate"] == before["LastModifiedDate"]
    assert after["SystemModstamp"] > before["SystemModstamp"]
    change = budget.log.changes(record_id=program)[-1]
    assert change.fields == {"Count__c": (0, 1), "Total__c": (0, 5.0)}


def test_the_parents_rules_refuse_the_child(budget, sf, told):
    budget.schema.add_validation_rule("Program__c", "Spent", "Total__c > 10", "No money left")
    program = sf.Program__c.create({"Name": "A"})["id"]
    entry = told(lambda: sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": 11}))[0]
    assert (entry["errorCode"], entry["message"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No money left")
    assert sf.query("SELECT Id FROM Payment__c")["totalSize"] == 0
    assert sums(sf, program)[:2] == (0, 0.0)


def test_a_deleted_master_takes_its_details_and_brings_them_back(budget, sf):
    program = sf.Program__c.create({"Name": "A"})["id"]
    payment = sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": 5})["id"]
    assert "OwnerId" not in sf.Payment__c.get(payment)
    sf.Program__c.delete(program)
    assert sf.query("SELECT Id FROM Payment__c")["totalSize"] == 0
    org = budget._org
    org.undelete("Program__c", program, user=org.admin_id)
    assert sums(sf, program)[:2] == (1, 5.0)


@pytest.mark.parametrize("reparentable", [False, True])
def test_moving_a_detail(budget, sf, told, reparentable):
    program, other = (sf.Program__c.create({"Name": name})["id"] for name in "AB")
    payment = sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": 5})["id"]
    if not reparentable:
        entry = told(lambda: sf.Payment__c.update(payment, {"Program__c": other}))[0]
        assert (entry["errorCode"], entry["fields"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Program__c"])
        return
    budget.schema.change_field("Payment__c", "Program__c", reparentable=True, updateable=True)
    sf.Payment__c.update(payment, {"Program__c": other})
    assert (sums(sf, program)[0], sums(sf, other)[0]) == (0, 1)


def test_how_they_are_described(budget, sf):
    fields = {f["name"]: f for f in sf.Program__c.describe()["fields"]}
    total = fields["Total__c"]
    assert (total["calculated"], total["createable"], total["updateable"]) == (True, False, False)
    detail = next(f for f in sf.Payment__c.describe()["fields"] if f["name"] == "Program__c")
    assert (detail["cascadeDelete"], detail["relationshipOrder"], detail["nillable"]) == (True, 0, False)
    child = next(
        c for c in sf.Program__c.describe()["childRelationships"] if c["childSObject"] == "Payment__c"
    )
    assert (child["cascadeDelete"], child["relationshipName"]) == (True, "Payments__r")
    for bad in ({"via": "Nope__c"}, {"operation": "sum", "field": "Name"}, {"operation": "mean"}):
        with pytest.raises(CrmRefusal):
            budget.schema.add_field(
                "Program__c", "X__c", "double", roll_up={"child": "Payment__c", "via": "Program__c", **bad}
            )
    with pytest.raises(CrmRefusal, match=r"Payment__c.Sum__c|used by Program__c.Total__c"):
        budget.schema.drop_field("Payment__c", "Sum__c")


def test_a_new_roll_up_counts_what_is_there(budget, sf):
    program = sf.Program__c.create({"Name": "A"})["id"]
    sf.Payment__c.create({"Name": "P", "Program__c": program, "Sum__c": 5})
    before = sf.Program__c.get(program)["SystemModstamp"]
    budget.clock.advance(60)
    most = {"child": "Payment__c", "via": "Program__c", "operation": "max", "field": "Sum__c"}
    budget.schema.add_field("Program__c", "Most__c", "currency", scale=2, roll_up=most)
    found = sf.Program__c.get(program)
    assert (found["Most__c"], found["SystemModstamp"]) == (5.0, before)


def test_default_formulas(sandbox, sf):
    add = sandbox.schema.add_field
    add("Opportunity", "Due__c", "date", default_formula="TODAY() + 7")
    add("Opportunity", "Maker__c", "string", default_formula='"by " & $User.LastName')
    add("Opportunity", "Kind__c", "string", required=True, default_formula="$RecordType.DeveloperName")
    today = sandbox.clock.now().date().isoformat()
    found = sf.Opportunity.get(sf.Opportunity.create(DEAL)["id"])
    assert (found["Maker__c"], found["Kind__c"]) == ("by Integration", "Direct_Sale")
    assert found["Due__c"] > today
    given = sf.Opportunity.get(sf.Opportunity.create(DEAL | {"Due__c": None, "Maker__c": "me"})["id"])
    assert (given["Due__c"], given["Maker__c"]) == (None, "me")
    field = next(f for f in sf.Opportunity.describe()["fields"] if f["name"] == "Due__c")
    assert (field["defaultValueFormula"], field["defaultedOnCreate"]) == ("TODAY() + 7", True)
    job = sf.bulk2.Opportunity.insert(records=[DEAL | {"Maker__c": "load"}], wait=0)[0]
    assert job["numberRecordsFailed"] == 0
    assert sf.query("SELECT Id FROM Opportunity WHERE Due__c = null")["totalSize"] == 1


def test_a_lookup_filter(sandbox, sf, told):
    sandbox.schema.change_field(
        "Opportunity",
        "Partner_Account__c",
        lookup_filter={
            "formula": 'ISPICKVAL(Partner_Status__c, "Active") && Id <> $Source.AccountId',
            "message": "Choose an active partner",
        },
    )
    active, sleeping = (
        sf.Account.create({"Name": status, "Partner_Status__c": status})["id"]
        for status in ("Active", "Inactive")
    )
    entry = told(lambda: sf.Opportunity.create(DEAL | {"Partner_Account__c": sleeping}))[0]
    assert entry == {
        "message": "Choose an active partner",
        "errorCode": "FIELD_FILTER_VALIDATION_EXCEPTION",
        "fields": ["Partner_Account__c"],
    }
    deal = sf.Opportunity.create(DEAL | {"Partner_Account__c": active})["id"]
    sf.Account.update(active, {"Partner_Status__c": "Inactive"})
    sf.Opportunity.update(deal, {"NextStep": "go"})  # what it leads to is not looked at again
    assert told(lambda: sf.Opportunity.update(deal, {"AccountId": active}))[0]["errorCode"] == (
        "FIELD_FILTER_VALIDATION_EXCEPTION"
    )
    field = next(f for f in sf.Opportunity.describe()["fields"] if f["name"] == "Partner_Account__c")
    assert field["filteredLookupInfo"] == {
        "controllingFields": ["AccountId"],
        "dependent": True,
        "optionalFilter": False,
    }
    with pytest.raises(CrmRefusal, match="Nope does not exist"):
        sandbox.schema.add_field(
            "Opportunity", "X__c", "reference", reference_to="Account", lookup_filter="Nope = 1"
        )
