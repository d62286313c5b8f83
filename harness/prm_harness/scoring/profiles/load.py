"""Loading a profile: a shipped one by name, or a buyer's file laid over the shipped one that it extends."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any, Final

import yaml

from prm_harness.record.model import Profile

from .source import ProfileError, Source, read_yaml

KNOCK_OUT_LIMIT: Final = 8
"""More must-haves than this stop being must-haves (scoring.md)."""

_KEYS: Final = ("extends", "buyer", "weights", "knock_outs", "thresholds", "data", "not_needed")


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the product."""
    return ("smb", "mid-market", "enterprise")


def load_profile(name_or_path: str | Path, *, checks: Collection[str] | None = None) -> Profile:
    """A complete profile.

    Args:
        name_or_path: ``smb``, ``mid-market``, ``enterprise``, or the path of a YAML file that ``extends`` one of them.
        checks: ids of the catalogue; when given, a buyer's file may name no others.

    Raises:
        ProfileError: one line: which file and key, what is wrong, what to do.
    """
    name = str(name_or_path)
    if name in shipped_profiles():
        return _shipped(name)
    path = Path(name_or_path)
    if not path.is_file():
        raise ProfileError(
            f"{name}: no such profile or file; " + Source.advice(name, shipped_profiles(), "shipped profiles")
        )
    source = Source(name)
    return _overlay(source, read_yaml(source, path.read_bytes()), checks)


def _shipped(name: str) -> Profile:
    text = (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
    return Profile.model_validate({"name": name, **yaml.safe_load(text)})


def _overlay(source: Source, given: dict[str, Any], checks: Collection[str] | None) -> Profile:
    source.known("", given, _KEYS, "keys")
    base = _base(source, given)
    profile = Profile(
        name=base.name,
        buyer=source.text("buyer", given.get("buyer", "")),
        weights=_weights(source, given, base),
        knock_outs=_knock_outs(source, given, base),
        thresholds={**base.thresholds, **_limits(source, given, base.thresholds)},
        data={**base.data, **_amounts(source, given, base.data)},
        not_needed=_not_needed(source, given),
    )
    _no_contradiction(source, profile)
    if checks is not None:
        source.known("not_needed", profile.not_needed, checks, "checks")
        # The shipped knock-outs may name a check that is not built yet: it counts as unjudged, not as a typing mistake.
        if "knock_outs" in given:
            source.known("knock_outs", chain.from_iterable(profile.knock_outs), checks, "checks")
    same = profile.model_copy(update={"buyer": base.buyer}) == base
    return profile.model_copy(update={"customised": not same})


def _base(source: Source, given: dict[str, Any]) -> Profile:
    names = ", ".join(shipped_profiles())
    if "extends" not in given:
        raise source.error("extends", f"is missing; say which profile this one changes: {names}")
    name = source.text("extends", given["extends"])
    source.known("extends", [name], shipped_profiles(), "shipped profiles")
    return _shipped(name)


def _weights(source: Source, given: dict[str, Any], base: Profile) -> dict[str, float]:
    section = source.mapping("weights", given.get("weights", {}))
    source.known("weights", section, base.weights, "questions")
    changed = {question: source.number(f"weights.{question}", value) for question, value in section.items()}
    weights = {**base.weights, **changed}
    total = math.fsum(weights.values())
    if abs(total - 100) > 1e-6:
        verb = "take off" if total > 100 else "add"
        raise source.error(
            "weights",
            f"add up to {total:g} over all {len(weights)} questions, not to 100; "
            f"{verb} {abs(total - 100):g} (those left out keep the weights of {base.name!r})",
        )
    return weights


def _knock_outs(source: Source, given: dict[str, Any], base: Profile) -> tuple[tuple[str, ...], ...]:
    if "knock_outs" not in given:
        return base.knock_outs
    groups = []
    for number, item in enumerate(source.list("knock_outs", given["knock_outs"])):
        key = f"knock_outs[{number}]"
        group = tuple(source.text(key, check) for check in (item if isinstance(item, list) else [item]))
        if not all(group):
            raise source.error(key, "names no check; write a check id such as E1, or a list of them")
        if not group:
            raise source.error(key, "is an empty group; name its checks or leave it out")
        groups.append(group)
    return tuple(groups)


def _limits(source: Source, given: dict[str, Any], base: Mapping[str, float]) -> dict[str, float]:
    section = source.mapping("thresholds", given.get("thresholds", {}))
    source.known("thresholds", section, base, "thresholds")
    return {key: source.number(f"thresholds.{key}", value) for key, value in section.items()}


def _amounts(source: Source, given: dict[str, Any], base: Mapping[str, int]) -> dict[str, int]:
    section = source.mapping("data", given.get("data", {}))
    source.known("data", section, base, "amounts")
    return {key: source.whole_number(f"data.{key}", value) for key, value in section.items()}


def _not_needed(source: Source, given: dict[str, Any]) -> dict[str, str]:
    section = source.mapping("not_needed", given.get("not_needed", {}))
    reasons = {check: source.text(f"not_needed.{check}", reason).strip() for check, reason in section.items()}
    for check, reason in reasons.items():
        if not reason:
            raise source.error(f"not_needed.{check}", "gives no reason; say why the buyer does not need it")
    return reasons


def _no_contradiction(source: Source, profile: Profile) -> None:
    if len(profile.knock_outs) > KNOCK_OUT_LIMIT:
        raise source.error(
            "knock_outs",
            f"are {len(profile.knock_outs)}, at most {KNOCK_OUT_LIMIT} are allowed; "
            "keep those without which you would not buy",
        )
    seen: set[str] = set()
    for check in chain.from_iterable(profile.knock_outs):
        if check in seen:
            raise source.error("knock_outs", f"name {check} twice; keep one")
        if check in profile.not_needed:
            raise source.error(
                f"not_needed.{check}", "is a knock-out of this profile as well; take it out of one of the two"
            )
        seen.add(check)
