"""A whole day through the actions: planned by the real solver in its child process, moved by hand, distributed,
driven."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core import errors, journal, operations
from core.models import Event, Operation
from dispatch import queries
from dispatch.actions import driving, moving, plans
from dispatch.models import Attempt, Plan, Route, Stop, StopOrder
from lastmile import relay
from orders.models import Order
from tests.fixtures import NOW, World, located_order

pytestmark = pytest.mark.django_db


def solve(world: World, plan: Plan, seconds: int = 1) -> Operation:
    """Ask for a solve and do what a worker does."""
    with world.scope():
        operation = plans.request_solve(plan, seconds=seconds, by=world.dispatcher, at=NOW)
    operations.run(world.organization.id, operation.id)
    with world.scope():
        plan.refresh_from_db()
        return Operation.objects.get(id=operation.id)


def settle_outbox(world: World) -> None:
    while relay.hand_out(world.organization.id):
        pass


@pytest.fixture
def planned(amber: World) -> Plan:
    """Twelve orders around the depot, planned."""
    with amber.scope():
        for number in range(12):
            located_order(
                amber,
                f"A{number:02d}",
                lat=49.41 + 0.004 * (number % 4),
                lon=8.69 + 0.005 * (number // 4),
                skills=["fridge"] if number == 3 else [],
            )
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    operation = solve(amber, plan)
    assert operation.status == "succeeded", operation.error
    return plan


def test_a_plan_is_solved_stored_and_told(amber: World, planned: Plan) -> None:
    with amber.scope():
        assert planned.status == "optimized"
        stops = list(Stop.objects.filter(plan=planned))
        assert len(stops) == 12 and {stop.status for stop in stops} == {"planned"}
        assert Order.objects.filter(status="scheduled").count() == 12
        operation = Operation.objects.get(id=planned.operation_id)
        assert operation.result["assigned"] == 12 and operation.result["roads"] in ("crow", "graph", "osrm")
        route = Route.objects.filter(plan=planned).first()
        assert route.geometry and route.distance_m > 0 and len(route.legs) == route.stops.count() + 1
        fridge = StopOrder.objects.get(order__reference="A03").stop
        assert fridge.route.shift.vehicle.skills == ["fridge"]
        row = queries.plan_rows([planned])[0]
        assert row["summary"]["stops"] == 12 and row["summary"]["unassigned"] == 0


def test_birch_sees_nothing_of_it(amber: World, birch: World, planned: Plan) -> None:
    api = birch.api()
    assert api.get(f"plans/{planned.id}/").status_code == 404
    assert api.get("plans/").json()["results"] == []
    assert api.post(f"plans/{planned.id}:optimize").status_code == 404
    with amber.scope():
        stop = Stop.objects.filter(plan=planned).first()
    assert api.post(f"stops/{stop.id}:move", {"position": 0}).status_code == 404


def test_orders_at_one_place_share_a_stop(amber: World) -> None:
    with amber.scope():
        first = located_order(amber, "A1", lat=49.42, lon=8.7, service_s=300)
        Order.objects.create(
            reference="A2",
            source="api",
            recipient_name="R",
            place=first.place,
            status="ready",
            delivery_on=amber.day,
            weight_g=500,
            service_s=120,
        )
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
        stop = Stop.objects.get(plan=plan)
        assert stop.service_s == 360
        row = queries.stop_rows([stop])[0]
        assert [order["reference"] for order in row["orders"]] == ["A1", "A2"] and row["load"]["weight_g"] == 2500


def test_what_cannot_be_done_says_why(amber: World) -> None:
    with amber.scope():
        located_order(amber, "HEAVY", lat=49.42, lon=8.7, weight_g=5_000_000)
        located_order(amber, "SKILL", lat=49.42, lon=8.71, skills=["crane"])
        located_order(amber, "FINE", lat=49.42, lon=8.72)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan)
    with amber.scope():
        left = {stop.stop_orders.get().order.reference: stop for stop in Stop.objects.filter(status="unassigned")}
        assert set(left) == {"HEAVY", "SKILL"}
        assert left["HEAVY"].unassigned_code == "too_heavy" and "5" in left["HEAVY"].unassigned_message
        assert left["SKILL"].unassigned_code == "no_vehicle_with_skill" and "crane" in left["SKILL"].unassigned_message
        assert Order.objects.get(reference="SKILL").status == "ready"


def test_solving_nothing_is_refused_in_words(amber: World) -> None:
    with amber.scope():
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
        with pytest.raises(errors.Refused, match="nothing to plan"):
            plans.request_solve(plan, seconds=1, by=amber.dispatcher, at=NOW)


def test_a_failed_solve_gives_the_plan_back(amber: World, planned: Plan, monkeypatch: Any) -> None:
    from dispatch import solving
    from routing import child

    def broken(*_: Any, **__: Any) -> None:
        raise child.SolverFailed("The solving process died.")

    monkeypatch.setattr(solving.child, "solve_in_child", broken)
    operation = solve(amber, planned)
    assert operation.status == "failed" and "no plan" in operation.error
    settle_outbox(amber)
    with amber.scope():
        planned.refresh_from_db()
        assert planned.status == "optimized"
        assert Stop.objects.filter(plan=planned, status="planned").count() == 12


def test_a_worker_that_lost_its_lease_stores_nothing(amber: World, planned: Plan, monkeypatch: Any) -> None:
    from dispatch import solving

    real = solving.draw

    def late(*args: Any) -> Any:
        with amber.scope():
            Operation.objects.filter(status="running").update(lease=99)
        return real(*args)

    monkeypatch.setattr(solving, "draw", late)
    with amber.scope():
        before = Event.objects.count()
    operation = solve(amber, planned)
    assert operation.status == "running"
    with amber.scope():
        assert not Event.objects.filter(kind="stop.moved").exists()
        assert Event.objects.exclude(subject="operation").exclude(subject="plan").count() <= before


def test_a_dead_workers_solve_is_queued_again_and_at_last_given_up(amber: World, planned: Plan) -> None:
    with amber.scope():
        operation = plans.request_solve(planned, seconds=1, by=amber.dispatcher, at=NOW)
    for tries in range(1, operations.MAX_TRIES + 1):
        assert operations._claim(amber.organization.id, operation.id) is not None
        assert operations._claim(amber.organization.id, operation.id) is None
        with amber.scope():
            Operation.objects.filter(id=operation.id).update(lease_until=NOW - timedelta(days=2))
        operations.sweep(amber.organization.id)
        with amber.scope():
            operation = Operation.objects.get(id=operation.id)
            assert operation.tries == tries
    assert operation.status == "failed" and "3 times" in operation.error


def test_moving_by_hand_shows_consequences_and_keeps_rules(amber: World, planned: Plan) -> None:
    with amber.scope():
        stop = StopOrder.objects.get(order__reference="A03").stop
        other = next(shift for shift in amber.shifts if shift.vehicle.skills == ["two_person"])
        row = moving.move_stop(moving.Move(stop, other.id, 0), dry_run=True, by=amber.dispatcher, at=NOW)
        assert row["broken"] and "fridge" in row["broken"][0] and not row["applied"]
        with pytest.raises(errors.Refused, match="fridge"):
            moving.move_stop(moving.Move(stop, other.id, 0), dry_run=False, by=amber.dispatcher, at=NOW)
        free = StopOrder.objects.exclude(order__reference="A03").select_related("stop", "stop__route").first().stop
        row = moving.move_stop(moving.Move(free, other.id, 0), dry_run=False, by=amber.dispatcher, at=NOW)
        free.refresh_from_db()
        assert row["applied"] and free.route.shift_id == other.id and free.position == 1
        positions = list(Stop.objects.filter(route=free.route).order_by("position").values_list("position", flat=True))
        assert positions == list(range(1, len(positions) + 1))
        row = moving.move_stop(moving.Move(free, None, 0), dry_run=False, by=amber.dispatcher, at=NOW)
        free.refresh_from_db()
        assert free.status == "unassigned" and free.route is None and row["delta_cents"] < 0
        assert free.stop_orders.get().order.status == "ready"


def drive(world: World, route: Route, outcome: Any) -> datetime:
    """Drive the route: `outcome(stop, order)` says what comes of each order."""
    at = route.starts_at
    by = world.dispatcher
    driving.start_route(route, by=by, at=at, device_at=at)
    for stop in queries.route_stops(route.id):
        stop = queries.stops().select_related("route", "route__shift").get(id=stop.id)
        at += timedelta(minutes=5)
        driving.arrive(stop, by=by, at=at, device_at=at)
        at += timedelta(minutes=3)
        orders = [link.order for link in stop.stop_orders.all()]
        driving.record_attempt(
            stop, outcomes={order.id: outcome(order) for order in orders}, report_id=uuid4(), by=by, at=at, device_at=at
        )
        driving.depart(stop, by=by, at=at, device_at=at)
    at += timedelta(minutes=10)
    driving.complete_route(Route.objects.get(id=route.id), by=by, at=at, device_at=at)
    return at


def test_the_day_is_driven_to_its_end(amber: World, planned: Plan) -> None:
    with amber.scope():
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        assert planned.status == "distributed"
        order = Order.objects.get(reference="A00")
        assert order.promised_start_at < order.promised_end_at
        for route in queries.routes().filter(plan=planned, status="distributed"):
            drive(
                amber, route, lambda order: "failed_not_home" if order.reference == "A05" else "delivered_to_recipient"
            )
        assert Order.objects.filter(status="delivered").count() == 11
        assert Order.objects.get(reference="A05").status == "attempt_failed"
        assert Attempt.objects.filter(number=1).count() == 12
        assert set(Route.objects.values_list("status", flat=True)) == {"completed"}
        told = journal.history([StopOrder.objects.get(order__reference="A01").stop_id])
        # As they were written: the solve is told at the real time, the drive at the fixture's.
        kinds = [event.kind for event in sorted(told, key=lambda event: event.id)]
        assert kinds[-4:] == ["stop.next", "stop.arrived", "stop.attempted", "stop.departed"]


def test_a_route_that_ends_early_gives_its_stops_back(amber: World, planned: Plan) -> None:
    with amber.scope():
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        route = queries.routes().filter(plan=planned, status="distributed").first()
        driving.start_route(route, by=amber.dispatcher, at=NOW)
        assert Stop.objects.filter(route=route, status="next").count() == 1
        driving.complete_route(Route.objects.get(id=route.id), by=amber.dispatcher, at=NOW)
        left = Stop.objects.filter(plan=planned, unassigned_code="not_reached")
        assert left.count() > 0 and {stop.status for stop in left} == {"unassigned"}
        assert {stop.stop_orders.get().order.status for stop in left} == {"ready"}


def test_proofs_are_asked_for(amber: World) -> None:
    with amber.scope():
        located_order(amber, "PHOTO", lat=49.42, lon=8.7, proof_required="photo")
        located_order(amber, "PIN", lat=49.43, lon=8.7, proof_required="pin", pin="4711")
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan)
    with amber.scope():
        plans.distribute(plan, by=amber.dispatcher, at=NOW)
        route = queries.routes().get(plan=plan)
        driving.start_route(route, by=amber.dispatcher, at=NOW)
        for reference, code, sentence in (("PHOTO", "proof_missing", "photo"), ("PIN", "wrong_pin", "PIN")):
            stop = StopOrder.objects.get(order__reference=reference).stop
            driving.arrive(stop, by=amber.dispatcher, at=NOW)
            order = stop.stop_orders.get().order
            with pytest.raises(errors.Refused, match=sentence) as refused:
                driving.record_attempt(
                    stop,
                    outcomes={order.id: "delivered_to_recipient"},
                    report_id=uuid4(),
                    by=amber.dispatcher,
                    at=NOW,
                    device_at=NOW,
                )
            assert refused.value.code == code
            driving.record_attempt(
                stop,
                outcomes={order.id: "failed_not_home"},
                report_id=uuid4(),
                by=amber.dispatcher,
                at=NOW,
                device_at=NOW,
            )


def test_a_cancelled_order_leaves_its_stop(amber: World, planned: Plan) -> None:
    with amber.scope():
        link = StopOrder.objects.select_related("order", "stop").get(order__reference="A07")
        journal.transition(link.order, "cancelled", by=amber.dispatcher, at=NOW)
    settle_outbox(amber)
    with amber.scope():
        assert Stop.objects.get(id=link.stop_id).status == "cancelled"
        assert not StopOrder.objects.filter(order=link.order).exists()


def test_a_failed_order_is_tried_again_by_a_persons_word(amber: World, birch: World, planned: Plan) -> None:
    with amber.scope():
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        for route in queries.routes().filter(plan=planned, status="distributed"):
            drive(
                amber, route, lambda order: "failed_not_home" if order.reference == "A05" else "delivered_to_recipient"
            )
        order = Order.objects.get(reference="A05")
    page = f"/orders/{order.id}/attempts/"
    assert birch.client().get(page).status_code == 404
    shown = amber.client("viewer").get(page).content.decode()
    assert "Not home" in shown and "Plan another attempt" not in shown
    assert "Plan another attempt" in amber.client().get(page).content.decode()
    assert amber.client().post(page, {"day": "2020-01-01"}).status_code == 400
    assert amber.client().post(page, {"day": "2099-01-01"}).status_code == 302
    with amber.scope():
        order.refresh_from_db()
        assert order.status == "ready" and order.promised_start_at is None
        assert Attempt.objects.filter(order=order).count() == 1
