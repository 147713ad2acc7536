"""Whether PyVRP can hold a problem, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from routing.solver.fit import Fit, reloads, service_kind
from routing.solver.problem import Problem, Travel, Vehicle, Visit

#: Most numbers in all matrices together, and most load dimensions for who may make what: beyond, it gets slow.
_MOST_CELLS = 60_000_000
_MOST_PATTERNS = 24


def reason(problem: Problem, travel: Travel, vehicles: Sequence[int], visits: Sequence[int], fit: Fit) -> str | None:
    """Why PyVRP cannot hold this part of the problem exactly, as a sentence; None when it can."""
    return next(_reasons(problem, travel, vehicles, visits, fit), None)


def _reasons(
    problem: Problem, travel: Travel, vehicles: Sequence[int], visits: Sequence[int], fit: Fit
) -> Iterator[str]:
    fleet = [problem.vehicles[at] for at in vehicles]
    stops = [problem.visits[at] for at in visits]
    here = {visit.id for visit in stops}
    many = len(fleet) > 1
    if travel.slots:
        yield "Travel times change during the day."
    if many and any(len(group & here) > 1 for group in (*problem.together, *problem.apart)):
        yield "Visits must, or must not, share a vehicle."
    if not many and any(len(group & here) > 1 for group in problem.apart):
        yield "Visits must not share a vehicle."
    if problem.max_changes is not None and any(visit.id in problem.before for visit in stops):
        yield "The number of changes is bounded."
    if many and problem.prices.balance_cents_per_hour:
        yield "Imbalance has a price."
    if any(lock.strength != "driver" and not here.isdisjoint(lock.visits) for lock in problem.locks):
        yield "The order of stops is locked."
    if any(visit.windows and visit.late_cents_per_hour for visit in stops):
        yield "Lateness has a price."
    for vehicle in fleet:
        yield from _vehicle_reasons(vehicle, stops, len(visits))
    paired = {name: pair for pair in problem.pairs for name in (pair.pickup, pair.delivery) if name in here}
    for name, pair in paired.items():
        visit = problem.visit(name)
        if pair.pickup not in here or pair.delivery not in here:
            yield "One half of a pair lies outside this part."
        if any(visit.load) or any(visit.pickup or ()) or len(visit.windows) > 1:
            yield "A visit of a pair has a load of its own or several windows."
    if paired and any(reloads(vehicle) for vehicle in fleet):
        yield "Pairs may stay aboard through a reload."
    if paired and any(vehicle.max_visits is not None and vehicle.max_visits < len(visits) for vehicle in fleet):
        yield "Stops of pairs cannot be counted."
    own = prices_differ(fit)
    if own and any(vehicle.max_metres is not None for vehicle in fleet):
        yield "A longest distance and prices that depend on the driver go together badly."
    if len(set(patterns(fit)) - {None}) > _MOST_PATTERNS:
        yield "There are too many kinds of who may make what."
    kinds = len({service_kind(problem.vehicles[kind[0]], stops) for kind in fit.kinds})
    classes = max(kinds, len({row.tobytes() for row in fit.extra_cents}) if own else 1)
    if classes > 1 and classes * 2 * (len(visits) + 2 * len(fit.kinds) + 1) ** 2 > _MOST_CELLS:
        yield "There are too many kinds of drivers for so many visits."


def _vehicle_reasons(vehicle: Vehicle, stops: Sequence[Visit], count: int) -> Iterator[str]:
    overtime = vehicle.overtime
    if vehicle.breaks:
        yield "There are breaks."
    if overtime is not None and overtime.max_s and overtime.cents_per_hour and vehicle.cents_per_hour:
        yield "Overtime costs more than the usual hour."
    if overtime is not None and overtime.max_s and overtime.cents_per_hour and vehicle.max_duration_s is not None:
        yield "Overtime and a longest duration are counted in one."
    if reloads(vehicle) and any(len(one.windows) > 1 for one in vehicle.reloads):
        yield "A reload has several windows."
    if reloads(vehicle) and vehicle.max_visits is not None and vehicle.max_visits < count:
        yield "Stops are counted across reloads."
    if reloads(vehicle) and (vehicle.under_way or any(visit.aboard == vehicle.id for visit in stops)):
        yield "What is aboard stays there through a reload."


def prices_differ(fit: Fit) -> bool:
    """Whether for some visit the price apart from the road depends on which able vehicle makes it."""
    if len(fit.kinds) < 2:
        return False
    most = np.where(fit.able, fit.extra_cents, -1).max(axis=0)
    least = np.where(fit.able, fit.extra_cents, 1 << 60).min(axis=0)
    return bool((most > least).any())


def patterns(fit: Fit) -> list[bytes | None]:
    """For each visit the set of kinds that may make it, None where all may."""
    return [None if column.all() else column.tobytes() for column in fit.able.T]
