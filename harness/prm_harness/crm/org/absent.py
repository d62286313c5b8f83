"""What a Salesforce org does and the sandbox's org does not: told in docs/reference/sandbox.md, and kept true by hand."""

from __future__ import annotations

from typing import Final

ABSENT: Final[tuple[tuple[str, str], ...]] = (
    (
        "Person accounts' child relationships, and PersonAccount in the Metadata API",
        "cases, tasks and campaigns of a person hang on PersonContactId; PersonCases and their like are not there",
    ),
    (
        "Sums that follow a change of rates or of the parent's currency",
        "roll-ups are told in the parent's currency, and computed again when a child is saved",
    ),
    (
        "Row locks between saves that nothing slows down",
        "saves happen one after another; those that set off automation which `takes` time hold their rows so long",
    ),
    (
        "Apex, approval processes, scheduled and asynchronous flows",
        "automation is field updates, new records and failures",
    ),
    (
        "Matching by likeness",
        "fuzzy duplicate rules compare without case, punctuation and legal forms, or match nothing",
    ),
    (
        "Territories, restriction rules, default teams",
        "rows are shared by default, role, rule, team, group and hand; implicit access has no share rows",
    ),
    (
        "Several roles a partner account",
        "partner users have one, below the role of their account's owner; an owner without a role is taken, too",
    ),
    ("Global value sets, translations", "each picklist has values of its own, in one language"),
    (
        "Formula globals but $User, $Profile, $UserRole, $RecordType, $Organization and $System",
        "a formula with another is refused as SANDBOX_GAP",
    ),
    ("Gap events after a field is retyped", "values change without an event, as they do without a date"),
    ("Limits on the number of fields, rules and objects", "an org never runs out of them"),
)
"""What is missing, and what there is instead."""
