"""The Tooling API's resources (contract §11)."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.definitions.asking import asked_of, refuse_beyond_storage, run_on
from prm_harness.crm.salesforce.definitions.tables import Tables
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.errors import gap, not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.metadata.components import Kind
from prm_harness.crm.salesforce.query_info.columns import columns_of
from prm_harness.crm.salesforce.tooling.tables import KINDS, tables_of
from prm_harness.crm.store.values import unreadable

_RULE_PARTS: Final = (
    "description", "errorConditionFormula", "errorDisplayField", "errorMessage", "shouldEvaluateOnClient", "urls",
    "active",
)  # fmt: skip


def query(call: Call) -> Response:
    """``GET tooling/query?q=``: SOQL over components, all rows in one answer (recording tooling_query-001)."""
    soql = call.params.get("q", "")
    if not soql.strip():
        raise request_error(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    call.tally.soql.append(soql)
    refuse_beyond_storage(soql)
    asked = asked_of(soql)
    # Salesforce has some hundred more of these objects; a name that could be one of them is our gap.
    if asked and "__" not in asked and tables_of(call).schema.get(asked) is None:
        raise gap(f"tooling queries on {asked}")
    total, records = _run(call, tables_of(call), soql)
    if call.flag("columns"):
        from prm_harness.crm.soql import parse

        return json_response(columns_of(parse(soql), tables_of(call).schema))
    call.tally.rows_out += len(records)
    name = records[0]["attributes"]["type"] if records else None
    return json_response(
        {"size": total, "totalSize": total, "done": True, "queryLocator": None, "entityTypeName": name,
         "records": records}
    )  # fmt: skip


def _run(call: Call, tables: Tables, soql: str) -> tuple[int, list[dict[str, Any]]]:
    def complete(record: dict[str, Any]) -> None:
        name = record.get("attributes", {}).get("type")
        if "Metadata" in record and name in KINDS:
            kind = KINDS[name](call.org, call.user)
            record["Metadata"] = metadata_json(
                kind, _full_name(kind, record["attributes"]["url"].rpartition("/")[2])
            )

    result = run_on(call, tables, soql, lambda sobject, record_id: _url(call, sobject, record_id), complete)
    heavy = any({"Metadata", "FullName"} & record.keys() for record in result.records)
    if heavy and len(result.records) > 1:
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than "
            f"one row for retrieval. Result size: {len(result.records)}"
        )
        raise request_error(400, "MALFORMED_QUERY", message)
    return result.total, result.records


def metadata_json(kind: Kind, full_name: str) -> dict[str, Any]:
    """A component's metadata as JSON; a rule's keys in their recorded order."""
    meta = kind.read(full_name) or {}
    if kind.name == "ValidationRule":
        return {part: meta.get(part) for part in _RULE_PARTS}
    return meta


def create(call: Call) -> Response:
    """``POST tooling/sobjects/<kind>``: 201."""
    kind = _kind(call)
    full_name, meta = _body(call)
    if not full_name:
        raise SaveError.of("REQUIRED_FIELD_MISSING", "Required fields are missing: [FullName]", "FullName")
    call.tally.rows_in += 1
    kind.create(full_name, meta)
    body = {"id": kind.id_of(full_name), "success": True, "errors": [], "warnings": [], "infos": []}
    return json_response(body, 201)


def read(call: Call) -> Response:
    """``GET tooling/sobjects/<kind>/<id>``: every field, the metadata among them."""
    kind = _kind(call)
    full_name = _full_name(kind, call.args["id"])
    names = ", ".join(tables_of(call).schema.objects[kind.name].fields)
    _, records = _run(
        call, tables_of(call), f"SELECT {names} FROM {kind.name} WHERE Id = '{kind.id_of(full_name)}'"
    )
    call.tally.rows_out += 1
    return json_response(records[0])


def update(call: Call) -> Response:
    """``PATCH tooling/sobjects/<kind>/<id>``: 204."""
    kind = _kind(call)
    own = _full_name(kind, call.args["id"])
    full_name, meta = _body(call)
    if full_name and full_name.lower() != own.lower():
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Full name {full_name} does not match the full name {own} of the entity (id: {kind.id_of(own)}).",
        )
    call.tally.rows_in += 1
    kind.change(own, meta)
    return Response(204)


def delete(call: Call) -> Response:
    """``DELETE tooling/sobjects/<kind>/<id>``: 204."""
    kind = _kind(call)
    full_name = _full_name(kind, call.args["id"])
    call.tally.rows_in += 1
    kind.delete(full_name)
    return Response(204)


def global_describe(call: Call) -> Response:
    """``GET tooling/sobjects``."""
    shorts = [_short(call, obj) for _, obj in sorted(tables_of(call).schema.objects.items())]
    return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shorts})


def describe(call: Call) -> Response:
    """``GET tooling/sobjects/<kind>/describe``."""
    obj = tables_of(call).schema.get(call.args["sobject"])
    if obj is None:
        raise not_found()
    fields = [describe_field(obj, field) for field in obj.fields.values()]
    for field in fields:
        if field["name"] == "Metadata":
            field["type"] = "complexvalue"
    whole = {**_short(call, obj), "fields": fields, "childRelationships": [], "recordTypeInfos": []}
    return json_response(dict(sorted(whole.items())))


def _short(call: Call, obj: SObjectType) -> dict[str, Any]:
    own = f"{call.base}/tooling/sobjects/{obj.name}"
    return {
        "createable": obj.createable, "custom": False, "deletable": obj.deletable, "keyPrefix": obj.key_prefix,
        "label": obj.label, "labelPlural": obj.label_plural, "name": obj.name, "queryable": True,
        "retrieveable": True, "updateable": obj.updateable,
        "urls": {"rowTemplate": f"{own}/{{ID}}", "describe": f"{own}/describe", "sobject": own},
    }  # fmt: skip


# -- details ------------------------------------------------------------------------------------------------------


def _kind(call: Call) -> Kind:
    wanted = call.args["sobject"].lower()
    found = next((kind for name, kind in KINDS.items() if name.lower() == wanted), None)
    if found is None:
        if "__" in wanted:
            raise not_found()
        raise gap(f"tooling writes and reads of {call.args['sobject']}")
    return found(call.org, call.user)


def _full_name(kind: Kind, record_id: str) -> str:
    if is_id(record_id):
        wanted = to18(record_id)
        for name in kind.names():
            if kind.id_of(name) == wanted:
                return name
    raise not_found()


def _body(call: Call) -> tuple[str, dict[str, Any]]:
    given = {name.lower(): value for name, value in call.json_object().items()}
    meta = given.get("metadata") or {}
    if not isinstance(meta, dict):
        error = unreadable("complexvalue", meta)
        error.key = "Metadata"
        raise error
    return str(given.get("fullname") or ""), meta


def _url(call: Call, sobject: str, record_id: str) -> str:
    return f"{call.base}/tooling/sobjects/{sobject}/{record_id}"
