"""Travel times, distances and lines along real streets.

    roads = from_settings()
    roads.matrix([(lat, lon), …]) -> Travel      seconds[n, n], metres[n, n], source, reason, unreachable, …
    roads.route([(lat, lon), …])  -> [Leg, …]    geometry (encoded polyline), seconds, metres
    roads.line([(lat, lon), …])   -> str         the whole way's line (encoded polyline), each corner once
    roads.nearest((lat, lon))     -> Snap        point, distance_m

Setting ROADS names the preferred engine: "osrm:URL" (a road server), "graph" (the built-in engine on the atlas' street
graph) or "none" (no road server: the built-in engine where map data was built, otherwise straight lines). Whatever it
says, a failing engine is followed by the next: server, graph, straight lines; `Travel.source` says which one answered.
"""

import functools
from pathlib import Path

from routing.roads.chain import FAR_M, OFF_MAP_M, ChainRoads, Pace
from routing.roads.crow import CrowRoads
from routing.roads.graph import GraphRoads
from routing.roads.osrm import OsrmRoads
from routing.roads.polyline import Point, chained, decode, encode
from routing.roads.protocol import UNREACHABLE, Leg, Roads, RoadsError, RoadsUnavailable, Snap, Travel

__all__ = [
    "FAR_M",
    "OFF_MAP_M",
    "UNREACHABLE",
    "ChainRoads",
    "CrowRoads",
    "GraphRoads",
    "Leg",
    "OsrmRoads",
    "Pace",
    "Point",
    "Roads",
    "RoadsError",
    "RoadsUnavailable",
    "Snap",
    "Travel",
    "build",
    "chained",
    "decode",
    "encode",
    "from_settings",
]


def from_settings() -> ChainRoads:
    """The engines that settings.ROADS, ATLAS_DIR and ROADS_FACTOR ask for; one chain per process and setting."""
    from django.conf import settings

    return _chain(settings.ROADS, Path(settings.ATLAS_DIR), float(getattr(settings, "ROADS_FACTOR", 1.0)))


@functools.lru_cache(maxsize=8)
def _chain(choice: str, atlas_dir: Path, factor: float) -> ChainRoads:
    return build(choice, atlas_dir, factor)


def build(choice: str, atlas_dir: Path, factor: float = 1.0) -> ChainRoads:
    """A chain of engines. `choice` as in setting ROADS; ValueError for anything else."""
    engines: list[Roads] = []
    if choice.startswith("osrm:"):
        engines.append(OsrmRoads(choice.removeprefix("osrm:")))
    elif choice not in ("graph", "none"):
        raise ValueError(f"ROADS must be osrm:URL, graph or none, not {choice!r}")
    graph = atlas_dir / "graph.npz"
    why = ""
    if choice == "graph" or graph.is_file():
        engines.append(GraphRoads(graph))
    elif not engines:
        why = "no road server is set and no map data is built: straight lines × 1.36"
    return ChainRoads(engines, Pace(factor), why)
