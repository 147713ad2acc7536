"""The only interpreter between the house and the solver: stops and shifts in, a problem out; tours in, times out.

The house says Stop, Route, Shift and wall clock; the solver says Visit, Tour, Vehicle and seconds since the plan's
start. Pure: no Django, no clock, no network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from routing import solver
from routing.solver import laying

DIMENSIONS = ("weight_g", "volume_ml", "pieces", "pallets")
NO_LIMIT = 10**9
PRICE_CENTS = {"normal": 100_000, "high": 400_000, "urgent": 1_600_000}
"""What it costs to leave out a stop, by priority: far more than any detour, and an urgent one far more than a normal
one."""
HORIZON_S = 2 * 86_400
RESERVE_S = 600
"""Plans aim to reach a stop this long before its window ends (a sixth of a short window), so that windows hold when a
day runs a little late: the solver itself leaves the depot as late as it can."""

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


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One plan as planning sees it; every instant is counted from `start_at`."""

    start_at: datetime
    stops: tuple[StopFacts, ...]
    shifts: tuple[ShiftFacts, ...]
    sequences: Mapping[str, tuple[str, ...]]
    """Stop ids in their present order, by shift id."""

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
    return solver.Problem(
        visits=tuple(
            solver.Visit(
                id=stop.id,
                place=first_stop + index,
                windows=_windows(facts, stop),
                service_s=stop.service_s,
                load=stop.load.as_tuple(),
                skills=stop.skills,
                price_cents=PRICE_CENTS[stop.priority],
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
            )
            for index, shift in enumerate(facts.shifts)
        ),
        dimensions=DIMENSIONS,
        horizon_s=HORIZON_S,
    )


def _windows(facts: DayFacts, stop: StopFacts) -> tuple[solver.Window, ...]:
    if stop.window is None:
        return ()
    earliest, latest = (to_seconds(facts, at) for at in stop.window)
    latest -= min(RESERVE_S, (latest - earliest) // 6)
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


def present_plan(problem: solver.Problem, travel: solver.Travel, facts: DayFacts) -> solver.Plan | None:
    """Today's routes as the solver's plan, to start from; None when there are none or they break a hard rule."""
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
    return plan if not solver.check(problem, travel, plan) else None


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
    load: dict[str, int]


def to_route(facts: DayFacts, tour: solver.Tour) -> RouteTimes:
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
        cost_cents=tour.costs.total,
        load=dict(zip(DIMENSIONS, tour.load, strict=True)),
    )


def clock_of(facts: DayFacts) -> Callable[[int], str]:
    """Writes seconds since the plan's start as the local time of day, for sentences."""
    return lambda seconds: to_instant(facts, seconds).strftime("%H:%M")
