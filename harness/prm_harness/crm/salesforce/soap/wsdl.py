"""The partner WSDL, made from the contract's table, so that it can promise nothing that is not answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from prm_harness.crm.salesforce.soap.contract import (
    FAULT,
    FAULTS,
    HEADERS,
    OPERATIONS,
    PARTNER,
    SIMPLE,
    SOBJECT,
    TYPES,
    Operation,
    Part,
)

_ROOT: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions targetNamespace="{PARTNER}"'
    ' xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
    f' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="{PARTNER}" xmlns:ens="{SOBJECT}" xmlns:fns="{FAULT}">'
)
_SOBJECT_SCHEMA: Final = (
    f'<schema xmlns="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" targetNamespace="{SOBJECT}">'
    f'<import namespace="{PARTNER}"/><complexType name="sObject"><sequence>'
    '<element name="type" type="xsd:string"/>'
    '<element name="fieldsToNull" type="xsd:string" nillable="true" minOccurs="0" maxOccurs="unbounded"/>'
    '<element name="Id" type="tns:ID" nillable="true"/>'
    '<any namespace="##targetNamespace" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>'
    "</sequence></complexType></schema>"
)
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_PLACED: Final = frozenset(
    {"InvalidFieldFault", "InvalidSObjectFault", "MalformedQueryFault", "MalformedSearchFault"}
)


def partner_wsdl(address: str) -> str:
    """The document for clients that will call ``address``."""
    return "".join(
        (
            _ROOT,
            "<types>",
            _SOBJECT_SCHEMA,
            _partner_schema(),
            _fault_schema(),
            "</types>",
            *_messages(),
            '<portType name="Soap">',
            *(_port_operation(name) for name in OPERATIONS),
            "</portType>",
            '<binding name="SoapBinding" type="tns:Soap">',
            '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>',
            *(_bound_operation(name, operation) for name, operation in OPERATIONS.items()),
            "</binding>",
            '<service name="SforceService"><port binding="tns:SoapBinding" name="Soap">',
            f"<soap:address location={quoteattr(address)}/></port></service></definitions>",
        )
    )


# -- types --------------------------------------------------------------------------------------------------------


def _qualified(kind: str) -> str:
    if kind == "sObject":
        return "ens:sObject"
    return f"xsd:{kind}" if kind in SIMPLE - {"ID"} else f"tns:{kind}"


def _element(part: Part) -> str:
    occurs = ' minOccurs="0"' if part.optional else ""
    occurs += ' maxOccurs="unbounded"' if part.many else ""
    nillable = ' nillable="true"' if _may_be_nil(part) else ""
    return f'<element name="{part.name}" type="{_qualified(part.type)}"{occurs}{nillable}/>'


def _may_be_nil(part: Part) -> bool:
    """What may be missing may be nil, too; ``retrieve`` answers nil for a row that is not there."""
    return part.nillable or (part.type == "sObject" if part.many else part.optional)


def _complex(name: str, parts: Iterable[Part]) -> str:
    return f'<complexType name="{name}"><sequence>{"".join(map(_element, parts))}</sequence></complexType>'


def _wrapper(name: str, parts: Iterable[Part]) -> str:
    inner = "".join(map(_element, parts))
    return f'<element name="{name}"><complexType><sequence>{inner}</sequence></complexType></element>'


def _partner_schema() -> str:
    wrappers = (
        _wrapper(name, operation.parameters)
        + _wrapper(f"{name}Response", [operation.result] if operation.result else [])
        for name, operation in OPERATIONS.items()
    )
    return "".join(
        (
            f'<schema xmlns="{_XSD}" elementFormDefault="qualified" targetNamespace="{PARTNER}">',
            f'<import namespace="{SOBJECT}"/>',
            '<simpleType name="ID"><restriction base="xsd:string"><maxLength value="18"/></restriction></simpleType>',
            *(_complex(name, parts) for name, parts in TYPES.items()),
            *(_wrapper(name, parts) for name, parts in HEADERS.items()),
            *wrappers,
            "</schema>",
        )
    )


def _fault_schema() -> str:
    own = '<element name="exceptionCode" type="xsd:string"/><element name="exceptionMessage" type="xsd:string"/>'
    place = '<element name="row" type="xsd:int"/><element name="column" type="xsd:int"/>'
    bodies = (
        f'<complexType name="{name}"><sequence>{own}{place if name in _PLACED else ""}</sequence></complexType>'
        f'<element name="{name}" type="fns:{name}"/>'
        for name in FAULTS
    )
    return (
        '<schema xmlns="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"'
        f' targetNamespace="{FAULT}">{"".join(bodies)}</schema>'
    )


# -- messages and operations --------------------------------------------------------------------------------------


def _messages() -> Iterable[str]:
    headers = "".join(f'<part element="tns:{name}" name="{name}"/>' for name in HEADERS)
    yield f'<message name="Header">{headers}</message>'
    for name in FAULTS:
        yield f'<message name="{name}"><part name="fault" element="fns:{name}"/></message>'
    for name in OPERATIONS:
        yield f'<message name="{name}Request"><part element="tns:{name}" name="parameters"/></message>'
        yield f'<message name="{name}Response"><part element="tns:{name}Response" name="parameters"/></message>'


def _faults_of(name: str) -> tuple[str, ...]:
    if name == "login":
        return ("LoginFault", "UnexpectedErrorFault")
    if name == "search":
        return ("InvalidSObjectFault", "InvalidFieldFault", "MalformedSearchFault", "UnexpectedErrorFault")
    return ("InvalidSObjectFault", "InvalidFieldFault", "MalformedQueryFault", "InvalidIdFault",
            "InvalidQueryLocatorFault", "UnexpectedErrorFault")  # fmt: skip


def _port_operation(name: str) -> str:
    faults = "".join(f'<fault message="tns:{fault}" name="{fault}"/>' for fault in _faults_of(name))
    return (
        f'<operation name="{name}"><input message="tns:{name}Request"/><output message="tns:{name}Response"/>'
        f"{faults}</operation>"
    )


def _bound_operation(name: str, operation: Operation) -> str:
    def header(part: str) -> str:
        return f'<soap:header use="literal" message="tns:Header" part="{part}"/>'

    body = '<soap:body parts="parameters" use="literal"/>'
    sent = "".join(map(header, operation.headers))
    # A login's answer is the only one without the header that tells the calls used.
    told = "" if name == "login" else header("LimitInfoHeader")
    faults = "".join(
        f'<fault name="{fault}"><soap:fault name="{fault}" use="literal"/></fault>'
        for fault in _faults_of(name)
    )
    return (
        f'<operation name="{name}"><soap:operation soapAction=""/><input>{sent}{body}</input>'
        f"<output>{told}{body}</output>{faults}</operation>"
    )
