"""Distances on the sphere. A pure room: degrees in, metres out."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984, p. 159)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((phi_b - phi_a) / 2) ** 2
    half += math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def coarse(lat: float, lon: float, cell_m: float) -> tuple[float, float]:
    """The middle of the cell of about `cell_m` metres around a point: near enough to see, too rough to follow."""
    step_lat = math.degrees(cell_m / EARTH_RADIUS_M)
    lat = max(-90.0, min(90.0, round(lat / step_lat) * step_lat))
    step_lon = step_lat / max(0.01, math.cos(math.radians(lat)))
    return lat, max(-180.0, min(180.0, round(lon / step_lon) * step_lon))
