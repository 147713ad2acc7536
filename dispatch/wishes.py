"""What a new plan must not touch, as rules for the solver and as a check of what it found. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.words import say
from dispatch import planning
from dispatch.picture import Picture, Told
from routing import solver


@dataclass(frozen=True, slots=True)
class Wishes:
    """`loaded` are stops whose goods lie in a shift's van: {stop id: shift id}; they stay there.

    `promises` are stops whose promise the present routes keep: {stop id: what was told}; it stays kept.
    """

    loaded: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Told] = field(default_factory=dict)


def kept_promises(present: Picture, told: Mapping[str, Told]) -> dict[str, Told]:
    """The promises that the present routes keep; one that is broken already cannot be asked for."""
    return {
        stop["id"]: told[stop["id"]]
        for route in present["routes"]
        for stop in route["stops"]
        if stop["promise"] == "kept"
    }


def bound(problem: solver.Problem, day: planning.DayFacts, wishes: Wishes) -> solver.Problem:
    """The problem with the wishes as rules that no plan may break."""
    visits = []
    for visit in problem.visits:
        van = wishes.loaded.get(visit.id)
        if van is not None and problem.has_vehicle(van):
            visit = replace(visit, aboard=van)
        told = wishes.promises.get(visit.id)
        if told is not None and told.end_at is not None:
            visit = replace(visit, windows=_until(visit.windows, planning.to_seconds(day, told.end_at), problem))
        visits.append(visit)
    return replace(problem, visits=tuple(visits))


def _until(windows: tuple[solver.Window, ...], end_s: int, problem: solver.Problem) -> tuple[solver.Window, ...]:
    """The windows cut off at an instant; the first one stays, shortened, if all lie later."""
    if not windows:
        return (solver.Window(0, max(0, min(end_s, problem.horizon_s))),)
    cut = tuple(solver.Window(one.earliest_s, min(one.latest_s, end_s)) for one in windows if one.earliest_s <= end_s)
    return cut or windows[:1]


def broken(
    wishes: Wishes, before: Mapping[str, tuple[str, ...]], after: Picture, names: Mapping[str, str]
) -> list[str]:
    """The wishes that a plan does not keep, in words: what was loaded elsewhere or left behind, what comes late."""
    owner = {stop["id"]: route["shift"] for route in after["routes"] for stop in route["stops"]}
    promise = {stop["id"]: stop["promise"] for route in after["routes"] for stop in route["stops"]}
    routed = {stop for order in before.values() for stop in order}
    said = [
        say(
            "{get} lies in the van of {get2} and would not go with it.",
            get=names.get(stop, stop),
            get2=names.get(van, van),
        )
        for stop, van in wishes.loaded.items()
        if owner.get(stop) != van
    ]
    said += [
        say("The promise for {get} would be broken.", get=names.get(stop, stop))
        for stop in wishes.promises
        if stop in routed and promise.get(stop) != "kept"
    ]
    return said
