"""The values of a picklist that a record type offers (contract §3.4)."""

from __future__ import annotations

from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, RecordType, SObjectType

PICKLISTS = frozenset({FieldType.PICKLIST, FieldType.MULTIPICKLIST, FieldType.COMBOBOX})


def offered(field: Field, record_type: RecordType | None) -> list[PicklistValue]:
    """Active values in the field's own order; without a record type, or one that narrows nothing, all of them."""
    allowed = record_type.picklists.get(field.name) if record_type else None
    return [value for value in field.picklist if value.active and (allowed is None or value.value in allowed)]


def record_type_of(sobject: SObjectType, record_type_id: str) -> RecordType | None:
    """The record type with that id, 15 or 18 characters; None for any other id, Master's included."""
    return next((r for r in sobject.record_types.values() if r.id[:15] == record_type_id[:15]), None)
