"""The address atlas (one read-only SQLite file) as a catalogue of streets: by exact name, by likeness, by part.

Only the distinct street names are held in memory; house numbers are read when a street is asked for.
A street of one name may exist in many towns: `clusters` splits it into pieces that hang together.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import pathlib
import sqlite3
import threading
from collections.abc import Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from orders.geocoding import geometry, reading, text
from orders.geocoding.address import GeocoderUnavailable
from orders.geocoding.geometry import Point
from orders.geocoding.text import HouseNumber, StreetKey

SCHEMA_VERSION = "1"
CELL_DEGREES = 0.003  # pieces of a street less than about 300 m apart are one street
CACHE = 20_000  # clusters of so many street names are kept


@dataclasses.dataclass(frozen=True, slots=True)
class Mapped:
    """A house number on the map."""

    text: str
    numbers: tuple[HouseNumber, ...]
    point: Point
    postcode: str
    city: str
    districts: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """Numbers spread evenly along a line."""

    first: int
    last: int
    step: int
    points: tuple[Point, ...]
    postcode: str
    city: str


@dataclasses.dataclass(frozen=True, slots=True)
class Cluster:
    """One street in one place. `extent_m`: from its middle to its farthest known point."""

    name: str
    centre: Point
    extent_m: float
    length_m: float
    mapped: tuple[Mapped, ...]
    lines: tuple[Line, ...]


@dataclasses.dataclass(slots=True)
class _Piece:
    name: str
    points: list[Point]
    length_m: float = 0.0
    mapped: Mapped | None = None
    line: Line | None = None


class Catalogue:
    """Streets of one atlas file, usable from several threads. Raises GeocoderUnavailable when it cannot be read."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self._local = threading.local()
        if not path.is_file():
            raise GeocoderUnavailable(f"There is no address atlas at {path}.")
        meta = {str(key): str(value) for key, value in self.rows("SELECT key, value FROM meta")}
        if meta.get("schema") != SCHEMA_VERSION:
            raise GeocoderUnavailable(f"The address atlas {path.name} has another format; build it again.")
        self.countries = frozenset(filter(None, meta.get("countries", "").split(",")))
        self.names: dict[StreetKey, tuple[str, ...]] = self._read_names()
        self.keys = list(self.names)
        self.fulls = [key.full for key in self.keys]
        self.by_core: dict[str, list[StreetKey]] = collections.defaultdict(list)
        self.by_full: dict[str, list[StreetKey]] = collections.defaultdict(list)
        self.by_token: dict[str, set[int]] = collections.defaultdict(set)
        for index, key in enumerate(self.keys):
            self.by_core[key.core].append(key)
            self.by_full[key.full].append(key)
            for token in key.tokens:
                self.by_token[token].add(index)
        self.clusters = functools.lru_cache(maxsize=CACHE)(self._clusters)

    def rows(self, query: str, values: tuple[str, ...] = ()) -> Iterator[tuple[object, ...]]:
        """Rows of a query; each thread has its own connection."""
        try:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
                self._local.connection = connection
            return iter(connection.execute(query, values).fetchall())
        except sqlite3.Error as fault:
            raise GeocoderUnavailable(f"The address atlas {self.path.name} cannot be read: {fault}") from fault

    def _read_names(self) -> dict[StreetKey, tuple[str, ...]]:
        """Raw spellings by key. Keys with the same core and kind are one street whatever their word breaks."""
        first: dict[tuple[str, str], StreetKey] = {}
        spellings: dict[StreetKey, list[str]] = {}
        query = (
            "SELECT name FROM street_name UNION SELECT street FROM address UNION SELECT street FROM interpolation "
            "ORDER BY 1"
        )
        for (name,) in self.rows(query):
            bare, _ = reading.without_quarter(str(name))  # "Ersoy Mah. Anadolu Bulv." is Anadolu Bulvarı
            key = text.street_key(bare)
            if key.core:
                key = first.setdefault((key.core, key.kind), key)
                spellings.setdefault(key, []).append(str(name))
        return {key: tuple(raw) for key, raw in spellings.items()}

    def exact(self, key: StreetKey) -> list[StreetKey]:
        """Streets of the same core (any kind), or of the same letters with the words broken otherwise."""
        found = [*self.by_core.get(key.core, []), *self.by_full.get(key.full, []), *self.by_full.get(key.core, [])]
        return list(dict.fromkeys(found))

    def similar(self, key: StreetKey, limit: int = 12) -> list[StreetKey]:
        """Streets written alike: few letters apart, or sharing the rarer words of the name."""
        out: dict[StreetKey, None] = {}
        for wanted in dict.fromkeys((key.full, key.core)):
            if len(wanted) >= 3:
                hits = process.extract(
                    wanted, self.fulls, scorer=OSA.normalized_similarity, score_cutoff=0.68, limit=limit
                )
                out.update((self.keys[index], None) for _, _, index in hits)
        shared: collections.Counter[int] = collections.Counter()
        for token in set(key.tokens):
            sharing = self.by_token.get(token, set())
            if len(token) >= 3 and len(sharing) <= 200:
                shared.update(sharing)
        ranked = sorted(shared, key=lambda i: (-shared[i], self.fulls[i]))
        out.update((self.keys[index], None) for index in ranked[:limit])
        return list(out)

    def _clusters(self, key: StreetKey) -> tuple[Cluster, ...]:
        pieces: list[_Piece] = []
        for name in self.names[key]:
            for length, points in self.rows(
                "SELECT length_m, points FROM street JOIN street_name ON street_id = id WHERE street_name.name = ?",
                (name,),
            ):
                assert isinstance(points, bytes) and isinstance(length, float)
                pieces.append(_Piece(name, geometry.unpack(points), length))
            pieces += self._addresses(name)
            pieces += self._lines(name)
        groups = _together(pieces)
        return tuple(sorted((_cluster(group) for group in groups), key=lambda c: c.centre))

    def _addresses(self, name: str) -> Iterator[_Piece]:
        query = "SELECT house_number, postcode, city, districts, lat, lon FROM address WHERE street = ? ORDER BY id"
        for number, postcode, city, districts, lat, lon in self.rows(query, (name,)):
            assert isinstance(lat, float) and isinstance(lon, float)
            raw = text.clean(str(number))
            parts = tuple(filter(None, str(districts).split("|")))
            mapped = Mapped(raw, text.house_numbers(raw), (lat, lon), str(postcode), str(city), parts)
            yield _Piece(name, [(lat, lon)], mapped=mapped)

    def _lines(self, name: str) -> Iterator[_Piece]:
        query = "SELECT first, last, step, points, postcode, city FROM interpolation WHERE street = ? ORDER BY id"
        for first, last, step, points, postcode, city in self.rows(query, (name,)):
            assert isinstance(first, int) and isinstance(last, int) and isinstance(step, int)
            assert isinstance(points, bytes)
            path = geometry.unpack(points)
            yield _Piece(name, path, line=Line(first, last, step, tuple(path), str(postcode), str(city)))


