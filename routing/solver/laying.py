"""Given sequences as a plan: scheduled and priced as they are, whether or not they keep the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.words import mark, say
from routing.solver.plan import Plan, Unassigned, total_costs
from routing.solver.problem import Problem, ProblemError, Travel
from routing.solver.schedule import Scheduler


def lay(
    problem: Problem,
    travel: Travel,
    sequences: Mapping[str, Sequence[str]],
    *,
    reloads: Mapping[str, Sequence[tuple[int, int]]] | None = None,
) -> Plan:
    """A plan in which each vehicle makes its visits in the order given; all others are unassigned.

    `reloads` says, for a vehicle, after how many visits it comes to which of its reloads: (after, point), in order.
    Hard rules that the order breaks are broken by as little as possible and left to `check` to find. Raises
    `ProblemError` for an unknown visit and, where no road leads along the order, unreachable.
    """
    scheduler = Scheduler(problem, travel)
    tours = []
    made: set[str] = set()
    for vehicle in problem.vehicles:
        visits = tuple(sequences.get(vehicle.id, ()))
        if not visits:
            continue
        van = problem.vehicle_at(vehicle.id)
        codes = [problem.visit_at(visit) for visit in visits]
        for after, point in reversed((reloads or {}).get(vehicle.id, ())):
            codes.insert(after, scheduler.reload_codes(van)[point])
        tour = scheduler.tour(van, codes) or scheduler.tour(van, codes, relaxed=True)
        if tour is None:
            raise ProblemError(
                "unreachable", say("No road leads {vehicle} along its visits.", vehicle=vehicle.id), vehicle.id
            )
        tours.append(tour)
        made.update(visits)
    unassigned = tuple(
        Unassigned(visit.id, "not_planned_yet", mark("It has not been planned yet."))
        for visit in problem.visits
        if visit.id not in made
    )
    left_out_cents = sum(visit.price_cents for visit in problem.visits if visit.id not in made)
    return Plan(tuple(tours), unassigned, total_costs(tours, left_out_cents, problem.prices.balance_cents_per_hour))
