"""Deployments: the components of a zip package, made one by one, each with its message, or none of them at all."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn
from xml.etree import ElementTree as ET

from prm_harness.crm.org.errors import OrgError, SandboxGapError, SaveError
from prm_harness.crm.salesforce.metadata.components import Kind, missing
from prm_harness.crm.salesforce.metadata.documents import read_meta
from prm_harness.crm.salesforce.metadata.fields import flag, many
from prm_harness.crm.salesforce.metadata.jobs import Job, asked_job, job_of, keep, now_of, queued
from prm_harness.crm.salesforce.metadata.kinds import KINDS, PARTS, PLACES
from prm_harness.crm.salesforce.soap.envelope import SoapFault
from prm_harness.crm.salesforce.soap.xml import XmlError, local, parse

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call

_LARGEST: Final = 400 * 1024 * 1024
"""Bytes of an unpacked package, as documented."""
_FILES: Final = 10_000
_PREFIX: Final = "0Af"
_FOLDERS: Final = {folder: kind for kind, (folder, _) in PLACES.items()}


class _Deployment:
    """The components of one package, made one by one; each knows how to be undone.

    With ``check_only`` nothing is deleted, and what was made is undone in the end.
    """

    def __init__(self, call: Call, *, check_only: bool) -> None:
        self.call = call
        self.check_only = check_only
        self.messages: list[dict[str, Any]] = []
        self.undo: list[Callable[[], None]] = []
        self._drops: list[tuple[Kind, str, str]] = []

    def attempt(
        self,
        kind_name: str,
        full_name: str,
        file: str,
        act: Callable[[], Mapping[str, bool]],
        beyond: Sequence[str] = (),
    ) -> None:
        """Do one component and keep its message; ``beyond`` are the parts of it that nothing comes of."""
        message = {
            "changed": False, "componentType": kind_name, "created": False, "createdDate": now_of(self.call),
            "deleted": False, "fileName": file, "fullName": full_name, "success": True,
        }  # fmt: skip
        try:
            message |= act()
            if beyond:
                problem = f"The sandbox reads over: {', '.join(beyond)}"
                message |= {"problem": problem, "problemType": "Warning", "warning": True}
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

    def drop(self, kind: Kind, full_name: str, file: str) -> None:
        """Delete a component, when the package is through and nothing was refused."""
        if kind.canonical(full_name) is None:
            self.attempt(kind.name, full_name, file, lambda: _raise(missing(kind.words)))
        else:
            self._drops.append((kind, full_name, file))

    def finish(self, *, rollback: bool) -> None:
        """Delete what has to go, or undo what was made."""
        if not (rollback and self.refused):
            for kind, full_name, file in self._drops:
                self.attempt(kind.name, full_name, file, partial(self._delete, kind, full_name))
        if self.check_only or (rollback and self.refused):
            for step in reversed(self.undo):
                step()

    def _delete(self, kind: Kind, full_name: str) -> Mapping[str, bool]:
        if not self.check_only:
            kind.delete(kind.canonical(full_name) or full_name)
        return {"changed": True, "deleted": True}

    @property
    def refused(self) -> bool:
        """Whether any component was."""
        return any(not message["success"] for message in self.messages)


def deploy(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``deploy``: objects, fields, record types, rules and permission sets of a zip; each has its message."""
    given = read_meta(operation)
    options = given.get("DeployOptions") or given.get("deployOptions") or {}
    files = unpacked(str(given.get("ZipFile") or given.get("zipFile") or ""))
    return queued(deployed(call, files, options if isinstance(options, Mapping) else {}))


def deployed(call: Call, files: Mapping[str, bytes], options: Mapping[str, Any]) -> str:
    """Do the whole of a package, and keep what came of it; the job's id."""
    work = _Deployment(call, check_only=flag(options, "checkOnly"))
    foreign = sorted({file.partition("/")[0] for file in files if "/" in file} - set(_FOLDERS))
    if foreign:
        raise SandboxGapError(f"deploying what lies in the folders {', '.join(foreign)}")
    if "package.xml" not in files:
        work.messages.append(
            {"changed": False, "componentType": "", "created": False, "createdDate": now_of(call), "deleted": False,
             "fileName": "package.xml", "fullName": "package.xml", "problem": "No package.xml found",
             "problemType": "Error", "success": False}
        )  # fmt: skip
    for place in _FOLDERS:
        for file in sorted(files):
            if file.startswith(f"{place}/"):
                _deploy_file(work, place, file, files[file])
    for name in ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml"):
        if name in files:
            _destroy(work, name, files[name])
    work.finish(rollback=flag(options, "rollbackOnError", default=True))
    job = {"messages": work.messages, "at": now_of(call), "by": call.user, "options": options, "files": files}
    return keep(call, _PREFIX, job)


