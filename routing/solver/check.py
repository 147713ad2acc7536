"""An independent judge of plans: reads a plan as it is written and recomputes everything with its own arithmetic.

It shares no code with the scheduling or the search (only the nouns), so that a mistake there cannot hide here.
An empty list means that the plan keeps every hard rule, that its times and loads are consistent with the travel
matrices and that its cost terms are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from routing.solver.plan import Costs, Plan, Rest, Tour
from routing.solver.problem import UNREACHABLE, Problem, Travel, Vehicle, Visit
from routing.solver.words import Words

Found = Iterator["Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a plan breaks: a stable code, a sentence, and whom it concerns."""

    code: str
    message: str
    vehicle: str | None = None
    visit: str | None = None


def check(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> list[Fault]:
    """All faults of the plan, none if it is good. `names` and `clock` put ids and seconds into the caller's words."""
    words = Words(names, clock)
    faults = list(_everyone_once(problem, plan, words))
    for tour in plan.tours:
        if problem.has_vehicle(tour.vehicle):
            faults += check_tour(problem, travel, tour, names=names, clock=clock)
    faults += _plan_costs(problem, plan)
    return faults


def check_tour(
    problem: Problem,
    travel: Travel,
    tour: Tour,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> list[Fault]:
    """All faults of one tour by itself."""
    words = Words(names, clock)
    vehicle = problem.vehicle(tour.vehicle)
    if any(not problem.has_visit(step.visit) for step in tour.steps):
        return []  # named by the check of the whole plan; nothing else can be said
    faults = list(_fitness(problem, vehicle, tour, words))
    faults += _times(problem, travel, vehicle, tour, words)
    faults += _windows(problem, tour, words)
    faults += _loads(problem, vehicle, tour, words)
    faults += _shift(vehicle, problem, tour, words)
    faults += _breaks(vehicle, tour, words)
    faults += _limits(vehicle, tour, words)
    faults += _tour_costs(problem, vehicle, tour)
    return faults


def _everyone_once(problem: Problem, plan: Plan, words: Words) -> Found:
    seen = Counter(step.visit for tour in plan.tours for step in tour.steps)
    left = Counter(one.visit for one in plan.unassigned)
    for visit_id in sorted(set(seen) | set(left)):
        if not problem.has_visit(visit_id):
            yield Fault(
                "unknown_visit", f"{words.name(visit_id)} is in the plan but not in the problem.", None, visit_id
            )
    for visit in problem.visits:
        made, out = seen[visit.id], left[visit.id]
        if made + out == 0:
            yield Fault("visit_missing", f"{words.name(visit.id)} is neither planned nor left out.", None, visit.id)
        elif made > 1:
            yield Fault("visit_twice", f"{words.name(visit.id)} is planned {made} times.", None, visit.id)
        elif made and out:
            yield Fault("visit_both", f"{words.name(visit.id)} is planned and also left out.", None, visit.id)
        elif out > 1:
            yield Fault("visit_twice", f"{words.name(visit.id)} is listed as left out {out} times.", None, visit.id)
    for one in plan.unassigned:
        if not one.code or not one.message:
            yield Fault("no_reason", f"{words.name(one.visit)} is left out without a reason.", None, one.visit)
    for vehicle_id, count in Counter(tour.vehicle for tour in plan.tours).items():
        if not problem.has_vehicle(vehicle_id):
            yield Fault(
                "unknown_vehicle", f"{words.name(vehicle_id)} has a tour but is not in the problem.", vehicle_id
            )
        if count > 1:
            yield Fault("vehicle_twice", f"{words.name(vehicle_id)} has {count} tours.", vehicle_id)
    for tour in plan.tours:
        if not tour.steps:
            yield Fault("empty_tour", f"{words.name(tour.vehicle)} has a tour without visits.", tour.vehicle)


def _fitness(problem: Problem, vehicle: Vehicle, tour: Tour, words: Words) -> Found:
    for step in tour.steps:
        visit = problem.visit(step.visit)
        lacking = sorted(visit.skills - vehicle.skills)
        if lacking:
            text = (
                f"{words.name(visit.id)} needs {words.quoted(lacking)}, which {words.name(vehicle.id)} does not have."
            )
            yield Fault("skill", text, vehicle.id, visit.id)
        if visit.allowed_vehicles is not None and vehicle.id not in visit.allowed_vehicles:
            text = f"{words.name(visit.id)} may not be served by {words.name(vehicle.id)}."
            yield Fault("vehicle_not_allowed", text, vehicle.id, visit.id)


def _times(problem: Problem, travel: Travel, vehicle: Vehicle, tour: Tour, words: Words) -> Found:
    """Every leg takes its travel time and the breaks on it; service lasts as long as it must; sums are right."""
    place, free_s, travel_s, metres = vehicle.start_place, tour.start_s, 0, 0
    for number, step in enumerate(tour.steps):
        visit = problem.visit(step.visit)
        who = words.name(visit.id)
        leg_s, leg_m = int(travel.seconds[place, visit.place]), int(travel.metres[place, visit.place])
        if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
            yield Fault("unreachable", f"There is no road to {who} from the stop before.", vehicle.id, visit.id)
        if (step.travel_s, step.metres) != (leg_s, leg_m):
            text = f"The way to {who} is {leg_s} s and {leg_m} m, not {step.travel_s} s and {step.metres} m."
            yield Fault("travel_wrong", text, vehicle.id, visit.id)
        on_leg = [rest for rest in tour.breaks if rest.after == number]
        under_way = sum(rest.end_s - rest.start_s for rest in on_leg if rest.start_s < step.arrive_s)
        if step.arrive_s != free_s + leg_s + under_way:
            text = f"{who} is reached at {words.time(free_s + leg_s + under_way)}, not at {words.time(step.arrive_s)}."
            yield Fault("arrival_wrong", text, vehicle.id, visit.id)
        if any(rest.start_s < free_s or rest.end_s > step.start_s for rest in on_leg):
            text = f"A break lies outside the time between the stop before and {who}."
            yield Fault("break_in_service", text, vehicle.id, visit.id)
        if any(rest.start_s < step.arrive_s < rest.end_s for rest in on_leg):
            yield Fault("break_overlaps", f"A break overlaps the arrival at {who}.", vehicle.id, visit.id)
        if step.start_s < step.arrive_s:
            yield Fault("served_before_arrival", f"{who} is served before the driver is there.", vehicle.id, visit.id)
        if step.leave_s - step.start_s != visit.service_s:
            text = f"{who} needs {visit.service_s} s of service, not {step.leave_s - step.start_s} s."
            yield Fault("service_wrong", text, vehicle.id, visit.id)
        place, free_s, travel_s, metres = visit.place, step.leave_s, travel_s + leg_s, metres + leg_m
    on_leg = [rest for rest in tour.breaks if rest.after == len(tour.steps)]
    if vehicle.end_place is not None:
        leg_s, leg_m = int(travel.seconds[place, vehicle.end_place]), int(travel.metres[place, vehicle.end_place])
        if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
            yield Fault("unreachable", f"There is no road back for {words.name(vehicle.id)}.", vehicle.id)
        free_s, travel_s, metres = free_s + leg_s, travel_s + leg_s, metres + leg_m
    resting = sum(rest.end_s - rest.start_s for rest in on_leg)
    waiting = tour.end_s - free_s - resting
    if waiting < 0 or (waiting > 0 and not on_leg):
        text = f"{words.name(vehicle.id)} is back at {words.time(free_s + resting)}, not at {words.time(tour.end_s)}."
        yield Fault("end_wrong", text, vehicle.id)
    if (tour.travel_s, tour.metres) != (travel_s, metres):
        text = (
            f"{words.name(vehicle.id)} drives {travel_s} s and {metres} m, not {tour.travel_s} s and {tour.metres} m."
        )
        yield Fault("distance_wrong", text, vehicle.id)


def _windows(problem: Problem, tour: Tour, words: Words) -> Found:
    for step in tour.steps:
        visit = problem.visit(step.visit)
        who = words.name(visit.id)
        if not visit.windows:
            late = 0
        else:
            last = max(window.latest_s for window in visit.windows)
            late = max(0, step.start_s - last)
            inside = any(window.earliest_s <= step.start_s <= window.latest_s for window in visit.windows)
            if late and visit.late_cents_per_hour is None:
                text = f"{who} is served at {words.time(step.start_s)}, {words.span(late)} after its window."
                yield Fault("window_missed", text, tour.vehicle, visit.id)
            elif not late and not inside:
                text = f"{who} is served at {words.time(step.start_s)}, outside {words.windows(visit.windows)}."
                yield Fault("window_too_early", text, tour.vehicle, visit.id)
        if step.late_s != late:
            yield Fault("lateness_wrong", f"{who} is {late} s late, not {step.late_s} s.", tour.vehicle, visit.id)


def _loads(problem: Problem, vehicle: Vehicle, tour: Tour, words: Words) -> Found:
    who = words.name(vehicle.id)
    stays = vehicle.initial_load if vehicle.initial_load is not None else tuple(0 for _ in problem.dimensions)
    for number, name in enumerate(problem.dimensions):
        aboard = stays[number] + sum(problem.visit(step.visit).load[number] for step in tour.steps)
        if len(tour.load) != len(problem.dimensions) or tour.load[number] != aboard:
            yield Fault("load_wrong", f"{who} starts with {aboard} of {name}, the plan says otherwise.", vehicle.id)
            return
        if aboard > vehicle.capacity[number]:
            over = aboard - vehicle.capacity[number]
            text = f"{who} carries {aboard} of {name}, {over} more than its {vehicle.capacity[number]}."
            yield Fault("overloaded", text, vehicle.id)
        for step in tour.steps:
            aboard -= problem.visit(step.visit).load[number]
            if len(step.load_left) != len(problem.dimensions) or step.load_left[number] != aboard:
                text = f"After {words.name(step.visit)} {aboard} of {name} are left, the plan says otherwise."
                yield Fault("load_wrong", text, vehicle.id, step.visit)
                return


def _shift(vehicle: Vehicle, problem: Problem, tour: Tour, words: Words) -> Found:
    who = words.name(vehicle.id)
    if tour.start_s < vehicle.shift.earliest_s:
        text = (
            f"{who} leaves at {words.time(tour.start_s)}, the shift begins at {words.time(vehicle.shift.earliest_s)}."
        )
        yield Fault("before_shift", text, vehicle.id)
    allowed = vehicle.shift.latest_s + (vehicle.overtime.max_s if vehicle.overtime is not None else 0)
    if tour.end_s > allowed:
        text = f"{who} is back at {words.time(tour.end_s)}, {words.span(tour.end_s - allowed)} after work must end."
        yield Fault("after_shift", text, vehicle.id)
    if tour.end_s > problem.horizon_s:
        yield Fault("after_horizon", f"{who} is back after the end of the plan's horizon.", vehicle.id)


def _breaks(vehicle: Vehicle, tour: Tour, words: Words) -> Found:
    who = words.name(vehicle.id)
    taken: dict[int, Rest] = {}
    for rest in tour.breaks:
        if not 0 <= rest.number < len(vehicle.breaks) or rest.number in taken:
            yield Fault("break_unknown", f"{who} takes a break that is not its own, or one twice.", vehicle.id)
            return
        if not 0 <= rest.after <= len(tour.steps):
            yield Fault("break_unknown", f"{who} takes a break after a stop that does not exist.", vehicle.id)
            return
        taken[rest.number] = rest
    for number, due in enumerate(vehicle.breaks):
        done = taken.get(number)
        if done is None:
            if tour.start_s < due.earliest_s + due.duration_s and tour.end_s > due.latest_s:
                text = f"{who} has no break between {words.time(due.earliest_s)} and {words.time(due.latest_s)}."
                yield Fault("break_missing", text, vehicle.id)
            continue
        if done.end_s - done.start_s != due.duration_s:
            text = f"The break of {who} lasts {done.end_s - done.start_s} s, not {due.duration_s} s."
            yield Fault("break_length", text, vehicle.id)
        if not due.earliest_s <= done.start_s <= due.latest_s:
            text = (
                f"The break of {who} begins at {words.time(done.start_s)}, "
                f"not between {words.time(due.earliest_s)} and {words.time(due.latest_s)}."
            )
            yield Fault("break_outside_window", text, vehicle.id)
        opens = tour.steps[done.after - 1].leave_s if done.after else tour.start_s
        closes = tour.steps[done.after].start_s if done.after < len(tour.steps) else tour.end_s
        if done.start_s < opens or done.end_s > closes:
            yield Fault("break_in_service", f"The break of {who} overlaps the service of a stop.", vehicle.id)
    spans = sorted((rest.start_s, rest.end_s) for rest in tour.breaks)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        yield Fault("break_overlaps", f"Two breaks of {who} overlap.", vehicle.id)


def _limits(vehicle: Vehicle, tour: Tour, words: Words) -> Found:
    who = words.name(vehicle.id)
    if vehicle.max_visits is not None and len(tour.steps) > vehicle.max_visits:
        text = f"{who} makes {len(tour.steps)} stops, {vehicle.max_visits} are allowed."
        yield Fault("too_many_visits", text, vehicle.id)
    if vehicle.max_metres is not None and tour.metres > vehicle.max_metres:
        text = f"{who} drives {tour.metres} m, {vehicle.max_metres} m are allowed."
        yield Fault("too_far", text, vehicle.id)
    duration = tour.end_s - tour.start_s
    if vehicle.max_duration_s is not None and duration > vehicle.max_duration_s:
        text = f"{who} is under way for {words.span(duration)}, {words.span(vehicle.max_duration_s)} are allowed."
        yield Fault("too_long", text, vehicle.id)


def _cents(rate: int, amount: int, per: int) -> int:
    """`amount` at `rate` cents for `per` units, half a cent rounded up."""
    return int(Fraction(rate * amount, per) + Fraction(1, 2))


def _late_cents(visits: list[tuple[Visit, int]]) -> int:
    price = sum(Fraction((visit.late_cents_per_hour or 0) * late, 3600) for visit, late in visits)
    return int(price + Fraction(1, 2))


def _tour_costs(problem: Problem, vehicle: Vehicle, tour: Tour) -> Found:
    late = [
        (visit, max(0, step.start_s - max(window.latest_s for window in visit.windows)))
        for step in tour.steps
        if (visit := problem.visit(step.visit)).windows
    ]
    right = Costs(
        fixed=vehicle.fixed_cents,
        hours=_cents(vehicle.cents_per_hour, tour.end_s - tour.start_s, 3600),
        km=_cents(vehicle.cents_per_km, tour.metres, 1000),
        overtime=_cents(vehicle.overtime.cents_per_hour, max(0, tour.end_s - vehicle.shift.latest_s), 3600)
        if vehicle.overtime
        else 0,
        late=_late_cents(late),
    )
    yield from _compared(right, tour.costs, vehicle.id)


def _plan_costs(problem: Problem, plan: Plan) -> Found:
    right = Costs(
        fixed=sum(tour.costs.fixed for tour in plan.tours),
        hours=sum(tour.costs.hours for tour in plan.tours),
        km=sum(tour.costs.km for tour in plan.tours),
        overtime=sum(tour.costs.overtime for tour in plan.tours),
        late=sum(tour.costs.late for tour in plan.tours),
        left_out=sum(problem.visit(one.visit).price_cents for one in plan.unassigned if problem.has_visit(one.visit)),
    )
    yield from _compared(right, plan.costs, None)


def _compared(right: Costs, written: Costs, vehicle_id: str | None) -> Found:
    for name, amount in right.terms().items():
        if written.terms()[name] != amount:
            text = f"The cost term {name} is {amount} cents, not {written.terms()[name]}."
            yield Fault("cost_wrong", text, vehicle_id)
