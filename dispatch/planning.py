"""The only interpreter between the house and the solver: stops and shifts in, a problem out; tours in, times out.

The house says Stop, Route, Shift and wall clock; the solver says Visit, Tour, Vehicle and seconds since the plan's
start. Pure: no Django, no clock, no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
import numpy.typing as npt

from core.words import mark, say
from routing import solver
from routing.solver import laying, objective
from routing.solver.validity import MAX_CENTS

DIMENSIONS = ("weight_g", "volume_ml", "pieces", "pallets")
WORDS = ("weight", "volume", "pieces", "pallets")
"""What the dimensions are called in sentences."""
NO_LIMIT = 10**9
TIMES_NORMAL = {"normal": 1, "high": 4, "urgent": 16}
"""What it costs to leave out a stop, by priority. The price of a normal one is more than any plan of the day can cost
(`routing.solver.objective`), so that as many as possible are made; an urgent one goes before several normal ones."""
HORIZON_S = 2 * 86_400
SEED = 1
"""Every search begins with the same draws, so that it can be repeated."""
RESERVE_S = 600
RESERVE_PART = 6
ON_TIME_RESERVE_S = 1200
ON_TIME_RESERVE_PART = 4
"""Plans aim to reach a stop this long before its window ends (a sixth of a short window), so that windows hold when a
day runs a little late: the solver itself leaves the depot as late as it can. Longer for who wants to be on time."""

OUT_OF_ZONE_CENTS = 600
"""What a stop outside the zones of its driver counts: about a quarter of an hour of a van, so that a detour of some
minutes is made for a zone, and a long one is not."""
NO_ZONE = mark("no zone")
"""In sentences, where a stop lies that is in none."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Load:
    weight_g: int = 0
    volume_ml: int = 0
    pieces: int = 0
    pallets: int = 0

    def as_tuple(self) -> tuple[int, ...]:
        return (self.weight_g, self.volume_ml, self.pieces, self.pallets)


@dataclass(frozen=True, slots=True)
class StopFacts:
    """What planning needs of a stop. `label` names it in sentences."""

    id: str
    label: str
    point: Point
    window: tuple[datetime, datetime] | None
    service_s: int
    load: Load
    skills: frozenset[str]
    priority: str
    recipient: str = ""
    promised: tuple[datetime, datetime] | None = None
    """What the recipient was told; of several the one that ends first."""
    lock: str = ""
    """How strongly it is locked to its place in `DayFacts.sequences`: "", driver, order or position."""
    zone: str | None = None
    """The name of the zone in which it lies; None outside all of them."""


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What planning needs of a shift: its driver and vehicle as one. `label` names it in sentences."""

    id: str
    label: str
    depot: Point
    start_at: datetime
    end_at: datetime
    capacity: tuple[int | None, int | None, int | None, int | None]
    skills: frozenset[str]
    day_cents: int
    cents_per_hour: int
    cents_per_km: int
    rest: tuple[datetime, datetime, int] | None
    """The break's earliest and latest beginning, and its seconds."""
    driver: str = ""
    """The driver's name alone."""
    zones: frozenset[str] | None = None
    """The names of the zones that the driver keeps to; None for who goes anywhere."""
    zones_strict: bool = False
    """Whether the driver never leaves these zones; otherwise each stop outside costs `OUT_OF_ZONE_CENTS`."""


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One plan as planning sees it; every instant is counted from `start_at`."""

    start_at: datetime
    stops: tuple[StopFacts, ...]
    shifts: tuple[ShiftFacts, ...]
    sequences: Mapping[str, tuple[str, ...]]
    """Stop ids in their present order, by shift id."""
    objective: str = "cheapest"
    """What the organization wants most: a name in `routing.solver.objective.PRESETS`."""

    def points(self) -> list[Point]:
        """The places of the travel matrix: the depots of the shifts first, then the stops."""
        return [shift.depot for shift in self.shifts] + [stop.point for stop in self.stops]

    def names(self) -> dict[str, str]:
        return {stop.id: stop.label for stop in self.stops} | {shift.id: shift.label for shift in self.shifts}


def to_seconds(facts: DayFacts, at: datetime) -> int:
    return round((at - facts.start_at).total_seconds())


def to_instant(facts: DayFacts, seconds: int) -> datetime:
    return facts.start_at + timedelta(seconds=seconds)


def to_problem(facts: DayFacts) -> solver.Problem:
    """The solver's problem; raises `routing.solver.ProblemError` when the facts contradict themselves."""
    first_stop = len(facts.shifts)
    # Where nobody keeps to a zone it does not matter where a stop lies.
    zoned = any(shift.zones is not None for shift in facts.shifts)
    problem = solver.Problem(
        visits=tuple(
            solver.Visit(
                id=stop.id,
                place=first_stop + index,
                windows=_windows(facts, stop),
                service_s=stop.service_s,
                load=stop.load.as_tuple(),
                skills=stop.skills,
                zone=(stop.zone or say(NO_ZONE)) if zoned else None,
            )
            for index, stop in enumerate(facts.stops)
        ),
        vehicles=tuple(
            solver.Vehicle(
                id=shift.id,
                start_place=index,
                end_place=index,
                shift=solver.Window(to_seconds(facts, shift.start_at), to_seconds(facts, shift.end_at)),
                capacity=tuple(NO_LIMIT if most is None else most for most in shift.capacity),
                skills=shift.skills,
                fixed_cents=shift.day_cents,
                cents_per_hour=shift.cents_per_hour,
                cents_per_km=shift.cents_per_km,
                breaks=_breaks(facts, shift),
                zones=shift.zones,
                zones_hard=shift.zones_strict and shift.zones is not None,
            )
            for index, shift in enumerate(facts.shifts)
        ),
        dimensions=WORDS,
        horizon_s=HORIZON_S,
        locks=tuple(_locks(facts)),
        prices=solver.Prices(out_of_zone_cents=OUT_OF_ZONE_CENTS if zoned else 0),
    )
    return _by_priority(facts, objective.PRESETS[facts.objective](problem))


