"""Plans from the order of stops alone, with our own times and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routing.solver import Plan, Problem, Travel, Unassigned
from routing.solver.plan import total_costs
from routing.solver.schedule import Scheduler


def rebuilt(problem: Problem, travel: Travel, tours: Mapping[int, Sequence[int]]) -> Plan | None:
    """The plan of these sequences (visits and reload codes, by vehicle); None where one of them breaks a rule."""
    scheduler = Scheduler(problem, travel)
    written = []
    for van, sequence in sorted(tours.items()):
        tour = scheduler.tour(van, sequence) if sequence else None
        if sequence and tour is None:
            return None
        written += [tour] if tour is not None else []
    made = {step.visit for tour in written for step in tour.steps}
    out = tuple(Unassigned(one.id, "left_out", "Left out.") for one in problem.visits if one.id not in made)
    left_out = sum(problem.visit(one.visit).price_cents for one in out)
    return Plan(tuple(written), out, total_costs(written, left_out, problem.prices.balance_cents_per_hour))
