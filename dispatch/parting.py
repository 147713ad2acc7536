"""A large day cut into parts that can be planned side by side on several machines. Pure: no Django, no clock."""

from __future__ import annotations

import math
from dataclasses import replace

from dispatch.planning import DayFacts, Point, ShiftFacts, StopFacts

SMALLEST = 400
"""A part has at least so many stops: smaller ones are solved well by one machine anyway."""


def parts_of(facts: DayFacts, most: int) -> list[DayFacts]:
    """The day in at most so many parts, sectors around the depots with about as much work each; [facts] if it is small.

    Every stop and every shift is in exactly one part. Shifts are dealt out so that skills and vehicles are spread
    evenly; what finds no place in its part finds one when the parts are planned on as a whole.
    """
    count = min(most, len(facts.stops) // SMALLEST, len(facts.shifts))
    if count < 2:
        return [facts]
    sectors = _sectors(facts, count)
    hands = _dealt(facts.shifts, [_work(stops) for stops in sectors])
    return [
        replace(facts, stops=stops, shifts=shifts, sequences={})
        for stops, shifts in zip(sectors, hands, strict=True)
        if stops and shifts
    ]


def _work(stops: tuple[StopFacts, ...]) -> int:
    """Roughly the seconds that stops take: service, and a short drive each."""
    return sum(stop.service_s + 240 for stop in stops)


def _sectors(facts: DayFacts, count: int) -> list[tuple[StopFacts, ...]]:
    """The stops by their direction from the middle of the depots, cut where the work is even.

    The first cut is at the widest gap between two directions, so that no cluster is cut there.
    """
    middle = _middle([shift.depot for shift in facts.shifts])
    ordered = sorted(facts.stops, key=lambda stop: (_direction(middle, stop.point), stop.id))
    angles = [_direction(middle, stop.point) for stop in ordered]
    gaps = [(angles[at] - angles[at - 1]) % math.tau for at in range(len(angles))]
    first = max(range(len(gaps)), key=lambda at: (gaps[at], -at))
    ordered = ordered[first:] + ordered[:first]
    whole, done = _work(tuple(ordered)), 0
    sectors: list[list[StopFacts]] = [[] for _ in range(count)]
    for stop in ordered:
        sectors[min(count - 1, done * count // max(1, whole))].append(stop)
        done += _work((stop,))
    return [tuple(sector) for sector in sectors]


def _dealt(shifts: tuple[ShiftFacts, ...], work: list[int]) -> list[tuple[ShiftFacts, ...]]:
    """Shifts for each part, in proportion to its work: alike ones in a row, and the neediest part takes the next."""
    hands: list[list[ShiftFacts]] = [[] for _ in work]
    taken = [0.0] * len(work)
    for shift in sorted(shifts, key=lambda one: (sorted(one.skills), _size(one), one.start_at, one.id)):
        neediest = min(range(len(work)), key=lambda part: (taken[part] / max(1, work[part]), part))
        hands[neediest].append(shift)
        taken[neediest] += (shift.end_at - shift.start_at).total_seconds()
    return [tuple(hand) for hand in hands]


def _size(shift: ShiftFacts) -> tuple[float, ...]:
    return tuple(math.inf if most is None else most for most in shift.capacity)


def _middle(points: list[Point]) -> Point:
    return sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points)


def _direction(middle: Point, point: Point) -> float:
    """The angle from the middle to a point, radians, with a degree of longitude as long as it is there."""
    wide = math.cos(math.radians(middle[0]))
    return math.atan2(point[0] - middle[0], (point[1] - middle[1]) * wide)
