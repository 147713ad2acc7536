"""The exceptions queue: it opens, changes and closes with its cause, and a person's word is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock, journal
from core.models import Event
from dispatch.models import Attempt, Route, Stop
from orders import progress
from orders.models import Order
from tests.fixtures import World
from tests.tracking.conftest import Phone
from tests.tracking.day import Day, distributed, reload
from tracking.actions import exceptions
from tracking.models import DayException, Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(amber: World) -> Day:
    with amber.scope():
        return distributed(amber, 3)


def look(day: Day, minutes: float) -> dict[tuple[str, str], DayException]:
    """The queue after a look so many minutes after the route should have left."""
    with day.world.scope():
        exceptions.look(at=day.at(minutes))
        return {
            (row.kind, str(row.subject_id)): row
            for row in DayException.objects.filter(status__in=["open", "acknowledged"])
        }


def slip(day: Day, stop: Stop, minutes: float) -> None:
    """The stop is expected so many minutes after its promise's end."""
    with day.world.scope():
        order = Order.objects.get(stop_orders__stop=stop)
        Stop.objects.filter(id=stop.id).update(eta_at=order.promised_end_at + timedelta(minutes=minutes))


def start(day: Day) -> None:
    with day.world.scope():
        Route.objects.filter(id=day.route.id).update(status="started", started_at=day.starts_at)
        Stop.objects.filter(route=day.route).update(status="out_for_delivery")
        day.world.drivers[0].__class__.objects.filter(id=day.world.drivers[0].id).update(status="on_duty")


def test_a_stop_that_will_be_late_opens_once_and_closes_by_itself(amber: World, day: Day) -> None:
    start(day)
    slip(day, day.stops[0], 11)
    queue = look(day, 1)
    assert set(queue) == {("predicted_late", str(day.stops[0].id))}
    assert look(day, 2).keys() == queue.keys()
    with amber.scope():
        assert DayException.objects.count() == 1
    slip(day, day.stops[0], 7)  # less than ten minutes, but not in time: it stays
    assert len(look(day, 3)) == 1
    slip(day, day.stops[0], 2)
    assert look(day, 4) == {}
    with amber.scope():
        row = DayException.objects.get()
        assert row.status == "resolved" and row.ended_at and "in time" in row.resolution
        assert [event.kind for event in journal.history([row.id])] == ["exception.opened", "exception.resolved"]
    slip(day, day.stops[0], 11)
    assert len(look(day, 5)) == 1
    with amber.scope():
        assert DayException.objects.count() == 2


def test_many_late_stops_of_a_route_are_one(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 6)
    start(day)
    for stop in day.stops:
        slip(day, stop, 20)
    queue = look(day, 1)
    assert [(kind, subject) for kind, subject in queue] == [("predicted_late", str(day.route.id))]
    row = next(iter(queue.values()))
    assert row.numbers["stops"] == 6 and row.about["driver"] == str(amber.drivers[0].id)


def test_what_a_person_closed_stays_closed_while_its_cause_lasts(amber: World, day: Day) -> None:
    start(day)
    slip(day, day.stops[0], 12)
    (row,) = look(day, 1).values()
    api = amber.api()
    assert api.post(f"exceptions/{row.id}:dismiss").status_code == 400
    answer = api.post(f"exceptions/{row.id}:dismiss", {"reason": "The recipient knows."})
    assert answer.status_code == 200 and answer.json()["status"] == "dismissed"
    assert look(day, 2) == {}
    slip(day, day.stops[0], 20)
    assert look(day, 3) == {}
    slip(day, day.stops[0], 40)  # a quarter of an hour worse: it has to be said again
    assert len(look(day, 4)) == 1
    assert api.post(f"exceptions/{row.id}:resolve").json()["code"] == "illegal_move"


