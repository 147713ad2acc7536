"""The best plan of a small problem, proved: every tour of every vehicle is priced, then the best set of tours is taken.

First `kernel.every` finds the cheapest tour of each vehicle for each set of visits; vehicles of one kind share them.
Then the vehicles choose their sets one after the other (dynamic programming over what is done: Held & Karp 1962,
doi:10.1137/0110015, with vehicles in the place of visits). Where balance has a price, a dearer tour may be worth having
for its duration: then the tours that could be part of a plan better than the one at hand are written down as well, and
plans are built from them as long as they can still become better.

What one plan costs is compared by *values* (`kernel.every.SCALE`): by cents as a plan rounds them, then unrounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import NamedTuple

import numpy as np

from routing.solver.kernel import every
from routing.solver.kernel.layout import (
    BALANCE,
    BREAKS,
    CHAIN,
    KIND,
    MAX_CHANGES,
    MAX_RELOADS,
    MAX_VISITS,
    NEVER,
    PARTNER,
    PICKUP,
    PIN,
    PRICE,
    RANK,
    RELOAD,
    RELOADS,
    ROLE,
    SLOTTED,
    UNITS_PER_CENT,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.timing import OUT_SIZE, room
from routing.solver.schedule import Scheduler

Tours = dict[int, list[int]]

#: Up to so many visits and vehicles the exact search is thought of at all.
MOST_VISITS, MOST_VEHICLES = 9, 15
#: Seconds that pricing one tour takes: in itself, for each break or part, as a factor where the speed changes.
PRICE_S, BREAK_S, SLOTTED_TIMES = 1.5e-6, 4e-6, 4
#: Seconds that the reckoned work may take at most, and building plans with balance.
LIMIT_S = 5.0
#: By how much the reckoned work exceeds what is done, as a rule, where a good plan is known.
GIVEN_UP = 4.0
#: Tours tried between two looks at the clock; tours written down at most where balance has a price.
SLICE, LISTED = 10_000, 20_000


class _Stopped(Exception):
    """The caller wants no more, or there is more to remember than there is room for."""


class _Choice(NamedTuple):
    """A tour for one set of visits."""

    value: int
    duration_s: int
    sequence: tuple[int, ...]


class _Partial(NamedTuple):
    """What the vehicles so far do together; the spans are of their tours."""

    value: int
    changes: int
    shortest_s: int
    longest_s: int
    tours: tuple[tuple[int, tuple[int, ...]], ...]

    def beats(self, other: _Partial) -> bool:
        """Whether whatever can follow the other can follow this one, for no more."""
        return (
            self.value <= other.value
            and self.changes <= other.changes
            and self.shortest_s >= other.shortest_s
            and self.longest_s <= other.longest_s
        )


class Exact:
    """The exact search in one problem. `on` is asked now and then; False ends the search without an answer."""

    def __init__(self, scheduler: Scheduler, *, on: Callable[[], bool]) -> None:
        self.data: Data = scheduler.data
        self._on, self._count = on, len(scheduler.problem.visits)
        self._vans = self.data.van.shape[0]
        glob = self.data.glob
        self._balanced = bool(glob[BALANCE]) and self._vans > 1
        problem = scheduler.problem
        self._groups = [sum(1 << problem.visit_at(one) for one in group) for group in problem.together]
        self._moved = [
            sum(
                1 << problem.visit_at(one)
                for one, before in problem.before.items()
                if problem.max_changes is not None and before != vehicle.id
            )
            for vehicle in problem.vehicles
        ]
        self._most_changes = 0 if glob[MAX_CHANGES] >= NEVER else min(int(glob[MAX_CHANGES]), self._count)
        self._out, self._table = np.zeros(OUT_SIZE, np.int64), room()

    def fits(self, seconds: float) -> bool:
        """Whether the work, reckoned before it is begun, takes no more than so many seconds (and few in any case)."""
        return self._thinkable() and self._work_s() <= min(LIMIT_S, seconds)

    def may_fit(self, seconds: float) -> bool:
        """Whether so many seconds may do with a good plan known: most tours are given up before their end then."""
        return self._thinkable() and self._work_s() <= GIVEN_UP * seconds

    def _thinkable(self) -> bool:
        return self._count <= MOST_VISITS and self._vans <= MOST_VEHICLES

    def search(self, incumbent: Mapping[int, Sequence[int]]) -> Tours | None:
        """The best tours; the `incumbent` ones (which keep every rule) if none are better; None if it was stopped."""
        known = {van: list(codes) for van, codes in incumbent.items() if codes}
        try:
            found = self._search(known)
        except _Stopped:
            return None
        return known if found is None else found

    # How much there is to do.

    def _work_s(self) -> float:
        """Seconds that pricing every tour takes at most."""
        total = 0.0
        for van in self._leaders():
            row = self.data.van[van]
            price_s = (PRICE_S + BREAK_S * int(row[BREAKS])) * (SLOTTED_TIMES if self.data.glob[SLOTTED] else 1)
            total += price_s * self._sequences(van)
        return total * (2 if self._balanced else 1)

    def _sequences(self, van: int) -> int:
        """How many beginnings of tours keep the rules of order."""
        row = self.data.van[van]
        able, needed, banned = self._order(van)
        points = int(row[RELOADS])
        trips = [
            sum(comb(stops, made) * points**made for made in range(min(int(row[MAX_RELOADS]), stops) + 1))
            for stops in range(self._count + 1)
        ]
        orders = [0] * (1 << self._count)
        orders[0] = 1
        total = 0
        for done, number in enumerate(orders):
            stops = done.bit_count()
            total += number * trips[stops]
            if not number or stops >= row[MAX_VISITS]:
                continue
            for at in able.tolist():
                pin = self.data.node[at, PIN]
                here = pin < 0 or pin == stops
                if here and not done & (banned[at] | 1 << at) and done & needed[at] == needed[at]:
                    orders[done | 1 << at] += number
        return total

    def _leaders(self) -> list[int]:
        """The first vehicle of each kind."""
        return [van for van in range(self._vans) if self.data.van[van, KIND] == van]

    def _order(self, van: int) -> tuple[Small, Ints, Ints]:
        """Visits the vehicle may make; what must be done before each; what must not."""
        d, count = self.data, self._count
        able = [
            at for at in range(count) if d.may[at, van] and (d.node[at, PARTNER] < 0 or d.may[d.node[at, PARTNER], van])
        ]
        needed, banned = np.zeros(count, np.int64), np.zeros(count, np.int64)
        apart = [set(d.apart_group[d.apart_from[at] : d.apart_from[at + 1]].tolist()) for at in range(count)]
        for at in range(count):
            partner = int(d.node[at, PARTNER])
            if partner >= 0:
                (banned if d.node[at, ROLE] == PICKUP else needed)[at] |= 1 << partner
            for other in range(count):
                later = d.node[at, CHAIN] >= 0 and d.node[at, CHAIN] == d.node[other, CHAIN]
                later = later and d.node[other, RANK] > d.node[at, RANK]
                if later or (other != at and apart[at] & apart[other]):
                    banned[at] |= 1 << other
        return np.array(able, np.int32), needed, banned

    # The search.

    def _search(self, known: Tours) -> Tours | None:
        """Tours better than those known; None if there are none."""
        target = self._value(known)
        tours = self._cheapest(target)
        rest = self._rest(tours)
        if int(rest[0][0, 0]) >= target:
            return None
        if not self._balanced:
            return self._chosen(tours, rest)
        return self._build(target, rest)

    def _value(self, tours: Tours) -> int:
        """What a plan is worth that is known to be possible."""
        d, total, spans = self.data, 0, []
        made = 0
        for van, codes in tours.items():
            value = every.tour_value(d, van, np.array(codes, np.int32), len(codes), self._out, self._table)
            if value < 0:
                raise AssertionError(f"the tour of vehicle {van} to begin with breaks a rule")
            total += int(value)
            spans.append(int(self._out[1] - self._out[0]))
            made |= sum(1 << at for at in codes if at < self._count)
        left_out = sum(int(d.node[at, PRICE]) for at in range(self._count) if not made >> at & 1)
        return total + left_out * every.SCALE // UNITS_PER_CENT + self._imbalance(spans)

    def _imbalance(self, spans: Sequence[int]) -> int:
        """The value of how unequal tours are."""
        units = int(self.data.glob[BALANCE]) * (max(spans) - min(spans)) if spans else 0
        cents = (units + UNITS_PER_CENT // 2) // UNITS_PER_CENT
        return cents * every.SCALE + units - cents * UNITS_PER_CENT

    def _walk(self, van: int, target: int, threshold: Ints | None) -> tuple[Ints, Small, list[dict[int, _Choice]]]:
        """Go through all tours of a vehicle: the best of each set, or those below the `threshold`."""
        d, count = self.data, self._count
        able, needed, banned = self._order(van)
        width = count + min(count, int(d.van[van, MAX_RELOADS])) + 1
        sets = 1 << count
        levels, sequence = np.zeros((width + 1, every.LEVEL_COLUMNS), np.int64), np.zeros(width, np.int32)
        best, best_tour = np.full(sets, NEVER, np.int64), np.zeros((sets, width), np.int32)
        listing = threshold is not None
        size = LISTED if listing else 1
        rows, row_tour = np.zeros((size, every.ROW_COLUMNS), np.int64), np.zeros((size, width), np.int32)
        ctl = np.zeros(every.CONTROLS, np.int64)
        ctl[every.LISTING] = listing
        every.begin(d, van, levels, ctl)
        # A term may have lost half a cent by rounding; four terms are rounded.
        limit = (target // every.SCALE + 3) * UNITS_PER_CENT
        none = best if threshold is None else threshold
        kept: list[dict[int, _Choice]] = [{} for _ in range(sets)]
        finished = False
        while not finished:
            if not self._on():
                raise _Stopped
            ctl[every.BUDGET] = ctl[every.TRIED] + SLICE
            finished = every.walk(
                *(d, van, able, needed, banned, limit, none, levels, sequence),
                *(best, best_tour, rows, row_tour, ctl, self._out, self._table),
            )
            for row, codes in zip(rows[: ctl[every.LISTED]].tolist(), row_tour, strict=False):
                by_span = kept[row[every.ROW_MASK]]
                span, value = row[every.ROW_DURATION], row[every.ROW_VALUE]
                if span not in by_span or value < by_span[span].value:
                    by_span[span] = _Choice(value, span, tuple(codes[: row[every.ROW_LENGTH]].tolist()))
            ctl[every.LISTED] = 0
        return best, best_tour, kept

    def _cheapest(self, target: int) -> list[tuple[Ints, Small]]:
        """For each vehicle the least value of each set of visits, and the tours."""
        by_kind = {van: self._walk(van, target, None)[:2] for van in self._leaders()}
        kinds = [int(self.data.van[van, KIND]) for van in range(self._vans)]
        return [by_kind[kind] for kind in kinds]

    def _own(self, van: int, codes: Sequence[int]) -> list[int]:
        """A tour of the first vehicle of the kind as one of this vehicle: with its own reloads."""
        more = int(self.data.van[van, RELOAD] - self.data.van[self.data.van[van, KIND], RELOAD])
        return [at if at < self._count else at + more for at in codes]

    def _free(self, served: int, sets: Ints) -> Ints:
        """Of these sets of visits done those that leave this set free: groups stay on one vehicle."""
        free = sets & served == 0
        for group in self._groups:
            if served & group:
                free &= sets & group == 0
        return np.asarray(sets[free])

    def _rest(self, tours: Sequence[tuple[Ints, Small]]) -> list[Ints]:
        """`[van][changes, done]`: the least that is yet to come when the vehicles before have done that."""
        sets = np.arange(1 << self._count)
        left_out = np.zeros(sets.size, np.int64)
        for at in range(self._count):
            left_out[sets >> at & 1 == 0] += int(self.data.node[at, PRICE]) * every.SCALE // UNITS_PER_CENT
        most = self._most_changes
        rest = [np.tile(left_out, (most + 1, 1))]
        free = [self._free(served, sets) for served in range(sets.size)]
        for van in reversed(range(self._vans)):
            if not self._on():
                raise _Stopped
            later, now = rest[0], rest[0].copy()
            values = tours[van][0]
            for served in np.flatnonzero(values < NEVER).tolist():
                changes = (served & self._moved[van]).bit_count()
                if changes <= most:
                    dones = free[served]
                    part = now[: most + 1 - changes, dones]
                    np.minimum(part, later[changes:, dones | served] + values[served], out=part)
                    now[: most + 1 - changes, dones] = part
            rest.insert(0, now)
        return rest

    def _chosen(self, tours: Sequence[tuple[Ints, Small]], rest: Sequence[Ints]) -> Tours:
        """The tours that make the least rest: each vehicle takes a set that keeps to it."""
        found: Tours = {}
        done, changes = 0, 0
        for van in range(self._vans):
            now, later = int(rest[van][changes, done]), rest[van + 1]
            if int(later[changes, done]) == now:
                continue
            values, best_tour = tours[van]
            for served in np.flatnonzero(values < NEVER).tolist():
                more = changes + (served & self._moved[van]).bit_count()
                if more > self._most_changes or not self._free(served, np.array([done])).size:
                    continue
                if int(later[more, done | served]) + int(values[served]) == now:
                    found[van] = self._own(van, best_tour[served, 1 : best_tour[served, 0] + 1].tolist())
                    done, changes = done | served, more
                    break
        return found

    def _build(self, target: int, rest: Sequence[Ints]) -> Tours | None:
        """The best plan with balance, if it is better than `target`: from tours that can be part of one."""
        listed: dict[int, list[list[_Choice]]] = {}
        for van in self._leaders():
            thresholds = np.full(1 << self._count, -1, np.int64)
            for served in range(1, 1 << self._count):
                changes = (served & self._moved[van]).bit_count()
                if changes <= self._most_changes:
                    thresholds[served] = target - rest[0][changes, served]
            listed[van] = [list(by_span.values()) for by_span in self._walk(van, target, thresholds)[2]]
        partials: dict[int, list[_Partial]] = {0: [_Partial(0, 0, NEVER, -1, ())]}
        until = time.monotonic() + LIMIT_S
        for van in range(self._vans):
            choices = listed[int(self.data.van[van, KIND])]
            merged = {done: list(some) for done, some in partials.items()}
            for served in range(1, 1 << self._count):
                if not choices[served]:
                    continue
                more = (served & self._moved[van]).bit_count()
                for done, some in partials.items():
                    if not self._free(served, np.array([done])).size:
                        continue
                    for one in some:
                        if not self._on() or time.monotonic() > until:
                            raise _Stopped
                        for choice in choices[served]:
                            new = _Partial(
                                one.value + choice.value,
                                one.changes + more,
                                min(one.shortest_s, choice.duration_s),
                                max(one.longest_s, choice.duration_s),
                                (*one.tours, (van, choice.sequence)),
                            )
                            if new.changes > self._most_changes:
                                continue
                            if self._least(new, rest[van + 1], done | served) < target:
                                _keep(merged.setdefault(done | served, []), new)
            partials = merged
        found: _Partial | None = None
        for done, some in partials.items():
            for one in some:
                whole = self._least(one, rest[self._vans], done)
                if whole < target:
                    target, found = whole, one
        return None if found is None else {van: self._own(van, codes) for van, codes in found.tours}

    def _least(self, one: _Partial, rest: Ints, done: int) -> int:
        """The least a plan can be worth that begins so."""
        apart = self._imbalance([one.shortest_s, one.longest_s]) if one.longest_s >= 0 else 0
        return one.value + apart + int(rest[one.changes, done])


def _keep(partials: list[_Partial], new: _Partial) -> None:
    """Add what no other beats, and take away what it beats."""
    if any(one.beats(new) for one in partials):
        return
    partials[:] = [one for one in partials if not new.beats(one)]
    partials.append(new)
