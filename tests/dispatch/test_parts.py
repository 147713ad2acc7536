"""A large day cut into parts, planned by several workers, and planned on as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import operations
from core.models import Operation
from dispatch import parting, planning, solving_parts
from dispatch.actions import plans
from dispatch.models import Plan, Stop
from tests.fixtures import NOW, World, located_order

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def stop(number: int, lat: float, lon: float, service_s: int = 300) -> planning.StopFacts:
    return planning.StopFacts(
        f"s{number}", f"Order {number}", (lat, lon), None, service_s, planning.Load(), frozenset(), "normal"
    )


def shift(number: int, skills: frozenset[str] = frozenset(), hours: int = 8) -> planning.ShiftFacts:
    begin = START + timedelta(hours=8)
    end = begin + timedelta(hours=hours)
    room = (None, None, None, None)
    return planning.ShiftFacts(
        f"v{number}", f"Van {number}", (50.0, 8.0), begin, end, room, skills, 4000, 2400, 35, None
    )


def day(stops: list[planning.StopFacts], shifts: list[planning.ShiftFacts]) -> planning.DayFacts:
    return planning.DayFacts(START, tuple(stops), tuple(shifts), {})


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "SMALLEST", 5)


place = st.tuples(st.floats(49.0, 51.0), st.floats(7.0, 9.0), st.integers(0, 3600))


@given(st.lists(place, min_size=0, max_size=40), st.integers(0, 9), st.integers(1, 6))
def test_every_stop_and_every_shift_is_in_one_part(
    places: list[tuple[float, float, int]], vans: int, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parting, "SMALLEST", 5)
        whole = day(
            [stop(number, *one) for number, one in enumerate(places)],
            [shift(number, frozenset({"fridge"}) if number % 3 == 0 else frozenset()) for number in range(vans)],
        )
        parts = parting.parts_of(whole, most)
    assert 1 <= len(parts) <= most
    assert sorted(one.id for part in parts for one in part.stops) == sorted(one.id for one in whole.stops)
    assert sorted(one.id for part in parts for one in part.shifts) == sorted(one.id for one in whole.shifts)


@pytest.mark.usefixtures("small_parts")
def test_parts_are_sectors_with_as_much_work_each_and_no_cluster_is_cut() -> None:
    north = [stop(number, 50.5 + 0.01 * number, 8.0) for number in range(10)]
    south = [stop(10 + number, 49.5 - 0.01 * number, 8.0) for number in range(10)]
    skilled = [shift(number, frozenset({"fridge"}) if number < 2 else frozenset()) for number in range(4)]
    parts = parting.parts_of(day([*south[:5], *north, *south[5:]], skilled), 2)
    assert {frozenset(one.id for one in part.stops) for part in parts} == {
        frozenset(one.id for one in north),
        frozenset(one.id for one in south),
    }
    assert [sum("fridge" in one.skills for one in part.shifts) for part in parts] == [1, 1]


@pytest.fixture
def large(amber: World, small_parts: None, settings: pytest.FixtureRequest) -> Plan:
    """Twenty-four orders and two shifts: with parts this small, a day for two workers."""
    settings.SOLVER_PARTS = 2  # type: ignore[attr-defined]
    with amber.scope():
        for number in range(24):
            located_order(amber, f"A{number:02d}", lat=49.38 + 0.004 * (number % 6), lon=8.66 + 0.005 * (number // 6))
        return plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)


def begun(world: World, plan: Plan, seconds: int = 4) -> tuple[Operation, list[Operation]]:
    """The plan's solve, claimed once by a worker; and its parts."""
    with world.scope():
        whole = plans.request_solve(plan, seconds=seconds, by=world.dispatcher, at=NOW)
    operations.run(world.organization.id, whole.id)
    with world.scope():
        whole.refresh_from_db()
        return whole, list(Operation.objects.filter(kind=solving_parts.KIND).order_by("id"))


@pytest.mark.django_db
def test_parts_are_planned_by_workers_and_the_whole_goes_on_from_them(amber: World, large: Plan) -> None:
    whole, parts = begun(amber, large)
    assert (whole.status, len(parts), whole.tries) == ("running", 2, 0)
    for part in parts:
        operations.run(amber.organization.id, part.id)
    with amber.scope():
        for part in parts:
            part.refresh_from_db()
            assert part.status == "succeeded" and part.result is not None
            stops = [one for sequence in part.result["sequences"].values() for one in sequence]
            assert part.result["assigned"] == len(stops) > 0 and set(stops) <= set(part.params["stops"])
        whole.refresh_from_db()
        assert whole.status == "queued", "the part that ended last resumes the whole"
        assert whole.progress["parts"] == 2 and whole.progress["assigned"] == 24
    operations.run(amber.organization.id, whole.id)
    with amber.scope():
        whole.refresh_from_db()
        assert whole.status == "succeeded", whole.error
        assert whole.tries == 1
        assert Stop.objects.filter(plan=large, status="planned").count() == 24
        large.refresh_from_db()
        assert large.status == "optimized"


@pytest.mark.django_db
def test_a_part_whose_worker_died_holds_nothing_up_for_ever(amber: World, large: Plan) -> None:
    whole, parts = begun(amber, large)
    operations.run(amber.organization.id, parts[0].id)
    with amber.scope():
        whole.refresh_from_db()
        assert whole.status == "running", "it waits for the other part"
        Operation.objects.filter(id=whole.id).update(lease_until=NOW - timedelta(days=1))
    operations.sweep(amber.organization.id)
    operations.run(amber.organization.id, whole.id)
    with amber.scope():
        whole.refresh_from_db()
        assert whole.status == "succeeded", whole.error
        assert Stop.objects.filter(plan=large, status="planned").count() == 24
    operations.run(amber.organization.id, parts[1].id)  # comes back late: of no use any more, and no harm
    with amber.scope():
        whole.refresh_from_db()
        assert whole.status == "succeeded"


@pytest.mark.django_db
def test_a_cancel_ends_the_parts_and_keeps_what_they_found(amber: World, large: Plan) -> None:
    whole, parts = begun(amber, large, seconds=60)
    with amber.scope():
        operations.request_cancel(Operation.objects.get(id=whole.id), by=amber.dispatcher, at=NOW)
    began = datetime.now(UTC)
    for part in parts:
        operations.run(amber.organization.id, part.id)
    operations.run(amber.organization.id, whole.id)
    assert datetime.now(UTC) - began < timedelta(seconds=45), "ninety seconds were asked for"
    with amber.scope():
        assert Stop.objects.filter(plan=large, status="planned").count() == 24


@pytest.mark.django_db
def test_a_small_day_and_a_second_optimisation_are_not_cut(
    amber: World, large: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = begun(amber, large, seconds=2)
    for one in [*parts, whole]:
        operations.run(amber.organization.id, one.id)
    with amber.scope():
        large.refresh_from_db()
        again = plans.request_solve(large, seconds=1, by=amber.dispatcher, at=NOW)
    operations.run(amber.organization.id, again.id)
    with amber.scope():
        again.refresh_from_db()
        assert again.status == "succeeded" and "parts" not in again.params
    monkeypatch.setattr(parting, "SMALLEST", 13)
    assert parting.parts_of(day([stop(number, 50.1, 8.0) for number in range(24)], [shift(0), shift(1)]), 2)[1:] == []
