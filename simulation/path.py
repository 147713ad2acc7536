"""A line along the roads: how far along it things are, and what is where on it. A pure room.

Points are (latitude, longitude) in degrees (WGS 84), lengths metres. On the scale of a route the earth is flat enough
for a plane whose east–west scale is that of the line's middle latitude (error below 0.1 % within 50 km).
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
METRES_A_DEGREE = 111_195.0
"""Of latitude on a sphere with the earth's mean radius, 6,371,008.8 m."""
NEAR_M = 40.0
"""Places on the line this much farther from a stop than the nearest one may still be where the van stops."""
OFF_PLAN_WEIGHT = 0.02


def decode(text: str) -> list[Point]:
    """An encoded polyline with five decimals (Google's Encoded Polyline Algorithm Format). Raises `ValueError`."""
    numbers: list[int] = []
    bits = shift = 0
    for character in text:
        value = ord(character) - 63
        if not 0 <= value < 64:
            raise ValueError(f"{character!r} does not belong in an encoded polyline")
        bits |= (value & 0x1F) << shift
        shift += 5
        if value < 0x20:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = shift = 0
    if shift or len(numbers) % 2:
        raise ValueError("the encoded polyline is cut short")
    points: list[Point] = []
    lat = lon = 0
    for index in range(0, len(numbers), 2):
        lat, lon = lat + numbers[index], lon + numbers[index + 1]
        points.append((lat / 1e5, lon / 1e5))
    return points


def distance_m(a: Point, b: Point) -> float:
    """Straight distance."""
    east = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(b[0] - a[0], east) * METRES_A_DEGREE


def heading(a: Point, b: Point) -> float:
    """Direction from a to b, degrees clockwise from north."""
    east = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.degrees(math.atan2(east, b[0] - a[0])) % 360


def shifted(point: Point, east_m: float, north_m: float) -> Point:
    """The point so many metres to the east and north."""
    lat = point[0] + north_m / METRES_A_DEGREE
    return lat, point[1] + east_m / (METRES_A_DEGREE * math.cos(math.radians(point[0])))


class Line:
    """A line of at least one point, measured from its beginning."""

    def __init__(self, points: Iterable[Point]) -> None:
        """Points that repeat the one before them are left out. Raises `ValueError` for an empty line."""
        kept: list[Point] = []
        for point in points:
            if not kept or kept[-1] != point:
                kept.append(point)
        if not kept:
            raise ValueError("A line has at least one point.")
        self.points = kept
        self.marks = [0.0]
        for a, b in itertools.pairwise(kept):
            self.marks.append(self.marks[-1] + distance_m(a, b))

    @property
    def length_m(self) -> float:
        """From one end to the other."""
        return self.marks[-1]

    def at(self, metres: float) -> tuple[Point, float]:
        """The point that far along, and the direction of the line there; the ends stand for what lies beyond them."""
        if len(self.points) == 1:
            return self.points[0], 0.0
        metres = min(max(metres, 0.0), self.length_m)
        after = min(max(bisect.bisect_right(self.marks, metres), 1), len(self.points) - 1)
        a, b = self.points[after - 1], self.points[after]
        share = (metres - self.marks[after - 1]) / max(1e-9, self.marks[after] - self.marks[after - 1])
        return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share), heading(a, b)

    def nearest(self, place: Point) -> list[tuple[float, float]]:
        """Where the line comes near a place: (metres along, metres away), one for each approach, nearest first."""
        if len(self.points) == 1:
            return [(0.0, distance_m(place, self.points[0]))]
        feet = [self._foot(place, index) for index in range(len(self.points) - 1)]
        best = min(away for _, away in feet)
        found: list[tuple[float, float]] = []
        for along, away in sorted(feet, key=lambda foot: foot[1]):
            if away > best + NEAR_M:
                break
            if all(abs(along - other) > 25.0 for other, _ in found):
                found.append((along, away))
            if len(found) == 6:
                break
        return found

    def _foot(self, place: Point, index: int) -> tuple[float, float]:
        a, b = self.points[index], self.points[index + 1]
        scale = math.cos(math.radians(a[0]))
        dx, dy = (b[1] - a[1]) * scale, b[0] - a[0]
        px, py = (place[1] - a[1]) * scale, place[0] - a[0]
        share = min(1.0, max(0.0, (px * dx + py * dy) / max(1e-18, dx * dx + dy * dy)))
        away = math.hypot(px - share * dx, py - share * dy) * METRES_A_DEGREE
        return self.marks[index] + share * (self.marks[index + 1] - self.marks[index]), away


def places_along(line: Line, stops: Sequence[Point], expected_m: Sequence[float]) -> list[float]:
    """How far along the line each stop of a route lies, in the route's order and never backwards.

    A route may pass a stop's street several times. Of the approaches to each stop the sequence is chosen whose sum of
    distances to the stops is least; `expected_m`, where the timetable expects each stop, breaks near ties.
    """
    if not stops:
        return []
    best: list[list[tuple[float, float, int]]] = []  # for each stop: (cost, along, index of the one before)
    for number, stop in enumerate(stops):
        row = []
        for along, away in line.nearest(stop):
            cost = away + OFF_PLAN_WEIGHT * abs(along - expected_m[number])
            if number == 0:
                row.append((cost, along, -1))
                continue
            before = [(held[0], index) for index, held in enumerate(best[-1]) if held[1] <= along + 1.0]
            if before:
                least, index = min(before)
                row.append((least + cost, along, index))
        if not row:  # every approach lies behind: stay where the van is
            least, index = min((held[0], index) for index, held in enumerate(best[-1]))
            row = [(least + line.nearest(stop)[0][1], best[-1][index][1], index)]
        best.append(row)
    index = min(range(len(best[-1])), key=lambda one: best[-1][one][0])
    chosen: list[float] = []
    for row in reversed(best):
        _, along, before_index = row[index]
        chosen.append(along)
        index = before_index
    return chosen[::-1]
