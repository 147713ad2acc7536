"""A line along the roads: how far along it things are, and what is where on it. A pure room.

Points are (latitude, longitude) in degrees (WGS 84), lengths metres. On the scale of a route the earth is flat enough
for a plane whose east–west scale is that of the line's middle latitude (error below 0.1 % within 50 km).
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
METRES_A_DEGREE = 111_195.0
"""Of latitude on a sphere with the earth's mean radius, 6,371,008.8 m."""
NEAR_M = 60.0
"""Places on the line this much farther from a stop than the nearest one may still be where the van stops."""
MOST_APPROACHES = 10
OFF_PLAN_WEIGHT = 0.02
SET_BACK_M = 40.0
"""Houses stand back from the road by about this; being farther away counts with its square."""


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

    def feet(self, place: Point) -> list[tuple[float, float]]:
        """The nearest point of each piece of the line to a place: (metres along, metres away)."""
        if len(self.points) == 1:
            return [(0.0, distance_m(place, self.points[0]))]
        return [self._foot(place, index) for index in range(len(self.points) - 1)]

    def nearest(self, place: Point) -> list[tuple[float, float]]:
        """Where the line comes near a place: (metres along, metres away), one for each approach, nearest first."""
        return approaches(self.feet(place))

    def _foot(self, place: Point, index: int) -> tuple[float, float]:
        a, b = self.points[index], self.points[index + 1]
        scale = math.cos(math.radians(a[0]))
        dx, dy = (b[1] - a[1]) * scale, b[0] - a[0]
        px, py = (place[1] - a[1]) * scale, place[0] - a[0]
        share = min(1.0, max(0.0, (px * dx + py * dy) / max(1e-18, dx * dx + dy * dy)))
        away = math.hypot(px - share * dx, py - share * dy) * METRES_A_DEGREE
        return self.marks[index] + share * (self.marks[index + 1] - self.marks[index]), away


def approaches(feet: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of the feet of a place those that are about as near as the nearest, one for each time the line comes by."""
    best = min(away for _, away in feet)
    found: list[tuple[float, float]] = []
    for along, away in sorted(feet, key=lambda foot: foot[1]):
        if away > best + NEAR_M or len(found) == MOST_APPROACHES:
            break
        if all(abs(along - other) > 25.0 for other, _ in found):
            found.append((along, away))
    return found


def places_along(line: Line, stops: Sequence[Point], expected_m: Sequence[float]) -> list[float]:
    """How far along the line each stop of a route lies, in the route's order and never backwards.

    A route may pass a stop's street several times. Of the approaches to each stop the sequence is chosen whose sum of
    squared distances to the stops is least; `expected_m`, where the timetable expects each stop, breaks near ties.
    """
    if not stops:
        return []
    best: list[list[tuple[float, float, int]]] = []  # for each stop: (cost, along, index of the one before)
    for number, stop in enumerate(stops):
        feet = line.feet(stop)
        behind = best[-1] if best else [(0.0, 0.0, -1)]
        row = []
        # Beside the approaches: where the van stands already, and the nearest point beyond it. There always is a way.
        stays = [(held[1], distance_m(line.at(held[1])[0], stop)) for held in behind]
        beyond = [min((foot for foot in feet if foot[0] >= held[1]), key=lambda foot: foot[1], default=stays[index])
                  for index, held in enumerate(behind)]
        for along, away in dict.fromkeys([*approaches(feet), *stays, *beyond]):
            before = [(held[0], index) for index, held in enumerate(behind) if held[1] <= along + 1e-6]
            if before:
                least, index = min(before)
                off_m = abs(along - expected_m[number])
                row.append((least + away**2 / SET_BACK_M + OFF_PLAN_WEIGHT * off_m, along, index))
        best.append(sorted(row)[:MOST_APPROACHES])
    index = min(range(len(best[-1])), key=lambda one: best[-1][one][0])
    chosen: list[float] = []
    for row in reversed(best):
        _, along, before_index = row[index]
        chosen.append(along)
        index = before_index
    return chosen[::-1]


class Streets:
    """The streets of a line as a network: where it meets itself again, one may turn off. Driven in both directions."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._node: dict[Point, int] = {}
        self._points: list[Point] = []
        self._links: list[dict[int, float]] = []
        order = [self._number(point) for point in line.points]
        for a, b in itertools.pairwise(order):
            step_m = distance_m(self._points[a], self._points[b])
            for one, other in ((a, b), (b, a)):
                self._links[one][other] = min(step_m, self._links[one].get(other, step_m))

    def _number(self, point: Point) -> int:
        if point not in self._node:
            self._node[point] = len(self._links)
            self._points.append(point)
            self._links.append({})
        return self._node[point]

    def way(self, from_m: float, to_m: float) -> Line:
        """The shortest way between two marks of the line along its own streets (Dijkstra's algorithm)."""
        start, goal = self.line.at(from_m)[0], self.line.at(to_m)[0]
        ends = {self._node[point]: rest_m for point, rest_m in self._around(to_m, goal)}
        direct_m = abs(to_m - from_m)
        best_m, last = direct_m, -1
        reached: dict[int, float] = {}
        before: dict[int, int] = {}
        queue = [(away_m, self._node[point], -1) for point, away_m in self._around(from_m, start)]
        heapq.heapify(queue)
        while queue:
            done_m, node, origin = heapq.heappop(queue)
            if node in reached or done_m >= best_m:
                continue
            reached[node], before[node] = done_m, origin
            if node in ends and done_m + ends[node] < best_m:
                best_m, last = done_m + ends[node], node
            for neighbour, step_m in self._links[node].items():
                if neighbour not in reached:
                    heapq.heappush(queue, (done_m + step_m, neighbour, node))
        if last < 0:
            return self._along(from_m, to_m)
        passed = []
        while last >= 0:
            passed.append(self._points[last])
            last = before[last]
        return Line([start, *passed[::-1], goal])

    def _around(self, mark_m: float, point: Point) -> list[tuple[Point, float]]:
        """The corners on either side of a mark, with how far they are."""
        after = min(max(bisect.bisect_right(self.line.marks, mark_m), 1), len(self.line.points) - 1)
        corners = {self.line.points[max(0, after - 1)], self.line.points[after]}
        return [(corner, distance_m(point, corner)) for corner in corners]

    def _along(self, from_m: float, to_m: float) -> Line:
        low, high = min(from_m, to_m), max(from_m, to_m)
        inner = [point for point, mark in zip(self.line.points, self.line.marks, strict=True) if low < mark < high]
        points = [self.line.at(low)[0], *inner, self.line.at(high)[0]]
        return Line(points if from_m <= to_m else points[::-1])
