"""Putting a visit (or a pair) somewhere by hand: every possible place with its exact consequences.

`options` ranks all places for a visit, `move` shows what one leads to. Nothing is estimated: each tour concerned is
scheduled again, with all that follows further down the tour; what a hard rule would say against it is put into words
by the same judge that checks whole plans, when somebody asks. Whoever asks often about one plan keeps a `Standing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.words import mark
from routing.solver.check import Fault
from routing.solver.kernel import placing
from routing.solver.places import Answer, Obstacle, Option, late_s, newly_late
from routing.solver.plan import Costs, Plan, Unassigned
from routing.solver.problem import Pair, Problem, Travel, Vehicle, Visit, Window
from routing.solver.standing import Standing

__all__ = [
    "Answer",
    "Consequence",
    "Obstacle",
    "Option",
    "carried_out",
    "consequence",
    "insertions",
    "least_bad",
    "move",
    "moved",
    "options",
    "warm_up",
]

#: Why a visit is left out that a person took out of its tour.
TAKEN_OUT = ("taken_out", mark("It was taken out of its tour by hand."))


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
    delta_late_s: int = 0

    @property
    def feasible(self) -> bool:
        """Whether no hard rule stands against it."""
        return not self.faults


def options(standing: Standing, visit_id: str, *, vehicles: Sequence[str] | None = None) -> Answer:
    """Every place for the visit, with its partner if it is of a pair; `vehicles` restricts the question to these.

    If the plan already makes the visit, it is taken out first. Of unused vehicles alike in all but their id the
    first stands for all (`Option.alike`). Raises `ProblemError` unknown_visit, unknown_vehicle or, where no road leads
    along its tour without it, unreachable.
    """
    problem = standing.problem
    asked = _asked(standing, visit_id)
    standing = standing.without(asked).as_it_is()
    chosen = range(len(problem.vehicles)) if vehicles is None else [problem.vehicle_at(one) for one in vehicles]
    able: list[int] = []
    barred: list[Obstacle] = []
    for van in chosen:
        may = all(standing.data.may[at, van] for at in asked) and standing.spoiled <= {van}
        if may and not any(True for _ in standing.barriers(asked, van)):
            able.append(van)
        else:
            vehicle = problem.vehicles[van].id
            barred.append(Obstacle(vehicle, None, standing=standing, visits=asked, codes=asked))
    alike = {
        van: tuple(problem.vehicles[one].id for one in others) for van, others in standing.unlike(asked, able).items()
    }
    return _ranked(standing, asked, alike, barred)


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

    If the plan already makes the visit, it is taken out first; the partner of a pair goes with it. Of unused vehicles
    alike in all but their id the first stands for all. Raises `ProblemError` as `options` does.
    """
    standing = Standing(problem, travel, plan, names=names, clock=clock)
    answer = options(standing, visit_id)
    able = {option.vehicle for option in answer.options}
    asked = _asked(standing, visit_id)
    bare = standing.without(asked)
    alike = {other for option in answer.options for other in option.alike}
    unable = list(
        bare.unlike(asked, (bare.problem.vehicle_at(one.id) for one in problem.vehicles if one.id not in able | alike))
    )
    worst = sorted(
        (_least_bad(bare, asked, problem.vehicles[van].id) for van in unable),
        key=lambda one: (one[0], one[1].delta_cents),
    )
    return [*answer.options, *(option for _, option in worst)]


def least_bad(standing: Standing, visit_id: str, vehicle_id: str) -> Option:
    """The place on a vehicle that (rests aside) breaks time rules by the fewest seconds, with all that it breaks."""
    return _least_bad(standing.without(_asked(standing, visit_id)).as_it_is(), _asked(standing, visit_id), vehicle_id)[
        1
    ]


