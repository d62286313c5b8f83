"""Zip packages: deployed at once and asked for later, as clients expect of an asynchronous service."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary
from xml.etree import ElementTree as ET

from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.salesforce.metadata.components import Kind, component_id, missing
from prm_harness.crm.salesforce.metadata.documents import file_document, read_meta
from prm_harness.crm.salesforce.metadata.fields import flag, many
from prm_harness.crm.salesforce.metadata.permissions import KINDS
from prm_harness.crm.salesforce.soap.envelope import SoapFault
from prm_harness.crm.salesforce.soap.xml import XmlError, local, parse, text
from prm_harness.crm.store.values import as_datetime

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call
    from prm_harness.crm.salesforce.wire import Wire

_LARGEST: Final = 400 * 1024 * 1024
"""Bytes of an unpacked package, as documented."""
_FILES: Final = 10_000
_PLACES: Final = {"CustomObject": ("objects", "object"), "PermissionSet": ("permissionsets", "permissionset"),
                  "Profile": ("profiles", "profile")}  # fmt: skip
_PARTS: Final = {"fields": "CustomField", "recordTypes": "RecordType", "validationRules": "ValidationRule"}
_jobs: WeakKeyDictionary[Wire, dict[str, dict[str, Any]]] = WeakKeyDictionary()


def _now(call: Call) -> str:
    return as_datetime(call.wire.clock.now()).removesuffix("+0000") + "Z"


def file_properties(call: Call, kind: Kind, full_name: str) -> dict[str, Any]:
    """What a listing says about a component."""
    folder, suffix = _PLACES.get(kind.name, ("objects", "object"))
    by, at = call.user, _now(call)
    name = str(call.org.get("User", by)["Name"])
    return {
        "createdById": by, "createdByName": name, "createdDate": at,
        "fileName": f"{folder}/{full_name.partition('.')[0]}.{suffix}", "fullName": full_name,
        "id": kind.id_of(full_name), "lastModifiedById": by, "lastModifiedByName": name, "lastModifiedDate": at,
        "manageableState": "unmanaged", "type": kind.name,
    }  # fmt: skip


def _open(call: Call, prefix: str, job: dict[str, Any]) -> dict[str, Any]:
    jobs = _jobs.setdefault(call.wire, {})
    job_id = component_id(prefix, f"{len(jobs)}")
    jobs[job_id] = {**job, "id": job_id}
    return {"done": False, "id": job_id, "state": "Queued"}


def _job(call: Call, operation: ET.Element) -> dict[str, Any]:
    wanted = next((text(child) for child in operation if local(child.tag) == "asyncProcessId"), "")
    found = next((j for i, j in _jobs.get(call.wire, {}).items() if wanted in {i, i[:15]}), None)
    if found is None:
        raise SoapFault("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {wanted}")
    return found


def status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkStatus``, which older clients ask before the result."""
    return {"done": True, "id": _job(call, operation)["id"], "state": "Completed"}


# -- deploy -------------------------------------------------------------------------------------------------------


class _Deployment:
    """The components of one package, made one by one; each knows how to be undone.

    With ``check_only`` nothing is deleted, and what was made is undone in the end.
    """

    def __init__(self, call: Call, *, check_only: bool) -> None:
        self.call = call
        self.check_only = check_only
        self.messages: list[dict[str, Any]] = []
        self.undo: list[Callable[[], None]] = []

    def attempt(
        self, kind_name: str, full_name: str, file: str, act: Callable[[], Mapping[str, bool]]
    ) -> None:
        """Do one component and keep its message."""
        message = {
            "changed": False, "componentType": kind_name, "created": False, "createdDate": _now(self.call),
            "deleted": False, "fileName": file, "fullName": full_name, "success": True,
        }  # fmt: skip
        try:
            message |= act()
        except OrgError as error:
            message |= {"problem": error.faults[0].message, "problemType": "Error", "success": False}
            self.call.tally.part_errors.append(error.faults[0].code)
        self.messages.append(message)

    def put(self, kind: Kind, full_name: str, meta: Mapping[str, Any]) -> Mapping[str, bool]:
        """Create or change a component."""
        own = kind.canonical(full_name)
        if own is None:
            kind.create(full_name, meta)
            self.undo.append(lambda: kind.take_back(full_name))
            return {"changed": True, "created": True}
        before = kind.read(own) or {}
        kind.change(own, meta)
        self.undo.append(lambda: kind.change(own, before))
        return {"changed": True}

    def drop(self, kind: Kind, full_name: str) -> Mapping[str, bool]:
        """Delete a component."""
        own = kind.canonical(full_name)
        if own is None:
            raise missing(kind.words)
        if not self.check_only:
            kind.delete(own)
        return {"changed": True, "deleted": True}


