"""Places on earth and how far they are apart."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

RADII: Final = {"mi": 3958.7613, "km": 6371.0088}
"""The earth's mean radius by unit."""


class Place(NamedTuple):
    """Degrees of latitude and longitude."""

    latitude: float
    longitude: float


def distance(
    latitude: float | None, longitude: float | None, to_latitude: float, to_longitude: float, radius: float
) -> float | None:
    """The way along the great circle, in the radius's unit (haversine); none from a place without coordinates."""
    if latitude is None or longitude is None:
        return None
    phi, to_phi = radians(latitude), radians(to_latitude)
    across, along = to_phi - phi, radians(to_longitude - longitude)
    half = sin(across / 2) ** 2 + cos(phi) * cos(to_phi) * sin(along / 2) ** 2
    return 2 * radius * asin(sqrt(min(1.0, half)))
