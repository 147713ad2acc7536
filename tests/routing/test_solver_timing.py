"""The scheduler finds the cheapest timing of a tour: held against trying every departure and every place for breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from routing.solver import Break, Problem, Travel, Vehicle, Visit, Window
from routing.solver.check import check_tour
from routing.solver.schedule import Scheduler
from tests.routing.rich_cases import rich_problems
from tests.routing.solver_cases import line
from tests.routing.timing_oracle import laid, pauses, reload_codes, timing_oracle

#: What the times of a tour depend on where the speed is the same all day.
TIMED_FEATURES = (
    *("windows", "two_windows", "soft", "service", "breaks", "overtime", "late_shift", "max_visits", "max_metres"),
    *("max_duration", "open_end", "two_depots", "unreachable", "rates", "split_breaks", "reloads"),
    *("service_percent", "parcels"),
)
ALL_TIMED = (*TIMED_FEATURES, "slots")
#: What a random sequence may break that is not a matter of time.
NOT_OF_TIME = {
    *("skill", "vehicle_not_allowed", "aboard_elsewhere", "outside_zones", "lock_vehicle", "lock_order"),
    *("lock_position", "pair_split", "pair_order", "apart", "overloaded", "not_loaded", "too_many_reloads"),
}
MANY = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def timed_tours(
    draw: st.DrawFn, features: Sequence[str] = TIMED_FEATURES, always: Sequence[str] = ()
) -> tuple[Problem, Travel, list[int]]:
    """A problem of one vehicle, and some of its visits in an order that the windows do not forbid at once."""
    problem, travel = draw(rich_problems(max_visits=6, max_vehicles=1, min_visits=2, features=features, always=always))
    sequence = draw(st.permutations(range(len(problem.visits))))[: draw(st.sampled_from([6, 6, 3, 1]))]
    if draw(st.integers(0, 3)):
        sequence.sort(key=lambda at: problem.visits[at].windows[0].latest_s if problem.visits[at].windows else 60)
    codes = reload_codes(problem, 0)
    if codes and problem.vehicles[0].max_reloads and draw(st.booleans()):
        sequence.insert(draw(st.integers(0, len(sequence) - 1)), draw(st.sampled_from(codes)))
    assume(len(pauses(problem.vehicles[0])) < 5)  # more places for breaks than one has patience for
    if draw(st.integers(0, 3)):  # mostly as much of it as there is time for
        while len(sequence) > 1 and timing_oracle(problem, travel, 0, sequence) is None:
            sequence.pop()
    if sequence[-1] >= len(problem.visits):
        sequence.pop()
    assume(sequence)
    return problem, travel, sequence


@MANY
@given(timed_tours() | timed_tours(always=("breaks", "service")) | timed_tours(always=("breaks", "split_breaks")))
def test_the_timing_is_the_cheapest_there_is(case: tuple[Problem, Travel, list[int]]) -> None:
    problem, travel, sequence = case
    scheduler = Scheduler(problem, travel)
    outline, best = scheduler.outline(0, sequence), timing_oracle(problem, travel, 0, sequence, every_departure=True)
    event("none" if best is None else "breaks" if best.run.rests else "no breaks")
    assert (outline is None) == (best is None), best
    if outline is None or best is None:
        return
    vehicle = problem.vehicles[0]
    over_s = max(0, outline.end_s - vehicle.shift.latest_s)
    price = vehicle.cents_per_hour * (outline.end_s - outline.start_s) + outline.late_price
    price += vehicle.overtime.cents_per_hour * over_s if vehicle.overtime else 0
    assert price == best.price, (outline, best)
    assert outline.metres == sum(int(travel.metres[leg]) for leg in _legs(problem, sequence))
    _assert_written_well(problem, travel, sequence)


@MANY
@given(timed_tours(features=ALL_TIMED, always=("slots",)) | timed_tours(features=ALL_TIMED, always=("slots", "breaks")))
def test_where_the_speed_changes_the_times_keep_every_rule(case: tuple[Problem, Travel, list[int]]) -> None:
    problem, travel, sequence = case
    assume(Scheduler(problem, travel).outline(0, sequence) is not None)
    _assert_written_well(problem, travel, sequence)


def _assert_written_well(problem: Problem, travel: Travel, sequence: Sequence[int]) -> None:
    scheduler = Scheduler(problem, travel)
    outline, tour = scheduler.outline(0, sequence), scheduler.tour(0, sequence)
    assert outline is not None and tour is not None
    assert {fault.code for fault in check_tour(problem, travel, tour)} <= NOT_OF_TIME
    assert (tour.start_s, tour.end_s) == (outline.start_s, outline.end_s)


def _legs(problem: Problem, sequence: Sequence[int]) -> list[tuple[int, int]]:
    vehicle = problem.vehicles[0]
    places = [vehicle.start_place]
    for at in sequence:
        first = reload_codes(problem, 0).start
        places.append(problem.visits[at].place if at < first else vehicle.reloads[at - first].place)
    places += [] if vehicle.end_place is None else [vehicle.end_place]
    return list(pairwise(places))


@settings(MANY, max_examples=80)
@given(timed_tours(features=ALL_TIMED, always=("breaks",)))
def test_nothing_is_won_by_resting_later_than_possible(case: tuple[Problem, Travel, list[int]]) -> None:
    problem, travel, sequence = case
    assume(len(pauses(problem.vehicles[0])) in (1, 2))
    soonest = timing_oracle(problem, travel, 0, sequence)
    later = timing_oracle(problem, travel, 0, sequence, delays=(0, 1, 4, 15))
    assert (soonest and soonest.price) == (later and later.price)


@settings(MANY, max_examples=150)
@given(timed_tours(features=ALL_TIMED))
def test_looking_at_every_departure_finds_nothing_that_halving_misses(case: tuple[Problem, Travel, list[int]]) -> None:
    problem, travel, sequence = case
    every = timing_oracle(problem, travel, 0, sequence, every_departure=True)
    assert every == timing_oracle(problem, travel, 0, sequence)
    tour = laid(problem, travel, 0, sequence)
    assert (tour is None) == (every is None)


def test_a_break_before_a_stop_lets_the_tour_leave_later() -> None:
    visits = (Visit(id="a", place=1), Visit(id="b", place=2, windows=(Window(45, 105),)))
    van = Vehicle(
        id="van", start_place=0, end_place=0, shift=Window(0, 200), cents_per_hour=3600, breaks=(Break(30, 35, 5),)
    )
    problem, travel = Problem(visits, (van,), horizon_s=400), line([[0, 30, 30], [30, 0, 0], [22, 0, 0]])
    best, outline = timing_oracle(problem, travel, 0, [0, 1]), Scheduler(problem, travel).outline(0, [0, 1])
    assert best is not None and outline is not None
    # Resting on the way to a (from 30 to 35) the van may leave at 10; resting after it, at 5. Leaving at 35, after the
    # break, is cheaper than both.
    assert (outline.start_s, outline.end_s) == (best.run.start_s, best.run.end_s) == (35, 87)
