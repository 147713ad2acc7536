"""States move by the table, versions guard, events are written with the change, handlers are owed in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import errors, journal, states
from core.actor import SYSTEM
from core.models import Delivery, Event
from dispatch import states as dispatch_states
from fleet import states as fleet_states
from lastmile import relay, subscriptions
from orders import states as order_states
from orders.models import Order
from tests.fixtures import NOW, World, located_order

MACHINES = [
    states.OPERATION,
    order_states.ORDER,
    dispatch_states.PLAN,
    dispatch_states.ROUTE,
    dispatch_states.PROPOSAL,
    dispatch_states.STOP,
    fleet_states.ASSET,
    fleet_states.DUTY,
    fleet_states.SHIFT,
]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_from_the_first(machine: states.Machine) -> None:
    reached, frontier = {machine.first}, [machine.first]
    while frontier:
        for target in machine.moves.get(frontier.pop(), ()):
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    assert reached == set(machine.states)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@given(walk=st.lists(st.integers(0, 10), max_size=30))
def test_any_walk_keeps_to_the_table(machine: states.Machine, walk: list[int]) -> None:
    state = machine.first
    for step in walk:
        target = machine.states[step % len(machine.states)]
        if machine.allows(state, target):
            assert target in machine.moves[state]
            state = target
    assert state in machine.states


@pytest.mark.django_db
def test_a_move_writes_its_event_and_counts_the_version(amber: World) -> None:
    with amber.scope():
        order = located_order(amber, "A1", lat=49.4, lon=8.7)
        event = journal.transition(order, "scheduled", by=amber.dispatcher, at=NOW, reason="because", data={"a": 1})
        order.refresh_from_db()
        assert (order.status, order.version, event.sequence) == ("scheduled", 2, 2)
        assert (event.kind, event.actor_label, event.reason) == ("order.scheduled", "Dana Dispatcher", "because")


@pytest.mark.django_db
def test_an_illegal_move_and_a_stale_row_change_nothing(amber: World) -> None:
    with amber.scope():
        order = located_order(amber, "A1", lat=49.4, lon=8.7)
        stale = Order.objects.get(id=order.id)
        with pytest.raises(errors.Conflict, match="cannot become delivered"):
            journal.transition(order, "delivered", by=SYSTEM, at=NOW)
        assert order.status == "ready"
        journal.transition(order, "scheduled", by=SYSTEM, at=NOW)
        with pytest.raises(errors.Conflict, match="changed by somebody else"):
            journal.transition(stale, "cancelled", by=SYSTEM, at=NOW)
        assert Order.objects.get(id=order.id).status == "scheduled"
        assert Event.objects.filter(subject_id=order.id).count() == 1


@pytest.mark.django_db
def test_changes_together_write_their_events_at_the_end_and_as_one(
    amber: World, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[UUID] = []
    monkeypatch.setattr(journal.wake, "relay", woken.append)
    with amber.scope():
        orders = [located_order(amber, f"T{number}", lat=49.4, lon=8.7) for number in range(3)]
        with (
            django_capture_on_commit_callbacks(execute=True),
            CaptureQueriesContext(connection) as seen,
            journal.together(),
        ):
            journal.transition(orders[0], "scheduled", by=SYSTEM, at=NOW)
            with journal.together():
                journal.record(orders[0], "changed", by=SYSTEM, at=NOW)
            journal.transition_many(orders[1:], "scheduled", by=SYSTEM, at=NOW)
            assert not Event.objects.exists(), "no query finds them before the end"
        told = Event.objects.order_by("id").values_list("subject_id", "kind", "sequence")
        assert list(told) == [
            (orders[0].id, "order.scheduled", 2),
            (orders[0].id, "order.changed", 3),
            (orders[1].id, "order.scheduled", 2),
            (orders[2].id, "order.scheduled", 2),
        ]
        assert Delivery.objects.values("event").distinct().count() == 4
        assert woken == [amber.organization.id], "the relay is woken once"
        savepoints = [one["sql"] for one in seen if one["sql"].startswith("SAVEPOINT")]
        assert len(savepoints) == 1, "one for all"


@pytest.mark.django_db
def test_what_fails_together_leaves_nothing(amber: World) -> None:
    with amber.scope():
        first, second = (located_order(amber, f"T{number}", lat=49.4, lon=8.7) for number in range(2))
        stale = Order.objects.get(id=second.id)
        journal.transition(second, "scheduled", by=SYSTEM, at=NOW)
        events = Event.objects.count()
        with pytest.raises(errors.Conflict, match="changed by somebody else"), journal.together():
            journal.transition(first, "scheduled", by=SYSTEM, at=NOW)
            journal.transition(stale, "cancelled", by=SYSTEM, at=NOW)
        assert Order.objects.get(id=first.id).status == "ready"
        assert Order.objects.get(id=second.id).status == "scheduled"
        assert stale.version == 1 and Event.objects.count() == events
        journal.record(second, "changed", by=SYSTEM, at=NOW)
        assert Event.objects.count() == events + 1, "the next change is written by itself again"


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(targets=st.lists(st.sampled_from(order_states.ORDER.states), max_size=12))
def test_the_events_replay_to_the_row(amber: World, targets: list[str]) -> None:
    with amber.scope():
        order = located_order(amber, f"R{Order.objects.count()}", lat=49.4, lon=8.7)
        for target in targets:
            try:
                journal.transition(order, target, by=SYSTEM, at=NOW)
            except errors.Conflict:
                continue
        replayed = "ready"
        for event in Event.objects.filter(subject_id=order.id).order_by("sequence"):
            replayed = event.kind.removeprefix("order.")
        assert replayed == Order.objects.get(id=order.id).status


@pytest.fixture
def heard() -> Any:
    """Handlers of the test's own; the house's subscriptions come back afterwards."""
    calls: dict[str, list[Any]] = {"good": [], "bad": []}

    def good(events: list[Event]) -> None:
        calls["good"].append([event.kind for event in events])

    def bad(events: list[Event]) -> None:
        calls["bad"].append(len(events))
        if any(event.reason == "poison" for event in events):
            raise ValueError("poison")

    journal.subscribe({"order.*": [good], "order.scheduled": [bad]})
    yield calls
    subscriptions.connect()


@pytest.mark.django_db
def test_what_a_screen_waits_for_is_handed_out_by_itself(amber: World) -> None:
    seen: list[str] = []

    def slow(events: list[Event]) -> None:
        seen.append("slow")

    def shown(events: list[Event]) -> None:
        seen.append("shown")

    journal.subscribe({"order.*": [slow, shown]})
    screens = (journal.name_of(shown),)
    try:
        with amber.scope():
            journal.transition(
                located_order(amber, "A0", lat=49.4, lon=8.7), "scheduled", by=SYSTEM, at=NOW)
        relay.hand_out(amber.organization.id, only=screens)
        assert seen == ["shown"]
        relay.hand_out(amber.organization.id, only=screens)
        relay.hand_out(amber.organization.id, but=screens)
        assert seen == ["shown", "slow"]
    finally:
        subscriptions.connect()
    with amber.scope():
        assert not Delivery.objects.exists()


def test_the_relay_has_a_pulse_while_both_loops_go_round(monkeypatch: pytest.MonkeyPatch) -> None:
    pulses: list[str] = []
    now = [100.0]
    monkeypatch.setattr(relay, "_show_pulse", lambda: pulses.append("pulse"))
    monkeypatch.setattr(relay.time, "monotonic", lambda: now[0])
    both = relay.Relay()
    both._beat("screens")
    assert pulses == [], "the other has not begun"
    both._beat("rest")
    assert pulses == ["pulse"]
    now[0] += 60
    both._beat("screens")
    assert pulses == ["pulse"], "the other hangs"


def test_a_loop_that_fails_ends_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def hints(_: relay.Relay) -> Iterator[set[UUID]]:
        yield set()
        raise RuntimeError("a fault")

    monkeypatch.setattr(relay.Relay, "_hints", hints)
    monkeypatch.setattr(relay.Relay, "_beat", lambda *_: None)
    monkeypatch.setattr(relay, "close_old_connections", lambda: None)
    monkeypatch.setattr(relay.tenancy, "tenant_ids", list)
    monkeypatch.setattr(relay.connection, "close", lambda: None)
    one = relay.Relay()
    with pytest.raises(RuntimeError):
        one._serve("rest")
    assert one.stopping


@pytest.mark.django_db
def test_the_relay_hands_out_batches_and_isolates_poison(amber: World, birch: World, heard: Any) -> None:
    with amber.scope():
        orders = [located_order(amber, f"A{number}", lat=49.4, lon=8.7) for number in range(3)]
        journal.transition_many(orders[:2], "scheduled", by=SYSTEM, at=NOW)
        journal.transition(orders[2], "scheduled", by=SYSTEM, at=NOW, reason="poison")
        assert Delivery.objects.count() == 6
    relay.hand_out(birch.organization.id)
    assert heard == {"good": [], "bad": []}
    relay.hand_out(amber.organization.id)
    assert heard["good"] == [["order.scheduled"] * 3]
    assert heard["bad"] == [3, 1, 1, 1]
    with amber.scope():
        left = Delivery.objects.get()
        assert (left.tries, left.parked, left.error) == (1, False, "ValueError: poison")
        Delivery.objects.update(tries=relay.MAX_TRIES - 1, due_at=timezone.now())
    relay.hand_out(amber.organization.id)
    with amber.scope():
        assert Delivery.objects.get().parked
