"""Files of Bulk API 1.0 batches: rows in XML, JSON and CSV, and results in the same (contract §9.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import orjson

from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.salesforce.bulk.async_jobs import NAMESPACE
from prm_harness.crm.salesforce.bulk.loader import Outcome, error_text
from prm_harness.crm.salesforce.bulk.sheet import Dialect, JobFault
from prm_harness.crm.store.values import from_datetime

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_CSV: Final = Dialect()
Record = dict[str, Any]


# -- rows in ------------------------------------------------------------------------------------------------------


def json_records(body: bytes) -> list[Record]:
    """The records of a JSON batch.

    Raises:
        JobFault: it is no list of objects.
    """
    try:
        records = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise JobFault(f"InvalidBatch : Failed to parse JSON. {error}") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise JobFault("InvalidBatch : Failed to parse JSON. A list of records is expected")
    return records


def xml_records(body: bytes) -> list[Record]:
    """The records of an XML batch: ``<sObjects><sObject><Name>…``; ``xsi:nil`` clears, empty elements are left out.

    Raises:
        JobFault: it is no such document.
    """
    root = parsed(body)
    if root is None or local(root.tag) != "sObjects":
        raise JobFault("InvalidBatch : Failed to parse XML. Expected root element sObjects")
    return [_xml_record(element) for element in root]


def parsed(body: bytes) -> ET.Element | None:
    """The root of an XML body; None when it cannot be read, or defines entities."""
    try:
        return None if b"<!DOCTYPE" in body else ET.fromstring(body)  # noqa: S314 - no document type, no bombs
    except (ET.ParseError, ValueError):
        return None


def local(tag: Any) -> str:
    """A tag without its namespace."""
    return str(tag).rpartition("}")[2]


def _xml_record(element: ET.Element) -> Record:
    record: Record = {}
    for child in element:
        inner = child.find("*")
        name = local(child.tag)
        if inner is not None:
            # A parent: <Account><sObject><External_Id__c>v</External_Id__c></sObject></Account>
            record[name] = _xml_record(inner if local(inner.tag) == "sObject" else child)
        elif child.get(f"{{{_XSI}}}nil") == "true":
            record[name] = None
        elif name == "type":
            record["attributes"] = {"type": child.text or ""}
        elif child.text:
            record[name] = child.text
    return record


# -- results of writes --------------------------------------------------------------------------------------------


def csv_results(outcomes: Iterable[Outcome]) -> bytes:
    """``"Id","Success","Created","Error"`` (recording bulk1-015)."""
    rows = (
        (o.id if not o.faults else "", _word(not o.faults), _word(o.created), error_text(o.faults))
        for o in outcomes
    )
    return (_CSV.header(("Id", "Success", "Created", "Error")) + _CSV.page(rows)).encode()


def json_results(outcomes: Iterable[Outcome]) -> bytes:
    """A list of ``success, created, id, errors``; a refused row has no id (public reports)."""
    return orjson.dumps(
        [
            {
                "success": not o.faults,
                "created": o.created,
                "id": None if o.faults else o.id,
                "errors": [
                    {
                        "message": f.message,
                        "fields": list(f.fields),
                        "statusCode": f.code,
                        "extendedErrorDetails": None,
                    }
                    for f in o.faults
                ],
            }
            for o in outcomes
        ]
    )


def xml_results(outcomes: Iterable[Outcome]) -> bytes:
    """``<results><result>…``."""
    inner = "".join(f"<result>{_xml_result(outcome)}</result>" for outcome in outcomes)
    return f'<?xml version="1.0" encoding="UTF-8"?><results xmlns="{NAMESPACE}">{inner}</results>'.encode()


def _xml_result(o: Outcome) -> str:
    errors = "".join(
        f"<errors>{''.join(f'<fields>{escape(n)}</fields>' for n in f.fields)}"
        f"<message>{escape(f.message)}</message><statusCode>{f.code}</statusCode></errors>"
        for f in o.faults
    )
    known = "" if o.faults else f"<id>{o.id}</id>"
    return f"{errors}{known}<success>{_word(not o.faults)}</success><created>{_word(o.created)}</created>"


def _word(truth: bool) -> str:
    return "true" if truth else "false"


# -- rows out -----------------------------------------------------------------------------------------------------


def csv_rows(columns: Sequence[str], chunks: Iterable[Sequence[Sequence[Any]]]) -> tuple[bytes, int]:
    """A query's file and how many rows it has; without any, the words that Salesforce puts there."""
    pages = [(len(rows), _CSV.page(rows)) for rows in chunks]
    count = sum(size for size, _ in pages)
    if not count:
        return b"Records not found for this query\n", 0
    return (_CSV.header(columns) + "".join(page for _, page in pages)).encode(), count


def json_rows(org: Org, records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records with dates and datetimes as milliseconds since 1970 (recording bulk1-008)."""
    return orjson.dumps([_timed(org, record) for record in records])


def _timed(org: Org, record: Mapping[str, Any]) -> Record:
    sobject = org.schema.get(record["attributes"]["type"])
    return {key: _timed_value(org, sobject, key, value) for key, value in record.items()}


def _timed_value(org: Org, sobject: SObjectType | None, key: str, value: Any) -> Any:
    if isinstance(value, dict) and "attributes" in value:
        return _timed(org, value)
    field = sobject.fields.get(key) if sobject is not None and isinstance(value, str) else None
    if field is not None and field.type is FieldType.DATETIME:
        return int(from_datetime(value).timestamp()) * 1000
    if field is not None and field.type is FieldType.DATE:
        return (date.fromisoformat(value) - date(1970, 1, 1)).days * 86_400_000
    return value


def xml_rows(records: Iterable[Mapping[str, Any]]) -> bytes:
    """``<queryResult><records xsi:type="sObject">…``, with the id twice, as SOAP shows records."""
    inner = "".join(_xml_row("records", record) for record in records)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><queryResult xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}">{inner}</queryResult>'
    ).encode()


def _xml_row(tag: str, record: Mapping[str, Any]) -> str:
    record_id = record.get("Id")
    first = f"<Id>{record_id}</Id>" if record_id else '<Id xsi:nil="true"/>'
    cells = "".join(_xml_cell(key, value) for key, value in record.items() if key != "attributes")
    kind = escape(str(record["attributes"]["type"]))
    return f"<{tag} xsi:type={quoteattr('sObject')}><type>{kind}</type>{first}{cells}</{tag}>"


def _xml_cell(key: str, value: Any) -> str:
    if value is None:
        return f'<{key} xsi:nil="true"/>'
    if isinstance(value, dict):
        return _xml_row(key, value) if "attributes" in value else f'<{key} xsi:nil="true"/>'
    if isinstance(value, bool):
        return f"<{key}>{_word(value)}</{key}>"
    return f"<{key}>{escape(str(value))}</{key}>"
