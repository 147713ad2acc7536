"""Where a van is at which moment: rides along a line, and standing. A pure room."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from simulation.path import Line, Point

RAMP_S = 12.0
"""Seconds to reach cruising speed, and to stop from it."""


@dataclass(frozen=True, slots=True)
class Here:
    """A van at one moment: degrees, metres a second, degrees clockwise from north."""

    point: Point
    speed_mps: float
    heading: float


class Piece(Protocol):
    """A piece of a day with a beginning and an end."""

    @property
    def start_at(self) -> datetime: ...

    @property
    def end_at(self) -> datetime: ...

    def here(self, at: datetime) -> Here: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """The van does not move."""

    start_at: datetime
    end_at: datetime
    point: Point
    heading: float = 0.0

    def here(self, at: datetime) -> Here:
        """Where it stands."""
        return Here(self.point, 0.0, self.heading)


@dataclass(frozen=True, slots=True)
class Ride:
    """From one mark of a line to another (backwards too) in so many seconds: speeding up, cruising, slowing down."""

    start_at: datetime
    seconds: float
    line: Line
    from_m: float
    to_m: float

    @property
    def end_at(self) -> datetime:
        """When it arrives."""
        return self.start_at + timedelta(seconds=self.seconds)

    def here(self, at: datetime) -> Here:
        """Where the van is under way."""
        passed = min(max((at - self.start_at).total_seconds(), 0.0), self.seconds)
        share, rate = travelled(passed, self.seconds)
        point, direction = self.line.at(self.from_m + share * (self.to_m - self.from_m))
        if self.to_m < self.from_m:
            direction = (direction + 180) % 360
        return Here(point, rate * abs(self.to_m - self.from_m), direction)


def travelled(passed_s: float, total_s: float) -> tuple[float, float]:
    """The share of the way behind the van after `passed_s` of `total_s`, and the share it covers in a second now."""
    if total_s <= 0:
        return 1.0, 0.0
    ramp = min(RAMP_S, total_s / 3)
    cruise = 1.0 / (total_s - ramp)
    if passed_s < ramp:
        return cruise * passed_s**2 / (2 * ramp), cruise * passed_s / ramp
    left = total_s - passed_s
    if left < ramp:
        return 1.0 - cruise * left**2 / (2 * ramp), cruise * left / ramp
    return cruise * (passed_s - ramp / 2), cruise


class Track:
    """The pieces of a van's day in order. What lies beyond the last one is not known yet."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @property
    def known_until(self) -> datetime | None:
        """The end of the last piece."""
        return self.pieces[-1].end_at if self.pieces else None

    def add(self, piece: Piece) -> None:
        """Put a piece at the end; pieces that ended long before are forgotten."""
        self.pieces.append(piece)
        if len(self.pieces) > 400:
            del self.pieces[:200]

    def here(self, at: datetime) -> Here | None:
        """Where the van is; None before the first piece and after the last."""
        index = bisect.bisect_right(self.pieces, at, key=lambda piece: piece.start_at) - 1
        if index < 0 or at > self.pieces[-1].end_at:
            return None
        return self.pieces[index].here(min(at, self.pieces[index].end_at))
