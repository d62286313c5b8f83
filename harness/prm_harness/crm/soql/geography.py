"""``DISTANCE``: how far a record's place is from a point, or from another place of it (vendor documentation, location-based SOQL)."""

from __future__ import annotations

from prm_harness.crm.geography import RADII, distance
from prm_harness.crm.soql import literals
from prm_harness.crm.soql.columns import Column, Kind, compound_parts, quote
from prm_harness.crm.soql.faults import Problem, malformed
from prm_harness.crm.soql.scope import Scope, Table
from prm_harness.crm.soql.tree import Distance, Path

__all__ = ["distance", "distance_column"]


def distance_column(scope: Scope, call: Distance) -> Column:
    """The column of a ``DISTANCE``.

    Raises:
        Problem: a field that is no location or address; coordinates that are none on earth; another unit.
    """
    place, entity = _place(scope, call.place, call.at)
    if isinstance(call.point, Path):
        point, _ = _place(scope, call.point, call.at)
    else:
        latitude, longitude = call.point
        point = [
            scope.binds.literal(lambda raw, at: _degrees(raw, at, 90), latitude),
            scope.binds.literal(lambda raw, at: _degrees(raw, at, 180), longitude),
        ]
    radius = scope.binds.literal(_radius, call.unit)
    scope.context.extras.add("soql_distance")
    return Column(f"soql_distance({', '.join([*place, *point, radius])})", Kind.NUMBER, "DISTANCE", entity)


def _place(scope: Scope, path: Path, at: int) -> tuple[list[str], str]:
    """The columns of a location's, or an address's, latitude and longitude, and the object that has them."""
    parents, name = scope.climb(path)
    source = scope.source(parents, at)
    field = source.find(name, at) if isinstance(source, Table) else None
    parts = dict(compound_parts(source.obj, field)) if field and isinstance(source, Table) else {}
    if not isinstance(source, Table) or not {"latitude", "longitude"} <= parts.keys():
        raise Problem("INVALID_FIELD", f"field {name} does not support function DISTANCE", at)
    return [f"{source.alias}.{quote(parts[part].name)}" for part in ("latitude", "longitude")], source.entity


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
