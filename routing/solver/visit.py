"""A stop to make, and what several stops have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass

#: What leaving out a visit costs when the caller names no price: 1,000 units of money.
DEFAULT_PRICE_CENTS = 100_000


@dataclass(frozen=True, slots=True)
class Window:
    """From `earliest_s` to `latest_s`, both included. For a visit: when service may begin. For a shift: work."""

    earliest_s: int
    latest_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stop to make.

    `place` is its index in the travel matrices. `windows` say when service may begin (none: any time). With
    `late_cents_per_hour` the end of the last window is soft: service may begin later at that price; between
    two windows one always waits for the next. Service lasts `service_s` by the vehicle's percentage, and the
    vehicle's seconds per parcel for each of `parcels`.

    `load` is what is handed over, one amount per dimension: aboard since the tour or trip left the depot, or
    already in the van that `aboard` names (then only that vehicle can make the visit, and no reload is needed).
    `pickup` is what is taken in and stays aboard until the next depot.

    A vehicle needs all `skills`; `allowed_vehicles` restricts the visit to these ids. `familiar` are the vehicles
    whose drivers know the place; `zone` is where it lies. `price_cents` is what it costs to leave the visit out.
    """

    id: str
    place: int
    windows: tuple[Window, ...] = ()
    service_s: int = 0
    parcels: int = 0
    load: tuple[int, ...] = ()
    pickup: tuple[int, ...] | None = None
    aboard: str | None = None
    skills: frozenset[str] = frozenset()
    price_cents: int = DEFAULT_PRICE_CENTS
    late_cents_per_hour: int | None = None
    allowed_vehicles: frozenset[str] | None = None
    familiar: frozenset[str] = frozenset()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What the visit `pickup` takes in, `load` in each dimension, the visit `delivery` hands over.

    Both are made by one vehicle, in this order, or neither is made. The load stays aboard through reloads.
    """

    pickup: str
    delivery: str
    load: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A part of the plan that the search may not change: these `visits` belong to `vehicle`.

    strength "driver": the vehicle makes them, in any order. "order": and in this order, others may lie between.
    "position": and `visits[k]` is the stop number `position + k` of the vehicle's tour, counted from 0.
    """

    strength: str
    vehicle: str
    visits: tuple[str, ...]
    position: int | None = None
