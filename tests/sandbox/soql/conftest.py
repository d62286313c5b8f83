"""A few rows in the store's layout, under the standard objects and some custom fields."""

import sqlite3
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from prm_harness.crm.org.ids import checksum
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue
from prm_harness.crm.org.standard import standard_schema
from prm_harness.crm.soql import run

NOW = datetime(2024, 2, 15, 10, 30, tzinfo=UTC)
PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Task": "00T",
    "RecordType": "012",
}
_SQL = {
    FieldType.BOOLEAN: "INTEGER",
    FieldType.INT: "INTEGER",
    FieldType.DOUBLE: "REAL",
    FieldType.CURRENCY: "REAL",
    FieldType.PERCENT: "REAL",
    FieldType.ID: "TEXT COLLATE BINARY",
}


def record_id(sobject, number):
    id15 = f"{PREFIXES[sobject]}xx0{number:09d}"
    return id15 + checksum(id15)


def custom_schema():
    schema = standard_schema()
    for field in (
        Field("External_Id__c", FieldType.STRING, length=80, external_id=True),
        Field(
            "Industries__c",
            FieldType.MULTIPICKLIST,
            picklist=tuple(PicklistValue(v) for v in ("Banking", "Retail", "Health & Care", "Oil, Gas")),
        ),
        Field(
            "Deal_Region__c",
            FieldType.PICKLIST,
            picklist=(PicklistValue("EMEA", "Europe"), PicklistValue("AMER", "Americas")),
        ),
        Field("Kickoff_At__c", FieldType.DATETIME),
        Field("Demo_Time__c", FieldType.TIME),
        Field("Seats__c", FieldType.DOUBLE, precision=8),
        Field("Strategic__c", FieldType.BOOLEAN, nillable=False),
        Field("Weighted__c", FieldType.CURRENCY, precision=18, scale=2, formula="Amount * Probability"),
        Field(
            "Partner_Account__c",
            FieldType.REFERENCE,
            reference_to=("Account",),
            relationship_name="Partner_Account__r",
            child_relationship="Partner_Deals__r",
        ),
    ):
        schema.put_field("Opportunity", field)
    return schema


def open_store(schema):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for obj in schema.objects.values():
        columns = ", ".join(
            f'"{f.name}" {_SQL.get(f.type, "TEXT COLLATE NOCASE")}' for f in obj.fields.values() if f.stored
        )
        connection.execute(f'CREATE TABLE "{obj.name}" ({columns})')
    return connection


class Org:
    """The fixture: ``add`` rows, ``ask`` questions."""

    def __init__(self):
        self.schema = custom_schema()
        self.connection = open_store(self.schema)
        self.user_id = record_id("User", 0)
        self.made = dict.fromkeys(PREFIXES, 0)
        self.add("User", FirstName="Ada", LastName="Low", Username="ada@example.com", IsActive=1)

    def add(self, sobject, **values):
        found = record_id(sobject, self.made[sobject])
        self.made[sobject] += 1
        obj = self.schema.objects[sobject]
        row = {f.name: 0 for f in obj.fields.values() if f.type is FieldType.BOOLEAN} | values | {"Id": found}
        names = ", ".join(f'"{name}"' for name in row)
        self.connection.execute(
            f'INSERT INTO "{sobject}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values())
        )
        return found

    def ask(self, text, **options):
        return run(
            text,
            schema=self.schema,
            connection=self.connection,
            now=NOW,
            user_id=self.user_id,
            url_for=lambda sobject, found: f"/sobjects/{sobject}/{found}",
            **options,
        )

    def rows(self, text, **options):
        """The records without their attributes."""
        return [bare(record) for record in self.ask(text, **options).records]

    def values(self, text, **options):
        """The first field of every record."""
        return [next(iter(row.values())) for row in self.rows(text, **options)]


def bare(value):
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if key != "attributes"}
    return [bare(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def org():
    return Org()


@pytest.fixture
def deals(org):
    """Two accounts, three contacts, five opportunities (one deleted), tasks about both kinds."""
    acme = org.add(
        "Account",
        Name="Acme",
        Industry="Banking",
        BillingCity="Bonn",
        BillingCountry="DE",
        CreatedDate="2024-01-31T23:30:00.000+0000",
        IsPartner=1,
        OwnerId=org.user_id,
    )
    globex = org.add(
        "Account",
        Name="Globex",
        ParentId=acme,
        CreatedDate="2024-02-14T08:00:00.000+0000",
        OwnerId=org.user_id,
    )
    empty = org.add(
        "Account", Name="Émile & Fils", Industry="Retail", CreatedDate="2023-12-31T12:00:00.000+0000"
    )
    ann = org.add("Contact", FirstName="Ann", LastName="Ash", AccountId=acme, Email="ann@example.com")
    org.add("Contact", LastName="Birch", AccountId=acme)
    org.add("Contact", FirstName="Cid", LastName="Cole")
    one = org.add(
        "Opportunity", Name="One", AccountId=acme, StageName="Prospecting", Amount=100.0, Probability=60.0,
        CloseDate="2024-02-15", Industries__c="Banking;Retail", Deal_Region__c="EMEA", Strategic__c=1,
        Kickoff_At__c="2024-02-15T09:00:00.000+0000", Demo_Time__c="09:30:00.000Z", External_Id__c="x-1",
    )  # fmt: skip
    org.add(
        "Opportunity", Name="Two", AccountId=acme, StageName="Closed Won", Amount=250.5, CloseDate="2024-03-01",
        Industries__c="Retail", Partner_Account__c=globex,
    )  # fmt: skip
    org.add("Opportunity", Name="three", AccountId=globex, StageName="Prospecting", CloseDate="2023-12-31")
    org.add("Opportunity", Name="50%_off", StageName="Closed Lost", Amount=-5.0, CloseDate="2024-02-01")
    org.add("Opportunity", Name="Gone", AccountId=acme, StageName="Prospecting", Amount=9.0, IsDeleted=1)
    org.add("Task", Subject="Call", WhatId=acme, WhoId=ann, OwnerId=org.user_id, Status="Completed")
    org.add("Task", Subject="Mail", WhatId=one, OwnerId=org.user_id, Status="Not Started")
    org.add("Task", Subject="Note", OwnerId=org.user_id, Status="Not Started")
    return SimpleNamespace(org=org, acme=acme, globex=globex, empty=empty, ann=ann, one=one)
