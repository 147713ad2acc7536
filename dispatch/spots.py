"""Where stops are: on whose shift, as which one, how firmly. What an edit keeps of before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict
from uuid import UUID

from django.db.models import Q

from dispatch import states
from dispatch.models import Plan, Stop


class LeftRow(TypedDict):
    """Why a stop is on no route."""

    code: str
    message: str


class Spot(TypedDict):
    """A stop's place: `position` counts from 1 on the route of `shift`; both are None off every route."""

    shift: str | None
    position: int | None
    lock: str
    left: LeftRow | None


Spots = dict[str, Spot]
"""Places by stop id."""

NOWHERE: Spot = {"shift": None, "position": None, "lock": "", "left": None}


def of_plan(plan: Plan, *, shift_ids: Collection[UUID] | None = None, also: Collection[UUID] = ()) -> Spots:
    """Where the stops of these shifts (None: of all that have not set out, and those on no route) and `also` are now.

    Only stops that may still be moved.
    """
    found = Stop.objects.filter(plan=plan, status__in=states.MOVABLE).select_related("route")
    found = found.defer("route__geometry", "route__legs", "route__amounts", "route__load")
    if shift_ids is not None:
        found = found.filter(Q(route__shift_id__in=shift_ids) | Q(id__in=also))
    return of_stops(found)


def of_stops(stops: Iterable[Stop]) -> Spots:
    """The same of these stops (loaded with their route), of those that may still be moved; a route must come with all
    its stops."""
    spots: Spots = {}
    lanes: dict[UUID, list[Stop]] = defaultdict(list)
    for stop in stops:
        if stop.status not in states.MOVABLE:
            continue
        if stop.route is None:
            why: LeftRow = {"code": stop.unassigned_code, "message": stop.unassigned_message}
            spots[str(stop.id)] = {**NOWHERE, "left": why}
        else:
            lanes[stop.route.shift_id].append(stop)
    for shift_id, lane in lanes.items():
        in_order = sorted(lane, key=lambda one: (one.position or 0, str(one.id)))
        for number, stop in enumerate(in_order, start=1):
            spots[str(stop.id)] = {"shift": str(shift_id), "position": number, "lock": stop.lock, "left": None}
    return spots


def lanes_of(spots: Mapping[str, Spot], *, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Stop ids in order, by shift id."""
    lanes: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for stop_id, spot in spots.items():
        if spot["shift"] is not None and stop_id not in without:
            lanes[spot["shift"]].append((spot["position"] or 0, stop_id))
    return {shift_id: [stop_id for _, stop_id in sorted(lane)] for shift_id, lane in lanes.items()}


def shifts_of(*several: Mapping[str, Spot]) -> set[str]:
    """The shifts that any of these speak of."""
    return {spot["shift"] for spots in several for spot in spots.values() if spot["shift"] is not None}


def moved_between(before: Mapping[str, Spot], after: Mapping[str, Spot]) -> list[str]:
    """Stops whose shift or lock differs; where none does, those whose number differs."""
    ids = sorted({*before, *after})
    pairs = [(one, before.get(one, NOWHERE), after.get(one, NOWHERE)) for one in ids]
    found = [one for one, was, now in pairs if was["shift"] != now["shift"] or was["lock"] != now["lock"]]
    return found or [one for one, was, now in pairs if was["position"] != now["position"]]
