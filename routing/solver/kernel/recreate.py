"""Putting visits back where they cost least, compiled.

Places are looked for beside a visit's neighbours only, so that a step costs the same in a large problem as in a small
one.
"""

from __future__ import annotations

import math

import numpy as np

from routing.solver.kernel.draw import below, draw
from routing.solver.kernel.grow import grown
from routing.solver.kernel.jit import NO, compiled, inlined
from routing.solver.kernel.layout import (
    EARLY,
    KIND,
    LATE,
    MAX_VISITS,
    NEVER,
    PARTNER,
    PIN,
    PINNED,
    PRICE,
    RICH,
    VISITS,
    Data,
    Small,
)
from routing.solver.kernel.nearness import SIDE, SIDE_M
from routing.solver.kernel.pairs import offer_pairs
from routing.solver.kernel.place import FROM_IT, NEITHER, TO_IT, hopeless, offer_all, offer_single, pair_may, van_may
from routing.solver.kernel.rules import price_tour
from routing.solver.kernel.state import COUNT, PIN_FACTOR, UNITS, State, link, refresh, start_of, unlink
from routing.solver.kernel.work import (
    BLINK,
    CHANGES,
    DARE,
    EVERY,
    MARK,
    SPARE,
    WINDOWED,
    Work,
    enter,
    leave,
    price_of,
    save,
)

#: One place in so many is overlooked on purpose.
BLINK_EVERY = 1000
#: Chance to overlook a place where every one is priced exactly.
OVERLOOKED = 0.15
#: Chance to put a visit in for more than its price.
DARING = 0.03
#: Places priced exactly for a visit where an estimate cannot decide.
EXACT = 8


@inlined
def order(d: Data, w: Work, count: int) -> None:
    """Bring the removed visits into one of several orders, drawn by lot."""
    seed, removed, keys = w.seed, w.removed, w.keys
    lot = draw(seed) * (17.0 if w.ctl[WINDOWED] else 11.0)
    for at in range(count):
        visit = np.int64(removed[at])
        if lot < 4.0:
            keys[at] = draw(seed)
        elif lot < 8.0:
            weight = 0.0
            for k in range(d.load.shape[1]):
                weight += d.load[visit, k] + d.pickup[visit, k] + abs(d.pair[visit, k])
            keys[at] = -weight
        elif lot < 10.0:
            keys[at] = -w.far[visit]
        elif lot < 11.0:
            keys[at] = w.far[visit]
        elif lot < 13.0:
            keys[at] = d.node[visit, LATE] - d.node[visit, EARLY]
        elif lot < 15.0:
            keys[at] = d.node[visit, EARLY]
        else:
            keys[at] = -d.node[visit, LATE]
    for at in range(1, count):
        visit, key = removed[at], keys[at]
        to = at
        while to > 0 and keys[to - 1] > key:
            removed[to], keys[to] = removed[to - 1], keys[to - 1]
            to -= 1
        removed[to], keys[to] = visit, key


@inlined
def _blinks(w: Work) -> bool:
    w.ctl[BLINK] -= 1
    if w.ctl[BLINK] <= 0:
        w.ctl[BLINK] = 1 + np.int64(-math.log(1.0 - draw(w.seed)) * BLINK_EVERY)
        return True
    return False


@inlined
def _most(w: Work, count: int, limit: int, rich: bool) -> int:
    """What a further place must stay below to be of use."""
    if rich:
        return limit if count < w.best.shape[0] else min(limit, w.best[count - 1, 0])
    return limit if count == 0 else min(limit, w.best[0, 0])


