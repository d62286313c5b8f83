"""Change Data Capture: what a commit tells, in the shapes of captured deliveries."""

import json

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.salesforce.http import Request


def told(client):
    return [(event["channel"], event["data"]) for event in client.events()]


def only(client):
    ((_, data),) = told(client)
    return data["payload"]


def header(client):
    return only(client)["ChangeEventHeader"]


def test_a_new_record_tells_its_values_and_its_header(rest, listen):
    client = listen("/data/AccountChangeEvent")
    record_id = rest.create("Account", Name="Acme", BillingCity="Berlin", BillingStreet="Main 1")
    ((channel, data),) = told(client)
    assert channel == "/data/AccountChangeEvent"
    assert list(data) == ["schema", "payload", "event"]
    assert list(data["event"]) == ["replayId"]
    payload = data["payload"]
    assert payload["Name"] == "Acme"
    assert payload["BillingAddress"] == {"Street": "Main 1", "City": "Berlin"}
    assert payload["CreatedDate"] == payload["LastModifiedDate"] == "2026-03-02T09:00:00.000Z"
    assert payload["OwnerId"] == payload["CreatedById"] == payload["LastModifiedById"]
    assert None not in payload.values()
    assert not {"Id", "IsDeleted", "SystemModstamp", "BillingCity"} & set(payload)
    head = payload["ChangeEventHeader"]
    assert list(head) == [
        *("commitNumber", "commitUser", "sequenceNumber", "entityName", "changeType", "changedFields"),
        *("changeOrigin", "transactionKey", "commitTimestamp", "recordIds"),
    ]
    assert (head["entityName"], head["changeType"], head["changedFields"]) == ("Account", "CREATE", [])
    assert (head["recordIds"], head["sequenceNumber"]) == ([record_id], 1)
    assert head["commitTimestamp"] == 1_772_442_000_000
    assert head["commitNumber"] > 2**53
    assert head["changeOrigin"] == "com/salesforce/api/rest/60.0"


def test_an_update_tells_only_what_changed_and_nests_compounds(rest, listen):
    """Recordings cdc_event-002 and -003."""
    record_id = rest.create("Contact", FirstName="Ann", LastName="Old", MailingCity="Bonn")
    client = listen("/data/ContactChangeEvent")
    rest.update("Contact", record_id, LastName="New", MailingStreet="Main 1", MailingCity=None)
    payload = only(client)
    head = payload.pop("ChangeEventHeader")
    assert payload == {
        "LastModifiedDate": "2026-03-02T09:00:00.000Z",
        "Name": {"LastName": "New"},
        "MailingAddress": {"Street": "Main 1", "City": None},
    }
    assert head["changedFields"] == [
        "LastModifiedDate",
        "Name.LastName",
        "MailingAddress.Street",
        "MailingAddress.City",
    ]


def test_a_leads_address_is_called_address(rest, listen):
    """Recording cdc_event-004."""
    record_id = rest.create("Lead", LastName="Ann", Company="Acme")
    client = listen("/data/LeadChangeEvent")
    rest.update("Lead", record_id, Street="Main 1", PostalCode="10115")
    assert header(client)["changedFields"][1:] == ["Address.Street", "Address.PostalCode"]


def test_a_deletion_tells_its_header_alone_and_an_undeletion_everything(sandbox, rest, listen):
    record_id = rest.create("Account", Name="Acme")
    client = listen("/data/AccountChangeEvent")
    rest.delete("Account", record_id)
    payload = only(client)
    assert list(payload) == ["ChangeEventHeader"]
    assert payload["ChangeEventHeader"]["changeType"] == "DELETE"
    sandbox._org.undelete("Account", record_id, user=sandbox._org.admin_id)
    payload = only(client)
    assert payload["Name"] == "Acme"
    assert payload["ChangeEventHeader"]["changeType"] == "UNDELETE"
    assert payload["ChangeEventHeader"]["changeOrigin"].endswith("client=SfdcInternalAPI/")


