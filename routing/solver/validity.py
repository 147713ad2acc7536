"""What a problem must be like to make sense; everything else raises `ProblemError` with a code and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from routing.solver.errors import ProblemError
from routing.solver.vehicle import Overtime, Vehicle
from routing.solver.visit import Visit, Window

if TYPE_CHECKING:
    from routing.solver.problem import Problem

#: Longest plan that can be expressed: 1,000 days (some public instances count in thousandths). A tour of that length at
#: the largest hourly rate still costs less than 64 bits hold.
MAX_HORIZON_S = 1000 * 86_400
#: Largest price or rate, largest load: the searches multiply prices by 18,000 and add them up in 64 bits.
MAX_CENTS = 10**10
MAX_LOAD = 10**12
#: Latest end of a window: far beyond every horizon, so a caller may write "never", and far inside 64 bits.
MAX_TIME_S = 10**10
#: Most parcels of one visit, and the last number of a stop that a lock may name.
MAX_COUNT = 10**6
STRENGTHS = ("driver", "order", "position")


def check(problem: Problem) -> None:
    """Raise `ProblemError` for the first thing in the problem that contradicts itself."""
    if not 0 < problem.horizon_s <= MAX_HORIZON_S:
        raise ProblemError("bad_horizon", f"The horizon must be 1 to {MAX_HORIZON_S} seconds, not {problem.horizon_s}.")
    if len(set(problem.dimensions)) != len(problem.dimensions):
        raise ProblemError("duplicate_dimension", f"A load dimension is named twice: {', '.join(problem.dimensions)}.")
    for vehicle in problem.vehicles:
        _check_vehicle(vehicle, problem)
    for visit in problem.visits:
        _check_visit(visit, problem)
    _check_pairs(problem)
    _check_locks(problem)
    _check_groups(problem)
    prices = problem.prices
    _check_amounts(
        (
            ("The price of an unfamiliar place", prices.unfamiliar_cents),
            ("The price of leaving the zone", prices.out_of_zone_cents),
            ("The price of a change", prices.change_cents),
            ("The price of imbalance", prices.balance_cents_per_hour),
            ("The number of changes", problem.max_changes or 0),
        ),
        "the plan",
        MAX_CENTS,
    )


def _check_window(window: Window, what: str, subject: str, horizon_s: int) -> None:
    if window.earliest_s < 0:
        raise ProblemError("negative_time", f"{what} of {subject!r} begins before the plan does.", subject)
    if window.latest_s < window.earliest_s:
        raise ProblemError(
            "window_ends_before_start",
            f"{what} of {subject!r} ends at {window.latest_s} s, before it begins at {window.earliest_s} s.",
            subject,
        )
    if window.latest_s > MAX_TIME_S:
        raise ProblemError("amount_too_large", f"{what} of {subject!r} ends later than all times.", subject)
    if window.earliest_s > horizon_s:
        raise ProblemError(
            "after_horizon", f"{what} of {subject!r} begins after the plan's horizon of {horizon_s} s.", subject
        )


def _check_windows(windows: Sequence[Window], what: str, subject: str, horizon_s: int) -> None:
    last: Window | None = None
    for window in windows:
        _check_window(window, what, subject, horizon_s)
        if last is not None and window.earliest_s <= last.latest_s:
            raise ProblemError(
                "windows_overlap", f"The time windows of {subject!r} overlap or are not in order.", subject
            )
        last = window


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


def _check_service(seconds: int, what: str, subject: str) -> None:
    if not 0 <= seconds <= MAX_HORIZON_S:
        raise ProblemError("negative_time", f"{what} {subject!r} has a service time of {seconds} s.", subject)


def _check_visit(visit: Visit, problem: Problem) -> None:
    if visit.place < 0:
        raise ProblemError("unknown_place", f"Visit {visit.id!r} has the place {visit.place}.", visit.id)
    _check_service(visit.service_s, "Visit", visit.id)
    _check_load(visit.load, "The load", visit.id, problem.dimensions)
    if visit.pickup is not None:
        _check_load(visit.pickup, "The pickup", visit.id, problem.dimensions)
    _check_amounts(
        (
            ("The price", visit.price_cents),
            ("The price of lateness", visit.late_cents_per_hour or 0),
        ),
        visit.id,
        MAX_CENTS,
    )
    _check_amounts([("The number of parcels", visit.parcels)], visit.id, MAX_COUNT)
    _check_windows(visit.windows, "A time window", visit.id, problem.horizon_s)
    named = [*(visit.allowed_vehicles or ()), *(() if visit.aboard is None else (visit.aboard,))]
    for vehicle_id in named:
        _known_vehicle(problem, vehicle_id, f"Visit {visit.id!r}", visit.id)


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
            ("The largest number of reloads", vehicle.max_reloads),
            ("The service percentage", vehicle.service_percent),
            ("The seconds per parcel", vehicle.parcel_s),
        ),
        vehicle.id,
        MAX_CENTS,
    )
    if vehicle.service_percent > 1000 or vehicle.parcel_s > 86_400:
        raise ProblemError("amount_too_large", f"Service by {vehicle.id!r} is too slow to be true.", vehicle.id)
    for rest in vehicle.breaks:
        _check_window(Window(rest.earliest_s, rest.latest_s), "A break", vehicle.id, problem.horizon_s)
        if not 0 < rest.duration_s <= MAX_HORIZON_S:
            raise ProblemError("bad_break", f"A break of {vehicle.id!r} lasts {rest.duration_s} s.", vehicle.id)
        if rest.parts and (sum(rest.parts) != rest.duration_s or min(rest.parts) <= 0):
            raise ProblemError(
                "bad_break", f"The parts of a break of {vehicle.id!r} do not add up to {rest.duration_s} s.", vehicle.id
            )
    for reload in vehicle.reloads:
        if reload.place < 0:
            raise ProblemError("unknown_place", f"A reload of {vehicle.id!r} is at a negative place.", vehicle.id)
        _check_service(reload.service_s, "A reload of vehicle", vehicle.id)
        _check_windows(reload.windows, "A reload", vehicle.id, problem.horizon_s)


def _check_pairs(problem: Problem) -> None:
    seen: set[str] = set()
    for pair in problem.pairs:
        for visit_id in (pair.pickup, pair.delivery):
            _known_visit(problem, visit_id, "A pair")
            if visit_id in seen:
                raise ProblemError("pair_twice", f"Visit {visit_id!r} belongs to two pairs.", visit_id)
            seen.add(visit_id)
        _check_load(pair.load or (0,) * len(problem.dimensions), "The load", pair.pickup, problem.dimensions)


def _check_locks(problem: Problem) -> None:
    owner: dict[str, str] = {}
    ordered: set[str] = set()
    taken: set[tuple[str, int]] = set()
    for lock in problem.locks:
        if lock.strength not in STRENGTHS:
            raise ProblemError("bad_lock", f"A lock is {', '.join(STRENGTHS)}, not {lock.strength!r}.", lock.vehicle)
        if (lock.strength == "position") != (lock.position is not None) or (lock.position or 0) < 0:
            raise ProblemError("bad_lock", "A lock of position, and no other, says the number of a stop.", lock.vehicle)
        _check_amounts([("The position of a lock", lock.position or 0)], lock.vehicle, MAX_COUNT)
        _known_vehicle(problem, lock.vehicle, "A lock", lock.vehicle)
        for number, visit_id in enumerate(lock.visits):
            _known_visit(problem, visit_id, "A lock")
            if owner.setdefault(visit_id, lock.vehicle) != lock.vehicle:
                raise ProblemError("lock_twice", f"Visit {visit_id!r} is locked to two vehicles.", visit_id)
            if lock.strength != "driver":
                if visit_id in ordered:
                    raise ProblemError("lock_twice", f"The place of visit {visit_id!r} is locked twice.", visit_id)
                ordered.add(visit_id)
            if lock.position is not None:
                spot = (lock.vehicle, lock.position + number)
                if spot in taken:
                    raise ProblemError("lock_twice", f"Two visits are locked to stop {spot[1]}.", visit_id)
                taken.add(spot)


def _check_groups(problem: Problem) -> None:
    for group in (*problem.together, *problem.apart):
        for visit_id in group:
            _known_visit(problem, visit_id, "A group")
    seen: set[str] = set()
    for group in problem.together:
        if double := seen & group:
            one = min(double)
            raise ProblemError("group_twice", f"Visit {one!r} must share a van with two groups: join them.", one)
        seen |= group
    _check_contradictions(problem)
    for visit_id, vehicle_id in problem.before.items():
        _known_visit(problem, visit_id, "The earlier plan")
        _known_vehicle(problem, vehicle_id, "The earlier plan", visit_id)


def _check_contradictions(problem: Problem) -> None:
    """Nobody may have to share a van with a visit that it may not share a van with."""
    sides: dict[str, list[tuple[str, int]]] = {}
    for number, group in enumerate(problem.together):
        for visit_id in group:
            sides.setdefault(visit_id, []).append(("group", number))
    for number, pair in enumerate(problem.pairs):
        for visit_id in (pair.pickup, pair.delivery):
            sides.setdefault(visit_id, []).append(("pair", number))
    for group in problem.apart:
        seen: dict[tuple[str, int], str] = {}
        for visit_id in sorted(group):
            for one in sides.get(visit_id, ()):
                other = seen.setdefault(one, visit_id)
                if other != visit_id:
                    raise ProblemError(
                        "groups_contradict", f"{other!r} and {visit_id!r} must and must not share a van.", other
                    )


def _known_visit(problem: Problem, visit_id: str, what: str) -> None:
    if not problem.has_visit(visit_id):
        raise ProblemError("unknown_visit", f"{what} names visit {visit_id!r}, which does not exist.", visit_id)


def _known_vehicle(problem: Problem, vehicle_id: str, what: str, subject: str) -> None:
    if not problem.has_vehicle(vehicle_id):
        raise ProblemError("unknown_vehicle", f"{what} names vehicle {vehicle_id!r}, which does not exist.", subject)
