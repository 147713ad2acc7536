"""Geocoding by a Nominatim or Photon server over HTTP.

Answers are mapped to the same `Located` as the atlas gives: precision from what kind of thing was found, doubt
from how well street, postcode and town agree with what was asked. Network faults, refusals (403, 429), server
errors and answers that are no JSON raise `GeocoderUnavailable`: the address is asked again later. An empty
answer is `NotFound`. Addresses are never logged.

Nominatim: https://nominatim.org/release-docs/latest/api/Search/ (the public server allows 1 request per second:
https://operations.osmfoundation.org/policies/nominatim/). Photon: https://github.com/komoot/photon
"""

from __future__ import annotations

import abc
import dataclasses
import json
import math
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from core.words import say
from orders.geocoding import geometry, numbers, streets, text
from orders.geocoding.address import Address, GeocoderUnavailable, Located, NotFound, Precision

AGENT = "Lastmile (delivery planning)"
PUBLIC_NOMINATIM = "nominatim.openstreetmap.org"
MAX_ANSWER_BYTES = 2_000_000
_next_at: dict[str, float] = {}  # by host: monotonic seconds before which no request may start
_pacing = threading.Lock()
ASKED_FOR = 5  # answers wanted for one address, to see whether the best one stands alone


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a server, in our words; texts may be empty."""

    lat: float
    lon: float
    street: str
    house_number: str
    postcode: str
    towns: tuple[str, ...]
    is_street: bool
    label: str


class RemoteGeocoder(abc.ABC):
    """What both servers have in common. `seconds_between` spaces requests; `timeout_s` bounds each one."""

    def __init__(
        self, url: str, *, seconds_between: float | None = None, timeout_s: float = 10.0, agent: str = AGENT
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"A geocoder's address begins with http:// or https://, not {url!r}.")
        self.url = url.rstrip("/")
        public = parts.hostname == PUBLIC_NOMINATIM
        self.seconds_between = seconds_between if seconds_between is not None else (1.0 if public else 0.0)
        self._timeout = httpx.Timeout(timeout_s, connect=min(5.0, timeout_s))
        self._agent = agent
        self._host = parts.netloc

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        """One answer for each address, in the same order; the same address is asked once."""
        known: dict[Address, Located | NotFound] = {}
        with self._client() as client:
            for address in addresses:
                if address not in known:
                    known[address] = self._one(client, address)
        return [known[address] for address in addresses]

    def suggest(self, typed: str, limit: int = 8) -> list[Located]:
        """Complete a half-typed address, as far as the server can."""
        typed = text.clean(typed)
        if limit < 1 or len(typed) < 3:
            return []
        with self._client() as client:
            hits = self._hits(client, self._typed_query(typed, min(limit, 20)))
        return [_answer(Address(street=typed), hit, rivals=0) for hit in hits[:limit]]

    @abc.abstractmethod
    def _typed_query(self, typed: str, limit: int) -> tuple[str, dict[str, str]]:
        """Path and parameters that complete a half-typed text."""

    @abc.abstractmethod
    def _queries(self, address: Address) -> list[tuple[str, dict[str, str]]]:
        """Path and parameters to try in turn until one has an answer."""

    @abc.abstractmethod
    def _rows(self, body: object) -> list[Any]:
        """The list of answers in a JSON body; empty for a body of another form."""

    @abc.abstractmethod
    def _hit(self, row: dict[str, Any]) -> Hit | None:
        """One answer in our words; None when it has no usable coordinates."""

    def _client(self) -> httpx.Client:
        return httpx.Client(
            timeout=self._timeout, headers={"User-Agent": self._agent, "Accept": "application/json"},
            follow_redirects=False,
        )  # fmt: skip

    def _one(self, client: httpx.Client, address: Address) -> Located | NotFound:
        if not any(text.fold(value) for value in (address.street, address.postcode, address.city)):
            return NotFound(say("Not found: the address is empty."))
        for query in self._queries(address):
            hits = self._hits(client, query)
            if hits:
                ranked = sorted(hits, key=lambda hit: -_fit(address, hit))  # stable: the server's order breaks ties
                best = ranked[0]
                rivals = sum(
                    geometry.distance_m((best.lat, best.lon), (hit.lat, hit.lon)) > 100.0
                    and _fit(address, hit) >= _fit(address, best) - 0.05
                    for hit in ranked[1:]
                )
                return _answer(address, best, rivals)
        return NotFound(say("Not found: the geocoder knows no such address."))

    def _hits(self, client: httpx.Client, query: tuple[str, dict[str, str]]) -> list[Hit]:
        path, params = query
        rows = self._rows(self._fetch(client, path, params))
        return [hit for row in rows if isinstance(row, dict) and (hit := self._hit(row)) is not None]

    def _fetch(self, client: httpx.Client, path: str, params: dict[str, str]) -> object:
        self._wait()
        try:
            with client.stream("GET", f"{self.url}{path}", params=params) as response:
                if response.status_code == 400:
                    return None  # the server cannot make sense of this one address
                if response.status_code != 200:
                    raise GeocoderUnavailable(f"The geocoder answered with status {response.status_code}.")
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise GeocoderUnavailable("The geocoder's answer is too long.")
        except httpx.HTTPError as fault:
            raise GeocoderUnavailable(f"The geocoder cannot be reached ({type(fault).__name__}).") from fault
        try:
            return _json(body)
        except ValueError as fault:
            raise GeocoderUnavailable("The geocoder's answer is not JSON.") from fault

    def _wait(self) -> None:
        """Keep the pause between requests to one host, in all threads of this process."""
        if self.seconds_between <= 0:
            return
        with _pacing:
            now = time.monotonic()
            start = max(now, _next_at.get(self._host, 0.0))
            _next_at[self._host] = start + self.seconds_between
        time.sleep(max(0.0, start - now))


class NominatimGeocoder(RemoteGeocoder):
    """Nominatim's `/search`: first field by field, then as one line."""

    def _typed_query(self, typed: str, limit: int) -> tuple[str, dict[str, str]]:
        return "/search", {"q": typed, "format": "jsonv2", "addressdetails": "1", "limit": str(limit)}

    def _queries(self, address: Address) -> list[tuple[str, dict[str, str]]]:
        common = {"format": "jsonv2", "addressdetails": "1", "limit": str(ASKED_FOR)}
        if _country(address):
            common["countrycodes"] = _country(address)
        fields = {
            "street": text.clean(f"{address.house_number} {address.street}"),
            "city": text.clean(address.city), "postalcode": text.clean(address.postcode),
        }  # fmt: skip
        given = {key: value for key, value in fields.items() if value}
        line = {"q": _one_line(address)}
        lenient = {**given}
        lenient.pop("postalcode", None)  # a wrong postcode finds nothing field by field
        tries = [given, lenient, line] if address.street.strip() else [line]
        unique = [t for i, t in enumerate(tries) if t and t not in tries[:i]]
        return [("/search", {**t, **common}) for t in unique]

    def _rows(self, body: object) -> list[Any]:
        return body if isinstance(body, list) else []

    def _hit(self, row: dict[str, Any]) -> Hit | None:
        point = _point(row.get("lat"), row.get("lon"))
        if point is None:
            return None
        parts = row.get("address") if isinstance(row.get("address"), dict) else {}
        assert isinstance(parts, dict)
        keys = ("city", "town", "village", "municipality", "suburb", "city_district", "county", "province", "state")
        street = next((_text(parts.get(k)) for k in ("road", "pedestrian", "square", "place") if parts.get(k)), "")
        return Hit(
            *point, street, _text(parts.get("house_number")), _text(parts.get("postcode")),
            tuple(_text(parts.get(k)) for k in keys if parts.get(k)),
            bool(street) and _text(row.get("category") or row.get("class")) == "highway",
            _text(row.get("display_name")),
        )  # fmt: skip


