"""Arrivals are projected and stored when they changed enough to be worth telling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core import journal, tenancy
from dispatch import queries as dispatch_queries
from dispatch import states
from dispatch.models import Route, Stop
from tracking import eta, live, queries
from tracking.models import LastPosition

WORTH_S = 30.0


class Planned(NamedTuple):
    """Of a stop what a projection asks for: thousands are read at a time, and whole rows take twice as long."""

    id: UUID
    route_id: UUID
    position: int | None
    status: str
    service_s: int
    window_start_at: datetime | None
    window_end_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    eta_at: datetime | None
    lat: float | None
    lon: float | None

    @property
    def place(self) -> eta.Place:
        return eta.Place(self.lat or 0.0, self.lon or 0.0)


COLUMNS = (*Planned._fields[:-2], "place__lat", "place__lon")


def project_etas(route_ids: Collection[UUID], *, at: datetime, wait: bool = True) -> list[Stop]:
    """Work out when the drivers of these routes reach each stop that is left, as of `at`; returns the stops whose
    arrival changed. Routes that are not under way are passed over.

    A fixed number of statements however many routes there are. Without `wait` a stop that somebody is changing at this
    moment is left to whoever projects next.
    """
    routes = list(
        Route.objects.select_related("shift__depot", "shift__driver").defer("geometry")
        .filter(id__in=list(route_ids), status="started"))
    stops: dict[UUID, list[Planned]] = defaultdict(list)
    rows = Stop.objects.filter(route_id__in=[route.id for route in routes]).order_by("position")
    for values in rows.values_list(*COLUMNS):
        stop = Planned(*values)
        stops[stop.route_id].append(stop)
    seen = {row.driver_id: row for row in queries.last_positions({route.shift.driver_id for route in routes})}
    arrivals: dict[UUID, datetime] = {}
    for route in routes:
        arrivals |= _changed(route, stops[route.id], seen.get(route.shift.driver_id), at)
    return _store(arrivals, {stop.id: route_id for route_id, some in stops.items() for stop in some}, wait=wait)


def _changed(route: Route, stops: Sequence[Planned], last: LastPosition | None, at: datetime) -> dict[UUID, datetime]:
    """The new arrivals of one route, by stop, where they are worth telling."""
    ahead, start, left_at = _ahead(route, stops)
    if not ahead:
        return {}
    # A phone whose clock is fast still says where its van is now.
    fix = eta.Fix(eta.Place(last.lat, last.lon), min(last.fix_at, at)) if last else None
    arrivals = {one.id: one.arrival_at for one in eta.project(
        ahead, now=at, start=start, left_at=left_at, fix=fix, pause=_pause(route))}
    return {
        stop.id: anew for stop in stops
        if (anew := arrivals.get(str(stop.id))) is not None and eta.moved(stop.eta_at, anew, WORTH_S)
    }


def _store(arrivals: Mapping[UUID, datetime], on: Mapping[UUID, UUID], *, wait: bool) -> list[Stop]:
    """A driver's report may be changing a stop at this moment: only what is still to do on its route (`on`) is touched,
    under its lock."""
    if not arrivals:
        return []
    locked = Stop.objects.select_for_update(of=("self",), no_key=True, skip_locked=not wait)
    to_do = locked.filter(id__in=list(arrivals), status__in=states.TO_DO).order_by("id")
    changed = [stop for stop in to_do if stop.route_id == on[stop.id]]
    for stop in changed:
        stop.eta_at = arrivals[stop.id]
    journal.touch(changed, ["eta_at"])
    if changed:
        live.publish(tenancy.current(), {"arrival": dispatch_queries.arrival_rows(changed)})
    return changed


def _pause(route: Route) -> eta.Pause | None:
    if route.break_start_at is None or route.break_end_at is None:
        return None
    return eta.Pause(route.break_start_at, route.break_end_at, running=route.shift.driver.status == "on_break")


def _ahead(route: Route, stops: Sequence[Planned]) -> tuple[list[eta.Ahead], eta.Place, datetime]:
    """The stops still to do with the driving time to each, and where and when the present leg began."""
    depot = route.shift.depot
    start, left_at = eta.Place(depot.lat, depot.lon), route.started_at or route.starts_at
    assert left_at is not None, "a started route has started"
    todo = sorted((stop for stop in stops if stop.status in states.TO_DO), key=_turn)
    done = [stop for stop in stops if stop.status in states.DONE]
    set_out_at = left_at
    behind = max(done, key=lambda stop: _left_at(stop, set_out_at), default=None)
    if behind is not None:
        start, left_at = behind.place, _left_at(behind, set_out_at)
    answer: list[eta.Ahead] = []
    here, position = start, behind.position if behind and behind.position else 0
    for stop in todo:
        answer.append(eta.Ahead(
            str(stop.id), stop.place, _leg_s(route, here, position, stop), stop.service_s,
            stop.window_start_at, stop.window_end_at, stop.arrived_at if stop.status == "arrived" else None,
        ))
        here, position = stop.place, stop.position or 0
    return answer, start, left_at


def _left_at(stop: Planned, otherwise: datetime) -> datetime:
    return stop.departed_at or stop.arrived_at or otherwise


def _turn(stop: Planned) -> tuple[int, int]:
    """Where the driver is or heads for comes first, whatever the plan's order."""
    return {"arrived": 0, "next": 1}.get(stop.status, 2), stop.position or 0


def _leg_s(route: Route, here: eta.Place, position: int, to: Planned) -> float:
    """Seconds from `here` (the plan's place number `position`, 0 = depot) to the stop, by the plan's own legs."""
    crow_m = eta.metres(here, to.place)
    legs = [(float(leg[0]), float(leg[1])) for leg in route.legs]
    between = legs[position : to.position or 0]
    if between:
        return eta.drive_s(between, crow_m)
    # Back to an earlier stop: the plan has no leg that way, so the average pace of the whole route is taken.
    return eta.drive_s([(0.0, 0.0), *legs], crow_m)
