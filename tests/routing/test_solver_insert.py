"""Insertions and moves by hand: exact, in words, fast."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.routing.cities import city_day
from routing.solver import (
    Pair,
    Plan,
    Problem,
    ProblemError,
    Reload,
    Travel,
    Vehicle,
    Visit,
    Window,
    check,
    insertions,
    move,
    solve,
)
from routing.solver.insert import Answer, carried_out, options, warm_up
from routing.solver.standing import Standing
from tests.routing.rich_cases import rich_problems
from tests.routing.solver_cases import line, small_problems
from tests.routing.standing_cases import filled, written


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(visits=4))
def test_an_insertion_is_what_the_move_then_does_and_the_judge_agrees(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    if not problem.visits:
        return
    plan = solve(problem, travel, seconds=0.05, seed=1)
    one = problem.visits[0].id
    without = move(problem, travel, plan, one, None, 0).plan
    for option in insertions(problem, travel, plan, one):
        done = move(problem, travel, without, one, option.vehicle, option.position)
        rules = check(problem, travel, done.plan)
        assert done.feasible == option.feasible == (rules == [])
        assert done.delta_cents + problem.visits[0].price_cents == option.delta_cents
        assert (done.delta_s, done.delta_metres) == (option.delta_s, option.delta_metres)
        assert set(option.broken) == {fault.message for fault in done.faults}


@pytest.fixture(scope="module")
def day() -> tuple[Problem, Travel, Plan]:
    problem, travel = city_day(300)
    return problem, travel, solve(problem, travel, seconds=1.5, seed=1)


def test_every_place_of_a_large_day_is_tried(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    for number in range(1, 300, 30):
        assert insertions(problem, travel, plan, f"v{number}")[0].feasible
    assert move(problem, travel, plan, "v7", plan.tours[0].vehicle, 3).plan.tour_of(plan.tours[0].vehicle)


def test_a_move_that_breaks_rules_says_so_in_the_callers_words(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    cold = next(visit for visit in problem.visits if visit.skills)
    warm = next(tour for tour in plan.tours if not problem.vehicle(tour.vehicle).skills)
    names = {cold.id: "Order 17", warm.vehicle: "Anna's van"}
    done = move(problem, travel, plan, cold.id, warm.vehicle, 0, names=names)
    assert not done.feasible
    assert any(fault.message.startswith("Order 17 needs 'fridge', which Anna's van") for fault in done.faults)
    assert done.plan.vehicle_of(cold.id) == warm.vehicle
    assert check(problem, travel, done.plan) != []


def test_moving_to_where_it_is_changes_nothing_and_taking_out_costs_its_price(
    day: tuple[Problem, Travel, Plan],
) -> None:
    problem, travel, plan = day
    tour = plan.tours[2]
    same = move(problem, travel, plan, tour.visits[4], tour.vehicle, 4)
    assert (same.delta_cents, same.delta_s, same.plan, same.faults) == (0, 0, plan, ())
    out = move(problem, travel, plan, tour.visits[4], None, 0)
    assert [one.code for one in out.plan.unassigned] == ["taken_out"]
    assert out.plan.costs.left_out == problem.visit(tour.visits[4]).price_cents
    assert check(problem, travel, out.plan) == []
    end = move(problem, travel, plan, tour.visits[0], tour.vehicle, 10_000)
    assert end.plan.tours[2].visits[-1] == tour.visits[0]


def test_unknown_ids_are_named(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    with pytest.raises(ProblemError, match="no visit 'ghost'"):
        insertions(problem, travel, plan, "ghost")
    with pytest.raises(ProblemError, match="no vehicle 'ghost'"):
        move(problem, travel, plan, "v1", "ghost", 0)


def test_where_no_road_leads_there_is_no_move(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    seconds = travel.seconds.copy()
    seconds[:, 5] = 2_000_000_000
    cut = Travel(seconds, travel.metres)
    lonely = replace(plan, tours=tuple(tour for tour in plan.tours if "v5" not in tour.visits))
    options = insertions(problem, cut, lonely, "v5")
    assert options and not any(option.feasible for option in options)
    with pytest.raises(ProblemError, match="No road"):
        move(problem, cut, lonely, "v5", lonely.tours[0].vehicle, 0)


QUIET = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@QUIET
@given(rich_problems(max_visits=6, min_visits=1), st.integers(0, 5))
def test_every_option_is_exact_and_every_other_place_has_an_obstacle(case: tuple[Problem, Travel], pick: int) -> None:
    problem, travel = case
    plan = filled(problem, travel)
    assert check(problem, travel, plan) == []
    standing = Standing(problem, travel, plan)
    one = problem.visits[pick % len(problem.visits)].id
    try:
        answer = options(standing, one)
    except ProblemError as error:  # the direct way that its tour would take without it does not exist
        assert error.code == "unreachable"
        return
    asked = _with_partner(problem, one)
    without = standing.without([problem.visit_at(each) for each in asked])
    bare = written(without)
    paid = bare.costs.total - bare.costs.left_out
    for option in answer.options:
        done = carried_out(option, standing)
        assert done.faults == () and check(problem, travel, done.plan) == []
        assert done.plan.costs.total - done.plan.costs.left_out - paid == option.delta_cents
        assert sum(tour.duration_s for tour in done.plan.tours) - _spans(bare) == option.delta_s
        assert sum(tour.metres for tour in done.plan.tours) - _metres(bare) == option.delta_metres
        assert _late(done.plan) - _late(bare) == option.delta_late_s
        made = done.plan.tour_of(option.vehicle)
        assert made is not None and made.visits.index(asked[0]) == option.position
        if option.delivery_position is not None:
            assert made.visits.index(asked[1]) == option.delivery_position
        assert option.broken == () and set(option.newly_late) <= set(made.visits)
    assert [each.delta_cents for each in answer.options] == sorted(each.delta_cents for each in answer.options)
    for obstacle in answer.obstacles:
        assert obstacle.broken
    _assert_complete(problem, without, answer, asked)


def _assert_complete(problem: Problem, standing: Standing, answer: Answer, asked: list[str]) -> None:
    """Each place of each vehicle is an option or has an obstacle, never both, nothing twice."""
    seen = Counter(
        (vehicle, one.position, one.trip - (one.reload_before is not None), one.delivery_position)
        for one in answer.options
        if one.reload_before is None and one.reload_after is None
        for vehicle in (one.vehicle, *one.alike)
    )
    helped = {
        (vehicle, one.position, one.trip - (one.reload_before is not None), one.delivery_position)
        for one in answer.options
        if one.reload_before is not None or one.reload_after is not None
        for vehicle in (one.vehicle, *one.alike)
    }
    assert not helped & set(seen)
    seen.update(helped)
    barred = {one.vehicle for one in answer.obstacles if one.position is None}
    seen.update(
        (vehicle, one.position, one.trip, one.delivery_position)
        for one in answer.obstacles
        if one.position is not None
        for vehicle in (one.vehicle, *one.alike)
    )
    expected: Counter[tuple[str, int, int, int | None]] = Counter()
    for van, vehicle in enumerate(problem.vehicles):
        if vehicle.id in barred:
            continue
        codes = standing.sequences.get(van, ())
        ranks = [sum(at < len(problem.visits) for at in codes[:index]) for index in range(len(codes) + 1)]
        for index, rank in enumerate(ranks):
            seconds = [None] if len(asked) == 1 else [after + 1 for after in ranks[index:]]
            expected.update((vehicle.id, rank, index - rank, second) for second in seconds)
    assert seen == expected


def _with_partner(problem: Problem, visit_id: str) -> list[str]:
    return next(
        ([one.pickup, one.delivery] for one in problem.pairs if visit_id in (one.pickup, one.delivery)), [visit_id]
    )


def _spans(plan: Plan) -> int:
    return sum(tour.duration_s for tour in plan.tours)


def _metres(plan: Plan) -> int:
    return sum(tour.metres for tour in plan.tours)


def _late(plan: Plan) -> int:
    return sum(step.late_s for tour in plan.tours for step in tour.steps)


@QUIET
@given(rich_problems(max_visits=6, min_visits=2), st.integers(0, 5), st.integers(0, 3), st.integers(0, 5))
def test_a_move_says_what_the_judge_says(case: tuple[Problem, Travel], pick: int, to: int, position: int) -> None:
    problem, travel = case
    plan = filled(problem, travel)
    one = problem.visits[pick % len(problem.visits)].id
    target = None if to >= len(problem.vehicles) else problem.vehicles[to].id
    try:
        done = move(problem, travel, plan, one, target, position)
    except ProblemError as error:
        assert error.code == "unreachable"
        return
    found = check(problem, travel, done.plan)
    assert {fault.code for fault in done.faults} == {fault.code for fault in found}
    assert done.delta_cents == done.plan.costs.total - plan.costs.total
    made = [tour.vehicle for tour in done.plan.tours for visit in tour.visits if visit in _with_partner(problem, one)]
    assert made == ([] if target is None else [target] * len(_with_partner(problem, one)))
    if target is not None and len(made) == 1:
        tour = done.plan.tour_of(target)
        assert tour is not None and tour.visits.index(one) == min(position, len(tour.visits) - 1)


def test_a_reload_is_offered_where_nothing_but_the_load_is_in_the_way() -> None:
    van = Vehicle(
        id="van", start_place=0, end_place=0, shift=Window(0, 50_000), capacity=(10,), cents_per_hour=3600,
        reloads=(Reload(0, 60),), max_reloads=1,
    )  # fmt: skip
    visits = tuple(Visit(id=f"v{at}", place=at, load=(6,)) for at in (1, 2))
    roads = line([[0, 100, 100], [100, 0, 50], [100, 50, 0]])
    problem = Problem(visits, (van,), ("kg",))
    plan = move(problem, roads, filled(replace(problem, visits=visits[:1]), roads), "v2", None, 0).plan
    answer = options(Standing(problem, roads, plan), "v2")
    assert [(one.position, one.reload_before, one.reload_after, one.trip) for one in answer.options] == [
        (0, None, 0, 0),
        (1, 0, None, 1),
    ]
    assert answer.options[0].delta_cents == 260
    assert answer.obstacles == ()
    done = carried_out(answer.options[0], Standing(problem, roads, plan))
    assert done.plan.tours[0].trips == (("v2",), ("v1",)) and check(problem, roads, done.plan) == []


def test_a_plan_that_stands_answers_for_what_was_accepted_before(day: tuple[Problem, Travel, Plan]) -> None:
    problem, travel, plan = day
    standing = Standing(problem, travel, plan)
    for one in ("v3", "v30", "v200"):
        best = options(standing, one).options[0]
        done = carried_out(best, standing)
        late = best.delta_late_s
        standing.accept(done.plan)
        assert best.delta_late_s == late
        assert done.plan.vehicle_of(one) == best.vehicle
    fresh = Standing(problem, travel, standing.plan)
    for one in ("v7", "v30"):
        ours, theirs = options(standing, one), options(fresh, one)
        assert [each.delta_cents for each in ours.options] == [each.delta_cents for each in theirs.options]
        assert len(ours.obstacles) == len(theirs.obstacles)
    assert check(problem, travel, standing.plan) == []


def test_questions_about_a_thousand_stops_are_answered_at_once() -> None:
    problem, travel = city_day(1000)
    problem = replace(problem, pairs=(Pair("v1", "v2", (1, 1)),))
    standing = Standing(problem, travel, filled(problem, travel))
    warm_up()
    for asked, most_s in ((["v1"] * 5, 0.02), ([f"v{at}" for at in range(3, 900, 60)], 0.02)):
        spent = []
        for one in asked:
            began = time.perf_counter()
            answer = options(standing, one)
            spent.append(time.perf_counter() - began)
            assert len(answer.options) + len(answer.obstacles) > 200
        assert sorted(spent)[len(spent) // 2] < most_s