class PhotonGeocoder(RemoteGeocoder):
    """Photon's `/api`: one line, GeoJSON back."""

    def _typed_query(self, typed: str, limit: int) -> tuple[str, dict[str, str]]:
        return "/api", {"q": typed, "limit": str(limit)}

    def _queries(self, address: Address) -> list[tuple[str, dict[str, str]]]:
        without = dataclasses.replace(address, postcode="")
        lines = dict.fromkeys((_one_line(address), _one_line(without)))
        return [("/api", {"q": line, "limit": str(ASKED_FOR)}) for line in lines if line]

    def _rows(self, body: object) -> list[Any]:
        features = body.get("features") if isinstance(body, dict) else None
        return features if isinstance(features, list) else []

    def _hit(self, row: dict[str, Any]) -> Hit | None:
        shape, parts = row.get("geometry"), row.get("properties")
        pair = shape.get("coordinates") if isinstance(shape, dict) else None
        if not isinstance(pair, list) or len(pair) < 2 or not isinstance(parts, dict):
            return None
        point = _point(pair[1], pair[0])
        if point is None:
            return None
        is_street = _text(parts.get("osm_key")) == "highway" or _text(parts.get("type")) == "street"
        street = _text(parts.get("street")) or (_text(parts.get("name")) if is_street else "")
        towns = tuple(_text(parts.get(k)) for k in ("city", "locality", "district", "county", "state") if parts.get(k))
        number, postcode = _text(parts.get("housenumber")), _text(parts.get("postcode"))
        label = ", ".join(filter(None, (f"{street or _text(parts.get('name'))} {number}".strip(), *towns[:1])))
        return Hit(*point, street, number, postcode, towns, is_street and not number, label)


