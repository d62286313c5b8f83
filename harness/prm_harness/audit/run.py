"""One audit, from a connect string to a run file."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prm_harness._version import __version__
from prm_harness.adapter import CONTRACT_VERSION, AdapterInfo
from prm_harness.adapter.artefact import artefact
from prm_harness.record.digests import plan_hash, sha256
from prm_harness.record.installed import code_digest
from prm_harness.record.model import Contestant, Header, Model, Profile
from prm_harness.record.redact import Redactor
from prm_harness.record.writer import RunWriter

from .attestations import Form
from .campaign import Campaign
from .events import Broadcast, Listener
from .registry import Catalogue, Check, load_catalogue
from .stage import Stage, open_stage
from .traffic.model import Traffic, TrafficError


@dataclass(frozen=True, slots=True)
class AuditSpec:
    """What to audit, with which weights and limits, and where the run file goes (``out/run.ndjson``)."""

    connect: str
    profile: Profile
    out: Path
    seed: int = 1
    checks: Sequence[str] | None = None
    start: datetime | None = None
    form: Form | None = None
    """What the vendor put in writing; printed apart from what was measured."""
    repeats: int = 1
    """How often everything is run, each time in an org and with records of its own; the worst attempt counts."""
    traffic: Traffic | None = None
    """Record the adapter's traffic, or replay it."""

    @property
    def run_file(self) -> Path:
        """Where the events are written."""
        return self.out / "run.ndjson"


class _ToFile:
    """The run file as a listener; ``waiting`` is for eyes only and is left out."""

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer
        self._known: set[str] = set()
        self._stages: list[Stage] = []

    def guard(self, stage: Stage) -> None:
        """Keep the secrets of a stage out of the file, those too that its adapter is granted on the way."""
        self._stages.append(stage)
        self._learn((*stage.connection.secrets, *stage.line.secrets()))

    def event(self, kind: str, payload: Model | Mapping[str, Any]) -> None:
        if kind == "waiting":
            return
        for stage in self._stages:
            self._learn(stage.line.secrets())
        self._writer.event(kind, payload)

    def _learn(self, secrets: Iterable[str]) -> None:
        if new := set(secrets) - self._known:
            self._known |= new
            self._writer.redactor.secret(*new)


def run_audit(
    spec: AuditSpec, *, catalogue: Catalogue | None = None, listeners: Iterable[Listener] = ()
) -> Path:
    """Audit one PRM; returns the path of the run file. One that lies there already is kept under a number.

    Raises:
        ConnectError: the adapter could not be opened; nothing was written.
        CatalogueError: the checks cannot be used, or one that was asked for does not exist.
        TrafficError: a recording cannot be read, or must not be written.
        KeyboardInterrupt: after what was recorded so far was closed properly.
    """
    if spec.traffic is not None and spec.repeats > 1:
        raise TrafficError("a recording holds one run; leave the repeats out when recording and replaying")
    catalogue = catalogue or load_catalogue()
    checks = catalogue.select(spec.checks)
    started = datetime.now(UTC).replace(microsecond=0)
    # The contestants of a bake-off start in the same second, with the same seed.
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{spec.seed:x}-{sha256(spec.connect)[:6]}"
    with open_stage(
        spec.connect, seed=spec.seed, run_id=run_id, start=spec.start, traffic=spec.traffic
    ) as stage:
        header = _header(spec, catalogue, checks, stage, run_id, started)
        spec.out.mkdir(parents=True, exist_ok=True)
        _keep_earlier(spec.run_file)
        with RunWriter(spec.run_file, Redactor()) as writer:
            to_file = _ToFile(writer)
            to_file.guard(stage)
            writer.header(header)
            interrupted = False
            try:
                _attempts(spec, checks, stage, to_file, listeners, run_id)
            except KeyboardInterrupt:
                interrupted = True
                raise
            finally:
                writer.footer(datetime.now(UTC).replace(microsecond=0), interrupted=interrupted)
    return spec.run_file


