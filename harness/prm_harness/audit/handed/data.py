"""Records for checks: drawn from the run's seed, so that every vendor gets the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

from prm_harness.audit.tape import Tape
from prm_harness.record.digests import sha256

if TYPE_CHECKING:
    from prm_harness.audit.generated import DrawnField

T = TypeVar("T")

_COMPANIES: Final = (
    "Aldgate", "Brightwater", "Corvin", "Dunmore", "Eastlake", "Fairholm", "Greyfriars", "Hollis", "Inverley",
    "Jarrow", "Kestrel", "Lindqvist", "Marlowe", "Northcote", "Ostrava", "Penhale", "Quillan", "Rosenthal",
    "Stanmore", "Thornbury",
)  # fmt: skip
_TRADES: Final = ("Logistics", "Foods", "Robotics", "Energy", "Clinics", "Textiles", "Optics", "Marine")
_FIRST: Final = (
    "Ana",
    "Bo",
    "Chidi",
    "Dora",
    "Emil",
    "Farah",
    "Goran",
    "Hana",
    "Ivo",
    "June",
    "Kofi",
    "Lena",
)
_LAST: Final = (
    "Aydin",
    "Berg",
    "Costa",
    "Dahl",
    "Eze",
    "Faure",
    "Gray",
    "Hahn",
    "Ito",
    "Jansen",
    "Kaur",
    "Lund",
)

_ACTS: Final = (
    "call back about", "send the offer for", "ask again about", "prepare a visit for", "check the terms of",
    "agree a date for", "send references for", "write up the notes on", "plan the workshop on", "clear the budget for",
)  # fmt: skip
_MATTERS: Final = (
    "the pilot", "the roll-out", "the renewal", "the second site", "the training", "the upgrade", "the migration",
    "the tender", "the trade fair", "the new plant",
)  # fmt: skip


FORMS: Final = (
    "-{}", "-{:02}", "-{:03}", "-{:04}", ".{}", ".{:03}", " {:02}", " {:04}", ":{}", ":{:03}", " no {}", " no {:02}",
)  # fmt: skip
"""How a name goes on after the part that is unique: one of them in a run."""


def form_of(seed: int) -> str:
    """The form of names in the runs with that seed: no pattern fits the names of every run."""
    return FORMS[int(sha256(f"form:{seed}")[:8], 16) % len(FORMS)]


@dataclass(slots=True)
class Data:
    """Handed to each check as ``data``; ``random`` is seeded by the run's seed and the check's id.

    ``partner`` and ``other_partner`` are CRM ids of two active partner Accounts that exist before the PRM connects;
    ``customer`` is a customer Account. ``limits`` are the profile's thresholds, ``sizes`` its record counts. ``form`` is how names
    are numbered, see :func:`form_of`.
    """

    nonce: str
    random: random.Random
    today: date
    partner: str
    other_partner: str
    customer: str
    limits: Mapping[str, float]
    sizes: Mapping[str, int]
    cycle_seconds: float
    form: str = FORMS[0]
    tries: int = 0
    """Sync cycles that may be spent on making a failure smaller; 0 where a cycle takes too long for that."""
    _count: int = field(default=0)
    _tape: Tape | None = field(default=None)

    def given(
        self,
        name: str,
        draw: Callable[[], T],
        *,
        write: Callable[[T], Any] = lambda value: value,
        read: Callable[[Any], T] = lambda value: value,
    ) -> T:
        """A generated input under a name of its own: drawn now, or in a replay the one that the case holds.

        Args:
            name: what the case calls it.
            draw: makes it; called unless a case gives it.
            write: the value as JSON.
            read: the value from that JSON.
        """
        return draw() if self._tape is None else self._tape.given(name, draw, write, read)

    def reduced(self, name: str, smallest: Any, how: str, about: Collection[str] = ()) -> None:
        """The failure's case is to hold this instead: the smallest input, as JSON, that still fails.

        Args:
            name: the input's name, as given to :meth:`given`.
            smallest: what a replay shall be given.
            how: what was left out, in words.
            about: names of the records that the smallest input is about; the case keeps what was done with them.
        """
        if self._tape is not None:
            self._tape.reduce(name, smallest, how, about)

    def records(
        self, purpose: str, describe: Mapping[str, Mapping[str, Any]], fields: Iterable[str], count: int
    ) -> list[dict[str, Any]]:
        """Values for these fields, drawn by Hypothesis from the object's own schema; the same for every vendor.

        Among them are texts in every script and at the field's full length, signs that parsers stumble over, the greatest
        and the smallest numbers, leap days, clock changes and far time zones, and fields that are empty or left out. What
        the schema does not tell (rules, references) is the CRM's to refuse and the check's to fill.

        Args:
            purpose: the same purpose gives the same records, another one others.
            describe: the object's fields (``crm.describe``).
            fields: names of those to fill; what the object does not have, or nobody can write, is left out.
            count: how many records.
        """
        from prm_harness.audit.generated import draw_records

        return draw_records(describe, fields, f"{self.nonce}:{purpose}", count)

    def fields(
        self, purpose: str, count: int, *, types: Sequence[str] = (), choices: int = 3
    ) -> list[DrawnField]:
        """Custom fields to be added, drawn by Hypothesis; the same for every vendor.

        Types, lengths, scales, required or not, restricted or not, and choices with commas, quotes, markup, other scripts,
        semicolons where these are legal. Four of them hold a text, a number, a picklist and something else.

        Args:
            purpose: the same purpose gives the same fields, another one others, under other names.
            count: how many.
            types: only these types of the CRM.
            choices: how many choices a picklist has.
        """
        from prm_harness.audit.generated import draw_fields

        names = [self.api_name(f"{purpose} {number}") for number in range(count)]
        return draw_fields(f"{self.nonce}:{purpose}", names, types, odd=choices)

    def choices(self, purpose: str, count: int, *, multi: bool = False) -> list[str]:
        """Choices of a picklist as :meth:`fields` draws them.

        Args:
            purpose: the same purpose gives the same choices, another one others.
            count: how many, no two alike.
            multi: whether several can be chosen at once.
        """
        from prm_harness.audit.generated import draw_choices

        return draw_choices(f"{self.nonce}:{purpose}", count, multi=multi)

    def subsets(self, purpose: str, choices: Sequence[str], count: int) -> list[list[str]]:
        """What each of so many record types offers of a picklist: some, never all of several.

        Args:
            purpose: the same purpose gives the same subsets, another one others.
            choices: all of the picklist's.
            count: how many record types.
        """
        from prm_harness.audit.generated import draw_subsets

        return draw_subsets(f"{self.nonce}:{purpose}", choices, count)

    def name(self, label: str) -> str:
        """A name that occurs nowhere else: records are found again by it, whatever the portal made of them.

        Args:
            label: what the record is for, for whoever reads the check. It is not in the name: a product must not see which
                check is running. Empty: only the part that is unique, to be put behind a :meth:`label`.
        """
        return self._marked(self._company() if label else "")

    def label(self, purpose: str) -> str:
        """The start of a name by which rules and filters find what the check made, and by which nobody else knows it.

        Args:
            purpose: the same purpose gives the same label, another one another.
        """
        return f"{self._company(purpose)} {sha256(f'{self.nonce}:{purpose}')[:8]}"

    def text(self, purpose: str, *, length: int = 60) -> str:
        """What somebody types into a field of text: another one with every seed.

        Args:
            purpose: what the text is for, for whoever reads the check. The same purpose gives the same text, another one
                another; it is not in the text, by which a product could know the check.
            length: the most characters; what makes the text unlike others is among the first five.
        """
        number = int(sha256(f"{self.nonce}:text:{purpose}")[:12], 16)
        number, act = divmod(number, len(_ACTS))
        number, matter = divmod(number, len(_MATTERS))
        return f"{1_000 + number % 90_000} {_ACTS[act]} {_MATTERS[matter]}"[:length].strip()

    def phone(self, purpose: str) -> str:
        """A telephone number; the same purpose gives the same one."""
        return f"+44 20 {self.apart(f'phone {purpose}').randrange(10_000_000, 99_999_999)}"

    def api_name(self, purpose: str) -> str:
        """The name of a custom field or object that the check adds: another with every seed.

        Args:
            purpose: the same purpose gives the same name, another one another.
        """
        company = self._company(purpose).replace(" ", "_")
        return f"{company}_{sha256(f'{self.nonce}:{purpose}')[:3]}__c"

    def apart(self, purpose: str) -> Random:
        """A generator that follows from the seed and moves nothing that is drawn from ``random``.

        Args:
            purpose: the same purpose gives the same numbers, another one others.
        """
        return Random(f"{self.nonce}:{purpose}")  # noqa: S311 - repeatable, not secret

    def _marked(self, word: str) -> str:
        self._count += 1
        return f"{word} {self.nonce}{self.form.format(self._count)}"

    def _company(self, purpose: str = "") -> str:
        """A company's name that follows from the seed; not drawn, because drawing would change what is drawn after it."""
        number = int(sha256(f"{self.nonce}:{purpose or self._count}")[:8], 16)
        return f"{_COMPANIES[number % len(_COMPANIES)]} {_TRADES[number // 97 % len(_TRADES)]}"

    def deal(self, label: str = "Deal", **values: Any) -> dict[str, Any]:
        """An Opportunity as a partner would register it, at the customer Account."""
        return {
            "Name": self.name(label),
            "AccountId": self.customer,
            "StageName": "Qualification",
            "Amount": self.random.randrange(1_000, 250_000),
            "CloseDate": (self.today + timedelta(days=self.random.randrange(20, 300))).isoformat(),
        } | values

    def account(self, label: str = "", **values: Any) -> dict[str, Any]:
        """A customer Account."""
        if label:
            name = self.name(label)
        else:
            name = self._marked(f"{self.random.choice(_COMPANIES)} {self.random.choice(_TRADES)}")
        return {"Name": name, "Partner_Status__c": "Active"} | values

    def contact(self, account_id: str | None = None, **values: Any) -> dict[str, Any]:
        """A Contact; the last name carries the nonce."""
        return {
            "FirstName": self.random.choice(_FIRST),
            "LastName": self._marked(self.random.choice(_LAST)),
            "AccountId": account_id or self.customer,
        } | values

    def lead(self, **values: Any) -> dict[str, Any]:
        """An open Lead."""
        return {
            "FirstName": self.random.choice(_FIRST),
            "LastName": self._marked(self.random.choice(_LAST)),
            "Company": self._marked(f"{self.random.choice(_COMPANIES)} {self.random.choice(_TRADES)}"),
            "Status": "Open - Not Contacted",
        } | values
