"""An independent judge of plans: reads a plan as it is written and recomputes everything with its own arithmetic.

It shares no code with the scheduling or the search (only the nouns, of which `Travel.leg_s` says how long a leg
takes), so that a mistake there cannot hide here. An empty list means that the plan keeps every hard rule, that its
times and loads are consistent with the travel matrices, that nobody leaves or waits earlier or longer than useful, and
that its cost terms are right.

`check_times` judges departure, legs, service, windows and breaks, `check_loads` what is aboard at every moment,
`check_rules` who may make what with whom, `check_costs` the money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from routing.solver import check_costs, check_loads, check_rules, check_times
from routing.solver.fault import Fault, Found
from routing.solver.halts import Course
from routing.solver.plan import Plan, Tour
from routing.solver.problem import Problem, Travel, check_places
from routing.solver.words import Words

__all__ = ["Fault", "check", "check_tour"]


def check(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> list[Fault]:
    """All faults of the plan, none if it is good. `names` and `clock` put ids and seconds into the caller's words.

    Raises `ProblemError` unknown_place if `travel` does not know all places of the problem.
    """
    check_places(problem, travel)
    words = Words(names, clock)
    ties = check_rules.Ties(problem)
    faults = list(_everyone_once(problem, plan, words))
    for tour in plan.tours:
        if problem.has_vehicle(tour.vehicle):
            faults += _judged(problem, travel, tour, ties, words)
    faults += check_rules.of_plan(problem, plan, words)
    faults += check_costs.of_plan(problem, plan)
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
    return _judged(problem, travel, tour, check_rules.Ties(problem), Words(names, clock))


def _judged(problem: Problem, travel: Travel, tour: Tour, ties: check_rules.Ties, words: Words) -> list[Fault]:
    if any(not problem.has_visit(step.visit) for step in tour.steps):
        return []  # named by the check of the whole plan; nothing else can be said
    course = Course(problem, tour, words)
    faults = list(check_rules.of_tour(course, ties))
    faults += check_times.of_tour(course, travel)
    faults += check_loads.of_tour(course, ties)
    faults += check_costs.of_tour(course)
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
