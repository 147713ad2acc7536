"""`solve`: from a problem to the best plan that can be found in the time given.

A portfolio of engines behind one function; who does what and why says docs/routing.md. Our own annealing carries the
whole problem from the first moment; where PyVRP can express it, it works on from there, and groups of neighbouring
tours go to OR-Tools. Our own schedule prices every proposal, and the cheapest is kept. Times come from
`time.monotonic` and serve the budget.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from routing.solver import pyvrp_engine
from routing.solver.annealer import WARM, Annealer, Pace, Tours
from routing.solver.exact import Exact
from routing.solver.fewer import fewer_vans
from routing.solver.groups import Groups
from routing.solver.kernel.alone import possible_visits
from routing.solver.kernel.layout import UNITS_PER_CENT
from routing.solver.kernel.timing import OUT_SIZE, room
from routing.solver.plan import Plan, Unassigned, total_costs
from routing.solver.problem import Problem, ProblemError, Travel
from routing.solver.schedule import Scheduler
from routing.solver.unrested import begun_without_breaks
from routing.solver.usable import usable, valid
from routing.solver.why import explain_all

#: Temperature to begin with where a plan is given, in mean costs of a leg: enough to leave it, too little to forget it.
REHEAT = 0.15
#: The exact search may take so much of the time, where it is thought to need no more.
PROVING = 0.6
#: Up to so many visits a search ends when annealing has gained nothing `QUIET` times, each of so many steps.
SMALL, QUIET, SMALL_STEPS, SMALL_STEPS_PER_PAIR = 60, 5, 6000, 15
#: Up to so many visits other engines take part; PyVRP up to the second number, where one thread is all there is and
#: tours are not short. Where PyVRP cannot express the problem, OR-Tools has the last share of the time.
ENGINES_UP_TO, PYVRP_UP_TO, GROUPED = 600, 1300, 0.12
#: The share of annealing before PyVRP works on where a plan is given; of problems without windows, where annealing is
#: at its best; of those with windows. Where there are so many seconds for each visit, or where tours are short so many
#: more, PyVRP begins once from nothing as well, and has the last share for it.
ANNEALED_GIVEN, ANNEALED_LOOSE, ANNEALED_TIMED = 0.6, 0.4, 0.4
COLD_FROM_S, COLD_SHORT_FROM_S, ANNEALED_COLD, PYVRP_COLD = 0.04, 0.1, 0.35, 0.25
#: The same of problems with more visits than this, and of those with more than so many visits to a tour: annealing is
#: better the shorter tours are. Tours are short up to so many visits.
LARGE_FROM, ANNEALED_LARGE, LONG_TOURS, ANNEALED_LONG, SHORT_TOURS = 300, 0.8, 25, 0.4, 12
#: How much of the time left is given to a plan with one van less. Where PyVRP cannot express the problem it is looked
#: for after such a share of annealing; for the rest of that, heat begins again at so many mean costs of a leg.
FEWER, FIRST, AGAIN = 0.25, 0.6, 0.1
#: With breaks, the first share goes to a search without them, and such a share of the rest to what that left out.
SQUEEZED = 0.6
#: Better plans are reported at most this often, and for no more than this share of the time.
REPORT_EVERY_S, REPORT_SHARE = 0.3, 0.03
#: Up to so many visits left out get one more look at every place when the time is over.
LAST_LOOK = 100
#: What is kept back for writing the plan out: always, and for each visit.
WRITE_S, WRITE_S_PER_VISIT = 0.01, 25e-6


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: seconds since its start and the best plan so far (reasons not yet worked out)."""

    seconds: float
    cost_cents: int
    assigned: int
    unassigned: int
    plan: Plan


