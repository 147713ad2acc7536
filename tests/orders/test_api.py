"""The JSON doors of orders: what they take, what they refuse with a sentence, and what a stranger sees (nothing)."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import keys, permissions
from core.models import Event
from orders import actions
from orders.models import ImportFile, Order
from tests.fixtures import Api
from tests.orders.support import NOW, draft, run_queued
from tests.orders.support import geocoder as geocoder
from tests.orders.support import runners as runners

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date() + timedelta(days=1)


def body(reference="A-1", **values):
    return {
        "reference": reference,
        "delivery_on": TODAY.isoformat(),
        "recipient": {"name": "Mia Muster", "phone": "06221 123456"},
        "place": {"street": "Hauptstraße", "house_number": "1", "postcode": "69117", "city": "Heidelberg"},
        **values,
    }


@pytest.fixture
def order(amber):
    with amber.scope():
        return actions.receive_order(
            draft(lat=49.4, lon=8.7, merchant="TechShop"), source="api", by=amber.dispatcher, at=NOW
        )


def test_an_order_is_created_and_read(amber):
    window = {"start": f"{TODAY}T10:00:00+01:00", "end": f"{TODAY}T12:00:00+01:00"}
    answer = amber.api().post(
        "orders/",
        body(
            merchant="TechShop",
            window=window,
            load={"weight_g": 1500},
            skills=["Fridge", "two person"],
            priority="high",
            proof_required="pin",
            instructions="Line one\nline two",
        ),
    )
    assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert row["status"] == "received" and row["merchant"]["name"] == "TechShop"
    assert row["recipient"] == {"name": "Mia Muster", "phone": "+496221123456", "email": ""}
    assert row["place"]["line"] == "Hauptstraße 1, 69117 Heidelberg" and row["place"]["review"] == "unlocated"
    assert row["place"]["country"] == "DE"
    assert row["window"] == row["promised"] == {"start": f"{TODAY}T09:00:00Z", "end": f"{TODAY}T11:00:00Z"}
    assert row["load"] == {"weight_g": 1500, "volume_ml": 0, "pieces": 1, "pallets": 0}
    assert row["skills"] == ["fridge", "two_person"] and row["instructions"] == "Line one\nline two"
    assert "pin" not in row
    one = amber.api().get(f"orders/{row['id']}/").json()
    pin = one.pop("pin")
    assert one == row and len(pin) == 4 and pin.isdigit()
    assert amber.client("viewer").get(f"/api/v1/orders/{row['id']}/").json()["pin"] is None


def test_the_same_reference_again_is_the_same_order(amber):
    first = amber.api().post("orders/", body()).json()
    again = amber.api().post("orders/", body(priority="urgent"))
    assert again.status_code == 200
    assert (again.json()["id"], again.json()["priority"]) == (first["id"], "urgent")
    with amber.scope():
        Order.objects.update(status="out_for_delivery")
    kept = amber.api().post("orders/", body(priority="normal"))
    assert kept.status_code == 409 and kept.json()["details"]["order"]["id"] == first["id"]


def test_an_order_without_a_reference_gets_one(amber):
    row = amber.api().post("orders/", {key: value for key, value in body().items() if key != "reference"}).json()
    assert row["reference"].startswith("LM-") and len(row["reference"]) == 11


def test_an_idempotency_key_gives_the_same_answer(amber):
    values = {key: value for key, value in body().items() if key != "reference"}
    first = amber.api().post("orders/", values, headers={"Idempotency-Key": "k1"})
    again = amber.api().post("orders/", values, headers={"Idempotency-Key": "k1"})
    assert first.json() == again.json() and again.status_code == 201


def test_a_patch_changes_what_it_names_and_only_the_version_it_saw(amber, order):
    row = amber.api().get(f"orders/{order.id}/").json()
    answer = amber.api().patch(
        f"orders/{order.id}/",
        {
            "version": row["version"],
            "load": {"pieces": 4},
            "recipient": {"email": "new@example.com"},
            "place": row["place"],
            "merchant": "",
        },
    )
    assert answer.status_code == 200, answer.json()
    changed = answer.json()
    assert (changed["load"]["pieces"], changed["load"]["weight_g"]) == (4, 1000)
    assert (changed["recipient"]["email"], changed["recipient"]["name"]) == ("new@example.com", "Mia Muster")
    assert changed["place"] == row["place"] and changed["status"] == "ready" and changed["merchant"] is None
    late = amber.api().patch(f"orders/{order.id}/", {"version": row["version"], "load": {"pieces": 5}})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    moved = amber.api().patch(f"orders/{order.id}/", {"place": {"street": "Bergstraße", "city": "Heidelberg"}}).json()
    assert moved["status"] == "received" and moved["place"]["id"] != row["place"]["id"]


def test_patching_a_window_keeps_the_promise_unless_told(amber, order):
    with amber.scope():
        start, end = timezone.now(), timezone.now() + timedelta(hours=2)
        Order.objects.update(delivery_on=TODAY, promised_start_at=start, promised_end_at=end)
    window = {"start": f"{TODAY}T08:00:00Z", "end": f"{TODAY}T09:00:00Z"}
    row = amber.api().patch(f"orders/{order.id}/", {"window": window}).json()
    assert row["window"] == window and row["promised"] != window
    assert amber.api().patch(f"orders/{order.id}/", {"promised": window}).json()["promised"] == window
    assert amber.api().patch(f"orders/{order.id}/", {"window": None}).json()["window"] is None


def test_cancel_and_locate(amber, order):
    with amber.scope():
        Order.objects.update(status="needs_attention")
    located = amber.api().post(f"orders/{order.id}:locate", {"lat": 49.5, "lon": 8.6}).json()
    assert (located["status"], located["place"]["precision"], located["place"]["lat"]) == ("ready", "pin", 49.5)
    cancelled = amber.api().post(f"orders/{order.id}:cancel", {"reason": "stock is out"})
    assert cancelled.json()["status"] == "cancelled"
    with amber.scope():
        assert Event.objects.get(kind="order.cancelled").reason == "stock is out"
    assert amber.api().post(f"orders/{order.id}:locate", {"lat": 49.5}).status_code == 400


def test_bulk_answers_each_row(amber):
    rows = [body("A"), body("B", place={}), body("A"), "no order", body("C", recipient={"name": "X", "phone": "12"})]
    answer = amber.api().post("orders:bulk", {"orders": rows})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [row["outcome"] for row in results] == ["created", "invalid", "invalid", "invalid", "invalid"]
    assert results[0]["order"]["reference"] == "A"
    assert "needs a street" in results[1]["message"] and results[2]["code"] == "duplicate_reference"
    assert results[4]["param"] == "recipient.phone" and all(row["message"] for row in results[1:])
    with amber.scope():
        assert Order.objects.count() == 1
    assert amber.api().post("orders:bulk", {"orders": [body(str(n)) for n in range(501)]}).status_code == 400
    assert amber.api().post("orders:bulk", {"orders": []}).status_code == 400


def test_the_list_is_filtered_and_paged_without_a_query_per_row(amber, django_assert_max_num_queries):
    with amber.scope():
        actions.receive_many(
            [draft(f"R-{n}", street=f"Weg {n}", merchant="M" if n % 2 else "") for n in range(25)],
            source="api",
            by=amber.dispatcher,
            at=NOW,
        )
        Order.objects.filter(reference="R-3").update(status="ready")
    api = amber.api()
    with django_assert_max_num_queries(12):
        first = api.get("orders/", limit=10).json()
    assert len(first["results"]) == 10 and first["previous"] is None
    second = api.client.get(first["next"]).json()
    third = api.client.get(second["next"]).json()
    seen = [row["reference"] for listing in (first, second, third) for row in listing["results"]]
    assert sorted(seen) == sorted(f"R-{n}" for n in range(25)) and third["next"] is None
    assert api.client.get(second["previous"]).json()["results"] == first["results"]
    assert [row["reference"] for row in api.get("orders/", status="ready,scheduled").json()["results"]] == ["R-3"]
    assert len(api.get("orders/", delivery_on="2026-11-23").json()["results"]) == 25
    assert len(api.get("orders/", q="weg 24").json()["results"]) == 1
    assert len(api.get("orders/", reference="R-7").json()["results"]) == 1
    merchant = api.get("merchants/").json()["results"][0]
    assert len(api.get("orders/", merchant=merchant["id"]).json()["results"]) == 12
    for wrong in (
        {"status": "lost"},
        {"delivery_on": "2026-13-40"},
        {"merchant": "x"},
        {"limit": "0"},
        {"cursor": "x"},
        {"q": "a\0b"},
        {"reference": "\0"},
    ):
        assert api.get("orders/", **wrong).status_code == 400, wrong


def test_another_organization_finds_nothing_in_any_door(amber, birch, order):
    with amber.scope():
        file = actions.hand_in_file(name="a.csv", content=b"x,y\n1,2\n", day_on=TODAY, by=amber.dispatcher, at=NOW)
    api = birch.api()
    before = amber.api().get(f"orders/{order.id}/").json()
    for answer in (
        api.get(f"orders/{order.id}/"),
        api.patch(f"orders/{order.id}/", {"priority": "urgent"}),
        api.post(f"orders/{order.id}:cancel"),
        api.post(f"orders/{order.id}:locate", {"lat": 1, "lon": 1}),
        api.get(f"imports/{file.id}/"),
        api.get(f"operations/{file.operation_id}/"),
        api.post(f"operations/{file.operation_id}:cancel"),
        api.get(f"orders/{uuid4()}/"),
    ):
        assert answer.status_code == 404 and answer.json()["code"] == "not_found", answer.content
    for listing in ("orders/", "imports/", "merchants/"):
        assert api.get(listing).json()["results"] == []
    assert amber.api().get(f"orders/{order.id}/").json() == before


def test_roles_and_scopes_say_who_may(amber, order):
    viewer, driver = amber.client("viewer"), amber.client("driver")
    assert viewer.get("/api/v1/orders/").status_code == 200
    assert viewer.post("/api/v1/orders/", body("N"), content_type="application/json").status_code == 403
    assert viewer.post(f"/api/v1/orders/{order.id}:cancel").status_code == 403
    assert driver.get("/api/v1/orders/").status_code == 403
    assert driver.get(f"/api/v1/imports/{uuid4()}/").status_code == 403
    with amber.scope():
        read = Api(keys.issue(name="read", scopes=[permissions.ORDERS_READ]))
    assert read.get("orders/").status_code == 200
    assert read.post("orders/", body("N")).status_code == 403
    assert read.post("orders:bulk", {"orders": [body("N")]}).status_code == 403
    assert read.send("imports/").status_code == 403
    assert Api("lm_x").get("orders/").status_code == 401


HOSTILE = [
    ("[]", None),
    ('"text"', None),
    ("null", None),
    ("{", None),
    ("[" * 100_000, None),
    ("{}", "recipient"),
    ({"reference": "a\0b"}, "reference"),
    ({"reference": "x" * 81}, "reference"),
    ({"reference": ["x"]}, "reference"),
    ({"reference": "\u202egnp.exe"}, "reference"),
    ({"merchant": {"id": 1}}, "merchant"),
    ({"delivery_on": "1900-01-01"}, "delivery_on"),
    ({"delivery_on": "2100-01-01"}, "delivery_on"),
    ({"delivery_on": 20261123}, "delivery_on"),
    ({"recipient": "Mia"}, "recipient"),
    ({"recipient": {}}, "recipient.name"),
    ({"recipient": {"name": "x" * 201}}, "recipient.name"),
    ({"recipient": {"name": "M", "email": "no"}}, "recipient.email"),
    ({"recipient": {"name": "M", "phone": "call me"}}, "recipient.phone"),
    ({"place": []}, "place"),
    ({"place": {"street": ""}}, "place"),
    ({"place": {"lat": 49.4}}, "place"),
    ({"place": {"lat": 0, "lon": 0}}, "place"),
    ({"place": {"lat": 91, "lon": 8}}, "place.lat"),
    ({"place": {"lat": "x", "lon": 8}}, "place.lat"),
    ({"place": {"lat": True, "lon": 8}}, "place.lat"),
    ({"place": {"lat": 10**400, "lon": 8}}, "place.lat"),
    ({"place": {"street": "A", "country": "Narnia"}}, "place.country"),
    ({"window": {"start": "2026-11-24T10:00:00"}}, "window.start"),
    ({"window": "10-12"}, "window"),
    ({"window": {"start": f"{TODAY}T12:00:00Z", "end": f"{TODAY}T10:00:00Z"}}, "window"),
    ({"window": {"start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-12:00"}}, None),
    ({"window": {"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T12:00:00Z"}}, "window"),
    ({"service_s": 10**30}, "service_s"),
    ({"service_s": -1}, "service_s"),
    ({"service_s": 1.5}, "service_s"),
    ({"load": {"weight_g": "heavy"}}, "load.weight_g"),
    ({"load": {"pieces": -1}}, "load.pieces"),
    ({"load": 3}, "load"),
    ({"priority": "asap"}, "priority"),
    ({"priority": {}}, "priority"),
    ({"skills": "fridge"}, "skills"),
    ({"skills": ["x"] * 21}, None),
    ({"skills": [1.5]}, None),
    ({"skills": ["§"]}, "skills"),
    ({"proof_required": None}, "proof_required"),
    ({"instructions": "x" * 1001}, "instructions"),
    ({"instructions": "\ud800"}, "instructions"),
]


@pytest.mark.parametrize(("values", "param"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_answered_with_a_sentence(amber, values, param):
    text = values if isinstance(values, str) else json.dumps({**body(), **values})
    answer = amber.api().client.post("/api/v1/orders/", text, content_type="application/json")
    assert answer.status_code == 400, answer.content[:300]
    assert answer.json()["message"] and (param is None or answer.json()["param"] == param), answer.json()
    with amber.scope():
        assert not Order.objects.exists()


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "1" + "0" * 5000])
def test_numbers_that_are_none_are_refused(amber, number):
    text = json.dumps(body(place={"lat": 0.5, "lon": 8})).replace("0.5", number)
    answer = amber.api().client.post("/api/v1/orders/", text, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["message"]


def send(world, content, **form):
    upload = SimpleUploadedFile(form.pop("name", "orders.csv"), content)
    return world.api().send("imports/", file=upload, day=TODAY.isoformat(), **form)


CSV = b"reference,recipient_name,street,house_number,city\nR-1,Mia,Hauptstrasse,1,Heidelberg\nR-2,,Weg,1,Heidelberg\n"


@pytest.mark.usefixtures("runners")
def test_a_file_is_taken_and_its_operation_polled(amber, geocoder):
    answer = send(amber, CSV, merchant="TechShop", mapping='{"city": "city"}')
    assert answer.status_code == 202, answer.json()
    taken = answer.json()
    assert taken["operation"]["status"] == "queued" and taken["import"]["operation"] == taken["operation"]["id"]
    run_queued(amber)
    operation = amber.api().get(f"operations/{taken['operation']['id']}/").json()
    assert operation["status"] == "succeeded" and operation["result"]["created"] == 1
    read = amber.api().get(f"imports/{taken['import']['id']}/").json()
    assert (read["created"], read["failed"], read["merchant"]["name"]) == (1, 1, "TechShop")
    assert read["faults"][0]["line"] == 3 and "Line 3" in read["faults"][0]["message"]
    assert [row["id"] for row in amber.api().get("imports/").json()["results"]] == [read["id"]]


@pytest.mark.usefixtures("runners")
def test_an_operation_can_be_cancelled_before_it_runs(amber):
    operation = send(amber, CSV).json()["operation"]["id"]
    assert amber.api().post(f"operations/{operation}:cancel").json()["status"] == "cancelled"
    assert amber.api().post(f"operations/{operation}:cancel").status_code == 409
    run_queued(amber)
    assert amber.api().get("orders/").json()["results"] == []


@pytest.mark.parametrize(
    "form",
    [
        {"mapping": "{"},
        {"mapping": "[" * 50_000},
        {"mapping": '["a"]'},
        {"mapping": '{"a": "no_field"}'},
        {"faulty": "maybe"},
        {"mapping": '{"a": 1}'},
        {"day": "yesterday"},
        {"day": "1900-01-01"},
        {"merchant": "x" * 121},
        {"merchant": "a\0b"},
    ],
)
def test_a_wrong_form_is_answered_with_a_sentence(amber, form):
    upload = SimpleUploadedFile("a.csv", CSV)
    answer = amber.api().send("imports/", **{"file": upload, "day": TODAY.isoformat(), **form})
    assert answer.status_code == 400 and answer.json()["message"]
    with amber.scope():
        assert not ImportFile.objects.exists()


def test_files_that_are_none_are_refused_at_the_door(amber):
    assert send(amber, b"").json()["message"] == "The file is empty."
    assert "larger than 10 MB" in send(amber, b"x" * (10 * 1024 * 1024 + 1)).json()["message"]
    assert amber.api().send("imports/", file="text").status_code == 400
    assert amber.api().send("imports/").status_code == 400
    assert amber.api().post("imports/", {"file": "x"}).status_code == 415
    broken = amber.api().client.post("/api/v1/imports/", b"--x\r\n", content_type="multipart/form-data; boundary=x")
    assert broken.status_code == 400


@pytest.mark.usefixtures("runners")
def test_a_file_named_with_a_path_keeps_its_name_only(amber):
    taken = send(amber, CSV, name="..\\..\\etc/pass\u202ewd.csv").json()
    assert taken["import"]["name"] == "passwd.csv"
