"""A day's rows at once: as many queries for many stops as for few, and sums that agree with the rows."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import day_opening, day_rows, day_stops, queries
from dispatch.models import Plan, Route, Stop, StopOrder
from fleet.models import Driver
from tests.fixtures import NOW, World, located_order
from tests.tracking.day import distributed

pytestmark = pytest.mark.django_db


def asked(world: World) -> tuple[day_rows.DayRow, int]:
    """The day, and how many queries it took."""
    with world.scope(), CaptureQueriesContext(connection) as seen:
        row = queries.day(on=world.day, depot_id=world.depot.id, organization=world.organization, at=NOW)
    return row, len(seen)


def test_many_stops_take_no_more_queries_than_few(amber: World) -> None:
    with amber.scope():
        distributed(amber, 1)
    few, asked_for_few = asked(amber)
    with amber.scope():
        distributed(amber, 12, driver=1)
    many, asked_for_many = asked(amber)
    assert (len(few["stops"]), len(many["stops"])) == (1, 13)
    assert asked_for_many <= asked_for_few


def test_the_snapshot_has_the_rows_that_live_changes_have(amber: World, birch: World) -> None:
    with amber.scope():
        day = distributed(amber, 3)
        Stop.objects.filter(id=day.stops[2].id).update(route=None, position=None, status="cancelled")
    with birch.scope():
        distributed(birch, 2)
    row, _ = asked(amber)
    with amber.scope():
        assert row["stops"] == queries.stop_rows(queries.stops().filter(plan=day.plan).exclude(status="cancelled"))
        assert row["routes"] == queries.route_rows(queries.routes().filter(plan=day.plan))
    assert len(row["stops"]) == 2


def test_an_opening_is_the_beginning_of_the_snapshot(amber: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All routes without their lines, the stops of the first by driver's name, and counts that agree with the rows."""
    monkeypatch.setattr(day_opening, "FIRST", 1)
    with amber.scope():
        one, two = distributed(amber, 3), distributed(amber, 2, driver=1)
        for route, name in ((one.route, "Zoe"), (two.route, "\u00c1da")):
            Driver.objects.filter(id=route.shift.driver_id).update(name=name)
        Route.objects.filter(plan=one.plan).update(geometry="_p~iF~ps|U", break_start_at=NOW, break_end_at=NOW)
        Stop.objects.filter(id=one.stops[0].id).update(status="attempted", outcome="failed_not_home")
        for stop, code in zip(one.stops[1:], ("not_planned_yet", "no_capacity"), strict=True):
            Stop.objects.filter(id=stop.id).update(
                route=None, position=None, status="unassigned", unassigned_code=code)
        located_order(amber, "READY", lat=49.0, lon=8.0, status="ready")
    whole, asked_for_all = asked(amber)
    with amber.scope(), CaptureQueriesContext(connection) as seen:
        row = day_opening.opening(on=amber.day, depot_id=None, organization=amber.organization, at=NOW)
    assert len(seen) <= asked_for_all
    assert row["routes"] == [route | {"geometry": ""} for route in whole["routes"]]
    assert all(route["geometry"] for route in whole["routes"])
    assert row["whole"] == [str(two.route.id)]
    assert row["stops"] == [stop for stop in whole["stops"] if stop["route"] == str(two.route.id)]
    assert len(row["stops"]) == 2
    for name in ("at", "day", "organization", "depots", "plan", "operations"):
        assert row[name] == whole[name]
    assert row["counts"] == {
        "done": 1, "failed": 1, "waiting": 1, "ready": len(whole["orders"]["ready"]), "needs_attention": 0,
        "shifts": len(whole["shifts"])}
    assert row["counts"]["ready"] == 1


def _stop(
    world: World, plan: Plan, at: tuple[int | None, ...], promises: list[int | None], extra_ms: int,
    status: str,
) -> None:
    """A stop whose instants lie so many minutes after `NOW`; its arrival that many milliseconds more."""

    def instant(minutes: int | None, ms: int = 0) -> datetime | None:
        return None if minutes is None else NOW + timedelta(minutes=minutes, milliseconds=ms)

    arrived, eta, planned, window = at
    orders = [
        located_order(
            world, f"S-{NOW:%H}-{next(_serial)}", lat=49.0, lon=8.0, status="scheduled",
            promised_start_at=None if end is None else NOW - timedelta(hours=9), promised_end_at=instant(end))
        for end in [None, *promises]
    ]
    stop = Stop.objects.create(
        plan=plan, place=orders[0].place, status=status, arrived_at=instant(arrived, extra_ms), eta_at=instant(eta),
        planned_arrival_at=instant(planned), window_end_at=instant(window),
        window_start_at=None if window is None else NOW - timedelta(hours=9))
    for order in orders:
        StopOrder.objects.create(stop=stop, order=order)


_serial = itertools.count()
minutes = st.none() | st.integers(-40, 40)
milliseconds = st.sampled_from([0, 499, 500, 501, 1000])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(
    minutes, minutes, minutes, minutes, st.lists(minutes, max_size=2), milliseconds,
    st.sampled_from(["unassigned", "planned", "allocated", "cancelled"])), max_size=6))
def test_sums_of_a_plan_agree_with_its_rows(amber: World, made: list[Any]) -> None:
    with amber.scope():
        Plan.objects.all().delete()
        plan = Plan.objects.create(day_on=amber.day, depot=amber.depot)
        for arrived, eta, planned, window, promises, extra, status in made:
            _stop(amber, plan, (arrived, eta, planned, window), promises, extra, status)
        (row,) = queries.plan_rows([plan])
        stops = day_stops.plan_stop_rows(plan)
        assert stops == queries.stop_rows(queries.stops().exclude(status="cancelled").order_by("id"))
    summary = row["summary"]
    assert summary["stops"] == len(stops)
    assert summary["unassigned"] == sum(stop["status"] == "unassigned" for stop in stops)
    assert summary["late"] == sum(stop["status"] != "unassigned" and stop["late_s"] > 0 for stop in stops)
    assert row["pending"] == sum(stop["status"] == "planned" for stop in stops)
