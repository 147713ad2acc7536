"""Why a stop is on no route, and what could give way: each way out with its price, and whether it can be had here.

The solver finds the ways out (`routing.solver.why`, `.relax`); this room says them in the house's words, in which a
window ends where it ends and not where planning's reserve begins, and prices them by what is really paid.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict

from core import errors
from core.vocabulary import word
from core.words import listed, mark, number, say
from dispatch import beside, facts, planning, proposing
from dispatch.models import Stop
from routing import solver
from routing.solver import insert, relax, why
from routing.solver import laying as sequences
from routing.solver.standing import Standing

POSSIBLE = frozenset(
    {
        "place",
        "window_later",
        "window_earlier",
        "shift_later",
        "shift_earlier",
        "over_capacity",
        "ignore_skills",
        "ignore_lock",
    }
)
"""Ways out that have a home in the house: a click makes them real."""

NOT_HERE = {
    "may_be_late": mark("A stop cannot be made late on purpose here: widen its window instead."),
    "one_more_van": mark("No such van has a shift that day. Work it out as a what-if, then give one a shift."),
    "raise_price": mark("Prices of stops are not kept here."),
}
ELSE_NOT_HERE = mark("This rule has no place here yet where it could be let go.")
UNITS = (("kg", 1000), ("l", 1000), (mark("pieces"), 1), (mark("pallets"), 1))


class WayRow(TypedDict):
    """One way out: what gives way (`message`), where the stop then goes, and what that costs in all.

    `possible` says whether `:relax` can do it; if not, `why_not` says why. `warning` is what to know before.
    """

    key: str
    code: str
    message: str
    possible: bool
    why_not: str
    warning: str
    shift: str
    label: str
    position: int
    delta_cents: int
    delta_m: int
    delta_s: int


class WhyRow(TypedDict):
    """Why a stop is on no route, and the ways out, those that can be had and cheap ones first."""

    stop: str
    code: str
    message: str
    ways: list[WayRow]


@dataclass(frozen=True, slots=True)
class Way:
    """A way out with what must be done for it, one step after another."""

    row: WayRow
    steps: tuple[relax.Relaxation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A stop on no route, the routes as they stand, and the facts of both."""

    stop: Stop
    day: planning.DayFacts
    problem: solver.Problem
    standing: Standing

    @property
    def id(self) -> str:
        return str(self.stop.id)

    @property
    def facts(self) -> planning.StopFacts:
        return next(one for one in self.day.stops if one.id == self.id)


def case(stop: Stop) -> Case:
    """Look at the routes as they stand. Raises `Conflict` for a stop on one of them, `Refused` where none can go."""
    if stop.status != "unassigned":
        raise errors.Conflict(
            "not_unassigned", say("This stop is {status}, not left out.", status=word(stop.status))
        )
    if stop.place.lat is None:
        raise errors.Refused("not_located", say("This stop's address has no position yet."))
    day = routed_with(stop)
    travel = beside.travel(stop.plan, day, str(stop.id))
    problem = beside.at_their_depots(planning.to_problem(day), day)
    try:
        plan = sequences.lay(problem, travel, day.sequences)
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    standing = Standing(problem, travel, plan, names=day.names(), clock=planning.clock_of(day))
    return Case(stop, day, problem, standing)


def routed_with(stop: Stop) -> planning.DayFacts:
    """The day's routes and this one stop: what else is left out has no say in where it fits."""
    day = facts.of_plan(stop.plan)
    routed = {one for order in day.sequences.values() for one in order} | {str(stop.id)}
    return replace(day, stops=tuple(one for one in day.stops if one.id in routed))


