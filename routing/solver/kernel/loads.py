"""What is in the van, compiled: whether a sequence fits, and what the nodes of a tour know of their loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routing.solver.kernel.jit import compiled, inlined
from routing.solver.kernel.layout import ABOARD, DEPOT, RICH, SIMPLE, UNDER_WAY, VISITS, Data, Small

if TYPE_CHECKING:
    from routing.solver.kernel.state import State


@compiled
def loads_fit(d: Data, van: int, sequence: Small, length: int) -> bool:
    """Whether everything fits into the van at every moment of the tour."""
    visits = d.glob[VISITS]
    under_way = d.van[van, UNDER_WAY] != 0
    if under_way:
        for at in range(length):
            if sequence[at] >= visits:
                break
            if d.node[sequence[at], DEPOT]:
                return False
    for k in range(d.capacity.shape[1]):
        room = d.capacity[van, k]
        stays = d.initial[van, k]  # aboard through reloads: what never leaves, what is loaded, what is between partners
        for at in range(length):
            if d.node[sequence[at], ABOARD]:
                stays += d.load[sequence[at], k]
        trip = 0
        if not under_way:
            for at in range(length):
                if sequence[at] >= visits:
                    break
                if not d.node[sequence[at], ABOARD]:
                    trip += d.load[sequence[at], k]
        if stays + trip > room:
            return False
        for at in range(length):
            node = sequence[at]
            if node >= visits:
                trip = 0
                for after in range(at + 1, length):
                    if sequence[after] >= visits:
                        break
                    if not d.node[sequence[after], ABOARD]:
                        trip += d.load[sequence[after], k]
            else:
                if d.node[node, ABOARD]:
                    stays -= d.load[node, k]
                else:
                    trip -= d.load[node, k]
                trip += d.pickup[node, k]
                stays += d.pair[node, k]
            if stays + trip > room:
                return False
    return True


@inlined
def note_loads(d: Data, z: State, van: int, start: int, end: int) -> bool:
    """Loads and their peaks at every node; False if something does not fit (checked by `price_tour` where rich)."""
    visits = d.glob[VISITS]
    rich = d.glob[RICH] != 0
    if d.glob[SIMPLE]:
        for k in range(d.capacity.shape[1]):
            now = d.initial[van, k]
            node = np.int64(z.nxt[start])
            while node != end:
                now += d.load[node, k]
                node = np.int64(z.nxt[node])
            if now > d.capacity[van, k]:
                return False
            z.peak[start, k] = now
        return True
    for k in range(d.capacity.shape[1]):
        room = d.capacity[van, k]
        stays = d.initial[van, k]
        trip = np.int64(0)
        first_trip = d.van[van, UNDER_WAY] == 0
        node = np.int64(z.nxt[start])
        while node != end:
            if node >= visits:
                first_trip = False
            elif d.node[node, ABOARD]:
                stays += d.load[node, k]
            elif first_trip:
                trip += d.load[node, k]
            node = np.int64(z.nxt[node])
        now = stays + trip
        z.load[start, k] = now
        most = now
        z.peak[start, k] = most
        if now > room and not rich:
            return False
        node = np.int64(z.nxt[start])
        while node != end:
            if node >= visits:
                trip = 0
                ahead = np.int64(z.nxt[node])
                while ahead != end and ahead < visits:
                    if not d.node[ahead, ABOARD]:
                        trip += d.load[ahead, k]
                    ahead = np.int64(z.nxt[ahead])
                most = np.int64(0)
            elif d.node[node, ABOARD]:
                stays += d.pair[node, k] - d.load[node, k]
                trip += d.pickup[node, k]
            else:
                stays += d.pair[node, k]
                trip += d.pickup[node, k] - d.load[node, k]
            now = stays + trip
            if now > room and not rich:
                return False
            most = max(most, now)
            z.load[node, k] = now
            z.peak[node, k] = most
            node = np.int64(z.nxt[node])
        z.rest[end, k] = 0
        most = np.int64(0)
        node = np.int64(z.prv[end])
        while True:
            most = max(most, z.load[node, k])
            z.rest[node, k] = most
            if node == start:
                break
            if node >= visits:
                most = np.int64(0)
                z.rest[node, k] = 0
            node = np.int64(z.prv[node])
    return True