def test_who_took_it_is_shown(amber: World, day: Day) -> None:
    start(day)
    slip(day, day.stops[0], 12)
    (row,) = look(day, 1).values()
    client = amber.client()
    answer = client.post(f"/api/v1/exceptions/{row.id}:acknowledge", {}, content_type="application/json")
    assert answer.json()["taken_by"]["name"] and answer.json()["status"] == "acknowledged"
    snapshot = amber.api().get("board/", day=amber.day.isoformat()).json()
    assert [(one["kind"], one["status"], one["recipient"]) for one in snapshot["exceptions"]] == [
        ("predicted_late", "acknowledged", "Recipient A0-1")]


def test_silence_and_standstill(amber: World, day: Day, phone: Phone) -> None:
    start(day)
    assert look(day, 4) == {}
    assert set(look(day, 6)) == {("stale_position", str(amber.drivers[0].id))}
    phone.moves(day.fix(6, 1000), now=day.at(6))
    assert look(day, 6.5) == {}
    for minute in (8, 10, 12, 14, 16, 18):
        phone.moves(day.fix(minute, 1000 + minute), now=day.at(minute))
        queue = look(day, minute)
    assert set(queue) == {("stuck", str(day.route.id))}
    phone.moves(day.fix(19, 1500), now=day.at(19))
    assert look(day, 19) == {}


def test_failed_and_unassigned_orders_wait_for_a_word(amber: World, day: Day) -> None:
    start(day)
    with amber.scope():
        Order.objects.filter(id=day.orders[0].id).update(status="attempt_failed")
        Stop.objects.filter(id=day.stops[0].id).update(status="departed")
        Stop.objects.filter(id=day.stops[2].id).update(
            status="unassigned", route=None, position=None, unassigned_code="taken_out")
    queue = look(day, 1)
    assert set(queue) == {("failed", str(day.orders[0].id)), ("unassigned", str(day.stops[2].id))}
    row = queue["failed", str(day.orders[0].id)]
    api = amber.api()
    keys = [fix["key"] for fix in api.get(f"exceptions/{row.id}/fixes/").json()["fixes"]]
    assert keys[:3] == ["again:tomorrow", "again:today", "return"]
    assert api.post(f"exceptions/{row.id}:fix", {"fix": "move:1:2"}).status_code == 400
    assert api.post(f"exceptions/{row.id}:fix", {"fix": "again:tomorrow"}).json()["status"] == "resolved"
    with amber.scope():
        assert Order.objects.get(id=day.orders[0].id).status == "ready"
    assert ("failed", str(day.orders[0].id)) not in look(day, 2)


def test_telling_the_new_time_is_an_event_that_is_told(amber: World, day: Day) -> None:
    start(day)
    slip(day, day.stops[0], 12)
    (row,) = look(day, 1).values()
    fixes = amber.api().get(f"exceptions/{row.id}/fixes/").json()["fixes"]
    assert "tell" in [fix["key"] for fix in fixes]
    assert amber.api().post(f"exceptions/{row.id}:fix", {"fix": "tell"}).json()["resolution"].startswith("The recip")
    with amber.scope():
        assert Event.objects.filter(kind="stop.delayed", subject_id=day.stops[0].id).count() == 1
        assert reload(row).status == "resolved"


def test_another_organization_sees_and_changes_nothing(amber: World, birch: World, day: Day) -> None:
    start(day)
    slip(day, day.stops[0], 12)
    (row,) = look(day, 1).values()
    assert birch.api().get("exceptions/").json()["results"] == []
    for verb in ("acknowledge", "resolve", "dismiss", "fix"):
        assert birch.api().post(f"exceptions/{row.id}:{verb}", {"reason": "x", "fix": "tell"}).status_code == 404
    assert amber.client("viewer").post(f"/api/v1/exceptions/{row.id}:resolve").status_code == 403
    assert len(amber.api().get("exceptions/", status="live").json()["results"]) == 1
    assert amber.api().get("exceptions/", status="nonsense").status_code == 400


