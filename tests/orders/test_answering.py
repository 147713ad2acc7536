"""Orders that ask for a confirmation: how the wish comes in, and how long what a recipient said holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core import errors
from core.models import Event
from orders import actions, columns, progress
from orders.actions import answering
from orders.models import Order
from tests.fixtures import World
from tests.orders.support import NOW, draft
from tests.orders.support import runners as runners
from tests.orders.test_api import TODAY, body
from tests.orders.test_jobs import import_file
from tests.orders.test_pages import form

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def order(amber: World) -> Any:
    """An order that is on a plan and is to be confirmed."""
    with amber.scope():
        order = actions.receive_order(
            draft(lat=49.4, lon=8.7, confirmation_required=True), source="api", by=amber.dispatcher, at=NOW)
        Order.objects.update(status="scheduled")
        yield Order.objects.get(id=order.id)


def test_the_wish_comes_in_by_api_and_is_off_by_default(amber: World) -> None:
    plain = amber.api().post("orders/", body()).json()
    assert (plain["confirmation_required"], plain["answer"]) == (False, None)
    asked = amber.api().post("orders/", body(reference="C-1", confirmation_required=True)).json()
    assert asked["confirmation_required"] is True
    patched = amber.api().patch(f"orders/{asked['id']}/", {"confirmation_required": False})
    assert patched.json()["confirmation_required"] is False
    wrong = amber.api().post("orders/", body(reference="C-2", confirmation_required="perhaps"))
    assert (wrong.status_code, wrong.json()["param"]) == (400, "confirmation_required")


def test_the_wish_comes_in_by_form_and_is_shown(amber: World) -> None:
    client = amber.client()
    assert client.post("/orders/new/", form(confirmation_required="on")).status_code == 302
    with amber.scope():
        order = Order.objects.get()
        assert order.confirmation_required
    page = client.get(f"/orders/{order.id}/").content.decode()
    assert "Asked for, no answer yet" in page
    assert "checked" in client.get(f"/orders/{order.id}/edit/").content.decode().partition(
        'name="confirmation_required"')[2][:60]
    same = form(version=order.version, delivery_on=TODAY.isoformat())
    assert client.post(f"/orders/{order.id}/edit/", same).status_code == 302
    with amber.scope():
        assert not Order.objects.get().confirmation_required
    assert "Asked for" not in client.get(f"/orders/{order.id}/").content.decode()


@pytest.mark.usefixtures("runners")
def test_the_wish_comes_in_by_file(amber: World) -> None:
    file = import_file(
        amber,
        "reference,recipient_name,street,city,Bevestiging nodig\n"
        "F-1,Mia,Hauptstraße 1,Heidelberg,ja\nF-2,Ben,Hauptstraße 2,Heidelberg,\n"
        "F-3,Eva,Hauptstraße 3,Heidelberg,misschien\n")
    assert (file.created, file.failed) == (2, 1)
    assert [(fault["line"], fault["code"]) for fault in file.faults] == [(4, "confirmation_unknown")]
    with amber.scope():
        assert dict(Order.objects.values_list("reference", "confirmation_required")) == {"F-1": True, "F-2": False}


def test_an_answer_is_written_once_and_may_change(amber: World, order: Order) -> None:
    for _ in range(2):
        held = answering.answer(order, "confirmed", by=amber.dispatcher, at=NOW)
    answering.answer(order, "declined", reason="by phone", by=amber.dispatcher, at=LATER)
    told = list(Event.objects.filter(kind__startswith="order.recipient_").order_by("id"))
    assert [(event.kind, event.at, event.reason) for event in told] == [
        ("order.recipient_confirmed", NOW, ""), ("order.recipient_declined", LATER, "by phone")]
    assert held.answered_at == NOW
    order = Order.objects.get()
    assert (order.recipient_answer, order.answered_at, order.status) == ("declined", LATER, "scheduled")
    row = amber.api().get(f"orders/{order.id}/").json()
    assert row["answer"] == {"said": "declined", "at": LATER.isoformat().replace("+00:00", "Z")}
    (listed,) = columns.table([order], columns.chosen("confirmation"))
    assert [cell.text for cell in listed.cells if cell.column.name == "confirmation"] == ["Cannot be there"]


@pytest.mark.parametrize("status", ["ready", "delivered", "attempt_failed", "cancelled", "returned"])
def test_without_a_visit_ahead_there_is_nothing_to_say(amber: World, order: Order, status: str) -> None:
    Order.objects.update(status=status)
    for act in (lambda: answering.answer(order, "confirmed", by=amber.dispatcher, at=NOW),
                lambda: answering.ask(order, by=amber.dispatcher, at=NOW)):
        with pytest.raises(errors.Conflict, match="no visit ahead"):
            act()
    assert not Event.objects.filter(kind__startswith="order.recipient_").exists()


def test_somebody_is_asked_at_most_every_quarter_of_an_hour(amber: World, order: Order) -> None:
    answering.ask(order, by=amber.dispatcher, at=NOW)
    with pytest.raises(errors.Conflict, match="a moment ago"):
        answering.ask(order, by=amber.dispatcher, at=NOW + answering.ASKED_AGAIN_AFTER - timedelta(seconds=1))
    answering.ask(order, by=amber.dispatcher, at=NOW + answering.ASKED_AGAIN_AFTER)
    Order.objects.update(recipient_email="", recipient_phone="")
    with pytest.raises(errors.Conflict, match="no address"):
        answering.ask(order, by=amber.dispatcher, at=NOW + timedelta(days=1))


@pytest.mark.parametrize("how", ["edited", "handed in again", "tried again"])
def test_an_answer_is_for_its_day(amber: World, order: Order, how: str) -> None:
    answering.answer(order, "declined", by=amber.dispatcher, at=NOW)
    tomorrow = order.delivery_on + timedelta(days=1)
    order = Order.objects.select_related("place").get()
    if how == "tried again":
        progress.reattempt(order, day=tomorrow, by=amber.dispatcher, at=NOW)
    else:
        Order.objects.update(status="ready")
        if how == "edited":
            actions.edit_order(order, values={"delivery_on": tomorrow}, by=amber.dispatcher, at=NOW)
        else:
            again = draft(lat=49.4, lon=8.7, confirmation_required=True, delivery_on=tomorrow)
            actions.receive_order(again, source="api", by=amber.dispatcher, at=NOW)
    order = Order.objects.get()
    assert (order.delivery_on, order.recipient_answer, order.answered_at) == (tomorrow, "", None)
    for event in Event.objects.filter(kind="order.changed"):
        assert event.data == {"fields": ["delivery_on"]}


def test_an_answer_stays_when_something_else_is_changed(amber: World, order: Order) -> None:
    answering.answer(order, "confirmed", by=amber.dispatcher, at=NOW)
    actions.edit_order(order, values={"instructions": "ring twice"}, by=amber.dispatcher, at=NOW)
    assert Order.objects.get().recipient_answer == "confirmed"


def test_the_database_holds_answer_and_instant_together(amber: World, order: Order) -> None:
    for wrong in ({"recipient_answer": "confirmed"}, {"answered_at": NOW}):
        with pytest.raises(IntegrityError, match="order_answer"), transaction.atomic():
            Order.objects.update(**wrong)
