"""Decide where an address is: every street it may mean × every spot its number may be × the places it names.

Each candidate's cost is a sum of negative log-likelihoods (reading, street spelling, number, city, postcode).
Candidates compete with each other and with the possibility that the map lacks the street at all; the share of
the best one's likelihood is the confidence, and a share that does not clearly win is marked doubtful. So a
wrong postcode alone does not move an address, and a street that exists in five towns is not decided by chance.
Pure and deterministic: the same atlas and address give the same answer.
"""

from __future__ import annotations

import dataclasses
import functools
import math

from core.words import number as counted
from core.words import say
from orders.geocoding import geometry, numbers, reading, streets, text
from orders.geocoding.address import Address, Located, NotFound
from orders.geocoding.catalogue import Catalogue, Cluster
from orders.geocoding.localities import CITY_CONTRADICTS, Gazetteer, Locality
from orders.geocoding.numbers import Spot
from orders.geocoding.reading import Reading
from orders.geocoding.text import StreetKey

LACKS_STREET = 4.5  # cost of "the map lacks this street"
HOPELESS = 8.0  # a candidate above this is no answer, not even a doubtful one
SURE = 0.8  # the best candidate must have this share of the likelihood
SAME_PLACE_M = 100.0
QUALITY = {"address": 0.98, "interpolated": 0.9, "street": 0.7, "locality": 0.3, "given": 1.0}


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """One spot that may be meant, with what speaks against it."""

    key: StreetKey
    cluster: Cluster
    spot: Spot
    reading: Reading
    street_cost: float
    city_cost: float
    postcode_cost: float

    @property
    def cost(self) -> float:
        """The sum that candidates compete by."""
        return self.reading.cost + self.street_cost + self.spot.cost + self.city_cost + self.postcode_cost

    @property
    def order(self) -> tuple[float, float, float, str]:
        """Total order, so that equals never depend on chance."""
        return (round(self.cost, 6), *self.spot.point, self.spot.found)


