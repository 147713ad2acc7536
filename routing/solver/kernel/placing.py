"""The loops behind `Standing`: every place of every tour for one visit or one pair, compiled.

Each trial is the whole tour priced by the same rules as in the search; what is ruled out without its breaks is not
timed with them (a tour that keeps its rests keeps all else without them, too).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.solver.kernel.jit import NO, NONE, YES, compiled, inlined
from routing.solver.kernel.layout import (
    BREAKS,
    MAX_DURATION,
    MAX_METRES,
    NEVER,
    RELOAD,
    RELOADS,
    SLOTTED,
    VISITS,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.loads import loads_fit
from routing.solver.kernel.rules import rules_kept, visit_units
from routing.solver.kernel.timing import (
    OUT_BROKEN,
    OUT_END,
    OUT_LATE,
    OUT_METRES,
    OUT_SIZE,
    OUT_START,
    room,
    time_tour,
    timing_units,
)

# Columns of a row of results. INDEX is where in the sequence (reloads counted) the visit goes, SECOND the same of the
# delivery of a pair (in the sequence without the pickup). BEFORE and AFTER are codes of new reloads around the visit,
# or -1. OBSTACLE is what stands against the place. EXTRA are units for who makes the visits.
(
    ROW_VAN,
    ROW_INDEX,
    ROW_SECOND,
    ROW_BEFORE,
    ROW_AFTER,
    ROW_OBSTACLE,
    ROW_START,
    ROW_END,
    ROW_METRES,
    ROW_LATE,
    ROW_EXTRA,
) = range(11)
ROW_COLUMNS = 11
#: Values of OBSTACLE: none, a lock or group or limit of stops, the load, the time, the longest way.
FREE, BY_RULE, BY_LOAD, BY_TIME, BY_METRES = range(5)


class Desk(NamedTuple):
    """What the loops work on: room for timing and for three sequences."""

    out: Ints
    table: Ints
    half: Small
    trial: Small
    longer: Small


def desk(longest: int) -> Desk:
    """Room for sequences of up to `longest` and what is tried in them."""
    half, trial, longer = (np.zeros(longest + 4, dtype=np.int32) for _ in range(3))
    return Desk(np.zeros(OUT_SIZE, dtype=np.int64), room(), half, trial, longer)


@compiled
def _judged(d: Data, van: int, sequence: Small, length: int, desk: Desk) -> int:
    """What stands first against a tour; `out` holds its times if nothing does."""
    if not rules_kept(d, van, sequence, length):
        return BY_RULE
    if not loads_fit(d, van, sequence, length):
        return BY_LOAD
    if (
        d.van[van, BREAKS] > 0
        and d.glob[SLOTTED] == 0
        and d.van[van, MAX_DURATION] == NEVER
        and not time_tour(d, van, sequence, length, NO, NO, desk.out, desk.table)
    ):
        return BY_TIME
    if not time_tour(d, van, sequence, length, NO, YES, desk.out, desk.table):
        return BY_TIME
    if desk.out[OUT_METRES] > d.van[van, MAX_METRES]:
        return BY_METRES
    return FREE


@inlined
def _write(
    d: Data, van: int, sequence: Small, length: int, index: int, second: int, obstacle: int, out: Ints, row: Ints
) -> None:
    row[ROW_VAN], row[ROW_INDEX], row[ROW_SECOND], row[ROW_OBSTACLE] = van, index, second, obstacle
    row[ROW_BEFORE], row[ROW_AFTER] = -1, -1
    if obstacle == FREE:
        row[ROW_START], row[ROW_END], row[ROW_METRES] = out[OUT_START], out[OUT_END], out[OUT_METRES]
        row[ROW_LATE] = out[OUT_LATE]
        row[ROW_EXTRA] = visit_units(d, van, sequence, length)


@inlined
def _put(sequence: Small, length: int, index: int, node: int, into: Small) -> None:
    """`sequence` with a node at `index`, written into `into`."""
    for at in range(length, index, -1):
        into[at] = sequence[at - 1]
    for at in range(index):
        into[at] = sequence[at]
    into[index] = node


@compiled
def place_visit(d: Data, vans: Small, tours: Small, lengths: Small, node: int, rows: Ints, desk: Desk) -> int:
    """Every index of the tours of `vans` for one visit into `rows`; returns how many rows.

    Where nothing but the load is in the way, a reload just before and just after the visit are tried as well; each
    that goes has a row of its own.
    """
    count = np.int64(0)
    visits = d.glob[VISITS]
    out, trial, longer = desk.out, desk.trial, desk.longer
    for number in range(vans.size):
        van = np.int64(vans[number])
        length = np.int64(lengths[van])
        for index in range(length + 1):
            _put(tours[van], length, index, node, trial)
            obstacle = _judged(d, van, trial, length + 1, desk)
            _write(d, van, trial, length + 1, index, NONE, obstacle, out, rows[count])
            count += 1
            if obstacle != BY_LOAD:
                continue
            for code in range(d.van[van, RELOAD], d.van[van, RELOAD] + d.van[van, RELOADS]):
                for after in range(2):
                    at = index + after
                    if (at > 0 and trial[at - 1] >= visits) or at > length or trial[at] >= visits:
                        continue
                    _put(trial, length + 1, at, code, longer)
                    if _judged(d, van, longer, length + 2, desk) == FREE:
                        _write(d, van, longer, length + 2, index, NONE, FREE, out, rows[count])
                        rows[count, ROW_AFTER if after else ROW_BEFORE] = code
                        count += 1
    return count


@compiled
def place_pair(
    d: Data, vans: Small, tours: Small, lengths: Small, pickup: int, delivery: int, rows: Ints, desk: Desk
) -> int:
    """Every pair of indices (pickup before delivery) of the tours of `vans` into `rows`; returns how many rows.

    Where nothing but the load is in the way, a reload just before the pickup is tried as well.
    """
    count = np.int64(0)
    visits = d.glob[VISITS]
    out, half, trial, longer = desk.out, desk.half, desk.trial, desk.longer
    for number in range(vans.size):
        van = np.int64(vans[number])
        length = np.int64(lengths[van])
        for index in range(length + 1):
            _put(tours[van], length, index, pickup, half)
            for second in range(index, length + 1):
                _put(half, length + 1, second + 1, delivery, trial)
                obstacle = _judged(d, van, trial, length + 2, desk)
                _write(d, van, trial, length + 2, index, second, obstacle, out, rows[count])
                count += 1
                if obstacle != BY_LOAD or (index > 0 and trial[index - 1] >= visits):
                    continue
                for code in range(d.van[van, RELOAD], d.van[van, RELOAD] + d.van[van, RELOADS]):
                    _put(trial, length + 2, index, code, longer)
                    if _judged(d, van, longer, length + 3, desk) == FREE:
                        _write(d, van, longer, length + 3, index, second, FREE, out, rows[count])
                        rows[count, ROW_BEFORE] = code
                        count += 1
    return count


@compiled
def judge(d: Data, van: int, sequence: Small, length: int, row: Ints, desk: Desk) -> int:
    """What stands first against one tour as it is; its times go into `row`."""
    obstacle = _judged(d, van, sequence, length, desk)
    _write(d, van, sequence, length, NONE, NONE, obstacle, desk.out, row)
    return obstacle


@compiled
def least_bad(
    d: Data, van: int, sequence: Small, length: int, pickup: int, delivery: int, row: Ints, desk: Desk
) -> int:
    """The place that (rests aside) breaks time rules by the fewest seconds, then costs least, and its times in `row`.

    `delivery` is -1 for a visit by itself. Returns the seconds by which time rules are broken, rests and all; -1 where
    no road leads there.
    """
    best_broken, best_units = NEVER, NEVER * 4
    best_index, best_second = NONE, NONE
    out, half, trial = desk.out, desk.half, desk.trial
    made = length + (1 if delivery < 0 else 2)
    for index in range(length + 1):
        _put(sequence, length, index, pickup, half)
        for second in range(index, index + 1 if delivery < 0 else length + 1):
            if delivery >= 0:
                _put(half, length + 1, second + 1, delivery, trial)
            if not time_tour(d, van, trial if delivery >= 0 else half, made, YES, NO, out, desk.table):
                continue
            units = timing_units(d, van, out)
            if (out[OUT_BROKEN], units) < (best_broken, best_units):
                best_broken, best_units = out[OUT_BROKEN], units
                best_index, best_second = index, second
    if best_index < 0:
        return -1
    _put(sequence, length, best_index, pickup, half)
    if delivery >= 0:
        _put(half, length + 1, best_second + 1, delivery, trial)
    best = trial if delivery >= 0 else half
    if not time_tour(d, van, best, made, YES, YES, out, desk.table):
        return -1
    _write(d, van, best, made, best_index, best_second if delivery >= 0 else NONE, FREE, out, row)
    return int(out[OUT_BROKEN])


def room_for_rows(lengths: Small, vans: Small, pair: bool, reloads: Small) -> int:
    """How many rows `place_visit` or `place_pair` can need at most."""
    places = lengths[vans].astype(np.int64) + 1
    if pair:
        return int((places * (places + 1) // 2 * (1 + reloads[vans])).sum())
    return int((places * (1 + 2 * reloads[vans])).sum())
