"""A plan's routes at one moment as plain rows that can be kept, shown and compared. Pure: no Django, no clock.

Lateness is counted as everywhere in the house: by the window told to the recipient, else by the planned one, and not by
the reserve that planning keeps before a window ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from dispatch import planning

Promise = Literal["none", "kept", "broken"]


@dataclass(frozen=True, slots=True)
class Told:
    """By when a stop is to be reached at the latest, and whether somebody was told so."""

    end_at: datetime | None
    promised: bool


class StopPicture(TypedDict):
    """`late_s` is how long after its window it is reached; `promise` whether what the recipient was told is kept."""

    id: str
    arrival_at: str
    departure_at: str
    late_s: int
    promise: Promise


class RoutePicture(TypedDict):
    """`shift` names the route (an imagined one has no row: `imagined`), `terms` are cents by the objective's terms."""

    shift: str
    label: str
    imagined: bool
    starts_at: str
    ends_at: str
    distance_m: int
    duration_s: int
    cost_cents: int
    late_s: int
    stops: list[StopPicture]
    terms: dict[str, int]
    geometry: str


class LeftOut(TypedDict):
    id: str
    code: str
    message: str
    promise: Promise


class Picture(TypedDict):
    """`terms` are cents of the whole plan, those that only a plan has among them."""

    routes: list[RoutePicture]
    off: list[LeftOut]
    terms: dict[str, int]


def route_of(
    times: planning.RouteTimes, label: str, told: Mapping[str, Told], *, geometry: str = "", imagined: bool = False
) -> RoutePicture:
    """One route."""
    stops = [_stop(one, told.get(one.id)) for one in times.stops]
    return {
        "shift": times.shift_id,
        "label": label,
        "imagined": imagined,
        "starts_at": times.starts_at.isoformat(),
        "ends_at": times.ends_at.isoformat(),
        "distance_m": times.distance_m,
        "duration_s": times.duration_s,
        "cost_cents": times.cost_cents,
        "late_s": sum(stop["late_s"] for stop in stops),
        "stops": stops,
        "terms": {name: cents for name, (_, cents) in times.amounts.items()},
        "geometry": geometry,
    }


def left_out(reasons: Mapping[str, tuple[str, str]], told: Mapping[str, Told]) -> list[LeftOut]:
    """Stops on no route: {stop id: (code, sentence)}. A promise to a stop that nobody visits is broken."""
    return [
        {"id": id, "code": code, "message": message, "promise": "broken" if _promised(told.get(id)) else "none"}
        for id, (code, message) in sorted(reasons.items())
    ]


def sequences(picture: Picture, shifts: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Stop ids in order, by shift; of `shifts` alone when given."""
    return {
        route["shift"]: tuple(stop["id"] for stop in route["stops"])
        for route in picture["routes"]
        if shifts is None or route["shift"] in shifts
    }


def ids(picture: Picture) -> Iterable[str]:
    """Every stop of the picture."""
    for route in picture["routes"]:
        yield from (stop["id"] for stop in route["stops"])
    yield from (one["id"] for one in picture["off"])


def _promised(told: Told | None) -> bool:
    return told is not None and told.promised and told.end_at is not None


def _stop(times: planning.StopTimes, told: Told | None) -> StopPicture:
    late_s = 0
    if told is not None and told.end_at is not None:
        late_s = max(0, round((times.arrival_at - told.end_at).total_seconds()))
    promise: Promise = ("broken" if late_s else "kept") if _promised(told) else "none"
    return {
        "id": times.id,
        "arrival_at": times.arrival_at.isoformat(),
        "departure_at": times.departure_at.isoformat(),
        "late_s": late_s,
        "promise": promise,
    }
