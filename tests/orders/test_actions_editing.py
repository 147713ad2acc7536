"""Edits, cancellations, and where orders go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import errors
from core.models import Event
from orders import actions
from orders.models import Order, Place
from tests.orders.support import NOW, FixedGeocoder, NoAnswer, draft


@pytest.fixture
def order(amber):
    with amber.scope():
        yield actions.receive_order(draft(lat=49.4, lon=8.7), source="form", by=amber.dispatcher, at=NOW)


def edit(order, world, **options):
    return actions.edit_order(order, **{"values": {}, **options}, by=world.dispatcher, at=NOW)


def test_an_edit_changes_what_it_names_and_tells_which(amber, order):
    order = edit(order, amber, values={"weight_g": 7, "priority": "urgent"}, version=order.version)
    assert (order.weight_g, order.priority, order.status) == (7, "urgent", "ready")
    event = Event.objects.filter(kind="order.changed").get()
    assert event.data == {"fields": ["weight_g", "priority"]} and event.actor_label == "Dana Dispatcher"


def test_an_edit_of_another_version_is_refused_and_nothing_is_changed(amber, order):
    with pytest.raises(errors.Conflict, match="somebody else"):
        edit(order, amber, values={"weight_g": 7}, version=order.version - 1)
    assert Order.objects.get().weight_g == 1000


def test_an_edit_without_change_writes_no_event(amber, order):
    assert edit(order, amber, values={"weight_g": 1000}).version == order.version


def test_a_new_address_sends_the_order_back_to_be_located(amber, order):
    order = edit(order, amber, address=draft(street="Bergstraße"))
    assert (order.status, order.place.street) == ("received", "Bergstraße")


def test_a_known_address_needs_no_locating(amber, order):
    actions.receive_order(draft("B", street="Kirchweg", lat=None, lon=None), source="form", by=amber.dispatcher, at=NOW)
    Place.objects.filter(street="Kirchweg").update(review="confirmed", lat=49.1, lon=8.1, precision="pin")
    assert edit(order, amber, address=draft(street="Kirchweg")).status == "ready"


def test_a_planned_order_takes_contact_data_only(amber, order):
    Order.objects.update(status="scheduled")
    assert edit(order, amber, values={"recipient_phone": "+49622199"}).recipient_phone == "+49622199"
    with pytest.raises(errors.Refused, match="only its contact"):
        edit(order, amber, values={"weight_g": 7})


def test_a_delivered_order_takes_nothing(amber, order):
    Order.objects.update(status="delivered")
    with pytest.raises(errors.Refused, match="delivered"):
        edit(order, amber, values={"recipient_phone": "+49622199"})


@pytest.mark.parametrize("hours", [0, -1])
def test_a_window_that_ends_before_it_begins_is_refused(amber, order, hours):
    with pytest.raises(errors.Invalid, match="before it begins"):
        edit(order, amber, values={"window_start_at": NOW, "window_end_at": NOW + timedelta(hours=hours)})


def test_half_a_window_is_refused(amber, order):
    with pytest.raises(errors.Invalid, match="a start and an end"):
        edit(order, amber, values={"window_start_at": NOW})


def test_cancel_is_final_and_repeatable(amber, order):
    assert actions.cancel_order(order, reason="changed mind", by=amber.dispatcher, at=NOW).status == "cancelled"
    assert actions.cancel_order(order, by=amber.dispatcher, at=NOW).version == order.version + 1
    assert Event.objects.get(kind="order.cancelled").reason == "changed mind"
    with pytest.raises(errors.Refused):
        edit(order, amber, values={"weight_g": 1})


def test_an_order_on_its_way_cannot_be_cancelled(amber, order):
    Order.objects.update(status="out_for_delivery")
    with pytest.raises(errors.Conflict, match="out for delivery and cannot become cancelled"):
        actions.cancel_order(order, by=amber.dispatcher, at=NOW)


def test_locating_is_sure_doubtful_or_in_vain(amber):
    with amber.scope():
        actions.receive_many(
            [draft("S"), draft("D", street="Doubtgasse"), draft("N", street="Nowhere")],
            source="file",
            by=amber.dispatcher,
            at=NOW,
        )
        counts = actions.locate_orders(list(Order.objects.all()), geocoder=FixedGeocoder(), by=amber.dispatcher, at=NOW)
        assert counts == {"ready": 1, "needs_attention": 2}
        found = {order.reference: order for order in Order.objects.select_related("place")}
        assert (found["S"].status, found["S"].place.review, found["S"].place.lat) == ("ready", "sure", 49.41)
        assert (found["D"].status, found["D"].attention_reason) == ("needs_attention", "The street is there twice.")
        assert (found["D"].place.review, found["D"].place.lat) == ("doubtful", 49.41)
        assert (found["N"].place.review, found["N"].place.lat) == ("not_found", None)
        assert "No street" in found["N"].attention_reason


def test_a_geocoder_that_is_away_changes_nothing(amber):
    with amber.scope():
        actions.receive_order(draft(), source="form", by=amber.dispatcher, at=NOW)
        with pytest.raises(Exception, match="does not answer"):
            actions.locate_orders(list(Order.objects.all()), geocoder=NoAnswer(), by=amber.dispatcher, at=NOW)
        assert Order.objects.get().status == "received"


def test_a_pin_makes_every_order_of_the_place_ready_and_is_remembered(amber):
    with amber.scope():
        geocoder = FixedGeocoder()
        actions.receive_many(
            [draft("A", street="Doubtgasse"), draft("B", street="Doubtgasse")],
            source="file",
            by=amber.dispatcher,
            at=NOW,
        )
        actions.locate_orders(list(Order.objects.all()), geocoder=geocoder, by=amber.dispatcher, at=NOW)
        assert len(geocoder.asked) == 1, "one place is asked once"
        order = actions.confirm_place(Order.objects.get(reference="A"), lat=49.5, lon=8.5, by=amber.dispatcher, at=NOW)
        assert (order.place.precision, order.place.review, order.place.lat) == ("pin", "confirmed", 49.5)
        assert set(Order.objects.values_list("status", "attention_reason")) == {("ready", "")}
        later = actions.receive_order(draft("C", street="Doubtgasse"), source="form", by=amber.dispatcher, at=NOW)
        assert later.status == "ready"


def test_the_doubtful_point_may_be_accepted_but_nothing_may_not(amber):
    with amber.scope():
        actions.receive_many(
            [draft("D", street="Doubtgasse"), draft("N", street="Nowhere")], source="file", by=amber.dispatcher, at=NOW
        )
        actions.locate_orders(list(Order.objects.all()), geocoder=FixedGeocoder(), by=amber.dispatcher, at=NOW)
        assert actions.confirm_place(Order.objects.get(reference="D"), by=amber.dispatcher, at=NOW).status == "ready"
        with pytest.raises(errors.Invalid, match="no position to accept"):
            actions.confirm_place(Order.objects.get(reference="N"), by=amber.dispatcher, at=NOW)


def test_moving_a_pin_tells_the_orders_that_are_planned(amber, order):
    Order.objects.update(status="scheduled")
    moved = actions.confirm_place(order, lat=49.6, lon=8.6, by=amber.dispatcher, at=NOW)
    assert (moved.status, moved.version) == ("scheduled", order.version + 1)
    assert Event.objects.filter(kind="order.changed").get().data == {"fields": ["position"]}


def test_a_wrong_address_waits_for_its_correction(amber, order):
    rejected = actions.reject_place(order, reason="", by=amber.dispatcher, at=NOW)
    assert rejected.status == "needs_attention" and "wrong" in rejected.attention_reason
    again = actions.reject_place(order, reason="No such street", by=amber.dispatcher, at=NOW)
    assert again.attention_reason == "No such street"


def test_a_doubtful_order_can_be_looked_up_again(amber):
    with amber.scope():
        actions.receive_order(draft("N", street="Nowhere"), source="file", by=amber.dispatcher, at=NOW)
        actions.locate_orders(list(Order.objects.all()), geocoder=FixedGeocoder(), by=amber.dispatcher, at=NOW)
        order = actions.relocate(Order.objects.get(), by=amber.dispatcher, at=NOW)
        assert (order.status, order.place.review) == ("received", "unlocated")
