"""The built-in road engine: Dijkstra (doi:10.1007/BF01386390) over the atlas' street graph, in this process.

A point is moved to the nearest place of the nearest street and put into the graph there, so that a house is driven
to along its own street. Time and distance share one exact number: tenths of a second times 2^26 plus decimetres,
so the quickest way's length comes along for free (both parts stay whole within a float's 53 bits).
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from routing.roads import polyline
from routing.roads.polyline import Point
from routing.roads.protocol import UNREACHABLE, Leg, RoadsUnavailable, Snap, Travel, checked, cut_off

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PACK = 2**26
EARTH_RADIUS_M = 6_371_008.8
SAMPLE_M = 60.0
CANDIDATES = 24
ROW_BYTES = 128 * 2**20


@dataclass(frozen=True)
class Snapped:
    """Points on streets: segment, share of its length from its start, place (degrees), distance in metres."""

    segment: Ints
    share: Floats
    lat: Floats
    lon: Floats
    distance_m: Floats


@dataclass(frozen=True)
class Arcs:
    """Directed pieces of streets: from, to, packed cost, segment, and the shares of it where they begin and end."""

    start: Ints
    end: Ints
    cost: Ints
    segment: Ints
    share_from: Floats
    share_to: Floats

    def chosen(self, index: npt.NDArray[np.intp]) -> "Arcs":
        """These arcs only, in this order."""
        return Arcs(
            self.start[index],
            self.end[index],
            self.cost[index],
            self.segment[index],
            self.share_from[index],
            self.share_to[index],
        )


class Network:
    """One atlas' streets, made ready for searching; never changed after loading, so threads may share it."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as data:
                self.shape_e7 = data["shape"].astype(np.int64)
                self.shape_start = data["shape_start"].astype(np.int64)
                self.u, self.v = data["u"].astype(np.int64), data["v"].astype(np.int64)
                self.length_dm = data["length_dm"].astype(np.int64)
                forward_ds, backward_ds = data["forward_ds"].astype(np.int64), data["backward_ds"].astype(np.int64)
                self.vertices = len(data["vertex"])
        except (OSError, ValueError, KeyError) as error:
            raise RoadsUnavailable(f"The street graph {path} cannot be read: {error}") from None
        self.forward = np.where(forward_ds > 0, forward_ds * PACK + self.length_dm, -1)
        self.backward = np.where(backward_ds > 0, backward_ds * PACK + self.length_dm, -1)
        self.arcs = self._base_arcs()
        self._index()

    def _base_arcs(self) -> Arcs:
        """Both directions of every segment; of two streets between the same junctions only the quicker is kept."""
        segment = np.arange(len(self.u))
        there, back = self.forward > 0, self.backward > 0
        zero, one = np.zeros(len(self.u)), np.ones(len(self.u))
        arcs = Arcs(
            np.concatenate([self.u[there], self.v[back]]),
            np.concatenate([self.v[there], self.u[back]]),
            np.concatenate([self.forward[there], self.backward[back]]),
            np.concatenate([segment[there], segment[back]]),
            np.concatenate([zero[there], one[back]]),
            np.concatenate([one[there], zero[back]]),
        )
        order = np.lexsort((arcs.cost, arcs.end, arcs.start))
        key = (arcs.start * self.vertices + arcs.end)[order]
        first = np.concatenate([[True], key[1:] != key[:-1]])
        self.key = key[first]
        return arcs.chosen(order[first])

    def _index(self) -> None:
        """A tree over points at most SAMPLE_M apart along all streets, on the sphere."""
        degrees = self.shape_e7 / 1e7
        inner = np.ones(len(degrees) - 1, dtype=bool)
        inner[self.shape_start[1:-1] - 1] = False
        self.piece = np.flatnonzero(inner)
        a, b = degrees[self.piece], degrees[self.piece + 1]
        length = np.linalg.norm(_sphere(b) - _sphere(a), axis=1)
        self.piece_m = length
        along = np.concatenate([[0.0], np.cumsum(length)])
        self.piece_segment = np.searchsorted(self.shape_start, self.piece, side="right") - 1
        first_piece = np.searchsorted(self.piece, self.shape_start[:-1])
        self.piece_at_m = along[:-1] - along[first_piece][self.piece_segment]
        self.segment_m = np.maximum(1e-6, np.bincount(self.piece_segment, weights=length, minlength=len(self.u)))
        copies = np.ceil(length / SAMPLE_M).astype(np.int64) + 1
        self.sample_piece = np.repeat(np.arange(len(self.piece)), copies)
        step = np.arange(len(self.sample_piece)) - np.repeat(np.cumsum(copies) - copies, copies)
        share = (step / np.repeat(np.maximum(1, copies - 1), copies))[:, None]  # a piece may have no length
        places = a[self.sample_piece] * (1 - share) + b[self.sample_piece] * share
        self.tree = cKDTree(_sphere(places), balanced_tree=False)

    def snap(self, points: Sequence[Point]) -> Snapped:
        """Move points to the nearest street: candidates from the tree, then exact feet on their straight pieces."""
        places = np.array(points, dtype=np.float64).reshape(-1, 2)
        k = min(CANDIDATES, len(self.sample_piece))
        _, near = self.tree.query(_sphere(places), k=k)
        piece = self.sample_piece[np.asarray(near).reshape(len(places), k)]
        at = self.piece[piece]
        a, b = self.shape_e7[at] / 1e7, self.shape_e7[at + 1] / 1e7
        metre = np.pi / 180 * EARTH_RADIUS_M
        scale = np.stack([np.full(len(places), metre), metre * np.cos(np.radians(places[:, 0]))], axis=1)[:, None, :]
        origin = places[:, None, :]
        start, along = (a - origin) * scale, (b - a) * scale
        square = np.maximum(1e-9, (along**2).sum(axis=2))
        foot = np.clip(-(start * along).sum(axis=2) / square, 0.0, 1.0)
        distance = np.linalg.norm(start + foot[:, :, None] * along, axis=2)
        row = np.arange(len(places))
        best = np.argmin(distance, axis=1)
        chosen, foot = piece[row, best], foot[row, best]
        segment = self.piece_segment[chosen]
        share = (self.piece_at_m[chosen] + foot * self.piece_m[chosen]) / self.segment_m[segment]
        spot = a[row, best] * (1 - foot[:, None]) + b[row, best] * foot[:, None]
        return Snapped(segment, np.clip(share, 0.0, 1.0), spot[:, 0], spot[:, 1], distance[row, best])

    def with_points(self, snapped: Snapped) -> tuple[Arcs, csr_matrix]:
        """The extra arcs that tie points 0…n-1 (vertices `vertices`…) to their streets, and the whole matrix."""
        rows: list[tuple[int, int, int, int, float, float]] = []
        for segment in np.unique(snapped.segment).tolist():
            here = np.flatnonzero(snapped.segment == segment)
            order = here[np.argsort(snapped.share[here], kind="stable")]
            chain = [(int(self.u[segment]), 0.0)]
            chain += [(self.vertices + int(i), float(snapped.share[i])) for i in order]
            chain.append((int(self.v[segment]), 1.0))
            for (a, share_a), (b, share_b) in itertools.pairwise(chain):
                for cost, start, end, s0, s1 in (
                    (int(self.forward[segment]), a, b, share_a, share_b),
                    (int(self.backward[segment]), b, a, share_b, share_a),
                ):
                    if cost > 0:
                        rows.append((start, end, _part(cost, abs(s1 - s0)), segment, s0, s1))
        whole = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
        shares = np.array([row[4:] for row in rows], dtype=np.float64).reshape(-1, 2)
        extra = Arcs(whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3], shares[:, 0], shares[:, 1])
        size = self.vertices + len(snapped.segment)
        matrix = csr_matrix(
            (
                np.concatenate([self.arcs.cost, extra.cost]).astype(np.float64),
                (np.concatenate([self.arcs.start, extra.start]), np.concatenate([self.arcs.end, extra.end])),
            ),
            shape=(size, size),
        )
        return extra, matrix

    def line(self, segment: int, share_from: float, share_to: float) -> list[Point]:
        """The street's line between two shares of its length, in driving order."""
        points = self.shape_e7[self.shape_start[segment] : self.shape_start[segment + 1]] / 1e7
        pieces = np.linalg.norm(np.diff(_sphere(points), axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(pieces)])
        low, high = sorted((share_from * along[-1], share_to * along[-1]))
        inside = along[(along > low) & (along < high)]
        stops = np.concatenate([[low], inside, [high]])
        lats, lons = np.interp(stops, along, points[:, 0]), np.interp(stops, along, points[:, 1])
        line = list(zip(lats.tolist(), lons.tolist(), strict=True))
        return line if share_from <= share_to else line[::-1]


