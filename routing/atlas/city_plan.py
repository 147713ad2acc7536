"""The bones of a generated city, in metres around its market square (x east, y north): water, rails, main roads, cells.

A city grows along its river and its old roads: radials lead to the square, rings tie them together, and the cells in
between were each built up in one go, with a grid of their own. That order (main roads first, then parcels, each with
its own pattern) follows Parish & Müller, "Procedural modeling of cities", doi:10.1145/383259.383292.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import substring

Floats = npt.NDArray[np.float64]
BANK_M = 34.0
RAIL_M = 17.0
CORRIDOR_M = 42.0
SQUARE_M = 46.0
"""From the middle of the market square to where the streets begin."""
REACH = 1.95
"""How far water, rails and motorway run, in radii."""
Named = tuple[LineString, str, str]


@dataclass
class Street:
    """A line that people drive or see: its OpenStreetMap class, its name, and which main road or cell it belongs to."""

    line: LineString
    kind: str
    name: str = ""
    group: int = -1
    cell: int = -1
    bridge: bool = False
    oneway: bool = False


@dataclass
class Cell:
    """A part of town between main roads: how it is built (`zone`) and which district it counts to."""

    area: Polygon
    zone: str
    distance_m: float
    district: int = 0


@dataclass
class Plan:
    """Everything that is decided before the first side street."""

    radius_m: float
    limit: Polygon
    river: Polygon
    river_line: LineString
    stream: LineString
    rails: list[LineString]
    station: Point
    mains: list[Street]
    motorway: list[Street]
    cells: list[Cell]
    districts: list[tuple[float, float]] = field(default_factory=list)


class Warp:
    """A smooth random displacement: a few sine waves, so that nothing in town is quite straight."""

    def __init__(self, rng: np.random.Generator, wavelength_m: float, amplitude_m: float, waves: int = 5) -> None:
        angle = rng.uniform(0, 2 * math.pi, (2, waves))
        number = 2 * math.pi / (wavelength_m * rng.uniform(0.7, 1.6, (2, waves)))
        self.k = np.stack([np.cos(angle) * number, np.sin(angle) * number], axis=2)
        self.phase = rng.uniform(0, 2 * math.pi, (2, waves))
        self.amplitude_m = amplitude_m / math.sqrt(waves / 2)

    def __call__(self, points: Floats) -> Floats:
        """Move points [n, 2]."""
        wave = np.sin(np.einsum("dwc,nc->dnw", self.k, points) + self.phase[:, None, :]).sum(axis=2)
        moved: Floats = points + self.amplitude_m * wave.T
        return moved


def plan(radius_m: float, rng: np.random.Generator) -> Plan:
    """Lay out a city of about `radius_m`."""
    warp = Warp(rng, radius_m * 0.55 + 400, radius_m * 0.011 + 12)
    inner_m = max(400.0, radius_m * 0.155)
    turn = rng.uniform(-0.35, 0.35)
    river_line, river = _river(radius_m, inner_m, turn, rng)
    limit = _limit(radius_m, rng)
    rails, station = _rails(radius_m, inner_m, turn, rng)
    motorway_axis = _motorway_axis(radius_m, turn, rng)
    lines = _rings(radius_m, inner_m, rng) + _radials(radius_m, inner_m, rng)
    lines = [(LineString(warp(np.array(line.coords))), kind, name) for line, kind, name in lines]
    lines = [item for item in lines if _crosses_cleanly(item[0], river, river_line)]
    motorway, lines = _motorway(motorway_axis, lines)
    mains = _with_bridges(lines, [river.buffer(10), rails[0].buffer(RAIL_M), motorway_axis.buffer(24)])
    blocked = shapely.union_all([river.buffer(BANK_M), rails[0].buffer(RAIL_M + 6), motorway_axis.buffer(CORRIDOR_M)])
    stream = _stream(radius_m, river_line, rng)
    tracks = shapely.union_all([rails[0], motorway_axis])
    cells = _cells([street.line for street in mains], limit, blocked, tracks, radius_m, inner_m, rng)
    return Plan(radius_m, limit, river, river_line, stream, rails, station, mains, motorway, cells)


def _rotated(points: Floats, angle: float) -> Floats:
    c, s = math.cos(angle), math.sin(angle)
    turned: Floats = points @ np.array([[c, s], [-s, c]])
    return turned


def _river(radius_m: float, inner_m: float, turn: float, rng: np.random.Generator) -> tuple[LineString, Polygon]:
    """A bow around the old town's south with meanders; wider in its bends."""
    x = np.arange(-REACH * radius_m, REACH * radius_m, 45.0)
    phase = rng.uniform(0, 2 * math.pi, 3)
    y = -0.78 * inner_m - 0.17 * x**2 / radius_m
    swing = np.minimum(1.0, 0.35 + np.abs(x) / radius_m)
    y = np.maximum(y, -1.2 * radius_m)
    y += swing * 0.040 * radius_m * np.sin(2 * math.pi * x / (0.83 * radius_m) + phase[0])
    y += 0.012 * radius_m * np.sin(2 * math.pi * x / (0.37 * radius_m) + phase[1])
    half_m = 30 + 0.0035 * radius_m + 9 * np.sin(2 * math.pi * x / (0.6 * radius_m) + phase[2])
    axis = _rotated(np.column_stack([x, y]), turn)
    along = np.gradient(axis, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    shore = np.concatenate([axis + across * half_m[:, None], (axis - across * half_m[:, None])[::-1]])
    return LineString(axis), Polygon(shore).buffer(0)


def _stream(radius_m: float, river: LineString, rng: np.random.Generator) -> LineString:
    """A brook from the hills in the north-east or north-west down to the river."""
    side = rng.choice([-1.0, 1.0])
    mouth = river.interpolate(0.5 + side * 0.13, normalized=True)
    t = np.linspace(0, 1, 140)
    x = mouth.x + side * radius_m * (0.30 * t + 0.07 * np.sin(7.5 * t + rng.uniform(0, 6)) * t)
    x += side * radius_m * 0.018 * np.sin(31 * t + rng.uniform(0, 6)) * np.sqrt(t)
    y = mouth.y + (1.9 * radius_m - mouth.y) * t + 0.012 * radius_m * np.sin(37 * t) * t
    return LineString(np.column_stack([x, y]))


def _limit(radius_m: float, rng: np.random.Generator) -> Polygon:
    """Where the houses end."""
    theta = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    r = np.ones_like(theta)
    for wave in (2, 3, 5, 8, 13):
        r += rng.uniform(0.25, 0.6) / (3 + wave) * np.sin(wave * theta + rng.uniform(0, 6.28))
    return Polygon(np.column_stack([np.cos(theta), np.sin(theta)]) * (r * radius_m)[:, None])


def _rails(radius_m: float, inner_m: float, turn: float, rng: np.random.Generator) -> tuple[list[LineString], Point]:
    """A railway past the old town's north; the first line is the axis, the others its tracks at the station."""
    x = np.arange(-REACH * radius_m, REACH * radius_m, 50.0)
    swing = 0.03 * radius_m * np.sin(2 * math.pi * x / (1.7 * radius_m) + rng.uniform(0, 6))
    y = 1.18 * inner_m + 0.16 * x**2 / radius_m + swing
    axis = LineString(_rotated(np.column_stack([x, y]), turn * 0.6))
    middle = axis.length / 2
    yard = substring(axis, middle - 240, middle + 240)
    tracks = [axis, axis.parallel_offset(4.5, "left")]
    tracks += [yard.parallel_offset(offset, side) for side, offset in (("left", 9.0), ("right", 4.5), ("right", 9.0))]
    return [LineString(track.coords) for track in tracks], axis.interpolate(middle)


def _rings(radius_m: float, inner_m: float, rng: np.random.Generator) -> list[Named]:
    """Rings: where the wall stood, a boulevard, and a ring road outside."""
    rings = [(inner_m, "secondary", "Wall Ring"), (0.93 * radius_m, "trunk", "Outer Ring")]
    if 0.50 * radius_m > 1.5 * inner_m:
        rings.insert(1, (0.50 * radius_m, "primary", "Grand Boulevard"))
    found = []
    for r0, kind, name in rings:
        theta = np.linspace(0, 2 * math.pi, max(36, int(r0 / 14)), endpoint=False)
        r = np.full_like(theta, r0)
        for wave in (1, 2, 3, 4, 6):
            r += r0 * rng.uniform(0.03, 0.09) / (0.5 + wave / 2) * np.sin(wave * theta + rng.uniform(0, 6.28))
        circle = np.column_stack([np.cos(theta), np.sin(theta)]) * r[:, None]
        found.append((LineString(np.concatenate([circle, circle[:1]])), kind, name))
    return found


def _radials(radius_m: float, inner_m: float, rng: np.random.Generator) -> list[Named]:
    """The old roads out of town, the wider gaps between them split further out."""
    count = 9
    names = [
        "Northgate Road",
        "Harbour Road",
        "Abbey Road",
        "Falkner Avenue",
        "Saltway",
        "Brückner Avenue",
        "Mill Hill Road",
        "Old Coach Road",
        "Kestrel Way",
        "Orchard Road",
        "Ferry Road",
        "Quarry Road",
        "Linden Avenue",
        "Copper Road",
        "Vineyard Road",
        "Granary Road",
        "Meridian Way",
        "Weir Road",
    ]
    rng.shuffle(names)
    names_of_belts = [
        f"{word} {kind}"
        for word in ("Harriet", "Osborne", "Tannery", "Larkfield", "Windmill", "Pontoon")
        for kind in ("Avenue", "Drive", "Crossway")
    ]
    rng.shuffle(names_of_belts)
    base = rng.uniform(0, 2 * math.pi)
    angles = base + np.arange(count) * 2 * math.pi / count + rng.uniform(-0.16, 0.16, count)
    roads: list[Named] = []
    for i in range(count):
        kind = "primary" if i % 2 == 0 else "secondary"
        roads.append((_radial(angles[i], SQUARE_M - 8, 1.9 * radius_m, radius_m, rng), kind, names[i]))
    if 0.50 * radius_m > 1.5 * inner_m:
        for i in range(count):
            gap = (angles[(i + 1) % count] - angles[i]) % (2 * math.pi)
            between = angles[i] + gap * rng.uniform(0.42, 0.58)
            end = radius_m * (1.28 if rng.random() < 0.4 else 0.93)
            roads.append((_radial(between, 0.43 * radius_m, end, radius_m, rng), "tertiary", names[count + i]))
        for i in range(count):
            roads += _belts(angles[i], angles[(i + 1) % count], radius_m, names_of_belts, rng)
    return roads


def _belts(start: float, end: float, radius_m: float, names: list[str], rng: np.random.Generator) -> list[Named]:
    """One or two roads across the outer sector between two radials, so that quarters there are not endless."""
    gap = (end - start) % (2 * math.pi)
    belts: list[Named] = []
    for share in (rng.uniform(0.63, 0.70), rng.uniform(0.77, 0.84)):
        if rng.random() < 0.72 and names:
            theta = start + np.linspace(-0.14, gap + 0.14, 48)
            r = radius_m * share * (1 + rng.uniform(-0.05, 0.05) * np.sin(np.linspace(0, rng.uniform(3, 7), 48)))
            line = LineString(np.column_stack([np.cos(theta), np.sin(theta)]) * r[:, None])
            belts.append((line, "tertiary", names.pop()))
    return belts


def _radial(angle: float, start_m: float, end_m: float, radius_m: float, rng: np.random.Generator) -> LineString:
    r = np.arange(start_m, end_m, 40.0)
    bend = rng.uniform(-0.22, 0.22) * ((r - start_m) / radius_m) ** 1.3
    theta = angle + bend + 0.05 * np.sin(r / (0.17 * radius_m) + rng.uniform(0, 6.28)) * (r - start_m) / radius_m
    return LineString(np.column_stack([r * np.cos(theta), r * np.sin(theta)]))


def _crosses_cleanly(line: LineString, river: Polygon, river_line: LineString) -> bool:
    """False for a road that would run in the river instead of crossing it."""
    wet = line.intersection(river)
    crossings = line.intersection(river_line)
    times = len(getattr(crossings, "geoms", [crossings])) if not crossings.is_empty else 0
    width = 2 * river.area / river.length
    return bool(wet.length <= max(1, times) * width * 2.3 and times <= 2 and (times or wet.length < 1))


def _motorway_axis(radius_m: float, turn: float, rng: np.random.Generator) -> LineString:
    """A motorway that passes the town in the east or west."""
    side = rng.choice([-1.0, 1.0])
    y = np.arange(-REACH * radius_m, REACH * radius_m, 60.0)
    x = side * (0.76 * radius_m + 0.08 * y**2 / radius_m) + 0.03 * radius_m * np.sin(y / (0.3 * radius_m))
    return LineString(_rotated(np.column_stack([x, y]), turn * 0.5))


def _motorway(axis: LineString, lines: list[Named]) -> tuple[list[Street], list[Named]]:
    """Two carriageways and, where primary and trunk roads cross, slip roads that share points with both."""
    right = LineString(axis.parallel_offset(10, "right").coords)
    left = LineString(axis.parallel_offset(10, "left").coords)
    if right.project(Point(axis.coords[0])) > right.project(Point(axis.coords[-1])):
        right = right.reverse()
    if left.project(Point(axis.coords[0])) < left.project(Point(axis.coords[-1])):
        left = left.reverse()
    carriageways = [right, left]
    slips: list[Street] = []
    result: list[Named] = []
    for line, kind, name in lines:
        crossing = line.intersection(axis)
        if kind in ("primary", "trunk") and crossing.geom_type == "Point":
            for index, carriageway in enumerate(carriageways):
                at = carriageway.project(crossing)
                if not 330 < at < carriageway.length - 330:
                    continue
                here = line.project(carriageway.interpolate(at))
                away = 1.0 if line.project(crossing) < here else -1.0
                foot = line.interpolate(here + away * 55)
                line = _with_vertex(line, foot)
                off, on = carriageway.interpolate(at - 300), carriageway.interpolate(at + 300)
                carriageway = _with_vertex(_with_vertex(carriageway, off), on)
                carriageways[index] = carriageway
                slips.append(Street(_bow(off, carriageway.interpolate(at - 110), foot), "motorway_link", oneway=True))
                slips.append(Street(_bow(foot, carriageway.interpolate(at + 110), on), "motorway_link", oneway=True))
        result.append((line, kind, name))
    streets = [Street(line, "motorway", "A 7", group=-2 - i, oneway=True) for i, line in enumerate(carriageways)]
    return streets + slips, result


def _bow(start: Point, pull: Point, end: Point) -> LineString:
    """A quadratic Bézier curve."""
    t = np.linspace(0, 1, 12)[:, None]
    a, b, c = (np.array([p.x, p.y]) for p in (start, pull, end))
    curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    curve[0], curve[-1] = a, c
    return LineString(curve)


def _with_vertex(line: LineString, point: Point) -> LineString:
    """The line with one more vertex at `point`, which lies on it."""
    at = line.project(point)
    coords = list(line.coords)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(np.array(coords), axis=0), axis=1))])
    index = int(np.searchsorted(along, at))
    return LineString([*coords[:index], (point.x, point.y), *coords[index:]])


