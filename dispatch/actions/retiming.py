"""A van that should have left and has not: its stops are expected as much later as it is late in leaving."""

from __future__ import annotations

from datetime import datetime, timedelta

from core import journal
from core.actor import Actor
from core.words import mark
from dispatch.models import Route, Stop

WAITING = ("planned", "allocated")


def waits(route: Route, at: datetime) -> timedelta:
    """How long ago a route that waits at the depot should have left; nothing for one that is under way or in time."""
    if route.status != "distributed" or route.starts_at is None:
        return timedelta(0)
    return max(timedelta(0), at - route.starts_at)


def reached(stop: Stop, at: datetime) -> datetime:
    """When the stop is expected to be reached, as of `at`."""
    expected = stop.eta_at or stop.planned_arrival_at or at
    late = waits(stop.route, at) if stop.route is not None else timedelta(0)
    return max(expected, (stop.planned_arrival_at or expected) + late) if late else expected


def retime(route: Route, *, by: Actor, at: datetime) -> int:
    """Expect every stop of the route as much later as it leaves too late; returns how many moved. Plan and promises
    stay, so that lateness is still judged by them."""
    if not waits(route, at):
        return 0
    moved = []
    for stop in Stop.objects.filter(route=route, status__in=WAITING).select_related("route").order_by("id"):
        expected = reached(stop, at)
        if stop.eta_at is None or expected > stop.eta_at:
            stop.eta_at = expected
            moved.append(stop)
    journal.record_many(moved, "retimed", by=by, at=at, changes=["eta_at"], reason=mark("the van has not left yet"),
                        data=lambda stop: {"route": str(stop.route_id), "eta_at": stop.eta_at.isoformat()})
    return len(moved)
