"""The one place where routes that were shown first are written: accepted proposals, and ways out for a stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import say
from dispatch import facts, judging, planning, solving
from dispatch.actions import edits, laying
from dispatch.models import Plan, Stop
from dispatch.travel import travel_between
from routing import solver
from routing.solver import laying as sequences


@dataclass(frozen=True, slots=True)
class Weighed:
    """Routes of some shifts in another order, worked out exactly, with the facts they were worked out on."""

    day: planning.DayFacts
    problem: solver.Problem
    after: solver.Plan
    roads: str
    shift_ids: frozenset[UUID]


def weigh(plan: Plan, orders: Mapping[str, Collection[str]], *, leaving: Collection[str] = ()) -> Weighed:
    """Work out these sequences (stop ids by shift id, complete) and judge them; nothing is written.

    `leaving` are stops that go off these routes. Raises `Refused` ("rule_broken") in words for a hard rule that is not
    broken already, `Conflict` for a route that has set out.
    """
    shift_ids = {UUID(shift) for shift in orders}
    named = {stop for order in orders.values() for stop in order} | set(leaving)
    also = list(Stop.objects.filter(plan=plan, id__in=named).select_related("place", "route"))
    also = [stop for stop in also if stop.route is None or stop.route.shift_id not in shift_ids]
    day = facts.of_plan(plan, shift_ids=shift_ids, also=also)
    known = {stop.id for stop in day.stops}
    if {UUID(shift.id) for shift in day.shifts} != shift_ids or not named <= known:
        raise errors.Conflict("route_under_way", say("One of these routes has set out, or a stop of theirs is gone."))
    missing = {stop for order in day.sequences.values() for stop in order} - named
    if missing:
        raise errors.Conflict("plan_changed", say("These routes have other stops by now."))
    travel, source = travel_between(day.points())
    problem = planning.to_problem(day)
    names, clock = day.names(), planning.clock_of(day)
    try:
        present = sequences.lay(problem, travel, day.sequences)
        after = sequences.lay(problem, travel, {shift: tuple(order) for shift, order in orders.items()})
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    # A rule that was broken before does not stand against it.
    stood = {(fault.code, fault.vehicle, fault.visit) for fault in solver.check(problem, travel, present)}
    faults = solver.check(problem, travel, after, names=names, clock=clock)
    broken = [fault.message for fault in faults if (fault.code, fault.vehicle, fault.visit) not in stood]
    if broken:
        raise errors.Refused("rule_broken", " ".join(broken), details={"broken": broken})
    return Weighed(day, problem, after, source, frozenset(shift_ids))


def write(
    plan: Plan,
    weighed: Weighed,
    left_out: Mapping[str, tuple[str, str]],
    *,
    label: str,
    judged: judging.Stored | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Lay the routes and settle the plan, in the caller's transaction with its row locked.

    Everything that this room's users do to a plan goes through here, and `label` says in a few words what it is: a
    record of how the plan looked before (undo) is made here and nowhere else.
    """
    shift_ids = set(weighed.shift_ids)
    stops = [UUID(stop.id) for stop in weighed.day.stops]
    before = edits.snapshot_of(plan, shift_ids=shift_ids, also=stops)
    drawn = solving.draw(weighed.day, weighed.problem, weighed.after)
    with journal.together():
        laying.lay_routes(plan, drawn, left_out, shift_ids=shift_ids, by=by, at=at)
        if judged is None:
            judged = laying.rejudged(plan, weighed.day, weighed.problem)
        laying.settle(plan, to="optimized", objective=judged, roads=weighed.roads, by=by, at=at)
        after = edits.snapshot_of(plan, shift_ids=shift_ids, also=stops)
        edits.record(plan, kind="accept", label=label, before=before, after=after, by=by, at=at)
