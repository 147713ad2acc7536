"""Simulated annealing over the compiled loops: temperature, parts side by side, the best tours so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from routing.solver.kernel import anneal
from routing.solver.kernel.layout import (
    APARTS,
    BALANCE,
    DELIVERY,
    GROUPS,
    HOUR,
    KIND,
    KM,
    MAX_CHANGES,
    NEVER,
    PARTNER,
    PLACE,
    PRICE,
    ROLE,
    VISITS,
    Small,
    flatten,
)
from routing.solver.kernel.nearness import nearness
from routing.solver.kernel.part import part_of, tours_along
from routing.solver.kernel.state import ARC_M, ARC_S, COUNT, DURATION, UNITS, State, first_sentinel, fresh, refresh
from routing.solver.kernel.timing import OUT_SIZE, room
from routing.solver.kernel.work import ABSENT, BEST, Work, count_in
from routing.solver.schedule import Scheduler

Tours = dict[int, list[int]]
#: Asked after every slice of work, told of better tours; False ends the search.
Report = Callable[[], bool]

#: Neighbours beside which a visit is tried, and neighbours that are taken out together.
NEAR, CLOSE = 40, 100
#: Temperatures at the beginning and at the end, in mean costs of a leg.
WARM, COOL = 1.0, 0.01
#: Temperature to begin with where a van has been taken away.
REHEATED = 0.3
#: Seconds that one call of the loop should take, so that stopping is quick; steps of a call where steps are the limit.
SLICE_S, SLICE_STEPS = 0.02, 1000
#: How often a van can make the same reload at most.
MAX_COPIES = 8
#: Visits from which on parts are searched side by side, and how often these are cut anew.
PARTS_FROM, ROUNDS = 600, 24


class Pace:
    """How much of the work is done: by the clock, or where `steps` are given by steps alone."""

    def __init__(self, until: float, steps: int | None) -> None:
        self.began, self.until, self.steps = time.monotonic(), until, steps

    def share(self, steps: int) -> float:
        """From 0 at the beginning to 1 at the end, for someone who has made `steps`."""
        if self.steps is not None:
            return steps / max(1, self.steps)
        return (time.monotonic() - self.began) / max(1e-9, self.until - self.began)

    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.until


class Codes:
    """The problem as the loops see it: a reload that a van may make several times is several nodes, one for each time.

    `inner` and `outer` turn sequences of the scheduler into nodes and back.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        problem = scheduler.problem
        self._count = len(problem.visits)
        self._copies: dict[int, list[int]] = {}
        self._code: dict[int, int] = {}
        if all(vehicle.max_reloads < 2 or not vehicle.reloads for vehicle in problem.vehicles):
            self.data = scheduler.data
            return
        vehicles, node = [], self._count
        for van, vehicle in enumerate(problem.vehicles):
            times = max(1, min(vehicle.max_reloads, MAX_COPIES))
            for code in scheduler.reload_codes(van):
                self._copies[code] = list(range(node, node + times))
                self._code |= dict.fromkeys(self._copies[code], code)
                node += times
            repeated = tuple(reload for reload in vehicle.reloads for _ in range(times))
            vehicles.append(replace(vehicle, reloads=repeated))
        self.data = flatten(replace(problem, vehicles=tuple(vehicles)), scheduler.travel)

    def inner(self, sequence: Sequence[int]) -> list[int]:
        """Nodes for a sequence; a reload beyond its copies is left away."""
        used = dict.fromkeys(self._copies, 0)
        nodes = []
        for one in sequence:
            if one not in used:
                nodes.append(one)
            elif used[one] < len(self._copies[one]):
                nodes.append(self._copies[one][used[one]])
                used[one] += 1
        return nodes

    def outer(self, nodes: Sequence[int]) -> list[int]:
        """The sequence that nodes stand for."""
        return [self._code.get(node, node) for node in nodes] if self._code else list(nodes)


