"""The interpreter between the house and the solver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dispatch import planning
from routing import solver

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def hour(count: float) -> datetime:
    return START + timedelta(hours=count)


def facts(
    window: tuple[datetime, datetime] | None = None, rest: tuple[datetime, datetime, int] | None = None
) -> planning.DayFacts:
    stop = planning.StopFacts(
        "s", "Order 1", (49.4, 8.7), window, 300, planning.Load(2000, 5000, 1), frozenset({"fridge"}), "urgent"
    )
    shift = planning.ShiftFacts(
        "v",
        "Ada (Van 1)",
        (49.5, 8.6),
        hour(8),
        hour(17),
        (500_000, None, 100, None),
        frozenset({"fridge"}),
        4000,
        2400,
        35,
        rest,
    )
    return planning.DayFacts(START, (stop,), (shift,), {"v": ("s",)})


def test_a_day_in_the_solvers_words() -> None:
    problem = planning.to_problem(facts((hour(9), hour(12)), (hour(11.5), hour(13), 1800)))
    visit, vehicle = problem.visits[0], problem.vehicles[0]
    assert visit.windows == (solver.Window(9 * 3600, 12 * 3600 - planning.RESERVE_S),)
    assert visit.load == (2000, 5000, 1, 0) and visit.price_cents == planning.PRICE_CENTS["urgent"]
    assert vehicle.capacity == (500_000, planning.NO_LIMIT, 100, planning.NO_LIMIT)
    assert vehicle.shift == solver.Window(8 * 3600, 17 * 3600)
    assert vehicle.breaks == (solver.Break(41_400, 46_800, 1800),)


def test_a_short_window_keeps_most_of_itself() -> None:
    visit = planning.to_problem(facts((hour(9), hour(9.5)))).visits[0]
    assert visit.windows == (solver.Window(9 * 3600, 9 * 3600 + 1500),)


def test_there_and_back_again() -> None:
    day = facts((hour(9), hour(12)))
    import numpy as np

    travel = planning.to_travel(
        np.array([[0, 600], [700, 0]], np.int32), np.array([[0, 5000], [6000, 0]], np.int32), 10**8
    )
    problem = planning.to_problem(day)
    plan = planning.present_plan(problem, travel, day)
    assert plan is not None
    route = planning.to_route(day, plan.tours[0])
    assert route.legs == ((600, 5000), (700, 6000)) and route.distance_m == 11_000
    assert hour(9) <= route.stops[0].start_at <= hour(12)
    assert route.starts_at + timedelta(seconds=route.duration_s) == route.ends_at
    assert route.load == {"weight_g": 2000, "volume_ml": 5000, "pieces": 1, "pallets": 0}


def test_no_way_is_no_way_in_both_words() -> None:
    import numpy as np

    travel = planning.to_travel(
        np.array([[0, 10**8], [5, 0]], np.int32), np.array([[0, 10**8], [5, 0]], np.int32), 10**8
    )
    assert int(travel.seconds[0, 1]) == solver.UNREACHABLE and int(travel.seconds[1, 0]) == 5
