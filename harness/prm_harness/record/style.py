"""The integration style that a run saw, from behaviour and not from a brochure, beside the one that was claimed."""

from __future__ import annotations

from pydantic import Field

from .model import Model


class StyleSign(Model):
    """One thing that was watched."""

    sign: str = Field(description="reading, cadence, fields, schema, batches or footprint; ids are permanent")
    seen: str = Field(description="what was seen, as a sentence with its figures")
    speaks_for: tuple[str, ...] = Field(
        default=(), description="styles that do so; empty: it tells nothing of the style"
    )


class StyleSeen(Model):
    """What the signs add up to."""

    claimed: str = Field(description="the style that the adapter declares")
    seen: tuple[str, ...] = Field(
        default=(),
        description="the style that most signs speak for; several when they tell no more; none: too little was seen",
    )
    signs: tuple[StyleSign, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Whether the claim is among what was seen; None when nothing can be said."""
        if not self.seen or self.claimed == "unknown":
            return None
        return self.claimed in self.seen

    @property
    def words(self) -> str:
        """What was seen, in words: "native mapping or ipaas", "not enough was seen"."""
        return " or ".join(one.replace("_", " ") for one in self.seen) or "not enough was seen"
