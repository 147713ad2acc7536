"""What is left of routes that have set out, each a problem of its own: what is aboard a van stays aboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from accounts.models import Organization
from core import tenancy
from core.words import say
from dispatch import facts, picture, planning, states
from dispatch.models import Plan, Route, Stop
from dispatch.travel import travel_between
from fleet.zoning import NO_ZONES
from orders.models import Order
from routing import roads, solver
from routing.solver import laying as sequences
from routing.solver import objective

FIRST = ("arrived", "next")
"""Where the driver is, or is heading, comes first whatever is asked."""
WORTH_S = 60
"""A lateness that grows by less than this is none, and a way that is shorter by less is not worth telling a driver."""
LATE_CENTS_PER_HOUR = 100_000
"""What being late counts while an order is looked for: far more than a van and its driver cost."""
FEWEST, SEED = 2, 1


@dataclass(frozen=True, slots=True)
class Rest:
    """The stops of a route under way that may still change places, and the problem of driving them from `at` on."""

    route: Route
    stops: tuple[Stop, ...]
    day: planning.DayFacts
    problem: solver.Problem
    travel: solver.Travel
    due: Mapping[str, datetime]
    """By when each is to be reached: its promise, else its planned window; stops without either are absent."""

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(str(stop.id) for stop in self.stops)

    def laid(self, order: Sequence[str]) -> solver.Plan | None:
        """That order with its times, None where it cannot be."""
        try:
            plan = sequences.lay(self.problem, self.travel, {str(self.route.shift_id): list(order)})
        except solver.ProblemError:
            return None
        return plan if plan.tours else None

    def arrivals(self, tour: solver.Tour) -> dict[str, datetime]:
        return {step.visit: planning.to_instant(self.day, step.arrive_s) for step in tour.steps}

    def late(self, tour: solver.Tour) -> dict[str, int]:
        """Seconds after its time for each stop that has one, 0 in time."""
        reached = self.arrivals(tour)
        return {one: max(0, round((reached[one] - end).total_seconds())) for one, end in self.due.items()}


def ahead(route: Route) -> list[Stop]:
    """The route's stops that are still to do, in the order in which the driver makes them."""
    found = Stop.objects.filter(route=route, status__in=states.TO_DO).select_related("place", "route")
    return sorted(
        (one for one in found if one.place.lat is not None),
        key=lambda one: (FIRST.index(one.status) if one.status in FIRST else 9, one.position or 0),
    )


def rest_of(route: Route, stops: Sequence[Stop], *, here: planning.Point | None, at: datetime) -> Rest:
    """The rest of a route (loaded with shift, depot, driver, vehicle) from `here` (None: the depot) at `at` on.

    No stop is served before its window opens; when a window ends is for the promise to judge, so being late only costs.
    """
    organization = Organization.objects.get(id=tenancy.current())
    served = facts.orders_of(stops)
    due = _due(stops)
    # What is in the van is delivered by it, in whichever zone.
    shift = facts.shift_facts(route.shift, NO_ZONES)
    rest_break = shift.rest if shift.rest and route.break_start_at and at < route.break_start_at else None
    # However late it has become, the stops that are left are made.
    ends_at = max(shift.end_at, at) + (shift.end_at - shift.start_at)
    van = replace(
        shift,
        depot=here or shift.depot,
        start_at=at,
        end_at=ends_at,
        capacity=(None, None, None, None),
        skills=_all(stops, served),
        rest=rest_break,
    )
    day = planning.DayFacts(
        start_at=at.astimezone(facts.zone_of_tenant()).replace(hour=0, minute=0, second=0, microsecond=0),
        objective=organization.objective,
        stops=tuple(
            replace(facts.stop_facts(one, served[str(one.id)], NO_ZONES), window=_opens(one, at), lock="")
            for one in stops
        ),
        shifts=(van, replace(shift, id="home")),
        sequences={},
    )
    travel, _ = travel_between(day.points())
    problem = planning.to_problem(day)
    visits = tuple(_soft(day, visit, due.get(visit.id)) for visit in problem.visits)
    # The second shift only brought the depot into the matrix: the van ends there.
    vehicles = (replace(problem.vehicles[0], end_place=1),)
    return Rest(route, tuple(stops), day, replace(problem, visits=visits, vehicles=vehicles), travel, due)


def possible(plan: Plan) -> bool:
    """Whether more than one order is possible on any of the plan's routes under way."""
    free = Stop.objects.filter(route__plan=plan, route__status="started", status__in=states.TO_DO)
    counted = free.exclude(status__in=FIRST).order_by().values("route").annotate(n=Count("id"))
    return bool(counted.filter(n__gte=FEWEST).exists())


