"""The operation that optimises a plan: facts out of the rows, travel times, the solver's child process, the result in.

Nothing is locked while the solver works. What changed meanwhile is passed over when the result is written, and a
worker that lost its lease writes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core import clock, errors, operations
from core.actor import SYSTEM
from dispatch import facts, planning
from dispatch.actions import laying
from dispatch.models import Plan
from routing import child, roads, solver

log = logging.getLogger(__name__)

SEED = 1
EXPLAIN_S = 10.0
"""Reasons are worked out anew with names and times of day for this long; after that the solver's own words stand."""


def run(job: operations.Job) -> None:
    """Run one solve. Ends the operation with `{cost_cents, routes, assigned, unassigned, terms, roads}`."""
    plan_id, seconds = UUID(job.params["plan"]), int(job.params["seconds"])
    with job.scope():
        plan = Plan.objects.get(id=plan_id)
        day = facts.of_plan(plan)
    if not day.shifts or not day.stops:
        raise errors.Refused("nothing_to_plan", "There is no shift or no stop left to plan.")
    job.progress({"phase": "travel_times", "stops": len(day.stops)})
    travel, source = travel_between(day.points())
    problem = planning.to_problem(day)
    solution = _solve(job, problem, travel, day, seconds)
    job.progress({"phase": "drawing"})
    drawn = draw(day, solution.tours)
    left_out = reasons(day, problem, travel, solution)
    now = clock.now()
    with job.finish() as result:
        plan = Plan.objects.select_for_update(of=("self",)).get(id=plan_id)
        laying.lay_routes(plan, drawn, left_out, shift_ids={UUID(shift.id) for shift in day.shifts}, by=SYSTEM, at=now)
        laying.settle(plan, to="optimized", terms=solution.costs.terms(), roads=source, by=SYSTEM, at=now)
        result.update(
            {
                "plan": str(plan_id),
                "cost_cents": solution.costs.total,
                "routes": len(solution.tours),
                "assigned": solution.assigned,
                "unassigned": len(solution.unassigned),
                "terms": solution.costs.terms(),
                "roads": source,
            }
        )


def _solve(
    job: operations.Job, problem: solver.Problem, travel: solver.Travel, day: planning.DayFacts, seconds: int
) -> solver.Plan:
    cancelled = False

    def tell(progress: solver.Progress | None) -> None:
        nonlocal cancelled
        told: dict[str, Any] = {"phase": "solving", "budget_s": seconds}
        if progress is not None:
            told |= {
                "seconds": round(progress.seconds, 1),
                "cost_cents": progress.cost_cents,
                "assigned": progress.assigned,
            }
        cancelled = not job.progress(told) or cancelled

    try:
        return child.solve_in_child(
            problem,
            travel,
            seconds=seconds,
            seed=SEED,
            initial=planning.present_plan(problem, travel, day),
            on_progress=tell,
            should_stop=lambda: cancelled,
        )
    except (child.SolverFailed, solver.ProblemError) as error:
        raise errors.Refused("solver_failed", f"The solver found no plan: {error}") from error


def travel_between(points: Sequence[planning.Point]) -> tuple[solver.Travel, str]:
    """Travel times of all pairs, and where they came from."""
    answer = roads.from_settings().matrix(points)
    return planning.to_travel(answer.seconds, answer.metres, roads.UNREACHABLE), answer.source


def draw(day: planning.DayFacts, tours: Sequence[solver.Tour]) -> list[laying.Drawn]:
    """Each tour in the house's words, with its line along the roads."""
    places = {stop.id: stop.point for stop in day.stops}
    depots = {shift.id: shift.depot for shift in day.shifts}
    engine = roads.from_settings()
    drawn = []
    for tour in tours:
        way = [depots[tour.vehicle], *(places[visit] for visit in tour.visits), depots[tour.vehicle]]
        drawn.append(laying.Drawn(planning.to_route(day, tour), _line([leg.geometry for leg in engine.route(way)])))
    return drawn


def _line(geometries: Sequence[str]) -> str:
    """The legs' lines as one, each corner once."""
    points: list[planning.Point] = []
    for geometry in geometries:
        leg = roads.decode(geometry)
        points += leg[1:] if points and leg and points[-1] == leg[0] else leg
    return roads.encode(points)


def reasons(
    day: planning.DayFacts, problem: solver.Problem, travel: solver.Travel, solution: solver.Plan
) -> dict[str, tuple[str, str]]:
    """Why each stop was left out, in the dispatcher's words: {stop id: (code, sentence)}."""
    until = time.monotonic() + EXPLAIN_S
    told = {}
    for one in solution.unassigned:
        if time.monotonic() < until:
            one = solver.explain_unassigned(
                problem, travel, solution, one.visit, names=day.names(), clock=planning.clock_of(day)
            )
        told[one.visit] = (one.code, one.message)
    return told