def _together(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces that share a cell or touch neighbouring ones, by union-find over a grid."""
    parent = list(range(len(pieces)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    seen: dict[tuple[int, int], int] = {}
    for i, piece in enumerate(pieces):
        for lat, lon in geometry.dense(piece.points, 200.0):
            row, column = int(lat // CELL_DEGREES), int(lon // CELL_DEGREES)
            for cell in ((row + a, column + b) for a in (-1, 0, 1) for b in (-1, 0, 1)):
                if cell in seen:
                    parent[root(seen[cell])] = root(i)
            seen[row, column] = i
    groups: dict[int, list[_Piece]] = {}
    for i, piece in enumerate(pieces):
        groups.setdefault(root(i), []).append(piece)
    return list(groups.values())


def _cluster(pieces: list[_Piece]) -> Cluster:
    counts = collections.Counter(piece.name for piece in pieces)
    name = max(sorted(counts), key=lambda n: counts[n])
    drawn = [p for piece in pieces if piece.length_m > 0 for p in geometry.dense(piece.points, 100.0)]
    points = drawn or [p for piece in pieces for p in piece.points]
    centre = geometry.middle(points)
    return Cluster(
        name=name,
        centre=centre,
        extent_m=max(geometry.distance_m(centre, p) for p in points),
        length_m=sum(piece.length_m for piece in pieces),
        mapped=tuple(piece.mapped for piece in pieces if piece.mapped),
        lines=tuple(piece.line for piece in pieces if piece.line),
    )
