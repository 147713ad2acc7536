"""Orders come in, once each, at a place and with a promise."""

from __future__ import annotations

import dataclasses
import threading
import time
from datetime import timedelta

import pytest
from django.db import connections

from core import errors
from core.models import Event, Operation
from orders import actions
from orders.models import Merchant, Order, Place
from tests.orders.support import DAY, NOW, draft


def receive(world, *drafts, **options):
    with world.scope():
        return actions.receive_many(list(drafts), source="api", by=world.dispatcher, at=NOW, **options)


def test_an_order_is_received_with_its_event_and_its_promise(amber):
    start, end = NOW + timedelta(hours=4), NOW + timedelta(hours=6)
    receipt = receive(amber, draft(window_start_at=start, window_end_at=end, merchant="TechShop"))
    with amber.scope():
        order = Order.objects.select_related("place", "merchant").get()
        assert [order.id] == [row.id for row in receipt.created]
        assert (order.status, order.version, order.merchant.name) == ("received", 1, "TechShop")
        assert (order.promised_start_at, order.promised_end_at) == (start, end)
        assert order.place.line == "Hauptstraße 1, 69117 Heidelberg"
        assert [event.kind for event in Event.objects.filter(subject_id=order.id)] == ["order.received"]


def test_the_same_reference_again_is_the_same_order(amber):
    first = receive(amber, draft()).created[0]
    assert receive(amber, draft()).unchanged[0].id == first.id
    receipt = receive(amber, draft(weight_g=9000, instructions="Ring twice"))
    assert [row.id for row in receipt.updated] == [first.id]
    with amber.scope():
        order = Order.objects.get()
        assert (order.weight_g, order.instructions, order.version) == (9000, "Ring twice", 2)
        changed = Event.objects.get(kind="order.changed")
        assert sorted(changed.data["fields"]) == ["instructions", "weight_g"]


def test_another_organization_may_use_the_same_reference(amber, birch):
    receive(amber, draft())
    receive(birch, draft())
    for world in (amber, birch):
        with world.scope():
            assert Order.objects.count() == Place.objects.count() == 1


def test_an_order_that_is_planned_is_kept_as_it_was(amber):
    receive(amber, draft())
    with amber.scope():
        Order.objects.update(status="scheduled")
    assert receive(amber, draft()).unchanged, "the same words again are no change"
    receipt = receive(amber, draft(weight_g=9))
    assert receipt.kept and not receipt.updated
    with amber.scope():
        assert Order.objects.get().weight_g == 1000


def test_a_changed_address_is_located_again(amber):
    receive(amber, draft(lat=49.4, lon=8.7))
    with amber.scope():
        assert Order.objects.get().status == "ready"
    receive(amber, draft(street="Bergstraße"))
    with amber.scope():
        order = Order.objects.select_related("place").get()
        assert (order.status, order.place.street, order.place.review) == ("received", "Bergstraße", "unlocated")


def test_coordinates_in_the_file_are_believed(amber):
    receive(amber, draft(lat=49.4, lon=8.7))
    with amber.scope():
        order = Order.objects.select_related("place").get()
        assert (order.status, order.place.precision, order.place.lat, order.place.lon) == ("ready", "given", 49.4, 8.7)


def test_two_writings_of_an_address_are_one_place_and_signs_without_letters_are_not(amber):
    receive(
        amber,
        draft("A"),
        draft("B", street="HAUPTSTRASSE"),
        draft("C", street="§§", house_number=""),
        draft("D", street="$$", house_number=""),
    )
    with amber.scope():
        places = dict(Order.objects.values_list("reference", "place_id"))
        assert places["A"] == places["B"] and len(set(places.values())) == 3


def test_very_long_addresses_have_keys_of_their_own(amber):
    long = "ﷺ" * 100
    receive(amber, draft("A", street=long + "1"), draft("B", street=long + "2"))
    with amber.scope():
        assert Place.objects.count() == 2


