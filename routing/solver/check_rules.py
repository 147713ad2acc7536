"""The judge of who makes what with whom: skills, zones, locks, pairs, groups, limits, depot visits, changes."""

from __future__ import annotations

from itertools import pairwise

from core.words import say
from routing.solver.fault import Fault, Found
from routing.solver.halts import Course
from routing.solver.plan import Plan
from routing.solver.problem import Lock, Pair, Problem, Vehicle, Visit
from routing.solver.words import Words


class Ties:
    """What ties visits to each other and to vehicles, found by visit."""

    def __init__(self, problem: Problem) -> None:
        self.locks: dict[str, list[Lock]] = {}
        self.pair: dict[str, Pair] = {}
        self.apart: dict[str, list[frozenset[str]]] = {}
        for lock in problem.locks:
            for visit_id in set(lock.visits):
                self.locks.setdefault(visit_id, []).append(lock)
        for pair in problem.pairs:
            self.pair[pair.pickup] = self.pair[pair.delivery] = pair
        for group in problem.apart:
            for visit_id in group:
                self.apart.setdefault(visit_id, []).append(group)


def of_tour(course: Course, ties: Ties) -> Found:
    """The rules that one tour can break by itself."""
    yield from _fitness(course)
    yield from _locks(course, ties)
    yield from _pairs(course, ties)
    yield from _apart(course, ties)
    yield from _limits(course)
    yield from _reloads(course)


def of_plan(problem: Problem, plan: Plan, words: Words) -> Found:
    """The rules that only several tours can break."""
    maker = {step.visit: tour.vehicle for tour in plan.tours for step in tour.steps}
    for group in problem.together:
        makers = sorted({maker[visit_id] for visit_id in group if visit_id in maker})
        if len(makers) > 1:
            those = " and ".join(words.name(one) for one in sorted(group))
            those_vans = " and ".join(words.name(one) for one in makers)
            yield Fault(
                "together",
                say("{those} must share a van, but {those_vans} make them.", those=those, those_vans=those_vans),
                None,
                min(group),
            )
    changed = sum(maker.get(visit_id, vehicle_id) != vehicle_id for visit_id, vehicle_id in problem.before.items())
    if problem.max_changes is not None and changed > problem.max_changes:
        text = say(
            "{changed} visits are made by another vehicle than before, {max_changes} may be.",
            changed=changed,
            max_changes=problem.max_changes,
        )
        yield Fault("too_many_changes", text)


def outside(visit: Visit, vehicle: Vehicle) -> bool:
    """Whether the visit lies outside the zones of the vehicle."""
    return visit.zone is not None and vehicle.zones is not None and visit.zone not in vehicle.zones


def _fitness(course: Course) -> Found:
    vehicle, words, who = course.vehicle, course.words, course.who
    for visit in (halt.visit for halt in course.halts):
        if visit is None:
            continue
        lacking = sorted(visit.skills - vehicle.skills)
        if lacking:
            text = say(
                "{name} needs {quoted}, which {who} does not have.",
                name=words.name(visit.id),
                quoted=words.quoted(lacking),
                who=who,
            )
            yield Fault("skill", text, vehicle.id, visit.id)
        if visit.allowed_vehicles is not None and vehicle.id not in visit.allowed_vehicles:
            text = say("{name} may not be served by {who}.", name=words.name(visit.id), who=who)
            yield Fault("vehicle_not_allowed", text, vehicle.id, visit.id)
        if visit.aboard not in (None, vehicle.id):
            text = say(
                "What {name} gets is aboard of {name2}, not of {who}.",
                name=words.name(visit.id),
                name2=words.name(visit.aboard or ""),
                who=who,
            )
            yield Fault("aboard_elsewhere", text, vehicle.id, visit.id)
        if vehicle.zones_hard and outside(visit, vehicle):
            text = say(
                "{name} lies in {quoted}, where {who} does not work.",
                name=words.name(visit.id),
                quoted=words.quoted([visit.zone or ""]),
                who=who,
            )
            yield Fault("outside_zones", text, vehicle.id, visit.id)


def _locks(course: Course, ties: Ties) -> Found:
    vehicle, words, who = course.vehicle, course.words, course.who
    at = {step.visit: number for number, step in enumerate(course.tour.steps)}
    judged: set[int] = set()
    for visit_id in at:
        for lock in ties.locks.get(visit_id, ()):
            if lock.vehicle != vehicle.id:
                text = say(
                    "{name} is locked to {name2}, not to {who}.",
                    name=words.name(visit_id),
                    name2=words.name(lock.vehicle),
                    who=who,
                )
                yield Fault("lock_vehicle", text, vehicle.id, visit_id)
            elif id(lock) not in judged:
                judged.add(id(lock))
                yield from _place_in_tour(course, lock, at)


