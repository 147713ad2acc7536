"""What a tour may carry and who may make it, compiled; and what a tour that keeps all rules costs."""

from __future__ import annotations

from routing.solver.kernel.jit import NO, YES, compiled, inlined
from routing.solver.kernel.layout import (
    CHAIN,
    FIXED,
    MAX_METRES,
    MAX_RELOADS,
    MAX_VISITS,
    PARTNER,
    PICKUP,
    PIN,
    RANK,
    RELOAD,
    RELOADS,
    ROLE,
    VISITS,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.loads import loads_fit
from routing.solver.kernel.timing import OUT_METRES, time_tour, timing_units


@compiled
def rules_kept(d: Data, van: int, sequence: Small, length: int) -> bool:
    """Whether reloads, locks, pairs and groups that concern this tour alone are kept (skills and locks included)."""
    visits = d.glob[VISITS]
    steps, reloads = 0, 0
    for at in range(length):
        node = sequence[at]
        if node >= visits:
            reloads += 1
            first = d.van[van, RELOAD]
            if node < first or node >= first + d.van[van, RELOADS]:
                return False
            if at + 1 == length or sequence[at + 1] >= visits:
                return False
            continue
        if not d.may[node, van]:
            return False
        if d.node[node, PIN] >= 0 and d.node[node, PIN] != steps:
            return False
        steps += 1
        partner = d.node[node, PARTNER]
        if partner >= 0:
            found = False
            for other in range(length):
                if sequence[other] == partner:
                    found = (d.node[node, ROLE] == PICKUP) == (other > at)
            if not found:
                return False
        chain = d.node[node, CHAIN]
        groups = d.apart_from[node + 1] - d.apart_from[node]
        if chain >= 0 or groups > 0:
            for other in range(at):
                before = sequence[other]
                if before >= visits:
                    continue
                if chain >= 0 and d.node[before, CHAIN] == chain and d.node[before, RANK] > d.node[node, RANK]:
                    return False
                if groups > 0 and share_group(d, node, before):
                    return False
    return steps <= d.van[van, MAX_VISITS] and reloads <= d.van[van, MAX_RELOADS]


@inlined
def share_group(d: Data, one: int, other: int) -> bool:
    """Whether two visits belong to a group that must not share a van."""
    for first in range(d.apart_from[one], d.apart_from[one + 1]):
        for second in range(d.apart_from[other], d.apart_from[other + 1]):
            if d.apart_group[first] == d.apart_group[second]:
                return True
    return False


@inlined
def visit_units(d: Data, van: int, sequence: Small, length: int) -> int:
    """What is paid for these visits being made by this van: unfamiliar, out of zone, changed."""
    units = 0
    if d.extra.shape[0] > 0:
        for at in range(length):
            if sequence[at] < d.glob[VISITS]:
                units += d.extra[sequence[at], van]
    return units


@compiled
def price_tour(d: Data, van: int, sequence: Small, length: int, strict: bool, out: Ints, table: Ints) -> int:
    """Units of a tour that keeps every rule, -1 if it breaks one; 0 for nothing to do. `out` is filled by timing.

    Not `strict`: locks, pairs and groups are trusted.
    """
    if length == 0:
        return 0
    if strict and not rules_kept(d, van, sequence, length):
        return -1
    if not loads_fit(d, van, sequence, length) or not time_tour(d, van, sequence, length, NO, YES, out, table):
        return -1
    if out[OUT_METRES] > d.van[van, MAX_METRES]:
        return -1
    return d.van[van, FIXED] + timing_units(d, van, out) + visit_units(d, van, sequence, length)
