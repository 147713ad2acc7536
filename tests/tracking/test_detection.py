"""What needs a person, found by pure arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking import detection
from tracking.detection import LIMITS, RouteSight, StopSight, VisitSight, Watch
from tracking.geo import EARTH_RADIUS_M

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
DEPOT = (49.41, 8.69)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def north(metres: float) -> tuple[float, float]:
    return DEPOT[0] + np.degrees(metres / EARTH_RADIUS_M), DEPOT[1]


def stop(number: int = 1, **values: Any) -> StopSight:
    return StopSight(**{
        "id": f"s{number}", "status": "out_for_delivery", "place": north(2000 * number), "due_at": at(120),
        "reach_at": at(30), "service_s": 180.0, **values})


def route(*stops: StopSight, **values: Any) -> RouteSight:
    return RouteSight(**{
        "id": "r", "driver": "d", "status": "started", "duty": "on_duty", "depot": DEPOT, "starts_at": at(0),
        "started_at": at(0), "fix_at": None, "fix": None, "watch": None, "stops": stops, **values})


def drive(*fixes: tuple[float, float], off: float | None = 0.0) -> Watch:
    """A watch after fixes (minute, metres north of the depot)."""
    watch: Watch | None = None
    for minute, metres in fixes:
        watch = detection.watched(watch, north(metres), at(minute), off)
    assert watch is not None
    return watch


def kinds(*args: Any, **values: Any) -> list[str]:
    return [one.kind for one in detection.look(*args, **values)]


def test_a_route_that_runs_well_needs_nobody() -> None:
    assert kinds(route(stop(), fix=north(500), fix_at=at(1), watch=drive((1, 500))), now=at(2)) == []


@pytest.mark.parametrize(("minutes", "kind"), [
    (9.9, []), (10.1, ["predicted_late"]), (-30, []),
])
def test_late_is_told_from_ten_minutes_after_the_promise(minutes: float, kind: list[str]) -> None:
    assert kinds(route(stop(reach_at=at(120 + minutes)), fix=north(9), fix_at=at(1)), now=at(1)) == kind


def test_a_promise_that_has_passed_is_late_and_no_longer_predicted() -> None:
    seen = route(stop(reach_at=at(125)), fix=north(9), fix_at=at(131))
    (found,) = detection.look(seen, now=at(131))
    assert (found.kind, found.since, found.numbers["late_s"]) == ("late", at(120), 660)
    assert kinds(route(stop(reach_at=at(125), status="arrived"), fix=north(9), fix_at=at(131)), now=at(131)) == []


def test_hysteresis_keeps_what_is_found_until_it_is_clearly_over() -> None:
    seen = route(stop(reach_at=at(127)), fix=north(9), fix_at=at(1))
    known = frozenset({("predicted_late", "s1")})
    assert kinds(seen, now=at(1)) == []
    assert kinds(seen, now=at(1), known=known) == ["predicted_late"]
    assert kinds(route(stop(reach_at=at(124)), fix=north(9), fix_at=at(1)), now=at(1), known=known) == []


def test_a_stop_without_any_promise_is_never_late() -> None:
    assert kinds(route(stop(due_at=None, reach_at=at(900)), fix=north(9), fix_at=at(899)), now=at(899)) == []


def test_a_van_that_does_not_leave_makes_everything_later() -> None:
    waiting = route(stop(status="allocated", reach_at=at(115)), status="distributed", started_at=None)
    assert kinds(waiting, now=at(5)) == []
    (found,) = detection.look(waiting, now=at(20))
    assert found.kind == "predicted_late" and found.numbers["not_left_s"] == 1200


def test_many_late_stops_are_one_finding_until_hardly_any_is_left() -> None:
    late = [stop(n, reach_at=at(135)) for n in range(1, 6)]
    (found,) = detection.look(route(*late, fix=north(9), fix_at=at(1)), now=at(1))
    assert (found.subject, found.subject_id, found.numbers["stops"]) == ("route", "r", 5)
    known = frozenset({("predicted_late", "r")})
    two = route(*late[:2], fix=north(9), fix_at=at(1))
    assert [one.subject for one in detection.look(two, now=at(1), known=known)] == ["route"]
    assert [one.subject for one in detection.look(two, now=at(1))] == ["stop", "stop"]


@pytest.mark.parametrize(("values", "expected"), [
    ({}, ["stale_position"]),  # never heard of since the start
    ({"fix": north(10), "fix_at": at(-30)}, ["stale_position"]),  # a fix of before the route is none
    ({"fix": north(900), "fix_at": at(1.5)}, []),
    ({"duty": "on_break"}, []),
    ({"duty": "off_duty"}, []),
    ({"status": "distributed", "started_at": None}, []),
])
def test_silence(values: dict[str, Any], expected: list[str]) -> None:
    assert kinds(route(stop(status="allocated"), **values), now=at(6)) == expected


def test_a_tunnel_is_silence_and_not_a_standstill() -> None:
    before = drive((1, 1000), (2, 1500))
    seen = route(stop(), fix=north(1500), fix_at=at(2), watch=before)
    assert kinds(seen, now=at(14)) == ["stale_position"]
    after = detection.watched(before, north(6000), at(14), 0.0)
    assert kinds(replace(seen, fix=north(6000), fix_at=at(14), watch=after), now=at(14)) == []


def test_a_van_that_stands_is_stuck_after_ten_minutes() -> None:
    fixes = [(minute, 1000 + minute) for minute in range(1, 12)]
    seen = route(stop(), fix=north(1011), fix_at=at(11), watch=drive(*fixes))
    assert kinds(seen, now=at(10.9)) == []
    (found,) = detection.look(seen, now=at(11.5))
    assert (found.kind, found.since) == ("stuck", at(1))


@pytest.mark.parametrize("values", [
    {"duty": "on_break"}, {"stops": [stop(status="arrived")]}, {"stops": [stop(status="attempted")]},
    {"depot": north(1100)}, {"stops": [stop(place=north(1005), service_s=300)]},
])
def test_standing_rightly(values: dict[str, Any]) -> None:
    """On a break, at a stop, at the depot, before the next stop's door."""
    fixes = [(minute, 1000 + minute) for minute in range(1, 12)]
    seen = route(stop(), fix=north(1011), fix_at=at(11), watch=drive(*fixes))
    assert kinds(replace(seen, **values), now=at(12)) == []


