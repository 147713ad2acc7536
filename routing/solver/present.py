"""The rest of a day: what is still to be planned at a moment when some of a plan has been done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from routing.solver.plan import Plan, Tour
from routing.solver.problem import Break, Lock, Overtime, Pair, Problem, Vehicle, Visit, Window

#: A stop that is being driven to is made: leaving it out costs this much, a million units of money.
UNDER_WAY_CENTS = 10**8
#: A break whose window has passed without it is begun within so long from now.
OVERDUE_REST_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What is known of a vehicle that has set out; without it, it is assumed to be as the plan says.

    From `place` (None: its last stop) it can drive on at `ready_s` (None: now). It is on its way to `heading`, or
    serves it and needs `service_left_s` more. `rested` are the numbers of the breaks that were taken, `reloads` how
    often it has reloaded (None: as planned).
    """

    vehicle: str
    place: int | None = None
    ready_s: int | None = None
    heading: str | None = None
    service_left_s: int | None = None
    rested: frozenset[int] | None = None
    reloads: int | None = None


@dataclass(frozen=True, slots=True)
class _Out:
    """A vehicle that has set out: how many steps and reloads of its tour are made, what it is doing."""

    tour: Tour
    made: int
    reloads: int
    place: int
    ready_s: int
    heading: str | None
    service_left_s: int | None
    rested: frozenset[tuple[int, int]]
    trip: tuple[str, ...]  # visits still to be made before the next reload


def present(
    problem: Problem,
    plan: Plan,
    *,
    now_s: int,
    done: Collection[str] = (),
    failed: Collection[str] = (),
    loaded: Collection[str] | None = None,
    whereabouts: Sequence[Whereabouts] = (),
) -> Problem:
    """The problem of the rest of the day.

    `done` are visits that need nothing more, `failed` those of them that were made in vain: what they were to hand over
    stays aboard. `loaded` are visits whose goods are in the van that the plan gives them (None: those of the present
    trip of every van that has set out that have a load). A van has set out if one of its visits is done, its departure
    has passed or `whereabouts` names it; it starts where it is, with what is aboard, less the way, the time, the stops
    and the reloads it has made, and its fixed price is spent. The stop that it drives to or serves is its first and is
    not left out. Breaks that were begun are over, overdue ones are taken soon.
    """
    known = {one.vehicle: one for one in whereabouts}
    finished = set(done) | set(failed)
    outs: dict[str, _Out] = {}
    for tour in plan.tours:
        report = known.get(tour.vehicle)
        if report or tour.start_s <= now_s or any(one in finished for one in tour.visits):
            outs[tour.vehicle] = _out(problem, tour, report, now_s, finished)
    aboard = {
        one: out.tour.vehicle
        for out in outs.values()
        for one in out.trip
        if (any(problem.visit(one).load) if loaded is None else one in loaded)
    }
    if loaded is not None:
        aboard |= {
            one: tour.vehicle for tour in plan.tours for one in tour.visits if one in loaded and one not in finished
        }
    pairs, delivered = _pairs(problem, finished)
    owner = {one: tour.vehicle for tour in plan.tours for one in tour.visits}
    visits = tuple(
        _visit(problem, visit, outs, aboard, delivered, owner, finished)
        for visit in problem.visits
        if visit.id not in finished
    )
    left = {visit.id for visit in visits}
    vehicles = tuple(
        _started(problem, vehicle, outs[vehicle.id], finished, set(failed), now_s)
        if vehicle.id in outs
        else _waiting(vehicle, now_s)
        for vehicle in problem.vehicles
    )
    changes = sum(owner.get(one, van) != van for one, van in problem.before.items() if one in finished)
    return replace(
        problem,
        visits=visits,
        vehicles=vehicles,
        horizon_s=max(problem.horizon_s, now_s + 1),
        pairs=pairs,
        locks=tuple(_locks(problem, outs, finished, left)),
        together=tuple(group & left for group in problem.together if len(group & left) > 1),
        apart=tuple(group & left for group in problem.apart if len(group & left) > 1),
        before={one: van for one, van in problem.before.items() if one in left},
        max_changes=None if problem.max_changes is None else max(0, problem.max_changes - changes),
    )


