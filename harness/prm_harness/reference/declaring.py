"""What a reference PRM says of itself: levels by capability, and its footprint in the CRM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prm_harness.adapter import Capability, CrmField, Declaration, Level, Prerequisites

from .shape.fields import EXTERNAL_ID


def declared(
    *,
    full: Iterable[Capability],
    partial: Mapping[Capability, str] | None = None,
    unreached: Mapping[Capability, str] | None = None,
    absent: Mapping[Capability, str] | None = None,
    virtual: bool,
) -> dict[Capability, Declaration]:
    """A level for every capability; what is not named is declared absent.

    Args:
        full: offered without a limit.
        partial: offered, with the limit that the buyer is told.
        unreached: the product has it, and it cannot be operated from here.
        absent: not offered, with the reason that the buyer is told.
        virtual: whether the instance is driven by ``elapse``.
    """
    levels = dict.fromkeys(Capability, Declaration(level=Level.UNSUPPORTED))
    levels |= dict.fromkeys(full, Declaration(level=Level.FULL))
    for level, notes in (
        (Level.PARTIAL, partial), (Level.NOT_IMPLEMENTED, unreached), (Level.UNSUPPORTED, absent),
    ):  # fmt: skip
        levels |= {one: Declaration(level=level, note=note) for one, note in (notes or {}).items()}
    if virtual:
        levels[Capability.VIRTUAL_TIME] = Declaration(level=Level.FULL)
    return levels


def footprint(keyed: Iterable[str], objects: Iterable[str], permissions: Iterable[str]) -> Prerequisites:
    """An external ID on each object that is created from the portal, and the permissions to use the API.

    Args:
        keyed: objects that get the external ID.
        objects: objects that the integration user must reach.
        permissions: user permissions besides that for the API.
    """
    fields = tuple(
        CrmField(
            sobject=kind, name=EXTERNAL_ID, type="string", length=80, external_id=True, label="External Id"
        )
        for kind in keyed
    )
    return Prerequisites(fields=fields, permissions=("ApiEnabled", *permissions), objects=tuple(objects))