class Matcher:
    """Answers addresses from one atlas."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.gazetteer = Gazetteer(catalogue)
        self.similar = functools.lru_cache(maxsize=8192)(catalogue.similar)

    def match(self, address: Address) -> Located | NotFound:
        """The most likely location, marked when it is not clearly the right one."""
        readings = reading.read(address)
        if not readings[0].street:
            return self._locality(readings[0], say("the address has no street"))
        candidates = self._candidates(readings)
        if not candidates or candidates[0].cost > HOPELESS:
            return self._locality(
                readings[0], say("the map has no street like “{text}”", text=text.clean(readings[0].street)[:80])
            )
        return self._decide(address, candidates)

    def _candidates(self, readings: list[Reading]) -> list[Candidate]:
        """All candidates, best first. Likenesses are looked for only where exact names give nothing good."""
        out: list[Candidate] = []
        done: set[tuple[StreetKey, str, StreetKey]] = set()
        for similar in (False, True):
            for number, item in enumerate(readings):
                wanted = text.street_key(item.street)
                if not wanted.core or (similar and number >= 6):
                    continue
                keys = self.similar(wanted) if similar else self.catalogue.exact(wanted)
                for key in keys:
                    if (wanted, item.number, key) not in done:
                        done.add((wanted, item.number, key))
                        out += self._in_street(item, wanted, key)
            out.sort(key=lambda c: c.order)
            if out and out[0].cost <= 1.0:
                break
        return out

    def _in_street(self, item: Reading, wanted: StreetKey, key: StreetKey) -> list[Candidate]:
        street_cost = streets.cost(wanted, key)
        if street_cost + item.cost > HOPELESS:
            return []
        out = []
        for cluster in self.catalogue.clusters(key):
            for spot in numbers.spots(cluster, item.number):
                city, postcode = self._place_costs(item, cluster, spot)
                out.append(Candidate(key, cluster, spot, item, street_cost, city, postcode))
        return out

    def _place_costs(self, item: Reading, cluster: Cluster, spot: Spot) -> tuple[float, float]:
        city, hint = 0.0, 0.0
        for place, spelling in self._named(item.cities):
            city += spelling + self.gazetteer.city_cost(place, spot.point, spot.city, spot.districts)
        for place, spelling in self._named(item.hints):
            hint += spelling + self.gazetteer.city_cost(place, spot.point, spot.city, spot.districts)
        if item.cities and not self._named(item.cities):
            city += 0.5
        postcode = 0.0
        code = text.postcode_key(item.postcode)
        if code:
            postcode = self.gazetteer.postcode_cost(code, spot.point, spot.postcode)
        return min(CITY_CONTRADICTS, city + (hint if item.cities == () else hint * 0.6)), postcode

    def _named(self, names: tuple[str, ...]) -> list[tuple[Locality, float]]:
        found = {hit[0].name: hit for name in names for hit in self.gazetteer.resolve(name)}
        return list(found.values())

    def _decide(self, address: Address, candidates: list[Candidate]) -> Located:
        places = _places(candidates)
        best = places[0]
        weights = [math.exp(best.cost - rival.cost) for rival in places if rival.cost < best.cost + 12]
        share = 1.0 / (sum(weights) + math.exp(best.cost - LACKS_STREET))
        rivals = [r for r in places[1:] if r.cost < best.cost + 4.0]
        doubts = self._doubts(address, best, rivals, share)
        precise = QUALITY[best.spot.precision] * (1.0 if best.spot.spread_m <= SAME_PLACE_M else 0.6)
        confidence = min(share, 0.75) * precise if doubts else share * precise
        reason = doubts[0] if doubts else _agreement(best)
        return Located(
            lat=round(best.spot.point[0], 7), lon=round(best.spot.point[1], 7), confidence=round(confidence, 3),
            precision=best.spot.precision, doubtful=bool(doubts), reason=reason, matched=label(best.cluster, best.spot),
        )  # fmt: skip

    def _doubts(self, address: Address, best: Candidate, rivals: list[Candidate], share: float) -> list[str]:
        """Reasons to let a person look, the weightiest first."""
        name = f"“{best.cluster.name}”"
        out = []
        country = address.country.strip().upper()
        known = self.catalogue.countries
        if len(country) == 2 and known and country not in known:
            out.append(
                say(
                    "The order's country {country} is not one this map covers ({known}).",
                    country=country,
                    known=", ".join(sorted(known)),
                )
            )
        if best.street_cost >= 1.0 and best.reading.street and share < SURE:
            out.append(
                say(
                    "No street is written “{street}”; {name} is only the most likely one.",
                    street=best.reading.street[:80],
                    name=name,
                )
            )
        alone = not any(rival.cost < best.cost + 1.5 for rival in rivals)
        if best.city_cost >= CITY_CONTRADICTS - 0.5 or (share < SURE and best.city_cost >= 1.5 and alone):
            out.append(say("{name} was found, but not in {said}.", name=name, said=_said(best.reading)))
        elif best.reading.cities and not self._named(best.reading.cities) and not self._postcode_agrees(best):
            out.append(
                say(
                    "The map knows no place called {said}, so the right {name} is not certain.",
                    said=_said(best.reading),
                    name=name,
                )
            )
        if share < SURE:
            out.append(_ambiguity(best, rivals))
        if best.spot.precision == "street" and best.spot.spread_m > SAME_PLACE_M:
            out.append(
                say(
                    "Placed in the middle of {name}: {words}.",
                    name=name,
                    words=best.spot.note or say("the house number cannot be read"),
                )
            )
        elif best.spot.spread_m > SAME_PLACE_M:
            out.append(
                say(
                    "In {name} {note}, up to {spread_m} m off.",
                    name=name,
                    note=best.spot.note,
                    spread_m=counted(round(best.spot.spread_m, -1)),
                )
            )
        return out

    def _postcode_agrees(self, best: Candidate) -> bool:
        code = text.postcode_key(best.reading.postcode)
        return code in self.gazetteer.postcodes and best.postcode_cost <= 0.7

    def _locality(self, item: Reading, why: str) -> Located | NotFound:
        """Only the town or postcode is known: its middle, always doubtful."""
        named = self._named(item.cities) or self._named(item.hints)
        code = text.postcode_key(item.postcode)
        place = self.gazetteer.postcodes.get(code) or (named[0][0] if named else None)
        if place is None:
            if item.cities:
                return NotFound(say("Not found: {why} and no place called {place}.", why=why, place=_said(item)))
            return NotFound(say("Not found: {why}.", why=why))
        lat, lon = place.centre
        reason = say("Placed in the middle of {place}: {why}.", place=place.name, why=why)
        return Located(round(lat, 7), round(lon, 7), 0.1, "locality", True, reason, place.name)


def _places(candidates: list[Candidate]) -> list[Candidate]:
    """The best candidate of each place: those within SAME_PLACE_M of a better one add nothing."""
    out: list[Candidate] = []
    for candidate in candidates:
        if all(geometry.distance_m(candidate.spot.point, kept.spot.point) > SAME_PLACE_M for kept in out):
            out.append(candidate)
        if len(out) >= 40:
            break
    return out


def label(cluster: Cluster, spot: Spot) -> str:
    """The address as the map writes it: "Bahnhofstraße 11, 69239 Neckarsteinach"."""
    street = f"{cluster.name} {spot.found}".strip()
    town = " ".join(filter(None, (spot.postcode, spot.city or ", ".join(spot.districts[:1]))))
    return f"{street}, {town}" if town else street


def _said(item: Reading) -> str:
    return "“" + "/".join(item.cities or item.hints)[:80] + "”"


def _ambiguity(best: Candidate, rivals: list[Candidate]) -> str:
    item = best.reading
    same = [r for r in rivals if r.key == best.key]
    what = f"{best.cluster.name} {best.spot.found}".strip() if best.spot.found else best.cluster.name
    if same:
        hints = item.cities or item.hints
        if item.postcode and hints:
            tail = say("postcode and city of the order do not decide")
        elif item.postcode:
            tail = say("postcode of the order does not decide")
        elif hints:
            tail = say("city of the order does not decide")
        else:
            tail = say("the order names neither postcode nor city")
        places = len(same) + 1
        return say("“{what}” may be in {count} places of this map and {tail}.", what=what, count=places, tail=tail)
    if rivals and rivals[0].cost < best.cost + 2.0:
        return say(
            "“{what}” is the best match, but “{cluster}” is nearly as good.", what=what, cluster=rivals[0].cluster.name
        )
    return say("“{what}” is the best match, but it fits the order badly.", what=what)


def _agreement(best: Candidate) -> str:
    """One sentence on what the location rests on."""
    parts = ["street" if best.street_cost < 1.0 else f"street (spelt “{best.cluster.name}” on the map)"]
    if best.spot.precision == "address" and best.spot.cost <= 0.3:
        parts.append("house number")
    item = best.reading
    if item.postcode and best.postcode_cost <= 0.2:
        parts.append("postcode")
    if item.cities and best.city_cost <= 0.2:
        parts.append("city")
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    tail = f"; {best.spot.note}" if best.spot.note else ""
    if item.postcode and best.postcode_cost >= 1.5:
        tail += f"; the postcode {item.postcode} does not belong there"
    return f"The {listed} agree{'s' if len(parts) == 1 else ''}{tail}."