def taken_away(day: Day, phone: Phone, number: int) -> Stop:
    """The route is under way; the stop is taken off it while the phone is out of reach, and attempted all the same."""
    phone.report(day.report("duty_on", -5), day.report("route_started", 0), now=day.at(0))
    stop = day.stops[number]
    with day.world.scope():
        row = reload(stop)
        row.route = row.position = None
        journal.transition(row, "unassigned", by=day.world.dispatcher, at=day.at(5), reason="the shop called",
                           changes=["route", "position"])
        progress.unschedule([reload(day.orders[number])], reason="x", by=day.world.dispatcher, at=day.at(5))
    (result,) = phone.report(day.report(
        "attempted", 6, stop, data={"outcome": "delivered_to_recipient", "name": "Frau Nachbar"}), now=day.at(9))
    assert result["status"] == "conflict"
    return stop


@pytest.mark.parametrize("ended", [False, True])
def test_what_was_done_offline_is_kept(amber: World, day: Day, phone: Phone, ended: bool) -> None:
    stop = taken_away(day, phone, 1)
    if ended:
        phone.report(day.report("route_completed", 9), now=day.at(9))
    row = look(day, 10)["report_conflict", str(stop.id)]
    answer = amber.api().get(f"exceptions/{row.id}/fixes/").json()
    assert [fix["key"] for fix in answer["fixes"]][:2] == ["keep", "undo"]
    assert "Frau Nachbar" in answer["versions"][0]["says"] and "the shop called" in answer["versions"][1]["says"]
    done = amber.api().post(f"exceptions/{row.id}:fix", {"fix": "keep"})
    assert done.status_code == 200, done.content
    with amber.scope():
        assert reload(day.orders[1]).status == "delivered"
        held = reload(stop)
        assert (held.status, held.route_id) == ("departed", day.route.id)
        attempt = Attempt.objects.get(order=day.orders[1])
        assert attempt.name == "Frau Nachbar" and attempt.driver_id == amber.drivers[0].id
    assert ("report_conflict", str(stop.id)) not in look(day, 11)


def test_what_was_done_offline_can_be_refused_with_a_reason(amber: World, day: Day, phone: Phone) -> None:
    stop = taken_away(day, phone, 1)
    row = look(day, 10)["report_conflict", str(stop.id)]
    api = amber.api()
    assert api.post(f"exceptions/{row.id}:fix", {"fix": "undo"}).status_code == 400
    assert api.post(f"exceptions/{row.id}:fix", {"fix": "undo", "reason": "wrong house"}).status_code == 200
    with amber.scope():
        assert reload(stop).status == "unassigned"
        assert Report.objects.get(kind="attempted").status == "rejected"
        assert journal.history([stop.id])[-1].kind == "stop.report_refused"
    assert ("report_conflict", str(stop.id)) not in look(day, 11)


def test_a_stop_that_is_aboard_is_done_sooner(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 4)
    start(day)
    with amber.scope():
        Stop.objects.filter(id=day.stops[0].id).update(status="next")
        Order.objects.filter(id=day.orders[3].id).update(
            promised_start_at=day.at(-60), promised_end_at=day.at(9))
        for stop, minutes in zip(day.stops, (5, 13, 21, 29), strict=True):
            Stop.objects.filter(id=stop.id).update(eta_at=day.at(minutes))
    (row,) = look(day, 1).values()
    assert row.kind == "predicted_late" and str(row.subject_id) == str(day.stops[3].id)
    fixes = {fix["key"]: fix for fix in amber.api().get(f"exceptions/{row.id}/fixes/").json()["fixes"]}
    assert not any(key.startswith("move") for key in fixes), "what is aboard cannot jump into another van"
    with mock.patch.object(clock, "now", return_value=day.at(1)):
        fixes = {fix["key"]: fix for fix in amber.api().get(f"exceptions/{row.id}/fixes/").json()["fixes"]}
        assert "nobody else becomes late" in fixes["reorder"]["consequence"]
        done = amber.api().post(f"exceptions/{row.id}:fix", {"fix": "reorder"})
    assert done.status_code == 200, done.content
    with amber.scope():
        order = list(Stop.objects.filter(route=day.route).order_by("position").values_list("id", flat=True))
        assert order == [day.stops[0].id, day.stops[3].id, day.stops[1].id, day.stops[2].id]
        route = reload(day.route)
        assert len(route.legs) == 5 and route.geometry
        assert reload(day.stops[3]).eta_at < day.at(29)