def _out(problem: Problem, tour: Tour, report: Whereabouts | None, now_s: int, finished: set[str]) -> _Out:
    made = max((number + 1 for number, one in enumerate(tour.visits) if one in finished), default=0)
    if report is not None and report.reloads is not None:
        reloads = min(report.reloads, len(tour.reloads))
    else:
        reloads = sum(one.after < made or (one.after == made and one.leave_s <= now_s) for one in tour.reloads)
    pending = tour.reloads[reloads].after if reloads < len(tour.reloads) else len(tour.steps)
    trip = tuple(one for one in tour.visits[:pending] if one not in finished)
    vehicle = problem.vehicle(tour.vehicle)
    place = vehicle.start_place if not made else problem.visit(tour.visits[made - 1]).place
    if reloads and tour.reloads[reloads - 1].after == made:
        place = vehicle.reloads[tour.reloads[reloads - 1].point].place
    if made == len(tour.steps) and tour.end_s <= now_s and vehicle.end_place is not None:
        place = vehicle.end_place
    ready_s = now_s
    begun = {(rest.number, rest.part) for rest in tour.breaks if rest.start_s <= now_s}
    if report is None:
        heading, service_left_s = (trip[0] if trip else None), None
        ready_s = max([now_s, *(rest.end_s for rest in tour.breaks if rest.start_s <= now_s)])
    else:
        heading, service_left_s = report.heading, report.service_left_s
        place = place if report.place is None else report.place
        ready_s = now_s if report.ready_s is None else max(now_s, report.ready_s)
        if report.rested is not None:
            begun = {(number, part) for number in report.rested for part in range(len(_parts(vehicle.breaks[number])))}
    if heading is not None and (heading in finished or not problem.has_visit(heading)):
        heading, service_left_s = None, None
    if heading is not None and service_left_s is not None:
        place = problem.visit(heading).place
    return _Out(tour, made, reloads, place, ready_s, heading, service_left_s, frozenset(begun), trip)


def _waiting(vehicle: Vehicle, now_s: int) -> Vehicle:
    """A vehicle that has not set out cannot do so before now."""
    if vehicle.shift.earliest_s >= now_s:
        return vehicle
    return replace(vehicle, shift=_shift(vehicle, now_s), overtime=_overtime(vehicle, now_s))


def _shift(vehicle: Vehicle, from_s: int) -> Window:
    return Window(from_s, max(from_s, vehicle.shift.latest_s))


def _overtime(vehicle: Vehicle, from_s: int) -> Overtime | None:
    """What is left of the overtime when work goes on from then."""
    if vehicle.overtime is None or from_s <= vehicle.shift.latest_s:
        return vehicle.overtime
    end_s = vehicle.shift.latest_s + vehicle.overtime.max_s
    return replace(vehicle.overtime, max_s=max(0, end_s - from_s))


def _started(
    problem: Problem, vehicle: Vehicle, out: _Out, finished: set[str], failed: set[str], now_s: int
) -> Vehicle:
    tour = out.tour
    since = tour.reloads[out.reloads - 1].after if out.reloads else 0
    stays = list(vehicle.initial_load or (0,) * len(problem.dimensions))
    for number, step in enumerate(tour.steps):
        visit = problem.visit(step.visit)
        if step.visit not in finished or number < since:
            continue
        for d in range(len(stays)):
            stays[d] += (visit.pickup[d] if visit.pickup else 0) + (visit.load[d] if step.visit in failed else 0)
    driven_m = sum(step.metres for step in tour.steps[: out.made])
    driven_m += sum(one.metres for one in tour.reloads[: out.reloads])
    count = sum(one in finished for one in tour.visits)

    def less(limit: int | None, used: int) -> int | None:
        return None if limit is None else max(0, limit - used)

    return replace(
        vehicle,
        start_place=out.place,
        shift=_shift(vehicle, out.ready_s),
        overtime=_overtime(vehicle, out.ready_s),
        under_way=True,
        initial_load=tuple(stays),
        fixed_cents=0,
        breaks=tuple(_breaks(vehicle, out)),
        max_visits=less(vehicle.max_visits, count),
        max_metres=less(vehicle.max_metres, driven_m),
        max_duration_s=less(vehicle.max_duration_s, out.ready_s - min(tour.start_s, out.ready_s)),
        max_reloads=max(0, vehicle.max_reloads - out.reloads),
    )


def _parts(rest: Break) -> tuple[int, ...]:
    return rest.parts or (rest.duration_s,)


