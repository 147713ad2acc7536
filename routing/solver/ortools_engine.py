"""The whole model in OR-Tools' routing library, for any part (some vehicles, some visits) of a problem.

Costs inside are cents × 3,600, so that hourly rates stay whole numbers per second. What a rate costs while driving
and serving is part of the arc costs (so the guided local search sees it), what it costs while waiting or resting is
the price of slack. Everything is given as matrices and vectors: a Python callback would be slow, and an error in
one is swallowed. Every visit may be left out at its price, so a first solution always exists.

Exact but for travel that changes during the day (a mean is taken) and the price of balance (a likeness).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.solver.ortools_loads import add_loads
from routing.solver.ortools_nodes import Nodes
from routing.solver.ortools_ties import add_ties, common_part
from routing.solver.problem import Problem, Travel, Vehicle, Window

Tours = dict[int, list[int]]

_SCALE = 3600
_TIME, _METRES = "time", "metres"


class Part:
    """A model of some vehicles and some visits (by index in the problem), ready to be searched more than once.

    `cents` is what OR-Tools says that the last answer costs.
    """

    cents = 0.0
    _closed = False

    def __init__(self, problem: Problem, travel: Travel, vehicles: Sequence[int], visits: Sequence[int]) -> None:
        self._problem = problem
        self.vehicles = list(vehicles)
        self.visits = list(visits)
        self._nodes = Nodes(problem, travel, vehicles, visits)
        self._fleet = self._nodes.fleet
        self._manager = pywrapcp.RoutingIndexManager(
            self._nodes.size, len(self._fleet), self._nodes.starts, self._nodes.ends
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._add_costs()
        self._add_time()
        self._add_metres()
        add_loads(self._routing, self._manager, self._nodes)
        self._add_visits()
        self._add_returns()
        add_ties(self._routing, self._manager, self._nodes, _SCALE)

    def search(
        self,
        tours: Mapping[int, Sequence[int]] | None,
        *,
        seconds: float,
        guided: bool = True,
        on_solution: Callable[[Tours], bool] | None = None,
        first: str | None = None,
    ) -> Tours | None:
        """Best tours found within the limits, beginning with `tours` if they are given; None if nothing was found.

        Tours hold visits and reload codes. `on_solution` sees each better solution and ends the search by returning
        False. Without `guided` the search ends where no single change makes it cheaper: the same every time, as long
        as the seconds suffice. `first` names OR-Tools' strategy for the first solution.
        """
        routing = self._routing
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        # Cheapest insertion never puts in a return to the depot, since that alone gains nothing.
        usual = "PATH_CHEAPEST_ARC" if self._nodes.returns else "PARALLEL_CHEAPEST_INSERTION"
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.Value.Value(first or usual)
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
        began = monotonic()
        if tours is None:
            self._closed = True
            found = routing.SolveWithParameters(parameters)
            left_s = seconds - (monotonic() - began)
            if found is None and first is None and left_s > 0:
                # The strategies see costs and dimensions; where other ties forbid what they built, begin empty.
                parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.ALL_UNPERFORMED
                parameters.time_limit.FromMilliseconds(max(1, int(left_s * 1000)))
                found = routing.SolveWithParameters(parameters)
        else:
            if not self._closed:
                routing.CloseModelWithParameters(parameters)
                self._closed = True
            start = routing.ReadAssignmentFromRoutes(self._routes(tours), True)
            if start is None:
                return None
            found = routing.SolveFromAssignmentWithParameters(start, parameters)
        if found is None:
            return None
        self.cents = found.ObjectiveValue() / _SCALE
        return self._read(lambda index: int(found.Value(routing.NextVar(index))))

    def _routes(self, tours: Mapping[int, Sequence[int]]) -> list[list[int]]:
        """Tours as nodes; each return takes a node of its kind that is still free."""
        nodes, free = self._nodes, list(range(len(self._nodes.returns)))
        routes = []
        for number, at in enumerate(self.vehicles):
            route = []
            for code in tours.get(at, ()):
                if code < len(self._problem.visits):
                    route.append(nodes.node_of[code])
                    continue
                reload = self._fleet[number].reloads[code - nodes.codes[number]]
                chosen = next((one for one in free if nodes.returns[one].reload == reload), None)
                if chosen is not None:
                    free.remove(chosen)
                    route.append(len(self.visits) + chosen)
            routes.append(route)
        return routes

    def _now(self) -> Tours:
        routing = self._routing
        return self._read(lambda index: int(routing.NextVar(index).Value()))

    def _read(self, following: Callable[[int], int]) -> Tours:
        routing, nodes, tours = self._routing, self._nodes, {}
        stops = len(self._problem.visits)
        for number, vehicle_at in enumerate(self.vehicles):
            index, sequence = following(routing.Start(number)), list[int]()
            while not routing.IsEnd(index):
                node = self._manager.IndexToNode(index)
                if node < len(self.visits):
                    sequence.append(self.visits[node])
                else:
                    if sequence and sequence[-1] >= stops:
                        sequence.pop()  # a trip without visits
                    reload = nodes.returns[node - len(self.visits)].reload
                    sequence.append(nodes.codes[number] + self._fleet[number].reloads.index(reload))
                index = following(index)
            if sequence and sequence[-1] >= stops:
                sequence.pop()
            if sequence:
                tours[vehicle_at] = sequence
        return tours

    def _add_costs(self) -> None:
        routing, nodes = self._routing, self._nodes
        evaluators: dict[object, int] = {}
        extra = np.zeros(nodes.size, np.int64)
        if self._fleet:
            extra[: len(self.visits)] = common_part(nodes.extra_cents)[0] * _SCALE
        for number, vehicle in enumerate(self._fleet):
            service = nodes.service(vehicle)
            key = (vehicle.cents_per_hour, vehicle.cents_per_km, service.tobytes() if vehicle.cents_per_hour else b"")
            if key not in evaluators:
                hours = vehicle.cents_per_hour * (nodes.seconds + service[:, None])
                kilometres = (vehicle.cents_per_km * nodes.metres * (_SCALE // 100) + 5) // 10
                evaluators[key] = routing.RegisterTransitMatrix((hours + kilometres + extra[:, None]).tolist())
            routing.SetArcCostEvaluatorOfVehicle(evaluators[key], number)
            routing.SetFixedCostOfVehicle(vehicle.fixed_cents * _SCALE, number)

    def _add_time(self) -> None:
        routing, nodes, horizon_s = self._routing, self._nodes, self._problem.horizon_s
        evaluators: dict[bytes, int] = {}
        transits = []
        for vehicle in self._fleet:
            service = nodes.service(vehicle)
            if service.tobytes() not in evaluators:
                matrix = (nodes.seconds + service[:, None]).tolist()
                evaluators[service.tobytes()] = routing.RegisterTransitMatrix(matrix)
            transits.append(evaluators[service.tobytes()])
        # Service may end after the horizon only where no time is left anyway; the cumuls hold begin of service.
        routing.AddDimensionWithVehicleTransits(transits, horizon_s, horizon_s, False, _TIME)
        time = routing.GetDimensionOrDie(_TIME)
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
                self._add_breaks(time, number, vehicle)
            routing.AddVariableMaximizedByFinalizer(time.CumulVar(start))
            routing.AddVariableMinimizedByFinalizer(time.CumulVar(end))

    def _add_breaks(self, time: Any, number: int, vehicle: Vehicle) -> None:
        solver, intervals = self._routing.solver(), []
        start, end = (time.CumulVar(at(number)) for at in (self._routing.Start, self._routing.End))
        for at, rest in enumerate(vehicle.breaks):
            parts, before = rest.parts or (rest.duration_s,), None
            # Parts that cannot all begin in the window rule out a long tour, but not one in which not all are due.
            short = rest.earliest_s + sum(parts[:-1]) > rest.latest_s
            for part, lasting in enumerate(parts):
                name = f"break {number} {at} {part}"
                one = solver.FixedDurationIntervalVar(rest.earliest_s, rest.latest_s, lasting, short, name)
                if short:
                    outside = (start >= rest.earliest_s + lasting) + (end <= rest.latest_s)
                    solver.Add(outside + one.PerformedExpr() >= 1)
                if before is not None:
                    solver.Add(one.StartsAfterEnd(before))
                intervals.append(one)
                before = one
        service = self._nodes.service(vehicle)
        by_index = [int(service[self._manager.IndexToNode(index)]) for index in range(self._routing.Size())]
        time.SetBreakIntervalsOfVehicle(intervals, number, by_index)

    def _add_metres(self) -> None:
        routing = self._routing
        if any(vehicle.max_metres is not None for vehicle in self._fleet):
            most = 1 << 40
            metres = [most if vehicle.max_metres is None else vehicle.max_metres for vehicle in self._fleet]
            evaluator = routing.RegisterTransitMatrix(self._nodes.metres.tolist())
            routing.AddDimensionWithVehicleCapacity(evaluator, 0, metres, True, _METRES)

    def _add_visits(self) -> None:
        routing, problem = self._routing, self._problem
        time = routing.GetDimensionOrDie(_TIME)
        for node, visit in enumerate(self._nodes.stops):
            index = self._manager.NodeToIndex(node)
            routing.AddDisjunction([index], visit.price_cents * _SCALE)
            able = [number for number in range(len(self._fleet)) if self._nodes.able[number, node]]
            if len(able) < len(self._fleet):
                routing.VehicleVar(index).SetValues([-1, *able])
            if not visit.windows:
                continue
            cumul = time.CumulVar(index)
            last = min(visit.windows[-1].latest_s, problem.horizon_s)
            hard = visit.late_cents_per_hour is None
            _within(cumul, visit.windows, last if hard else problem.horizon_s)
            if visit.late_cents_per_hour:
                time.SetCumulVarSoftUpperBound(index, last, visit.late_cents_per_hour)

    def _add_returns(self) -> None:
        routing, horizon_s = self._routing, self._problem.horizon_s
        time = routing.GetDimensionOrDie(_TIME)
        for number, one in enumerate(self._nodes.returns):
            index = self._manager.NodeToIndex(len(self.visits) + number)
            routing.AddDisjunction([index], 0)
            routing.VehicleVar(index).SetValues([-1, *one.numbers])
            if one.reload.windows:
                _within(time.CumulVar(index), one.reload.windows, min(one.reload.windows[-1].latest_s, horizon_s))


def _within(cumul: Any, windows: Sequence[Window], last: int) -> None:
    cumul.SetRange(windows[0].earliest_s, max(last, windows[0].earliest_s))
    for earlier, later in pairwise(windows):
        if earlier.latest_s + 1 < later.earliest_s:
            cumul.RemoveInterval(earlier.latest_s + 1, later.earliest_s - 1)


def _hard_end_s(vehicle: Vehicle, horizon_s: int) -> int:
    return min(vehicle.shift.latest_s + (vehicle.overtime.max_s if vehicle.overtime else 0), horizon_s)
