"""The built-in road engine's data: a compressed street graph in one `.npz` file, without any road engine's programs.

Vertices are junctions, segments the streets between them with their drawn line. Arrays (n vertices, m segments):
`vertex` int32[n,2], `shape` int32[k,2] (lat, lon in 1e-7 degrees); `shape_start` int64[m+1] into `shape`;
`u`, `v` int32[m]; `forward_ds`, `backward_ds` int32[m], tenths of a second, -1 where driving is not allowed;
`length_dm` int32[m], decimetres. Turn restrictions are not kept: this is the second-best engine.
"""

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from routing.atlas import drivable
from routing.atlas.errors import AtlasError

EARTH_RADIUS_M = 6_371_008.8
SIGNAL_S = 2.0
JUNCTION_S = 0.9
SMALL_PART = 500
"""Parts with fewer vertices than this that the main network cannot reach and be reached from are left out."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass
class Ways:
    """Drivable ways as flat arrays: one entry per point, one per way for the rest."""

    refs: "array[int]" = field(default_factory=lambda: array("q"))
    lats: "array[int]" = field(default_factory=lambda: array("i"))
    lons: "array[int]" = field(default_factory=lambda: array("i"))
    starts: "array[int]" = field(default_factory=lambda: array("q", [0]))
    forward: "array[float]" = field(default_factory=lambda: array("f"))
    backward: "array[float]" = field(default_factory=lambda: array("f"))
    signals: "array[int]" = field(default_factory=lambda: array("q"))

    def close(self, drive: drivable.Drive) -> None:
        """End the way whose points were appended last; a way of fewer than two points is taken back."""
        if len(self.refs) - self.starts[-1] < 2:
            del self.refs[self.starts[-1] :], self.lats[self.starts[-1] :], self.lons[self.starts[-1] :]
            return
        self.starts.append(len(self.refs))
        self.forward.append(drive.forward_kmh)
        self.backward.append(drive.backward_kmh)


def build(pbf: Path, out: Path) -> dict[str, int]:
    """Write the graph of `pbf` to `out`; returns {"vertices", "segments", "ways"}.

    Raises AtlasError when the extract holds no street a van may use.
    """
    ways = read_ways(pbf)
    if len(ways.forward) == 0:
        raise AtlasError("The extract holds no road that a van may use.")
    arrays: dict[str, Any] = compress(ways)
    np.savez(out, **arrays)
    return {"ways": len(ways.forward), "vertices": len(arrays["vertex"]), "segments": len(arrays["u"])}


def read_ways(pbf: Path) -> Ways:
    """Read every drivable way; a way that leaves the extract is cut where its points are missing."""
    ways = Ways()
    source = osmium.FileProcessor(str(pbf)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    for item in source:
        if isinstance(item, osmium.osm.Node):
            if item.tags.get("highway") == "traffic_signals":
                ways.signals.append(item.id)
        elif isinstance(item, osmium.osm.Way):
            tags = {tag.k: tag.v for tag in item.tags}
            drive = drivable.classify(tags)
            if drive is None:
                continue
            for node in item.nodes:
                place = node.location
                if place.valid():
                    ways.refs.append(node.ref)
                    ways.lats.append(place.y)
                    ways.lons.append(place.x)
                else:
                    ways.close(drive)
            ways.close(drive)
    return ways


def haversine_m(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Great-circle distance in metres between arrays of degrees, element by element."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    a = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    distance: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(a, 0, 1)))
    return distance


def compress(ways: Ways) -> dict[str, npt.NDArray[Any]]:
    """Turn ways into the arrays named in the module's docstring, without the parts nothing leads to."""
    refs = np.frombuffer(ways.refs, dtype=np.int64)
    points = np.column_stack([np.frombuffer(ways.lats, dtype=np.int32), np.frombuffer(ways.lons, dtype=np.int32)])
    starts = np.frombuffer(ways.starts, dtype=np.int64)
    ids, node = np.unique(refs, return_inverse=True)
    degree = _degree(node, starts, len(ids))
    breaks = np.zeros(len(refs), dtype=bool)
    uses = np.bincount(node, minlength=len(ids))
    breaks[uses[node] > 1] = True
    breaks[starts[:-1]] = True
    breaks[starts[1:] - 1] = True
    way_of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    first, last = _segments(breaks, way_of)
    loops = (node[first] == node[last]) & (last - first >= 2)
    if loops.any():
        # A loop has no two ends to drive between: its middle becomes a vertex.
        breaks[(first[loops] + last[loops]) // 2] = True
        first, last = _segments(breaks, way_of)

    degrees_lat, degrees_lon = points[:, 0] / 1e7, points[:, 1] / 1e7
    piece = np.append(haversine_m(degrees_lat[:-1], degrees_lon[:-1], degrees_lat[1:], degrees_lon[1:]), 0.0)
    along = np.concatenate([[0.0], np.cumsum(piece)])
    length_m = along[last] - along[first]
    signal = np.isin(ids, np.array(ways.signals, dtype=np.int64))
    # Half of a junction's or signal's wait is charged to each street that meets there.
    wait = (SIGNAL_S * signal + JUNCTION_S * (degree >= 3)) / 2
    inner = np.concatenate([[0.0], np.cumsum(np.where(breaks, 0.0, 2 * wait[node]))])
    wait_s = wait[node[first]] + wait[node[last]] + inner[last] - inner[first]
    arrays = {
        "u": node[first],
        "v": node[last],
        "length_dm": np.maximum(1, np.rint(length_m * 10)).astype(np.int32),
        "forward_ds": _tenths(length_m, np.frombuffer(ways.forward, dtype=np.float32)[way_of[first]], wait_s),
        "backward_ds": _tenths(length_m, np.frombuffer(ways.backward, dtype=np.float32)[way_of[first]], wait_s),
    }
    keep = _connected(arrays, len(ids)) & (arrays["u"] != arrays["v"])
    if not keep.any():
        raise AtlasError("The extract's roads are not connected to each other.")
    first, last = first[keep], last[keep]
    counts = last - first + 1
    shape_start = np.concatenate([[0], np.cumsum(counts)])
    take = np.repeat(first - shape_start[:-1], counts) + np.arange(shape_start[-1])
    arrays = {name: values[keep] for name, values in arrays.items()}
    used, ends = np.unique(np.concatenate([arrays["u"], arrays["v"]]), return_inverse=True)
    where = np.zeros(len(ids), dtype=np.int64)
    where[node] = np.arange(len(refs))
    return {
        "vertex": points[where[used]],
        "shape": points[take],
        "shape_start": shape_start,
        "u": ends[: len(first)].astype(np.int32),
        "v": ends[len(first) :].astype(np.int32),
        "length_dm": arrays["length_dm"],
        "forward_ds": arrays["forward_ds"],
        "backward_ds": arrays["backward_ds"],
    }


def _degree(node: Ints, starts: Ints, n: int) -> Ints:
    """How many street ends meet at each node: three and more make a junction."""
    degree = 2 * np.bincount(node, minlength=n)
    for ends in (node[starts[:-1]], node[starts[1:] - 1]):
        degree -= np.bincount(ends, minlength=n)
    return degree


def _segments(breaks: npt.NDArray[np.bool_], way_of: Ints) -> tuple[Ints, Ints]:
    """First and last point of every stretch between two neighbouring breaks of one way."""
    at = np.flatnonzero(breaks)
    first, last = at[:-1], at[1:]
    same = way_of[first] == way_of[last]
    return first[same], last[same]


def _tenths(length_m: Floats, kmh: npt.NDArray[np.float32], wait_s: Floats) -> npt.NDArray[np.int32]:
    """Driving time in tenths of a second, at least one; -1 where the speed is zero."""
    seconds = np.divide(length_m * 3.6, kmh, out=np.full(len(length_m), -1.0), where=kmh > 0)
    tenths = np.where(kmh > 0, np.maximum(1, np.rint((seconds + wait_s) * 10)), -1)
    return tenths.astype(np.int32)


def _connected(arrays: dict[str, npt.NDArray[Any]], n: int) -> npt.NDArray[np.bool_]:
    """Segments inside the largest strongly connected part, or in another one that is not small."""
    u, v = arrays["u"].astype(np.int64), arrays["v"].astype(np.int64)
    forward, backward = arrays["forward_ds"] > 0, arrays["backward_ds"] > 0
    rows = np.concatenate([u[forward], v[backward]])
    columns = np.concatenate([v[forward], u[backward]])
    matrix = csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    _, label = connected_components(matrix, directed=True, connection="strong")
    size = np.bincount(label)
    good = size >= SMALL_PART
    good[np.argmax(size)] = True
    keep: npt.NDArray[np.bool_] = (label[u] == label[v]) & good[label[u]]
    return keep
