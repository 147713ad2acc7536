"""Plans that have to change: the rest of a day, what may change, the first answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.routing.cities import city_day
from routing.solver import (
    Break,
    Lock,
    Overtime,
    Pair,
    Plan,
    Problem,
    Reload,
    Travel,
    Vehicle,
    Visit,
    Window,
    check,
)
from routing.solver.laying import lay
from routing.solver.reoptimize import SCOPES, Whereabouts, bounded, mended, present, reoptimize
from tests.routing.rich_cases import FEATURES, rich_problems
from tests.routing.solver_cases import line
from tests.routing.standing_cases import filled, written

QUIET = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
HOUR = 3600
#: In their order, so that the same examples are tried in every run.
ROADS_EVERYWHERE = tuple(one for one in FEATURES if one != "unreachable")


def _changed(problem: Problem, travel: Travel, chance: st.DataObject) -> tuple[Problem, Plan]:
    """A plan, and the problem after something happened: stops gone, new, heavier or at other times, a van gone."""
    plan = filled(problem, travel)
    gone = chance.draw(st.sets(st.sampled_from([one.id for one in problem.visits]), max_size=2))
    gone |= {
        both for pair in problem.pairs if {pair.pickup, pair.delivery} & gone for both in (pair.pickup, pair.delivery)
    }
    before = lay(
        problem,
        travel,
        {tour.vehicle: [one for one in tour.visits if one not in gone] for tour in plan.tours if not tour.reloads},
    )
    late = chance.draw(st.sampled_from([0, 20, 60]))
    vehicles = tuple(
        replace(one, shift=Window(one.shift.earliest_s + late, max(one.shift.latest_s, one.shift.earliest_s + late)))
        for one in problem.vehicles
    )
    return replace(problem, vehicles=vehicles), before


@QUIET
@given(
    rich_problems(max_visits=6, min_visits=2, features=ROADS_EVERYWHERE),
    st.data(),
    st.sampled_from(SCOPES),
    st.integers(0, 2),
)
def test_a_mended_plan_keeps_every_rule_and_what_the_scope_says(
    case: tuple[Problem, Travel], chance: st.DataObject, scope: str, most: int
) -> None:
    problem, before = _changed(*case, chance)
    changed = set(chance.draw(st.sets(st.sampled_from([one.id for one in problem.visits]), max_size=2)))
    near = bounded(problem, before, max_changes=most, change_cents=7, scope=scope, changed=changed)
    plan = written(mended(near, case[1], before, until=time.monotonic() + 5))
    assert check(near, case[1], plan) == []
    _assert_in_scope(before, plan, scope, changed, most)


def _assert_in_scope(before: Plan, plan: Plan, scope: str, changed: set[str], most: int) -> None:
    was = {one: tour.vehicle for tour in before.tours for one in tour.visits}
    now = {one: tour.vehicle for tour in plan.tours for one in tour.visits}
    moved = [one for one, van in now.items() if was.get(one, van) != van]
    assert len(moved) <= most
    if scope == "redistribute_stops_between_drivers":
        return
    assert not moved
    if scope == "reorder_changed_stops":
        for tour in plan.tours:
            old = before.tour_of(tour.vehicle)
            kept = [one for one in tour.visits if one in was and one not in changed]
            assert kept == [one for one in (old.visits if old else ()) if one in kept]


def _van(**more: Any) -> Vehicle:
    return Vehicle(
        **{
            "id": "van",
            "start_place": 0,
            "end_place": 0,
            "shift": Window(0, 10 * HOUR),
            "capacity": (10,),
            "cents_per_hour": 3600,
            "fixed_cents": 500,
            **more,
        }
    )


ROADS = line([[abs(a - b) * 600 for b in range(8)] for a in range(8)])


def _four(van: Vehicle, **more: Any) -> tuple[Problem, Plan]:
    visits = tuple(Visit(id=f"v{at}", place=at, load=(2,), service_s=300) for at in (1, 2, 3, 4))
    problem = Problem(visits, (van, replace(van, id="other", under_way=False)), ("kg",), **more)
    return problem, lay(problem, ROADS, {"van": [one.id for one in visits]})


def test_the_rest_of_a_day_begins_where_the_van_is_with_what_it_carries() -> None:
    van = _van(
        max_metres=100_000, max_visits=5, max_duration_s=9 * HOUR, overtime=Overtime(HOUR, 1000), initial_load=(1,),
        breaks=(Break(600, 1200, 300), Break(2 * HOUR, 3 * HOUR, 600, (300, 300))),
    )  # fmt: skip
    problem, plan = _four(van)
    rest = present(problem, plan, now_s=2000, done=["v1"])
    assert [one.id for one in rest.visits] == ["v2", "v3", "v4"]
    assert {one.aboard for one in rest.visits} == {"van"}
    now = rest.vehicle("van")
    assert (now.start_place, now.shift, now.under_way, now.fixed_cents) == (1, Window(2000, 10 * HOUR), True, 0)
    assert (now.max_visits, now.max_metres, now.initial_load) == (4, 94_000, (1,))
    assert now.max_duration_s == 9 * HOUR - (2000 - plan.tours[0].start_s)
    assert now.breaks == (van.breaks[1],)
    assert rest.locks == (Lock("position", "van", ("v2",), 0),)
    other = rest.vehicle("other")
    assert (other.under_way, other.fixed_cents, other.shift.earliest_s) == (False, 500, 2000)
    failed = present(problem, plan, now_s=2000, done=["v1"], failed=["v1"])
    assert failed.vehicle("van").initial_load == (3,)
    there = present(
        problem, plan, now_s=2000, done=["v1"],
        whereabouts=[Whereabouts(vehicle="van", heading="v3", service_left_s=120, rested=frozenset({0, 1}))],
    )  # fmt: skip
    assert there.vehicle("van").start_place == 3 and there.vehicle("van").breaks == ()
    assert there.visit("v3").service_s == 120 and there.visit("v3").windows == ()
    late = present(
        problem, plan, now_s=4 * HOUR, done=["v1"], whereabouts=[Whereabouts(vehicle="van", rested=frozenset())]
    )
    assert late.vehicle("van").breaks == (Break(4 * HOUR, 5 * HOUR, 600, (300, 300)),)
    before = present(problem, plan, now_s=0, whereabouts=[])
    assert before.vehicle("other") == problem.vehicle("other")


def test_pairs_trips_groups_and_locks_are_counted_from_now() -> None:
    van = _van(reloads=(Reload(0, 60),), max_reloads=2)
    problem, plan = _four(
        van,
        pairs=(Pair("v1", "v3", (4,)),),
        together=(frozenset({"v1", "v4"}),),
        apart=(frozenset({"v1", "v2"}),),
        locks=(Lock("position", "van", ("v1", "v2", "v3"), 0), Lock("order", "van", ("v4",))),
    )
    rest = present(problem, plan, now_s=1500, done=["v1"])
    assert rest.pairs == () and rest.together == () and rest.apart == ()
    assert (rest.visit("v3").load, rest.visit("v3").aboard) == ((6,), "van")
    assert rest.visit("v4").allowed_vehicles == {"van"} and rest.visit("v2").allowed_vehicles == {"other", "van"}
    assert rest.locks == (
        Lock("position", "van", ("v2",), 0),
        Lock("position", "van", ("v3",), 1),
        Lock("order", "van", ("v4",)),
    )
    two = lay(replace(problem, pairs=(), locks=()), ROADS, {"van": ["v1", "v2"], "other": ["v3"]})
    idle = present(replace(problem, pairs=(), locks=(), together=(), apart=()), two, now_s=0, loaded=["v3"])
    assert idle.visit("v3").aboard == "other" and idle.visit("v1").aboard is None


@QUIET
@given(rich_problems(max_visits=6, min_visits=2), st.integers(0, 200), st.data())
def test_what_is_done_and_what_is_loaded_stays(case: tuple[Problem, Travel], now_s: int, chance: st.DataObject) -> None:
    """Everything that was left before the moment is done; the rest of the day is planned anew and judged."""
    problem, travel = case
    plan = filled(problem, travel)
    done = [step.visit for tour in plan.tours for step in tour.steps if step.leave_s <= now_s]
    done = [one for one in done if chance.draw(st.integers(0, 9))] if chance.draw(st.booleans()) else done
    rest = present(problem, plan, now_s=now_s, done=done)
    assert {one.id for one in rest.visits} == {one.id for one in problem.visits} - set(done)
    near = bounded(rest, plan, max_changes=1)
    after = written(mended(near, travel, plan, until=time.monotonic() + 5))
    assert check(near, travel, after) == []
    owner = {one: tour.vehicle for tour in after.tours for one in tour.visits}
    for visit in rest.visits:
        if visit.aboard is not None:
            assert owner.get(visit.id, visit.aboard) == visit.aboard
    for tour in after.tours:
        assert tour.start_s >= now_s
        assert not set(tour.visits) & set(done)
    for lock in rest.locks:
        if lock.position == 0 and (made := after.tour_of(lock.vehicle)) and lock.visits[0] in made.visits:
            assert made.visits[0] == lock.visits[0]


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    rich_problems(max_visits=6, min_visits=3, features=ROADS_EVERYWHERE),
    st.data(),
    st.sampled_from(SCOPES),
    st.integers(0, 2),
)
def test_whatever_is_answered_keeps_the_budget_and_the_rules(
    case: tuple[Problem, Travel], chance: st.DataObject, scope: str, most: int
) -> None:
    problem, before = _changed(*case, chance)
    heard: list[Plan] = []
    plan = reoptimize(
        problem, case[1], before, seconds=0.3, seed=1, max_changes=most, scope=scope,
        progress=lambda news: heard.append(news.plan),
    )  # fmt: skip
    near = bounded(problem, before, max_changes=most, scope=scope)
    for one in (*heard, plan):
        assert check(near, case[1], one) == []
        _assert_in_scope(before, one, scope, set(), most)
    costs = [one.costs.total for one in (*heard, plan)]
    assert costs == sorted(costs, reverse=True)
    assert {one.code for one in plan.unassigned}.isdisjoint({"pending", ""})


def _news(problem: Problem, count: int) -> tuple[Problem, Sequence[str]]:
    fresh = tuple(
        Visit(id=f"new{at}", place=1 + 7 * at, service_s=240, load=(3, 10), windows=(Window(12 * HOUR, 16 * HOUR),))
        for at in range(count)
    )
    return replace(problem, visits=(*problem.visits[count:], *fresh)), [one.id for one in fresh]


def test_a_thousand_stops_get_a_first_answer_within_half_a_second() -> None:
    problem, travel = city_day(1000)
    before = filled(problem, travel)
    after, fresh = _news(problem, 10)
    reoptimize(*_news(city_day(60)[0], 2)[:1], city_day(60)[1], filled(*city_day(60)), seconds=0.2, seed=1)  # warm
    heard: list[tuple[float, Plan]] = []
    began = time.monotonic()
    plan = reoptimize(
        after, travel, before, seconds=3, seed=1, max_changes=20,
        progress=lambda news: heard.append((time.monotonic() - began, news.plan)),
    )  # fmt: skip
    assert heard[0][0] < 0.5
    assert set(fresh) <= {one for tour in heard[0][1].tours for one in tour.visits}
    assert plan.costs.total <= heard[0][1].costs.total
    near = bounded(after, before, max_changes=20)
    assert check(near, travel, plan) == []
    assert time.monotonic() - began < 5


def test_scopes_are_named() -> None:
    problem, plan = _four(_van())
    with pytest.raises(ValueError, match="reorder_changed_stops"):
        bounded(problem, plan, scope="everything")
