"""What a defect is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MIRROR: Final = ("mirror",)
MAPPING: Final = ("native_mapping",)
IPAAS: Final = ("ipaas",)
BATCH: Final = ("batch_etl",)
WINDOW: Final = ("passthrough",)
COPIES: Final = MIRROR + MAPPING + IPAAS + BATCH
"""Styles with a store of their own, and so with two copies that can come to differ."""
ALL: Final = COPIES + WINDOW


@dataclass(frozen=True, slots=True)
class Defect:
    """One decision taken wrongly.

    Attributes:
        name: kebab-case, after what the developer got wrong.
        sentence: what the product does.
        checks: ids of the checks that must catch it.
        failure_modes: published failure modes (D1–D38) that it stands for; none where it is not about data.
        styles: integration styles that it can be planted in: where the machinery that it breaks is there.
        changes: fields of Policy, replaced.
    """

    name: str
    sentence: str
    checks: tuple[str, ...]
    failure_modes: tuple[str, ...] = ()
    styles: tuple[str, ...] = COPIES
    changes: Mapping[str, Any] = field(default_factory=dict)