@compiled
def recreate(d: Data, z: State, w: Work, visit: int, everywhere: bool) -> bool:
    """Put a visit (or the pair it is the pickup of) where it costs least; False if nothing is below its price."""
    partner = d.node[visit, PARTNER]
    rich = d.glob[RICH] != 0
    limit = price_of(d, visit)
    if w.ctl[DARE] and draw(w.seed) < (8 * DARING if w.ctl[EVERY] else DARING):
        limit = NEVER  # two visits may pay for a tour that neither pays for alone
    if not rich:
        limit = min(limit, w.ctl[SPARE])
    changes = w.ctl[CHANGES]
    count = np.int64(0)
    w.ctl[MARK] += 1  # each search for a place has its own mark on the vans it has looked at
    mark = w.ctl[MARK]
    if w.ctl[EVERY]:
        for number in range(w.vans.size):
            van = np.int64(w.vans[number])
            if not pair_may(d, z, van, visit, partner, changes):
                continue
            if partner >= 0 and z.tour[van, COUNT] + 2 > d.van[van, MAX_VISITS]:
                continue
            if z.tour[van, COUNT] or z.open[d.van[van, KIND]] == van:
                count = offer_all(d, z, van, visit, partner, w.best, count)
    elif everywhere:
        for number in range(w.vans.size):
            van = np.int64(w.vans[number])
            if z.tour[van, COUNT] == 0 or not van_may(d, z, van, visit, changes):
                continue
            if partner >= 0:
                if pair_may(d, z, van, visit, partner, changes):
                    count = offer_pairs(d, z, van, visit, partner, _most(w, count, limit, rich), w.best, count)
                continue
            a = start_of(d, van)
            while z.nxt[a] >= 0:
                b = np.int64(z.nxt[a])
                most = _most(w, count, limit, rich)
                count = offer_single(d, z, van, visit, a, b, NEITHER, 0, most, w.best, count)
                a = b
    elif partner >= 0:
        for half in range(2):
            about = visit if half == 0 else partner
            for number in range(w.near.shape[1]):
                van = np.int64(z.owner[w.near[about, number, SIDE] >> 1])
                if van < 0 or w.looked[van] == mark:
                    continue
                w.looked[van] = mark
                if not z.mine[van] or _blinks(w):
                    continue
                if pair_may(d, z, van, visit, partner, changes):
                    count = offer_pairs(d, z, van, visit, partner, _most(w, count, limit, rich), w.best, count)
    else:
        for number in range(w.near.shape[1]):
            side = np.int64(w.near[visit, number, SIDE])
            beside = side >> 1
            van = np.int64(z.owner[beside])
            if van < 0 or not z.mine[van]:
                continue
            a = beside if side & 1 else np.int64(z.prv[beside])
            most = _most(w, count, limit, rich)
            if not rich and hopeless(d, z, van, visit, a, side & 1, w.near[visit, number], most):
                continue
            if w.tried[a] != mark and van_may(d, z, van, visit, changes) and not _blinks(w):
                w.tried[a] = mark
                b = np.int64(z.nxt[a])
                known = TO_IT if side & 1 else FROM_IT
                known_m = np.int64(w.near[visit, number, SIDE_M])
                count = offer_single(d, z, van, visit, a, b, known, known_m, most, w.best, count)
    lot = 0 if everywhere or w.kinds.size <= 16 else below(w.seed, w.kinds.size)
    for number in range(0 if w.ctl[EVERY] else w.kinds.size if everywhere else min(16, w.kinds.size)):
        van = np.int64(z.open[w.kinds[(lot + number) % w.kinds.size]])
        if van < 0 or not van_may(d, z, van, visit, changes):
            continue
        if partner >= 0:
            if pair_may(d, z, van, visit, partner, changes):
                count = offer_pairs(d, z, van, visit, partner, _most(w, count, limit, rich), w.best, count)
        else:
            a = start_of(d, van)
            most = _most(w, count, limit, rich)
            count = offer_single(d, z, van, visit, a, a + 1, NEITHER, 0, most, w.best, count)
    if count == 0:
        return False
    if not rich and not w.ctl[EVERY]:
        return _settle(d, z, w, visit, partner, np.int64(0))
    best, best_at = limit, np.int64(-1)
    overlooked = OVERLOOKED if draw(w.seed) < 0.7 else 4 * OVERLOOKED
    for number in range(count):
        if best_at >= 0 and w.best[number, 0] >= best:
            break
        if w.ctl[EVERY] and draw(w.seed) < overlooked:
            continue
        units = _priced(d, z, w, visit, partner, number)
        if units < best:
            best, best_at = units, number
    return best_at >= 0 and _settle(d, z, w, visit, partner, best_at)


