"""Simulated annealing, compiled: a step takes visits out, puts them back, and stays or is undone."""

from __future__ import annotations

import math

import numpy as np

from routing.solver.kernel.draw import below, draw
from routing.solver.kernel.jit import NO, YES, compiled, inlined
from routing.solver.kernel.layout import BALANCE, NEVER, Data, Small
from routing.solver.kernel.recreate import order, recreate
from routing.solver.kernel.ruin import ruin
from routing.solver.kernel.state import COUNT, DURATION, UNITS, State, start_of
from routing.solver.kernel.work import (
    ABSENT,
    BEST,
    CURRENT,
    DARE,
    DIRTY,
    RISING,
    SAVED,
    SAVED_NODES,
    SPARE,
    STEP,
    Work,
    price_of,
    undo,
)

#: At most so many of the visits left out are tried again in a step.
RETRIED = 12


@compiled
def total(d: Data, z: State, w: Work) -> int:
    """Units of this part: its tours, what is left out, imbalance."""
    units = np.int64(0)
    longest, shortest = np.int64(0), NEVER
    for number in range(w.vans.size):
        van = w.vans[number]
        units += z.tour[van, UNITS]
        if z.tour[van, COUNT] > 0:
            longest = max(longest, z.tour[van, DURATION])
            shortest = min(shortest, z.tour[van, DURATION])
    if d.glob[BALANCE] and longest > 0:
        units += d.glob[BALANCE] * (longest - shortest)
    for number in range(w.ctl[ABSENT]):
        units += price_of(d, np.int64(w.absent[number]))
    return units


@inlined
def _difference(d: Data, z: State, w: Work, absent: int) -> int:
    """Units more than before the step."""
    units = np.int64(0)
    for number in range(w.ctl[SAVED]):
        units += z.tour[w.saved_van[number], UNITS] - w.saved_units[number]
    for number in range(w.ctl[ABSENT]):
        units += price_of(d, np.int64(w.absent[number]))
    for number in range(absent):
        units -= price_of(d, np.int64(w.absent_saved[number]))
    return units


@inlined
def _keep_best(d: Data, z: State, w: Work) -> None:
    for number in range(w.ctl[DIRTY]):
        van = np.int64(w.dirty[number])
        w.is_dirty[van] = 0
        node = start_of(d, van)
        while z.nxt[node] >= 0:
            w.kept[node] = z.nxt[node]
            node = np.int64(z.nxt[node])
    w.ctl[DIRTY] = 0
    w.ctl[BEST] = w.ctl[CURRENT]


@inlined
def _keep(d: Data, z: State, w: Work) -> None:
    """The tours as they are now are the best so far."""
    for number in range(w.vans.size):
        van = np.int64(w.vans[number])
        if not w.is_dirty[van]:
            w.is_dirty[van] = 1
            w.dirty[w.ctl[DIRTY]] = van
            w.ctl[DIRTY] += 1
    _keep_best(d, z, w)


@compiled
def fill(d: Data, z: State, w: Work, visits: Small) -> None:
    """Put visits (of pairs: the pickup) where they cost least, one after the other; what has no place is left out."""
    w.ctl[DARE], w.ctl[SPARE] = 0, NEVER
    for number in range(visits.size):
        visit = np.int64(visits[number])
        w.ctl[SAVED], w.ctl[SAVED_NODES] = 0, 0
        w.ctl[STEP] += 1
        if not recreate(d, z, w, visit, NO) and not recreate(d, z, w, visit, YES):
            w.absent[w.ctl[ABSENT]] = visit
            w.ctl[ABSENT] += 1
    w.ctl[CURRENT] = total(d, z, w)
    _keep(d, z, w)


@compiled
def anneal(d: Data, z: State, w: Work, steps: int, heat: float) -> None:
    """`steps` steps at a temperature (in units)."""
    w.ctl[DARE] = 1
    for _ in range(steps):
        _step(d, z, w, heat)


@inlined
def _step(d: Data, z: State, w: Work, heat: float) -> None:
    ctl = w.ctl
    ctl[STEP] += 1
    ctl[SAVED], ctl[SAVED_NODES] = 0, 0
    absent = ctl[ABSENT]
    for number in range(absent):
        w.absent_saved[number] = w.absent[number]
    before = ctl[CURRENT]
    count = ruin(d, z, w)
    if count < 0:
        undo(d, z, w)
        return
    # Some of those that are left out get another chance.
    tried = min(absent, RETRIED)
    for number in range(tried):
        at = number + below(w.seed, absent - number)
        w.absent[number], w.absent[at] = w.absent[at], w.absent[number]
        w.removed[count] = w.absent[number]
        count += 1
    for number in range(tried, absent):
        w.absent[number - tried] = w.absent[number]
    ctl[ABSENT] = absent - tried
    order(d, w, count)
    everywhere = 2 * w.visits.size <= w.near.shape[1] or draw(w.seed) < 0.002
    # What the plan may cost is drawn beforehand: a step that is over it while visits are still out is undone at once.
    most = before - np.int64(heat * math.log(1.0 - draw(w.seed)))
    rising = ctl[RISING] != 0
    if rising:
        ctl[SPARE] = most - before - _difference(d, z, w, absent)
    for number in range(count):
        visit = np.int64(w.removed[number])
        if not recreate(d, z, w, visit, everywhere):
            w.absent[ctl[ABSENT]] = visit
            ctl[ABSENT] += 1
        if rising:
            ctl[SPARE] = most - before - _difference(d, z, w, absent)
            if ctl[SPARE] <= 0:
                break
    now = total(d, z, w) if d.glob[BALANCE] else before + _difference(d, z, w, absent)
    if now < most:
        ctl[CURRENT] = now
        for number in range(ctl[SAVED]):
            van = w.saved_van[number]
            if not w.is_dirty[van]:
                w.is_dirty[van] = 1
                w.dirty[ctl[DIRTY]] = van
                ctl[DIRTY] += 1
        if now < ctl[BEST]:
            _keep_best(d, z, w)
    else:
        undo(d, z, w)
        for number in range(absent):
            w.absent[number] = w.absent_saved[number]
        ctl[ABSENT] = absent
