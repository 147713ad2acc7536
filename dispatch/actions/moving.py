"""Moving a stop by hand: the consequence is worked out exactly, hard rules are said in words, then it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from core import errors
from core.actor import Actor
from dispatch import facts, planning, solving, states
from dispatch.actions import laying
from dispatch.models import Plan, Route, Stop
from routing import solver
from routing.solver import laying as sequences


class ConsequenceRow(TypedDict):
    """What a move changes: seconds, metres and cents of all routes together, stops newly late, rules broken."""

    delta_s: int
    delta_m: int
    delta_cents: int
    newly_late: list[str]
    broken: list[str]
    applied: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Where a stop is to go: onto the route of a shift after `position` others, or off its route."""

    stop: Stop
    shift_id: UUID | None
    position: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a move leads to, with the facts it was worked out on."""

    after: solver.Plan
    row: ConsequenceRow
    day: planning.DayFacts
    roads: str
    shift_ids: set[UUID]


def look(move: Move) -> Look:
    """Work out what the move leads to; nothing is written."""
    stop = move.stop
    if stop.status not in states.MOVABLE:
        raise errors.Conflict(
            "stop_under_way", f"This stop is {stop.status.replace('_', ' ')} and cannot be moved any more."
        )
    if stop.place.lat is None:
        raise errors.Refused("not_located", "This stop's address has no position yet.")
    touched = {shift for shift in (stop.route.shift_id if stop.route else None, move.shift_id) if shift is not None}
    if not touched:
        raise errors.Refused("nothing_to_move", "This stop is on no route already.")
    day = facts.of_plan(stop.plan, shift_ids=touched, also=[stop])
    if {UUID(shift.id) for shift in day.shifts} != touched:
        raise errors.Conflict("route_under_way", "This route has set out already, or its shift is not of this plan.")
    travel, source = solving.travel_between(day.points())
    problem = planning.to_problem(day)
    names, clock = day.names(), planning.clock_of(day)
    try:
        present = sequences.lay(problem, travel, day.sequences)
        moved = solver.move(
            problem,
            travel,
            present,
            str(stop.id),
            str(move.shift_id) if move.shift_id else None,
            move.position,
            names=names,
            clock=clock,
        )
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    # A rule that was broken before the move does not stand against it.
    known = {(fault.code, fault.vehicle, fault.visit) for fault in solver.check(problem, travel, present)}
    broken = [fault.message for fault in moved.faults if (fault.code, fault.vehicle, fault.visit) not in known]
    paid_before, paid_after = (plan.costs.total - plan.costs.left_out for plan in (present, moved.plan))
    row: ConsequenceRow = {
        "delta_s": moved.delta_s,
        "delta_m": moved.delta_metres,
        "delta_cents": paid_after - paid_before,
        "newly_late": [names[visit] for visit in moved.newly_late],
        "broken": broken,
        "applied": False,
    }
    return Look(moved.plan, row, day, source, touched)


def move_stop(move: Move, *, dry_run: bool, by: Actor, at: datetime) -> ConsequenceRow:
    """Look at the move, and make it unless it is only a look or breaks a hard rule."""
    plan = Plan.objects.select_for_update(of=("self",)).get(id=move.stop.plan_id)
    if plan.status == "optimizing":
        raise errors.Conflict("plan_optimizing", "The plan is being optimised: wait for it or cancel it first.")
    seen = look(move)
    if dry_run:
        return seen.row
    if seen.row["broken"]:
        raise errors.Refused("rule_broken", " ".join(seen.row["broken"]), details=seen.row)
    left_out = {one.visit: (one.code, one.message) for one in seen.after.unassigned if one.visit == str(move.stop.id)}
    laying.lay_routes(plan, solving.draw(seen.day, seen.after.tours), left_out, shift_ids=seen.shift_ids, by=by, at=at)
    routes = Route.objects.filter(plan=plan).exclude(status="cancelled")
    terms = {"total": sum(route.cost_cents for route in routes)}
    laying.settle(plan, to="optimized", terms=terms, roads=seen.roads, by=by, at=at)
    return {**seen.row, "applied": True}
