"""The judge of loads: what is aboard after the start, after every stop and after every depot visit."""

from __future__ import annotations

from collections.abc import Sequence

from routing.solver.check_rules import Ties
from routing.solver.fault import Fault, Found
from routing.solver.halts import Course
from routing.solver.plan import Step
from routing.solver.problem import Visit


def of_tour(course: Course, ties: Ties) -> Found:
    """Everything about the loads of one tour; of loads written wrongly the first in each dimension."""
    yield from _not_loaded(course)
    for number in range(len(course.problem.dimensions)):
        yield from _dimension(course, ties, number)


def _not_loaded(course: Course) -> Found:
    """A van that is under way has nothing of what still lies in a depot."""
    vehicle = course.vehicle
    if not vehicle.under_way:
        return
    for halt in course.halts:
        if halt.visit is None:
            return
        if any(halt.visit.load) and halt.visit.aboard != vehicle.id:
            text = f"What {halt.who} gets is not aboard of {course.who}, which has not been at a depot before."
            yield Fault("not_loaded", text, vehicle.id, halt.visit.id)


def _dimension(course: Course, ties: Ties, number: int) -> Found:
    vehicle, tour, who = course.vehicle, course.tour, course.who
    name, capacity = course.problem.dimensions[number], vehicle.capacity[number]
    loaded = _loaded_at_depots(course, number)
    aboard = vehicle.initial_load[number] if vehicle.initial_load is not None else 0
    aboard += loaded[0] + sum(
        halt.visit.load[number] for halt in course.halts if halt.visit is not None and _kept(halt.visit, vehicle.id)
    )
    if _differs(tour.load, number, course, aboard):
        yield Fault("load_wrong", f"{who} starts with {aboard} of {name}, the plan says otherwise.", vehicle.id)
        return
    over, where, at = aboard - capacity, "", None
    collected, depots = 0, 0
    made: set[str] = set()
    for halt in course.halts:
        visit = halt.visit
        if visit is None:
            depots += 1
            aboard += loaded[depots] - collected
            collected = 0
        else:
            taken_in = visit.pickup[number] if visit.pickup is not None else 0
            aboard += taken_in - visit.load[number] + _handed_on(visit, ties, number, made)
            made.add(visit.id)
            collected += taken_in
        if over <= 0 < aboard - capacity:
            over, where, at = aboard - capacity, f" after {halt.who}", halt.visit_id
        written = halt.written.load_left if isinstance(halt.written, Step) else halt.written.load
        if _differs(written, number, course, aboard):
            text = f"After {halt.who} {aboard} of {name} are left, the plan says otherwise."
            yield Fault("load_wrong", text, vehicle.id, halt.visit_id)
            break
    if over > 0:
        text = f"{who} carries {capacity + over} of {name}{where}, {over} more than its {capacity}."
        yield Fault("overloaded", text, vehicle.id, at)


def _handed_on(visit: Visit, ties: Ties, number: int, made: set[str]) -> int:
    """What the visit's pair brings aboard here, negative where it is handed over; nothing that never came aboard."""
    pair = ties.pair.get(visit.id)
    if pair is None or not pair.load:
        return 0
    if visit.id == pair.pickup:
        return 0 if pair.delivery in made else pair.load[number]
    return -pair.load[number] if pair.pickup in made else 0


def _kept(visit: Visit, vehicle_id: str) -> bool:
    """Whether the visit's load is in the van already, whatever depots it sees."""
    return visit.aboard == vehicle_id


def _loaded_at_depots(course: Course, number: int) -> list[int]:
    """What comes aboard at the start and at each depot visit: the loads of the trip that begins there."""
    trips = [0]
    for halt in course.halts:
        if halt.visit is None:
            trips.append(0)
        elif not _kept(halt.visit, course.vehicle.id):
            trips[-1] += halt.visit.load[number]
    if course.vehicle.under_way:
        trips[0] = 0
    return trips


def _differs(written: Sequence[int], number: int, course: Course, right: int) -> bool:
    return len(written) != len(course.problem.dimensions) or written[number] != right