def _answer(address: Address, hit: Hit, rivals: int) -> Located:
    precision: Precision = "address" if hit.house_number else "street" if hit.street else "locality"
    if precision == "address" and not _same_number(address, hit):
        precision = "interpolated"
    doubts = []
    if _street_unlike(address, hit) > 3.0:
        doubts.append(say("The geocoder's answer is another street: “{words}”.", words=hit.street or hit.label))
    if rivals:
        doubts.append(say("The geocoder knows {rivals} places that fit equally well.", rivals=rivals + 1))
    if _disagrees(address, hit):
        doubts.append(say("Neither postcode nor city agree with the answer “{hit}”.", hit=hit.label))
    if precision == "street":
        doubts.append(say("The geocoder knows the street but not the house number."))
    if precision == "interpolated":
        doubts.append(
            say("The geocoder knows number {house_number} but not the one asked for.", house_number=hit.house_number)
        )
    if precision == "locality":
        doubts.append(say("The geocoder found only the town or district."))
    base = {"address": 0.95, "interpolated": 0.6, "street": 0.5, "locality": 0.15, "given": 1.0}[precision]
    confidence = base * _fit(address, hit) if precision != "locality" else base
    reason = doubts[0] if doubts else "Street and house number agree with the geocoder's answer."
    if doubts:
        confidence = min(confidence, 0.6)
    return Located(hit.lat, hit.lon, round(confidence, 3), precision, bool(doubts), reason, hit.label)


def _fit(address: Address, hit: Hit) -> float:
    """0..1: how well an answer fits what was asked; 1 when street, number, postcode and town all agree."""
    fit = 1.0 - min(0.5, _street_unlike(address, hit) * 0.12)
    if address.house_number.strip() and not _same_number(address, hit):
        fit -= 0.25
    if _disagrees(address, hit):
        fit -= 0.25
    elif not (_postcode_agrees(address, hit) or not address.postcode.strip()):
        fit -= 0.05
    return max(0.0, fit)


def _street_unlike(address: Address, hit: Hit) -> float:
    wanted = text.street_key(address.street)
    if not wanted.core:
        return 0.0
    found = text.street_key(hit.street)
    if not found.core:
        return 4.0
    # one field may hold the whole address: then the street's name is somewhere in it
    if found.core in text.fold(address.street).replace(" ", ""):
        return 0.0
    return min(4.0, streets.cost(wanted, found))


def _same_number(address: Address, hit: Hit) -> bool:
    wanted, found = text.house_numbers(address.house_number), text.house_numbers(hit.house_number)
    if not wanted and not address.house_number.strip():
        inside = text.fold(address.street).split()
        return bool(hit.house_number) and text.fold(hit.house_number) in inside
    if not wanted or not found:
        return text.fold(address.house_number) == text.fold(hit.house_number)
    return any((cost := numbers.likeness(wanted[0], n)) is not None and cost <= 0.6 for n in found)


def _postcode_agrees(address: Address, hit: Hit) -> bool:
    return bool(hit.postcode) and text.postcode_key(address.postcode) == text.postcode_key(hit.postcode)


def _disagrees(address: Address, hit: Hit) -> bool:
    """Neither the postcode nor any part of the city asked for is in the answer, though something was asked."""
    asked = [text.locality_key(part) for part in address.city.replace("/", ",").replace("-", ",").split(",")]
    asked = [key for key in asked if key]
    known = {text.locality_key(town) for town in hit.towns}
    if _postcode_agrees(address, hit) or (asked and any(a in k or k in a for a in asked for k in known)):
        return False
    return bool(asked) or bool(address.postcode.strip())


def _one_line(address: Address) -> str:
    street = f"{address.street} {address.house_number}".strip()
    town = f"{address.postcode} {address.city}".strip()
    return text.clean(", ".join(filter(None, (street, town, address.country.strip()))))


def _country(address: Address) -> str:
    code = address.country.strip().lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _text(value: object) -> str:
    return text.clean(value) if isinstance(value, str) else ""


def _point(lat: object, lon: object) -> tuple[float, float] | None:
    """A finite point on Earth, or None for whatever else a server may send."""
    if not isinstance(lat, str | int | float) or not isinstance(lon, str | int | float):
        return None
    try:
        point = float(lat), float(lon)
    except (ValueError, OverflowError):
        return None
    fits = all(map(math.isfinite, point)) and abs(point[0]) <= 90 and abs(point[1]) <= 180
    return point if fits else None


def _json(body: bytes) -> object:
    try:
        answer: object = json.loads(body)
    except RecursionError as fault:
        raise ValueError("nested too deep") from fault
    return answer
