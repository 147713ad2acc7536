"""The road engines in order of trust: the first that answers is used, and the answer says which one it was."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from routing.roads import polyline
from routing.roads.crow import CrowRoads
from routing.roads.polyline import Point
from routing.roads.protocol import UNREACHABLE, Leg, Roads, RoadsUnavailable, Snap, Travel, checked, cut_off

log = logging.getLogger(__name__)

OFF_MAP_M = 3_000.0
"""A point farther from every road than this lies outside the map; what an engine says of it is not believed."""
FAR_M = 500.0
"""A point farther from a road than this is worth a person's look; planning flags it."""
REST_S = 15.0
"""How long an engine that failed is not asked again."""

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How free-flow times become the times of a working day.

    `factor` multiplies every driving time (1.0 = free flow; dense cities by day measure 1.2 to 1.5). Live traffic
    enters here: another object with this one method.
    """

    factor: float = 1.0

    def seconds(self, free_flow_s: int) -> int:
        """One leg's time; UNREACHABLE stays what it is."""
        return free_flow_s if free_flow_s >= UNREACHABLE else round(free_flow_s * self.factor)

    def travel(self, travel: Travel) -> Travel:
        """A whole matrix."""
        if self.factor == 1.0:
            return travel
        slowed = np.rint(np.minimum(travel.seconds * self.factor, UNREACHABLE)).astype(np.int32)
        return replace(travel, seconds=np.where(travel.seconds >= UNREACHABLE, travel.seconds, slowed))


class ChainRoads:
    """Tries engines in turn; `crow` is the last and always answers, `why_crow` says why nothing better is there."""

    def __init__(self, engines: Sequence[Roads], pace: Pace | None = None, why_crow: str = "") -> None:
        self.engines = list(engines)
        self.pace = pace or Pace()
        self.crow = CrowRoads()
        self.why_crow = why_crow
        self._rest_until: dict[int, float] = {}
        self._last_failure: dict[int, str] = {}
        self._lock = threading.Lock()

    def matrix(self, points: Sequence[Point]) -> Travel:
        """Travel between all pairs, never failing for want of an engine."""
        places = checked(points)
        travel, reason = self._first(lambda roads: roads.matrix(places))
        travel = self._estimate_far(places, travel)
        return self.pace.travel(replace(travel, reason=reason or travel.reason))

    def route(self, points: Sequence[Point]) -> list[Leg]:
        """Legs along the points; a leg to or from a point off the map is a straight line."""
        places = checked(points)
        if len(places) < 2:
            return []

        legs, _ = self._first(lambda roads: self._legs(roads, places))
        return [replace(leg, seconds=self.pace.seconds(leg.seconds)) for leg in legs]

    def line(self, points: Sequence[Point]) -> str:
        """The whole line along the points, each corner once; straight to and from a point off the map."""
        places = checked(points)
        if len(places) < 2:
            return ""

        def ask(roads: Roads) -> str:
            if roads is self.crow or not any(self._is_far(roads, place) for place in places):
                return roads.line(places)
            return polyline.chained(leg.geometry for leg in self._legs(roads, places))

        return self._first(ask)[0]

    def nearest(self, point: Point) -> Snap:
        """The nearest place on a road; the point itself where no engine is there."""
        place = checked([point])[0]
        return self._first(lambda roads: roads.nearest(place))[0]

    def _legs(self, roads: Roads, places: list[Point]) -> list[Leg]:
        legs = roads.route(places)
        if roads is self.crow:
            return legs
        far = [self._is_far(roads, place) for place in places]
        return [self.crow.leg(places[i], places[i + 1]) if far[i] or far[i + 1] else leg for i, leg in enumerate(legs)]

    @staticmethod
    def _is_far(roads: Roads, place: Point) -> bool:
        return roads.nearest(place).distance_m > OFF_MAP_M

    def _first(self, ask: Callable[[Roads], T]) -> tuple[T, str]:
        """The first answer and why the preferred engine did not give it ("" when it did)."""
        reason = ""
        for index, engine in enumerate(self.engines):
            with self._lock:
                resting = time.monotonic() < self._rest_until.get(index, 0.0)
                if resting:
                    reason = reason or self._last_failure.get(index, "")
            if resting:
                continue
            try:
                return ask(engine), reason
            except RoadsUnavailable as error:
                log.warning("roads: %s", error)
                reason = reason or str(error)
                with self._lock:
                    self._rest_until[index] = time.monotonic() + REST_S
                    self._last_failure[index] = str(error)
        return ask(self.crow), reason or self.why_crow

    def _estimate_far(self, places: list[Point], travel: Travel) -> Travel:
        """Straight-line rows and columns for points outside the map."""
        far = np.flatnonzero(travel.snap_m > OFF_MAP_M)
        if not len(far):
            return travel
        crow = self.crow.matrix(places)
        seconds, metres = travel.seconds.copy(), travel.metres.copy()
        for mine, theirs in ((seconds, crow.seconds), (metres, crow.metres)):
            mine[far, :], mine[:, far] = theirs[far, :], theirs[:, far]
        return replace(
            travel,
            seconds=seconds,
            metres=metres,
            unreachable=cut_off(seconds),
            estimated=tuple(int(index) for index in far),
        )
