"""The best place for a stop on a van that can still load it, by the solver's own evaluator, judged by the promises.

A parcel lies at the depot until its van leaves: only routes that have not set out, and drivers on shift who have none
yet, can take one. What is aboard a van stays aboard: it can only be done sooner (`dispatch.actions.reordering`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians
from uuid import UUID

from django.db.models import Min, Q

from core import errors
from dispatch import facts, planning, states
from dispatch.models import Route, Stop
from dispatch.travel import travel_between
from fleet import queries as fleet
from fleet.models import Shift
from routing import solver
from routing.solver import insert, laying

NEAREST = 8
"""So many vans whose ways pass nearest are asked; the travel times of a whole city's day would take seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on another van. Deltas are what it adds to that van's route: seconds, metres, cents really paid."""

    shift_id: UUID
    driver: str
    position: int
    leaves_at: datetime
    arrival_at: datetime
    delta_s: int
    delta_m: int
    delta_cents: int
    in_time: bool
    """Whether the stop is then reached within its promise."""
    spoils: tuple[str, ...]
    """Stops whose promise it would break, by label."""


def places(
    stop: Stop, *, at: datetime, lead_s: int = 0, most: int = 3
) -> list[Place]:
    """The best places on vans that leave in `lead_s` or later, the best first; at most `most`.

    Places that keep the promise come first, then the cheapest. A van that would be spoiled for others is not offered.
    """
    if stop.status not in states.MOVABLE or stop.place.lat is None or stop.place.lon is None:
        return []
    soonest = at + timedelta(seconds=lead_s)
    shifts = _vans(stop, soonest)
    if not shifts:
        return []
    day = facts.of_plan(stop.plan, shift_ids=[shift.id for shift in shifts], also=[stop], not_before=soonest)
    travel, _ = travel_between(day.points())
    problem = planning.to_problem(day)
    try:
        present = laying.lay(problem, travel, day.sequences)
        standing = solver.Standing(problem, travel, present)
        answer = insert.options(standing, str(stop.id))
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    due = _due(day)
    before = _late(day, present.tours, due)
    labels, drivers = day.names(), {str(shift.id): shift.driver.name for shift in shifts}
    found: dict[str, Place] = {}
    for option in answer.options:
        if option.vehicle in found:
            continue
        steps = {step.visit: planning.to_instant(day, step.arrive_s) for step in option.tour.steps}
        late = {visit for visit, reached in steps.items() if visit in due and reached > due[visit]}
        spoiled = tuple(labels[visit] for visit in sorted(late - before - {str(stop.id)}))
        if spoiled:
            continue
        tour = standing.tours.get(problem.vehicle_at(option.vehicle))
        paid = planning.paid_cents(day, [option.tour]) - (planning.paid_cents(day, [tour]) if tour else 0)
        found[option.vehicle] = Place(
            shift_id=UUID(option.vehicle), driver=drivers[option.vehicle], position=option.position,
            leaves_at=planning.to_instant(day, option.tour.start_s), arrival_at=steps[str(stop.id)],
            delta_s=option.delta_s, delta_m=option.delta_metres, delta_cents=paid,
            in_time=str(stop.id) not in late, spoils=spoiled)
    return sorted(found.values(), key=lambda one: (not one.in_time, one.delta_cents, one.delta_s))[:most]


def _vans(stop: Stop, soonest: datetime) -> list[Shift]:
    """Shifts of the stop's plan that can still load it, the nearest ways first; its own is not among them."""
    own = stop.route.shift_id if stop.route is not None else None
    routes = {
        route.shift_id: route for route in Route.objects.filter(plan_id=stop.plan_id).exclude(status="cancelled")}
    ready = []
    for shift in fleet.shifts_on(stop.plan.day_on, stop.plan.depot_id):
        route = routes.get(shift.id)
        if shift.id == own or shift.ends_at <= soonest:
            continue
        if route is not None and (
            route.status not in ("optimized", "distributed") or (route.starts_at or soonest) < soonest):
            continue  # it has left, or should have: what it would do from now on nobody knows
        ready.append(shift)
    if len(ready) <= NEAREST:
        return ready
    near: dict[UUID, float] = {}
    rows = Stop.objects.filter(plan_id=stop.plan_id, route__shift_id__in=[shift.id for shift in ready])
    for shift_id, lat, lon in rows.values_list("route__shift_id", "place__lat", "place__lon"):
        near[shift_id] = min(near.get(shift_id, 1e9), _degrees(stop, lat or 0.0, lon or 0.0))
    return sorted(ready, key=lambda shift: (near.get(shift.id, 1e8), shift.id))[:NEAREST]


def _degrees(stop: Stop, lat: float, lon: float) -> float:
    """How far apart, in degrees of latitude: enough to tell near from far."""
    assert stop.place.lat is not None and stop.place.lon is not None
    return hypot(lat - stop.place.lat, (lon - stop.place.lon) * cos(radians(lat)))


def _due(day: planning.DayFacts) -> dict[str, datetime]:
    """By when each stop was promised to be reached (else its window's end)."""
    rows = (
        Stop.objects.filter(id__in=[UUID(stop.id) for stop in day.stops])
        .annotate(promised=Min("stop_orders__order__promised_end_at", filter=Q(stop_orders__live=True)))
        .values_list("id", "promised", "window_end_at")
    )
    return {str(stop_id): end for stop_id, promised, window in rows if (end := promised or window)}


def _late(day: planning.DayFacts, tours: Sequence[solver.Tour], due: dict[str, datetime]) -> set[str]:
    return {
        step.visit for tour in tours for step in tour.steps
        if step.visit in due and planning.to_instant(day, step.arrive_s) > due[step.visit]
    }
