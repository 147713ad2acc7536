"""Times and cost of a given order of stops: the compiled rules of `kernel` behind a plain face.

How a tour is timed says `kernel.timing`, what it may carry `kernel.rules`. A sequence is a list of numbers: indexes of
visits, and from `len(problem.visits)` on the reloads of all vehicles in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from routing.solver.kernel import loads, rules, timing
from routing.solver.kernel.layout import (
    RELOAD,
    RELOADS,
    SERVICE_KIND,
    UNITS_PER_RATE_SECOND,
    Small,
    break_parts,
    flatten,
    outside,
)
from routing.solver.plan import Costs, Plan, Reloading, Rest, Step, Tour
from routing.solver.problem import Problem, Travel, Vehicle, Window

BEFORE, AFTERWARDS = timing.BEFORE_TOUR, timing.AFTER_TOUR


class Outline(NamedTuple):
    """What a tour amounts to: its span, driving, lateness (cents × seconds per hour), seconds of rules broken."""

    start_s: int
    end_s: int
    travel_s: int
    metres: int
    late_price: int
    broken_s: int
    rests: tuple[int, ...]  # for each break or part, in order of windows: the leg it is on, BEFORE or AFTERWARDS


class Scheduler:
    """Schedules and prices sequences on vehicles (by index) of one problem. Not for several threads at once.

    `data` is the problem in flat arrays. Raises `ProblemError` unknown_place.
    """

    def __init__(self, problem: Problem, travel: Travel) -> None:
        self.problem, self.travel = problem, travel
        self.data = flatten(problem, travel)
        self._out = np.zeros(timing.OUT_SIZE, np.int64)
        self._table = timing.room()
        self._parts = [break_parts(vehicle) for vehicle in problem.vehicles]
        #: The other half of each visit that belongs to a pair, by index.
        self.partner: dict[int, int] = {}
        for pair in problem.pairs:
            first, second = problem.visit_at(pair.pickup), problem.visit_at(pair.delivery)
            self.partner |= {first: second, second: first}
        self._first_code = [int(row[RELOAD]) for row in self.data.van]

    def reload_codes(self, van: int) -> range:
        """The numbers that stand for the reloads of a vehicle in a sequence."""
        return range(self._first_code[van], self._first_code[van] + int(self.data.van[van, RELOADS]))

    def sequence(self, tour: Tour) -> list[int]:
        """The sequence of a written tour."""
        codes = [self.problem.visit_at(one) for one in tour.visits]
        first = self._first_code[self.problem.vehicle_at(tour.vehicle)]
        for reloading in reversed(tour.reloads):
            codes.insert(reloading.after, first + reloading.point)
        return codes

    def sequences(self, plan: Plan) -> dict[int, list[int]]:
        """The sequences of all tours of a plan, by index of the vehicle."""
        return {self.problem.vehicle_at(tour.vehicle): self.sequence(tour) for tour in plan.tours}

    def may_serve(self, van: int, at: int) -> bool:
        """Whether skills, locks, zones and what is aboard let the vehicle make the visit."""
        return bool(self.data.may[at, van])

    def loads_fit(self, van: int, sequence: Sequence[int]) -> bool:
        """Whether everything fits into the vehicle at every moment of the tour."""
        return bool(loads.loads_fit(self.data, van, _codes(sequence), len(sequence)))

    def outline(
        self, van: int, sequence: Sequence[int], *, relaxed: bool = False, rests: bool = True
    ) -> Outline | None:
        """Best timing of the sequence; None if a time rule (or, strictly, a limit of the van) cannot be kept.

        Skills, loads, locks and groups are not looked at; without `rests` neither are breaks. A leg that does not exist
        always gives None.
        """
        vehicle, out = self.problem.vehicles[van], self._out
        stops = sum(one < len(self.problem.visits) for one in sequence)
        if not relaxed and vehicle.max_visits is not None and stops > vehicle.max_visits:
            return None
        if not timing.time_tour(self.data, van, _codes(sequence), len(sequence), relaxed, rests, out, self._table):
            return None
        if not relaxed and vehicle.max_metres is not None and out[timing.OUT_METRES] > vehicle.max_metres:
            return None
        placed = out[timing.OUT_RESTS : timing.OUT_RESTS + len(self._parts[van])].tolist() if rests else ()
        start, end, travel_s, metres, late, broken = out[: timing.OUT_RESTS].tolist()
        return Outline(start, end, travel_s, metres, late // UNITS_PER_RATE_SECOND, broken, tuple(placed))

    def costs(self, van: int, outline: Outline, sequence: Sequence[int] = ()) -> Costs:
        """Cost of a used vehicle's tour by terms; what single visits cost there needs the `sequence`."""
        vehicle = self.problem.vehicles[van]
        over_s = max(0, outline.end_s - vehicle.shift.latest_s)
        strange, astray, changed = self._singly(vehicle, sequence)
        prices = self.problem.prices
        return Costs(
            fixed=vehicle.fixed_cents,
            hours=(vehicle.cents_per_hour * (outline.end_s - outline.start_s) + 1800) // 3600,
            km=(vehicle.cents_per_km * outline.metres + 500) // 1000,
            overtime=(vehicle.overtime.cents_per_hour * over_s + 1800) // 3600 if vehicle.overtime else 0,
            late=(outline.late_price + 1800) // 3600,
            unfamiliar=strange * prices.unfamiliar_cents,
            zones=astray * prices.out_of_zone_cents,
            changes=changed * prices.change_cents,
        )

    def cents(self, van: int, outline: Outline, sequence: Sequence[int] = ()) -> int:
        """Cost of a used vehicle's tour, all terms together."""
        return self.costs(van, outline, sequence).total

    def units(self, van: int, sequence: Sequence[int]) -> int | None:
        """Unrounded cost of a tour that keeps every rule, in 1/18,000 cent; None if there is none; 0 for nothing."""
        units = rules.price_tour(self.data, van, _codes(sequence), len(sequence), True, self._out, self._table)
        return None if units < 0 else int(units)

    def price(self, van: int, sequence: Sequence[int]) -> int | None:
        """Cents of a tour that keeps every rule that concerns it alone; None if there is none; 0 for no visits."""
        if not sequence:
            return 0
        if self.units(van, sequence) is None:
            return None
        outline = self.outline(van, sequence)
        return None if outline is None else self.cents(van, outline, sequence)

    def tour(self, van: int, sequence: Sequence[int], *, relaxed: bool = False) -> Tour | None:
        """The sequence with all its times; None where `outline` gives None."""
        outline = self.outline(van, sequence, relaxed=relaxed)
        return None if outline is None else self._written(van, sequence, outline)

    def placements(self, van: int, sequence: Sequence[int], new_at: int) -> list[tuple[int, Outline]]:
        """Every position at which a visit can be put into a tour without breaking a time rule, with what it becomes."""
        found = []
        for position in range(len(sequence) + 1):
            outline = self.outline(van, [*sequence[:position], new_at, *sequence[position:]])
            if outline is not None:
                found.append((position, outline))
        return found

    def _singly(self, vehicle: Vehicle, sequence: Sequence[int]) -> tuple[int, int, int]:
        """How many visits are unfamiliar, out of zone, and made by another vehicle before."""
        problem = self.problem
        made = [problem.visits[at] for at in sequence if at < len(problem.visits)]
        strange = sum(bool(visit.familiar) and vehicle.id not in visit.familiar for visit in made)
        astray = sum(outside(visit, vehicle) for visit in made)
        changed = sum(problem.before.get(visit.id, vehicle.id) != vehicle.id for visit in made)
        return strange, astray, changed

    def _written(self, van: int, sequence: Sequence[int], outline: Outline) -> Tour:
        """Second pass: the times of every step, from the departure that the first pass chose."""
        problem, travel, vehicle = self.problem, self.travel, self.problem.vehicles[van]
        visits, count = problem.visits, len(problem.visits)
        aboard = self._loads(vehicle, sequence)
        time, here, travelled = outline.start_s, vehicle.start_place, 0
        steps: list[Step] = []
        rests: list[Rest] = []
        reloads: list[Reloading] = []
        for leg_at, at in enumerate(sequence):
            halt = visits[at] if at < count else vehicle.reloads[at - self._first_code[van]]
            leg_s, metres = travel.leg_s(here, halt.place, time), int(travel.metres[here, halt.place])
            arrive, ready, taken = self._leg(van, outline, leg_at, len(steps), time, leg_s)
            rests += taken
            start, late = _service_start(halt.windows, ready)
            time, here = start + int(self.data.service[self.data.van[van, SERVICE_KIND], at]), halt.place
            travelled += leg_s
            if at < count:
                steps.append(Step(visits[at].id, arrive, start, time, late, leg_s, metres, aboard[leg_at + 1]))
            else:
                point = at - self._first_code[van]
                reloads.append(Reloading(point, len(steps), arrive, start, time, leg_s, metres, aboard[leg_at + 1]))
        leg_s = 0 if vehicle.end_place is None else travel.leg_s(here, vehicle.end_place, time)
        _, time, taken = self._leg(van, outline, len(sequence), len(steps), time, leg_s)
        return Tour(
            vehicle=vehicle.id,
            steps=tuple(steps),
            breaks=tuple(rests + taken),
            start_s=outline.start_s,
            end_s=time,
            travel_s=travelled + leg_s,
            metres=outline.metres,
            load=aboard[0],
            costs=self.costs(van, outline, sequence),
            reloads=tuple(reloads),
        )

    def _loads(self, vehicle: Vehicle, sequence: Sequence[int]) -> list[tuple[int, ...]]:
        """What is aboard at the start and after each entry of the sequence."""
        data, count, dimensions = self.data, len(self.problem.visits), len(self.problem.dimensions)
        trips: list[list[int]] = [[]]
        for at in sequence:
            if at < count:
                trips[-1].append(at)
            else:
                trips.append([])

        def loaded(trip: Sequence[int], k: int) -> int:
            return sum(int(data.load[at, k]) for at in trip if not self.problem.visits[at].aboard)

        stays = [
            (vehicle.initial_load[k] if vehicle.initial_load else 0)
            + sum(int(data.load[at, k]) for at in sequence if at < count and self.problem.visits[at].aboard)
            for k in range(dimensions)
        ]
        trip = [0 if vehicle.under_way else loaded(trips[0], k) for k in range(dimensions)]
        aboard = [tuple(stays[k] + trip[k] for k in range(dimensions))]
        number = 0
        for at in sequence:
            if at >= count:
                number += 1
                trip = [loaded(trips[number], k) for k in range(dimensions)]
            else:
                for k in range(dimensions):
                    handed = int(data.load[at, k])
                    if self.problem.visits[at].aboard:
                        stays[k] -= handed
                    else:
                        trip[k] -= handed
                    trip[k] += int(data.pickup[at, k])
                    stays[k] += int(data.pair[at, k])
            aboard.append(tuple(stays[k] + trip[k] for k in range(dimensions)))
        return aboard

    def _leg(
        self, van: int, outline: Outline, leg_at: int, after: int, time: int, remaining_s: int
    ) -> tuple[int, int, list[Rest]]:
        """Drive one leg with its breaks: arrival, when service could begin, the breaks taken on the way or there."""
        taken: list[Rest] = []
        arrive: int | None = None
        for count, leg in enumerate(outline.rests):
            if leg != leg_at:
                continue
            number, part, seconds = self._parts[van][count]
            begin = max(time, self.problem.vehicles[van].breaks[number].earliest_s)
            if arrive is None and begin >= time + remaining_s:
                arrive = time + remaining_s
            remaining_s -= min(remaining_s, begin - time)
            time = begin + seconds
            taken.append(Rest(number, after, begin, time, part))
        time += remaining_s
        return (time if arrive is None else arrive), time, taken


def _codes(sequence: Sequence[int]) -> Small:
    return np.array(sequence, dtype=np.int32)


def _service_start(windows: Sequence[Window], ready_s: int) -> tuple[int, int]:
    """When service begins for a driver who could begin at `ready_s`, and by how much that is late."""
    for window in windows:
        if ready_s <= window.latest_s:
            return max(ready_s, window.earliest_s), 0
    return ready_s, (ready_s - windows[-1].latest_s if windows else 0)
