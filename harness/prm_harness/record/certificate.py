"""What a certificate adds to the runs that it rests on; everything else on its page is computed from them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from .model import Model

Assurance = Literal["self-declared", "witnessed", "reproduced"]
"""The vendor ran it; a buyer chose a seed and signed as well; a buyer ran it again."""


class Certificate(Model):
    """What a certificate adds to its runs: who vouches, how, and until when."""

    id: str = Field(description="as printed, for instance SC-2026-1120-7F3A")
    issued_on: date
    valid_until: date
    assurance: Assurance = "self-declared"
    signed_by: tuple[str, ...] = Field(
        default=(), description="fingerprints of the signing keys, the vendor's first; empty: not signed"
    )
    witness: str = Field(default="", description="who witnessed or reproduced it")
    waivers: int = Field(default=0, ge=0, description="waivers of the buyer that stood when it was issued")
    standing: Literal["valid", "expired", "revoked"] = "valid"
    standing_reason: str = Field(default="", description="why it was revoked, or since when it is expired")
    verify: str = Field(default="", description="the command that checks it")
