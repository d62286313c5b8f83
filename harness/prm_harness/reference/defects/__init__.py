"""Small realistic defects, each a product with one decision replaced: what a check must catch."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from prm_harness.reference.policy import Policy

from .model import Defect
from .people import PEOPLE
from .reading import READING
from .values import VALUES
from .writing import WRITING

__all__ = ["DEFECTS", "Defect", "policy_with"]

DEFECTS: Final = {defect.name: defect for defect in (*READING, *WRITING, *VALUES, *PEOPLE)}
"""Every defect by its name."""


def policy_with(name: str | None, style: str, **habits: Any) -> Policy:
    """The sound policy, or the one with a defect planted.

    Args:
        name: a defect's name, None for the sound product.
        style: the integration style that asks.
        habits: fields of Policy that the style decides otherwise; a defect comes on top of them.

    Raises:
        ValueError: no such defect, or not one of this style.
    """
    if name is None:
        return replace(Policy(), **habits)
    defect = DEFECTS.get(name)
    if defect is None:
        close = get_close_matches(name, DEFECTS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f" (known: {', '.join(sorted(DEFECTS))})"
        raise ValueError(f"there is no defect {name!r}{hint}")
    if style not in defect.styles:
        raise ValueError(f"defect {name!r} is one of {' and '.join(defect.styles)}, not of {style}")
    return replace(Policy(), **{**habits, **defect.changes})
