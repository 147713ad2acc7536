"""Live rows: a board that began with an old snapshot and applied the rows shows what a fresh snapshot shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from core import errors, journal, operations
from core.actor import SYSTEM
from dispatch.actions import driving
from fleet import actions as fleet
from fleet.models import Zone
from lastmile import relay, subscriptions
from orders.models import Order
from tests.fixtures import NOW, World, located_order
from tests.tracking.board import Board, snapshot
from tests.tracking.conftest import Phone, swept
from tests.tracking.day import Day, distributed, reload
from tracking import handlers, live, outbox

SUBJECTS = ("stop", "route", "plan", "order", "operation", "driver", "vehicle", "depot", "shift", "zone")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Every message published, as a board would read it."""
    messages: list[dict[str, Any]] = []

    def publish(tenant_id: Any, rows: Any, *, at_once: bool = False, committed: bool = False) -> None:
        full = {kind: list(some) for kind, some in rows.items() if some}
        if full:
            messages.append(json.loads(json.dumps(full, default=str, allow_nan=False)))

    monkeypatch.setattr(live, "publish", publish)
    journal.subscribe({f"{subject}.*": [handlers.on_board_change] for subject in SUBJECTS})
    yield messages
    subscriptions.connect()


def _as_json(row: Any) -> Any:
    return json.loads(json.dumps(row, default=str))


def test_old_snapshot_and_rows_are_a_fresh_snapshot(
    amber: World, phone: Phone, heard: list[dict[str, Any]]
) -> None:
    with amber.scope():
        day = distributed(amber, 4)
        old = _as_json(snapshot(amber))
        # Events of before the snapshot may come late: they must not turn anything back.
        late = located_order(amber, "LATE", lat=49.42, lon=8.69, status="received")
    board = Board(old, amber.day.isoformat())
    for name, step in _steps(amber, phone, day, late).items():
        step()
        while relay.hand_out(amber.organization.id):
            pass
        for message in heard:
            board.apply(message)
        heard.clear()
        with amber.scope():
            fresh = Board(_as_json(snapshot(amber)), amber.day.isoformat())
        assert _differences(board.shown(), fresh.shown()) == [], name


def _differences(kept: dict[Any, Any], fresh: dict[Any, Any]) -> list[Any]:
    """What a reader of a failure needs: which field of which row, what is kept and what it should be."""
    return [
        (key, name, kept.get(key, {}).get(name), fresh.get(key, {}).get(name))
        for key in sorted({*kept, *fresh})
        for name in sorted({*kept.get(key, {}), *fresh.get(key, {})})
        if kept.get(key, {}).get(name) != fresh.get(key, {}).get(name)
    ]


def _steps(amber: World, phone: Phone, day: Day, late: Order) -> dict[str, Callable[[], None]]:
    first, second, third, _ = day.stops

    def inside(work: Callable[[], Any]) -> Callable[[], None]:
        def step() -> None:
            with amber.scope():
                work()
        return step

    def unassign() -> None:
        stop = reload(third)
        stop.route = stop.position = None
        stop.unassigned_code, stop.unassigned_message = "by_hand", "Taken off by Dana."
        journal.transition(stop, "unassigned", by=amber.dispatcher, at=NOW,
                           changes=["route", "position", "unassigned_code", "unassigned_message"])

    def cancel() -> None:
        stop = reload(third)
        journal.transition(stop, "cancelled", by=amber.dispatcher, at=NOW)

    def locate() -> None:
        journal.transition(late, "needs_attention", by=SYSTEM, at=NOW)

    def phone_number() -> None:
        order = Order.objects.get(id=day.orders[3].id)
        order.recipient_phone = "+4930123456"
        journal.record(order, "changed", by=amber.dispatcher, at=NOW, changes=["recipient_phone"])

    def solve() -> None:
        operation = operations.start(kind="solve", params={}, by=amber.dispatcher, at=NOW)
        operations.request_cancel(operation, by=amber.dispatcher, at=NOW)

    def retire() -> None:
        van = reload(amber.vehicles[1])
        journal.transition(van, "retired", by=amber.dispatcher, at=NOW)

    def zones(**values: Any) -> Callable[[], None]:
        return inside(lambda: fleet.change_zone(Zone.objects.get(), values, by=amber.dispatcher, at=NOW))

    def draw_zone() -> None:
        outline = [[49.3, 8.6], [49.3, 8.8], [49.5, 8.8]]
        fleet.add_zone(name="North", outline=outline, drivers=amber.drivers[:1], by=amber.dispatcher, at=NOW)

    return {
        "a zone is drawn": inside(draw_zone),
        "a zone gets other drivers": zones(drivers=[]),
        "an order needs attention": inside(locate),
        "the route starts": lambda: phone.report(day.report("route_started", 0), now=day.at(0)) and None,
        "the van moves": lambda: phone.moves(day.fix(1, 200), day.fix(4, 1500), now=day.at(4)) and None,
        "the first is reached": lambda: phone.report(day.report("arrived", 9, first), now=day.at(9)) and None,
        "the first is delivered": lambda: phone.report(
            day.report("attempted", 30, first, data={"outcome": "delivered_to_recipient"}),
            day.report("departed", 31, first), now=day.at(31)) and None,
        "a stop is taken off": inside(unassign),
        "a stop is cancelled": inside(cancel),
        "a telephone number changes": inside(phone_number),
        "a solve comes and goes": inside(solve),
        "a van is retired": inside(retire),
        "a zone is retired": zones(status="retired"),
        "the second fails": lambda: phone.report(
            day.report("attempted", 40, second, data={"outcome": "failed_not_home"}), now=day.at(41)) and None,
        "the driver goes home": lambda: phone.report(
            day.report("route_completed", 60), day.report("duty_off", 61), now=day.at(61)) and None,
    }


