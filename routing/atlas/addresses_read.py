"""Read addresses, named streets, interpolation lines and localities out of an OpenStreetMap extract.

Three streaming passes with pyosmium: relations (which ways do they need?), then every tagged object with
its coordinates, then the needed member ways. Only what an address search uses is kept.
Tag meanings: https://wiki.openstreetmap.org/wiki/Key:addr and /wiki/Addresses#Using_interpolation
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import pathlib
from collections.abc import Iterable

import osmium
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import polygonize

Point = tuple[float, float]  # latitude, longitude

# Ways that carry a name but are nothing an address is on.
NOT_A_STREET = frozenset(
    {"bus_stop", "platform", "rest_area", "services", "raceway", "elevator", "corridor", "proposed"}
)
NAME_KEYS = ("name", "alt_name", "old_name", "official_name", "short_name", "loc_name", "int_name", "name:en")
# How far a place usually reaches from its centre when the map holds no boundary, metres.
PLACE_RADIUS_M = {
    "city": 9000.0, "town": 3500.0, "municipality": 5000.0, "borough": 3000.0, "suburb": 1500.0, "quarter": 1000.0,
    "neighbourhood": 700.0, "village": 1500.0, "hamlet": 700.0, "locality": 700.0, "isolated_dwelling": 400.0,
    "farm": 400.0, "island": 2000.0,
}  # fmt: skip
DISTRICT_KEYS = tuple(
    f"addr:{part}" for part in ("suburb", "district", "subdistrict", "quarter", "neighbourhood", "hamlet")
)
MAX_TEXT = 200  # characters kept of any tag value


@dataclasses.dataclass(frozen=True, slots=True)
class AddressRow:
    """One mapped house number; `districts` are names of parts of the city, in tag order."""

    street: str
    house_number: str
    postcode: str
    city: str
    districts: tuple[str, ...]
    lat: float
    lon: float


@dataclasses.dataclass(frozen=True, slots=True)
class StreetRow:
    """One piece of a named street (a way, or a square's point); the first name is the main one."""

    names: tuple[str, ...]
    points: tuple[Point, ...]
    length_m: float


@dataclasses.dataclass(frozen=True, slots=True)
class InterpolationRow:
    """Numbers `first`..`last` in steps of `step` lie evenly along `points` (which begin at `first`)."""

    street: str
    first: int
    last: int
    step: int
    postcode: str
    city: str
    points: tuple[Point, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class LocalityRow:
    """A city, town, village, suburb … : a centre with a usual radius, or a boundary (WKB, x = longitude)."""

    names: tuple[str, ...]
    kind: str
    level: int
    lat: float
    lon: float
    radius_m: float
    boundary: bytes | None


@dataclasses.dataclass
class Found:
    """Everything read from one extract."""

    addresses: list[AddressRow] = dataclasses.field(default_factory=list)
    streets: list[StreetRow] = dataclasses.field(default_factory=list)
    interpolations: list[InterpolationRow] = dataclasses.field(default_factory=list)
    localities: list[LocalityRow] = dataclasses.field(default_factory=list)
    countries: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class _Relations:
    """What the first pass learned: boundaries and address areas with their ways, streets of houses."""

    boundaries: list[tuple[dict[str, str], list[int]]] = dataclasses.field(default_factory=list)
    addressed: list[tuple[dict[str, str], list[int]]] = dataclasses.field(default_factory=list)
    street_of: dict[tuple[str, int], str] = dataclasses.field(default_factory=dict)


def read(pbf: pathlib.Path) -> Found:
    """All three passes over `pbf`. Raises RuntimeError (from pyosmium) when it cannot be read."""
    relations = _read_relations(pbf)
    found = Found()
    numbered: dict[int, dict[str, str]] = {}  # addressed nodes, which interpolation ways refer to
    lines: list[tuple[dict[str, str], list[int], list[Point]]] = []
    keep = osmium.filter.KeyFilter("addr:housenumber", "addr:interpolation", "highway", "place")
    for thing in osmium.FileProcessor(str(pbf)).with_locations().with_filter(keep):
        if isinstance(thing, osmium.osm.Node):
            kind, points = "n", [(thing.location.lat, thing.location.lon)] if thing.location.valid() else []
        elif isinstance(thing, osmium.osm.Way):
            kind, points = "w", [(n.location.lat, n.location.lon) for n in thing.nodes if n.location.valid()]
        else:
            continue
        if not points:
            continue
        tags = {tag.k: tag.v[:MAX_TEXT] for tag in thing.tags}
        if "addr:housenumber" in tags:
            _add_address(found, tags, points, relations.street_of.get((kind, thing.id), ""))
            if kind == "n":
                numbered[thing.id] = tags
        if "addr:interpolation" in tags and isinstance(thing, osmium.osm.Way):
            lines.append((tags, [n.ref for n in thing.nodes if n.location.valid()], points))
        _add_street(found, tags, points, kind)
        if "place" in tags:
            _add_place(found, tags, points)
    for tags, refs, points in lines:
        _add_interpolation(found, tags, refs, points, numbered)
    _add_areas(found, pbf, relations)
    return found


def _read_relations(pbf: pathlib.Path) -> _Relations:
    out = _Relations()
    keep = osmium.filter.KeyFilter("boundary", "addr:housenumber", "type")
    for relation in osmium.FileProcessor(str(pbf), osmium.osm.RELATION).with_filter(keep):
        if not isinstance(relation, osmium.osm.Relation):
            continue
        tags = {tag.k: tag.v[:MAX_TEXT] for tag in relation.tags}
        ways = [m.ref for m in relation.members if m.type == "w" and m.role in ("", "outer")]
        if tags.get("boundary") in ("administrative", "postal_code"):
            out.boundaries.append((tags, ways))
        if "addr:housenumber" in tags:
            out.addressed.append((tags, ways))
        if tags.get("type") == "associatedStreet":
            name = tags.get("name") or tags.get("addr:street") or ""
            for member in relation.members:
                if member.role in ("house", "address", "addr") and name:
                    out.street_of[(member.type, member.ref)] = name
    return out


def _add_address(found: Found, tags: dict[str, str], points: list[Point], related_street: str) -> None:
    country = tags.get("addr:country", "").strip().upper()
    if len(country) == 2:
        found.countries[country] = found.countries.get(country, 0) + 1
    street = tags.get("addr:street") or tags.get("addr:place") or related_street
    if not street.strip():
        return
    lat, lon = _middle(points)
    city = tags.get("addr:city") or tags.get("addr:town") or tags.get("addr:village") or ""
    districts = tuple(tags[key] for key in DISTRICT_KEYS if tags.get(key))
    if tags.get("addr:place") and tags.get("addr:street"):
        districts += (tags["addr:place"],)
    found.addresses.append(
        AddressRow(street, tags["addr:housenumber"], tags.get("addr:postcode", ""), city, districts, lat, lon)
    )


def _add_street(found: Found, tags: dict[str, str], points: list[Point], kind: str) -> None:
    square = tags.get("place") == "square"
    if not square and (kind != "w" or "highway" not in tags or tags["highway"] in NOT_A_STREET):
        return
    names = _names(tags)
    if names:
        found.streets.append(StreetRow(names, tuple(points), length_m(points)))


def _add_place(found: Found, tags: dict[str, str], points: list[Point]) -> None:
    kind = tags["place"]
    names = _names(tags)
    if names and kind in PLACE_RADIUS_M:
        lat, lon = _middle(points)
        found.localities.append(LocalityRow(names, kind, 0, lat, lon, PLACE_RADIUS_M[kind], None))


def _add_interpolation(
    found: Found, tags: dict[str, str], refs: list[int], points: list[Point], numbered: dict[int, dict[str, str]]
) -> None:
    """Cut the line at its numbered nodes; every piece between two numbers becomes a row."""
    step = {"odd": 2, "even": 2, "all": 1}.get(tags["addr:interpolation"], 0)
    if tags["addr:interpolation"].isdigit():
        step = min(int(tags["addr:interpolation"][:3]), 100)
    if step < 1:
        return  # alphabetic lines: letters between two houses, too near each other to matter
    stops: list[tuple[int, int, dict[str, str]]] = []
    for index, ref in enumerate(refs):
        node = numbered.get(ref)
        digits = node["addr:housenumber"].strip() if node else ""
        leading = "".join(c for c in digits[:5] if c.isdecimal() and c.isascii()) if digits[:1].isdecimal() else ""
        if node and leading:
            stops.append((index, int(leading), node))
    for (i, first, node), (j, last, _) in itertools.pairwise(stops):
        street = node.get("addr:street") or tags.get("addr:street") or node.get("addr:place") or ""
        piece = tuple(points[i : j + 1])
        if street and first != last and abs(first - last) < 1000 and len(piece) >= 2:
            postcode, city = node.get("addr:postcode", ""), node.get("addr:city", "")
            found.interpolations.append(InterpolationRow(street, first, last, step, postcode, city, piece))


def _add_areas(found: Found, pbf: pathlib.Path, relations: _Relations) -> None:
    """Boundaries and address areas drawn as relations; one whose ring the extract cuts open is left out."""
    wanted = {ref for _, refs in relations.boundaries + relations.addressed for ref in refs}
    if not wanted:
        return
    ways: dict[int, list[Point]] = {}
    keep = osmium.filter.IdFilter(wanted)
    keep.enable_for(osmium.osm.WAY)
    no_node = osmium.filter.IdFilter([])  # nodes are only read for their coordinates
    no_node.enable_for(osmium.osm.NODE)
    both = osmium.osm.NODE | osmium.osm.WAY
    for way in osmium.FileProcessor(str(pbf), both).with_locations().with_filter(keep).with_filter(no_node):
        if isinstance(way, osmium.osm.Way):
            ways[way.id] = [(n.location.lat, n.location.lon) for n in way.nodes if n.location.valid()]
    for tags, refs in relations.addressed:
        points = [point for ref in refs for point in ways.get(ref, [])]
        if points:
            _add_address(found, tags, points, "")
    for tags, refs in relations.boundaries:
        if all(len(ways.get(ref, [])) >= 2 for ref in refs):
            _add_boundary(found, tags, [ways[ref] for ref in refs])


def _add_boundary(found: Found, tags: dict[str, str], rings: list[list[Point]]) -> None:
    postal = tags.get("boundary") == "postal_code"
    names = (tags["postal_code"],) if postal and tags.get("postal_code") else _names(tags)
    lines = [LineString([(lon, lat) for lat, lon in ring]) for ring in rings]
    parts = [part for part in polygonize(lines) if isinstance(part, Polygon) and part.is_valid]
    if not names or not parts:
        return
    area = shapely.simplify(MultiPolygon(parts), 0.00005)  # 5 m: a boundary need not be finer
    centre = area.representative_point()
    level = tags.get("admin_level", "")
    found.localities.append(
        LocalityRow(
            names, "postcode" if postal else "boundary", int(level) if level in map(str, range(1, 13)) else 0,
            centre.y, centre.x, 0.0, shapely.to_wkb(area),
        )
    )  # fmt: skip


def _names(tags: dict[str, str]) -> tuple[str, ...]:
    """Main name first, then other names, each once; OSM separates several values by semicolons."""
    out: dict[str, None] = {}
    for key in NAME_KEYS:
        for name in tags.get(key, "").split(";"):
            if name.strip():
                out[name.strip()] = None
    return tuple(out)


def _middle(points: list[Point]) -> Point:
    """The centroid of the outline's corners (a closed ring's repeated corner counts once)."""
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def length_m(points: Iterable[Point]) -> float:
    """Length of a line in metres on a local plane (error < 0.1 % for a street)."""
    total, previous = 0.0, None
    for lat, lon in points:
        if previous is not None:
            width = math.cos(math.radians(lat)) * (lon - previous[1])
            total += 111_195.0 * math.hypot(lat - previous[0], width)
        previous = (lat, lon)
    return total


def as_dict(found: Found) -> dict[str, int]:
    """Counts by kind, for the report of a build."""
    return {
        "addresses": len(found.addresses), "streets": len(found.streets), "localities": len(found.localities),
        "interpolations": len(found.interpolations),
    }  # fmt: skip
