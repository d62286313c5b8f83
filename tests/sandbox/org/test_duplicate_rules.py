"""Duplicate rules through an unmodified client: block, alert, what allowSave does, what the answer holds."""

import pytest

DEAL = {"StageName": "Prospecting", "CloseDate": "2026-06-30"}
MESSAGE = "You're creating a duplicate record. We recommend you use an existing record instead."


def test_a_blocking_rule(sandbox, sf, told):
    known = sandbox.create("Contact", [{"LastName": "Ito", "Email": "ito@example.com"}])[0]
    sandbox.schema.add_duplicate_rule("Contact", "Same_Email", ["Email"])
    twin = {"LastName": "Itoh", "Email": "ITO@example.com"}
    body = told(lambda: sf.Contact.create(twin))
    # The keys, their order and the spelling are those of the captured answers create-057 and create-058.
    assert list(body[0]) == ["duplicateResut", "errorCode", "message"]
    assert (body[0]["errorCode"], body[0]["message"]) == ("DUPLICATES_DETECTED", MESSAGE)
    result = body[0]["duplicateResut"]
    assert (result["allowSave"], result["duplicateRule"], result["duplicateRuleEntityType"]) == (
        False,
        "Same_Email",
        "Contact",
    )
    match = result["matchResults"][0]
    assert (match["matchEngine"], match["size"], match["success"]) == ("ExactMatchEngine", 1, True)
    assert match["matchRecords"][0]["record"] == {
        "attributes": {"type": "Contact", "url": f"/services/data/v{sf.sf_version}/sobjects/Contact/{known}"},
        "Id": known,
    }
    assert told(lambda: sf.Contact.create(twin, headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"}))
    assert len(sandbox.query("SELECT Id FROM Contact")) == 1


def test_an_alerting_rule_lets_through_who_insists(sandbox, sf, told):
    known = sandbox.create("Account", [{"Name": "Weyland-Yutani Inc.", "Phone": "+1 (555) 010-0199"}])[0]
    sandbox.schema.add_duplicate_rule("Account", "Company", ["Name", "Phone"], action="alert", fuzzy=True)
    same = {"Name": "Weyland Yutani", "Phone": "5550100199"}
    details = {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true"}
    result = told(lambda: sf.Account.create(same, headers=details))[0]["duplicateResut"]
    assert result["allowSave"] is True
    match = result["matchResults"][0]
    assert match["matchEngine"] == "FuzzyMatchEngine"
    assert (match["matchRecords"][0]["record"]["Id"], match["matchRecords"][0]["record"]["Name"]) == (
        known,
        "Weyland-Yutani Inc.",
    )
    insisting = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    assert sf.Account.create(same, headers=insisting)["success"]


@pytest.mark.parametrize(
    "other", [{"Name": "Acme", "Phone": None}, {"Name": "Acme", "Phone": "2"}, {"Name": "Acne", "Phone": "1"}]
)
def test_all_fields_have_to_agree_and_none_may_be_empty(sandbox, sf, other):
    sandbox.create("Account", [{"Name": "Acme", "Phone": "1"}, {"Name": "Acme"}])
    sandbox.schema.add_duplicate_rule("Account", "Company", ["Name", "Phone"])
    assert sf.Account.create(other)["success"]


def test_updates_conditions_and_other_objects(sandbox, sf, told):
    contact = sandbox.create("Contact", [{"LastName": "Ito", "Email": "ito@example.com"}])[0]
    schema = sandbox.schema
    schema.add_duplicate_rule(
        "Lead", "Known_Person", ["Email"], against="Contact", condition='NOT(ISPICKVAL(LeadSource, "Web"))'
    )
    lead = {"LastName": "Ito", "Company": "Acme", "Email": "ito@example.com"}
    found = told(lambda: sf.Lead.create(lead))[0]["duplicateResut"]
    assert (found["duplicateRuleEntityType"], found["matchResults"][0]["entityType"]) == ("Lead", "Contact")
    assert found["matchResults"][0]["matchRecords"][0]["record"]["Id"] == contact
    lead_id = sf.Lead.create(lead | {"LeadSource": "Web"})["id"]
    sf.Lead.update(lead_id, {"Title": "Dr", "LeadSource": "Other"})  # no compared field changes
    sf.Lead.update(lead_id, {"Email": "other@example.com"})
    assert told(lambda: sf.Lead.update(lead_id, {"Email": "ito@example.com"}))[0]["errorCode"] == (
        "DUPLICATES_DETECTED"
    )
    schema.drop_duplicate_rule("Lead", "Known_Person")
    sf.Lead.update(lead_id, {"Email": "ito@example.com"})


def test_deleted_records_have_no_duplicates(sandbox, sf):
    first = sandbox.create("Account", [{"Name": "Acme"}])[0]
    sandbox.schema.add_duplicate_rule("Account", "Name", ["Name"])
    sandbox.delete("Account", first)
    assert sf.Account.create({"Name": "Acme"})["success"]


def test_collections_and_loads_say_it_by_row(sandbox, sf):
    sandbox.create("Account", [{"Name": "Acme"}])
    sandbox.schema.add_duplicate_rule("Account", "Name", ["Name"], message="Use one of these records?")
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("Acme", "Best")]
    answer = sf.restful("composite/sobjects", method="POST", json={"records": records})
    refused = {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
    assert answer[0] == {"success": False, "errors": [refused]}
    assert answer[1]["success"]
    job = sf.bulk2.Account.insert(records=[{"Name": "Acme"}, {"Name": "Coda"}], wait=0)[0]
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    failed = sf.bulk2.Account.get_failed_records(job["job_id"])
    assert "DUPLICATES_DETECTED:Use one of these records?:" in failed


def test_a_header_holds_for_the_parts_of_a_composite(sandbox, sf):
    sandbox.create("Account", [{"Name": "Acme"}])
    sandbox.schema.add_duplicate_rule("Account", "Name", ["Name"], action="alert")
    part = {
        "method": "POST",
        "url": f"/services/data/v{sf.sf_version}/sobjects/Account",
        "body": {"Name": "Acme"},
    }
    allow = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    parts = [part | {"referenceId": "a"}, part | {"referenceId": "b", "httpHeaders": allow}]
    answer = sf.restful("composite", method="POST", json={"compositeRequest": parts})["compositeResponse"]
    assert [item["httpStatusCode"] for item in answer] == [400, 201]
    outer = sf.restful(
        "composite", method="POST", json={"compositeRequest": parts[:1]}, headers=sf.headers | allow
    )
    assert outer["compositeResponse"][0]["httpStatusCode"] == 201
