"""What a new plan must not touch: rules for the solver, and a check of what it found."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from dispatch import picture, planning, wishes
from dispatch.picture import Told
from routing import solver
from routing.solver import laying
from routing.solver.reoptimize import bounded

START = datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=1)))


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def day(windows: dict[str, Any]) -> planning.DayFacts:
    """Three stops in a line, ten minutes apart, two vans at its beginning."""
    stops = tuple(
        planning.StopFacts(id, id.upper(), (49.0, 8.0), windows.get(id), 60, planning.Load(), frozenset(), "normal")
        for id in ("near", "middle", "far")
    )
    shifts = tuple(
        planning.ShiftFacts(
            id, id.title(), (49.0, 8.0), at(8), at(18), (None, None, None, None), frozenset(), 0, 2000, 30, None
        )
        for id in ("ann", "bob")
    )
    return planning.DayFacts(START, stops, shifts, {"ann": ("near", "middle", "far")})


def travel() -> solver.Travel:
    places = np.array([0, 0, 1, 2, 3])
    away = (np.abs(places[:, None] - places[None, :]) * 600).astype(np.int32)
    return solver.Travel(away, (away * 10).astype(np.int32))


def solved(facts: planning.DayFacts, asked: wishes.Wishes, **bounds: Any) -> tuple[solver.Problem, solver.Plan]:
    problem = wishes.bound(planning.to_problem(facts), facts, asked)
    before = laying.lay(problem, travel(), facts.sequences)
    if bounds:
        problem = bounded(problem, before, **bounds)
    plan = solver.solve(problem, travel(), seconds=30, seed=1, steps=300)
    assert not solver.check(problem, travel(), plan)
    return problem, plan


def pictured(facts: planning.DayFacts, problem: solver.Problem, plan: solver.Plan, told: dict[str, Told]) -> Any:
    names = facts.names()
    routes = [picture.route_of(planning.to_route(facts, tour, ()), names[tour.vehicle], told) for tour in plan.tours]
    off = picture.left_out({one.visit: (one.code, one.message) for one in plan.unassigned}, told)
    return {"routes": routes, "off": off, "terms": {}}


def test_a_promise_that_is_kept_stays_kept() -> None:
    """The planned windows let everybody wait until noon; the promise to the farthest does not."""
    facts = day({id: (at(9), at(12)) for id in ("near", "middle", "far")})
    told = {"far": Told(at(9.1), True), "near": Told(at(12), False)}
    asked = wishes.Wishes(promises={"far": told["far"]})
    problem, plan = solved(facts, asked)
    step = next(step for tour in plan.tours for step in tour.steps if step.visit == "far")
    assert step.start_s <= planning.to_seconds(facts, at(9.1))
    after = pictured(facts, problem, plan, told)
    assert wishes.broken(asked, facts.sequences, after, facts.names()) == []
    assert wishes.kept_promises(after, told) == {"far": told["far"]}, "who was told nothing is promised nothing"


def test_a_promise_without_a_planned_window_binds_too() -> None:
    facts = day({})
    asked = wishes.Wishes(promises={"far": Told(at(8.6), True)})
    _, plan = solved(facts, asked)
    assert all(step.start_s <= planning.to_seconds(facts, at(8.6)) for tour in plan.tours for step in tour.steps
               if step.visit == "far")  # fmt: skip


def test_what_is_loaded_stays_in_its_van() -> None:
    facts = day({})
    asked = wishes.Wishes(loaded={"near": "bob", "far": "ann"})
    problem, plan = solved(facts, asked)
    assert (plan.vehicle_of("near"), plan.vehicle_of("far")) == ("bob", "ann")
    assert wishes.broken(asked, {}, pictured(facts, problem, plan, {}), facts.names()) == []


@pytest.mark.parametrize("most", [0, 1])
def test_at_most_so_many_stops_change_their_driver(most: int) -> None:
    """Bob is free of charge, so everybody would change if they could."""
    facts = day({})
    ann, bob = facts.shifts
    dear = planning.ShiftFacts(*(getattr(ann, name) for name in ann.__slots__[:7]), 0, 90_000, 9_000, None)
    facts = planning.DayFacts(facts.start_at, facts.stops, (dear, bob), facts.sequences)
    _, plan = solved(facts, wishes.Wishes(), max_changes=most)
    assert sum(plan.vehicle_of(stop.id) != "ann" for stop in facts.stops) == most


def test_what_is_not_kept_is_said() -> None:
    facts = day({})
    asked = wishes.Wishes(loaded={"near": "bob"}, promises={"far": Told(at(8), True), "middle": Told(at(8), True)})
    problem = planning.to_problem(facts)
    plan = laying.lay(problem, travel(), {"ann": ("near", "far")})
    after = pictured(facts, problem, plan, {"far": Told(at(8), True), "middle": Told(at(8), True)})
    said = wishes.broken(asked, facts.sequences, after, facts.names())
    assert said == [
        "NEAR lies in the van of Bob and would not go with it.",
        "The promise for FAR would be broken.",
        "The promise for MIDDLE would be broken.",
    ]
    assert after["off"][0]["promise"] == "broken", "a promise to a stop that nobody visits"
