"""Q4.4: many records, and objects that are wide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, check, connected, settled

from .shared.carried import api_label
from .shared.fates import in_crm
from .shared.times import read_from

_KIND: Final = "Contact"
_FIELDS: Final = ("FirstName", "LastName", "Email", "Phone", "Title", "AccountId")
_CHURN: Final = 20
"""One record in so many changes in a day, one in twice as many is new, one in three times as many is deleted."""


@check(
    "P2",
    question="Q4.4",
    title="The volume loads, and a day's churn is kept up with",
    kinds=(_KIND,),
    powers=("request_log",),
    stage="before_connect",
    effects={"records loaded", "churn in the CRM"},
    catches=("first-page-only",),
    passed="{rows} records were loaded with {load_calls} API calls and a day's churn of {churn} changes was kept up with; "
    "{accuracy:.2f} % of the records are equal on both sides.",
    failed="After a day's churn of {churn} changes, of {rows} records [[{missing} are missing in the portal ;; {extra} are"
    " too many ;; {differing} differ]] ({accuracy:.2f} % are equal): at your volume the two systems are two truths.",
)
def volume_is_kept_up_with(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The profile's number of contacts is in the CRM before the connection; then a day's changes happen at once.

    What works with a hundred records is no promise for a hundred thousand. Judged by reconciling both sides record by
    record, after the load and after the churn: none missing, extra, doubled or different. Calls, rows per call and the
    largest answer of the CRM are reported. Source: catalogue P2 (D5, D7), guide Q3.4 and Q3.7.
    """
    rows = max(data.sizes["volume_rows"], 2_050)
    titles = ("Buyer", "Engineer", "Owner", "Head of Sales")
    first = data.apart("phones").randrange(1_000_000, 9_000_000)
    records: list[CrmRecord] = []
    for start in range(0, rows, 5_000):
        people = []
        for number in range(start, min(start + 5_000, rows)):
            person = data.contact(Phone=f"+44 20 {first + number:08}", Title=titles[number % len(titles)])
            people.append(person | {"Email": f"p.{data.nonce}.{number}@example.com"})
        records += crm.create_all(_KIND, people)
    since = crm.log.mark()[0]
    yield connected
    log = crm.log.exchanges(since=since, user=crm.integration_user, route="read")
    reads = [exchange for exchange in log if read_from(exchange) in {_KIND, ""}]
    after_load = evidence.reconcile(
        "after the load:", _fields(crm), _in_crm(crm, data), _in_portal(prm, data)
    )
    if after_load.prm_rows:
        evidence.exercised("records loaded")
    changed = records[::_CHURN]
    crm.change_all([(record, {"Title": data.text("Changed today")}) for record in changed])
    born = crm.create_all(_KIND, [data.contact() for _ in range(len(changed) // 2)])
    gone = records[1 :: _CHURN * 3]
    for record in gone:
        crm.delete(record)
    evidence.exercised("churn in the CRM")
    middle = crm.log.mark()[0]
    barrier = yield settled
    churn = len(changed) + len(born) + len(gone)
    calls = len(crm.log.exchanges(since=middle, user=crm.integration_user))
    found = evidence.reconcile(
        "after a day's churn:", _fields(crm), _in_crm(crm, data), _in_portal(prm, data)
    )
    evidence.metric("records loaded for each call", rows / max(len(reads), 1), "records")
    evidence.metric("largest answer", max((e.bytes_out for e in reads), default=0) / 1e6, "MB")
    evidence.metric("calls while the churn was taken in", calls, "calls")
    evidence.metric("time until the churn was there", barrier.waited_seconds, "s")
    evidence.fact(
        rows=rows, load_calls=len(reads), churn=churn, missing=found.missing, extra=found.extra + found.doubled,
        differing=found.differing, accuracy=found.accuracy, data_accuracy=round(found.accuracy, 3),
    )  # fmt: skip


def _fields(crm: Crm) -> dict[str, Any]:
    describe = crm.describe(_KIND)
    return {name: describe[name] for name in _FIELDS}


def _in_crm(crm: Crm, data: Data) -> Iterator[tuple[str, dict[str, Any]]]:
    soql = f"SELECT Id, {', '.join(_FIELDS)} FROM {_KIND} WHERE LastName LIKE '%{data.nonce}%'"
    return ((row["Id"], row) for row in crm.query(soql))


def _in_portal(prm: Portal, data: Data) -> Iterator[tuple[str, Any]]:
    for record in prm.list(_KIND):
        if data.nonce in str(record.fields.get("LastName")):
            yield record.crm_id or record.prm_id, record.fields


_TYPES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("string", {"length": 80}), ("double", {"precision": 12, "scale": 2}), ("date", {}), ("boolean", {}),
    ("picklist", {}), ("currency", {"precision": 16, "scale": 2}),
)  # fmt: skip


@check(
    "P3",
    question="Q4.4",
    title="A wide object arrives whole",
    needs=("schema",),
    powers=("schema_change",),
    stage="alone",
    effects={"wide object added", "wide record in the CRM"},
    catches=("carries-fifty-fields",),
    passed="An object of {fields} fields, {types} record types and a picklist of {values} values was added, and all of a "
    "record's values arrived in both directions.",
    failed="Of an object of {fields} fields and {types} record types {wrong} values did not arrive ({which}): mature orgs are "
    "wide, and the portal carries what fits.",
)
def wide_object_arrives_whole(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """An object with the profile's number of fields, record types and picklist values is added; one record crosses each way.

    Queries have a longest length and screens a most of columns, and what lies beyond is dropped. Judged: every field of the
    records equal, and the portal knows every record type. Source: catalogue P3, guide Q1.4.
    """
    count, values = data.sizes["wide_fields"], data.sizes["wide_picklist_values"]
    fields = []
    for number in range(count):
        kind, more = _TYPES[number % len(_TYPES)]
        choices = {"values": [f"Choice {n:04}" for n in range(values if number == 4 else 5)]}
        fields.append(
            {"name": f"Field_{number:03}__c", "type": kind, **(choices if kind == "picklist" else more)}
        )
    wide = data.api_name("wide object")
    crm.schema.add_object(wide, api_label(wide), fields)
    types = [f"{wide.removesuffix('__c')}_{n:02}" for n in range(data.sizes["wide_record_types"])]
    for name in types:
        crm.schema.add_record_type(wide, name)
    added = prm.add_type(wide)
    evidence.expect(
        "object", "added by the admin", "added by the admin" if added.done else added.message or "not added"
    )
    if added.done:
        evidence.exercised("wide object added")
    filled = {str(field["name"]): _value(number, values) for number, field in enumerate(fields)}
    entered = crm.create(wide, {"Name": data.name("Survey")} | filled)
    submitted = None
    if added.done:
        submitted = prm.submit({"Name": data.name("Survey")} | filled, kind=wide, as_partner=data.partner)
    yield settled
    describe = crm.describe(wide)
    evidence.compare(prm.read(entered) if added.done else None, filled, describe, label="CRM → portal")
    rows = in_crm(crm, submitted) if submitted else []
    if rows:
        evidence.exercised("wide record in the CRM")
    evidence.compare(rows[0] if rows else None, filled, describe, label="portal → CRM")
    known = set(prm.describe_type(wide).record_types) if added.done else set()
    evidence.expect("record types known to the portal", len(types), len(known & set(types)))
    wrong = [diff.field for diff in evidence.diffs if not diff.ok]
    evidence.fact(
        fields=count, types=len(types), values=values, wrong=len(wrong), which=", ".join(wrong[:3]),
    )  # fmt: skip


def _value(number: int, choices: int) -> Any:
    match _TYPES[number % len(_TYPES)][0]:
        case "string":
            return f"Answer {number}"
        case "double" | "currency":
            return number + 0.25
        case "date":
            return f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}"
        case "boolean":
            return True
        case _:
            return f"Choice {choices - 1:04}" if number == 4 else f"Choice {number % 5:04}"
