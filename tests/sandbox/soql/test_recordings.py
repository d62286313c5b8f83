"""Recorded answers of real orgs: their records are loaded, the same question is asked, the answer must be the same.

Where the question was not recorded it is read off the answer's keys. Ids are compared by their prefix, for the
recordings mask some of them inconsistently.
"""

import json
import os
import re
from pathlib import Path

import pytest

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.soql.columns import compound_parts, person_name_parts

from .conftest import Org

FOLDER = os.environ.get("PRM_HARNESS_RECORDINGS", "")
KINDS = {"query", "query_all"}
OTHER_ORDER = {"query-120", "query-121"}
"""Recordings that give one answer to two questions that differ in the order of fields only."""

ID = re.compile(r"\b([0-9a-zA-Z]{3})[0-9a-zA-Z]{12}(?:[A-Z0-5]{3})\b")


class NotHeldError(Exception):
    """The recording is of an object or field that the standard org does not have."""


def cases():
    if not FOLDER:
        return []
    lines = (Path(FOLDER) / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [case for line in lines if (case := json.loads(line))["kind"] in KINDS]


def answered(case):
    body = case["response"].get("body")
    records = body.get("records", []) if isinstance(body, dict) else []
    return case["response"]["status"] == 200 and records and "url" in records[0]["attributes"]


def load(org, record):
    """Stores a recorded record with its parents and children; returns its id."""
    *_, sobject, found = record["attributes"]["url"].split("/")
    obj = org.schema.get(sobject)
    if obj is None:
        raise NotHeldError(sobject)
    row = {"Id": found}
    children = []
    for key, value in record.items():
        if key in {"attributes", "Id"}:
            continue
        if isinstance(value, dict) and "records" in value:
            children.append((key, value["records"]))
        elif isinstance(value, dict) and "attributes" in value:
            reference = next((f for f in obj.fields.values() if f.relationship_name == key), None)
            row[reference.name] = load(org, value)
        elif is_relation(org, obj, key):
            continue
        else:
            field = obj.field(key)
            if field is None:
                raise NotHeldError(f"{sobject}.{key}")
            row |= stored(obj, field, value)
    write(org, obj, row)
    for name, records in children:
        child, field = next(
            ((o, f) for o, f in org.schema.children_of(obj.name) if f.child_relationship == name),
            (None, None),
        )
        if child is None:
            raise NotHeldError(f"{sobject}.{name}")
        for inner in records:
            write(org, child, {"Id": load(org, inner), field.name: found})
    return found


def meet_filter(org, record, text, found):
    """What the question asks for and the answer does not show: ``Field = 'value'``."""
    obj = org.schema.get(record["attributes"]["type"])
    for name, value in re.findall(r"(\w+)\s*=\s*'([^']*)'", text):
        if name not in record:
            write(org, obj, {"Id": found, obj.field(name).name: value})


def is_relation(org, obj, key):
    parents = {f.relationship_name for f in obj.fields.values()}
    return key in parents or key in {f.child_relationship for _, f in org.schema.children_of(obj.name)}


def stored(obj, field, value):
    if field.type is FieldType.ADDRESS:
        return {part.name: (value or {}).get(key) for key, part in compound_parts(obj, field)}
    if person_name_parts(obj, field):
        first, _, last = (value or "").rpartition(" ")
        return {"FirstName": first or None, "LastName": last or None}
    return {field.name: int(value) if isinstance(value, bool) else value}


def write(org, obj, row):
    """Inserts the row, or adds to the one that is there."""
    table = f'"{obj.name}"'
    known = org.connection.execute(f'SELECT 1 FROM {table} WHERE "Id" = ?', (row["Id"],)).fetchone()
    if known is None:
        org.connection.execute(f'INSERT INTO {table} ("Id") VALUES (?)', (row["Id"],))
    for name, value in row.items():
        org.connection.execute(f'UPDATE {table} SET "{name}" = ? WHERE "Id" = ?', (value, row["Id"]))


def question(org, records):
    """The SELECT that an answer's keys tell of."""
    sobject = records[0]["attributes"]["url"].split("/")[-2]
    obj = org.schema.get(sobject)
    if obj is None:
        raise NotHeldError(sobject)
    return f"SELECT {', '.join(items(org, obj, records))} FROM {sobject}"


def items(org, obj, records):
    names = []
    for key in list(records[0])[1:]:
        values = [record[key] for record in records if record[key] is not None]
        if values and isinstance(values[0], dict) and "records" in values[0]:
            inner = [r for value in values for r in value["records"]]
            child = next(
                (o for o, f in org.schema.children_of(obj.name) if f.child_relationship == key), None
            )
            if child is None:
                raise NotHeldError(f"{obj.name}.{key}")
            names.append(f"(SELECT {', '.join(items(org, child, inner))} FROM {key})")
        elif values and isinstance(values[0], dict) and "attributes" in values[0]:
            reference = next(f for f in obj.fields.values() if f.relationship_name == key)
            parent = org.schema.get(reference.reference_to[-1])
            names += [f"{key}.{name}" for name in items(org, parent, values)]
        elif obj.field(key) is None and is_relation(org, obj, key):
            parents = {f.relationship_name for f in obj.fields.values()}
            names.append(f"{key}.Id" if key in parents else f"(SELECT Id FROM {key})")
        else:
            names.append(key)
    return names


def plain(value):
    """Ids by prefix, addresses without version, numbers by value, everything else as it is, keys in their order."""
    text = json.dumps(value)
    text = re.sub(r'"/services/data/v[^/"]+', '"', text)
    return json.loads(ID.sub(r"\1*", text), parse_int=float)


def canonical(record, case_id):
    return json.dumps(record, sort_keys=case_id in OTHER_ORDER)


@pytest.mark.skipif(
    not FOLDER, reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded Salesforce answers"
)
def test_recorded_questions_get_the_recorded_answers():
    compared, left_out = 0, {}
    for case in filter(answered, cases()):
        org = Org()
        for table in ("User", "Account"):
            org.connection.execute(f'DELETE FROM "{table}"')
        records = case["response"]["body"]["records"]
        text = (case["request"].get("query") or {}).get("q")
        try:
            text = text or question(org, records)
            for record in records:
                meet_filter(org, record, text, load(org, record))
            found = org.ask(text, include_deleted=case["kind"] == "query_all").records
        except NotHeldError as missing:
            left_out[case["id"]] = str(missing)
            continue
        except QueryError as refusal:
            if "No such column" not in str(refusal):
                raise
            left_out[case["id"]] = str(refusal).splitlines()[-1][:60]
            continue
        # Which of equal rows comes first is the recording org's own affair.
        expected, got = (sorted(canonical(r, case["id"]) for r in plain(rows)) for rows in (records, found))
        assert got == expected, case["id"]
        compared += 1
    assert compared >= 40, left_out


@pytest.mark.skipif(
    not FOLDER, reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded Salesforce answers"
)
def test_recorded_refusals():
    compared = 0
    for case in cases():
        text = (case["request"].get("query") or {}).get("q")
        if case["response"]["status"] != 400 or not text:
            continue
        with pytest.raises(QueryError) as refusal:
            Org().ask(text)
        (recorded,) = case["response"]["body"]
        fault = refusal.value.faults[0]
        assert (fault.code, fault.message) == (recorded["errorCode"], recorded["message"])
        compared += 1
    assert compared
