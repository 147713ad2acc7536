"""What of given tours can be used: sequences without what makes them break a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from routing.solver.annealer import Tours
from routing.solver.plan import Plan
from routing.solver.schedule import Scheduler


def usable(scheduler: Scheduler, initial: Plan) -> Tours:
    """What of a plan is still possible in this problem, and keeps all its rules."""
    problem = scheduler.problem
    partner = {one.pickup: one.delivery for one in problem.pairs} | {one.delivery: one.pickup for one in problem.pairs}
    used: set[str] = set()
    kept: dict[int, list[int]] = {}
    count = len(problem.visits)
    for tour in initial.tours:
        if not problem.has_vehicle(tour.vehicle):
            continue
        van = problem.vehicle_at(tour.vehicle)
        known = {
            one
            for one in tour.visits
            if one not in used and problem.has_visit(one) and scheduler.may_serve(van, problem.visit_at(one))
        }
        known = {one for one in known if partner.get(one, one) in known}
        used |= known
        codes: list[int] = []
        first = scheduler.reload_codes(van)
        for number, trip in enumerate(tour.trips):
            if number and tour.reloads[number - 1].point < len(first):
                codes.append(first[tour.reloads[number - 1].point])
            codes += [problem.visit_at(one) for one in trip if one in known]
        kept[van] = _tidied(codes, count)
    for group in problem.together:
        members = {problem.visit_at(one) for one in group}
        owners = Counter(van for van, codes in kept.items() for at in codes if at in members)
        for van in sorted(owners, key=lambda one: (-owners[one], one))[1:]:
            kept[van] = [at for at in kept[van] if at not in members]
    allowance = problem.max_changes
    for van, codes in kept.items():
        if allowance is not None:
            for at in [one for one in codes if one < count]:
                if problem.before.get(problem.visits[at].id, problem.vehicles[van].id) != problem.vehicles[van].id:
                    if allowance == 0:
                        codes.remove(at)
                    allowance = max(0, allowance - 1)
        kept[van] = longest_possible(scheduler, van, _whole_pairs(scheduler, _tidied(codes, count)))
    return {van: codes for van, codes in kept.items() if codes}


def valid(scheduler: Scheduler, tours: Tours) -> Tours:
    """Tours that keep every rule: what stands against one (a stop that missed its locked position) is left out."""
    mended = {van: longest_possible(scheduler, van, codes) for van, codes in tours.items()}
    return {van: codes for van, codes in mended.items() if codes}


def longest_possible(scheduler: Scheduler, van: int, sequence: list[int]) -> list[int]:
    """The sequence without the visits that make it break a rule, cheapest to miss first."""
    visits, count = scheduler.problem.visits, len(scheduler.problem.visits)
    while sequence and scheduler.units(van, sequence) is None:
        stops = [at for at in sequence if at < count]
        if not stops:
            return []
        lighter = {at: _without(scheduler, sequence, at) for at in stops}
        mended = [at for at in stops if not lighter[at] or scheduler.units(van, lighter[at]) is not None]
        sequence = lighter[min(mended or stops, key=lambda at: (visits[at].price_cents, -stops.index(at)))]
    return sequence


def _without(scheduler: Scheduler, sequence: Sequence[int], at: int) -> list[int]:
    """The sequence without a visit, and without its partner."""
    return _whole_pairs(scheduler, _tidied([one for one in sequence if one != at], len(scheduler.problem.visits)))


def _whole_pairs(scheduler: Scheduler, sequence: Sequence[int]) -> list[int]:
    """The sequence without halves of pairs."""
    count, there = len(scheduler.problem.visits), set(sequence)
    partner = scheduler.partner
    return _tidied([at for at in sequence if at >= count or partner.get(at, at) in there], count)


def _tidied(sequence: Sequence[int], count: int) -> list[int]:
    """The sequence without reloads that nothing follows."""
    tidy: list[int] = []
    for at in sequence:
        if at >= count and tidy and tidy[-1] >= count:
            tidy.pop()
        tidy.append(at)
    while tidy and tidy[-1] >= count:
        tidy.pop()
    return tidy
