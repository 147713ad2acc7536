"""Positions that waited in a phone without a signal belong to the route that was driven when they were taken."""

from __future__ import annotations

from tests.fixtures import World
from tests.tracking.conftest import Phone
from tests.tracking.day import distributed
from tracking.models import LastPosition, Position


def test_fixes_sent_after_the_routes_end_are_the_routes(amber: World, phone: Phone) -> None:
    with amber.scope():
        day = distributed(amber)
    phone.report(day.report("route_started", 1), day.report("route_completed", 10), now=day.at(12))
    sent = phone.moves(day.fix(0.5, 0), day.fix(2, 300), day.fix(8, 900), day.fix(11, 950), now=day.at(12))
    assert (sent["stored"], sent["dropped"]) == (4, [])
    with amber.scope():
        routes = list(Position.objects.order_by("fix_at").values_list("route_id", flat=True))
        assert routes == [None, day.route.id, day.route.id, None]
        # What the board shows is of now: the driver is on no route any more.
        assert LastPosition.objects.get().route_id is None
