"""Putting one visit somewhere by hand: every possible place with its exact consequences.

`insertions` ranks all places for a visit, `move` carries one out. Nothing is estimated: each tour concerned is
scheduled again, with all that follows further down the tour; what a hard rule would say against it is put into
words by the same judge that checks whole plans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from routing.solver.check import Fault, check_tour
from routing.solver.plan import Plan, Tour, Unassigned, total_costs
from routing.solver.problem import Problem, ProblemError, Travel
from routing.solver.schedule import Scheduler

#: Why a visit is left out that a person took out of its tour.
TAKEN_OUT = ("taken_out", "It was taken out of its tour by hand.")


@dataclass(frozen=True, slots=True)
class Option:
    """One place for a visit: on `vehicle`, with `position` visits before it, and what changes there.

    The deltas are of the whole plan against the plan without the visit (its price is not counted). `newly_late`
    are visits that miss their soft window by more than before; `broken` are hard rules broken, in words.
    """

    vehicle: str
    position: int
    delta_cents: int
    delta_s: int
    delta_metres: int
    newly_late: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        """Whether no hard rule stands against it."""
        return not self.broken


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a move by hand leads to: the plan after it, hard rules broken in the tours touched, and the changes.

    With faults the plan shows what would happen; whoever stores plans refuses it (`check` would).
    """

    plan: Plan
    faults: tuple[Fault, ...]
    delta_cents: int
    delta_s: int
    delta_metres: int
    newly_late: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        """Whether no hard rule stands against it."""
        return not self.faults


