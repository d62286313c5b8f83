"""What a run file holds, typed. Scores, reports, comparisons and certificates are pure functions of these."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .verdicts import Verdict


class Model(BaseModel):
    """A frozen part of the record; unknown keys are errors: a run file from another version must not half-load."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# -- the checklist ------------------------------------------------------------------------------------------------


class Question(Model):
    """One question of the buyer's checklist."""

    id: str = Field(pattern=r"^Q\d\.\d+$")
    title: str = Field(description="two to five words, for tables")
    text: str = Field(description="the question in our own words")
    ask_vendor: str = Field(default="", description="what to ask the vendor when checks under it fail")
    red_flag: str = ""


class Part(Model):
    """A part of the checklist."""

    id: str = Field(pattern=r"^\d$")
    title: str
    questions: tuple[Question, ...]


class CheckPlan(Model):
    """One check as planned, with everything a report needs to speak about it."""

    id: str
    question: str
    title: str
    weight: float = Field(gt=0, description="share inside its question, relative to the other checks")
    revision: int = 1
    stage: Literal["before_connect", "shared", "alone"] = "shared"
    needs: tuple[str, ...] = Field(default=(), description="adapter capabilities beyond the core")
    powers: tuple[str, ...] = Field(default=(), description="CRM powers")
    effects: tuple[str, ...] = ()
    catches: tuple[str, ...] = Field(
        default=(), description="defects of the reference PRMs that it is proved on"
    )
    doc: str = ""


class AttestedQuestion(Model):
    """One thing that the buyer asks the vendor to put in writing."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    question: str = Field(pattern=r"^Q\d\.\d+$", description="the checklist question that it belongs to")
    title: str
    text: str = Field(description="what is asked, in our own words")
    columns: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="column -> the words allowed in it (none: any text), where the answer is a table",
    )
    documents: str = Field(default="", description="which papers should be attached")


class Checklist(Model):
    """The catalogue as it stood when the run was made."""

    version: str
    source: str = Field(description="who wrote the questions, said plainly")
    parts: tuple[Part, ...]
    checks: tuple[CheckPlan, ...]
    attested: tuple[AttestedQuestion, ...] = Field(
        default=(), description="what the vendor is asked to put in writing; never part of the measured score"
    )
    not_tested_yet: dict[str, str] = Field(default_factory=dict, description="check or question id -> why")


class Pack(Model):
    """A user's own checks: they run with the catalogue's, are scored apart, and are part of no certificate."""

    name: str = Field(description="of its entry point; begins the ids of its checks")
    version: str = Field(default="", description="of the distribution that it came with")
    checks: tuple[CheckPlan, ...]


class Profile(Model):
    """The buyer's weights and limits, complete (defaults filled in)."""

    name: str
    buyer: str = ""
    weights: dict[str, float] = Field(description="question id -> weight; sums to 100")
    knock_outs: tuple[tuple[str, ...], ...] = Field(
        description="each a group of check ids that must all pass"
    )
    thresholds: dict[str, float] = Field(default_factory=dict)
    data: dict[str, int] = Field(default_factory=dict, description="how many records of what the run uses")
    not_needed: dict[str, str] = Field(default_factory=dict, description="check id -> the buyer's reason")
    customised: bool = Field(default=False, description="differs from the profile of that name as published")


# -- evidence -----------------------------------------------------------------------------------------------------


class EvidenceStep(Model):
    """One line of what happened, on one of the two sides."""

    at: datetime
    side: Literal["crm", "prm"]
    text: str


class Diff(Model):
    """One compared thing: a field of a record, a count, a limit."""

    field: str
    expected: str
    observed: str
    ok: bool
    note: str = Field(default="", description="what kind of difference: lossy, missing, refused, …")


class Metric(Model):
    """Something measured. ``ok`` is None where no limit applies."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ok: bool | None = None


class Evidence(Model):
    """All that a check saw."""

    grade: Literal["A", "B", "C", "D", "E"] = "B"
    steps: tuple[EvidenceStep, ...] = ()
    diffs: tuple[Diff, ...] = ()
    metrics: tuple[Metric, ...] = ()
    effects: dict[str, bool] = Field(default_factory=dict, description="declared effect -> was it exercised")
    exchanges: tuple[int, ...] = Field(default=(), description="numbers of the CRM requests that bear on it")
    facts: dict[str, Any] = Field(default_factory=dict)


class Result(Model):
    """How one check ended."""

    check: str
    verdict: Verdict
    share: float | None = Field(default=None, ge=0, le=1, description="for partial: the share that was right")
    finding: str = Field(default="", description="one sentence for the buyer")
    reason: str = Field(
        default="", description="why it ended this way when that is not plain from the evidence"
    )
    attempt: int = 1
    evidence: Evidence = Evidence()


# -- the run ------------------------------------------------------------------------------------------------------


class Contestant(Model):
    """Who was audited, as far as reports need it (no capability logic here)."""

    vendor: str
    product: str
    version: str
    style: str
    connect: str = Field(description="the connect string, secrets removed")
    capabilities: dict[str, str] = Field(default_factory=dict, description="capability -> declared level")
    notes: dict[str, str] = Field(default_factory=dict, description="capability -> the vendor's note")
    cycle_seconds: float = 0
    declared_setup_minutes: float | None = None
    sample: bool = False
    artefact: str = Field(
        default="",
        description="sha256 over the files of an adapter in Python; empty where another process runs it",
    )
    unverified: bool = Field(
        default=False, description="the adapter was never run against a live tenant of the product"
    )


class Header(Model):
    """First event of a run file."""

    format: Literal["prm-harness-run/1"] = "prm-harness-run/1"
    run_id: str
    seed: int
    started_at: datetime
    versions: dict[str, str] = Field(description="harness, catalogue, sandbox, contract, python")
    contestant: Contestant
    checklist: Checklist
    packs: tuple[Pack, ...] = Field(default=(), description="the users' own checks that were collected")
    profile: Profile
    org: dict[str, Any] = Field(description="template, seed, id, powers")
    plan: tuple[str, ...] = Field(description="check ids to be run, in order")
    plan_hash: str = Field(description="sha256 over checklist, profile and plan")

    @property
    def every_check(self) -> tuple[CheckPlan, ...]:
        """The catalogue's checks, then those of packs."""
        return (*self.checklist.checks, *(check for pack in self.packs for check in pack.checks))


class Fact(Model):
    """A row of the "integration facts" box."""

    name: str
    value: float | str | None
    unit: str = ""
    note: str = ""


class SetupStep(Model):
    """One line of the setup log."""

    id: str
    title: str
    actor: Literal["automatic", "admin", "vendor"]
    hands_on_minutes: float
    waiting_minutes: float
    done: bool
    message: str = ""


class Barrier(Model):
    """How one settling went."""

    wave: str
    passed: bool
    waited_seconds: float
    to_crm_seconds: float | None
    to_prm_seconds: float | None
    quiet: bool
    reason: str = ""


class Footer(Model):
    """Last event of a complete run file."""

    ended_at: datetime
    counts: dict[str, int] = Field(description="verdict -> how many")
    events: int = Field(description="lines of the file, header and footer included")
    interrupted: bool = False
    digest: str = Field(
        default="", description="sha256 over the chain so far and this footer: nothing follows to cover it"
    )
