"""Arrivals are projected and stored when they changed enough to be worth telling."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core import errors, journal, tenancy
from dispatch import queries as dispatch_queries
from dispatch import states
from dispatch.models import Route, Stop
from tracking import eta, live, queries

log = logging.getLogger(__name__)

WORTH_S = 30.0


def project_etas(route: Route, *, at: datetime) -> list[Stop]:
    """Work out when the driver reaches each stop that is left, as of `at`; returns the stops whose arrival changed."""
    route = Route.objects.select_related("shift__depot", "shift__driver").get(id=route.id)
    if route.status != "started":
        return []
    stops = list(Stop.objects.filter(route=route).select_related("place").order_by("position"))
    ahead, start, left_at = _ahead(route, stops)
    if not ahead:
        return []
    last = queries.last_position(route.shift.driver_id)
    fix = eta.Fix(eta.Place(last.lat, last.lon), last.fix_at) if last and last.fix_at <= at else None
    arrivals = {one.id: one for one in eta.project(
        ahead, now=at, start=start, left_at=left_at, fix=fix, pause=_pause(route))}
    changed_ids = [
        stop.id for stop in stops
        if str(stop.id) in arrivals and eta.moved(stop.eta_at, arrivals[str(stop.id)].arrival_at, WORTH_S)
    ]
    # A driver's report may be changing a stop at this moment: only what is still to do is touched, under its lock.
    changed = list(Stop.objects.select_for_update(of=("self",)).filter(
        id__in=changed_ids, route=route, status__in=states.TO_DO).order_by("id"))
    for stop in changed:
        stop.eta_at = arrivals[str(stop.id)].arrival_at
    if changed:
        journal.touch(changed, ["eta_at"])
        live.publish(tenancy.current(), {"stop": dispatch_queries.stop_rows(changed)})
    return changed


def project_after_commit(route: Route, *, at: datetime) -> None:
    """Project in a transaction of its own once the running one is committed.

    A position's commit looks at its route and driver, which a report being applied holds while it waits for the stops:
    a transaction that wrote positions must not hold stops.
    """
    tenant_id = tenancy.current()

    def project() -> None:
        try:
            with tenancy.scope(tenant_id):
                project_etas(route, at=at)
        except errors.Conflict:
            log.info("projection overtaken by a report", extra={"route": str(route.id)})

    transaction.on_commit(project, robust=True)


def _pause(route: Route) -> eta.Pause | None:
    if route.break_start_at is None or route.break_end_at is None:
        return None
    return eta.Pause(route.break_start_at, route.break_end_at, running=route.shift.driver.status == "on_break")


def _ahead(route: Route, stops: Sequence[Stop]) -> tuple[list[eta.Ahead], eta.Place, datetime]:
    """The stops still to do with the driving time to each, and where and when the present leg began."""
    depot = route.shift.depot
    start, left_at = eta.Place(depot.lat, depot.lon), route.started_at or route.starts_at
    assert left_at is not None, "a started route has started"
    todo = sorted((stop for stop in stops if stop.status in states.TO_DO), key=_turn)
    done = [stop for stop in stops if stop.status in states.DONE]
    set_out_at = left_at
    behind = max(done, key=lambda stop: _left_at(stop, set_out_at), default=None)
    if behind is not None:
        start, left_at = _place(behind), _left_at(behind, set_out_at)
    answer: list[eta.Ahead] = []
    here, position = start, behind.position if behind and behind.position else 0
    for stop in todo:
        answer.append(eta.Ahead(
            str(stop.id), _place(stop), _leg_s(route, here, position, stop), stop.service_s,
            stop.window_start_at, stop.window_end_at, stop.arrived_at if stop.status == "arrived" else None,
        ))
        here, position = _place(stop), stop.position or 0
    return answer, start, left_at


def _left_at(stop: Stop, otherwise: datetime) -> datetime:
    return stop.departed_at or stop.arrived_at or otherwise


def _turn(stop: Stop) -> tuple[int, int]:
    """Where the driver is or heads for comes first, whatever the plan's order."""
    return {"arrived": 0, "next": 1}.get(stop.status, 2), stop.position or 0


def _place(stop: Stop) -> eta.Place:
    return eta.Place(stop.place.lat or 0.0, stop.place.lon or 0.0)


def _leg_s(route: Route, here: eta.Place, position: int, to: Stop) -> float:
    """Seconds from `here` (the plan's place number `position`, 0 = depot) to the stop, by the plan's own legs."""
    crow_m = eta.metres(here, _place(to))
    legs = [(float(leg[0]), float(leg[1])) for leg in route.legs]
    between = legs[position : to.position or 0]
    if between:
        return eta.drive_s(between, crow_m)
    # Back to an earlier stop: the plan has no leg that way, so the average pace of the whole route is taken.
    return eta.drive_s([(0.0, 0.0), *legs], crow_m)
