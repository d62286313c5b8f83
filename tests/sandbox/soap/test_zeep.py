"""The partner API as zeep, which nobody here wrote, finds it from the served WSDL."""

from datetime import timedelta

import pytest
import requests
from tests.sandbox.soap.conftest import values
from zeep import Client, Transport
from zeep.exceptions import Fault


def test_login_tells_who_and_where(partner):
    info = partner.call("getUserInfo")

    assert info.userName == partner.sandbox.credentials().username
    assert info.userId == partner.sandbox.facts.integration_user
    assert info.sessionSecondsValid == 7200
    assert partner.call("getServerTimestamp").timestamp == partner.sandbox.clock.now().replace(microsecond=0)


def test_the_wsdl_is_at_both_addresses_and_names_the_asked_version(partner):
    with requests.Session() as session:
        url = f"{partner.sandbox.instance_url}/services/Soap/u/58.0?wsdl"
        client = Client(url, transport=Transport(session=session))

    (port,) = client.wsdl.services["SforceService"].ports.values()
    assert port.binding_options["address"].endswith("/services/Soap/u/58.0")
    assert len(port.binding._operations) == 26


def test_a_wrong_password_is_the_recorded_fault(partner):
    with pytest.raises(Fault) as refused:
        partner.client.service.login("nobody", "wrong")

    assert refused.value.code == "sf:INVALID_LOGIN"
    assert refused.value.message.startswith("INVALID_LOGIN: Invalid username, password, security token")


def test_describes_have_the_facts_of_the_rest_describe(partner):
    world = partner.call("describeGlobal")
    account, contact = partner.call("describeSObjects", ["Account", "contact"])
    one = partner.call("describeSObject", "Opportunity")

    assert world.maxBatchSize == 200
    assert {"Account", "Lead"} <= {o.name for o in world.sobjects}
    assert (account.keyPrefix, contact.name) == ("001", "Contact")
    fields = {f.name: f for f in one.fields}
    assert fields["Deal_Region__c"].restrictedPicklist
    assert [p.value for p in fields["Deal_Region__c"].picklistValues] == ["EMEA", "AMER", "APAC", "LATAM"]
    assert fields["AccountId"].referenceTo == ["Account"]
    assert fields["HasOpenActivity"].defaultValue is False
    assert {r.developerName for r in one.recordTypeInfos} == {"Direct_Sale", "Partner_Deal", "Master"}
    assert any(c.childSObject == "OpportunityLineItem" for c in one.childRelationships)


def test_layouts_tell_picklist_values_by_record_type(partner):
    whole = partner.call("describeLayout", "Opportunity", None, [])
    assert [m.developerName for m in whole.recordTypeMappings] == ["Direct_Sale", "Partner_Deal", "Master"]
    assert whole.recordTypeSelectorRequired is True
    fields = {
        component.value
        for section in whole.layouts[0].editLayoutSections
        for row in section.layoutRows
        for item in row.layoutItems
        for component in item.layoutComponents
    }
    assert {"Name", "StageName", "CloseDate", "External_Id__c"} <= fields

    direct = whole.recordTypeMappings[0]
    one = partner.call("describeLayout", "opportunity", None, [direct.recordTypeId[:15]])
    (mapping,) = one.recordTypeMappings
    assert (mapping.name, mapping.layoutId) == (direct.name, whole.layouts[0].id)
    with requests.Session() as session:
        address = f"{partner.sandbox.instance_url}/services/data/v60.0/ui-api/object-info/Opportunity/picklist-values"
        answer = session.get(
            f"{address}/{mapping.recordTypeId}/StageName",
            headers={"Authorization": f"Bearer {partner.session_id}"},
        )
    told = [value["value"] for value in answer.json()["values"]]
    stages = next(p for p in mapping.picklistsForRecordType if p.picklistName == "StageName")
    assert [value.value for value in stages.picklistValues] == told
    with pytest.raises(Fault, match="INVALID_ID_FIELD"):
        partner.call("describeLayout", "Opportunity", None, ["012000000000001AAA"])
    with pytest.raises(Fault, match="MALFORMED_ID"):
        partner.call("describeLayout", "Opportunity", None, ["x"])


