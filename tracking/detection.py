"""What needs a person: a day as it stands in, findings out. A pure room: no Django, no clock, no network.

A finding names its cause's kind, what it is about, since when, and how bad it is in numbers. Each threshold has a
lower one at which the finding ends (hysteresis): a van that is ten minutes late, then nine, then ten again is one
finding. What is found already is told by `known`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tracking.geo import EARTH_RADIUS_M, distance_m

Point = tuple[float, float]
"""(latitude, longitude), degrees."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something needs a person, and below what it does not any more."""

    late_s: float = 600.0
    late_ends_s: float = 300.0
    """Against the promise, or where nothing was promised against the window."""
    few_stops: int = 3
    """More late stops than these on one route are one finding about the route."""
    stuck_m: float = 100.0
    stuck_s: float = 600.0
    home_m: float = 200.0
    """Standing this near to the depot is no standstill."""
    off_route_m: float = 500.0
    off_route_ends_m: float = 300.0
    off_route_fixes: int = 3
    stale_s: float = 300.0
    stale_ends_s: float = 120.0
    unconfirmed_s: float = 3600.0
    unconfirmed_ends_s: float = 4500.0
    """Until the visit: an hour leaves time to call. Moved on to over an hour and a quarter, there is time again."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of a driver's fixes on one route: where they were last seen to move, and how far off the line.

    `anchor` is where the van was at `anchor_at`; it stays until the van is `stuck_m` away from it.
    """

    anchor: Point
    anchor_at: datetime
    fix_at: datetime
    off_fixes: int = 0
    off_m: float = 0.0
    off_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StopSight:
    """One stop of a route. `due_at` is the end of what was promised (else of the window), None where nothing was."""

    id: str
    status: str
    place: Point
    due_at: datetime | None
    reach_at: datetime | None
    """When it is expected to be reached (planned, or the latest projection)."""
    service_s: float
    planned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RouteSight:
    """One route that is distributed or under way. `duty` is its driver's state, `fix` where they were seen last."""

    id: str
    driver: str
    status: str
    duty: str
    depot: Point
    starts_at: datetime | None
    started_at: datetime | None
    fix_at: datetime | None
    fix: Point | None
    watch: Watch | None
    stops: Sequence[StopSight]


