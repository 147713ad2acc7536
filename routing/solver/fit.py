"""Which vehicles may make which visits, and what that costs apart from the road: what the borrowed engines share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routing.solver.problem import Problem, Vehicle, Visit


class Fit:
    """Which vehicles may make which visits, and what it costs apart from the road, for a part of a problem.

    Vehicles that differ in nothing that matters are one kind; `kinds` are lists of vehicle indices.
    """

    def __init__(self, problem: Problem, vehicles: Sequence[int], visits: Sequence[int]) -> None:
        self.problem = problem
        owner = {name: lock.vehicle for lock in problem.locks for name in lock.visits}
        priced = problem.prices
        named: set[str] = set()
        self._owner: list[str | None] = []
        for at in visits:
            visit = problem.visits[at]
            held = owner.get(visit.id)
            self._owner.append(held)
            named.update(visit.allowed_vehicles or ())
            named.update(one for one in (visit.aboard, held) if one is not None)
            if priced.unfamiliar_cents:
                named.update(visit.familiar)
            if priced.change_cents and visit.id in problem.before:
                named.add(problem.before[visit.id])
        grouped: dict[Vehicle, list[int]] = {}
        for at in vehicles:
            vehicle = problem.vehicles[at]
            if _usable(vehicle, problem.horizon_s):
                key = vehicle if vehicle.id in named else replace(vehicle, id="")
                grouped.setdefault(key, []).append(at)
        self.kinds = list(grouped.values())
        fleet = [problem.vehicles[kind[0]] for kind in self.kinds]
        self.able = np.zeros((len(fleet), len(visits)), bool)
        self.extra_cents = np.zeros((len(fleet), len(visits)), np.int64)
        seen: dict[object, int] = {}
        for column, at in enumerate(visits):
            visit, held = problem.visits[at], self._owner[column]
            before = problem.before.get(visit.id) if priced.change_cents else None
            familiar = visit.familiar if priced.unfamiliar_cents else frozenset()
            alike = (visit.skills, visit.allowed_vehicles, visit.aboard, visit.zone, any(visit.load))
            first = seen.setdefault((*alike, held, familiar, before), column)
            if first != column:
                self.able[:, column] = self.able[:, first]
                self.extra_cents[:, column] = self.extra_cents[:, first]
                continue
            for row, vehicle in enumerate(fleet):
                self.able[row, column] = _able(visit, vehicle, held)
                self.extra_cents[row, column] = (
                    priced.unfamiliar_cents * bool(familiar and vehicle.id not in familiar)
                    + priced.out_of_zone_cents * _outside(visit, vehicle)
                    + priced.change_cents * bool(before is not None and vehicle.id != before)
                )


def _usable(vehicle: Vehicle, horizon_s: int) -> bool:
    fits = all(room(vehicle, d) >= 0 for d in range(len(vehicle.capacity)))
    return fits and vehicle.shift.earliest_s <= horizon_s and vehicle.max_visits != 0


def _able(visit: Visit, vehicle: Vehicle, held: str | None) -> bool:
    return (
        visit.skills <= vehicle.skills
        and (visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles)
        and visit.aboard in (None, vehicle.id)
        and held in (None, vehicle.id)
        and not (vehicle.under_way and not reloads(vehicle) and visit.aboard is None and any(visit.load))
        and not (vehicle.zones_hard and _outside(visit, vehicle))
    )


def _outside(visit: Visit, vehicle: Vehicle) -> bool:
    return vehicle.zones is not None and visit.zone is not None and visit.zone not in vehicle.zones


def reloads(vehicle: Vehicle) -> bool:
    """Whether the vehicle can come back to a depot within its tour."""
    return bool(vehicle.reloads) and vehicle.max_reloads > 0


def service_kind(vehicle: Vehicle, stops: Sequence[Visit]) -> tuple[int, int]:
    """What makes service by one vehicle longer than by another."""
    return vehicle.service_percent, vehicle.parcel_s if any(visit.parcels for visit in stops) else 0


def service_s(visit: Visit, vehicle: Vehicle) -> int:
    """How long service lasts when this vehicle makes the visit."""
    return visit.service_s * vehicle.service_percent // 100 + visit.parcels * vehicle.parcel_s


def room(vehicle: Vehicle, d: int) -> int:
    """What still fits into the vehicle in dimension `d`; what is aboard from the start never leaves."""
    return vehicle.capacity[d] - (vehicle.initial_load[d] if vehicle.initial_load else 0)
