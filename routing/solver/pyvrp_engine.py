"""PyVRP's iterated local search on what it can express of a problem: answers are tours, its objective is ours.

PyVRP (Wouda, Lan & Kool 2024, doi:10.1287/ijoc.2023.0055) holds windows, several loads, different vans, several
depots, reloads, pairs, optional visits and more, but no breaks, soft windows or balance: `can_express` says so. It
releases the interpreter's lock while it works. One step of it cannot be interrupted and takes long where there are
thousands of visits, so those run in a thread that is left behind when the time is up and ends at its next step.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pyvrp
import pyvrp.search
from pyvrp import (
    CostEvaluator,
    IteratedLocalSearch,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    RandomNumberGenerator,
    Solution,
)
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks

from routing.solver.fit import Fit, room
from routing.solver.problem import Problem, Travel
from routing.solver.pyvrp_fit import reason
from routing.solver.pyvrp_model import Model, Tours

__all__ = ["Tours", "can_express", "penalties", "search"]

#: From this many visits on a single step may last so long that the search runs in a thread of its own.
_IN_A_THREAD = 400
#: Seconds of setting up (matrices, neighbours) for each pair of visits, on a busy machine.
_SET_UP_S = 3e-7
#: How long the end of the interpreter waits for threads that were left behind.
_PATIENCE_S = 30.0


def can_express(
    problem: Problem, travel: Travel, *, vehicles: Sequence[int] | None = None, visits: Sequence[int] | None = None
) -> str | None:
    """Why PyVRP cannot hold the problem (or the part with these vehicles and visits); None when it can."""
    vans = range(len(problem.vehicles)) if vehicles is None else vehicles
    stops = range(len(problem.visits)) if visits is None else visits
    return reason(problem, travel, vans, stops, Fit(problem, vans, stops))


def search(
    problem: Problem,
    travel: Travel,
    tours: Mapping[int, Sequence[int]] | None,
    *,
    seconds: float,
    seed: int,
    max_iterations: int | None = None,
    vehicles: Sequence[int] | None = None,
    visits: Sequence[int] | None = None,
    on_solution: Callable[[Tours], bool] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Tours | None:
    """Best tours found in `seconds` (and `max_iterations`), beginning with `tours` if given; None if none was found.

    With `vehicles` and `visits` (indices) only this part is planned. Visits that pay for a tour of their own twice over
    are treated as compulsory, which makes the search several times faster; where that turns out to be impossible, or
    `tours` leave them out, they are optional. `on_solution` sees better solutions, and ends the search by returning
    False. Where the time is too short even to set up so many visits, `tours` come back. With the same seed and
    `max_iterations`, and enough seconds, the answer is the same. Raises ValueError where `can_express` has a reason.
    """
    deadline = time.monotonic() + seconds
    vans = range(len(problem.vehicles)) if vehicles is None else vehicles
    stops = range(len(problem.visits)) if visits is None else visits
    fit = Fit(problem, vans, stops)
    if (why := reason(problem, travel, vans, stops, fit)) is not None:
        raise ValueError(why)
    if not fit.kinds or not stops:
        return {}
    if len(stops) ** 2 * _SET_UP_S > seconds:  # setting up cannot be interrupted
        return None if tours is None else {van: list(sequence) for van, sequence in tours.items()}
    required = _worthwhile(problem, travel, fit, stops)
    if tours is not None:
        required &= {at for sequence in tours.values() for at in sequence}
    run = _Run(
        Model(problem, travel, vans, stops, fit, required), tours, seed, max_iterations, on_solution, should_stop
    )
    until = deadline if not required or tours is not None else deadline - seconds / 2
    found = run.search(until, end=deadline)
    if found is None and required and not run.ended and time.monotonic() < deadline:
        # Not all of them fit: ask again with all of them optional.
        run = _Run(Model(problem, travel, vans, stops, fit), tours, seed, max_iterations, on_solution, should_stop)
        found = run.search(deadline, end=deadline)
    return found


class _Run:
    """One search of one model: the best feasible solution so far, and whether its listener wants no more."""

    def __init__(
        self,
        model: Model,
        tours: Mapping[int, Sequence[int]] | None,
        seed: int,
        max_iterations: int | None,
        on_solution: Callable[[Tours], bool] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._model, self._start, self._seed, self._on_solution = model, tours, seed, on_solution
        self._should_stop, self._asked_at = should_stop, 0.0
        self._left = max_iterations
        self._best: Tours | None = None
        self._best_cost = 0
        self._until = 0.0
        self._end = 0.0
        self._given_up = False
        self._failure: BaseException | None = None
        self.ended = False

    def search(self, until: float, *, end: float) -> Tours | None:
        """Search until `until` (monotonic), and on to `end` if by then anything feasible was found."""
        self._until, self._end = until, end
        if len(self._model.visits) < _IN_A_THREAD:
            self._work()
        else:
            thread = threading.Thread(target=self._guarded, daemon=True, name="pyvrp")
            _left_behind.append(thread)
            thread.start()
            while thread.is_alive() and (wait := self._limit() - time.monotonic()) > 0:
                thread.join(wait)
            thread.join(0.05)
            self._given_up = True
            _left_behind[:] = [one for one in _left_behind if one.is_alive()]
        if self._failure is not None:
            raise self._failure
        return self._best

    def _limit(self) -> float:
        return self._end if self._best is not None else self._until

    def _guarded(self) -> None:
        try:
            self._work()
        except BaseException as failure:  # told to the caller, in whose thread it belongs
            self._failure = failure

    def __call__(self, best_cost: int) -> bool:
        """Whether to stop: PyVRP asks after every step."""
        if self._left is not None:
            self._left -= 1
        over = self._left is not None and self._left < 0
        now = time.monotonic()
        if self._should_stop is not None and now >= self._asked_at + 0.01:
            self._asked_at = now
            self.ended = self.ended or self._should_stop()
        return over or self.ended or self._given_up or now >= self._limit()

    def _found(self, solution: Solution) -> None:
        if self._given_up or not solution.is_feasible():
            return
        cost = CostEvaluator([0] * self._model.data.num_load_dimensions, 0, 0).cost(solution)
        if self._best is not None and cost >= self._best_cost:
            return
        tours = self._model.tours(solution)
        if any(route.num_trips() > 1 for route in solution.routes()):
            # Trips without visits were left out; where the way led through their depots, nothing may be left of it.
            again = self._model.solution(tours)
            if again is None or not again.is_feasible():
                return
        self._best, self._best_cost = tours, cost
        if self._on_solution is not None and not self._on_solution(tours):
            self.ended = True

    def _work(self) -> None:
        data, run = self._model.data, self
        random = RandomNumberGenerator(seed=self._seed)
        neighbours = pyvrp.search.compute_neighbours(data)
        local = pyvrp.search.LocalSearch(data, random, neighbours, pyvrp.search.PerturbationManager())
        for operator in pyvrp.search.OPERATORS:
            if operator.supports(data):
                local.add_operator(operator(data))
        usual, most = penalties(self._model)
        begin = ([usual / 2] * data.num_load_dimensions, usual / 2, usual / 2)
        manager = _Penalties(begin, PenaltyParams(max_penalty=most))
        nothing = Solution(data, list[pyvrp.Route]())
        if nothing.is_feasible():  # where nothing is compulsory
            self._best, self._best_cost = {}, manager.cost_evaluator().cost(nothing)
        start = None if self._start is None else self._model.solution(self._start)
        if start is None:
            start = local(Solution.make_random(data, random), manager.max_cost_evaluator(), exhaustive=True)
        elif data.num_clients + data.num_shipments < _IN_A_THREAD:
            self._found(start)
            better = local(start, manager.max_cost_evaluator(), exhaustive=True)
            start = better if better.is_feasible() or not start.is_feasible() else start
        self._found(start)

        class Listener(IteratedLocalSearchCallbacks):
            def on_best(self, best: Solution) -> None:
                run._found(best)

        parameters = IteratedLocalSearchParams(callbacks=Listener())
        IteratedLocalSearch(data, manager, local, start, parameters).run(self, collect_stats=False)


class _Penalties(PenaltyManager):
    """PyVRP's, but it stays just below its bound, where it would warn: what is not possible is said by the answer."""

    def _compute(self, penalty: float, feas_percentage: float) -> float:
        return float(min(super()._compute(penalty, feas_percentage), 0.999 * self._params.max_penalty))


