"""Every tour of one van, compiled: all orders of all sets of visits, with reloads at every place where they may stand.

A beginning is given up only for what no continuation can mend: a rule of order that is broken, a window that even the
fastest drive has missed, loads that do not fit, a price above `limit`. The walk goes in depth and can be interrupted
anywhere and taken up again, since all its state is in `levels`, `sequence` and `ctl`.
"""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import NO, NONE, YES, compiled, inlined
from routing.solver.kernel.layout import (
    DELIVERY,
    FIXED,
    HARD_END,
    HOUR,
    KM,
    MAX_METRES,
    MAX_RELOADS,
    MAX_VISITS,
    OVERTIME,
    PICKUP,
    PIN,
    PLACE,
    RATE,
    RELOAD,
    RELOADS,
    ROLE,
    SERVICE_KIND,
    SHIFT_EARLY,
    SHIFT_LATE,
    SLOTTED,
    START,
    UNITS_PER_CENT,
    VISITS,
    WINDOW,
    WINDOWS,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.legs import leg, way
from routing.solver.kernel.loads import loads_fit
from routing.solver.kernel.rules import price_tour
from routing.solver.kernel.timing import OUT_END, OUT_LATE, OUT_METRES, OUT_START
from routing.solver.problem import UNREACHABLE

#: A value is whole cents times this, and then what rounding has taken off in units: the order of values is that of
#: rounded costs, and of unrounded ones where these are equal. Enough for the roundings of fifteen tours.
SCALE = 64 * UNITS_PER_CENT

# Columns of `levels`: the beginning of so many nodes, as early as it can be, and its least price in units.
CURSOR, MASK, TIME, METRES, AT, RELOADED, STEPS, OPEN, UNITS = range(9)
LEVEL_COLUMNS = 9
# Entries of `ctl`. TRIED counts up to BUDGET; with LISTING, tours cheaper than `threshold` are written down one by one.
DEPTH, TRIED, BUDGET, LISTING, LISTED = range(5)
CONTROLS = 5
# Columns of `rows`.
ROW_MASK, ROW_DURATION, ROW_VALUE, ROW_LENGTH = range(4)
ROW_COLUMNS = 4


@inlined
def _cents(units: int) -> int:
    return (units + UNITS_PER_CENT // 2) // UNITS_PER_CENT


@inlined
def value_of(d: Data, van: int, units: int, out: Ints) -> int:
    """The value of a tour of so many units that has just been timed: each term is rounded by itself, half up."""
    duration = d.van[van, HOUR] * (out[OUT_END] - out[OUT_START])
    metres = d.van[van, KM] * out[OUT_METRES]
    over = d.van[van, OVERTIME] * max(0, out[OUT_END] - d.van[van, SHIFT_LATE])
    singly = units - duration - metres - over - out[OUT_LATE]
    cents = _cents(singly) + _cents(duration) + _cents(metres) + _cents(over) + _cents(out[OUT_LATE])
    return cents * SCALE + units - cents * UNITS_PER_CENT


@compiled
def tour_value(d: Data, van: int, sequence: Small, length: int, out: Ints, table: Ints) -> int:
    """The value of a tour, -1 if it breaks a rule."""
    units = price_tour(d, van, sequence, length, YES, out, table)
    if units <= 0:
        return units
    return value_of(d, van, units, out)


@compiled
def walk(
    d: Data,
    van: int,
    able: Small,
    needed: Ints,
    banned: Ints,
    limit: int,
    threshold: Ints,
    levels: Ints,
    sequence: Small,
    best: Ints,
    best_tour: Small,
    rows: Ints,
    row_tour: Small,
    ctl: Ints,
    out: Ints,
    table: Ints,
) -> bool:
    """Go on with the tours of a van; True when all have been looked at.

    `able` are the visits it may make; before visit v all of the set `needed[v]` are made and none of `banned[v]`.
    `best[set]` becomes the least value of a tour that makes just that set, `best_tour[set]` that tour, with its length
    in front.
    """
    visits = d.glob[VISITS]
    slotted = d.glob[SLOTTED] != 0
    kind = d.van[van, SERVICE_KIND]
    choices = able.size + (d.van[van, RELOADS] if d.van[van, MAX_RELOADS] > 0 else 0)
    depth = ctl[DEPTH]
    while depth >= 0:
        if ctl[TRIED] >= ctl[BUDGET] or ctl[LISTED] == rows.shape[0]:
            ctl[DEPTH] = depth
            return False
        cursor = levels[depth, CURSOR]
        if cursor == choices or levels[depth, STEPS] >= d.van[van, MAX_VISITS]:
            depth -= 1
            continue
        levels[depth, CURSOR] = cursor + 1
        done = levels[depth, MASK]
        if cursor < able.size:
            node = np.int64(able[cursor])
            if done >> node & 1 or done & banned[node] or (done & needed[node]) != needed[node]:
                continue
            if d.node[node, PIN] >= 0 and d.node[node, PIN] != levels[depth, STEPS]:
                continue
        else:
            node = d.van[van, RELOAD] + cursor - able.size
            if levels[depth, RELOADED] >= d.van[van, MAX_RELOADS] or (depth > 0 and sequence[depth - 1] >= visits):
                continue
        ctl[TRIED] += 1
        place = d.node[node, PLACE]
        driven = leg(d, levels[depth, AT], place, levels[depth, TIME])
        if driven >= UNREACHABLE:
            continue
        time = levels[depth, TIME] + driven
        metres = levels[depth, METRES] + way(d, levels[depth, AT], place)
        units = levels[depth, UNITS]
        first, count = d.node[node, WINDOW], d.node[node, WINDOWS]
        inside = count == 0
        for number in range(first, first + count):
            if time <= d.windows[number, 1]:
                time = max(time, d.windows[number, 0])
                inside = True
                break
        if not inside:
            if d.node[node, RATE] < 0:
                continue
            units += d.node[node, RATE] * (time - d.windows[first + count - 1, 1])
        service = d.service[kind, node]
        time += service
        if node < visits and d.extra.shape[0] > 0:
            units += d.extra[node, van]
        if not slotted:
            units += d.van[van, HOUR] * (driven + service)
        if time > d.van[van, HARD_END] or metres > d.van[van, MAX_METRES]:
            continue
        if units + d.van[van, KM] * metres > limit:
            continue
        sequence[depth] = node
        length = depth + 1
        opened = levels[depth, OPEN]
        if node < visits:
            done |= 1 << node
            if d.node[node, ROLE] == PICKUP:
                opened += 1
            elif d.node[node, ROLE] == DELIVERY:
                opened -= 1
            price = NONE
            if opened == 0:
                price = price_tour(d, van, sequence, length, NO, out, table)
            if price < 0:
                if not loads_fit(d, van, sequence, length):
                    continue
            else:
                value = value_of(d, van, price, out)
                if ctl[LISTING]:
                    if value < threshold[done]:
                        row = ctl[LISTED]
                        rows[row, ROW_MASK] = done
                        rows[row, ROW_DURATION] = out[OUT_END] - out[OUT_START]
                        rows[row, ROW_VALUE] = value
                        rows[row, ROW_LENGTH] = length
                        for at in range(length):
                            row_tour[row, at] = sequence[at]
                        ctl[LISTED] = row + 1
                elif value < best[done]:
                    best[done] = value
                    best_tour[done, 0] = length
                    for at in range(length):
                        best_tour[done, at + 1] = sequence[at]
        visit_made = 1 if node < visits else 0
        levels[length, CURSOR] = 0
        levels[length, MASK] = done
        levels[length, TIME] = time
        levels[length, METRES] = metres
        levels[length, AT] = place
        levels[length, RELOADED] = levels[depth, RELOADED] + 1 - visit_made
        levels[length, STEPS] = levels[depth, STEPS] + visit_made
        levels[length, OPEN] = opened
        levels[length, UNITS] = units
        depth = length
    ctl[DEPTH] = depth
    return True


def begin(d: Data, van: int, levels: Ints, ctl: Ints) -> None:
    """Set a walk to its beginning."""
    levels[0] = 0
    levels[0, TIME], levels[0, AT], levels[0, UNITS] = d.van[van, SHIFT_EARLY], d.van[van, START], d.van[van, FIXED]
    ctl[DEPTH], ctl[LISTED] = 0, 0
