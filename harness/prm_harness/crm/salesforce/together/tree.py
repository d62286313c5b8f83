"""``composite/tree``: records with their children inside, all or nothing (contract §8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.schema import Field, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import item_errors, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.json_faults import placed
from prm_harness.crm.salesforce.together.composite import Undo

MOST_RECORDS: Final = 200
DEEPEST: Final = 5
MOST_TYPES: Final = 5

Record = dict[str, Any]


def tree(call: Call) -> Response:
    """``POST /composite/tree/X``: 201 with every id, or 400 with what is wrong and nothing saved."""
    sobject = call.sobject()
    records = call.json_object().get("records")
    if not isinstance(records, list) or not records or not all(isinstance(r, dict) for r in records):
        raise request_error(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    planting = _Planting(call)
    planting.check(sobject, records)
    with suppress(Undo), call.org.transaction():
        planting.plant(sobject, records, lookup=None, parent="")
        if planting.errors:
            raise Undo
    if planting.errors:
        call.tally.part_errors += [entry["errors"][0]["statusCode"] for entry in planting.errors]
        return json_response({"hasErrors": True, "results": planting.errors}, 400)
    return json_response({"hasErrors": False, "results": planting.saved}, 201)


class _Planting:
    """One request's records on their way in, and what became of them."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.saved: list[Record] = []
        self.errors: list[Record] = []
        self._seen: set[str] = set()
        self._types: set[str] = set()

    def check(self, sobject: SObjectType, records: list[Record], level: int = 1) -> None:
        """Refuse what is beyond the limits or not a tree.

        Raises:
            WireError: 400.
        """
        self._types.add(sobject.name)
        if level > DEEPEST:
            raise request_error(400, "LIMIT_EXCEEDED", f"Limit of {DEEPEST} reached for number of levels")
        for record in records:
            reference = _reference(record)
            if not reference or reference in self._seen:
                problem = "is not unique" if reference else "is required"
                raise request_error(400, "INVALID_INPUT", f"Provided referenceId ('{reference}') {problem}.")
            self._seen.add(reference)
            for child, _, children in self._families(sobject, record):
                self.check(child, children, level + 1)
        if len(self._seen) > MOST_RECORDS:
            message = f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call"
            raise request_error(400, "EXCEEDED_ID_LIMIT", message)
        if len(self._types) > MOST_TYPES:
            raise request_error(400, "LIMIT_EXCEEDED", f"Limit of {MOST_TYPES} reached for number of types")

    def plant(
        self, sobject: SObjectType, records: list[Record], *, lookup: Field | None, parent: str
    ) -> None:
        """Save records, each before its children; the children of a refused one are not tried."""
        for record in records:
            families = list(self._families(sobject, record))
            inside = {key for key, value in record.items() if _is_family(value)} | {"attributes"}
            values = {key: value for key, value in record.items() if key not in inside}
            if lookup is not None:
                values[lookup.name] = parent
            try:
                record_id = self.call.org.insert(sobject.name, values, user=self.call.user)
            except OrgError as error:
                self.errors.append(
                    {
                        "referenceId": _reference(record),
                        "errors": item_errors(placed(error, self.call.request.body)),
                    }
                )
                continue
            self.call.tally.rows_in += 1
            self.saved.append({"referenceId": _reference(record), "id": record_id})
            for child, field, children in families:
                self.plant(child, children, lookup=field, parent=record_id)

    def _families(
        self, sobject: SObjectType, record: Record
    ) -> Iterator[tuple[SObjectType, Field, list[Record]]]:
        relations = {
            field.child_relationship.lower(): (child, field)
            for child, field in self.call.org.schema.children_of(sobject.name)
            if field.child_relationship
        }
        for name, value in record.items():
            if not _is_family(value):
                continue
            found = relations.get(name.lower())
            if found is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise request_error(400, "INVALID_FIELD", message)
            yield *found, value["records"]


def _is_family(value: Any) -> bool:
    records = value.get("records") if isinstance(value, dict) else None
    return isinstance(records, list) and all(isinstance(record, dict) for record in records)


def _reference(record: Record) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("referenceId") or "") if isinstance(attributes, dict) else ""
