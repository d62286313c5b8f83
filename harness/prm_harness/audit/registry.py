"""Checks: one decorated generator function each, collected from packs that entry points name."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, fields, replace
from importlib import import_module, metadata, resources
from types import ModuleType
from typing import Any, Final, Literal

import yaml
from pydantic import ValidationError

from prm_harness.adapter.records import Capability
from prm_harness.crm.backend import Power
from prm_harness.record.model import AttestedQuestion, Checklist, CheckPlan, Pack, Part

from .barriers import Barrier, Pause, Settled

Course = Generator[Barrier | Pause, Settled, None]
"""What a check's function returns: it yields barriers and is sent how each was passed."""

Body = Callable[..., Course]
Stage = Literal["before_connect", "shared", "alone"]

ENTRY_POINTS: Final = "prm_harness.checks"
GUIDE: Final = "guide"
"""The entry point of the catalogue itself; every other one of the group is a user's own pack."""

_PACK_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
HANDED: Final = frozenset({"crm", "prm", "evidence", "data"})
_MARK: Final = "__prm_check__"


class CatalogueError(Exception):
    """The catalogue cannot be used: which check or file, what is wrong with it, what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """What else a buyer is told of a check (a pack's ``findings.yaml``); every part may be missing.

    ``good`` is what a pass means for the business; ``partial`` and the others are whole sentences, and ``{name}`` is
    filled from the evidence's facts, ``{right}`` and ``{of}`` from the share that was right.
    """

    good: str = ""
    partial: str = ""
    unsupported: str = ""
    open: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check as registered; ``body`` is the generator function."""

    id: str
    question: str
    title: str
    body: Body
    effects: tuple[str, ...]
    needs: frozenset[Capability]
    uses: frozenset[Capability]
    kinds: frozenset[str]
    powers: frozenset[Power]
    stage: Stage
    weight: float
    revision: int
    catches: tuple[str, ...]
    passed: str
    failed: str
    words: Words = Words()

    @property
    def plan(self) -> CheckPlan:
        """What the run record says about it."""
        return CheckPlan(
            id=self.id,
            question=self.question,
            title=self.title,
            weight=self.weight,
            revision=self.revision,
            stage=self.stage,
            needs=tuple(sorted(self.needs)),
            powers=tuple(sorted(self.powers)),
            effects=self.effects,
            catches=self.catches,
            doc=inspect.cleandoc(self.body.__doc__ or ""),
        )


def check(
    id: str,  # noqa: A002 - the field's own word
    *,
    question: str,
    title: str,
    effects: Iterable[str],
    passed: str,
    failed: str,
    needs: Iterable[Capability | str] = (),
    uses: Iterable[Capability | str] = (),
    kinds: Iterable[str] = (),
    powers: Iterable[Power | str] = (),
    stage: Stage = "shared",
    weight: float = 1,
    revision: int = 1,
    catches: Iterable[str] = (),
) -> Callable[[Body], Body]:
    """Register a check.

    Args:
        id: permanent, as in the catalogue.
        question: the checklist question whose weight it shares.
        title: the sentence that it proves.
        effects: what must have been seen to happen; if one was not, a pass becomes *inconclusive*.
        passed: the finding for the buyer when it passed; ``{name}`` is filled from the evidence's facts.
        failed: the finding when it failed or was partly right; names the figure and what it means for the business.
        needs: adapter capabilities beyond the core; anything else that the check calls is refused as our own fault.
        uses: capabilities that it calls only where ``prm.offers`` them: a portal that refuses a bad deal at once needs
            no error log to be honest.
        kinds: sObjects that the portal must carry; one that it does not is *unsupported*.
        powers: CRM powers; without one of them the check is not run.
        stage: ``before_connect`` (it seeds history, then yields ``connected``), ``shared``, or ``alone`` (it needs
            the CRM to itself: faults, quota, schema change).
        weight: share inside the question, relative to the question's other checks.
        revision: raised when the check's behaviour changes.
        catches: defects of the reference PRMs on which it is proved.

    Raises:
        CatalogueError: no docstring, not a generator function, or an unknown parameter, capability or power.
    """

    def register(body: Body) -> Body:
        where = f"check {id} ({body.__module__}.{body.__name__})"
        if not (body.__doc__ or "").strip():
            raise CatalogueError(
                f"{where} has no docstring: say what is done, why a buyer cares, how it is judged"
            )
        if not inspect.isgeneratorfunction(body):
            raise CatalogueError(
                f"{where} is not a generator: yield settled (or connected) between act and assert"
            )
        unknown = set(inspect.signature(body).parameters) - HANDED
        if unknown:
            raise CatalogueError(f"{where} asks for {sorted(unknown)}; a check is handed {sorted(HANDED)}")
        try:
            entry = Check(
                id, question, title, body, tuple(sorted(effects)), frozenset(map(Capability, needs)),
                frozenset(map(Capability, uses)), frozenset(kinds), frozenset(map(Power, powers)), stage, weight, revision, tuple(catches), passed, failed,
            )  # fmt: skip
        except ValueError as error:
            raise CatalogueError(f"{where}: {error}") from error
        if not entry.effects:
            raise CatalogueError(
                f"{where} declares no effects: it could pass without anything having happened"
            )
        setattr(body, _MARK, entry)
        return body

    return register


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The checklist and its checks, in checklist order; beside them the users' own packs."""

    checklist: Checklist
    checks: tuple[Check, ...]
    packs: tuple[Pack, ...] = ()
    own: tuple[Check, ...] = ()
    """The checks of the packs; their ids begin with the pack's name."""

    @property
    def all(self) -> tuple[Check, ...]:
        """Everything that can be run."""
        return (*self.checks, *self.own)

    def select(self, ids: Iterable[str] | None) -> tuple[Check, ...]:
        """The checks named (all when None).

        Raises:
            CatalogueError: an id that no check has.
        """
        if ids is None:
            return self.all
        wanted = list(ids)
        by_id = {c.id: c for c in self.all}
        for name in wanted:
            if name not in by_id:
                raise CatalogueError(
                    f"no check {name!r}; `prm-harness checks` lists them: {', '.join(by_id)}"
                )
        return tuple(c for c in self.all if c.id in wanted)


def load_catalogue(*, packs: bool = True) -> Catalogue:
    """The built-in guide and its checks, found through the same entry point that any pack uses, and those packs.

    Args:
        packs: whether the users' own packs are collected as well.

    Raises:
        CatalogueError: no pack with a guide is installed, or a pack breaks a rule of the catalogue.
    """
    found = sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)
    guides = [entry.load() for entry in found if entry.name == GUIDE]
    if not guides:
        raise CatalogueError(
            f"no pack named 'guide' in the entry points {ENTRY_POINTS}: reinstall prm-harness"
        )
    catalogue = assemble(guides[0])
    for entry in found if packs else ():
        if entry.name != GUIDE:
            catalogue = _with_pack(catalogue, entry)
    return catalogue


