"""Towns, districts and postcodes: which one a writer meant, and whether a point lies in it.

Knowledge comes from boundaries and place points of the map and from where the addresses that carry a city,
district or postcode lie. Costs are negative log-likelihoods: 0 agrees, 4 contradicts.
"""

from __future__ import annotations

import dataclasses
import functools
import re

import shapely
from rapidfuzz import process
from rapidfuzz.distance import OSA
from shapely.geometry.base import BaseGeometry

from orders.geocoding import geometry, text
from orders.geocoding.catalogue import Catalogue
from orders.geocoding.geometry import Point

CITY_CONTRADICTS = 4.0
POSTCODE_CONTRADICTS = 2.5
NEAR_M = 600.0


@dataclasses.dataclass(slots=True)
class Locality:
    """All that carries one name: place circles (centre, radius), address cells, boundaries."""

    name: str
    circles: list[tuple[Point, float]] = dataclasses.field(default_factory=list)
    cells: list[Point] = dataclasses.field(default_factory=list)
    areas: list[BaseGeometry] = dataclasses.field(default_factory=list)
    is_city: bool = False  # some address names it as its city
    hull: BaseGeometry | None = None

    def distance_m(self, point: Point) -> float:
        """How far `point` lies outside everything known of this locality, metres; 0 inside."""
        spot = shapely.Point(point[1], point[0])
        best = float("inf")
        for area in self.areas:
            if area.intersects(spot):
                return 0.0
            nearest = shapely.shortest_line(area, spot).coords[0]
            best = min(best, geometry.distance_m(point, (nearest[1], nearest[0])))
        for centre, radius_m in self.circles:
            best = min(best, max(0.0, geometry.distance_m(centre, point) - radius_m))
        if self.hull is not None and self.hull.intersects(spot):
            return 0.0
        for cell in self.cells:
            best = min(best, max(0.0, geometry.distance_m(cell, point) - NEAR_M))
        return best

    @property
    def centre(self) -> Point:
        """Where to put an order of which nothing but the locality is known."""
        if self.circles:
            return self.circles[0][0]
        if self.cells:
            return geometry.middle(self.cells)
        spot = self.areas[0].representative_point()
        return spot.y, spot.x


