"""Days with breaks, begun without them: what comes out keeps the real breaks, and is told on the way."""

from __future__ import annotations

import time

from benchmarks.routing.rich_cases import rich_case
from routing.solver import check, solve
from routing.solver.annealer import Tours
from routing.solver.laying import lay
from routing.solver.schedule import Scheduler
from routing.solver.unrested import begun_without_breaks


def test_tours_found_without_breaks_keep_the_real_ones() -> None:
    problem, travel = rich_case("breaks", 80, 1)
    scheduler = Scheduler(problem, travel)
    heard: list[Tours] = []
    tours = begun_without_breaks(
        scheduler, until=time.monotonic() + 4, seed=1, threads=1, on=lambda: True, hear=heard.append
    )
    assert heard
    for some in (heard[0], tours):
        assert sum(map(len, some.values())) > 60
        sequences = {problem.vehicles[van].id: [problem.visits[at].id for at in codes] for van, codes in some.items()}
        plan = lay(problem, travel, sequences)
        assert all(tour.breaks for tour in plan.tours)
        assert check(problem, travel, plan) == []


def test_a_day_with_breaks_is_planned_whole_and_told_on_the_way() -> None:
    problem, travel = rich_case("breaks", 80, 2)
    told: list[int] = []
    plan = solve(problem, travel, seconds=6, seed=1, progress=lambda one: told.append(one.cost_cents))
    assert check(problem, travel, plan) == []
    assert plan.unassigned == ()
    assert len(told) >= 3


def test_stopped_in_between_it_still_answers() -> None:
    problem, travel = rich_case("mixed", 80, 1)
    began = time.monotonic()
    plan = solve(problem, travel, seconds=60, seed=1, should_stop=lambda: time.monotonic() - began > 1)
    assert time.monotonic() - began < 20
    assert check(problem, travel, plan) == []
    assert plan.tours
