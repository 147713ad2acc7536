"""Ruin and recreate: take neighbouring strings of visits out of their tours and put them back where they cost least.

Slack induction by string removals (Christiaens & Vanden Berghe 2020, doi:10.1287/trsc.2019.0914) with simulated
annealing over the time given. All positions of all tours are screened at once in NumPy (detour, windows, latest
arrivals, room); the few best are priced by the exact schedule, so breaks, overtime and paid waiting count in full.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence

from routing.solver.board import Board
from routing.solver.problem import Travel
from routing.solver.schedule import Outline, Scheduler

Tours = dict[int, list[int]]

#: Visits removed on average, longest string, chance to skip over a good position (the paper's values).
REMOVED, LONGEST, BLINK = 10, 10, 0.01
#: Temperatures at the start and at the end, as parts of what a visit costs on average.
HOT, COLD = 0.3, 0.006
#: Positions that are priced exactly for a visit; and at most, while none of them is possible.
EXACT, LAST = 3, 20
#: Chance to empty a whole tour instead of cutting strings: the way to need fewer vans.
WHOLE = 0.03


class Ruin:
    """One run over a set of tours; `tours`, `prices` and `out` hold the current state, `best_…` the best one seen."""

    def __init__(
        self,
        scheduler: Scheduler,
        travel: Travel,
        tours: Tours,
        out: set[int],
        neighbours: Callable[[int], Sequence[int]],
        chance: random.Random,
    ) -> None:
        self.scheduler, self.random, self._neighbours = scheduler, chance, neighbours
        self.problem = scheduler.problem
        self.board = Board(scheduler, travel)
        self.tours: Tours = {}
        self.prices: dict[int, int] = {}
        self.owner: dict[int, int] = {}
        for van, sequence in tours.items():
            self._put(van, list(sequence))
        self.out = set(out)
        self.visits = [*self.owner, *sorted(out)]
        places = [vehicle.start_place for vehicle in self.problem.vehicles]
        away = travel.seconds[places][:, [visit.place for visit in self.problem.visits]].min(axis=0)
        self._away = [int(one) for one in away]
        self.cost = self._cost()
        self._remember()

    def fill(self) -> None:
        """Insert everything that is out and pays, the hardest to place first."""
        self._recreate(sorted(self.out, key=self._hardness))
        self.cost = self._cost()
        self._remember()

    def run(self, until: float, on_step: Callable[[], bool], steps: int | None = None) -> None:
        """Ruin and recreate until the monotonic time `until`, `steps` are done or `on_step` returns False."""
        began, step = time.monotonic(), 0
        mean = max(1.0, self.cost / max(1, len(self.visits)))
        while step != steps:
            now = time.monotonic()
            if not self.visits or now >= until or not on_step():
                return
            share = step / steps if steps else (now - began) / max(1e-6, until - began)
            heat = mean * HOT * (COLD / HOT) ** min(1.0, share)
            before = self.cost
            out_before = set(self.out)
            undo, removed = self._ruin()
            self.out.update(removed)
            self._recreate(self._ordered(self._worth_trying(removed)), undo)
            self.cost = self._cost()
            if self.cost < self.best_cost:
                self._remember()
            elif self.cost >= before - heat * math.log(1.0 - self.random.random()):
                for van, sequence in undo.items():
                    self._put(van, sequence)
                self.out = out_before
                self.cost = before
            step += 1

    def _worth_trying(self, removed: list[int]) -> list[int]:
        """The removed visits and some of those that were out already."""
        others = sorted(self.out.difference(removed))
        if len(others) > 10:
            others = self.random.sample(others, 10)
        return removed + others

    def _cost(self) -> int:
        return sum(self.prices.values()) + sum(self.problem.visits[at].price_cents for at in self.out)

    def _remember(self) -> None:
        self.best_cost = self.cost
        self.best_tours = {van: list(sequence) for van, sequence in self.tours.items()}
        self.best_out = set(self.out)

    def _put(self, van: int, sequence: list[int], outline: Outline | None = None) -> bool:
        """The tour of `van` is now `sequence`; False (and nothing done) if that breaks a rule."""
        if sequence:
            outline = outline or self.scheduler.outline(van, sequence)
            if outline is None:
                return False
            self.tours[van] = sequence
            self.prices[van] = self.scheduler.cents(van, outline)
            for at in sequence:
                self.owner[at] = van
        else:
            self.tours.pop(van, None)
            self.prices.pop(van, None)
        self.board.write(van, sequence, outline)
        return True

    def _ruin(self) -> tuple[Tours, list[int]]:
        """Remove strings around a random visit; the tours as they were, and the removed visits."""
        chance = self.random
        centre = chance.choice(self.visits)
        mean_length = sum(map(len, self.tours.values())) / max(1, len(self.tours))
        longest = min(LONGEST, mean_length)
        strings = int(chance.uniform(1, 4 * REMOVED / (1 + longest) - 1 + 1)) if longest >= 1 else 1
        before: Tours = {}
        removed: list[int] = []
        if chance.random() < WHOLE and len(self.tours) > 1:
            whole = min(chance.sample(sorted(self.tours), 2), key=lambda one: len(self.tours[one]))
            before[whole] = self.tours[whole]
            removed += self.tours[whole]
            strings = 1
        for at in [centre, *self._neighbours(centre)]:
            if len(before) >= strings:
                break
            van = self.owner.get(at)
            if van is None or van in before or at in self.out:
                continue
            sequence = self.tours[van]
            length = int(chance.uniform(1, min(longest, len(sequence)) + 1))
            before[van] = sequence
            taken = self._string(sequence, sequence.index(at), min(length, len(sequence)))
            removed += taken
        gone = set(removed)
        for van, sequence in before.items():
            # Less to do is not always possible: a detour may be what keeps a way open.
            if not self._put(van, [at for at in sequence if at not in gone]):
                gone.difference_update(sequence)
        removed = [at for at in removed if at in gone]
        for at in removed:
            del self.owner[at]
        return before, removed

    def _string(self, sequence: list[int], index: int, length: int) -> list[int]:
        """A string of `length` that contains `index`, half the time around some visits that stay."""
        chance = self.random
        keep = 0
        if length > 1 and length < len(sequence) and chance.random() < 0.5:
            keep = 1
            while length + keep < len(sequence) and chance.random() > 0.01 and keep < 4 and chance.random() < 0.5:
                keep += 1
        span = length + keep
        first = chance.randint(max(0, index - span + 1), min(index, len(sequence) - span))
        skip = first + chance.randint(1, length - 1) if keep and length > 1 else first + span
        return [at for place, at in enumerate(sequence[first : first + span], first) if not skip <= place < skip + keep]

    def _hardness(self, at: int) -> tuple[int, int]:
        visit = self.problem.visits[at]
        width = sum(window.latest_s - window.earliest_s for window in visit.windows) if visit.windows else 1 << 30
        return (width, -self._away[at])

    def _ordered(self, visits: list[int]) -> list[int]:
        """In one of several orders, drawn by lot."""
        self.random.shuffle(visits)
        problem, draw = self.problem, self.random.random()
        if draw < 0.35:
            return visits
        if draw < 0.55:
            return sorted(visits, key=lambda at: -sum(problem.visits[at].load))
        if draw < 0.7:
            return sorted(visits, key=lambda at: -self._away[at])
        if draw < 0.8:
            return sorted(visits, key=lambda at: self._away[at])
        if draw < 0.9:
            return sorted(visits, key=self._hardness)
        return sorted(
            visits, key=lambda at: problem.visits[at].windows[-1].latest_s if problem.visits[at].windows else 1 << 30
        )

    def _recreate(self, visits: Sequence[int], before: Tours | None = None) -> None:
        """Put each visit where it costs least; it stays out where nothing is possible or worth its price."""
        scheduler, board = self.scheduler, self.board
        for at in visits:
            price = self.problem.visits[at].price_cents
            best: tuple[int, int, list[int], Outline] | None = None
            for number, (estimate, van, position) in enumerate(board.candidates(at, LAST)):
                if best is not None and (number >= EXACT or estimate >= best[0]):
                    break
                if before is not None and self.random.random() < BLINK:
                    continue
                sequence = self.tours.get(van, [])
                trial = [*sequence[:position], at, *sequence[position:]]
                outline = scheduler.outline(van, trial)
                if outline is None:
                    continue
                delta = scheduler.cents(van, outline) - self.prices.get(van, 0)
                if delta < price and (best is None or delta < best[0]):
                    best = (delta, van, trial, outline)
            if best is not None:
                _, van, trial, outline = best
                if before is not None and van not in before:
                    before[van] = self.tours.get(van, [])
                self._put(van, trial, outline)
                self.out.discard(at)
