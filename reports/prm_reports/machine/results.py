"""results.json and bakeoff.json: the stable, documented shape of what a report says, with full evidence.

The JSON is the report's source of numbers: everything printed can be found in it. A field is never renamed or
given another meaning under the same ``format``; new fields may appear. ``Results.model_json_schema()`` and
``BakeoffResults.model_json_schema()`` describe both files for machines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic_core import PydanticSerializationError

from prm_harness.record.attestations import Attestation
from prm_harness.record.enclosures import Enclosures
from prm_harness.record.model import Barrier, Model, Profile, Result
from prm_harness.record.run import Run
from prm_harness.record.style import StyleSeen
from prm_harness.scoring.model import Bakeoff, Scorecard
from prm_reports import field_matrix


class RunFacts(Model):
    """Where the numbers come from."""

    run_id: str
    seed: int
    started_at: datetime
    ended_at: datetime | None = Field(description="None when the run has no footer")
    complete: bool = Field(description="False: the run was interrupted, and nothing here is final")
    digest: str = Field(description="sha256 of run.ndjson")
    plan_hash: str = Field(description="sha256 over checklist, profile and plan")
    versions: dict[str, str]
    org: dict[str, Any]


class MatrixCell(Model):
    """One type of CRM field in one direction."""

    type: str
    direction: Literal["portal → CRM", "CRM → portal"]
    outcome: Literal["exact", "lossy", "refused", "not carried", "not tried"] = Field(
        description="the worst of all values compared"
    )
    many: int = Field(description="values with this outcome")
    of: int = Field(description="values compared")
    fields: tuple[str, ...] = Field(description="fields with this outcome")
    claimed: str = Field(default="", description="what the vendor says, where it said something")


class Results(Model):
    """results.json: one vendor."""

    format: Literal["prm-harness-results/1"] = "prm-harness-results/1"
    run: RunFacts
    profile: Profile
    source: str = Field(description="who wrote the questions")
    not_tested_yet: dict[str, str] = Field(description="check or question id -> why")
    scorecard: Scorecard = Field(
        description="score, grade, caps, knock-outs, and every check with its evidence"
    )
    attempts: dict[str, tuple[Result, ...]] = Field(
        description="check id -> every attempt, where there was more than one; the scorecard holds the worst"
    )
    barriers: tuple[Barrier, ...]
    notes: tuple[dict[str, Any], ...]
    field_matrix: tuple[MatrixCell, ...] = Field(
        default=(), description="each type of CRM field in each direction"
    )
    attestations: tuple[Attestation, ...] = Field(
        default=(), description="what the vendor put in writing; never part of the score"
    )
    style: StyleSeen | None = Field(
        default=None,
        description="the integration style as it was seen, with the signs, beside the one claimed",
    )
    enclosures: Enclosures = Field(
        default=Enclosures(),
        description="the vendor's comment and the buyer's waivers; they change no verdict",
    )


class BakeoffResults(Model):
    """bakeoff.json: several vendors. Evidence stays in each vendor's results.json."""

    format: Literal["prm-harness-bakeoff/1"] = "prm-harness-bakeoff/1"
    title: str
    buyer: str
    headline: str
    verdict: str
    runs: tuple[RunFacts, ...] = Field(description="in the order of the standings")
    profile: Profile
    source: str
    not_tested_yet: dict[str, str]
    bakeoff: Bakeoff


def run_facts(run: Run) -> RunFacts:
    """The run's identity, hashes and versions."""
    header = run.header
    return RunFacts(
        run_id=header.run_id,
        seed=header.seed,
        started_at=header.started_at,
        ended_at=run.footer.ended_at if run.footer else None,
        complete=run.complete,
        digest=run.digest,
        plan_hash=header.plan_hash,
        versions=header.versions,
        org=header.org,
    )


def results(run: Run, card: Scorecard, enclosed: Enclosures | None = None) -> Results:
    """What results.json holds for a run, its score and what was handed in beside it."""
    return Results(
        run=run_facts(run),
        profile=run.header.profile,
        source=run.header.checklist.source,
        not_tested_yet=run.header.checklist.not_tested_yet,
        scorecard=card,
        attempts={check: made for check, made in run.attempts.items() if len(made) > 1},
        barriers=run.barriers,
        notes=run.notes,
        field_matrix=_matrix(run),
        attestations=run.attestations,
        style=run.style,
        enclosures=enclosed or Enclosures(),
    )


def _matrix(run: Run) -> tuple[MatrixCell, ...]:
    return tuple(
        MatrixCell(
            type=row.kind,
            direction=direction,  # type: ignore[arg-type]  # one of the two
            outcome=cell.outcome or "not tried",  # type: ignore[arg-type]  # one of the five
            many=cell.many,
            of=cell.of,
            fields=cell.fields,
            claimed=cell.claimed,
        )
        for row in field_matrix.matrix(run)
        for direction, cell in zip(field_matrix.DIRECTIONS, row.cells, strict=True)
    )


def bakeoff_results(
    runs: Sequence[Run], bakeoff: Bakeoff, *, title: str, buyer: str, headline: str, verdict: str
) -> BakeoffResults:
    """What bakeoff.json holds; evidence is left out of the cards."""
    by_id = {run.header.run_id: run for run in runs}
    header = runs[0].header
    return BakeoffResults(
        title=title,
        buyer=buyer,
        headline=headline,
        verdict=verdict,
        runs=tuple(run_facts(by_id[s.card.run_id]) for s in bakeoff.standings),
        profile=header.profile,
        source=header.checklist.source,
        not_tested_yet=header.checklist.not_tested_yet,
        bakeoff=bakeoff,
    )


def to_json(model: BaseModel, *, evidence: bool = True) -> bytes:
    """The model as UTF-8 JSON, keys in the order in which they are documented.

    Text that UTF-8 cannot carry (lone surrogates) is kept as JSON's own escapes.
    """
    if evidence:
        try:
            return f"{model.model_dump_json(indent=1)}\n".encode()
        except PydanticSerializationError:
            pass  # there is such text in it
    value = model.model_dump(mode="json")
    if not evidence:
        _drop(value, "evidence")
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _drop(value: Any, key: str) -> None:
    if isinstance(value, dict):
        value.pop(key, None)
        for item in value.values():
            _drop(item, key)
    elif isinstance(value, list):
        for item in value:
            _drop(item, key)
