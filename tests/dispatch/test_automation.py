"""Automation: off by default, within its limits, once for each occasion, with its reason in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, errors, journal
from core.models import Event
from dispatch import queries
from dispatch.actions import driving, moving, plans
from dispatch.automation import limits, rounds, settings
from dispatch.models import AutomaticChange, Plan, Route, Stop, StopOrder
from orders import progress
from orders.models import Order
from tests.fixtures import NOW, World, located_order
from tests.tracking.day import distributed
from tracking.actions import exceptions
from tracking.models import DayException

pytestmark = pytest.mark.django_db
EARLY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Seven o'clock at the depot: the shifts begin at eight."""


@pytest.fixture
def plan(amber: World) -> Iterator[Plan]:
    """A day with two routes that begin at eight at the earliest, on a clock that stands at seven."""
    with mock.patch.object(clock, "now", return_value=EARLY), amber.scope():
        for number in range(6):
            located_order(amber, f"A{number:02d}", lat=49.41 + 0.01 * (number - 3), lon=8.69,
                          skills=["fridge"] if number < 3 else ["two_person"])
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
        lay(amber, plan)
    with mock.patch.object(clock, "now", return_value=EARLY):
        yield plan


def lay(world: World, plan: Plan) -> None:
    """Each stop at the end of the van that may carry it, by hand: no search, whatever else this machine does."""
    for stop in Stop.objects.filter(plan=plan, status="unassigned").select_related("place", "plan").order_by("id"):
        skills = {skill for link in stop.stop_orders.select_related("order") for skill in link.order.skills}
        van = world.shifts[1] if "two_person" in skills else world.shifts[0]
        moving.move_stop(moving.Move(stop, van.id, 99), dry_run=False, by=world.dispatcher, at=NOW)
    plan.refresh_from_db()


def send(world: World, plan: Plan) -> None:
    with world.scope():
        plan.refresh_from_db()
        plans.distribute(plan, by=world.dispatcher, at=EARLY)


def switch(world: World, rule: str, mode: str, **values: Any) -> None:
    with world.scope():
        settings.set_rule(rule, mode=mode, limits={"lead_s": 600, **values}, by=world.dispatcher, at=EARLY)


def arrives(world: World, reference: str = "NEW", **values: Any) -> Order:
    with world.scope():
        order: Order = located_order(world, reference, lat=49.415, lon=8.692, **values)
        return order


def where(world: World, order: Order) -> str:
    """The order's stop's state, "" where it has none."""
    with world.scope():
        link = StopOrder.objects.filter(order=order, live=True).select_related("stop").first()
        return link.stop.status if link else ""


def round_(world: World, at: datetime = EARLY) -> int:
    return rounds.run(world.organization.id, at=at)


def test_nothing_happens_while_it_is_off(amber: World, plan: Plan) -> None:
    send(amber, plan)
    order = arrives(amber)
    with amber.scope():
        before = Event.objects.count()
    assert round_(amber) == 0 and where(amber, order) == ""
    with amber.scope():
        assert Event.objects.count() == before and AutomaticChange.objects.count() == 0


def test_a_new_order_goes_to_a_van_that_has_not_left_and_is_sent(amber: World, plan: Plan) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do")
    order = arrives(amber, skills=["fridge"])
    assert round_(amber) == 1
    assert where(amber, order) == "allocated"
    with amber.scope():
        stop = queries.stops().select_related("route__shift__vehicle").get(stop_orders__order=order)
        assert stop.route is not None and "fridge" in stop.route.shift.vehicle.skills
        plan.refresh_from_db()
        assert plan.status == "distributed"
        event = Event.objects.get(kind="plan.automated")
        assert event.actor_kind == "automation" and order.reference in event.reason and "min" in event.reason
        moved = journal.history([stop.id])
        assert "automation" in {one.actor_kind for one in moved}
        assert Order.objects.get(id=order.id).promised_end_at is not None


def test_hearing_of_it_twice_makes_one_move(amber: World, plan: Plan) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do")
    order = arrives(amber)
    assert [round_(amber), round_(amber), round_(amber, EARLY + timedelta(hours=2))] == [1, 0, 0]
    with amber.scope():
        assert Event.objects.filter(kind="plan.automated").count() == 1
        assert Stop.objects.filter(stop_orders__order=order).count() == 1


