"""Times and cost of a given order of visits: when to leave, wait, rest, and what it costs.

Rules, the same for every plan of this package:

* A tour leaves as late as useful: at the latest moment that neither ends the tour later nor makes any visit
  miss (or miss by more) its window. So nobody is paid for waiting that a later departure avoids (forward time
  slack: Savelsbergh 1992, doi:10.1287/ijoc.4.2.146). A visit is served in the first window it can still reach.
* Breaks are taken in the order of their windows. A break may interrupt driving; the time between leaving one
  stop and beginning service at the next, less the breaks in it, is at least the driving time. Where several
  places for a break are possible, all are tried (labels: time, slack, lateness) and the cheapest tour is kept.
* `relaxed` schedules break hard windows, shifts and breaks by as little as possible instead of giving up; they
  show a dispatcher what a move by hand leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from routing.solver.labels import AFTERWARDS, BEFORE, NEVER, Label, Stop, drive, labels_at_start, serve
from routing.solver.plan import Costs, Rest, Step, Tour
from routing.solver.problem import UNREACHABLE, Break, Problem, Travel, Vehicle, Visit, check_places


class Outline(NamedTuple):
    """What a tour amounts to: its span, driving, lateness (cents × seconds per hour), seconds of rules broken."""

    start_s: int
    end_s: int
    travel_s: int
    metres: int
    late_price: int
    broken_s: int
    rests: tuple[int, ...]  # for each break, in order of windows: the leg it is taken on, BEFORE or AFTERWARDS


class _Driver:
    """A vehicle's numbers where the loops want them."""

    __slots__ = ("breaks", "end_place", "hard_end_s", "max_duration_s", "numbers", "room", "vehicle")

    def __init__(self, vehicle: Vehicle, horizon_s: int) -> None:
        self.vehicle = vehicle
        extra = vehicle.overtime.max_s if vehicle.overtime else 0
        self.hard_end_s = min(vehicle.shift.latest_s + extra, horizon_s)
        self.max_duration_s = NEVER if vehicle.max_duration_s is None else vehicle.max_duration_s
        self.end_place = -1 if vehicle.end_place is None else vehicle.end_place
        order = sorted(
            range(len(vehicle.breaks)), key=lambda at: (vehicle.breaks[at].earliest_s, vehicle.breaks[at].latest_s)
        )
        self.numbers = tuple(order)
        self.breaks: tuple[Break, ...] = tuple(vehicle.breaks[at] for at in order)
        aboard = vehicle.initial_load or (0,) * len(vehicle.capacity)
        self.room = tuple(most - there for most, there in zip(vehicle.capacity, aboard, strict=True))


