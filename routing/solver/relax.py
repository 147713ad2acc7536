"""Rules that could give way so that a visit can be made: each a change of the problem, with its price and a sentence.

`routing.solver.offers` finds them. After `apply` the visit (with its partner, if it is of a pair) has a place in the
present plan for exactly the price named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.solver.problem import Lock, Overtime, Problem, Vehicle, Visit, Window
from routing.solver.validity import MAX_LOAD
from routing.solver.words import Words, money

#: Codes, and what `amount` is then: seconds for windows, shifts and duration, pieces for others, cents for prices.
CODES = (
    *("window_later", "window_earlier", "may_be_late", "shift_later", "shift_earlier", "longer_duration"),
    *("more_metres", "more_visits", "over_capacity", "one_more_reload", "one_more_van", "ignore_skills"),
    *("ignore_allowed", "ignore_zone", "ignore_lock", "ignore_together", "ignore_apart", "more_changes", "raise_price"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One way out: `code` says which rule gives way for `visits` (or on `vehicle`), by `amount` or `amounts` (of load).

    Then `visits` can go to the vehicle `on` (for one more van: its new id) at `position`, and the plan costs
    `delta_cents` more than without them (their own price is not counted), drives `delta_metres` and lasts `delta_s`
    more. `message` says it in words. `also` are rules that must give way first: one alone was not enough.
    """

    code: str
    visits: tuple[str, ...]
    vehicle: str | None = None
    amount: int = 0
    amounts: tuple[int, ...] = ()
    on: str = ""
    position: int = 0
    delta_cents: int = 0
    delta_s: int = 0
    delta_metres: int = 0
    message: str = ""
    also: tuple[Relaxation, ...] = ()


def apply(relaxation: Relaxation, problem: Problem) -> Problem:
    """The problem in which that rule gives way. Raises `ProblemError` for ids that this problem does not have."""
    for first in relaxation.also:
        problem = apply(first, problem)
    code, amount = relaxation.code, relaxation.amount
    asked = set(relaxation.visits)
    visits = {one: problem.visit(one) for one in relaxation.visits}
    if code in _OF_VISITS:
        given = {one: _visit_given_way(code, visit, amount, relaxation.amounts) for one, visit in visits.items()}
        return replace(problem, visits=tuple(given.get(one.id, one) for one in problem.visits))
    if code == "ignore_lock":
        return replace(problem, locks=tuple(_unlocked(problem.locks, asked)))
    if code == "ignore_together":
        return replace(problem, together=tuple(group - asked for group in problem.together if len(group - asked) > 1))
    if code == "ignore_apart":
        return replace(problem, apart=tuple(group - asked for group in problem.apart if len(group - asked) > 1))
    if code == "more_changes":
        return replace(problem, max_changes=(problem.max_changes or 0) + amount)
    vehicle = problem.vehicle(relaxation.vehicle or "")
    if code == "one_more_van":
        more = replace(vehicle, id=relaxation.on, under_way=False)
        allowed = {
            one: replace(visit, allowed_vehicles=visit.allowed_vehicles | {more.id})
            for one, visit in visits.items()
            if visit.allowed_vehicles is not None
        }
        return replace(
            problem,
            vehicles=(*problem.vehicles, more),
            visits=tuple(allowed.get(one.id, one) for one in problem.visits),
        )
    given_way = _vehicle_given_way(code, vehicle, amount, relaxation.amounts)
    return replace(problem, vehicles=tuple(given_way if one is vehicle else one for one in problem.vehicles))


_OF_VISITS = frozenset(
    ("window_later", "window_earlier", "may_be_late", "ignore_skills", "ignore_allowed", "ignore_zone", "raise_price")
)


def _visit_given_way(code: str, visit: Visit, amount: int, amounts: Sequence[int]) -> Visit:
    windows = visit.windows
    if code == "window_later" and windows:
        last = Window(windows[-1].earliest_s, windows[-1].latest_s + amount)
        return replace(visit, windows=(*windows[:-1], last))
    if code == "window_earlier" and windows:
        first = Window(max(0, windows[0].earliest_s - amount), windows[0].latest_s)
        return replace(visit, windows=(first, *windows[1:]))
    if code == "may_be_late" and windows:
        return replace(visit, late_cents_per_hour=amount)
    if code == "ignore_skills":
        return replace(visit, skills=frozenset())
    if code == "ignore_allowed":
        return replace(visit, allowed_vehicles=None)
    if code == "ignore_zone":
        return replace(visit, zone=None)
    if code == "raise_price":
        return replace(visit, price_cents=visit.price_cents + amount)
    return visit


