"""The best timing of one tour, found by trying everything.

Slow and simple on purpose, and without anything of the solver but its nouns: the tests hold the solver against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

from routing.solver.plan import Costs, Reloading, Rest, Step, Tour
from routing.solver.problem import UNREACHABLE, Problem, Reload, Travel, Vehicle, Visit, Window


class Pause(NamedTuple):
    """A break or one part of it, in the order in which they are taken."""

    number: int
    part: int
    earliest_s: int
    latest_s: int
    length_s: int


@dataclass(slots=True)
class Run:
    """One tour driven through: the end, and of each halt the window used, the seconds late, and the times.

    `times` are arrival, begin and end of service and the seconds of the leg; `rests` a pause, its leg and its begin.
    """

    start_s: int
    end_s: int = 0
    travel_s: int = 0
    late: list[int] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    times: list[tuple[int, int, int, int]] = field(default_factory=list)
    rests: list[tuple[Pause, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timing:
    """The cheapest way to time a sequence: `price` is cents × 3600 of hours, overtime and lateness."""

    price: int
    run: Run


def halts(problem: Problem, sequence: Sequence[int]) -> list[Visit | tuple[int, Reload]]:
    """The visits and depot visits (point and depot) that a sequence of indices and reload codes means."""
    points = [(number, reload) for vehicle in problem.vehicles for number, reload in enumerate(vehicle.reloads)]
    count = len(problem.visits)
    return [problem.visits[at] if at < count else points[at - count] for at in sequence]


def reload_codes(problem: Problem, van: int) -> range:
    """The codes in a sequence that mean the depots of this vehicle."""
    first = len(problem.visits) + sum(len(vehicle.reloads) for vehicle in problem.vehicles[:van])
    return range(first, first + len(problem.vehicles[van].reloads))


def pauses(vehicle: Vehicle) -> list[Pause]:
    """All breaks in their parts, in the order of their windows."""
    order = sorted(enumerate(vehicle.breaks), key=lambda one: (one[1].earliest_s, one[1].latest_s))
    return [
        Pause(number, part, rest.earliest_s, rest.latest_s, length_s)
        for number, rest in order
        for part, length_s in enumerate(rest.parts or (rest.duration_s,))
    ]


class _Way:
    """One sequence on one vehicle, ready to be driven again and again."""

    def __init__(self, problem: Problem, travel: Travel, van: int, sequence: Sequence[int]) -> None:
        self.travel, self.vehicle = travel, problem.vehicles[van]
        vehicle = self.vehicle
        self.halts = halts(problem, sequence)
        self.places = [one.place if isinstance(one, Visit) else one[1].place for one in self.halts]
        over_s = 0 if vehicle.overtime is None else vehicle.overtime.max_s
        self.hard_end_s = min(vehicle.shift.latest_s + over_s, problem.horizon_s)
        stops = [vehicle.start_place, *self.places, *([] if vehicle.end_place is None else [vehicle.end_place])]
        self.metres = [int(travel.metres[leg]) for leg in pairwise(stops)]
        self.road = all(max(travel.seconds[leg], travel.metres[leg]) < UNREACHABLE for leg in pairwise(stops))
        self.services: list[tuple[tuple[Window, ...], bool, int]] = [
            (one.windows, one.late_cents_per_hour is not None, _service_s(one, vehicle))
            if isinstance(one, Visit)
            else (one[1].windows, False, one[1].service_s)
            for one in self.halts
        ]

    def run(self, start_s: int, chain: Sequence[Pause], legs: Sequence[int], delays: Sequence[int]) -> Run | None:
        """Leave at `start_s` and take the pauses on these legs (-1: before, one past the last: after the end)."""
        if any(leg < 0 and start_s < pause.earliest_s + pause.length_s for pause, leg in zip(chain, legs, strict=True)):
            return None
        run, place, time_s = Run(start_s), self.vehicle.start_place, start_s
        for number, (windows, soft, service_s) in enumerate(self.services):
            leg_s = self.travel.leg_s(place, self.places[number], time_s)
            driven = self._leg(time_s, leg_s, number, chain, legs, delays, run)
            if driven is None:
                return None
            arrive_s, ready_s = driven
            begin_s, window, late_s = _served(windows, ready_s)
            if late_s and not soft:
                return None
            time_s, place = begin_s + service_s, self.places[number]
            run.late.append(late_s)
            run.windows.append(window)
            run.times.append((arrive_s, begin_s, time_s, leg_s))
        leg_s = 0 if self.vehicle.end_place is None else self.travel.leg_s(place, self.vehicle.end_place, time_s)
        driven = self._leg(time_s, leg_s, len(self.halts), chain, legs, delays, run)
        if driven is None or driven[1] > self.hard_end_s:
            return None
        run.end_s = driven[1]
        run.travel_s = sum(one[3] for one in run.times) + leg_s
        if any(leg > len(self.halts) and run.end_s > rest.latest_s for rest, leg in zip(chain, legs, strict=True)):
            return None
        return run

    def _leg(
        self,
        time_s: int,
        leg_s: int,
        number: int,
        chain: Sequence[Pause],
        legs: Sequence[int],
        delays: Sequence[int],
        run: Run,
    ) -> tuple[int, int] | None:
        """Second by second in thought: drive, rest when it is time, arrive; arrival and when all is done."""
        arrive_s: int | None = None
        for pause, leg, delay in zip(chain, legs, delays, strict=True):
            if leg != number:
                continue
            begin_s = max(time_s, pause.earliest_s) + delay
            if begin_s > pause.latest_s:
                return None
            if arrive_s is None and begin_s >= time_s + leg_s:
                arrive_s, leg_s = time_s + leg_s, 0
            elif arrive_s is None:
                leg_s -= begin_s - time_s
            run.rests.append((pause, number, begin_s))
            time_s = begin_s + pause.length_s
        return (time_s + leg_s if arrive_s is None else arrive_s), time_s + leg_s


def timing_oracle(
    problem: Problem,
    travel: Travel,
    van: int,
    sequence: Sequence[int],
    *,
    every_departure: bool = False,
    delays: Sequence[int] = (0,),
) -> Timing | None:
    """The cheapest timing of a sequence, by trying all places for all breaks; None if no rule of time lets it be.

    For each of them the earliest departure gives the earliest end and the least lateness; the tour leaves at the latest
    moment that keeps both and the windows used. `every_departure` looks at each second instead of trusting that what is
    too late stays too late; `delays` are seconds by which each break may begin later than it could. Skills, loads and
    the like are not looked at.
    """
    way, vehicle, chain = _Way(problem, travel, van, sequence), problem.vehicles[van], pauses(problem.vehicles[van])
    if not way.road or _more(sum(way.metres), vehicle.max_metres):
        return None
    if _more(sum(isinstance(one, Visit) for one in way.halts), vehicle.max_visits):
        return None
    best: tuple[int, int, int] | None = None
    found: Timing | None = None
    for legs in combinations_with_replacement(range(-1, len(way.halts) + 2), len(chain)):
        for waits in _choices(delays, len(chain)):
            run = _latest(way, chain, legs, waits, every_departure)
            if run is None or _more(run.end_s - run.start_s, vehicle.max_duration_s):
                continue
            price = _price(way, run)
            key = (price, run.end_s, -run.start_s)
            if best is None or key < best:
                best, found = key, Timing(price, run)
    return found


def _more(amount: int, limit: int | None) -> bool:
    return limit is not None and amount > limit


def _choices(delays: Sequence[int], count: int) -> Iterator[tuple[int, ...]]:
    if not count:
        yield ()
        return
    for rest in _choices(delays, count - 1):
        for delay in delays:
            yield (*rest, delay)


def _latest(
    way: _Way, chain: Sequence[Pause], legs: Sequence[int], waits: Sequence[int], every_departure: bool
) -> Run | None:
    """The run with the earliest end and the latest useful departure for these places of the breaks."""
    first_s = way.vehicle.shift.earliest_s
    for pause, leg in zip(chain, legs, strict=True):
        if leg < 0:
            first_s = max(first_s, pause.earliest_s + pause.length_s)
    soonest = way.run(first_s, chain, legs, waits)
    if soonest is None:
        return None

    def kept(start_s: int) -> Run | None:
        run = way.run(start_s, chain, legs, waits)
        if run is None or (run.end_s, run.late, run.windows) != (soonest.end_s, soonest.late, soonest.windows):
            return None
        return run

    if every_departure:
        runs = [kept(start_s) for start_s in range(first_s, soonest.end_s + 2)]
        return [run for run in runs if run is not None][-1]
    good, bad, best = first_s, soonest.end_s + 1, soonest
    while bad - good > 1:
        middle = (good + bad) // 2
        run = kept(middle)
        if run is None:
            bad = middle
        else:
            good, best = middle, run
    return best


def _price(way: _Way, run: Run) -> int:
    vehicle = way.vehicle
    price = vehicle.cents_per_hour * (run.end_s - run.start_s)
    if vehicle.overtime is not None:
        price += vehicle.overtime.cents_per_hour * max(0, run.end_s - vehicle.shift.latest_s)
    for one, late_s in zip(way.halts, run.late, strict=True):
        if isinstance(one, Visit):
            price += (one.late_cents_per_hour or 0) * late_s
    return price


def _service_s(visit: Visit, vehicle: Vehicle) -> int:
    return visit.service_s * vehicle.service_percent // 100 + visit.parcels * vehicle.parcel_s


def _served(windows: Sequence[Window], ready_s: int) -> tuple[int, int, int]:
    """When service begins, in which window, and how late."""
    for number, window in enumerate(windows):
        if ready_s <= window.latest_s:
            return max(ready_s, window.earliest_s), number, 0
    return ready_s, len(windows), ready_s - windows[-1].latest_s if windows else 0


def laid(problem: Problem, travel: Travel, van: int, sequence: Sequence[int]) -> Tour | None:
    """The sequence as a tour with all its times, loads and costs; None where there is no timing.

    Whether skills, loads, locks and the like let it be says the judge.
    """
    timing = timing_oracle(problem, travel, van, sequence)
    return None if timing is None else _written(_Way(problem, travel, van, sequence), problem, timing.run)


def _written(way: _Way, problem: Problem, run: Run) -> Tour:
    steps: list[Step] = []
    reloads: list[Reloading] = []
    steps_before: list[int] = []
    for number, one in enumerate(way.halts):
        steps_before.append(len(steps))
        arrive_s, begin_s, leave_s, leg_s = run.times[number]
        aboard = _loads(problem, way, number)
        rest = (leg_s, way.metres[number], aboard)
        if isinstance(one, Visit):
            steps.append(Step(one.id, arrive_s, begin_s, leave_s, run.late[number], *rest))
        else:
            reloads.append(Reloading(one[0], len(steps), arrive_s, begin_s, leave_s, *rest))
    steps_before.append(len(steps))
    return Tour(
        vehicle=way.vehicle.id,
        steps=tuple(steps),
        breaks=tuple(
            Rest(one.number, steps_before[leg], begin_s, begin_s + one.length_s, one.part)
            for one, leg, begin_s in run.rests
        ),
        start_s=run.start_s,
        end_s=run.end_s,
        travel_s=run.travel_s,
        metres=sum(way.metres),
        load=_loads(problem, way, -1),
        costs=_costs(problem, way, run),
        reloads=tuple(reloads),
    )


def _loads(problem: Problem, way: _Way, number: int) -> tuple[int, ...]:
    """What is aboard after halt `number` (-1: after the start), told parcel by parcel: when does each come and go?"""
    vehicle, depots = way.vehicle, [at for at, one in enumerate(way.halts) if not isinstance(one, Visit)]
    at_visit = {one.id: at for at, one in enumerate(way.halts) if isinstance(one, Visit)}
    aboard = list(vehicle.initial_load or (0,) * len(problem.dimensions))

    def count(amounts: Sequence[int], comes: int, goes: int) -> None:
        if comes <= number < goes:
            for dimension, amount in enumerate(amounts):
                aboard[dimension] += amount

    for at, one in enumerate(way.halts):
        if not isinstance(one, Visit):
            continue
        depot_before = max((depot for depot in depots if depot < at), default=-1)
        depot_after = min((depot for depot in depots if depot > at), default=1 << 30)
        nowhere = vehicle.under_way and depot_before < 0 and one.aboard != vehicle.id
        if not nowhere:
            count(one.load, -1 if one.aboard == vehicle.id else depot_before, at)
        elif any(one.load):
            count([-amount for amount in one.load], at, 1 << 30)  # a fault, that the judge names
        count(one.pickup or (), at, depot_after)
    for pair in problem.pairs:
        if pair.pickup in at_visit:
            count(pair.load, at_visit[pair.pickup], at_visit.get(pair.delivery, 1 << 30))
    return tuple(aboard)


def _costs(problem: Problem, way: _Way, run: Run) -> Costs:
    vehicle, prices = way.vehicle, problem.prices
    visits = [one for one in way.halts if isinstance(one, Visit)]
    late = [
        (one.late_cents_per_hour or 0) * late_s
        for one, late_s in zip(way.halts, run.late, strict=True)
        if isinstance(one, Visit)
    ]
    over_s = max(0, run.end_s - vehicle.shift.latest_s)
    strange = [one for one in visits if one.familiar and vehicle.id not in one.familiar]
    zones = None if vehicle.zones_hard else vehicle.zones
    beyond = [one for one in visits if zones is not None and one.zone is not None and one.zone not in zones]
    moved = [one for one in visits if problem.before.get(one.id, vehicle.id) != vehicle.id]
    return Costs(
        fixed=vehicle.fixed_cents,
        hours=half_up(Fraction(vehicle.cents_per_hour * (run.end_s - run.start_s), 3600)),
        km=half_up(Fraction(vehicle.cents_per_km * sum(way.metres), 1000)),
        overtime=half_up(Fraction(vehicle.overtime.cents_per_hour * over_s, 3600)) if vehicle.overtime else 0,
        late=half_up(Fraction(sum(late), 3600)),
        unfamiliar=len(strange) * prices.unfamiliar_cents,
        zones=len(beyond) * prices.out_of_zone_cents,
        changes=len(moved) * prices.change_cents,
    )


def half_up(amount: Fraction) -> int:
    """Rounded to whole cents."""
    return int(amount + Fraction(1, 2))