def _place_in_tour(course: Course, lock: Lock, at: dict[str, int]) -> Found:
    words, vehicle_id = course.words, course.vehicle.id
    if lock.strength == "order":
        made = [visit_id for visit_id in lock.visits if visit_id in at]
        for first, second in pairwise(made):
            if at[first] > at[second]:
                text = say("{name} must be made before {name2}.", name=words.name(first), name2=words.name(second))
                yield Fault("lock_order", text, vehicle_id, first)
    elif lock.strength == "position" and lock.position is not None:
        for number, visit_id in enumerate(lock.visits, lock.position):
            if at.get(visit_id, number) != number:
                text = say(
                    "{name} is stop {at} of {who}, locked to be {number}.",
                    name=words.name(visit_id),
                    at=at[visit_id] + 1,
                    who=course.who,
                    number=number + 1,
                )
                yield Fault("lock_position", text, vehicle_id, visit_id)


def _pairs(course: Course, ties: Ties) -> Found:
    words, vehicle_id = course.words, course.vehicle.id
    at = {step.visit: number for number, step in enumerate(course.tour.steps)}
    for visit_id in at:
        pair = ties.pair.get(visit_id)
        if pair is None:
            continue
        pickup, delivery = words.name(pair.pickup), words.name(pair.delivery)
        other = pair.delivery if visit_id == pair.pickup else pair.pickup
        if other not in at:
            text = say(
                "{who} makes {name} without {name2}.",
                who=course.who,
                name=words.name(visit_id),
                name2=words.name(other),
            )
            yield Fault("pair_split", text, vehicle_id, visit_id)
        elif visit_id == pair.pickup and at[pair.pickup] > at[pair.delivery]:
            text = say(
                "{delivery} is made before {pickup}, where its load comes from.", delivery=delivery, pickup=pickup
            )
            yield Fault("pair_order", text, vehicle_id, pair.delivery)


def _apart(course: Course, ties: Ties) -> Found:
    made = {step.visit for step in course.tour.steps}
    judged: set[int] = set()
    for visit_id in sorted(made & ties.apart.keys()):
        for group in ties.apart[visit_id]:
            both = sorted(made & group)
            if len(both) > 1 and id(group) not in judged:
                judged.add(id(group))
                those = " and ".join(course.words.name(one) for one in both)
                yield Fault(
                    "apart",
                    say("{those} may not share {who}.", those=those, who=course.who),
                    course.vehicle.id,
                    both[0],
                )


def _limits(course: Course) -> Found:
    vehicle, tour, words, who = course.vehicle, course.tour, course.words, course.who
    if vehicle.max_visits is not None and len(tour.steps) > vehicle.max_visits:
        text = say(
            "{who} makes {count} stops, {max_visits} are allowed.",
            who=who,
            count=len(tour.steps),
            max_visits=vehicle.max_visits,
        )
        yield Fault("too_many_visits", text, vehicle.id)
    if vehicle.max_metres is not None and tour.metres > vehicle.max_metres:
        text = say(
            "{who} drives {metres} m, {max_metres} m are allowed.",
            who=who,
            metres=tour.metres,
            max_metres=vehicle.max_metres,
        )
        yield Fault("too_far", text, vehicle.id)
    duration = tour.end_s - tour.start_s
    if vehicle.max_duration_s is not None and duration > vehicle.max_duration_s:
        text = say(
            "{who} is under way for {span}, {span2} are allowed.",
            who=who,
            span=words.span(duration),
            span2=words.span(vehicle.max_duration_s),
        )
        yield Fault("too_long", text, vehicle.id)


def _reloads(course: Course) -> Found:
    vehicle, tour, who = course.vehicle, course.tour, course.who
    if len(tour.reloads) > vehicle.max_reloads:
        text = say(
            "{who} reloads {count} times, {max_reloads} are allowed.",
            who=who,
            count=len(tour.reloads),
            max_reloads=vehicle.max_reloads,
        )
        yield Fault("too_many_reloads", text, vehicle.id)
    if any(not 0 <= one.point < len(vehicle.reloads) for one in tour.reloads):
        yield Fault("reload_unknown", f"{who} reloads at a depot that is not one of its own.", vehicle.id)
    if any(not 0 <= one.after < len(tour.steps) for one in tour.reloads):
        yield Fault("reload_misplaced", f"{who} reloads where no stop follows.", vehicle.id)
    if any(one.after >= other.after for one, other in pairwise(tour.reloads)):
        yield Fault("reload_misplaced", f"{who} reloads twice in a row, or out of order.", vehicle.id)
