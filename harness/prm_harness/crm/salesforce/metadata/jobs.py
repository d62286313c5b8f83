"""Deployments and retrieves: done at once and asked for later, as clients expect of an asynchronous service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary
from xml.etree import ElementTree as ET

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.salesforce.metadata.components import component_id
from prm_harness.crm.salesforce.soap.envelope import SoapFault
from prm_harness.crm.salesforce.soap.xml import local, text
from prm_harness.crm.store.values import as_datetime

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call
    from prm_harness.crm.salesforce.wire import Wire

Job = dict[str, Any]
_jobs: WeakKeyDictionary[Wire, dict[str, Job]] = WeakKeyDictionary()


def now_of(call: Call) -> str:
    """The org's clock, as metadata writes it."""
    return as_datetime(call.wire.clock.now()).removesuffix("+0000") + "Z"


def keep(call: Call, prefix: str, job: Job) -> str:
    """Keep a finished job for those who will ask; its id."""
    jobs = _jobs.setdefault(call.wire, {})
    job_id = component_id(prefix, f"{len(jobs)}")
    jobs[job_id] = {**job, "id": job_id}
    return job_id


def queued(job_id: str) -> dict[str, Any]:
    """The AsyncResult that a job is answered with when it is handed in."""
    return {"done": False, "id": job_id, "state": "Queued"}


def job_of(call: Call, wanted: str, prefix: str = "") -> Job:
    """A job by its id, of 15 or 18 characters.

    Raises:
        SaveError: INVALID_CROSS_REFERENCE_KEY: there is none of that kind.
    """
    jobs = _jobs.get(call.wire, {})
    found = next((j for i, j in jobs.items() if wanted in {i, i[:15]} and i.startswith(prefix)), None)
    if found is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {wanted}")
    return found


def asked_job(call: Call, operation: ET.Element, name: str = "asyncProcessId", prefix: str = "") -> Job:
    """The job that a SOAP request names.

    Raises:
        SoapFault: INVALID_CROSS_REFERENCE_KEY.
    """
    wanted = next((text(child) for child in operation if local(child.tag).lower() == name.lower()), "")
    try:
        return job_of(call, wanted, prefix)
    except SaveError as error:
        raise SoapFault(error.faults[0].code, error.faults[0].message) from None


def status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkStatus``, which older clients ask before the result."""
    return {"done": True, "id": asked_job(call, operation)["id"], "state": "Completed"}
