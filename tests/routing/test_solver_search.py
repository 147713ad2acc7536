"""The search: best on small problems, never a broken rule, the same again for the same seed, in time on large ones."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.routing.cities import city_day
from routing.solver import UNREACHABLE, Pair, Problem, ProblemError, Travel, Vehicle, Visit, Window, check, solve
from routing.solver.ortools_engine import Part
from routing.solver.schedule import Scheduler
from tests.routing.solver_cases import cheapest, line, small_problems

calm = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@calm
@given(small_problems())
def test_small_problems_are_solved_to_the_optimum_and_pass_the_check(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    plan = solve(problem, travel, seconds=0.5, seed=1)
    assert check(problem, travel, plan) == []
    assert plan.costs.total == cheapest(problem, travel)


@settings(calm, max_examples=40)
@given(small_problems(visits=4))
def test_the_engine_alone_proposes_only_tours_that_our_schedule_accepts(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    vans, visits = range(len(problem.vehicles)), range(len(problem.visits))
    found = Part(problem, travel, vans, visits).search(None, seconds=3, guided=False)
    scheduler = Scheduler(problem, travel)
    assert found is not None
    for van, sequence in found.items():
        assert scheduler.price(van, sequence) is not None


def test_a_city_day_of_300_stops_is_feasible_and_whole_in_ten_seconds() -> None:
    problem, travel = city_day(300)
    heard = []
    began = time.monotonic()
    plan = solve(problem, travel, seconds=10, seed=1, progress=heard.append)
    assert time.monotonic() - began < 25
    assert check(problem, travel, plan) == []
    assert plan.unassigned == ()
    assert plan.costs.total < 260_000  # plain guided local search needs 270,000
    assert len(heard) >= 5
    told = [one.cost_cents for one in heard]
    assert told[:-1] == sorted(told[:-1], reverse=True)
    assert told[-1] <= told[-2] + len(plan.tours)  # the search counts in parts of a cent, a plan rounds each tour
    assert heard[-1].plan.tours == plan.tours


def test_the_same_seed_and_number_of_steps_give_the_same_plan() -> None:
    problem, travel = city_day(60)
    first, second = (solve(problem, travel, seconds=60, seed=7, steps=200) for _ in range(2))
    assert first == second
    assert check(problem, travel, first) == []


def test_a_warm_start_is_never_made_worse_and_what_no_longer_fits_is_dropped() -> None:
    problem, travel = city_day(50)
    before = solve(problem, travel, seconds=1.5, seed=1)
    again = solve(problem, travel, seconds=0.3, seed=2, initial=before)
    assert again.costs.total <= before.costs.total
    fewer = Problem(problem.visits[5:], problem.vehicles[1:], problem.dimensions, problem.horizon_s)
    changed = solve(fewer, travel, seconds=0.5, seed=2, initial=before)
    assert check(fewer, travel, changed) == []


def test_stopping_keeps_the_best_so_far() -> None:
    problem, travel = city_day(80)
    began = time.monotonic()
    plan = solve(problem, travel, seconds=30, seed=1, should_stop=lambda: time.monotonic() - began > 1)
    assert time.monotonic() - began < 15
    assert plan.assigned == 80
    assert check(problem, travel, plan) == []


def _one(**changes: object) -> tuple[Problem, Travel]:
    van = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 10_000), capacity=(10,))
    visit = replace(Visit(id="a", place=1, load=(1,)), **changes)  # type: ignore[arg-type]
    return Problem((visit,), (van,), ("kg",)), line([[0, 100], [100, 0]])


def test_no_vehicles_no_visits_and_impossible_visits_are_answers() -> None:
    problem, travel = _one()
    nobody = Problem(problem.visits, (), ("kg",))
    plan = solve(nobody, travel, seconds=1, seed=1)
    assert [one.code for one in plan.unassigned] == ["no_vehicle"]
    assert check(nobody, travel, plan) == []
    empty = Problem((), problem.vehicles, ("kg",))
    assert solve(empty, travel, seconds=1, seed=1).tours == ()
    heavy, travel = _one(load=(11,))
    plan = solve(heavy, travel, seconds=1, seed=1)
    assert [one.code for one in plan.unassigned] == ["too_heavy"]
    assert plan.costs.left_out == heavy.visits[0].price_cents


def test_where_no_road_leads_nothing_is_planned() -> None:
    problem, _ = _one()
    travel = Travel(np.array([[0, UNREACHABLE], [5, 0]], np.int32), np.array([[0, 9], [5, 0]], np.int32))
    plan = solve(problem, travel, seconds=1, seed=1)
    assert [one.code for one in plan.unassigned] == ["unreachable"]


def test_a_matrix_without_triangle_inequality_and_a_place_unknown_to_it() -> None:
    van = Vehicle(id="van", start_place=0, end_place=None, shift=Window(0, 1000), cents_per_hour=3600)
    visits = tuple(Visit(id=name, place=place) for place, name in enumerate("ab", 1))
    problem = Problem(visits, (van,))
    plan = solve(problem, line([[0, 10, 900], [10, 0, 10], [10, 900, 0]]), seconds=1, seed=1)
    assert plan.tours[0].visits == ("a", "b")
    with pytest.raises(ProblemError, match="only 2 places"):
        solve(problem, line([[0, 1], [1, 0]]), seconds=1, seed=1)
    with pytest.raises(ProblemError, match="more than 0 seconds"):
        solve(problem, line([[0, 1, 1], [1, 0, 1], [1, 1, 0]]), seconds=0, seed=1)


def test_both_ends_of_a_pair_count_as_changes() -> None:
    """Each end by itself would be within the budget of one."""
    vans = tuple(Vehicle(id=name, start_place=0, end_place=0, shift=Window(0, 1000)) for name in ("this", "that"))
    visits = tuple(Visit(id=name, place=1, allowed_vehicles=frozenset({"this"})) for name in ("from", "to"))
    before = {"from": "that", "to": "that"}
    problem = Problem(visits, vans, pairs=(Pair("from", "to"),), before=before, max_changes=1)
    travel = line([[0, 5], [5, 0]])
    for most, made in ((1, 0), (2, 1)):
        within = replace(problem, max_changes=most)
        plan = solve(within, travel, seconds=1, seed=1)
        assert check(within, travel, plan) == []
        assert len(plan.tours) == made


def test_tiny_problems_do_not_use_up_their_time() -> None:
    problem, travel = _one()
    began = time.monotonic()
    solve(problem, travel, seconds=30, seed=1)
    assert time.monotonic() - began < 15