def _breaks(vehicle: Vehicle, out: _Out) -> Iterator[Break]:
    """The rests that are still due: those to come as they are, overdue ones soon."""
    for number, rest in enumerate(vehicle.breaks):
        left = tuple(
            seconds
            for part, seconds in enumerate(_parts(rest))
            # A tour that began later had room for the rest before it.
            if (number, part) not in out.rested and out.tour.start_s < rest.earliest_s + seconds
        )
        if not left:
            continue
        if out.ready_s <= rest.earliest_s:
            yield replace(rest, duration_s=sum(left), parts=left if len(left) > 1 else ())
            continue
        latest_s = rest.latest_s if rest.latest_s >= out.ready_s else out.ready_s + OVERDUE_REST_S
        yield Break(out.ready_s, latest_s, sum(left), left if len(left) > 1 else ())


def _pairs(problem: Problem, finished: set[str]) -> tuple[tuple[Pair, ...], dict[str, Pair]]:
    """Pairs of which nothing is done, and by delivery those of which the pickup is."""
    open_pairs = tuple(one for one in problem.pairs if not {one.pickup, one.delivery} & finished)
    taken = {one.delivery: one for one in problem.pairs if one.pickup in finished and one.delivery not in finished}
    return open_pairs, taken


def _visit(
    problem: Problem,
    visit: Visit,
    outs: Mapping[str, _Out],
    aboard: Mapping[str, str],
    taken: Mapping[str, Pair],
    owner: Mapping[str, str],
    finished: set[str],
) -> Visit:
    """A visit that is still to be made, with what binds it to a van by now."""
    if visit.id in taken:
        pair = taken[visit.id]
        load = tuple(a + b for a, b in zip(visit.load, pair.load or (0,) * len(visit.load), strict=True))
        visit = replace(visit, load=load, aboard=owner.get(pair.pickup, visit.aboard))
    elif visit.id in aboard:
        visit = replace(visit, aboard=aboard[visit.id])
    made_by = {owner[one] for group in problem.together if visit.id in group for one in group & finished & set(owner)}
    barred = {owner[one] for group in problem.apart if visit.id in group for one in group & finished & set(owner)}
    if made_by or barred:
        may = (
            frozenset(one.id for one in problem.vehicles) if visit.allowed_vehicles is None else visit.allowed_vehicles
        )
        visit = replace(visit, allowed_vehicles=(may & made_by if made_by else may) - barred)
    out = next((one for one in outs.values() if one.heading == visit.id), None)
    if out is None:
        return visit
    vehicle = problem.vehicle(out.tour.vehicle)
    allowed = None if visit.allowed_vehicles is None else visit.allowed_vehicles | {vehicle.id}
    visit = replace(visit, price_cents=max(visit.price_cents, UNDER_WAY_CENTS), allowed_vehicles=allowed)
    if out.service_left_s is not None:
        percent = vehicle.service_percent
        rest_s = -(-out.service_left_s * 100 // percent) if percent else 0
        return replace(visit, windows=(), late_cents_per_hour=None, service_s=rest_s, parcels=0)
    if visit.windows and visit.late_cents_per_hour is None:
        return replace(visit, late_cents_per_hour=0)
    return visit


def _locks(problem: Problem, outs: Mapping[str, _Out], finished: set[str], left: set[str]) -> Iterator[Lock]:
    """What is still locked, counted from now; the stop that a van drives to is its first whatever else was said."""
    heading = {out.heading: van for van, out in outs.items() if out.heading is not None}
    for van_heading, van in heading.items():
        yield Lock("position", van, (van_heading,), 0)
    for lock in problem.locks:
        kept = tuple(one for one in lock.visits if one in left and one not in heading)
        if not kept:
            continue
        if lock.position is None:
            yield replace(lock, visits=kept)
            continue
        out = outs.get(lock.vehicle)
        count = 0 if out is None else sum(one in finished for one in out.tour.visits)
        first = 0 if out is None or out.heading is None else 1
        for number, one in enumerate(lock.visits):
            if one in kept:
                spot = lock.position + number - count
                if spot >= first:
                    yield Lock("position", lock.vehicle, (one,), spot)
                else:  # its place has passed: it stays with its driver
                    yield Lock("driver", lock.vehicle, (one,))
