"""``sobjects/X/listviews``: which views there are, what each shows, and its rows (REST API guide)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.pages.views import View, views_of

_PAGE: Final = 25
_MOST: Final = 2000
_LABELS: Final = {
    FieldType.BOOLEAN: ("Selected to Not Selected", "Not Selected to Selected"),
    FieldType.DATE: ("New to Old", "Old to New"),
    FieldType.DATETIME: ("New to Old", "Old to New"),
    FieldType.CURRENCY: ("Low to High", "High to Low"),
}


def list_views(call: Call) -> Response:
    """``GET sobjects/X/listviews``."""
    sobject = call.sobject()
    entries = [_entry(call, view) for view in views_of(sobject)]
    return json_response(
        {
            "done": True,
            "listviews": entries,
            "nextRecordsUrl": None,
            "size": len(entries),
            "sobjectType": sobject.name,
        }
    )


def list_view(call: Call) -> Response:
    """``GET sobjects/X/listviews/<id>``."""
    return json_response(_entry(call, _view(call)))


def describe(call: Call) -> Response:
    """``GET sobjects/X/listviews/<id>/describe``: columns, order and the statement."""
    sobject, view = call.sobject(), _view(call)
    return json_response(
        {
            "columns": _columns(view),
            "id": view.id,
            "orderBy": [
                {"fieldNameOrPath": name, "nullsPosition": "first", "sortDirection": "ascending"}
                for name in (view.sorted_by.name, "Id")
            ],
            "query": view.soql(sobject.name),
            "relatedEntityId": None,
            "scope": view.scope,
            "scopeEntityId": None,
            "sobjectType": sobject.name,
            "whereCondition": {"conditions": [], "conjunction": "and"},
        }
    )


def results(call: Call) -> Response:
    """``GET sobjects/X/listviews/<id>/results?limit=&offset=``: every value as the text a page shows."""
    sobject, view = call.sobject(), _view(call)
    limit, offset = _number(call, "limit", _PAGE, 1), _number(call, "offset", 0, 0)
    soql = f"{view.soql(sobject.name)} LIMIT {limit} OFFSET {offset}"
    call.tally.soql.append(soql)
    records = call.org.query(soql, user=call.user, url_for=call.record_url).records
    call.tally.rows_out += len(records)
    return json_response(
        {
            "columns": _columns(view),
            "developerName": view.name,
            "done": len(records) < limit,
            "id": view.id,
            "label": view.label,
            "records": [
                {
                    "columns": [
                        {"fieldNameOrPath": f.name, "value": _shown(f, record[f.name])} for f in view.columns
                    ]
                }
                for record in records
            ],
            "size": len(records),
        }
    )


def _view(call: Call) -> View:
    """The view whose id, or name, is in the address."""
    asked = call.args["view"]
    for view in views_of(call.sobject()):
        if view.name == asked or (is_id(asked) and view.id == to18(asked)):
            return view
    raise not_found()


def _number(call: Call, name: str, default: int, least: int) -> int:
    text = call.params.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:9]) <= _MOST:
        raise request_error(400, "INVALID_QUERY_LIMIT", f"{name} has to be a number from {least} to {_MOST}")
    return int(text)


def _entry(call: Call, view: View) -> dict[str, Any]:
    own = f"{call.base}/sobjects/{call.sobject().name}/listviews/{view.id}"
    return {
        "describeUrl": f"{own}/describe",
        "developerName": view.name,
        "id": view.id,
        "label": view.label,
        "resultsUrl": f"{own}/results",
        "soqlCompatible": True,
        "url": own,
    }


def _columns(view: View) -> list[dict[str, Any]]:
    return [_column(view, field) for field in view.columns]


def _column(view: View, field: Field) -> dict[str, Any]:
    ascending, descending = _LABELS.get(field.type, ("Z-A", "A-Z"))
    is_first = field is view.sorted_by
    return {
        "ascendingLabel": None if field in view.hidden else ascending,
        "descendingLabel": None if field in view.hidden else descending,
        "fieldNameOrPath": field.name,
        "hidden": field in view.hidden,
        "label": field.label or field.name,
        "searchable": field.type is FieldType.STRING,
        "selectListItem": field.name,
        "sortDirection": "ascending" if is_first else None,
        "sortIndex": 0 if is_first else None,
        "sortable": field not in view.hidden,
        "type": field.type.value,
    }


def _shown(field: Field, value: Any) -> str | None:
    """A value as a text; datetimes as the guide's example has them, ``Fri Aug 01 21:15:46 GMT 2014``."""
    if value is None:
        return None
    if field.type is FieldType.DATETIME:
        return f"{datetime.fromisoformat(value):%a %b %d %H:%M:%S GMT %Y}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
