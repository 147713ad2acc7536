"""The side streets of a generated city: a pattern for every cell, then one street network without loose ends.

Old towns are crooked webs around the market square, quarters built at once have bent grids with crossings or with
offset side streets, works have long blocks. Streets are named along what people see as one street: pieces that
continue each other with little turn ("strokes", Thomson & Richardson 1999).
"""

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Polygon, STRtree

from routing.atlas.city_plan import SQUARE_M, Cell, Floats, Plan, Street, Warp

SHORT_M = 13.0
OLD_TOWN = 1208
"""Seed of the lanes, which go on from one side of a main road to the other."""
STROKE_TURN = math.radians(38)
SPACING_M = {
    "old": (60, 60),
    "inner": (84, 150),
    "suburb": (92, 205),
    "garden": (78, 170),
    "estate": (150, 230),
    "works": (170, 300),
    "green": (500, 900),
}
BEND_M = {"inner": 14.0, "suburb": 30.0, "garden": 37.0, "estate": 22.0, "works": 5.0}
THROUGH = {"inner": 0.75, "suburb": 0.35, "garden": 0.1, "estate": 0.3, "works": 0.8}
"""Share of cross streets that go straight on over the long ones."""
LOSS = {"old": 0.06, "inner": 0.07, "suburb": 0.13, "garden": 0.20, "estate": 0.16, "works": 0.12, "green": 0.5}


@dataclass
class Edge:
    """One stretch between two junctions; `a` and `b` are node numbers, `stroke` the street it is part of."""

    a: int
    b: int
    line: Floats
    kind: str
    name: str
    group: int
    cell: int
    bridge: bool
    oneway: bool
    stroke: int = -1
    from_m: float = 0.0
    length_m: float = 0.0


