"""Who is near whom: where a visit may be put (by way and windows), and what is taken out together (by way alone)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from routing.solver.kernel.jit import compiled, inlined
from routing.solver.kernel.layout import EARLY, LATE, PLACE, VISITS, Data, Small

#: What a second of unavoidable waiting or lateness counts beside a second of driving (Vidal et al. 2013,
#: doi:10.1016/j.cor.2012.07.018, who found 0.2 and 1.0).
WAITING, LATENESS = 0.2, 1.0
_BLOCK = 500
#: Columns of a side.
SIDE, SIDE_M, SIDE_S = range(3)


def nearness(d: Data, near: int, close: int, on: Callable[[], bool]) -> tuple[Small, Small] | None:
    """For each visit the `near` sides at which to look for a place, and the `close` visits by way; nearest first.

    A side has three columns: SIDE, the number of another visit times two (just before it), and one more (just behind
    it); the metres and seconds between the two, so that the search need not look them up in large matrices.
    `on` is asked now and then whether to go on; None if it said no.
    """
    n = int(d.glob[VISITS])
    if n < 2:
        return np.zeros((n, 1, 3), np.int32), np.zeros((n, 1), np.int32)
    near, close = min(near, 2 * (n - 1)), min(close, n - 1)
    near_of, close_of = np.zeros((n, near, 3), np.int32), np.zeros((n, close), np.int32)
    best_near, best_close = np.zeros(near), np.zeros(close)
    rate = _seconds_per_metre(d)
    for first in range(0, n, _BLOCK):
        until = min(n, first + _BLOCK)
        sides = np.zeros((until - first, near), np.int32)
        _rank(d, rate, first, until, sides, close_of, best_near, best_close)
        near_of[first:until] = _with_ways(d, first, sides)
        if not on():
            return None
    return near_of, close_of


def _with_ways(d: Data, first: int, sides: Small) -> Small:
    """Sides of the visits from `first` on, with metres and seconds: to the other visit, or from it."""
    here = d.node[first : first + len(sides), PLACE][:, None]
    there = d.node[sides >> 1, PLACE]
    behind = sides & 1 == 1
    origin, to = np.where(behind, there, here), np.where(behind, here, there)
    return np.stack([sides, d.metres[origin, to], d.seconds[0][origin, to]], axis=2)


def _seconds_per_metre(d: Data) -> float:
    """How many seconds a metre counts: 1 where there are no times, else such that both weigh alike."""
    step = max(1, d.metres.shape[0] // 500)
    seconds, metres = float(d.seconds[0][::step].mean()), float(d.metres[::step].mean())
    if metres == 0:
        return 0.0
    return 1.0 if seconds == 0 else min(1.0, seconds / metres)


@compiled
def _rank(
    d: Data,
    rate: float,
    first: int,
    until: int,
    near_of: Small,
    close_of: Small,
    best_near: npt.NDArray[np.float64],
    best_close: npt.NDArray[np.float64],
) -> None:
    for one in range(first, until):
        here, early, late = d.node[one, PLACE], d.node[one, EARLY], d.node[one, LATE]
        service = d.service[0, one]
        for at in range(best_near.size):
            best_near[at] = np.inf
        for at in range(best_close.size):
            best_close[at] = np.inf
        for other in range(close_of.shape[0]):
            if other == one:
                continue
            there, opens, closes = d.node[other, PLACE], d.node[other, EARLY], d.node[other, LATE]
            out_s, back_s = np.int64(d.seconds[0, here, there]), np.int64(d.seconds[0, there, here])
            out = out_s + rate * d.metres[here, there]
            back = back_s + rate * d.metres[there, here]
            _offer(best_close, close_of[one], min(out, back), other)
            out += WAITING * max(0, opens - (late + service + out_s)) + LATENESS * max(
                0, early + service + out_s - closes
            )
            serve = d.service[0, other]
            back += WAITING * max(0, early - (closes + serve + back_s)) + LATENESS * max(
                0, opens + serve + back_s - late
            )
            _offer(best_near, near_of[one - first], out, other * 2)
            _offer(best_near, near_of[one - first], back, other * 2 + 1)


@inlined
def _offer(best: npt.NDArray[np.float64], row: Small, distance: float, other: int) -> None:
    """Put a neighbour into a row that is kept in order of distance."""
    at = best.size - 1
    if distance >= best[at]:
        return
    while at > 0 and best[at - 1] > distance:
        best[at] = best[at - 1]
        row[at] = row[at - 1]
        at -= 1
    best[at] = distance
    row[at] = other
