"""Routes that have set out: a better order of what is left is proposed, and followed when somebody accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any
from unittest import mock

import pytest

from core import clock
from dispatch import under_way
from dispatch.models import Route, Stop
from orders.models import Order
from tests.dispatch.test_proposals import preview
from tests.fixtures import World
from tests.tracking.day import Day, distributed

pytestmark = pytest.mark.django_db

ZIGZAG = [1, 5, 2, 6, 3, 4]
"""Where the stop that lies so many legs north of the depot stands in the order."""


@pytest.fixture
def driven(amber: World) -> Iterator[Day]:
    """A route under way whose driver heads for the first of six stops; the others zigzag. Nobody is late by it."""
    with amber.scope():
        day = distributed(amber, 6)
        Order.objects.update(promised_end_at=day.at(300))
        Route.objects.filter(id=day.route.id).update(status="started", started_at=day.at(0))
        Stop.objects.filter(route=day.route).update(status="out_for_delivery")
        Stop.objects.filter(id=day.stops[0].id).update(status="next")
        for stop, position in zip(day.stops, ZIGZAG, strict=True):
            Stop.objects.filter(id=stop.id).update(position=position)
    with mock.patch.object(clock, "now", return_value=day.at(2).astimezone(UTC)):
        yield day


def names(day: Day) -> list[int]:
    """How many legs north of the depot each stop lies, in the order of the route."""
    with day.world.scope():
        order = list(Stop.objects.filter(route=day.route).order_by("position").values_list("id", flat=True))
    at = {stop.id: number for number, stop in enumerate(day.stops, start=1)}
    return [at[one] for one in order]


def accept(world: World, row: dict[str, Any], **body: Any) -> Any:
    return world.api().post(f"proposals/{row['id']}:accept", body)


def test_a_better_order_is_shown_and_followed_when_it_is_accepted(driven: Day) -> None:
    before = names(driven)
    row = preview(driven.world, driven.plan, scope="reorder_all_stops")
    (group,) = row["difference"]["groups"]
    assert group["shifts"] == [str(driven.route.shift_id)]
    assert group["delta_s"] < -60 and group["delta_m"] < 0
    assert names(driven) == before, "a proposal changes nothing"
    assert row["lines"][-1]["geometry"]
    answer = accept(driven.world, row)
    assert answer.status_code == 200, answer.content
    # Out on one side and home on the other is as short as straight out and back: what counts is the way saved.
    after = names(driven)
    assert after[0] == 1, "where the driver heads comes first"
    with driven.world.scope():
        way = list(Stop.objects.filter(route=driven.route).order_by("position").values_list("place__lat", flat=True))
        turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(way, way[1:], way[2:], strict=False))
        assert turns <= 1, after
        etas = list(Stop.objects.filter(route=driven.route).order_by("position").values_list("eta_at", flat=True))
        assert etas == sorted(etas)
        route = Route.objects.get(id=driven.route.id)
        assert len(route.legs) == 7 and route.geometry
    assert accept(driven.world, row).status_code == 409


def test_what_the_driver_did_meanwhile_is_passed_over(driven: Day) -> None:
    row = preview(driven.world, driven.plan)
    with driven.world.scope():
        Stop.objects.filter(id=driven.stops[0].id).update(status="departed", departed_at=driven.at(9))
        Stop.objects.filter(id=driven.stops[2].id).update(status="next")
    assert accept(driven.world, row).status_code == 200
    with driven.world.scope():
        (rest,) = under_way.rests(driven.plan, at=driven.at(9))
        assert len(rest.stops) == 4
        assert rest.order == tuple(one for one in row["lines"][-1]["stops"] if one in rest.order)


def test_other_stops_on_the_route_are_said(driven: Day) -> None:
    row = preview(driven.world, driven.plan)
    before = names(driven)
    with driven.world.scope():
        extra = distributed(driven.world, 1, driver=1)
        Stop.objects.filter(id=extra.stops[0].id).update(route=driven.route, position=7, status="out_for_delivery")
        extra.route.delete()
    answer = accept(driven.world, row)
    assert answer.status_code == 409 and answer.json()["code"] == "plan_changed"
    assert "other stops by now" in answer.json()["message"]
    with driven.world.scope():
        assert list(
            Stop.objects.filter(route=driven.route, position__lte=6).order_by("position").values_list("id", flat=True)
        ) == [driven.stops[number - 1].id for number in before]


def test_no_promise_is_broken_for_a_shorter_way(driven: Day) -> None:
    with driven.world.scope():
        # The far stop was told to be early: the zigzag that is in time for it stays.
        Order.objects.filter(id=driven.orders[4].id).update(promised_end_at=driven.at(40))
        (rest,) = under_way.rests(driven.plan, at=driven.at(2))
        now = rest.laid(rest.order)
        assert now is not None
        late = rest.late(now.tours[0])
        assert late[str(driven.stops[4].id)] == 0
        found = under_way.better(rest, seconds=0.5)
        if found is not None:
            assert rest.late(found.tours[0])[str(driven.stops[4].id)] <= under_way.WORTH_S


def test_a_route_with_one_stop_left_has_nothing_to_reorder(driven: Day) -> None:
    with driven.world.scope():
        Stop.objects.filter(id__in=[one.id for one in driven.stops[1:5]]).update(
            status="departed", departed_at=driven.at(30) + timedelta(minutes=1))
        assert under_way.rests(driven.plan, at=driven.at(31)) == []
        assert not under_way.possible(driven.plan)
    answer = driven.world.api().post(f"plans/{driven.plan.id}:reoptimize", {"preview": True, "seconds": 5})
    assert answer.status_code == 422 and answer.json()["code"] in ("no_stops", "nothing_to_reoptimize")
