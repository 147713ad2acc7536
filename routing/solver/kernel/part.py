"""A part of a search: its visits and vans, and the arrays that its loop needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.solver.kernel import anneal, work
from routing.solver.kernel.draw import seeded
from routing.solver.kernel.layout import (
    BALANCE,
    BEFORE,
    DELIVERY,
    EARLY,
    KIND,
    LATE,
    NEVER,
    PIN,
    PLACE,
    ROLE,
    START,
    VISITS,
    Data,
    Small,
)
from routing.solver.kernel.recreate import EXACT
from routing.solver.kernel.state import COUNT, State, first_sentinel
from routing.solver.kernel.timing import OUT_SIZE, room

#: Up to so many visits every place is priced exactly, and how many places are looked at then at most.
EVERY_VISITS, EVERY_OFFERS = 12, 1000


def part_of(
    d: Data,
    z: State,
    near: Small,
    close: Small,
    visits: Sequence[int],
    vans: Sequence[int],
    *,
    seed: int,
    number: int = 0,
) -> tuple[State, work.Work]:
    """What a loop over these visits and vans works on; its tours are those of `z`, which it changes.

    Visits of the part that are in no tour are left out to begin with. `seed` and `number` decide the draws.
    """
    n, nodes, fleet = int(d.glob[VISITS]), d.node.shape[0], max(1, d.van.shape[0])
    mine = np.zeros(fleet, np.uint8)
    mine[list(vans)] = 1
    kinds = sorted({int(d.van[van, KIND]) for van in vans})
    opened = np.full(fleet, -1, np.int32)
    for van in sorted(vans, reverse=True):
        if z.tour[van, COUNT] == 0:
            opened[d.van[van, KIND]] = van
    mine_visits = np.array(visits, np.int32)
    absent = mine_visits[(z.owner[mine_visits] < 0) & (d.node[mine_visits, ROLE] != DELIVERY)]
    ctl = np.zeros(work.ENTRIES, np.int64)
    ctl[work.ABSENT] = len(absent)
    ctl[work.EVERY] = n <= EVERY_VISITS
    ctl[work.RISING] = not (ctl[work.EVERY] or d.glob[BALANCE] or (d.node[:n, PIN] >= 0).any())
    ctl[work.SPARE] = NEVER
    early, late = d.node[:n, EARLY], d.node[:n, LATE]
    ctl[work.WINDOWED] = bool((early > 0).any() or (late < late.max(initial=0)).any())
    starts = sorted({int(d.van[van, START]) for van in vans})
    places = d.node[:n, PLACE]
    distance = d.metres if d.metres.any() else d.seconds[0]
    far = distance[np.ix_(starts[:20], places)].min(axis=0).astype(np.float64) if starts and n else np.zeros(max(1, n))
    left_out = np.zeros(n + 1, np.int32)
    left_out[: len(absent)] = absent
    made = work.Work(
        near=near,
        close=close,
        visits=mine_visits,
        kinds=np.array(kinds, np.int32),
        vans=np.array(vans, np.int32),
        absent=left_out,
        absent_saved=np.zeros(n + 1, np.int32),
        removed=np.zeros(n + 1, np.int32),
        keys=np.zeros(n + 1, np.float64),
        saved=np.zeros(nodes, np.int32),
        saved_van=np.zeros(fleet, np.int32),
        saved_at=np.zeros(fleet + 1, np.int32),
        stamp=np.zeros(fleet, np.int64),
        looked=np.zeros(fleet, np.int64),
        tried=np.zeros(nodes, np.int64),
        saved_units=np.zeros(fleet, np.int64),
        dirty=np.zeros(fleet, np.int32),
        is_dirty=np.zeros(fleet, np.uint8),
        buffer=np.zeros(nodes, np.int32),
        trial=np.zeros(nodes, np.int32),
        out=np.zeros(OUT_SIZE, np.int64),
        table=room(),
        best=np.zeros((EVERY_OFFERS if n <= EVERY_VISITS else EXACT, 5), np.int64),
        kept=z.nxt.copy(),
        far=far,
        ctl=ctl,
        seed=seeded(seed, number),
    )
    state = z._replace(mine=mine, open=opened)
    owner, before = z.owner[:n], d.node[:n, BEFORE]
    ctl[work.CHANGES] = ((owner >= 0) & (before >= 0) & (before != owner)).sum()
    ctl[work.CURRENT] = anneal.total(d, state, made)
    ctl[work.BEST] = ctl[work.CURRENT]
    return state, made


def tours_along(d: Data, vans: Small, nxt: Small) -> dict[int, list[int]]:
    """The tours of vans that successors tell: nodes in order, by van; used vans only."""
    tours = {}
    following = nxt.tolist()
    for van in vans.tolist():
        start = first_sentinel(d, van)
        nodes, node = [], following[start]
        while node != start + 1:
            nodes.append(node)
            node = following[node]
        if nodes:
            tours[van] = nodes
    return tours