class _Search:
    """The best tours so far and who hears of them."""

    def __init__(
        self,
        problem: Problem,
        travel: Travel,
        *,
        seconds: float,
        seed: int,
        threads: int,
        progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.began = time.monotonic()
        self.deadline = self.began + max(0.001, seconds - WRITE_S - WRITE_S_PER_VISIT * len(problem.visits))
        self.problem, self.travel, self.seed, self.threads = problem, travel, seed, threads
        self._progress, self._should_stop = progress, should_stop
        self._told_at, self._told_units, self._told_took, self._told_cents = 0.0, -1, 0.0, sys.maxsize
        self.scheduler = Scheduler(problem, travel)
        self.annealer = Annealer(self.scheduler, seed=seed, on=lambda: not self.stopped())
        self.engines: list[str] = []
        self.given = False
        self._before = {one: problem.vehicle_at(van) for one, van in problem.before.items()}

    def stopped(self) -> bool:
        """Whether the caller wants the best so far now, or the time is up."""
        return time.monotonic() >= self.deadline or (self._should_stop is not None and self._should_stop())

    def report(self, *, force: bool = False) -> bool:
        """Tell the caller about a better plan, not too often; whether to go on."""
        if self._progress is not None and self.annealer.units != self._told_units:
            now = time.monotonic()
            if force or now - self._told_at >= max(REPORT_EVERY_S, self._told_took / REPORT_SHARE):
                self._told_units = self.annealer.units
                plan = self.plan(self.annealer.tours, None)
                cents = plan.costs.total
                if cents < self._told_cents or force:  # what is better in units may be a cent dearer when rounded
                    self._told_cents = cents
                    self._progress(Progress(now - self.began, cents, plan.assigned, len(plan.unassigned), plan))
                self._told_at, self._told_took = now, time.monotonic() - now
        return not self.stopped()

    def run(self, initial: Plan | None, steps: int | None) -> Tours:
        """All stages of the search; the best tours."""
        possible = possible_visits(self.scheduler.data, room(), np.zeros(OUT_SIZE, np.int64))
        annealer = self.annealer
        self.given, warm = initial is not None, WARM if initial is None else REHEAT
        annealer.begin(possible, usable(self.scheduler, initial) if initial is not None else {})
        self.report(force=True)
        if possible and annealer.ready:
            proved = self._proved(possible) if steps is None else None
            if proved is not None:
                return proved
            if steps is None and len(possible) <= SMALL:
                self._until_quiet(SMALL_STEPS + SMALL_STEPS_PER_PAIR * len(possible) ** 2)
                proved = self._proved_late()
                if proved is not None:
                    return proved
            elif steps is not None or not self._engines_help(len(possible)):
                annealer.run(Pace(self.deadline, steps), self.report, threads=self.threads, warm=warm)
            elif not self._pyvrp_helps():
                self._annealed(warm)
                self._groups(possible)
            else:
                self._with_pyvrp(warm, *self._shares(len(possible)))
            self.engines.append("ruin")
        if not self.stopped() or len(annealer.absent()) <= LAST_LOOK:
            annealer.begin(possible, annealer.tours)
        return valid(self.scheduler, annealer.tours)

    def _proved(self, possible: Sequence[int]) -> Tours | None:
        """The best tours there are, where the problem is so small that all can be looked at in part of the time."""
        left_s = self.deadline - time.monotonic()
        until = time.monotonic() + PROVING * left_s
        exact = Exact(self.scheduler, on=lambda: time.monotonic() < until and not self.stopped())
        if not exact.fits(PROVING * left_s):
            return None
        self.annealer.run(Pace(until, SMALL_STEPS), self.report)
        self.annealer.begin(possible, self.annealer.tours)
        return self._searched(exact)

    def _proved_late(self) -> Tours | None:
        """The same in what annealing has left of the time, where it is so good that little has to be looked at."""
        exact = Exact(self.scheduler, on=lambda: not self.stopped())
        if not exact.may_fit(self.deadline - time.monotonic()):
            return None
        return self._searched(exact)

    def _searched(self, exact: Exact) -> Tours | None:
        """What the exact search makes of what annealing found; None if it was stopped."""
        best = exact.search(valid(self.scheduler, self.annealer.tours))
        if best is not None:
            self.engines += ["ruin", "exact"]
        return best

    def _engines_help(self, visits: int) -> bool:
        """Whether another engine makes more of its share of the time than annealing would."""
        if visits <= ENGINES_UP_TO:
            return True
        alone = visits > PYVRP_UP_TO or self.given or self.threads > 1
        return not alone and self._mean_tour(visits) > SHORT_TOURS and self._pyvrp_helps()

    def _mean_tour(self, visits: int) -> float:
        """How many visits a tour has on average, as far as is known."""
        return visits / max(1, len(self.annealer.tours))

    def _pyvrp_helps(self) -> bool:
        """Whether PyVRP can express the problem."""
        return pyvrp_engine.can_express(self.problem, self.travel) is None

    def _annealed(self, warm: float) -> None:
        """Annealing up to what `_groups` has of the time; where no plan is given, a look at fewer vans in between."""
        began = time.monotonic()
        until = self.deadline - GROUPED * (self.deadline - began)
        if not self.given:
            first = began + FIRST * (until - began)
            if any(one.breaks for one in self.problem.vehicles):
                self._unrested(first, until)
            else:
                self.annealer.run(Pace(first, None), self.report, threads=self.threads, warm=warm)
                self._fewer_vans(until)
            warm = AGAIN
        self.annealer.run(Pace(until, None), self.report, threads=self.threads, warm=warm)

    def _unrested(self, first: float, until: float) -> None:
        """Begin from tours that were found without breaks, and then find room for what they left out."""
        annealer = self.annealer
        tours = begun_without_breaks(
            self.scheduler,
            until=first,
            seed=self.seed,
            threads=self.threads,
            on=lambda: not self.stopped(),
            hear=self._filled_up,
        )
        known, units = annealer.tours, annealer.units
        annealer.adopt(tours)
        if annealer.absent():
            pace = Pace(time.monotonic() + SQUEEZED * (until - time.monotonic()), None)
            annealer.run(pace, self.report, warm=AGAIN, vans=sorted(tours))
        annealer.begin(annealer.possible, annealer.tours)
        if annealer.units > units:
            annealer.adopt(known)

    def _filled_up(self, tours: Tours) -> None:
        """Take tours with what they leave out put in where it costs least, if that is better."""
        annealer, known, units = self.annealer, self.annealer.tours, self.annealer.units
        annealer.begin(annealer.possible, tours)
        if annealer.units > units:
            annealer.adopt(known)
        self.report()

    def _fewer_vans(self, until: float) -> None:
        """Look for plans with fewer vans, for each with one less a share of the time until then."""
        share_s = FEWER * (until - time.monotonic())
        fewer_vans(self.annealer, self.scheduler, lambda: Pace(time.monotonic() + share_s, None), self.report)

    def _groups(self, possible: Sequence[int]) -> None:
        """Let OR-Tools, which can express everything, search groups of neighbouring tours again."""
        groups, before = Groups(self.problem, self.travel, possible, seed=self.seed), self.annealer.units
        while self.report() and groups.improve(self.annealer.tours, until=self.deadline, take=self._take):
            pass
        if self.annealer.units < before:
            self.engines.append("ortools")

    def _shares(self, visits: int) -> tuple[float, float]:
        """The shares of annealing and of PyVRP from nothing."""
        if self.given:
            return ANNEALED_GIVEN, 0.0
        if visits > LARGE_FROM:
            return ANNEALED_LONG if self._mean_tour(visits) > LONG_TOURS else ANNEALED_LARGE, 0.0
        if 2 * sum(bool(visit.windows) for visit in self.problem.visits) < visits:
            return ANNEALED_LOOSE, 0.0
        cold_from_s = COLD_FROM_S if self._mean_tour(visits) > SHORT_TOURS else COLD_SHORT_FROM_S
        if self.deadline - self.began < cold_from_s * visits:
            return ANNEALED_TIMED, 0.0
        return ANNEALED_COLD, PYVRP_COLD

    def _with_pyvrp(self, warm: float, annealed: float, cold: float) -> None:
        """Annealing and PyVRP from nothing for these shares of the time, then PyVRP on from the better of both."""
        whole_s = self.deadline - time.monotonic()
        until = time.monotonic() + annealed * whole_s
        self.annealer.run(Pace(until, None), self.report, threads=self.threads, warm=warm)
        if not self.given:
            self._fewer_vans(self.deadline)
        self._pyvrp(cold * whole_s, None)
        self._pyvrp(self.deadline - time.monotonic(), self.annealer.tours)

    def _pyvrp(self, left_s: float, tours: Tours | None) -> None:
        """Let PyVRP search, and take what it finds if that is better by our own reckoning."""
        if left_s < 0.05:
            return
        before = self.annealer.units
        pyvrp_engine.search(
            self.problem,
            self.travel,
            tours,
            seconds=left_s,
            seed=self.seed,
            on_solution=self._hear,
            should_stop=lambda: not self.report(),
        )
        if self.annealer.units < before and "pyvrp" not in self.engines:
            self.engines.append("pyvrp")

    def _hear(self, tours: Tours) -> bool:
        """Take tours that another engine found, if they are better; whether to go on."""
        self._take(tours)
        return not self.stopped()

    def _take(self, tours: Tours) -> bool:
        """Take tours that another engine found, if they are better by our own reckoning; whether they were."""
        units = [self.scheduler.units(van, codes) for van, codes in tours.items()]
        made = {at for codes in tours.values() for at in codes}
        left_out = sum(visit.price_cents for at, visit in enumerate(self.problem.visits) if at not in made)
        cost = sum(filter(None, units)) + left_out * UNITS_PER_CENT
        if None in units or cost >= self.annealer.units:
            return False
        before = self.annealer.tours
        known = self.annealer.units
        self.annealer.adopt(tours)
        if self.annealer.units < known and self._ties_kept(tours):
            return True
        self.annealer.adopt(before)  # imbalance or a tie between tours stands against it
        return False

    def _ties_kept(self, tours: Tours) -> bool:
        """Whether the rules between tours are kept: shared vans and the number of changes."""
        problem = self.problem
        owner = {problem.visits[at].id: van for van, codes in tours.items() for at in codes if at < len(problem.visits)}
        shared = all(len({owner[one] for one in group if one in owner}) < 2 for group in problem.together)
        changes = sum(owner.get(one, van) != van for one, van in self._before.items())
        return shared and (problem.max_changes is None or changes <= problem.max_changes)

    def _until_quiet(self, steps: int) -> None:
        """Anneal a small problem from hot to cold again and again until that has gained nothing a few times.

        Then once more if fewer vans do.
        """
        quiet, pace = 0, partial(Pace, self.deadline, steps)
        while quiet < QUIET and not self.stopped():
            before = self.annealer.units
            self.annealer.run(pace(), self.report)
            quiet = 0 if self.annealer.units < before else quiet + 1
            if quiet == QUIET and not self.given and fewer_vans(self.annealer, self.scheduler, pace, self.report):
                quiet = 0

    def plan(self, tours: Mapping[int, Sequence[int]], reasons: Sequence[Unassigned] | None) -> Plan:
        """The tours written out; without `reasons` those of what is left out are pending."""
        visits = self.problem.visits
        if reasons is None:
            made = {at for sequence in tours.values() for at in sequence}
            reasons = [
                Unassigned(visit.id, "pending", "Not placed yet.") for at, visit in enumerate(visits) if at not in made
            ]
        written = []
        for van in sorted(tours):
            tour = self.scheduler.tour(van, tours[van])
            if tour is None:
                raise AssertionError(f"the tour of vehicle {van} was priced but cannot be scheduled")
            written.append(tour)
        left_out = sum(self.problem.visit(one.visit).price_cents for one in reasons)
        costs = total_costs(written, left_out, self.problem.prices.balance_cents_per_hour)
        return Plan(tuple(written), tuple(reasons), costs, tuple(self.engines))


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
    threads: int = 1,
) -> Plan:
    """The best plan found in `seconds` of wall time; visits that are not made carry a reason.

    `initial` is a plan to begin with (what no longer fits is dropped from it). `progress` hears of better plans as
    they are found; `should_stop` is asked every few hundredths of a second, and the best so far is returned.
    With `steps` the work is limited by steps of annealing alone: the same seed then gives the same plan as long as the
    time suffices. `threads` may work side by side. Raises `ProblemError` for a problem that contradicts itself.
    """
    if seconds <= 0:
        raise ProblemError("bad_budget", f"A search needs more than {seconds} seconds.")
    search = _Search(
        problem, travel, seconds=seconds, seed=seed, threads=threads, progress=progress, should_stop=should_stop
    )
    tours = search.run(initial, steps)
    made = {at for sequence in tours.values() for at in sequence}
    out = [at for at in range(len(problem.visits)) if at not in made]
    plan = search.plan(tours, None)
    late_s = max(0.0, time.monotonic() - search.began - seconds)
    reasons = explain_all(search.scheduler, plan, out, seconds=min(1.0, 0.1 + 0.1 * seconds) - late_s)
    plan = replace(plan, unassigned=tuple(reasons))
    if progress is not None:
        progress(Progress(time.monotonic() - search.began, plan.costs.total, plan.assigned, len(out), plan))
    return plan
