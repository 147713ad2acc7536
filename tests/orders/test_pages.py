"""The pages of orders as a dispatcher, a viewer and a stranger of another organization see them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core import operations
from orders import actions
from orders.models import ColumnMapping, ImportFile, Merchant, Order
from tests.orders.support import NOW, FixedGeocoder, draft, run_queued
from tests.orders.support import geocoder as geocoder
from tests.orders.support import no_geocoder as no_geocoder
from tests.orders.support import runners as runners

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
CSV = (
    b"reference,recipient_name,street,house_number,city\nR-1,Mia <b>,Hauptstrasse,1,Heidelberg\n"
    b"R-2,,=cmd()|x,1,Heidelberg\n"
)


def form(**values):
    return {
        "delivery_on": TODAY.isoformat(),
        "recipient_name": "Mia Muster",
        "recipient_phone": "06221 123456",
        "pieces": "1",
        "address": "Hauptstraße 1, Heidelberg",
        "priority": "normal",
        "proof_required": "none",
        **values,
    }


@pytest.fixture
def order(amber):
    with amber.scope():
        return actions.receive_order(
            draft(merchant="TechShop", lat=49.4, lon=8.7, proof_required="pin"),
            source="api",
            by=amber.dispatcher,
            at=NOW,
        )


@pytest.fixture
def doubtful(amber):
    with amber.scope():
        actions.receive_many(
            [draft("D-1", street="Doubtgasse"), draft("D-2", street="Nowhere"), draft("D-3", street="Doubtgasse")],
            source="file",
            by=amber.dispatcher,
            at=NOW,
        )
        actions.locate_orders(
            list(Order.objects.filter(status="received")), geocoder=FixedGeocoder(), by=amber.dispatcher, at=NOW
        )
        return {row.reference: row for row in Order.objects.filter(status="needs_attention")}


def text_of(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_list_shows_searches_and_pages(amber, order, django_assert_max_num_queries):
    with amber.scope():
        actions.receive_many(
            [draft(f"R-{n}", street=f"Weg {n}") for n in range(60)], source="api", by=amber.dispatcher, at=NOW
        )
    client = amber.client()
    with django_assert_max_num_queries(24):
        page = text_of(client.get("/orders/"))
    assert page.count('class="row-link"') == 50 and "Older" in page and "Newer" not in page
    assert 'Received <span class="muted numbers">60' in page and 'Ready <span class="muted numbers">1' in page
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = text_of(client.get(older))
    assert second.count('class="row-link"') == 11 and "Newer" in second and "Older" not in second
    newer = second.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert text_of(client.get(newer)).count('class="row-link"') == 50
    found = text_of(client.get("/orders/", {"q": "Hauptstr"}))
    assert "A-1" in found and found.count('class="row-link"') == 1
    part = client.get("/orders/", {"status": "ready"}, headers={"HX-Target": "orders"})
    assert "<html" not in text_of(part) and "A-1" in text_of(part) and "HX-Target" in part["Vary"]
    assert "No order matches" in text_of(client.get("/orders/", {"q": "nothing like it"}))
    assert "status is one or more" in text_of(client.get("/orders/", {"status": "lost"}), 400)
    assert "does not exist" in text_of(client.get("/orders/", {"cursor": "x"}), 400)


def test_an_empty_organization_is_told_how_to_begin(amber):
    assert "No orders yet" in text_of(amber.client().get("/orders/"))
    assert "Nothing to look at" in text_of(amber.client().get("/orders/review/"))


def test_one_order_tells_its_facts_and_its_history_in_the_local_clock(amber, order):
    with amber.scope():
        actions.edit_order(order, values={"weight_g": 1500}, by=amber.dispatcher, at=NOW)
    page = text_of(amber.client().get(f"/orders/{order.id}/"))
    for words in (
        "Mia Muster",
        "TechShop",
        "1.5 kg",
        order.pin,
        "Received through the API",
        "Changed: weight",
        "Ready to be planned",
        "Dana Dispatcher",
        "06:00",
        'data-lat="49.400000"',
    ):
        assert words in page, words


def test_an_order_by_hand(amber, geocoder):
    client = amber.client()
    assert "Create the order" in text_of(client.get("/orders/new/"))
    answer = client.post(
        "/orders/new/",
        form(
            window_start="10:00",
            window_end="12:00",
            promise="on",
            weight_kg="2.5",
            merchant="New Shop",
            skills="Fridge, two person",
            proof_required="pin",
        ),
    )
    assert answer.status_code == 302, answer.content.decode()
    with amber.scope():
        order = Order.objects.select_related("place", "merchant").get()
        assert answer["Location"] == f"/orders/{order.id}/"
        assert order.source == "form" and order.status == "received" and order.reference.startswith("LM-")
        assert order.window_start_at == order.promised_start_at and order.weight_g == 2500
        assert order.window_start_at.astimezone().utcoffset() is not None
        assert order.skills == ["fridge", "two_person"] and order.merchant.name == "New Shop"
        assert order.place.line == "Hauptstraße 1, Heidelberg" and len(order.pin) == 4


def test_a_window_that_is_not_promised(amber):
    amber.client().post("/orders/new/", form(window_start="10:00", window_end="12:00"))
    with amber.scope():
        order = Order.objects.get()
        assert order.window_start_at and order.promised_start_at is None


def test_a_picked_suggestion_is_believed_only_while_the_text_is_the_same(amber):
    point = {"lat": "49.4", "lon": "8.7"}
    amber.client().post("/orders/new/", form(reference="P", picked="Hauptstraße 1, Heidelberg", **point))
    amber.client().post("/orders/new/", form(reference="Q", picked="Another street", **point))
    with amber.scope():
        assert dict(Order.objects.values_list("reference", "status")) == {"P": "ready", "Q": "received"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"recipient_name": ""}, "required"),
        ({"address": ""}, "required"),
        ({"reference": "x" * 200}, "at most"),
        ({"delivery_on": "1900-01-01"}, "a year away"),
        ({"delivery_on": "soon"}, "valid date"),
        ({"recipient_phone": "12"}, "phone number"),
        ({"recipient_email": "no"}, "not valid"),
        ({"weight_kg": "-1"}, "greater"),
        ({"weight_kg": "1e999"}, "number"),
        ({"pieces": "9" * 40}, "less"),
        ({"window_start": "10:00"}, "a start and an end"),
        ({"window_start": "12:00", "window_end": "10:00"}, "before it begins"),
        ({"priority": "asap"}, "valid choice"),
        ({"skills": "§"}, "no word"),
        ({"lat": "nan"}, ""),
    ],
)
def test_a_wrong_form_keeps_what_was_typed_and_says_why(amber, values, words):
    page = text_of(amber.client().post("/orders/new/", form(instructions="Keep me", **values)), 400)
    assert "Keep me" in page and words in page
    with amber.scope():
        assert not Order.objects.exists() and not Merchant.objects.exists()


def test_control_characters_are_not_stored(amber):
    amber.client().post("/orders/new/", form(recipient_name="a\0b\u202ec", instructions="one\r\ntwo\x07"))
    with amber.scope():
        assert Order.objects.values_list("recipient_name", "instructions").get() == ("abc", "one\ntwo")


def test_a_taken_reference_is_said_and_links_to_the_order(amber, order):
    page = text_of(amber.client().post("/orders/new/", form(reference="A-1")), 400)
    assert "taken" in page and f"/orders/{order.id}/" in page


def test_an_edit_and_a_stale_edit(amber, order):
    client = amber.client()
    page = text_of(client.get(f"/orders/{order.id}/edit/"))
    assert "Hauptstraße 1, 69117 Heidelberg" in page
    same = form(
        address="Hauptstraße 1, 69117 Heidelberg",
        recipient_phone="+496221123456",
        proof_required="pin",
        delivery_on=order.delivery_on.isoformat(),
        recipient_email="mia@example.com",
        weight_kg="1",
        volume_l="5",
        merchant="TechShop",
    )
    with amber.scope():
        version = Order.objects.get().version
    assert client.post(f"/orders/{order.id}/edit/", {**same, "version": version}).status_code == 302
    with amber.scope():
        assert Order.objects.get().version == version, "nothing was changed, so nothing was written"
    assert client.post(f"/orders/{order.id}/edit/", {**same, "weight_kg": "7", "version": version}).status_code == 302
    stale = text_of(client.post(f"/orders/{order.id}/edit/", {**same, "weight_kg": "9", "version": version}), 409)
    assert "somebody else" in stale and 'value="9"' in stale
    with amber.scope():
        assert Order.objects.get().weight_g == 7000 and Order.objects.get().status == "ready"
        Order.objects.update(status="scheduled")
    refused = text_of(client.post(f"/orders/{order.id}/edit/", {**same, "weight_kg": "9", "version": version + 1}), 422)
    assert "only its contact" in refused


def test_cancelling(amber, order):
    assert amber.client().post(f"/orders/{order.id}/cancel", {"reason": "sold\0 out"}).status_code == 302
    assert "Sold out" in text_of(amber.client().get(f"/orders/{order.id}/"))


def test_suggestions_complete_an_address(amber, geocoder):
    client = amber.client()
    found = text_of(client.get("/orders/suggest", {"q": "haupt"}))
    assert "Haupt 1, 69117 Heidelberg" in found and "into=address" in found
    assert "button" not in text_of(client.get("/orders/suggest", {"address": "ha"}))
    chosen = text_of(client.get("/orders/suggested", {"line": 'A "b" 1', "lat": "49.4", "lon": "8.7"}))
    assert "A &quot;b&quot; 1" in chosen and 'data-lat="49.400000"' in chosen
    pin = text_of(client.get("/orders/suggested", {"into": "pin", "lat": "49.4", "lon": "8.7"}))
    assert 'id="pin"' in pin and 'name="lat"' in pin
    for wrong in ({"lat": "x", "lon": "1"}, {"lat": "1e999", "lon": "1"}, {}):
        assert client.get("/orders/suggested", wrong).status_code == 400


def test_suggestions_without_a_geocoder_say_so(amber, no_geocoder):
    assert "not available" in text_of(amber.client().get("/orders/suggest", {"q": "haupt"}))


def test_review_goes_from_one_to_the_next(amber, doubtful):
    client = amber.client()
    assert "3 orders need a person" in text_of(client.get("/orders/review/"))
    page = text_of(client.get(f"/orders/review/{doubtful['D-1'].id}/"))
    assert "The street is there twice." in page and "1 more order waits for the same address" in page
    answer = client.post(f"/orders/{doubtful['D-1'].id}/position", {"lat": "49.410000", "lon": "8.690000"})
    assert answer["Location"] == f"/orders/review/?after={doubtful['D-1'].id}"
    page = text_of(client.get(answer["Location"]))
    assert "Nowhere" in page and "1 order needs a person" in page and 'data-lat="' not in page
    vain = client.post(f"/orders/{doubtful['D-2'].id}/position", {"lat": "", "lon": ""})
    assert vain.status_code == 400 and "Set the pin" in text_of(vain, 400)
    assert client.post(f"/orders/{doubtful['D-2'].id}/wrong-address", {"reason": "No such\0 street"}).status_code == 302
    with amber.scope():
        assert Order.objects.get(reference="D-2").attention_reason == "No such street"
    moved = client.post(f"/orders/{doubtful['D-2'].id}/position", {"lat": "49.123456", "lon": "8.6", "from": "order"})
    assert moved["Location"] == f"/orders/{doubtful['D-2'].id}/"
    with amber.scope():
        assert set(Order.objects.values_list("status", flat=True)) == {"ready"}


def test_an_address_can_be_looked_up_again(amber, doubtful):
    assert amber.client().post(f"/orders/{doubtful['D-2'].id}/locate-again").status_code == 302
    with amber.scope():
        assert Order.objects.get(reference="D-2").status == "received"


@pytest.mark.usefixtures("runners")
def test_a_file_from_drop_to_result(amber, geocoder):
    client = amber.client()
    assert "Drop a file" in text_of(client.get("/orders/import/"))
    answer = client.post(
        "/orders/import/",
        {"file": SimpleUploadedFile("day <1>.csv", CSV), "day": TODAY.isoformat(), "faulty": "skip", "merchant": ""},
    )
    assert answer.status_code == 302, answer.content.decode()
    page = answer["Location"]
    assert "every 1s" in text_of(client.get(page)) and "Waiting for a worker" in text_of(client.get(f"{page}progress"))
    run_queued(amber, "import_orders")
    state = text_of(client.get(f"{page}progress"))
    assert "every 1s" not in state and "every 2s" in state
    assert "Line 3" in state and "Looking up where 1 order goes" in state
    run_queued(amber, "locate_orders")
    assert "Every new order" in text_of(client.get(f"{page}progress"))
    assert "day &lt;1&gt;.csv" in text_of(client.get("/orders/import/"))
    download = client.get(f"{page}faulty.csv")
    assert download["Content-Type"] == "text/csv; charset=utf-8" and "attachment" in download["Content-Disposition"]
    assert '"\'=cmd()|x"' in download.content.decode("utf-8-sig")


@pytest.mark.usefixtures("runners")
def test_a_wrong_mapping_is_mended_on_the_page_and_remembered(amber, geocoder):
    client = amber.client()
    odd = CSV.replace(b"street", b"Wo").replace(b"recipient_name", b"Wer").replace(b"R-2,,", b"R-2,Ben,")
    send = {"file": SimpleUploadedFile("odd.csv", odd), "day": TODAY.isoformat(), "faulty": "skip"}
    page = client.post("/orders/import/", send)["Location"]
    run_queued(amber)
    state = text_of(client.get(page))
    assert "Nothing was imported" in state and "Use these columns" in state and "Hauptstrasse" in state
    again = client.post(
        f"{page}again",
        {
            "header": ["reference", "Wer", "Wo", "house_number", "city"],
            "field": ["reference", "recipient_name", "street", "house_number", "city"],
        },
    )
    assert again.status_code == 302 and again["Location"] != page
    run_queued(amber, "import_orders")
    assert 'New orders</span><span class="figure-value">2' in text_of(client.get(again["Location"]))
    with amber.scope():
        assert ColumnMapping.objects.get().mapping["Wo"] == "street"
    assert client.post(f"{page}again", {"header": ["Wo"], "field": ["nonsense"]}).status_code == 400
    assert client.post(f"{page}again", {"header": ["Wo"], "field": []}).status_code == 400


@pytest.mark.usefixtures("runners")
def test_an_import_that_cannot_be_is_told_on_the_form_or_the_page(amber):
    client = amber.client()
    for content, words in ((b"", "The file is empty."), (b"x" * 10_485_761, "larger than 10 MB")):
        send = {"file": SimpleUploadedFile("a.csv", content), "day": TODAY.isoformat(), "faulty": "skip"}
        assert words in text_of(client.post("/orders/import/", send), 400)
    far = {"file": SimpleUploadedFile("a.csv", CSV), "day": (TODAY + timedelta(days=999)).isoformat(), "faulty": "skip"}
    assert "a year away" in text_of(client.post("/orders/import/", far), 400)
    assert "required" in text_of(client.post("/orders/import/", {"day": TODAY.isoformat(), "faulty": "skip"}), 400)
    with amber.scope():
        assert not ImportFile.objects.exists()


def test_a_cancelled_import_is_told(amber):
    with amber.scope():
        file = actions.hand_in_file(name="a.csv", content=CSV, day_on=TODAY, by=amber.dispatcher, at=NOW)
        operations.request_cancel(file.operation, by=amber.dispatcher, at=NOW)
    assert "was cancelled" in text_of(amber.client().get(f"/orders/import/{file.id}/"))


def test_a_viewer_reads_and_changes_nothing(amber, order, doubtful):
    viewer = amber.client("viewer")
    for page in ("/orders/", f"/orders/{order.id}/", "/orders/review/", "/orders/import/", "/orders/suggest?q=haupt"):
        own_views = 'method="post" action="/orders/views'  # a viewer's saved searches are the viewer's own
        assert 'method="post" action="/orders/' not in text_of(viewer.get(page)).replace(own_views, ""), page
    for page in ("/orders/new/", f"/orders/{order.id}/edit/"):
        assert viewer.get(page).status_code == 403
    for door in ("cancel", "position", "wrong-address", "locate-again"):
        assert viewer.post(f"/orders/{order.id}/{door}").status_code == 403
    assert viewer.post("/orders/import/").status_code == 403
    assert amber.client("driver").get("/orders/").status_code == 403


def test_a_stranger_finds_nothing(amber, birch, order):
    with amber.scope():
        file = actions.hand_in_file(name="a.csv", content=CSV, day_on=TODAY, by=amber.dispatcher, at=NOW)
    other = birch.client()
    for page in (
        f"/orders/{order.id}/",
        f"/orders/{order.id}/edit/",
        f"/orders/review/{order.id}/",
        f"/orders/import/{file.id}/",
        f"/orders/import/{file.id}/progress",
        f"/orders/import/{file.id}/faulty.csv",
        f"/orders/{uuid4()}/",
    ):
        assert other.get(page).status_code == 404, page
    for door in (
        f"/orders/{order.id}/edit/",
        f"/orders/{order.id}/cancel",
        f"/orders/{order.id}/position",
        f"/orders/{order.id}/wrong-address",
        f"/orders/{order.id}/locate-again",
        f"/orders/import/{file.id}/again",
    ):
        assert other.post(door).status_code == 404, door
    assert "A-1" not in text_of(other.get("/orders/")) and "a.csv" not in text_of(other.get("/orders/import/"))
    assert "A-1" not in text_of(other.get(f"/orders/review/?after={order.id}"))


def test_nobody_is_sent_to_sign_in(client):
    assert client.get("/orders/").status_code == 302


def test_the_menu_counts_what_waits_for_a_look(amber, birch, doubtful):
    assert '<span class="count" aria-label="3 to look at">3</span>' in text_of(amber.client().get("/orders/"))
    assert 'class="count"' not in text_of(birch.client().get("/orders/"))


@pytest.mark.usefixtures("runners")
def test_a_file_that_changes_nothing_says_so(amber, geocoder):
    for _ in range(2):
        send = {"file": SimpleUploadedFile("a.csv", CSV), "day": TODAY.isoformat(), "faulty": "skip"}
        page = amber.client().post("/orders/import/", send)["Location"]
        run_queued(amber)
    assert "All of it was here already" in text_of(amber.client().get(page))
