"""When the driver will be at each stop that is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracking import eta
from tracking.eta import Ahead, Fix, Pause, Place

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DEPOT = Place(49.40, 8.70)


def north(metres: float) -> Place:
    return Place(49.40 + metres / 111_195, 8.70)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


STOPS = [Ahead("a", north(5000), 600, 180), Ahead("b", north(8000), 300, 240), Ahead("c", north(9000), 120, 60)]


def test_unseen_the_planned_leg_is_counted_from_when_it_began() -> None:
    etas = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW - minutes(4), fix=None)
    assert [one.arrival_at - NOW for one in etas] == [minutes(6), minutes(6 + 3 + 5), minutes(14 + 4 + 2)]
    assert etas[0].departure_at == NOW + minutes(9)


def test_seen_half_way_half_of_the_leg_is_left_however_long_it_took() -> None:
    fix = Fix(north(2500), NOW)
    (first, *_) = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW - minutes(25), fix=fix)
    assert abs((first.arrival_at - NOW).total_seconds() - 300) < 2


def test_a_stale_fix_is_not_believed() -> None:
    fix = Fix(north(4900), NOW - minutes(3))
    (first, *_) = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW - minutes(5), fix=fix)
    assert first.arrival_at == NOW + minutes(5)


def test_at_the_stop_its_service_runs_from_the_arrival_and_not_before_the_window_opens() -> None:
    here = Ahead("a", north(5000), 600, 180, opens_at=NOW + minutes(5), arrived_at=NOW - minutes(1))
    first, second, _ = eta.project([here, *STOPS[1:]], now=NOW, start=DEPOT, left_at=NOW - minutes(9), fix=None)
    assert first.arrival_at == NOW - minutes(1)
    assert first.departure_at == NOW + minutes(8)
    assert first.waits_s == 360
    assert second.arrival_at == NOW + minutes(13)


def test_an_overrunning_service_pushes_the_rest() -> None:
    here = Ahead("a", north(5000), 600, 180, arrived_at=NOW - minutes(30))
    _, second, _ = eta.project([here, *STOPS[1:]], now=NOW, start=DEPOT, left_at=NOW - minutes(40), fix=None)
    assert second.arrival_at == NOW + minutes(5)


def test_lateness_is_measured_on_the_window() -> None:
    stops = [Ahead("a", north(5000), 600, 180, closes_at=NOW + minutes(4))]
    (only,) = eta.project(stops, now=NOW, start=DEPOT, left_at=NOW, fix=None)
    assert only.late_s == 360


def test_a_break_still_due_is_taken_once_and_a_running_one_ends_when_it_ends() -> None:
    due = Pause(NOW + minutes(12), NOW + minutes(42))
    etas = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW, fix=None, pause=due)
    assert [one.arrival_at - NOW for one in etas] == [minutes(10), minutes(10 + 3 + 5 + 30), minutes(48 + 4 + 2)]
    running = Pause(NOW - minutes(10), NOW + minutes(20), running=True)
    fix = Fix(DEPOT, NOW)
    (first, *_) = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW - minutes(10), fix=fix, pause=running)
    assert first.arrival_at == NOW + minutes(30)
    over = Pause(NOW - minutes(40), NOW - minutes(10))
    (first, *_) = eta.project(STOPS, now=NOW, start=DEPOT, left_at=NOW, fix=None, pause=over)
    assert first.arrival_at == NOW + minutes(10)


def test_a_stop_left_out_keeps_the_pace_of_the_plan() -> None:
    there_and_back = [(300.0, 4000.0), (300.0, 4000.0)]
    assert eta.drive_s(there_and_back, 1000) < 600 * 0.2
    assert eta.drive_s([(300.0, 4000.0), (300.0, 4000.0)], 8000) == 600
    assert eta.drive_s([(90.0, 10.0)], 5000) == 90


@given(shares=st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_nearer_is_never_later(shares: list[float]) -> None:
    seconds = [eta.remaining_s(600, DEPOT, north(5000), NOW - minutes(5), Fix(north(5000 * share), NOW), NOW)
               for share in sorted(shares)]
    assert seconds == sorted(seconds, reverse=True)
    assert all(0 <= one <= 900 for one in seconds)


def test_only_a_change_of_thirty_seconds_is_worth_telling() -> None:
    assert eta.moved(None, NOW, 30)
    assert eta.moved(NOW, NOW + timedelta(seconds=30), 30)
    assert not eta.moved(NOW, NOW + timedelta(seconds=29), 30)