def test_compact_layouts_are_those_of_rest(partner):
    account = partner.call("describeCompactLayouts", "Account", [])
    primary = partner.call("describePrimaryCompactLayouts", ["Account", "Contact"])
    assert [layout.objectType for layout in primary] == ["Account", "Contact"]
    assert (primary[0].name, account.recordTypeCompactLayoutMappings[-1].recordTypeName) == (
        "SYSTEM",
        "Master",
    )
    assert account.compactLayouts[0].fieldItems[0].layoutComponents[0].value == "Name"


def test_sessions_are_ended_by_others(partner):
    own = partner.sandbox.credentials()
    other = partner.client.service.login(own.username, own.password + own.security_token)
    ended, unknown = partner.call("invalidateSessions", [other.sessionId, "00Dxx!x"])
    assert (ended.success, unknown.success) == (True, False)
    with pytest.raises(Fault, match="INVALID_SESSION_ID"):
        partner.client.service.getServerTimestamp(
            _soapheaders=[partner.header("SessionHeader", sessionId=other.sessionId)]
        )


def test_rows_are_created_read_changed_cleared_and_deleted(partner):
    created = partner.call(
        "create", [partner.sobject("Account", Name="Acme & <Co>", AnnualRevenue="12.0", Phone="1")]
    )[0]
    assert created.success
    record = partner.sandbox.get("Account", created.id)
    assert (record["Name"], record["AnnualRevenue"]) == ("Acme & <Co>", 12.0)

    changed = partner.sobject("Account", created.id, nulls=("Phone",), Name="Acme", AnnualRevenue="")
    assert partner.call("update", [changed])[0].success
    record = partner.sandbox.get("Account", created.id)
    assert (record["Name"], record["Phone"], record["AnnualRevenue"]) == ("Acme", None, 12.0)

    row, missing = partner.call(
        "retrieve", "Id,Name,CreatedDate", "Account", [created.id, "001000000000000AAA"]
    )
    assert row.Id == created.id
    assert values(row)["Name"] == "Acme"
    assert values(row)["CreatedDate"].endswith(".000Z")
    assert (missing.Id, missing.type) == (None, None)

    assert partner.call("delete", [created.id])[0].success
    assert partner.sandbox.get("Account", created.id) is None
    assert partner.call("undelete", [created.id])[0].success
    assert partner.sandbox.get("Account", created.id) is not None
    partner.call("delete", [created.id])
    assert partner.call("emptyRecycleBin", [created.id])[0].success
    again = partner.call("undelete", [created.id])[0]
    assert not again.success
    assert again.id is None


def test_each_row_has_its_own_result_unless_all_or_none_is_asked(partner):
    rows = [partner.sobject("Account", Name="good"), partner.sobject("Contact", FirstName="no last name")]
    good, bad = partner.call("create", rows)
    assert (good.success, bad.success) == (True, False)
    assert bad.errors[0].statusCode == "REQUIRED_FIELD_MISSING"
    assert bad.errors[0].fields == ["LastName"]

    before = len(partner.sandbox.query("SELECT Id FROM Account"))
    results = partner.call("create", rows, headers=(partner.header("AllOrNoneHeader", allOrNone=True),))
    assert [r.success for r in results] == [False, False]
    assert results[0].errors[0].statusCode == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert len(partner.sandbox.query("SELECT Id FROM Account")) == before


def test_upsert_by_external_id_creates_then_updates_then_names_twins(partner):
    row = partner.sobject("Account", Name="A", External_Id__c="x-1")
    first = partner.call("upsert", "External_Id__c", [row])[0]
    second = partner.call(
        "upsert", "External_Id__c", [partner.sobject("Account", Name="B", External_Id__c="x-1")]
    )[0]

    assert (first.created, second.created) == (True, False)
    assert first.id == second.id
    assert partner.sandbox.get("Account", first.id)["Name"] == "B"
    without = partner.call("upsert", "External_Id__c", [partner.sobject("Account", Name="C")])[0]
    assert without.errors[0].statusCode == "MISSING_ARGUMENT"


