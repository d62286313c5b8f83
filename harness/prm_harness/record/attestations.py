"""What a vendor says of itself and no run can see: asked by the checklist, answered on a form, kept apart from verdicts."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .model import Model


class AttachedDocument(Model):
    """A paper that came with an answer, as it lay beside the form."""

    name: str = Field(description="file name")
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Attestation(Model):
    """The vendor's answer to one question. It says nothing about the product, and never counts in the measured score."""

    id: str
    question: str
    title: str
    asked: str
    state: Literal["answered", "unanswered"]
    answer: str = ""
    rows: tuple[dict[str, str], ...] = ()
    documents: tuple[AttachedDocument, ...] = ()
    said_by: str = Field(default="", description="name and role of who answered")
    said_on: date | None = None
