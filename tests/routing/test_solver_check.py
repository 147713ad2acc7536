"""The judge: good plans pass, and every kind of fault planted in a good plan is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.routing.cities import city_day
from routing.solver import (
    Break,
    Fault,
    Overtime,
    Plan,
    Problem,
    Rest,
    Step,
    Tour,
    Travel,
    Unassigned,
    Vehicle,
    check,
    solve,
)


@pytest.fixture(scope="module")
def good() -> tuple[Problem, Travel, Plan]:
    problem, travel = city_day(45, seed=3, vans=3)
    limits = {"max_visits": 40, "max_metres": 900_000, "max_duration_s": 40_000}
    rest = (Break(11 * 3600, 12 * 3600, 1800),)
    vans = tuple(replace(van, breaks=rest, **limits) for van in problem.vehicles)
    visits = (*problem.visits[:-1], replace(problem.visits[-1], allowed_vehicles=frozenset()))
    problem = Problem(visits, vans, problem.dimensions, problem.horizon_s)
    plan = solve(problem, travel, seconds=60, seed=1, steps=300)
    plan = replace(
        plan, tours=tuple(sorted(plan.tours, key=lambda tour: (not tour.breaks, -len(tour.steps))))
    )  # faults go into the first
    assert check(problem, travel, plan) == []
    assert len(plan.tours) >= 2
    assert plan.tours[0].breaks
    assert len(plan.tours[0].steps) > 6
    assert len(plan.unassigned) == 1
    return problem, travel, plan


def _tour(plan: Plan, change: Callable[[Tour], Tour]) -> Plan:
    return replace(plan, tours=(change(plan.tours[0]), *plan.tours[1:]))


def _step(plan: Plan, at: int, change: Callable[[Step], Step]) -> Plan:
    def changed(tour: Tour) -> Tour:
        steps = list(tour.steps)
        steps[at] = change(steps[at])
        return replace(tour, steps=tuple(steps))

    return _tour(plan, changed)


def _rest(plan: Plan, change: Callable[[Rest], Rest]) -> Plan:
    return _tour(plan, lambda tour: replace(tour, breaks=tuple(change(one) for one in tour.breaks)))


def _swapped(tour: Tour) -> Tour:
    first, second, *others = tour.steps
    return replace(tour, steps=(replace(first, visit=second.visit), replace(second, visit=first.visit), *others))


def _later(tour: Tour, by: int) -> Tour:
    steps = tuple(
        replace(one, arrive_s=one.arrive_s + by, start_s=one.start_s + by, leave_s=one.leave_s + by)
        for one in tour.steps
    )
    rests = tuple(replace(one, start_s=one.start_s + by, end_s=one.end_s + by) for one in tour.breaks)
    return replace(tour, steps=steps, breaks=rests, start_s=tour.start_s + by, end_s=tour.end_s + by)


IN_THE_PLAN: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a visit is forgotten": ("visit_missing", lambda p: replace(p, unassigned=())),
    "a visit is dropped from a tour": ("visit_missing", lambda p: _tour(p, lambda t: replace(t, steps=t.steps[1:]))),
    "a visit is made twice": ("visit_twice", lambda p: _tour(p, lambda t: replace(t, steps=(*t.steps, t.steps[0])))),
    "a visit is left out twice": ("visit_twice", lambda p: replace(p, unassigned=p.unassigned * 2)),
    "a planned visit is also left out": (
        "visit_both",
        lambda p: replace(p, unassigned=(*p.unassigned, Unassigned(p.tours[0].steps[0].visit, "x", "x"))),
    ),
    "an unknown visit": (
        "unknown_visit",
        lambda p: replace(p, unassigned=(*p.unassigned, Unassigned("ghost", "x", "x"))),
    ),
    "an unknown visit in a tour": ("unknown_visit", lambda p: _step(p, 0, lambda s: replace(s, visit="ghost"))),
    "an unknown vehicle": ("unknown_vehicle", lambda p: _tour(p, lambda t: replace(t, vehicle="ghost"))),
    "a vehicle with two tours": ("vehicle_twice", lambda p: _tour(p, lambda t: replace(t, vehicle=p.tours[1].vehicle))),
    "a tour without visits": ("empty_tour", lambda p: _tour(p, lambda t: replace(t, steps=(), breaks=()))),
    "no reason": ("no_reason", lambda p: replace(p, unassigned=(replace(p.unassigned[0], message=""),))),
    "two visits swapped": ("travel_wrong", lambda p: _tour(p, _swapped)),
    "an earlier arrival than the road allows": (
        "arrival_wrong",
        lambda p: _step(p, 3, lambda s: replace(s, arrive_s=s.arrive_s - 60)),
    ),
    "service before arrival": (
        "served_before_arrival",
        lambda p: _step(p, 2, lambda s: replace(s, start_s=s.arrive_s - 1)),
    ),
    "a shortened service": ("service_wrong", lambda p: _step(p, 2, lambda s: replace(s, leave_s=s.leave_s - 30))),
    "a wrong lateness": ("lateness_wrong", lambda p: _step(p, 2, lambda s: replace(s, late_s=s.late_s + 5))),
    "a wrong travel time": ("travel_wrong", lambda p: _step(p, 2, lambda s: replace(s, travel_s=s.travel_s - 5))),
    "a wrong leg length": ("travel_wrong", lambda p: _step(p, 2, lambda s: replace(s, metres=s.metres - 5))),
    "back too early": ("end_wrong", lambda p: _tour(p, lambda t: replace(t, end_s=t.end_s - 60))),
    "back later than driven": ("end_wrong", lambda p: _tour(p, lambda t: replace(t, end_s=t.end_s + 60))),
    "left before the start": ("arrival_wrong", lambda p: _tour(p, lambda t: replace(t, start_s=t.start_s + 60))),
    "wrong metres": ("distance_wrong", lambda p: _tour(p, lambda t: replace(t, metres=t.metres - 1))),
    "wrong driving time": ("distance_wrong", lambda p: _tour(p, lambda t: replace(t, travel_s=t.travel_s - 1))),
    "wrong load at the start": ("load_wrong", lambda p: _tour(p, lambda t: replace(t, load=(0, 0)))),
    "wrong load on the way": ("load_wrong", lambda p: _step(p, 1, lambda s: replace(s, load_left=(1, 1)))),
    "a tour far too early": ("before_shift", lambda p: _tour(p, lambda t: _later(t, -30_000))),
    "a tour far too late": ("after_shift", lambda p: _tour(p, lambda t: _later(t, 30_000))),
    "windows missed": ("window_missed", lambda p: _tour(p, lambda t: _later(t, 20_000))),
    "windows not yet open": ("window_too_early", lambda p: _tour(p, lambda t: _later(t, -20_000))),
    "no break": ("break_missing", lambda p: _tour(p, lambda t: replace(t, breaks=()))),
    "a short break": ("break_length", lambda p: _rest(p, lambda r: replace(r, end_s=r.end_s - 60))),
    "a break outside its window": (
        "break_outside_window",
        lambda p: _rest(p, lambda r: replace(r, start_s=r.start_s - 9000, end_s=r.end_s - 9000)),
    ),
    "a break during service": ("break_in_service", lambda p: _rest(p, lambda r: replace(r, after=r.after - 1))),
    "a break that is nobody's": ("break_unknown", lambda p: _rest(p, lambda r: replace(r, number=3))),
    "a break after no stop": ("break_unknown", lambda p: _rest(p, lambda r: replace(r, after=999))),
    "a break twice": ("break_unknown", lambda p: _tour(p, lambda t: replace(t, breaks=t.breaks * 2))),
    "wrong wages": ("cost_wrong", lambda p: _tour(p, lambda t: replace(t, costs=replace(t.costs, hours=1)))),
    "wrong kilometres": ("cost_wrong", lambda p: _tour(p, lambda t: replace(t, costs=replace(t.costs, km=1)))),
    "wrong fixed cost": ("cost_wrong", lambda p: _tour(p, lambda t: replace(t, costs=replace(t.costs, fixed=1)))),
    "wrong total": ("cost_wrong", lambda p: replace(p, costs=replace(p.costs, late=p.costs.late + 1))),
    "wrong price of what is left out": ("cost_wrong", lambda p: replace(p, costs=replace(p.costs, left_out=0))),
}


@pytest.mark.parametrize("name", IN_THE_PLAN)
def test_a_fault_planted_in_the_plan_is_found(good: tuple[Problem, Travel, Plan], name: str) -> None:
    problem, travel, plan = good
    code, plant = IN_THE_PLAN[name]
    faults = check(problem, travel, plant(plan))
    assert code in {fault.code for fault in faults}, faults
    assert all(isinstance(fault, Fault) and fault.message.endswith(".") for fault in faults)


STRICTER: dict[str, tuple[str, Callable[[Vehicle, Tour], Vehicle]]] = {
    "a smaller van": ("overloaded", lambda v, t: replace(v, capacity=(t.load[0] - 1, t.load[1]))),
    "something aboard already": ("load_wrong", lambda v, t: replace(v, initial_load=(1, 1))),
    "fewer visits allowed": ("too_many_visits", lambda v, t: replace(v, max_visits=len(t.steps) - 1)),
    "a shorter way allowed": ("too_far", lambda v, t: replace(v, max_metres=t.metres - 1)),
    "a shorter day allowed": ("too_long", lambda v, t: replace(v, max_duration_s=t.duration_s - 1)),
    "an earlier end of work": (
        "after_shift",
        lambda v, t: replace(v, shift=replace(v.shift, latest_s=t.end_s - 100), overtime=Overtime(99, 1)),
    ),
    "a later start of work": (
        "before_shift",
        lambda v, t: replace(v, shift=replace(v.shift, earliest_s=t.start_s + 1)),
    ),
    "another end": ("distance_wrong", lambda v, t: replace(v, end_place=None)),
    "another start": ("travel_wrong", lambda v, t: replace(v, start_place=7)),
}


@pytest.mark.parametrize("name", STRICTER)
def test_a_plan_that_the_vehicle_no_longer_allows_is_found(good: tuple[Problem, Travel, Plan], name: str) -> None:
    problem, travel, plan = good
    code, stricter = STRICTER[name]
    tour = plan.tours[0]
    vans = tuple(stricter(van, tour) if van.id == tour.vehicle else van for van in problem.vehicles)
    changed = Problem(problem.visits, vans, problem.dimensions, problem.horizon_s)
    assert code in {fault.code for fault in check(changed, travel, plan)}


def test_skills_locks_and_roads_are_looked_at(good: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = good
    first = plan.tours[0].steps[0].visit
    at = problem.visit_at(first)

    def codes(**changes: object) -> set[str]:
        visits = list(problem.visits)
        visits[at] = replace(visits[at], **changes)  # type: ignore[arg-type]
        return {one.code for one in check(Problem(tuple(visits), problem.vehicles, problem.dimensions), travel, plan)}

    assert "skill" in codes(skills=frozenset({"crane"}))
    assert "vehicle_not_allowed" in codes(allowed_vehicles=frozenset({plan.tours[1].vehicle}))
    seconds = travel.seconds.copy()
    seconds[:, problem.visits[at].place] = 2_000_000_000
    assert "unreachable" in {one.code for one in check(problem, Travel(seconds, travel.metres), plan)}
    short = Problem(problem.visits, problem.vehicles, problem.dimensions, max(t.end_s for t in plan.tours) - 1)
    assert "after_horizon" in {one.code for one in check(short, travel, plan)}
