"""What has to be planned: visits, vehicles and the travel between places.

All quantities are integers: seconds since the plan's start, metres, cents, and whole units of load
(grams, millilitres, pieces: the caller names its dimensions). Every noun is frozen; a problem that makes
no sense cannot be built: it raises `ProblemError` with a code and a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

IntMatrix = npt.NDArray[np.int32]

#: A travel time (or length) of this size or more says that there is no road between the two places.
UNREACHABLE = 2_000_000_000
#: What leaving out a visit costs when the caller names no price: 1,000 units of money.
DEFAULT_PRICE_CENTS = 100_000
#: Longest plan that can be expressed: 100 days. Keeps all sums far inside 64 bits.
MAX_HORIZON_S = 100 * 86_400
#: Largest price or rate, largest load: the engine multiplies prices by 3,600 and adds them up in 64 bits.
MAX_CENTS = 10**10
MAX_LOAD = 10**12


class ProblemError(ValueError):
    """The problem contradicts itself. `code` is stable, `subject` the id concerned, the text one sentence."""

    def __init__(self, code: str, message: str, subject: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Window:
    """From `earliest_s` to `latest_s`, both included. For a visit: when service may begin. For a shift: work."""

    earliest_s: int
    latest_s: int


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `duration_s` that begins in [earliest_s, latest_s], driving interrupted, never during service.

    It is due in a tour that is on the road before `earliest_s + duration_s` and still after `latest_s`;
    a tour that begins later or ends sooner leaves room for the rest outside working time.
    """

    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Overtime:
    """Work after the shift's end: at most `max_s`, each hour for `cents_per_hour` on top of the usual rate."""

    max_s: int
    cents_per_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stop to make.

    `place` is its index in the travel matrices. `windows` say when service may begin (none: any time). With
    `late_cents_per_hour` the end of the last window is soft: service may begin later at that price; between
    two windows one always waits for the next. `load` is what is handed over, one amount per dimension.
    A vehicle needs all `skills`; `allowed_vehicles` restricts the visit to these ids (a lock names one).
    `price_cents` is what it costs to leave the visit out.
    """

    id: str
    place: int
    windows: tuple[Window, ...] = ()
    service_s: int = 0
    load: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    price_cents: int = DEFAULT_PRICE_CENTS
    late_cents_per_hour: int | None = None
    allowed_vehicles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A van with its driver for one shift.

    `end_place` None means that the tour ends where its last visit ends. Paid time runs from departure to the
    end of the tour, waiting and breaks included; `max_duration_s` bounds the same span. `initial_load` is
    aboard from the start and stays there. A vehicle that is not used costs nothing.
    """

    id: str
    start_place: int
    end_place: int | None
    shift: Window
    capacity: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    fixed_cents: int = 0
    cents_per_hour: int = 0
    cents_per_km: int = 0
    breaks: tuple[Break, ...] = ()
    overtime: Overtime | None = None
    max_visits: int | None = None
    max_metres: int | None = None
    max_duration_s: int | None = None
    initial_load: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Travel between places: `seconds[i, j]` and `metres[i, j]` from place i to place j (need not be symmetric)."""

    seconds: IntMatrix
    metres: IntMatrix

    def __post_init__(self) -> None:
        for name, matrix in (("seconds", self.seconds), ("metres", self.metres)):
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
                raise ProblemError("bad_matrix", f"The {name} of travel must be a square matrix, not {matrix.shape}.")
            if not np.issubdtype(matrix.dtype, np.integer):
                raise ProblemError("bad_matrix", f"The {name} of travel must be whole numbers, not {matrix.dtype}.")
            if matrix.size and int(matrix.min()) < 0:
                at = np.unravel_index(int(matrix.argmin()), matrix.shape)
                raise ProblemError("negative_time", f"Travel {name} from place {at[0]} to place {at[1]} are negative.")
            if matrix.size and int(matrix.max()) > np.iinfo(np.int32).max:
                raise ProblemError("bad_matrix", f"The {name} of travel do not fit into 32 bits.")
        if self.seconds.shape != self.metres.shape:
            raise ProblemError(
                "bad_matrix",
                f"Seconds {self.seconds.shape} and metres {self.metres.shape} of travel differ in shape.",
            )
        object.__setattr__(self, "seconds", np.ascontiguousarray(self.seconds, dtype=np.int32))
        object.__setattr__(self, "metres", np.ascontiguousarray(self.metres, dtype=np.int32))

    @property
    def places(self) -> int:
        """How many places the matrices know."""
        return int(self.seconds.shape[0])


@dataclass(frozen=True, slots=True)
class Problem:
    """Visits and vehicles of one plan. `dimensions` name the loads; nothing happens after `horizon_s`."""

    visits: tuple[Visit, ...]
    vehicles: tuple[Vehicle, ...]
    dimensions: tuple[str, ...] = ()
    horizon_s: int = 2 * 86_400
    _visit_at: dict[str, int] = field(init=False, repr=False, compare=False)
    _vehicle_at: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.horizon_s <= MAX_HORIZON_S:
            raise ProblemError(
                "bad_horizon", f"The horizon must be 1 to {MAX_HORIZON_S} seconds, not {self.horizon_s}."
            )
        if len(set(self.dimensions)) != len(self.dimensions):
            raise ProblemError("duplicate_dimension", f"A load dimension is named twice: {', '.join(self.dimensions)}.")
        object.__setattr__(self, "_visit_at", _numbered("visit", [visit.id for visit in self.visits]))
        object.__setattr__(self, "_vehicle_at", _numbered("vehicle", [vehicle.id for vehicle in self.vehicles]))
        for vehicle in self.vehicles:
            _check_vehicle(vehicle, self)
        for visit in self.visits:
            _check_visit(visit, self)

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
        for place in (vehicle.start_place, vehicle.end_place):
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


def _check_window(window: Window, what: str, subject: str, horizon_s: int) -> None:
    if window.earliest_s < 0:
        raise ProblemError("negative_time", f"{what} of {subject!r} begins before the plan does.", subject)
    if window.latest_s < window.earliest_s:
        raise ProblemError(
            "window_ends_before_start",
            f"{what} of {subject!r} ends at {window.latest_s} s, before it begins at {window.earliest_s} s.",
            subject,
        )
    if window.earliest_s > horizon_s:
        raise ProblemError(
            "after_horizon", f"{what} of {subject!r} begins after the plan's horizon of {horizon_s} s.", subject
        )


def _check_amounts(amounts: Iterable[tuple[str, int]], subject: str, limit: int) -> None:
    for name, amount in amounts:
        if amount < 0:
            raise ProblemError("negative_amount", f"{name} of {subject!r} is negative: {amount}.", subject)
        if amount > limit:
            raise ProblemError("amount_too_large", f"{name} of {subject!r} is larger than {limit}.", subject)


def _check_load(load: tuple[int, ...], what: str, subject: str, dimensions: tuple[str, ...]) -> None:
    if len(load) != len(dimensions):
        raise ProblemError(
            "bad_load",
            f"{what} of {subject!r} has {len(load)} amounts, but the problem has {len(dimensions)} dimensions.",
            subject,
        )
    _check_amounts(
        ((f"{what} ({name})", amount) for name, amount in zip(dimensions, load, strict=True)), subject, MAX_LOAD
    )


def _check_visit(visit: Visit, problem: Problem) -> None:
    if visit.place < 0:
        raise ProblemError("unknown_place", f"Visit {visit.id!r} has the place {visit.place}.", visit.id)
    if not 0 <= visit.service_s <= MAX_HORIZON_S:
        raise ProblemError("negative_time", f"Visit {visit.id!r} has a service time of {visit.service_s} s.", visit.id)
    _check_load(visit.load, "The load", visit.id, problem.dimensions)
    _check_amounts(
        (("The price", visit.price_cents), ("The price of lateness", visit.late_cents_per_hour or 0)),
        visit.id,
        MAX_CENTS,
    )
    last: Window | None = None
    for window in visit.windows:
        _check_window(window, "A time window", visit.id, problem.horizon_s)
        if last is not None and window.earliest_s <= last.latest_s:
            raise ProblemError(
                "windows_overlap", f"The time windows of {visit.id!r} overlap or are not in order.", visit.id
            )
        last = window
    for vehicle_id in visit.allowed_vehicles or ():
        if not problem.has_vehicle(vehicle_id):
            raise ProblemError(
                "unknown_vehicle", f"Visit {visit.id!r} names vehicle {vehicle_id!r}, which does not exist.", visit.id
            )


def _check_vehicle(vehicle: Vehicle, problem: Problem) -> None:
    if vehicle.start_place < 0 or (vehicle.end_place is not None and vehicle.end_place < 0):
        raise ProblemError("unknown_place", f"Vehicle {vehicle.id!r} starts or ends at a negative place.", vehicle.id)
    _check_window(vehicle.shift, "The shift", vehicle.id, problem.horizon_s)
    _check_load(vehicle.capacity, "The capacity", vehicle.id, problem.dimensions)
    if vehicle.initial_load is not None:
        _check_load(vehicle.initial_load, "The load aboard", vehicle.id, problem.dimensions)
    overtime = vehicle.overtime or Overtime(0, 0)
    _check_amounts(
        (
            ("The fixed cost", vehicle.fixed_cents),
            ("The hourly rate", vehicle.cents_per_hour),
            ("The price per kilometre", vehicle.cents_per_km),
            ("The price of overtime", overtime.cents_per_hour),
            ("The longest overtime", overtime.max_s),
            ("The largest number of visits", vehicle.max_visits or 0),
            ("The longest distance", vehicle.max_metres or 0),
            ("The longest duration", vehicle.max_duration_s or 0),
        ),
        vehicle.id,
        MAX_CENTS,
    )
    for rest in vehicle.breaks:
        _check_window(Window(rest.earliest_s, rest.latest_s), "A break", vehicle.id, problem.horizon_s)
        if rest.duration_s <= 0:
            raise ProblemError("bad_break", f"A break of {vehicle.id!r} lasts {rest.duration_s} s.", vehicle.id)
