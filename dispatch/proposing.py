"""The operation that works out a proposal: the day's facts, perhaps with another fleet, the solver, two pictures.

Nothing is written into the plan, which may go on changing meanwhile: the proposal keeps prints of what it was made on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core import clock, errors, journal, operations
from core.actor import SYSTEM
from core.models import Operation
from core.words import say
from dispatch import facts, fingerprint, judging, picture, planning, solving, under_way, whatif, wishes
from dispatch.models import Plan, Proposal, Stop
from dispatch.travel import travel_between
from fleet import queries as fleet
from fleet import rostering
from fleet.models import Driver, Shift, Vehicle
from orders.models import Order
from routing import child, solver
from routing.solver import laying as sequences
from routing.solver import objective, reoptimize

MOST_BROKEN_SAID = 3
#: The routes under way get this share of the time, each at least and at most so many seconds.
UNDER_WAY_SHARE, LEAST_S, MOST_S = 0.3, 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal is made on: the real day, the day as it is asked for, who was told what, what must stay."""

    plan: Plan
    real: planning.DayFacts
    day: planning.DayFacts
    needs: list[whatif.Need]
    told: dict[str, picture.Told]
    loaded: dict[str, str]


def told_of(stops: list[Stop]) -> dict[str, picture.Told]:
    """By when each stop is to be reached: the earliest promise of its orders, else its planned window."""
    served = facts.orders_of(stops)
    return {str(stop.id): _told(stop, served[str(stop.id)]) for stop in stops}


def _told(stop: Stop, orders: list[Order]) -> picture.Told:
    ends = [order.promised_end_at for order in orders if order.promised_end_at]
    return picture.Told(min(ends) if ends else stop.window_end_at, bool(ends))


def joining(plan: Plan, asked: whatif.Fleet) -> dict[int, planning.ShiftFacts]:
    """The vans that could come in, as shifts of their drivers' usual hours. Raises `Invalid` for who is not free."""
    found: dict[int, planning.ShiftFacts] = {}
    taken = list(Shift.objects.filter(day_on=plan.day_on, status="rostered").values_list("driver_id", "vehicle_id"))
    zone, zones = facts.zone_of_tenant(), fleet.zoning()
    for number, one in enumerate(asked["more"]):
        if one["like"]:
            continue
        driver = fleet.drivers().filter(id=UUID(one["driver"] or "")).first()
        vehicle = fleet.vehicles().filter(id=UUID(one["vehicle"] or "")).first()
        if driver is None or vehicle is None:
            raise errors.Invalid("not_found", say("There is no such driver or vehicle here."), param="more")
        _free(driver, vehicle, taken)
        found[number] = facts.shift_facts(_usual(plan, driver, vehicle, zone), zones)
    return found


def _free(driver: Driver, vehicle: Vehicle, taken: list[tuple[Any, Any]]) -> None:
    if driver.id in {one for one, _ in taken}:
        raise errors.Invalid(
            "driver_taken", say("{driver} has a shift that day already.", driver=driver.name), param="more"
        )
    if vehicle.id in {one for _, one in taken}:
        raise errors.Invalid(
            "vehicle_taken", say("{vehicle} is on the road that day already.", vehicle=vehicle.name), param="more"
        )


def _usual(plan: Plan, driver: Driver, vehicle: Vehicle, zone: Any) -> Shift:
    """A shift that nobody has yet: never saved."""
    return rostering.usual(day=plan.day_on, driver=driver, vehicle=vehicle, depot=plan.depot, zone=zone)