def _least_bad(standing: Standing, asked: tuple[int, ...], vehicle_id: str) -> tuple[int, Option]:
    van = standing.problem.vehicle_at(vehicle_id)
    pickup, delivery = asked[0], asked[1] if len(asked) > 1 else None
    now = standing.tours.get(van)
    ranks = _ranks(standing.sequences.get(van, ()), len(standing.problem.visits))
    broken_s, rows = standing.least_bad(van, pickup, delivery)
    if broken_s < 0:
        nowhere = Option(vehicle_id, ranks[-1][0], 0, 0, 0, False, standing=standing, visits=asked, codes=asked)
        return 1 << 60, nowhere
    row = rows[0].tolist()
    rank, trip = ranks[row[placing.ROW_INDEX]]
    return broken_s, Option(
        vehicle=vehicle_id,
        position=rank,
        delta_cents=int(standing.cents(van, rows)[0]),
        delta_s=row[placing.ROW_END] - row[placing.ROW_START] - (0 if now is None else now.duration_s),
        delta_metres=row[placing.ROW_METRES] - (0 if now is None else now.metres),
        feasible=False,
        trip=trip,
        delivery_position=None if delivery is None else ranks[row[placing.ROW_SECOND]][0] + 1,
        codes=standing.sequence(row, pickup, delivery),
        standing=standing,
        visits=asked,
    )


def move(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    visit_id: str,
    vehicle_id: str | None,
    position: int,
    *,
    trip: int | None = None,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> Consequence:
    """Put the visit on `vehicle_id` with `position` visits before it (counted without itself), or, with None, out.

    A position beyond the end means the end; beside a reload `trip` says how many reloads come before it (None: what is
    cheaper). The partner of a visit of a pair comes along to another vehicle, to the best place there that leaves this
    one where it was put. Hard rules are checked, never enforced: see `Consequence`. Raises `ProblemError`
    unknown_visit, unknown_vehicle or, where no road leads there, unreachable.
    """
    return moved(Standing(problem, travel, plan, names=names, clock=clock), visit_id, vehicle_id, position, trip=trip)


def moved(
    standing: Standing, visit_id: str, vehicle_id: str | None, position: int, *, trip: int | None = None
) -> Consequence:
    """The same for a plan that stands; `standing.accept(consequence.plan)` makes it so."""
    problem = standing.problem
    at = problem.visit_at(visit_id)
    both = _asked(standing, visit_id)
    van = None if vehicle_id is None else problem.vehicle_at(vehicle_id)
    if van is None:
        return consequence(standing, standing.without(both), both, None)
    partner = next((one for one in both if one != at), None)
    if partner is not None and standing.owner.get(partner) == van:
        partner = None  # it is there already and stays where it is
    bare = standing.without([at] if partner is None else both)
    codes = bare.sequences.get(van, ())
    spots = [
        index
        for index in range(len(codes) + 1)
        if len(_visits(bare, codes[:index])) == min(max(0, position), len(_visits(bare, codes)))
        and (trip is None or index - len(_visits(bare, codes[:index])) == trip)
    ] or [len(codes)]
    trials = [(*codes[:index], at, *codes[index:]) for index in spots]
    if partner is not None:
        ahead = at == both[0]
        trials = [
            (*trial[:index], partner, *trial[index:])
            for trial in trials
            for index in (range(len(trial), trial.index(at), -1) if ahead else range(trial.index(at) + 1))
        ]
    best = trials[0] if len(trials) == 1 else bare.cheapest(van, trials)
    return consequence(standing, bare.with_tour(van, best), both, van)


def carried_out(option: Option, standing: Standing) -> Consequence:
    """What the plan becomes with an option that was given for it."""
    van = standing.problem.vehicle_at(option.vehicle)
    after = standing.without(option.visits).with_tour(van, option.codes)
    return consequence(standing, after, option.visits, van)


def consequence(before: Standing, after: Standing, visits: Sequence[int], van: int | None) -> Consequence:
    """What has changed between two standings that differ in where `visits` are."""
    problem, plan = before.problem, before.plan
    ids = [problem.visits[at].id for at in visits]
    unassigned = [one for one in plan.unassigned if problem.visit_at(one.visit) not in after.owner]
    known = {one.visit for one in unassigned}
    unassigned += [
        Unassigned(one, *TAKEN_OUT) for one in ids if one not in known and problem.visit_at(one) not in after.owner
    ]
    new = replace(after.written(unassigned), engines=plan.engines)
    touched = [one for one, tour in sorted(after.tours.items()) if before.tours.get(one) is not tour]
    faults = [] if van is None else list(after.without(visits).barriers(visits, van))
    for one in touched:
        faults += after.faults_of(one, after.tours[one])
    return Consequence(
        plan=new,
        faults=tuple(faults),
        delta_cents=new.costs.total - plan.costs.total,
        delta_s=sum(tour.duration_s for tour in new.tours) - sum(tour.duration_s for tour in plan.tours),
        delta_metres=sum(tour.metres for tour in new.tours) - sum(tour.metres for tour in plan.tours),
        newly_late=newly_late(plan.tours, new.tours),
        delta_late_s=late_s(new.tours) - late_s(plan.tours),
    )


def warm_up() -> None:
    """Ask everything once about two stops, so that nobody waits for the loops to be compiled (or read from disk)."""
    roads = np.zeros((1, 1), dtype=np.int32)
    visits = tuple(Visit(id=one, place=0) for one in ("a", "b", "c"))
    van = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 1))
    problem = Problem(visits, (van,), pairs=(Pair("a", "b"),))
    standing = Standing(problem, Travel(roads, roads), Plan((), (), Costs()))
    for one in ("a", "c"):
        options(standing, one)
        least_bad(standing, one, "van")
        moved(standing, one, "van", 0)
    standing.judged(0, (2,))


