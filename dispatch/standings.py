"""Plans kept ready for questions: what would it mean to put these stops there? Answered while somebody drags them.

For each plan asked about, the process keeps its `solver.Standing` with the travel matrix, for as long as nothing that
it was made of has changed. The plan's version says so at once (every edit and every solve moves it on); what changes
without it, an order that is cancelled or gets heavier, a fingerprint of a few sums finds out a moment later. A wrong
foretelling for that moment does no harm: what is applied is worked out anew. The matrix outlives changes of the routes,
since places stay where they are.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict
from uuid import UUID

import numpy as np
from django.db.models import Count, Max, Sum

from core import errors, tenancy
from core.words import say
from dispatch import consequences, facts, planning, states
from dispatch.models import Plan, Route, Stop, StopOrder
from dispatch.travel import travel_between
from fleet import queries as fleet
from routing import solver
from routing.solver import laying

KEPT = 6
"""Plans kept in a process; one of 1,000 stops takes about 30 MB."""

TRUSTED_S = 1.0
"""A fingerprint is not taken again for so long: several questions of one drag."""

FEW = 200
"""So many changed stops are read by themselves; of more the whole plan is read again."""

Key = tuple[UUID, UUID]


class TargetRow(TypedDict):
    """Where the stops would be: after how many others on the shift's route; None off every route."""

    shift: str | None
    positions: list[int]


class ConsequencesRow(consequences.ConsequenceRow):
    place: TargetRow


class ReadyRow(TypedDict):
    """Of how many stops it can be asked what putting them elsewhere would lead to."""

    stops: int


@dataclass(slots=True)
class Stand:
    """One plan that stands. `busy` is held while it answers: a `Standing` has one desk to work at."""

    fingerprint: Fingerprint
    version: int
    looked_at: float
    day: planning.DayFacts
    versions: dict[str, int]
    standing: solver.Standing
    known: dict[int, list[consequences.FaultKey]] = field(default_factory=dict)
    busy: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Roads:
    """A travel matrix and which place each row of it is."""

    at: dict[planning.Point, int]
    travel: solver.Travel
    source: str

    def among(self, points: Sequence[planning.Point]) -> solver.Travel:
        """Travel between some of the places. Raises `KeyError` for one that is not there."""
        rows = np.array([self.at[point] for point in points], dtype=np.intp)
        grid = np.ix_(rows, rows)
        return solver.Travel(self.travel.seconds[grid], self.travel.metres[grid])


class Building:
    """Held while a plan is made, so that two who ask do not make it twice."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_stands: OrderedDict[Key, Stand] = OrderedDict()
_roads: OrderedDict[Key, Roads] = OrderedDict()
_shelf = threading.Lock()
_building: weakref.WeakValueDictionary[Key, Building] = weakref.WeakValueDictionary()


def ask(plan: Plan, stop_ids: Sequence[UUID], *, shift_id: UUID | None, position: int | None) -> ConsequencesRow:
    """What putting these stops there would lead to; nothing is written.

    They go behind one another, the first after `position` others; with None each where it costs least. Raises
    `Conflict` for what can no longer be moved, `Invalid` for what is not of this plan.
    """
    stand = _of_plan_or_refused(plan)
    ids = [str(one) for one in stop_ids]
    problem = stand.standing.problem
    if unknown := [one for one in ids if not problem.has_visit(one)]:
        raise _not_askable(plan, UUID(unknown[0]))
    if shift_id is not None and not problem.has_vehicle(str(shift_id)):
        raise errors.Conflict(
            "route_under_way", say("This route has set out already, or its shift is not of this plan.")
        )
    with stand.busy:
        try:
            return _answer(stand, ids, None if shift_id is None else str(shift_id), position)
        except solver.ProblemError as error:
            raise errors.Refused(error.code, str(error)) from error


def ready(plan: Plan) -> ReadyRow:
    """Put the plan on the shelf, so that the first question need not wait for it."""
    if plan.status == "optimizing" or not Stop.objects.filter(plan=plan, status__in=states.MOVABLE).exists():
        return {"stops": 0}
    return {"stops": len(_of_plan_or_refused(plan).day.stops)}


def _of_plan_or_refused(plan: Plan) -> Stand:
    """The plan as it stands now. Raises `Refused` for facts that contradict themselves."""
    try:
        return of_plan(plan)
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error


def of_plan(plan: Plan) -> Stand:
    """The plan as it stands now, from the shelf or made anew."""
    key = (tenancy.current(), plan.id)
    with _shelf:
        stand = _stands.get(key)
    now = time.monotonic()
    if stand is not None and stand.version == plan.version and now - stand.looked_at < TRUSTED_S:
        return stand
    mark = fingerprint(plan)
    with _shelf:
        building = _building.setdefault(key, Building())
    with building.lock:
        with _shelf:
            stand = _stands.get(key)
        if stand is None or stand.fingerprint != mark:
            stand = _made(plan, key, mark, stand)
        stand.version, stand.looked_at = plan.version, now
        with _shelf:
            _keep(_stands, key, stand)
    return stand


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Differs when anything differs that a `Stand` is made of: its movable stops, and what lies beside them."""

    stops: tuple[Any, ...]
    beside: tuple[Any, ...]