def ground(plan: Plan, params: Mapping[str, Any]) -> Ground:
    """The facts of a plan as the proposal's settings want them."""
    asked: whatif.Fleet = params["fleet"]
    real = facts.of_plan(plan)
    if params["objective"]:
        real = replace(real, objective=params["objective"])
    known = {shift.id for shift in real.shifts}
    named = {*asked["absent"], *(one["shift"] for one in asked["longer"])}
    named |= {one["like"] for one in asked["more"] if one["like"]}
    if not named <= known:
        raise errors.Refused(
            "no_such_shift", say("One of these shifts has set out, or is not of this plan."), param="fleet"
        )
    day, needs = whatif.changed(real, asked, joining(plan, asked))
    ids = [stop.id for stop in real.stops]
    stops = list(Stop.objects.filter(id__in=ids).select_related("route"))
    sent = [stop for stop in stops if stop.status == "allocated"]
    loaded = {str(stop.id): str(stop.route.shift_id) for stop in sent if stop.route is not None}
    return Ground(plan, real, day, needs, told_of(stops), loaded)


def run(job: operations.Job) -> None:
    """Work out one proposal. Ends the operation with `{proposal, plan, ...}`."""
    params = job.params
    job.progress({"phase": "travel_times", "plan": params["plan"]})
    with job.scope():
        on = ground(Plan.objects.select_related("depot").get(id=params["plan"]), params)
        prints = fingerprint.prints(facts.of_plan(on.plan))
        rests = under_way.rests(on.plan, at=clock.now()) if takes_under_way(params) else []
    plannable = bool(on.day.shifts and on.day.stops)
    if not plannable and not rests:
        raise errors.Refused("nothing_to_plan", say("There is no shift or no stop left to plan."))
    job.progress({"stops": len(on.day.stops) + sum(len(one.stops) for one in rests)})
    share = UNDER_WAY_SHARE if plannable else 1.0
    ways = ways_under_way(rests, share * float(params["seconds"]) if rests else 0.0)
    if not plannable:
        empty: picture.Picture = {"routes": [], "off": [], "terms": {}}
        _finish(job, on, (empty, empty), ways, on.plan.objective, on.plan.roads, prints)
        return
    left_s = max(1, round(float(params["seconds"]) * (1 - share if rests else 1)))
    travel, source = travel_between(on.day.points())
    real_travel = travel if on.day is on.real else travel_between(on.real.points())[0]
    present, before = present_picture(on, real_travel)
    asked = wishes.Wishes(
        loaded=on.loaded if params["keep_loaded"] else {},
        promises=wishes.kept_promises(present, on.told) if params["keep_promises"] else {},
    )
    problem = wishes.bound(planning.to_problem(on.day), on.day, asked)
    standing = planning.present_plan(problem, travel, on.day, rules=params["kind"] == "optimise")
    near = None if params["kind"] == "optimise" or standing is None else _near(params, on.day)
    solution = solving.search(job, problem, travel, on.day, left_s, standing, near)
    if near is not None and standing is not None:
        problem = near.bounded(problem, standing)
    job.progress({"phase": "drawing"})
    after = proposed_picture(on, problem, travel, solution)
    names = on.day.names() | on.real.names()
    said = wishes.broken(asked, before, after, names)
    if said:
        left = len(said) - MOST_BROKEN_SAID
        words = " ".join([*said[:MOST_BROKEN_SAID], *([say("And {count} more.", count=left)] if left > 0 else [])])
        raise errors.Refused(
            "wish_broken", say("No plan was found that keeps what you asked for. {words}", words=words)
        )
    _finish(job, on, (present, after), ways, judging.stored(on.day, problem, solution), source, prints)


def takes_under_way(params: Mapping[str, Any]) -> bool:
    """Whether routes that have set out are put into a better order, too."""
    return bool(params["kind"] == "reoptimise" and params["scope"] != reoptimize.REORDER_CHANGED)


def ways_under_way(
    rests: Sequence[under_way.Rest], seconds: float
) -> list[tuple[picture.RoutePicture, picture.RoutePicture]]:
    """Routes under way that have a better order, as they stand and as they could be."""
    found = []
    until = time.monotonic() + seconds
    for number, rest in enumerate(rests):
        left_s = (until - time.monotonic()) / (len(rests) - number)
        plan = under_way.better(rest, seconds=max(LEAST_S, min(MOST_S, left_s)))
        now = rest.laid(rest.order)
        if plan is not None and now is not None:
            found.append((under_way.picture_of(rest, now), under_way.picture_of(rest, plan, drawn=True)))
    return found


