"""XML in and out: a parser that takes no document types, and writing by hand, which SOAP's fixed shapes allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import escape

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
NIL: Final = ' xsi:nil="true"'
_DEEPEST: Final = 200
"""Levels of nesting; a request of this API has a dozen."""
_NOT_XML: Final = dict.fromkeys(
    [*(c for c in range(32) if c not in {9, 10, 13}), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)


class XmlError(ValueError):
    """Not well-formed XML, or XML that no client of this API sends."""


def parse(body: bytes) -> ET.Element:
    """The root element. Comments and processing instructions are dropped.

    Raises:
        XmlError: not well-formed, nested too deeply, or with a document type: entities are never declared, so none can
            be expanded, in whatever encoding they come.
    """
    builder = ET.TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise XmlError("elements are nested too deeply")
        builder.start(_clark(tag), {_clark(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(tag))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError) as error:
        raise XmlError(str(error)) from None


def _refuse_doctype(*_: object) -> NoReturn:
    raise XmlError("DOCTYPE is disallowed")


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def local(tag: object) -> str:
    """A tag without its namespace."""
    return str(tag).rpartition("}")[2]


def is_nil(element: ET.Element) -> bool:
    """Whether it says ``xsi:nil``."""
    return element.get(f"{{{XSI}}}nil", "").strip() in {"true", "1"}


def type_of(element: ET.Element) -> str:
    """The local name in ``xsi:type``, or the empty text."""
    return element.get(f"{{{XSI}}}type", "").rpartition(":")[2]


def children(element: ET.Element, name: str) -> Iterable[ET.Element]:
    """Child elements of that local name."""
    return (child for child in element if local(child.tag) == name)


def text(element: ET.Element | None) -> str:
    """An element's text, without blanks around it."""
    return (element.text or "").strip() if element is not None else ""


def tag(name: str, content: str, attributes: str = "") -> str:
    """An element around content that is XML already."""
    return f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"


def leaf(name: str, value: object, attributes: str = "") -> str:
    """An element around a value; nil for None."""
    if value is None:
        return f"<{name}{NIL}/>"
    return f"<{name}{attributes}>{escape(lexical(value))}</{name}>"


def lexical(value: object) -> str:
    """How XML Schema writes a value. Characters that XML cannot hold are left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).translate(_NOT_XML)
