"""How things differ from the plan: a satellite receiver's error, and the spread of times. A pure room."""

from __future__ import annotations

import math
import random

from simulation.path import Point, shifted

SIGMA_M = (4.0, 9.0)
"""A phone's horizontal error on each axis lies between an open street's and a narrow one's."""
MEMORY_S = 45.0
"""The error forgets itself in about this time: it drifts rather than jumps (a Gauss–Markov process of first order)."""


class Receiver:
    """A satellite receiver whose error drifts."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.sigma_m = rng.uniform(*SIGMA_M)
        self._east_m, self._north_m = rng.gauss(0, self.sigma_m), rng.gauss(0, self.sigma_m)

    def read(self, point: Point, passed_s: float) -> tuple[Point, float]:
        """The place that it shows, and the accuracy that it claims (metres, 68 %), so long after the last reading."""
        keep = math.exp(-max(0.0, passed_s) / MEMORY_S)
        fresh = self.sigma_m * math.sqrt(1 - keep * keep)
        self._east_m = keep * self._east_m + self._rng.gauss(0, fresh)
        self._north_m = keep * self._north_m + self._rng.gauss(0, fresh)
        claimed = self.sigma_m * 1.5 * self._rng.uniform(0.9, 1.3)
        return shifted(point, self._east_m, self._north_m), round(claimed, 1)


def spread(rng: random.Random, sigma: float) -> float:
    """A factor around 1 (its mean is 1), skewed like times are: log-normal."""
    return rng.lognormvariate(-sigma * sigma / 2, sigma)