@dataclass(frozen=True, slots=True)
class VisitSight:
    """An order on a route that has been sent whose recipient is to confirm and has not, or says they cannot be there.

    `answer` is "declined" or nothing, `starts_at` when the van should leave, None once it has left.
    """

    order: str
    stop: str
    route: str
    status: str
    answer: str
    answered_at: datetime | None
    reach_at: datetime | None
    planned_at: datetime | None
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause that needs a person."""

    kind: str
    subject: str
    subject_id: str
    since: datetime
    numbers: Mapping[str, Any]
    route: str = ""


Known = frozenset[tuple[str, str]]
"""(kind, subject id) of what is found already and has not ended."""

TO_DO = frozenset({"planned", "allocated", "out_for_delivery", "next"})
AT_WORK = frozenset({"arrived", "attempted"})


def watched(before: Watch | None, fix: Point, fix_at: datetime, off_m: float | None, limits: Limits = LIMITS) -> Watch:
    """What is remembered after another fix; one that is not newer changes nothing.

    `off_m` is the distance from the planned line, None where there is none. After a silence (a tunnel) a van that is
    found elsewhere has moved; one that is found where it was has stood.
    """
    if before is None:
        off = off_m is not None and off_m > limits.off_route_m
        return Watch(fix, fix_at, fix_at, int(off), off_m or 0.0, fix_at if off else None)
    if fix_at <= before.fix_at:
        return before
    moved = distance_m(*before.anchor, *fix) >= limits.stuck_m
    watch = replace(
        before,
        fix_at=fix_at,
        anchor=fix if moved else before.anchor,
        anchor_at=fix_at if moved else before.anchor_at,
        off_m=off_m or 0.0,
    )
    if off_m is not None and off_m > limits.off_route_m:
        return replace(watch, off_fixes=before.off_fixes + 1, off_since=before.off_since or fix_at)
    if off_m is None or off_m < limits.off_route_ends_m:
        return replace(watch, off_fixes=0, off_since=None)
    return watch  # between the two thresholds nothing is decided


def look(route: RouteSight, *, now: datetime, known: Known = frozenset(), limits: Limits = LIMITS) -> list[Finding]:
    """Everything about one route that needs a person at `now`."""
    found = _late(route, now, known, limits)
    if route.status == "started" and route.duty != "on_break":
        stale = _stale(route, now, known, limits)
        found += stale
        if not stale:
            found += _stuck(route, now, limits)
            found += _off_route(route, known, limits)
    return found


def _late(route: RouteSight, now: datetime, known: Known, limits: Limits) -> list[Finding]:
    """Stops whose promise has passed (late) or will have passed when they are reached (predicted late)."""
    waits = _waits(None if route.status == "started" else route.starts_at, now)
    found: dict[str, list[Finding]] = {"late": [], "predicted_late": []}
    for stop in route.stops:
        if stop.status not in TO_DO or stop.due_at is None:
            continue
        reach_at = _reached(stop.reach_at or now, stop.planned_at, waits)
        passed_s = (now - stop.due_at).total_seconds()
        ahead_s = (max(reach_at, now) - stop.due_at).total_seconds()
        was_late = ("late", stop.id) in known or ("late", route.id) in known
        was_ahead = ("predicted_late", stop.id) in known or ("predicted_late", route.id) in known
        numbers: dict[str, Any] = {
            "late_s": round(ahead_s), "due_at": stop.due_at.isoformat(), "reach_at": max(reach_at, now).isoformat(),
            "not_left_s": round(waits.total_seconds()),
        }
        if passed_s > limits.late_s or (was_late and passed_s > limits.late_ends_s):
            found["late"].append(Finding("late", "stop", stop.id, stop.due_at, numbers, route.id))
        elif ahead_s > limits.late_s or (was_ahead and ahead_s > limits.late_ends_s):
            found["predicted_late"].append(Finding("predicted_late", "stop", stop.id, now, numbers, route.id))
    return [*_together(route, found["late"], known, limits), *_together(route, found["predicted_late"], known, limits)]


def _waits(starts_at: datetime | None, now: datetime) -> timedelta:
    """By how much a van should have left already; `starts_at` is None for one that has."""
    return timedelta(0) if starts_at is None else max(timedelta(0), now - starts_at)


def _reached(reach_at: datetime, planned_at: datetime | None, waits: timedelta) -> datetime:
    """When a stop of a van that waits will be reached: everything moves with it."""
    return max(reach_at, (planned_at or reach_at) + waits) if waits else reach_at


def _together(route: RouteSight, found: list[Finding], known: Known, limits: Limits) -> list[Finding]:
    """Many stops of one route are one thing to decide about; it stays one until hardly any is left."""
    if not found:
        return []
    kind = found[0].kind
    if len(found) <= (1 if (kind, route.id) in known else limits.few_stops):
        return found
    worst = max(found, key=lambda one: one.numbers["late_s"])
    first = min(found, key=lambda one: one.numbers["due_at"])
    numbers = {**worst.numbers, "stops": len(found), "stop": first.subject_id,
               "all": [one.subject_id for one in found]}
    return [Finding(kind, "route", route.id, min(one.since for one in found), numbers, route.id)]


def _stale(route: RouteSight, now: datetime, known: Known, limits: Limits) -> list[Finding]:
    """The driver is out and is not heard of. A route that has just begun has its first fix before it."""
    if route.duty == "off_duty" or route.started_at is None:
        return []
    heard_at = max(route.fix_at, route.started_at) if route.fix_at else route.started_at
    silent_s = (now - heard_at).total_seconds()
    least = limits.stale_ends_s if ("stale_position", route.driver) in known else limits.stale_s
    if silent_s <= least:
        return []
    return [Finding("stale_position", "driver", route.driver, heard_at, {"silent_s": round(silent_s)}, route.id)]


def stands_rightly(route: RouteSight, limits: Limits = LIMITS) -> bool:
    """At a stop, at the depot or on a break nobody is stuck."""
    if route.duty == "on_break" or any(stop.status in AT_WORK for stop in route.stops):
        return True
    return route.fix is not None and distance_m(*route.fix, *route.depot) < limits.home_m


def rested(watch: Watch, at: datetime) -> Watch:
    """The standstill begins anew at `at`: until then the van stood rightly."""
    return replace(watch, anchor_at=max(watch.anchor_at, at))


def _stuck(route: RouteSight, now: datetime, limits: Limits) -> list[Finding]:
    """The van stands where it has no reason to. Standing before a stop's door gets that stop's time on top."""
    watch = route.watch
    if watch is None or route.fix is None or route.started_at is None or stands_rightly(route, limits):
        return []
    at_door_s = max(
        (stop.service_s for stop in route.stops
         if stop.status in TO_DO and distance_m(*route.fix, *stop.place) < limits.stuck_m), default=0.0)
    since = max(watch.anchor_at, route.started_at)
    stood_s = (now - since).total_seconds()
    if stood_s <= limits.stuck_s + at_door_s:
        return []
    return [Finding("stuck", "route", route.id, since, {"stood_s": round(stood_s)}, route.id)]


def _off_route(route: RouteSight, known: Known, limits: Limits) -> list[Finding]:
    watch = route.watch
    if watch is None or watch.off_since is None or watch.off_fixes < limits.off_route_fixes:
        return []
    if not any(stop.status in TO_DO for stop in route.stops):
        return []  # on the way home any road is right
    return [Finding("off_route", "route", route.id, watch.off_since, {"off_m": round(watch.off_m)}, route.id)]


def unconfirmed(
    visits: Iterable[VisitSight], *, now: datetime, known: Known = frozenset(), limits: Limits = LIMITS
) -> list[Finding]:
    """Visits that may be in vain: the recipient cannot be there, or has not answered and the van is near."""
    found = []
    for visit in visits:
        if visit.status not in TO_DO:
            continue
        reach_at = max(now, _reached(visit.reach_at or now, visit.planned_at, _waits(visit.starts_at, now)))
        numbers = {"reach_at": reach_at.isoformat(), "stop": visit.stop}
        if visit.answer == "declined":
            numbers["code"] = "declined"
            found.append(Finding("unconfirmed", "order", visit.order, visit.answered_at or now, numbers, visit.route))
            continue
        before_s = (reach_at - now).total_seconds()
        is_known = ("unconfirmed", visit.order) in known
        if before_s <= limits.unconfirmed_s or (is_known and before_s <= limits.unconfirmed_ends_s):
            numbers["code"] = "no_answer"
            found.append(Finding("unconfirmed", "order", visit.order, now, numbers, visit.route))
    return found


def worse(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Has it become so much worse since a person put it aside that it must be said again? (A quarter of an hour;
    who did not answer says that they cannot be there.)"""
    if now.get("code") == "declined" != before.get("code"):
        return True
    return bool(now.get("late_s", 0) - before.get("late_s", 0) > WORSE_S)


