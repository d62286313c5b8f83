"""What all parts of an org file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """Anything in an org file: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
