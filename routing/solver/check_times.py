"""The judge of times: departure, legs with their breaks, service, windows, the shift, and the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.words import say
from routing.solver.fault import Fault, Found
from routing.solver.halts import Course, Halt
from routing.solver.plan import Rest
from routing.solver.problem import UNREACHABLE, Travel


def of_tour(course: Course, travel: Travel) -> Found:
    """Everything about the times of one tour. Whether it could leave later is asked only of times that are right."""
    faults = [*_course(course, travel), *_breaks(course)]
    yield from faults
    for halt in course.halts:
        yield from _window(course, halt)
    yield from _shift(course)
    if not faults and course.halts:
        yield from _departure(course, travel)


def _course(course: Course, travel: Travel) -> Found:
    """Every leg takes its travel time and the breaks on it; service lasts as long as it must; sums are right."""
    vehicle, tour, words = course.vehicle, course.tour, course.words
    place, free_s, travel_s, metres = vehicle.start_place, tour.start_s, 0, 0
    for halt in course.halts:
        written, at = halt.written, halt.visit_id
        leg_s, leg_m = travel.leg_s(place, halt.place, free_s), int(travel.metres[place, halt.place])
        if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
            yield Fault("unreachable", f"There is no road to {halt.who} from the stop before.", vehicle.id, at)
        if (written.travel_s, written.metres) != (leg_s, leg_m):
            text = f"The way to {halt.who} is {leg_s} s and {leg_m} m, not {written.travel_s} s and {written.metres} m."
            yield Fault("travel_wrong", text, vehicle.id, at)
        arrive_s, ready_s = _arrival(free_s + leg_s, halt.rests)
        if written.arrive_s != arrive_s:
            text = f"{halt.begins} is reached at {words.time(arrive_s)}, not at {words.time(written.arrive_s)}."
            yield Fault("arrival_wrong", text, vehicle.id, at)
        if any(rest.start_s < free_s or rest.end_s > written.start_s for rest in halt.rests):
            text = f"A break lies outside the time between the stop before and {halt.who}."
            yield Fault("break_in_service", text, vehicle.id, at)
        if written.start_s < written.arrive_s:
            yield Fault("served_before_arrival", f"{halt.begins} is served before the driver is there.", vehicle.id, at)
        could_s, _ = halt.opens_at(max(written.arrive_s, ready_s))
        if written.start_s > could_s:
            text = f"{halt.begins} can be served at {words.time(could_s)}, not only at {words.time(written.start_s)}."
            yield Fault("waits_needlessly", text, vehicle.id, at)
        if written.leave_s - written.start_s != halt.service_s:
            text = f"{halt.begins} needs {halt.service_s} s of service, not {written.leave_s - written.start_s} s."
            yield Fault("service_wrong", text, vehicle.id, at)
        place, free_s, travel_s, metres = halt.place, written.leave_s, travel_s + leg_s, metres + leg_m
    leg_s = 0
    if vehicle.end_place is not None:
        leg_s, leg_m = travel.leg_s(place, vehicle.end_place, free_s), int(travel.metres[place, vehicle.end_place])
        if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
            yield Fault("unreachable", f"There is no road back for {course.who}.", vehicle.id)
        travel_s, metres = travel_s + leg_s, metres + leg_m
    _, end_s = _arrival(free_s + leg_s, course.homeward)
    if tour.end_s != end_s:
        text = f"{course.who} is back at {words.time(end_s)}, not at {words.time(tour.end_s)}."
        yield Fault("end_wrong", text, vehicle.id)
    if any(rest.start_s < free_s for rest in course.homeward):
        yield Fault("break_in_service", f"A break of {course.who} overlaps the service of its last stop.", vehicle.id)
    if (tour.travel_s, tour.metres) != (travel_s, metres):
        text = f"{course.who} drives {travel_s} s and {metres} m, not {tour.travel_s} s and {tour.metres} m."
        yield Fault("distance_wrong", text, vehicle.id)


def _arrival(arrive_s: int, rests: Sequence[Rest]) -> tuple[int, int]:
    """When the driver is there, and when he is there and has rested; breaks begun before the arrival delay it."""
    ready_s = arrive_s
    for rest in rests:
        if rest.start_s < arrive_s:
            arrive_s += rest.end_s - rest.start_s
        ready_s = max(arrive_s, rest.end_s)
    return arrive_s, ready_s


def _window(course: Course, halt: Halt) -> Found:
    start_s, words, vehicle_id = halt.written.start_s, course.words, course.vehicle.id
    late = halt.late_s(start_s)
    inside = not halt.windows or any(window.earliest_s <= start_s <= window.latest_s for window in halt.windows)
    if halt.visit is None:
        if not inside:
            text = f"{halt.begins} loads at {words.time(start_s)}, outside {words.windows(halt.windows)}."
            yield Fault("reload_closed", text, vehicle_id)
        return
    if late and not halt.soft:
        text = say(
            "{who} is served at {time}, {span} after its window.",
            who=halt.who,
            time=words.time(start_s),
            span=words.span(late),
        )
        yield Fault("window_missed", text, vehicle_id, halt.visit.id)
    elif not late and not inside:
        text = say(
            "{who} is served at {time}, outside {windows}.",
            who=halt.who,
            time=words.time(start_s),
            windows=words.windows(halt.windows),
        )
        yield Fault("window_too_early", text, vehicle_id, halt.visit.id)
    written_late = getattr(halt.written, "late_s", 0)
    if written_late != late:
        yield Fault("lateness_wrong", f"{halt.who} is {late} s late, not {written_late} s.", vehicle_id, halt.visit.id)


def _shift(course: Course) -> Found:
    vehicle, tour, words, who = course.vehicle, course.tour, course.words, course.who
    if tour.start_s < vehicle.shift.earliest_s:
        text = say(
            "{who} leaves at {time}, the shift begins at {time2}.",
            who=who,
            time=words.time(tour.start_s),
            time2=words.time(vehicle.shift.earliest_s),
        )
        yield Fault("before_shift", text, vehicle.id)
    allowed = vehicle.shift.latest_s + (vehicle.overtime.max_s if vehicle.overtime is not None else 0)
    if tour.end_s > allowed:
        text = say(
            "{who} is back at {time}, {span} after work must end.",
            who=who,
            time=words.time(tour.end_s),
            span=words.span(tour.end_s - allowed),
        )
        yield Fault("after_shift", text, vehicle.id)
    if tour.end_s > course.problem.horizon_s:
        yield Fault("after_horizon", f"{who} is back after the end of the plan's horizon.", vehicle.id)


def _breaks(course: Course) -> Found:
    """Each break that is due is taken, whole or in its parts, in its window and for as long as it must be."""
    vehicle, tour, words, who = course.vehicle, course.tour, course.words, course.who
    taken: dict[tuple[int, int], Rest] = {}
    for rest in tour.breaks:
        known = 0 <= rest.number < len(vehicle.breaks)
        if not known or not 0 <= rest.part < len(vehicle.breaks[rest.number].parts or (0,)):
            yield Fault("break_unknown", f"{who} takes a break that is not its own.", vehicle.id)
            return
        if (rest.number, rest.part) in taken:
            yield Fault("break_unknown", f"{who} takes a break twice.", vehicle.id)
            return
        if not 0 <= rest.after <= len(tour.steps):
            yield Fault("break_unknown", f"{who} takes a break after a stop that does not exist.", vehicle.id)
            return
        taken[rest.number, rest.part] = rest
    for number, due in enumerate(vehicle.breaks):
        between = f"between {words.time(due.earliest_s)} and {words.time(due.latest_s)}"
        lengths = due.parts or (due.duration_s,)
        done = [part for part in range(len(lengths)) if (number, part) in taken]
        for part, length_s in enumerate(lengths):
            one = taken.get((number, part))
            if one is None:
                before = tour.start_s >= due.earliest_s + length_s and not any(other < part for other in done)
                after = tour.end_s <= due.latest_s and not any(other > part for other in done)
                if not before and not after:
                    which = f"part {part + 1} of its break" if due.parts else "break"
                    yield Fault(
                        "break_missing",
                        say("{who} has no {which} {between}.", who=who, which=which, between=between),
                        vehicle.id,
                    )
                continue
            if one.end_s - one.start_s != length_s:
                text = f"The break of {who} lasts {one.end_s - one.start_s} s, not {length_s} s."
                yield Fault("break_length", text, vehicle.id)
            if not due.earliest_s <= one.start_s <= due.latest_s:
                text = say(
                    "The break of {who} begins at {time}, not {between}.",
                    who=who,
                    time=words.time(one.start_s),
                    between=between,
                )
                yield Fault("break_outside_window", text, vehicle.id)
        if any(taken[number, one].start_s > taken[number, other].start_s for one, other in pairwise(done)):
            yield Fault("break_order", f"The parts of a break of {who} are not in their order.", vehicle.id)
    spans = sorted((rest.start_s, rest.end_s) for rest in tour.breaks)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        yield Fault("break_overlaps", f"Two breaks of {who} overlap.", vehicle.id)


def _departure(course: Course, travel: Travel) -> Found:
    """Nobody leaves earlier than useful: a second later something would be late, impossible, or the end later.

    Each stop keeps the window, each leg the breaks that the plan gives it. No leg brings a driver there earlier who
    leaves later, so one second says it for all later departures.
    """
    vehicle, tour = course.vehicle, course.tour
    place, time_s = vehicle.start_place, tour.start_s + 1
    for halt in course.halts:
        ready = _rested(course, time_s, travel.leg_s(place, halt.place, time_s), halt.rests)
        if ready is None:
            return
        start_s, window = halt.opens_at(ready)
        planned_s = halt.written.start_s
        if window != halt.opens_at(planned_s)[1] or halt.late_s(start_s) > halt.late_s(planned_s):
            return
        place, time_s = halt.place, start_s + halt.service_s
    leg_s = 0 if vehicle.end_place is None else travel.leg_s(place, vehicle.end_place, time_s)
    end = _rested(course, time_s, leg_s, course.homeward)
    if end is not None and end <= tour.end_s:
        text = f"{course.who} leaves at {course.words.time(tour.start_s)}, earlier than useful."
        yield Fault("left_too_early", text, vehicle.id)


def _rested(course: Course, time_s: int, leg_s: int, rests: Sequence[Rest]) -> int | None:
    """When a driver who leaves at `time_s` is there and has taken the breaks, None if one then begins too late."""
    for rest in rests:
        due = course.vehicle.breaks[rest.number]
        begin_s = max(time_s, due.earliest_s)
        if begin_s > due.latest_s and begin_s > rest.start_s:
            return None
        leg_s -= min(leg_s, begin_s - time_s)
        time_s = begin_s + (due.parts[rest.part] if due.parts else due.duration_s)
    return time_s + leg_s