def deploy(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``deploy``: objects, fields, record types, rules and permission sets of a zip; each has its message."""
    given = read_meta(operation)
    options = given.get("DeployOptions") or given.get("deployOptions") or {}
    files = _unpacked(str(given.get("ZipFile") or given.get("zipFile") or ""))
    work = _Deployment(call, check_only=flag(options, "checkOnly"))
    if "package.xml" not in files:
        work.messages.append(
            {"changed": False, "componentType": "", "created": False, "createdDate": _now(call), "deleted": False,
             "fileName": "package.xml", "fullName": "package.xml", "problem": "No package.xml found",
             "problemType": "Error", "success": False}
        )  # fmt: skip
    for place in ("objects", "permissionsets", "profiles"):
        for file in sorted(files):
            if file.startswith(f"{place}/"):
                _deploy_file(work, place, file, files[file])
    for name in ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml"):
        if name in files:
            _destroy(work, name, files[name])
    failures = [m for m in work.messages if not m["success"]]
    if work.check_only or (failures and flag(options, "rollbackOnError", default=True)):
        for step in reversed(work.undo):
            step()
    return _open(
        call, "0Af", {"messages": work.messages, "at": _now(call), "by": call.user, "options": options}
    )


def _unpacked(text_of_zip: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(text_of_zip, validate=False))) as package:
            entries = [e for e in package.infolist() if not e.is_dir()]
            if len(entries) > _FILES or sum(e.file_size for e in entries) > _LARGEST:
                raise SoapFault(
                    "LIMIT_EXCEEDED",
                    "Maximum size of request reached. Maximum size of request is 52428800 bytes.",
                )
            found = {e.filename: package.read(e) for e in entries}
    except (zipfile.BadZipFile, binascii.Error, ValueError, NotImplementedError, RuntimeError) as error:
        raise SoapFault("INVALID_TYPE", f"ZipFile is not a valid zip file: {error}") from None
    roots = {name.partition("/")[0] for name in found}
    # A package may lie in a folder of its own.
    if "package.xml" not in found and len(roots) == 1:
        return {name.partition("/")[2]: data for name, data in found.items()}
    return found


def _deploy_file(work: _Deployment, place: str, file: str, data: bytes) -> None:
    kind_name = next(name for name, (folder, _) in _PLACES.items() if folder == place)
    full_name = file.rpartition("/")[2].rpartition(".")[0]
    kind = KINDS[kind_name](work.call.org, work.call.user)
    try:
        meta = read_meta(parse(data))
    except XmlError as error:
        problem = f"Error parsing file: {error}"
        work.attempt(kind_name, full_name, file, lambda: _refuse(problem))
        return
    parts = {part: many(meta.pop(part, None)) for part in _PARTS} if kind_name == "CustomObject" else {}
    if kind_name != "CustomObject" or kind.canonical(full_name) is None:
        work.attempt(kind_name, full_name, file, lambda: work.put(kind, full_name, meta))
    for part, own in parts.items():
        inner = KINDS[_PARTS[part]](work.call.org, work.call.user)
        for component in own:
            name = f"{full_name}.{component.pop('fullName', '')}"
            work.attempt(inner.name, name, file, lambda k=inner, n=name, m=component: work.put(k, n, m))  # type: ignore[misc]


def _refuse(problem: str) -> Mapping[str, bool]:
    raise OrgError.of("UNKNOWN_EXCEPTION", problem)


def _destroy(work: _Deployment, file: str, data: bytes) -> None:
    for entry in many(read_meta(parse(data)).get("types")):
        kind_name = str(entry.get("name"))
        if kind_name not in KINDS:
            raise SandboxGapError(f"metadata of type {kind_name}")
        kind = KINDS[kind_name](work.call.org, work.call.user)
        for member in many(entry.get("members")):
            work.attempt(kind_name, str(member), file, lambda k=kind, n=str(member): work.drop(k, n))  # type: ignore[misc]


def deploy_status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkDeployStatus``: details whether or not they are asked for."""
    job = _job(call, operation)
    messages, options = job.get("messages", []), job.get("options", {})
    good = [m for m in messages if m["success"]]
    bad = [m for m in messages if not m["success"]]
    rollback = flag(options, "rollbackOnError", default=True)
    state = "Succeeded" if not bad else "Failed" if rollback or not good else "SucceededPartial"
    return {
        "checkOnly": flag(options, "checkOnly"), "completedDate": job["at"], "createdBy": job["by"],
        "createdByName": call.org.get("User", job["by"])["Name"], "createdDate": job["at"],
        "details": {"componentFailures": bad, "componentSuccesses": good,
                    "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0}},
        "done": True, "id": job["id"], "ignoreWarnings": flag(options, "ignoreWarnings"),
        "lastModifiedDate": job["at"], "numberComponentErrors": len(bad), "numberComponentsDeployed": len(good),
        "numberComponentsTotal": len(messages), "numberTestErrors": 0, "numberTestsCompleted": 0,
        "numberTestsTotal": 0, "rollbackOnError": rollback, "runTestsEnabled": False, "startDate": job["at"],
        "status": state, "success": not bad,
    }  # fmt: skip


# -- retrieve -----------------------------------------------------------------------------------------------------


def retrieve(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``retrieve``: the named components, ``*`` for all of a kind, as files of a zip."""
    request = read_meta(operation).get("retrieveRequest") or {}
    wanted = request.get("unpackaged") if isinstance(request, Mapping) else None
    version = str((wanted or {}).get("version") or call.version)
    objects: dict[str, dict[str, Any]] = {}
    files: dict[str, bytes] = {}
    properties: list[dict[str, Any]] = []
    types: list[dict[str, Any]] = []
    for entry in many((wanted or {}).get("types")):
        name, members = str(entry.get("name")), [str(m) for m in many(entry.get("members"))]
        types.append({"members": members, "name": name})
        if name not in KINDS:
            continue  # nothing of that kind is in this org
        kind = KINDS[name](call.org, call.user)
        for full in sorted(kind.names()) if "*" in members else filter(None, map(kind.canonical, members)):
            meta = kind.read(full) or {}
            _place(kind, full, meta, objects, files)
            properties.append(file_properties(call, kind, full))
    for name, meta in objects.items():
        files[f"objects/{name}.object"] = file_document("CustomObject", meta)
    files["package.xml"] = file_document("Package", {"types": types, "version": version})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for file, data in sorted(files.items()):
            # A fixed date: the same org gives the same bytes.
            package.writestr(zipfile.ZipInfo(f"unpackaged/{file}", (1980, 1, 1, 0, 0, 0)), data)
    manifest = {**_manifest(call), "fileName": "unpackaged/package.xml", "fullName": "unpackaged/package.xml"}
    result = {
        "fileProperties": [*properties, manifest],
        "zipFile": base64.b64encode(packed.getvalue()).decode(),
    }
    return _open(call, "09S", result)


def _place(
    kind: Kind, full: str, meta: dict[str, Any], objects: dict[str, dict[str, Any]], files: dict[str, bytes]
) -> None:
    if kind.name in {"PermissionSet", "Profile"}:
        folder, suffix = _PLACES[kind.name]
        files[f"{folder}/{full}.{suffix}"] = file_document(kind.name, meta)
    elif kind.name == "CustomObject":
        objects.setdefault(full, {}).update(meta)
    else:
        sobject, _, short = full.partition(".")
        part = next(p for p, name in _PARTS.items() if name == kind.name)
        held = objects.setdefault(sobject, {}).setdefault(part, [])
        if not any(one.get("fullName") == short for one in held):
            held.append({"fullName": short, **meta})


def _manifest(call: Call) -> dict[str, Any]:
    by, at = call.user, _now(call)
    name = str(call.org.get("User", by)["Name"])
    return {"createdById": by, "createdByName": name, "createdDate": at, "id": "", "lastModifiedById": by,
            "lastModifiedByName": name, "lastModifiedDate": at, "manageableState": "unmanaged",
            "type": "Package"}  # fmt: skip


def retrieve_status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkRetrieveStatus``: the zip, unless ``includeZip`` says false."""
    job = _job(call, operation)
    result = {"done": True, "fileProperties": job.get("fileProperties", []), "id": job["id"], "status": "Succeeded",
              "success": True}  # fmt: skip
    if flag(read_meta(operation), "includeZip", default=True):
        result["zipFile"] = job.get("zipFile")
    return result
