"""Which integration style a run saw: what the PRM did, sign by sign, and the style that does so.

A sign is only what the CRM and the line to the adapter saw. Some styles cannot be told apart from outside (a mapping
inside the portal and one on an automation platform beside it): then both are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from prm_harness.adapter import Prerequisites
from prm_harness.crm import backend
from prm_harness.crm.backend import Exchange
from prm_harness.crm.matching import route_matches
from prm_harness.record.style import StyleSeen, StyleSign

from .watched import Watched

MIRROR, MAPPING, IPAAS, BATCH, WINDOW = "mirror", "native_mapping", "ipaas", "batch_etl", "passthrough"
COPIES: Final = (MIRROR, MAPPING, IPAAS, BATCH)

BATCH_SECONDS: Final = 1800.0
"""Loads half an hour apart, or rarer, are a batch. Polling portals and platforms document 2 to 20 minutes."""

_ROUND_SECONDS: Final = 5.0
"""Calls that lie closer belong to one round of reading."""

_LOOKS_NEEDED: Final = 5
_MOST_FIELDS: Final = 0.8
"""Share of an object's fields from which on the schema counts as copied; what nobody may read is never named."""

_FEW: Final = 3
"""Queries of so few fields look something up; they do not carry an object."""

_WEIGHTS: Final = {"reading": 6, "cadence": 3, "fields": 3, "schema": 2, "batches": 1, "footprint": 1}
_SELECT: Final = re.compile(r"\s*SELECT\s+(.*?)\s+FROM\s+(\w+)", re.IGNORECASE | re.DOTALL)


class StyleWatch:
    """Watches from the moment when the PRM is connected until the end of the run.

    Args:
        crm: the backend.
        line: the adapter, with the account of what was asked.
        wanted: what the PRM asked the CRM's admin for.
    """

    def __init__(self, crm: backend.Crm, line: Watched, wanted: Prerequisites) -> None:
        self._crm = crm
        self._line = line
        self._wanted = wanted
        self._connected = crm.log.mark()[0]
        self._before = {kind: self._fields(kind) for kind in line.info.kinds}
        self._came: set[tuple[str, str]] = set()

    def look(self) -> None:
        """Take note of fields that are there now and were not before: checks take them away again."""
        for kind, before in self._before.items():
            self._came |= {(kind, name) for name in self._fields(kind) - before}

    def result(self) -> StyleSeen:
        """What all signs add up to."""
        user = self._crm.facts.integration_user
        calls = [one for one in self._crm.log.exchanges(since=self._connected, user=user) if not one.fault]
        own = list(self._line.own_accord(iter(calls)))
        signs = [
            sign
            for sign in (
                self._reading(),
                _cadence(own),
                self._named(calls),
                self._followed(own),
                _batches(calls),
                self._footprint(calls),
            )
            if sign is not None
        ]
        return StyleSeen(claimed=self._line.info.style, seen=_weighed(signs), signs=tuple(signs))

    # -- signs --------------------------------------------------------------------------------------------------

    def _reading(self) -> StyleSign | None:
        looked, called = self._line.looks()
        if looked < _LOOKS_NEEDED:
            return None
        through = called * 2 > looked
        seen = f"Of {looked:,} looks at the portal {called:,} made it call the CRM."
        return StyleSign(sign="reading", seen=seen, speaks_for=(WINDOW,) if through else COPIES)

    def _named(self, calls: Sequence[Exchange]) -> StyleSign | None:
        shares = [
            (len(fields & names), len(fields), kind)
            for kind, names in _selected(calls).items()
            if (fields := self._fields(kind))
        ]
        if not shares:
            return None
        named, there = sum(share[0] for share in shares), sum(share[1] for share in shares)
        copied = named >= _MOST_FIELDS * there
        seen = f"Its queries name {named} of the {there} fields of {len(shares)} objects."
        return StyleSign(
            sign="fields", seen=seen, speaks_for=(MIRROR, BATCH, WINDOW) if copied else (MAPPING, IPAAS)
        )

    def _followed(self, own: Sequence[Exchange]) -> StyleSign | None:
        """Fields that came into the CRM during the run, and whether the PRM went on to read them by itself."""
        selected: dict[str, set[str]] = {}
        for kind, names in _selects(own):
            selected.setdefault(kind, set()).update(names)
        came = {(kind, name) for kind, name in self._came - self._line.by_hand if kind in selected}
        if not came:
            return None
        read = sum(name in selected[kind] for kind, name in came)
        follows = read * 2 > len(came)
        seen = f"Of {len(came)} fields that were added in the CRM during the run its queries came to name {read}."
        return StyleSign(
            sign="schema", seen=seen, speaks_for=(MIRROR, BATCH) if follows else (MAPPING, IPAAS)
        )

    def _footprint(self, calls: Sequence[Exchange]) -> StyleSign | None:
        made = sum(
            1
            for one in calls
            if one.method != "GET"
            and one.status < 400
            and ("metadata" in one.route or route_matches("write.tooling", one.route))
        )
        asked = len(self._wanted.fields)
        if made:
            return StyleSign(
                sign="footprint",
                seen=f"It changed the CRM's schema itself, in {made} calls, and asked the admin for {asked} fields.",
                speaks_for=(MAPPING,),
            )
        return StyleSign(
            sign="footprint",
            seen=f"It asked the CRM's admin for {asked} fields and created none itself.",
        )

    def _fields(self, kind: str) -> set[str]:
        try:
            return set(self._crm.schema.describe(kind))
        except (KeyError, backend.CrmRefusal):
            return set()


