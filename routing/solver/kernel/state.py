"""Tours under change: linked lists over all nodes, with what every node knows of the tour before and after it.

Parts of a problem that share no van can be changed at the same time in different threads: every row here belongs to
one node or one van.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.solver.kernel.jit import NO, compiled, inlined
from routing.solver.kernel.layout import (
    APARTS,
    BREAK,
    BREAKS,
    EARLY,
    FIXED,
    GROUPS,
    HARD_END,
    HOUR,
    KIND,
    KM,
    LATE,
    MAX_DURATION,
    MAX_METRES,
    OVERTIME,
    PIN,
    PLACE,
    PRICE,
    RATE,
    RELOAD_NODES,
    RICH,
    SERVICE_KIND,
    SHIFT_EARLY,
    SHIFT_LATE,
    SLOTTED,
    VISITS,
    Data,
    Flags,
    Ints,
    Small,
)
from routing.solver.kernel.legs import begin_at, fastest, leg, way
from routing.solver.kernel.loads import note_loads
from routing.solver.kernel.rules import price_tour, visit_units
from routing.solver.kernel.timing import (
    AFTER_TOUR,
    BEFORE_TOUR,
    OUT_END,
    OUT_RESTS,
    OUT_SIZE,
    OUT_START,
    room,
)
from routing.solver.problem import UNREACHABLE

# Columns of State.fwd: earliest leaving; then the tour up to the node as one segment (span, earliest and latest start
# that keep it: Vidal et al. 2013, doi:10.1016/j.cor.2012.07.018); seconds and metres of the leg to the node.
LEAVE, SPAN, FROM, TO, ARC_S, ARC_M, ARC_FROM = range(7)
FWD_COLUMNS = 8  # so that a row is one line of the processor's cache
# Columns of State.bwd: latest arrival that keeps what follows; then the tour from the node on as one segment.
LATEST, TAIL_SPAN, TAIL_FROM, TAIL_TO = range(4)
# Columns of State.tour.
COUNT, RELOADS_MADE, METRES, DURATION, UNITS, ENDS, PINS = range(7)
TOUR_COLUMNS = 7
#: What a missing stop before one that is locked to a position costs: more than leaving that one out.
PIN_FACTOR = 2


class State(NamedTuple):
    """Tours of all vans. Shapes: N nodes, V vans, D dimensions. A node without a tour has owner -1."""

    nxt: Small  # [N]
    prv: Small  # [N]
    owner: Small  # [N]
    pos: Small  # [N] 0-based place in the tour, reloads counted; start -1
    fwd: Ints  # [N, FWD_COLUMNS]
    bwd: Ints  # [N, 4]
    load: Ints  # [N, D] aboard when leaving
    peak: Ints  # [N, D] most aboard from the beginning of the trip until leaving
    rest: Ints  # [N, D] most aboard from leaving until the end of the trip
    tour: Ints  # [V, TOUR_COLUMNS]
    open: Small  # [V] by kind: an empty van of that kind in this part, or -1
    mine: Flags  # [V] which vans belong to this part of the search
    group: Small  # [groups, 2] van and number of the members made
    apart: Small  # [apart groups, V] members made


def fresh(d: Data) -> State:
    """No tours at all."""
    nodes, vans, dimensions = d.node.shape[0], d.van.shape[0], d.load.shape[1]
    z = State(
        nxt=np.full(nodes, -1, np.int32),
        prv=np.full(nodes, -1, np.int32),
        owner=np.full(nodes, -1, np.int32),
        pos=np.full(nodes, -1, np.int32),
        fwd=np.full((nodes, FWD_COLUMNS), -1, np.int64),
        bwd=np.zeros((nodes, 4), np.int64),
        load=np.zeros((nodes, dimensions), np.int64),
        peak=np.zeros((nodes, dimensions), np.int64),
        rest=np.zeros((nodes, dimensions), np.int64),
        tour=np.zeros((vans, TOUR_COLUMNS), np.int64),
        open=np.full(max(1, vans), -1, np.int32),
        mine=np.ones(max(1, vans), np.uint8),
        group=np.full((max(1, int(d.glob[GROUPS])), 2), 0, np.int32),
        apart=np.zeros((max(1, int(d.glob[APARTS])), max(1, vans)), np.int32),
    )
    scratch = np.zeros(OUT_SIZE, np.int64)
    buffer = np.zeros(nodes, np.int32)
    table = room()
    for van in range(vans):
        start = first_sentinel(d, van)
        z.nxt[start], z.prv[start + 1] = start + 1, start
        z.owner[start] = z.owner[start + 1] = van
        refresh(d, z, van, buffer, scratch, table)
    return z


def first_sentinel(d: Data, van: int) -> int:
    """The start node of a van; its end node is the next one."""
    return int(d.glob[VISITS] + d.glob[RELOAD_NODES] + 2 * van)


@inlined
def start_of(d: Data, van: int) -> int:
    """The start node of a van; its end node is the next one."""
    return d.glob[VISITS] + d.glob[RELOAD_NODES] + 2 * van


@inlined
def link(z: State, node: int, after: int) -> None:
    """Put a node behind another one."""
    following = z.nxt[after]
    z.nxt[after] = node
    z.prv[node] = after
    z.nxt[node] = following
    z.prv[following] = node
    z.owner[node] = z.owner[after]


@inlined
def unlink(z: State, node: int) -> None:
    """Take a node out of its tour."""
    before, following = z.prv[node], z.nxt[node]
    z.nxt[before] = following
    z.prv[following] = before
    z.owner[node] = -1


@inlined
def write_out(d: Data, z: State, van: int, sequence: Small) -> int:
    """The nodes of a tour in order; returns how many."""
    node = z.nxt[start_of(d, van)]
    end = start_of(d, van) + 1
    count = 0
    while node != end:
        sequence[count] = node
        count += 1
        node = z.nxt[node]
    return count


@inlined
def relink(d: Data, z: State, van: int, sequence: Small, length: int) -> None:
    """Make `sequence` the tour of a van (times are not refreshed)."""
    before = start_of(d, van)
    end = before + 1
    for at in range(length):
        node = sequence[at]
        z.nxt[before] = node
        z.prv[node] = before
        z.owner[node] = van
        before = node
    z.nxt[before] = end
    z.prv[end] = before


@inlined
def joined(delta: int, early: int, late: int, opens: int, closes: int, serve: int) -> tuple[int, int, int]:
    """A segment with one more node behind it, `delta` seconds after its start: span, earliest and latest start."""
    wait = max(np.int64(0), opens - delta - late)
    return delta + wait + serve, max(opens - delta, early) - wait, min(closes - delta, late)


@inlined
def joined_before(span: int, early: int, late: int, opens: int, closes: int, delta: int) -> tuple[int, int, int]:
    """A segment with one more node before it, whose own start is `delta` seconds earlier; likewise."""
    wait = max(np.int64(0), early - delta - closes)
    return delta + span + wait, max(early - delta, opens) - wait, min(late - delta, closes)


@compiled
def refresh(d: Data, z: State, van: int, buffer: Small, out: Ints, table: Ints) -> bool:
    """Everything the nodes of a tour know, after it was changed; False if the tour breaks a rule of time or load.

    After False the tour must be changed back: what its nodes know is then of no use.
    """
    start = start_of(d, van)
    end = start + 1
    kind = d.van[van, SERVICE_KIND]
    rich = d.glob[RICH] != 0
    visits = d.glob[VISITS]
    length = 0
    if rich:
        length = write_out(d, z, van, buffer)
        units = price_tour(d, van, buffer, length, NO, out, table)
        if units < 0:
            return False
        if length == 0:
            for number in range(d.van[van, BREAKS]):
                out[OUT_RESTS + number] = AFTER_TOUR
    fwd = z.fwd
    time = d.van[van, SHIFT_EARLY]
    if rich and length:
        for number in range(d.van[van, BREAKS]):
            if out[OUT_RESTS + number] == BEFORE_TOUR:
                rest = d.van[van, BREAK] + number
                time = max(time, d.breaks[rest, 0] + d.breaks[rest, 2])
    fwd[start, LEAVE] = time
    fwd[start, SPAN] = 0
    fwd[start, FROM] = time
    fwd[start, TO] = d.van[van, HARD_END]
    span, early, late = np.int64(0), time, d.van[van, HARD_END]
    z.pos[start] = -1
    before = np.int64(start)
    node = np.int64(z.nxt[start])
    slotted = d.glob[SLOTTED] != 0
    at = 0
    metres = np.int64(0)
    count, reloads, pins = 0, 0, np.int64(0)
    while True:
        if fwd[node, ARC_FROM] == before and not slotted:
            arc_s, arc_m = fwd[node, ARC_S], fwd[node, ARC_M]
        else:
            here, place = d.node[before, PLACE], d.node[node, PLACE]
            arc_s, arc_m = leg(d, here, place, time), way(d, here, place)
            if node == end and at == 0:
                arc_s, arc_m = np.int64(0), np.int64(0)  # staying at the depot is no journey that is saved
            if arc_s >= UNREACHABLE:
                return False
            fwd[node, ARC_S], fwd[node, ARC_M], fwd[node, ARC_FROM] = arc_s, arc_m, before
        metres += arc_m
        opens, closes = d.node[node, EARLY], d.node[node, LATE]
        if early + span + arc_s > closes and not rich:
            return False
        serve = np.int64(d.service[kind, node])
        span, early, late = joined(span + arc_s, early, late, opens, closes, serve)
        fwd[node, SPAN], fwd[node, FROM], fwd[node, TO] = span, early, late
        time += arc_s
        if rich:
            for number in range(d.van[van, BREAKS]):
                if out[OUT_RESTS + number] == at:
                    rest = d.van[van, BREAK] + number
                    time = max(time, d.breaks[rest, 0]) + d.breaks[rest, 2]
            time = begin_at(d, node, time)
        else:
            time = max(time, opens)
        time += serve
        fwd[node, LEAVE] = time
        z.pos[node] = at
        if node == end:
            break
        if node < visits:
            if d.node[node, PIN] >= 0:
                pins += abs(d.node[node, PIN] - count) * d.node[node, PRICE] * PIN_FACTOR
            count += 1
        else:
            reloads += 1
        before = node
        at += 1
        node = np.int64(z.nxt[node])
    tour = z.tour[van]
    was_empty = tour[COUNT] == 0
    tour[COUNT], tour[RELOADS_MADE], tour[METRES], tour[PINS] = count, reloads, metres, pins
    if count == 0:
        tour[UNITS], tour[DURATION], tour[ENDS] = 0, 0, fwd[start, LEAVE]
    elif rich:
        tour[UNITS] = units + pins
        tour[DURATION], tour[ENDS] = out[OUT_END] - out[OUT_START], out[OUT_END]
    else:
        if span > d.van[van, MAX_DURATION] or metres > d.van[van, MAX_METRES]:
            return False
        tour[DURATION], tour[ENDS] = span, early + span
        tour[UNITS] = (
            d.van[van, FIXED]
            + d.van[van, KM] * metres
            + d.van[van, HOUR] * span
            + d.van[van, OVERTIME] * max(np.int64(0), early + span - d.van[van, SHIFT_LATE])
            + pins
        )
        if d.extra.shape[0] > 0:
            length = write_out(d, z, van, buffer)
            tour[UNITS] += visit_units(d, van, buffer, length)
    _backwards(d, z, van, start, end, kind, rich, length, out)
    if not note_loads(d, z, van, start, end):
        return False
    if count == 0 or was_empty:
        open_or_close(d, z, van)
    return True


@inlined
def _backwards(
    d: Data, z: State, van: int, start: int, end: int, kind: int, rich: bool, length: int, out: Ints
) -> None:
    """Latest arrivals and the segments from each node to the end."""
    fwd, bwd = z.fwd, z.bwd
    bound = d.van[van, HARD_END]
    if rich and length:
        for number in range(d.van[van, BREAKS]):
            if out[OUT_RESTS + number] == AFTER_TOUR:
                bound = min(bound, d.breaks[d.van[van, BREAK] + number, 1])
    bwd[end, LATEST], bwd[end, TAIL_SPAN], bwd[end, TAIL_FROM], bwd[end, TAIL_TO] = bound, 0, 0, d.van[van, HARD_END]
    span, early, late = np.int64(0), np.int64(0), d.van[van, HARD_END]
    node = end
    at = z.pos[end]
    while True:
        before = np.int64(z.prv[node])
        arc_s = fwd[node, ARC_S]
        if rich:
            if d.glob[SLOTTED]:
                arc_s = fastest(d, d.node[before, PLACE], d.node[node, PLACE])
            for back in range(d.van[van, BREAKS]):
                number = d.van[van, BREAKS] - 1 - back
                if out[OUT_RESTS + number] == at and length:
                    rest = d.van[van, BREAK] + number
                    bound = min(bound - d.breaks[rest, 2], d.breaks[rest, 1] + arc_s)
        bwd[node, LATEST] = bound
        if before == start:
            break
        serve = np.int64(d.service[kind, before])
        bound -= arc_s + serve
        if d.node[before, RATE] < 0:
            bound = min(bound, d.node[before, LATE])
        # The node before as a segment of its own, joined to what follows.
        span, early, late = joined_before(span, early, late, d.node[before, EARLY], d.node[before, LATE], serve + arc_s)
        bwd[before, TAIL_SPAN], bwd[before, TAIL_FROM], bwd[before, TAIL_TO] = span, early, late
        node = before
        at -= 1


@inlined
def open_or_close(d: Data, z: State, van: int) -> None:
    """Keep one empty van of each kind at hand: the first."""
    kind = d.van[van, KIND]
    z.open[kind] = -1
    for other in range(d.van.shape[0]):
        if z.mine[other] and d.van[other, KIND] == kind and z.tour[other, COUNT] == 0:
            z.open[kind] = other
            break