def _vehicle_given_way(code: str, vehicle: Vehicle, amount: int, amounts: Sequence[int]) -> Vehicle:
    shift = vehicle.shift
    if code == "shift_later":
        if vehicle.overtime is not None:
            return replace(vehicle, overtime=Overtime(vehicle.overtime.max_s + amount, vehicle.overtime.cents_per_hour))
        return replace(vehicle, shift=Window(shift.earliest_s, shift.latest_s + amount))
    if code == "shift_earlier":
        return replace(vehicle, shift=Window(max(0, shift.earliest_s - amount), shift.latest_s))
    if code == "longer_duration":
        return replace(vehicle, max_duration_s=(vehicle.max_duration_s or 0) + amount)
    if code == "more_metres":
        return replace(vehicle, max_metres=(vehicle.max_metres or 0) + amount)
    if code == "more_visits":
        return replace(vehicle, max_visits=(vehicle.max_visits or 0) + amount)
    if code == "over_capacity":
        over = amounts or (0,) * len(vehicle.capacity)
        return replace(
            vehicle, capacity=tuple(min(MAX_LOAD, a + b) for a, b in zip(vehicle.capacity, over, strict=True))
        )
    return replace(vehicle, max_reloads=vehicle.max_reloads + amount)  # one_more_reload


def _unlocked(locks: Sequence[Lock], asked: set[str]) -> Iterator[Lock]:
    """The locks without these visits; those after them keep their exact numbers."""
    for lock in locks:
        if not asked & set(lock.visits):
            yield lock
        elif lock.position is None:
            kept = tuple(one for one in lock.visits if one not in asked)
            if kept:
                yield replace(lock, visits=kept)
        else:
            for number, one in enumerate(lock.visits):
                if one not in asked:
                    yield replace(lock, visits=(one,), position=lock.position + number)


def sentence(relaxation: Relaxation, problem: Problem, words: Words) -> str:
    """The way out in words: what gives way and by how much, where the visit then goes and what that costs."""
    parts = [_gives_way(replace(one, on=relaxation.on), problem, words) for one in (*relaxation.also, relaxation)]
    text = ", and ".join([parts[0], *(part[:1].lower() + part[1:] for part in parts[1:])])
    where = "" if relaxation.code == "one_more_van" else f" with {words.name(relaxation.on)}"
    delta = relaxation.delta_cents
    cost = f"{money(delta)} more" if delta >= 0 else f"{money(-delta)} less"
    return f"{text}: {cost}{where}."


def _gives_way(relaxation: Relaxation, problem: Problem, words: Words) -> str:
    who = " and ".join(words.name(one) for one in relaxation.visits)
    van = words.name(relaxation.vehicle or relaxation.on)
    span = words.span(relaxation.amount)
    visits = [problem.visit(one) for one in relaxation.visits]
    windows = [one.windows for one in visits if one.windows]
    if relaxation.code == "window_later":
        until = ", ".join(words.time(one[-1].latest_s + relaxation.amount) for one in windows)
        text = f"Serve {who} until {until}, {span} after the window"
    elif relaxation.code == "window_earlier":
        begin = ", ".join(words.time(max(0, one[0].earliest_s - relaxation.amount)) for one in windows)
        text = f"Serve {who} from {begin}, {span} before the window"
    elif relaxation.code == "over_capacity":
        over = [f"{much} of {name}" for name, much in zip(problem.dimensions, relaxation.amounts, strict=True) if much]
        text = f"Load {van} with {' and '.join(over) or 'nothing'} more than it may carry"
    elif relaxation.code == "ignore_skills":
        text = f"Let it be served without {words.quoted(sorted(frozenset().union(*(one.skills for one in visits))))}"
    else:
        text = {
            "may_be_late": f"Let {who} be late, at {money(relaxation.amount)} an hour",
            "shift_later": f"Let {van} work {span} longer",
            "shift_earlier": f"Let {van} begin {span} earlier",
            "longer_duration": f"Let the tour of {van} last {span} longer than it may",
            "more_metres": f"Let {van} drive {relaxation.amount / 1000:.1f} km more than it may",
            "more_visits": f"Let {van} make {relaxation.amount} more {_stops(relaxation.amount)} than it may",
            "one_more_reload": f"Let {van} come back to reload once more",
            "one_more_van": f"Send another van like {van}",
            "ignore_allowed": f"Let other vehicles serve {who}",
            "ignore_zone": f"Let {words.name(relaxation.on)} leave its zone for {who}",
            "ignore_lock": f"Unlock {who}",
            "ignore_together": f"Let {who} go in another van than the stops that belong to it",
            "ignore_apart": f"Let {who} share a van with stops it must not",
            "more_changes": f"Let {relaxation.amount} more {_stops(relaxation.amount)} change their driver",
            "raise_price": f"Accept the price of serving {who}",
        }[relaxation.code]
    return text


def _stops(count: int) -> str:
    return "stop" if count == 1 else "stops"