def test_many_events_are_few_queries(
    amber: World, heard: list[dict[str, Any]], django_assert_max_num_queries: Any
) -> None:
    with amber.scope():
        day = distributed(amber, 40)
        driving.start_route(day.route, by=amber.dispatcher, at=NOW)
        from core.models import Event

        events = list(Event.objects.all())
        assert len(events) > 80
        with django_assert_max_num_queries(16):
            handlers.on_board_change(events)
    first, sums = [{kind: len(some) for kind, some in message.items()} for message in heard]
    assert first == {"stop": 40, "route": 1, "order": 40} and sums == {"plan": 1}


def test_a_projection_is_shown_only_when_it_is_worth_it(
    amber: World, phone: Phone, heard: list[dict[str, Any]]
) -> None:
    with amber.scope():
        day = distributed(amber)
    phone.report(day.report("route_started", 0), now=day.at(0))
    phone.moves(day.fix(1, 400), now=day.at(1))
    swept(day.at(1))
    with amber.scope():
        versions = [reload(stop).version for stop in day.stops]
    # As far as the plan expects: nothing to tell but the position.
    heard.clear()
    phone.moves(day.fix(2, 800), now=day.at(2))
    swept(day.at(2))
    assert [list(message) for message in heard] == [["position"]]
    # Standing still for four minutes is worth telling.
    heard.clear()
    phone.moves(day.fix(6, 800), now=day.at(6))
    swept(day.at(6))
    assert [list(message) for message in heard] == [["position"], ["arrival"]]
    with amber.scope():
        assert [reload(stop).version for stop in day.stops] == [version + 1 for version in versions]
        delayed = reload(day.stops[0]).eta_at
        assert timedelta(minutes=3) < delayed - day.stops[0].eta_at < timedelta(minutes=5)


def test_progress_is_shown_from_the_worker(amber: World, heard: list[dict[str, Any]]) -> None:
    with amber.scope():
        operation = operations.start(kind="solve", params={}, by=SYSTEM, at=NOW)
    handlers.show_progress(amber.organization.id, operation.id)
    assert heard[0]["operation"][0]["id"] == str(operation.id)


def _rows(*pairs: tuple[str, int]) -> outbox.Batch:
    return outbox.Batch.of({"stop": [{"id": one, "version": version} for one, version in pairs]})


def test_an_outbox_numbers_its_frames_and_keeps_the_newest_of_each() -> None:
    box = outbox.Outbox()
    assert json.loads(box.restart("e1")) == {"type": "hello", "epoch": "e1", "seq": 0}
    box.put(_rows(("a", 1)))
    assert json.loads(box.take() or "") == {"type": "rows", "seq": 1, "rows": {"stop": [{"id": "a", "version": 1}]}}
    assert box.take() is None
    for version in (2, 4, 3):
        box.put(_rows(("a", version), ("b", 1)))
    frame = json.loads(box.take() or "")
    assert frame["seq"] == 2
    assert frame["rows"]["stop"] == [{"id": "a", "version": 4}, {"id": "b", "version": 1}]


def test_an_outbox_that_overflows_makes_the_board_fetch_anew_and_holds_nothing() -> None:
    box = outbox.Outbox()
    box.restart("e1")
    for start in range(0, 3000, 300):
        box.put(_rows(*((str(start + one), 1) for one in range(300))))
    frame = json.loads(box.take() or "")
    assert frame == {"type": "rows", "seq": 2, "rows": {}}
    box.put(_rows(("a", 1)))
    assert json.loads(box.take() or "")["seq"] == 3


def test_a_handler_that_runs_twice_says_the_same(amber: World, heard: list[dict[str, Any]]) -> None:
    with amber.scope():
        day = distributed(amber)
        event = journal.record(day.stops[0], "looked_at", by=amber.dispatcher, at=NOW)
        handlers.on_board_change([event])
        handlers.on_board_change([event])
    assert len(heard) == 4 and heard[:2] == heard[2:]


def test_rows_of_nobody_are_never_sent(amber: World, birch: World, heard: list[dict[str, Any]]) -> None:
    with amber.scope():
        day = distributed(amber)
    with birch.scope():
        foreign = journal.record(distributed(birch).stops[0], "looked_at", by=birch.dispatcher, at=NOW)
    with amber.scope():
        handlers.on_board_change([foreign])
        with pytest.raises(errors.Conflict):
            journal.transition(day.stops[0], "departed", by=amber.dispatcher, at=NOW)
    assert [row["gone"] for message in heard for row in message["stop"]] == [True]
