"""A plan that has to change: from the plan that stands, with few changes and a first answer at once.

`present` (see there) makes the problem of the rest of the day; `bounded` says how much of a plan may change, as rules
of the problem; `reoptimize` mends the plan that stands (what no longer fits comes out, what is new goes where it costs
least), answers with that, and searches on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from routing.solver.check import check
from routing.solver.kernel import placing
from routing.solver.kernel.layout import outside
from routing.solver.plan import Costs, Plan, Tour, Unassigned
from routing.solver.present import Whereabouts, present
from routing.solver.problem import Lock, Problem, Travel, Vehicle, Visit
from routing.solver.search import Progress, solve
from routing.solver.standing import Codes, Standing, tidied
from routing.solver.why import explained

__all__ = ["SCOPES", "Whereabouts", "bounded", "mended", "present", "reoptimize"]

#: Stops that did not change stay with their driver and in their order; changed ones stay with their driver.
REORDER_CHANGED = "reorder_changed_stops"
#: Stops stay with their driver, in any order.
REORDER_ALL = "reorder_all_stops"
#: Stops may go to other drivers, too.
REDISTRIBUTE = "redistribute_stops_between_drivers"
SCOPES = (REORDER_CHANGED, REORDER_ALL, REDISTRIBUTE)

#: How long new stops are put in one by one before the first answer; what is left then is the search's.
FIRST_ANSWER_S = 0.25
#: How long is kept at the end for the reasons of what is left out.
REASONS_S = 0.3


def bounded(
    problem: Problem,
    before: Plan,
    *,
    max_changes: int | None = None,
    change_cents: int = 0,
    scope: str = REDISTRIBUTE,
    changed: Collection[str] = (),
) -> Problem:
    """The problem in which the plan `before` may change only so much.

    At most `max_changes` of its stops go to another driver, each for `change_cents`. `scope` is one of `SCOPES`;
    `changed` are the stops that may move among the others in the narrowest of them. Stops that are new may go to any
    driver. Where the plan gives a stop to a vehicle that may no longer make it, it binds nothing.
    """
    if scope not in SCOPES:
        raise ValueError(f"A scope is one of {', '.join(SCOPES)}, not {scope!r}.")
    owner = {
        one: tour.vehicle
        for tour in before.tours
        for one in tour.visits
        if problem.has_visit(one) and problem.has_vehicle(tour.vehicle)
    }
    locks = problem.locks
    if scope != REDISTRIBUTE:
        kept = {one: van for one, van in owner.items() if _may(problem.visit(one), problem.vehicle(van), locks)}
        order = {tour.vehicle: [one for one in tour.visits if one in kept] for tour in before.tours}
        locks = tuple(_scoped(problem, order, set(changed) if scope == REORDER_CHANGED else None))
    prices = replace(problem.prices, change_cents=change_cents or problem.prices.change_cents)
    return replace(problem, before=owner, max_changes=max_changes, locks=locks, prices=prices)


def reoptimize(
    problem: Problem,
    travel: Travel,
    before: Plan,
    *,
    seconds: float,
    seed: int,
    max_changes: int | None = None,
    change_cents: int = 0,
    scope: str = REDISTRIBUTE,
    changed: Collection[str] = (),
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    threads: int = 1,
) -> Plan:
    """The best plan near `before` that was found in `seconds`; it keeps the rules of `bounded` (same arguments).

    `progress` hears of the mended plan first, within half a second for a thousand stops, and then of better ones; all
    of them have passed the judge. For a plan under way, `problem` is what `present` gives.
    """
    began = time.monotonic()
    near = bounded(problem, before, max_changes=max_changes, change_cents=change_cents, scope=scope, changed=changed)
    standing = mended(near, travel, before, until=began + min(FIRST_ANSWER_S, seconds / 2))
    best = standing.written(_pending(standing))

    def tell(plan: Plan) -> None:
        if progress is not None:
            spent = time.monotonic() - began
            progress(Progress(spent, plan.costs.total, plan.assigned, len(plan.unassigned), plan))

    def better(news: Progress) -> None:
        nonlocal best
        if news.plan.costs.total < best.costs.total and not check(near, travel, news.plan):
            best = news.plan
            tell(best)

    tell(best)
    left_s = seconds - (time.monotonic() - began) - (REASONS_S if best.unassigned else 0)
    if left_s > 0.01 and not (should_stop is not None and should_stop()):
        found = solve(
            near,
            travel,
            seconds=left_s,
            seed=seed,
            initial=best,
            progress=better,
            should_stop=should_stop,
            threads=threads,
        )
        if found.costs.total <= best.costs.total and not check(near, travel, found):
            return found
    if best.unassigned:
        standing.accept(best)
        best = replace(best, unassigned=tuple(_reasons(standing, best, time.monotonic() + REASONS_S)))
    return best


def mended(problem: Problem, travel: Travel, before: Plan, *, until: float) -> Standing:
    """`before` as far as it is possible in this problem, with what is new put in until the monotonic time `until`.

    What no longer fits is taken out of its tour, the least that helps; aboard and locked visits last.
    """
    standing = Standing(problem, travel, Plan((), (), Costs()))
    sequences = _sequences(standing, before)
    _gather(standing, sequences)
    tours: list[Tour] = []
    for van in sorted(sequences):
        codes = _possible(standing, van, sequences[van])
        if codes:
            tours.append(standing.tour(van, codes))
    standing.accept(Plan(tuple(tours), (), Costs()))
    return _filled(standing, until)


# -- how much may change -----------------------------------------------------------------------------------------------


def _may(visit: Visit, vehicle: Vehicle, locks: Sequence[Lock]) -> bool:
    return (
        visit.skills <= vehicle.skills
        and (visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles)
        and (visit.aboard is None or visit.aboard == vehicle.id)
        and not (vehicle.zones_hard and outside(visit, vehicle))
        and all(lock.vehicle == vehicle.id for lock in locks if visit.id in lock.visits)
    )


def _scoped(problem: Problem, order: Mapping[str, list[str]], changed: set[str] | None) -> Iterator[Lock]:
    """The problem's locks and those of the scope; with `changed` the order of all other stops is locked, too."""
    numbered = {one for lock in problem.locks if lock.position is not None for one in lock.visits}
    ordered = [lock for lock in problem.locks if lock.strength == "order"]
    in_order = {one for lock in ordered for one in lock.visits}
    chained: set[str] = set()
    for vehicle_id, visits in order.items():
        if not visits:
            continue
        if changed is None:
            yield Lock("driver", vehicle_id, tuple(visits))
            continue
        chain = [one for one in visits if one not in numbered and (one not in changed or one in in_order)]
        # Stops that are locked in order and in no tour keep their place in the order.
        for lock in ordered:
            for number, one in enumerate(lock.visits):
                if lock.vehicle != vehicle_id or one in chain or one in visits:
                    continue
                earlier = [chain.index(other) for other in lock.visits[:number] if other in chain]
                later = [chain.index(other) for other in lock.visits[number:] if other in chain]
                if earlier or later:
                    chain.insert(max(earlier) + 1 if earlier else min(later), one)
        chained.update(chain)
        loose = tuple(one for one in visits if one not in chain)
        if chain:
            yield Lock("order", vehicle_id, tuple(chain))
        if loose:
            yield Lock("driver", vehicle_id, loose)
    for lock in problem.locks:
        if lock.strength != "order":
            yield lock
        elif rest := tuple(one for one in lock.visits if one not in chained):
            yield replace(lock, visits=rest)


