"""Laying routes anew in an order that a person wants: worked out exactly, rules said in words, then written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import mark, say
from dispatch import consequences, facts, planning, solving, standings, states
from dispatch.actions import laying
from dispatch.models import Plan, Stop
from routing import solver
from routing.solver import laying as sequences

TAKEN_OFF = ("taken_out", mark("It was taken off its route by hand."))


@dataclass(frozen=True, slots=True)
class Change:
    """Where a stop is to go: onto the route of a shift after `position` others (None: where it costs least), or off."""

    stop_id: UUID
    shift_id: UUID | None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What new sequences lead to, with the facts they were worked out on."""

    day: planning.DayFacts
    problem: solver.Problem
    after: solver.Plan
    row: consequences.ConsequenceRow
    roads: str
    shift_ids: set[UUID]
    lanes: Mapping[str, Sequence[str]]
    rows: Sequence[Stop]
    """The stops of these shifts and those that were to move, as they were read."""

    @property
    def changes_anything(self) -> bool:
        """Whether any route would have other stops or another order."""
        old = {shift: tuple(order) for shift, order in self.day.sequences.items() if order}
        return old != {shift: tuple(order) for shift, order in self.lanes.items() if order}


def look(plan: Plan, changes: Sequence[Change], stops: Mapping[UUID, Stop], not_before: datetime | None = None) -> Look:
    """What these changes lead to, together: all stops are taken out first, then put in one after the other."""
    for stop in stops.values():
        movable(stop)
    owners = (stop.route.shift_id for stop in stops.values() if stop.route is not None)
    touched = {*owners, *(one.shift_id for one in changes if one.shift_id is not None)}
    if not touched:
        raise errors.Refused("nothing_to_move", say("This stop is on no route already."))
    return _laid(plan, touched, list(stops.values()), changes, None, not_before)


def look_at(plan: Plan, lanes: Mapping[str, Sequence[str]], shift_ids: Collection[UUID], stops: Sequence[Stop]) -> Look:
    """What it means to give these shifts exactly these stops; `stops` are all that come or go."""
    return _laid(plan, set(shift_ids), stops, (), lanes)


def movable(stop: Stop) -> None:
    """Refuse what cannot be moved (any more), in words."""
    if stop.status not in states.MOVABLE:
        word = stop.status.replace("_", " ")
        raise errors.Conflict("stop_under_way", say("This stop is {word} and cannot be moved any more.", word=word))
    if stop.place.lat is None:
        raise errors.Refused("not_located", say("This stop's address has no position yet."))


def _laid(
    plan: Plan,
    touched: set[UUID],
    stops: Sequence[Stop],
    changes: Sequence[Change],
    lanes: Mapping[str, Sequence[str]] | None,
    not_before: datetime | None = None,
) -> Look:
    rows = facts.movable_stops(plan, shift_ids=touched, also=stops)
    day = facts.of_plan(plan, shift_ids=touched, rows=rows, not_before=not_before)
    if {UUID(shift.id) for shift in day.shifts} != touched:
        raise errors.Conflict(
            "route_under_way", say("This route has set out already, or its shift is not of this plan.")
        )
    travel, source = standings.travel_of(plan, day.points())
    problem = planning.to_problem(day)
    names, clock = day.names(), planning.clock_of(day)
    try:
        present = sequences.lay(problem, travel, day.sequences)
        if lanes is None:
            standing = solver.Standing(problem, travel, present, names=names, clock=clock)
            lanes = placed(standing, day.sequences, changes)
        after = sequences.lay(problem, travel, lanes)
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    known = [consequences.key_of(fault) for fault in solver.check(problem, travel, present)]
    faults = solver.check(problem, travel, after, names=names, clock=clock)
    kept = {stop for order in lanes.values() for stop in order}
    off = [stop for order in day.sequences.values() for stop in order if stop not in kept]
    row = consequences.told(day, present.tours, after.tours, faults, known, off)
    return Look(day, problem, after, row, source, touched, lanes, rows)


def placed(
    standing: solver.Standing, now: Mapping[str, Sequence[str]], changes: Sequence[Change]
) -> dict[str, list[str]]:
    """The sequences after these changes; where no place is named, the cheapest one that keeps the rules."""
    gone = {str(one.stop_id) for one in changes}
    lanes = {shift_id: [stop for stop in order if stop not in gone] for shift_id, order in now.items()}
    bare = standing.without([standing.problem.visit_at(stop) for stop in gone])
    for one in changes:
        if one.shift_id is None:
            continue
        stop, shift_id = str(one.stop_id), str(one.shift_id)
        lane = lanes.setdefault(shift_id, [])
        position = one.position
        if position is None:
            position = consequences.best_place(bare, stop, shift_id)
        lane.insert(min(position, len(lane)), stop)
        problem = standing.problem
        bare = bare.with_tour(problem.vehicle_at(shift_id), [problem.visit_at(visit) for visit in lane])
    return lanes


def write(
    plan: Plan,
    look: Look,
    *,
    left: Mapping[str, tuple[str, str]],
    meant: Collection[str],
    reason: str,
    by: Actor,
    at: datetime,
) -> list[Stop]:
    """Write what was looked at; `left` says why a stop is then on no route: (code, sentence).

    Returns the looked-at stops as they now are.
    """
    present = {stop for order in look.day.sequences.values() for stop in order}
    kept = {stop for order in look.lanes.values() for stop in order}
    left_out = {stop: left.get(stop, TAKEN_OFF) for stop in present - kept}
    drawn = solving.draw(look.day, look.problem, look.after)
    with journal.together():
        written = laying.lay_routes(
            plan, drawn, left_out, shift_ids=look.shift_ids, meant=meant, reason=reason, by=by, at=at
        )
        judged = laying.rejudged(plan, look.day, look.problem)
        laying.settle(plan, to="optimized", objective=judged, roads=look.roads, by=by, at=at)
    return [written.get(str(stop.id), stop) for stop in look.rows]
