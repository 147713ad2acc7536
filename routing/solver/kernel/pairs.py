"""Where a pair can be put in one tour, pickup first, compiled: every two places, grown stop by stop."""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import inlined
from routing.solver.kernel.layout import (
    CHAIN,
    EARLY,
    HOUR,
    KM,
    LATE,
    MAX_METRES,
    MAX_VISITS,
    NEVER,
    PINNED,
    PLACE,
    RICH,
    SERVICE_KIND,
    SLOTTED,
    TIMED,
    Data,
    Ints,
)
from routing.solver.kernel.legs import fastest, leg, leg_to, way, way_to
from routing.solver.kernel.place import closed_units, offer, order_kept, pin_units, start_units
from routing.solver.kernel.state import ARC_M, ARC_S, COUNT, FROM, LATEST, LEAVE, METRES, SPAN, TO, State, start_of
from routing.solver.problem import UNREACHABLE


@inlined
def offer_pairs(d: Data, z: State, van: int, visit: int, partner: int, most: int, best: Ints, count: int) -> int:
    """Look at every place of a pair in one tour, pickup first, and offer those below `most`."""
    rich = d.glob[RICH] != 0
    timed = d.glob[TIMED] != 0
    slotted = d.glob[SLOTTED] != 0
    base = start_units(d, z, van, visit)
    if d.extra.shape[0] > 0:
        base += d.extra[partner, van]
    if base >= most or z.tour[van, COUNT] + 2 > d.van[van, MAX_VISITS]:
        return count
    kind = d.van[van, SERVICE_KIND]
    km, hour = d.van[van, KM], d.van[van, HOUR]
    px, py = d.node[visit, PLACE], d.node[partner, PLACE]
    serve_x, serve_y = np.int64(d.service[kind, visit]), np.int64(d.service[kind, partner])
    dimensions = d.capacity.shape[1]
    a = start_of(d, van)
    end = a + 1
    while a != end:
        b = np.int64(z.nxt[a])
        pa = d.node[a, PLACE]
        arrive = z.fwd[a, LEAVE] + leg_to(d, px, pa, z.fwd[a, LEAVE])
        if z.fwd[a, LEAVE] > d.node[visit, LATE]:
            break  # whoever leaves later is there later still
        possible = arrive <= d.node[visit, LATE]
        for k in range(dimensions):
            if z.load[a, k] + d.pair[visit, k] + d.pickup[visit, k] - d.load[visit, k] > d.capacity[van, k]:
                possible = False
            if z.peak[a, k] + d.load[visit, k] + d.load[partner, k] > d.capacity[van, k]:
                possible = False
        if possible and d.node[visit, CHAIN] >= 0:
            possible = order_kept(d, z, visit, a)
        pins = np.int64(0)
        if possible and d.van[van, PINNED]:
            pins = pin_units(d, z, visit, a)
            possible = pins < NEVER
        if not possible:
            a = b
            continue
        time = max(arrive, d.node[visit, EARLY]) + serve_x
        ahead_m = way_to(d, px, pa)
        ahead_s = leg_to(d, px, pa, z.fwd[a, LEAVE]) + serve_x
        # The tour up to the pickup as a segment, grown stop by stop.
        delta = z.fwd[a, SPAN] + leg_to(d, px, pa, z.fwd[a, LEAVE])
        wait = max(np.int64(0), d.node[visit, EARLY] - delta - z.fwd[a, TO])
        early = max(d.node[visit, EARLY] - delta, z.fwd[a, FROM]) - wait
        late = min(d.node[visit, LATE] - delta, z.fwd[a, TO])
        span = delta + wait + serve_x
        last, following = np.int64(visit), b  # the partner goes between these two
        saved_m, saved_s = np.int64(0), np.int64(0)
        while True:
            pl, pf = d.node[last, PLACE], d.node[following, PLACE]
            to_s = leg_to(d, py, pl, time)
            reach = time + to_s
            if reach <= d.node[partner, LATE]:
                begin = max(reach, d.node[partner, EARLY])
                on_s = fastest(d, py, pf) if slotted else leg(d, py, pf, begin)
                if begin + serve_y + on_s <= z.bwd[following, LATEST] and on_s < UNREACHABLE:
                    metres = ahead_m + way_to(d, py, pl) + way(d, py, pf) - saved_m - z.fwd[following, ARC_M]
                    units = base + km * metres + pins
                    fine = z.tour[van, METRES] + metres <= d.van[van, MAX_METRES]
                    if rich:
                        units += hour * (ahead_s + to_s + serve_y + on_s - saved_s - z.fwd[following, ARC_S])
                    elif timed and fine:
                        joined = span + to_s
                        pause = max(np.int64(0), d.node[partner, EARLY] - joined - late)
                        first = max(d.node[partner, EARLY] - joined, early) - pause
                        final = min(d.node[partner, LATE] - joined, late)
                        more = closed_units(d, z, van, following, joined + pause + serve_y + on_s, first, final, NEVER)
                        fine = more < NEVER
                        units += more if fine else 0
                    if fine and d.node[partner, CHAIN] >= 0:
                        fine = order_kept(d, z, partner, a if last == visit else last)
                    if fine and d.van[van, PINNED]:
                        step = pin_units(d, z, partner, a if last == visit else last)
                        fine = step < NEVER
                        units += step if fine else 0
                    if fine and units < most:
                        count = offer(best, count, units, van, a, last, -1)
                        if not rich:
                            most = min(most, units)
            if following == end:
                break
            # Drive on to the next stop of the tour with the load aboard.
            here_s = leg(d, pl, pf, time)
            arrive = time + here_s
            if arrive > z.bwd[following, LATEST]:
                break
            for k in range(dimensions):
                if z.load[following, k] + d.pair[visit, k] + d.pickup[visit, k] > d.capacity[van, k]:
                    possible = False
            if not possible:
                break
            serve = np.int64(d.service[kind, following])
            time = max(arrive, d.node[following, EARLY]) + serve
            if timed and not rich:
                joined = span + here_s
                pause = max(np.int64(0), d.node[following, EARLY] - joined - late)
                early = max(d.node[following, EARLY] - joined, early) - pause
                late = min(d.node[following, LATE] - joined, late)
                span = joined + pause + serve
            ahead_m += way(d, pl, pf)
            saved_m += z.fwd[following, ARC_M]
            ahead_s += here_s
            saved_s += z.fwd[following, ARC_S]
            last = following
            following = np.int64(z.nxt[last])
        a = b
    return count