def ways(at: Case, reason: why.Explanation | None = None) -> list[Way]:
    """All ways out: the places that there are, else what could give way."""
    answer = insert.options(at.standing, at.id)
    if answer.options:
        best: dict[str, insert.Option] = {}
        for option in answer.options:
            best.setdefault(option.vehicle, option)
        return [_place(at, option) for option in list(best.values())[:5]]
    found = (reason or why.explained(at.standing, at.id)).relaxations
    if any(one.code == "window_later" for one in found):
        found = tuple(one for one in found if one.code != "may_be_late")  # the same, said as it can be had here
    rows = [_way(at, one) for one in found]
    return sorted(rows, key=lambda one: (not one.row["possible"], one.row["delta_cents"], one.row["key"]))


def row(stop: Stop) -> WhyRow:
    """For the API and the board."""
    at = case(stop)
    reason = why.explained(at.standing, at.id)
    return {
        "stop": at.id,
        "code": reason.code,
        "message": reason.message,
        "ways": [one.row for one in ways(at, reason)],
    }


def _place(at: Case, option: insert.Option) -> Way:
    label = at.day.names()[option.vehicle]
    return Way(
        {
            "key": _key("place", option.vehicle, option.position),
            "code": "place",
            "message": say("{label} has a place for it as it is.", label=label),
            "possible": True,
            "why_not": "",
            "warning": "",
            "shift": option.vehicle,
            "label": label,
            "position": option.position,
            "delta_cents": _paid(at, option.vehicle, option.delta_s, option.delta_metres),
            "delta_m": option.delta_metres,
            "delta_s": option.delta_s,
        },
        (),
    )


def _way(at: Case, found: relax.Relaxation) -> Way:
    steps = (*found.also, found)
    names = at.day.names()
    like = found.vehicle if found.code == "one_more_van" else found.on
    label = names.get(like or "", say("another van"))
    blocked = next((one.code for one in steps if one.code not in POSSIBLE), None)
    clauses = [_clause(at, replace(one, on=found.on)) for one in steps]
    if found.code == "one_more_van":
        message = say("One more van like {label} would have a place for it.", label=label)
    else:
        message = say("{label} fits if {clauses}.", label=label, clauses=listed(clauses))
    return Way(
        {
            "key": _key(*((one.code, one.vehicle, one.amount, one.amounts) for one in steps), found.on, found.position),
            "code": found.code,
            "message": message,
            "possible": blocked is None,
            "why_not": "" if blocked is None else say(NOT_HERE.get(blocked, ELSE_NOT_HERE)),
            "warning": _warning(at, steps),
            "shift": found.on,
            "label": label,
            "position": found.position,
            "delta_cents": _paid(at, like or found.on, found.delta_s, found.delta_metres, new=found.on not in names),
            "delta_m": found.delta_metres,
            "delta_s": found.delta_s,
        },
        steps,
    )


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def _paid(at: Case, shift_id: str, delta_s: int, delta_m: int, *, new: bool = False) -> int:
    """What is really paid more: the solver's own prices may count more than that."""
    shift = next(one for one in at.day.shifts if one.id == shift_id)
    tour = None if new else at.standing.plan.tour_of(shift_id)
    seconds, metres = (tour.duration_s, tour.metres) if tour else (0, 0)

    def cents(s: int, m: int) -> int:
        return (shift.cents_per_hour * s + 1800) // 3600 + (shift.cents_per_km * m + 500) // 1000

    return cents(seconds + delta_s, metres + delta_m) - cents(seconds, metres) + (0 if tour else shift.day_cents)


# -- in words ----------------------------------------------------------------------------------------------------------


