"""A road engine over HTTP: any server that speaks OSRM's API version 1 (`osrm-routed`, or one in a container).

GET with encoded polylines is used because every release understands it; a matrix is asked for in blocks, and when
the server calls a block too big (its --max-table-size), smaller ones are asked for from then on.
"""

import itertools
import logging
import os
import time
import weakref
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

import httpx
import numpy as np

from routing.roads import polyline
from routing.roads.polyline import Point
from routing.roads.protocol import (
    UNREACHABLE,
    Int32s,
    Leg,
    Metres,
    RoadsUnavailable,
    Snap,
    Travel,
    checked,
    cut_off,
)

log = logging.getLogger(__name__)

BLOCK = 1000
SMALLEST_BLOCK = 20
ROUTE_POINTS = 80
TRIES = 3
CONNECT_S = 2.0
READ_S = 20.0
READ_S_PER_PAIR = 30e-6
"""A pair of a large matrix takes some 5 µs on one core; a busy machine gets six times that."""
REMEMBERED, REMEMBERED_S = 20_000, 3600


class TooBig(Exception):
    """The server refuses a request of this size."""


class OsrmRoads:
    """Asks the server at `url`, such as http://127.0.0.1:5000, with the profile it was started with."""

    def __init__(self, url: str, profile: str = "driving", transport: httpx.BaseTransport | None = None) -> None:
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._nearest)
        self.url = url.rstrip("/")
        self.profile = profile
        self._block = BLOCK
        self._transport = transport
        self._open()

    def _open(self) -> None:
        self._pid = os.getpid()
        self._client = httpx.Client(transport=self._transport, trust_env=False)
        weakref.finalize(self, self._client.close)

    def _http(self) -> httpx.Client:
        """This process' connections: a forked worker must not talk on its parent's."""
        if self._pid != os.getpid():
            self._open()
        return self._client

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def matrix(self, points: Sequence[Point]) -> Travel:
        """Travel between all pairs; memory 8 bytes a pair beside the answer being read."""
        places = checked(points)
        n = len(places)
        seconds = np.zeros((n, n), dtype=np.int32)
        metres = np.zeros((n, n), dtype=np.int32)
        snap_m = np.zeros(n)
        row = 0
        while row < n:
            rows = range(row, min(n, row + self._block))
            column = 0
            while column < n:
                columns = range(column, min(n, column + self._block))
                try:
                    self._table(places, rows, columns, seconds, metres, snap_m)
                except TooBig as error:
                    if self._block <= SMALLEST_BLOCK:
                        raise RoadsUnavailable(f"The road server refuses even small matrices: {error}") from None
                    self._block = max(SMALLEST_BLOCK, self._block // 2)
                    rows = range(row, min(n, row + self._block))
                    column = 0
                    continue
                column = columns.stop
            row = rows.stop
        np.fill_diagonal(seconds, 0)
        np.fill_diagonal(metres, 0)
        return Travel(seconds=seconds, metres=metres, source="osrm", snap_m=snap_m, unreachable=cut_off(seconds))

    def _table(
        self, places: list[Point], rows: range, columns: range, seconds: Int32s, metres: Int32s, snap_m: Metres
    ) -> None:
        """Ask for one block and write it into the big arrays."""
        query = "annotations=duration,distance"
        if rows == columns:
            asked = [places[i] for i in rows]
        else:
            asked = [places[i] for i in rows] + [places[i] for i in columns]
            query += "&sources=" + ";".join(str(i) for i in range(len(rows)))
            query += "&destinations=" + ";".join(str(i) for i in range(len(rows), len(asked)))
        if len(asked) == 1:
            snap_m[rows.start] = self.nearest(asked[0]).distance_m
            return
        wait_s = READ_S + READ_S_PER_PAIR * len(rows) * len(columns)
        answer = self._get("table", asked, query, wait_s)
        try:
            block = np.ix_(rows, columns)
            seconds[block] = _whole(answer["durations"])
            metres[block] = _whole(answer["distances"])
            snap_m[rows.start : rows.stop] = [float(place["distance"]) for place in answer["sources"]]
        except (KeyError, TypeError, ValueError) as error:
            raise RoadsUnavailable(f"The road server's matrix cannot be read: {error!r}") from None

    def star(self, centre: Point, points: Sequence[Point]) -> tuple[Int32s, Int32s, Metres]:
        """From the centre to each point (row 0) and back (row 1): seconds, metres, and how far the points are snapped
        (the centre first). Two searches instead of one for each point. Raises RoadsUnavailable."""
        places = checked([centre, *points])
        seconds = np.zeros((2, len(points)), dtype=np.int32)
        metres = np.zeros((2, len(points)), dtype=np.int32)
        snap_m = np.zeros(len(places))
        others = ";".join(str(number) for number in range(1, len(places)))
        for row, query in enumerate((f"sources=0&destinations={others}", f"sources={others}&destinations=0")):
            wait_s = READ_S + READ_S_PER_PAIR * len(points)
            try:
                answer = self._get("table", places, f"annotations=duration,distance&{query}", wait_s)
                seconds[row] = _whole(answer["durations"]).reshape(-1)
                metres[row] = _whole(answer["distances"]).reshape(-1)
                snap_m[0] = max(snap_m[0], float(answer["sources" if row == 0 else "destinations"][0]["distance"]))
                if row == 0:
                    snap_m[1:] = [float(place["distance"]) for place in answer["destinations"]]
            except (TooBig, KeyError, TypeError, ValueError) as error:
                raise RoadsUnavailable(f"The road server's star cannot be read: {error!r}") from None
        return seconds, metres, snap_m

    def route(self, points: Sequence[Point]) -> list[Leg]:
        """Legs with their lines. Turning round at a stop is allowed, so that a leg takes what the matrix says."""
        places = checked(points)
        legs: list[Leg] = []
        for start in range(0, len(places) - 1, ROUTE_POINTS - 1):
            legs += self._legs(places[start : start + ROUTE_POINTS])
        return legs

    def _legs(self, places: list[Point]) -> list[Leg]:
        try:
            answer = self._get("route", places, "overview=false&steps=true&geometries=polyline&continue_straight=false")
        except TooBig:
            if len(places) == 2:
                raise RoadsUnavailable("The road server refuses a route of two points.") from None
            middle = len(places) // 2
            return self._legs(places[: middle + 1]) + self._legs(places[middle:])
        if answer.get("code") == "NoRoute":
            if len(places) == 2:
                return [Leg(polyline.encode(places), UNREACHABLE, UNREACHABLE, "osrm")]
            return [leg for pair in itertools.pairwise(places) for leg in self._legs(list(pair))]
        try:
            return [
                Leg(_line(leg), round(float(leg["duration"])), max(0, round(float(leg["distance"]))), "osrm")
                for leg in answer["routes"][0]["legs"]
            ]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise RoadsUnavailable(f"The road server's route cannot be read: {error!r}") from None

    def line(self, points: Sequence[Point]) -> str:
        """The whole line. Without the steps, which the server works out street by street, it is there in a third of
        the time."""
        places = checked(points)
        pieces = [
            self._drawn(places[start : start + ROUTE_POINTS]) for start in range(0, len(places) - 1, ROUTE_POINTS - 1)
        ]
        return pieces[0] if len(pieces) == 1 else polyline.chained(pieces)

    def _drawn(self, places: list[Point]) -> str:
        """A line that is asked for as one; where there is no way for the whole, or it is too long, leg by leg."""
        try:
            answer = self._get("route", places, "overview=full&steps=false&geometries=polyline&continue_straight=false")
        except TooBig:
            return polyline.chained(leg.geometry for leg in self._legs(places))
        if answer.get("code") == "NoRoute":
            return polyline.chained(leg.geometry for leg in self._legs(places))
        try:
            return polyline.without_repeats(answer["routes"][0]["geometry"])
        except (KeyError, IndexError, TypeError) as error:
            raise RoadsUnavailable(f"The road server's line cannot be read: {error!r}") from None

    def nearest(self, point: Point) -> Snap:
        """The nearest place on a road. It is remembered for up to an hour: the same stops are drawn again and again."""
        return self._remembered(checked([point])[0], int(time.monotonic() // REMEMBERED_S))

    def _nearest(self, point: Point, _hour: int) -> Snap:
        lat, lon = point
        answer = self._ask(f"{self.url}/nearest/v1/{self.profile}/{lon:.6f},{lat:.6f}?number=1", READ_S)
        try:
            place = answer["waypoints"][0]
            return Snap((float(place["location"][1]), float(place["location"][0])), float(place["distance"]))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise RoadsUnavailable(f"The road server's nearest road cannot be read: {error!r}") from None

    def _get(self, service: str, places: list[Point], query: str, wait_s: float = READ_S) -> dict[str, Any]:
        line = quote(polyline.encode(places, precision=6), safe="")
        return self._ask(f"{self.url}/{service}/v1/{self.profile}/polyline6({line})?{query}", wait_s)

    def _ask(self, address: str, wait_s: float) -> dict[str, Any]:
        """One request, tried again when the line fails; reading changes nothing, so that is safe."""
        timeout = httpx.Timeout(wait_s, connect=CONNECT_S)
        failure = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(0.2 * 2**attempt)
            try:
                reply = self._http().get(address, timeout=timeout)
            except httpx.InvalidURL:
                raise TooBig("the address would be too long") from None
            except httpx.ReadTimeout:
                raise RoadsUnavailable(f"The road server at {self.url} took longer than {wait_s:.0f} s.") from None
            except httpx.HTTPError as error:
                failure = f"{type(error).__name__}: {error}"
                continue
            if reply.status_code in (413, 414, 431):
                raise TooBig(f"status {reply.status_code}")
            try:
                answer = cast(dict[str, Any], reply.json())
                code = str(answer["code"])
            except (ValueError, KeyError, TypeError):
                failure = f"status {reply.status_code} without an answer to read"
                continue
            if code in ("Ok", "NoRoute"):
                return answer
            if code == "TooBig":
                raise TooBig(str(answer.get("message", code)))
            raise RoadsUnavailable(f"The road server refuses: {code} {answer.get('message', '')}".rstrip())
        raise RoadsUnavailable(f"The road server at {self.url} does not answer ({failure}).")


def _whole(values: list[list[float | None]]) -> Int32s:
    """Rounded numbers, UNREACHABLE where there is none. Between places on one street the server now and then says a
    metre less than nothing: that is nothing."""
    numbers = np.array(values, dtype=np.float64)
    whole: Int32s = np.where(np.isnan(numbers), UNREACHABLE, np.maximum(0, np.rint(numbers))).astype(np.int32)
    return whole


def _line(leg: dict[str, Any]) -> str:
    return polyline.encode(polyline.join([polyline.decode(step["geometry"]) for step in leg["steps"]]))