def _with_pack(catalogue: Catalogue, entry: metadata.EntryPoint) -> Catalogue:
    """The catalogue with a user's pack beside it."""
    where = f"the pack {entry.name!r} ({entry.value})"
    if not _PACK_NAME.fullmatch(entry.name) or any(pack.name == entry.name for pack in catalogue.packs):
        raise CatalogueError(
            f"{where}: an entry point of {ENTRY_POINTS} is called by small letters, digits and hyphens, each name once"
        )
    try:
        pack = entry.load()
    except Exception as error:
        raise CatalogueError(
            f"{where} cannot be imported: {type(error).__name__}: {error}; mend or uninstall it, or leave packs out "
            "(--no-packs, under pytest --prm-no-packs)"
        ) from error
    if not hasattr(pack, "__path__"):
        raise CatalogueError(f"{where} is a module; name the package (folder) that holds modules with checks")
    told = _words(pack)
    own = [
        replace(one, id=f"{entry.name}.{one.id}", words=told.get(one.id, Words())) for one in _checks_of(pack)
    ]
    if not own:
        raise CatalogueError(f"{where} holds no check: decorate a generator function with prm_harness.check")
    ids = [one.id for one in own]
    if doubled := sorted({one for one in ids if ids.count(one) > 1}):
        raise CatalogueError(f"{where} has several checks called {', '.join(doubled)}")
    version = entry.dist.version if entry.dist is not None else ""
    plans = Pack(name=entry.name, version=version, checks=tuple(one.plan for one in own))
    return replace(catalogue, packs=(*catalogue.packs, plans), own=(*catalogue.own, *own))


