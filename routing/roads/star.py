"""Travel between one point and many others, and back: what one more stop needs to know.

Only what is asked for differs from a matrix: the times are those that the chain's matrix would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.roads.chain import OFF_MAP_M, ChainRoads
from routing.roads.osrm import OsrmRoads
from routing.roads.polyline import Point
from routing.roads.protocol import UNREACHABLE, Int32s, RoadsUnavailable


@dataclass(frozen=True)
class Star:
    """Seconds and metres from the centre to each point (row 0) and from each point to the centre (row 1)."""

    seconds: Int32s
    metres: Int32s


def star(chain: ChainRoads, centre: Point, points: Sequence[Point]) -> Star | None:
    """The star, or None where only the whole matrix gives the right answer: another engine than a road server, one that
    does not answer, or a point off the map."""
    engine = chain.engines[0] if chain.engines else None
    if not isinstance(engine, OsrmRoads) or not points:
        return None
    try:
        seconds, metres, snap_m = engine.star(centre, points)
    except RoadsUnavailable:
        return None
    if snap_m.max() > OFF_MAP_M:
        return None
    if chain.pace.factor != 1.0:
        slowed = np.rint(np.minimum(seconds * chain.pace.factor, UNREACHABLE)).astype(np.int32)
        seconds = np.where(seconds >= UNREACHABLE, seconds, slowed)
    return Star(seconds, metres)
