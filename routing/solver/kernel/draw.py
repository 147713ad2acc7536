"""Random numbers for the loops: xorshift64* (Vigna 2016, doi:10.1145/2845077), one state per search part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.solver.kernel.jit import inlined

Seed = npt.NDArray[np.uint64]
_TO_UNIT = 1.0 / (1 << 53)


def seeded(seed: int, part: int) -> Seed:
    """The state for a part of a search: the same for the same seed and part, never 0."""
    mixed = np.random.SeedSequence((seed & 0xFFFFFFFF, part)).generate_state(1, np.uint64)
    return mixed | np.uint64(1)


@inlined
def draw(seed: Seed) -> float:
    """A number from [0, 1)."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * _TO_UNIT


@inlined
def below(seed: Seed, count: int) -> int:
    """A whole number from 0 to count - 1."""
    return np.int64(draw(seed) * count)