def _cadence(own: Sequence[Exchange]) -> StyleSign | None:
    """The time between two rounds of reading that nobody asked for."""
    times = sorted({one.at for one in own if one.route.startswith("read")})
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    between = [gap for gap in gaps if gap >= _ROUND_SECONDS]
    if len(between) < 3:
        return None
    typical = median(between)
    seen = f"It read the CRM on its own accord every {_duration(typical)} (half of {len(between)} gaps)."
    styles = (BATCH,) if typical >= BATCH_SECONDS else (MIRROR, MAPPING, IPAAS)
    return StyleSign(sign="cadence", seen=seen, speaks_for=styles)


def _batches(calls: Sequence[Exchange]) -> StyleSign | None:
    writes = [one for one in calls if one.route.startswith("write") and one.status < 400]
    jobs = [one for one in calls if route_matches("bulk", one.route) and one.method != "GET"]
    if jobs:
        return StyleSign(
            sign="batches", seen=f"It uses bulk jobs: {len(jobs)} calls.", speaks_for=(BATCH, IPAAS)
        )
    rows = Counter(one.rows_in for one in writes if one.rows_in)
    if not rows:
        return None
    singles, most = rows[1], max(rows)
    seen = f"Of {sum(rows.values())} writes {singles} carried one record; the largest carried {most}."
    return StyleSign(sign="batches", seen=seen, speaks_for=(WINDOW,) if most == 1 else COPIES)


def _selected(calls: Sequence[Exchange]) -> dict[str, set[str]]:
    """Field names by object, of each object's last query that names more than a few."""
    return {kind: names for kind, names in _selects(calls) if len(names) > _FEW}


def _selects(calls: Sequence[Exchange]) -> Iterator[tuple[str, set[str]]]:
    for one in calls:
        if one.soql and (match := _SELECT.match(one.soql)):
            yield match[2], {name.strip() for name in match[1].split(",")}


def _weighed(signs: Sequence[StyleSign]) -> tuple[str, ...]:
    """The styles with most weight; none when neither reading nor cadence was seen."""
    if not {"reading", "cadence"} & {sign.sign for sign in signs}:
        return ()
    points: Counter[str] = Counter()
    for sign in signs:
        for style in sign.speaks_for:
            points[style] += _WEIGHTS[sign.sign]
    most = max(points.values(), default=0)
    return tuple(style for style in (*COPIES, WINDOW) if most and points[style] == most)


def _duration(seconds: float) -> str:
    return f"{round(seconds / 60, 1):g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