def test_a_van_that_has_left_is_never_given_a_parcel_of_the_depot(amber: World, plan: Plan) -> None:
    send(amber, plan)
    with amber.scope():
        for route in Route.objects.filter(plan=plan, status="distributed"):
            driving.start_route(route, by=amber.dispatcher, at=EARLY)
    switch(amber, "assign_new", "do")
    order = arrives(amber)
    assert round_(amber) == 0 and where(amber, order) == "unassigned"
    with amber.scope():
        assert "has not left" in AutomaticChange.objects.get(outcome="declined").words


@pytest.mark.parametrize(("limit", "words"), [
    ({"max_extra_s": 0}, "are allowed"), ({"max_extra_cents": 0}, "would cost"), ({"lead_s": 12 * 3600}, "No van"),
])
def test_limits_are_kept(amber: World, plan: Plan, limit: dict[str, Any], words: str) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do", **limit)
    order = arrives(amber)
    assert round_(amber) == 0 and where(amber, order) == "unassigned"
    with amber.scope():
        assert words in AutomaticChange.objects.get(outcome="declined").words
        assert not Event.objects.filter(kind="plan.automated").exists()


def test_no_more_changes_an_hour_than_allowed_and_none_outside_its_hours(amber: World, plan: Plan) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do", max_per_hour=1, from_time=time(7, 30), until_time=time(12))
    orders = [arrives(amber, f"NEW{number}") for number in range(2)]
    assert round_(amber) == 0, "it is seven"
    half_past = EARLY + timedelta(minutes=30)
    assert round_(amber, half_past) == 1 and round_(amber, half_past) == 0
    assert sorted(where(amber, order) for order in orders) == ["allocated", "unassigned"]
    assert round_(amber, half_past + timedelta(minutes=61)) in (0, 1)


def test_somebodys_unfinished_changes_are_not_sent_along(amber: World, plan: Plan) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do")
    with amber.scope():
        plan.refresh_from_db()
        journal.transition(plan, "optimized", by=amber.dispatcher, at=EARLY)
    order = arrives(amber)
    assert round_(amber) == 0 and where(amber, order) == ""


def test_a_proposal_changes_no_route_and_stands_in_the_queue(amber: World, plan: Plan) -> None:
    from tracking import exception_handlers

    send(amber, plan)
    switch(amber, "assign_new", "propose")
    order = arrives(amber)
    assert round_(amber) == 1 and round_(amber) == 0
    assert where(amber, order) == "unassigned"
    with amber.scope():
        events = list(Event.objects.filter(kind="stop.proposed"))
        exception_handlers.on_proposed(events)
        exception_handlers.on_proposed(events)
        row = DayException.objects.get(kind="unassigned")
        assert row.proposal["fix"].startswith("move:") and order.reference in row.proposal["words"]
        assert Event.objects.filter(kind="exception.proposed").count() == 1
    keys = [fix["key"] for fix in amber.api().get(f"exceptions/{row.id}/fixes/").json()["fixes"]]
    assert row.proposal["fix"] in keys
    done = amber.api().post(f"exceptions/{row.id}:fix", {"fix": row.proposal["fix"]})
    assert done.status_code == 200, done.content
    assert where(amber, order) == "allocated"


def test_before_the_plan_is_sent_an_order_gets_its_place_in_it(amber: World, plan: Plan) -> None:
    switch(amber, "insert_same_day", "do")
    switch(amber, "assign_new", "do")
    order = arrives(amber)
    assert round_(amber) == 1 and where(amber, order) == "planned"
    with amber.scope():
        plan.refresh_from_db()
        assert plan.status == "optimized"


def test_planning_ahead_at_its_hour(amber: World) -> None:
    switch(amber, "plan_ahead", "do", plan_at=time(17))
    with amber.scope():
        located_order(amber, "T1", lat=49.42, lon=8.7, delivery_on=amber.day + timedelta(days=1))
        located_order(amber, "T0", lat=49.43, lon=8.7)
    before, after = EARLY + timedelta(hours=9), EARLY + timedelta(hours=10)
    assert round_(amber, before) == 0
    assert round_(amber, after) == 1
    with amber.scope():
        made = Plan.objects.get()
        assert made.day_on == amber.day + timedelta(days=1)
        assert Stop.objects.get().stop_orders.get().order.reference == "T1"
    assert round_(amber, after) == 0


