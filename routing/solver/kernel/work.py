"""What a part of a search works on beside the tours, and how a step is remembered and undone, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.solver.kernel.draw import Seed
from routing.solver.kernel.jit import compiled, inlined
from routing.solver.kernel.layout import APARTS, BEFORE, GROUP, PARTNER, PRICE, VISITS, Data, Flags, Ints, Small
from routing.solver.kernel.state import UNITS, State, refresh, relink, start_of

# Entries of Work.ctl: visits left out; units now and at best; changes against the plan before; number of the step;
# places until one is overlooked; tours saved in this step and their nodes; vans changed since the best was kept;
# whether there are windows; number of the search for a place; whether a visit may cost more than its price; whether
# every place is priced exactly; used vans and the visits they make; whether putting a visit in never makes a plan
# cheaper; what the step may still spend before it is sure to be undone.
ABSENT, CURRENT, BEST, CHANGES, STEP, BLINK, SAVED, SAVED_NODES = range(8)
DIRTY, WINDOWED, MARK, DARE, EVERY, USED, MADE, RISING, SPARE = range(8, 17)
ENTRIES = 17


class Work(NamedTuple):
    """What one part of a search needs beside the tours."""

    near: Small  # [visits, K, 3] sides of other visits at which to look for a place, see nearness
    close: Small  # [visits, L] what to remove together
    visits: Small  # the visits of this part that can be made at all (of pairs: both)
    kinds: Small  # the kinds of vans of this part
    vans: Small  # the vans of this part
    absent: Small  # visits left out (of pairs: the pickup)
    absent_saved: Small
    removed: Small
    keys: npt.NDArray[np.float64]
    saved: Small  # tours as they were before the step
    saved_van: Small
    saved_at: Small
    stamp: Ints  # [V] step in which the van was saved; [V] step in which it was looked at
    looked: Ints
    tried: Ints  # [N] search for a place in which the place behind the node was looked at
    saved_units: Ints  # [V]
    dirty: Small  # vans changed since the best was kept
    is_dirty: Flags
    buffer: Small
    trial: Small
    out: Ints
    table: Ints
    best: Ints
    kept: Small  # [N] successors in the best tours
    far: npt.NDArray[np.float64]  # [visits] distance from the nearest start, for the order of putting back
    ctl: Ints
    seed: Seed


@inlined
def _count(d: Data, z: State, visit: int) -> None:
    van = z.owner[visit]
    group = d.node[visit, GROUP]
    if group >= 0:
        z.group[group, 0] = van
        z.group[group, 1] += 1
    if d.glob[APARTS]:
        for at in range(d.apart_from[visit], d.apart_from[visit + 1]):
            z.apart[d.apart_group[at], van] += 1


@compiled
def count_in(d: Data, z: State, visit: int) -> None:
    """Count a visit that is in a tour among those of its groups that are made."""
    _count(d, z, visit)


@inlined
def enter(d: Data, z: State, w: Work, visit: int) -> None:
    """Book-keeping for a visit that is now in a tour."""
    van = z.owner[visit]
    _count(d, z, visit)
    before = d.node[visit, BEFORE]
    if before >= 0 and before != van:
        w.ctl[CHANGES] += 1


@inlined
def leave(d: Data, z: State, w: Work, visit: int) -> None:
    """Book-keeping for a visit that is about to leave its tour."""
    van = z.owner[visit]
    group = d.node[visit, GROUP]
    if group >= 0:
        z.group[group, 1] -= 1
    if d.glob[APARTS]:
        for at in range(d.apart_from[visit], d.apart_from[visit + 1]):
            z.apart[d.apart_group[at], van] -= 1
    before = d.node[visit, BEFORE]
    if before >= 0 and before != van:
        w.ctl[CHANGES] -= 1


@inlined
def price_of(d: Data, visit: int) -> int:
    """What leaving out a visit (of a pair: both) costs."""
    partner = d.node[visit, PARTNER]
    return d.node[visit, PRICE] + (d.node[partner, PRICE] if partner >= 0 else 0)


@inlined
def save(d: Data, z: State, w: Work, van: int) -> None:
    """Remember a tour once in a step, before it is changed."""
    if w.stamp[van] == w.ctl[STEP]:
        return
    w.stamp[van] = w.ctl[STEP]
    number, at = w.ctl[SAVED], w.ctl[SAVED_NODES]
    node = np.int64(z.nxt[start_of(d, van)])
    end = start_of(d, van) + 1
    while node != end:
        w.saved[at] = node
        at += 1
        node = np.int64(z.nxt[node])
    w.saved_van[number] = van
    w.saved_units[number] = z.tour[van, UNITS]
    w.saved_at[number + 1] = at
    w.ctl[SAVED] = number + 1
    w.ctl[SAVED_NODES] = at


@inlined
def undo(d: Data, z: State, w: Work) -> None:
    """All tours as they were when the step began."""
    visits = d.glob[VISITS]
    for number in range(w.ctl[SAVED]):
        node = np.int64(z.nxt[start_of(d, w.saved_van[number])])
        while z.nxt[node] >= 0:
            if node < visits:
                leave(d, z, w, node)
            z.owner[node] = -1
            node = np.int64(z.nxt[node])
    for number in range(w.ctl[SAVED]):
        van = np.int64(w.saved_van[number])
        first, until = w.saved_at[number], w.saved_at[number + 1]
        relink(d, z, van, w.saved[first:until], until - first)
        for at in range(first, until):
            if w.saved[at] < visits:
                enter(d, z, w, np.int64(w.saved[at]))
        refresh(d, z, van, w.buffer, w.out, w.table)
