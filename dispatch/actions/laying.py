"""Writing a solution into the plan: stops take their places and times, routes their shape."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core import journal
from core.actor import Actor
from core.words import mark
from dispatch import facts, judging, planning
from dispatch.models import Plan, Route, Stop
from orders import progress
from routing import solver

PLACED = [
    "route",
    "position",
    "planned_arrival_at",
    "planned_departure_at",
    "eta_at",
    "unassigned_code",
    "unassigned_message",
    "lock",
]
SHAPED = [
    "starts_at",
    "ends_at",
    "break_start_at",
    "break_end_at",
    "distance_m",
    "duration_s",
    "cost_cents",
    "geometry",
    "legs",
    "load",
    "amounts",
]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A route with its line along the roads."""

    times: planning.RouteTimes
    geometry: str


def lay_routes(
    plan: Plan,
    drawn: Sequence[Drawn],
    left_out: Mapping[str, tuple[str, str]],
    *,
    shift_ids: set[UUID],
    by: Actor,
    at: datetime,
    meant: Collection[str] | None = None,
    reason: str = "",
) -> dict[str, Stop]:
    """Write these routes, which replace whatever the shifts `shift_ids` had; `left_out` is {stop id: (code, sentence)}.

    With `meant` only these stops count as moved by hand: what stays on its route and only changed its number is
    retimed. A stop that leaves its route loses its lock.

    Stops that were cancelled or set out meanwhile are passed over. All in the caller's transaction. Returns the stops
    named, by id, as they now are; those on a route come with it.
    """
    named = {*left_out, *(times.id for one in drawn for times in one.times.stops)}
    stops = {
        str(stop.id): stop for stop in Stop.objects.select_for_update(of=("self",)).filter(plan=plan, id__in=named)
    }
    routes = {
        route.shift_id: route
        for route in Route.objects.select_for_update(of=("self",))
        .filter(plan=plan, shift_id__in=shift_ids)
        .exclude(status="cancelled")
    }
    joined: list[Stop] = []
    moved: list[Stop] = []
    retimed: list[Stop] = []
    for one in drawn:
        route = _shape(plan, routes.get(UUID(one.times.shift_id)), one, by=by, at=at)
        routes[route.shift_id] = route
        for position, times in enumerate(one.times.stops, start=1):
            stop = stops[times.id]
            if stop.status not in ("unassigned", "planned", "allocated"):
                continue
            changed = stop.route_id != route.id or (stop.position != position and (meant is None or times.id in meant))
            stop.route, stop.position = route, position
            stop.planned_arrival_at, stop.planned_departure_at = times.arrival_at, times.departure_at
            stop.eta_at = times.arrival_at
            stop.unassigned_code = stop.unassigned_message = ""
            if stop.status == "unassigned":
                stop.lock = ""
            (joined if stop.status == "unassigned" else moved if changed else retimed).append(stop)
    journal.transition_many(joined, "planned", by=by, at=at, reason=reason, changes=PLACED, data=_where)
    journal.record_many(moved, "moved", by=by, at=at, reason=reason, changes=PLACED, data=_where)
    journal.record_many(retimed, "retimed", by=by, at=at, reason=reason, changes=PLACED, data=_where)
    _leave_out(stops, left_out, by=by, at=at, reason=reason)
    used = {UUID(one.times.shift_id) for one in drawn}
    empty = [route for shift_id, route in routes.items() if shift_id not in used]
    journal.transition_many(empty, "cancelled", by=by, at=at, reason=mark("no stop is left on it"))
    served = facts.orders_of(joined)
    progress.schedule([order for orders in served.values() for order in orders], by=by, at=at)
    return stops


def _where(stop: Stop) -> dict[str, Any]:
    return {
        "route": str(stop.route_id),
        "position": stop.position,
        "planned_arrival_at": stop.planned_arrival_at.isoformat() if stop.planned_arrival_at else None,
    }


def _why(stop: Stop) -> dict[str, Any]:
    return {"code": stop.unassigned_code, "message": stop.unassigned_message}


def _shape(plan: Plan, route: Route | None, drawn: Drawn, *, by: Actor, at: datetime) -> Route:
    times = drawn.times
    new = route is None
    route = route or Route(plan=plan, shift_id=UUID(times.shift_id), status="optimized")
    route.starts_at, route.ends_at = times.starts_at, times.ends_at
    route.break_start_at, route.break_end_at = times.rest or (None, None)
    route.distance_m, route.duration_s, route.cost_cents = times.distance_m, times.duration_s, times.cost_cents
    route.geometry, route.legs, route.load = drawn.geometry, [list(leg) for leg in times.legs], times.load
    route.amounts = {name: list(amount) for name, amount in times.amounts.items()}
    if new:
        journal.born([route], "optimized", by=by, at=at)
    else:
        journal.record(route, "changed", by=by, at=at, changes=SHAPED)
    return route


def _leave_out(
    stops: Mapping[str, Stop], left_out: Mapping[str, tuple[str, str]], *, by: Actor, at: datetime, reason: str
) -> None:
    dropped: list[Stop] = []
    waiting: list[Stop] = []
    for stop_id, (code, message) in left_out.items():
        stop = stops[stop_id]
        if stop.status not in ("unassigned", "planned", "allocated"):
            continue
        stop.route, stop.position, stop.lock = None, None, ""
        stop.planned_arrival_at = stop.planned_departure_at = stop.eta_at = None
        stop.unassigned_code, stop.unassigned_message = code, message[:300]
        (waiting if stop.status == "unassigned" else dropped).append(stop)
    journal.record_many(waiting, "left_out", by=by, at=at, reason=reason, changes=PLACED, data=_why)
    journal.transition_many(dropped, "unassigned", by=by, at=at, reason=reason, changes=PLACED, data=_why)
    served = facts.orders_of(dropped)
    progress.unschedule(
        [order for orders in served.values() for order in orders], reason=mark("its stop left the route"), by=by, at=at
    )


def settle(plan: Plan, *, to: str, objective: judging.Stored, roads: str, by: Actor, at: datetime) -> None:
    """The plan as a whole after its routes were written."""
    plan.objective, plan.terms, plan.roads = objective, judging.cents(objective), roads
    changes = ["objective", "terms", "roads"]
    if plan.status == to:
        journal.record(plan, "changed", by=by, at=at, changes=changes)
    else:
        journal.transition(plan, to, by=by, at=at, changes=changes)


def rejudged(plan: Plan, day: planning.DayFacts, problem: solver.Problem) -> judging.Stored:
    """What the plan is judged by after its routes were changed by hand: terms and prices of the last solve (of `day`
    and `problem` where there was none), amounts of now."""
    routes = Route.objects.filter(plan=plan).exclude(status="cancelled").values_list("amounts", "duration_s")
    left_out: dict[UUID, str] = {}
    missing = Stop.objects.filter(plan=plan, status="unassigned").values_list("id", "stop_orders__order__priority")
    for stop_id, priority in missing:
        left_out[stop_id] = facts.more_urgent(left_out.get(stop_id), priority)
    known = plan.objective or judging.stored(day, problem, None)
    return judging.adjusted(known, list(routes), left_out.values())
