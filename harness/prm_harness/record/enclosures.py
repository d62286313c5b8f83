"""What people hand in beside a run: the vendor's comment and the buyer's waivers. Neither changes a verdict or a score."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from .model import Model


class Comment(Model):
    """The vendor's own words about a run, printed as such."""

    said_by: str = Field(description="name and role of who speaks for the vendor")
    said_on: date | None = None
    text: str = ""
    checks: dict[str, str] = Field(
        default_factory=dict, description="check id -> what the vendor says about it"
    )


class Waiver(Model):
    """The buyer accepts how a check ended, for a reason and until a day. A note: it changes no verdict and no score."""

    check: str
    reason: str
    owner: str = Field(description="who accepts it")
    until: date


class Enclosures(Model):
    """Everything that is printed beside what was measured."""

    comment: Comment | None = None
    waivers: tuple[Waiver, ...] = ()

    def waived(self, check: str) -> Waiver | None:
        """The waiver of a check, or None."""
        return next((waiver for waiver in self.waivers if waiver.check == check), None)
