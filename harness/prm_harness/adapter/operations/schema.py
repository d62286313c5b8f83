"""The objects and fields that the portal has, what it offers in them, and how they are mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from prm_harness.adapter.records import FieldInfo, MappingRow, SourceOfTruth, StepLog, TypeInfo

from .base import NotSupported


class Schema(Protocol):
    """The portal's schema can be read, and extended by the admin's path."""

    def list_types(self) -> Sequence[str]:
        """sObject API names that the portal could carry."""
        raise NotSupported("list_types")

    def describe_type(self, kind: str) -> TypeInfo:
        """Fields and record types that the portal has for the object."""
        raise NotSupported("describe_type")

    def offered_values(self, kind: str, field: str, given: Mapping[str, Any]) -> Sequence[str]:
        """The choices that the portal's form offers for a picklist once the fields in ``given`` are filled in.

        ``given`` names the record type as ``RecordType.DeveloperName``, and controlling fields by their own names;
        empty: the form as it opens.
        """
        raise NotSupported("offered_values")

    def refresh_schema(self) -> StepLog:
        """The admin's "refresh schema"."""
        raise NotSupported("refresh_schema")

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """Make a CRM field available in the portal by the admin's path; says what that took."""
        raise NotSupported("add_field")

    def add_type(self, kind: str) -> StepLog:
        """Make a CRM object available in the portal by the admin's path; says what that took."""
        raise NotSupported("add_type")


class FieldMapping(Protocol):
    """Field by field it can be said which way values cross. A product without a mapping has none of this."""

    def get_mapping(self, kind: str) -> Sequence[MappingRow]:
        """The mapping of an object in force; a field without a row is not carried."""
        raise NotSupported("get_mapping")

    def set_mapping(self, kind: str, rows: Sequence[MappingRow]) -> StepLog:
        """Add or replace the rows of the fields named, by the admin's path; rows of other fields stay."""
        raise NotSupported("set_mapping")

    def source_of_truth(self, kind: str) -> SourceOfTruth:
        """Whose value stands when both sides changed the same field of the object."""
        raise NotSupported("source_of_truth")

    def set_source_of_truth(self, kind: str, winner: Literal["crm", "prm", "newest"]) -> StepLog:
        """Choose whose value stands, by the admin's path."""
        raise NotSupported("set_source_of_truth")
