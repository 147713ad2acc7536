"""What has to be planned: visits, vehicles, what ties them together, and what things cost.

All quantities are integers: seconds since the plan's start, metres, cents, and whole units of load
(grams, millilitres, pieces: the caller names its dimensions). Every noun is frozen; a problem that makes
no sense cannot be built: it raises `ProblemError` with a code and a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from routing.solver import validity
from routing.solver.errors import ProblemError
from routing.solver.travel import UNREACHABLE, IntMatrix, Slot, Travel
from routing.solver.vehicle import Break, Overtime, Reload, Vehicle
from routing.solver.visit import DEFAULT_PRICE_CENTS, Lock, Pair, Visit, Window

__all__ = [
    "DEFAULT_PRICE_CENTS",
    "UNREACHABLE",
    "Break",
    "IntMatrix",
    "Lock",
    "Overtime",
    "Pair",
    "Prices",
    "Problem",
    "ProblemError",
    "Reload",
    "Slot",
    "Travel",
    "Vehicle",
    "Visit",
    "Window",
    "check_places",
]


@dataclass(frozen=True, slots=True)
class Prices:
    """What the whole plan pays for, in cents; 0 switches a term off.

    unfamiliar: each visit made by a driver who does not know the place (where anybody does). out_of_zone: each visit
    made outside the vehicle's zones. change: each visit made by another vehicle than `before` says. balance: each
    hour by which the longest tour is longer than the shortest (among the used vehicles).
    """

    unfamiliar_cents: int = 0
    out_of_zone_cents: int = 0
    change_cents: int = 0
    balance_cents_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Visits and vehicles of one plan. `dimensions` name the loads; nothing happens after `horizon_s`.

    Visits of one set in `together` are made by the same vehicle (those that are made at all), visits of one set in
    `apart` by different ones. `before` says which vehicle made a visit in an earlier plan; at most `max_changes` of
    these visits may be made by another one now.
    """

    visits: tuple[Visit, ...]
    vehicles: tuple[Vehicle, ...]
    dimensions: tuple[str, ...] = ()
    horizon_s: int = 2 * 86_400
    pairs: tuple[Pair, ...] = ()
    locks: tuple[Lock, ...] = ()
    together: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    max_changes: int | None = None
    prices: Prices = Prices()
    _visit_at: dict[str, int] = field(init=False, repr=False, compare=False)
    _vehicle_at: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_visit_at", _numbered("visit", [visit.id for visit in self.visits]))
        object.__setattr__(self, "_vehicle_at", _numbered("vehicle", [vehicle.id for vehicle in self.vehicles]))
        validity.check(self)

    def visit(self, visit_id: str) -> Visit:
        """The visit of that id; `ProblemError` unknown_visit if there is none."""
        return self.visits[self.visit_at(visit_id)]

    def visit_at(self, visit_id: str) -> int:
        """Index of a visit; `ProblemError` unknown_visit if there is none."""
        at = self._visit_at.get(visit_id)
        if at is None:
            raise ProblemError("unknown_visit", f"There is no visit {visit_id!r} in this problem.", visit_id)
        return at

    def vehicle(self, vehicle_id: str) -> Vehicle:
        """The vehicle of that id; `ProblemError` unknown_vehicle if there is none."""
        return self.vehicles[self.vehicle_at(vehicle_id)]

    def vehicle_at(self, vehicle_id: str) -> int:
        """Index of a vehicle; `ProblemError` unknown_vehicle if there is none."""
        at = self._vehicle_at.get(vehicle_id)
        if at is None:
            raise ProblemError("unknown_vehicle", f"There is no vehicle {vehicle_id!r} in this problem.", vehicle_id)
        return at

    def has_visit(self, visit_id: str) -> bool:
        """Whether this problem has a visit of that id."""
        return visit_id in self._visit_at

    def has_vehicle(self, vehicle_id: str) -> bool:
        """Whether this problem has a vehicle of that id."""
        return vehicle_id in self._vehicle_at


def check_places(problem: Problem, travel: Travel) -> None:
    """Raise `ProblemError` unknown_place if a visit or vehicle stands on a place the matrices do not know."""
    places = travel.places
    for visit in problem.visits:
        if visit.place >= places:
            raise _unknown_place("Visit", visit.id, visit.place, places)
    for vehicle in problem.vehicles:
        for place in (vehicle.start_place, vehicle.end_place, *(reload.place for reload in vehicle.reloads)):
            if place is not None and place >= places:
                raise _unknown_place("Vehicle", vehicle.id, place, places)


def _unknown_place(what: str, subject: str, place: int, places: int) -> ProblemError:
    return ProblemError(
        "unknown_place", f"{what} {subject!r} is at place {place}, but travel knows only {places} places.", subject
    )


def _numbered(what: str, ids: Iterable[str]) -> dict[str, int]:
    at: dict[str, int] = {}
    for index, key in enumerate(ids):
        if not key:
            raise ProblemError("bad_id", f"The {what} at position {index} has an empty id.")
        if key in at:
            raise ProblemError("duplicate_id", f"Two {what}s have the id {key!r}.", key)
        at[key] = index
    return at
