"""What stands between a generated city's streets: parks, schools, works, and houses with numbers.

Every house is a rectangle along the kerb of its block, tried in a random order and kept when it fits the block and no
neighbour: close together in the old town, in gardens outside, long slabs on the estates, halls in the works.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Point, Polygon, STRtree

from routing.atlas import city_names
from routing.atlas.city_plan import Floats, Plan
from routing.atlas.city_streets import Network

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Style:
    """How houses stand in one kind of quarter; metres, and storeys from…to."""

    setback: tuple[float, float]
    width: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    levels: tuple[int, int]
    addressed: bool = True


STYLES = {
    "old": Style((0.6, 1.2), (8, 15), (10, 13), (0.1, 0.4), (3, 5)),
    "inner": Style((2.0, 3.0), (12, 22), (11, 14), (0.2, 0.5), (4, 6)),
    "suburb": Style((4.5, 7.5), (9, 13), (8, 11), (5, 11), (1, 3)),
    "garden": Style((5.0, 9.0), (10, 15), (8, 12), (8, 17), (1, 2)),
    "estate": Style((8.0, 14.0), (36, 62), (11, 13), (14, 26), (6, 11)),
    "works": Style((9.0, 16.0), (32, 78), (26, 58), (14, 30), (1, 3)),
}
ROAD_HALF_M = {
    "trunk": 12.0,
    "primary": 10.5,
    "secondary": 9.0,
    "tertiary": 7.0,
    "unclassified": 6.0,
    "residential": 5.5,
    "living_street": 3.6,
}
PARKS = (
    "Castle Gardens",
    "Lindqvist Park",
    "Weir Meadow",
    "Observatory Park",
    "Rose Garden",
    "Miller's Green",
    "Poet's Park",
    "Halloran Park",
    "Vauclair Gardens",
    "Kite Field",
    "Sundial Park",
    "Botanic Garden",
)
PATRONS = ("Marlowe", "Ahlgren", "Okoro", "Ferris", "Tanabe", "St. Orsola", "Brandt", "Kestrel")


@dataclass
class House:
    """One building; `street` is "" when nobody lives or works there under a number."""

    shape: Polygon
    levels: int
    street: str = ""
    number: str = ""
    district: int = 0
    use: str = "yes"


@dataclass
class Ground:
    """A piece of ground with its tags."""

    shape: Polygon
    tags: dict[str, str]


@dataclass
class Town:
    """What was built."""

    houses: list[House] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    paths: list[LineString] = field(default_factory=list)


def settle(plan: Plan, network: Network, rng: np.random.Generator) -> Town:
    """Name the streets, choose what each block is, and build."""
    _districts(plan, rng)
    _name_streets(plan, network, rng)
    town = Town()
    lines = np.array([LineString(edge.line) for edge in network.edges], dtype=object)
    half_m = np.array([ROAD_HALF_M.get(edge.kind, 5.0) for edge in network.edges])
    blocks, zones = _blocks(plan, lines)
    free, free_zones = _assign(plan, blocks, zones, town, rng)
    roads = shapely.union_all(shapely.buffer(lines, half_m, quad_segs=2, cap_style="round"))
    kerbs = _kerbs(roads, free)
    kept_off = shapely.union_all(
        [
            plan.river.buffer(14),
            plan.rails[0].buffer(19),
            plan.station.buffer(60),
            plan.stream.buffer(16),
            *(street.line.buffer(22) for street in plan.motorway),
        ]
    )
    shapely.prepare(kept_off)
    for zone in sorted(STYLES):
        _build(zone, [kerb for kerb, block in kerbs if free_zones[block] == zone], kept_off, town, rng)
    _number(plan, network, lines, town, rng)
    return town


def _kerbs(roads: Polygon, blocks: list[Polygon]) -> list[tuple[Polygon, int]]:
    """What the roads leave of each block. All at once: the holes in the roads' surface are the blocks' kerbs."""
    rings = [ring for part in shapely.get_parts(roads) for ring in part.interiors]
    holes = shapely.polygons(np.array(rings, dtype=object))
    holes = holes[shapely.area(holes) > 120]
    hole_of, block_of = STRtree(np.array(blocks, dtype=object)).query(shapely.point_on_surface(holes), "intersects")
    return [(holes[hole], block) for hole, block in zip(hole_of.tolist(), block_of.tolist(), strict=True)]


def _districts(plan: Plan, rng: np.random.Generator) -> None:
    """Seeds of the quarters: the old town, then far from each other; every cell counts to its nearest one."""
    middles = np.array([[c.area.centroid.x, c.area.centroid.y] for c in plan.cells])
    chosen = [int(np.argmin(np.linalg.norm(middles, axis=1)))]
    wanted = min(len(city_names.DISTRICTS), max(3, round(plan.radius_m / 260)), len(middles))
    while len(chosen) < wanted:
        nearest = np.min(np.linalg.norm(middles[:, None] - middles[chosen][None], axis=2), axis=1)
        chosen.append(int(np.argmax(nearest * rng.uniform(0.8, 1.0, len(middles)))))
    plan.districts = [(float(middles[i][0]), float(middles[i][1])) for i in chosen]
    for cell, middle in zip(plan.cells, middles, strict=True):
        cell.district = int(np.argmin(np.linalg.norm(middles[chosen] - middle, axis=1)))


def _name_streets(plan: Plan, network: Network, rng: np.random.Generator) -> None:
    names = city_names.StreetNames(rng)
    names.used.update(edge.name for edge in network.edges if edge.name)
    names.used.update(city_names.TWINS)
    twins: dict[int, list[str]] = defaultdict(list)
    count = len(plan.districts)
    for i, name in enumerate(city_names.TWINS):
        twins[(2 * i + 1) % count].append(name)
        twins[(2 * i + 1 + count // 2) % count].append(name)
    lengths = [sum(network.edges[i].length_m for i, _ in chain) for chain in network.strokes]
    for number in np.argsort(lengths)[::-1]:
        chain = network.strokes[int(number)]
        first = network.edges[chain[0][0]]
        if first.name:
            continue
        cell = plan.cells[first.cell]
        waiting = twins[cell.district]
        name = waiting.pop() if waiting and cell.zone not in ("works", "green") else names.new(cell.zone)
        for index, _ in chain:
            network.edges[index].name = name


def _blocks(plan: Plan, lines: Objects) -> tuple[list[Polygon], list[str]]:
    """The faces between streets inside the city's limit, with their cell's zone."""
    faces = shapely.get_parts(shapely.polygonize(lines))
    areas = np.array([cell.area for cell in plan.cells], dtype=object)
    inside = shapely.point_on_surface(faces)
    face_of, cell_of = STRtree(areas).query(inside, predicate="intersects")
    zone = {int(f): plan.cells[int(c)].zone for f, c in zip(face_of, cell_of, strict=True)}
    blocks, zones = [], []
    for index, face in enumerate(faces):
        if index in zone and 900 < face.area < 400_000:
            blocks.append(face)
            zones.append(zone[index])
    return blocks, zones


def _assign(
    plan: Plan, blocks: list[Polygon], zones: list[str], town: Town, rng: np.random.Generator
) -> tuple[list[Polygon], list[str]]:
    """Set blocks aside for squares, parks, schools and the like; the rest is for houses."""
    landuse = {"works": "industrial", "green": "", "old": "residential"}
    for cell in plan.cells:
        kind = landuse.get(cell.zone, "residential")
        if kind:
            town.grounds.append(Ground(cell.area, {"landuse": kind}))
        else:
            kind = rng.choice(["wood", "park", "meadow", "orchard"], p=[0.4, 0.3, 0.2, 0.1])
            tags = {
                "wood": {"natural": "wood"},
                "park": {"leisure": "park"},
                "meadow": {"landuse": "meadow"},
                "orchard": {"landuse": "orchard"},
            }[str(kind)]
            name = f"{city_names.DISTRICTS[cell.district]} {'Wood' if kind == 'wood' else 'Fields'}"
            town.grounds.append(Ground(cell.area.buffer(-6), {**tags, "name": name}))
    near_water = plan.river.buffer(70)
    shapely.prepare(near_water)
    park_names = list(PARKS)
    square = min(range(len(blocks)), key=lambda i: blocks[i].centroid.distance(Point(0, 0)))
    free: list[Polygon] = []
    free_zones: list[str] = []
    for index, (block, zone) in enumerate(zip(blocks, zones, strict=True)):
        die = rng.random()
        inner = block.buffer(-7)
        if inner.is_empty or inner.geom_type != "Polygon":
            free.append(block)
            free_zones.append(zone)
        elif index == square:
            tags = {"highway": "pedestrian", "area": "yes", "name": "Market Square"}
            town.grounds.append(Ground(block.buffer(-3), tags))
            church = inner.centroid.buffer(9, quad_segs=2)
            town.houses.append(House(church, 8, use="cathedral"))
        elif (die < 0.45 and zone != "works" and near_water.intersects(block)) or (
            die < 0.035 and 4_000 < block.area < 60_000
        ):
            name = park_names.pop() if park_names and block.area > 9_000 else ""
            _park(inner, name, town, rng)
        elif die < 0.055 and zone in ("inner", "suburb", "estate", "garden") and 9_000 < block.area < 45_000:
            _campus(inner, town, rng)
        else:
            free.append(block)
            free_zones.append(zone)
    return free, free_zones


def _park(area: Polygon, name: str, town: Town, rng: np.random.Generator) -> None:
    """Lawn, sometimes a pond or a copse, and paths from the corners to the middle."""
    town.grounds.append(Ground(area, {"leisure": "park", **({"name": name} if name else {})}))
    middle = area.point_on_surface()
    ring = np.array(area.exterior.coords)
    if area.area > 7_000:
        theta = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        size = 0.17 * math.sqrt(area.area) * (1 + 0.25 * np.sin(2 * theta + rng.uniform(0, 6)))
        blob = Polygon(np.column_stack([middle.x + size * np.cos(theta), middle.y + 0.7 * size * np.sin(theta)]))
        blob = blob.intersection(area.buffer(-8))
        if blob.geom_type == "Polygon" and blob.area > 300:
            town.grounds.append(Ground(blob, {"natural": "water"} if rng.random() < 0.5 else {"natural": "wood"}))
    target = np.array([middle.x, middle.y])
    for corner in ring[:: max(1, len(ring) // 4)][:5]:
        bend = (corner + target) / 2 + rng.uniform(-12, 12, 2)
        t = np.linspace(0, 1, 8)[:, None]
        town.paths.append(LineString((1 - t) ** 2 * corner + 2 * t * (1 - t) * bend + t**2 * target))


def _campus(area: Polygon, town: Town, rng: np.random.Generator) -> None:
    """A school with its pitch, or a hospital."""
    what = str(rng.choice(["school", "school", "school", "hospital", "cemetery"]))
    words = {
        "school": ("School", {"amenity": "school"}),
        "hospital": ("Hospital", {"amenity": "hospital"}),
        "cemetery": ("Cemetery", {"landuse": "cemetery"}),
    }
    word, tags = words[what]
    patron = PATRONS[int(rng.integers(len(PATRONS)))]
    town.grounds.append(Ground(area, {**tags, "name": f"{patron} {word}"}))
    if what == "cemetery":
        return
    middle = area.point_on_surface()
    ring = np.array(area.exterior.coords)
    longest = int(np.argmax(np.linalg.norm(np.diff(ring, axis=0), axis=1)))
    way = ring[longest + 1] - ring[longest]
    along = way / np.linalg.norm(way)
    across = np.array([-along[1], along[0]])
    at = np.array([middle.x, middle.y])
    for du, dv, w, d in ((-18, 0, 15, 44), (12, 15, 46, 14), (12, -14, 40, 12)):
        signs = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
        shape = Polygon([at + (du + i * w) * along + (dv + j * d) * across for i, j in signs])
        if area.contains(shape):
            town.houses.append(House(shape, 3 if what == "school" else 6, use=what))
    pitch = Polygon([at + u * along + v * across for u, v in ((42, -28), (86, -28), (86, 28), (42, 28))])
    if what == "school" and area.contains(pitch):
        town.grounds.append(Ground(pitch, {"leisure": "pitch", "sport": "soccer"}))


def _build(zone: str, kerbs: list[Polygon], kept_off: Polygon, town: Town, rng: np.random.Generator) -> None:
    """Houses of one kind around the blocks: rectangles along the kerb, tested all at once."""
    style = STYLES[zone]
    fronts: list[Floats] = []
    owner: list[Floats] = []
    for number, kerb in enumerate(kerbs):
        line = kerb.buffer(-style.setback[0], join_style="mitre", mitre_limit=2.0)
        for part in shapely.get_parts(line):
            found = _front(part, style, rng)
            if len(found):
                fronts.append(found)
                owner.append(np.full(len(found), number))
    if not fronts:
        return
    front = np.concatenate(fronts)
    block_of = np.concatenate(owner).astype(np.int64)
    x, y, tx, ty, width, depth, back = front.T
    nx, ny = -ty, tx
    x, y = x + nx * back, y + ny * back
    corners = np.empty((len(x), 5, 2))
    for i, (u, v) in enumerate(((-0.5, 0.0), (0.5, 0.0), (0.5, 1.0), (-0.5, 1.0), (-0.5, 0.0))):
        corners[:, i, 0] = x + u * width * tx + v * depth * nx
        corners[:, i, 1] = y + u * width * ty + v * depth * ny
    shapes = shapely.polygons(corners)
    areas = np.array(kerbs, dtype=object)
    fits = shapely.contains(areas[block_of], shapes) & ~shapely.intersects(kept_off, shapes)
    shapes = shapes[fits]
    shapes = shapes[_apart(shapes, rng, keep_order=zone in ("old", "inner"))]
    levels = rng.integers(style.levels[0], style.levels[1] + 1, len(shapes))
    street = "?" if style.addressed else ""
    town.houses += [House(shape, int(level), street) for shape, level in zip(shapes, levels, strict=True)]


def _front(part: Polygon, style: Style, rng: np.random.Generator) -> Floats:
    """Places for houses along a block's edge: x, y, direction x, y, width, depth, extra setback."""
    ring = part.exterior if part.exterior.is_ccw else part.exterior.reverse()
    count = int(ring.length / (style.width[0] + style.gap[0])) + 1
    width = rng.uniform(*style.width, count)
    step = width + rng.uniform(*style.gap, count)
    at = np.cumsum(step) - step / 2
    at = at[at < ring.length - step[0] / 4]
    if len(at) == 0:
        return np.empty((0, 7))
    width = width[: len(at)]
    here = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
    reach = width / 2.4
    before = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.maximum(0, at - reach)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.minimum(ring.length, at + reach)))
    way = after - before
    length = np.maximum(1e-6, np.linalg.norm(way, axis=1))
    way /= length[:, None]
    depth = rng.uniform(*style.depth, len(at))
    back = rng.uniform(0, style.setback[1] - style.setback[0], len(at))
    straight = length > reach * 1.7  # around a corner no rectangle stands well
    places: Floats = np.column_stack([here, way, width, depth, back])[straight]
    return places


