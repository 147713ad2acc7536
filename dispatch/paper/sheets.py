"""What a route's paper says, in the words it is printed in: times are already those of the depot's clock."""

from __future__ import annotations

from dataclasses import dataclass

from core.words import number, say_many


@dataclass(frozen=True, slots=True)
class Parcel:
    """An order at a stop. `proof` and `window` are words ("Signature", "09:00–12:00"), "" for none."""

    reference: str
    recipient: str
    phone: str
    pieces: int
    weight_g: int
    volume_ml: int
    pallets: int
    proof: str
    promised: str
    instructions: str
    priority: str = ""
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class StopOnPaper:
    """A stop with its number on the route (from 1), the planned arrival and the planner's window."""

    number: int
    arrival: str
    window: str
    service_min: int
    address: str
    parcels: tuple[Parcel, ...]
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """The part of a route between two visits of the depot."""

    number: int
    stops: tuple[StopOnPaper, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A route on paper."""

    organization: str
    day: str
    driver: str
    vehicle: str
    plate: str
    depot: str
    starts: str
    ends: str
    rest: str
    distance: str
    trips: tuple[Trip, ...]
    capacity_g: int = 0
    capacity_ml: int = 0

    @property
    def stops(self) -> list[StopOnPaper]:
        return [stop for trip in self.trips for stop in trip.stops]

    @property
    def parcels(self) -> list[Parcel]:
        return [parcel for stop in self.stops for parcel in stop.parcels]


def kilograms(grams: int) -> str:
    return number(grams / 1000, 0 if round(grams / 100) % 10 == 0 else 1) + " kg"


def litres(millilitres: int) -> str:
    return number(round(millilitres / 1000)) + " l"


def parcels(count: int) -> str:
    """ "1 parcel", "2 parcels"."""
    return say_many("{count} parcel", "{count} parcels", count)


def pallets(count: int) -> str:
    """ "1 pallet", "2 pallets"."""
    return say_many("{count} pallet", "{count} pallets", count)
