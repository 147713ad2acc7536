"""Which visits can be made at all, compiled: some van could make this one if it made nothing else."""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import NO, compiled
from routing.solver.kernel.layout import (
    DELIVERY,
    KIND,
    PARTNER,
    RELOAD,
    RELOADS,
    ROLE,
    VISITS,
    Data,
    Flags,
    Ints,
    Small,
)
from routing.solver.kernel.part import EVERY_VISITS
from routing.solver.kernel.rules import price_tour


@compiled
def alone(d: Data, possible: Flags, sequence: Small, out: Ints, table: Ints) -> None:
    """Set `possible[visit]` to 1 where some van can make it (and its partner) alone, after a reload if need be."""
    for visit in range(d.glob[VISITS]):
        if d.node[visit, ROLE] == DELIVERY:
            continue
        partner = d.node[visit, PARTNER]
        for van in range(d.van.shape[0]):
            if not d.may[visit, van] or (partner >= 0 and not d.may[partner, van]):
                continue
            # Vans of a kind differ in what they may do alone; one that was looked at with the same rights is enough.
            other = d.van[van, KIND]
            if other < van and d.may[visit, other] and (partner < 0 or d.may[partner, other]):
                continue
            if _made(d, van, visit, partner, sequence, out, table):
                possible[visit] = 1
                if partner >= 0:
                    possible[partner] = 1
                break


@compiled
def _made(d: Data, van: int, visit: int, partner: int, sequence: Small, out: Ints, table: Ints) -> bool:
    for reload in range(-1, d.van[van, RELOADS]):
        length = 0
        if reload >= 0:
            sequence[0] = d.van[van, RELOAD] + reload
            length = 1
        sequence[length] = visit
        length += 1
        if partner >= 0:
            sequence[length] = partner
            length += 1
        if price_tour(d, van, sequence, length, NO, out, table) >= 0:
            return True
    return False


def possible_visits(d: Data, table: Ints, out: Ints) -> list[int]:
    """Indexes of the visits that some van can make.

    In a small problem one that cannot be made alone may still be made beside others (where no road leads home from it).
    """
    count = int(d.glob[VISITS])
    if count <= EVERY_VISITS:
        return [int(at) for at in np.flatnonzero(d.may.any(axis=1))]
    possible = np.zeros(count, np.uint8)
    alone(d, possible, np.zeros(4, np.int32), out, table)
    return [int(at) for at in np.flatnonzero(possible)]