def test_a_promise_in_danger_is_saved_by_another_van(amber: World, plan: Plan) -> None:
    """The first van does not leave; a stop that both may serve goes to the other, which leaves later."""
    with amber.scope():
        shared = located_order(amber, "BOTH", lat=49.401, lon=8.69)
        plans.gather(plan, by=amber.dispatcher, at=EARLY)
        lay(amber, plan)
    send(amber, plan)
    with amber.scope():
        stop = Stop.objects.select_related("route").get(stop_orders__order=shared)
        late = EARLY + timedelta(hours=3)
        Route.objects.filter(id=stop.route_id).update(starts_at=EARLY - timedelta(minutes=30))
        others = Route.objects.filter(plan=plan, status="distributed").exclude(id=stop.route_id)
        assert others.exists(), "two vans are needed for what only one of them may carry"
        Order.objects.filter(id=shared.id).update(promised_start_at=EARLY, promised_end_at=late)
        Stop.objects.filter(id=stop.id).update(planned_arrival_at=late, eta_at=late)
        exceptions.look(at=EARLY)
        row = DayException.objects.get(kind="predicted_late", subject_id=stop.id)
    assert round_(amber) == 0, "off"
    switch(amber, "rescue_late", "do", max_extra_s=7200, max_extra_cents=10_000)
    with mock.patch.object(clock, "now", return_value=EARLY):
        made = round_(amber)
        with amber.scope():
            assert made == 1, list(AutomaticChange.objects.values_list("outcome", "words"))
        assert round_(amber) == 0
    with amber.scope():
        moved = Stop.objects.select_related("route").get(id=stop.id)
        assert moved.route_id != stop.route_id and moved.eta_at < late
        assert "would have been late" in Event.objects.get(kind="plan.automated").reason
        exceptions.look(at=EARLY)
        row.refresh_from_db()
        assert row.status == "resolved"


def test_what_was_tried_and_is_still_in_a_van_is_not_given_to_another(amber: World, plan: Plan) -> None:
    send(amber, plan)
    switch(amber, "assign_new", "do")
    with amber.scope():
        route = queries.routes().filter(plan=plan, shift=amber.shifts[0]).get()
        driving.start_route(route, by=amber.dispatcher, at=EARLY)
        stop = queries.stops().select_related("route__shift__driver").filter(route=route).order_by("position").first()
        order = stop.stop_orders.get().order
        driving.arrive(stop, by=amber.dispatcher, at=EARLY)
        driving.record_attempt(stop, outcomes={order.id: "failed_not_home"}, report_id=uuid4(), by=amber.dispatcher,
                               at=EARLY, device_at=EARLY)
        order.refresh_from_db()
        progress.reattempt(order, day=amber.day, by=amber.dispatcher, at=EARLY)
    assert round_(amber) == 0 and where(amber, order) == ""


def test_aboard_a_promise_is_saved_by_another_order_of_the_route(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 9)
        Route.objects.filter(id=day.route.id).update(status="started", started_at=day.starts_at)
        Stop.objects.filter(route=day.route).update(status="out_for_delivery")
        Stop.objects.filter(id=day.stops[0].id).update(status="next")
        Order.objects.filter(id=day.orders[8].id).update(promised_start_at=day.at(-60), promised_end_at=day.at(55))
        exceptions.look(at=day.at(1))
        assert DayException.objects.get().kind == "predicted_late"
    switch(amber, "rescue_late", "do", max_extra_s=7200, max_extra_cents=10_000)
    made = round_(amber, day.at(1))
    with amber.scope():
        assert made == 1, list(AutomaticChange.objects.values_list("outcome", "words"))
    assert round_(amber, day.at(1)) == 0
    with amber.scope():
        order = list(Stop.objects.filter(route=day.route).order_by("position").values_list("id", flat=True))
        assert order[0] == day.stops[0].id and order.index(day.stops[8].id) < 8
        assert Event.objects.get(kind="plan.automated").actor_kind == "automation"


