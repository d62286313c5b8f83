"""Habits that automation platforms document, as settings of the iPaaS reference PRM. No platform is scored by them.

Each was read off public pages and never tried in an account; what a platform does not say is taken from the style's
defaults and named in ``unknown``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .syncing.gaps import TASK_GAPS, Gaps, held_after


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform's documented habits.

    Attributes:
        name: as its makers write it.
        cycle_seconds: between two polls of a trigger.
        batch: records in one write.
        gaps: when a failed task is tried again.
        pick_up_days: how far back a new task can be made to pick up; 0: its first poll only notes what is there.
        survives_lost_field: whether a task goes on when a field that it reads is gone.
        unknown: what no public page says.
        sources: addresses of the documentation.
    """

    name: str
    cycle_seconds: float
    batch: int
    gaps: Gaps
    pick_up_days: int
    survives_lost_field: bool
    unknown: tuple[str, ...]
    sources: tuple[str, ...]


PLATFORMS: Final[Mapping[str, Platform]] = {
    "zapier": Platform(
        name="Zapier",
        cycle_seconds=900,
        batch=1,
        gaps=TASK_GAPS,
        pick_up_days=0,
        survives_lost_field=True,
        unknown=("what a task does when a field that it reads is gone",),
        sources=(
            "https://zapier.com/help/deduplication/",
            "https://zapier.com/help/autoreplay/",
            "https://docs.zapier.com/platform/build/troubleshoot-trigger-timeouts",
        ),
    ),
    "workato": Platform(
        name="Workato",
        cycle_seconds=300,
        batch=100,
        gaps=held_after(1),
        pick_up_days=730,
        survives_lost_field=True,
        unknown=("how far back a recipe can pick up events",),
        sources=(
            "https://docs.workato.com/connectors/salesforce/triggers/new-updated-records-batch.html",
            "https://docs.workato.com/connectors/salesforce/batch-operations.html",
            "https://docs.workato.com/connectors/salesforce/triggers/deleted-record.html",
            "https://docs.workato.com/recipes/rate-limiting",
        ),
    ),
    "boomi": Platform(
        name="Boomi",
        cycle_seconds=900,
        batch=200,
        gaps=held_after(3),
        pick_up_days=730,
        survives_lost_field=False,
        unknown=("how often a process runs: whoever builds it says so", "how often a connector tries again"),
        sources=(
            "http://help.boomi.com/atomsphere/GUID-62DA4589-9FF6-49AA-920A-E7F073702B65.html",
            "https://github.com/boomii/bdw/issues/94",
        ),
    ),
    "syncari": Platform(
        name="Syncari",
        cycle_seconds=300,
        batch=200,
        gaps=TASK_GAPS,
        pick_up_days=730,
        survives_lost_field=True,
        unknown=("how often it polls", "when it tries again", "how far back it picks up"),
        sources=(
            "https://support.syncari.com/hc/en-us/articles/360052204672-Salesforce-Setup",
            "https://support.syncari.com/hc/en-us/articles/10431237456916-Configure-the-Salesforce-Synapse-Using-User-Credentials-Authentication",
        ),
    ),
    "tray": Platform(
        name="tray.ai",
        cycle_seconds=300,
        batch=200,
        gaps=held_after(3, seconds=40),
        pick_up_days=0,
        survives_lost_field=True,
        unknown=("how often it polls", "whether it can pick up what was there before"),
        sources=("https://docs.tray.ai/platform/enterprise-core/logs-debugging/technical-limits",),
    ),
}
"""By the word that ``?platform=`` takes."""