def quick(call: Call, wanted: str) -> str:
    """Deploy what was found good before (``deployRecentValidation``); the new job's id.

    Raises:
        SaveError: it was no check, or one that failed.
    """
    job = job_of(call, wanted, _PREFIX)
    if not flag(job["options"], "checkOnly") or any(not m["success"] for m in job["messages"]):
        raise SaveError.of("INVALID_ID_FIELD", "The validation is not eligible for quick deploy")
    return deployed(call, job["files"], {**job["options"], "checkOnly": False})


def deploy_recent_validation(call: Call, operation: ET.Element) -> str:
    """``deployRecentValidation``: the id of the new deployment."""
    return quick(call, str(asked_job(call, operation, "validationId", _PREFIX)["id"]))


def cancel(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``cancelDeploy`` always comes too late."""
    # The WSDL calls the argument ``String``, jsforce ``id``.
    refuse_cancel(asked_job(call, operation, local(operation[0].tag) if len(operation) else "id", _PREFIX))


def refuse_cancel(_job: Job) -> NoReturn:
    """What canceling a finished deployment is answered (sf's own tests: salesforcecli/plugin-source#513)."""
    raise SaveError.of("INVALID_ID_FIELD", "Deployment already completed")


def unpacked(text_of_zip: str) -> dict[str, bytes]:
    """The files of a package in base64; see unzipped."""
    try:
        return unzipped(base64.b64decode(text_of_zip, validate=False))
    except (binascii.Error, ValueError) as error:
        raise SoapFault("INVALID_TYPE", f"ZipFile is not a valid zip file: {error}") from None


def unzipped(packed: bytes) -> dict[str, bytes]:
    """The files of a package by name, without the folder that they may all lie in.

    Raises:
        SoapFault: INVALID_TYPE: no zip; LIMIT_EXCEEDED: too many files, or too large ones.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as package:
            entries = [e for e in package.infolist() if not e.is_dir()]
            if len(entries) > _FILES or sum(e.file_size for e in entries) > _LARGEST:
                raise SoapFault(
                    "LIMIT_EXCEEDED",
                    "Maximum size of request reached. Maximum size of request is 52428800 bytes.",
                )
            found = {e.filename: package.read(e) for e in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise SoapFault("INVALID_TYPE", f"ZipFile is not a valid zip file: {error}") from None
    roots = {name.partition("/")[0] for name in found}
    if "package.xml" not in found and len(roots) == 1:
        return {name.partition("/")[2]: data for name, data in found.items()}
    return found


def _deploy_file(work: _Deployment, place: str, file: str, data: bytes) -> None:
    kind_name = _FOLDERS[place]
    full_name = file.rpartition("/")[2].rpartition(".")[0]
    kind = KINDS[kind_name](work.call.org, work.call.user)
    try:
        meta = read_meta(parse(data))
    except XmlError as error:
        problem = f"Error parsing file: {error}"
        work.attempt(kind_name, full_name, file, lambda: _refuse(problem))
        return
    parts = {part: many(meta.pop(part, None)) for part in PARTS} if kind_name == "CustomObject" else {}
    if kind_name != "CustomObject" or meta or kind.canonical(full_name) is None:
        work.attempt(kind_name, full_name, file, partial(work.put, kind, full_name, meta), kind.beyond(meta))
    for part, own in parts.items():
        inner = KINDS[PARTS[part]](work.call.org, work.call.user)
        for component in own:
            if isinstance(component, dict):
                name = f"{full_name}.{component.pop('fullName', '')}"
                step = partial(work.put, inner, name, component)
                work.attempt(inner.name, name, file, step, inner.beyond(component))


def _refuse(problem: str) -> Mapping[str, bool]:
    raise OrgError.of("UNKNOWN_EXCEPTION", problem)


def _raise(error: OrgError) -> Mapping[str, bool]:
    raise error


def _destroy(work: _Deployment, file: str, data: bytes) -> None:
    try:
        listed = read_meta(parse(data))
    except XmlError as error:
        problem = f"Error parsing file: {error}"
        work.attempt("", file, file, lambda: _refuse(problem))
        return
    for entry in many(listed.get("types")):
        kind_name = str(entry.get("name")) if isinstance(entry, Mapping) else ""
        if kind_name not in KINDS:
            raise SandboxGapError(f"metadata of type {kind_name}")
        kind = KINDS[kind_name](work.call.org, work.call.user)
        for member in many(entry.get("members")):
            work.drop(kind, str(member), file)


def deploy_status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkDeployStatus``: details whether or not they are asked for."""
    return result_of(call, asked_job(call, operation, prefix=_PREFIX))


def result_of(call: Call, job: Job) -> dict[str, Any]:
    """The DeployResult of a deployment, which is always finished."""
    messages, options = job["messages"], job["options"]
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