def assemble(pack: ModuleType) -> Catalogue:
    """A pack's ``guide.yaml`` and the checks of its modules, held against each other."""
    source = resources.files(pack) / "guide.yaml"
    try:
        guide = yaml.safe_load(source.read_text(encoding="utf-8"))
        parts = tuple(Part.model_validate(p) for p in guide["parts"])
        attested = tuple(AttestedQuestion.model_validate(a) for a in guide.get("attested", ()))
    except (OSError, KeyError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise CatalogueError(f"{pack.__name__}/guide.yaml cannot be read: {error}") from error
    order = {q.id: n for n, q in enumerate(q for part in parts for q in part.questions)}
    for asked in attested:
        if asked.question not in order:
            raise CatalogueError(
                f"attested question {asked.id} names {asked.question}, which guide.yaml does not have"
            )
    told = _words(pack)
    found: dict[str, Check] = {}
    for registered in _checks_of(pack):
        entry = replace(registered, words=told.get(registered.id, Words()))
        if entry.question not in order:
            raise CatalogueError(
                f"check {entry.id} names question {entry.question}, which guide.yaml does not have"
            )
        twin = found.get(entry.id)
        if twin is not None:
            raise CatalogueError(f"check id {entry.id} is used twice: {_place(twin)} and {_place(entry)}")
        found[entry.id] = entry
    checks = tuple(sorted(found.values(), key=lambda c: (order[c.question], len(c.id), c.id)))
    checklist = Checklist(
        version=str(guide["version"]),
        source=guide["source"],
        parts=parts,
        checks=tuple(c.plan for c in checks),
        attested=attested,
        not_tested_yet={k: v for k, v in guide.get("not_tested_yet", {}).items() if k not in found},
    )
    return Catalogue(checklist, checks)


def _words(pack: ModuleType) -> dict[str, Words]:
    """Check id -> what its ``findings.yaml`` says besides; a pack need not have one."""
    source = resources.files(pack) / "findings.yaml"
    if not source.is_file():
        return {}
    known = {part.name for part in fields(Words)}
    try:
        given = yaml.safe_load(source.read_text(encoding="utf-8"))
        told = {str(check): Words(**parts) for check, parts in given.items()}
    except (OSError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise CatalogueError(
            f"{pack.__name__}/findings.yaml cannot be read: {error}; under each check id stand {', '.join(sorted(known))}"
        ) from error
    if wrong := [
        check for check, parts in given.items() if not all(isinstance(v, str) for v in parts.values())
    ]:
        raise CatalogueError(
            f"{pack.__name__}/findings.yaml: {', '.join(map(str, wrong))} holds what is no text"
        )
    return told


def _checks_of(pack: ModuleType) -> Iterable[Check]:
    for info in sorted(pkgutil.iter_modules(pack.__path__), key=lambda m: m.name):
        module = import_module(f"{pack.__name__}.{info.name}")
        for value in vars(module).values():
            if (
                isinstance(entry := getattr(value, _MARK, None), Check)
                and value.__module__ == module.__name__
            ):
                yield entry


def check_of(function: Any) -> Check | None:
    """The check that a function was registered as, or None."""
    entry = getattr(function, _MARK, None)
    return entry if isinstance(entry, Check) else None


def _place(entry: Check) -> str:
    return f"{entry.body.__module__}.{entry.body.__name__}"