def _by_priority(facts: DayFacts, problem: solver.Problem) -> solver.Problem:
    """Stops left out cost more than all the rest, important ones a multiple of that."""
    times = {stop.id: TIMES_NORMAL[stop.priority] for stop in facts.stops}
    visits = (
        replace(visit, price_cents=min(MAX_CENTS, visit.price_cents * times[visit.id])) for visit in problem.visits
    )
    return replace(problem, visits=tuple(visits))


def _locks(facts: DayFacts) -> Iterator[solver.Lock]:
    """What is locked where it is: neighbours that are locked in order are one block."""
    strength = {stop.id: stop.lock for stop in facts.stops if stop.lock}
    known = {shift.id for shift in facts.shifts}
    for shift_id, order in facts.sequences.items():
        if shift_id not in known:
            continue
        if loose := tuple(stop for stop in order if strength.get(stop) == "driver"):
            yield solver.Lock("driver", shift_id, loose)
        for kind, run in groupby(order, key=lambda stop: strength.get(stop)):
            if kind == "order":
                yield solver.Lock("order", shift_id, tuple(run))
        for at, stop in enumerate(order):
            if strength.get(stop) == "position":
                yield solver.Lock("position", shift_id, (stop,), at)


def normal_cents(facts: DayFacts, problem: solver.Problem) -> int:
    """What leaving out a stop of normal priority counts in the problem of these facts."""
    prices = zip(problem.visits, facts.stops, strict=True)
    return min((visit.price_cents // TIMES_NORMAL[stop.priority] for visit, stop in prices), default=0)


def _windows(facts: DayFacts, stop: StopFacts) -> tuple[solver.Window, ...]:
    if stop.window is None:
        return ()
    earliest, latest = (to_seconds(facts, at) for at in stop.window)
    most, part = RESERVE_S, RESERVE_PART
    if facts.objective == "on_time":
        most, part = ON_TIME_RESERVE_S, ON_TIME_RESERVE_PART
    latest -= min(most, (latest - earliest) // part)
    return (solver.Window(max(0, earliest), min(HORIZON_S, max(0, latest))),)


def _breaks(facts: DayFacts, shift: ShiftFacts) -> tuple[solver.Break, ...]:
    if shift.rest is None:
        return ()
    earliest, latest, seconds = shift.rest
    return (solver.Break(to_seconds(facts, earliest), to_seconds(facts, latest), seconds),)


def to_travel(seconds: npt.NDArray[np.int32], metres: npt.NDArray[np.int32], unreachable: int) -> solver.Travel:
    """The road engine's matrices with its word for "no way" turned into the solver's."""
    cut_off = seconds >= unreachable
    return solver.Travel(
        np.where(cut_off, solver.UNREACHABLE, seconds).astype(np.int32),
        np.where(cut_off, solver.UNREACHABLE, metres).astype(np.int32),
    )


def present_plan(
    problem: solver.Problem, travel: solver.Travel, facts: DayFacts, *, rules: bool = True
) -> solver.Plan | None:
    """Today's routes as the solver's plan, to start from.

    None when there are none, they cannot be driven or (unless not `rules`) they break a hard rule.
    """
    known = {stop.id for stop in facts.stops}
    sequences = {
        shift_id: tuple(stop for stop in order if stop in known)
        for shift_id, order in facts.sequences.items()
        if problem.has_vehicle(shift_id)
    }
    if not any(sequences.values()):
        return None
    try:
        plan = laying.lay(problem, travel, sequences)
    except solver.ProblemError:
        return None
    return plan if not rules or not solver.check(problem, travel, plan) else None


@dataclass(frozen=True, slots=True)
class StopTimes:
    id: str
    arrival_at: datetime
    start_at: datetime
    departure_at: datetime


@dataclass(frozen=True, slots=True)
class RouteTimes:
    """One tour in the house's words."""

    shift_id: str
    starts_at: datetime
    ends_at: datetime
    stops: tuple[StopTimes, ...]
    rest: tuple[datetime, datetime] | None
    legs: tuple[tuple[int, int], ...]
    """(seconds, metres) of each leg, the last one back to the depot."""
    distance_m: int
    duration_s: int
    cost_cents: int
    """What is really paid: not what the objective adds to it."""
    load: dict[str, int]
    amounts: Mapping[str, tuple[int, int]]
    """How much of each term of the objective it has, and its cents."""


def paid_cents(facts: DayFacts, tours: Iterable[solver.Tour]) -> int:
    """What tours really cost: work, way and van. What an objective counts on top of that, nobody pays."""
    day_cents = {shift.id: shift.day_cents for shift in facts.shifts}
    return sum(day_cents[tour.vehicle] + tour.costs.hours + tour.costs.overtime + tour.costs.km for tour in tours)


def to_route(facts: DayFacts, tour: solver.Tour, amounts: Iterable[objective.Amount]) -> RouteTimes:
    """A tour with its seconds turned into instants."""
    legs = [(step.travel_s, step.metres) for step in tour.steps]
    legs.append((tour.travel_s - sum(s for s, _ in legs), tour.metres - sum(m for _, m in legs)))
    rest = tour.breaks[0] if tour.breaks else None
    return RouteTimes(
        shift_id=tour.vehicle,
        starts_at=to_instant(facts, tour.start_s),
        ends_at=to_instant(facts, tour.end_s),
        stops=tuple(
            StopTimes(
                step.visit,
                to_instant(facts, step.arrive_s),
                to_instant(facts, step.start_s),
                to_instant(facts, step.leave_s),
            )
            for step in tour.steps
        ),
        rest=(to_instant(facts, rest.start_s), to_instant(facts, rest.end_s)) if rest else None,
        legs=tuple(legs),
        distance_m=tour.metres,
        duration_s=tour.duration_s,
        cost_cents=paid_cents(facts, [tour]),
        load=dict(zip(DIMENSIONS, tour.load, strict=True)),
        amounts={one.term.name: (one.amount, one.cents) for one in amounts},
    )


def clock_of(facts: DayFacts) -> Callable[[int], str]:
    """Writes seconds since the plan's start as the local time of day, for sentences."""
    return lambda seconds: to_instant(facts, seconds).strftime("%H:%M")
