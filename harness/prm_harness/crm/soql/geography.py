"""``DISTANCE``: how far a record's place is from a point (vendor documentation, location-based SOQL)."""

from __future__ import annotations

from prm_harness.crm.geography import RADII, distance
from prm_harness.crm.soql import literals
from prm_harness.crm.soql.columns import Column, Kind, compound_parts, quote
from prm_harness.crm.soql.faults import Problem, malformed
from prm_harness.crm.soql.scope import Scope, Table
from prm_harness.crm.soql.tree import Distance

__all__ = ["distance", "distance_column"]


def distance_column(scope: Scope, call: Distance) -> Column:
    """The column of a ``DISTANCE``.

    Raises:
        Problem: a field that is no location or address; coordinates that are none on earth; another unit.
    """
    parents, name = scope.climb(call.place)
    source = scope.source(parents, call.at)
    field = source.find(name, call.at) if isinstance(source, Table) else None
    parts = dict(compound_parts(source.obj, field)) if field and isinstance(source, Table) else {}
    if not isinstance(source, Table) or not {"latitude", "longitude"} <= parts.keys():
        raise Problem("INVALID_FIELD", f"field {name} does not support function DISTANCE", call.at)
    place = [f"{source.alias}.{quote(parts[part].name)}" for part in ("latitude", "longitude")]
    point = [
        scope.binds.literal(lambda raw, at: _degrees(raw, at, 90), call.latitude),
        scope.binds.literal(lambda raw, at: _degrees(raw, at, 180), call.longitude),
        scope.binds.literal(_radius, call.unit),
    ]
    scope.context.extras.add("soql_distance")
    return Column(f"soql_distance({', '.join([*place, *point])})", Kind.NUMBER, "DISTANCE", source.entity)


def _degrees(raw: str, at: int, most: int) -> float:
    value = float(raw)
    if abs(value) > most:
        raise Problem("INVALID_FIELD", f"GEOLOCATION takes degrees from -{most} to {most}, not {raw}", at)
    return value


def _radius(raw: str, at: int) -> float:
    unit = literals.text(raw, at)
    if unit not in RADII:
        raise malformed(f"Invalid unit for DISTANCE: {unit}. Use 'mi' or 'km'", at)
    return RADII[unit]
