"""`solve`: from a problem to the best plan that can be found in the time given.

A first solution comes from the warm start or from insertion and is made better by ruin and recreate (see `ruin`);
then groups of neighbouring tours are taken out, searched again by guided local search as a small problem of their
own and put back when that is cheaper (POPMUSIC: Taillard & Voss 2002, doi:10.1007/978-1-4615-1507-4_27). Our own
schedule prices every change; the engine only proposes orders of visits. Small problems are one group. Times come
from `time.monotonic` and serve the budget.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from routing.solver.ortools_engine import Part, Tours
from routing.solver.plan import Plan, Unassigned, total_costs
from routing.solver.problem import Problem, ProblemError, Travel
from routing.solver.ruin import Ruin
from routing.solver.schedule import Scheduler
from routing.solver.why import explain_all

#: Up to so many visits a problem is searched as a whole.
WHOLE_VISITS = 40
#: Part of the time that belongs to ruin and recreate; the rest to the engine, which breaks make slow.
RUIN_SHARE, RUIN_SHARE_WITH_BREAKS = 0.6, 0.9
#: Visits in a group of neighbouring tours, and how long a group is searched at most.
GROUP_VISITS = 50
GROUP_SECONDS = 0.35
#: At the end, how long visits still left out are tried in every place of every tour.
COMPLETE_SECONDS = 0.5
#: Better plans are reported at least this often (while there are any).
REPORT_EVERY_S = 0.4


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: seconds since its start and the best plan so far (reasons not yet worked out)."""

    seconds: float
    cost_cents: int
    assigned: int
    unassigned: int
    plan: Plan


