"""The exact optimum that other tests rely on is one: held against writing down every plan and asking the judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from hypothesis import HealthCheck, given, settings

from routing.solver import Plan, Problem, Tour, Travel
from routing.solver.check import check
from tests.routing.laid_plans import written
from tests.routing.oracle import optimum, slow_price
from tests.routing.rich_cases import FEATURES, rich_problems
from tests.routing.timing_oracle import laid, reload_codes

MANY = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def _every_plan(problem: Problem, travel: Travel) -> Iterator[Plan]:
    """Every plan that can be written down and laid, with every way to put depot visits between the visits."""
    visits, vans = range(len(problem.visits)), range(len(problem.vehicles))
    for owners in product([None, *vans], repeat=len(visits)):
        choices = [
            list(_tours(problem, travel, van, [at for at in visits if owners[at] == van])) if van in owners else [None]
            for van in vans
        ]
        for tours in product(*choices):
            yield written(problem, [tour for tour in tours if tour])


def _tours(problem: Problem, travel: Travel, van: int, visits: Sequence[int]) -> Iterator[Tour]:
    for order in permutations(visits):
        for depots in product([None, *reload_codes(problem, van)], repeat=len(order)):
            stops = [at for both in zip(depots, order, strict=True) for at in both]
            sequence = [at for at in stops if at is not None]
            tour = laid(problem, travel, van, sequence)
            if tour is not None:
                yield tour


@MANY
@given(rich_problems(max_visits=3, max_vehicles=2, min_visits=1))
def test_the_optimum_is_the_cheapest_plan_that_the_judge_accepts(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    best = optimum(problem, travel, slow_price(problem, travel))
    good = [plan for plan in _every_plan(problem, travel) if not check(problem, travel, plan)]
    assert best.cents == min(plan.costs.total for plan in good)
    tours = [laid(problem, travel, van, order) for van, order in enumerate(best.sequences) if order]
    plan = written(problem, [tour for tour in tours if tour is not None])
    assert check(problem, travel, plan) == []
    assert plan.costs.total == best.cents


@settings(MANY, max_examples=60)
@given(
    rich_problems(
        max_visits=4,
        max_vehicles=3,
        min_visits=3,
        features=[one for one in FEATURES if one not in ("breaks", "reloads", "slots", "locks", "allowed")],
        always=("together", "max_changes", "balance", "pairs"),
    )
)
def test_what_ties_tours_together_is_reckoned_with(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    best = optimum(problem, travel, slow_price(problem, travel))
    tours = [laid(problem, travel, van, order) for van, order in enumerate(best.sequences) if order]
    plan = written(problem, [tour for tour in tours if tour is not None])
    assert check(problem, travel, plan) == []
    assert plan.costs.total == best.cents