def rests(plan: Plan, *, at: datetime) -> list[Rest]:
    """What is left of each of the plan's routes under way, where more than one order is possible.

    Each begins where the stop that the driver serves or heads for is left, as its arrival is expected now; else at the
    stop that was left last.
    """
    found = []
    routes = Route.objects.filter(plan=plan, status="started").select_related(
        "shift__depot", "shift__driver", "shift__vehicle", "plan")  # fmt: skip
    for route in routes.order_by("shift__driver__name", "id"):
        one = free_rest(route, at=at)
        if one is not None:
            found.append(one)
    return found


def free_rest(route: Route, *, at: datetime) -> Rest | None:
    """What of the route may still change places; None where only one order is possible."""
    stops = ahead(route)
    fixed = sum(one.status in FIRST for one in stops)
    if len(stops) - fixed < FEWEST:
        return None
    here, ready = _where(route, stops[:fixed])
    return rest_of(route, stops[fixed:], here=here, at=max(at, ready or at))


def _where(route: Route, fixed: Sequence[Stop]) -> tuple[planning.Point | None, datetime | None]:
    """From where and when the van goes on to what is free."""
    if fixed:
        last = fixed[-1]
        reached = last.arrived_at or last.eta_at or last.planned_arrival_at
        assert last.place.lat is not None and last.place.lon is not None, "only located stops are ahead"
        return (last.place.lat, last.place.lon), reached and reached + timedelta(seconds=last.service_s)
    left = (
        Stop.objects.filter(route=route, departed_at__isnull=False, place__lat__isnull=False)
        .select_related("place")
        .order_by("-departed_at")
        .first()
    )
    return ((left.place.lat, left.place.lon), left.departed_at) if left else (None, route.started_at)


def better(rest: Rest, *, seconds: float) -> solver.Plan | None:
    """A better order of the rest: less late, or as punctual and quicker; None if none is found.

    No promise that would be kept is broken for it.
    """
    now = rest.laid(rest.order)
    if now is None:
        return None
    found = solver.solve(rest.problem, rest.travel, seconds=seconds, seed=SEED, initial=now)
    if found.unassigned or not found.tours:
        return None
    before, after = rest.late(now.tours[0]), rest.late(found.tours[0])
    worse = any(late > WORTH_S and late > before[one] + WORTH_S for one, late in after.items())
    saved_late, saved = sum(before.values()) - sum(after.values()), now.tours[0].end_s - found.tours[0].end_s
    if worse or (saved_late < WORTH_S and (saved_late < 0 or saved < WORTH_S)):
        return None
    return found


def picture_of(rest: Rest, plan: solver.Plan, *, drawn: bool = False) -> picture.RoutePicture:
    """That order of the rest as a proposal shows it; with its line along the roads if `drawn`."""
    (tour,) = plan.tours
    times = planning.to_route(rest.day, tour, objective.explain(rest.problem, plan).routes[tour.vehicle])
    told = {one: picture.Told(end, True) for one, end in rest.due.items()}
    label = say("{driver}, on the road", driver=rest.day.names()[tour.vehicle])
    return picture.route_of(times, label, told, geometry=_line(rest, tour) if drawn else "")


def _line(rest: Rest, tour: solver.Tour) -> str:
    places = {stop.id: stop.point for stop in rest.day.stops}
    here, home = (shift.depot for shift in rest.day.shifts)
    way = [here, *(places[one] for one in tour.visits), home]
    return roads.from_settings().line(way)


def _all(stops: Sequence[Stop], served: Mapping[str, list[Order]]) -> frozenset[str]:
    """Every skill that is asked for: the stops are aboard already."""
    return frozenset(skill for stop in stops for order in served[str(stop.id)] for skill in order.skills)


def _soft(day: planning.DayFacts, visit: solver.Visit, due: datetime | None) -> solver.Visit:
    if due is None:
        return visit
    opens = visit.windows[0].earliest_s if visit.windows else 0
    window = solver.Window(opens, max(opens, planning.to_seconds(day, due)))
    return replace(visit, windows=(window,), late_cents_per_hour=LATE_CENTS_PER_HOUR)


def _opens(stop: Stop, at: datetime) -> tuple[datetime, datetime] | None:
    """Nobody is served before the window opens."""
    if stop.window_start_at is None or stop.window_start_at <= at:
        return None
    return stop.window_start_at, stop.window_start_at + timedelta(days=1)


def _due(stops: Sequence[Stop]) -> dict[str, datetime]:
    rows = (
        Stop.objects.filter(id__in=[one.id for one in stops])
        .annotate(promised=Min("stop_orders__order__promised_end_at", filter=Q(stop_orders__live=True)))
        .values_list("id", "promised", "window_end_at")
    )
    return {str(stop_id): end for stop_id, promised, window in rows if (end := promised or window)}