class Annealer:
    """Tours of one problem that are made better. `tours` are the best so far, `units` their cost with what is left out.

    `ready` says whether setting up was not stopped by `on` (asked now and then).
    """

    def __init__(self, scheduler: Scheduler, *, seed: int, on: Callable[[], bool]) -> None:
        self._codes = Codes(scheduler)
        self.data, self.seed, self._on = self._codes.data, seed, on
        self._count = int(self.data.glob[VISITS])
        self.possible: list[int] = []
        self.units = 0
        self._tours: Tours | None = {}
        self._kept: list[tuple[Small, Small]] = []  # vans and successors of the best tours, not yet read
        self.steps = 0
        self._parts_made = 0
        self._state: State = fresh(self.data)
        found = nearness(self.data, NEAR, CLOSE, on)
        self.ready = found is not None
        nobody = np.zeros((self._count, 1, 3), np.int32), np.zeros((self._count, 1), np.int32)
        self._near, self._close = found or nobody

    @property
    def tours(self) -> Tours:
        """The best tours so far: nodes in order, by van; used vans only."""
        if self._tours is None:
            self._tours = {
                van: self._codes.outer(tour)
                for vans, kept in self._kept
                for van, tour in tours_along(self.data, vans, kept).items()
            }
        return self._tours

    def absent(self) -> list[int]:
        """Visits that could be made and are in none of the best tours."""
        made = {at for codes in self.tours.values() for at in codes}
        return [at for at in self.possible if at not in made]

    def begin(self, possible: Sequence[int], tours: Mapping[int, Sequence[int]]) -> None:
        """Set what can be made at all, and tours that keep every rule; the rest is put in where it costs least."""
        data = self.data
        self.possible = list(possible)
        self.adopt(tours)
        made = {at for sequence in tours.values() for at in sequence}
        shuffled = np.random.default_rng(self.seed).permutation(self.possible).tolist()
        order = [at for at in shuffled if at not in made and data.node[at, ROLE] != DELIVERY]
        state, work = self._part(self._all_vans(), self.possible)
        work.ctl[ABSENT] = 0
        for first in range(0, len(order), 500):
            if first and not self._on():
                break
            anneal.fill(data, state, work, np.array(order[first : first + 500], np.int32))
        self._take_present()

    def adopt(self, tours: Mapping[int, Sequence[int]]) -> None:
        """Make these the present and the best tours. They keep every rule."""
        self._state = z = fresh(self.data)
        data = self.data
        buffer, out, table = np.zeros(data.node.shape[0], np.int32), np.zeros(OUT_SIZE, np.int64), room()
        for van, sequence in tours.items():
            before = first_sentinel(data, van)
            end = before + 1
            for node in self._codes.inner(sequence):
                z.nxt[before], z.prv[node], z.owner[node] = node, before, van
                before = node
            z.nxt[before], z.prv[end] = end, before
            if not refresh(data, z, van, buffer, out, table):
                raise AssertionError(f"the tour of vehicle {van} breaks a rule")
        for at in range(self._count):
            if z.owner[at] >= 0:
                count_in(data, z, at)
        self._take_present()

    def spare(self) -> int | None:
        """The used van whose visits are the fewest, if vans that are used too may make them; None if there is none."""
        data, used = self.data, sorted(self.tours)
        for van in sorted(used, key=lambda one: (len(self.tours[one]), one)):
            others = [one for one in used if one != van]
            visits = [at for at in self.tours[van] if at < self._count]
            if others and bool(data.may[np.ix_(visits, others)].any(axis=1).all()):
                return van
        return None

    def without(self, van: int, pace: Pace, report: Report) -> bool:
        """Anneal with the used vans but this one; whether that was cheaper. Otherwise the tours are what they were."""
        tours, units = self.tours, self.units
        others = {one: codes for one, codes in tours.items() if one != van}
        self.adopt(others)
        self.run(pace, report, warm=REHEATED, vans=sorted(others))
        if self.units < units:
            return True
        self.adopt(tours)
        return False

    def run(
        self, pace: Pace, report: Report, *, threads: int = 1, warm: float = WARM, vans: Sequence[int] | None = None
    ) -> None:
        """Anneal for as long as `pace` says; `warm` is the first temperature in mean costs of a leg.

        With `vans` only these are used, in one thread.
        """
        if len(self.possible) < 2:
            return
        leg = self._mean_leg()

        def heat(share: float) -> float:
            return float(leg * warm * (COOL / warm) ** min(1.0, share))

        if vans is not None or threads < 2 or len(self.possible) < PARTS_FROM or self._tied():
            part = self._part(self._all_vans() if vans is None else vans, self.possible)

            def look() -> bool:
                self._keep([part[1]])
                return report()

            self._loop(part, pace, 1.0, 1, heat, look)
            return
        steps, going = 0, True

        def lead() -> bool:
            nonlocal going
            going = report()
            return going

        for number in range(1, ROUNDS + 1):
            parts = [self._part(vans, visits) for vans, visits in self._cut(threads)]
            shared = (pace, number / ROUNDS, threads, heat)
            others = [
                threading.Thread(target=self._loop, args=(part, *shared, lambda: going, steps), daemon=True)
                for part in parts[1:]
            ]
            for one in others:
                one.start()
            steps = self._loop(parts[0], *shared, lead, steps)
            for one in others:
                one.join()
            self._keep([work for _, work in parts])
            if not lead() or pace.late():
                return

    def _loop(
        self,
        part: tuple[State, Work],
        pace: Pace,
        until: float,
        side_by_side: int,
        heat: Callable[[float], float],
        look: Report,
        done: int = 0,
    ) -> int:
        """One part's slices until the share of the work is `until`; returns the steps made so far, `done` included."""
        state, work = part
        count = 20 if pace.steps is None else SLICE_STEPS
        while (share := pace.share(done * side_by_side)) < until and not pace.late():
            if pace.steps is not None:
                left = until * pace.steps / side_by_side - done
                count = max(1, min(SLICE_STEPS, round(left)))
            began = time.monotonic()
            anneal.anneal(self.data, state, work, count, heat(share))
            done += count
            if pace.steps is None:
                taken = time.monotonic() - began
                count = max(1, int(count * min(2.0, max(0.3, SLICE_S / max(taken, 1e-5)))))
            if not look():
                break
        self.steps += done
        return done

    def _part(self, vans: Sequence[int], visits: Sequence[int]) -> tuple[State, Work]:
        self._parts_made += 1
        return part_of(
            self.data, self._state, self._near, self._close, visits, vans, seed=self.seed, number=self._parts_made
        )

    def _keep(self, works: Sequence[Work]) -> None:
        """The best of every part together, if that is better than what is known."""
        units = sum(int(work.ctl[BEST]) for work in works) + self._never_units()
        if units < self.units:
            self.units = units
            self._tours, self._kept = None, [(work.vans, work.kept.copy()) for work in works]

    def _take_present(self) -> None:
        """What the nodes say now is the best so far."""
        data, z = self.data, self._state
        everybody = np.arange(data.van.shape[0], dtype=np.int32)
        self._tours = {van: self._codes.outer(tour) for van, tour in tours_along(data, everybody, z.nxt).items()}
        used = z.tour[:, COUNT] > 0
        units = int(z.tour[used, UNITS].sum())
        units += int(data.node[: self._count][z.owner[: self._count] < 0, PRICE].sum())
        if data.glob[BALANCE] and used.any():
            spans = z.tour[used, DURATION]
            units += int(data.glob[BALANCE]) * int(spans.max() - spans.min())
        self.units = units

    def _never_units(self) -> int:
        """Price of the visits that cannot be made at all."""
        return int(self.data.node[: self._count, PRICE].sum() - self.data.node[self.possible, PRICE].sum())

    def _all_vans(self) -> list[int]:
        return list(range(self.data.van.shape[0]))

    def _mean_leg(self) -> float:
        """Mean units of driving to the next stop, over the present tours."""
        data, z = self.data, self._state
        units, legs = 0, 0
        for van, nodes in tours_along(data, np.arange(data.van.shape[0], dtype=np.int32), z.nxt).items():
            rows = z.fwd[[*nodes, first_sentinel(data, van) + 1]]
            units += int(data.van[van, KM] * rows[:, ARC_M].sum() + data.van[van, HOUR] * rows[:, ARC_S].sum())
            legs += len(nodes)
        return max(1.0, units / max(1, legs))

    def _tied(self) -> bool:
        """Whether some rule ties tours together, so that parts cannot be searched side by side."""
        glob = self.data.glob
        return bool(glob[GROUPS] or glob[APARTS] or glob[BALANCE] or glob[MAX_CHANGES] < NEVER)

    def _cut(self, threads: int) -> list[tuple[list[int], list[int]]]:
        """Vans and visits in as many parts as threads: tours in order of their distance from a point at the edge."""
        data, z = self.data, self._state
        rng = np.random.default_rng((self.seed, self._parts_made))
        possible = np.array(self.possible, np.int32)
        places = data.node[possible, PLACE]
        distance = data.metres if data.metres.any() else data.seconds[0]
        some = int(data.node[rng.choice(possible), PLACE])
        edge = int(
            data.node[rng.choice(possible[np.argsort(distance[some, places])[-max(1, possible.size // 20) :]]), PLACE]
        )
        owner = z.owner[possible]
        used = [van for van in self._all_vans() if z.tour[van, COUNT] > 0]
        away = np.bincount(owner[owner >= 0], weights=distance[edge, places[owner >= 0]], minlength=data.van.shape[0])
        used.sort(key=lambda van: (away[van] / z.tour[van, COUNT], van))
        parts: list[tuple[list[int], list[int]]] = [([], []) for _ in range(threads)]
        part_of_van = {}
        seen, total = 0, sum(int(z.tour[van, COUNT]) for van in used)
        for van in used:
            number = min(threads - 1, seen * threads // max(1, total))
            seen += int(z.tour[van, COUNT])
            part_of_van[van] = number
            parts[number][0].append(van)
        idle = [van for van in self._all_vans() if z.tour[van, COUNT] == 0]
        idle.sort(key=lambda van: int(data.van[van, KIND]))
        for turn, van in enumerate(idle):
            parts[turn % threads][0].append(van)
        pickups: dict[int, int] = {}
        for at, van in zip(possible.tolist(), owner.tolist(), strict=True):
            if van >= 0:
                parts[part_of_van[van]][1].append(at)
                continue
            partner = int(data.node[at, PARTNER])
            number = pickups.get(partner, int(rng.integers(threads)))
            pickups[at] = number
            parts[number][1].append(at)
        return [part for part in parts if part[0] and part[1]]