def _clause(at: Case, step: relax.Relaxation) -> str:
    """What gives way, as the second half of "… fits if …"."""
    code = step.code
    if code in ("window_later", "window_earlier"):
        start, end = window_then(at, step)
        stop = at.facts
        assert stop.window is not None, "only a window that is there can be widened"
        if code == "window_later":
            return say(
                "its window ends at {time}, {span} later", time=_clock(at, end), span=_span(end - stop.window[1])
            )
        return say(
            "its window begins at {time}, {span} earlier", time=_clock(at, start), span=_span(stop.window[0] - start)
        )
    if code in ("shift_later", "shift_earlier"):
        shift = _shift(at, step.vehicle or step.on)
        if code == "shift_later":
            end = shift.end_at + timedelta(seconds=step.amount)
            return say(
                "the shift lasts until {time}, {span} longer", time=_clock(at, end), span=_span(end - shift.end_at)
            )
        start = shift.start_at - timedelta(seconds=step.amount)
        return say(
            "the shift begins at {time}, {span} earlier", time=_clock(at, start), span=_span(shift.start_at - start)
        )
    if code == "over_capacity":
        over = [
            f"{round(amount / per, 1):g} {say(unit)}" if per > 1 else f"{amount} {say(unit)}"
            for amount, (unit, per) in zip(step.amounts, UNITS, strict=True)
            if amount
        ]
        return say("it carries {load} more than it may", load=listed(over))
    if code == "ignore_skills":
        missing = sorted(at.facts.skills - _shift(at, step.on).skills) if at.problem.has_vehicle(step.on) else []
        skills = ", ".join(one.replace("_", " ") for one in (missing or sorted(at.facts.skills)))
        return say("it may be made without {skills}", skills=skills)
    return {
        "may_be_late": say("it may come late"),
        "ignore_lock": say("its lock is removed"),
        "longer_duration": say("its route may last {span} longer", span=_span(timedelta(seconds=step.amount))),
        "more_metres": say("it may drive {amount} km more", amount=number(step.amount / 1000, 1)),
        "more_visits": say("it may make one stop more"),
        "one_more_reload": say("it comes back to reload once more"),
        "ignore_allowed": say("it may be made by any van"),
        "ignore_zone": say("it leaves its zone"),
        "ignore_together": say("it may go apart from the stops that belong to it"),
        "ignore_apart": say("it may share a van with stops that it must not"),
        "more_changes": say("more stops may change their driver"),
        "raise_price": say("its price is accepted"),
    }.get(code, code.replace("_", " "))


def _warning(at: Case, steps: tuple[relax.Relaxation, ...]) -> str:
    """A promise that would not be kept by a later window."""
    for step in steps:
        if step.code == "window_later":
            told = proposing.told_of([at.stop])[at.id]
            end = window_then(at, step)[1]
            if told.promised and told.end_at is not None and end > told.end_at:
                until = _clock(at, told.end_at)
                return say(
                    "The recipient was promised until {until}: the promise stays, and may be broken.", until=until
                )
    return ""


def window_then(at: Case, step: relax.Relaxation) -> tuple[datetime, datetime]:
    """The stop's window, to the minute, that lets planning serve it so much later or earlier, reserve and all."""
    stop = at.facts
    assert stop.window is not None, "only a window that is there can be widened"
    start, end = stop.window
    now = _planned_window(at, stop)
    if step.code == "window_earlier":
        return _whole(start - timedelta(seconds=step.amount), up=False), end
    wanted = now.latest_s + step.amount
    then = _whole(planning.to_instant(at.day, wanted), up=True)
    while _planned_window(at, replace(stop, window=(start, then))).latest_s < wanted:
        then += timedelta(minutes=1)
    return start, max(then, end)


def _planned_window(at: Case, stop: planning.StopFacts) -> solver.Window:
    """The window that planning makes of a stop's."""
    alone = replace(at.day, stops=(stop,), shifts=at.day.shifts[:1], sequences={})
    return planning.to_problem(alone).visits[0].windows[0]


def _whole(moment: datetime, *, up: bool) -> datetime:
    """A whole minute, at or after the moment if `up`, else at or before."""
    minute = moment.replace(second=0, microsecond=0)
    return minute + timedelta(minutes=1) if up and minute < moment else minute


def _shift(at: Case, id: str) -> planning.ShiftFacts:
    return next(one for one in at.day.shifts if one.id == id)


def _clock(at: Case, moment: datetime) -> str:
    return f"{moment.astimezone(at.day.start_at.tzinfo):%H:%M}"


def _span(length: timedelta) -> str:
    minutes = -(-round(length.total_seconds()) // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d}"
