"""Whether somebody will be there: said on the recipient's page, missed by the queue, settled by a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock, journal
from core.models import Event
from dispatch.models import Route, Stop, StopOrder
from orders.models import Order
from tests.fixtures import World, located_order
from tests.tracking.day import Day, distributed, reload
from tracking import links, sights
from tracking.actions import exceptions
from tracking.models import DayException, TrackingLink

pytestmark = pytest.mark.django_db


class Wall:
    """The clock on the wall, which a test moves."""

    now: datetime


@pytest.fixture
def day(amber: World, monkeypatch: pytest.MonkeyPatch) -> Day:
    """Three stops, reached 5, 13 and 21 minutes after nine; it is a quarter to seven. All are to be confirmed."""
    with amber.scope():
        day = distributed(amber, confirmation_required=True)
    monkeypatch.setattr(Wall, "now", day.at(-135), raising=False)
    monkeypatch.setattr(clock, "now", lambda: Wall.now)
    return day


def path(day: Day, number: int = 0) -> str:
    with day.world.scope():
        return "/t/" + links.link_for(day.orders[number]).partition("/t/")[2]


def says(day: Day, answer: str, number: int = 0) -> Any:
    return Client(enforce_csrf_checks=True).post(path(day, number), {"answer": answer})


def kinds(day: Day, number: int = 0) -> list[str]:
    with day.world.scope():
        return [event.kind for event in journal.history([day.orders[number].id])]


def look(day: Day, minutes: float) -> dict[str, DayException]:
    """What the queue holds of this kind, by order, after a look so many minutes after the route should leave."""
    Wall.now = day.at(minutes)
    with day.world.scope():
        exceptions.look(at=Wall.now)
        return {
            str(row.subject_id): row
            for row in DayException.objects.filter(kind="unconfirmed", status__in=["open", "acknowledged"])
        }


def start(day: Day) -> None:
    with day.world.scope():
        Route.objects.filter(id=day.route.id).update(status="started", started_at=day.starts_at)
        Stop.objects.filter(route=day.route).update(status="out_for_delivery")
        Stop.objects.filter(id=day.stops[0].id).update(status="next")
        Order.objects.filter(stop_orders__stop__route=day.route).update(status="out_for_delivery")


def fixes(day: Day, row: DayException) -> dict[str, dict[str, Any]]:
    answer = day.world.api().get(f"exceptions/{row.id}/fixes/")
    assert answer.status_code == 200, answer.content
    return {fix["key"]: fix for fix in answer.json()["fixes"]}


def do(day: Day, row: DayException, key: str) -> Any:
    return day.world.api().post(f"exceptions/{row.id}:fix", {"fix": key})


def test_a_recipient_says_so_once_and_may_change_it(day: Day) -> None:
    page = Client().get(path(day)).content.decode()
    assert "Will you be there?" in page and "asks you to say so" in page and 'aria-pressed="true"' not in page
    for _ in range(2):
        answer = says(day, "confirmed")
        assert (answer.status_code, answer["Location"]) == (302, path(day) + "#answer")
    assert kinds(day).count("order.recipient_confirmed") == 1, "the same again changes nothing"
    with day.world.scope():
        order = reload(day.orders[0])
        assert (order.recipient_answer, order.answered_at) == ("confirmed", Wall.now)
        event = Event.objects.get(kind="order.recipient_confirmed")
        assert (event.actor_kind, event.actor_label) == ("recipient", "Recipient A0-1")
    assert "You said that you will be there." in Client().get(path(day)).content.decode()
    Wall.now = day.at(-100)
    assert says(day, "declined").status_code == 302
    with day.world.scope():
        order = reload(day.orders[0])
        assert (order.recipient_answer, order.answered_at) == ("declined", Wall.now)
    assert Client().get(path(day) + "state").json()["answer"] == {"said": "declined", "open": True}


def test_looking_changes_nothing_and_nonsense_neither(day: Day) -> None:
    before = kinds(day)
    for method in ("get", "head"):
        getattr(Client(), method)(path(day) + "?answer=confirmed")
    answer = says(day, "perhaps")
    assert answer.status_code == 400 and "confirmed or declined" in answer.content.decode()
    assert says(day, "").status_code == 400
    assert kinds(day) == before
    with day.world.scope():
        assert reload(day.orders[0]).recipient_answer == ""


def test_a_link_that_is_unknown_expired_or_another_houses_answers_nobody(birch: World, day: Day) -> None:
    token = path(day).rstrip("/").rpartition("/")[2]
    for wrong in ("A" * 32, token[:-1] + ("A" if token[-1] != "A" else "B")):
        assert Client().post(f"/t/amber/{wrong}/", {"answer": "declined"}).status_code == 404
    assert Client().post(f"/t/birch/{token}/", {"answer": "declined"}).status_code == 404
    with day.world.scope():
        TrackingLink.objects.update(expires_at=Wall.now - timedelta(seconds=1))
    assert Client().post(f"/t/amber/{token}/", {"answer": "declined"}).status_code == 404
    assert "order.recipient_declined" not in kinds(day)


@pytest.mark.parametrize(("order", "stop", "words"), [
    ("out_for_delivery", "arrived", "The driver is at your door"), ("delivered", "departed", "Delivered"),
    ("attempt_failed", "departed", "We could not deliver"), ("cancelled", "cancelled", "was cancelled"),
])
def test_at_the_door_and_afterwards_it_is_too_late(day: Day, order: str, stop: str, words: str) -> None:
    start(day)
    with day.world.scope():
        Order.objects.filter(id=day.orders[0].id).update(status=order)
        gone = {"route": None, "position": None} if stop == "cancelled" else {}
        Stop.objects.filter(id=day.stops[0].id).update(status=stop, **gone)
    page = Client().get(path(day)).content.decode()
    assert words in page and "I will be there" not in page
    answer = says(day, "confirmed")
    assert answer.status_code == 409 and "can no longer be changed" in answer.content.decode()
    assert "order.recipient_confirmed" not in kinds(day)


def test_silence_opens_an_hour_before_and_closes_when_they_confirm(day: Day) -> None:
    assert look(day, -56) == {}
    queue = look(day, -54)
    assert set(queue) == {str(day.orders[0].id)}
    row = queue[str(day.orders[0].id)]
    assert row.about == {
        "stop": str(day.stops[0].id), "order": str(day.orders[0].id), "route": str(day.route.id),
        "driver": str(day.world.drivers[0].id)}
    assert row.depot_id == day.world.depot.id and row.numbers["code"] == "no_answer"
    # The van is late: the visit moves away, and the entry stays until it is clearly far again.
    with day.world.scope():
        Stop.objects.filter(id=day.stops[0].id).update(eta_at=day.at(18))
    assert set(look(day, -53)) == {str(day.orders[0].id)}
    with day.world.scope():
        Stop.objects.filter(id=day.stops[0].id).update(eta_at=day.at(24))
    assert look(day, -53) == {}
    with day.world.scope():
        Stop.objects.filter(id=day.stops[0].id).update(eta_at=day.at(5))
    assert set(look(day, -52)) == {str(day.orders[0].id)}
    says(day, "confirmed")
    assert look(day, -51) == {}
    with day.world.scope():
        assert {row.status for row in DayException.objects.all()} == {"resolved"}


def test_nobody_is_missed_who_was_not_asked_or_cannot_be_written_to(day: Day) -> None:
    with day.world.scope():
        Order.objects.filter(id=day.orders[0].id).update(confirmation_required=False)
        Order.objects.filter(id=day.orders[1].id).update(recipient_email="", recipient_phone="")
        Route.objects.filter(id=day.route.id).update(status="optimized")
    assert look(day, -30) == {}, "the routes have not been sent"
    with day.world.scope():
        Route.objects.filter(id=day.route.id).update(status="distributed")
    assert set(look(day, -30)) == {str(day.orders[2].id)}


def test_who_says_no_opens_at_once_asked_or_not_and_also_for_tomorrow(day: Day) -> None:
    with day.world.scope():
        Order.objects.update(confirmation_required=False)
    says(day, "declined", 2)
    row = look(day, -134)[str(day.orders[2].id)]
    assert row.numbers["code"] == "declined" and row.since_at == day.at(-135)
    says(day, "confirmed", 2)
    assert look(day, -133) == {}
    says(day, "declined", 2)
    Wall.now = day.at(-24 * 60)  # the evening before, with routes that have been sent
    with day.world.scope():
        DayException.objects.all().delete()
    assert look(day, -24 * 60)[str(day.orders[2].id)].day_on == day.world.day


def test_a_no_is_said_again_to_whoever_had_put_the_silence_aside(day: Day) -> None:
    row = look(day, -54)[str(day.orders[0].id)]
    assert day.world.api().post(f"exceptions/{row.id}:dismiss", {"reason": "He is always there."}).status_code == 200
    assert look(day, -50) == {}
    says(day, "declined")
    again = look(day, -49)[str(day.orders[0].id)]
    assert again.id != row.id and again.numbers["code"] == "declined"


@pytest.mark.parametrize("end", ["reached", "cancelled", "off"])
def test_it_ends_with_its_cause(day: Day, end: str) -> None:
    start(day)
    assert str(day.orders[0].id) in look(day, 1)
    with day.world.scope():
        stop = Stop.objects.filter(id=day.stops[0].id)
        if end == "reached":
            stop.update(status="arrived")
        elif end == "cancelled":
            stop.update(status="cancelled", route=None, position=None)
        else:
            stop.update(status="unassigned", route=None, position=None)
    assert str(day.orders[0].id) not in look(day, 2)


def test_asking_again_is_an_event_and_the_entry_stays(day: Day) -> None:
    row = look(day, -54)[str(day.orders[0].id)]
    offered = fixes(day, row)
    assert list(offered) == ["ask", "call_recipient", "confirmed", "put_off"]
    assert offered["ask"]["best"] and "stays here" in offered["ask"]["consequence"]
    assert offered["call_recipient"]["href"] == "tel:+4915112345678"
    done = do(day, row, "ask").json()
    assert (done["status"], done["taken_by"] is not None) == ("acknowledged", True)
    assert kinds(day).count("order.confirmation_asked") == 1
    Wall.now = day.at(-42)  # twelve minutes later
    assert "ask" not in fixes(day, row)
    assert do(day, row, "ask").json()["code"] == "asked_lately"
    Wall.now = day.at(-39)
    assert "asked at 08:06" in fixes(day, row)["ask"]["consequence"]
    assert do(day, row, "ask").status_code == 200
    assert kinds(day).count("order.confirmation_asked") == 2
    told = day.world.api().get(f"exceptions/{row.id}/fixes/").json()["history"]
    assert [(one["event"], one["reason"]) for one in told][1:] == [
        ("acknowledged", "Recipient A0-1 was asked again."), ("worked_on", "Recipient A0-1 was asked again.")]
    says(day, "confirmed")
    assert str(day.orders[0].id) not in look(day, -38)


def test_confirmed_by_phone_is_written_down_with_who_heard_it(day: Day) -> None:
    row = look(day, -54)[str(day.orders[0].id)]
    done = do(day, row, "confirmed").json()
    assert done["status"] == "resolved" and "by phone" in done["resolution"]
    with day.world.scope():
        event = Event.objects.get(kind="order.recipient_confirmed")
        assert (event.actor_kind, event.reason, event.subject_id) == ("key", "by phone", day.orders[0].id)
    assert "You said that you will be there." in Client().get(path(day)).content.decode()
    assert str(day.orders[0].id) not in look(day, -20)
    stop = day.world.driver_api().get("driver/day").json()["stops"][0]
    assert [order["recipient_answer"] for order in stop["orders"]] == ["confirmed"]
    board = day.world.api().get("board/", day=day.world.day.isoformat()).json()
    assert [one["orders"][0]["recipient_answer"] for one in board["stops"]] == ["confirmed", "", ""]


def test_who_cannot_be_there_is_planned_again_tomorrow(day: Day) -> None:
    says(day, "declined")
    row = look(day, -54)[str(day.orders[0].id)]
    offered = fixes(day, row)
    assert list(offered) == ["put_off", "call_recipient", "confirmed"]
    assert offered["put_off"]["title"] == "Plan again tomorrow" and offered["put_off"]["best"]
    done = do(day, row, "put_off")
    assert done.status_code == 200 and done.json()["status"] == "resolved", done.content
    with day.world.scope():
        order, stop = reload(day.orders[0]), reload(day.stops[0])
        assert (order.status, order.delivery_on) == ("ready", day.world.day + timedelta(days=1))
        assert (order.recipient_answer, order.answered_at, order.promised_end_at) == ("", None, None)
        assert (stop.status, stop.route_id) == ("cancelled", None)
        assert not StopOrder.objects.filter(order=order, live=True).exists()
        assert reload(day.stops[1]).status == "allocated"
    assert str(day.orders[0].id) not in look(day, -53)
    assert do(day, row, "put_off").json()["code"] == "closed_already"


def test_what_is_under_way_is_the_drivers(day: Day) -> None:
    says(day, "declined")
    row = look(day, -54)[str(day.orders[0].id)]
    start(day)
    offered = fixes(day, row)
    assert list(offered) == ["call_recipient", "call", "confirmed"]
    assert offered["call"]["href"] == f"tel:{day.world.drivers[0].phone}" and not offered["call_recipient"]["best"]
    refused = do(day, row, "put_off")
    assert (refused.status_code, refused.json()["code"]) == (409, "van_has_left")
    with day.world.scope():
        order = reload(day.orders[0])
        assert (order.status, order.recipient_answer) == ("out_for_delivery", "declined")
        assert reload(day.stops[0]).status == "next"


def test_a_neighbour_at_the_same_stop_keeps_the_visit(day: Day) -> None:
    with day.world.scope():
        other = located_order(day.world, "A0-9", lat=49.5, lon=8.7, status="scheduled")
        StopOrder.objects.create(stop=day.stops[0], order=other)
    says(day, "declined")
    do(day, look(day, -54)[str(day.orders[0].id)], "put_off")
    with day.world.scope():
        assert reload(day.stops[0]).status == "allocated"
        assert list(StopOrder.objects.filter(stop=day.stops[0], live=True).values_list("order_id")) == [(other.id,)]


def test_the_visit_of_tomorrow_is_not_put_off_to_tomorrow(day: Day) -> None:
    says(day, "declined")
    row = look(day, -24 * 60)[str(day.orders[0].id)]
    assert fixes(day, row)["put_off"]["title"] == "Plan again on Tuesday"
    do(day, row, "put_off")
    with day.world.scope():
        assert reload(day.orders[0]).delivery_on == day.world.day + timedelta(days=1)


def test_another_organization_neither_sees_nor_settles_it(birch: World, day: Day) -> None:
    row = look(day, -54)[str(day.orders[0].id)]
    for key in ("ask", "confirmed", "put_off"):
        assert birch.api().post(f"exceptions/{row.id}:fix", {"fix": key}).status_code == 404
    viewer = day.world.client("viewer")
    answer = viewer.post(f"/api/v1/exceptions/{row.id}:fix", {"fix": "confirmed"}, content_type="application/json")
    assert answer.status_code == 403
    with birch.scope():
        exceptions.look(at=Wall.now)
        assert DayException.objects.count() == 0
    assert kinds(day) == []


def test_many_visits_are_looked_at_in_one_query(amber: World, day: Day) -> None:
    with amber.scope():
        distributed(amber, 20, driver=1, confirmation_required=True)
        with CaptureQueriesContext(connection) as seen:
            assert len(sights.visits(today=amber.day)) == 23
        assert len(seen) == 1
