"""Groups of neighbouring tours, searched again by OR-Tools as small problems of their own.

POPMUSIC (Taillard & Voss 2002, doi:10.1007/978-1-4615-1507-4_27): a group that gave nothing is not tried again until
it has changed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import numpy as np

from routing.solver.annealer import Tours
from routing.solver.ortools_engine import Part
from routing.solver.problem import Problem, Travel

#: Visits of a group, and how long it is searched at most.
GROUP_VISITS, GROUP_SECONDS = 50, 0.4
#: How many centres are drawn before all groups are taken to be fruitless.
DRAWS = 20


class Groups:
    """Chooses groups among the tours of one problem and remembers the fruitless ones."""

    def __init__(self, problem: Problem, travel: Travel, possible: Sequence[int], *, seed: int) -> None:
        self._problem, self._travel = problem, travel
        self._possible = np.array(possible, np.int64)
        self._places = np.array([visit.place for visit in problem.visits], np.int64)[self._possible]
        self._random = random.Random(seed)
        self._fruitless: set[frozenset[tuple[int, tuple[int, ...]]]] = set()

    def improve(self, tours: Tours, *, until: float, take: Callable[[Tours], bool]) -> bool:
        """Search one group until the monotonic `until` at the latest; `take` is given all tours when some are new.

        `take` says whether they were better; False comes back when no group is worth another try.
        """
        group = self._group(tours)
        if group is None:
            return False
        vans, visits = group
        key = frozenset((van, tuple(tours.get(van, ()))) for van in vans)
        seconds = min(GROUP_SECONDS, until - time.monotonic())
        start = {van: tours[van] for van in vans if van in tours}
        found = Part(self._problem, self._travel, vans, visits).search(start, seconds=seconds) if seconds > 0 else None
        if found is None or not take({**{van: one for van, one in tours.items() if van not in start}, **found}):
            self._fruitless.add(key)
        return True

    def _group(self, tours: Tours) -> tuple[list[int], list[int]] | None:
        """Tours around a visit drawn by lot, with an unused van, and the visits: theirs and near ones left out."""
        count = len(self._problem.visits)
        owner = {at: van for van, codes in tours.items() for at in codes if at < count}
        spare = [van for van in range(len(self._problem.vehicles)) if van not in tours]
        for _ in range(DRAWS):
            vans: list[int] = []
            visits: list[int] = []
            out = 0
            for at in self._around(self._random.randrange(self._possible.size)):
                van = owner.get(at)
                if van is None:
                    if out < GROUP_VISITS // 4:
                        visits.append(at)
                        out += 1
                elif van not in vans:
                    stops = [one for one in tours[van] if one < count]
                    if vans and len(visits) + len(stops) > 1.3 * GROUP_VISITS:
                        break
                    vans.append(van)
                    visits += stops
                if len(visits) >= GROUP_VISITS:
                    break
            if spare:
                vans.append(self._random.choice(spare))
            if frozenset((van, tuple(tours.get(van, ()))) for van in vans) not in self._fruitless:
                return vans, visits
        return None

    def _around(self, centre: int) -> list[int]:
        """Visits by index, nearest first, beginning with the centre itself."""
        here = self._places[centre]
        away = self._travel.seconds[here, self._places].astype(np.int64) + self._travel.metres[here, self._places]
        away[centre] = -1
        return [int(at) for at in self._possible[np.argsort(away, kind="stable")[:400]]]