def test_a_van_that_has_not_left_is_retimed_and_all_its_late_recipients_are_told(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 5)
        for order in day.orders[1:]:
            Order.objects.filter(id=order.id).update(promised_end_at=day.at(20))
    (row,) = look(day, 40).values()
    assert (row.kind, row.subject_kind, row.numbers["stops"]) == ("late", "route", 4)
    api = amber.api()
    with mock.patch.object(clock, "now", return_value=day.at(40)):
        fixes = {fix["key"]: fix for fix in api.get(f"exceptions/{row.id}/fixes/").json()["fixes"]}
        assert fixes["tell"]["title"] == "Tell 4 recipients their new times"
        assert "40 min" in fixes["retime"]["consequence"]
        done = api.post(f"exceptions/{row.id}:fix", {"fix": "tell"})
    assert done.json()["resolution"] == "4 recipients were told their new times.", done.content
    with amber.scope():
        assert Event.objects.filter(kind="stop.delayed").count() == 4
        first = reload(day.stops[1])
        assert first.eta_at == first.planned_arrival_at + timedelta(minutes=40)
    assert look(day, 41) == {}


def test_a_look_costs_the_same_queries_however_many_vans_there_are(amber: World, day: Day) -> None:
    def cost(minutes: float) -> int:
        with CaptureQueriesContext(connection) as asked:
            look(day, minutes)
        return len(asked)

    start(day)
    few = cost(1)
    with amber.scope():
        other = distributed(amber, 40, driver=1)
        Route.objects.filter(id=other.route.id).update(status="started", started_at=day.starts_at)
        Stop.objects.filter(route=other.route).update(status="out_for_delivery")
    assert cost(2) == few


def test_old_snapshot_and_live_rows_are_the_fresh_snapshot(
    amber: World, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("tracking.live.publish", lambda _, rows, **__: sent.append(json.loads(json.dumps(rows))))

    def snapshot() -> dict[str, Any]:
        rows = amber.api().get("board/", day=amber.day.isoformat()).json()["exceptions"]
        return {row["id"]: row for row in rows}

    start(day)
    slip(day, day.stops[0], 12)
    look(day, 1)
    board = snapshot()
    sent.clear()
    amber.api().post(f"exceptions/{next(iter(board))}:acknowledge")
    slip(day, day.stops[1], 30)
    slip(day, day.stops[0], 2)
    look(day, 2)
    for rows in sent:
        for row in rows.get("exception", []):
            if row["version"] >= board.get(row["id"], {"version": 0})["version"]:
                if row.get("gone"):
                    board.pop(row["id"], None)
                else:
                    board[row["id"]] = row
    assert board == snapshot() and len(board) == 1


def test_a_failure_says_why_and_who_tried(amber: World, day: Day, phone: Phone) -> None:
    phone.report(day.report("duty_on", -5), day.report("route_started", 0), day.report("arrived", 5, day.stops[0]),
                 day.report("attempted", 6, day.stops[0], data={"outcome": "failed_not_home"}), now=day.at(7))
    row = look(day, 8)["failed", str(day.orders[0].id)]
    shown = amber.api().get(f"exceptions/{row.id}/").json()
    assert shown["numbers"]["code"] == "failed_not_home" and shown["driver"]["id"] == str(amber.drivers[0].id)
