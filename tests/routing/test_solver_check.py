"""The judge: good plans pass, and every kind of fault planted in a good plan is found and named."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.routing.cities import city_day
from routing.solver import (
    Break,
    Costs,
    Fault,
    Lock,
    Overtime,
    Pair,
    Plan,
    Problem,
    ProblemError,
    Reload,
    Reloading,
    Rest,
    Step,
    Tour,
    Travel,
    Unassigned,
    Vehicle,
    Visit,
    Window,
    check,
)
from routing.solver.check import check_tour
from tests.routing.full_day import full_day
from tests.routing.laid_plans import written

Case = tuple[Problem, Travel, Plan]


@pytest.fixture(scope="module")
def good() -> Case:
    problem, travel, plan = full_day()
    assert check(problem, travel, plan) == []
    one, two = plan.tours
    assert one.trips == (("a", "p", "b"), ("d", "q", "e", "c"))
    assert two.visits == ("x", "y", "z")
    assert [(rest.part, rest.after) for rest in one.breaks] == [(0, 2), (1, 2)]
    assert min(amount for name, amount in plan.costs.terms().items()) > 0  # each term is in use
    return problem, travel, plan


def _tour(plan: Plan, change: Callable[[Tour], Tour], number: int = 0) -> Plan:
    return replace(plan, tours=tuple(change(one) if at == number else one for at, one in enumerate(plan.tours)))


def _step(plan: Plan, at: int, change: Callable[[Step], Step]) -> Plan:
    return _tour(
        plan,
        lambda tour: replace(
            tour, steps=tuple(change(one) if number == at else one for number, one in enumerate(tour.steps))
        ),
    )


def _rests(plan: Plan, change: Callable[[Rest], Rest]) -> Plan:
    return _tour(plan, lambda tour: replace(tour, breaks=tuple(change(one) for one in tour.breaks)))


def _reload(plan: Plan, **changes: Any) -> Plan:
    return _tour(plan, lambda tour: replace(tour, reloads=(replace(tour.reloads[0], **changes),)))


def _costs(plan: Plan, **changes: int) -> Plan:
    return _tour(plan, lambda tour: replace(tour, costs=replace(tour.costs, **changes)))


def _swapped(tour: Tour) -> Tour:
    first, second, *others = tour.steps
    return replace(tour, steps=(replace(first, visit=second.visit), replace(second, visit=first.visit), *others))


def _later(tour: Tour, by: int, since: int = 0) -> Tour:
    """All that happens from step `since` on, later."""
    moved: Callable[[Any], Any] = lambda one: replace(  # noqa: E731
        one, arrive_s=one.arrive_s + by, start_s=one.start_s + by, leave_s=one.leave_s + by
    )
    steps = tuple(moved(one) if number >= since else one for number, one in enumerate(tour.steps))
    reloads = tuple(moved(one) if one.after >= since else one for one in tour.reloads)
    rests = tuple(
        replace(one, start_s=one.start_s + by, end_s=one.end_s + by) if one.after >= since else one
        for one in tour.breaks
    )
    start_s = tour.start_s if since else tour.start_s + by
    return replace(tour, steps=steps, reloads=reloads, breaks=rests, start_s=start_s, end_s=tour.end_s + by)


def _waiting(tour: Tour) -> Tour:
    """The first stop is served ten seconds after it could be, the rest as much later."""
    later = _later(tour, 10, since=1)
    first = tour.steps[0]
    first = replace(first, start_s=first.start_s + 10, leave_s=first.leave_s + 10)
    return replace(later, steps=(first, *later.steps[1:]))


def _too_early(tour: Tour) -> Tour:
    """The tour leaves ten seconds earlier and waits for it at the first stop."""
    first = tour.steps[0]
    first = replace(first, arrive_s=first.arrive_s - 10)
    return replace(tour, start_s=tour.start_s - 10, steps=(first, *tour.steps[1:]))


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
    "an arrival as if without the break": (
        "arrival_wrong",
        lambda p: _step(p, 2, lambda s: replace(s, arrive_s=s.arrive_s - 900)),
    ),
    "service before arrival": (
        "served_before_arrival",
        lambda p: _step(p, 2, lambda s: replace(s, start_s=s.arrive_s - 1)),
    ),
    "service after a needless wait": ("waits_needlessly", lambda p: _tour(p, _waiting)),
    "a departure before it is needed": ("left_too_early", lambda p: _tour(p, _too_early, 1)),
    "a shortened service": ("service_wrong", lambda p: _step(p, 2, lambda s: replace(s, leave_s=s.leave_s - 30))),
    "a wrong lateness": ("lateness_wrong", lambda p: _step(p, 5, lambda s: replace(s, late_s=s.late_s + 5))),
    "a wrong travel time": ("travel_wrong", lambda p: _step(p, 2, lambda s: replace(s, travel_s=s.travel_s - 5))),
    "the travel time of the morning": ("travel_wrong", lambda p: _step(p, 6, lambda s: replace(s, travel_s=107))),
    "a wrong leg length": ("travel_wrong", lambda p: _step(p, 2, lambda s: replace(s, metres=s.metres - 5))),
    "back too early": ("end_wrong", lambda p: _tour(p, lambda t: replace(t, end_s=t.end_s - 60))),
    "back later than driven": ("end_wrong", lambda p: _tour(p, lambda t: replace(t, end_s=t.end_s + 60))),
    "left before the start": ("arrival_wrong", lambda p: _tour(p, lambda t: replace(t, start_s=t.start_s + 60))),
    "wrong metres": ("distance_wrong", lambda p: _tour(p, lambda t: replace(t, metres=t.metres - 1))),
    "wrong driving time": ("distance_wrong", lambda p: _tour(p, lambda t: replace(t, travel_s=t.travel_s - 1))),
    "wrong load at the start": ("load_wrong", lambda p: _tour(p, lambda t: replace(t, load=(0, 0)))),
    "wrong load on the way": ("load_wrong", lambda p: _step(p, 1, lambda s: replace(s, load_left=(1, 1)))),
    "too few loads": ("load_wrong", lambda p: _step(p, 1, lambda s: replace(s, load_left=()))),
    "wrong load after the depot": ("load_wrong", lambda p: _reload(p, load=(8, 4))),
    "a tour far too early": ("before_shift", lambda p: _tour(p, lambda t: _later(t, -1000))),
    "a tour far too late": ("after_shift", lambda p: _tour(p, lambda t: _later(t, 3000))),
    "a tour after all days": ("after_horizon", lambda p: _tour(p, lambda t: _later(t, 17_000))),
    "windows missed": ("window_missed", lambda p: _tour(p, lambda t: _later(t, 300))),
    "windows not yet open": ("window_too_early", lambda p: _tour(p, lambda t: _later(t, -20))),
    "the gap between two windows": ("window_too_early", lambda p: _tour(p, lambda t: _later(t, -100, since=3))),
    "no break": ("break_missing", lambda p: _tour(p, lambda t: replace(t, breaks=()))),
    "no first part of a break": ("break_missing", lambda p: _tour(p, lambda t: replace(t, breaks=t.breaks[1:]))),
    "no second part of a break": ("break_missing", lambda p: _tour(p, lambda t: replace(t, breaks=t.breaks[:1]))),
    "a short break": ("break_length", lambda p: _rests(p, lambda r: replace(r, end_s=r.end_s - 60))),
    "the parts exchanged": ("break_order", lambda p: _rests(p, lambda r: replace(r, part=1 - r.part))),
    "a break outside its window": (
        "break_outside_window",
        lambda p: _rests(p, lambda r: replace(r, start_s=r.start_s - 10, end_s=r.end_s - 10)),
    ),
    "a break during service": ("break_in_service", lambda p: _rests(p, lambda r: replace(r, after=r.after - 1))),
    "a break during service before the end": ("break_in_service", lambda p: _rests(p, lambda r: replace(r, after=7))),
    "a break that overlaps itself": (
        "break_overlaps",
        lambda p: _rests(p, lambda r: replace(r, start_s=600, end_s=600 + r.end_s - r.start_s)),
    ),
    "a break that is nobody's": ("break_unknown", lambda p: _rests(p, lambda r: replace(r, number=3))),
    "a part that is none": ("break_unknown", lambda p: _rests(p, lambda r: replace(r, part=2))),
    "a break after no stop": ("break_unknown", lambda p: _rests(p, lambda r: replace(r, after=999))),
    "a break twice": ("break_unknown", lambda p: _tour(p, lambda t: replace(t, breaks=t.breaks * 2))),
    "no reload": ("load_wrong", lambda p: _tour(p, lambda t: replace(t, reloads=()))),
    "a reload elsewhere": ("reload_unknown", lambda p: _reload(p, point=1)),
    "a reload before nothing": ("reload_misplaced", lambda p: _reload(p, after=7)),
    "a reload before the start": ("reload_misplaced", lambda p: _reload(p, after=-1)),
    "two reloads in a row": ("reload_misplaced", lambda p: _tour(p, lambda t: replace(t, reloads=t.reloads * 2))),
    "one reload too many": ("too_many_reloads", lambda p: _tour(p, lambda t: replace(t, reloads=t.reloads * 2))),
    "a reload that begins late": ("waits_needlessly", lambda p: _reload(p, start_s=1815, leave_s=1935)),
    "a reload that is too short": ("service_wrong", lambda p: _reload(p, leave_s=1930)),
    "a reload on a shorter way": ("travel_wrong", lambda p: _reload(p, travel_s=100)),
    "a reload one stop later": ("travel_wrong", lambda p: _reload(p, after=4)),
    "wrong total": ("cost_wrong", lambda p: replace(p, costs=replace(p.costs, late=p.costs.late + 1))),
    "wrong price of what is left out": ("cost_wrong", lambda p: replace(p, costs=replace(p.costs, left_out=0))),
    "wrong price of balance": ("cost_wrong", lambda p: replace(p, costs=replace(p.costs, balance=353))),
} | {
    f"wrong costs: {term}": ("cost_wrong", lambda p, term=term: _costs(p, **{term: 1}))  # type: ignore[misc]
    for term in Costs().terms()
}


@pytest.mark.parametrize("name", IN_THE_PLAN)
def test_a_fault_planted_in_the_plan_is_found(good: Case, name: str) -> None:
    problem, travel, plan = good
    code, plant = IN_THE_PLAN[name]
    faults = check(problem, travel, plant(plan))
    assert code in {fault.code for fault in faults}, faults
    assert all(isinstance(fault, Fault) and fault.message.endswith(".") for fault in faults)


def _van(problem: Problem, **changes: Any) -> Problem:
    return replace(problem, vehicles=(replace(problem.vehicles[0], **changes), *problem.vehicles[1:]))


def _van_two(problem: Problem, **changes: Any) -> Problem:
    one, two, *others = problem.vehicles
    return replace(problem, vehicles=(one, replace(two, **changes), *others))


def _visit(problem: Problem, key: str, **changes: Any) -> Problem:
    return replace(problem, visits=tuple(replace(one, **changes) if one.id == key else one for one in problem.visits))


STRICTER: dict[str, tuple[str, Callable[[Problem], Problem]]] = {
    "a smaller van": ("overloaded", lambda p: _van(p, capacity=(9, 5))),
    "a smaller van in the other dimension": ("overloaded", lambda p: _van(p, capacity=(10, 3))),
    "something else aboard already": ("load_wrong", lambda p: _van(p, initial_load=(1, 1))),
    "nothing aboard but what was there": ("not_loaded", lambda p: _van(p, under_way=True)),
    "a load that lies in the depot": ("not_loaded", lambda p: _visit(p, "x", aboard=None)),
    "a load aboard of another van": ("aboard_elsewhere", lambda p: _visit(p, "x", aboard="one")),
    "a heavier pickup": ("load_wrong", lambda p: _visit(p, "c", pickup=(4, 1))),
    "a heavier pair": ("load_wrong", lambda p: replace(p, pairs=(Pair("p", "q", (3, 1)),))),
    "no reload allowed": ("too_many_reloads", lambda p: _van(p, max_reloads=0)),
    "no depot to reload": ("reload_unknown", lambda p: _van(p, reloads=())),
    "a depot that closes": ("reload_closed", lambda p: _van(p, reloads=(Reload(8, 120, (Window(0, 1800),)),))),
    "a depot that opens later": ("reload_closed", lambda p: _van(p, reloads=(Reload(8, 120, (Window(1812, 3000),)),))),
    "a slower depot": ("service_wrong", lambda p: _van(p, reloads=(Reload(8, 121, ()),))),
    "slower service": ("service_wrong", lambda p: _van(p, service_percent=160)),
    "slower parcels": ("service_wrong", lambda p: _van(p, parcel_s=6)),
    "fewer visits allowed": ("too_many_visits", lambda p: _van(p, max_visits=6)),
    "a shorter way allowed": ("too_far", lambda p: _van(p, max_metres=15_000)),
    "a shorter day allowed": ("too_long", lambda p: _van(p, max_duration_s=3778)),
    "an earlier end of work": ("after_shift", lambda p: _van(p, overtime=Overtime(371, 1200))),
    "a later start of work": ("before_shift", lambda p: _van(p, shift=Window(194, 3600))),
    "another end": ("distance_wrong", lambda p: _van(p, end_place=None)),
    "another start": ("travel_wrong", lambda p: _van(p, start_place=7)),
    "a break that was not taken": ("break_missing", lambda p: _van_two(p, breaks=(Break(500, 600, 50),))),
    "another break": ("break_length", lambda p: _van(p, breaks=(Break(600, 1500, 900, (300, 600)),))),
    "a break that is whole": ("break_unknown", lambda p: _van(p, breaks=(Break(600, 1500, 900),))),
    "no crane": ("skill", lambda p: _van(p, skills=frozenset())),
    "a visit for others": ("vehicle_not_allowed", lambda p: _visit(p, "q", allowed_vehicles=frozenset({"two"}))),
    "a zone that is closed": ("outside_zones", lambda p: _van(p, zones_hard=True)),
    "a smaller zone": ("outside_zones", lambda p: _van_two(p, zones=frozenset())),
    "a zone that costs more": ("cost_wrong", lambda p: _van(p, zones=frozenset())),
    "a place others know": ("cost_wrong", lambda p: _visit(p, "c", familiar=frozenset({"two"}))),
    "more lateness": ("cost_wrong", lambda p: _visit(p, "e", late_cents_per_hour=7200)),
    "no lateness": ("window_missed", lambda p: _visit(p, "e", late_cents_per_hour=None)),
    "an earlier plan": ("cost_wrong", lambda p: replace(p, before={"e": "one"})),
    "no changes": ("too_many_changes", lambda p: replace(p, max_changes=0)),
    "another vehicle locked": ("lock_vehicle", lambda p: replace(p, locks=(Lock("driver", "three", ("c",)),))),
    "an order to another vehicle": ("lock_vehicle", lambda p: replace(p, locks=(Lock("order", "two", ("c",)),))),
    "another order": ("lock_order", lambda p: replace(p, locks=(Lock("order", "one", ("a", "w", "c", "d")),))),
    "another position": ("lock_position", lambda p: replace(p, locks=(Lock("position", "one", ("b",), 3),))),
    "another position behind one left out": (
        "lock_position",
        lambda p: replace(p, locks=(Lock("position", "one", ("a", "w", "p"), 0),)),
    ),
    "a pair turned round": ("pair_order", lambda p: replace(p, pairs=(Pair("q", "p"),))),
    "a pair over two vans": ("pair_split", lambda p: replace(p, pairs=(Pair("c", "y"),))),
    "a pair half left out": ("pair_split", lambda p: replace(p, pairs=(Pair("c", "w"),))),
    "visits that must share": ("together", lambda p: replace(p, together=(frozenset({"d", "e", "z"}),))),
    "visits that must not share": ("apart", lambda p: replace(p, apart=(frozenset({"d", "c", "w"}),))),
}


@pytest.mark.parametrize("name", STRICTER)
def test_a_plan_that_the_problem_no_longer_allows_is_found(good: Case, name: str) -> None:
    problem, travel, plan = good
    code, stricter = STRICTER[name]
    faults = check(stricter(problem), travel, plan)
    assert code in {fault.code for fault in faults}, faults
    assert all(fault.message.endswith(".") for fault in faults)


LOOSER: dict[str, Callable[[Problem], Problem]] = {
    "the same order with one left out": lambda p: replace(p, locks=(Lock("order", "one", ("a", "w", "p", "c")),)),
    "positions with one left out": lambda p: replace(p, locks=(Lock("position", "one", ("a", "p", "b", "d", "q"), 0),)),
    "together with one left out": lambda p: replace(p, together=(frozenset({"c", "d", "w"}),)),
    "apart with one left out": lambda p: replace(p, apart=(frozenset({"c", "y", "w"}),)),
    "a break that the tour is back for": lambda p: _van_two(p, breaks=(Break(500, 987, 600),)),
    "a break before departure": lambda p: _van_two(p, breaks=(Break(93, 95, 300),)),
    "parts before and after": lambda p: _van_two(p, breaks=(Break(93, 987, 900, (300, 600)),)),
    "a soft zone left by nobody": lambda p: _visit(_van_two(p, zones=None), "y", zone="south"),
}


@pytest.mark.parametrize("name", LOOSER)
def test_what_is_allowed_is_no_fault(good: Case, name: str) -> None:
    problem, travel, plan = good
    assert check(LOOSER[name](problem), travel, plan) == []


def test_roads_that_are_not_there_and_places_unknown_are_named(good: Case) -> None:
    problem, travel, plan = good
    for place in (8, 1):
        seconds = travel.seconds.copy()
        seconds[:, place] = 2_000_000_000
        codes = [one.code for one in check(problem, Travel(seconds, travel.metres), plan)]
        assert "unreachable" in codes
    home = travel.metres.copy()
    home[:, 0] = 2_000_000_000
    faults = check(problem, Travel(travel.seconds, home, travel.slots), plan)
    assert "There is no road back for one." in [one.message for one in faults]
    with pytest.raises(ProblemError, match="only 3 places"):
        check(problem, Travel(travel.seconds[:3, :3], travel.metres[:3, :3]), plan)


def test_the_callers_words_are_used(good: Case) -> None:
    problem, travel, plan = good
    wrong = _tour(plan, lambda tour: replace(tour, end_s=tour.end_s + 60))
    faults = check_tour(problem, travel, wrong.tours[0], names={"one": "Ann's van"}, clock=lambda s: f"<{s}>")
    assert "Ann's van is back at <3972>, not at <4032>." in [one.message for one in faults]


def test_ten_thousand_visits_are_judged_in_seconds() -> None:
    chance, count = np.random.default_rng(1), 10_000
    at = chance.uniform(0, 5000, (201, 2))
    seconds = np.ceil(np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) / 10).astype(np.int32)
    visits = tuple(Visit(id=f"v{n}", place=n % 200, service_s=60, load=(1, 1)) for n in range(count))
    van = Vehicle(id="van", start_place=200, end_place=200, shift=Window(0, 80_000), capacity=(60, 60))
    vans = tuple(replace(van, id=f"van{n}", cents_per_hour=900) for n in range(200))
    groups = tuple(frozenset({f"v{n}", f"v{n + 1}"}) for n in range(0, count, 2))
    locks = tuple(Lock("order", f"van{n // 50}", (f"v{n}", f"v{n + 1}")) for n in range(0, count, 2))
    apart = tuple(frozenset({f"v{n}", f"v{n + 5000}"}) for n in range(5000))
    problem = Problem(visits, vans, ("kg", "l"), together=groups, locks=locks, apart=apart)
    travel = Travel(seconds, seconds)
    tours = []
    for number, own in enumerate(vans):
        place, time_s, driven, steps = 200, 0, 0, []
        for made, visit in enumerate(visits[number * 50 : number * 50 + 50], 1):
            leg = int(seconds[place, visit.place])
            place, time_s, driven = visit.place, time_s + leg + 60, driven + leg
            steps.append(Step(visit.id, time_s - 60, time_s - 60, time_s, 0, leg, leg, (50 - made, 50 - made)))
        home = int(seconds[place, 200])
        end_s = time_s + home
        costs = Costs(hours=(end_s * 900 + 1800) // 3600)
        tours.append(Tour(own.id, tuple(steps), (), 0, end_s, driven + home, driven + home, (50, 50), costs))
    began = time.perf_counter()
    assert check(problem, travel, written(problem, tours)) == []
    assert time.perf_counter() - began < 5


def test_a_tour_of_nothing_but_a_strange_reload_is_told_apart() -> None:
    problem, travel = city_day(12, seed=3, vans=2)
    plan = written(problem, [])
    assert check(problem, travel, plan) == []
    ghost = Tour("van0", (), (), 0, 0, 0, 0, (0, 0), Costs(), (Reloading(0, 0, 0, 0, 0, 0, 0, (0, 0)),))
    codes = {one.code for one in check(problem, travel, replace(plan, tours=(ghost,)))}
    assert {"empty_tour", "reload_unknown", "too_many_reloads"} <= codes