@pytest.mark.parametrize(
    ("operation", "args", "code", "kind"),
    [
        ("search", ("acme",), "MALFORMED_SEARCH", "MalformedSearchFault"),
        ("search", ("FIND {acme} RETURNING Nope",), "INVALID_TYPE", "InvalidSObjectFault"),
        ("query", ("SELECT Nope FROM Account",), "INVALID_FIELD", "InvalidFieldFault"),
        ("query", ("SELECT Id FROM Nope",), "INVALID_TYPE", "InvalidSObjectFault"),
        ("query", ("SELECT FROM",), "MALFORMED_QUERY", "MalformedQueryFault"),
        ("queryMore", ("0r8xx0000000001-2000",), "INVALID_QUERY_LOCATOR", "InvalidQueryLocatorFault"),
        ("describeSObject", ("Nope",), "INVALID_TYPE", "InvalidSObjectFault"),
        ("retrieve", ("Id", "Account", ["x"]), "MALFORMED_ID", "InvalidIdFault"),
    ],
)
def test_refusals_of_a_whole_call_are_faults_with_their_kind(partner, operation, args, code, kind):
    with pytest.raises(Fault) as refused:
        partner.call(operation, *args)

    assert refused.value.code == f"sf:{code}"
    assert refused.value.detail[0].tag == f"{{urn:fault.partner.soap.sforce.com}}{kind}"


def test_unknown_objects_and_fields_and_unreadable_values_refuse_the_call(partner):
    with pytest.raises(
        Fault, match=r"INVALID_TYPE: sObject type 'Unknown' is not supported\. If you are attempting"
    ):
        partner.call("create", [partner.sobject("Unknown", Name="x")])
    with pytest.raises(Fault, match="INVALID_FIELD: No such column 'Nope__c' on entity 'Account'"):
        partner.call(
            "create", [partner.sobject("Account", Name="kept?"), partner.sobject("Account", Nope__c="x")]
        )
    with pytest.raises(Fault, match="'many' is not a valid value for the type xsd:double"):
        partner.call("create", [partner.sobject("Account", Name="x", AnnualRevenue="many")])

    assert partner.sandbox.query("SELECT Id FROM Account") == []


def test_queries_page_beyond_two_thousand_rows_as_a_snapshot(partner):
    partner.sandbox.create("Account", [{"Name": f"A{n:04d}"} for n in range(2350)])

    page = partner.call("query", "SELECT Name FROM Account ORDER BY Name")
    assert (page.size, page.done, len(page.records)) == (2350, False, 2000)
    partner.sandbox.create("Account", [{"Name": "A0000 later"}])
    rest = partner.call("queryMore", page.queryLocator)
    assert (rest.done, rest.queryLocator, len(rest.records)) == (True, None, 350)
    names = [values(r)["Name"] for r in page.records + rest.records]
    assert names == [f"A{n:04d}" for n in range(2350)]

    small = partner.call(
        "query", "SELECT Id FROM Account", headers=(partner.header("QueryOptions", batchSize=250),)
    )
    assert len(small.records) == 250
    assert small.records[0].Id == values(small.records[0])["Id"]


def test_parents_children_aggregates_and_deleted_rows_come_through(partner):
    (account,) = partner.sandbox.create("Account", [{"Name": "Parent"}])
    ids = partner.sandbox.create("Contact", [{"LastName": n, "AccountId": account} for n in ("B", "A")])

    (row,) = partner.call(
        "query", "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account"
    ).records
    children = row._value_1[-1]
    assert (children.size, children.done) == (2, True)
    assert [values(r)["LastName"] for r in children.records] == ["A", "B"]
    (child,) = partner.call("query", "SELECT Account.Name FROM Contact WHERE LastName = 'A'").records
    assert values(child._value_1[0])["Name"] == "Parent"
    (total,) = partner.call("query", "SELECT COUNT(Id) n, MAX(LastName) m FROM Contact").records
    assert (total.type, total._value_1[0], total._value_1[1].text) == ("AggregateResult", 2, "B")
    counted = partner.call("query", "SELECT COUNT() FROM Contact")
    assert (counted.size, counted.records) == (2, [])

    partner.sandbox.delete("Contact", ids[0])
    assert partner.call("query", "SELECT Id FROM Contact").size == 1
    assert partner.call("queryAll", "SELECT Id FROM Contact").size == 2


