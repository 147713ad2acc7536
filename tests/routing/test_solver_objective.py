"""The objective in named terms: adds up, prices as set, presets do what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from routing.solver import Break, Overtime, Plan, Problem, Travel, Vehicle, Visit, Window, check, solve
from routing.solver.objective import (
    LATE_HOURS,
    PRESETS,
    balanced,
    cheapest,
    explain,
    fewest_vans,
    hard_before_soft,
    on_time,
    terms,
)
from routing.solver.plan import Costs
from routing.solver.problem import DEFAULT_PRICE_CENTS
from tests.routing.rich_cases import rich_problems
from tests.routing.solver_cases import line
from tests.routing.standing_cases import filled

HOUR = 3600
QUIET = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@QUIET
@given(rich_problems(max_visits=6, min_visits=1))
def test_every_cent_is_explained(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    plan = filled(problem, travel)
    told = explain(problem, plan)
    names = [term.name for term in terms(problem) if term.kind == "soft"]
    assert names == list(Costs().terms())
    assert {one.term.name: one.cents for one in told.plan} == plan.costs.terms()
    assert sum(one.cents for one in told.plan) == plan.costs.total
    for tour in plan.tours:
        route = told.routes[tour.vehicle]
        assert {one.term.name: one.cents for one in route} == tour.costs.terms()
        for one in route:  # an amount at its price is its cents: at one price exactly, else between the two
            least, most = one.term.price or (0, 0)
            if least == most and one.term.name not in ("fixed", "hours", "km", "overtime", "late"):
                assert one.cents == one.amount * least
            assert one.cents <= most * one.amount / one.term.per + 0.5
            assert one.cents == 0 or one.amount > 0
    for number, one in enumerate(told.plan[: names.index("balance")]):
        assert one.amount == sum(route[number].amount for route in told.routes.values())
    assert told.plan[-1].amount == len(plan.unassigned)


def _day(**more: object) -> Problem:
    van = Vehicle(
        id="a", start_place=0, end_place=0, shift=Window(0, 10 * HOUR), capacity=(5,), cents_per_hour=2000,
        cents_per_km=30, fixed_cents=500, breaks=(Break(3 * HOUR, 4 * HOUR, 600),), overtime=Overtime(HOUR, 900),
        skills=frozenset("x"),
    )  # fmt: skip
    visits = tuple(
        Visit(id=f"v{at}", place=at, load=(1,), windows=(Window(HOUR, 2 * HOUR),), late_cents_per_hour=1000)
        for at in (1, 2, 3)
    )
    visits = (replace(visits[0], skills=frozenset("x")), replace(visits[1], price_cents=700), visits[2])
    return replace(Problem(visits, (van, replace(van, id="b", cents_per_hour=2400)), ("kg",)), **more)  # type: ignore[arg-type]


ROADS = line([[0, 600, 600, 700], [600, 0, 600, 100], [600, 600, 0, 900], [650, 100, 900, 0]])


def test_the_terms_of_a_problem_are_its_rules_and_prices() -> None:
    listed = {term.name: term for term in terms(_day())}
    assert [name for name, term in listed.items() if term.kind == "hard"] == [
        "shifts", "breaks", "capacity kg", "skills",
    ]  # fmt: skip
    assert (listed["hours"].unit, listed["hours"].price) == ("h", (2000, 2400))
    assert (listed["km"].unit, listed["km"].price) == ("km", (30, 30))
    assert listed["left_out"].price == (700, DEFAULT_PRICE_CENTS)
    assert listed["balance"].price is None and listed["unfamiliar"].price is None
    assert all(term.sentence.endswith(".") for term in listed.values())
    plan = filled(_day(), ROADS)
    amounts = {one.term.name: one for one in explain(_day(), plan).plan}
    assert amounts["km"].in_units == plan.tours[0].metres / 1000
    assert amounts["hours"].in_units == plan.tours[0].duration_s / 3600


@QUIET
@given(rich_problems(max_visits=5, min_visits=1))
def test_presets_change_prices_alone_and_put_every_stop_before_money(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    problem = replace(
        problem,
        visits=tuple(
            replace(one, price_cents=DEFAULT_PRICE_CENTS if number % 2 else 20)
            for number, one in enumerate(problem.visits)
        ),
    )
    for preset in (*PRESETS.values(), lambda one: hard_before_soft(one, travel)):
        priced = preset(problem)
        assert preset(priced) == preset(problem) or preset is fewest_vans
        assert [replace(one, price_cents=0, late_cents_per_hour=None) for one in priced.visits] == [
            replace(one, price_cents=0, late_cents_per_hour=None) for one in problem.visits
        ]
        assert [replace(one, fixed_cents=0) for one in priced.vehicles] == [
            replace(one, fixed_cents=0) for one in problem.vehicles
        ]
        assert all(one.price_cents == 20 for one in priced.visits[::2])
        plan = filled(priced, travel)
        assert check(priced, travel, plan) == []
        usual = [one.price_cents for one in priced.visits[1::2]]
        assert all(price > plan.costs.total - plan.costs.left_out for price in usual)


def test_what_the_presets_do_to_prices() -> None:
    day = _day()
    assert cheapest(replace(day, prices=replace(day.prices, balance_cents_per_hour=9))).prices == day.prices
    late = {one.late_cents_per_hour for one in on_time(day).visits}
    assert late == {LATE_HOURS * 2400}
    assert balanced(day).prices.balance_cents_per_hour == 2400
    extra = {
        after.fixed_cents - was.fixed_cents for after, was in zip(fewest_vans(day).vehicles, day.vehicles, strict=True)
    }
    assert extra == {2 * (11 * 2400 + 30 * 11 * 60)}
    assert all(preset(day).visits[1].price_cents == 700 for preset in PRESETS.values())
    for preset in PRESETS.values():
        assert preset(Problem((), ())) == Problem((), (), prices=preset(Problem((), ())).prices)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_lead_to_such_plans(name: str) -> None:
    """Two vans, each nearer to half of the stops; one of them alone would be late or long."""
    van = Vehicle(id="a", start_place=0, end_place=0, shift=Window(0, 20 * HOUR), cents_per_hour=2000, fixed_cents=100)
    vans = (van, replace(van, id="b", start_place=1, end_place=1))
    seconds = [[abs(a - b) * 900 for b in (0, 8, 1, 2, 6, 7)] for a in (0, 8, 1, 2, 6, 7)]
    visits = tuple(
        Visit(
            id=f"v{at}", place=at, service_s=[0, 0, 300, 300, 300, 4 * HOUR][at],
            windows=(Window(0, 2 * HOUR),), late_cents_per_hour=10,
        )
        for at in (2, 3, 4, 5)
    )  # fmt: skip
    plain = Problem(visits, vans)
    plan = solve(PRESETS[name](plain), line(seconds), seconds=0.4, seed=1)
    assert not plan.unassigned
    late = sum(step.late_s for tour in plan.tours for step in tour.steps)
    if name == "fewest_vans":
        assert len(plan.tours) == 1
    if name == "on_time":
        assert late == 0 and len(plan.tours) == 2
    if name == "balanced":
        other = solve(PRESETS["cheapest"](plain), line(seconds), seconds=0.4, seed=1)
        assert _gap_s(plan) <= _gap_s(other)


def _gap_s(plan: Plan) -> int:
    spans = [tour.duration_s for tour in plan.tours]
    return max(spans) - min(spans)
