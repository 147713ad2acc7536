"""What is aboard a van stays aboard: a stop on a route under way can only be done sooner or later on the same route.

Each place among the stops that are left is timed by the solver's own schedule, from where the van is now, and judged
by what was promised. Where the driver is, or is heading, comes first whatever is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import mark, say
from dispatch import planning, under_way
from dispatch.models import Route, Stop
from dispatch.under_way import Rest
from routing import roads, solver


@dataclass(frozen=True, slots=True)
class Reorder:
    """A new order of what is left. Deltas are those of the whole rest of the route; lateness is against promises."""

    route: Route
    order: tuple[UUID, ...]
    arrivals: Mapping[UUID, datetime]
    delta_s: int
    delta_m: int
    late_s: int
    """How late the stop asked about will be, 0 in time."""
    saved_s: int
    """Lateness of all stops together that it takes away."""
    before: str
    """The label of the stop that it now comes before, "" for the end."""


def sooner(stop: Stop, *, here: planning.Point | None, at: datetime) -> Reorder | None:
    """The place on its route that brings the stop closest to its promise without breaking another; None if none helps.

    `here` is where the van is (the depot when nobody knows).
    """
    if stop.route is None or stop.route.status != "started" or stop.status != "out_for_delivery":
        return None
    return _best(stop, here, at)


def reorder(stop: Stop, *, here: planning.Point | None, by: Actor, at: datetime) -> Reorder:
    """Bring the stop forward on its route under way; the driver's phone shows the new order.

    Raises `Conflict` ("no_better_place") when nothing helps any more.
    """
    _hold(stop.route_id)
    stop = Stop.objects.select_related("place", "plan", "route__shift__depot").get(id=stop.id)
    found = sooner(stop, here=here, at=at)
    if found is None:
        raise errors.Conflict("no_better_place", say("No other order of this route helps any more: look again."))
    _write(found, by=by, at=at)
    return found


def _best(stop: Stop, here: planning.Point | None, at: datetime) -> Reorder | None:
    assert stop.route is not None
    route = Route.objects.select_related("shift__depot", "shift__driver", "shift__vehicle", "plan").get(
        id=stop.route_id)
    stops = under_way.ahead(route)
    fixed = sum(one.status in under_way.FIRST for one in stops)
    if len(stops) - fixed < under_way.FEWEST:
        return None
    rest = under_way.rest_of(route, stops, here=here, at=at)
    names, mine = rest.day.names(), str(stop.id)
    laid = rest.laid(rest.order)
    if laid is None or mine not in rest.due:
        return None
    now, before = laid.tours[0], rest.late(laid.tours[0])
    others = [one for one in rest.order if one != mine]
    candidates = []
    for index in range(fixed, len(stops)):
        order = [*others[:index], mine, *others[index:]]
        plan = rest.laid(order)
        if plan is None or tuple(order) == rest.order:
            continue
        (tour,) = plan.tours
        after = rest.late(tour)
        worse = any(after[one] > before[one] + under_way.WORTH_S for one in after if one != mine)
        if worse or after[mine] >= before[mine] - under_way.WORTH_S:
            continue
        candidates.append(_reorder(
            rest, tour, now, late_s=after[mine], saved_s=sum(before.values()) - sum(after.values()),
            before=names[others[index]] if index < len(others) else ""))
    return min(candidates, key=lambda one: (one.late_s, one.delta_s), default=None)


def _reorder(rest: Rest, tour: solver.Tour, now: solver.Tour, *, late_s: int, saved_s: int, before: str) -> Reorder:
    return Reorder(
        route=rest.route, order=tuple(UUID(one) for one in tour.visits),
        arrivals={UUID(one): at for one, at in rest.arrivals(tour).items()},
        delta_s=tour.duration_s - now.duration_s, delta_m=tour.metres - now.metres, late_s=late_s, saved_s=saved_s,
        before=before)


def follow(route: Route, order: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Put what is left of a route under way into this order (stop ids); the driver's phone shows it.

    What was done or begun meanwhile is passed over. Raises `Conflict` ("plan_changed") where other stops are left.
    """
    _hold(route.id)
    route = Route.objects.select_related("shift__depot", "shift__driver", "shift__vehicle", "plan").get(id=route.id)
    rest = under_way.free_rest(route, at=at) if route.status == "started" else None
    if rest is None:
        return
    driver = route.shift.driver.name
    wanted = [one for one in order if one in rest.order]
    if set(wanted) != set(rest.order):
        raise errors.Conflict("plan_changed", say("The route of {driver} has other stops by now.", driver=driver))
    now, new = rest.laid(rest.order), rest.laid(wanted)
    if now is None or new is None:
        raise errors.Conflict("plan_changed", say("The route of {driver} cannot be driven so any more.", driver=driver))
    before, after = rest.late(now.tours[0]), rest.late(new.tours[0])
    if tuple(wanted) != rest.order:
        _write(_reorder(rest, new.tours[0], now.tours[0], late_s=sum(after.values()),
                        saved_s=sum(before.values()) - sum(after.values()), before=""), by=by, at=at)


def _hold(route_id: UUID | None) -> None:
    """As a report of the driver does: all stops of the route in one order, so that nobody waits crosswise."""
    list(Stop.objects.select_for_update(of=("self",)).filter(route_id=route_id).order_by("id").values_list("id"))


def _write(found: Reorder, *, by: Actor, at: datetime) -> None:
    """The stops in their new places, and the route's legs and line along them."""
    route = found.route
    rows = {one.id: one for one in Stop.objects.filter(route=route).select_related("place")}
    slots = sorted(rows[one].position or 0 for one in found.order)
    moved: list[Stop] = []
    retimed: list[Stop] = []
    for slot, stop_id in zip(slots, found.order, strict=True):
        stop = rows[stop_id]
        changed = stop.position != slot
        stop.position, stop.eta_at = slot, found.arrivals[stop_id]
        (moved if changed else retimed).append(stop)
    journal.record_many(moved, "moved", by=by, at=at, changes=["position", "eta_at"], data=_where)
    journal.touch(retimed, ["eta_at"])
    way = sorted(rows.values(), key=lambda one: one.position or 0)
    depot = (route.shift.depot.lat, route.shift.depot.lon)
    points = [depot, *((one.place.lat or 0.0, one.place.lon or 0.0) for one in way), depot]
    legs = roads.from_settings().route(points)
    route.legs = [[leg.seconds, leg.metres] for leg in legs]
    route.geometry = roads.chained(leg.geometry for leg in legs)
    route.distance_m = round(sum(leg.metres for leg in legs))
    journal.record(route, "changed", by=by, at=at, changes=["legs", "geometry", "distance_m"],
                   reason=mark("the order of its stops was changed on the way"))


def _where(stop: Stop) -> dict[str, Any]:
    return {"route": str(stop.route_id), "position": stop.position,
            "planned_arrival_at": stop.planned_arrival_at.isoformat() if stop.planned_arrival_at else None}