# -- what is still possible --------------------------------------------------------------------------------------------


def _sequences(standing: Standing, before: Plan) -> dict[int, list[int]]:
    """The tours that stand, without what this problem does not have or the vehicle may not make."""
    problem, count = standing.problem, len(standing.problem.visits)
    sequences: dict[int, list[int]] = {}
    seen: set[int] = set()
    for tour in before.tours:
        if not problem.has_vehicle(tour.vehicle):
            continue
        van = problem.vehicle_at(tour.vehicle)
        reloads = list(tour.reloads)
        codes: list[int] = []
        for number, one in enumerate(tour.visits):
            while reloads and reloads[0].after <= number:
                point = reloads.pop(0).point
                if point < len(problem.vehicles[van].reloads):
                    codes.append(standing.first_code[van] + point)
            if problem.has_visit(one) and (at := problem.visit_at(one)) not in seen and standing.data.may[at, van]:
                codes.append(at)
                seen.add(at)
        sequences[van] = list(tidied(codes, count))
    for van, codes in sequences.items():
        halves = {at for at in codes if at in standing.pairs and not _partner(standing, at) <= set(codes)}
        sequences[van] = list(tidied([at for at in codes if at not in halves], count))
    return sequences


def _partner(standing: Standing, at: int) -> set[int]:
    """The visit and the other of its pair."""
    pair = standing.pairs.get(at)
    return {at} if pair is None else {standing.problem.visit_at(pair.pickup), standing.problem.visit_at(pair.delivery)}