def test_a_conversion_is_one_transaction_with_its_events_in_order(sandbox, rest, listen):
    """Recording cdc_event-008: Account, Contact, Opportunity, then the Lead's update."""
    lead_id = rest.create("Lead", LastName="Ann", Company="Acme")
    client = listen()
    sandbox.convert_lead(lead_id)
    heads = [data["payload"]["ChangeEventHeader"] for _, data in told(client)]
    assert len({head["transactionKey"] for head in heads}) == 1
    assert [head["sequenceNumber"] for head in heads] == list(range(1, len(heads) + 1))
    kinds = [(head["entityName"], head["changeType"]) for head in heads]
    assert kinds[:3] == [("Account", "CREATE"), ("Contact", "CREATE"), ("Opportunity", "CREATE")]
    assert kinds[-1] == ("Lead", "UPDATE")
    assert {data["channel"] for data in client.events()} == set()


def test_one_change_to_many_records_is_one_event(sandbox, listen):
    ids = sandbox.create("Account", [{"Name": "a"}, {"Name": "b"}, {"Name": "c"}])
    client = listen("/data/AccountChangeEvent")
    with sandbox._org.transaction():
        for record_id in ids:
            sandbox.update("Account", record_id, {"Industry": "Retail"})
        sandbox.update("Account", ids[0], {"Industry": "Banking"})
    same, other = (data["payload"]["ChangeEventHeader"] for _, data in told(client))
    assert same["recordIds"] == ids
    assert other["recordIds"] == ids[:1]
    assert other["sequenceNumber"] == 2


def test_two_commits_have_keys_of_their_own_and_growing_numbers(rest, listen):
    client = listen()
    rest.create("Account", Name="a")
    rest.create("Account", Name="b")
    first, second = (data for _, data in told(client))
    assert first["event"]["replayId"] < second["event"]["replayId"]
    one, two = (data["payload"]["ChangeEventHeader"] for data in (first, second))
    assert one["transactionKey"] != two["transactionKey"]
    assert one["commitNumber"] < two["commitNumber"]


def test_what_was_rolled_back_was_never_told(sandbox, listen):
    client = listen()
    with pytest.raises(CrmRefusal):
        sandbox.create("Account", [{"Name": "a"}, {"Name": None}])
    assert told(client) == []


def test_the_origin_names_api_version_and_client(sandbox, rest, listen):
    client = listen()
    rest(
        "POST",
        "/services/data/v58.0/sobjects/Account",
        {"Name": "a"},
        headers={"sforce-call-options": "client=PRM/2, defaultNamespace=x"},
    )
    sandbox.create("Account", [{"Name": "b"}])
    origins = [data["payload"]["ChangeEventHeader"]["changeOrigin"] for _, data in told(client)]
    assert origins == [
        "com/salesforce/api/rest/58.0;client=PRM/2",
        "com/salesforce/api/soap/60.0;client=SfdcInternalAPI/",
    ]


def test_custom_objects_have_a_channel_and_others_are_switched_on(sandbox, listen):
    sandbox.schema.add_object("Grant__c", "Grant", [{"name": "Sum__c", "type": "double", "scale": 1}])
    client = listen("/data/Grant__ChangeEvent")
    everything = listen()
    sandbox.create("Grant__c", [{"Name": "g", "Sum__c": 2.5}])
    assert only(client)["Sum__c"] == 2.5
    assert only(everything)["Sum__c"] == 2.5
    sandbox.capture_changes(["Contact"])
    sandbox.create("Grant__c", [{"Name": "h"}])
    sandbox.create("Contact", [{"LastName": "h"}])
    assert told(client) == []
    assert header(everything)["entityName"] == "Contact"


def close_field(rest, name):
    """Make a field through the API: nobody has it until it is granted."""
    metadata = {"type": "Text", "label": "Secret", "length": 20}
    made = rest("POST", "tooling/sobjects/CustomField", {"FullName": f"Account.{name}", "Metadata": metadata})
    assert made.status == 201, made.body


