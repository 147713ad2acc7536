"""What a phone's positions are worth."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking import intake
from tracking.intake import Point

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(seconds: float, metres_north: float = 0, **values: float) -> Point:
    return Point(NOW + timedelta(seconds=seconds), 49.4 + metres_north / 111_195, 8.7, **values)


@pytest.mark.parametrize(("point", "reason"), [
    (Point(NOW, math.nan, 8.7), "not_a_number"),
    (Point(NOW, 49.4, math.inf), "not_a_number"),
    (Point(NOW, 90.1, 8.7), "out_of_range"),
    (Point(NOW, 49.4, -180.1), "out_of_range"),
    (Point(NOW, 0.0, 0.0), "null_island"),
    (at(301), "future"),
    (at(-24 * 3600 - 1), "too_old"),
    (at(0, accuracy_m=201), "inaccurate"),
])
def test_each_fault_has_its_reason(point: Point, reason: str) -> None:
    assert intake.sift([point], None, NOW) == ([], [intake.Dropped(0, reason)])


@pytest.mark.parametrize("point", [at(299), at(-24 * 3600 + 1), at(0, accuracy_m=200), Point(NOW, 0.0, 8.7)])
def test_points_on_the_good_side_of_each_limit_are_kept(point: Point) -> None:
    assert intake.sift([point], None, NOW) == ([point], [])


def test_a_jump_is_dropped_and_the_drive_goes_on() -> None:
    drive = [at(-60 + 10 * step, 100 * step) for step in range(6)]
    jump = at(-35, 50_000)
    kept, dropped = intake.sift([*drive[:3], jump, *drive[3:]], None, NOW)
    assert kept == drive
    assert dropped == [intake.Dropped(3, "too_fast")]


def test_a_jump_that_comes_first_does_not_win_against_the_drive() -> None:
    drive = [at(-50 + 10 * step, 100 * step) for step in range(5)]
    kept, dropped = intake.sift([at(-60, 80_000), *drive], None, NOW)
    assert kept == drive
    assert [one.reason for one in dropped] == ["too_fast"]


def test_a_wrong_last_position_is_overruled_by_three_that_agree_but_not_by_two() -> None:
    wrong = at(-100, 300_000)
    drive = [at(-30, 0), at(-20, 100), at(-10, 200)]
    assert intake.sift(drive, wrong, NOW)[0] == drive
    assert intake.sift(drive[:2], wrong, NOW)[0] == []


def test_the_error_of_a_fix_is_not_taken_for_speed() -> None:
    near, far = at(-2, 0, accuracy_m=100), at(-1, 250, accuracy_m=120)
    assert intake.sift([near, far], None, NOW)[0] == [near, far]


def test_a_late_batch_is_kept_beside_the_newer_position() -> None:
    last = at(0, 1000)
    late = [at(-40, 600), at(-20, 800)]
    assert intake.sift(late, last, NOW)[0] == late


POINTS = st.lists(st.builds(
    at, st.integers(-600, 400), st.integers(-60_000, 60_000),
    accuracy_m=st.sampled_from([5.0, 20.0, 150.0, 500.0]),
), max_size=14)


@settings(max_examples=300, deadline=None)
@given(points=POINTS, last=st.none() | st.builds(at, st.integers(-700, 0)), data=st.data())
def test_order_and_repetition_change_nothing(points: list[Point], last: Point | None, data: st.DataObject) -> None:
    kept, dropped = intake.sift(points, last, NOW)
    again = data.draw(st.permutations([*points, *points[: data.draw(st.integers(0, 5))]]))
    kept_again, dropped_again = intake.sift(again, last, NOW)
    assert kept_again == kept
    assert intake.newest(kept_again) == intake.newest(kept)
    assert len(kept) + len(dropped) == len(points)
    assert len(kept_again) + len(dropped_again) == len(again)
    assert [point.fix_at for point in kept] == sorted({point.fix_at for point in kept})


@pytest.mark.parametrize(("raw", "expected"), [
    (None, "unreadable"), ([], "unreadable"), ({}, "unreadable"), ({"fix_at": 5, "lat": 1, "lon": 1}, "unreadable"),
    ({"fix_at": "yesterday", "lat": 1, "lon": 1}, "unreadable"),
    ({"fix_at": "2026-11-23T12:00:00", "lat": 1, "lon": 1}, "unreadable"),
    ({"fix_at": "2026-11-23T12:00:00Z", "lat": "49", "lon": 1}, "unreadable"),
    ({"fix_at": "2026-11-23T12:00:00Z", "lat": True, "lon": 1}, "unreadable"),
    ({"fix_at": "2026-11-23T12:00:00Z", "lat": 10**400, "lon": 1}, "unreadable"),
    ({"fix_at": "0001-01-01T00:00:00+23:59", "lat": 1, "lon": 1}, "too_old"),
    ({"fix_at": "9999-12-31T23:59:59-23:59", "lat": 1, "lon": 1}, "future"),
])
def test_what_is_no_point_is_said(raw: object, expected: str) -> None:
    assert intake.read(raw) == expected


def test_a_reading_that_the_phone_does_not_know_is_left_out() -> None:
    point = intake.read({"fix_at": "2026-11-23T13:00:00+01:00", "lat": 49, "lon": 8.5, "accuracy_m": 8,
                         "speed_mps": -1, "heading": None})
    assert point == Point(NOW, 49.0, 8.5, 8.0, None, None)
