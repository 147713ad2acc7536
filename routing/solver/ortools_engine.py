"""The whole model in OR-Tools' routing library, for any part (some vehicles, some visits) of a problem.

Costs inside are cents × 3,600, so that hourly rates stay whole numbers per second. What a rate costs while driving
and serving is part of the arc costs (so the guided local search sees it), what it costs while waiting or resting is
the price of slack. Everything is given as matrices and vectors: a Python callback would be slow, and an error in
one is swallowed. Every visit may be left out at its price, so a first solution always exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.solver.problem import UNREACHABLE, Problem, Travel, Vehicle

Tours = dict[int, list[int]]
IntArray = npt.NDArray[np.int64]

_SCALE = 3600
_TIME, _METRES, _VISITS = "time", "metres", "visits"


class Part:
    """A model of some vehicles and some visits (by index in the problem), ready to be searched more than once."""

    def __init__(self, problem: Problem, travel: Travel, vehicles: Sequence[int], visits: Sequence[int]) -> None:
        self._problem = problem
        self.vehicles = list(vehicles)
        self.visits = list(visits)
        self._fleet = [problem.vehicles[at] for at in self.vehicles]
        self._nodes = {visit_at: node for node, visit_at in enumerate(self.visits)}
        ends = sorted(
            {vehicle.start_place for vehicle in self._fleet}
            | {vehicle.end_place for vehicle in self._fleet if vehicle.end_place is not None}
        )
        node_of_place = {place: len(self.visits) + number for number, place in enumerate(ends)}
        places = [problem.visits[at].place for at in self.visits] + ends
        nowhere = len(places)  # an open tour ends here, at no distance from anywhere
        self._open = any(vehicle.end_place is None for vehicle in self._fleet)
        size = len(places) + self._open
        self._service = np.array([problem.visits[at].service_s for at in self.visits] + [0] * (size - len(self.visits)))
        self._seconds = self._between(travel.seconds, places, problem.horizon_s + 1)
        self._metres = self._between(travel.metres, places, UNREACHABLE)
        self._manager = pywrapcp.RoutingIndexManager(
            size,
            len(self._fleet),
            [node_of_place[vehicle.start_place] for vehicle in self._fleet],
            [nowhere if vehicle.end_place is None else node_of_place[vehicle.end_place] for vehicle in self._fleet],
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._add_costs()
        self._add_time()
        self._add_limits()
        self._add_visits()

    def search(
        self,
        tours: Mapping[int, Sequence[int]] | None,
        *,
        seconds: float,
        guided: bool = True,
        on_solution: Callable[[Tours], bool] | None = None,
    ) -> Tours | None:
        """Best tours found within the limits, beginning with `tours` if they are given; None if nothing was found.

        `on_solution` sees each better solution and ends the search by returning False. Without `guided` the search ends
        where no single change makes it cheaper: the same every time, as long as the seconds suffice.
        """
        routing = self._routing
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
            if guided
            else routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        )
        parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
        if on_solution is not None:
            best = [1 << 62]

            def look() -> None:
                cost = routing.CostVar().Min()
                if cost < best[0]:
                    best[0] = cost
                    if not on_solution(self._now()):
                        routing.solver().FinishCurrentSearch()

            routing.AddAtSolutionCallback(look)
        if tours is None:
            found = routing.SolveWithParameters(parameters)
        else:
            routing.CloseModelWithParameters(parameters)
            nodes = [[self._nodes[visit_at] for visit_at in tours.get(at, ())] for at in self.vehicles]
            start = routing.ReadAssignmentFromRoutes(nodes, True)
            if start is None:
                return None
            found = routing.SolveFromAssignmentWithParameters(start, parameters)
        return None if found is None else self._read(lambda index: int(found.Value(routing.NextVar(index))))

    def _now(self) -> Tours:
        routing = self._routing
        return self._read(lambda index: int(routing.NextVar(index).Value()))

    def _read(self, following: Callable[[int], int]) -> Tours:
        routing, manager, tours = self._routing, self._manager, {}
        for number, vehicle_at in enumerate(self.vehicles):
            index, sequence = following(routing.Start(number)), []
            while not routing.IsEnd(index):
                sequence.append(self.visits[manager.IndexToNode(index)])
                index = following(index)
            if sequence:
                tours[vehicle_at] = sequence
        return tours

    def _between(self, matrix: npt.NDArray[np.int32], places: Sequence[int], unreachable: int) -> IntArray:
        """The matrix over this part's nodes; with open tours, the node that is nowhere comes last."""
        inner = matrix[np.ix_(places, places)].astype(np.int64)
        inner[inner >= UNREACHABLE] = unreachable
        return np.pad(inner, (0, 1)) if self._open else inner

    def _add_costs(self) -> None:
        routing = self._routing
        evaluators: dict[tuple[int, int], int] = {}
        for number, vehicle in enumerate(self._fleet):
            rates = (vehicle.cents_per_hour, vehicle.cents_per_km)
            if rates not in evaluators:
                hours = rates[0] * (self._seconds + self._service[:, None])
                kilometres = (rates[1] * self._metres * (_SCALE // 100) + 5) // 10
                evaluators[rates] = routing.RegisterTransitMatrix((hours + kilometres).tolist())
            routing.SetArcCostEvaluatorOfVehicle(evaluators[rates], number)
            routing.SetFixedCostOfVehicle(vehicle.fixed_cents * _SCALE, number)

    def _add_time(self) -> None:
        routing, horizon_s = self._routing, self._problem.horizon_s
        transit = routing.RegisterTransitMatrix((self._seconds + self._service[:, None]).tolist())
        # Service may end after the horizon only where no time is left anyway; the cumuls hold begin of service.
        routing.AddDimension(transit, horizon_s, horizon_s, False, _TIME)
        time = routing.GetDimensionOrDie(_TIME)
        solver = routing.solver()
        service = None
        for number, vehicle in enumerate(self._fleet):
            start, end = routing.Start(number), routing.End(number)
            latest = _hard_end_s(vehicle, horizon_s)
            time.CumulVar(start).SetRange(min(vehicle.shift.earliest_s, horizon_s), horizon_s)
            time.CumulVar(end).SetRange(0, latest)
            if vehicle.cents_per_hour:
                time.SetSlackCostCoefficientForVehicle(vehicle.cents_per_hour, number)
            if vehicle.overtime is not None and vehicle.overtime.cents_per_hour:
                time.SetCumulVarSoftUpperBound(end, vehicle.shift.latest_s, vehicle.overtime.cents_per_hour)
            if vehicle.max_duration_s is not None:
                time.SetSpanUpperBoundForVehicle(min(vehicle.max_duration_s, horizon_s), number)
            if vehicle.breaks:
                service = service or self._service_by_index()
                intervals = [
                    solver.FixedDurationIntervalVar(
                        rest.earliest_s, rest.latest_s, rest.duration_s, False, f"break {number} {at}"
                    )
                    for at, rest in enumerate(vehicle.breaks)
                ]
                time.SetBreakIntervalsOfVehicle(intervals, number, service)
            routing.AddVariableMaximizedByFinalizer(time.CumulVar(start))
            routing.AddVariableMinimizedByFinalizer(time.CumulVar(end))

    def _service_by_index(self) -> list[int]:
        nodes = [self._manager.IndexToNode(index) for index in range(self._routing.Size())]
        return [int(self._service[node]) for node in nodes]

    def _add_limits(self) -> None:
        routing, problem = self._routing, self._problem
        rest = len(self._service) - len(self.visits)
        for d, name in enumerate(problem.dimensions):
            loads = [problem.visits[at].load[d] for at in self.visits] + [0] * rest
            room = [one.capacity[d] - (one.initial_load[d] if one.initial_load else 0) for one in self._fleet]
            routing.AddDimensionWithVehicleCapacity(
                routing.RegisterUnaryTransitVector(loads), 0, [max(0, one) for one in room], True, f"load {d} {name}"
            )
        if any(vehicle.max_metres is not None for vehicle in self._fleet):
            most = 1 << 40
            metres = [most if vehicle.max_metres is None else vehicle.max_metres for vehicle in self._fleet]
            evaluator = routing.RegisterTransitMatrix(self._metres.tolist())
            routing.AddDimensionWithVehicleCapacity(evaluator, 0, metres, True, _METRES)
        if any(vehicle.max_visits is not None for vehicle in self._fleet):
            ones = routing.RegisterUnaryTransitVector([1] * len(self.visits) + [0] * rest)
            counts = [len(self.visits) if one.max_visits is None else one.max_visits for one in self._fleet]
            routing.AddDimensionWithVehicleCapacity(ones, 0, counts, True, _VISITS)

    def _add_visits(self) -> None:
        routing, problem = self._routing, self._problem
        time = routing.GetDimensionOrDie(_TIME)
        for node, visit_at in enumerate(self.visits):
            visit = problem.visits[visit_at]
            index = self._manager.NodeToIndex(node)
            routing.AddDisjunction([index], visit.price_cents * _SCALE)
            able = [
                number
                for number, vehicle in enumerate(self._fleet)
                if visit.skills <= vehicle.skills
                and (visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles)
            ]
            if len(able) < len(self._fleet):
                routing.VehicleVar(index).SetValues([-1, *able])
            if not visit.windows:
                continue
            cumul = time.CumulVar(index)
            for earlier, later in pairwise(visit.windows):
                if earlier.latest_s + 1 < later.earliest_s:
                    cumul.RemoveInterval(earlier.latest_s + 1, later.earliest_s - 1)
            last = min(visit.windows[-1].latest_s, problem.horizon_s)
            if visit.late_cents_per_hour is None:
                cumul.SetRange(visit.windows[0].earliest_s, last)
            else:
                cumul.SetMin(visit.windows[0].earliest_s)
                if visit.late_cents_per_hour:
                    time.SetCumulVarSoftUpperBound(index, last, visit.late_cents_per_hour)


def _hard_end_s(vehicle: Vehicle, horizon_s: int) -> int:
    return min(vehicle.shift.latest_s + (vehicle.overtime.max_s if vehicle.overtime else 0), horizon_s)
