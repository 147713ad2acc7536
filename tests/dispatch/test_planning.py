"""The interpreter between the house and the solver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from accounts import objectives
from dispatch import planning
from routing import solver
from routing.solver import objective

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def hour(count: float) -> datetime:
    return START + timedelta(hours=count)


def facts(
    window: tuple[datetime, datetime] | None = None,
    rest: tuple[datetime, datetime, int] | None = None,
    wish: str = "cheapest",
) -> planning.DayFacts:
    stop = planning.StopFacts(
        "s", "Order 1", (49.4, 8.7), window, 300, planning.Load(2000, 5000, 1), frozenset({"fridge"}), "urgent"
    )
    shift = planning.ShiftFacts(
        "v",
        "Ada (Van 1)",
        (49.5, 8.6),
        hour(8),
        hour(17),
        (500_000, None, 100, None),
        frozenset({"fridge"}),
        4000,
        2400,
        35,
        rest,
    )
    return planning.DayFacts(START, (stop,), (shift,), {"v": ("s",)}, wish)


def test_a_day_in_the_solvers_words() -> None:
    problem = planning.to_problem(facts((hour(9), hour(12)), (hour(11.5), hour(13), 1800)))
    visit, vehicle = problem.visits[0], problem.vehicles[0]
    assert visit.windows == (solver.Window(9 * 3600, 12 * 3600 - planning.RESERVE_S),)
    assert visit.load == (2000, 5000, 1, 0) and visit.price_cents == 16 * planning.normal_cents(facts(), problem)
    assert vehicle.capacity == (500_000, planning.NO_LIMIT, 100, planning.NO_LIMIT)
    assert vehicle.shift == solver.Window(8 * 3600, 17 * 3600)
    assert vehicle.breaks == (solver.Break(41_400, 46_800, 1800),)


def test_a_short_window_keeps_most_of_itself() -> None:
    visit = planning.to_problem(facts((hour(9), hour(9.5)))).visits[0]
    assert visit.windows == (solver.Window(9 * 3600, 9 * 3600 + 1500),)


def test_there_and_back_again() -> None:
    day = facts((hour(9), hour(12)))
    travel = planning.to_travel(
        np.array([[0, 600], [700, 0]], np.int32), np.array([[0, 5000], [6000, 0]], np.int32), 10**8
    )
    problem = planning.to_problem(day)
    plan = planning.present_plan(problem, travel, day)
    assert plan is not None
    route = planning.to_route(day, plan.tours[0], objective.explain(problem, plan).routes["v"])
    assert (
        route.amounts["km"] == (11_000, 385) and sum(cents for _, cents in route.amounts.values()) == route.cost_cents
    )
    assert route.legs == ((600, 5000), (700, 6000)) and route.distance_m == 11_000
    assert hour(9) <= route.stops[0].start_at <= hour(12)
    assert route.starts_at + timedelta(seconds=route.duration_s) == route.ends_at
    assert route.load == {"weight_g": 2000, "volume_ml": 5000, "pieces": 1, "pallets": 0}


def test_no_way_is_no_way_in_both_words() -> None:
    travel = planning.to_travel(
        np.array([[0, 10**8], [5, 0]], np.int32), np.array([[0, 10**8], [5, 0]], np.int32), 10**8
    )
    assert int(travel.seconds[0, 1]) == solver.UNREACHABLE and int(travel.seconds[1, 0]) == 5


@pytest.mark.parametrize("wish", objectives.NAMES)
def test_leaving_out_a_stop_is_dearer_than_any_plan_whatever_is_wished(wish: str) -> None:
    day = facts(wish=wish)
    problem = planning.to_problem(day)
    normal = planning.normal_cents(day, problem)
    assert normal >= solver.DEFAULT_PRICE_CENTS
    whole_day = problem.vehicles[0].fixed_cents + 9 * 2400 + 9 * 129 * 35
    assert normal > whole_day and problem.visits[0].price_cents == 16 * normal


def test_the_wishes_are_those_that_the_solver_knows() -> None:
    assert set(objectives.NAMES) == set(objective.PRESETS)


def test_who_wants_to_be_on_time_keeps_a_longer_reserve() -> None:
    usual, early = (planning.to_problem(facts((hour(9), hour(12)), wish=wish)).visits[0] for wish in NOW_AND_ON_TIME)
    assert usual.windows[0].latest_s - early.windows[0].latest_s == 600
    short = planning.to_problem(facts((hour(9), hour(9.5)), wish="on_time")).visits[0]
    assert short.windows == (solver.Window(9 * 3600, 9 * 3600 + 1350),)


def test_fewest_vans_counts_more_for_a_van_than_is_paid() -> None:
    day = facts(wish="fewest_vans")
    problem = planning.to_problem(day)
    assert problem.vehicles[0].fixed_cents > 4000
    roads = np.array([[0, 600], [700, 0]], np.int32)
    plan = planning.present_plan(problem, planning.to_travel(roads, roads * 8, 10**8), day)
    assert plan is not None
    assert plan.costs.fixed == problem.vehicles[0].fixed_cents
    assert planning.paid_cents(day, plan.tours) == plan.costs.total - plan.costs.fixed + 4000


NOW_AND_ON_TIME = ("cheapest", "on_time")