def test_merchants_are_one_whatever_the_capitals(amber):
    receive(amber, draft("A", merchant="TechShop"), draft("B", merchant="TECHSHOP"), draft("C", merchant="İnci Ş"))
    receive(amber, draft("D", merchant="techshop"), draft("E", merchant="İnci Ş"))
    with amber.scope():
        assert sorted(Merchant.objects.values_list("name", flat=True)) == ["TechShop", "İnci Ş"]


def test_a_pin_is_four_digits_and_stays(amber):
    receive(amber, draft(proof_required="pin"), draft("B"))
    with amber.scope():
        pin = Order.objects.get(reference="A-1").pin
        assert len(pin) == 4 and pin.isdigit()
        assert Order.objects.get(reference="B").pin == ""
    receive(amber, draft(proof_required="pin", weight_g=5), draft("B", proof_required="pin"))
    with amber.scope():
        assert Order.objects.get(reference="A-1").pin == pin
        assert len(Order.objects.get(reference="B").pin) == 4


def test_a_new_window_handed_in_is_the_new_promise(amber):
    start, end = NOW + timedelta(hours=4), NOW + timedelta(hours=6)
    receive(amber, draft(window_start_at=start, window_end_at=end))
    receive(amber, draft(window_start_at=start, window_end_at=end + timedelta(hours=1)))
    with amber.scope():
        assert Order.objects.get().promised_end_at == end + timedelta(hours=1)


def test_a_reference_twice_in_one_receipt_stores_nothing(amber):
    with pytest.raises(errors.Invalid, match="there twice"):
        receive(amber, draft("A"), draft("B"), draft("A"))
    with amber.scope():
        assert not Order.objects.exists() and not Place.objects.exists()


def test_an_address_that_is_changed_before_it_was_looked_up_is_looked_up(amber):
    receive(amber, draft())
    receive(amber, draft(street="Bergstraße"))
    with amber.scope():
        assert Order.objects.get().status == "received"
        assert Operation.objects.filter(kind="locate_orders", status="queued").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_references_at_the_same_time_are_one_set_of_orders(amber):
    start = threading.Barrier(2)
    receipts: list[actions.Receipt] = []

    def hand_in(numbers):
        try:
            start.wait(timeout=10)
            receipts.append(receive(amber, *(draft(f"R-{number}", street=f"Weg {number}") for number in numbers)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hand_in, args=(order,)) for order in (range(80), range(79, -1, -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted((len(receipt.created), len(receipt.unchanged)) for receipt in receipts) == [(0, 80), (80, 0)]
    with amber.scope():
        assert Order.objects.count() == Place.objects.count() == 80


def test_ten_thousand_orders_are_received_in_seconds(amber, capsys):
    drafts = [
        draft(
            f"R-{number}",
            street=f"Street {number // 3}",
            merchant=f"Shop {number % 7}",
            window_start_at=NOW + timedelta(hours=3),
            window_end_at=NOW + timedelta(hours=5),
        )
        for number in range(10_000)
    ]
    with amber.scope():
        before = len(connections["default"].queries_log)
        began = time.perf_counter()
        receipt = actions.receive_many(drafts, source="file", by=amber.dispatcher, at=NOW)
        stored_s = time.perf_counter() - began
        began = time.perf_counter()
        again = actions.receive_many(drafts, source="file", by=amber.dispatcher, at=NOW)
        again_s = time.perf_counter() - began
        changed = [dataclasses.replace(one, weight_g=number + 1) for number, one in enumerate(drafts)]
        began = time.perf_counter()
        updated = actions.receive_many(changed, source="file", by=amber.dispatcher, at=NOW)
        updated_s = time.perf_counter() - began
        assert Order.objects.filter(delivery_on=DAY).count() == 10_000
        assert before == len(connections["default"].queries_log)
    with capsys.disabled():
        print(f"\n10,000 orders: received {stored_s:.2f} s, unchanged {again_s:.2f} s, updated {updated_s:.2f} s")
    assert len(receipt.created) == len(again.unchanged) == 10_000
    assert len(updated.updated) >= 9_999
