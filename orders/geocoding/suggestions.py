"""Complete a half-typed address: streets whose words begin as typed, or are nearly so, with their numbers."""

from __future__ import annotations

import dataclasses

from rapidfuzz import fuzz, process

from orders.geocoding import numbers, reading, text
from orders.geocoding.address import Address, Located
from orders.geocoding.catalogue import Cluster
from orders.geocoding.matcher import Matcher, label
from orders.geocoding.reading import Reading
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
            for likeness, key in self._streets(item.street, limit):
                for cluster in self._matcher.catalogue.clusters(key):
                    score = likeness * self._town_fits(item, cluster)
                    for found in self._spots(cluster, item.number, score, limit):
                        out.setdefault(f"{found.matched}|{found.lat:.2f} {found.lon:.2f}", found)
            if len(out) >= limit:
                break
        ranked = sorted(out.values(), key=lambda f: (-f.confidence, f.matched, f.lat, f.lon))
        return ranked[:limit]

    def _town_fits(self, item: Reading, cluster: Cluster) -> float:
        """1 where the typed town is around the street or none was typed, less elsewhere."""
        cost = 0.0
        for name in (*item.cities, *item.hints):
            folded = text.locality_key(name)
            if folded and not text.locality_key(self._town(cluster)[1]).startswith(folded):
                cost += 0.2
        return max(0.4, 1.0 - cost)

    def _town(self, cluster: Cluster) -> tuple[str, str]:
        """(postcode, town) to tell streets of one name apart."""
        tagged = next(((m.postcode, m.city) for m in cluster.mapped if m.city), None)
        return tagged or ("", self._matcher.gazetteer.nearest(cluster.centre))

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

    def _spots(self, cluster: Cluster, number: str, score: float, limit: int) -> list[Located]:
        wanted = text.house_numbers(number)
        if not wanted:
            return [self._located(cluster, numbers.spots(cluster, "")[0], score)]
        begun = str(wanted[0].first)
        mapped = [m for m in cluster.mapped if any(str(n.first).startswith(begun) for n in m.numbers)]
        out = []
        for m in sorted(mapped, key=lambda m: (m.numbers[0].first, m.text))[:limit]:
            spot = numbers.Spot(m.point, 0.0, "address", 15.0, m.text, "", m.postcode, m.city, m.districts)
            out.append(self._located(cluster, spot, score * (1.0 if m.numbers[0] == wanted[0] else 0.8)))
        if not any(n.covers(wanted[0].first) for m in mapped for n in m.numbers):
            out += [self._located(cluster, spot, score * 0.7) for spot in numbers.spots(cluster, number)[:1]]
        return out

    def _located(self, cluster: Cluster, spot: numbers.Spot, score: float) -> Located:
        if not spot.city:
            postcode, city = self._town(cluster)
            spot = dataclasses.replace(spot, postcode=spot.postcode or postcode, city=city)
        doubtful = spot.precision != "address"
        note = spot.note or "no house number yet"
        reason = f"{note[:1].upper()}{note[1:]}." if doubtful else "Found on the map."
        return Located(
            lat=round(spot.point[0], 7), lon=round(spot.point[1], 7), confidence=round(min(1.0, score), 3),
            precision=spot.precision, doubtful=doubtful, reason=reason, matched=label(cluster, spot),
        )  # fmt: skip
