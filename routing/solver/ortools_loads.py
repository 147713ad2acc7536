"""What is aboard, in OR-Tools: as few dimensions for each kind of load as the problem at hand needs.

The general case has three quantities besides what never leaves the van. `rest` is what came aboard at the last depot
and is still to be handed over: it falls at each visit and rises at a return to a depot by as much as one likes. `kept`
survives returns: what was aboard at the beginning for certain visits, and what goes from pickup to delivery. `all` is
everything, with what was collected: at a return it falls to no less than what is then on the way out. Only `all` is
bounded by the capacity. Where a problem has only one of the three, one dimension is enough.
"""

from __future__ import annotations

from typing import Any

from routing.solver.fit import reloads, room
from routing.solver.ortools_nodes import Nodes


def add_loads(routing: Any, manager: Any, nodes: Nodes) -> None:
    """Add the dimensions of all loads of the problem."""
    for d, name in enumerate(nodes.problem.dimensions):
        _Load(routing, manager, nodes, d, name).add()


class _Load:
    """One dimension of load."""

    def __init__(self, routing: Any, manager: Any, nodes: Nodes, d: int, name: str) -> None:
        self._routing, self._nodes, self._d, self._name = routing, nodes, d, name
        self._returns = [manager.NodeToIndex(node) for node in range(len(nodes.visits), nodes.inner)]
        self._others = [manager.NodeToIndex(node) for node in range(len(nodes.visits))]
        self._room = [max(0, room(vehicle, d)) for vehicle in nodes.fleet]
        self._most = max(self._room, default=0)
        self._sort()

    def _sort(self) -> None:
        """Which amounts come from the depot, stay through returns, are collected."""
        nodes, d = self._nodes, self._d
        returning = {vehicle.id for vehicle in nodes.fleet if reloads(vehicle)}
        self._out: dict[int, int] = {}
        self._kept: dict[int, int] = {}
        self._in: dict[int, int] = {}
        for node, visit in enumerate(nodes.stops):
            keeps = visit.aboard in returning
            (self._kept if keeps else self._out)[node] = -visit.load[d]
            if visit.pickup is not None:
                self._in[node] = visit.pickup[d]
        for pair in nodes.problem.pairs:
            if pair.load and pair.pickup in nodes.by_id and pair.delivery in nodes.by_id:
                first, second = nodes.by_id[pair.pickup], nodes.by_id[pair.delivery]
                self._kept[first] = self._kept.get(first, 0) + pair.load[d]
                self._kept[second] = self._kept.get(second, 0) - pair.load[d]
        self._out, self._kept, self._in = (
            {node: amount for node, amount in one.items() if amount} for one in (self._out, self._kept, self._in)
        )

    def add(self) -> None:
        """As few dimensions as will do."""
        given = [name for name in ("_out", "_kept", "_in") if getattr(self, name)]
        if not given:
            return
        if given == ["_out"] and not self._returns:
            # Increasing from 0 says the same as falling from what is needed, and is what OR-Tools searches best.
            self._dimension("load", {node: -amount for node, amount in self._out.items()}, from_zero=True)
        elif given == ["_out"]:
            self._only_under_way(self._dimension("rest", self._out, refill=True))
        elif given == ["_kept"]:
            self._dimension("kept", self._kept)
        elif given == ["_in"]:
            self._dimension("all", self._in, from_zero=True, emptied=True)
        else:
            self._combined()

    def _combined(self) -> None:
        routing, solver = self._routing, self._routing.solver()
        changes: dict[int, int] = {}
        for part in (self._out, self._kept, self._in):
            for node, amount in part.items():
                changes[node] = changes.get(node, 0) + amount
        everything = self._dimension("all", changes, emptied=True)
        parts = []
        if self._out:
            rest = self._dimension("rest", self._out, refill=True)
            self._only_under_way(rest)
            parts.append(rest)
        if self._kept:
            parts.append(self._dimension("kept", self._kept))
        for number in range(len(self._nodes.fleet)):
            start = routing.Start(number)
            if parts:
                solver.Add(everything.CumulVar(start) == sum(one.CumulVar(start) for one in parts))
            else:
                everything.CumulVar(start).SetValue(0)
            for one in parts:
                routing.AddVariableMinimizedByFinalizer(one.CumulVar(start))
        for index in self._returns:
            after = everything.CumulVar(index) + everything.TransitVar(index)
            if parts:
                solver.Add(after >= sum(one.CumulVar(index) + one.TransitVar(index) for one in parts))

    def _only_under_way(self, rest: Any) -> None:
        """A van that is under way has nothing of the depot aboard."""
        for number, vehicle in enumerate(self._nodes.fleet):
            if vehicle.under_way:
                rest.CumulVar(self._routing.Start(number)).SetValue(0)

    def _dimension(
        self,
        what: str,
        changes: dict[int, int],
        *,
        from_zero: bool = False,
        refill: bool = False,
        emptied: bool = False,
    ) -> Any:
        """A dimension that changes so at the nodes; at returns it rises (`refill`) or falls (`emptied`) at will."""
        routing, nodes = self._routing, self._nodes
        at_will = (refill or emptied) and bool(self._returns)
        if emptied:
            changes = {**changes, **dict.fromkeys(range(len(nodes.visits), nodes.inner), -self._most)}
        transit = routing.RegisterUnaryTransitVector(nodes.amounts(changes))
        name = f"{what} {self._d} {self._name}"
        slack = 2 * self._most if at_will else 0
        routing.AddDimensionWithVehicleCapacity(transit, slack, self._room, from_zero, name)
        dimension = routing.GetDimensionOrDie(name)
        if at_will:
            for index in self._others:
                dimension.SlackVar(index).SetValue(0)
            for number in range(len(nodes.fleet)):
                dimension.SlackVar(routing.Start(number)).SetValue(0)
        return dimension
