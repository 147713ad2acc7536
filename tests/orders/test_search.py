"""Orders found by words and filters, views kept under names, one change to many orders."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from core import clock
from orders import actions, narrowing, searching
from orders.actions import views
from orders.models import DefaultView, Order, OrderText, SavedView, SearchWord
from tests.fixtures import located_order
from tests.orders.support import DAY, NOW, draft

pytestmark = pytest.mark.django_db


def receive(world, *drafts):
    with world.scope():
        return actions.receive_many(list(drafts), source="api", by=world.dispatcher, at=NOW).orders()


def person(reference, name, street="Hauptstraße", phone="+496221123456", **values):
    recipient = type(draft().recipient)(name, phone, "")
    return draft(reference, recipient=recipient, street=street, **values)


@pytest.fixture
def some(amber):
    receive(
        amber,
        person("TR-12-00067", "Ayşe Yılmaz", "İvedik Caddesi", "+905321234567"),
        person("TR-12-00068", "Grzegorz Łukasik", "Großer Weg", "+496221999888", merchant="TechShop"),
        person("TR-13-00001", "José Núñez", "Calle Mayor", "+34911234567", postcode="28013", city="Madrid"),
        person("X%_1", "O'Brien", "Main Street", priority="urgent"),
    )
    return amber


def found(world, text):
    with world.scope():
        rows, words = searching.find(Order.objects.all(), text)
        return sorted(rows.values_list("reference", flat=True)), words.corrected


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("00067", ["TR-12-00067"]), ("tr-12-00067", ["TR-12-00067"]), ("TR1200067", ["TR-12-00067"]),
        ("TR-12", ["TR-12-00067", "TR-12-00068"]), ("yilmaz", ["TR-12-00067"]), ("YILMAZ ayse", ["TR-12-00067"]),
        ("Yılm", ["TR-12-00067"]), ("ivedik", ["TR-12-00067"]), ("İVEDİK", ["TR-12-00067"]),
        ("lukasik", ["TR-12-00068"]), ("grosser weg", ["TR-12-00068"]), ("nunez madrid", ["TR-13-00001"]),
        ("0532 123 45 67", ["TR-12-00067"]), ("+34 911", ["TR-13-00001"]), ("28013", ["TR-13-00001"]),
        ("x%_1", ["X%_1"]), ("%", []), ("o'brien", ["X%_1"]), ("yilmaz madrid", []), ("\x00", None), ("", None),
    ],
)  # fmt: skip
def test_words_are_found_however_they_are_written(some, text, references):
    every = ["TR-12-00067", "TR-12-00068", "TR-13-00001", "X%_1"]
    assert found(some, text)[0] == (every if references is None else references)


@pytest.mark.parametrize(
    ("slip", "meant"), [("yilamz", "yilmaz"), ("grzegors", "grzegorz"), ("ivedk", "ivedik"), ("madird", "madrid")]
)
def test_a_slip_of_the_pen_is_forgiven_and_told(some, slip, meant):
    references, corrected = found(some, slip)
    assert len(references) == 1 and corrected[slip][0] == meant
    page = some.client().get("/orders/", {"q": slip}).content.decode()
    assert f"“{slip}” was taken for {meant}" in page and references[0] in page
    assert found(some, "qqqqzzzz") == ([], {})


def test_the_text_follows_its_order_and_its_place(some, birch):
    with some.scope():
        order = Order.objects.get(reference="TR-12-00067")
        actions.edit_order(order, values={"recipient_name": "Zeynep Demir"}, by=some.dispatcher, at=NOW)
        actions.edit_order(
            order, values={}, address=draft(street="Kızılay Meydanı", city="Ankara"), by=some.dispatcher, at=NOW
        )
        assert OrderText.objects.count() == 4
    assert found(some, "yilmaz")[0] == [] and found(some, "zeynep kizilay")[0] == ["TR-12-00067"]
    with some.scope():
        place = Order.objects.select_related("place").get(reference="X%_1").place
        place.line = "Elm Grove 7"
        place.save()
    assert found(some, "elm grove")[0] == ["X%_1"] and found(birch, "elm grove")[0] == []
    with birch.scope():
        assert not OrderText.objects.exists() and not SearchWord.objects.exists()


def listed(world, **query):
    answer = world.client().get("/orders/", {"all": "1", **query})
    assert answer.status_code == 200, answer.content.decode()[-500:]
    page = answer.content.decode()
    return [one for one in ("TR-12-00067", "TR-12-00068", "TR-13-00001", "X%_1") if f">{one}<" in page]


def test_filters_narrow_together(some):
    with some.scope():
        Order.objects.filter(reference="X%_1").update(delivery_on=DAY + timedelta(days=3), status="ready")
        merchant = Order.objects.get(reference="TR-12-00068").merchant_id
    assert listed(some, **{"from": "2026-11-24"}) == ["X%_1"]
    assert listed(some, to="2026-11-23", q="tr") == ["TR-12-00067", "TR-12-00068", "TR-13-00001"]
    assert listed(some, priority="urgent") == ["X%_1"]
    assert listed(some, merchant=str(merchant)) == ["TR-12-00068"]
    assert listed(some, postcode="28") == ["TR-13-00001"]
    assert listed(some, status="ready,needs_attention") == ["X%_1"]
    assert listed(some, only="unplanned") == ["X%_1"]
    for wrong in ({"from": "x"}, {"from": "2026-11-24", "to": "2026-11-23"}, {"priority": "lost"}, {"driver": "x"},
                  {"only": "x"}, {"merchant": "x"}, {"cursor": "x"}):  # fmt: skip
        answer = some.client().get("/orders/", wrong)
        assert answer.status_code == 400 and "Show all orders" in answer.content.decode(), wrong


def test_driver_lateness_and_columns_come_from_dispatch(amber):
    from dispatch import queries
    from dispatch.actions import plans
    from tests.dispatch.test_day import solve

    with amber.scope():
        late = located_order(amber, "A1", lat=49.41, lon=8.69)
        located_order(amber, "A2", lat=49.42, lon=8.69)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan, 3)
    with amber.scope():
        stop = queries.stops().get(stop_orders__order=late)
        Order.objects.filter(id=late.id).update(
            promised_start_at=stop.planned_arrival_at - timedelta(hours=2),
            promised_end_at=stop.planned_arrival_at - timedelta(hours=1),
        )
        driver = queries.routes().get(id=stop.route_id).shift.driver
    client = amber.client()
    page = client.get("/orders/", {"only": "late", "columns": "reference,driver,arrival"}).content.decode()
    assert ">A1<" in page and ">A2<" not in page and driver.name in page
    page = client.get("/orders/", {"driver": str(driver.id)}).content.decode()
    assert ">A1<" in page
    assert {"driver", "only"} <= set(narrowing.FURTHER)


def test_a_view_is_exported_without_formulas(some):
    receive(some, person("=HYPERLINK(1)", "@SUM(A1)", "+Street"))
    answer = some.client().get("/orders/export.csv", {"columns": "reference,recipient,address,day", "to": "2026-11-23"})
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert read[0] == ["Reference", "Recipient", "Address", "Day"] and len(read) == 6
    assert read[1][:3] == ["'=HYPERLINK(1)", "'@SUM(A1)", "'+Street 1, 69117 Heidelberg"]
    assert some.client().get("/orders/export.csv", {"priority": "lost"}).status_code == 400


def test_views_are_saved_shared_opened_and_deleted(some, birch):
    client, viewer = some.client(), some.client("viewer")
    form = {"name": " Urgent  ones ", "query": "priority=urgent&cursor=abc&nonsense=1", "shared": "1", "default": "1"}
    answer = client.post("/orders/views", form)
    assert answer.status_code == 302 and answer["Location"] == "/orders/?priority=urgent"
    with some.scope():
        view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("Urgent ones", "priority=urgent", True)
    opened = client.get("/orders/")
    assert opened.status_code == 302 and opened["Location"] == "/orders/?priority=urgent"
    assert ">X%_1<" in client.get("/orders/?all=1").content.decode().replace("\n", "")
    assert "Urgent ones" in viewer.get("/orders/").content.decode(), "it is shared"
    viewer.post("/orders/views", {"name": "Mine", "query": "q=x", "shared": "1"})
    with some.scope():
        assert not SavedView.objects.get(name="Mine").shared, "a viewer shares nothing"
    assert "Mine" not in client.get("/orders/?all=1").content.decode()
    viewer.post(f"/orders/views/{view.id}", {"do": "default"})
    assert viewer.get("/orders/").status_code == 302
    assert viewer.post(f"/orders/views/{view.id}", {"do": "delete"}).status_code == 403
    assert birch.client().post(f"/orders/views/{view.id}", {"do": "delete"}).status_code == 404
    assert client.post(f"/orders/views/{view.id}", {"do": "delete"}).status_code == 302
    with some.scope():
        assert not DefaultView.objects.exists() and SavedView.objects.count() == 1
    assert viewer.get("/orders/").status_code == 200
    assert client.post("/orders/views", {"name": " ", "query": ""}).status_code == 400


def test_the_same_name_again_replaces_the_view(some):
    member = some.members["dispatcher"].id
    with some.scope():
        for query in ("q=a", "q=b"):
            views.save_view(
                name="V", query=query, shared=False, default=False, member=member, by=some.dispatcher, at=NOW
            )
        assert [(view.name, dict(parse_qsl(view.query))) for view in SavedView.objects.all()] == [("V", {"q": "b"})]


@pytest.fixture
def mixed(amber):
    """Three orders: one ready with a window, one planned, one out for delivery."""
    orders = receive(
        amber,
        *(draft(f"M-{n}", window_start_at=NOW + timedelta(hours=3), window_end_at=NOW + timedelta(hours=5))
          for n in range(3)),
    )  # fmt: skip
    with amber.scope():
        for order, status in zip(orders, ("ready", "scheduled", "out_for_delivery"), strict=True):
            Order.objects.filter(id=order.id).update(status=status)
    return [str(order.id) for order in orders]


def test_cancelling_many_tells_before_and_after(amber, mixed):
    client = amber.client()
    look = client.post("/orders/many/look", {"action": "cancel", "order": mixed}).content.decode()
    assert "2 orders will not be delivered" in look and "1 of them is on a plan" in look
    assert "M-2" in look and "out for delivery and cannot be cancelled" in look
    refused = client.post("/orders/many", {"action": "cancel", "order": mixed, "reason": " "}).content.decode()
    assert "Say why" in refused
    with amber.scope():
        assert not Order.objects.filter(status="cancelled").exists()
    done = client.post("/orders/many", {"action": "cancel", "order": mixed, "reason": "Taken back"}).content.decode()
    assert "2 orders cancelled" in done and "M-2" in done
    with amber.scope():
        assert dict(Order.objects.values_list("reference", "status")) == {
            "M-0": "cancelled", "M-1": "cancelled", "M-2": "out_for_delivery",
        }  # fmt: skip


def test_another_day_takes_the_windows_along(amber, mixed, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    done = amber.client().post("/orders/many", {"action": "day", "order": mixed, "day": "2026-11-26"}).content.decode()
    assert "1 order changed" in done and "Take it off its plan first" in done
    with amber.scope():
        order = Order.objects.get(reference="M-0")
        assert order.delivery_on.isoformat() == "2026-11-26"
        assert order.window_start_at == order.promised_start_at == NOW + timedelta(days=3, hours=3)
    for wrong in ("", "2026-13-01", "1999-01-01"):
        text = amber.client().post("/orders/many", {"action": "day", "order": mixed, "day": wrong}).content.decode()
        assert 'role="alert"' in text


def test_priority_of_many_and_what_cannot_be_asked(amber, birch, mixed):
    client = amber.client()
    assert (
        "1 order changed"
        in client.post("/orders/many", {"action": "priority", "order": mixed, "priority": "urgent"}).content.decode()
    )
    with amber.scope():
        assert Order.objects.get(reference="M-0").priority == "urgent"
    assert client.post("/orders/many", {"action": "priority", "order": mixed[:1], "priority": "x"}).status_code == 200
    assert client.post("/orders/many", {"action": "explode", "order": mixed}).status_code == 400
    assert client.post("/orders/many", {"action": "cancel"}).status_code == 400
    assert client.post("/orders/many", {"action": "cancel", "order": ["x"]}).status_code == 400
    assert client.post("/orders/many", {"action": "cancel", "order": mixed * 200}).status_code == 400
    assert birch.client().post("/orders/many/look", {"action": "cancel", "order": mixed}).status_code == 404
    assert amber.client("viewer").post("/orders/many", {"action": "cancel", "order": mixed}).status_code == 403
