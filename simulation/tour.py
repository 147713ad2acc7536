"""A route as its driver drives it: where each stop lies along the line, and how long the plan gives each leg. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from simulation.clock import instant
from simulation.path import Line, Point, Streets, decode, places_along

PACE_MPS = (2.5, 25.0)
FASTEST_MPS = 33.0
MANOEUVRE_S = 6.0


@dataclass(frozen=True, slots=True)
class Leg:
    """A drive: from a mark of a line to a later one, in so many seconds if nothing comes between."""

    line: Line
    from_m: float
    to_m: float
    seconds: float


class Tour:
    """`route`, `stops` and `depot` are rows of `driver/day`."""

    def __init__(self, route: dict[str, Any], stops: Sequence[dict[str, Any]], depot: Point) -> None:
        self.version = (route["version"], route["geometry"])
        self.depot = depot
        self.stops = sorted(
            (stop for stop in stops if stop["sequence"] and stop["place"]["lat"] is not None),
            key=lambda stop: stop["sequence"])
        points = [(stop["place"]["lat"], stop["place"]["lon"]) for stop in self.stops]
        self.line = Line(decode(route["geometry"]) or [depot, *points, depot])
        self.rest = _span(route["rest"])
        self.legs_s = self._legs(route)
        total_s = sum(self.legs_s) or 1.0
        self.pace_mps = min(PACE_MPS[1], max(PACE_MPS[0], self.line.length_m / total_s))
        passed, expected = 0.0, []
        for leg_s in self.legs_s[:-1]:
            passed += leg_s
            expected.append(self.line.length_m * passed / total_s)
        marks = places_along(self.line, points, expected)
        self.marks = {stop["id"]: mark for stop, mark in zip(self.stops, marks, strict=True)}
        self._place_in = {stop["id"]: index for index, stop in enumerate(self.stops)}

    def _legs(self, route: dict[str, Any]) -> list[float]:
        """Planned driving seconds to each stop, and home; the break is no driving."""
        left_at, legs = instant(route["starts_at"]) if route["starts_at"] else None, []
        for stop in self.stops:
            there_at = instant(stop["planned_arrival_at"]) if stop["planned_arrival_at"] else None
            legs.append(self._driving_s(left_at, there_at))
            left_at = instant(stop["planned_departure_at"]) if stop["planned_departure_at"] else there_at
        legs.append(self._driving_s(left_at, instant(route["ends_at"]) if route["ends_at"] else None))
        return legs

    def _driving_s(self, start: datetime | None, end: datetime | None) -> float:
        if start is None or end is None or end <= start:
            return 0.0
        seconds = (end - start).total_seconds()
        if self.rest:
            seconds -= max(0.0, (min(end, self.rest[1]) - max(start, self.rest[0])).total_seconds())
        return max(0.0, seconds)

    @cached_property
    def streets(self) -> Streets:
        """The streets that the route knows."""
        return Streets(self.line)

    def mark(self, stop_id: str) -> float:
        """Metres along the line; a stop that the line does not know lies at its end."""
        return self.marks.get(stop_id, self.line.length_m)

    def leg(self, from_m: float, stop_id: str | None, behind: str | None) -> Leg:
        """The drive from a mark to a stop (None: home); `behind` is the stop just left.

        Where the plan has this leg it is the plan's way and time; else the shortest way along the route's own streets
        at the route's average pace.
        """
        to_m = self.mark(stop_id) if stop_id else self.line.length_m
        index = self._place_in.get(stop_id, -1) if stop_id else len(self.stops)
        before = self.stops[index - 1]["id"] if index > 0 else None
        planned_s = self.legs_s[index] if index >= 0 and before == behind else 0.0
        if planned_s and to_m >= from_m:
            line, start_m, end_m = self.line, from_m, to_m
        else:
            line = self.streets.way(from_m, to_m)
            start_m, end_m = 0.0, line.length_m
        way_m = end_m - start_m
        return Leg(line, start_m, end_m, max(planned_s or way_m / self.pace_mps, way_m / FASTEST_MPS, MANOEUVRE_S))

    def rests_before(self, stop: dict[str, Any] | None, now: datetime) -> bool:
        """Is the break due now, or planned on the way to this stop (None: home)?"""
        if self.rest is None:
            return False
        planned = instant(stop["planned_arrival_at"]) if stop and stop["planned_arrival_at"] else None
        return now >= self.rest[0] or (planned is not None and planned >= self.rest[1])


def _span(row: dict[str, str] | None) -> tuple[datetime, datetime] | None:
    return (instant(row["start"]), instant(row["end"])) if row else None
