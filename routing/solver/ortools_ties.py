"""What ties visits together, in OR-Tools: pairs, locks, shared vans, the number of changes, balance."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from routing.solver.fit import reloads
from routing.solver.ortools_nodes import IntArray, Nodes

_RANK = "rank"


def add_ties(routing: Any, manager: Any, nodes: Nodes, scale: int) -> None:
    """Add all of them; `scale` is how many units of cost a cent has."""
    index = [manager.NodeToIndex(node) for node in range(nodes.inner)]
    _add_pairs(routing, nodes, index)
    _add_rank(routing, nodes, index)
    _add_groups(routing, nodes, index)
    _add_changes(routing, nodes, index)
    _add_extra(routing, nodes, scale)


def _add_pairs(routing: Any, nodes: Nodes, index: list[int]) -> None:
    solver = routing.solver()
    for pair in nodes.problem.pairs:
        ends = [nodes.by_id[name] for name in (pair.pickup, pair.delivery) if name in nodes.by_id]
        if len(ends) == 2:
            first, second = (index[node] for node in ends)
            routing.AddPickupAndDelivery(first, second)
            solver.Add(routing.VehicleVar(first) == routing.VehicleVar(second))
        elif ends:  # the other half is elsewhere, so nobody here can make this one
            routing.VehicleVar(index[ends[0]]).SetValue(-1)


def _add_rank(routing: Any, nodes: Nodes, index: list[int]) -> None:
    """The number of a stop in its tour: for locks of order and position, and the largest number of stops."""
    locks = [lock for lock in nodes.problem.locks if lock.strength != "driver"]
    locked = [(lock, [nodes.by_id.get(name) for name in lock.visits]) for lock in locks]
    count = len(nodes.visits)
    bounded = any(vehicle.max_visits is not None and vehicle.max_visits < count for vehicle in nodes.fleet)
    if bounded or any(node is not None for _, members in locked for node in members):
        ones = routing.RegisterUnaryTransitVector(nodes.amounts(dict.fromkeys(range(count), 1)))
        most = [count if one.max_visits is None else min(count, one.max_visits) for one in nodes.fleet]
        routing.AddDimensionWithVehicleCapacity(ones, 0, most, True, _RANK)
        rank = routing.GetDimensionOrDie(_RANK)
        places = {vehicle.id: places for vehicle, places in zip(nodes.fleet, most, strict=True)}
        for lock, members in locked:
            if lock.position is not None:
                for number, node in enumerate(members):
                    if node is not None and lock.position + number < places.get(lock.vehicle, 0):
                        rank.CumulVar(index[node]).SetValue(lock.position + number)
                    elif node is not None:
                        routing.VehicleVar(index[node]).SetValue(-1)
            else:
                present = [node for node in members if node is not None]
                for earlier, later in combinations(present, 2):
                    rank.AddNodePrecedence(index[earlier], index[later], 1)
    many = sum(len(one.numbers) for one in nodes.returns)
    if many and any(reloads(vehicle) for vehicle in nodes.fleet):
        back = range(len(nodes.visits), nodes.inner)
        ones = routing.RegisterUnaryTransitVector(nodes.amounts(dict.fromkeys(back, 1)))
        most = [vehicle.max_reloads if reloads(vehicle) else 0 for vehicle in nodes.fleet]
        routing.AddDimensionWithVehicleCapacity(ones, 0, most, True, "returns")


def _add_groups(routing: Any, nodes: Nodes, index: list[int]) -> None:
    solver = routing.solver()
    for group in nodes.problem.together:
        members = [index[nodes.by_id[name]] for name in sorted(group) if name in nodes.by_id]
        for one, other in combinations(members, 2):
            same = routing.VehicleVar(one) == routing.VehicleVar(other)
            solver.Add(same + (1 - routing.ActiveVar(one)) + (1 - routing.ActiveVar(other)) >= 1)
    types: dict[int, int] = {}
    for group in nodes.problem.apart:
        members = [index[nodes.by_id[name]] for name in sorted(group) if name in nodes.by_id]
        for one, other in combinations(members, 2):
            for at in (one, other):
                if at not in types:
                    types[at] = len(types)
                    routing.SetVisitType(at, types[at], routing.TYPE_ADDED_TO_VEHICLE)
            routing.AddHardTypeIncompatibility(types[one], types[other])


def _add_changes(routing: Any, nodes: Nodes, index: list[int]) -> None:
    problem = nodes.problem
    if problem.max_changes is None:
        return
    owner = [problem.before.get(visit.id) for visit in nodes.stops]
    if sum(one is not None for one in owner) <= problem.max_changes:
        return
    changed = np.array([[one not in (None, vehicle.id) for one in owner] for vehicle in nodes.fleet], np.int64)
    always, varying = common_part(changed)
    counted = [routing.ActiveVar(index[node]) for node in np.flatnonzero(always).tolist()]
    if np.any(varying):
        changes = _add_by_vehicle(routing, nodes, varying, "changes")
        counted += [changes.CumulVar(routing.End(number)) for number in range(len(nodes.fleet))]
    if counted:
        routing.solver().Add(sum(counted) <= problem.max_changes)


def common_part(by_vehicle: IntArray) -> tuple[IntArray, IntArray]:
    """What an amount is at least, whichever vehicle comes (by visit), and what it is more than that (by vehicle).

    OR-Tools 9.15 thinks that a node nobody visits has a transit between the vehicles' least and most, and finds no
    solution where the least is not 0; so dimensions are only given what lies above it.
    """
    least = by_vehicle.min(axis=0)
    return least, by_vehicle - least


def _add_extra(routing: Any, nodes: Nodes, scale: int) -> None:
    """Prices of familiar places, zones and changes, by vehicle; and of imbalance, by what there is to do.

    OR-Tools can price the longest tour but not the shortest, and of work, not of waiting: the balance is a likeness.
    """
    _, varying = common_part(nodes.extra_cents)  # the other part lies on the arcs
    if np.any(varying):
        _add_by_vehicle(routing, nodes, varying, "extra").SetSpanCostCoefficientForAllVehicles(scale)
    rate = nodes.problem.prices.balance_cents_per_hour
    if rate and len(nodes.fleet) > 1:
        evaluators: dict[bytes, int] = {}
        chosen = []
        for vehicle in nodes.fleet:
            service = nodes.service(vehicle)
            key = service.tobytes()
            if key not in evaluators:
                evaluators[key] = routing.RegisterTransitMatrix((nodes.seconds + service[:, None]).tolist())
            chosen.append(evaluators[key])
        routing.AddDimensionWithVehicleTransits(chosen, 0, nodes.problem.horizon_s, True, "work")
        routing.GetDimensionOrDie("work").SetGlobalSpanCostCoefficient(rate * scale // 3600)


def _add_by_vehicle(routing: Any, nodes: Nodes, amounts: IntArray, name: str) -> Any:
    """A dimension that counts up amounts by vehicle and visit, and is no longer than it must be: prices overflow."""
    evaluators: dict[bytes, int] = {}
    chosen = []
    for row in amounts:
        if row.tobytes() not in evaluators:
            vector = nodes.amounts(dict(enumerate(row.tolist())))
            evaluators[row.tobytes()] = routing.RegisterUnaryTransitVector(vector)
        chosen.append(evaluators[row.tobytes()])
    routing.AddDimensionWithVehicleTransits(chosen, 0, int(amounts.sum(axis=1).max()), True, name)
    return routing.GetDimensionOrDie(name)
