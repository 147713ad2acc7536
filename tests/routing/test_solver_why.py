"""Why a visit is left out: each reason, with its numbers, in the caller's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from routing.solver import (
    UNREACHABLE,
    Break,
    Problem,
    ProblemError,
    Travel,
    Vehicle,
    Visit,
    Window,
    explain_unassigned,
    solve,
)
from tests.routing.solver_cases import line

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
