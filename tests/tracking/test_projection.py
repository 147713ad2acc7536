"""Arrivals of all vans together: few statements, and nobody waits for anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.models import Stop
from tests.fixtures import World
from tests.tracking.at_once import at_once
from tests.tracking.conftest import Phone, swept
from tests.tracking.day import Day, distributed, reload
from tracking.actions import etas


def driven(world: World, count: int) -> list[Day]:
    """Routes that set out at their time, each with a van."""
    days = []
    for number in range(count):
        with world.scope():
            days.append(distributed(world, driver=number))
        Phone(world, number).report(days[-1].report("route_started", 0), now=days[-1].at(0))
    return days


@pytest.mark.django_db
def test_as_many_statements_for_all_as_for_one(amber: World) -> None:
    first, second = driven(amber, 2)
    asked = []
    for days, minutes in (([first], 20), ([first, second], 40)):
        with amber.scope(), CaptureQueriesContext(connection) as seen:
            changed = etas.project_etas([day.route.id for day in days], at=first.at(minutes))
        assert {stop.id for stop in changed} == {stop.id for day in days for stop in day.stops}
        asked.append(len(seen))
    assert asked[0] == asked[1]


@pytest.mark.django_db
def test_a_phone_whose_clock_is_fast_says_where_its_van_is(amber: World, phone: Phone) -> None:
    (day,) = driven(amber, 1)
    phone.moves(day.fix(3.5, 400), now=day.at(2))
    swept(day.at(2))
    with amber.scope():
        # A fifth of the leg is driven after two of its five minutes.
        assert abs((reload(day.stops[0]).eta_at - day.at(6)).total_seconds()) < 30


@pytest.mark.django_db(transaction=True)
def test_a_stop_that_is_being_changed_is_left_to_the_next_look(amber: World) -> None:
    (day,) = driven(amber, 1)
    first, second, third = day.stops
    before = [reload_in(amber, stop).eta_at for stop in day.stops]
    with amber.scope():
        Stop.objects.select_for_update(of=("self",)).get(id=second.id)
        assert at_once(lambda: swept(day.at(20))) == []
    after = [reload_in(amber, stop).eta_at for stop in (first, second, third)]
    assert after[1] == before[1]
    assert after[0] - before[0] > timedelta(minutes=10) < after[2] - before[2]
    swept(day.at(20))
    assert reload_in(amber, second).eta_at > before[1]


def reload_in(world: World, row: Any) -> Any:
    with world.scope():
        return reload(row)
