"""DISTANCE, convertCurrency, convertTimezone, toLabel outside SELECT, and parents of polymorphic parents."""

import pytest

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.org.schema import Field, FieldType

CITIES = {"Berlin": (52.52, 13.405), "Paris": (48.8566, 2.3522), "Rome": (41.9028, 12.4964)}


@pytest.fixture
def cities(org):
    for name, (latitude, longitude) in CITIES.items():
        org.add("Account", Name=name, BillingLatitude=latitude, BillingLongitude=longitude)
    org.add("Account", Name="Nowhere")
    return org


def names(org, tail):
    return [row["Name"] for row in org.rows(f"SELECT Name FROM Account {tail}")]


FROM_BERLIN = "DISTANCE(BillingAddress, GEOLOCATION(52.52, 13.405), '{}')"


def test_distances_filter_and_sort(cities):
    """Berlin to Paris is 878 km or 545 miles, to Rome 1,181 km or 734 miles, along the great circle."""
    km, mi = FROM_BERLIN.format("km"), FROM_BERLIN.format("mi")
    assert names(cities, f"WHERE {km} < 877 ORDER BY Name") == ["Berlin"]
    assert names(cities, f"WHERE {km} < 879 ORDER BY {km} DESC") == ["Paris", "Berlin"]
    assert names(cities, f"WHERE {mi} < 546 ORDER BY Name") == ["Berlin", "Paris"]
    assert names(cities, f"WHERE {km} > 900") == ["Rome"]
    assert names(cities, f"ORDER BY {km} NULLS LAST") == ["Berlin", "Paris", "Rome", "Nowhere"]
    assert cities.rows(f"SELECT COUNT(Id) n FROM Account WHERE {mi} > 600") == [{"n": 1}]


def test_one_plan_serves_other_points_and_units(cities):
    text = "WHERE DISTANCE(BillingAddress, GEOLOCATION({}), '{}') < 10"
    assert names(cities, text.format("48.8566, 2.3522", "km")) == ["Paris"]
    assert names(cities, text.format("41.9028, 12.4964", "mi")) == ["Rome"]


def test_custom_locations_have_distances_too(org):
    org.schema.put_field("Account", Field("Geo__c", FieldType.LOCATION))
    for part in ("Latitude", "Longitude"):
        org.schema.put_field("Account", Field(f"Geo__{part}__s", FieldType.DOUBLE, compound="Geo__c"))
        org.connection.execute(f'ALTER TABLE "Account" ADD COLUMN "Geo__{part}__s" REAL')
    org.add("Account", Name="Equator", Geo__Latitude__s=0.0, Geo__Longitude__s=0.0)
    assert names(org, "WHERE DISTANCE(Geo__c, GEOLOCATION(0, 1), 'km') < 112") == ["Equator"]
    assert names(org, "WHERE DISTANCE(Geo__c, GEOLOCATION(0, -1), 'km') < 111") == []


def test_distances_are_selected_under_their_alias_or_a_number(cities):
    far = FROM_BERLIN.format("km")
    rows = cities.rows(
        f"SELECT Name, {far} way, {far} FROM Account WHERE BillingLatitude != null ORDER BY {far}"
    )
    assert [list(row) for row in rows] == [["Name", "way", "expr0"]] * len(rows)
    ways = [row["way"] for row in rows]
    assert [round(way, -1) for way in ways] == [0, 880, 1180]
    assert ways == [row["expr0"] for row in rows]


def test_a_distance_may_be_between_two_places_of_a_record(org):
    org.add(
        "Account",
        Name="Moved",
        BillingLatitude=0,
        BillingLongitude=0,
        ShippingLatitude=0,
        ShippingLongitude=1,
    )
    org.add(
        "Account",
        Name="Stayed",
        BillingLatitude=5,
        BillingLongitude=5,
        ShippingLatitude=5,
        ShippingLongitude=5,
    )
    between = "DISTANCE(BillingAddress, ShippingAddress, 'km')"
    assert names(org, f"WHERE {between} > 100") == ["Moved"]
    (row,) = org.rows(f"SELECT {between} far FROM Account WHERE Name = 'Moved'")
    assert 111 < row["far"] < 112
    assert names(org, f"WHERE {between} < 200 ORDER BY {between}") == ["Stayed", "Moved"]


