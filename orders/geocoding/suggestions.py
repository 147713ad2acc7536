"""Complete a half-typed address: streets whose words begin as typed, or are nearly so, with their numbers."""

from __future__ import annotations

import dataclasses

from rapidfuzz import fuzz, process

from orders.geocoding import numbers, reading, text
from orders.geocoding.address import Address, Located
from orders.geocoding.catalogue import Cluster
from orders.geocoding.matcher import Matcher, label
from orders.geocoding.text import StreetKey

MAX_TYPED = 120


class Suggestions:
    """Suggestions from one atlas. Tens of thousands of street names take some milliseconds."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._keys = matcher.catalogue.keys
        self._folded = [text.fold(matcher.catalogue.names[key][0]) for key in self._keys]

    def suggest(self, typed: str, limit: int) -> list[Located]:
        """At most `limit` different places, the best first; nothing for fewer than two letters."""
        if limit < 1 or len(text.fold(typed[:MAX_TYPED]).replace(" ", "")) < 2:
            return []
        out: dict[str, Located] = {}
        readings = reading.read(Address(street=typed[:MAX_TYPED]))
        for item in sorted(readings, key=lambda r: (not r.number, r.cost))[:3] + readings[:1]:
            for score, key in self._streets(item.street, limit):
                for cluster in self._matcher.catalogue.clusters(key)[:limit]:
                    for found in _spots(cluster, item.number, score, limit):
                        town = self._town(found, cluster)
                        out.setdefault(f"{found.matched}|{town}", found)
            if len(out) >= limit:
                break
        ranked = sorted(out.values(), key=lambda f: (-f.confidence, f.matched, f.lat, f.lon))
        return ranked[:limit]

    def _streets(self, typed: str, limit: int) -> list[tuple[float, StreetKey]]:
        wanted = text.fold(typed)
        if len(wanted) < 2:
            return []
        key = text.street_key(typed)
        found: dict[int, float] = {}
        for index, name in enumerate(self._folded):
            if self._keys[index].core == key.core:
                found[index] = 1.0
            elif name.startswith(wanted):
                found[index] = 0.95
            elif f" {wanted}" in f" {name}":
                found[index] = 0.85
        if len(found) < limit and len(wanted) >= 4:
            hits = process.extract(wanted, self._folded, scorer=fuzz.partial_ratio, score_cutoff=75, limit=limit)
            for _, likeness, index in hits:
                found.setdefault(index, likeness / 125)
        ranked = sorted(found, key=lambda i: (-found[i], len(self._folded[i]), self._folded[i]))
        return [(found[i], self._keys[i]) for i in ranked[:limit]]

    @staticmethod
    def _town(found: Located, cluster: Cluster) -> str:
        """Tells equal labels in different places apart (about 1 km)."""
        return f"{found.lat:.2f} {found.lon:.2f}"


def _spots(cluster: Cluster, number: str, score: float, limit: int) -> list[Located]:
    wanted = text.house_numbers(number)
    begun = str(wanted[0].first) if wanted else ""
    out = []
    if begun:
        mapped = [m for m in cluster.mapped if any(str(n.first).startswith(begun) for n in m.numbers)]
        if not mapped:
            out += [_located(cluster, spot, score * 0.7) for spot in numbers.spots(cluster, number)]
        for m in sorted(mapped, key=lambda m: (m.numbers[0].first, m.text))[:limit]:
            exact = m.numbers[0] == wanted[0]
            spot = numbers.Spot(m.point, 0.0, "address", 15.0, m.text, "", m.postcode, m.city, m.districts)
            out.append(_located(cluster, spot, score * (1.0 if exact else 0.8)))
    else:
        out.append(_located(cluster, numbers.spots(cluster, "")[0], score))
    return out


def _located(cluster: Cluster, spot: numbers.Spot, score: float) -> Located:
    town = next(((m.postcode, m.city) for m in cluster.mapped if m.city), ("", ""))
    if not spot.city:
        spot = dataclasses.replace(spot, postcode=spot.postcode or town[0], city=town[1])
    lat, lon = spot.point
    doubtful = spot.precision != "address"
    reason = "Found on the map." if not doubtful else f"{spot.note or 'No house number yet'}.".capitalize()
    return Located(
        round(lat, 7), round(lon, 7), round(min(1.0, score), 3), spot.precision, doubtful, reason, label(cluster, spot)
    )
