"""Travel times for one stop beside the routes that stand: the legs that they have, and the ways to and from the stop.

A matrix of a thousand stops takes seconds, and where one more stop fits depends on two thousand of its million pairs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch import planning
from dispatch.models import Plan, Route
from dispatch.travel import travel_between
from routing import roads, solver
from routing.roads.star import star


def travel(plan: Plan, day: planning.DayFacts, stop_id: str) -> solver.Travel:
    """Travel among the points of a day's facts, of which only this is known: the legs of the routes as they stand, and
    the ways between the stop and every point. The whole matrix where that cannot be had."""
    points = day.points()
    places = {stop.id: len(day.shifts) + number for number, stop in enumerate(day.stops)}
    at = places[stop_id]
    # Legs and ways must come from the same roads.
    found = star(roads.from_settings(), points[at], points) if plan.roads == "osrm" else None
    known = None if found is None else _legs(plan, day, places)
    if found is None or known is None:
        return travel_between(points)[0]
    seconds = np.full((len(points), len(points)), roads.UNREACHABLE, dtype=np.int32)
    metres = seconds.copy()
    for (start, end), (leg_s, leg_m) in known.items():
        seconds[start, end], metres[start, end] = leg_s, leg_m
    seconds[at, :], seconds[:, at] = found.seconds
    metres[at, :], metres[:, at] = found.metres
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    return planning.to_travel(seconds, metres, roads.UNREACHABLE)


def at_their_depots(problem: solver.Problem, day: planning.DayFacts) -> solver.Problem:
    """The same problem in which vans of one depot stand at one place: so the solver sees which of them are alike, and
    looks at one for all."""
    first = _depots(day)
    return replace(
        problem,
        vehicles=tuple(
            replace(vehicle, start_place=first[shift.depot], end_place=first[shift.depot])
            for vehicle, shift in zip(problem.vehicles, day.shifts, strict=True)
        ),
    )


def _depots(day: planning.DayFacts) -> dict[planning.Point, int]:
    """The place of each depot: that of its first shift."""
    first: dict[planning.Point, int] = {}
    for place, shift in enumerate(day.shifts):
        first.setdefault(shift.depot, place)
    return first


def _legs(plan: Plan, day: planning.DayFacts, places: dict[str, int]) -> dict[tuple[int, int], tuple[int, int]] | None:
    """The legs that the routes were laid with; None if a stop has left one of them since."""
    rows = Route.objects.filter(plan=plan).exclude(status="cancelled").values_list("shift_id", "legs")
    laid = {str(shift): legs for shift, legs in rows}
    known: dict[tuple[int, int], tuple[int, int]] = {}
    depots = _depots(day)
    for shift in day.shifts:
        order = day.sequences.get(shift.id, ())
        if not order:
            continue
        depot = depots[shift.depot]
        way = [depot, *(places[stop] for stop in order), depot]
        legs = laid.get(shift.id, [])
        if len(legs) != len(way) - 1:
            return None
        for start, end, (leg_s, leg_m) in zip(way[:-1], way[1:], legs, strict=True):
            known[start, end] = (leg_s, leg_m)
    return known
