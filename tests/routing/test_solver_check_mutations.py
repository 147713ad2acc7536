"""Random plans that keep every rule pass the judge; changed anywhere, at random, they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from routing.solver import Plan, Problem, Tour, Travel
from routing.solver.check import check, check_tour
from tests.routing.laid_plans import laid_plans, sequence_of, written
from tests.routing.rich_cases import rich_problems
from tests.routing.timing_oracle import laid, reload_codes

MANY = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

#: What a random order of random visits may break; times, loads and costs as they were laid are always right.
RULES = {
    *("skill", "vehicle_not_allowed", "aboard_elsewhere", "outside_zones", "lock_vehicle", "lock_order"),
    *("lock_position", "pair_split", "pair_order", "apart", "overloaded", "not_loaded", "too_many_reloads"),
}


@MANY
@given(laid_plans())
def test_a_plan_laid_by_trying_everything_is_good(case: tuple[Problem, Travel, Plan]) -> None:
    assert check(*case) == []


@MANY
@given(rich_problems(max_visits=5, max_vehicles=1, min_visits=1), st.permutations(range(5)), st.data())
def test_times_loads_and_costs_laid_by_trying_everything_are_right(
    case: tuple[Problem, Travel], order: Sequence[int], data: st.DataObject
) -> None:
    problem, travel = case
    sequence = [at for at in order if at < len(problem.visits)]
    if codes := reload_codes(problem, 0):
        sequence.insert(data.draw(st.integers(0, len(sequence) - 1)), data.draw(st.sampled_from(codes)))
    tour = laid(problem, travel, 0, sequence)
    if tour is not None:
        assert {fault.code for fault in check_tour(problem, travel, tour)} <= RULES


def _numbers(thing: Any) -> list[str]:
    """The fields of a noun of the plan that hold numbers."""
    return [one.name for one in fields(thing) if _shifted(getattr(thing, one.name), 1) is not None]


def _shifted(value: Any, by: int) -> Any:
    """A number, or the first of several, changed; None for anything else."""
    if isinstance(value, int):
        return value + by
    if isinstance(value, tuple) and value and isinstance(value[0], int):
        return (value[0] + by, *value[1:])
    return None


def _placed(items: Sequence[Any], at: int, item: Any) -> tuple[Any, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _one_number_changed(draw: st.DrawFn, plan: Plan) -> Plan:
    """One number somewhere in the plan, but for the times of a break (they may be moved in their window)."""
    by = draw(st.sampled_from([1, -1, 7, -7, 60, -60, 1000]))

    def changed(thing: Any) -> Any:
        name = draw(st.sampled_from(_numbers(thing)))
        return replace(thing, **{name: _shifted(getattr(thing, name), by)})

    if not plan.tours or not draw(st.integers(0, 6)):
        return replace(plan, costs=changed(plan.costs))
    at = draw(st.integers(0, len(plan.tours) - 1))
    tour = plan.tours[at]
    parts = [name for name in ("steps", "reloads", "breaks") if getattr(tour, name)]
    part = draw(st.sampled_from(["tour", "costs", *parts]))
    if part == "tour":
        return replace(plan, tours=_placed(plan.tours, at, changed(tour)))
    if part == "costs":
        return replace(plan, tours=_placed(plan.tours, at, replace(tour, costs=changed(tour.costs))))
    items = getattr(tour, part)
    number = draw(st.integers(0, len(items) - 1))
    item = changed(items[number])
    return replace(plan, tours=_placed(plan.tours, at, replace(tour, **{part: _placed(items, number, item)})))


@MANY
@given(laid_plans(), st.data())
def test_one_number_changed_is_found(case: tuple[Problem, Travel, Plan], data: st.DataObject) -> None:
    problem, travel, plan = case
    spoilt = data.draw(st.composite(_one_number_changed)(plan))
    faults = check(problem, travel, spoilt)
    event("found" if faults else "harmless")
    assert faults or _only_breaks_differ(plan, spoilt), spoilt


def _only_breaks_differ(plan: Plan, other: Plan) -> bool:
    """A break may be told as taken just before or just after a stop without service, or with its twin's number."""
    return _without_breaks(plan) == _without_breaks(other)


