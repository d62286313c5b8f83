"""Records as the portal holds them, the files on them, and what it says when something is submitted."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Bytes, Model


class Ref(Model):
    """How a record is named: by the PRM's id, the CRM's id, or exact value of its ``Name``."""

    by: Literal["prm_id", "crm_id", "name"]
    value: str


class Record(Model):
    """A record as the portal holds it now."""

    kind: str
    prm_id: str
    crm_id: str | None = None
    fields: dict[str, Any] = Field(
        description="raw values by CRM field API name; absent = the portal has no such field"
    )
    raw: dict[str, Any] = Field(default_factory=dict, description="the portal's own payload, untouched")


class Outcome(Model):
    """What the portal said when something was submitted or changed.

    ``accepted`` it took it · ``rejected`` it refused, with messages · ``held`` it waits for somebody · ``unknown`` it
    did not say. Being refused is a fine answer; being lost is not.
    """

    state: Literal["accepted", "rejected", "held", "unknown"]
    prm_id: str | None = None
    messages: tuple[str, ...] = ()
    raw: dict[str, Any] = Field(default_factory=dict)


class FileInfo(Model):
    """A file on a record, as the portal lists it."""

    id: str = Field(description="what fetch_file takes")
    name: str = Field(description="file name with its extension, as the portal shows it")
    size: int | None = Field(default=None, ge=0, description="bytes, where the portal says")
    media_type: str | None = None


class FileContent(Model):
    """A file with its bytes: over HTTP they are base64 text, never text of a guessed encoding."""

    name: str = Field(min_length=1)
    content: Bytes = Field(repr=False)
    media_type: str = "application/octet-stream"