def insertions(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    visit_id: str,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> list[Option]:
    """Every feasible place for the visit, cheapest first, then per vehicle without one its least bad place.

    If the plan already makes the visit, it is taken out first. Of unused vehicles alike in all but their id the
    first stands for all. Raises `ProblemError` unknown_visit.
    """
    at = problem.visit_at(visit_id)
    scheduler = Scheduler(problem, travel)
    tours = _sequences(problem, plan, without=visit_id)
    feasible: list[tuple[int, Option]] = []
    broken: list[tuple[int, Option]] = []
    tried: set[int] = set()
    for van, vehicle in enumerate(problem.vehicles):
        sequence = tours.get(van, [])
        if not sequence and problem.visits[at].allowed_vehicles is None:
            if scheduler.kinds[van] in tried:
                continue
            tried.add(scheduler.kinds[van])
        places = _Places(scheduler, plan, van, sequence, at)
        options = places.feasible()
        if options:
            feasible += options
        else:
            worst = places.least_bad(travel, names, clock)
            if worst is not None:
                broken.append(worst)
            else:
                text = f"There is no road for {(names or {}).get(vehicle.id, vehicle.id)} to this visit."
                broken.append((1 << 60, Option(vehicle.id, len(sequence), 0, 0, 0, (), (text,))))
    order = [option for _, option in sorted(feasible, key=lambda one: one[0])]
    return order + [option for _, option in sorted(broken, key=lambda one: one[0])]


def move(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    visit_id: str,
    vehicle_id: str | None,
    position: int,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> Consequence:
    """Put the visit on `vehicle_id` with `position` visits before it (counted without itself), or, with None, out.

    A position beyond the end means the end. Hard rules are checked, never enforced: see `Consequence`. Raises
    `ProblemError` unknown_visit, unknown_vehicle or, where no road leads there, unreachable.
    """
    at = problem.visit_at(visit_id)
    target = None if vehicle_id is None else problem.vehicle_at(vehicle_id)
    scheduler = Scheduler(problem, travel)
    tours = _sequences(problem, plan, without=visit_id)
    touched = {problem.vehicle_at(tour.vehicle) for tour in plan.tours if visit_id in tour.visits}
    unassigned = [one for one in plan.unassigned if one.visit != visit_id]
    if target is None:
        unassigned.append(
            next((one for one in plan.unassigned if one.visit == visit_id), Unassigned(visit_id, *TAKEN_OUT))
        )
    else:
        touched.add(target)
        tours.setdefault(target, []).insert(max(0, position), at)
    after: dict[int, Tour] = {}
    for tour in plan.tours:
        if problem.vehicle_at(tour.vehicle) not in touched:
            after[problem.vehicle_at(tour.vehicle)] = tour
    for van in touched:
        if tours.get(van):
            written = scheduler.tour(van, tours[van]) or scheduler.tour(van, tours[van], relaxed=True)
            if written is None:
                name = (names or {}).get(problem.vehicles[van].id, problem.vehicles[van].id)
                raise ProblemError("unreachable", f"No road leads {name} along these stops.", visit_id)
            after[van] = written
    written_tours = tuple(after[van] for van in sorted(after))
    left_out = sum(problem.visit(one.visit).price_cents for one in unassigned)
    new = Plan(written_tours, tuple(unassigned), total_costs(written_tours, left_out))
    faults = [
        fault
        for van in sorted(touched & set(after))
        for fault in check_tour(problem, travel, after[van], names=names, clock=clock)
    ]
    return Consequence(
        plan=new,
        faults=tuple(faults),
        delta_cents=new.costs.total - plan.costs.total,
        delta_s=sum(tour.duration_s for tour in new.tours) - sum(tour.duration_s for tour in plan.tours),
        delta_metres=sum(tour.metres for tour in new.tours) - sum(tour.metres for tour in plan.tours),
        newly_late=_newly_late(_lateness(plan.tours), new.tours),
    )


class _Places:
    """All positions of one vehicle's tour for one visit."""

    def __init__(self, scheduler: Scheduler, plan: Plan, van: int, sequence: Sequence[int], at: int) -> None:
        self.scheduler, self.plan, self.van, self.sequence, self.at = scheduler, plan, van, sequence, at
        self.vehicle = scheduler.problem.vehicles[van]
        now = scheduler.outline(van, sequence, relaxed=True) if sequence else None
        self.cents = 0 if now is None else scheduler.cents(van, now)
        self.duration_s = 0 if now is None else now.end_s - now.start_s
        self.metres = 0 if now is None else now.metres
        self.late_price = 0 if now is None else now.late_price

    def feasible(self) -> list[tuple[int, Option]]:
        """The positions that keep every rule, with their Δcost."""
        scheduler, van = self.scheduler, self.van
        if not scheduler.may_serve(van, self.at) or not scheduler.loads_fit(van, [*self.sequence, self.at]):
            return []
        options = []
        for position, outline in scheduler.placements(van, self.sequence, self.at):
            late: tuple[str, ...] = ()
            if outline.late_price > self.late_price:
                trial = [*self.sequence[:position], self.at, *self.sequence[position:]]
                late = self._late(scheduler.tour(van, trial))
            delta = scheduler.cents(van, outline) - self.cents
            option = Option(
                vehicle=self.vehicle.id,
                position=position,
                delta_cents=delta,
                delta_s=outline.end_s - outline.start_s - self.duration_s,
                delta_metres=outline.metres - self.metres,
                newly_late=late,
                broken=(),
            )
            options.append((delta, option))
        return options

    def least_bad(
        self, travel: Travel, names: Mapping[str, str] | None, clock: Callable[[int], str] | None
    ) -> tuple[int, Option] | None:
        """The position that (breaks aside) violates time rules by the fewest seconds, with all it breaks in words."""
        best: tuple[tuple[int, int], int] | None = None
        for position in range(len(self.sequence) + 1):
            trial = [*self.sequence[:position], self.at, *self.sequence[position:]]
            outline = self.scheduler.outline(self.van, trial, relaxed=True, rests=False)
            if outline is not None:
                key = (outline.broken_s, self.scheduler.cents(self.van, outline))
                if best is None or key < best[0]:
                    best = (key, position)
        if best is None:
            return None
        position = best[1]
        trial = [*self.sequence[:position], self.at, *self.sequence[position:]]
        tour = self.scheduler.tour(self.van, trial, relaxed=True)
        assert tour is not None
        faults = check_tour(self.scheduler.problem, travel, tour, names=names, clock=clock)
        option = Option(
            vehicle=self.vehicle.id,
            position=position,
            delta_cents=tour.costs.total - self.cents,
            delta_s=tour.duration_s - self.duration_s,
            delta_metres=tour.metres - self.metres,
            newly_late=self._late(tour),
            broken=tuple(fault.message for fault in faults),
        )
        return best[0][0], option

    def _late(self, tour: Tour | None) -> tuple[str, ...]:
        before = [one for one in self.plan.tours if one.vehicle == self.vehicle.id]
        return () if tour is None else _newly_late(_lateness(before), [tour])


def _sequences(problem: Problem, plan: Plan, *, without: str) -> dict[int, list[int]]:
    return {
        problem.vehicle_at(tour.vehicle): [problem.visit_at(one) for one in tour.visits if one != without]
        for tour in plan.tours
    }


def _lateness(tours: Sequence[Tour]) -> dict[str, int]:
    return {step.visit: step.late_s for tour in tours for step in tour.steps}


def _newly_late(before: Mapping[str, int], tours: Sequence[Tour]) -> tuple[str, ...]:
    return tuple(step.visit for tour in tours for step in tour.steps if step.late_s > before.get(step.visit, 0))