WORSE_S = 900
MOVED = timedelta(minutes=5)
WORTH_TELLING: Mapping[str, float] = {"late_s": 120, "silent_s": 120, "stood_s": 300, "off_m": 250, "stops": 1,
                                      "not_left_s": 120}


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Do the numbers differ so much that the queue should show the new ones?"""
    return any(
        abs(float(now.get(name, 0)) - float(before.get(name, 0))) >= least for name, least in WORTH_TELLING.items()
    ) or set(before) != set(now) or any(
        before.get(name) != now.get(name) for name in ("all", "code")
    ) or _moved(before.get("reach_at"), now.get("reach_at"))


def _moved(before: str | None, now: str | None) -> bool:
    """Has the expected arrival moved by minutes?"""
    if before is None or now is None:
        return before != now
    return abs(datetime.fromisoformat(now) - datetime.fromisoformat(before)) >= MOVED


def off_line_m(point: Point, line: npt.NDArray[np.float64]) -> float | None:
    """Metres between a point and a line of (lat, lon) rows, None where there is no line.

    On a plane that touches the sphere at the point: right to a metre within some fifty kilometres.
    """
    if len(line) == 0:
        return None
    lat, lon = point
    scale = np.radians(1.0) * EARTH_RADIUS_M
    y = (line[:, 0] - lat) * scale
    x = (line[:, 1] - lon) * scale * np.cos(np.radians(lat))
    if len(line) == 1:
        return float(np.hypot(x[0], y[0]))
    dx, dy = np.diff(x), np.diff(y)
    length = dx * dx + dy * dy
    share = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    return float(np.hypot(x[:-1] + share * dx, y[:-1] + share * dy).min())


URGENCY: Mapping[str, int] = {
    "report_conflict": 90, "late": 80, "stuck": 70, "predicted_late": 60, "unconfirmed": 55, "failed": 50,
    "unassigned": 45, "stale_position": 40, "off_route": 30,
}
"""A drive in vain can still be saved within the hour: before what has failed, which waits until tomorrow; after a
promise that breaks, because whoever does not answer is at home more often than not."""
CERTAIN = 40
"""Who says they cannot be there comes before whoever has not answered."""
KINDS = tuple(URGENCY)


def urgency(kind: str, numbers: Mapping[str, Any]) -> int:
    """Where it stands in the queue: the higher the sooner. Ten minutes of lateness count as much as a point, and each
    further stop concerned too."""
    certain = CERTAIN if numbers.get("code") == "declined" else 0
    return URGENCY[kind] * 10 + certain + min(90, int(numbers.get("late_s", 0)) // 600 + int(numbers.get("stops", 0)))


def subjects(findings: Iterable[Finding]) -> Known:
    return frozenset((one.kind, one.subject_id) for one in findings)
