"""Outlines of zones: whether one can be drawn, and which zone a place lies in. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely

from core import errors
from core.words import say

Point = tuple[float, float]
"""Latitude and longitude, degrees."""

FEWEST_CORNERS = 3
MOST_CORNERS = 200
DIGITS = 6
"""Corners are kept to so many digits of a degree: a tenth of a metre."""
LEAST_AREA = 1e-9
"""Square degrees: some ten square metres. Less is a line that somebody drew to and fro."""


def outline_of(corners: Sequence[Sequence[float]]) -> list[list[float]]:
    """The ring of these corners as it is kept: not closed, none twice in a row. Raises `Invalid` for one that encloses
    no area, or whose line crosses itself."""
    for number, corner in enumerate(corners, start=1):
        if not _is_place(corner):
            raise _invalid(say("Corner {number} of the outline is not a latitude and a longitude.", number=number))
    ring: list[list[float]] = []
    for lat, lon in corners:
        corner = [round(lat, DIGITS), round(lon, DIGITS)]
        if not ring or ring[-1] != corner:
            ring.append(corner)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    if len(ring) < FEWEST_CORNERS:
        raise _invalid(say("An outline has at least {count} different corners.", count=FEWEST_CORNERS))
    if len(ring) > MOST_CORNERS:
        raise _invalid(say("An outline has at most {count} corners.", count=MOST_CORNERS))
    shape = shapely.Polygon(ring)
    whole = shape.is_valid
    # The lobes of a line that crosses itself count against each other.
    if (shape if whole else shape.convex_hull).area < LEAST_AREA:
        raise _invalid(say("The outline encloses no area."))
    if not whole:
        raise _invalid(say("The line of the outline touches or crosses itself."))
    return ring


def _is_place(corner: Sequence[float]) -> bool:
    if len(corner) != 2 or not all(math.isfinite(one) for one in corner):
        return False
    return abs(corner[0]) <= 90 and abs(corner[1]) <= 180


def _invalid(message: str) -> errors.Invalid:
    return errors.Invalid("bad_outline", message, param="outline")


def encloses(ring: Sequence[Sequence[float]], point: Point) -> bool:
    """Whether the point lies inside the ring: a ray from it crosses the line an odd number of times."""
    y, x = point
    inside = False
    before_y, before_x = ring[-1]
    for corner_y, corner_x in ring:
        if (corner_y > y) != (before_y > y):
            at = corner_x + (y - corner_y) * (before_x - corner_x) / (before_y - corner_y)
            if x < at:
                inside = not inside
        before_y, before_x = corner_y, corner_x
    return inside


def area(ring: Sequence[Sequence[float]]) -> float:
    """What the ring encloses, in square degrees: to tell which of two zones at one place is the smaller."""
    twice = 0.0
    before_y, before_x = ring[-1]
    for corner_y, corner_x in ring:
        twice += before_x * corner_y - corner_x * before_y
        before_y, before_x = corner_y, corner_x
    return abs(twice) / 2


@dataclass(frozen=True, slots=True)
class Area:
    """One zone: its name, its outline, and the drivers who keep to it, by id."""

    name: str
    ring: Sequence[Sequence[float]]
    drivers: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class Zoning:
    """All zones of an organization. Where several lie over each other, a place belongs to the smallest."""

    areas: tuple[Area, ...]
    _boxes: tuple[tuple[Area, float, float, float, float], ...] = field(init=False, repr=False, compare=False)
    _kept: Mapping[Hashable, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The box around a zone is looked at first: most zones are somewhere else.
        ordered = sorted(self.areas, key=lambda one: (area(one.ring), one.name))
        object.__setattr__(self, "_boxes", tuple((one, *_box(one.ring)) for one in ordered))
        drivers = {driver for one in self.areas for driver in one.drivers}
        kept = {driver: frozenset(one.name for one in self.areas if driver in one.drivers) for driver in drivers}
        object.__setattr__(self, "_kept", kept)

    def zone_at(self, point: Point) -> str | None:
        """The name of the zone in which the point lies; None outside all of them."""
        lat, lon = point
        for one, south, west, north, east in self._boxes:
            if south <= lat <= north and west <= lon <= east and encloses(one.ring, point):
                return one.name
        return None

    def kept_by(self, driver: Hashable) -> frozenset[str] | None:
        """The names of the zones that the driver keeps to; None for who goes anywhere."""
        return self._kept.get(driver)


NO_ZONES = Zoning(())


def _box(ring: Iterable[Sequence[float]]) -> tuple[float, float, float, float]:
    lats, lons = zip(*ring, strict=True)
    return min(lats), min(lons), max(lats), max(lons)
