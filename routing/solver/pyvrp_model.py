"""Our nouns as PyVRP's, and its solutions as our tours: what it can hold is told by `pyvrp_fit.reason`.

How things are said there:

* Costs are 1/18,000 cent (divided by their greatest common divisor), so that hourly and kilometre rates are whole
  numbers per second and metre and its objective is ours to the unit.
* Who may make what: one load dimension for each different set of able vehicles; those that are not able have no
  room in it. The number of stops is such a dimension too.
* A visit with several windows is a group of clients that exclude one another, one for each window.
* An open tour ends at a depot at no distance from anywhere.
* Service that differs from van to van lies on the roads that leave the stop; prices that do (familiar places, zones,
  changes) lie on the roads that lead there. Both need a matrix for each kind of van.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, Route, Shipment, Solution, VehicleType
from pyvrp._pyvrp import Activity, ActivityType

from routing.solver.fit import Fit, room, service_kind, service_s
from routing.solver.problem import UNREACHABLE, Problem, Travel, Visit, Window
from routing.solver.pyvrp_fit import patterns, prices_differ

Tours = dict[int, list[int]]
IntArray = npt.NDArray[np.int64]
# PyVRP's declarations call a matrix ndarray[int], which nothing is.
Matrix = Any

#: Cents become this many units of cost: the least number that makes rates whole per second and per metre.
UNIT = 18_000
#: Later than anything, and still far from the end of 64 bits when added up.
_NEVER = 1 << 40
_ALWAYS = Window(0, _NEVER)


class Model:
    """PyVRP's data for a part of a problem. `required` are visits (by index) that every answer must contain."""

    def __init__(
        self,
        problem: Problem,
        travel: Travel,
        vehicles: Sequence[int],
        visits: Sequence[int],
        fit: Fit,
        required: frozenset[int] = frozenset(),
    ) -> None:
        self.problem, self.fit, self._travel = problem, fit, travel
        self._required = required
        self._columns = [column for column in range(len(visits)) if fit.able[:, column].any()]
        self.visits = [visits[column] for column in self._columns]
        self._fleet = [problem.vehicles[kind[0]] for kind in fit.kinds]
        self.codes = [
            len(problem.visits) + before
            for before in accumulate((len(vehicle.reloads) for vehicle in problem.vehicles), initial=0)
        ]
        self._own_price = prices_differ(fit)
        self._own_service = len({service_kind(one, problem.visits) for one in self._fleet}) > 1
        self._all = list(visits)
        stops = [problem.visits[at].place for at in visits]
        inner = sorted({*stops, *(one.start_place for one in self._fleet)})
        # Where something is told by the roads of one stop, or the way from a place to itself is one, each stop has a
        # location of its own; otherwise stops of one place share it.
        self._alone = self._own_price or self._own_service or bool(np.any(travel.seconds[inner, inner]))
        self._alone = self._alone or bool(np.any(travel.metres[inner, inner]))
        self._locations_of: dict[int, list[int]] = {}
        self._places: list[int] = [0]  # location 0 is nowhere: open tours end there, at no distance from anywhere
        self._place_at: dict[int, int] = {}
        self._profile_of = self._profiles()
        self._depots: list[Depot] = []
        self._depot_at: dict[tuple[int, int, int, int], int] = {}
        self._clients: list[Client] = []
        self._client_of: dict[int, list[tuple[int, Window]]] = {}
        self._visit_of: list[int] = []
        self._groups: list[ClientGroup] = []
        self._shipments: list[Shipment] = []
        self._shipment_of: dict[int, int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._scale = self._common_divisor()
        self.unit_cents = self._scale / UNIT  # what one unit of PyVRP's cost is in cents
        self._add_visits()
        types = self._types()
        self.data = ProblemData(
            [Location(0, 0)] * len(self._places),
            self._clients,
            self._depots,
            types,
            *self._matrices(),
            self._groups,
            self._shipments,
        )

    @property
    def offset_cents(self) -> float:
        """What our cost has on top of PyVRP's: prices of the visits that are not in the model, since no van may or
        would make them, what has to be paid for a visit whoever makes it (the prize is so much less), less the
        prizes of the clients of groups, of which at most one is ever collected."""
        inside = {*self._client_of, *self._shipment_of}
        never = sum(self.problem.visits[at].price_cents for at in self._all if at not in inside)
        twice = sum(self._clients[clones[0][0]].prize * (len(clones) - 1) for clones in self._client_of.values())
        paid = sum(self._extra(column) for column, at in zip(self._columns, self.visits, strict=True) if at in inside)
        return never + paid - twice * self.unit_cents

    def _place(self, place: int, visit_at: int | None = None) -> int:
        """The location of a place, or of this visit at the place."""
        if visit_at is not None and self._alone:
            self._locations_of.setdefault(visit_at, []).append(len(self._places))
            self._places.append(place)
            return len(self._places) - 1
        at = self._place_at.setdefault(place, len(self._places))
        if at == len(self._places):
            self._places.append(place)
        return at

    def _profiles(self) -> list[int]:
        """For each kind of vehicle the number of its pair of matrices."""
        numbers: dict[object, int] = {}
        found = []
        for row, vehicle in enumerate(self._fleet):
            service = service_kind(vehicle, self.problem.visits) if self._own_service else None
            price = (vehicle.cents_per_km, self.fit.extra_cents[row].tobytes()) if self._own_price else None
            found.append(numbers.setdefault((service, price), len(numbers)))
        return found

    def _extra(self, column: int) -> int:
        """The price apart from the road, where it is the same for all who may come."""
        return 0 if self._own_price else int(self.fit.extra_cents[self.fit.able[:, column], column][0])

    def _common_divisor(self) -> int:
        amounts = [int(cents) * UNIT for cents in np.unique(self.fit.extra_cents)]
        amounts += [self.problem.visits[at].price_cents * UNIT for at in self.visits]
        for vehicle in self._fleet:
            amounts += [vehicle.fixed_cents * UNIT, vehicle.cents_per_hour * 5, vehicle.cents_per_km * 18]
            amounts += [vehicle.overtime.cents_per_hour * 5] if vehicle.overtime else []
        return math.gcd(*amounts) or 1

    def _cost(self, units: int) -> int:
        return units // self._scale

    def _add_visits(self) -> None:
        problem = self.problem
        kinds = patterns(self.fit)
        present = dict.fromkeys(kind for kind in (kinds[column] for column in self._columns) if kind is not None)
        self._pattern_at = {kind: number for number, kind in enumerate(present)}
        self._counted = any(one.max_visits is not None and one.max_visits < len(self.visits) for one in self._fleet)
        self._dimensions = [d for d in range(len(problem.dimensions)) if self._binds(d)]
        partner = {pair.pickup: pair for pair in problem.pairs}
        deliveries = {pair.delivery for pair in problem.pairs}
        column_of = dict(zip(self.visits, self._columns, strict=True))
        for column, at in zip(self._columns, self.visits, strict=True):
            visit = problem.visits[at]
            marks = self._marks(kinds[column])
            if visit.id in deliveries:
                continue
            if visit.id in partner:
                other = problem.visit_at(partner[visit.id].delivery)
                if other in column_of:
                    load = partner[visit.id].load or (0,) * len(problem.dimensions)
                    both = [a + b for a, b in zip(marks, self._marks(kinds[column_of[other]]), strict=True)]
                    extra = self._extra(column) + self._extra(column_of[other])
                    self._add_pair(at, other, [*(load[d] for d in self._dimensions), *both], extra)
                continue
            self._add_client(at, marks, self._extra(column))

    def _marks(self, pattern: bytes | None) -> list[int]:
        marks = [0] * len(self._pattern_at) + [1] * self._counted
        if pattern is not None:
            marks[self._pattern_at[pattern]] = 1
        return marks

    def _binds(self, d: int) -> bool:
        """Whether everything together in one vehicle would be too much for one of them."""
        visits = [self.problem.visits[at] for at in self.visits]
        most = sum(one.load[d] + (one.pickup[d] if one.pickup else 0) for one in visits)
        most += sum(pair.load[d] for pair in self.problem.pairs if pair.load)
        return any(most > room(vehicle, d) for vehicle in self._fleet)

    def _windows(self, visit: Visit) -> list[Window]:
        if not visit.windows:
            return [Window(0, self.problem.horizon_s)]
        if visit.late_cents_per_hour is None:
            return list(visit.windows)
        return [*visit.windows[:-1], Window(visit.windows[-1].earliest_s, _NEVER)]  # lateness that costs nothing

    def _service(self, visit: Visit) -> int:
        return 0 if self._own_service else service_s(visit, self._fleet[0])

    def _add_client(self, at: int, marks: list[int], extra_cents: int) -> None:
        visit = self.problem.visits[at]
        windows = self._windows(visit)
        prize = visit.price_cents - extra_cents
        if prize < 0:
            return
        must = at in self._required
        group = len(self._groups) if len(windows) > 1 else None
        pickup = visit.pickup or (0,) * len(self.problem.dimensions)
        self._client_of[at] = []
        location = self._place(visit.place, at)
        for window in windows:
            self._client_of[at].append((len(self._clients), window))
            self._visit_of.append(at)
            self._clients.append(
                Client(
                    location=location,
                    delivery=[*(visit.load[d] for d in self._dimensions), *marks],
                    pickup=[*(pickup[d] for d in self._dimensions), *(0 for _ in marks)],
                    service_duration=self._service(visit),
                    tw_early=window.earliest_s,
                    tw_late=window.latest_s,
                    prize=self._cost(prize * UNIT),
                    required=must and group is None,
                    group=group,
                )
            )
        if group is not None:
            self._groups.append(ClientGroup([number for number, _ in self._client_of[at]], required=must))

    def _add_pair(self, first: int, second: int, amount: list[int], extra_cents: int) -> None:
        pickup, delivery = self.problem.visits[first], self.problem.visits[second]
        prize = pickup.price_cents + delivery.price_cents - extra_cents
        (opens,), (closes,) = self._windows(pickup), self._windows(delivery)
        if prize < 0 or closes.latest_s < opens.earliest_s:
            return
        self._shipment_of[first] = self._shipment_of[second] = len(self._shipments)
        self._pairs.append((first, second))
        self._shipments.append(
            Shipment(
                self._place(pickup.place, first),
                self._place(delivery.place, second),
                opens.earliest_s,
                opens.latest_s,
                self._service(pickup),
                closes.earliest_s,
                closes.latest_s,
                self._service(delivery),
                amount,
                self._cost(prize * UNIT),
                first in self._required and second in self._required,
            )
        )

    def _depot(self, place: int | None, service: int = 0, window: Window = _ALWAYS) -> int:
        key = (0 if place is None else self._place(place), service, window.earliest_s, window.latest_s)
        at = self._depot_at.setdefault(key, len(self._depots))
        if at == len(self._depots):
            self._depots.append(Depot(key[0], key[2], key[3], service))
        return at

    def _types(self) -> list[VehicleType]:
        types = []
        self._reload_at: list[dict[int, int]] = []
        for row, (kind, vehicle) in enumerate(zip(self.fit.kinds, self._fleet, strict=True)):
            begin, end = vehicle.shift.earliest_s, vehicle.shift.latest_s
            overtime = vehicle.overtime
            late, extra = None, 0
            longest = _NEVER if vehicle.max_duration_s is None else vehicle.max_duration_s
            if overtime is not None and overtime.cents_per_hour and not vehicle.cents_per_hour:
                # Time as such is free, so leaving at once is as good as leaving late, and duration tells the end.
                late, extra = begin, max(0, min(overtime.max_s, self.problem.horizon_s - end))
                longest = min(longest, end - begin)
            latest = min(end + (overtime.max_s if overtime else 0), self.problem.horizon_s)
            reloads = vehicle.reloads if vehicle.max_reloads else ()
            depots = [
                self._depot(one.place, one.service_s, one.windows[0] if one.windows else _ALWAYS) for one in reloads
            ]
            self._reload_at.append({depot: number for number, depot in reversed(list(enumerate(depots)))})
            marks = [len(self.visits) * bool(one[row]) for one in self._pattern_at]
            if self._counted:
                marks.append(len(self.visits) if vehicle.max_visits is None else vehicle.max_visits)
            types.append(
                VehicleType(
                    num_available=len(kind),
                    capacity=[*(room(vehicle, d) for d in self._dimensions), *marks],
                    start_depot=self._depot(vehicle.start_place),
                    end_depot=self._depot(vehicle.end_place),
                    fixed_cost=self._cost(vehicle.fixed_cents * UNIT),
                    tw_early=begin,
                    tw_late=max(begin, latest),
                    shift_duration=longest,
                    max_distance=_NEVER if vehicle.max_metres is None else vehicle.max_metres,
                    unit_distance_cost=1 if self._own_price else self._cost(vehicle.cents_per_km * 18),
                    unit_duration_cost=self._cost(vehicle.cents_per_hour * 5),
                    profile=self._profile_of[row],
                    start_late=late,
                    reload_depots=sorted(set(depots)),
                    max_reloads=vehicle.max_reloads if reloads else 0,
                    max_overtime=extra,
                    unit_overtime_cost=self._cost(overtime.cents_per_hour * 5) if overtime and extra else 0,
                )
            )
        return types

    def _matrices(self) -> tuple[list[Matrix], list[Matrix]]:
        places, fleet = self._places[1:], self._fleet
        grid, size = np.ix_(places, places), len(self._places)
        seconds, metres = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
        seconds[1:, 1:], metres[1:, 1:] = self._travel.seconds[grid], self._travel.metres[grid]
        closed = (seconds >= UNREACHABLE) | (metres >= UNREACHABLE)
        seconds[closed] = 2 * self.problem.horizon_s + 1  # nobody is ever in time after that
        metres[closed] = 0
        distances, durations = [], []
        for number in range(max(self._profile_of, default=0) + 1):
            rows = [row for row, profile in enumerate(self._profile_of) if profile == number]
            mine, lasting = metres, seconds
            if rows and self._own_price:
                vehicle = fleet[rows[0]]
                mine = metres * self._cost(vehicle.cents_per_km * 18)
                mine += self._at_locations([self._cost(int(e) * UNIT) for e in self.fit.extra_cents[rows[0]]])[None, :]
            if rows and self._own_service:
                stops = self.problem.visits
                lasting = seconds.copy()
                lasting += self._at_locations([service_s(stops[at], fleet[rows[0]]) for at in self._all])[:, None]
            np.fill_diagonal(mine, 0)
            np.fill_diagonal(lasting, 0)
            distances.append(mine)
            durations.append(lasting)
        return distances, durations

    def _at_locations(self, by_column: Sequence[int]) -> IntArray:
        """Amounts by visit, as amounts by location (each visit has one of its own)."""
        found = np.zeros(len(self._places), np.int64)
        for column, at in zip(self._columns, self.visits, strict=True):
            for location in self._locations_of.get(at, ()):
                found[location] = by_column[column]
        return found

    def solution(self, tours: Mapping[int, Sequence[int]]) -> Solution | None:
        """Tours as PyVRP's solution; None where they cannot be told (half a pair, a pair across a reload)."""
        kind_of = {van: number for number, kind in enumerate(self.fit.kinds) for van in kind}
        routes = []
        for van, sequence in sorted(tours.items()):
            if van not in kind_of:
                return None
            try:
                activities = self._activities(van, kind_of[van], sequence)
                if activities:
                    routes.append(Route(self.data, activities, kind_of[van]))
            except (KeyError, ValueError):
                return None
        try:
            return Solution(self.data, routes)
        except RuntimeError:
            return None

    def _activities(self, van: int, kind: int, sequence: Sequence[int]) -> list[Activity]:
        vehicle, stops = self.problem.vehicles[van], self.problem.visits
        depot_of = {number: depot for depot, number in self._reload_at[kind].items()}
        time, place, found = vehicle.shift.earliest_s, vehicle.start_place, []
        for code in sequence:
            reload = vehicle.reloads[code - self.codes[van]] if code >= len(stops) else None
            stop = reload or stops[code]
            time += int(self._travel.seconds[place, stop.place])
            place = stop.place
            window = next((one for one in stop.windows if time <= one.latest_s), None)
            if window is not None:
                time = max(time, window.earliest_s)
            if reload is not None:
                found.append(Activity(ActivityType.DEPOT, depot_of[code - self.codes[van]]))
                time += reload.service_s
                continue
            if code in self._shipment_of:
                number = self._shipment_of[code]
                first = self._pairs[number][0] == code
                found.append(Activity(ActivityType.PICKUP if first else ActivityType.DELIVERY, number))
            else:
                clones = self._client_of[code]
                chosen = next((number for number, one in clones if time <= one.latest_s), clones[-1][0])
                found.append(Activity(ActivityType.CLIENT, chosen))
            time += service_s(stops[code], vehicle)
        return found

    def tours(self, solution: Solution) -> Tours:
        """PyVRP's solution as sequences of visits and reload codes, by vehicle."""
        free = [list(kind) for kind in self.fit.kinds]
        found: Tours = {}
        for route in solution.routes():
            kind = route.vehicle_type()
            van = free[kind].pop(0)
            sequence: list[int] = []
            for activity in list(route)[1:-1]:
                if activity.is_depot():
                    if sequence and sequence[-1] >= len(self.problem.visits):
                        sequence.pop()  # a trip without visits
                    sequence.append(self.codes[van] + self._reload_at[kind][activity.idx])
                elif activity.is_client():
                    sequence.append(self._visit_of[activity.idx])
                else:
                    sequence.append(self._pairs[activity.idx][activity.is_delivery()])
            if sequence and sequence[-1] >= len(self.problem.visits):
                sequence.pop()
            if sequence:
                found[van] = sequence
        return found
