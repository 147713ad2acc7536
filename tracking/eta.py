"""When the driver will be at each stop that is left. A pure room: instants and seconds in, instants out.

The plan's own leg times are trusted; the leg being driven now is shortened by the share of it that lies behind the
driver. Arriving, serving and leaving move the rest of the day by themselves, since the projection starts from now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracking.geo import distance_m

STALE_S = 120.0
"""An older fix says nothing about the leg being driven; the time that has passed is used instead."""
FARTHEST = 1.5
"""The most a leg is stretched when the driver is farther from the stop than where the leg began (a detour)."""
HERE_M = 60.0
DETOUR = 1.3
"""Road metres for each metre of crow's flight in a town."""


@dataclass(frozen=True, slots=True)
class Place:
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """A stop that is left: `leg_s` is the planned driving time to it from the one before it in this list."""

    id: str
    place: Place
    leg_s: float
    service_s: float
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    arrived_at: datetime | None = None
    """Set for the stop that the driver is at now, which is the first of the list."""


@dataclass(frozen=True, slots=True)
class Fix:
    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """The planned break. `running` when the driver has begun it."""

    start_at: datetime
    end_at: datetime
    running: bool = False


@dataclass(frozen=True, slots=True)
class Eta:
    """`late_s`: seconds between the window's end and a later arrival; `waits_s`: from the arrival until it opens."""

    id: str
    arrival_at: datetime
    departure_at: datetime
    late_s: int
    waits_s: int


def drive_s(legs: Sequence[tuple[float, float]], crow_m: float) -> float:
    """Seconds to the end of planned legs (seconds, metres each) when the places in between are left out.

    The plan knows only the way through them, so its pace over the road is kept for the way that is left: the crow's
    flight, stretched as roads stretch it. It is never longer than the way through.
    """
    total_s, total_m = sum(leg[0] for leg in legs), sum(leg[1] for leg in legs)
    if len(legs) == 1 or total_m <= 0:
        return total_s
    return total_s * min(1.0, DETOUR * crow_m / total_m)


def remaining_s(leg_s: float, start: Place, to: Place, left_at: datetime, fix: Fix | None, now: datetime) -> float:
    """Seconds left of the leg being driven: from where the driver was seen last or, unseen, from when they left."""
    if fix is None or (now - fix.at).total_seconds() > STALE_S or fix.at < left_at:
        return max(0.0, leg_s - max(0.0, (now - left_at).total_seconds()))
    ahead_m, whole_m = metres(fix.place, to), metres(start, to)
    if ahead_m < HERE_M:
        return 0.0
    share = min(FARTHEST, ahead_m / whole_m) if whole_m > HERE_M else min(FARTHEST, ahead_m / HERE_M)
    return max(0.0, leg_s * share - max(0.0, (now - fix.at).total_seconds()))


def project(
    stops: Sequence[Ahead],
    *,
    now: datetime,
    start: Place,
    left_at: datetime,
    fix: Fix | None,
    pause: Pause | None = None,
) -> list[Eta]:
    """The arrival at each stop, in order.

    `start` and `left_at` say where and when the leg being driven began. A break that is running holds the driver
    until its end; one that is still due is taken on the first leg that would end after its planned start.
    """
    clock = now
    due = pause if pause is not None and (pause.running or now < pause.end_at) else None
    answer: list[Eta] = []
    for index, stop in enumerate(stops):
        if index == 0 and stop.arrived_at is not None:
            arrival = stop.arrived_at
        else:
            drive_s = remaining_s(stop.leg_s, start, stop.place, left_at, fix, now) if index == 0 else stop.leg_s
            arrival = clock + timedelta(seconds=drive_s)
            if due is not None and due.running:
                arrival += max(timedelta(0), due.end_at - now)
                due = None
            elif due is not None and arrival > due.start_at:
                arrival += due.end_at - due.start_at
                due = None
        begins = max(arrival, stop.opens_at) if stop.opens_at else arrival
        departure = max(begins + timedelta(seconds=stop.service_s), now)
        late_s = max(0, int((arrival - stop.closes_at).total_seconds())) if stop.closes_at else 0
        answer.append(Eta(stop.id, arrival, departure, late_s, int((begins - arrival).total_seconds())))
        clock = departure
    return answer


def moved(before: datetime | None, after: datetime, at_least_s: float) -> bool:
    """Is the new arrival worth telling?"""
    return before is None or abs((after - before).total_seconds()) >= at_least_s


def metres(a: Place, b: Place) -> float:
    return distance_m(a.lat, a.lon, b.lat, b.lon)
