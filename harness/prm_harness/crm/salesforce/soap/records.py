"""sObjects in XML: read into the values of a save, written from the records of a query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from xml.etree import ElementTree as ET

from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.soap.envelope import SoapFault, scalar, zulu
from prm_harness.crm.salesforce.soap.xml import is_nil, leaf, local, tag, text

_OWN: Final = frozenset({"type", "fieldsToNull", "Id"})
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
_NAMING: Final = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
_LEXICAL: Final = {
    FieldType.BOOLEAN: "boolean",
    FieldType.INT: "int",
    FieldType.DOUBLE: "double",
    FieldType.CURRENCY: "double",
    FieldType.PERCENT: "double",
}


def object_named(call: Call, name: str) -> SObjectType:
    """The object.

    Raises:
        SoapFault: INVALID_TYPE, in the words of recording soap_partner-003.
    """
    found = call.org.schema.get(name)
    if found is None:
        raise SoapFault("INVALID_TYPE", f"sObject type '{name}' is not supported. {_NAMING}")
    return found


def type_name(element: ET.Element) -> str:
    """The object an sObject says it is."""
    found = next((text(child) for child in element if local(child.tag) == "type"), "")
    if not found:
        raise SoapFault("INVALID_TYPE", "Must send a concrete entity type.")
    return found


def read_record(call: Call, element: ET.Element) -> tuple[SObjectType, str, dict[str, Any]]:
    """Object, id ("" without one) and values of an sObject.

    A nil or empty element says nothing about its field; ``fieldsToNull`` alone clears one.

    Raises:
        SoapFault: an unknown object or field, or a text that is no value of the field's type: SOAP refuses the call.
    """
    sobject = object_named(call, type_name(element))
    record_id = ""
    values: dict[str, Any] = {}
    for child in element:
        name = local(child.tag)
        if name == "Id":
            record_id = text(child)
        elif name == "fieldsToNull":
            cleared = text(child)
            values[_field(sobject, cleared).name] = None
        elif name != "type" and not is_nil(child):
            _take(call, sobject, name, child, values)
    return sobject, record_id, values


def _take(call: Call, sobject: SObjectType, name: str, child: ET.Element, values: dict[str, Any]) -> None:
    if len(child):
        values[name] = _parent(call, child)
        return
    field = _field(sobject, name)
    given = child.text or ""
    if given.strip():
        kind = _LEXICAL.get(field.type)
        values[field.name] = scalar(kind, given.strip()) if kind else given


def _parent(call: Call, element: ET.Element) -> dict[str, Any]:
    """A parent named by its external ID."""
    sobject = object_named(call, type_name(element))
    keys = {local(c.tag): c.text or "" for c in element if local(c.tag) not in _OWN}
    return {"attributes": {"type": sobject.name}, **keys}


def _field(sobject: SObjectType, name: str) -> Field:
    found = sobject.field(name)
    if found is None:
        raise SoapFault(
            "INVALID_FIELD",
            f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )
    return found


def write_record(call: Call, name: str, record: Mapping[str, Any] | None) -> str:
    """A record as an sObject: ``type``, ``Id`` (nil when not selected), then every selected field in order, Id again."""
    if record is None:
        return leaf(name, None)
    kind = str(record.get("attributes", {}).get("type") or "")
    sobject = call.org.schema.get(kind)
    parts = [leaf("sf:type", kind), leaf("sf:Id", record.get("Id"))]
    for key, value in record.items():
        if key != "attributes":
            parts.append(_value(call, sobject, key, value))
    return tag(name, "".join(parts), ' xsi:type="sf:sObject"')


def _value(call: Call, sobject: SObjectType | None, key: str, value: Any) -> str:
    name = f"sf:{key}"
    if isinstance(value, Mapping):
        if "records" in value:
            return _child_rows(call, name, value)
        if "attributes" in value:
            return write_record(call, name, value)
        inner = "".join(leaf(f"sf:{part}", item) for part, item in value.items())
        return tag(
            name,
            inner,
            ' xsi:type="sf:location"'
            if "latitude" in value and len(value) == 2
            else ' xsi:type="sf:address"',
        )
    field = sobject.field(key) if sobject is not None else None
    if sobject is not None and field is not None and field.type is FieldType.BASE64:
        return leaf(name, _content(call, sobject, field, value))
    if (
        isinstance(value, str)
        and _MOMENT.fullmatch(value)
        and (field is None or field.type is FieldType.DATETIME)
    ):
        return leaf(name, zulu(value))
    if sobject is None and isinstance(value, int | float) and not isinstance(value, bool):
        kind = "int" if isinstance(value, int) else "double"
        return leaf(name, value, f' xsi:type="xsd:{kind}"')
    return leaf(name, value)


def _content(call: Call, sobject: SObjectType, field: Field, path: str | None) -> str | None:
    """Here a blob is its content, not where it is."""
    with suppress(NotFoundError):
        found = call.org.blob(sobject.name, path.split("/")[-2], field.name) if path else None
        return found[0] if found else None
    return None


def _child_rows(call: Call, name: str, result: Mapping[str, Any]) -> str:
    rows = "".join(write_record(call, "records", record) for record in result["records"])
    inner = leaf("done", True) + leaf("queryLocator", None) + rows + leaf("size", result["totalSize"])
    return tag(name, inner, ' xsi:type="QueryResult"')
