"""The nodes of an OR-Tools model: visits, places where tours begin and end, and returns to a depot within a tour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from routing.solver.fit import Fit, reloads, room, service_s
from routing.solver.problem import UNREACHABLE, Problem, Reload, Travel, Vehicle, Visit

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Return:
    """A node for one return to a depot, which any of these vehicles (by number in the part) may use."""

    reload: Reload
    numbers: tuple[int, ...]


class Nodes:
    """What stands on which node of a part; visits come first, then returns, then starts and ends.

    `able[number, node]` says which vehicle of the part may make which visit, `extra_cents` what it costs there apart
    from the road. OR-Tools cannot take travel times that change during the day from Python: legs are the mean over
    the time in which the vehicles work, and our own schedule judges what comes of it.
    """

    def __init__(self, problem: Problem, travel: Travel, vehicles: Sequence[int], visits: Sequence[int]) -> None:
        self.problem = problem
        self.vehicles, self.visits = list(vehicles), list(visits)
        self.fleet: list[Vehicle] = [problem.vehicles[at] for at in self.vehicles]
        self.stops: list[Visit] = [problem.visits[at] for at in self.visits]
        self.node_of = {visit_at: node for node, visit_at in enumerate(self.visits)}
        self.by_id = {visit.id: node for node, visit in enumerate(self.stops)}
        self._fitness(Fit(problem, vehicles, visits))
        self.returns = self._returns()
        self.inner = len(self.visits) + len(self.returns)
        first = accumulate((len(vehicle.reloads) for vehicle in problem.vehicles), initial=len(problem.visits))
        codes = list(first)
        self.codes = [codes[at] for at in self.vehicles]
        ends = sorted(
            {vehicle.start_place for vehicle in self.fleet}
            | {vehicle.end_place for vehicle in self.fleet if vehicle.end_place is not None}
        )
        node_of_place = {place: self.inner + number for number, place in enumerate(ends)}
        places = [visit.place for visit in self.stops] + [one.reload.place for one in self.returns] + ends
        nowhere = len(places)  # an open tour ends here, at no distance from anywhere
        self._open = any(vehicle.end_place is None for vehicle in self.fleet)
        self.size = len(places) + self._open
        self.starts = [node_of_place[vehicle.start_place] for vehicle in self.fleet]
        self.ends = [
            nowhere if vehicle.end_place is None else node_of_place[vehicle.end_place] for vehicle in self.fleet
        ]
        closed = (travel.seconds[np.ix_(places, places)] >= UNREACHABLE) | (
            travel.metres[np.ix_(places, places)] >= UNREACHABLE
        )
        self.seconds = self._padded(self._mean_seconds(travel, places), closed, problem.horizon_s + 1)
        self.metres = self._padded(travel.metres[np.ix_(places, places)].astype(np.int64), closed, 0)
        for start, end in zip(self.starts, self.ends, strict=True):  # driven only by vans that stay at home
            self.seconds[start, end] = self.metres[start, end] = 0

    def service(self, vehicle: Vehicle) -> IntArray:
        """Seconds of service at each node by a vehicle."""
        amounts = [service_s(visit, vehicle) for visit in self.stops]
        amounts += [one.reload.service_s for one in self.returns]
        return np.array(amounts + [0] * (self.size - len(amounts)), np.int64)

    def amounts(self, by_node: dict[int, int]) -> list[int]:
        """One amount for every node, 0 where none is given."""
        return [by_node.get(node, 0) for node in range(self.size)]

    def _fitness(self, fit: Fit) -> None:
        self.able = np.zeros((len(self.fleet), len(self.visits)), bool)
        self.extra_cents = np.zeros((len(self.fleet), len(self.visits)), np.int64)
        number_of = {at: number for number, at in enumerate(self.vehicles)}
        for row, kind in enumerate(fit.kinds):
            for at in kind:
                self.able[number_of[at]] = fit.able[row]
                self.extra_cents[number_of[at]] = fit.extra_cents[row]

    def _returns(self) -> list[Return]:
        """As many nodes for each kind of depot visit as could be made there, but not more than there are visits."""
        users: dict[Reload, list[int]] = {}
        for number, vehicle in enumerate(self.fleet):
            if reloads(vehicle) and all(room(vehicle, d) >= 0 for d in range(len(vehicle.capacity))):
                for reload in dict.fromkeys(vehicle.reloads):
                    users.setdefault(reload, []).append(number)
        found = []
        for reload, numbers in users.items():
            most = sum(min(self.fleet[number].max_reloads, len(self.visits)) for number in numbers)
            found += [Return(reload, tuple(numbers))] * min(most, len(self.visits))
        return found

    def _mean_seconds(self, travel: Travel, places: Sequence[int]) -> IntArray:
        grid = np.ix_(places, places)
        if not travel.slots or not self.fleet:
            return travel.seconds[grid].astype(np.int64)
        begin = min(vehicle.shift.earliest_s for vehicle in self.fleet)
        end = max(begin + 1, max(vehicle.shift.latest_s for vehicle in self.fleet))
        cuts = [0, *(slot.from_s for slot in travel.slots), max(end, travel.slots[-1].from_s + 1)]
        total = np.zeros((len(places), len(places)), np.float64)
        for at, matrix in enumerate([travel.seconds, *(slot.seconds for slot in travel.slots)]):
            share = max(0, min(end, cuts[at + 1]) - max(begin, cuts[at])) / (end - begin)
            if share:
                total += matrix[grid] * share
        return np.ceil(total).astype(np.int64)

    def _padded(self, inner: IntArray, closed: npt.NDArray[np.bool_], instead: int) -> IntArray:
        inner[closed] = instead
        return np.pad(inner, (0, 1)) if self._open else inner