def _finish(
    job: operations.Job,
    on: Ground,
    pictures: tuple[picture.Picture, picture.Picture],
    ways: Sequence[tuple[picture.RoutePicture, picture.RoutePicture]],
    judged: judging.Stored,
    source: str,
    prints: fingerprint.Prints,
) -> None:
    """Keep the proposal with the routes under way beside the others, and end the operation."""
    before, after = pictures
    before = {**before, "routes": [*before["routes"], *(now for now, _ in ways)]}
    after = {**after, "routes": [*after["routes"], *(new for _, new in ways)]}
    with job.finish() as result:
        made = _keep(job, on, before, after, judged, source, prints)
        result.update({"proposal": str(made.id), "plan": str(on.plan.id), "kind": made.kind})


def _keep(
    job: operations.Job,
    on: Ground,
    present: picture.Picture,
    after: picture.Picture,
    judged: judging.Stored,
    source: str,
    prints: fingerprint.Prints,
) -> Proposal:
    params = job.params
    made = Proposal(
        plan=on.plan,
        operation=Operation.objects.get(id=job.operation_id),
        kind=params["kind"],
        title=params["title"],
        made_by=params["made_by"],
        made_at=clock.now(),
        settings={name: value for name, value in params.items() if name not in ("plan", "kind", "title", "made_by")},
        before=present,
        after=after,
        judged=judged,
        roads=source,
        prints=prints,
        needs=on.needs,
    )
    journal.born([made], "made", by=SYSTEM, at=clock.now(), data=lambda _: {"plan": str(on.plan.id)})
    return made


def present_picture(on: Ground, travel: solver.Travel) -> tuple[picture.Picture, dict[str, tuple[str, ...]]]:
    """The routes that stand, reckoned by the same judge as those that are proposed."""
    problem = planning.to_problem(on.real)
    known = {stop.id for stop in on.real.stops}
    order = {
        shift: tuple(stop for stop in stops if stop in known)
        for shift, stops in on.real.sequences.items()
        if problem.has_vehicle(shift)
    }
    try:
        plan = sequences.lay(problem, travel, order)
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    explained = objective.explain(problem, plan)
    names = on.real.names()
    routes = [
        picture.route_of(planning.to_route(on.real, tour, explained.routes[tour.vehicle]), names[tour.vehicle], on.told)
        for tour in plan.tours
    ]
    reasons = {one.visit: (one.code, one.message) for one in plan.unassigned}
    return {"routes": routes, "off": picture.left_out(reasons, on.told), "terms": _terms(explained)}, plan.sequences()


def proposed_picture(on: Ground, problem: solver.Problem, travel: solver.Travel, plan: solver.Plan) -> picture.Picture:
    """The routes that were found, with their lines along the roads and the reasons of what is left out."""
    labels = {shift.id: shift.label for shift in on.day.shifts}
    routes = [
        picture.route_of(
            one.times,
            labels[one.times.shift_id],
            on.told,
            geometry=one.geometry,
            imagined=one.times.shift_id.startswith(whatif.IMAGINED),
        )
        for one in solving.draw(on.day, problem, plan)
    ]
    reasons = solving.reasons(on.day, problem, travel, plan)
    terms = _terms(objective.explain(problem, plan))
    return {"routes": routes, "off": picture.left_out(reasons, on.told), "terms": terms}


def _terms(explained: objective.Explained) -> dict[str, int]:
    return {one.term.name: one.cents for one in explained.plan}


def _near(params: Mapping[str, Any], day: planning.DayFacts) -> child.Near:
    known = {stop.id for stop in day.stops}
    changed = tuple(stop for stop in params["changed"] if stop in known)
    return child.Near(params["scope"], params["max_changes"], params["change_cents"], changed)
