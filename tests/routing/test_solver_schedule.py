"""Times of a given order: late departure, waiting, breaks, soft windows, overtime, by hand and against a judge."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.solver import Break, Costs, Overtime, Plan, Problem, Travel, Unassigned, Vehicle, Visit, Window, check
from routing.solver.plan import total_costs
from routing.solver.schedule import Scheduler
from tests.routing.solver_cases import line, small_problems


def _one_van(visits: list[Visit], seconds: list[list[int]], **van: object) -> Scheduler:
    given: dict[str, object] = {"start_place": 0, "end_place": 0, "shift": Window(0, 10_000), "cents_per_hour": 3600}
    return Scheduler(Problem(tuple(visits), (Vehicle(id="van", **(given | van)),), ()), line(seconds))  # type: ignore[arg-type]


def test_the_van_leaves_as_late_as_its_windows_let_it() -> None:
    visits = [
        Visit(id="a", place=1, windows=(Window(1000, 2000),), service_s=100),
        Visit(id="b", place=2, windows=(Window(3000, 4000),)),
    ]
    tour = _one_van(visits, [[0, 100, 100], [100, 0, 100], [100, 100, 0]]).tour(0, [0, 1])
    assert tour is not None
    # Leaving at 1900 a is reached at its last moment; 800 s of waiting before b remain and are paid.
    assert (tour.start_s, tour.end_s) == (1900, 3100)
    assert [(s.arrive_s, s.start_s, s.leave_s) for s in tour.steps] == [(2000, 2000, 2100), (2200, 3000, 3000)]
    assert tour.costs.hours == 1200


def test_a_break_interrupts_driving_and_is_not_due_in_a_tour_that_ends_before_it() -> None:
    visits = [Visit(id="a", place=1, service_s=100)]
    table = [[0, 1000], [1000, 0]]
    scheduler = _one_van(visits, table, breaks=(Break(500, 600, 300),), shift=Window(0, 2450))
    tour = scheduler.tour(0, [0])
    assert tour is not None
    assert (tour.start_s, tour.end_s) == (0, 2400)
    assert [(rest.after, rest.start_s, rest.end_s) for rest in tour.breaks] == [(0, 500, 800)]
    assert tour.steps[0].arrive_s == 1300
    early = _one_van(visits, table, breaks=(Break(5000, 6000, 300),)).tour(0, [0])
    assert early is not None
    assert early.breaks == ()


def test_lateness_and_overtime_are_priced_and_bounded() -> None:
    visits = [Visit(id="a", place=1, windows=(Window(0, 400),), late_cents_per_hour=720, service_s=500)]
    scheduler = _one_van(
        visits,
        [[0, 1000], [1000, 0]],
        shift=Window(0, 2000),
        overtime=Overtime(600, 7200),
        fixed_cents=5,
        cents_per_km=100,
    )
    tour = scheduler.tour(0, [0])
    assert tour is not None
    assert tour.steps[0].late_s == 600
    assert tour.costs == Costs(fixed=5, hours=2500, km=2000, overtime=1000, late=120)
    assert (
        _one_van(visits, [[0, 1000], [1000, 0]], shift=Window(0, 2000), overtime=Overtime(499, 0)).price(0, [0]) is None
    )


def test_a_stop_with_two_windows_is_served_in_the_first_it_can_still_reach() -> None:
    visits = [Visit(id="a", place=1, windows=(Window(0, 50), Window(3000, 3100)))]
    tour = _one_van(visits, [[0, 100], [100, 0]]).tour(0, [0])
    assert tour is not None
    assert (tour.start_s, tour.steps[0].start_s) == (2900, 3000)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(vehicles=1), st.randoms(use_true_random=False))
def test_what_is_scheduled_passes_the_judge_and_waits_for_nothing_at_the_start(
    case: tuple[Problem, Travel], chance: object
) -> None:
    problem, travel = case
    scheduler = Scheduler(problem, travel)
    sequence = [at for at in range(len(problem.visits)) if scheduler.may_serve(0, at)]
    chance.shuffle(sequence)  # type: ignore[attr-defined]
    while sequence and scheduler.price(0, sequence) is None:
        sequence.pop()
    if not sequence:
        return
    tour = scheduler.tour(0, sequence)
    assert tour is not None
    assert tour.costs.total == scheduler.price(0, sequence)
    out = [Unassigned(v.id, "x", "x") for v in problem.visits if v.id not in tour.visits]
    left_out = sum(problem.visit(one.visit).price_cents for one in out)
    assert check(problem, travel, Plan((tour,), tuple(out), total_costs([tour], left_out))) == []
    # Nobody could have left a second later: some visit is at its last moment, or nothing is waited for at all.
    waits = sum(step.start_s - step.arrive_s for step in tour.steps) > 0
    tight = any(
        step.start_s in {window.latest_s for window in problem.visit(step.visit).windows} or step.late_s
        for step in tour.steps
    )
    assert tight or not waits or tour.breaks or problem.vehicles[0].breaks


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(vehicles=1))
def test_placements_are_what_trying_every_position_gives(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    scheduler, sequence = Scheduler(problem, travel), list(range(1, len(problem.visits)))
    if not problem.visits or (sequence and scheduler.outline(0, sequence) is None):
        return
    found = dict(scheduler.placements(0, sequence, 0))
    for position in range(len(sequence) + 1):
        outline = scheduler.outline(0, [*sequence[:position], 0, *sequence[position:]])
        assert found.get(position) == outline
