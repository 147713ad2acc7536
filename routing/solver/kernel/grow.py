"""What the nodes of a tour know after one visit was put in, compiled.

It is the part of `refresh` that such a change touches: what is before the visit knows the same of the way there, what
is behind it the same of the way on.
"""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import compiled
from routing.solver.kernel.layout import (
    EARLY,
    FIXED,
    HOUR,
    KM,
    LATE,
    MAX_DURATION,
    MAX_METRES,
    OVERTIME,
    PLACE,
    RATE,
    SERVICE_KIND,
    SHIFT_LATE,
    SIMPLE,
    Data,
)
from routing.solver.kernel.legs import leg, way
from routing.solver.kernel.loads import note_loads
from routing.solver.kernel.state import (
    ARC_FROM,
    ARC_M,
    ARC_S,
    COUNT,
    DURATION,
    ENDS,
    FROM,
    LATEST,
    LEAVE,
    METRES,
    SPAN,
    TAIL_FROM,
    TAIL_SPAN,
    TAIL_TO,
    TO,
    UNITS,
    State,
    joined,
    joined_before,
    open_or_close,
    start_of,
)
from routing.solver.problem import UNREACHABLE


@compiled
def grown(d: Data, z: State, van: int, visit: int) -> bool:
    """After `visit` was linked into a tour whose nodes were right before; False if the tour now breaks a rule.

    For problems that are not rich, tours without pins, visits without extra units. After False as after `refresh`.
    """
    start = start_of(d, van)
    end = start + 1
    kind = d.van[van, SERVICE_KIND]
    fwd, bwd, tour = z.fwd, z.bwd, z.tour[van]
    before, node = np.int64(z.prv[visit]), np.int64(visit)
    metres = tour[METRES] - fwd[z.nxt[visit], ARC_M]
    time, span, early, late = fwd[before, LEAVE], fwd[before, SPAN], fwd[before, FROM], fwd[before, TO]
    at = np.int64(z.pos[before])
    while True:
        if before == visit or node == visit:
            here, place = d.node[before, PLACE], d.node[node, PLACE]
            arc_s, arc_m = leg(d, here, place, time), way(d, here, place)
            if arc_s >= UNREACHABLE:
                return False
            fwd[node, ARC_S], fwd[node, ARC_M], fwd[node, ARC_FROM] = arc_s, arc_m, before
            metres += arc_m
        arc_s = fwd[node, ARC_S]
        opens, closes = d.node[node, EARLY], d.node[node, LATE]
        if early + span + arc_s > closes:
            return False
        serve = np.int64(d.service[kind, node])
        span, early, late = joined(span + arc_s, early, late, opens, closes, serve)
        time = max(time + arc_s, opens) + serve
        at += 1
        fwd[node, SPAN], fwd[node, FROM], fwd[node, TO], fwd[node, LEAVE] = span, early, late, time
        z.pos[node] = at
        if node == end:
            break
        before, node = node, np.int64(z.nxt[node])
    if span > d.van[van, MAX_DURATION] or metres > d.van[van, MAX_METRES]:
        return False
    tour[COUNT] += 1
    tour[METRES], tour[DURATION], tour[ENDS] = metres, span, early + span
    tour[UNITS] = (
        d.van[van, FIXED]
        + d.van[van, KM] * metres
        + d.van[van, HOUR] * span
        + d.van[van, OVERTIME] * max(np.int64(0), early + span - d.van[van, SHIFT_LATE])
    )
    node = np.int64(z.nxt[visit])
    bound, span, early, late = bwd[node, LATEST], bwd[node, TAIL_SPAN], bwd[node, TAIL_FROM], bwd[node, TAIL_TO]
    while True:
        before = np.int64(z.prv[node])
        if before == start:
            break
        serve, arc_s = np.int64(d.service[kind, before]), fwd[node, ARC_S]
        bound -= arc_s + serve
        if d.node[before, RATE] < 0:
            bound = min(bound, d.node[before, LATE])
        span, early, late = joined_before(span, early, late, d.node[before, EARLY], d.node[before, LATE], serve + arc_s)
        bwd[before, LATEST] = bound
        bwd[before, TAIL_SPAN], bwd[before, TAIL_FROM], bwd[before, TAIL_TO] = span, early, late
        node = before
    if d.glob[SIMPLE]:
        for k in range(d.capacity.shape[1]):
            z.peak[start, k] += d.load[visit, k]
            if z.peak[start, k] > d.capacity[van, k]:
                return False
    elif not note_loads(d, z, van, start, end):
        return False
    if tour[COUNT] == 1:
        open_or_close(d, z, van)
    return True
