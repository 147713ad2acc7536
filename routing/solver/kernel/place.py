"""Where a visit, or a pair, can be put, compiled: what each place costs by what its neighbours know of the tour.

Exact in constant time where every visit has one hard window and no van rests (`Data.glob[RICH]` is 0); otherwise an
estimate that picks a few places, which the exact timing then prices.
"""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import inlined
from routing.solver.kernel.layout import (
    APARTS,
    BEFORE,
    CHAIN,
    DEPOT,
    EARLY,
    FIXED,
    GROUP,
    HOUR,
    KM,
    LATE,
    MAX_CHANGES,
    MAX_DURATION,
    MAX_METRES,
    MAX_RELOADS,
    MAX_VISITS,
    NEVER,
    OVERTIME,
    PIN,
    PINNED,
    PLACE,
    PRICE,
    RANK,
    RATE,
    RELOAD,
    RELOADS,
    RICH,
    SERVICE_KIND,
    SHIFT_LATE,
    SIMPLE,
    SLOTTED,
    SYMMETRIC,
    TIMED,
    UNDER_WAY,
    VISITS,
    WINDOW,
    WINDOWS,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.legs import begin_at, fastest, leg, leg_to, way, way_to
from routing.solver.kernel.nearness import SIDE_M, SIDE_S
from routing.solver.kernel.state import (
    ARC_M,
    ARC_S,
    COUNT,
    DURATION,
    ENDS,
    FROM,
    LATEST,
    LEAVE,
    METRES,
    PIN_FACTOR,
    RELOADS_MADE,
    SPAN,
    TAIL_FROM,
    TAIL_SPAN,
    TO,
    State,
    start_of,
)
from routing.solver.problem import UNREACHABLE

#: Which of the two legs of a place is known beforehand.
NEITHER, TO_IT, FROM_IT = range(3)


@inlined
def van_may(d: Data, z: State, van: int, visit: int, changes: int) -> bool:
    """Whether the van may make the visit at all, as its tour is now: skills, locks, groups, number of stops."""
    if not d.may[visit, van] or z.tour[van, COUNT] >= d.van[van, MAX_VISITS]:
        return False
    group = d.node[visit, GROUP]
    if group >= 0 and z.group[group, 1] > 0 and z.group[group, 0] != van:
        return False
    if d.glob[APARTS]:
        for at in range(d.apart_from[visit], d.apart_from[visit + 1]):
            if z.apart[d.apart_group[at], van] > 0:
                return False
    before = d.node[visit, BEFORE]
    return not (before >= 0 and before != van and changes >= d.glob[MAX_CHANGES])


@inlined
def pair_may(d: Data, z: State, van: int, visit: int, partner: int, changes: int) -> bool:
    """Whether the van may make the visit, and its partner (if it is a pair's) with the change the visit would be."""
    if not van_may(d, z, van, visit, changes):
        return False
    before = d.node[visit, BEFORE]
    moved = 1 if before >= 0 and before != van else 0
    return partner < 0 or van_may(d, z, van, partner, changes + moved)


@inlined
def order_kept(d: Data, z: State, visit: int, after: int) -> bool:
    """Whether a visit of a locked block stands between those before and those behind it in the block."""
    chain, rank = d.node[visit, CHAIN], d.node[visit, RANK]
    node = np.int64(after)
    while z.pos[node] >= 0:
        if d.node[node, CHAIN] == chain and d.node[node, RANK] > rank:
            return False
        node = np.int64(z.prv[node])
    node = np.int64(z.nxt[after])
    while z.nxt[node] >= 0:
        if d.node[node, CHAIN] == chain and d.node[node, RANK] < rank:
            return False
        node = np.int64(z.nxt[node])
    return True


@inlined
def pin_units(d: Data, z: State, visit: int, after: int) -> int:
    """What an insertion means for stops locked to their position: below 0 where it fills a gap, NEVER if forbidden."""
    visits = d.glob[VISITS]
    step = 0
    node = np.int64(after)
    while z.pos[node] >= 0:
        step += node < visits
        node = np.int64(z.prv[node])
    units = np.int64(0)
    pin = d.node[visit, PIN]
    if pin >= 0:
        if step > pin:
            return NEVER
        units += (pin - step) * d.node[visit, PRICE] * PIN_FACTOR
    node = np.int64(z.nxt[after])
    while z.nxt[node] >= 0:
        if node < visits:
            pin = d.node[node, PIN]
            if pin >= 0:
                if step + 1 > pin:
                    return NEVER
                units -= d.node[node, PRICE] * PIN_FACTOR
            step += 1
        node = np.int64(z.nxt[node])
    return units


@inlined
def loads_allow(d: Data, z: State, van: int, visit: int, a: int, b: int) -> bool:
    """Whether the visit's own load fits between two neighbours (in tours with reloads the exact check decides)."""
    if d.glob[SIMPLE]:
        start = start_of(d, van)
        for k in range(d.capacity.shape[1]):  # noqa: SIM110 - generators are not compiled
            if z.peak[start, k] + d.load[visit, k] > d.capacity[van, k]:
                return False
        return True
    for k in range(d.capacity.shape[1]):
        room = d.capacity[van, k]
        if z.peak[a, k] + d.load[visit, k] > room:
            return False
        if max(z.load[a, k], z.rest[b, k]) + d.pickup[visit, k] > room:
            return False
    return True


@inlined
def start_units(d: Data, z: State, van: int, visit: int) -> int:
    """What using the van for this visit costs beside the way: a first visit's fixed cost, a strange place."""
    units = d.van[van, FIXED] if z.tour[van, COUNT] == 0 else np.int64(0)
    if d.extra.shape[0] > 0:
        units += d.extra[visit, van]
    return units


@inlined
def insert_units(d: Data, z: State, van: int, visit: int, a: int, b: int, most: int) -> int:
    """Units more for the visit between neighbours a and b; NEVER if not possible or not below `most`.

    Time and way only; `start_units` and the rules of van and load are the caller's.
    """
    pa, px, pb = d.node[a, PLACE], d.node[visit, PLACE], d.node[b, PLACE]
    detour_m = way_to(d, px, pa) + way(d, px, pb) - z.fwd[b, ARC_M]
    units = d.van[van, KM] * detour_m
    rich = d.glob[RICH] != 0
    if units >= most and not rich and d.glob[TIMED] == 0:
        return NEVER
    left = z.fwd[a, LEAVE]
    to_s = leg_to(d, px, pa, left)
    arrive = left + to_s
    if arrive > d.node[visit, LATE]:
        return NEVER
    begin = max(arrive, d.node[visit, EARLY])
    served = np.int64(d.service[d.van[van, SERVICE_KIND], visit])
    on_s = leg(d, px, pb, begin + served) if d.glob[SLOTTED] == 0 else fastest(d, px, pb)
    if begin + served + on_s > z.bwd[b, LATEST] or on_s >= UNREACHABLE or to_s >= UNREACHABLE:
        return NEVER
    if detour_m + z.tour[van, METRES] > d.van[van, MAX_METRES]:
        return NEVER
    if rich:
        begin = begin_at(d, visit, arrive)
        # Waiting is paid unless the tour can begin later; half of it is a fair guess, the exact price decides.
        detour_s = to_s + on_s - z.fwd[b, ARC_S] + served + (begin - arrive) // 2
        units += d.van[van, HOUR] * detour_s
        if d.node[visit, RATE] > 0:
            last = d.windows[d.node[visit, WINDOW] + d.node[visit, WINDOWS] - 1, 1]
            units += d.node[visit, RATE] * max(np.int64(0), arrive - last)
        return units
    if d.glob[TIMED] == 0:
        return units if units < most else NEVER
    # Start to a, the visit, b to the end: three segments joined.
    delta = z.fwd[a, SPAN] + to_s
    wait = max(np.int64(0), d.node[visit, EARLY] - delta - z.fwd[a, TO])
    early = max(d.node[visit, EARLY] - delta, z.fwd[a, FROM]) - wait
    late = min(d.node[visit, LATE] - delta, z.fwd[a, TO])
    span = delta + wait + served
    return units + closed_units(d, z, van, b, span + on_s, early, late, most - units)


@inlined
def closed_units(d: Data, z: State, van: int, b: int, delta: int, early: int, late: int, most: int) -> int:
    """Units of time more when a beginning of `delta` seconds is joined to the tour from b on; NEVER over `most`."""
    wait = max(np.int64(0), z.bwd[b, TAIL_FROM] - delta - late)
    span = delta + wait + z.bwd[b, TAIL_SPAN]
    if span > d.van[van, MAX_DURATION]:
        return NEVER
    early = max(z.bwd[b, TAIL_FROM] - delta, early) - wait
    units = d.van[van, HOUR] * (span - z.tour[van, DURATION])
    if d.van[van, OVERTIME]:
        shift = d.van[van, SHIFT_LATE]
        was = max(np.int64(0), z.tour[van, ENDS] - shift) if z.tour[van, COUNT] else np.int64(0)
        units += d.van[van, OVERTIME] * (max(np.int64(0), early + span - shift) - was)
    return units if units < most else NEVER


@inlined
def offer(best: Ints, count: int, units: int, van: int, a: int, second: int, reload: int) -> int:
    """Put a place into the short list (cheapest first, rows of `best`); returns how many there are.

    A new reload is coded as 3 × its node, + 0 for before the visit, + 1 for behind it, + 2 for behind its partner.
    """
    most = best.shape[0]
    if count == most and units >= best[most - 1, 0]:
        return count
    at = count if count < most else most - 1
    while at > 0 and best[at - 1, 0] > units:
        for column in range(5):
            best[at, column] = best[at - 1, column]
        at -= 1
    best[at, 0] = units
    best[at, 1] = van
    best[at, 2] = a
    best[at, 3] = second
    best[at, 4] = reload
    return min(most, count + 1)


@inlined
def reload_free(d: Data, z: State, van: int, reload: int) -> bool:
    """Whether a reload is not in use, and no copy of it that comes before it is free, either."""
    if z.owner[reload] >= 0:
        return False
    before = reload - 1
    return (
        before < d.van[van, RELOAD]
        or z.owner[before] >= 0
        or d.node[before, PLACE] != d.node[reload, PLACE]
        or d.node[before, EARLY] != d.node[reload, EARLY]
        or d.node[before, LATE] != d.node[reload, LATE]
        or d.service[0, before] != d.service[0, reload]
    )


@inlined
def hopeless(d: Data, z: State, van: int, visit: int, a: int, behind: int, side: Small, most: int) -> bool:
    """Whether a place cannot be reached in time or be below `most`, by what is known of one of its two legs.

    `side` is a row of nearness: the way from `a` where `behind`, else the way to the node behind `a`. Not for rich
    problems. Where ways are longer than detours, places may be overlooked.
    """
    b = np.int64(z.nxt[a])
    detour_m = np.int64(side[SIDE_M]) - z.fwd[b, ARC_M]
    if detour_m > 0 and d.van[van, KM] * (detour_m << d.glob[SYMMETRIC]) >= most and d.van[van, PINNED] == 0:
        return True
    leg_s = np.int64(side[SIDE_S])
    left = z.fwd[a, LEAVE]
    if behind:
        left += leg_s
        leg_s = np.int64(0)
    served = np.int64(d.service[d.van[van, SERVICE_KIND], visit])
    return left > d.node[visit, LATE] or max(left, d.node[visit, EARLY]) + served + leg_s > z.bwd[b, LATEST]


@inlined
def offer_single(
    d: Data, z: State, van: int, visit: int, a: int, b: int, known: int, known_m: int, most: int, best: Ints, count: int
) -> int:
    """Look at one place for a visit without partner and offer it (with a reload beside it where only room is short).

    `known_m` are the metres to the visit where `known` is TO_IT, those from it where it is FROM_IT.
    """
    if d.glob[RICH] == 0 and d.van[van, PINNED] == 0:
        to_m = known_m if known == TO_IT else way_to(d, d.node[visit, PLACE], d.node[a, PLACE])
        on_m = known_m if known == FROM_IT else way(d, d.node[visit, PLACE], d.node[b, PLACE])
        if d.van[van, KM] * (to_m + on_m - z.fwd[b, ARC_M]) >= most:
            return count  # the way alone is too dear
    base = start_units(d, z, van, visit)
    if base >= most:
        return count
    if d.node[visit, CHAIN] >= 0 and not order_kept(d, z, visit, a):
        return count
    if d.van[van, PINNED]:
        pins = pin_units(d, z, visit, a)
        if pins >= NEVER:
            return count
        base += pins
    fits = loads_allow(d, z, van, visit, a, b)
    unreachable_load = d.van[van, UNDER_WAY] != 0 and d.node[visit, DEPOT] != 0 and z.tour[van, RELOADS_MADE] == 0
    if d.van[van, RELOADS] == 0:
        if not fits or unreachable_load:
            return count
        units = insert_units(d, z, van, visit, a, b, most - base)
        if units < NEVER and units + base < most:
            count = offer(best, count, units + base, van, a, -1, -1)
        return count
    if fits and not unreachable_load:
        units = insert_units(d, z, van, visit, a, b, most - base)
        if units < NEVER and units + base < most:
            count = offer(best, count, units + base, van, a, -1, -1)
    if z.tour[van, RELOADS_MADE] < d.van[van, MAX_RELOADS]:
        first = d.glob[VISITS]
        hour, km = d.van[van, HOUR], d.van[van, KM]
        pa, px, pb = d.node[a, PLACE], d.node[visit, PLACE], d.node[b, PLACE]
        for reload in range(d.van[van, RELOAD], d.van[van, RELOAD] + d.van[van, RELOADS]):
            if not reload_free(d, z, van, reload):
                continue
            pr = d.node[reload, PLACE]
            served = np.int64(d.service[d.van[van, SERVICE_KIND], visit]) + np.int64(d.service[0, reload])
            if a < first or z.pos[a] < 0:
                m = way(d, pa, pr) + way(d, pr, px) + way(d, px, pb) - z.fwd[b, ARC_M]
                s = leg(d, pa, pr, np.int64(0)) + leg(d, pr, px, np.int64(0)) + leg(d, px, pb, np.int64(0))
                units = base + km * m + hour * (s - z.fwd[b, ARC_S] + served)
                if s < UNREACHABLE and units < most:
                    count = offer(best, count, units, van, a, -1, reload * 3)
            if b < first:
                m = way(d, pa, px) + way(d, px, pr) + way(d, pr, pb) - z.fwd[b, ARC_M]
                s = leg(d, pa, px, np.int64(0)) + leg(d, px, pr, np.int64(0)) + leg(d, pr, pb, np.int64(0))
                units = base + km * m + hour * (s - z.fwd[b, ARC_S] + served)
                if s < UNREACHABLE and units < most:
                    count = offer(best, count, units, van, a, -1, reload * 3 + 1)
    return count


@inlined
def offer_all(d: Data, z: State, van: int, visit: int, partner: int, best: Ints, count: int) -> int:
    """Offer every place of a tour, with and without a new reload, whatever it costs: the exact timing decides."""
    spare = z.tour[van, RELOADS_MADE] < d.van[van, MAX_RELOADS]
    first, until = 3 * d.van[van, RELOAD], 3 * (d.van[van, RELOAD] + d.van[van, RELOADS])
    a = start_of(d, van)
    while z.nxt[a] >= 0:
        if d.node[visit, CHAIN] < 0 or order_kept(d, z, visit, a):
            second = np.int64(visit) if partner >= 0 else np.int64(-1)
            while True:
                if (
                    partner < 0
                    or d.node[partner, CHAIN] < 0
                    or order_kept(d, z, partner, a if second == visit else second)
                ):
                    count = offer(best, count, -NEVER, van, a, second, -1)
                    if spare:
                        for reload in range(first, until):
                            if reload_free(d, z, van, reload // 3) and (partner >= 0 or reload % 3 < 2):
                                count = offer(best, count, -NEVER, van, a, second, reload)
                if partner < 0:
                    break
                second = np.int64(z.nxt[a]) if second == visit else np.int64(z.nxt[second])
                if z.nxt[second] < 0:
                    break
        a = np.int64(z.nxt[a])
    return count