def penalties(model: Model) -> tuple[float, float]:
    """The usual and the largest penalty for a unit too much.

    Usual are PyVRP's own 100,000, which suit costs of about one per second or metre, times what a second costs here.
    Where prizes are larger than that, so may the penalty be, or it would pay to break a rule for one.
    """
    data = model.data
    usual = 1.0
    for one in data.vehicle_types():
        distances, durations = data.distance_matrix(one.profile), data.duration_matrix(one.profile)
        speed = float(distances.mean()) / max(1.0, float(durations.mean()))
        usual = max(usual, one.unit_distance_cost, one.unit_duration_cost + one.unit_distance_cost * speed)
    prizes = [one.prize for one in data.clients() if not one.required]
    prizes += [one.prize for one in data.shipments() if not one.required]
    return min(1e5 * usual, 1e12), min(max(1e5 * usual, *prizes, 1.0), 1e12)


def _worthwhile(problem: Problem, travel: Travel, fit: Fit, visits: Sequence[int]) -> frozenset[int]:
    """Visits whose price is twice that of a tour of their own, which exists: leaving them out hardly ever pays."""
    fleet = [problem.vehicles[kind[0]] for kind in fit.kinds]
    found = set()
    for column, at in enumerate(visits):
        visit = problem.visits[at]
        for row in range(len(fleet)):
            if fit.able[row, column]:
                vehicle, loads = fleet[row], (visit.load, visit.pickup or ())
                roomy = all(load <= room(vehicle, d) for amounts in loads for d, load in enumerate(amounts))
                there_s = int(travel.seconds[vehicle.start_place, visit.place])
                begin = vehicle.shift.earliest_s + there_s
                if (
                    not roomy
                    or begin > vehicle.shift.latest_s
                    or (visit.windows and begin > visit.windows[-1].latest_s)
                ):
                    continue
                metres = 2 * int(travel.metres[vehicle.start_place, visit.place])
                alone = vehicle.fixed_cents + int(fit.extra_cents[row, column])
                alone += vehicle.cents_per_hour * (2 * there_s + visit.service_s) // 3600
                alone += vehicle.cents_per_km * metres // 1000
                if visit.price_cents >= 2 * alone:
                    found.add(at)
                break
    for pair in problem.pairs:
        both = {problem.visit_at(pair.pickup), problem.visit_at(pair.delivery)}
        if not both <= found:
            found -= both
    return frozenset(found)


_left_behind: list[threading.Thread] = []


@atexit.register
def _wait_for_the_rest() -> None:
    """A thread inside compiled code must not outlive the interpreter."""
    until = time.monotonic() + _PATIENCE_S
    for thread in _left_behind:
        thread.join(max(0.0, until - time.monotonic()))
