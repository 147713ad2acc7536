"""The engines borrowed from elsewhere: what they propose keeps our rules, and their objective is ours."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from pyvrp import CostEvaluator

from benchmarks.routing.cities import city_day
from routing.solver import Plan, Problem, Travel, Unassigned, Vehicle, Visit, Window, check, pyvrp_engine
from routing.solver.fit import Fit
from routing.solver.ortools_engine import Part
from routing.solver.plan import total_costs
from routing.solver.problem import Break, Lock, Overtime, Pair, Prices, Reload, Slot
from routing.solver.pyvrp_model import Model
from routing.solver.schedule import Scheduler
from tests.routing.solver_cases import FEATURES, line, rich_problems
from tests.routing.timing_oracle import laid

#: What PyVRP can express, at least in some combinations.
FOR_PYVRP = (
    *("windows", "two_windows", "service", "service_percent", "parcels", "overtime", "late_shift", "max_visits"),
    *("max_metres", "max_duration", "open_end", "two_depots", "unreachable", "rates", "loads", "two_dimensions"),
    *("pickups", "initial_load", "aboard", "reloads", "under_way", "pairs", "skills", "allowed", "zones_hard"),
    *("zones", "familiar", "before", "prices"),
)
calm = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
Tours = dict[int, list[int]]


def planned(problem: Problem, travel: Travel, tours: Tours) -> Plan:
    """Tours as a plan, laid by trying everything; fails where a rule does not let one be, or our schedule disagrees."""
    written = []
    scheduler = Scheduler(problem, travel)
    for van, sequence in sorted(tours.items()):
        tour = laid(problem, travel, van, tuple(sequence))
        assert tour is not None, (van, sequence)
        assert scheduler.price(van, sequence) == tour.costs.total, (van, sequence)
        written.append(tour)
    made = {step.visit for tour in written for step in tour.steps}
    out = [Unassigned(one.id, "left_out", "Left out.") for one in problem.visits if one.id not in made]
    left_out = sum(problem.visit(one.visit).price_cents for one in out)
    return Plan(tuple(written), tuple(out), total_costs(written, left_out, problem.prices.balance_cents_per_hour))


def rounding(plan: Plan) -> float:
    """By how many cents the rounded terms of a plan may differ from their exact sum."""
    return 0.51 * 5 * len(plan.tours) + 1


def several_windows(problem: Problem) -> bool:
    """Whether an engine may wait for a later window on purpose, which our drivers never do."""
    reloads = [reload for vehicle in problem.vehicles for reload in vehicle.reloads]
    return any(len(one.windows) > 1 for one in (*problem.visits, *reloads))


def their_cents(problem: Problem, travel: Travel, tours: Tours) -> float:
    """What PyVRP says that the tours cost, with the prices of what is left out."""
    vans, visits = range(len(problem.vehicles)), range(len(problem.visits))
    model = Model(problem, travel, vans, visits, Fit(problem, vans, visits))
    solution = model.solution(tours)
    assert solution is not None
    assert solution.is_feasible()
    units = CostEvaluator([0] * model.data.num_load_dimensions, 0, 0).cost(solution)
    return units * model.unit_cents + model.offset_cents


@calm
@given(rich_problems(max_visits=6, features=FOR_PYVRP))
def test_pyvrps_answers_keep_every_rule_and_cost_what_it_says(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    assume(problem.visits and pyvrp_engine.can_express(problem, travel) is None)
    found = pyvrp_engine.search(problem, travel, None, seconds=20, seed=1, max_iterations=40)
    assert found is not None
    plan = planned(problem, travel, found)
    assert check(problem, travel, plan) == []
    theirs = their_cents(problem, travel, found)
    assert plan.costs.total >= theirs - rounding(plan)
    assert several_windows(problem) or plan.costs.total <= theirs + rounding(plan)


@calm
@given(rich_problems(max_visits=5, features=FEATURES))
def test_or_tools_holds_the_whole_problem_and_costs_what_it_says(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    part = Part(problem, travel, range(len(problem.vehicles)), range(len(problem.visits)))
    found = part.search(None, seconds=5, guided=False)
    assert found is not None
    if travel.slots:
        return  # a mean of the travel times is what it knows
    plan = planned(problem, travel, found)
    assert check(problem, travel, plan) == []
    # Lateness may be traded for a later departure, which our rule does not do; balance is a likeness.
    loose = several_windows(problem) or any(visit.late_cents_per_hour for visit in problem.visits)
    if not problem.prices.balance_cents_per_hour:
        assert plan.costs.total >= part.cents - rounding(plan)
        assert loose or plan.costs.total <= part.cents + rounding(plan)
    again = part.search(found, seconds=5, guided=False)
    assert again is not None
    if not problem.prices.balance_cents_per_hour and not loose:
        assert planned(problem, travel, again).costs.total <= plan.costs.total + rounding(plan)


def test_pyvrp_says_what_it_cannot_hold() -> None:
    van = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 900), cents_per_hour=3600)
    visits = tuple(Visit(id=name, place=place) for place, name in enumerate("abc", 1))
    problem = Problem(visits, (van, replace(van, id="two")))
    travel = line([[0, 5, 5, 5], [5, 0, 5, 5], [5, 5, 0, 5], [5, 5, 5, 0]])
    assert pyvrp_engine.can_express(problem, travel) is None

    def why(**changes: object) -> str | None:
        return pyvrp_engine.can_express(replace(problem, **changes), travel)  # type: ignore[arg-type]

    def with_van(**changes: object) -> str | None:
        return why(vehicles=(replace(van, **changes),))  # type: ignore[arg-type]

    assert why(together=(frozenset("ab"),)) == "Visits must, or must not, share a vehicle."
    assert why(apart=(frozenset("ab"),)) == "Visits must, or must not, share a vehicle."
    assert why(locks=(Lock("order", "van", ("a", "b")),)) == "The order of stops is locked."
    assert why(locks=(Lock("driver", "van", ("a", "b")),)) is None
    assert why(before={"a": "van"}, max_changes=0) == "The number of changes is bounded."
    assert why(before={"a": "van"}, prices=Prices(change_cents=50)) is None
    assert why(prices=Prices(balance_cents_per_hour=1)) == "Imbalance has a price."
    assert with_van(breaks=(Break(1, 2, 3),)) == "There are breaks."
    assert with_van(overtime=Overtime(60, 5)) == "Overtime costs more than the usual hour."
    late = replace(visits[0], windows=(Window(1, 2),), late_cents_per_hour=7)
    assert why(visits=(late, *visits[1:])) == "Lateness has a price."
    assert why(pairs=(Pair("a", "b"),)) is None
    day = Travel(travel.seconds, travel.metres, (Slot(50, travel.seconds),))
    assert pyvrp_engine.can_express(problem, day) == "Travel times change during the day."
    only = pyvrp_engine.can_express(replace(problem, together=(frozenset("ab"),)), travel, visits=[0, 2])
    assert only is None
    with pytest.raises(ValueError, match="breaks"):
        broken = replace(problem, vehicles=(replace(van, breaks=(Break(1, 2, 3),)),))
        pyvrp_engine.search(broken, travel, None, seconds=1, seed=1)


def test_pyvrp_ends_in_time_lets_others_work_and_repeats_itself() -> None:
    problem, travel = city_day(450, rich=False)
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.01):
            ticks.append(time.monotonic())

    ticking = threading.Thread(target=tick)
    ticking.start()
    began = time.monotonic()
    found = pyvrp_engine.search(problem, travel, None, seconds=3, seed=1)
    wall = time.monotonic() - began
    done.set()
    ticking.join()
    assert wall < 5
    assert len(ticks) > 20
    assert found is not None
    again = pyvrp_engine.search(problem, travel, found, seconds=0.5, seed=1)
    assert again is not None
    assert their_cents(problem, travel, again) <= their_cents(problem, travel, found)
    small, way = city_day(40, rich=False)
    one, two = (pyvrp_engine.search(small, way, None, seconds=60, seed=3, max_iterations=200) for _ in range(2))
    assert one == two
    heard: list[Tours] = []
    pyvrp_engine.search(small, way, None, seconds=60, seed=3, on_solution=lambda tours: bool(heard.append(tours)))
    assert len(heard) == 1


def test_pyvrp_plans_a_part_and_leaves_out_what_the_vans_cannot_carry() -> None:
    problem, travel = city_day(60, rich=False, vans=6)
    visits, vans = list(range(0, 60, 2)), [1, 4]
    found = pyvrp_engine.search(
        problem, travel, None, seconds=20, seed=1, max_iterations=300, vehicles=vans, visits=visits
    )
    assert found is not None
    assert set(found) <= set(vans)
    assert {at for sequence in found.values() for at in sequence} <= set(visits)
    heavy = replace(problem, vehicles=tuple(replace(van, capacity=(200, 700)) for van in problem.vehicles[:2]))
    found = pyvrp_engine.search(heavy, travel, None, seconds=4, seed=1)
    assert found is not None
    plan = planned(heavy, travel, found)
    assert check(heavy, travel, plan) == []
    assert 0 < plan.assigned < 60


def test_reloads_make_more_trips_in_both_engines() -> None:
    table = np.full((4, 4), 100) - np.eye(4, dtype=int) * 100
    travel = Travel(table.astype(np.int32), table.astype(np.int32))
    depot = Reload(0, 60, (Window(0, 5000),))
    van = Vehicle(
        id="van", start_place=0, end_place=0, shift=Window(0, 9000), capacity=(2,), cents_per_hour=3600,
        reloads=(depot,), max_reloads=2,
    )  # fmt: skip
    visits = tuple(Visit(id=f"v{n}", place=n % 3 + 1, load=(1,)) for n in range(5))
    problem = Problem(visits, (van,), ("box",))
    part = Part(problem, travel, [0], range(5))
    for found in (
        pyvrp_engine.search(problem, travel, None, seconds=20, seed=1, max_iterations=300),
        part.search(None, seconds=2),
    ):
        assert found is not None
        assert [code for code in found[0] if code >= 5] == [5, 5]
        plan = planned(problem, travel, found)
        assert check(problem, travel, plan) == []
        assert plan.assigned == 5
    assert pyvrp_engine.search(problem, travel, found, seconds=20, seed=1, max_iterations=10) is not None