def test_a_field_that_is_closed_to_the_subscriber_is_not_told(sandbox, rest, listen):
    close_field(rest, "Secret__c")
    client = listen("/data/AccountChangeEvent")
    (record_id,) = sandbox.create("Account", [{"Name": "Acme", "Secret__c": "s"}])
    created = only(client)
    sandbox.update("Account", record_id, {"Secret__c": "t", "Phone": "1"})
    changed = only(client)

    assert created["Name"] == "Acme"
    assert "Secret__c" not in created
    assert changed["ChangeEventHeader"]["changedFields"] == ["LastModifiedDate", "Phone"]
    assert "Secret__c" not in changed


def test_a_field_is_told_from_its_grant_on(sandbox, rest, listen):
    close_field(rest, "Secret__c")
    granted = rest.create("PermissionSet", Name="See", Label="See")
    rest.create("FieldPermissions", ParentId=granted, SobjectType="Account", Field="Account.Secret__c",
                PermissionsRead=True, PermissionsEdit=False)  # fmt: skip
    client = listen("/data/AccountChangeEvent")
    rest.create("PermissionSetAssignment", AssigneeId=sandbox.facts.integration_user, PermissionSetId=granted)
    sandbox.create("Account", [{"Name": "Acme", "Secret__c": "s"}])

    assert only(client)["Secret__c"] == "s"


def test_silent_corruption_reaches_nobody(sandbox, listen):
    (record_id,) = sandbox.create("Account", [{"Name": "a"}])
    client = listen()
    sandbox.update("Account", record_id, {"Name": "rot"}, quietly=True)
    assert told(client) == []
    sandbox.update("Account", record_id, {"Name": "b"})
    assert only(client)["Name"] == "b"


def test_replay_begins_where_the_client_says(rest, listen):
    for name in "abc":
        rest.create("Account", Name=name)
    every = told(listen(replay=-2))
    assert [data["payload"]["Name"] for _, data in every] == ["a", "b", "c"]
    after_first = told(listen(replay=every[0][1]["event"]["replayId"]))
    assert [data["payload"]["Name"] for _, data in after_first] == ["b", "c"]
    assert told(listen(replay=-1)) == []


def test_events_are_kept_for_72_hours_of_the_orgs_clock(sandbox, rest, listen):
    rest.create("Account", Name="a")
    ((_, old),) = told(listen(replay=-2))
    sandbox.clock.advance(72 * 3600)
    sandbox.create("Account", [{"Name": "b"}])
    assert [data["payload"]["Name"] for _, data in told(listen(replay=-2))] == ["a", "b"]
    sandbox.clock.advance(1)
    assert [data["payload"]["Name"] for _, data in told(listen(replay=-2))] == ["b"]
    client = listen()
    assert not client.subscribe("/data/ChangeEvents", old["event"]["replayId"])["successful"]


def test_a_long_backlog_comes_in_answers_of_bounded_size(sandbox, listen):
    sandbox.create("Account", [{"Name": f"a{i}"} for i in range(700)])
    for i in range(700):
        sandbox.create("Contact", [{"LastName": f"c{i}"}])
    client = listen(replay=-2)
    names = []
    sizes = []
    while events := client.events():
        sizes.append(len(events))
        names += [event["data"]["event"]["replayId"] for event in events]
    assert len(names) == 1400
    assert names == sorted(set(names))
    assert len(sizes) > 1


def test_what_a_collection_changes_is_one_transaction_only_if_all_or_none(sandbox, rest, listen):
    client = listen("/data/AccountChangeEvent")
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "ab"]
    token = rest.token
    request = Request(
        "POST",
        "/services/data/v60.0/composite/sobjects",
        "",
        {"host": "x.my.salesforce.com", "authorization": f"Bearer {token}"},
        json.dumps({"allOrNone": True, "records": records}).encode(),
    )
    assert sandbox.handle(request).status == 200
    keys = {data["payload"]["ChangeEventHeader"]["transactionKey"] for _, data in told(client)}
    assert len(keys) == 1