@inlined
def _written(d: Data, z: State, w: Work, visit: int, partner: int, number: int) -> int:
    """The tour that an offer would make, in `trial`; its length."""
    van, a, second, reload = w.best[number, 1], w.best[number, 2], w.best[number, 3], w.best[number, 4]
    length = 0
    node = start_of(d, van)
    while z.nxt[node] >= 0:
        if z.pos[node] >= 0:
            w.trial[length] = node
            length += 1
        if node == a:
            if reload >= 0 and reload % 3 == 0:
                w.trial[length] = reload // 3
                length += 1
            w.trial[length] = visit
            length += 1
            if reload >= 0 and reload % 3 == 1:
                w.trial[length] = reload // 3
                length += 1
        if partner >= 0 and (node == second or (node == a and second == visit)):
            w.trial[length] = partner
            length += 1
            if reload >= 0 and reload % 3 == 2:
                w.trial[length] = reload // 3
                length += 1
        node = np.int64(z.nxt[node])
    return length


@inlined
def _idle_reload(d: Data, sequence: Small, length: int) -> bool:
    """Whether nothing follows some reload."""
    for at in range(length):
        if sequence[at] >= d.glob[VISITS] and (at + 1 == length or sequence[at + 1] >= d.glob[VISITS]):
            return True
    return False


@inlined
def _priced(d: Data, z: State, w: Work, visit: int, partner: int, number: int) -> int:
    """Exact units more of an offer; NEVER if the exact timing finds it impossible."""
    van, reload = w.best[number, 1], w.best[number, 4]
    length = _written(d, z, w, visit, partner, number)
    if reload >= 0 and _idle_reload(d, w.trial, length):
        return NEVER
    units = price_tour(d, van, w.trial, length, NO, w.out, w.table)
    if units < 0:
        return NEVER
    if d.van[van, PINNED]:
        step = 0
        for at in range(length):
            node = w.trial[at]
            if node < d.glob[VISITS]:
                if d.node[node, PIN] >= 0:
                    units += abs(d.node[node, PIN] - step) * d.node[node, PRICE] * PIN_FACTOR
                step += 1
    return units - z.tour[van, UNITS]


@inlined
def _settle(d: Data, z: State, w: Work, visit: int, partner: int, number: int) -> bool:
    """Carry an offer out; False (and nothing changed) if the tour then breaks a rule."""
    van, a, second, reload = w.best[number, 1], w.best[number, 2], w.best[number, 3], w.best[number, 4]
    save(d, z, w, van)
    if partner < 0 and reload < 0 and d.glob[RICH] == 0 and d.extra.shape[0] == 0 and d.van[van, PINNED] == 0:
        link(z, visit, a)
        enter(d, z, w, visit)
        if grown(d, z, van, visit):
            return True
        leave(d, z, w, visit)
        unlink(z, visit)
        refresh(d, z, van, w.buffer, w.out, w.table)
        return False
    if reload >= 0 and reload % 3 == 0:
        link(z, reload // 3, a)
        a = reload // 3
    link(z, visit, a)
    enter(d, z, w, visit)
    if partner >= 0:
        link(z, partner, second)
        enter(d, z, w, partner)
    if reload >= 0 and reload % 3:
        link(z, reload // 3, visit if reload % 3 == 1 else partner)
    if refresh(d, z, van, w.buffer, w.out, w.table):
        return True
    leave(d, z, w, visit)
    unlink(z, visit)
    if partner >= 0:
        leave(d, z, w, partner)
        unlink(z, partner)
    if reload >= 0:
        unlink(z, reload // 3)
    refresh(d, z, van, w.buffer, w.out, w.table)
    return False
