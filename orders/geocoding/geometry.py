"""Distances on the small plane around an address, in metres; points are (latitude, longitude) in degrees."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Sequence

Point = tuple[float, float]
METRES_PER_DEGREE = 111_195.0  # of latitude, on a sphere of 6,371 km


def distance_m(a: Point, b: Point) -> float:
    """Distance in metres; error < 0.5 % below 100 km away from the poles."""
    width = math.cos(math.radians((a[0] + b[0]) / 2)) * (a[1] - b[1])
    return METRES_PER_DEGREE * math.hypot(a[0] - b[0], width)


def along(points: Sequence[Point], share: float) -> Point:
    """The point after `share` (0..1) of the line's length."""
    lengths = [distance_m(a, b) for a, b in itertools.pairwise(points)]
    left = max(0.0, min(1.0, share)) * sum(lengths)
    for index, length in enumerate(lengths):
        if left <= length and length > 0:
            return between(points[index], points[index + 1], left / length)
        left -= length
    return points[-1]


def between(a: Point, b: Point, share: float) -> Point:
    """The point `share` (0..1) of the way from `a` to `b`."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def dense(points: Sequence[Point], step_m: float) -> list[Point]:
    """The points with others put between them so that none is farther than `step_m` from the next."""
    out = list(points[:1])
    for a, b in itertools.pairwise(points):
        pieces = min(200, math.ceil(distance_m(a, b) / step_m)) or 1
        out += [between(a, b, i / pieces) for i in range(1, pieces + 1)]
    return out


def middle(points: Sequence[Point]) -> Point:
    """The one of `points` that is nearest to their mean: it lies on the street, as the mean may not."""
    mean = sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
    return min(points, key=lambda p: (distance_m(p, mean), p))


def unpack(blob: bytes) -> list[Point]:
    """Points of an atlas column: little-endian int32 pairs of 1e-7 degrees."""
    flat = struct.unpack(f"<{len(blob) // 4}i", blob)
    return [(flat[i] / 1e7, flat[i + 1] / 1e7) for i in range(0, len(flat), 2)]
