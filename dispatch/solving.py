"""The operation that optimises a plan: facts out of the rows, travel times, the solver's child process, the result in.

Nothing is locked while the solver works. What changed meanwhile is passed over when the result is written, and a
worker that lost its lease writes nothing.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings

from core import clock, errors, operations
from core.actor import SYSTEM
from core.words import say
from dispatch import facts, judging, planning, solving_parts
from dispatch.actions import laying
from dispatch.models import Plan
from dispatch.travel import travel_between
from routing import child, roads, solver
from routing.solver import objective

log = logging.getLogger(__name__)

EXPLAIN_S = 10.0
"""Reasons are worked out anew with names and times of day for this long; after that the solver's own words stand."""

DRAWN_AT_ONCE = 2
"""Lines asked for at the same time: a hand's edit draws two."""


def run(job: operations.Job) -> None:
    """Run one solve. Ends the operation with `{cost_cents, objective, routes, assigned, unassigned, terms, roads}`."""
    plan_id, seconds = UUID(job.params["plan"]), int(job.params["seconds"])
    with job.scope():
        plan = Plan.objects.get(id=plan_id)
        day = facts.of_plan(plan)
    if not day.shifts or not day.stops:
        raise errors.Refused("nothing_to_plan", say("There is no shift or no stop left to plan."))
    near = _near(job.params.get("near"), day)
    parts = solving_parts.found(job)
    if near is None and parts is None and not any(day.sequences.values()) and solving_parts.begin(job, day, seconds):
        return
    if parts is not None:
        day = replace(day, sequences=parts)
        seconds = max(1, round(seconds * (1 - solving_parts.SHARE)))
    job.progress({"phase": "travel_times", "stops": len(day.stops)})
    travel, source = travel_between(day.points())
    problem = planning.to_problem(day)
    before = planning.present_plan(problem, travel, day, rules=near is None)
    if near is not None and before is None:
        raise errors.Refused("nothing_to_reoptimize", say("There are no routes that could be optimised again."))
    solution = search(job, problem, travel, day, seconds, before, near)
    if near is not None and before is not None:
        problem = near.bounded(problem, before)
    job.progress({"phase": "drawing"})
    drawn = draw(day, problem, solution)
    judged = judging.stored(day, problem, solution)
    left_out = reasons(day, problem, travel, solution)
    now = clock.now()
    with job.finish() as result:
        plan = Plan.objects.select_for_update(of=("self",)).get(id=plan_id)
        laying.lay_routes(plan, drawn, left_out, shift_ids={UUID(shift.id) for shift in day.shifts}, by=SYSTEM, at=now)
        laying.settle(plan, to="optimized", objective=judged, roads=source, by=SYSTEM, at=now)
        result.update(
            {
                "plan": str(plan_id),
                "cost_cents": planning.paid_cents(day, solution.tours),
                "objective": day.objective,
                "routes": len(solution.tours),
                "assigned": solution.assigned,
                "unassigned": len(solution.unassigned),
                "terms": solution.costs.terms(),
                "roads": source,
            }
        )


def search(
    job: operations.Job,
    problem: solver.Problem,
    travel: solver.Travel,
    day: planning.DayFacts,
    seconds: int,
    before: solver.Plan | None,
    near: child.Near | None,
) -> solver.Plan:
    """Search in a process of its own; the operation tells how it gets on. A cancel ends it, the best so far stands."""
    cancelled = False

    def tell(progress: solver.Progress | None) -> None:
        nonlocal cancelled
        told: dict[str, Any] = {"phase": "solving", "budget_s": seconds}
        if progress is not None:
            told |= {
                "seconds": round(progress.seconds, 1),
                "cost_cents": planning.paid_cents(day, progress.plan.tours),
                "assigned": progress.assigned,
            }
        cancelled = not job.progress(told) or cancelled

    try:
        return child.solve_in_child(
            problem,
            travel,
            seconds=seconds,
            seed=planning.SEED,
            initial=before,
            near=near,
            on_progress=tell,
            should_stop=lambda: cancelled,
            threads=settings.SOLVER_THREADS,
        )
    except (child.SolverFailed, solver.ProblemError) as error:
        raise errors.Refused("solver_failed", say("The solver found no plan: {error}", error=error)) from error


def _near(asked: dict[str, Any] | None, day: planning.DayFacts) -> child.Near | None:
    """How much of the present routes may change; None for an optimisation from scratch."""
    if asked is None:
        return None
    known = {stop.id for stop in day.stops}
    changed = tuple(stop for stop in asked["changed"] if stop in known)
    return child.Near(asked["scope"], asked["max_changes"], asked["change_cents"], changed)


def draw(day: planning.DayFacts, problem: solver.Problem, plan: solver.Plan) -> list[laying.Drawn]:
    """Each tour in the house's words, with its line along the roads."""
    explained = objective.explain(problem, plan)
    places = {stop.id: stop.point for stop in day.stops}
    depots = {shift.id: shift.depot for shift in day.shifts}
    ways = [
        [depots[tour.vehicle], *(places[visit] for visit in tour.visits), depots[tour.vehicle]] for tour in plan.tours
    ]
    with ThreadPoolExecutor(DRAWN_AT_ONCE) as pool:  # most of it is waiting for the road server
        lines = list(pool.map(roads.from_settings().line, ways))
    return [
        laying.Drawn(planning.to_route(day, tour, explained.routes[tour.vehicle]), line)
        for tour, line in zip(plan.tours, lines, strict=True)
    ]


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
