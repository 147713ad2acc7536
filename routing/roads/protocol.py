"""What every road engine answers, and with what words it fails."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from routing.roads.polyline import Point

Int32s = npt.NDArray[np.int32]
Metres = npt.NDArray[np.float64]
Source = Literal["osrm", "graph", "crow"]

UNREACHABLE = 100_000_000
"""Seconds and metres of a pair with no way between them: three years, more than twice around the Earth.

Small enough that a route of twenty such legs still fits an int32.
"""


class RoadsError(Exception):
    """A road engine could not answer; the message is one sentence."""


class RoadsUnavailable(RoadsError):
    """The engine does not answer at all or answers nonsense: another one may be asked instead."""


@dataclass(frozen=True)
class Travel:
    """Times and distances between all pairs of points; row = from, column = to.

    `unreachable` lists the points that more than half of the others cannot reach or be reached from, `estimated` those
    so far from any road that their rows and columns are straight-line estimates. `snap_m` is each point's distance
    to the road it was moved to. `reason` says why the preferred engine was not used ("" when it was).
    """

    seconds: Int32s
    metres: Int32s
    source: Source
    snap_m: Metres
    unreachable: tuple[int, ...] = ()
    estimated: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Leg:
    """The drive from one point to the next: its line (encoded polyline, 5 digits), seconds and metres.

    A leg with no way holds UNREACHABLE twice and a straight line.
    """

    geometry: str
    seconds: int
    metres: int
    source: Source


class Snap(NamedTuple):
    """The place on a road nearest to a point, (lat, lon), and how far away it is in metres."""

    point: Point
    distance_m: float


class Roads(Protocol):
    """A road engine. Points are (lat, lon) in degrees; ValueError for a point that is not on Earth."""

    def matrix(self, points: Sequence[Point]) -> Travel:
        """Travel between all pairs. Raises RoadsUnavailable."""

    def route(self, points: Sequence[Point]) -> list[Leg]:
        """The legs of a drive along the points in this order, one fewer than points. Raises RoadsUnavailable."""

    def line(self, points: Sequence[Point]) -> str:
        """The line of that drive as a whole (encoded polyline, 5 digits), each corner once; what `route` draws, for
        whoever does not ask what its legs take. Raises RoadsUnavailable."""

    def nearest(self, point: Point) -> Snap:
        """The nearest place on a road. Raises RoadsUnavailable."""


def checked(points: Sequence[Point]) -> list[Point]:
    """The points as floats; ValueError names the first that is no place on Earth."""
    result: list[Point] = []
    for index, (lat, lon) in enumerate(points):
        lat, lon = float(lat), float(lon)
        if not (math.isfinite(lat) and math.isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError(f"point {index} is not a place: latitude {lat}, longitude {lon}")
        result.append((lat, lon))
    return result


def cut_off(seconds: Int32s) -> tuple[int, ...]:
    """Indices of points that more than half of the others cannot reach or be reached from."""
    others = len(seconds) - 1
    if others < 1:
        return ()
    missing = seconds >= UNREACHABLE
    worst = np.maximum(missing.sum(axis=0), missing.sum(axis=1))
    return tuple(int(index) for index in np.flatnonzero(worst * 2 > others))
