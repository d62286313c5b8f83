"""Deployments by REST: ``metadata/deployRequest``, the same service as SOAP's ``deploy`` (Metadata API guide)."""

from __future__ import annotations

from typing import Any, Final

import orjson

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.metadata import deployments
from prm_harness.crm.salesforce.metadata.jobs import Job, job_of
from prm_harness.crm.salesforce.multipart import is_multipart, parts_of
from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.soap.envelope import SoapFault

_ROOT: Final = "/services/data/{version}/metadata"
_NOTE: Final = "objects, fields, record types, validation rules, permission sets, profiles, event channels"
_UNSAID: Final = (
    "errorMessage",
    "errorStatusCode",
    "stateDetail",
    "canceledBy",
    "canceledByName",
    "messages",
)


def deploy(call: Call) -> Response:
    """``POST metadata/deployRequest``: a zip beside its options; 201."""
    packed = b""
    options: dict[str, Any] = {}
    try:
        for part in parts_of(call.request) if is_multipart(call.request) else []:
            if part.filename or part.media == "application/zip":
                packed = part.content
            else:
                told = orjson.loads(part.content)
                options = told.get("deployOptions") or {} if isinstance(told, dict) else {}
    except ValueError as error:
        raise request_error(400, "INVALID_MULTIPART_REQUEST", str(error)) from None
    if not packed or not isinstance(options, dict):
        raise request_error(
            400, "INVALID_MULTIPART_REQUEST", "a part with the zip file and one with deployOptions"
        )
    try:
        job_id = deployments.deployed(call, deployments.unzipped(packed), options)
    except SoapFault as error:
        raise request_error(400, error.code, error.message) from None
    return json_response(_answer(call, _job(call, job_id), fresh=True), 201)


def status(call: Call) -> Response:
    """``GET metadata/deployRequest/<id>``; ``includeDetails=true`` for what happened to each component."""
    return json_response(_answer(call, _job(call, call.args["id"]), details=call.flag("includeDetails")))


def quick(call: Call) -> Response:
    """``POST metadata/deployRequest/<id>``, or with the id in the body: deploy what was found good before; 201."""
    wanted = call.args.get("id") or str(call.json_object().get("validatedDeployRequestId") or "")
    job = _job(call, deployments.quick(call, wanted))
    return json_response({**_answer(call, job, fresh=True), "validatedDeployRequestId": wanted}, 201)


def hand_in(call: Call) -> Response:
    """``POST metadata/deployRequest``: a package, or in JSON the id of one that was validated."""
    return deploy(call) if is_multipart(call.request) else quick(call)


def cancel(call: Call) -> Response:
    """``PATCH metadata/deployRequest/<id>``: what is done cannot be canceled any more."""
    deployments.refuse_cancel(_job(call, call.args["id"]))


def _job(call: Call, wanted: str) -> Job:
    try:
        return job_of(call, wanted, "0Af")
    except SaveError as error:
        raise request_error(404, error.faults[0].code, error.faults[0].message) from None


def _answer(call: Call, job: Job, *, details: bool = False, fresh: bool = False) -> dict[str, Any]:
    """The keys of an answer that a deployment tool has kept; one just handed in is pending."""
    result = {**dict.fromkeys(_UNSAID), **deployments.result_of(call, job)}
    if not details:
        del result["details"]
    if fresh:
        result |= {
            "status": "Pending",
            "done": False,
            "success": False,
            "completedDate": None,
            "startDate": None,
        }
        return {"id": job["id"], "validatedDeployRequestId": None, "deployOptions": job["options"],
                "deployResult": result}  # fmt: skip
    return {"id": job["id"], "validatedDeployRequestId": None, "deployOptions": None, "deployResult": result}


METADATA_ROUTES: Final = (
    Route("write.metadata.deploy", ("POST",), f"{_ROOT}/deployRequest", hand_in, "partly", _NOTE),
    Route("write.metadata.deploy", ("POST",), f"{_ROOT}/deployRequest/{{id}}", quick, "partly", _NOTE),
    Route("write.metadata.deploy", ("PATCH",), f"{_ROOT}/deployRequest/{{id}}", cancel),
    Route("schema.metadata.deploy", ("GET",), f"{_ROOT}/deployRequest/{{id}}", status),
    Route("meta.metadata", ("*",), f"{_ROOT}/{{*}}", None, "no", "the rest of the Metadata REST API"),
)