@functools.lru_cache(maxsize=2)
def _cached(path: Path, stamp: tuple[int, int]) -> Network:
    return Network(path)


def load(path: Path) -> Network:
    """The network in `path`, loaded once per process and again when the file changes. Raises RoadsUnavailable."""
    try:
        state = path.stat()
    except OSError:
        raise RoadsUnavailable(f"There is no street graph at {path}; build it with: manage.py build_map") from None
    return _cached(path.resolve(), (state.st_mtime_ns, state.st_size))


class GraphRoads:
    """Answers from `graph.npz`. Turn restrictions are not known to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def matrix(self, points: Sequence[Point]) -> Travel:
        """Travel between all pairs; one search per point, in groups that fit ROW_BYTES."""
        places = checked(points)
        n = len(places)
        seconds = np.full((n, n), UNREACHABLE, dtype=np.int32)
        metres = np.full((n, n), UNREACHABLE, dtype=np.int32)
        if n == 0:
            return Travel(seconds=seconds, metres=metres, source="graph", snap_m=np.zeros(0))
        network = load(self.path)
        snapped = network.snap(places)
        _, matrix = network.with_points(snapped)
        size = matrix.shape[0]
        step = max(1, ROW_BYTES // (8 * size))
        for first in range(0, n, step):
            rows = np.arange(first, min(n, first + step))
            cost = dijkstra(matrix, indices=network.vertices + rows)[:, network.vertices :]
            found = np.isfinite(cost)
            packed = np.where(found, cost, 0).astype(np.int64)
            seconds[rows] = np.where(found, (packed // PACK + 5) // 10, UNREACHABLE)
            metres[rows] = np.where(found, (packed % PACK + 5) // 10, UNREACHABLE)
        return Travel(
            seconds=seconds, metres=metres, source="graph", snap_m=snapped.distance_m, unreachable=cut_off(seconds)
        )

    def route(self, points: Sequence[Point]) -> list[Leg]:
        """Legs with their lines, one search each; the same figures as the matrix."""
        places = checked(points)
        if len(places) < 2:
            return []
        network = load(self.path)
        snapped = network.snap(places)
        extra, matrix = network.with_points(snapped)
        lookup = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(extra.start, extra.end, strict=True))}
        legs: list[Leg] = []
        for start in range(len(places) - 1):
            source, target = network.vertices + start, network.vertices + start + 1
            cost, before = dijkstra(matrix, indices=source, return_predecessors=True)
            if not np.isfinite(cost[target]):
                legs.append(Leg(polyline.encode(places[start : start + 2]), UNREACHABLE, UNREACHABLE, "graph"))
                continue
            packed = int(cost[target])
            path = [target]
            while path[-1] != source:
                path.append(int(before[path[-1]]))
            path.reverse()
            lines = [self._arc_line(network, extra, lookup, a, b) for a, b in itertools.pairwise(path)]
            line = polyline.join(lines)
            legs.append(Leg(polyline.encode(line), (packed // PACK + 5) // 10, (packed % PACK + 5) // 10, "graph"))
        return legs

    def line(self, points: Sequence[Point]) -> str:
        """The legs' lines as one."""
        return polyline.chained(leg.geometry for leg in self.route(points))

    @staticmethod
    def _arc_line(network: Network, extra: Arcs, lookup: dict[tuple[int, int], int], a: int, b: int) -> list[Point]:
        arcs, index = extra, lookup.get((a, b))
        if index is None:
            arcs, index = network.arcs, int(np.searchsorted(network.key, a * network.vertices + b))
        return network.line(int(arcs.segment[index]), float(arcs.share_from[index]), float(arcs.share_to[index]))

    def nearest(self, point: Point) -> Snap:
        """The nearest place on a street."""
        snapped = load(self.path).snap(checked([point]))
        return Snap((float(snapped.lat[0]), float(snapped.lon[0])), float(snapped.distance_m[0]))


def _part(cost: int, share: float) -> int:
    """A share of a packed cost; never zero, because a matrix of arcs cannot hold a free one."""
    return max(1, round(cost // PACK * share) * PACK + round(cost % PACK * share))


def _sphere(degrees: Floats) -> Floats:
    """Latitudes and longitudes as points in space, in metres."""
    lat, lon = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return EARTH_RADIUS_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
