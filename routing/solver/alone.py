"""One vehicle of a problem with some visits as a problem of its own: small, and so quick to change and to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from routing.solver.kernel import placing
from routing.solver.kernel.layout import Ints
from routing.solver.plan import Costs, Plan, Tour
from routing.solver.problem import Lock, Problem, Travel, Vehicle
from routing.solver.relax import Relaxation, apply
from routing.solver.standing import Standing


class Part:
    """One vehicle with its tour and the visits asked about, as a small problem of its own."""

    def __init__(self, standing: Standing, van: int, asked: Sequence[int]) -> None:
        self.standing, self.van, self.vehicle = standing, van, standing.problem.vehicles[van]
        tour = standing.tours.get(van)
        ids = [standing.problem.visits[at].id for at in asked]
        visits = [*(tour.visits if tour else ()), *ids]
        self.problem, self.travel = alone(standing.problem, standing.travel, self.vehicle, visits)
        self.plan = Plan(() if tour is None else (tour,), (), Costs())
        self.asked = [self.problem.visit_at(one) for one in ids]

    def at(self, relaxation: Relaxation) -> Standing:
        """The tour as it stands when that rule gives way."""
        return Standing(apply(relaxation, self.problem), self.travel, self.plan)

    def free(self, relaxation: Relaxation) -> Ints:
        """The places that there are then."""
        rows = self.at(relaxation).rows(self.asked[0], self.asked[1] if len(self.asked) > 1 else None, [0])
        return np.asarray(rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE])

    def cents(self, rows: Ints) -> Ints:
        """What the whole plan costs more with each."""
        return self.standing.cents(self.van, rows)

    def tour(self, relaxation: Relaxation, row: Ints) -> Tour:
        """The tour with the visits at that place."""
        there = self.at(relaxation)
        return there.tour(
            0, there.sequence(row.tolist(), self.asked[0], self.asked[1] if len(self.asked) > 1 else None)
        )


def alone(problem: Problem, travel: Travel, vehicle: Vehicle, visits: Sequence[str]) -> tuple[Problem, Travel]:
    """The problem of one vehicle and these visits with all rules that concern a tour by itself, and its travel."""
    ids = set(visits)
    changed = any(problem.before.get(one, vehicle.id) != vehicle.id for one in visits)
    other = next((one for one in problem.vehicles if one.id != vehicle.id), None) if changed else None
    vehicles = (vehicle,) if other is None else (vehicle, other)
    chosen = [problem.visit(one) for one in visits]
    stands = [place for one in vehicles for place in (one.start_place, one.end_place) if place is not None]
    stands += [reload.place for one in vehicles for reload in one.reloads]
    places = sorted({*stands, *(visit.place for visit in chosen)})
    new = {place: number for number, place in enumerate(places)}

    def moved_vehicle(one: Vehicle) -> Vehicle:
        return replace(
            one,
            start_place=new[one.start_place],
            end_place=None if one.end_place is None else new[one.end_place],
            reloads=tuple(replace(reload, place=new[reload.place]) for reload in one.reloads),
        )

    small = Problem(
        visits=tuple(
            replace(
                one,
                place=new[one.place],
                allowed_vehicles=None if one.allowed_vehicles is None else one.allowed_vehicles & {vehicle.id},
                aboard=one.aboard if one.aboard == vehicle.id else None,
            )
            for one in chosen
        ),
        vehicles=tuple(moved_vehicle(one) for one in vehicles),
        dimensions=problem.dimensions,
        horizon_s=problem.horizon_s,
        pairs=tuple(pair for pair in problem.pairs if {pair.pickup, pair.delivery} <= ids),
        locks=tuple(_locks(problem, vehicle.id, ids)),
        apart=tuple(group & ids for group in problem.apart if len(group & ids) > 1),
        before={
            one: vehicle.id if problem.before[one] == vehicle.id or other is None else other.id
            for one in visits
            if one in problem.before
        },
        prices=replace(problem.prices, balance_cents_per_hour=0),
    )
    grid = np.ix_(places, places)
    return small, Travel(
        travel.seconds[grid],
        travel.metres[grid],
        tuple(replace(slot, seconds=slot.seconds[grid]) for slot in travel.slots),
    )


def _locks(problem: Problem, vehicle_id: str, ids: set[str]) -> Iterator[Lock]:
    for lock in problem.locks:
        kept = tuple(one for one in lock.visits if one in ids)
        if lock.vehicle != vehicle_id or not kept:
            continue
        if lock.position is None:
            yield replace(lock, visits=kept)
        else:
            for number, one in enumerate(lock.visits):
                if one in ids:
                    yield replace(lock, visits=(one,), position=lock.position + number)