def attempt_seed(seed: int, attempt: int) -> int:
    """The seed of a repeat: the run's own for the first, others that follow from it.

    A repeat with the same seed would ask a driven PRM the very same again; and two runs with one seed and as many repeats
    stay comparable.
    """
    return seed if attempt == 1 else int(sha256(f"{seed}:{attempt}")[:8], 16)


def _attempts(
    spec: AuditSpec,
    checks: Sequence[Check],
    stage: Stage,
    to_file: _ToFile,
    listeners: Iterable[Listener],
    run_id: str,
) -> None:
    """Everything that is done as often as was asked, each time but the first on a stage of its own."""
    listener = Broadcast([to_file, *listeners])
    if spec.form is not None:
        spec.form.keep(spec.out)
        for attestation in spec.form.attestations:
            listener.event("attestation", attestation)
    _attempt(spec, checks, stage, listener, 1)
    for number in range(2, spec.repeats + 1):
        again, seed = f"{run_id}-{number}", attempt_seed(spec.seed, number)
        with open_stage(spec.connect, seed=seed, run_id=again, start=spec.start) as fresh:
            to_file.guard(fresh)
            _attempt(spec, checks, fresh, listener, number)


def _attempt(spec: AuditSpec, checks: Sequence[Check], stage: Stage, listener: Listener, number: int) -> None:
    seed = attempt_seed(spec.seed, number)
    if spec.repeats > 1:
        org = {"id": stage.crm.facts.id, "seed": stage.crm.facts.seed}
        listener.event("attempt", {"attempt": number, "of": spec.repeats, "seed": seed, "org": org})
    Campaign(
        checks, stage.line, stage.crm, stage.connection, stage.time, spec.profile,
        seed=seed, listener=listener, attempt=number,
    ).run()  # fmt: skip


def _keep_earlier(run_file: Path) -> None:
    """A run file is evidence and is never overwritten: an earlier one becomes run-1.ndjson, run-2.ndjson and so on."""
    if not run_file.exists():
        return
    kept = (re.fullmatch(rf"{run_file.stem}-(\d+)", path.stem) for path in run_file.parent.glob("*.ndjson"))
    number = 1 + max((int(match[1]) for match in kept if match), default=0)
    run_file.rename(run_file.with_stem(f"{run_file.stem}-{number}"))


def _header(
    spec: AuditSpec,
    catalogue: Catalogue,
    checks: Sequence[Check],
    stage: Stage,
    run_id: str,
    started: datetime,
) -> Header:
    plan = tuple(c.id for c in checks)
    facts = stage.crm.facts
    return Header(
        run_id=run_id,
        seed=spec.seed,
        started_at=started,
        versions={
            "harness": __version__,
            "catalogue": catalogue.checklist.version,
            "sandbox": facts.version,
            "contract": CONTRACT_VERSION,
            "python": platform.python_version(),
            "code": code_digest(),
        },
        contestant=contestant(spec.connect, stage.line.info),
        checklist=catalogue.checklist,
        packs=catalogue.packs,
        profile=spec.profile,
        org={
            "template": facts.template,
            "seed": facts.seed,
            "id": facts.id,
            "powers": sorted(p.value for p in facts.powers),
            "time": "virtual" if stage.time.virtual else "real",
        },
        plan=plan,
        plan_hash=plan_hash(catalogue.checklist, spec.profile, plan),
    )


def contestant(connect: str, info: AdapterInfo) -> Contestant:
    """Who is audited, as the run record keeps it."""
    return Contestant(
        vendor=info.vendor,
        product=info.product,
        version=info.version,
        style=info.style,
        connect=connect,
        capabilities={c.value: d.level.value for c, d in info.capabilities.items()},
        notes={c.value: d.note for c, d in info.capabilities.items() if d.note},
        cycle_seconds=info.cycle_seconds,
        declared_setup_minutes=info.declared_setup_minutes,
        sample=info.sample,
        artefact=artefact(connect),
        unverified=info.unverified,
    )
