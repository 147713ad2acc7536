"""Problems that contradict themselves are refused in a sentence; what is stored comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from routing.solver import Break, Problem, ProblemError, Travel, Vehicle, Visit, Window, solve
from routing.solver.wire import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    to_text,
    travel_from_bytes,
    travel_to_bytes,
)
from tests.routing.solver_cases import small_problems

VISIT = Visit(id="a", place=0, load=(1,))
VAN = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 1000), capacity=(5,))


def _problem(visit: Visit = VISIT, van: Vehicle = VAN, **others: Any) -> Problem:
    return Problem((visit,), (van,), ("kg",), **others)


WRONG: dict[str, tuple[str, Callable[[], object]]] = {
    "two visits of one id": ("duplicate_id", lambda: Problem((VISIT, VISIT), (VAN,), ("kg",))),
    "two vehicles of one id": ("duplicate_id", lambda: Problem((VISIT,), (VAN, VAN), ("kg",))),
    "an empty id": ("bad_id", lambda: _problem(replace(VISIT, id=""))),
    "a dimension twice": ("duplicate_dimension", lambda: Problem((), (), ("kg", "kg"))),
    "a negative place": ("unknown_place", lambda: _problem(replace(VISIT, place=-1))),
    "a negative end": ("unknown_place", lambda: _problem(van=replace(VAN, end_place=-1))),
    "negative service": ("negative_time", lambda: _problem(replace(VISIT, service_s=-1))),
    "a window before the plan": ("negative_time", lambda: _problem(replace(VISIT, windows=(Window(-5, 5),)))),
    "a window that ends first": ("window_ends_before_start", lambda: _problem(replace(VISIT, windows=(Window(9, 8),)))),
    "windows overlapping": (
        "windows_overlap",
        lambda: _problem(replace(VISIT, windows=(Window(0, 9), Window(9, 20)))),
    ),
    "a window after the horizon": (
        "after_horizon",
        lambda: _problem(replace(VISIT, windows=(Window(5000, 6000),)), horizon_s=4000),
    ),
    "a shift that ends first": ("window_ends_before_start", lambda: _problem(van=replace(VAN, shift=Window(9, 8)))),
    "a load too short": ("bad_load", lambda: _problem(replace(VISIT, load=()))),
    "a capacity too long": ("bad_load", lambda: _problem(van=replace(VAN, capacity=(1, 2)))),
    "a negative load": ("negative_amount", lambda: _problem(replace(VISIT, load=(-1,)))),
    "a negative price": ("negative_amount", lambda: _problem(replace(VISIT, price_cents=-1))),
    "a price beyond all bounds": ("amount_too_large", lambda: _problem(replace(VISIT, price_cents=10**11))),
    "a negative rate": ("negative_amount", lambda: _problem(van=replace(VAN, cents_per_hour=-1))),
    "a break of no length": ("bad_break", lambda: _problem(van=replace(VAN, breaks=(Break(0, 5, 0),)))),
    "a break ending first": (
        "window_ends_before_start",
        lambda: _problem(van=replace(VAN, breaks=(Break(6, 5, 1),))),
    ),
    "a lock to nobody": ("unknown_vehicle", lambda: _problem(replace(VISIT, allowed_vehicles=frozenset({"ghost"})))),
    "no horizon": ("bad_horizon", lambda: _problem(horizon_s=0)),
    "negative travel": ("negative_time", lambda: Travel(np.array([[-1]], np.int32), np.array([[0]], np.int32))),
    "travel in fractions": ("bad_matrix", lambda: Travel(np.array([[0.5]]), np.array([[0]], np.int32))),  # type: ignore[arg-type]
    "travel that is not square": ("bad_matrix", lambda: Travel(np.zeros((1, 2), np.int32), np.zeros((1, 2), np.int32))),
    "matrices of two sizes": ("bad_matrix", lambda: Travel(np.zeros((1, 1), np.int32), np.zeros((2, 2), np.int32))),
    "no bytes of travel": ("bad_matrix", lambda: travel_from_bytes(b"")),
    "another format": ("bad_json", lambda: problem_from_json({"format": 99})),
    "not an object": ("bad_json", lambda: problem_from_json([])),  # type: ignore[arg-type]
    "an unknown field": ("bad_json", lambda: problem_from_json({**problem_to_json(_problem()), "colour": 1})),
    "a missing field": ("bad_json", lambda: problem_from_json({"format": 1, "visits": []})),
    "a wrong number": (
        "bad_json",
        lambda: problem_from_json({**problem_to_json(_problem()), "horizon_s": True}),
    ),
    "a list that is none": ("bad_json", lambda: problem_from_json({**problem_to_json(_problem()), "visits": 5})),
    "a visit that is none": ("bad_json", lambda: problem_from_json({**problem_to_json(_problem()), "visits": [5]})),
    "a plan that is none": ("bad_json", lambda: plan_from_json({"format": 1, "tours": {}})),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_with_a_code_and_a_sentence(name: str) -> None:
    code, build = WRONG[name]
    with pytest.raises(ProblemError) as caught:
        build()
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(visits=4))
def test_problem_travel_and_plan_come_back_as_they_were(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    text = to_text(problem_to_json(problem))
    assert problem_from_json(json.loads(text)) == problem
    assert to_text(problem_to_json(problem_from_json(json.loads(text)))) == text
    again = travel_from_bytes(travel_to_bytes(travel))
    assert np.array_equal(again.seconds, travel.seconds)
    assert np.array_equal(again.metres, travel.metres)
    plan = solve(problem, travel, seconds=0.02, seed=1)
    assert plan_from_json(json.loads(to_text(plan_to_json(plan)))) == plan


def test_asking_for_what_is_not_there_names_it() -> None:
    problem = _problem()
    assert problem.visit("a") is problem.visits[0]
    assert problem.vehicle("van") is problem.vehicles[0]
    with pytest.raises(ProblemError, match="no visit 'b'"):
        problem.visit("b")
