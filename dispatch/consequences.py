"""What a change of routes leads to, told from the tours before and after. Pure: no Django, no clock, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from core.words import say
from dispatch import planning
from routing import solver
from routing.solver import insert


class ConsequenceRow(TypedDict):
    """What a move changes: seconds, metres and cents of all routes together; who is newly late, and whose promised
    window breaks (names); hard rules broken and locks that stand against it (sentences)."""

    delta_s: int
    delta_m: int
    delta_cents: int
    newly_late: list[str]
    promises_broken: list[str]
    broken: list[str]
    locked: list[str]
    applied: bool


FaultKey = tuple[str, str | None, str | None]


def key_of(fault: solver.Fault) -> FaultKey:
    return fault.code, fault.vehicle, fault.visit


def told(
    day: planning.DayFacts,
    before: Sequence[solver.Tour],
    after: Sequence[solver.Tour],
    faults: Iterable[solver.Fault],
    known: Iterable[FaultKey],
    off: Iterable[str] = (),
) -> ConsequenceRow:
    """The difference between these tours. A rule broken before (`known`) does not stand against the change.

    `off` are stops that would leave their route.
    """
    old = set(known)
    new = [fault for fault in faults if key_of(fault) not in old]
    late, promises = _lateness(day, before, after)
    return {
        "delta_s": sum(tour.duration_s for tour in after) - sum(tour.duration_s for tour in before),
        "delta_m": sum(tour.metres for tour in after) - sum(tour.metres for tour in before),
        "delta_cents": planning.paid_cents(day, after) - planning.paid_cents(day, before),
        "newly_late": late,
        "promises_broken": promises,
        "broken": [fault.message for fault in new if not is_lock(fault)],
        "locked": [fault.message for fault in new if is_lock(fault)] + _locked_off(day, off),
        "applied": False,
    }


def is_lock(fault: solver.Fault) -> bool:
    """Whether a person's lock says so: it may be overruled by a person."""
    return fault.code.startswith("lock_")


def best_place(standing: solver.Standing, stop: str, shift_id: str) -> int:
    """After how many stops it costs least there; where every place breaks a rule, the one that breaks time by least."""
    answer = insert.options(standing, stop, vehicles=[shift_id])
    option = answer.options[0] if answer.options else insert.least_bad(standing, stop, shift_id)
    return option.position


def _locked_off(day: planning.DayFacts, off: Iterable[str]) -> list[str]:
    """Locks of stops that would leave their route."""
    gone = set(off)
    shifts = {shift.id: shift.label for shift in day.shifts}
    stops = {stop.id: stop for stop in day.stops if stop.id in gone}
    return [
        say("{stops} is locked to {shifts}.", stops=stops[stop].label, shifts=shifts[shift_id])
        for shift_id, order in day.sequences.items()
        for stop in order
        if stop in stops and stops[stop].lock and shift_id in shifts
    ]


def _lateness(
    day: planning.DayFacts, before: Sequence[solver.Tour], after: Sequence[solver.Tour]
) -> tuple[list[str], list[str]]:
    """Who is late after and was not before, and whose promise holds before and not after."""
    facts = {stop.id: stop for stop in day.stops}
    was = {step.visit: step for tour in before for step in tour.steps}
    late: list[str] = []
    promises: list[str] = []
    for step in (step for tour in after for step in tour.steps):
        stop, old = facts[step.visit], was.get(step.visit)
        name = stop.recipient or stop.label
        if _late(day, stop, step) and not (old is not None and _late(day, stop, old)):
            late.append(name)
        if _broken(day, stop, step) and not (old is not None and _broken(day, stop, old)):
            promises.append(name)
    return list(dict.fromkeys(late)), list(dict.fromkeys(promises))


def _late(day: planning.DayFacts, stop: planning.StopFacts, step: solver.Step) -> bool:
    """By the promise, else by the planned window: as the board says late."""
    span = stop.promised or stop.window
    return span is not None and step.arrive_s > planning.to_seconds(day, span[1])


def _broken(day: planning.DayFacts, stop: planning.StopFacts, step: solver.Step) -> bool:
    """Whether the recipient was promised another time: reached after the promise ends, or served before it begins."""
    if stop.promised is None:
        return False
    begins, ends = (planning.to_seconds(day, at) for at in stop.promised)
    return step.arrive_s > ends or step.start_s < begins
