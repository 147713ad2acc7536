"""A problem in flat arrays: one row per node and per van, columns named here.

Nodes are numbered: visits first, in the problem's order, then the reloads of all vehicles, then a start and an end for
each vehicle. Prices inside are *units* of 1/18,000 cent, so that a cent per hour is 5 units a second and a cent per
kilometre 18 units a metre: all sums are whole numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.solver.problem import UNREACHABLE, Problem, Travel, Vehicle, Visit, Window, check_places

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.uint8]

UNITS_PER_CENT = 18_000
UNITS_PER_RATE_SECOND = 5
UNITS_PER_RATE_METRE = 18
NEVER = 1 << 60

# Columns of Data.node. EARLY and LATE span all windows (LATE is the horizon where lateness is for sale).
PLACE, EARLY, LATE, WINDOW, WINDOWS, RATE, PRICE, PARTNER, ROLE, CHAIN, RANK, PIN, GROUP, BEFORE, ABOARD, DEPOT = range(
    16
)
NODE_COLUMNS = 16
#: Values of ROLE.
ALONE, PICKUP, DELIVERY = 0, 1, 2

# Columns of Data.van.
(
    START,
    END,
    SHIFT_EARLY,
    SHIFT_LATE,
    HARD_END,
    MAX_DURATION,
    MAX_VISITS,
    MAX_METRES,
    FIXED,
    HOUR,
    KM,
    OVERTIME,
    UNDER_WAY,
    MAX_RELOADS,
    RELOAD,
    RELOADS,
    BREAK,
    BREAKS,
    SERVICE_KIND,
    KIND,
    PINNED,
) = range(21)
VAN_COLUMNS = 21

# Entries of Data.glob.
(
    VISITS,
    RELOAD_NODES,
    BALANCE,
    MAX_CHANGES,
    RICH,
    TIMED,
    HORIZON,
    GROUPS,
    APARTS,
    SLOTTED,
    SIMPLE,
    MIRRORED,
    SYMMETRIC,
) = range(13)
GLOBALS = 13

#: Up to so many places the matrices are kept turned round as well: ways to one place then lie side by side.
MIRRORED_UP_TO = 12_000


class Data(NamedTuple):
    """The problem, never changed by a search. Shapes: N nodes, V vans, D load dimensions, P places, K slots."""

    node: Ints  # [N, NODE_COLUMNS]
    service: Small  # [kinds of service, N]
    windows: Ints  # [all windows, 2]
    load: Ints  # [N, D] handed over
    pickup: Ints  # [N, D] taken in until the next depot
    pair: Ints  # [N, D] taken in for a partner (less than 0: handed over)
    van: Ints  # [V, VAN_COLUMNS]
    capacity: Ints  # [V, D]
    initial: Ints  # [V, D]
    breaks: Ints  # [all breaks and parts, 3]: earliest, latest, duration
    may: Flags  # [visits, V]
    extra: Ints  # [visits, V] units for being made by that van; [0, 0] where there are none
    apart_from: Small  # [visits + 1] where a visit's groups begin in apart_group
    apart_group: Small
    seconds: Small  # [K, P, P]
    metres: Small  # [P, P]
    seconds_to: Small  # [P, P] turned round: [to, from]; [0, 0] where not MIRRORED
    metres_to: Small
    slots: Ints  # [K] beginnings; the first is long ago
    glob: Ints  # [GLOBALS]


def flatten(problem: Problem, travel: Travel) -> Data:
    """The problem in arrays. Raises `ProblemError` unknown_place; travel is copied only to be turned round."""
    check_places(problem, travel)
    visits, vehicles = problem.visits, problem.vehicles
    reloads = [(van, reload) for van, vehicle in enumerate(vehicles) for reload in vehicle.reloads]
    n, extra_nodes = len(visits), len(reloads)
    total, dimensions = n + extra_nodes + 2 * len(vehicles), len(problem.dimensions)
    node = np.zeros((total, NODE_COLUMNS), dtype=np.int64)
    node[:, [PARTNER, CHAIN, PIN, GROUP, BEFORE, RATE]] = -1
    node[:, LATE] = problem.horizon_s
    windows: list[tuple[int, int]] = []

    def open_at(row: int, spans: tuple[Window, ...], rate: int | None) -> None:
        node[row, WINDOW], node[row, WINDOWS] = len(windows), len(spans)
        windows.extend((span.earliest_s, span.latest_s) for span in spans)
        if spans:
            node[row, EARLY] = spans[0].earliest_s
            node[row, RATE] = -1 if rate is None else rate * UNITS_PER_RATE_SECOND
            if rate is None:
                node[row, LATE] = min(spans[-1].latest_s, problem.horizon_s)

    for at, visit in enumerate(visits):
        node[at, PLACE] = visit.place
        node[at, PRICE] = visit.price_cents * UNITS_PER_CENT
        open_at(at, visit.windows, visit.late_cents_per_hour)
        node[at, ABOARD] = visit.aboard is not None
        node[at, DEPOT] = visit.aboard is None and any(visit.load)
    for number, (_, reload) in enumerate(reloads):
        node[n + number, PLACE] = reload.place
        open_at(n + number, reload.windows, None)
    for number, vehicle in enumerate(vehicles):
        node[n + extra_nodes + 2 * number, PLACE] = vehicle.start_place
        node[n + extra_nodes + 2 * number + 1, PLACE] = -1 if vehicle.end_place is None else vehicle.end_place

    shape = (total, dimensions)
    load, pickup, pair = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    if dimensions and n:
        load[:n] = [one.load for one in visits]
        pickup[:n] = [one.pickup or (0,) * dimensions for one in visits]
    for one in problem.pairs:
        first, second = problem.visit_at(one.pickup), problem.visit_at(one.delivery)
        node[first, [PARTNER, ROLE]] = second, PICKUP
        node[second, [PARTNER, ROLE]] = first, DELIVERY
        pair[first] = one.load or (0,) * dimensions
        pair[second] = -pair[first]
    may = _may(problem)
    chains = 0
    for lock in problem.locks:
        van = problem.vehicle_at(lock.vehicle)
        for number, visit_id in enumerate(lock.visits):
            at = problem.visit_at(visit_id)
            allowed = may[at, van]
            may[at] = 0
            may[at, van] = allowed
            if lock.strength == "order":
                node[at, [CHAIN, RANK]] = chains, number
            elif lock.position is not None:
                node[at, PIN] = lock.position + number
        chains += lock.strength == "order"
    for group, members in enumerate(problem.together):
        for visit_id in members:
            node[problem.visit_at(visit_id), GROUP] = group
    for visit_id, vehicle_id in problem.before.items():
        node[problem.visit_at(visit_id), BEFORE] = problem.vehicle_at(vehicle_id)
    apart: list[list[int]] = [[] for _ in visits]
    for number, members in enumerate(problem.apart):
        for visit_id in members:
            apart[problem.visit_at(visit_id)].append(number)

    service_kinds: dict[tuple[int, int], int] = {}
    for vehicle in vehicles:
        service_kinds.setdefault((vehicle.service_percent, vehicle.parcel_s), len(service_kinds))
    service = np.zeros((max(1, len(service_kinds)), total), dtype=np.int32)
    base = np.array([one.service_s for one in visits], dtype=np.int64)
    parcels = np.array([one.parcels for one in visits], dtype=np.int64)
    for (percent, parcel_s), row in service_kinds.items():
        service[row, :n] = base * percent // 100 + parcels * parcel_s
        service[row, n : n + extra_nodes] = [reload.service_s for _, reload in reloads]

    breaks: list[tuple[int, int, int]] = []
    van_rows = np.zeros((len(vehicles), VAN_COLUMNS), dtype=np.int64)
    kinds: dict[Vehicle, int] = {}
    reload_at = n
    named = _named_vehicles(problem)
    for at, vehicle in enumerate(vehicles):
        row = van_rows[at]
        parts = break_parts(vehicle)
        row[[START, END]] = vehicle.start_place, node[n + extra_nodes + 2 * at + 1, PLACE]
        row[[SHIFT_EARLY, SHIFT_LATE]] = vehicle.shift.earliest_s, vehicle.shift.latest_s
        over = vehicle.overtime
        row[HARD_END] = min(vehicle.shift.latest_s + (over.max_s if over else 0), problem.horizon_s)
        row[MAX_DURATION] = NEVER if vehicle.max_duration_s is None else vehicle.max_duration_s
        row[MAX_VISITS] = NEVER if vehicle.max_visits is None else vehicle.max_visits
        row[MAX_METRES] = NEVER if vehicle.max_metres is None else vehicle.max_metres
        row[FIXED] = vehicle.fixed_cents * UNITS_PER_CENT
        row[HOUR] = vehicle.cents_per_hour * UNITS_PER_RATE_SECOND
        row[KM] = vehicle.cents_per_km * UNITS_PER_RATE_METRE
        row[OVERTIME] = over.cents_per_hour * UNITS_PER_RATE_SECOND if over else 0
        row[UNDER_WAY] = vehicle.under_way
        row[[MAX_RELOADS, RELOAD, RELOADS]] = vehicle.max_reloads, reload_at, len(vehicle.reloads)
        row[[BREAK, BREAKS]] = len(breaks), len(parts)
        breaks.extend((vehicle.breaks[number].earliest_s, vehicle.breaks[number].latest_s, s) for number, _, s in parts)
        row[SERVICE_KIND] = service_kinds[(vehicle.service_percent, vehicle.parcel_s)]
        row[KIND] = at if vehicle.id in named else kinds.setdefault(replace(vehicle, id=""), at)
        reload_at += len(vehicle.reloads)
        # A tour is timed between its own start and its hard end; the sentinels carry both as windows.
        node[n + extra_nodes + 2 * at, [EARLY, LATE]] = row[SHIFT_EARLY], row[HARD_END]
        node[n + extra_nodes + 2 * at + 1, LATE] = row[HARD_END]
    for at in range(n):
        if node[at, PIN] >= 0:
            van_rows[int(np.argmax(may[at])) if may[at].any() else 0, PINNED] = 1

    seconds, metres, slots = _matrices(travel)
    seconds_to, metres_to = _mirrored(seconds[0], metres)
    glob = np.zeros(GLOBALS, dtype=np.int64)
    glob[[VISITS, RELOAD_NODES, HORIZON]] = n, extra_nodes, problem.horizon_s
    glob[BALANCE] = problem.prices.balance_cents_per_hour * UNITS_PER_RATE_SECOND
    glob[MAX_CHANGES] = NEVER if problem.max_changes is None else problem.max_changes
    glob[GROUPS], glob[APARTS] = len(problem.together), len(problem.apart)
    glob[SLOTTED] = len(slots) > 1
    glob[MIRRORED] = metres_to.size > 0
    glob[SYMMETRIC] = metres_to is metres
    # Where vans only hand over what they left with, a tour fits if the sum of its loads does.
    glob[SIMPLE] = not (
        problem.pairs
        or extra_nodes
        or pickup.any()
        or any(vehicle.under_way for vehicle in vehicles)
        or any(visit.aboard is not None for visit in visits)
    )
    soft = bool((node[:n, RATE] >= 0).any())
    glob[RICH] = bool(breaks) or len(slots) > 1 or soft or bool((node[:, WINDOWS] > 1).any()) or extra_nodes > 0
    glob[TIMED] = bool(van_rows[:, [HOUR, OVERTIME]].any() or (van_rows[:, MAX_DURATION] < NEVER).any())
    return Data(
        node=node,
        service=service,
        windows=np.array(windows or [(0, 0)], dtype=np.int64),
        load=load,
        pickup=pickup,
        pair=pair,
        van=van_rows,
        capacity=np.array([one.capacity for one in vehicles], np.int64).reshape(len(vehicles), dimensions),
        initial=np.array([one.initial_load or (0,) * dimensions for one in vehicles], np.int64).reshape(
            len(vehicles), dimensions
        ),
        breaks=np.array(breaks or [(0, 0, 0)], dtype=np.int64),
        may=may,
        extra=_extra(problem),
        apart_from=np.cumsum([0, *map(len, apart)]).astype(np.int32),
        apart_group=np.array([one for groups in apart for one in groups] or [0], dtype=np.int32),
        seconds=seconds,
        metres=metres,
        seconds_to=seconds_to,
        metres_to=metres_to,
        slots=slots,
        glob=glob,
    )


def break_parts(vehicle: Vehicle) -> list[tuple[int, int, int]]:
    """The rests of a vehicle in the order they are taken: number of the break, number of its part, seconds."""
    order = sorted(
        range(len(vehicle.breaks)), key=lambda at: (vehicle.breaks[at].earliest_s, vehicle.breaks[at].latest_s)
    )
    return [
        (at, part, seconds)
        for at in order
        for part, seconds in enumerate(vehicle.breaks[at].parts or (vehicle.breaks[at].duration_s,))
    ]


def _named_vehicles(problem: Problem) -> set[str]:
    """Vehicles that some rule calls by their id: to it they are not like any other."""
    named = {lock.vehicle for lock in problem.locks} | set(problem.before.values())
    for visit in problem.visits:
        named |= visit.allowed_vehicles or frozenset()
        named |= visit.familiar if problem.prices.unfamiliar_cents else frozenset()
        if visit.aboard is not None:
            named.add(visit.aboard)
    return named


def _may(problem: Problem) -> Flags:
    vehicles = problem.vehicles
    rows: dict[object, npt.NDArray[np.uint8]] = {}
    may = np.ones((len(problem.visits), len(vehicles)), dtype=np.uint8)
    for at, visit in enumerate(problem.visits):
        key = (visit.skills, visit.allowed_vehicles, visit.aboard, visit.zone)
        row = rows.get(key)
        if row is None:
            row = rows[key] = np.array([_fits(visit, vehicle) for vehicle in vehicles], dtype=np.uint8)
        may[at] = row
    return may


def _fits(visit: Visit, vehicle: Vehicle) -> bool:
    return (
        visit.skills <= vehicle.skills
        and (visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles)
        and (visit.aboard is None or visit.aboard == vehicle.id)
        and not (vehicle.zones_hard and outside(visit, vehicle))
    )


def outside(visit: Visit, vehicle: Vehicle) -> bool:
    """Whether the visit lies outside the zones in which the vehicle works."""
    return visit.zone is not None and vehicle.zones is not None and visit.zone not in vehicle.zones


def _extra(problem: Problem) -> Ints:
    prices, vehicles = problem.prices, problem.vehicles
    if not (
        (prices.unfamiliar_cents and any(visit.familiar for visit in problem.visits))
        or (prices.out_of_zone_cents and any(vehicle.zones is not None for vehicle in vehicles))
        or (prices.change_cents and problem.before)
    ):
        return np.zeros((0, 0), dtype=np.int64)
    extra = np.zeros((len(problem.visits), len(vehicles)), dtype=np.int64)
    for at, visit in enumerate(problem.visits):
        before = problem.before.get(visit.id)
        for van, vehicle in enumerate(vehicles):
            cents = 0
            if visit.familiar and vehicle.id not in visit.familiar:
                cents += prices.unfamiliar_cents
            if outside(visit, vehicle):
                cents += prices.out_of_zone_cents
            if before is not None and before != vehicle.id:
                cents += prices.change_cents
            extra[at, van] = cents * UNITS_PER_CENT
    return extra


def _matrices(travel: Travel) -> tuple[Small, Small, Ints]:
    seconds, metres = travel.seconds, travel.metres
    no_way = metres is not seconds and bool(metres.size) and int(metres.max()) >= UNREACHABLE
    if no_way:
        seconds = np.where(metres >= UNREACHABLE, np.int32(UNREACHABLE), seconds)
    slots = np.array([-NEVER, *(slot.from_s for slot in travel.slots)], dtype=np.int64)
    if not travel.slots:
        return seconds.reshape(1, *seconds.shape), metres, slots
    closed = seconds >= UNREACHABLE
    stack = np.stack([seconds, *(np.where(closed, np.int32(UNREACHABLE), slot.seconds) for slot in travel.slots)])
    return np.ascontiguousarray(stack), metres, slots


def _mirrored(seconds: Small, metres: Small) -> tuple[Small, Small]:
    """Both matrices with rows and columns exchanged; nothing where they are too large for that."""
    if len(metres) > MIRRORED_UP_TO:
        return np.zeros((0, 0), np.int32), np.zeros((0, 0), np.int32)
    turned = _turned(metres)
    return turned if metres is seconds else _turned(seconds), turned


def _turned(matrix: Small) -> Small:
    """A matrix with rows and columns exchanged: itself if that changes nothing."""
    if np.array_equal(matrix, matrix.T):
        return matrix
    turned = np.ascontiguousarray(matrix.T)
    turned.setflags(write=matrix.flags.writeable)  # for the compiler, the same kind of array
    return turned
