"""The mirror, with a defect in every second installation: what repeats are for."""

from __future__ import annotations

from itertools import count

from prm_harness.reference import mirror

_opened = count()


def create(**options: str):
    # An audit opens the adapter once an attempt; the second, the fifth … attempt meets the defect.
    defect = {"defect": "truncates-text-at-255"} if next(_opened) % 3 == 1 else {}
    return mirror.create(**options, **defect)


def broken(**options: str):
    """The mirror with an adapter that falls over at every submission."""
    made = mirror.create(**options)

    def submit(*_: object, **__: object) -> None:
        raise RuntimeError("the portal's API answered with a page of HTML")

    made.submit = submit
    return made