def _with_bridges(lines: list[Named], spans: list[Polygon]) -> list[Street]:
    """Main roads, cut where they cross water, rails and the motorway; the pieces inside are bridges."""
    wet = shapely.union_all(spans)
    streets: list[Street] = []
    for group, (line, kind, name) in enumerate(lines):
        for piece, bridge in ((line.difference(wet), False), (line.intersection(wet), True)):
            parts = [part for part in getattr(piece, "geoms", [piece]) if part.length > 0.5]
            streets += [Street(part, kind, name, group=group, bridge=bridge) for part in parts]
    return streets


def _cells(
    mains: list[LineString],
    limit: Polygon,
    blocked: Polygon,
    tracks: LineString,
    radius_m: float,
    inner_m: float,
    rng: np.random.Generator,
) -> list[Cell]:
    """The faces between main roads, less banks and corridors, each with the way it is built up."""
    faces = shapely.polygonize([shapely.union_all([*mains, limit.exterior])])
    cells: list[Cell] = []
    for face in faces.geoms:
        if not limit.contains(face.representative_point()):
            continue
        left = face.difference(blocked)
        for part in getattr(left, "geoms", [left]):
            if part.area < 9_000 or part.buffer(-25).is_empty:
                continue
            middle = part.representative_point()
            distance_m = math.hypot(middle.x, middle.y)
            zone = _zone(distance_m, part.distance(tracks) < 90, radius_m, inner_m, rng)
            cells.append(Cell(Polygon(part.exterior), zone, distance_m))
    return cells


def _zone(distance_m: float, by_tracks: bool, radius_m: float, inner_m: float, rng: np.random.Generator) -> str:
    """How a cell is built up: dense in the middle, looser outside, works along rails and motorway, some left green."""
    if distance_m < inner_m:
        return "old"
    if distance_m < 0.50 * radius_m:
        return "inner"
    works = 0.42 if by_tracks else 0.04
    shares = {"works": works, "green": 0.10, "estate": 0.16, "garden": 0.28, "suburb": 0.46 - works}
    shares["suburb"] = max(0.04, 1 - sum(share for zone, share in shares.items() if zone != "suburb"))
    total = sum(shares.values())
    return str(rng.choice(list(shares), p=[share / total for share in shares.values()]))
