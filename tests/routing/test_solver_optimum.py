"""On small problems with every feature switched on and off the search finds what trying everything finds."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from routing.solver import Problem, Travel, check, solve
from routing.solver.schedule import Scheduler
from tests.routing.oracle import optimum, scheduler_price
from tests.routing.solver_cases import FEATURES, rich_problems

#: How many problems; the figures in docs/routing.md were taken with 500.
EXAMPLES = int(os.environ.get("LASTMILE_OPTIMUM_EXAMPLES", "60"))

#: How many visits each of them has: "0-6", or "9-9", which takes half a minute for some.
LEAST, MOST = map(int, os.environ.get("LASTMILE_OPTIMUM_VISITS", "0-6").split("-"))


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems(min_visits=LEAST, max_visits=MOST, max_vehicles=2))
def test_small_rich_problems_are_solved_to_the_optimum(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    plan = solve(problem, travel, seconds=4, seed=1)
    assert check(problem, travel, plan) == []
    best = optimum(problem, travel, scheduler_price(Scheduler(problem, travel)))
    assert plan.costs.total == best.cents


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems(max_visits=9, max_vehicles=2, features=[one for one in FEATURES if one != "reloads"]))
def test_what_the_exact_search_took_part_in_is_the_optimum(case: tuple[Problem, Travel]) -> None:
    """Only where it took part: problems that it finds too large are left to annealing, which proves nothing."""
    problem, travel = case
    plan = solve(problem, travel, seconds=6, seed=1)
    assert check(problem, travel, plan) == []
    if "exact" in plan.engines:
        best = optimum(problem, travel, scheduler_price(Scheduler(problem, travel)))
        assert plan.costs.total == best.cents
