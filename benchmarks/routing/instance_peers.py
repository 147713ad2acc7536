"""Other open solvers on a public instance, each built from the same arrays as ours and judged like ours.

Each function takes an instance, the wall time in seconds and a seed, and returns routes of places, or None when it
found no complete plan. Model building counts against the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from routing.instances import Instance

Routes = list[list[int]]
Solver = Callable[[Instance, float, int], Routes | None]


def pyvrp(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """PyVRP as it comes: `pyvrp.solve` with its default parameters (Wouda, Lan & Kool 2024)."""
    import pyvrp as library
    from pyvrp.stop import MaxRuntime

    began = time.monotonic()
    paired = {place for pair in instance.pairs for place in pair}
    single = [place for place in range(1, instance.customers + 1) if place not in paired]
    opens, closes = instance.depot_window

    def window(place: int) -> tuple[int, int]:
        return instance.windows[place] or (0, closes)

    data = library.ProblemData(
        locations=[library.Location(0, 0) for _ in instance.numbers],
        clients=[
            library.Client(
                place,
                delivery=[instance.demand[place]],
                service_duration=instance.service[place],
                tw_early=window(place)[0],
                tw_late=window(place)[1],
            )
            for place in single
        ],
        depots=[library.Depot(0, tw_early=opens, tw_late=closes)],
        vehicle_types=[
            library.VehicleType(instance.fleet, [instance.capacity], tw_early=opens, tw_late=closes),
        ],
        distance_matrices=[instance.distance.astype(np.int64)],
        duration_matrices=[instance.duration.astype(np.int64)],
        shipments=[
            library.Shipment(
                pickup,
                delivery,
                *window(pickup),
                instance.service[pickup],
                *window(delivery),
                instance.service[delivery],
                amount=[instance.demand[pickup]],
            )
            for pickup, delivery in instance.pairs
        ],
    )
    left_s = max(0.01, seconds - (time.monotonic() - began))
    found = library.solve(data, MaxRuntime(left_s), seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        return None
    return [[_place(instance, single, step) for step in route if not step.is_depot()] for route in found.best.routes()]


def _place(instance: Instance, single: list[int], step: object) -> int:
    index: int = step.idx  # type: ignore[attr-defined]
    if step.is_client():  # type: ignore[attr-defined]
        return single[index]
    return instance.pairs[index][0 if step.is_pickup() else 1]  # type: ignore[attr-defined]


def vroom(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """VROOM, exploration level 5 (its most thorough), one thread. It has no seed, and ends when it has nothing left."""
    import vroom as library

    began = time.monotonic()
    timed = bool(instance.duration.any())
    model = library.Input()
    model.set_durations_matrix("car", instance.distance)
    opens, closes = instance.depot_window
    for number in range(min(instance.fleet, instance.customers)):
        shift = library.TimeWindow(opens, closes) if timed else None
        model.add_vehicle(library.Vehicle(number, start=0, end=0, capacity=[instance.capacity], time_window=shift))

    def details(place: int) -> dict[str, object]:
        window = instance.windows[place]
        return {
            "id": place,
            "location": place,
            "default_service": instance.service[place],
            "time_windows": [library.TimeWindow(*window)] if window else [],
        }

    paired = {place for pair in instance.pairs for place in pair}
    for place in range(1, instance.customers + 1):
        if place not in paired:
            model.add_job(library.Job(**details(place), delivery=library.Amount([instance.demand[place]])))
    for pickup, delivery in instance.pairs:
        steps = library.ShipmentStep(**details(pickup)), library.ShipmentStep(**details(delivery))
        model.add_shipment(*steps, amount=library.Amount([instance.demand[pickup]]))
    left_s = max(0.01, seconds - (time.monotonic() - began))
    found = model.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=left_s))
    if found.unassigned:
        return None
    routes: dict[int, list[int]] = {}
    table = found.routes
    for vehicle, kind, place in zip(table["vehicle_id"], table["type"], table["location_index"], strict=True):
        if kind not in ("start", "end"):
            routes.setdefault(int(vehicle), []).append(int(place))
    return list(routes.values())


def ortools(instance: Instance, seconds: float, seed: int) -> Routes | None:
    """OR-Tools as most people use it: PATH_CHEAPEST_ARC, then guided local search. It has no seed either."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    began = time.monotonic()
    manager = pywrapcp.RoutingIndexManager(len(instance.numbers), instance.fleet, 0)
    model = pywrapcp.RoutingModel(manager)
    legs = model.RegisterTransitMatrix(instance.distance.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(legs)
    demand = model.RegisterUnaryTransitVector([0, *instance.demand[1:]])
    model.AddDimension(demand, 0, instance.capacity, True, "load")
    if instance.duration.any():
        opens, closes = instance.depot_window
        service = np.array(instance.service, dtype=np.int64)[:, None]
        times = model.RegisterTransitMatrix((instance.duration + service).tolist())
        model.AddDimension(times, closes, closes, False, "time")
        clock = model.GetDimensionOrDie("time")
        for place in range(1, instance.customers + 1):
            if window := instance.windows[place]:
                clock.CumulVar(manager.NodeToIndex(place)).SetRange(window[0], min(window[1], closes))
        for vehicle in range(instance.fleet):
            clock.CumulVar(model.Start(vehicle)).SetRange(opens, closes)
    for pair in instance.pairs:
        pickup, delivery = (manager.NodeToIndex(place) for place in pair)
        model.AddPickupAndDelivery(pickup, delivery)
        model.solver().Add(model.VehicleVar(pickup) == model.VehicleVar(delivery))
        clock = model.GetDimensionOrDie("time")
        model.solver().Add(clock.CumulVar(pickup) <= clock.CumulVar(delivery))
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromTimedelta(timedelta(seconds=max(0.01, seconds - (time.monotonic() - began))))
    found = model.SolveWithParameters(options)
    if found is None:
        return None
    routes: Routes = []
    for vehicle in range(instance.fleet):
        index = found.Value(model.NextVar(model.Start(vehicle)))
        route: list[int] = []
        while not model.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = found.Value(model.NextVar(index))
        if route:
            routes.append(route)
    return routes


SOLVERS: dict[str, Solver] = {"PyVRP": pyvrp, "VROOM": vroom, "OR-Tools": ortools}
#: Those whose answer depends on a seed; the others run once.
SEEDED = {"PyVRP"}
PACKAGES = {"PyVRP": "pyvrp", "VROOM": "pyvroom", "OR-Tools": "ortools"}
