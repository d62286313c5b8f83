"""What describe says of objects and fields holds when rows are written, read and queried; nothing else is known here."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.ids import canonical
from prm_harness.crm.sandbox import Sandbox

with Sandbox(seed=1) as _org:
    OBJECTS = _org.objects()

WRITTEN = (
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
    "Case",
    "Campaign",
    "Product2",
    "Deal_Registration__c",
)
plain = st.characters(codec="utf-8", exclude_categories=["C", "Z"])


def described(client, sobject):
    answer = client("GET", f"sobjects/{sobject}/describe")
    assert answer.status == 200
    return answer.body


def value_of(field, client):
    """Any value that describe says fits."""
    match field["type"]:
        case "string" | "textarea" | "phone" | "url":
            return st.text(plain, min_size=1, max_size=min(field["length"], 60))
        case "email":
            return st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.com", fullmatch=True)
        case "boolean":
            return st.booleans()
        case "int":
            return st.integers(0, 10 ** (field["digits"] or 9) - 1)
        case "double" | "currency" | "percent":
            top = 10 ** min(field["precision"], 14) - 1
            return st.integers(-top, top).map(lambda n: float(f"{n}e-{field['scale']}"))
        case "date":
            return st.dates().map(str)
        case "datetime":
            moments = st.datetimes(min_value=_moment(1700), max_value=_moment(4000))
            return moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
        case "time":
            return st.times().map(lambda t: t.strftime("%H:%M:%S.") + f"{t.microsecond // 1000:03d}Z")
        case "picklist" | "combobox":
            return st.sampled_from([v["value"] for v in field["picklistValues"] if v["active"]] or ["x"])
        case "multipicklist":
            values = [v["value"] for v in field["picklistValues"] if v["active"]]
            return st.lists(st.sampled_from(range(len(values))), min_size=1, max_size=5, unique=True).map(
                lambda picks: ";".join(values[n] for n in sorted(picks))
            )
        case "reference":
            if field["name"] == "RecordTypeId":
                return None
            found = [i for name in field["referenceTo"] if name in OBJECTS for i in existing(client, name)]
            return st.sampled_from(found) if found else None
    return None


def _moment(year):
    from datetime import datetime

    return datetime(year, 1, 1)  # noqa: DTZ001 - hypothesis wants it without a zone


def existing(client, sobject):
    condition = {"User": " WHERE IsActive = true"}.get(sobject, "")
    return [row["Id"] for row in client.query(f"SELECT Id FROM {sobject}{condition} LIMIT 3")]


@pytest.mark.parametrize("sobject", OBJECTS)
def test_every_described_field_is_selected_under_its_described_name(client, sobject):
    fields = described(client, sobject)["fields"]
    names = [field["name"] for field in fields]
    answer = client("GET", "query", params={"q": f"SELECT {', '.join(names).upper()} FROM {sobject.lower()}"})

    assert answer.status == 200, answer.body
    for row in answer.body["records"]:
        assert list(row) == ["attributes", *names]
        assert described(client, sobject)["keyPrefix"] in {row["Id"][:3], None}
        assert canonical(row["Id"][:15]) == row["Id"]
        single = client("GET", f"sobjects/{sobject}/{row['Id']}").body
        assert {name: single.get(name) for name in names} == {name: row[name] for name in names}


@pytest.mark.parametrize("sobject", OBJECTS)
def test_filterable_sortable_and_groupable_mean_what_they_say(client, sobject):
    questions = {
        "filterable": "SELECT Id FROM {o} WHERE {f} = null",
        "sortable": "SELECT Id FROM {o} ORDER BY {f}",
        "groupable": "SELECT {f}, COUNT(Id) FROM {o} GROUP BY {f}",
    }
    for field in described(client, sobject)["fields"]:
        if field["type"] == "address":
            continue  # recorded describes call compounds filterable; SOQL filters by their parts only
        for flag, question in questions.items():
            answer = client("GET", "query", params={"q": question.format(o=sobject, f=field["name"])})
            assert (answer.status == 200) is field[flag], (field["name"], flag, answer.body)


@pytest.mark.parametrize("sobject", WRITTEN)
def test_what_fits_is_written_and_read_back_equal(client, sobject):
    about = described(client, sobject)
    fields = [f for f in about["fields"] if f["createable"]]
    possible = {f["name"]: s for f in fields if (s := value_of(f, client)) is not None}
    types = [t["recordTypeId"] for t in about["recordTypeInfos"] if t["available"] and not t["master"]]
    possible.pop("IsConverted", None)  # a converted lead can be made, and then takes no change
    if types:
        possible["RecordTypeId"] = st.sampled_from(types)
        for field in fields:
            if field["restrictedPicklist"]:
                del possible[
                    field["name"]
                ]  # which values fit depends on the record type; describe does not tell
    needed = [f["name"] for f in fields if not f["nillable"] and not f["defaultedOnCreate"]]
    updateable = {f["name"] for f in fields if f["updateable"]}
    assert set(needed) <= possible.keys()

    def is_there(record_id, row):
        soql = f"SELECT {', '.join(['Id', *row])} FROM {sobject} WHERE Id = '{record_id}'"
        for read in (client("GET", f"sobjects/{sobject}/{record_id}").body, client.query(soql)[0]):
            assert {name: read[name] for name in row} == row

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def any_row(data):
        others = data.draw(st.lists(st.sampled_from(sorted(possible)), max_size=8, unique=True))
        first, second = ({n: data.draw(possible[n], n) for n in {*needed, *others}} for _ in range(2))
        answer = client("POST", f"sobjects/{sobject}", first)
        assert answer.status == 201, (first, answer.body)
        is_there(answer.body["id"], first)

        change = {name: value for name, value in second.items() if name in updateable}
        path = f"sobjects/{sobject}/{answer.body['id']}"
        answer = client("PATCH", path, change)
        assert answer.status == 204, (change, answer.body)
        is_there(path.rpartition("/")[2], first | change)
        assert client("DELETE", path).status == 204

    any_row()


@pytest.mark.parametrize("sobject", WRITTEN)
def test_a_field_that_is_not_createable_is_refused_by_its_name(client, sobject):
    for field in described(client, sobject)["fields"]:
        if not field["createable"]:
            answer = client("POST", f"sobjects/{sobject}", {field["name"]: None})
            assert answer.status == 400
            assert answer.body[0]["errorCode"] in {"INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"}, field
            assert field["name"] in answer.body[0]["message"]