@dataclass
class Network:
    """All streets and the points they share."""

    nodes: list[tuple[float, float]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    strokes: list[list[tuple[int, bool]]] = field(default_factory=list)
    """Each street's edges in order, with True where an edge is walked from `a` to `b`."""


def lay(plan: Plan, rng: np.random.Generator) -> Network:
    """Fill the cells with streets and join everything to one network that can be driven from anywhere to anywhere."""
    streets = list(plan.mains)
    mains = shapely.union_all([*(street.line for street in plan.mains), plan.limit.exterior]).buffer(1.5)
    for index, cell in enumerate(plan.cells):
        edge = cell.area.exterior.difference(mains)
        lines = [part.simplify(1.0) for part in getattr(edge, "geoms", [edge]) if part.length > 60]
        lines += _pattern(cell, rng)
        streets += [Street(line, "residential", cell=index) for line in lines]
    network = _network(_noded(streets), plan, rng)
    _strokes(network)
    _classes(network, plan, rng)
    _oneways(network, plan, rng)
    return network


def _pattern(cell: Cell, rng: np.random.Generator) -> list[LineString]:
    """A cell's side streets, drawn a little over its edge so that they surely meet the street there."""
    if cell.zone == "green":
        return []
    area = cell.area
    across_m, along_m = SPACING_M[cell.zone]
    if cell.zone == "old":
        lines = _web(area, across_m)
    else:
        middle = area.centroid
        angle = math.atan2(middle.y, middle.x) + rng.choice([0.0, math.pi / 2]) + rng.uniform(-0.22, 0.22)
        stretch = rng.uniform(0.9, 1.15)
        bend_m, through = BEND_M[cell.zone], THROUGH[cell.zone]
        lines = _grid(area, angle, across_m * stretch, along_m * stretch, bend_m, through, rng)
    inside = shapely.intersection(np.array(lines, dtype=object), area.buffer(0.8))
    parts = shapely.get_parts(inside)
    parts = parts[(shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 16)]
    return list(parts)


def _grid(
    area: Polygon,
    angle: float,
    across_m: float,
    along_m: float,
    bend_m: float,
    through: float,
    rng: np.random.Generator,
) -> list[LineString]:
    """Long streets with cross streets between each two of them; `through` is the share that go straight on."""
    west, south, east, north = area.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    reach = math.hypot(east - west, north - south) / 2 + 80
    warp = Warp(rng, 420.0, bend_m)
    c, s = math.cos(angle), math.sin(angle)

    def line(u: Floats, v: Floats) -> LineString:
        local = np.column_stack([u, v])
        return LineString(warp(local @ np.array([[c, s], [-s, c]]) + middle))

    def steps(size_m: float) -> Floats:
        count = int(2 * reach / size_m) + 2
        return -reach + np.cumsum(rng.uniform(0.78, 1.22, count) * size_m)

    rows = steps(across_m)
    v = np.arange(-reach, reach, 28.0)
    lines = [line(np.full_like(v, row), v) for row in rows]
    stops = steps(along_m)
    for low, high in itertools.pairwise(rows):
        if rng.random() > through:
            stops = steps(along_m)
        u = np.linspace(low - 0.4, high + 0.4, max(3, int((high - low) / 28)))
        lines += [line(u, np.full_like(u, stop)) for stop in stops]
    return lines


def _web(area: Polygon, spacing_m: float) -> list[LineString]:
    """An old town: crooked lanes around the market square, and others between them away from it."""
    warp = Warp(np.random.default_rng(OLD_TOWN), 190.0, 17.0)
    dice = np.random.default_rng(OLD_TOWN + 1)
    reach = max(math.hypot(x, y) for x, y in area.exterior.coords) + spacing_m
    rings = [SQUARE_M]
    while rings[-1] < reach:
        rings.append(rings[-1] + spacing_m * dice.uniform(0.75, 1.3))
    lines: list[LineString] = []
    turns: list[float] = []
    for low, high in itertools.pairwise(rings):
        theta = np.linspace(0, 2 * math.pi, max(24, int(low / 3)))
        circle = np.column_stack([np.cos(theta), np.sin(theta)]) * low
        lines.append(LineString(circle if low == SQUARE_M else warp(circle)))
        count = max(7, round(2 * math.pi * (low + high) / 2 / (spacing_m * 1.35)))
        fresh = (np.arange(count) + dice.uniform(-0.36, 0.36, count)) * 2 * math.pi / count + dice.uniform(0, 6.28)
        kept = [turn for turn in turns if dice.random() < 0.5]
        turns = [*kept, *(turn for turn in fresh.tolist() if all(_apart(turn, other) * low > 38 for other in kept))]
        for turn in turns:
            r = np.linspace(low - 0.4, high + 0.4, 5)
            ray = np.column_stack([r * math.cos(turn), r * math.sin(turn)])
            lines.append(LineString(np.concatenate([ray[:1], warp(ray[1:])]) if low == SQUARE_M else warp(ray)))
    return lines


def _apart(one: float, other: float) -> float:
    """The angle between two directions, 0 to pi."""
    return abs((one - other + math.pi) % (2 * math.pi) - math.pi)


def _noded(streets: list[Street]) -> list[Street]:
    """Cut all streets where they cross, each piece with what its street was."""
    lines = np.array([street.line for street in streets], dtype=object)
    pieces = shapely.get_parts(shapely.union_all(lines))
    pieces = pieces[shapely.length(pieces) > 1e-6]
    tree = STRtree(lines)
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    of_piece, of_street = tree.query_nearest(middles, all_matches=True)
    best: dict[int, int] = {}
    for piece, street in zip(of_piece.tolist(), of_street.tolist(), strict=True):
        # A main road wins where a side street was drawn on top of it.
        if piece not in best or streets[street].group > streets[best[piece]].group:
            best[piece] = street
    result = []
    for index, piece in enumerate(pieces):
        whole = streets[best[index]]
        result.append(Street(piece, whole.kind, whole.name, whole.group, whole.cell, whole.bridge, whole.oneway))
    return result


def _network(pieces: list[Street], plan: Plan, rng: np.random.Generator) -> Network:
    """Junctions closer than SHORT_M become one; dead stubs and what hangs together with nothing are dropped."""
    numbers: dict[tuple[int, int], int] = {}
    places: list[tuple[float, float]] = []

    def node(point: tuple[float, float]) -> int:
        key = (round(point[0] * 20), round(point[1] * 20))
        if key not in numbers:
            numbers[key] = len(places)
            places.append(point)
        return numbers[key]

    ends = [(node(piece.line.coords[0]), node(piece.line.coords[-1])) for piece in pieces]
    parent = list(range(len(places)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    fixed = {end for (ends_of, piece) in zip(ends, pieces, strict=True) if piece.group >= 0 for end in ends_of}
    lengths = [piece.line.length for piece in pieces]
    for index in np.argsort(lengths):
        if lengths[index] > SHORT_M:
            break
        a, b = (root(end) for end in ends[index])
        if pieces[index].bridge or a == b or (a in fixed and b in fixed):
            continue
        keep, drop = (a, b) if a in fixed else (b, a)
        parent[drop] = keep
    edges: dict[tuple[int, int, int], Edge] = {}
    for (start, end), piece, length in zip(ends, pieces, lengths, strict=True):
        a, b = root(start), root(end)
        if a == b and length < 120:
            continue
        line = np.array(piece.line.coords)
        line[0], line[-1] = places[a], places[b]
        key = (min(a, b), max(a, b), int(length / 25) if a == b or length > 160 else 0)
        if key in edges and edges[key].group >= piece.group:
            continue
        edges[key] = Edge(a, b, line, piece.kind, piece.name, piece.group, piece.cell, piece.bridge, piece.oneway)
    kept = _thinned(list(edges.values()), plan, rng, len(places))
    network = Network(nodes=places, edges=kept)
    for edge in kept:
        edge.length_m = float(np.linalg.norm(np.diff(edge.line, axis=0), axis=1).sum())
    return network


def _thinned(edges: list[Edge], plan: Plan, rng: np.random.Generator, n: int) -> list[Edge]:
    """Drop stubs, then some streets at random (blocks differ in size), then islands."""

    def degrees(items: list[Edge]) -> list[int]:
        count = [0] * n
        for edge in items:
            count[edge.a] += 1
            count[edge.b] += 1
        return count

    for shortest_m in (30.0, 45.0, 45.0):
        degree = degrees(edges)
        edges = [
            e for e in edges if e.group >= 0 or (degree[e.a] > 1 and degree[e.b] > 1) or _length(e.line) > shortest_m
        ]
    for _ in range(8):
        # A quarter's through road that overshot its end at the next main road.
        degree = degrees(edges)
        edges = [e for e in edges if e.kind != "tertiary" or e.group < 0 or min(degree[e.a], degree[e.b]) > 1]
    degree = degrees(edges)
    dice = rng.random(len(edges))
    kept = []
    for edge, die in zip(edges, dice, strict=True):
        loss = LOSS[plan.cells[edge.cell].zone] if edge.cell >= 0 and edge.group < 0 else 0.0
        if die < loss and degree[edge.a] > 2 and degree[edge.b] > 2:
            degree[edge.a] -= 1
            degree[edge.b] -= 1
        else:
            kept.append(edge)
    rows, columns = [e.a for e in kept], [e.b for e in kept]
    _, label = connected_components(csr_matrix((np.ones(len(kept)), (rows, columns)), shape=(n, n)), directed=False)
    largest = np.argmax(np.bincount(label[rows]))
    return [edge for edge in kept if label[edge.a] == largest]


def _length(line: Floats) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _bearing(edge: Edge, node: int) -> float:
    """The direction in which an edge leaves a node."""
    line = edge.line if edge.a == node else edge.line[::-1]
    far = line[min(len(line) - 1, 2)]
    return math.atan2(far[1] - line[0][1], far[0] - line[0][0])


def _strokes(network: Network) -> None:
    """Chain edges that continue each other: same main road, or same cell and little turn."""
    at: dict[int, list[int]] = defaultdict(list)
    for index, edge in enumerate(network.edges):
        at[edge.a].append(index)
        at[edge.b].append(index)
    partner: dict[tuple[int, int], int] = {}
    for node, here in at.items():
        pairs = []
        for i, first in enumerate(here):
            for second in here[i + 1 :]:
                one, two = network.edges[first], network.edges[second]
                if first == second or one.group != two.group or (one.group < 0 and one.cell != two.cell):
                    continue
                turn = math.pi - _apart(_bearing(one, node), _bearing(two, node))
                if one.group >= 0 or turn < STROKE_TURN:
                    pairs.append((turn, first, second))
        for _, first, second in sorted(pairs):
            if (first, node) not in partner and (second, node) not in partner:
                partner[first, node], partner[second, node] = second, first
    done: set[int] = set()

    def walk(start: int, node: int) -> list[tuple[int, bool]]:
        """Follow partners from `start`, entered at `node`, to the street's end or around."""
        chain: list[tuple[int, bool]] = []
        index = start
        while True:
            edge = network.edges[index]
            chain.append((index, edge.a == node))
            done.add(index)
            node = edge.b if edge.a == node else edge.a
            following = partner.get((index, node))
            if following is None or following in done:
                return chain
            index = following

    def free_end(index: int) -> int | None:
        edge = network.edges[index]
        return next((n for n in (edge.a, edge.b) if (index, n) not in partner), None)

    order = list(range(len(network.edges)))
    for index in [i for i in order if free_end(i) is not None] + order:
        if index not in done:
            begin = free_end(index)
            network.strokes.append(walk(index, network.edges[index].a if begin is None else begin))
    for number, chain in enumerate(network.strokes):
        from_m = 0.0
        for index, _ in chain:
            edge = network.edges[index]
            edge.stroke, edge.from_m = number, from_m
            from_m += edge.length_m


def _classes(network: Network, plan: Plan, rng: np.random.Generator) -> None:
    """Long side streets collect traffic (tertiary); the old town's lanes are shared with people on foot."""
    longest: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for number, chain in enumerate(network.strokes):
        first = network.edges[chain[0][0]]
        if first.group < 0:
            longest[first.cell].append((sum(network.edges[i].length_m for i, _ in chain), number))
    for cell, streets in longest.items():
        zone = plan.cells[cell].zone
        size_m2 = plan.cells[cell].area.area
        wanted = max(1, round(size_m2 / 750_000)) if zone != "old" else 0
        for rank, (length_m, number) in enumerate(sorted(streets, reverse=True)):
            kind = "residential"
            if rank < wanted and length_m > 420:
                kind = "tertiary"
            elif zone == "old" and rng.random() < 0.55:
                kind = "living_street"
            elif zone == "works":
                kind = "unclassified"
            for index, _ in network.strokes[number]:
                network.edges[index].kind = kind


def _oneways(network: Network, plan: Plan, rng: np.random.Generator) -> None:
    """Some narrow streets become one-way, taken back where that would cut somebody off."""
    share = {"old": 0.40, "inner": 0.30, "suburb": 0.05}
    for chain in network.strokes:
        first = network.edges[chain[0][0]]
        if first.group >= 0 or first.kind == "tertiary":
            continue
        if rng.random() < share.get(plan.cells[first.cell].zone, 0.0):
            turned = rng.random() < 0.5
            for index, forward in chain:
                edge = network.edges[index]
                edge.oneway = True
                if forward == turned:
                    edge.a, edge.b, edge.line = edge.b, edge.a, edge.line[::-1]
    _redirect(network)
    n = len(network.nodes)
    for _ in range(60):
        rows = [e.a for e in network.edges] + [e.b for e in network.edges if not e.oneway]
        columns = [e.b for e in network.edges] + [e.a for e in network.edges if not e.oneway]
        matrix = csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
        _, label = connected_components(matrix, directed=True, connection="strong")
        cut = [e for e in network.edges if e.oneway and label[e.a] != label[e.b]]
        if not cut:
            return
        for edge in cut:
            edge.oneway = False


def _redirect(network: Network) -> None:
    """Write each street's walking order anew after edges were turned round."""
    for number, chain in enumerate(network.strokes):
        if len(chain) == 1:
            network.strokes[number] = [(chain[0][0], True)]
            continue
        ordered: list[tuple[int, bool]] = []
        for position, (index, _) in enumerate(chain):
            edge = network.edges[index]
            if position + 1 < len(chain):
                following = network.edges[chain[position + 1][0]]
                forward = edge.b in (following.a, following.b) and not (
                    edge.a in (following.a, following.b) and position > 0 and _meets(network, ordered[-1], edge.b)
                )
            else:
                forward = _meets(network, ordered[-1], edge.a)
            ordered.append((index, forward))
        network.strokes[number] = ordered


def _meets(network: Network, before: tuple[int, bool], node: int) -> bool:
    """True if the piece walked before ends at `node`."""
    edge = network.edges[before[0]]
    return (edge.b if before[1] else edge.a) == node
