"""Valid plans of random problems, laid without the solver: what the judge must accept and tests may spoil."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from routing.solver import Plan, Problem, Tour, Travel, Unassigned
from routing.solver.check import check, check_tour
from routing.solver.plan import total_costs
from tests.routing.rich_cases import rich_problems
from tests.routing.timing_oracle import laid, reload_codes


def written(problem: Problem, tours: Sequence[Tour]) -> Plan:
    """The tours as a plan; whatever is in none of them is left out."""
    made = {visit_id for tour in tours for visit_id in tour.visits}
    out = [visit for visit in problem.visits if visit.id not in made]
    costs = total_costs(tours, sum(visit.price_cents for visit in out), problem.prices.balance_cents_per_hour)
    return Plan(tuple(tours), tuple(Unassigned(visit.id, "left_out", "It was left out.") for visit in out), costs)


def sequence_of(problem: Problem, tour: Tour) -> tuple[int, ...]:
    """The indices and reload codes of a tour."""
    codes = reload_codes(problem, problem.vehicle_at(tour.vehicle))
    depots = {one.after: codes[one.point] for one in tour.reloads}
    found: list[int] = []
    for number, visit_id in enumerate(tour.visits):
        found += [depots[number]] if number in depots else []
        found.append(problem.visit_at(visit_id))
    return tuple(found)


@st.composite
def laid_plans(draw: st.DrawFn, *, max_visits: int = 6, max_vehicles: int = 2) -> tuple[Problem, Travel, Plan]:
    """A random problem and a plan of it that keeps every rule: visits are put in here and there while they fit."""
    problem, travel = draw(rich_problems(max_visits=max_visits, max_vehicles=max_vehicles, min_visits=1))
    chance = np.random.default_rng(draw(st.integers(0, 1 << 16)))
    tours: dict[int, Tour] = {}
    partner = {one.pickup: one.delivery for one in problem.pairs}
    groups = [
        [problem.visit_at(visit.id), *([problem.visit_at(partner[visit.id])] if visit.id in partner else [])]
        for visit in problem.visits
        if visit.id not in partner.values()
    ]
    chance.shuffle(groups)
    for group in groups:
        for _ in range(5):
            van = int(chance.integers(len(problem.vehicles)))
            trial = list(sequence_of(problem, tours[van])) if van in tours else []
            at = 0
            for number, visit in enumerate(group):
                at = int(chance.integers(at, len(trial) + 1)) + 1
                trial.insert(at - 1, visit)
                codes = reload_codes(problem, van)
                if codes and not number and chance.random() < 0.4:
                    trial.insert(at - 1, int(chance.choice(codes)))
                    at += 1
            tour = laid(problem, travel, van, trial)
            if tour is None or check_tour(problem, travel, tour):
                continue
            after = tours | {van: tour}
            if not check(problem, travel, written(problem, [after[van] for van in sorted(after)])):
                tours = after
                break
    return problem, travel, written(problem, [tours[van] for van in sorted(tours)])
