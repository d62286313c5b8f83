"""SOQL over definitions, with the limits that the vendor documents for them (contract §11)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from prm_harness.crm.org.errors import QueryError, SandboxGapError
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.definitions.declared import COMPUTED, FILTERS, NAMES
from prm_harness.crm.salesforce.definitions.rows import durable_id
from prm_harness.crm.salesforce.definitions.tables import Tables, definitions_of
from prm_harness.crm.salesforce.describing.describe import record_type_infos
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.soql import QueryResult, parse, run
from prm_harness.crm.soql.tree import All, Comparison, Condition, Path, Query, SemiJoin

_LITERAL: Final = re.compile(r"'(?:\\.|[^'\\])*'")
_FROM: Final = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_BEYOND: Final = re.compile(r"\bCOUNT\s*\(|\bGROUP\s+BY\b", re.IGNORECASE)
_UNEQUAL: Final = re.compile(r"!=|<>|\bNOT\b|\bOR\b", re.IGNORECASE)
_NO_ID: Final = "000000000000000AAA"
_NO_ROWS: Final = frozenset(
    {"activityhistory", "emailstatus", "lookedupfromactivity", "name", "noteandattachment", "openactivity"}
)
_BY_LOW: Final = {name.lower(): name for name in NAMES}

Complete = Callable[[dict[str, Any]], None]


def asked_of(soql: str) -> str:
    """The object that a statement asks for; of one that is none, what follows FROM, or nothing."""
    try:
        return parse(soql).sobject
    except (QueryError, SandboxGapError):
        found = _FROM.search(_LITERAL.sub("''", soql))
        return found[1] if found else ""


def is_definition(name: str) -> bool:
    """Whether definitions of that name are answered."""
    return name.lower() in _BY_LOW


def is_unqueryable(name: str, schema: Schema) -> bool:
    """Whether it is an entity without rows: change events, and lists that only sub-selects read."""
    parent = name.lower().removesuffix("__changeevent") + "__c"
    parent = parent if parent != f"{name.lower()}__c" else name.lower().removesuffix("changeevent")
    return name.lower() in _NO_ROWS or (parent != name.lower() and schema.get(parent) is not None)


def query_definitions(call: Call, soql: str) -> QueryResult:
    """A statement of the data API's ``query``; addresses of rows are the data API's.

    Raises:
        QueryError, WireError: what Salesforce refuses.
    """
    refuse_beyond_storage(soql)
    return run_on(call, definitions_of(call), soql, call.record_url, lambda _record: None)


def run_on(
    call: Call, tables: Tables, soql: str, url_for: Callable[[str, str], str], complete: Complete
) -> QueryResult:
    """Run a statement on tables; ``complete`` adds to a record what the tables do not hold."""
    result = run(
        soql,
        schema=tables.schema,
        connection=tables.connection,
        now=call.wire.clock.now(),
        user_id=call.user,
        url_for=url_for,
    )
    for record in result.records:
        _complete(call, record, complete)
    return result


def refuse_beyond_storage(soql: str) -> None:
    """Definitions are computed, not stored; most operators are beyond them, and most have to be asked by owner."""
    name = _BY_LOW.get(asked_of(soql).lower())
    if name not in COMPUTED:
        return
    bare = _LITERAL.sub("''", soql)
    if _BEYOND.search(bare):
        message = (
            "The requested operation is not yet supported by this SObject storage type, contact salesforce.com support "
            "for more information."
        )
        raise request_error(400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", message)
    if _UNEQUAL.search(bare):
        raise request_error(400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "Only equals comparisons permitted")
    if name in FILTERS and not _is_narrowed(parse(soql), FILTERS[name]):
        columns = ",".join(FILTERS[name])
        raise QueryError.of(
            "MALFORMED_QUERY", f"{name}: a filter on a reified column is required [{columns}]"
        )


def _is_narrowed(query: Query, columns: tuple[str, ...]) -> bool:
    wanted = {column.lower() for column in columns}
    prefixes = {column.lower().removesuffix("id") for column in columns if column != "DurableId"}
    own = {query.sobject.lower(), (query.alias or query.sobject).lower()}
    for text in _equals(query.where):
        steps = text.lower().split(".")
        steps = steps[1:] if len(steps) > 1 and steps[0] in own else steps
        if steps[0] in (prefixes if len(steps) > 1 else wanted):
            return True
    return False


def _equals(condition: Condition | None) -> Iterator[str]:
    match condition:
        case All(parts):
            for part in parts:
                yield from _equals(part)
        case Comparison(Path(text), "=" | "IN") | SemiJoin(Path(text)):
            yield text


def _complete(call: Call, record: dict[str, Any], complete: Complete) -> None:
    attributes = record.get("attributes") or {}
    if attributes.get("type") in COMPUTED:
        _of_definition(call, record, attributes["url"].rpartition("/")[2])
    complete(record)
    for value in record.values():
        if not isinstance(value, dict):
            continue
        for inner in value.get("records", [value]):
            if "attributes" in inner:
                _complete(call, inner, complete)


def _of_definition(call: Call, record: dict[str, Any], durable: str) -> None:
    """The id that definitions all share, and values that are no texts."""
    if "Id" in record:
        record["Id"] = _NO_ID
    if "ReferenceTo" in record:
        targets = record["ReferenceTo"]
        record["ReferenceTo"] = {"referenceTo": targets.split(",") if targets else None}
    if "RecordTypesSupported" in record:
        sobject = call.org.schema.get(_name_of(call, durable))
        infos = record_type_infos(call, sobject) if sobject else []
        kept = ("available", "defaultRecordTypeMapping", "master", "name", "recordTypeId")
        record["RecordTypesSupported"] = {
            "recordTypeInfos": [{key: info[key] for key in kept} for info in infos]
        }


def _name_of(call: Call, durable: str) -> str:
    return next((obj.name for obj in call.org.schema.objects.values() if durable_id(obj) == durable), durable)
