"""Why a visit is left out: each reason, with its numbers, in the caller's names."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.routing.cities import city_day
from routing.solver import (
    UNREACHABLE,
    Break,
    Lock,
    Problem,
    ProblemError,
    Reload,
    Travel,
    Unassigned,
    Vehicle,
    Visit,
    Window,
    check,
    explain_unassigned,
    solve,
)
from routing.solver.insert import carried_out, options
from routing.solver.laying import lay
from routing.solver.relax import apply
from routing.solver.standing import Standing
from tests.routing.rich_cases import rich_problems
from tests.routing.solver_cases import line
from tests.routing.standing_cases import filled

CODES = {
    *("no_vehicle", "excluded", "no_vehicle_with_skill", "outside_zones", "too_heavy", "unreachable"),
    *("window_cannot_be_met", "outside_shift", "must_share_van", "too_many_changes", "kept_apart", "lock_in_the_way"),
    *("capacity_full", "time_full", "not_worth_price", "fits"),
}

HOUR = 3600
ROADS = line([[0, HOUR, HOUR], [HOUR, 0, HOUR], [HOUR, HOUR, 0]])


def _why(
    visit: dict[str, Any], van: dict[str, Any], *, others: tuple[Visit, ...] = (), roads: Travel = ROADS
) -> tuple[str, str]:
    """Code and sentence for visit x after a solve, called by name."""
    asked = Visit(**{"id": "x", "place": 1, "load": (3,), "price_cents": 1000, **visit})
    shift = {"start_place": 0, "end_place": 0, "shift": Window(8 * HOUR, 17 * HOUR), "capacity": (10,)}
    problem = Problem((asked, *others), (Vehicle(**{"id": "van", **shift, **van}),), ("kg",))
    plan = solve(problem, roads, seconds=0.3, seed=1)
    assert "x" in {one.visit for one in plan.unassigned}
    reason = explain_unassigned(problem, roads, plan, "x", names={"van": "Anna's van", "o": "Order 1"})
    assert reason.visit == "x"
    assert next(one.code for one in plan.unassigned if one.visit == "x") == reason.code
    return reason.code, reason.message


def test_excluded_and_skills() -> None:
    assert _why({"allowed_vehicles": frozenset()}, {})[0] == "excluded"
    assert _why({"skills": frozenset({"fridge"})}, {}) == (
        "no_vehicle_with_skill",
        "Needs skill 'fridge'; no vehicle has it.",
    )
    code, text = _why({"skills": frozenset({"fridge"}), "allowed_vehicles": frozenset({"van"})}, {})
    assert (code, text) == (
        "no_vehicle_with_skill",
        "Needs skill 'fridge'; it may only go with Anna's van, which cannot do that.",
    )


def test_too_heavy_names_both_amounts() -> None:
    assert _why({"load": (12,)}, {}) == (
        "too_heavy",
        "It loads 12 of kg; the largest vehicle that may serve it has room for 10.",
    )


def test_unreachable_by_road_or_by_the_longest_way() -> None:
    seconds = ROADS.seconds.copy()
    seconds[0, 1] = UNREACHABLE
    assert _why({}, {}, roads=Travel(seconds, ROADS.metres)) == (
        "unreachable",
        "There is no road between it and the depot of Anna's van.",
    )
    assert _why({}, {"max_metres": 50_000}) == (
        "unreachable",
        "There and back is 72000 m, more than Anna's van may drive in a day.",
    )


def test_windows_and_shifts_name_the_hours() -> None:
    assert _why({"windows": (Window(0, 8 * HOUR),)}, {}) == (
        "window_cannot_be_met",
        "Its window ends at 08:00; the earliest arrival is 09:00, with Anna's van.",
    )
    code, text = _why({"windows": (Window(16 * HOUR + 1800, 20 * HOUR),)}, {})
    assert (code, text) == (
        "outside_shift",
        "Anna's van would be back at 17:30 at the earliest, 30 min after its latest end of work at 17:00.",
    )
    assert _why({"service_s": HOUR}, {"max_duration_s": HOUR})[0] == "outside_shift"
    rest = (Break(8 * HOUR, 8 * HOUR + 60, 2 * HOUR),)
    assert _why({"windows": (Window(9 * HOUR, 9 * HOUR + 60),)}, {"breaks": rest})[0] == "window_cannot_be_met"


def test_full_vans_busy_vans_and_prices() -> None:
    dear = Visit(id="o", place=2, load=(9,), price_cents=10**6)
    code, text = _why({}, {}, others=(dear,))
    assert (code, text) == (
        "capacity_full",
        "The only vehicle that may serve it has room for at most 1 of kg, it loads 3.",
    )
    long = Visit(id="o", place=2, load=(1,), price_cents=10**6, service_s=6 * HOUR)
    code, text = _why(
        {"skills": frozenset({"fridge"}), "service_s": HOUR}, {"skills": frozenset({"fridge"})}, others=(long,)
    )
    assert code == "time_full"
    assert text == "Needs skill 'fridge'; only Anna's van may serve it and it is busy from 08:00 to 16:00."
    assert _why({}, {"cents_per_hour": 1000}) == (
        "not_worth_price",
        "Serving it would cost 20.00 more (Anna's van), leaving it out costs 10.00.",
    )


def test_a_plan_with_a_place_left_says_so_and_unknown_visits_are_refused() -> None:
    van = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 10 * HOUR))
    problem = Problem((Visit(id="x", place=1),), (van,))
    empty = solve(Problem((), (van,)), ROADS, seconds=0.1, seed=1)
    assert explain_unassigned(problem, ROADS, empty, "x").code == "fits"
    with pytest.raises(ProblemError, match="ghost"):
        explain_unassigned(problem, ROADS, empty, "ghost")


def test_two_hundred_visits_too_many_are_explained_in_time() -> None:
    chance = np.random.default_rng(1)
    table = chance.integers(60, 900, (301, 301)).astype(np.int32)
    roads = Travel(table, table * 7)
    visits = tuple(Visit(id=f"v{at}", place=at, service_s=600) for at in range(1, 301))
    vans = tuple(Vehicle(id=f"k{at}", start_place=0, end_place=0, shift=Window(0, 8 * HOUR)) for at in range(3))
    plan = solve(Problem(visits, vans), roads, seconds=1, seed=1)
    assert len(plan.unassigned) > 100
    assert {one.code for one in plan.unassigned} <= {"time_full", "not_explained"}
    assert sum(one.code == "time_full" for one in plan.unassigned) > 100


# -- ways out ----------------------------------------------------------------------------------------------------------


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems(max_visits=6, min_visits=2))
def test_after_each_way_out_the_visit_has_a_place_at_the_price_stated(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    plan = filled(problem, travel)
    for one in plan.unassigned:
        why = explain_unassigned(problem, travel, plan, one.visit)
        assert why.code in CODES and why.message
        offers = why.relaxations
        assert [each.delta_cents for each in offers] == sorted(each.delta_cents for each in offers)
        assert len({(each.code, each.vehicle, *(more.code for more in each.also)) for each in offers}) == len(offers)
        if why.code == "fits":
            assert not offers
        for offer in offers:
            assert one.visit in offer.visits and offer.message.endswith(".")
            loose = apply(offer, problem)
            standing = Standing(loose, travel, plan)
            answer = options(standing, one.visit)
            assert answer.options, offer
            mine = [each for each in answer.options if offer.on in (each.vehicle, *each.alike)]
            best = min(mine, key=lambda each: each.delta_cents)
            assert best.delta_cents == offer.delta_cents, offer
            if offer.vehicle is None:  # what concerns the visit: nobody does it cheaper
                assert offer.delta_cents == answer.options[0].delta_cents
            same = [each for each in mine if each.delta_cents == offer.delta_cents]
            assert (offer.position, offer.delta_s, offer.delta_metres) in {
                (each.position, each.delta_s, each.delta_metres) for each in same
            }
            done = carried_out(best, standing)
            assert done.faults == () and check(loose, travel, done.plan) == []


def _left_out(visit: dict[str, Any], van: dict[str, Any], others: tuple[Visit, ...] = (), **more: Any) -> list[Any]:
    """Ways out (code, amount, Δ cents, sentence) for visit x beside `others`, which are in the plan."""
    asked = Visit(**{"id": "x", "place": 1, "load": (3,), "price_cents": 100_000, **visit})
    shift = {"start_place": 0, "end_place": 0, "shift": Window(8 * HOUR, 17 * HOUR), "capacity": (10,)}
    vans = (Vehicle(**{"id": "van", "cents_per_hour": 3600, **shift, **van}),)
    vans = (*vans, *(more.pop("vans", ())))
    problem = Problem((asked, *others), vans, ("kg",), **more)
    rest = replace(problem, visits=others, locks=(), apart=(), together=(), before={})
    plan = filled(rest, ROADS)
    assert not plan.unassigned
    plan = replace(plan, unassigned=(Unassigned("x", "left", "Left out."),))
    why = explain_unassigned(problem, ROADS, plan, "x", names={"x": "Order 7", "van": "Anna's van"})
    return [(one.code, one.amount or one.amounts, one.delta_cents, one.message) for one in why.relaxations]


def test_each_rule_that_could_give_way_is_offered_with_its_amount() -> None:
    found = _left_out({"windows": (Window(0, 8 * HOUR + 1800),)}, {})
    assert found[0] == (
        "window_later", 1800, 7200, "Serve Order 7 until 09:00, 30 min after the window: 72.00 more with Anna's van.",
    )  # fmt: skip
    assert {one[0] for one in found} == {"window_later", "may_be_late", "shift_earlier"}
    assert ("shift_earlier", 1800) in {one[:2] for one in found}
    found = _left_out({"windows": (Window(17 * HOUR, 18 * HOUR),)}, {})
    assert {one[:2] for one in found} == {("window_earlier", 3600), ("shift_later", 3600)}
    found = _left_out({"service_s": 8 * HOUR}, {})
    assert ("shift_later", 3600, 10 * 3600, "Let Anna's van work 60 min longer: 360.00 more with Anna's van.") in found
    dear = (Visit(id="o", place=2, load=(9,), price_cents=10**6),)
    found = _left_out({}, {"skills": frozenset("a")}, dear)
    assert [one[:2] for one in found] == [("over_capacity", (2,)), ("one_more_van", 1)]
    assert found[0][3] == "Load Anna's van with 2 of kg more than it may carry: 36.00 more with Anna's van."
    found = _left_out({}, {"reloads": (Reload(0),), "max_reloads": 0}, dear)
    assert ("one_more_reload", 1, 7200) in {one[:3] for one in found}
    assert _left_out({"skills": frozenset({"fridge"})}, {})[0][:1] == ("ignore_skills",)
    assert _left_out({"allowed_vehicles": frozenset()}, {})[0][:1] == ("ignore_allowed",)
    assert _left_out({"zone": "n"}, {"zones": frozenset("s"), "zones_hard": True})[0][0] == "ignore_zone"
    assert _left_out({}, {"max_metres": 71_000})[0][:2] == ("more_metres", 1000)
    assert _left_out({}, {"max_duration_s": HOUR})[0][:2] == ("longer_duration", HOUR)
    assert _left_out({}, {"max_visits": 0})[0][:2] == ("more_visits", 1)
    assert _left_out({"price_cents": 5000}, {})[0] == (
        "raise_price", 2201, 7200, "Accept the price of serving Order 7: 72.00 more with Anna's van.",
    )  # fmt: skip
    light = (Visit(id="o", place=2, load=(1,), price_cents=10**6),)
    assert _left_out({}, {}, light, apart=(frozenset("xo"),))[0][0] == "ignore_apart"
    lazy = Vehicle(id="lazy", start_place=0, end_place=0, shift=Window(0, 1), capacity=(10,))
    found = _left_out({}, {}, vans=(lazy,), locks=(Lock("driver", "lazy", ("x",)),))
    assert ("ignore_lock", "Unlock Order 7: 72.00 more with Anna's van.") in {one[::3] for one in found}
    found = _left_out({"skills": frozenset("a"), "windows": (Window(0, 8 * HOUR + 1800),)}, {})
    assert found[0] == (
        "window_later",
        1800,
        7200,
        "Let it be served without 'a', and serve Order 7 until 09:00, 30 min after the window: "
        "72.00 more with Anna's van.",
    )
    found = _left_out({}, {}, vans=(lazy,), before={"x": "lazy"}, max_changes=0)
    assert ("more_changes", 1) in {one[:2] for one in found}


def test_ways_out_of_a_large_day_take_no_second() -> None:
    problem, travel = city_day(300)
    plan = filled(problem, travel)
    problem = replace(
        problem,
        vehicles=tuple(one for one in problem.vehicles if plan.tour_of(one.id)),
        visits=(*problem.visits, Visit(id="late", place=7, windows=(Window(HOUR, 2 * HOUR),), load=(500, 1))),
    )
    began = time.monotonic()
    why = explain_unassigned(problem, travel, plan, "late")
    offers = why.relaxations
    assert time.monotonic() - began < 1
    assert why.code == "too_heavy"
    assert {one.also[0].code for one in offers} == {"may_be_late"} and {one.code for one in offers} == {"over_capacity"}
    began = time.monotonic()
    light = replace(problem, visits=(*problem.visits[:-1], replace(problem.visits[-1], load=(1, 1))))
    offers = explain_unassigned(light, travel, plan, "late").relaxations
    assert time.monotonic() - began < 1
    assert {"window_later", "may_be_late"} <= {one.code for one in offers}


def test_what_ties_a_stop_to_others_is_told() -> None:
    def code(asked: dict[str, Any], others: tuple[Visit, ...], **more: Any) -> tuple[str, str]:
        van = Vehicle(id="van", start_place=0, end_place=0, shift=Window(8 * HOUR, 17 * HOUR), capacity=(10,))
        visit = Visit(**{"id": "x", "place": 1, "load": (3,), **asked})
        problem = Problem((visit, *others), (van, replace(van, id="two", **more.pop("two", {}))), ("kg",), **more)
        plan = lay(problem, ROADS, {"van": [one.id for one in others]})
        why = explain_unassigned(problem, ROADS, plan, "x", names={"x": "Order 7", "o": "Order 1", "two": "Ben's van"})
        return why.code, why.message

    full = (Visit(id="o", place=2, load=(8,)),)
    assert code({}, full, together=(frozenset("xo"),))[0] == "capacity_full"
    only = {"allowed_vehicles": frozenset({"two"})}
    assert code(only, full, together=(frozenset("xo"),)) == (
        "must_share_van",
        "Order 7 must share a van with Order 1, which van makes.",
    )
    assert code(only, full, before={"x": "van"}, max_changes=0) == (
        "too_many_changes",
        "1 stops would change their driver, 0 may.",
    )
    light = (Visit(id="o", place=2, load=(1,)),)
    one = {"allowed_vehicles": frozenset({"van"})}
    assert code(one, light, apart=(frozenset("xo"),)) == (
        "kept_apart",
        "Van makes a stop that must not share a van with it.",
    )
    assert code(one, light, locks=(Lock("position", "van", ("x",), 5),))[0] == "lock_in_the_way"
    assert code({**one, "aboard": "two"}, light) == (
        "excluded",
        "It is tied to Ben's van, and no vehicle satisfies all that ties it.",
    )
    hard = {"zones": frozenset("s"), "zones_hard": True}
    assert code({"zone": "n", "allowed_vehicles": frozenset({"two"})}, light, two=hard) == (
        "outside_zones",
        "It lies in 'n'; no vehicle that may serve it works there.",
    )
    assert code({"allowed_vehicles": frozenset({"two"})}, light, two={"under_way": True})[0] == "too_heavy"