def fingerprint(plan: Plan) -> Fingerprint:
    movable = Stop.objects.filter(plan=plan, status__in=states.MOVABLE)
    served = StopOrder.objects.filter(stop__plan=plan, stop__status__in=states.MOVABLE)
    shifts = fleet.shifts_on(plan.day_on, plan.depot_id).order_by()
    gone = Route.objects.filter(plan=plan, status__in=states.GONE).values_list("shift_id", flat=True)
    return Fingerprint(
        tuple(movable.aggregate(n=Count("id"), sum=Sum("version"), last=Max("changed_at")).values()),
        (
            *served.aggregate(n=Count("id"), sum=Sum("order__version"), last=Max("order__changed_at")).values(),
            *shifts.aggregate(
                n=Count("id"),
                shifts=Sum("version"),
                drivers=Sum("driver__version"),
                vehicles=Sum("vehicle__version"),
                depots=Sum("depot__version"),
            ).values(),
            fleet.zones_print(),
            frozenset(gone),
            facts.objective_of_tenant(),
        ),
    )


def forget() -> None:
    """Keep nothing (for tests)."""
    with _shelf:
        _stands.clear()
        _roads.clear()


def _made(plan: Plan, key: Key, mark: Fingerprint, old: Stand | None) -> Stand:
    day, versions = _day(plan, mark, old)
    travel = _travel(key, day.points())
    problem = planning.to_problem(day)
    try:
        present = laying.lay(problem, travel, {shift: day.sequences.get(shift, ()) for shift in _ids(day)})
    except solver.ProblemError as error:
        raise errors.Refused(error.code, str(error)) from error
    standing = solver.Standing(problem, travel, present, names=day.names(), clock=planning.clock_of(day))
    return Stand(mark, plan.version, 0.0, day, versions, standing)


def _day(plan: Plan, mark: Fingerprint, old: Stand | None) -> tuple[planning.DayFacts, dict[str, int]]:
    """The plan's facts with the versions of its stops; of the old ones what has not changed."""
    rows = Stop.objects.filter(plan=plan, status__in=states.MOVABLE, place__lat__isnull=False)
    now = list(rows.values_list("id", "version", "route__shift_id", "position"))
    versions = {str(stop_id): version for stop_id, version, _, _ in now}
    if old is not None and old.fingerprint.beside == mark.beside and versions.keys() == old.versions.keys():
        changed = [stop_id for stop_id, version in versions.items() if old.versions[stop_id] != version]
        if len(changed) <= FEW:
            lanes: dict[str, list[tuple[int, str]]] = defaultdict(list)
            for stop_id, _, shift_id, position in now:
                if shift_id is not None:
                    lanes[str(shift_id)].append((position, str(stop_id)))
            return replace(
                old.day,
                stops=_with(old.day.stops, list(rows.filter(id__in=changed).select_related("place"))),
                sequences={shift: tuple(stop for _, stop in sorted(lane)) for shift, lane in lanes.items()},
            ), versions
    day = facts.of_plan(plan)
    return replace(day, stops=tuple(sorted(day.stops, key=lambda stop: stop.id))), versions