def test_a_search_finds_records_of_several_objects(partner):
    (account,) = partner.sandbox.create("Account", [{"Name": "Acme Corp"}])
    partner.sandbox.create("Contact", [{"LastName": "Acme"}])
    partner.sandbox.create("Account", [{"Name": "Other"}])
    found = partner.call(
        "search", "FIND {acme} IN NAME FIELDS RETURNING Account(Id, Name), Contact(LastName)"
    )
    first, second = (hit.record for hit in found.searchRecords)
    assert (first.type, first.Id, values(first)["Name"]) == ("Account", account, "Acme Corp")
    assert (second.type, values(second)["LastName"]) == ("Contact", "Acme")
    assert partner.call("search", "FIND {nobody} RETURNING Account").searchRecords == []


def test_change_ranges_name_what_changed_and_what_went(partner):
    start = partner.sandbox.clock.now()
    kept, gone = partner.sandbox.create("Account", [{"Name": "kept"}, {"Name": "gone"}])
    partner.sandbox.clock.advance(90)
    partner.sandbox.delete("Account", gone)
    end = partner.sandbox.clock.now() + timedelta(minutes=1)

    assert partner.call("getUpdated", "Account", start, end).ids == [kept]
    (deleted,) = partner.call("getDeleted", "Account", start, end).deletedRecords
    assert deleted.id == gone
    with pytest.raises(Fault, match="INVALID_REPLICATION_DATE"):
        partner.call("getUpdated", "Account", end, start)


def test_a_lead_is_converted(partner):
    lead, other = partner.sandbox.create("Lead", [{"LastName": n, "Company": "Acme"} for n in ("One", "Two")])
    wish = {"leadId": lead, "convertedStatus": "Closed - Converted", "doNotCreateOpportunity": False,
            "overwriteLeadSource": False, "sendNotificationEmail": False, "opportunityName": "Big"}  # fmt: skip
    bad = {**wish, "leadId": other, "convertedStatus": "Nope"}

    done, refused = partner.call("convertLead", [wish, bad])

    assert done.success
    assert partner.sandbox.get("Opportunity", done.opportunityId)["AccountId"] == done.accountId
    assert partner.sandbox.get("Lead", lead)["IsConverted"] is True
    assert (refused.success, refused.accountId) == (False, None)
    assert refused.errors[0].statusCode == "INVALID_STATUS"


def test_a_lead_is_converted_into_what_is_there_already(partner):
    box = partner.sandbox
    (account,) = box.create("Account", [{"Name": "Acme"}])
    (contact,) = box.create("Contact", [{"LastName": "C", "AccountId": account, "LeadSource": "Web"}])
    stage = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
    (deal,) = box.create("Opportunity", [{"Name": "Deal", "AccountId": account, **stage}])
    first, second = box.create(
        "Lead", [{"LastName": n, "Company": "Acme", "LeadSource": "Other"} for n in ("One", "Two")]
    )
    wish = {"leadId": first, "convertedStatus": "Closed - Converted", "doNotCreateOpportunity": False,
            "overwriteLeadSource": False, "sendNotificationEmail": False, "accountId": account,
            "contactId": contact, "opportunityId": deal}  # fmt: skip

    (kept,) = partner.call("convertLead", [wish])
    assert (kept.success, kept.opportunityId) == (True, deal)
    assert box.get("Contact", contact)["LeadSource"] == "Web"
    (done,) = partner.call("convertLead", [{**wish, "leadId": second, "overwriteLeadSource": True}])
    assert (done.success, done.accountId, done.contactId, done.opportunityId) == (
        True,
        account,
        contact,
        deal,
    )
    assert box.get("Contact", contact)["LeadSource"] == "Other"
    assert box.get("Lead", second)["ConvertedOpportunityId"] == deal
    assert len(box.query("SELECT Id FROM Opportunity")) == 1
    roles = box.query("SELECT ContactId, IsPrimary FROM OpportunityContactRole")
    assert [(role["ContactId"], role["IsPrimary"]) for role in roles] == [(contact, True)]


