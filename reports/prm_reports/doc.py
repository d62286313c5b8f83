"""The frame of a document: names, stamps and the line at the foot of every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prm_harness.record.run import Run


@dataclass(frozen=True)
class Doc:
    """What base.html shows around the pages."""

    title: str
    about: str
    kicker: str
    heading: str
    sub: str
    running: str
    stamps: tuple[str, ...]
    aside: tuple[str, ...]
    foot: str
    harness: str


_STYLES = {
    "mirror": "schema mirroring",
    "native_mapping": "native field mapping",
    "ipaas": "iPaaS field mapping",
    "batch_etl": "batch ETL",
    "passthrough": "pass-through",
    "in_platform": "inside the CRM platform",
}


def style_words(style: str) -> str:
    """An integration style as a reader would say it."""
    return _STYLES.get(style) or style.replace("_", " ").strip() or "style not declared"


def stamps(runs: Sequence[Run]) -> tuple[str, ...]:
    """Marks that every page carries: an unfinished run, a product that is no product, an adapter that nobody tried."""
    marks = []
    if not all(run.complete for run in runs):
        marks.append("PARTIAL RUN")
    if any(run.header.contestant.sample for run in runs):
        marks.append("REFERENCE PRODUCT" if len(runs) == 1 else "REFERENCE PRODUCTS")
    if any(run.header.contestant.unverified for run in runs):
        marks.append("NOT VERIFIED AGAINST A LIVE TENANT")
    return tuple(marks)


def short_hash(digest: str) -> str:
    """``3f9c71…e21b``."""
    return f"{digest[:6]}…{digest[-4:]}" if len(digest) > 12 else digest
