"""Matrices of whole distances between points, by the rounding that a kind of instance prescribes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from routing.instances.errors import InstanceError
from routing.instances.instance import IntMatrix

Floats = npt.NDArray[np.float64]
Rounding = Callable[[Floats, Floats], Floats]

#: A longer leg is refused: sums and travel times have to stay well inside 32 bits.
LONGEST_LEG = 10**9
#: Cells worked out at a time: they stay in the processor's cache, and a large matrix is never held in floating point.
_CELLS = 1 << 16
_EARTH_KM = 6378.388


def matrix(points: Sequence[tuple[float, float]], rounding: Rounding) -> IntMatrix:
    """All distances: `rounding` gets the differences in x and y (for `geo`: see there) and returns whole values."""
    spots = np.asarray(points, dtype=np.float64)
    out = np.empty((len(spots), len(spots)), dtype=np.int32)
    height = max(1, _CELLS // max(1, len(spots)))
    for begin in range(0, len(spots), height):
        some = spots[begin : begin + height]
        rows = rounding(some[:, None, 0] - spots[None, :, 0], some[:, None, 1] - spots[None, :, 1])
        out[begin : begin + height] = whole(rows)
    return out


def whole(values: Floats) -> IntMatrix:
    """Whole distances as 32-bit numbers; `InstanceError` when one is negative or too long."""
    if values.size and (float(values.max()) > LONGEST_LEG or not np.isfinite(values).all()):
        raise InstanceError("too_far", f"Two places are more than {LONGEST_LEG} apart.")
    if values.size and float(values.min()) < 0:
        raise InstanceError("negative_amount", "A distance is negative.")
    return values.astype(np.int32)


def tenths(x: Floats, y: Floats) -> Floats:
    """floor(10 d), as for Solomon's instances. The tiny addition keeps exact tenths from falling below themselves."""
    return np.floor(10 * _euclid(x, y) + 1e-9)


def thousandths(x: Floats, y: Floats) -> Floats:
    """round(1000 d), as for Li and Lim's instances."""
    return np.rint(1000 * _euclid(x, y))


def nearest(x: Floats, y: Floats) -> Floats:
    """floor(d + 0.5): EUC_2D of TSPLIB."""
    return np.floor(_euclid(x, y) + 0.5)


def upwards(x: Floats, y: Floats) -> Floats:
    """CEIL_2D of TSPLIB."""
    return np.ceil(_euclid(x, y))


def downwards(x: Floats, y: Floats) -> Floats:
    """FLOOR_2D, as some collections add to TSPLIB's types."""
    return np.floor(_euclid(x, y))


def blocks(x: Floats, y: Floats) -> Floats:
    """MAN_2D of TSPLIB: along the axes."""
    return np.floor(np.abs(x) + np.abs(y) + 0.5)


def largest(x: Floats, y: Floats) -> Floats:
    """MAX_2D of TSPLIB: the larger of both differences."""
    return np.maximum(np.floor(np.abs(x) + 0.5), np.floor(np.abs(y) + 0.5))


def pseudo(x: Floats, y: Floats) -> Floats:
    """ATT of TSPLIB: the root of a tenth of the square, rounded up."""
    return np.ceil(np.sqrt((x * x + y * y) / 10))


def geo(points: Sequence[tuple[float, float]]) -> IntMatrix:
    """GEO of TSPLIB: kilometres on the globe; coordinates are degrees.minutes, latitude first."""
    spots = np.asarray(points, dtype=np.float64)
    degrees = np.trunc(spots)
    radians = 3.141592 * (degrees + 5 * (spots - degrees) / 3) / 180  # TSPLIB's own pi: its lengths depend on it
    latitude, longitude = radians[:, 0], radians[:, 1]
    east = np.cos(longitude[:, None] - longitude[None, :])
    north = np.cos(latitude[:, None] - latitude[None, :])
    both = np.cos(latitude[:, None] + latitude[None, :])
    angle = np.arccos(np.clip(0.5 * ((1 + east) * north - (1 - east) * both), -1, 1))
    out = whole(np.floor(_EARTH_KM * angle + 1))
    np.fill_diagonal(out, 0)
    return out


def _euclid(x: Floats, y: Floats) -> Floats:
    root: Floats = np.sqrt(x * x + y * y)
    return root