def test_who_has_stood_rightly_is_not_stuck_when_they_leave() -> None:
    watch = drive(*[(minute, 1000) for minute in range(1, 30)])
    seen = route(stop(), fix=north(1000), fix_at=at(29), watch=detection.rested(watch, at(29)))
    assert kinds(seen, now=at(30)) == [] and kinds(replace(seen, fix_at=at(40)), now=at(40)) == ["stuck"]


def test_three_fixes_off_the_line_and_back() -> None:
    watch: Watch | None = None
    for minute, off_m, expected in [(1, 0, 0), (2, 600, 1), (3, 700, 2), (4, 400, 2), (5, 800, 3), (6, 200, 0)]:
        watch = detection.watched(watch, north(1000 * minute), at(minute), float(off_m))
        assert watch.off_fixes == expected, minute
        seen = route(stop(place=north(90_000)), fix=north(1000 * minute), fix_at=at(minute), watch=watch)
        assert kinds(seen, now=at(minute)) == (["off_route"] if expected >= 3 else [])


def test_the_way_home_is_free_and_without_a_line_nobody_is_off_it() -> None:
    off = drive((1, 1000), (2, 2000), (3, 3000), off=900.0)
    home = route(stop(status="departed"), fix=north(3000), fix_at=at(3), watch=off)
    assert kinds(home, now=at(3)) == []
    assert drive((1, 1000), (2, 2000), (3, 3000), off=None).off_fixes == 0


def test_an_old_fix_changes_nothing() -> None:
    watch = drive((1, 0), (5, 500))
    assert detection.watched(watch, north(9000), at(3), 900.0) is watch


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 20_000), st.floats(0, 2000)), max_size=30))
def test_a_watch_never_goes_back_and_counts_what_is_off(fixes: list[tuple[float, float, float]]) -> None:
    watch: Watch | None = None
    for minute, metres, off_m in fixes:
        after = detection.watched(watch, north(metres), at(minute), off_m)
        if watch is not None:
            assert after.fix_at >= watch.fix_at and after.anchor_at >= watch.anchor_at
        assert after.anchor_at <= after.fix_at
        assert (after.off_since is None) == (after.off_fixes == 0)
        watch = after


@given(st.floats(-200, 200), st.booleans())
def test_a_lower_threshold_never_finds_less(reach: float, known: bool) -> None:
    """Whatever opens stays open at the same numbers: no flicker."""
    seen = route(stop(reach_at=at(reach)), fix=north(9), fix_at=at(1))
    opened = detection.subjects(detection.look(seen, now=at(1)))
    again = detection.subjects(detection.look(seen, now=at(1), known=opened))
    assert again == opened
    if known:
        held = frozenset({("predicted_late", "s1")})
        assert opened <= detection.subjects(detection.look(seen, now=at(1), known=held))


