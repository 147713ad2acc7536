"""The way from one node to the next, and when service there can begin, compiled."""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import inlined
from routing.solver.kernel.layout import MIRRORED, WINDOW, WINDOWS, Data
from routing.solver.problem import UNREACHABLE
from routing.solver.travel import WHOLE_LEG


@inlined
def leg(d: Data, origin: int, to: int, leave_s: int) -> int:
    """Seconds from one place to another for someone who leaves at `leave_s`; 0 to nowhere (place -1)."""
    if to < 0 or origin < 0:
        return 0
    if d.slots.size == 1:
        return np.int64(d.seconds[0, origin, to])
    at = d.slots.size - 1
    while d.slots[at] > leave_s:
        at -= 1
    now, rest = leave_s, np.int64(WHOLE_LEG)
    while True:
        whole = np.int64(d.seconds[at, origin, to])
        if whole >= UNREACHABLE:
            return np.int64(UNREACHABLE)
        needed = (rest * whole + WHOLE_LEG - 1) // WHOLE_LEG
        if at + 1 == d.slots.size or now + needed <= d.slots[at + 1]:
            return now + needed - leave_s
        rest -= (d.slots[at + 1] - now) * WHOLE_LEG // whole
        at += 1
        now = d.slots[at]


@inlined
def way(d: Data, origin: int, to: int) -> int:
    """Metres from one place to another; 0 to nowhere."""
    if to < 0 or origin < 0:
        return 0
    return np.int64(d.metres[origin, to])


@inlined
def leg_to(d: Data, to: int, origin: int, leave_s: int) -> int:
    """`leg` for a loop over origins: what it reads lies side by side."""
    if d.slots.size == 1 and d.glob[MIRRORED]:
        return np.int64(d.seconds_to[to, origin])
    return leg(d, origin, to, leave_s)


@inlined
def way_to(d: Data, to: int, origin: int) -> int:
    """`way` for a loop over origins: what it reads lies side by side."""
    if d.glob[MIRRORED]:
        return np.int64(d.metres_to[to, origin])
    return way(d, origin, to)


@inlined
def fastest(d: Data, origin: int, to: int) -> int:
    """The shortest that a leg takes at any time of the day."""
    if to < 0:
        return np.int64(0)
    best = np.int64(d.seconds[0, origin, to])
    for at in range(1, d.slots.size):
        best = min(best, np.int64(d.seconds[at, origin, to]))
    return best


@inlined
def begin_at(d: Data, node: int, time: int) -> int:
    """When service can begin for someone who is there at `time`: in the first window that can still be reached."""
    first = d.node[node, WINDOW]
    for number in range(first, first + d.node[node, WINDOWS]):
        if time <= d.windows[number, 1]:
            return max(time, d.windows[number, 0])
    return time
