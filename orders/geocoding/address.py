"""What goes into a geocoder and what comes out: `Address`, `Located`, `NotFound`, and the face of every geocoder."""

from __future__ import annotations

import dataclasses
from typing import Literal, Protocol

Precision = Literal["address", "interpolated", "street", "locality", "given"]


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """An address as a person wrote it; every field may be empty, wrong or in the wrong place.

    A whole address in one line goes into `street` with the other fields left empty.
    """

    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
    """A location for an address: WGS 84 degrees and how far to trust them.

    `confidence` 0..1 is the estimated chance that the location is the right one and near enough to deliver to.
    `doubtful` means: let a person look before a van drives there; `reason` tells that person why.
    `matched` is the address as the map writes it. `precision` "given" is for coordinates set by a person.
    """

    lat: float
    lon: float
    confidence: float
    precision: Precision
    doubtful: bool
    reason: str
    matched: str


@dataclasses.dataclass(frozen=True, slots=True)
class NotFound:
    """No location; `reason` is one sentence for the person who has to set it by hand."""

    reason: str


class GeocoderUnavailable(Exception):
    """The geocoder cannot answer now (no atlas file, no network, a refusal): nothing is wrong with the address.

    Callers keep the order as it is and ask again later.
    """


class Geocoder(Protocol):
    """Whatever can tell where addresses are."""

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        """One answer for each address, in the same order. Raises GeocoderUnavailable for the whole batch."""
        ...

    def suggest(self, typed: str, limit: int = 8) -> list[Located]:
        """Complete a half-typed address. Raises GeocoderUnavailable."""
        ...