def test_distance_from_a_line() -> None:
    line = np.array([north(0), north(5000)])
    scale = np.degrees(1 / EARTH_RADIUS_M) / np.cos(np.radians(DEPOT[0]))
    assert detection.off_line_m((north(2500)[0], DEPOT[1] + 700 * scale), line) == pytest.approx(700, abs=2)
    assert detection.off_line_m(north(6000), line) == pytest.approx(1000, abs=2)
    assert detection.off_line_m(north(6000), line[:1]) == pytest.approx(6000, abs=5)
    assert detection.off_line_m(north(1), np.zeros((0, 2))) is None


def test_urgency_puts_what_is_worse_first() -> None:
    assert detection.urgency("late", {"late_s": 3600}) > detection.urgency("late", {"late_s": 600})
    assert detection.urgency("late", {}) > detection.urgency("predicted_late", {"late_s": 99_999, "stops": 40})
    assert set(detection.URGENCY) == set(detection.KINDS) and LIMITS.late_ends_s < LIMITS.late_s


def visit(**values: Any) -> VisitSight:
    return VisitSight(**{
        "order": "o", "stop": "s1", "route": "r", "status": "out_for_delivery", "answer": "", "answered_at": None,
        "reach_at": at(60), "planned_at": at(60), "starts_at": None, **values})


@pytest.mark.parametrize(("minutes", "code"), [(61, []), (60, ["no_answer"]), (1, ["no_answer"]), (-20, ["no_answer"])])
def test_silence_is_told_from_an_hour_before_the_visit(minutes: float, code: list[str]) -> None:
    found = detection.unconfirmed([visit(reach_at=at(minutes))], now=at(0))
    assert [one.numbers["code"] for one in found] == code
    assert [(one.kind, one.subject, one.subject_id, one.route) for one in found] == [
        ("unconfirmed", "order", "o", "r") for _ in code]


def test_a_silence_that_is_known_lasts_until_the_visit_is_far_again() -> None:
    known = frozenset({("unconfirmed", "o")})
    for minutes, lasts in ((61, True), (75, True), (75.1, False)):
        assert bool(detection.unconfirmed([visit(reach_at=at(minutes))], now=at(0), known=known)) is lasts
    assert not detection.unconfirmed([visit(reach_at=at(61))], now=at(0), known=frozenset({("unconfirmed", "other")}))


def test_who_cannot_be_there_is_told_at_once_however_far_the_visit_is() -> None:
    (found,) = detection.unconfirmed(
        [visit(answer="declined", answered_at=at(-5), reach_at=at(900))], now=at(0))
    assert (found.numbers["code"], found.since) == ("declined", at(-5))


@pytest.mark.parametrize("status", ["arrived", "attempted", "departed", "cancelled", "unassigned"])
def test_a_visit_that_is_reached_or_off_needs_no_answer(status: str) -> None:
    seen = [visit(status=status, reach_at=at(1)), visit(status=status, answer="declined", answered_at=at(0))]
    assert detection.unconfirmed(seen, now=at(0)) == []


def test_a_van_that_has_not_left_comes_later() -> None:
    waiting = visit(status="allocated", reach_at=at(70), planned_at=at(70), starts_at=at(0))
    assert detection.unconfirmed([waiting], now=at(15)) == []
    (found,) = detection.unconfirmed([replace(waiting, starts_at=None)], now=at(15))
    assert found.numbers["reach_at"] == at(70).isoformat()


def test_no_answer_then_a_no_is_worse_and_comes_first() -> None:
    silent, declined = {"code": "no_answer", "reach_at": at(30).isoformat()}, {
        "code": "declined", "reach_at": at(30).isoformat()}
    assert detection.worse(silent, declined) and not detection.worse(declined, declined)
    assert not detection.worse(declined, silent)
    assert detection.changed(silent, declined)
    assert not detection.changed(silent, {**silent, "reach_at": at(34).isoformat()})
    assert detection.changed(silent, {**silent, "reach_at": at(35).isoformat()})
    order = [("predicted_late", {}), ("unconfirmed", declined), ("unconfirmed", silent), ("failed", {})]
    marks = [detection.urgency(kind, numbers) for kind, numbers in order]
    assert marks == sorted(marks, reverse=True) and len(set(marks)) == 4
