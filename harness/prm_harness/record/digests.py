"""One way to write JSON down, and the digests taken over it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Final

from .model import Checklist, Model, Profile


def sha256(data: bytes | str) -> str:
    """Lower-case hex SHA-256; text is taken as UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """The one way in which a value is written down: sorted keys, no blanks, ASCII only.

    ASCII, because a run file travels by mail and through editors, and because text under test may hold lone
    surrogates, which UTF-8 cannot carry. Numbers that JSON lacks become the words that the models read back.

    Raises:
        TypeError: the value holds something that is not JSON.
    """
    try:
        text = _ENCODER.encode(value)
    except ValueError:  # a number that JSON lacks; looking for one in every value would take twice as long
        text = _ENCODER.encode(_finite(value))
    return text.encode("ascii")


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def plan_hash(checklist: Checklist, profile: Profile, plan: Sequence[str]) -> str:
    """Digest of what a run was going to be judged by, taken before anything is run.

    The buyer's name is left out: it decides nothing, and the same plan for two buyers is the same plan.
    """
    return sha256(
        canonical_json({"checklist": _plain(checklist), "profile": _judging(profile), "plan": list(plan)})
    )


def checklist_hash(checklist: Checklist) -> str:
    """Digest of the questions and checks, so that two catalogues under one version number are told apart."""
    return sha256(canonical_json(_plain(checklist)))


def profile_hash(profile: Profile) -> str:
    """Digest of everything in the profile that decides a verdict or a score."""
    return sha256(canonical_json(_judging(profile)))


def _plain(model: Model) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _judging(profile: Profile) -> dict[str, Any]:
    return profile.model_dump(mode="json", exclude={"buyer"})


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
