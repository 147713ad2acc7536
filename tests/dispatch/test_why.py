"""Why a stop is on no route, and the ways out: each priced, and what can be had here is one call away."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from core.models import Event
from dispatch import facts
from dispatch import why as why_room
from dispatch.actions import edits, plans, relaxing
from dispatch.models import Plan, Stop, Waiver
from fleet.models import Shift, Vehicle
from orders.models import Order
from tests.dispatch.by_hand import lay
from tests.fixtures import DAY, NOW, World, located_order

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Berlin")


def local(hour: int, minute: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=ZONE)


def left_out(world: World, reference: str, **values: Any) -> tuple[Plan, Stop]:
    """Two orders that fit and one that does not, planned."""
    with world.scope():
        for number in range(2):
            located_order(world, f"FIT{number}", lat=49.412 + 0.003 * number, lon=8.692)
        located_order(world, reference, lat=49.42, lon=8.70, **values)
        plan = plans.open_plan(day=world.day, depot=world.depot, by=world.dispatcher, at=NOW)
    lay(world, plan, {0: ["FIT0", "FIT1"]}, [reference])
    with world.scope():
        stop = Stop.objects.get(stop_orders__order__reference=reference)
        assert stop.status == "unassigned"
        return Plan.objects.get(id=plan.id), stop


def why(world: World, stop: Stop) -> dict[str, Any]:
    answer = world.api().get(f"stops/{stop.id}/why/")
    assert answer.status_code == 200, answer.content
    row: dict[str, Any] = answer.json()
    return row


def way(row: dict[str, Any], code: str) -> dict[str, Any]:
    found = [one for one in row["ways"] if one["code"] == code]
    assert found, [one["code"] for one in row["ways"]]
    return dict(found[0])


def take(world: World, stop: Stop, chosen: dict[str, Any], status: int = 200) -> Any:
    answer = world.api().post(f"stops/{stop.id}:relax", {"relaxation": chosen["key"]})
    assert answer.status_code == status, answer.content
    return answer.json()


def costs(world: World, plan: Plan) -> int:
    row: int = world.api().get(f"plans/{plan.id}/").json()["summary"]["cost_cents"]
    return row


def test_a_window_gives_way_and_the_promise_stays(amber: World) -> None:
    """Before the shifts begin nobody can be there; the window is widened to when somebody can."""
    plan, stop = left_out(
        amber, "EARLY", window_start_at=local(7), window_end_at=local(8),
        promised_start_at=local(7), promised_end_at=local(8),
    )  # fmt: skip
    row = why(amber, stop)
    assert row["message"]
    later = way(row, "window_later")
    assert later["possible"] and "its window ends at 08:" in later["message"] and "later" in later["message"]
    assert "promised until 08:00" in later["warning"]
    before = costs(amber, plan)
    told = take(amber, stop, later)
    assert told["status"] == "planned" and told["route"]
    with amber.scope():
        order = Order.objects.get(reference="EARLY")
        stop.refresh_from_db()
        assert order.window_end_at == stop.window_end_at > local(8)
        assert order.window_end_at.second == 0
        assert order.promised_end_at == local(8), "what was said to the recipient is not taken back"
        event = Event.objects.get(kind="stop.window_changed")
        assert event.reason == later["message"] and event.actor_label
    assert costs(amber, plan) - before == later["delta_cents"]
    take(amber, stop, later, 409)


def test_a_shift_gives_way(amber: World) -> None:
    _, stop = left_out(amber, "LATE", window_start_at=local(18, 20), window_end_at=local(19))
    longer = way(why(amber, stop), "shift_later")
    assert longer["possible"] and longer["message"].startswith("Amber driver")
    told = take(amber, stop, longer)
    assert told["status"] == "planned"
    with amber.scope():
        shift = Shift.objects.get(id=longer["shift"])
        assert shift.ends_at > local(18)
        assert Event.objects.get(kind="shift.hours_changed").reason == longer["message"]
        assert Shift.objects.exclude(id=shift.id).get().ends_at == local(18)


def test_a_capacity_is_waived_for_the_day(amber: World) -> None:
    plan, stop = left_out(amber, "HEAVY", weight_g=900_000)
    over = way(why(amber, stop), "over_capacity")
    assert over["possible"] and "kg more than it may" in over["message"]
    assert take(amber, stop, over)["status"] == "planned"
    with amber.scope():
        waiver = Waiver.objects.get()
        assert str(waiver.shift_id) == over["shift"] and waiver.amounts[0] > 0
        assert set(Vehicle.objects.values_list("weight_g", flat=True)) == {800_000}, "the van is what it was"
        assert Event.objects.get(kind="plan.capacity_waived").reason == over["message"]
        room = [shift.capacity[0] for shift in facts.of_plan(plan).shifts if shift.id == over["shift"]]
        assert room == [800_000 + waiver.amounts[0]], "the next solve of the day sees it"


def test_a_skill_is_waived_for_the_stop(amber: World) -> None:
    _, stop = left_out(amber, "CRANE", skills=["crane"])
    without = way(why(amber, stop), "ignore_skills")
    assert without["possible"] and "may be made without crane" in without["message"]
    assert take(amber, stop, without)["status"] == "planned"
    with amber.scope():
        assert Waiver.objects.get().skills == ["crane"]
        assert Order.objects.get(reference="CRANE").skills == ["crane"], "what the order needs is what it was"


def test_what_has_no_home_says_so(amber: World) -> None:
    with amber.scope():
        Vehicle.objects.update(pieces=1)
    with amber.scope():
        for number in range(3):
            located_order(amber, f"ONE{number}", lat=49.412 + 0.003 * number, lon=8.692, pieces=1)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    lay(amber, plan, {0: ["ONE0"], 1: ["ONE1"]}, ["ONE2"])
    with amber.scope():
        stop = Stop.objects.get(status="unassigned")
    row = why(amber, stop)
    van = way(row, "one_more_van")
    assert not van["possible"] and "what-if" in van["why_not"]
    assert take(amber, stop, van, 422)["code"] == "not_possible_here"
    order = [one["possible"] for one in row["ways"]]
    assert order == sorted(order, reverse=True), "what can be had comes first"


def test_a_stop_that_fits_is_offered_its_places(amber: World) -> None:
    plan, stop = left_out(amber, "SKILL", skills=["crane"])
    with amber.scope():
        Vehicle.objects.filter(id=amber.vehicles[0].id).update(skills=["crane"])
    row = why(amber, stop)
    assert [one["code"] for one in row["ways"]] == ["place"]
    before = costs(amber, plan)
    assert take(amber, stop, row["ways"][0])["status"] == "planned"
    assert costs(amber, plan) - before == row["ways"][0]["delta_cents"]


def test_nothing_is_half_done(amber: World, birch: World) -> None:
    _, stop = left_out(amber, "LATE", window_start_at=local(18, 20), window_end_at=local(19))
    chosen = way(why(amber, stop), "shift_later")
    with amber.scope():
        Shift.objects.filter(id=chosen["shift"]).update(ends_at=local(17))
        events = Event.objects.count()
    take(amber, stop, chosen, 409)
    with amber.scope():
        assert Event.objects.count() == events and Shift.objects.get(id=chosen["shift"]).ends_at == local(17)
        planned = Stop.objects.filter(status="planned").first()
    assert amber.api().get(f"stops/{planned.id}/why/").status_code == 409
    assert birch.api().get(f"stops/{stop.id}/why/").status_code == 404
    assert birch.api().post(f"stops/{stop.id}:relax", {"relaxation": chosen["key"]}).status_code == 404
    assert amber.api().post(f"stops/{stop.id}:relax", {"relaxation": "nonsense"}).status_code == 409


def test_a_way_out_is_undone(amber: World) -> None:
    """The stop is off its route again, with the reason it had; the rule that gave way for it stays as it was made."""
    plan, stop = left_out(amber, "CRANE", skills=["crane"])
    reason = stop.unassigned_message
    take(amber, stop, way(why(amber, stop), "ignore_skills"))
    before = amber.api().get(f"plans/{plan.id}/edits/").json()["undo"]
    assert before["kind"] == "accept" and "without crane" in before["label"]
    answer = amber.api().post(f"plans/{plan.id}:undo", {})
    assert answer.status_code == 200, answer.content
    with amber.scope():
        stop.refresh_from_db()
        assert stop.status == "unassigned" and stop.route is None and stop.unassigned_message == reason
    assert amber.api().post(f"plans/{plan.id}:redo", {}).status_code == 200
    with amber.scope():
        stop.refresh_from_db()
        assert stop.status == "planned"


def test_a_lock_that_gives_way_is_removed(amber: World) -> None:
    """Off its route a stop has no lock that binds; where one stands in the way it goes, with its reason."""
    plan, stop = left_out(amber, "CRANE", skills=["crane"])
    with amber.scope():
        locked = Stop.objects.get(stop_orders__order__reference="FIT0")
        edits.lock(plan, [locked.id], strength="driver", by=amber.dispatcher, at=NOW)
        with transaction.atomic():
            relaxing.unlock(plan, [str(locked.id), str(stop.id)], "so that it fits", by=amber.dispatcher, at=NOW)
        locked.refresh_from_db()
        assert locked.lock == ""
        event = Event.objects.get(kind="stop.unlocked")
        assert event.subject_id == locked.id and event.reason == "so that it fits"
    assert "ignore_lock" in why_room.POSSIBLE
