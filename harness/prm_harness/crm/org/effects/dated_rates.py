"""Exchange rates that count from a day on: each one ends where the next one of its currency begins."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.org.core import Core
from prm_harness.crm.store.store import quote

DATED: Final = "DatedConversionRate"


def retime(core: Core) -> None:
    """Set the end of every rate."""
    core.store.connection.execute(
        f'UPDATE {quote(DATED)} SET "NextStartDate" = (SELECT min(n."StartDate") FROM {quote(DATED)} n '
        f'WHERE n."IsoCode" = {quote(DATED)}."IsoCode" AND n."StartDate" > {quote(DATED)}."StartDate")'
    )
