"""``/services/Soap/m/<version>``: components over SOAP. Refusals of one component are results, not faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from prm_harness.crm.org.errors import NotFoundError, OrgError, SandboxGapError, SaveError
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.metadata import deployments, jobs, retrievals
from prm_harness.crm.salesforce.metadata.components import Kind, missing, put
from prm_harness.crm.salesforce.metadata.documents import NAMESPACE, document, read_meta
from prm_harness.crm.salesforce.metadata.kinds import KINDS, PARTS, PLACES
from prm_harness.crm.salesforce.soap.envelope import Envelope, SoapFault, envelope
from prm_harness.crm.salesforce.soap.partner import answered, authenticate, operation_of
from prm_harness.crm.salesforce.soap.xml import children, local, tag, text, type_of

MOST: Final = 10
"""Components a call (contract §11)."""

_WRITES: Final = re.compile(
    r"(create|update|upsert|delete|rename)Metadata|deploy|deployRecentValidation|cancelDeploy"
)


def classify(request: Request) -> str:
    """The route class: components are schema, whether read or written."""
    name = operation_of(request) or "unknown"
    return f"{'write' if _WRITES.fullmatch(name) else 'schema'}.metadata.soap.{name}"


def metadata(call: Call) -> Response:
    """``POST /services/Soap/m/<version>``, with whatever a client hangs on the address."""
    return answered(call, _answer, namespace=NAMESPACE)


def _answer(call: Call, asked: Envelope) -> Response:
    authenticate(call, asked)
    handler = _HANDLERS.get(asked.name)
    if handler is None:
        if asked.name == "describeValueType":
            raise SandboxGapError(f"the metadata operation {asked.name}")
        raise SoapFault("", f"No operation available for request {asked.operation.tag}")
    result = handler(call, asked.operation)
    body = (
        "".join(document("result", one) for one in result)
        if isinstance(result, list)
        else document("result", result)
    )
    return envelope(tag(f"{asked.name}Response", body), namespace=NAMESPACE)


def kind_named(call: Call, name: str) -> Kind:
    """A kind of component.

    Raises:
        SoapFault: INVALID_TYPE: none that the sandbox knows.
    """
    found = KINDS.get(name)
    if found is None:
        raise SandboxGapError(f"metadata of type {name}")
    return found(call.org, call.user)


def _texts(operation: ET.Element, name: str) -> list[str]:
    found = [text(child) for child in children(operation, name)]
    if len(found) > MOST:
        raise SoapFault(
            "LIMIT_EXCEEDED", f"record limit reached. cannot submit more than {MOST} records into this call"
        )
    return found


def _each_component(
    call: Call,
    operation: ET.Element,
    one: Callable[[Kind, str, Mapping[str, Any]], dict[str, Any]],
    **failure: Any,
) -> list[dict[str, Any]]:
    given = list(children(operation, "metadata"))
    if len(given) > MOST:
        raise SoapFault(
            "LIMIT_EXCEEDED", f"record limit reached. cannot submit more than {MOST} records into this call"
        )
    results = []
    for element in given:
        meta = read_meta(element)
        full_name = str(meta.pop("fullName", "") or "")
        kind = kind_named(call, type_of(element))
        results.append(outcome(call, full_name, lambda k=kind, n=full_name, m=meta: one(k, n, m), failure))  # type: ignore[misc]
    return results


def outcome(
    call: Call, full_name: str, act: Callable[[], Mapping[str, Any] | None], failure: Mapping[str, Any]
) -> dict[str, Any]:
    """A component's result; a refusal is its ``errors`` (recordings soap_metadata-002, -006)."""
    call.tally.rows_in += 1
    try:
        if not full_name:
            raise SaveError.of("REQUIRED_FIELD_MISSING", "Required field is missing: fullName", "fullName")
        return {**(act() or {}), "fullName": full_name, "success": True}
    except (OrgError, NotFoundError) as error:
        call.tally.part_errors.append(error.faults[0].code)
        errors = [{"message": f.message, "statusCode": f.code} for f in error.faults]
        return {**failure, "errors": errors, "fullName": full_name, "success": False}


def _create(call: Call, operation: ET.Element) -> Any:
    def one(kind: Kind, name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
        kind.create(name, meta)
        return {}

    return _each_component(call, operation, one)


def _update(call: Call, operation: ET.Element) -> Any:
    def one(kind: Kind, name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
        kind.change(name, meta)
        return {}

    return _each_component(call, operation, one)


def _upsert(call: Call, operation: ET.Element) -> Any:
    return _each_component(
        call, operation, lambda kind, name, meta: {"created": put(kind, name, meta)}, created=False
    )


def _delete(call: Call, operation: ET.Element) -> Any:
    kind = kind_named(call, next(iter(_texts(operation, "type")), ""))
    return [
        outcome(call, name, lambda n=name: kind.delete(n), {})  # type: ignore[misc]
        for name in _texts(operation, "fullNames")
    ]


def _rename(call: Call, operation: ET.Element) -> Any:
    names = {local(child.tag): text(child) for child in operation}
    kind = kind_named(call, names.get("type", ""))
    old, new = names.get("oldFullName", ""), names.get("newFullName", "")

    def act() -> None:
        own = kind.canonical(old)
        if own is None:
            raise missing(kind.words)
        kind.rename(own, new)

    return outcome(call, old, act, {})


def _read(call: Call, operation: ET.Element) -> Any:
    kind = kind_named(call, next(iter(_texts(operation, "type")), ""))
    records = []
    for name in _texts(operation, "fullNames"):
        own = kind.canonical(name)
        meta = kind.read(own) if own is not None else None
        # A component that is not there is an empty record of no name.
        records.append({"@type": kind.name, "fullName": own, **meta} if meta is not None else {"@nil": True})
    return {"records": records}


def _list(call: Call, operation: ET.Element) -> Any:
    queries = list(children(operation, "queries"))
    if len(queries) > 3:
        raise SoapFault("LIMIT_EXCEEDED", "listMetadata takes three queries at most")
    found = []
    for query in queries:
        kind = kind_named(call, text(next(iter(children(query, "type")), None)))
        found += [retrievals.file_properties(call, kind, name) for name in sorted(kind.names())]
    return found


def _describe(_call: Call, _operation: ET.Element) -> Any:
    return {
        "metadataObjects": [
            {"childXmlNames": list(PARTS.values()) if name == "CustomObject" else [], "directoryName": folder,
             "inFolder": False, "metaFile": False, "suffix": suffix, "xmlName": name}
            for name, (folder, suffix) in PLACES.items()
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }  # fmt: skip


_HANDLERS: Final[dict[str, Callable[[Call, ET.Element], Any]]] = {
    "createMetadata": _create,
    "updateMetadata": _update,
    "upsertMetadata": _upsert,
    "deleteMetadata": _delete,
    "renameMetadata": _rename,
    "readMetadata": _read,
    "listMetadata": _list,
    "describeMetadata": _describe,
    "deploy": deployments.deploy,
    "deployRecentValidation": deployments.deploy_recent_validation,
    "cancelDeploy": deployments.cancel,
    "checkDeployStatus": deployments.deploy_status,
    "retrieve": retrievals.retrieve,
    "checkStatus": jobs.status,
    "checkRetrieveStatus": retrievals.retrieve_status,
}
