"""Whose org it is: a company and three people. Known ones for whoever looks around, others with every seed for an audit."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

PARTS: Final = ("System Administrator", "Standard User", "Integration User")
"""Profiles of the three people, in order."""

_COMPANIES: Final = (
    "northwind", "bluefield", "castellan", "deltaworks", "evergreen", "fabriko", "granit", "helvion",
)  # fmt: skip
_FIRST: Final = ("Ada", "Ben", "Carla", "Dmitri", "Elif", "Femi", "Greta", "Hugo", "Jonas", "Tove")
_LAST: Final = (
    "Almeida",
    "Brandt",
    "Chen",
    "Dufour",
    "Ekman",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanov",
    "Jensen",
)


@dataclass(frozen=True, slots=True)
class People:
    """A company, the instance that its org is on, and first and last names of admin, seller and integration user."""

    company: str
    instance: str
    names: tuple[tuple[str, str], ...]
    addresses: tuple[str, ...]


KNOWN: Final = People(
    company="Northwind",
    instance="CS1",
    names=(("Ada", "Admin"), ("Sam", "Sales"), ("Ines", "Integration")),
    addresses=tuple(f"{part}@northwind.example" for part in ("admin", "sales", "integration")),
)
"""The people of every org that is served or made by hand."""


def varied(seed: int) -> People:
    """People who follow from the seed: a product that is audited must not know beforehand whom it will meet."""
    dice = Random(f"people {seed}")  # noqa: S311 - names, not secrets
    company = dice.choice(_COMPANIES)
    names = tuple(zip(dice.sample(_FIRST, 3), dice.sample(_LAST, 3), strict=True))
    return People(
        company=company.title(),
        instance=f"CS{dice.randrange(2, 230)}",
        names=names,
        addresses=tuple(f"{first}.{last}@{company}.example".lower() for first, last in names),
    )
