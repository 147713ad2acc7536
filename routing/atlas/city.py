"""A generated city as a real OpenStreetMap extract, for trying everything out without a download.

The same seed and size always give the same streets, houses and names. The file takes the same way through the pipeline
as any other extract. The city lies far out in an ocean, so that nobody mistakes it for a place.
"""

import hashlib
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import osmium
import shapely
from scipy.spatial import Voronoi
from shapely import LineString, Polygon

from routing.atlas import build, city_houses, city_names, city_plan, city_streets, folder
from routing.atlas.build import Say, Source
from routing.atlas.city_houses import Town
from routing.atlas.city_plan import Plan
from routing.atlas.city_streets import Network
from routing.atlas.folder import Atlas

SEED = 7
RADIUS_M = 3_600.0
SOURCE_NAME = "source.osm.pbf"
VERSION = 1
"""Raised when the same seed gives another city than before."""
ORIGIN = (44.0, -30.0)
"""Latitude and longitude of the market square."""
POPULATION = 184_000
METRES_PER_DEGREE = math.pi / 180 * 6_371_008.8
LIMITS_KMH = {
    "motorway": 110,
    "motorway_link": 50,
    "trunk": 80,
    "primary": 50,
    "secondary": 50,
    "tertiary": 50,
    "residential": 30,
    "unclassified": 50,
    "living_street": 15,
}
LANES = {"motorway": 3, "trunk": 4, "primary": 4, "secondary": 2, "tertiary": 2}


def build_atlas(
    root: Path, name: str, engine_dir: Path, say: Say, seed: int = SEED, force: bool = False, radius_m: float = RADIUS_M
) -> Atlas:
    """Generate the city and build its atlas, with the extract kept inside as SOURCE_NAME; kept if already there."""
    recipe = f"generated city {VERSION} seed={seed} radius_m={radius_m:g}"
    fingerprint = hashlib.sha256(recipe.encode()).hexdigest()
    root.mkdir(parents=True, exist_ok=True)
    there = None if force else build.kept(root, folder.check_name(name), fingerprint, engine_dir)
    if there is not None and (there.folder / SOURCE_NAME).is_file():
        say(f"{there.title}: already built ({there.built_at})")
        return there
    pbf = root / f".{name}-{SOURCE_NAME}"
    try:
        counts = write(pbf, seed, radius_m)
        say(f"generated {city_names.CITY}: {counts['addresses']:,} addresses, {counts['street_km']:,} km of streets")
        source = Source(pbf, fingerprint, folder.ATTRIBUTION_CITY, city_names.CITY, keep_as=SOURCE_NAME)
        return build.build(source, root, name, engine_dir, say, force=True)
    finally:
        pbf.unlink(missing_ok=True)


def write(pbf: Path, seed: int = SEED, radius_m: float = RADIUS_M) -> dict[str, int]:
    """Write the city to `pbf` (replaced if there); returns {"addresses", "houses", "street_km", "nodes", "ways"}."""
    rng = np.random.default_rng(seed)
    plan = city_plan.plan(radius_m, rng)
    network = city_streets.lay(plan, rng)
    town = city_houses.settle(plan, network, rng)
    extract = Extract()
    _streets(extract, network, plan)
    _landscape(extract, plan, town, rng)
    _houses(extract, town)
    _places(extract, plan, town)
    extract.save(pbf)
    return {
        "addresses": sum(1 for house in town.houses if house.number),
        "houses": len(town.houses),
        "street_km": round(sum(edge.length_m for edge in network.edges) / 1000),
        "nodes": len(extract.points),
        "ways": len(extract.ways),
    }


