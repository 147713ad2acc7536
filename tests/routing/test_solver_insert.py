"""Insertions and moves by hand: exact, in words, fast."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.routing.cities import city_day
from routing.solver import Plan, Problem, ProblemError, Travel, check, insertions, move, solve
from tests.routing.solver_cases import small_problems


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(visits=4))
def test_an_insertion_is_what_the_move_then_does_and_the_judge_agrees(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    if not problem.visits:
        return
    plan = solve(problem, travel, seconds=0.05, seed=1)
    one = problem.visits[0].id
    without = move(problem, travel, plan, one, None, 0).plan
    for option in insertions(problem, travel, plan, one):
        done = move(problem, travel, without, one, option.vehicle, option.position)
        rules = check(problem, travel, done.plan)
        assert done.feasible == option.feasible == (rules == [])
        assert done.delta_cents + problem.visits[0].price_cents == option.delta_cents
        assert (done.delta_s, done.delta_metres) == (option.delta_s, option.delta_metres)
        assert set(option.broken) == {fault.message for fault in done.faults}


@pytest.fixture(scope="module")
def day() -> tuple[Problem, Travel, Plan]:
    problem, travel = city_day(300)
    return problem, travel, solve(problem, travel, seconds=1.5, seed=1)


def test_every_place_of_a_large_day_is_tried(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    for number in range(1, 300, 30):
        assert insertions(problem, travel, plan, f"v{number}")[0].feasible
    assert move(problem, travel, plan, "v7", plan.tours[0].vehicle, 3).plan.tour_of(plan.tours[0].vehicle)


def test_a_move_that_breaks_rules_says_so_in_the_callers_words(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    cold = next(visit for visit in problem.visits if visit.skills)
    warm = next(tour for tour in plan.tours if not problem.vehicle(tour.vehicle).skills)
    names = {cold.id: "Order 17", warm.vehicle: "Anna's van"}
    done = move(problem, travel, plan, cold.id, warm.vehicle, 0, names=names)
    assert not done.feasible
    assert any(fault.message.startswith("Order 17 needs 'fridge', which Anna's van") for fault in done.faults)
    assert done.plan.vehicle_of(cold.id) == warm.vehicle
    assert check(problem, travel, done.plan) != []


def test_moving_to_where_it_is_changes_nothing_and_taking_out_costs_its_price(
    day: tuple[Problem, Travel, Plan],
) -> None:
    problem, travel, plan = day
    tour = plan.tours[2]
    same = move(problem, travel, plan, tour.visits[4], tour.vehicle, 4)
    assert (same.delta_cents, same.delta_s, same.plan, same.faults) == (0, 0, plan, ())
    out = move(problem, travel, plan, tour.visits[4], None, 0)
    assert [one.code for one in out.plan.unassigned] == ["taken_out"]
    assert out.plan.costs.left_out == problem.visit(tour.visits[4]).price_cents
    assert check(problem, travel, out.plan) == []
    end = move(problem, travel, plan, tour.visits[0], tour.vehicle, 10_000)
    assert end.plan.tours[2].visits[-1] == tour.visits[0]


def test_unknown_ids_are_named(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    with pytest.raises(ProblemError, match="no visit 'ghost'"):
        insertions(problem, travel, plan, "ghost")
    with pytest.raises(ProblemError, match="no vehicle 'ghost'"):
        move(problem, travel, plan, "v1", "ghost", 0)


def test_where_no_road_leads_there_is_no_move(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    seconds = travel.seconds.copy()
    seconds[:, 5] = 2_000_000_000
    cut = Travel(seconds, travel.metres)
    lonely = replace(plan, tours=tuple(tour for tour in plan.tours if "v5" not in tour.visits))
    options = insertions(problem, cut, lonely, "v5")
    assert options and not any(option.feasible for option in options)
    with pytest.raises(ProblemError, match="No road"):
        move(problem, cut, lonely, "v5", lonely.tours[0].vehicle, 0)
