"""Retrieves: named components, or all of a kind, as the files of a zip."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from prm_harness.crm.salesforce.metadata.components import Kind
from prm_harness.crm.salesforce.metadata.documents import file_document, read_meta
from prm_harness.crm.salesforce.metadata.fields import flag, many
from prm_harness.crm.salesforce.metadata.jobs import asked_job, keep, now_of, queued
from prm_harness.crm.salesforce.metadata.kinds import KINDS, PARTS, PLACES

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call


def file_properties(call: Call, kind: Kind, full_name: str) -> dict[str, Any]:
    """What a listing says about a component."""
    folder, suffix = PLACES.get(kind.name, ("objects", "object"))
    by, at = call.user, now_of(call)
    name = str(call.org.get("User", by)["Name"])
    return {
        "createdById": by, "createdByName": name, "createdDate": at,
        "fileName": f"{folder}/{full_name.partition('.')[0]}.{suffix}", "fullName": full_name,
        "id": kind.id_of(full_name), "lastModifiedById": by, "lastModifiedByName": name, "lastModifiedDate": at,
        "manageableState": "unmanaged", "type": kind.name,
    }  # fmt: skip


def retrieve(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``retrieve``: the named components, ``*`` for all of a kind, as files of a zip."""
    given = read_meta(operation)
    # jsforce, and sf with it, calls the argument ``request``; the service reads it by its place.
    request = given.get("retrieveRequest") or given.get("request") or {}
    wanted = request.get("unpackaged") if isinstance(request, Mapping) else None
    wanted = wanted if isinstance(wanted, Mapping) else {}
    version = str(wanted.get("version") or call.version)
    objects: dict[str, dict[str, Any]] = {}
    files: dict[str, bytes] = {}
    properties: list[dict[str, Any]] = []
    types: list[dict[str, Any]] = []
    problems: list[str] = []
    for entry in many(wanted.get("types")):
        if not isinstance(entry, Mapping):
            continue
        name, members = str(entry.get("name")), [str(m) for m in many(entry.get("members"))]
        types.append({"members": members, "name": name})
        if name not in KINDS:
            # Nothing of that kind is in this org, nor in the answer of a real one that has none.
            problems += [_absent(name, member) for member in members if member != "*"]
            continue
        kind = KINDS[name](call.org, call.user)
        named = {member: kind.canonical(member) for member in members if member != "*"}
        problems += [_absent(name, member) for member, own in named.items() if own is None]
        for full in sorted(kind.names()) if "*" in members else filter(None, named.values()):
            meta = kind.read(full) or {}
            _place(kind, full, meta, objects, files)
            own = file_properties(call, kind, full)
            properties.append({**own, "fileName": f"unpackaged/{own['fileName']}"})
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
        "messages": [{"fileName": "unpackaged/package.xml", "problem": problem} for problem in problems],
    }
    return queued(keep(call, "09S", result))


def _absent(kind: str, member: str) -> str:
    return f"Entity of type '{kind}' named '{member}' cannot be found"


def _place(
    kind: Kind, full: str, meta: dict[str, Any], objects: dict[str, dict[str, Any]], files: dict[str, bytes]
) -> None:
    if kind.name != "CustomObject" and kind.name in PLACES:
        folder, suffix = PLACES[kind.name]
        files[f"{folder}/{full}.{suffix}"] = file_document(kind.name, meta)
    elif kind.name == "CustomObject":
        objects.setdefault(full, {}).update(meta)
    else:
        sobject, _, short = full.partition(".")
        part = next(p for p, name in PARTS.items() if name == kind.name)
        held = objects.setdefault(sobject, {}).setdefault(part, [])
        if not any(one.get("fullName") == short for one in held):
            held.append({"fullName": short, **meta})


def _manifest(call: Call) -> dict[str, Any]:
    by, at = call.user, now_of(call)
    name = str(call.org.get("User", by)["Name"])
    return {"createdById": by, "createdByName": name, "createdDate": at, "id": "", "lastModifiedById": by,
            "lastModifiedByName": name, "lastModifiedDate": at, "manageableState": "unmanaged",
            "type": "Package"}  # fmt: skip


def retrieve_status(call: Call, operation: ET.Element) -> dict[str, Any]:
    """``checkRetrieveStatus``: the zip, unless ``includeZip`` says false."""
    job = asked_job(call, operation, prefix="09S")
    result = {"done": True, "fileProperties": job["fileProperties"], "id": job["id"], "messages": job["messages"],
              "status": "Succeeded", "success": True}  # fmt: skip
    if flag(read_meta(operation), "includeZip", default=True):
        result["zipFile"] = job["zipFile"]
    return result
