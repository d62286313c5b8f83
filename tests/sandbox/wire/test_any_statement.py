"""Whatever is asked in SOQL, or handed in as a component, is answered by the wire: no crash, no 500."""

import base64
import io
import json
import zipfile
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from prm_harness.crm.backend import BUG

MODEST = settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
one_of = st.sampled_from

# -- statements that are mostly understood

FIELDS = {
    "Account": [
        "Id",
        "Name",
        "Industry",
        "BillingAddress",
        "CreatedDate",
        "External_Id__c",
        "Owner.Name",
        "OwnerId",
    ],
    "Contact": ["Id", "Name", "AccountId", "Account.Name", "Email", "CreatedDate", "Account.Owner.Name"],
    "Opportunity": ["Id", "Name", "Amount", "CloseDate", "AccountId", "Industries__c", "Account.Parent.Name"],
    "Task": ["Id", "Subject", "What.Type", "WhatId", "Who.Name", "ActivityDate"],
    "Group": ["Id", "Name", "Type"],
}
CHILDREN = {"Account": ["Contacts", "Opportunities", "Tasks"], "Contact": ["Tasks"], "Opportunity": ["Notes"]}
functions = one_of(
    [
        "COUNT",
        "SUM",
        "MIN",
        "toLabel",
        "FORMAT",
        "convertCurrency",
        "CALENDAR_YEAR",
        "DAY_ONLY",
        "FIELDS",
        "GROUPING",
    ]
)
literals = one_of(
    ["'x'", "null", "true", "5", "-1e3", "1e400", "TODAY", "LAST_N_DAYS:3", "N_FISCAL_YEARS_AGO:2", "2026-01-01",
     "2026-01-01T00:00:00Z", "'a%'", "'\\''", "USD5", "NEXT_N_DAYS:99999999"]
)  # fmt: skip
tails = one_of(
    [*[""] * 12, " GROUP BY Industry", " GROUP BY ROLLUP(Name)", " ORDER BY Name DESC NULLS LAST", " LIMIT 1",
     " LIMIT x", " OFFSET 2001", " FOR VIEW", " ALL ROWS", " HAVING COUNT(Id) > 1"]
)  # fmt: skip


@st.composite
def conditions(draw, sobject, depth=0):
    field = draw(one_of(FIELDS[sobject]))
    kind = draw(st.integers(0, 6))
    if kind == 0 and depth < 2:
        inner = conditions(sobject, depth + 1)
        return f"({draw(inner)} {draw(one_of(['AND', 'OR']))} {draw(inner)})"
    if kind == 1 and depth < 2:
        return f"NOT {draw(conditions(sobject, depth + 1))}"
    if kind <= 3:
        sound = {"Account": ("Id", "AccountId", "Contact"), "Contact": ("AccountId", "Id", "Account")}
        if kind == 2 and sobject in sound:
            own, inner, other = sound[sobject]
            return f"{own} {draw(one_of(['IN', 'NOT IN']))} (SELECT {inner} FROM {other})"
        other = draw(one_of(["Contact", "Account", "Opportunity", "Nope"]))
        inner = draw(one_of(["AccountId", "Id", "OwnerId"]))
        return f"{draw(one_of(['Id', field]))} {draw(one_of(['IN', 'NOT IN']))} (SELECT {inner} FROM {other})"
    if kind == 4:
        listed = ", ".join(draw(st.lists(literals, min_size=1, max_size=3)))
        return f"{field} {draw(one_of(['IN', 'NOT IN', 'INCLUDES']))} ({listed})"
    return f"{field} {draw(one_of(['=', '!=', '<', '>=', 'LIKE']))} {draw(literals)}"