def test_an_opportunity_that_is_not_there_converts_nothing(partner):
    (lead,) = partner.sandbox.create("Lead", [{"LastName": "One", "Company": "Acme"}])
    wish = {"leadId": lead, "convertedStatus": "Closed - Converted", "doNotCreateOpportunity": False,
            "overwriteLeadSource": False, "sendNotificationEmail": False,
            "opportunityId": "006000000000000AAA"}  # fmt: skip

    (refused,) = partner.call("convertLead", [wish])

    assert refused.errors[0].statusCode == "INVALID_CROSS_REFERENCE_KEY"
    assert partner.sandbox.query("SELECT Id FROM Account") == []


def test_the_log_knows_a_client_by_its_call_options(partner):
    partner.call(
        "query", "SELECT Id FROM Account", headers=(partner.header("CallOptions", client="Portal/1"),)
    )
    named = list(partner.sandbox.log.exchanges())[-1].client
    partner.call("query", "SELECT Id FROM Account")

    assert named == "Portal/1"
    assert list(partner.sandbox.log.exchanges())[-1].client != "Portal/1"


def test_content_goes_in_and_comes_out_as_it_is(partner):
    (account,) = partner.sandbox.create("Account", [{"Name": "Acme"}])
    made = partner.sobject("Attachment", ParentId=account, Name="a.txt", Body="aGVsbG8=")
    (result,) = partner.call("create", [made])
    (queried,) = partner.call("query", "SELECT Id, Body, BodyLength FROM Attachment").records
    (retrieved,) = partner.call("retrieve", "Body", "Attachment", [result.id])

    assert values(queried)["Body"] == values(retrieved)["Body"] == "aGVsbG8="
    assert values(queried)["BodyLength"] == "5"


def test_duplicates_are_merged_and_their_children_move(partner):
    master, twin = partner.sandbox.create("Account", [{"Name": "Acme"}, {"Name": "Acme Inc"}])
    (contact,) = partner.sandbox.create("Contact", [{"LastName": "C", "AccountId": twin}])

    request = {"masterRecord": partner.sobject("Account", master, Phone="42"), "recordToMergeIds": [twin]}
    (result,) = partner.call("merge", [request])

    assert result.success
    assert (result.mergedRecordIds, result.updatedRelatedIds) == ([twin], [contact])
    assert partner.sandbox.get("Contact", contact)["AccountId"] == master
    assert partner.sandbox.get("Account", master)["Phone"] == "42"
    (gone,) = partner.call("queryAll", "SELECT MasterRecordId FROM Account WHERE IsDeleted = true").records
    assert values(gone)["MasterRecordId"] == master


def test_logout_ends_the_session(partner):
    partner.call("logout")

    with pytest.raises(
        Fault, match="INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"
    ):
        partner.call("getUserInfo")


def test_calls_count_against_the_day_and_are_known_by_their_operation(partner):
    before = partner.sandbox.quota.used
    partner.call("query", "SELECT Id FROM Account")
    partner.call("create", [partner.sobject("Account", Name="A")])

    assert partner.sandbox.quota.used == before + 2
    routes = [exchange.route for exchange in partner.sandbox.log.exchanges()]
    assert routes[-2:] == ["read.soap.query", "write.soap.create"]
    assert "login.soap" in routes
    partner.sandbox.quota.set(maximum=before + 2)
    with pytest.raises(Fault, match=r"REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded\."):
        partner.call("getUserInfo")
