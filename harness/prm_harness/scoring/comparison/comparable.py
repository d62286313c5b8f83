"""What two runs must share before they are compared (scoring.md), and what a reader should know when they do not."""

from __future__ import annotations

from prm_harness.record.digests import checklist_hash, profile_hash
from prm_harness.record.model import Header, Profile
from prm_harness.scoring.ranking import NotComparableError

from .model import Basis


def demand_comparable(before: Header, after: Header) -> tuple[Basis, ...]:
    """What the runs share and what not.

    The catalogue's version must be the same; single checks may be new, removed or revised under it, and are told one by
    one. Another release of the product or of the harness is the reason why somebody compares, and is only shown.

    Raises:
        NotComparableError: catalogue, weights, limits, amounts of data, org or seed differ; says which and how.
    """
    basis = tuple(
        Basis(name=name, before=one, after=other, needed=needed)
        for (name, one, needed), (_, other, _) in zip(_facts(before), _facts(after), strict=True)
    )
    differing = [row for row in basis if row.needed and not row.same]
    if differing:
        words = "; ".join(_difference(row, before.profile, after.profile) for row in differing)
        raise NotComparableError(
            f"these runs cannot be compared, they differ in {words}. "
            "Make the baseline again with the same catalogue, profile, org and seed"
        )
    return basis


def _facts(header: Header) -> list[tuple[str, str, bool]]:
    """Name, value, whether it must be the same."""
    profile = header.profile
    return [
        ("seed", str(header.seed), True),
        ("profile", f"{profile.name} {profile_hash(profile)[:8]}", True),
        ("catalogue", header.checklist.version, True),
        ("org", f"{header.org.get('template', '?')}, seed {header.org.get('seed', '?')}", True),
        ("checks", checklist_hash(header.checklist)[:8], False),
        ("own checks", _packs(header), False),
        ("harness", header.versions.get("harness", "?"), False),
        ("sandbox", header.versions.get("sandbox", "?"), False),
        ("product", header.contestant.product, False),
        ("clock", str(header.org.get("time", "?")), False),
        ("CRM powers", ", ".join(map(str, header.org.get("powers", []))), False),
    ]


def _packs(header: Header) -> str:
    return ", ".join(f"{pack.name} {pack.version}".strip() for pack in header.packs) or "none"


def _difference(row: Basis, before: Profile, after: Profile) -> str:
    if row.name != "profile" or before.name != after.name:
        return f"{row.name}: {row.before} → {row.after}"
    return f"profile {before.name}: " + ", ".join(_profile_differences(before, after))


def _profile_differences(before: Profile, after: Profile) -> list[str]:
    told = []
    for part in ("weights", "thresholds", "data", "not_needed"):
        one, other = getattr(before, part), getattr(after, part)
        changed = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        if changed:
            key = changed[0]
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            told.append(
                f"{part.replace('_', ' ')} ({key}: {one.get(key, 'none')} → {other.get(key, 'none')}{more})"
            )
    if before.knock_outs != after.knock_outs:
        told.append("knock-outs")
    return told or ["whether it is the published one"]
