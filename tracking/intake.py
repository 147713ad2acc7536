"""What a phone's positions are worth: each point is kept, or dropped with a named reason. A pure room.

The answer depends on the set of points alone: their order in the batch, and how often each is in it, change nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from tracking.geo import distance_m

AHEAD = timedelta(minutes=5)
"""A fix may be this far in the future before the clock of the phone is not believed."""
AGE = timedelta(hours=24)
ACCURACY_M = 200.0
SPEED_MPS = 60.0
SLACK_M = 30.0
"""The error of a fix that does not say its own."""
ANCHOR_WEIGHT = 2.5
"""What the last position counts in points: three that agree among themselves overrule a wrong one, two do not."""


@dataclass(frozen=True, slots=True)
class Point:
    """One fix: WGS 84 degrees, metres, metres a second, degrees clockwise from north."""

    fix_at: datetime
    lat: float
    lon: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading: float | None = None

    @property
    def rank(self) -> tuple[datetime, float, float, float, float, float]:
        """Decides between two points of the same instant: the more accurate one first."""
        accuracy = self.accuracy_m if self.accuracy_m is not None else math.inf
        return (self.fix_at, accuracy, self.lat, self.lon, _or(self.speed_mps), _or(self.heading))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A point that was not kept: its index in the batch and why.

    Reasons: unreadable, not_a_number, out_of_range, null_island, future, too_old, inaccurate, duplicate, too_fast.
    """

    index: int
    reason: str


def read(raw: Any) -> Point | str:
    """A point from a phone's JSON object, or the reason why it is none."""
    if not isinstance(raw, dict):
        return "unreadable"
    text, lat, lon = raw.get("fix_at"), raw.get("lat"), raw.get("lon")
    if not isinstance(text, str) or len(text) > 40 or not _number(lat) or not _number(lon):
        return "unreadable"
    try:
        fix_at = datetime.fromisoformat(text)
    except ValueError:
        return "unreadable"
    if fix_at.tzinfo is None:
        return "unreadable"
    try:
        fix_at = fix_at.astimezone(UTC)
    except OverflowError:  # the far ends of the calendar
        return "too_old" if fix_at.year < 2000 else "future"
    return Point(
        fix_at, float(lat), float(lon), _plain(raw.get("accuracy_m"), 0, math.inf),
        _plain(raw.get("speed_mps"), 0, 150), _plain(raw.get("heading"), 0, 360),
    )


def fault(point: Point, now: datetime) -> str | None:
    """What is wrong with a point by itself; None when nothing is."""
    if not (math.isfinite(point.lat) and math.isfinite(point.lon)):
        return "not_a_number"
    if point.accuracy_m is not None and math.isnan(point.accuracy_m):
        return "not_a_number"
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        return "out_of_range"
    if abs(point.lat) < 1e-6 and abs(point.lon) < 1e-6:
        return "null_island"
    if point.fix_at > now + AHEAD:
        return "future"
    if point.fix_at < now - AGE:
        return "too_old"
    if point.accuracy_m is not None and point.accuracy_m > ACCURACY_M:
        return "inaccurate"
    return None


def sift(points: Sequence[Point], last: Point | None, now: datetime) -> tuple[list[Point], list[Dropped]]:
    """Part the points of one driver into those to keep (by time) and those to drop.

    `last` is the newest position known before. A point is too fast when no vehicle could have driven from its
    neighbours to it; of points that contradict each other the longest chain that could have been driven is kept.
    """
    dropped: list[Dropped] = []
    sound: list[tuple[Point, int]] = []
    for index, point in enumerate(points):
        reason = fault(point, now)
        if reason is None:
            sound.append((point, index))
        else:
            dropped.append(Dropped(index, reason))
    sound.sort(key=lambda pair: (pair[0].rank, pair[1]))
    single: list[tuple[Point, int]] = []
    for point, index in sound:
        if (single and single[-1][0].fix_at == point.fix_at) or (last is not None and last.fix_at == point.fix_at):
            dropped.append(Dropped(index, "duplicate"))
        else:
            single.append((point, index))
    chosen = _drivable([point for point, _ in single], last)
    kept = []
    for point, index in single:
        if point.fix_at in chosen:
            kept.append(point)
        else:
            dropped.append(Dropped(index, "too_fast"))
    return kept, sorted(dropped, key=lambda one: one.index)


def _drivable(points: list[Point], last: Point | None) -> set[datetime]:
    """The instants of the heaviest chain of points in which each could have been driven to from the one before."""
    nodes = sorted([*points, *([last] if last else [])], key=lambda point: point.fix_at)
    if all(_reachable(a, b) for a, b in itertools.pairwise(nodes)):
        return {point.fix_at for point in points}
    best: list[float] = []
    before: list[int | None] = []
    for here, node in enumerate(nodes):
        weight, link = 0.0, None
        for there in range(here - 1, -1, -1):
            if best[there] > weight and _reachable(nodes[there], node):
                weight, link = best[there], there
        best.append(weight + (ANCHOR_WEIGHT if node is last else 1))
        before.append(link)
    at: int | None = max(range(len(nodes)), key=lambda index: (best[index], index))
    chain: set[datetime] = set()
    while at is not None:
        if nodes[at] is not last:
            chain.add(nodes[at].fix_at)
        at = before[at]
    return chain


def _reachable(a: Point, b: Point) -> bool:
    seconds = (b.fix_at - a.fix_at).total_seconds()
    slack_m = sum(SLACK_M if one.accuracy_m is None else one.accuracy_m for one in (a, b))
    return distance_m(a.lat, a.lon, b.lat, b.lon) - slack_m <= SPEED_MPS * seconds


def newest(points: Iterable[Point]) -> Point | None:
    return max(points, key=lambda point: point.fix_at, default=None)


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**6)


def _plain(value: Any, low: float, high: float) -> float | None:
    """An optional reading; phones say -1 or nothing when they do not know."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        return None
    return float(min(value, 1e9))


def _or(value: float | None) -> float:
    return math.inf if value is None else value