class Gazetteer:
    """Localities and postcodes of one atlas."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.localities: dict[str, Locality] = {}
        self.postcodes: dict[str, Locality] = {}
        self._read(catalogue)
        self._merge_misspelt()
        for locality in self.localities.values():
            if len(locality.cells) >= 3:
                locality.hull = shapely.MultiPoint([(lon, lat) for lat, lon in locality.cells]).convex_hull
        self._keys = sorted(self.localities)
        self._tree, self._tree_names = self._around()
        self.resolve = functools.lru_cache(maxsize=4096)(self._resolve)
        self.distance_m = functools.lru_cache(maxsize=200_000)(self._distance_m)

    def _read(self, catalogue: Catalogue) -> None:
        query = (
            "SELECT locality_name.name, kind, lat, lon, radius_m, boundary FROM locality JOIN locality_name "
            "ON locality_id = id ORDER BY id, locality_name.name"
        )
        for name, kind, lat, lon, radius_m, boundary in catalogue.rows(query):
            assert isinstance(lat, float) and isinstance(lon, float) and isinstance(radius_m, float)
            place = self._postcode(str(name)) if kind == "postcode" else self._locality(str(name))
            if place and isinstance(boundary, bytes):
                area = shapely.from_wkb(boundary)
                shapely.prepare(area)
                place.areas.append(area)
            elif place:
                place.circles.append(((lat, lon), radius_m))
        query = "SELECT field, value, lat, lon FROM cell ORDER BY field, count DESC, value, lat, lon"
        for field, value, lat, lon in catalogue.rows(query):
            assert isinstance(lat, float) and isinstance(lon, float)
            if field == "postcode":
                postcode = self._postcode(str(value))
                if postcode:
                    postcode.cells.append((lat, lon))
                continue
            for part in parts(str(value)):
                place = self._locality(part)
                if place:
                    place.cells.append((lat, lon))
                    place.is_city |= field == "city"

    def _merge_misspelt(self) -> None:
        """A city written on one or two addresses only, one slip from a place of the map, is that place."""
        backed = sorted(key for key, place in self.localities.items() if place.circles or place.areas)
        for key, place in sorted(self.localities.items()):
            if not place.circles and not place.areas and len(place.cells) <= 2 and len(key) >= 5:
                hit = process.extractOne(key, backed, scorer=OSA.distance, score_cutoff=1)
                if hit:
                    self.localities[hit[0]].cells += place.cells
                    self.localities[key] = self.localities[hit[0]]

    def _locality(self, name: str) -> Locality | None:
        key = text.locality_key(name)
        return self.localities.setdefault(key, Locality(name)) if key else None

    def _postcode(self, code: str) -> Locality | None:
        key = text.postcode_key(code)
        return self.postcodes.setdefault(key, Locality(code)) if key else None

    def _resolve(self, name: str) -> tuple[tuple[Locality, float], ...]:
        """The localities a city text names, each with the cost of its spelling; empty when it names none known.

        "Heidelberg-Rohrbach" and "Keçiören Ankara" fall apart only when the whole is no locality.
        """
        whole = self._one(name)
        if whole and whole[1] == 0:
            return (whole,)
        pieces = [piece for piece in re.split(r"[\s\-–.]+", name) if len(piece) >= 3]
        found = [hit for hit in map(self._one, pieces) if hit] if len(pieces) > 1 else []
        exact = [hit for hit in found if hit[1] == 0]
        return tuple(exact) or ((whole,) if whole else tuple(found))

    def _around(self) -> tuple[shapely.STRtree, list[str]]:
        """Where every named city, quarter and boundary is, for `nearest`."""
        shapes: list[BaseGeometry] = []
        names: list[str] = []
        for key in self._keys:
            place = self.localities[key]
            mine = place.areas or [shapely.Point(p[1], p[0]) for p in [*(c for c, _ in place.circles), *place.cells]]
            shapes += mine
            names += [place.name] * len(mine)
        return shapely.STRtree(shapes), names

    def nearest(self, point: Point) -> str:
        """The name of the town or quarter around or near (about 3 km) `point`, or ""."""
        hits = self._tree.query_nearest(shapely.Point(point[1], point[0]), max_distance=0.035)
        return min((self._tree_names[int(i)] for i in hits), default="")

    def _one(self, name: str) -> tuple[Locality, float] | None:
        key = text.locality_key(name)
        if key in self.localities:
            return self.localities[key], 0.0
        if len(key) < 4:
            return None
        hit = process.extractOne(key, self._keys, scorer=OSA.normalized_similarity, score_cutoff=0.74)
        return (self.localities[hit[0]], 0.3) if hit else None

    def _distance_m(self, table: str, key: str, point: Point) -> float:
        return (self.postcodes if table == "postcode" else self.localities)[key].distance_m(point)

    def city_cost(self, place: Locality, point: Point, city: str, districts: tuple[str, ...]) -> float:
        """How badly an address at `point`, tagged with `city` and `districts`, fits the locality `place`."""
        key = text.locality_key(place.name)
        tagged = {text.locality_key(part) for name in (city, *districts) for part in parts(name)}
        if key in tagged:
            return 0.0
        away_m = self.distance_m("locality", key, point)
        if city and place.is_city and not place.areas:  # another city is written there, and both are cities
            return 1.2 if away_m == 0 else CITY_CONTRADICTS
        if away_m == 0:
            return 0.1
        return min(CITY_CONTRADICTS, 0.4 + 1.2 * away_m / 1000.0)

    def postcode_cost(self, code: str, point: Point, tagged: str) -> float:
        """How badly an address at `point`, tagged with postcode `tagged` ("" = untagged), fits `code`."""
        mine = text.postcode_key(tagged)
        if mine == code:
            return 0.0
        if mine:
            return 2.2 if OSA.distance(mine, code) == 1 else POSTCODE_CONTRADICTS
        if code not in self.postcodes:
            return 0.3
        away_m = self.distance_m("postcode", code, point)
        return min(POSTCODE_CONTRADICTS, 0.1 + 0.6 * away_m / 1000.0)


@functools.lru_cache(maxsize=16384)
def parts(name: str) -> tuple[str, ...]:
    """ "Keçiören/Ankara" → Keçiören, Ankara."""
    return tuple(part.strip() for part in re.split(r"[/,;()|]+", name) if part.strip())