class _Search:
    """The best tours so far and everything that is needed to make them better."""

    def __init__(
        self,
        problem: Problem,
        travel: Travel,
        *,
        seconds: float,
        seed: int,
        progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.problem, self.travel = problem, travel
        self.scheduler = Scheduler(problem, travel)
        self.random = random.Random(seed)
        self._progress, self._should_stop = progress, should_stop
        self._reported_at, self._reported_cents = 0.0, -1
        self.tours: Tours = {}
        self.prices: dict[int, int] = {}
        self.out: set[int] = set()
        self.barred: set[int] = set()  # visits that no vehicle can make even if it makes nothing else
        self._near: dict[int, list[int]] = {}
        self._fruitless: set[frozenset[tuple[int, tuple[int, ...]]]] = set()

    def begin(self, initial: Plan | None) -> None:
        """Set the first tours: what is still possible of `initial`, else nothing."""
        scheduler, visits = self.scheduler, range(len(self.problem.visits))
        vehicles = range(len(self.problem.vehicles))
        self.barred = {
            at
            for at in visits
            if not any(scheduler.may_serve(van, at) and scheduler.price(van, [at]) is not None for van in vehicles)
        }
        used: set[int] = set()
        for vehicle_id, visit_ids in (initial.sequences() if initial else {}).items():
            if not self.problem.has_vehicle(vehicle_id):
                continue
            van = self.problem.vehicle_at(vehicle_id)
            sequence = [self.problem.visit_at(one) for one in visit_ids if self.problem.has_visit(one)]
            sequence = [at for at in sequence if at not in used and scheduler.may_serve(van, at)]
            sequence = _longest_possible(scheduler, van, sequence)
            if sequence:
                self.tours[van] = sequence
                used.update(sequence)
        self.prices = {van: self._price(van, sequence) for van, sequence in self.tours.items()}
        self.out = set(visits) - used

    def cost(self) -> int:
        """Cents of the best tours so far, prices of what is left out included."""
        return sum(self.prices.values()) + sum(self.problem.visits[at].price_cents for at in self.out)

    def left_s(self) -> float:
        """Seconds that remain of the budget."""
        return self.deadline - time.monotonic()

    def stopped(self) -> bool:
        """Whether the caller wants the best so far now, or the time is up."""
        return self.left_s() <= 0.005 or (self._should_stop is not None and self._should_stop())

    def report(self, *, force: bool = False) -> None:
        """Tell the caller about a better plan, not too often."""
        now, cents = time.monotonic(), self.cost()
        if self._progress is None or cents == self._reported_cents:
            return
        if not force and now - self._reported_at < REPORT_EVERY_S:
            return
        self._reported_at, self._reported_cents = now, cents
        plan = self.plan(
            [Unassigned(self.problem.visits[at].id, "pending", "Not placed yet.") for at in sorted(self.out)]
        )
        self._progress(Progress(now - self.began, cents, plan.assigned, len(plan.unassigned), plan))

    def plan(self, unassigned: Sequence[Unassigned]) -> Plan:
        """The tours so far, written out."""
        tours = []
        for van in sorted(self.tours):
            tour = self.scheduler.tour(van, self.tours[van])
            if tour is None:
                raise AssertionError(f"the tour of vehicle {van} was priced but cannot be scheduled")
            tours.append(tour)
        left_out = sum(self.problem.visit(one.visit).price_cents for one in unassigned)
        return Plan(tuple(tours), tuple(unassigned), total_costs(tours, left_out))

    def improve(self, vans: Sequence[int], visits: Sequence[int], *, seconds: float) -> bool:
        """Search one group again; whether it became cheaper."""
        before = sum(self.prices.get(van, 0) for van in vans)
        before += sum(self.problem.visits[at].price_cents for at in visits if at in self.out)
        start = {van: self.tours[van] for van in vans if van in self.tours}
        part = Part(self.problem, self.travel, vans, visits)

        def look(tours: Tours) -> bool:
            self._adopt(vans, visits, tours, before)
            self.report()
            return not self.stopped()

        found = part.search(
            start or None,
            seconds=min(seconds, self.left_s()),
            guided=True,
            on_solution=look if len(vans) >= len(self.tours) else None,
        )
        if found is None and start:
            found = part.search(None, seconds=min(seconds, self.left_s()), guided=False)
        if found is not None:
            self._adopt(vans, visits, found, before)
        after = sum(self.prices.get(van, 0) for van in vans)
        after += sum(self.problem.visits[at].price_cents for at in visits if at in self.out)
        return after < before

    def _adopt(self, vans: Sequence[int], visits: Sequence[int], tours: Tours, before: int) -> None:
        """Put the tours of a group back if they are cheaper by our own reckoning."""
        prices: dict[int, int] = {}
        for van, sequence in tours.items():
            cents = self.scheduler.price(van, sequence)
            if cents is None:
                return
            prices[van] = cents
        made = {at for sequence in tours.values() for at in sequence}
        out = [at for at in visits if at not in made]
        now = sum(self.prices.get(van, 0) for van in vans)
        now += sum(self.problem.visits[at].price_cents for at in visits if at in self.out)
        if sum(prices.values()) + sum(self.problem.visits[at].price_cents for at in out) >= now:
            return
        for van in vans:
            self.tours.pop(van, None)
            self.prices.pop(van, None)
        self.tours.update({van: list(sequence) for van, sequence in tours.items()})
        self.prices.update(prices)
        self.out -= made
        self.out.update(out)

    def ruin(self, *, until: float, steps: int | None = None) -> None:
        """Ruin and recreate for `until` seconds from now (or `steps` steps), beginning with the tours there are."""
        run = Ruin(self.scheduler, self.travel, self.tours, self.out - self.barred, self.neighbours, self.random)
        run.fill()
        looked_at = time.monotonic()

        def on_step() -> bool:
            nonlocal looked_at
            now = time.monotonic()
            if now - looked_at < 0.05:
                return True
            looked_at = now
            if run.best_cost < self.cost() - sum(self.problem.visits[at].price_cents for at in self.barred):
                self._take(run)
                self.report()
            return not self.stopped()

        run.run(time.monotonic() + until, on_step, steps)
        self._take(run)
        self.report()

    def complete(self, until: float) -> None:
        """Put in whatever is left out and still fits somewhere for less than its price, until the monotonic `until`."""
        scheduler = self.scheduler
        for at in sorted(self.out - self.barred, key=lambda one: -self.problem.visits[one].price_cents):
            if time.monotonic() >= until:
                return
            best = (self.problem.visits[at].price_cents, -1, 0)
            for van in range(len(self.problem.vehicles)):
                sequence = self.tours.get(van, [])
                if scheduler.may_serve(van, at) and scheduler.loads_fit(van, [*sequence, at]):
                    for position, outline in scheduler.placements(van, sequence, at):
                        best = min(best, (scheduler.cents(van, outline) - self.prices.get(van, 0), van, position))
            if best[1] >= 0:
                _, van, position = best
                sequence = self.tours.get(van, [])
                self.tours[van] = [*sequence[:position], at, *sequence[position:]]
                self.prices[van] = self._price(van, self.tours[van])
                self.out.discard(at)

    def _take(self, run: Ruin) -> None:
        """The best tours of a run are ours now."""
        self.tours = {van: list(sequence) for van, sequence in run.best_tours.items()}
        self.prices = {van: self._price(van, sequence) for van, sequence in self.tours.items()}
        self.out = run.best_out | self.barred

    def _price(self, van: int, sequence: Sequence[int]) -> int:
        cents = self.scheduler.price(van, sequence)
        if cents is None:
            raise AssertionError(f"the tour of vehicle {van} breaks a rule")
        return cents

    def group(self, target: int) -> tuple[list[int], list[int]] | None:
        """Tours around a random visit with about `target` visits in all, near left-out visits, spare vehicles."""
        candidates = [at for at in range(len(self.problem.visits)) if at not in self.barred]
        owner = {at: van for van, sequence in self.tours.items() for at in sequence}
        for _ in range(20):
            centre = self.random.choice(candidates)
            vans: list[int] = []
            visits: list[int] = []
            left_out = 0
            for at in [centre, *self.neighbours(centre)]:
                van = owner.get(at)
                if van is None:
                    if at not in self.barred and left_out < target // 3:
                        visits.append(at)
                        left_out += 1
                elif van not in vans:
                    if vans and len(visits) + len(self.tours[van]) > target * 1.3:
                        break
                    vans.append(van)
                    visits += self.tours[van]
                if len(visits) >= target:
                    break
            key = frozenset((van, tuple(self.tours[van])) for van in vans) | {
                (-1, tuple(sorted(self.out & set(visits))))
            }
            if key in self._fruitless:
                continue
            self._tried = key
            return vans + self._spare(vans), visits
        return None

    def fruitless(self) -> None:
        """Remember that the group last handed out was searched without gain."""
        self._fruitless.add(self._tried)

    def neighbours(self, at: int) -> list[int]:
        """All other visits, nearest first (there and back)."""
        known = self._near.get(at)
        if known is None:
            places = self._places()
            seconds = self.travel.seconds
            here = self.problem.visits[at].place
            away = seconds[here, places].astype(np.int64) + seconds[places, here]
            known = [int(one) for one in np.argsort(away, kind="stable")[:600] if one != at]
            self._near[at] = known
        return known

    def _places(self) -> list[int]:
        return [visit.place for visit in self.problem.visits]

    def _spare(self, vans: Sequence[int]) -> list[int]:
        """Unused vehicles to offer to a group: one of each kind, at most four."""
        kinds: dict[int, int] = {}
        for van in range(len(self.problem.vehicles)):
            if van not in self.tours and van not in vans:
                kinds.setdefault(self.scheduler.kinds[van], van)
        spare = list(kinds.values())
        return spare if len(spare) <= 4 else self.random.sample(spare, 4)


def solve(
    problem: Problem,
    travel: Travel,
    *,
    seconds: float,
    seed: int,
    initial: Plan | None = None,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    steps: int | None = None,
) -> Plan:
    """The best plan found in `seconds` of wall time; visits that are not made carry a reason.

    `initial` is a plan to begin with (what no longer fits is dropped from it). `progress` hears of better plans as
    they are found; `should_stop` is asked between steps of less than a second, and the best so far is returned.
    With `steps` the work is limited by steps of ruin and recreate alone: the same seed then gives the same plan as
    long as the time suffices. Raises `ProblemError` for a problem that contradicts itself.
    """
    if seconds <= 0:
        raise ProblemError("bad_budget", f"A search needs more than {seconds} seconds.")
    search = _Search(problem, travel, seconds=seconds, seed=seed, progress=progress, should_stop=should_stop)
    search.begin(initial)
    search.report(force=True)
    visits = [at for at in range(len(problem.visits)) if at not in search.barred]
    if visits and problem.vehicles:
        if steps is not None:
            search.ruin(until=seconds, steps=steps)
        elif len(visits) <= WHOLE_VISITS:
            _search_whole(search, visits)
        else:
            _search_groups(search, visits)
    search.complete(time.monotonic() + COMPLETE_SECONDS)
    search.report(force=True)
    return search.plan(
        explain_all(search.scheduler, search.tours, sorted(search.out), seconds=max(0.5, min(1.0, search.left_s())))
    )


def _search_whole(search: _Search, visits: list[int]) -> None:
    """Everything as one group, again and again; ends early when nothing was gained for a while."""
    vans = list(range(len(search.problem.vehicles)))
    patience = 0.2 + 0.002 * len(visits) * len(visits)
    search.ruin(until=min(patience, RUIN_SHARE * search.left_s()))
    best, gained_at = search.cost(), time.monotonic()
    while not search.stopped():
        search.improve(vans, visits, seconds=min(1.0, patience))
        search.report()
        if search.cost() < best:
            best, gained_at = search.cost(), time.monotonic()
        elif time.monotonic() - gained_at >= patience:
            return


def _search_groups(search: _Search, visits: list[int]) -> None:
    """Ruin and recreate over all, then group after group until the time is up or no group is worth another try."""
    share = RUIN_SHARE_WITH_BREAKS if any(one.breaks for one in search.problem.vehicles) else RUIN_SHARE
    search.ruin(until=share * search.left_s())
    target = GROUP_VISITS
    while not search.stopped():
        group = search.group(target)
        if group is None:
            if target >= len(visits):
                return
            target = min(2 * target, len(visits))
            continue
        if not search.improve(*group, seconds=GROUP_SECONDS):
            search.fruitless()
        search.report()


def _longest_possible(scheduler: Scheduler, van: int, sequence: list[int]) -> list[int]:
    """The sequence without the visits that make it break a rule, cheapest to miss first."""
    while sequence and scheduler.price(van, sequence) is None:
        lighter = [(sequence[:at] + sequence[at + 1 :], at) for at in range(len(sequence))]
        mended = [one for one, _ in lighter if scheduler.price(van, one) is not None]
        visits = scheduler.problem.visits
        least = min(range(len(sequence)), key=lambda at: (visits[sequence[at]].price_cents, -at))
        sequence = mended[-1] if mended else lighter[least][0]
    return sequence