def _apart(shapes: Objects, rng: np.random.Generator, keep_order: bool) -> npt.NDArray[np.int64]:
    """Indices of rectangles that touch none that was kept before."""
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    meets: dict[int, list[int]] = defaultdict(list)
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a != b:
            meets[a].append(b)
    order = np.arange(len(shapes)) if keep_order else rng.permutation(len(shapes))
    kept = np.zeros(len(shapes), dtype=bool)
    for index in order.tolist():
        kept[index] = not any(kept[other] for other in meets.get(index, ()))
    return np.flatnonzero(kept)


def _number(plan: Plan, network: Network, lines: Objects, town: Town, rng: np.random.Generator) -> None:
    """Number the houses: the nearest street's name, odd on its left and even on its right, growing along it."""
    houses = [house for house in town.houses if house.street]
    if not houses:
        return
    middles = shapely.centroid(np.array([house.shape for house in houses], dtype=object))
    named = np.array([i for i, edge in enumerate(network.edges) if edge.name and edge.kind not in ("trunk",)])
    nearest = named[STRtree(lines[named]).nearest(middles)]
    forward = {index: ahead for chain in network.strokes for index, ahead in chain}
    areas = np.array([cell.area for cell in plan.cells], dtype=object)
    cell_of = STRtree(areas).nearest(middles)
    along = shapely.line_locate_point(lines[nearest], middles)
    sign = np.where([forward[index] for index in nearest.tolist()], 1.0, -1.0)
    near = np.clip(along, 0.6, shapely.length(lines[nearest]) - 0.6)
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines[nearest], near - 0.5))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines[nearest], near + 0.5))
    way, to = (after - before) * sign[:, None], shapely.get_coordinates(middles) - before
    on_left = way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0] > 0
    rows: dict[tuple[str, int, bool], list[tuple[float, int]]] = defaultdict(list)
    for i, (house, index) in enumerate(zip(houses, nearest.tolist(), strict=True)):
        edge = network.edges[index]
        at = along[i] if forward[index] else edge.length_m - along[i]
        left = bool(on_left[i])
        house.street = edge.name
        house.district = plan.cells[int(cell_of[i])].district
        rows[edge.name, edge.stroke if edge.group < 0 else -1 - edge.group, left].append((edge.from_m + at, i))
    for (_, _, left), row in rows.items():
        number = 1 if left else 2
        for _, i in sorted(row):
            houses[i].number = str(number)
            if rng.random() < 0.03:
                houses[i].number = f"{number}a"
            number += 2 if rng.random() < 0.93 else 4
