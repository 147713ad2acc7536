"""All positions of all tours in flat arrays, to screen a visit against every one of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from routing.solver.problem import Travel
from routing.solver.schedule import Outline, Scheduler

IntTable = npt.NDArray[np.int64]

_FAR = 1 << 40
_COLUMNS = ("_before", "_after", "_leave", "_latest", "_arc_s", "_arc_m")


class Board:
    """One row per vehicle, one column per position. Breaks stay on the leg where the present tour has them.

    Of empty vehicles that are alike one is open, unless visits are locked to vehicles.
    """

    def __init__(self, scheduler: Scheduler, travel: Travel) -> None:
        self.scheduler, self.problem = scheduler, scheduler.problem
        vehicles, visits = self.problem.vehicles, self.problem.visits
        self._from_s = np.pad(travel.seconds, (0, 1)).astype(
            np.int64
        )  # the last place is nowhere: open tours end there
        self._to_s = np.ascontiguousarray(self._from_s.T)
        self._from_m = np.pad(travel.metres, (0, 1))
        self._to_m = np.ascontiguousarray(self._from_m.T)
        self._nowhere = travel.places
        kinds = (
            list(range(len(vehicles))) if any(one.allowed_vehicles is not None for one in visits) else scheduler.kinds
        )
        self._alike = [
            [other for other, kind in enumerate(kinds) if kind == kinds[van]] for van in range(len(vehicles))
        ]
        shape = (len(vehicles), len(self.problem.dimensions))
        self._free = np.array([one.room for one in scheduler.drivers], dtype=np.int64).reshape(shape)
        self._room = self._free.copy()
        self._loads = np.array([one.load for one in visits], dtype=np.int64).reshape(len(visits), shape[1])
        self._spare = np.array([_FAR if one.max_visits is None else one.max_visits for one in vehicles])
        self._hour = np.array([[one.cents_per_hour / 3600] for one in vehicles])
        self._metre = np.array([[one.cents_per_km / 1000] for one in vehicles])
        self._fixed = np.array([float(one.fixed_cents) for one in vehicles])
        self._able: dict[tuple[frozenset[str], frozenset[str] | None], npt.NDArray[np.bool_] | None] = {}
        self._lengths = [-1] * len(vehicles)
        self._before: IntTable
        self._after: IntTable
        self._leave: IntTable
        self._latest: IntTable
        self._arc_s: IntTable
        self._arc_m: IntTable
        self._widen(12)
        for van in range(len(vehicles)):
            self.write(van, (), None)

    def write(self, van: int, sequence: Sequence[int], outline: Outline | None) -> None:
        """The tour of `van` is now `sequence`, timed by `outline` (None for an empty one)."""
        length, until = len(sequence), len(sequence) + 1
        if until > self._width:
            self._widen(until + 8)
        columns = self.scheduler.positions(van, sequence, outline, self._nowhere)
        for name, values in zip(_COLUMNS, columns, strict=True):
            getattr(self, name)[van, :until] = values
        self._leave[van, until:] = _FAR
        if self._loads.shape[1]:
            self._free[van] = self._room[van] - self._loads[list(sequence)].sum(axis=0) if length else self._room[van]
        self._spare[van] -= length - max(0, self._lengths[van])
        emptied = (length == 0) != (self._lengths[van] == 0)
        self._lengths[van] = length
        if emptied:
            self._fixed[van] = 0.0 if length else float(self.problem.vehicles[van].fixed_cents)
            empty = [other for other in self._alike[van] if self._lengths[other] == 0]
            for other in empty:
                start = self.problem.vehicles[other].shift.earliest_s
                self._leave[other, 0] = start if other == empty[0] else _FAR

    def candidates(self, at: int, most: int) -> list[tuple[float, int, int]]:
        """Up to `most` positions (estimated Δcents, vehicle, position) that look possible, cheapest first."""
        place, service_s, windows, rate = self.scheduler.stop(at)
        to_s, on_s = self._to_s[place].take(self._before), self._from_s[place].take(self._after)
        arrive = self._leave + to_s
        start = np.maximum(arrive, windows[0][0])
        possible = start + on_s <= self._latest - service_s
        if rate is None:
            possible &= arrive <= windows[-1][1]
        fits = self._spare > 0
        if self._loads.shape[1]:
            fits &= (self._free >= self._loads[at]).all(axis=1)
        able = self._may(at)
        if able is not None:
            fits &= able
        possible &= fits[:, None]
        where = np.flatnonzero(possible)
        if not where.size:
            return []
        rows = where // self._width
        detour_m = self._to_m[place].take(self._before) + self._from_m[place].take(self._after) - self._arc_m
        # Waiting is paid unless the tour can begin later; half of it is a fair guess, the exact price decides.
        detour_s = to_s + on_s - self._arc_s + (start - arrive) // 2 + service_s
        cents = (detour_s * self._hour + detour_m * self._metre).take(where) + self._fixed[rows]
        if rate is not None:
            cents += np.maximum(0, arrive.take(where) - windows[-1][1]) * (rate / 3600)
        if where.size > most:
            chosen = np.argpartition(cents, most)[:most]
            where, cents = where[chosen], cents[chosen]
        return sorted(
            (float(price), *divmod(int(cell), self._width))
            for price, cell in zip(cents.tolist(), where.tolist(), strict=True)
        )

    def _widen(self, width: int) -> None:
        vans, old = len(self.problem.vehicles), getattr(self, "_width", 0)
        for name in _COLUMNS:
            wider = np.full((vans, width), _FAR if name == "_leave" else 0, dtype=np.int64)
            if old:
                wider[:, :old] = getattr(self, name)
            setattr(self, name, wider)
        self._width = width

    def _may(self, at: int) -> npt.NDArray[np.bool_] | None:
        """Which vehicles have the skills and no lock against them; None for all."""
        visit = self.problem.visits[at]
        key = (visit.skills, visit.allowed_vehicles)
        if key not in self._able:
            able = np.array([self.scheduler.may_serve(van, at) for van in range(len(self.problem.vehicles))])
            self._able[key] = None if able.all() else able
        return self._able[key]