def test_rules_are_set_with_sense(amber: World) -> None:
    with amber.scope():
        assert [row.status for row in settings.rules()] == ["off"] * 4
    for rule, mode, values, code in [
        ("plan_ahead", "propose", {}, "no_proposals"), ("plan_ahead", "do", {}, "hour_missing"),
        ("assign_new", "do", {"from_time": time(8)}, "hours_incomplete"), ("nonsense", "do", {}, "not_found"),
        ("assign_new", "do", {"from_time": time(8), "until_time": time(8)}, "hours_order"),
    ]:
        with pytest.raises(errors.Refused) as refused:
            switch(amber, rule, mode, **values)
        assert refused.value.code == code
    switch(amber, "assign_new", "do", max_per_hour=3)
    switch(amber, "assign_new", "do", max_per_hour=4)
    switch(amber, "assign_new", "off")
    with amber.scope():
        row = settings.rules()[0]
        assert (row.status, row.max_per_hour) == ("off", 4)
        assert [event.kind for event in journal.history([row.id])] == [
            "automation.made", "automation.do", "automation.changed", "automation.off"]


def test_one_organizations_rules_touch_no_other(amber: World, birch: World, plan: Plan) -> None:
    send(amber, plan)
    switch(birch, "assign_new", "do")
    order = arrives(amber)
    assert round_(birch) == 0 and round_(amber) == 0 and where(amber, order) == ""


@given(st.integers(-3600, 3600), st.integers(-5000, 5000), st.one_of(st.none(), st.integers(0, 7200)))
def test_no_wish_beyond_a_limit_passes(extra_s: int, extra_cents: int, leaves_in_s: int | None) -> None:
    wish, kept = limits.Wish(extra_s, extra_cents, leaves_in_s), limits.Limits(600, 1000, 5, lead_s=900)
    within = extra_s <= 600 and extra_cents <= 1000 and (leaves_in_s is None or leaves_in_s >= 900)
    assert (limits.too_much(kept, wish) is None) == within


@pytest.mark.parametrize(("now", "sleeps"), [(time(7, 59), True), (time(8), False), (time(17, 59), False),
                                             (time(18), True)])
def test_hours(now: time, sleeps: bool) -> None:
    kept = limits.Limits(1, 1, 1, time(8), time(18))
    assert (limits.asleep(kept, now) is not None) == sleeps
    assert limits.asleep(limits.Limits(1, 1, 1), now) is None


def test_the_page_switches_rules_and_keeps_what_was_typed(amber: World, birch: World) -> None:
    page = "/settings/automation/"
    typed = {"rule": "assign_new", "assign_new-mode": "do", "assign_new-minutes": "12", "assign_new-money": "3.50",
             "assign_new-per_hour": "5", "assign_new-lead": "45"}
    assert amber.client("viewer").post(page, typed).status_code == 403
    assert "Everything is off" in amber.client("viewer").get(page).content.decode()
    assert amber.client().post(page, typed).status_code == 302
    with amber.scope():
        row = settings.rules()[0]
        assert (row.status, row.max_extra_s, row.max_extra_cents, row.max_per_hour, row.lead_s) == (
            "do", 720, 350, 5, 2700)
    wrong = amber.client().post(page, {**typed, "assign_new-from_time": "09:00", "assign_new-minutes": "13"})
    shown = wrong.content.decode()
    assert wrong.status_code == 400 and "Give both hours or none." in shown and 'value="13"' in shown
    assert amber.client().post(page, {**typed, "rule": "nonsense"}).status_code == 404
    with birch.scope():
        assert settings.rules()[0].status == "off"


def test_what_a_rule_moved_is_undone_by_its_id(amber: World, plan: Plan) -> None:
    """It is nobody's own last edit: plain undo passes it over, the one named is taken back, and the plan goes on."""
    send(amber, plan)
    switch(amber, "assign_new", "do")
    order = arrives(amber, skills=["fridge"])
    assert round_(amber) == 1
    api = amber.api()
    with amber.scope():
        before = AutomaticChange.objects.count()
    row = next(one for one in api.get(f"plans/{plan.id}/edits/").json()["results"] if one["kind"] == "automatic")
    assert not row["mine"]
    answer = api.post(f"plans/{plan.id}:undo", {"edit": row["id"]})
    assert answer.status_code == 200, answer.content
    assert where(amber, order) == "unassigned"
    assert api.post(f"plans/{plan.id}:undo", {"edit": row["id"]}).status_code == 404
    with amber.scope():
        plan.refresh_from_db()
        plans.distribute(plan, by=amber.dispatcher, at=EARLY)
        assert Plan.objects.get(id=plan.id).status == "distributed"
    assert round_(amber) == 0, "what a person took back is not done again"
    with amber.scope():
        assert AutomaticChange.objects.count() == before
