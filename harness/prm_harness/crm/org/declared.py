"""Rules that admins declare as data: duplicate rules and automation. What they do is in ``effects``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import Node, references


class OnDuplicate(StrEnum):
    """What a duplicate rule does with a match; ``allow`` saves it without a word."""

    BLOCK = "block"
    ALERT = "alert"
    ALLOW = "allow"


DUPLICATE_MESSAGE = "You're creating a duplicate record. We recommend you use an existing record instead."
"""The text of the standard rules (contract §6.2)."""


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Records that agree in all ``fields`` are duplicates; empty fields agree with nothing (contract §6.2).

    ``against`` is the object whose records are looked at (its own when empty), ``against_fields`` their fields in the
    same order when they are called otherwise. ``fuzzy`` compares without case, punctuation and legal forms, and the
    digits of phone numbers only. ``condition`` is a formula: the rule holds for records of which it is true.
    """

    name: str
    fields: tuple[str, ...]
    on_create: OnDuplicate = OnDuplicate.BLOCK
    on_update: OnDuplicate = OnDuplicate.BLOCK
    message: str = DUPLICATE_MESSAGE
    against: str = ""
    against_fields: tuple[str, ...] = ()
    fuzzy: bool = False
    matching_rule: str = ""
    condition: str = ""
    active: bool = True


class Timing(StrEnum):
    """When automation runs in a save (contract §5.1).

    ``before_save`` writes into the record that is being saved, before validation rules. The others run once it is
    written: ``assignment`` rules choose an owner (the first that holds wins), ``workflow`` updates fields without
    asking validation rules again, ``after_save`` saves anew, as a flow's Update Records does. ``before_delete`` runs
    when a record is about to go.
    """

    BEFORE_SAVE = "before_save"
    ASSIGNMENT = "assignment"
    WORKFLOW = "workflow"
    AFTER_SAVE = "after_save"
    BEFORE_DELETE = "before_delete"


@dataclass(frozen=True, slots=True)
class SharingRule:
    """Opens records to a group (contract §11): those owned by members of another group, or those that meet a formula.

    Attributes:
        name: API name.
        shared_with: id of the group.
        level: ``Read`` or ``Edit``.
        owned_by: id of the group or queue whose members' records are shared; empty where ``condition`` chooses.
        condition: a formula: records of which it is true are shared.
        children: of an account: what it opens of its deals, cases and contacts: object → None, Read or Edit.
        active: whether it works.
    """

    name: str
    shared_with: str
    level: str = "Read"
    owned_by: str = ""
    condition: str = ""
    children: Mapping[str, str] = field(default_factory=dict)
    active: bool = True


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that a flow creates: field → formula over the record that set it off."""

    sobject: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    """Automation that a save of a record sets off.

    Attributes:
        name: API name; ``label`` is what refusals call it.
        timing: When it runs.
        on_create: Whether new records set it off.
        on_update: Whether changed records do.
        condition: A formula; with ``ISCHANGED``, ``PRIORVALUE`` and ``ISNEW`` as in a validation rule. Empty: always.
        only_when_it_becomes_true: On update, not for records that met the condition before.
        updates: Field → formula for its new value; ``Account.Rating`` reaches a parent's field (after the save).
        creates: Records to create (after the save).
        takes: Seconds that it runs: so long the save holds the rows that it locks (``locks``).
        fails: What goes wrong in it: the save is refused with CANNOT_EXECUTE_FLOW_TRIGGER and this text.
        active: Whether it runs at all.
    """

    name: str
    timing: Timing = Timing.AFTER_SAVE
    label: str = ""
    on_create: bool = True
    on_update: bool = True
    condition: str = ""
    only_when_it_becomes_true: bool = False
    updates: Mapping[str, str] = field(default_factory=dict)
    creates: tuple[NewRecord, ...] = ()
    fails: str = ""
    takes: float = 0.0
    active: bool = True

    @property
    def title(self) -> str:
        """Its label, or the name when it has none."""
        return self.label or self.name.replace("_", " ")

    @property
    def formulas(self) -> tuple[str, ...]:
        """Every formula in it."""
        made = (text for new in self.creates for text in new.values.values())
        return tuple(text for text in (self.condition, *self.updates.values(), *made) if text)

    def uses(self, name: str) -> bool:
        """Whether it reads or writes a field of its object, by API or relationship name."""
        low = name.lower()
        written = {path.partition(".")[0].lower() for path in self.updates}
        read = {path[0].lower() for text in self.formulas for path in references(parse(text))}
        return low in written | read


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow with its formulas parsed."""

    flow: Flow
    condition: Node | None
    updates: tuple[tuple[str, Node], ...]
    creates: tuple[tuple[str, tuple[tuple[str, Node], ...]], ...]


def compiled(flow: Flow) -> CompiledFlow:
    """The flow ready to run. Its formulas have been checked when it was made."""
    return CompiledFlow(
        flow,
        parse(flow.condition) if flow.condition else None,
        tuple((path, parse(text)) for path, text in flow.updates.items()),
        tuple(
            (new.sobject, tuple((name, parse(text)) for name, text in new.values.items()))
            for new in flow.creates
        ),
    )


@dataclass(frozen=True, slots=True)
class Match:
    """What a duplicate rule found: the rule of object ``owner``, and the records of object ``entity`` that agree."""

    owner: str
    rule: DuplicateRule
    action: OnDuplicate
    entity: str
    ids: tuple[str, ...]
    records: tuple[Mapping[str, Any], ...] = ()