@pytest.mark.parametrize(
    ("distance", "message"),
    [
        ("DISTANCE(Name, GEOLOCATION(1, 2), 'km')", "does not support function DISTANCE"),
        ("DISTANCE(BillingAddress, Name, 'km')", "does not support function DISTANCE"),
        ("DISTANCE(BillingAddress, GEOLOCATION(91, 2), 'km')", "from -90 to 90"),
        ("DISTANCE(BillingAddress, GEOLOCATION(1, -181), 'km')", "from -180 to 180"),
        ("DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'm')", "Invalid unit"),
        ("DISTANCE(BillingAddress, GEOLOCATION(1), 'km')", "unexpected token"),
        ("DISTANCE(BillingAddress)", "unexpected token"),
    ],
)
def test_distances_that_mean_nothing_are_refused(org, distance, message):
    with pytest.raises(QueryError, match=message):
        org.ask(f"SELECT Name FROM Account WHERE {distance} < 5")


@pytest.mark.parametrize("operator", ["=", "!=", "<=", ">="])
def test_a_distance_is_compared_with_less_or_more_only(org, operator):
    with pytest.raises(QueryError, match="compared with < or > only"):
        org.ask(f"SELECT Name FROM Account WHERE {FROM_BERLIN.format('km')} {operator} 5")


def test_converted_money_is_the_amount_in_an_org_of_one_currency(org):
    org.add("Opportunity", Amount=1234.5)
    assert org.rows("SELECT convertCurrency(Amount) FROM Opportunity") == [{"Amount": 1234.5}]
    shown = org.rows("SELECT Amount, FORMAT(convertCurrency(Amount)) euro FROM Opportunity")
    assert shown == [{"Amount": 1234.5, "euro": "$1,234.50"}]
    with pytest.raises(QueryError, match="does not support convertCurrency"):
        org.ask("SELECT convertCurrency(Name) FROM Opportunity")
    with pytest.raises(QueryError, match="not allowed in this context"):
        org.ask("SELECT Id FROM Opportunity WHERE convertCurrency(Amount) > 5")


def test_time_functions_count_in_the_users_zone_when_told_to(org):
    org.user_id = org.add("User", TimeZoneSidKey="America/Los_Angeles", LocaleSidKey="en_US")
    org.add("Opportunity", Name="night", Kickoff_At__c="2024-02-16T03:30:00.000+0000")
    org.add("Opportunity", Name="none")
    text = "SELECT {0} d, COUNT(Id) n FROM Opportunity WHERE Kickoff_At__c != null GROUP BY {0}"
    for function, utc, local in [
        ("DAY_ONLY", "2024-02-16", "2024-02-15"),
        ("HOUR_IN_DAY", 3, 19),
        ("DAY_IN_WEEK", 6, 5),
    ]:
        plain = org.ask(text.format(f"{function}(Kickoff_At__c)"))
        zoned = org.ask(text.format(f"{function}(convertTimezone(Kickoff_At__c))"))
        assert (plain.records[0]["d"], zoned.records[0]["d"]) == (utc, local)
    where = "SELECT Name FROM Opportunity WHERE HOUR_IN_DAY(convertTimezone(Kickoff_At__c)) = 19"
    assert [r["Name"] for r in org.ask(where).records] == ["night"]
    with pytest.raises(QueryError, match="does not support function"):
        org.ask("SELECT COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(convertTimezone(CloseDate))")


def test_labels_filter_and_sort(org):
    for value in ("EMEA", "AMER", "Else", None):
        org.add("Opportunity", Name=value or "none", Deal_Region__c=value)
    ask = "SELECT Name FROM Opportunity "
    assert org.rows(ask + "WHERE toLabel(Deal_Region__c) = 'europe'") == [{"Name": "EMEA"}]
    assert org.rows(ask + "WHERE toLabel(Deal_Region__c) LIKE 'A%'") == [{"Name": "AMER"}]
    ordered = org.rows(ask + "ORDER BY toLabel(Deal_Region__c) DESC")
    assert [row["Name"] for row in ordered] == ["EMEA", "Else", "AMER", "none"]


def test_parents_of_a_polymorphic_parent_are_followed(org):
    profile_less = org.add("User", Name="Uma")
    account = org.add("Account", Name="Acme", OwnerId=profile_less)
    org.add("Task", Subject="call", WhatId=account)
    org.add("Task", Subject="none")
    rows = org.rows("SELECT Subject, What.Owner.Type, What.Name FROM Task ORDER BY Subject")
    assert rows[0]["What"]["Owner"]["Type"] == "User"
    assert rows[1]["What"] is None
    assert org.rows("SELECT Subject FROM Task WHERE What.Owner.Type = 'User'") == [{"Subject": "call"}]
    with pytest.raises(QueryError, match="Didn't understand relationship 'Nothing'"):
        org.ask("SELECT What.Nothing.Name FROM Task")