def _with(known: Sequence[planning.StopFacts], changed: list[Stop]) -> tuple[planning.StopFacts, ...]:
    served, zones = facts.served_at(changed), fleet.zoning()
    fresh = {str(stop.id): facts.stop_facts(stop, served[str(stop.id)], zones) for stop in changed}
    return tuple(fresh.get(stop.id, stop) for stop in known)


def _ids(day: planning.DayFacts) -> list[str]:
    return [shift.id for shift in day.shifts]


def travel_of(plan: Plan, points: Sequence[planning.Point]) -> tuple[solver.Travel, str]:
    """Travel between places of a plan and where it came from: out of the kept matrix, where that came from roads and
    has them all, else asked for."""
    with _shelf:
        kept = _roads.get((tenancy.current(), plan.id))
    if kept is not None and kept.source != "crow" and all(point in kept.at for point in points):
        return kept.among(points), kept.source
    return travel_between(points)


def _travel(key: Key, points: Sequence[planning.Point]) -> solver.Travel:
    """The matrix of these places: out of the kept one where it has them all."""
    with _shelf:
        kept = _roads.get(key)
    if kept is None or any(point not in kept.at for point in points):
        places = list(dict.fromkeys(points))
        kept = Roads({place: at for at, place in enumerate(places)}, *travel_between(places))
        with _shelf:
            _keep(_roads, key, kept)
    return kept.among(points)


def _keep(shelf: OrderedDict[Key, Any], key: Key, thing: object) -> None:
    shelf[key] = thing
    shelf.move_to_end(key)
    while len(shelf) > KEPT:
        shelf.popitem(last=False)


def _answer(stand: Stand, ids: list[str], shift_id: str | None, position: int | None) -> ConsequencesRow:
    before, problem = stand.standing, stand.standing.problem
    visits = [problem.visit_at(one) for one in ids]
    after = before.without(visits)
    positions: list[int] = []
    van = None if shift_id is None else problem.vehicle_at(shift_id)
    if van is not None and shift_id is not None:
        for number, visit in enumerate(visits):
            codes = list(after.sequences.get(van, ()))
            at = consequences.best_place(after, ids[number], shift_id) if position is None else position + number
            codes.insert(min(at, len(codes)), visit)
            positions.append(codes.index(visit))
            after = after.with_tour(van, codes)
    touched = {one for one in {*before.tours, *after.tours} if before.tours.get(one) is not after.tours.get(one)}
    old = [tour for one, tour in before.tours.items() if one in touched]
    new = [tour for one, tour in after.tours.items() if one in touched]
    faults = [fault for one in touched if one in after.tours for fault in after.faults_of(one, after.tours[one])]
    for one in touched:
        if one in before.tours and one not in stand.known:
            stand.known[one] = [consequences.key_of(fault) for fault in before.faults_of(one, before.tours[one])]
    known = [key for one in touched for key in stand.known.get(one, ())]
    off = ids if shift_id is None else []
    row = consequences.told(stand.day, old, new, faults, known, off)
    return {**row, "place": {"shift": shift_id, "positions": positions}}


def _not_askable(plan: Plan, stop_id: UUID) -> errors.Refused:
    stop = Stop.objects.select_related("place").filter(plan=plan, id=stop_id).first()
    if stop is None:
        return errors.Invalid("not_found", say("There is no such stop on this plan."), param="stops")
    if stop.status not in states.MOVABLE:
        word = stop.status.replace("_", " ")
        return errors.Conflict("stop_under_way", say("This stop is {word} and cannot be moved any more.", word=word))
    return errors.Refused("not_located", say("This stop's address has no position yet."))