class Scheduler:
    """Schedules and prices sequences of visits (by index) on vehicles (by index) of one problem.

    `kinds[v]` is the first vehicle that differs from vehicle v in its id alone (locks apart).
    """

    def __init__(self, problem: Problem, travel: Travel) -> None:
        check_places(problem, travel)
        self.problem = problem
        self.seconds = travel.seconds.data
        self.metres = travel.metres.data
        self.drivers = [_Driver(vehicle, problem.horizon_s) for vehicle in problem.vehicles]
        self._stops: list[Stop] = [
            (
                visit.place,
                visit.service_s,
                tuple((window.earliest_s, window.latest_s) for window in visit.windows) or ((0, problem.horizon_s),),
                visit.late_cents_per_hour if visit.windows else None,
            )
            for visit in problem.visits
        ]
        self._dimensions = range(len(problem.dimensions))
        kinds: dict[Vehicle, int] = {}
        self.kinds = [kinds.setdefault(replace(vehicle, id=""), at) for at, vehicle in enumerate(problem.vehicles)]

    def may_serve(self, vehicle_at: int, visit_at: int) -> bool:
        """Whether skills and locks let the vehicle make the visit."""
        visit, vehicle = self.problem.visits[visit_at], self.problem.vehicles[vehicle_at]
        return visit.skills <= vehicle.skills and (
            visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles
        )

    def loads_fit(self, vehicle_at: int, sequence: Sequence[int]) -> bool:
        """Whether all loads of the sequence fit into the vehicle together."""
        room, visits = self.drivers[vehicle_at].room, self.problem.visits
        return all(sum(visits[at].load[d] for at in sequence) <= room[d] for d in self._dimensions)

    def stop(self, visit_at: int) -> Stop:
        """Place, service, windows and price of lateness of a visit."""
        return self._stops[visit_at]

    def outline(
        self, vehicle_at: int, sequence: Sequence[int], *, relaxed: bool = False, rests: bool = True
    ) -> Outline | None:
        """Best timing of the sequence; None if a time rule (or, strictly, a limit of the van) cannot be kept.

        Skills and loads are not looked at; without `rests` neither are breaks. An unreachable leg always gives None.
        """
        driver = self.drivers[vehicle_at]
        vehicle = driver.vehicle
        if not relaxed and vehicle.max_visits is not None and len(sequence) > vehicle.max_visits:
            return None
        driven = self._driven(driver, sequence)
        if driven is None:
            return None
        travel_s, metres = driven
        if not relaxed and vehicle.max_metres is not None and metres > vehicle.max_metres:
            return None
        if driver.breaks and rests:
            return self._with_breaks(driver, sequence, travel_s, metres, relaxed)
        return self._without_breaks(driver, sequence, travel_s, metres, relaxed)

    def cents(self, vehicle_at: int, outline: Outline) -> int:
        """Cost of a used vehicle's tour, all terms together."""
        return self.costs(vehicle_at, outline).total

    def costs(self, vehicle_at: int, outline: Outline) -> Costs:
        """Cost of a used vehicle's tour by terms."""
        vehicle = self.problem.vehicles[vehicle_at]
        over_s = max(0, outline.end_s - vehicle.shift.latest_s)
        return Costs(
            fixed=vehicle.fixed_cents,
            hours=(vehicle.cents_per_hour * (outline.end_s - outline.start_s) + 1800) // 3600,
            km=(vehicle.cents_per_km * outline.metres + 500) // 1000,
            overtime=(vehicle.overtime.cents_per_hour * over_s + 1800) // 3600 if vehicle.overtime else 0,
            late=(outline.late_price + 1800) // 3600,
        )

    def price(self, vehicle_at: int, sequence: Sequence[int]) -> int | None:
        """Cents of a tour that keeps every rule; None if there is none; 0 for no visits at all."""
        if not sequence:
            return 0
        if not self.loads_fit(vehicle_at, sequence):
            return None
        outline = self.outline(vehicle_at, sequence)
        return None if outline is None else self.cents(vehicle_at, outline)

    def tour(self, vehicle_at: int, sequence: Sequence[int], *, relaxed: bool = False) -> Tour | None:
        """The sequence with all its times; None where `outline` gives None."""
        outline = self.outline(vehicle_at, sequence, relaxed=relaxed)
        return None if outline is None else self._written(vehicle_at, sequence, outline)

    def _driven(self, driver: _Driver, sequence: Sequence[int]) -> tuple[int, int] | None:
        """Seconds and metres of all legs, None if one of them does not exist."""
        seconds, metres, stops = self.seconds, self.metres, self._stops
        here, total_s, total_m = driver.vehicle.start_place, 0, 0
        for at in sequence:
            place = stops[at][0]
            leg_s, leg_m = seconds[here, place], metres[here, place]
            if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
                return None
            total_s += leg_s
            total_m += leg_m
            here = place
        if driver.end_place >= 0:
            leg_s, leg_m = seconds[here, driver.end_place], metres[here, driver.end_place]
            if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
                return None
            total_s += leg_s
            total_m += leg_m
        return total_s, total_m

    def _without_breaks(
        self, driver: _Driver, sequence: Sequence[int], travel_s: int, metres: int, relaxed: bool
    ) -> Outline | None:
        seconds, stops = self.seconds, self._stops
        here = driver.vehicle.start_place
        time = driver.vehicle.shift.earliest_s
        slack_start, late_price, work, broken = NEVER, 0, 0, 0
        for at in sequence:
            place, service_s, windows, rate = stops[at]
            leg = seconds[here, place]
            time += leg
            work += leg
            for earliest, latest in windows:
                if time <= latest:
                    if latest - work < slack_start:
                        slack_start = latest - work
                    if time < earliest:
                        time = earliest
                    break
            else:
                if rate is not None:
                    late_price += rate * (time - windows[-1][1])
                elif relaxed:
                    broken += time - windows[-1][1]
                else:
                    return None
                slack_start = min(slack_start, time - work)
            time += service_s
            work += service_s
            here = place
        if driver.end_place >= 0:
            leg = seconds[here, driver.end_place]
            time += leg
            work += leg
        start = min(slack_start, time - work)
        over = max(0, time - driver.hard_end_s) + max(0, time - start - driver.max_duration_s)
        if over and not relaxed:
            return None
        return Outline(start, time, travel_s, metres, late_price, broken + over, ())

    def _with_breaks(
        self, driver: _Driver, sequence: Sequence[int], travel_s: int, metres: int, relaxed: bool
    ) -> Outline | None:
        seconds, stops, breaks = self.seconds, self._stops, driver.breaks
        labels, here = labels_at_start(driver.vehicle.shift.earliest_s, driver.breaks), driver.vehicle.start_place
        for leg_at, at in enumerate(sequence):
            stop = stops[at]
            labels = serve(labels, seconds[here, stop[0]], breaks, leg_at, stop, relaxed)
            if not labels:
                return None
            here = stop[0]
        leg = seconds[here, driver.end_place] if driver.end_place >= 0 else 0
        ended = drive(labels, leg, breaks, len(sequence), NEVER, 0, relaxed)
        return self._closed(driver, ended, travel_s, metres, relaxed)

    def placements(self, vehicle_at: int, sequence: Sequence[int], new_at: int) -> list[tuple[int, Outline]]:
        """Every position at which a visit can be put into a tour without breaking a time rule, with what it becomes.

        The same as calling `outline` for each position (and trusting that skills and loads fit), but positions that
        the latest possible arrivals rule out are skipped and the way up to the new visit is looked at once.
        """
        driver, stops, seconds = self.drivers[vehicle_at], self._stops, self.seconds
        latest = self._latest(driver, sequence)
        place, service_s, windows, rate = stops[new_at]
        last = windows[-1][1] if rate is None else NEVER
        labels, here = labels_at_start(driver.vehicle.shift.earliest_s, driver.breaks), driver.vehicle.start_place
        found: list[tuple[int, Outline]] = []
        for position in range(len(sequence) + 1):
            arrive = min(label[0] for label in labels) + seconds[here, place]
            after = stops[sequence[position]][0] if position < len(sequence) else driver.end_place
            onward = seconds[place, after] if after >= 0 else 0
            if arrive <= last and max(arrive, windows[0][0]) + service_s + onward <= latest[position]:
                trial = [*sequence[:position], new_at, *sequence[position:]]
                outline = self._continued(driver, labels, here, trial, position)
                if outline is not None:
                    found.append((position, outline))
            if position < len(sequence):
                stop = stops[sequence[position]]
                labels = serve(labels, seconds[here, stop[0]], driver.breaks, position, stop, False)
                if not labels:
                    break
                here = stop[0]
        return found

    def positions(
        self, vehicle_at: int, sequence: Sequence[int], outline: Outline | None, nowhere: int
    ) -> tuple[list[int], list[int], list[int], list[int], list[int], list[int]]:
        """For every position of a tour: place before, place after, earliest leaving, latest arrival, seconds, metres.

        Breaks stay on the legs on which `outline` has them; an open tour ends at the place `nowhere`.
        """
        driver, seconds, metres, stops = self.drivers[vehicle_at], self.seconds, self.metres, self._stops
        time = driver.vehicle.shift.earliest_s
        bound = driver.hard_end_s
        on_leg: dict[int, list[Break]] = {}
        for count, leg in enumerate(outline.rests if outline is not None else ()):
            rest = driver.breaks[count]
            if leg == BEFORE:
                time = max(time, rest.earliest_s + rest.duration_s)
            elif leg == AFTERWARDS:
                bound = min(bound, rest.latest_s)
            else:
                on_leg.setdefault(leg, []).append(rest)
        end = driver.end_place
        places = [driver.vehicle.start_place, *(stops[at][0] for at in sequence), end]
        arcs_s = [seconds[places[leg], places[leg + 1]] for leg in range(len(sequence))]
        arcs_m = [metres[places[leg], places[leg + 1]] for leg in range(len(sequence))]
        arcs_s.append(seconds[places[-2], end] if end >= 0 else 0)
        arcs_m.append(metres[places[-2], end] if end >= 0 else 0)
        if not sequence:  # leaving the depot at once again is no journey that an insertion would save
            arcs_s, arcs_m = [0], [0]
        leave = [time]
        for leg, at in enumerate(sequence):
            _, service_s, windows, _ = stops[at]
            time += arcs_s[leg]
            for rest in on_leg.get(leg, ()):
                time = max(time, rest.earliest_s) + rest.duration_s
            for earliest, latest_s in windows:
                if time <= latest_s:
                    time = max(time, earliest)
                    break
            time += service_s
            leave.append(time)
        latest = [0] * (len(sequence) + 1)
        for leg in range(len(sequence), -1, -1):
            for rest in reversed(on_leg.get(leg, ())):
                bound = min(bound - rest.duration_s, rest.latest_s + arcs_s[leg])
            latest[leg] = bound
            if leg:
                _, service_s, windows, rate = stops[sequence[leg - 1]]
                bound -= arcs_s[leg] + service_s
                if rate is None:
                    bound = min(bound, windows[-1][1])
        if end < 0:
            places[-1] = nowhere
        return places[:-1], places[1:], leave, latest, arcs_s, arcs_m

    def _latest(self, driver: _Driver, sequence: Sequence[int]) -> list[int]:
        """Latest arrival at each visit of a tour, then at its end, that could still keep the hard rules after it."""
        bound, following = driver.hard_end_s, driver.end_place
        latest = [bound]
        for at in reversed(sequence):
            place, service_s, windows, rate = self._stops[at]
            bound -= service_s + (self.seconds[place, following] if following >= 0 else 0)
            if rate is None:
                bound = min(bound, windows[-1][1])
            latest.append(bound)
            following = place
        latest.reverse()
        return latest

    def _continued(
        self, driver: _Driver, labels: list[Label], here: int, sequence: Sequence[int], position: int
    ) -> Outline | None:
        """The outline of a whole sequence when `labels` have come to `here`, just before `position`."""
        vehicle = driver.vehicle
        if vehicle.max_visits is not None and len(sequence) > vehicle.max_visits:
            return None
        driven = self._driven(driver, sequence)
        if driven is None or (vehicle.max_metres is not None and driven[1] > vehicle.max_metres):
            return None
        if not driver.breaks:
            return self._without_breaks(driver, sequence, *driven, False)
        for leg_at in range(position, len(sequence)):
            stop = self._stops[sequence[leg_at]]
            labels = serve(labels, self.seconds[here, stop[0]], driver.breaks, leg_at, stop, False)
            if not labels:
                return None
            here = stop[0]
        leg = self.seconds[here, driver.end_place] if driver.end_place >= 0 else 0
        ended = drive(labels, leg, driver.breaks, len(sequence), NEVER, 0, False)
        return self._closed(driver, ended, *driven, False)

    def _closed(
        self, driver: _Driver, labels: Sequence[Label], travel_s: int, metres: int, relaxed: bool
    ) -> Outline | None:
        """The cheapest way to end; breaks not yet taken must be possible after the end."""
        vehicle = driver.vehicle
        over_rate = vehicle.overtime.cents_per_hour if vehicle.overtime else 0
        best: Outline | None = None
        best_key = (NEVER, NEVER, NEVER)
        for time, slack_start, late_price, work, broken, rests in labels:
            for rest in driver.breaks[len(rests) :]:
                broken += max(0, time - rest.latest_s)
            start = min(slack_start, time - work)
            broken += max(0, time - driver.hard_end_s) + max(0, time - start - driver.max_duration_s)
            if broken and not relaxed:
                continue
            price = vehicle.cents_per_hour * (time - start) + late_price
            price += over_rate * max(0, time - vehicle.shift.latest_s)
            if (broken, price, time) < best_key:
                best_key = (broken, price, time)
                placed = rests + (AFTERWARDS,) * (len(driver.breaks) - len(rests))
                best = Outline(start, time, travel_s, metres, late_price, broken, placed)
        return best

    def _written(self, vehicle_at: int, sequence: Sequence[int], outline: Outline) -> Tour:
        """Second pass: the times of every step, from the departure that the first pass chose."""
        driver, visits = self.drivers[vehicle_at], self.problem.visits
        time, here = outline.start_s, driver.vehicle.start_place
        aboard = driver.vehicle.initial_load or (0,) * len(self._dimensions)
        load = tuple(aboard[d] + sum(visits[at].load[d] for at in sequence) for d in self._dimensions)
        left, steps, rests = load, [], []  # type: tuple[int, ...], list[Step], list[Rest]
        for leg_at, at in enumerate(sequence):
            visit = visits[at]
            travel_s, metres = self.seconds[here, visit.place], self.metres[here, visit.place]
            arrive, ready, taken = self._leg(driver, outline, leg_at, time, travel_s)
            rests += taken
            start, late = _service_start(visit, ready)
            left = tuple(left[d] - visit.load[d] for d in self._dimensions)
            time, here = start + visit.service_s, visit.place
            steps.append(Step(visit.id, arrive, start, time, late, travel_s, metres, left))
        travel_s = self.seconds[here, driver.end_place] if driver.end_place >= 0 else 0
        _, time, taken = self._leg(driver, outline, len(sequence), time, travel_s)
        return Tour(
            vehicle=driver.vehicle.id,
            steps=tuple(steps),
            breaks=tuple(rests + taken),
            start_s=outline.start_s,
            end_s=time,
            travel_s=outline.travel_s,
            metres=outline.metres,
            load=load,
            costs=self.costs(vehicle_at, outline),
        )

    def _leg(
        self, driver: _Driver, outline: Outline, leg_at: int, time: int, remaining_s: int
    ) -> tuple[int, int, list[Rest]]:
        """Drive one leg with its breaks: arrival, when service could begin, the breaks taken on the way or there."""
        taken: list[Rest] = []
        arrive: int | None = None
        for count, leg in enumerate(outline.rests):
            if leg != leg_at:
                continue
            rest = driver.breaks[count]
            begin = max(time, rest.earliest_s)
            if arrive is None and begin >= time + remaining_s:
                arrive = time + remaining_s
            remaining_s -= min(remaining_s, begin - time)
            time = begin + rest.duration_s
            taken.append(Rest(driver.numbers[count], leg_at, begin, time))
        time += remaining_s
        return (time if arrive is None else arrive), time, taken


def _service_start(visit: Visit, ready_s: int) -> tuple[int, int]:
    """When service begins for a driver who could begin at `ready_s`, and by how much that is late."""
    for window in visit.windows:
        if ready_s <= window.latest_s:
            return max(ready_s, window.earliest_s), 0
    return ready_s, (ready_s - visit.windows[-1].latest_s if visit.windows else 0)
