"""Taking visits out of tours, compiled: strings of neighbours (slack induction by string removals: Christiaens & Vanden
Berghe 2020, doi:10.1287/trsc.2019.0914), now and then a whole short tour; reloads that are no longer needed go as well.
"""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.draw import below, draw
from routing.solver.kernel.jit import NO, inlined
from routing.solver.kernel.layout import DELIVERY, PARTNER, RELOAD, RELOADS, ROLE, VISITS, Data
from routing.solver.kernel.rules import price_tour
from routing.solver.kernel.state import (
    COUNT,
    PINS,
    RELOADS_MADE,
    UNITS,
    State,
    refresh,
    relink,
    start_of,
    unlink,
    write_out,
)
from routing.solver.kernel.work import MADE, SAVED, STEP, USED, Work, leave, save

#: Visits removed in a step on average, and the longest string.
REMOVED, LONGEST = 10.0, 10.0
#: Chance that a string is split around some visits that stay, and that the part that stays ends.
SPLIT, SPLIT_ENDS = 0.5, 0.5
#: Chance to empty one more short tour altogether.
WHOLE = 0.02


@inlined
def ruin(d: Data, z: State, w: Work) -> int:
    """Take strings out of tours around a visit drawn by lot; how many visits are on the list, -1 if it cannot be."""
    seed = w.seed
    visits = d.glob[VISITS]
    centre = np.int64(w.visits[below(seed, w.visits.size)])
    if w.ctl[STEP] % 64 == 1 or w.ctl[USED] == 0:
        used, made = 0, 0
        for at in range(w.vans.size):
            if z.tour[w.vans[at], COUNT] > 0:
                used += 1
                made += z.tour[w.vans[at], COUNT]
        w.ctl[USED], w.ctl[MADE] = used, made
        if used == 0:
            return 0
    used, made = w.ctl[USED], w.ctl[MADE]
    longest = min(LONGEST, made / used)
    strings = np.int64(draw(seed) * (4.0 * REMOVED / (1.0 + longest) - 1.0) + 1.0)
    count, done = 0, 0
    if draw(seed) < WHOLE and used > 1:
        van = np.int64(w.vans[below(seed, w.vans.size)])
        for _ in range(2):
            other = np.int64(w.vans[below(seed, w.vans.size)])
            if z.tour[other, COUNT] > 0 and (z.tour[van, COUNT] == 0 or z.tour[other, COUNT] < z.tour[van, COUNT]):
                van = other
        if 0 < z.tour[van, COUNT] <= 40:
            save(d, z, w, van)
            node = np.int64(z.nxt[start_of(d, van)])
            while z.nxt[node] >= 0:
                if node < visits:
                    count = _take_out(d, z, w, node, count)
                node = np.int64(z.nxt[start_of(d, van)])
                while node >= visits and z.nxt[node] >= 0:
                    node = np.int64(z.nxt[node])
            strings = 1
    for number in range(-1, w.close.shape[1]):
        if done >= strings:
            break
        visit = centre if number < 0 else np.int64(w.close[centre, number])
        van = np.int64(z.owner[visit])
        if van < 0 or not z.mine[van] or w.stamp[van] == w.ctl[STEP]:
            continue
        save(d, z, w, van)
        done += 1
        length = z.tour[van, COUNT]
        limit = min(longest, np.float64(length))
        string = np.int64(draw(seed) * limit) + 1
        skip = 0
        if string > 1 and string < length and draw(seed) < SPLIT:
            skip = 1
            while string + skip < length and draw(seed) > SPLIT_ENDS:
                skip += 1
        # The string, with what is skipped, covers `reach` nodes of the tour and contains the visit.
        reach = string + skip
        spot = np.int64(z.pos[visit])
        nodes = length + z.tour[van, RELOADS_MADE]
        low = max(0, spot - reach + 1)
        high = min(spot, max(0, nodes - reach))
        begin = low + below(seed, high - low + 1) if high >= low else low
        node = visit
        while z.pos[node] > begin:
            node = np.int64(z.prv[node])
        keep_from = begin + 1 + below(seed, string - 1) if skip else begin + reach
        # Positions are of the tour before: partners that leave meanwhile are passed over by collecting first.
        kept = 0
        place = begin
        while place < begin + reach and z.nxt[node] >= 0:
            if not (keep_from <= place < keep_from + skip) and node < visits:
                w.buffer[kept] = node
                kept += 1
            node = np.int64(z.nxt[node])
            place += 1
        for at in range(kept):
            count = _take_out(d, z, w, np.int64(w.buffer[at]), count)
    for number in range(w.ctl[SAVED]):
        van = np.int64(w.saved_van[number])
        if d.van[van, RELOADS]:
            _tidy(d, z, van)
        if not refresh(d, z, van, w.buffer, w.out, w.table):
            return -1
        if d.van[van, RELOADS] and draw(seed) < 0.5:
            _spare_reloads(d, z, w, van)
    return count


@inlined
def _take_out(d: Data, z: State, w: Work, visit: int, count: int) -> int:
    """Remove a visit, and its partner; the list of removed ones names a pair by its pickup."""
    if z.owner[visit] < 0:
        return count
    partner = d.node[visit, PARTNER]
    leave(d, z, w, visit)
    unlink(z, visit)
    if partner >= 0:
        leave(d, z, w, partner)
        unlink(z, partner)
        if d.node[visit, ROLE] == DELIVERY:
            visit = partner
    w.removed[count] = visit
    return count + 1


@inlined
def _tidy(d: Data, z: State, van: int) -> None:
    """Drop reloads with nothing behind them."""
    visits = d.glob[VISITS]
    node = np.int64(z.nxt[start_of(d, van)])
    while z.nxt[node] >= 0:
        following = np.int64(z.nxt[node])
        if node >= visits and (following >= visits):
            unlink(z, node)
        node = following


@inlined
def _spare_reloads(d: Data, z: State, w: Work, van: int) -> None:
    """Drop or move each reload of a tour where that is possible and cheaper."""
    visits = d.glob[VISITS]
    for reload in range(d.van[van, RELOAD], d.van[van, RELOAD] + d.van[van, RELOADS]):
        if z.owner[reload] != van:
            continue
        length = write_out(d, z, van, w.buffer)
        spot = np.int64(z.pos[reload])
        now = z.tour[van, UNITS] - z.tour[van, PINS]
        for at in range(length - 1):
            w.trial[at] = w.buffer[at if at < spot else at + 1]
        units = price_tour(d, van, w.trial, length - 1, NO, w.out, w.table)
        best, best_at = now, -2
        if 0 <= units < best:
            best, best_at = units, -1
        for to in range(max(0, spot - 6), min(length - 1, spot + 7)):
            if to == spot or (to < length - 1 and w.trial[to] >= visits) or (to > 0 and w.trial[to - 1] >= visits):
                continue
            # Shift the reload to stand before trial[to].
            for at in range(length - 1, to, -1):
                w.trial[at] = w.trial[at - 1]
            w.trial[to] = reload
            units = price_tour(d, van, w.trial, length, NO, w.out, w.table)
            if 0 <= units < best:
                best, best_at = units, to
            for at in range(to, length - 1):
                w.trial[at] = w.trial[at + 1]
        if best_at == -2:
            continue
        z.owner[reload] = -1
        if best_at >= 0:
            for at in range(length - 1, best_at, -1):
                w.trial[at] = w.trial[at - 1]
            w.trial[best_at] = reload
            relink(d, z, van, w.trial, length)
        else:
            relink(d, z, van, w.trial, length - 1)
        refresh(d, z, van, w.buffer, w.out, w.table)