def _asked(standing: Standing, visit_id: str) -> tuple[int, ...]:
    """The visit by index, or both of its pair, the pickup first."""
    at = standing.problem.visit_at(visit_id)
    pair = standing.pairs.get(at)
    if pair is None:
        return (at,)
    return standing.problem.visit_at(pair.pickup), standing.problem.visit_at(pair.delivery)


def _visits(standing: Standing, codes: Sequence[int]) -> list[int]:
    count = len(standing.problem.visits)
    return [at for at in codes if at < count]


def _ranked(
    standing: Standing,
    asked: tuple[int, ...],
    alike: Mapping[int, tuple[str, ...]],
    barred: list[Obstacle],
) -> Answer:
    """The free rows as options in order of their price, the others as obstacles."""
    problem, count = standing.problem, len(standing.problem.visits)
    pickup, delivery = asked[0], asked[1] if len(asked) > 1 else None
    vans = list(alike)
    rows = standing.rows(pickup, delivery, vans)
    free = rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE]
    blocked = rows[rows[:, placing.ROW_OBSTACLE] != placing.FREE]
    cents = standing.deltas(free)
    found = []
    tours = {van: standing.tours.get(van) for van in vans}
    now = {van: (0, 0) if tour is None else (tour.duration_s, tour.metres) for van, tour in tours.items()}
    ranks = {van: _ranks(standing.sequences.get(van, ()), count) for van in vans}
    for at in cents.argsort(kind="stable").tolist():
        row = free[at].tolist()
        van, index, second, before, after = row[:5]
        rank, trip = ranks[van][index]
        first_code = standing.first_code[van]
        found.append(
            Option(
                vehicle=problem.vehicles[van].id,
                position=rank,
                delta_cents=int(cents[at]),
                delta_s=row[placing.ROW_END] - row[placing.ROW_START] - now[van][0],
                delta_metres=row[placing.ROW_METRES] - now[van][1],
                trip=trip + (before >= 0),
                delivery_position=None if delivery is None else ranks[van][second][0] + 1,
                reload_before=None if before < 0 else before - first_code,
                reload_after=None if after < 0 else after - first_code,
                alike=alike[van],
                codes=standing.sequence(row, pickup, delivery),
                standing=standing,
                visits=asked,
            )
        )
    helped = {tuple(row) for row in free[free[:, placing.ROW_BEFORE] >= 0][:, :3].tolist()}
    helped |= {tuple(row) for row in free[free[:, placing.ROW_AFTER] >= 0][:, :3].tolist()}

    def obstacles() -> tuple[Obstacle, ...]:
        return (
            *barred,
            *(
                Obstacle(
                    vehicle=problem.vehicles[row[0]].id,
                    position=ranks[row[0]][row[1]][0],
                    trip=ranks[row[0]][row[1]][1],
                    delivery_position=None if delivery is None else ranks[row[0]][row[2]][0] + 1,
                    alike=alike[row[0]],
                    codes=standing.sequence(row, pickup, delivery),
                    standing=standing,
                    visits=asked,
                )
                for row in blocked.tolist()
                if tuple(row[:3]) not in helped
            ),
        )

    return Answer(tuple(found), obstacles)


def _ranks(codes: Sequence[int], count: int) -> list[tuple[int, int]]:
    """For each index of a sequence how many visits and how many reloads come before it."""
    ranks = [(0, 0)]
    for at in codes:
        visits, reloads = ranks[-1]
        ranks.append((visits + 1, reloads) if at < count else (visits, reloads + 1))
    return ranks