def _gather(standing: Standing, sequences: dict[int, list[int]]) -> None:
    """Stops that must share a van and do not: those on the van with most of them stay."""
    count = len(standing.problem.visits)
    for group in standing.problem.together:
        members = {standing.problem.visit_at(one) for one in group}
        made = {van: members & set(codes) for van, codes in sequences.items() if members & set(codes)}
        if len(made) < 2:
            continue
        stays = max(made, key=lambda van: (len(made[van]), -van))
        for van in set(made) - {stays}:
            gone = set[int]().union(*(_partner(standing, at) for at in made[van]))
            sequences[van] = list(tidied([at for at in sequences[van] if at not in gone], count))


def _possible(standing: Standing, van: int, codes: Sequence[int]) -> Codes:
    """The sequence without what stands in its way; a van under way does not begin at the depot it has left."""
    count = len(standing.problem.visits)
    codes = tuple(codes)
    if standing.problem.vehicles[van].under_way and codes and codes[0] >= count:
        begun = codes[1:]
        if standing.judged(van, begun) is not None:
            return begun
    while codes and standing.judged(van, codes) is None:
        trials = []
        for at in codes:
            if at < count and (at not in standing.pairs or at == min(_partner(standing, at))):
                gone = _partner(standing, at)
                trial = tidied([one for one in codes if one not in gone], count)
                trials.append((_regret(standing, van, codes, trial, gone), at, trial))
        codes = min(trials)[2]
    return codes


def _regret(standing: Standing, van: int, codes: Codes, trial: Codes, gone: Collection[int]) -> tuple[int, ...]:
    """How bad it is to take out `gone` and go on with `trial`: feasible first, then what is missed and what is left."""
    visits = standing.problem.visits
    obstacle = placing.FREE if not trial else standing.obstacle(van, trial)
    held = sum(visits[at].aboard is not None for at in gone)
    price = sum(visits[at].price_cents for at in gone)
    if obstacle == placing.FREE:
        return (0, held, price, 0)
    broken_s = 0
    if obstacle in (placing.BY_TIME, placing.BY_METRES):
        outline = standing.scheduler.outline(van, list(trial), relaxed=True)
        broken_s = 1 << 40 if outline is None else outline.broken_s
    size = sum(sum(visits[at].load) + sum(visits[at].pickup or ()) for at in gone)
    return (1, held, broken_s, price - size)


def _filled(standing: Standing, until: float) -> Standing:
    """What is in no tour and pays is put where it costs least, dearest to leave out first."""
    problem = standing.problem
    out = [at for at in range(len(problem.visits)) if at not in standing.owner]
    out.sort(key=lambda at: (problem.visits[at].aboard is None, -problem.visits[at].price_cents, at))
    for at in out:
        if time.monotonic() >= until:
            break
        asked = tuple(sorted(_partner(standing, at), key=lambda one: one != _first(standing, at)))
        if at in standing.owner or at != asked[0]:
            continue
        vans = [
            van
            for van in range(len(problem.vehicles))
            if all(standing.data.may[one, van] for one in asked)
            and not any(True for _ in standing.barriers(asked, van))
        ]
        delivery = asked[1] if len(asked) > 1 else None
        rows = standing.rows(asked[0], delivery, list(standing.unlike(asked, vans)))
        free = rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE]
        if not len(free):
            continue
        cents = standing.deltas(free)
        best = int(cents.argmin())
        if cents[best] < sum(problem.visits[one].price_cents for one in asked):
            row = free[best].tolist()
            standing = standing.with_tour(row[placing.ROW_VAN], standing.sequence(row, asked[0], delivery))
    return standing


def _first(standing: Standing, at: int) -> int:
    pair = standing.pairs.get(at)
    return at if pair is None else standing.problem.visit_at(pair.pickup)


# -- reasons -----------------------------------------------------------------------------------------------------------


def _pending(standing: Standing) -> list[Unassigned]:
    return [
        Unassigned(visit.id, "pending", "Not placed yet.")
        for at, visit in enumerate(standing.problem.visits)
        if at not in standing.owner
    ]


def _reasons(standing: Standing, plan: Plan, until: float) -> Iterator[Unassigned]:
    for one in plan.unassigned:
        if time.monotonic() < until:
            why = explained(standing, one.visit)
            yield Unassigned(why.visit, why.code, why.message)
        else:
            yield Unassigned(one.visit, "not_explained", "No place was found; the time to work out why was over.")
