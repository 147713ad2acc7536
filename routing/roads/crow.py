"""Travel without map data: straight lines stretched to what streets usually add, at the pace of a city.

On real streets a drive is longer than the bird's way, and short drives are slower than long ones because they stay
in side streets. The figures are a least-squares fit of a road engine's answers in a large, dense city: distances
come out within a fifth of the truth there, and a river or a mountain in between makes them worse.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from routing.roads import polyline
from routing.roads.polyline import Point
from routing.roads.protocol import Leg, Snap, Travel, checked

CIRCUITY = 1.36
"""Drive by bird's way in a dense city, the median; four pairs in five lie between 1.20 and 1.67. Ballou, Rahardja and
Sakai measured it for whole countries: doi:10.1016/S0965-8564(01)00044-1."""
START_S = 60.0
"""What side streets at both ends cost more than their distance says; shorter drives pay a part of it."""
CRUISE_KMH = 50.9
EARTH_RADIUS_M = 6_371_008.8
REASON = "no map data: straight lines × 1.36"


class CrowRoads:
    """Always answers; every point counts as lying on a road."""

    def matrix(self, points: Sequence[Point]) -> Travel:
        """Symmetric travel between all pairs."""
        places = np.radians(np.array(checked(points), dtype=np.float64).reshape(-1, 2))
        lat, lon = places[:, 0], places[:, 1]
        half = (
            np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
            + np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
        )
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))) * CIRCUITY
        seconds = metres * 3.6 / CRUISE_KMH + START_S * (1 - np.exp(-metres / 600))
        return Travel(
            seconds=np.rint(seconds).astype(np.int32),
            metres=np.rint(metres).astype(np.int32),
            source="crow",
            snap_m=np.zeros(len(places)),
            reason=REASON,
        )

    def route(self, points: Sequence[Point]) -> list[Leg]:
        """Straight lines with the matrix' figures."""
        places = checked(points)
        return [self.leg(start, end) for start, end in itertools.pairwise(places)]

    def line(self, points: Sequence[Point]) -> str:
        """The straight lines as one."""
        return polyline.chained(leg.geometry for leg in self.route(points))

    def leg(self, start: Point, end: Point) -> Leg:
        """One straight line."""
        metres = bird_m(start, end) * CIRCUITY
        seconds = metres * 3.6 / CRUISE_KMH + START_S * (1 - math.exp(-metres / 600))
        return Leg(polyline.encode([start, end]), round(seconds), round(metres), "crow")

    def nearest(self, point: Point) -> Snap:
        """The point itself."""
        return Snap(checked([point])[0], 0.0)


def bird_m(start: Point, end: Point) -> float:
    """Great-circle distance in metres."""
    phi1, phi2 = math.radians(start[0]), math.radians(end[0])
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(end[1] - start[1]) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))