@st.composite
def statements(draw):
    sobject = draw(one_of(sorted(FIELDS)))
    own = FIELDS[sobject]
    items = draw(st.lists(one_of(own), min_size=1, max_size=3, unique=True))
    extra = draw(st.integers(0, 9))
    if extra == 0:
        items.append(f"{draw(functions)}({draw(one_of([*own, 'ALL', '']))})")
    if extra == 1:
        items.append("Nope")
    if extra == 2 and sobject in CHILDREN:
        items.append(f"(SELECT Id FROM {draw(one_of(CHILDREN[sobject]))})")
    where = f" WHERE {draw(conditions(sobject))}" if draw(st.booleans()) else ""
    return f"SELECT {', '.join(items)} FROM {draw(one_of([sobject] * 9 + ['Order']))}{where}{draw(tails)}"


@pytest.fixture
def rows(sandbox):
    accounts = sandbox.create("Account", [{"Name": "A"}, {"Name": "B"}])
    sandbox.create("Contact", [{"LastName": "L", "AccountId": accounts[0]}])
    deal = {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-03-02", "AccountId": accounts[1]}
    sandbox.create("Opportunity", [deal])
    sandbox.create("Task", [{"Subject": "t", "WhatId": accounts[0]}])


ways = one_of(
    [*[("query", "q")] * 5, ("queryAll", "q"), ("query", "explain"), ("tooling/query", "q"), ("columns", "q")]
)


def check(answer):
    assert BUG.encode() not in answer.response.body, answer.response.body
    assert answer.status != 500 or b"Envelope" in answer.response.body


@MODEST
@given(way=ways, soql=statements())
@pytest.mark.usefixtures("rows")
def test_any_statement_is_answered(client, way, soql):
    resource, name = way
    columns = {"columns": "true"} if resource == "columns" else {}
    check(client("GET", "query" if columns else resource, params={name: soql, **columns}))
    check(client("POST", "jobs/query", {"operation": "query", "query": soql}))


# -- components

kinds = one_of(
    ["CustomObject", "CustomField", "RecordType", "ValidationRule", "PermissionSet", "Profile",
     "PlatformEventChannel", "PlatformEventChannelMember"]
)  # fmt: skip
names = one_of(
    ["Account", "Account.X__c", "X__c", "X__c.Y__c", "Account.Rule", "P", "Admin", "A__chn", "M", "", ".", "Foo.Bar__c",
     "Opportunity.Partner_Deal"]
)  # fmt: skip
parts = one_of(
    ["fullName", "label", "type", "length", "precision", "fields", "recordTypes", "validationRules", "valueSet",
     "valueSetDefinition", "value", "picklistValues", "picklist", "values", "referenceTo", "formula", "errorMessage",
     "errorConditionFormula", "active", "fieldPermissions", "objectPermissions", "userPermissions", "field", "object",
     "name", "channelType", "eventChannel", "selectedEntity", "enrichedFields", "nameField", "controllingField"]
)  # fmt: skip
values = one_of(
    ["Text", "Number", "Picklist", "Lookup", "AutoNumber", "true", "20", "-5", "x", "Account", "Account.X__c", "data",
     "A__chn", "AccountChangeEvent", 'Name = "x"', "1/0", "ISBLANK(", "99999999999999999999", ""]
)  # fmt: skip
metadata = st.recursive(
    values | st.integers() | st.none(),
    lambda inner: st.dictionaries(parts, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=8,
)


SOUND = {
    "CustomObject": {"label": "X", "pluralLabel": "Xs"},
    "CustomField": {"label": "X", "type": "Picklist", "valueSet": {"valueSetDefinition": {"value": []}}},
    "RecordType": {"label": "X", "active": "true", "picklistValues": []},
    "ValidationRule": {"active": "true", "errorConditionFormula": "ISBLANK(Name)", "errorMessage": "no"},
    "PermissionSet": {"label": "X", "fieldPermissions": [], "objectPermissions": []},
    "Profile": {"fieldPermissions": [], "userPermissions": []},
    "PlatformEventChannel": {"label": "X", "channelType": "data"},
    "PlatformEventChannelMember": {"eventChannel": "ChangeEvents", "selectedEntity": "Product2ChangeEvent"},
}
NAMED = {"CustomField": "Account.X__c", "RecordType": "Account.X", "ValidationRule": "Account.X", "CustomObject": "X__c",
         "PlatformEventChannel": "X__chn", "Profile": "Admin"}  # fmt: skip


ODD = ("RecordType", "Account.X", {**SOUND["RecordType"], "picklistValues": [5]})


@st.composite
def components(draw):
    """A kind, a name, and sound metadata with one part of it made anything."""
    kind = draw(kinds)
    meta = dict(SOUND[kind])
    if draw(st.integers(0, 3)):
        part = draw(one_of(sorted(meta)) if draw(st.integers(0, 3)) else parts)
        entry = draw(
            st.sampled_from([5, "x", {}, {"picklist": "Type", "values": 5}, {"picklist": 5, "values": [5]}])
        )
        meta[part] = draw(st.sampled_from([entry, [entry], [entry, entry]]) | metadata)
    name = NAMED.get(kind, "X") if draw(st.integers(0, 4)) else draw(names)
    return kind, name, meta


def as_xml(value):
    if isinstance(value, dict):
        return "".join(
            f"<{key}>{as_xml(one)}</{key}>"
            for key, inner in value.items()
            for one in (inner if isinstance(inner, list) else [inner])
        )
    return "" if value is None else str(value).replace("<", "")


def soap(client, operation, inner):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header><SessionHeader>'
        f"<sessionId>{client.token}</sessionId></SessionHeader></e:Header><e:Body>"
        f'<{operation} xmlns="http://soap.sforce.com/2006/04/metadata">{inner}</{operation}></e:Body></e:Envelope>'
    )
    return client("POST", "/services/Soap/m/60.0", body.encode(), headers={"content-type": "text/xml"})


@MODEST
@given(component=components(), again=components(), other=names)
@example(component=ODD, again=ODD, other="M")
def test_any_component_is_answered(client, component, again, other):
    kind, name, meta = component
    wish = f'<metadata xsi:type="{kind}"><fullName>{name}</fullName>{as_xml(meta)}</metadata>'
    check(soap(client, "upsertMetadata", wish))
    check(soap(client, "readMetadata", f"<type>{kind}</type><fullNames>{name}</fullNames>"))
    made = client("POST", f"tooling/sobjects/{kind}", {"FullName": name.replace("X", "Y"), "Metadata": meta})
    check(made)
    if made.status == 201:
        path = f"tooling/sobjects/{kind}/{made.body['id']}"
        check(client("GET", path))
        check(client("PATCH", path, {"Metadata": again[2]}))
    check(
        soap(
            client,
            "renameMetadata",
            f"<type>{kind}</type><oldFullName>{name}</oldFullName><newFullName>{other}</newFullName>",
        )
    )
    check(soap(client, "deleteMetadata", f"<type>{kind}</type><fullNames>{other}</fullNames>"))


@MODEST
@given(
    files=st.dictionaries(
        one_of(["package.xml", "objects/Account.object", "objects/X__c.object", "permissionsets/P.permissionset",
                "profiles/Admin.profile", "platformEventChannels/A__chn.platformEventChannel", "objects/x",
                "destructiveChanges.xml", "classes/A.cls"]),
        metadata.map(lambda meta: f"<x>{as_xml(meta)}</x>") | one_of(["", "<", "<a>"]),
        max_size=4,
    ),
    check_only=st.booleans(),
)  # fmt: skip
def test_any_package_is_answered(client, files, check_only):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    zipped = base64.b64encode(packed.getvalue()).decode()
    options = f"<checkOnly>{json.dumps(check_only)}</checkOnly>"
    check(soap(client, "deploy", f"<ZipFile>{zipped}</ZipFile><DeployOptions>{options}</DeployOptions>"))
