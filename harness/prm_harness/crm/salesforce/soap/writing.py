"""Operations that change rows: each row has its own result; a fault undoes the whole call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from prm_harness.crm.org.errors import MultipleMatchesError, NotFoundError, OrgError, SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, gap, item_errors
from prm_harness.crm.salesforce.records import rows
from prm_harness.crm.salesforce.soap.envelope import Envelope, SoapFault
from prm_harness.crm.salesforce.soap.records import read_record
from prm_harness.crm.salesforce.together.collections import LARGEST, ROLLED_BACK

LARGEST_CONVERSION: Final = 100
Result = dict[str, Any]


def create(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``create``."""

    def one(element: Any) -> Result:
        sobject, record_id, values = read_record(call, element)
        if record_id:
            raise SaveError.of("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
        return _ok(rows.insert(call, sobject, values))

    return _each(call, given["sObjects"], asked, one)


def update(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``update``: each sObject has its Id."""

    def one(element: Any) -> Result:
        sobject, record_id, values = read_record(call, element)
        if not record_id:
            raise SaveError.of("MISSING_ARGUMENT", "Id not specified in an update call")
        rows.save(call, sobject, _checked(record_id), values)
        return _ok(to18(record_id))

    return _each(call, given["sObjects"], asked, one)


def upsert(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``upsert``: by an external ID or another ``idLookup`` field, which each sObject carries."""
    name = (given["externalIDFieldName"] or "").strip()

    def one(element: Any) -> Result:
        sobject, record_id, values = read_record(call, element)
        key = sobject.field(name)
        if key is None or not (key.external_id or key.id_lookup or key.type is FieldType.ID):
            raise SoapFault(
                "INVALID_FIELD",
                f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for "
                f"{sobject.name}",
            )
        if key.type is FieldType.ID:
            return _upsert_by_id(call, sobject, record_id, values)
        value = values.pop(key.name, None)
        if value is None:
            raise SaveError.of("MISSING_ARGUMENT", f"{key.name} not specified")
        try:
            found, created = rows.upsert(call, sobject, key, value, values)
        except MultipleMatchesError as error:
            message = (
                f"{key.name}: more than one record found for external id field: [{', '.join(error.ids)}]"
            )
            raise SaveError.of("DUPLICATE_EXTERNAL_ID", message) from None
        return {**_ok(found), "created": created}

    return _each(call, given["sObjects"], asked, one, failure={"created": False})


def _upsert_by_id(call: Call, sobject: SObjectType, record_id: str, values: dict[str, Any]) -> Result:
    if not record_id:
        return {**_ok(rows.insert(call, sobject, values)), "created": True}
    rows.save(call, sobject, _checked(record_id), values)
    return {**_ok(to18(record_id)), "created": False}


def delete(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``delete``."""

    def one(record_id: str) -> Result:
        checked = _checked(record_id)
        rows.remove(call, _object_of(call, checked), checked)
        return _ok(checked)

    return _each(call, given["ids"], asked, one)


def undelete(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``undelete``: out of the recycle bin, with what went with it."""

    def one(record_id: str) -> Result:
        checked = _checked(record_id)
        call.tally.rows_in += 1
        call.org.undelete(_object_of(call, checked).name, checked, user=call.user)
        return _ok(checked)

    return _each(call, given["ids"], asked, one)


def empty_recycle_bin(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``emptyRecycleBin``: the rows are gone for good."""

    def one(record_id: str) -> Result:
        checked = _checked(record_id)
        call.tally.rows_in += 1
        call.org.empty_bin(_object_of(call, checked).name, checked)
        return _ok(checked)

    return _each(call, given["ids"], asked, one)


def merge(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``merge``: up to two rows go into a master of the same object; their children hang on it from then on."""

    def one(request: Mapping[str, Any]) -> Result:
        if request["masterRecord"] is None:
            raise SaveError.of("MISSING_ARGUMENT", "masterRecord not specified")
        sobject, record_id, values = read_record(call, request["masterRecord"])
        losers = [_checked(loser) for loser in request["recordToMergeIds"]]
        call.tally.rows_in += 1 + len(losers)
        moved = call.org.merge(sobject.name, _checked(record_id), losers, values, user=call.user)
        return {**_ok(to18(record_id)), "mergedRecordIds": losers, "updatedRelatedIds": moved}

    return _each(call, given["request"], asked, one, largest=LARGEST)


def convert(call: Call, given: dict[str, Any], asked: Envelope) -> list[Result]:
    """``convertLead`` (contract §12); the three results are there also when conversion made none of one kind."""

    def one(wish: Mapping[str, Any]) -> Result:
        for name in ("accountRecord", "contactRecord", "opportunityRecord"):
            if wish[name] is not None:
                raise gap(f"convertLead with {name}")
        if not wish["leadId"]:
            raise SaveError.of("MISSING_ARGUMENT", "leadId not specified")
        call.tally.rows_in += 1
        with call.org.transaction():
            made = call.org.convert_lead(
                _checked(wish["leadId"]),
                user=call.user,
                account_id=wish["accountId"] or None,
                contact_id=wish["contactId"] or None,
                opportunity=not wish["doNotCreateOpportunity"],
                opportunity_id=wish["opportunityId"] or None,
                opportunity_name=wish["opportunityName"] or None,
                overwrite_source=bool(wish["overwriteLeadSource"]),
                status=wish["convertedStatus"] or "",
            )
            if wish["ownerId"]:
                _give(call, wish, made)
        return {**made, "success": True, "errors": []}

    failure = dict.fromkeys(("accountId", "contactId", "leadId", "opportunityId"))
    return _each(call, given["leadConverts"], asked, one, failure=failure, largest=LARGEST_CONVERSION)


def _give(call: Call, wish: Mapping[str, Any], made: Mapping[str, str | None]) -> None:
    """The new owner of what the conversion made, not of what it found."""
    for kind in ("Account", "Contact", "Opportunity"):
        record_id = made[f"{kind.lower()}Id"]
        if record_id and not wish.get(f"{kind.lower()}Id"):
            call.org.update(kind, record_id, {"OwnerId": wish["ownerId"]}, user=call.user)


class _Undo(Exception):  # noqa: N818 - leaves a transaction so that nothing of it stays
    """One row was refused and the request wanted all or none."""


def _each(
    call: Call,
    items: Sequence[Any],
    asked: Envelope,
    one: Callable[[Any], Result],
    *,
    failure: Result | None = None,
    largest: int = LARGEST,
) -> list[Result]:
    if len(items) > largest:
        message = f"record limit reached. cannot submit more than {largest} records into this call"
        raise SoapFault("EXCEEDED_ID_LIMIT", message)
    failed = {"id": None, "success": False, **(failure or {})}
    results: list[Result] = []
    with suppress(_Undo), call.org.transaction():
        for item in items:
            try:
                results.append(one(item))
            except (OrgError, WireError) as error:
                if isinstance(error, WireError) and error.code == "SANDBOX_GAP":
                    raise
                errors = item_errors(error)
                call.tally.part_errors.append(errors[0]["statusCode"])
                results.append({**failed, "errors": errors})
        wanted = asked.header("AllOrNoneHeader", "allOrNone") in {"true", "1"}
        if wanted and not all(result["success"] for result in results):
            undone = {**failed, "errors": item_errors(OrgError(ROLLED_BACK))}
            results = [undone if result["success"] else result for result in results]
            raise _Undo
    return results


def _ok(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _checked(record_id: str | None) -> str:
    if not record_id or not is_id(record_id):
        raise SaveError.of("MALFORMED_ID", f"malformed id {record_id or ''}")
    return to18(record_id)


def _object_of(call: Call, record_id: str) -> SObjectType:
    found = next((o for o in call.org.schema.objects.values() if o.key_prefix == record_id[:3]), None)
    if found is None:
        raise NotFoundError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return found