def _without_breaks(plan: Plan) -> Plan:
    return replace(plan, tours=tuple(replace(tour, breaks=()) for tour in plan.tours))


def _moved(draw: st.DrawFn, plan: Plan) -> Plan:
    """Steps, depot visits, breaks, tours or reasons swapped, moved, dropped or doubled, with the numbers they had."""
    tours = list(plan.tours)
    at = draw(st.integers(0, len(tours) - 1))
    tour, steps = tours[at], list(tours[at].steps)
    first, second = draw(st.integers(0, len(steps) - 1)), draw(st.integers(0, len(steps) - 1))
    to = draw(st.integers(0, len(tours) - 1))
    kinds = ["swap", "rename", "move", "give", "drop", "double", "leave_out", "forget", "no_tour", "two_tours"]
    kind = draw(st.sampled_from([*kinds, *["reload"] * bool(tour.reloads), *["break"] * bool(tour.breaks)]))
    if kind == "swap":
        steps[first], steps[second] = steps[second], steps[first]
    elif kind == "rename":
        one, two = steps[first], steps[second]
        steps[first], steps[second] = replace(one, visit=two.visit), replace(two, visit=one.visit)
    elif kind == "move":
        steps.insert(second, steps.pop(first))
    elif kind == "double":
        steps.insert(second, steps[first])
    elif kind in ("give", "drop", "leave_out"):
        step = steps.pop(first)
        if kind == "give":
            tours[to] = replace(tours[to], steps=(*tours[to].steps, step))
        if kind == "leave_out" and plan.unassigned:
            plan = replace(plan, unassigned=(*plan.unassigned, replace(plan.unassigned[0], visit=step.visit)))
    elif kind == "forget":
        return replace(plan, unassigned=plan.unassigned[1:])
    elif kind == "no_tour":
        return replace(plan, tours=(*tours[:at], *tours[at + 1 :]))
    elif kind == "two_tours":
        return replace(plan, tours=(*tours, tour))
    elif kind == "reload":
        tour = replace(tour, reloads=tour.reloads[1:])
    else:
        tour = replace(tour, breaks=tour.breaks[1:])
    if kind == "give" and to == at:
        steps = list(tours[at].steps)
    tours[at] = replace(tour, steps=tuple(steps))
    return replace(plan, tours=tuple(tours))


@MANY
@given(laid_plans(), st.data())
def test_parts_of_a_plan_moved_are_found(case: tuple[Problem, Travel, Plan], data: st.DataObject) -> None:
    problem, travel, plan = case
    assume(plan.tours)
    spoilt = data.draw(st.composite(_moved)(plan))
    assume(spoilt != plan)
    faults = check(problem, travel, spoilt)
    event("found" if faults else "harmless")
    assert faults or _as_laid(problem, travel, spoilt) or _needless_break_dropped(problem, plan, spoilt), spoilt


def _as_laid(problem: Problem, travel: Travel, plan: Plan) -> bool:
    """Whether the plan is just another good one (of visits or places that are twins): its own laying says the same."""
    tours: list[Tour] = []
    for tour in plan.tours:
        again = laid(problem, travel, problem.vehicle_at(tour.vehicle), sequence_of(problem, tour))
        if again is None:
            return False
        tours.append(again)
    return _without_breaks(replace(written(problem, tours), unassigned=())) == _without_breaks(
        replace(plan, unassigned=())
    )


def _needless_break_dropped(problem: Problem, plan: Plan, spoilt: Plan) -> bool:
    """A break that is missing now, changed no other time, and could as well be before or after work."""
    if _without_breaks(plan) != _without_breaks(spoilt):
        return False
    for tour, other in zip(plan.tours, spoilt.tours, strict=True):
        for rest in set(tour.breaks) - set(other.breaks):
            due = problem.vehicle(tour.vehicle).breaks[rest.number]
            length_s = rest.end_s - rest.start_s
            if tour.start_s < due.earliest_s + length_s and tour.end_s > due.latest_s:
                return False
    return True
