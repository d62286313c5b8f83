"""Spreading tests over xdist's workers with an audit among them; imported by xdist's controller only.

xdist's own ``xdist_group`` marks would say the same, but they travel in node ids, which pytest 9.2 no longer lets a
plugin change: the marks are then ignored without a word, and every worker would hold an audit of its own.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from xdist.scheduler import LoadGroupScheduling


class AuditStaysTogether(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives all checks of the audit to one worker; other tests go wherever there is room."""

    together: AbstractSet[str] = frozenset()

    def _split_scope(self, nodeid: str) -> str:
        return "prm-audit" if nodeid in self.together else str(super()._split_scope(nodeid))


def scheduler(config: Any, log: Any, *, together: AbstractSet[str]) -> Any:
    """The scheduler that keeps the tests named in ``together`` on one worker."""
    made = AuditStaysTogether(config, log)
    made.together = together
    return made
