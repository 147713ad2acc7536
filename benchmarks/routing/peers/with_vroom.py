"""VROOM, through pyvroom: its most thorough level of exploration, one thread. It has no seed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import vroom as library

from benchmarks.routing.peers.rebuilt import rebuilt
from routing.solver import UNREACHABLE, Plan, Problem, Travel, Vehicle, Visit
from routing.solver.fit import Fit, room, service_s


def cannot(problem: Problem, travel: Travel, fit: Fit) -> str | None:
    """What of the problem VROOM has no word for; None when it has all."""
    return next(_reasons(problem, travel, fit), None)


def _reasons(problem: Problem, travel: Travel, fit: Fit) -> Iterator[str]:
    if travel.slots:
        yield "travel that changes during the day"
    if any(visit.windows and visit.late_cents_per_hour is not None for visit in problem.visits):
        yield "soft windows"
    if any(lock.strength != "driver" for lock in problem.locks):
        yield "locked orders"
    if problem.together or problem.apart:
        yield "visits that share a van or do not"
    if problem.max_changes is not None or problem.prices.balance_cents_per_hour or np.any(fit.extra_cents):
        yield "prices that depend on the driver or on the whole plan"
    for vehicle in problem.vehicles:
        if vehicle.reloads and vehicle.max_reloads:
            yield "reloads"
        if vehicle.max_duration_s is not None:
            yield "a longest duration"
        if vehicle.overtime is not None and vehicle.overtime.max_s:
            yield "overtime"
    paired = {name for pair in problem.pairs for name in (pair.pickup, pair.delivery)}
    if any(any(problem.visit(name).load) or any(problem.visit(name).pickup or ()) for name in paired):
        yield "visits of pairs with loads of their own"


def vroom(problem: Problem, travel: Travel, seconds: float, seed: int) -> Plan | None:
    """The whole problem where VROOM can express it. Prices of visits become priorities."""
    began = time.monotonic()
    fit = Fit(problem, range(len(problem.vehicles)), range(len(problem.visits)))
    if cannot(problem, travel, fit) is not None:
        return None
    model = _model(problem, travel, fit)
    left_s = max(0.01, seconds - (time.monotonic() - began))
    table = model.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=left_s)).routes
    tours: dict[int, list[int]] = {}
    for van, kind, job in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
        if kind in ("job", "pickup", "delivery"):
            tours.setdefault(int(van), []).append(int(job))
    return rebuilt(problem, travel, tours)


def _model(problem: Problem, travel: Travel, fit: Fit) -> Any:
    model = library.Input()
    closed = (travel.seconds >= UNREACHABLE) | (travel.metres >= UNREACHABLE)
    model.set_durations_matrix("car", np.where(closed, 2 * problem.horizon_s, travel.seconds))
    model.set_distances_matrix("car", np.where(closed, 10**8, travel.metres))
    # Who may make what: one skill for each different set of vehicles.
    sets: dict[bytes, int] = {}
    skill_of = [sets.setdefault(column.tobytes(), len(sets)) for column in fit.able.T]
    for row, kind in enumerate(fit.kinds):
        skills = {number for pattern, number in sets.items() if pattern[row]}
        for van in kind:
            model.add_vehicle(_vehicle(problem, van, skills, str(row)))
    dearest = max((visit.price_cents for visit in problem.visits), default=1) or 1
    fleet = {str(row): problem.vehicles[kind[0]] for row, kind in enumerate(fit.kinds)}
    paired = {name for pair in problem.pairs for name in (pair.pickup, pair.delivery)}
    none = [0] * len(problem.dimensions)
    for at, visit in enumerate(problem.visits):
        if visit.id not in paired:
            model.add_job(
                library.Job(
                    **_step(at, visit, fleet),
                    delivery=library.Amount(list(visit.load)),
                    pickup=library.Amount(list(visit.pickup or none)),
                    skills={skill_of[at]},
                    priority=100 * visit.price_cents // dearest,
                )
            )
    for pair in problem.pairs:
        first, second = problem.visit_at(pair.pickup), problem.visit_at(pair.delivery)
        model.add_shipment(
            library.ShipmentStep(**_step(first, problem.visits[first], fleet)),
            library.ShipmentStep(**_step(second, problem.visits[second], fleet)),
            amount=library.Amount(list(pair.load or none)),
            skills={skill_of[first], skill_of[second]},
            priority=100 * problem.visits[first].price_cents // dearest,
        )
    return model


def _vehicle(problem: Problem, van: int, skills: set[int], kind: str) -> Any:
    vehicle = problem.vehicles[van]
    rests = [
        (rest.earliest_s, rest.latest_s, part) for rest in vehicle.breaks for part in rest.parts or (rest.duration_s,)
    ]
    limits: dict[str, int] = {}
    if vehicle.max_visits is not None:
        limits["max_tasks"] = vehicle.max_visits
    if vehicle.max_metres is not None:
        limits["max_distance"] = vehicle.max_metres
    return library.Vehicle(
        van,
        start=vehicle.start_place,
        end=vehicle.end_place,
        capacity=[room(vehicle, d) for d in range(len(problem.dimensions))],
        skills=skills,
        time_window=library.TimeWindow(vehicle.shift.earliest_s, min(vehicle.shift.latest_s, problem.horizon_s)),
        breaks=[
            library.Break(number, [library.TimeWindow(earliest, latest)], part)
            for number, (earliest, latest, part) in enumerate(rests)
        ],
        costs=library.VehicleCosts(vehicle.fixed_cents, vehicle.cents_per_hour, vehicle.cents_per_km),
        type=kind,
        **limits,
    )


def _step(at: int, visit: Visit, fleet: dict[str, Vehicle]) -> dict[str, Any]:
    return {
        "id": at,
        "location": visit.place,
        "service_per_type": {kind: service_s(visit, vehicle) for kind, vehicle in fleet.items()},
        "time_windows": [library.TimeWindow(window.earliest_s, window.latest_s) for window in visit.windows],
    }
