"""Metadata documents: XML to plain values and back, the same for SOAP messages and files of a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from prm_harness.crm.salesforce.soap.xml import NIL, is_nil, leaf, local, tag

NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"


def read_meta(element: ET.Element) -> dict[str, Any]:
    """An element's children: texts, or dicts where they have children; what repeats is a list. Nil says nothing."""
    found: dict[str, Any] = {}
    for child in element:
        if is_nil(child):
            continue
        name = local(child.tag)
        value: Any = read_meta(child) if len(child) else (child.text or "").strip()
        if name in found:
            held = found[name]
            found[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            found[name] = value
    return found


def document(name: str, value: Any) -> str:
    """Values as elements, names in alphabetical order behind ``fullName``, as the API writes them.

    ``@type`` becomes ``xsi:type``, ``@nil`` an element that is nil; None and empty lists are left out.
    """
    if isinstance(value, list):
        return "".join(document(name, one) for one in value)
    if not isinstance(value, Mapping):
        return "" if value is None else leaf(name, value)
    if value.get("@nil"):
        return f"<{name}{NIL}/>"
    kind = f' xsi:type="{value["@type"]}"' if "@type" in value else ""
    first = ["fullName"] if "@type" in value and "fullName" in value else []
    rest = sorted(key for key in value if key not in {"@type", *first})
    return tag(name, "".join(document(key, value[key]) for key in [*first, *rest]), kind)


def file_document(name: str, meta: Mapping[str, Any]) -> bytes:
    """A component as the file of a package."""
    inner = "".join(document(key, meta[key]) for key in sorted(meta))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{inner}</{name}>\n'.encode()
