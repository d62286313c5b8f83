"""Attachments and files: what the org works out of their content, and the document that stands over a file's versions.

A ContentVersion is what clients insert. The org gives a first version its ContentDocument, and links the document to
its owner and to the record that ``FirstPublishLocationId`` names; a further version of a document becomes its latest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.store.store import StoredRow, quote

LARGEST_ATTACHMENT: Final = 25 * 1024 * 1024
"""Bytes of an Attachment's body (the vendor's object reference)."""

BLOBS: Final = {"Attachment": "Body", "ContentVersion": "VersionData"}
"""Objects with a blob, and its field; no custom field can hold one."""

_POLYMORPHIC: Final = (
    ("Attachment", "ParentId"),
    ("ContentVersion", "FirstPublishLocationId"),
    ("ContentDocumentLink", "LinkedEntityId"),
)
"""References that custom objects join when they are made."""

_FILE_TYPES: Final = {
    "txt": "TEXT", "csv": "CSV", "pdf": "PDF", "png": "PNG", "jpg": "JPG", "jpeg": "JPG", "gif": "GIF", "html": "HTML",
    "xml": "XML", "zip": "ZIP", "docx": "WORD_X", "doc": "WORD", "xlsx": "EXCEL_X", "xls": "EXCEL",
    "pptx": "POWER_POINT_X", "ppt": "POWER_POINT", "json": "JSON", "rtf": "RTF", "mp4": "MP4", "svg": "SVG",
}  # fmt: skip
_SHARED: Final = ("Title", "Description", "ContentSize", "FileType", "FileExtension", "OwnerId", "SharingOption",
                  "SharingPrivacy", "PublishStatus", "ContentModifiedDate")  # fmt: skip
"""What a document shows of its latest version."""

Given = Mapping[str, Any]


def content_of(stored: str | None) -> bytes:
    """The bytes behind a base64 field's stored text."""
    return base64.b64decode(stored or "")


def attachment(_core: Core, row: StoredRow, given: Given, _old: StoredRow | None) -> None:
    """How long the body is; the org takes 25 MB."""
    if "Body" not in given:
        return
    row["BodyLength"] = _size(row["Body"])
    if row["BodyLength"] > LARGEST_ATTACHMENT:
        raise SaveError.of(
            "FILE_SIZE_LIMIT_EXCEEDED", f"The file is larger than {LARGEST_ATTACHMENT} bytes", "Body"
        )


def version(core: Core, row: StoredRow, given: Given, old: StoredRow | None) -> None:
    """What a version's name and content say of it, and its place among the document's versions."""
    if old is not None:
        return
    if not row.get("PathOnClient"):
        raise _missing("PathOnClient")
    if row["ContentLocation"] == "S" and not row.get("VersionData"):
        raise _missing("VersionData")
    name = str(row["PathOnClient"]).replace("\\", "/").rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    row["Title"] = row.get("Title") or (stem if dot else name)
    row["FileExtension"] = extension.lower() if dot else None
    row["FileType"] = _FILE_TYPES.get(extension.lower(), "UNKNOWN") if dot else "UNKNOWN"
    row["ContentSize"] = _size(row.get("VersionData"))
    row["Checksum"] = hashlib.md5(content_of(row.get("VersionData")), usedforsecurity=False).hexdigest()
    row["ContentModifiedDate"] = row.get("ContentModifiedDate") or row["CreatedDate"]
    row["ContentModifiedById"] = row["CreatedById"]
    row["IsLatest"] = row["IsMajorVersion"] = 1
    known = given.get("ContentDocumentId")
    before = core.live_ids(core.object("ContentVersion"), "ContentDocumentId", known) if known else []
    row["VersionNumber"] = str(len(before) + 1)
    row["ContentDocumentId"] = known or core.mint.next("069")


def publish(core: Core, row: StoredRow, user: str) -> None:
    """After a version was written: its document and links, or that it is the document's latest one now."""
    document_id, run = row["ContentDocumentId"], core.store.connection.execute
    shared = {name: row.get(name) for name in _SHARED} | {"LatestPublishedVersionId": row["Id"]}
    if core.fetch("ContentDocument", document_id) is None:
        _plant(core, "ContentDocument", {"Id": document_id, **shared}, user)
        link(core, document_id, row["OwnerId"], "I", user)
        if row.get("FirstPublishLocationId") not in {None, row["OwnerId"]}:
            link(core, document_id, row["FirstPublishLocationId"], "V", user)
        return
    run(
        f'UPDATE {quote("ContentVersion")} SET "IsLatest" = 0 WHERE "ContentDocumentId" = ? AND "Id" <> ?',
        (document_id, row["Id"]),
    )
    plan, old = core.plan("ContentDocument"), core.fetch("ContentDocument", document_id)
    assert old is not None
    at, stamp = core.journal.moment()
    stamps = {"LastModifiedDate": stamp, "LastModifiedById": user, "SystemModstamp": stamp}
    changes = {name: value for name, value in (shared | stamps).items() if old[name] != value}
    core.rewrite(plan, old, changes, at=at, user=user)


def link(core: Core, document_id: str, entity_id: str, share: str, user: str) -> None:
    """Put a document on a record; ``share`` is I for the owner, V for viewers of the record."""
    values = {"ContentDocumentId": document_id, "LinkedEntityId": entity_id, "ShareType": share}
    _plant(core, "ContentDocumentLink", {"Id": core.mint.next("06A"), **values}, user)


def admit(core: Core, obj: SObjectType) -> None:
    """A new custom object can have attachments and files, too."""
    if obj.name.endswith("__c"):
        _retarget(core, lambda names: names if obj.name in names else (*names, obj.name))


def expel(core: Core, name: str) -> None:
    """A deleted object has neither."""
    _retarget(core, lambda names: tuple(other for other in names if other != name))


def is_admitting(sobject: str, field: str) -> bool:
    """Whether a reference takes every object there is, so that it keeps none of them from being deleted."""
    return (sobject, field) in _POLYMORPHIC


def _retarget(core: Core, change: Any) -> None:
    for sobject, name in _POLYMORPHIC:
        obj = core.schema.objects.get(sobject)
        if obj is not None:
            field = obj.fields[name]
            core.schema.put_field(sobject, replace(field, reference_to=change(field.reference_to)))


def _plant(core: Core, sobject: str, values: StoredRow, user: str) -> None:
    plan = core.plan(sobject)
    at, stamp = core.journal.moment()
    stamps = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
    row = plan.defaults | stamps | {"CreatedById": user, "LastModifiedById": user} | values
    row = {name: value for name, value in row.items() if name in plan.obj.fields}
    core.store.insert(sobject, row)
    core.journal.note(at, user, sobject, row["Id"], "create", plan.created(row))


def _size(stored: str | None) -> int:
    text = stored or ""
    return len(text) * 3 // 4 - text[-2:].count("=")


def _missing(name: str) -> SaveError:
    return SaveError.of("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name)