class Extract:
    """Nodes and ways in the making; ids are given in order."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.point_tags: dict[int, dict[str, str]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []
        self._shared: dict[tuple[int, int], int] = {}

    def node(self, x: float, y: float, tags: dict[str, str] | None = None) -> int:
        """A new point, in metres from the square."""
        self.points.append((x, y))
        number = len(self.points)
        if tags:
            self.point_tags[number] = tags
        return number

    def shared(self, x: float, y: float) -> int:
        """The point at this place (to the centimetre) that all streets through it have in common."""
        key = (round(x * 100), round(y * 100))
        if key not in self._shared:
            self._shared[key] = self.node(x, y)
        return self._shared[key]

    def area(self, shape: Polygon, tags: dict[str, str]) -> None:
        """A closed way along the outline; holes are not drawn."""
        ring = shapely.get_coordinates(shape.exterior)[:-1].tolist()
        numbers = [self.node(x, y) for x, y in ring]
        self.ways.append(([*numbers, numbers[0]], tags))

    def line(self, line: LineString, tags: dict[str, str], shared: bool = False) -> None:
        """An open way."""
        point = self.shared if shared else self.node
        self.ways.append(([point(x, y) for x, y in shapely.get_coordinates(line).tolist()], tags))

    def save(self, pbf: Path) -> None:
        """Write nodes, then ways, as the format wants them."""
        lat0, lon0 = ORIGIN
        places = np.array(self.points) / METRES_PER_DEGREE
        lats = lat0 + places[:, 1]
        lons = lon0 + places[:, 0] / math.cos(math.radians(lat0))
        header = osmium.io.Header()
        header.set("generator", "lastmile generated city")
        box = osmium.osm.Box(float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max()))
        header.add_box(box)
        with osmium.SimpleWriter(str(pbf), header=header, overwrite=True) as writer:
            for number, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True), start=1):
                tags = self.point_tags.get(number, {})
                writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(lon, lat), tags=tags))
            for number, (nodes, tags) in enumerate(self.ways, start=1):
                writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=nodes, tags=tags))


def _streets(extract: Extract, network: Network, plan: Plan) -> None:
    """Each street as few ways as its bridges and one-way stretches allow, then motorway and traffic lights."""
    for chain in network.strokes:
        nodes: list[int] = []
        before: dict[str, str] = {}
        for index, ahead in chain:
            edge = network.edges[index]
            tags = _street_tags(edge.kind, edge.name, edge.bridge)
            if edge.oneway:
                tags["oneway"] = "yes" if ahead else "-1"
            line = edge.line if ahead else edge.line[::-1]
            numbers = [extract.shared(x, y) for x, y in line.tolist()]
            if nodes and tags == before and nodes[-1] == numbers[0]:
                nodes += numbers[1:]
            else:
                if len(nodes) > 1:
                    extract.ways.append((nodes, before))
                nodes, before = numbers, tags
        if len(nodes) > 1:
            extract.ways.append((nodes, before))
    for street in plan.motorway:
        tags = {**_street_tags(street.kind, "", street.bridge), "oneway": "yes"}
        if street.name:
            tags["ref"] = street.name
        extract.line(street.line, tags, shared=True)
    kinds: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for edge in network.edges:
        for end in (edge.line[0], edge.line[-1]):
            kinds[extract.shared(*end.tolist())].append((edge.kind, edge.group))
    for number, meeting in kinds.items():
        main = {group for kind, group in meeting if kind in ("trunk", "primary", "secondary")}
        if len(meeting) >= 3 and (len(main) >= 2 or (main and any(kind == "tertiary" for kind, _ in meeting))):
            extract.point_tags[number] = {"highway": "traffic_signals"}


def _street_tags(kind: str, name: str, bridge: bool) -> dict[str, str]:
    tags = {"highway": kind, "maxspeed": str(LIMITS_KMH[kind]), "surface": "asphalt"}
    if name:
        tags["name"] = name
    if kind in LANES:
        tags["lanes"] = str(LANES[kind])
    if bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags


def _landscape(extract: Extract, plan: Plan, town: Town, rng: np.random.Generator) -> None:
    """Ground, water, rails and the country around."""
    for shape, tags in _country(plan, rng):
        extract.area(shape, tags)
    for part in shapely.get_parts(plan.river.buffer(city_plan.BANK_M - 6).intersection(plan.limit)):
        extract.area(part, {"landuse": "grass"})
    for ground in town.grounds:
        for part in shapely.get_parts(ground.shape):
            if part.geom_type == "Polygon" and part.area > 40:
                extract.area(part, ground.tags)
    extract.area(plan.river, {"natural": "water", "water": "river", "name": "Quill"})
    extract.line(plan.river_line, {"waterway": "river", "name": "Quill"})
    extract.line(plan.stream, {"waterway": "stream", "name": "Larkbeck"})
    for index, rail in enumerate(plan.rails):
        tags = {"railway": "rail", "gauge": "1435"}
        extract.line(rail, tags if index < 2 else {**tags, "service": "yard"})
    for path in town.paths:
        extract.line(path, {"highway": "footway"}, shared=True)


def _country(plan: Plan, rng: np.random.Generator) -> list[tuple[Polygon, dict[str, str]]]:
    """A patchwork of fields, meadows and woods around the town, with copses between them."""
    reach = 2.1 * plan.radius_m
    size = max(260.0, plan.radius_m * 0.11)
    grid = np.arange(-reach, reach, size)
    x, y = np.meshgrid(grid, grid)
    points = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.46, 0.46, (x.size, 2)) * size
    found = Voronoi(points)
    corridors = [street.line.buffer(26) for street in plan.motorway]
    kept_off = shapely.union_all([plan.limit.buffer(12), plan.river.buffer(4), *corridors])
    shapely.prepare(kept_off)
    forest = city_plan.Warp(rng, plan.radius_m * 0.9, 1.0)
    kinds = ({"landuse": "farmland"}, {"landuse": "meadow"}, {"landuse": "orchard"})
    fields: list[tuple[Polygon, dict[str, str]]] = []
    woods: list[Polygon] = []
    for index, region in enumerate(found.point_region):
        corners = found.regions[region]
        if not corners or -1 in corners or np.linalg.norm(points[index]) > 1.88 * plan.radius_m:
            continue
        shape = Polygon(found.vertices[corners])
        if kept_off.contains(shape):
            continue
        if float((forest(points[index : index + 1]) - points[index]).sum()) > 0.8:
            woods.append(shape)
            continue
        crop = kinds[int(rng.choice(3, p=[0.62, 0.31, 0.07]))]
        left = shapely.get_parts(shape.buffer(-5).difference(kept_off))
        fields += [(Polygon(p.exterior), crop) for p in left if p.geom_type == "Polygon" and p.area > 2_500]
    # Wood edges are round: grown, shrunk and grown again.
    forest_floor = shapely.union_all(woods)
    for step_m in (70, -150, 85):
        forest_floor = forest_floor.buffer(step_m, quad_segs=3)
    forest_floor = forest_floor.difference(kept_off)
    ragged = city_plan.Warp(rng, 300.0, 22.0)
    for part in shapely.get_parts(forest_floor):
        if part.geom_type == "Polygon" and part.area > 20_000:
            outline = shapely.get_coordinates(part.exterior.segmentize(60))
            fields.append((Polygon(ragged(outline)).buffer(0), {"natural": "wood"}))
    return [(shape, tags) for shape, tags in fields if shape.geom_type == "Polygon"]


def _houses(extract: Extract, town: Town) -> None:
    """Buildings with their addresses; a number that two houses of a street would share is given once."""
    taken: set[tuple[str, str, int]] = set()
    for house in town.houses:
        tags = {"building": house.use, "building:levels": str(house.levels)}
        key = (house.street, house.number, house.district)
        if house.number and key not in taken:
            taken.add(key)
            tags |= {
                "addr:street": house.street,
                "addr:housenumber": house.number,
                "addr:postcode": city_names.postcode(house.district),
                "addr:city": city_names.CITY,
            }
        else:
            house.number = ""
        extract.area(house.shape, tags)


def _places(extract: Extract, plan: Plan, town: Town) -> None:
    """Names of the town, its quarters and a few landmarks."""
    extract.node(0.0, 0.0, {"place": "city", "name": city_names.CITY, "population": str(POPULATION)})
    for district, (x, y) in enumerate(plan.districts):
        tags = {"place": "suburb", "name": city_names.DISTRICTS[district], "postal_code": city_names.postcode(district)}
        extract.node(x, y + 30, tags)
    extract.node(plan.station.x, plan.station.y, {"railway": "station", "name": f"{city_names.CITY} Central"})
    square = shapely.Point(0, 0)
    numbered = [house for house in town.houses if house.number]
    near = sorted(numbered, key=lambda house: float(house.shape.distance(square)))
    landmarks = (
        {"amenity": "townhall", "name": "Town Hall"},
        {"amenity": "library", "name": "Marlowe Library"},
        {"tourism": "museum", "name": "Museum of Maps"},
        {"amenity": "marketplace", "name": "Covered Market"},
        {"amenity": "post_office", "name": "Main Post Office"},
    )
    for house, tags in zip(near[:: max(1, min(40, len(near) // 6))], landmarks, strict=False):
        extract.node(house.shape.centroid.x, house.shape.centroid.y, tags)


__all__ = ["RADIUS_M", "SEED", "SOURCE_NAME", "build_atlas", "write"]
