"""Conversations with drivers and recipients: what is written, where it is recorded, who sees and who has read it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import clock, journal
from core.models import Event
from notifications import actions, channels, message_actions, message_queries, message_text
from notifications.models import Message, Thread, ThreadMessage
from orders import history
from orders.models import Order
from tests.fixtures import NOW, World
from tests.tracking.day import Day, distributed, reload
from tracking import links, live


class Wall:
    """The house's clock, moved by hand."""

    at: datetime = NOW


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    held = Wall()
    monkeypatch.setattr(clock, "now", lambda: held.at)
    return held


@pytest.fixture
def day(amber: World) -> Day:
    with amber.scope():
        return distributed(amber)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, list[Any]]]:
    """What was published for the boards, in order."""
    told: list[dict[str, list[Any]]] = []

    def publish(_: Any, rows: Any, *, at_once: bool = False) -> None:
        told.append({kind: list(some) for kind, some in rows.items()})

    monkeypatch.setattr(live, "publish", publish)
    return told


def post(client: Client, path: str, body: Any, status: int = 200) -> Any:
    answer = client.post(f"/api/v1/{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def get(client: Client, path: str) -> Any:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def open_thread(world: World, role: str = "dispatcher", **whom: UUID) -> dict[str, Any]:
    return post(world.client(role), "threads/", {name: str(one) for name, one in whom.items()})


def unread(thread: dict[str, Any], world: World, role: str = "dispatcher") -> int:
    mine = {one["member"]: one["seen"] for one in thread["seen"]}
    return thread["received"] - mine.get(str(world.members[role].id), 0)


def phone(world: World, *lines: dict[str, Any], number: int = 0, **values: Any) -> Any:
    answer = world.driver_api(number).post("driver/messages", {"messages": list(lines), **values})
    assert answer.status_code == 200, answer.content
    return answer.json()


def line(text: str, **values: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "text": text, "device_at": NOW.isoformat(), **values}


def path_of(world: World, order: Order) -> str:
    with world.scope():
        address = links.link_for(order)
    return f"/t/{address.partition('/t/')[2]}messages/"


def writes(path: str, text: str, **values: str) -> Any:
    """A recipient writes, as the page's script does."""
    return Client(headers={"Accept": "application/json"}).post(path, {"text": text, **values})


def events(order: Order) -> list[Event]:
    return list(Event.objects.filter(subject_id=order.id, kind__startswith="order.message_").order_by("sequence"))


# --- With a driver ----------------------------------------------------------------------------------------------------


def test_a_dispatcher_and_a_driver_write_to_each_other(amber: World, day: Day, shown: list[Any]) -> None:
    thread = open_thread(amber, driver=amber.drivers[0].id)
    assert open_thread(amber, role="admin", driver=amber.drivers[0].id)["id"] == thread["id"]
    sent = post(amber.client(), f"threads/{thread['id']}/messages/", {"text": "Gate code 12"}, 201)
    assert (sent["author"], sent["author_name"], sent["state"]) == ("member", "Dispatcher Amber", "queued")
    assert shown[-1]["message"][0]["text"] == "Gate code 12"
    assert shown[-1]["thread"][0]["last"]["id"] == sent["id"]

    said = phone(amber)
    assert [one["text"] for one in said["messages"]] == ["Gate code 12"]
    (row,) = get(amber.client(), f"threads/{thread['id']}/messages/")["results"]
    assert (row["state"], row["read_at"]) == ("sent", None)
    phone(amber, read=sent["id"])
    assert shown[-1]["message"][0]["state"] == "read"

    answer = phone(amber, line("On my way", stop=str(day.stops[0].id)))
    assert answer["results"][0]["status"] == "applied"
    row = get(amber.client(), "threads/")["results"][0]
    assert (row["last"]["text"], row["last"]["stop"]["id"]) == ("On my way", str(day.stops[0].id))
    assert (unread(row, amber), unread(row, amber, "viewer")) == (1, 1)
    row = post(amber.client(), f"threads/{thread['id']}:read", {})
    assert (unread(row, amber), unread(row, amber, "viewer"), row["last"]["state"]) == (0, 1, "read")
    with amber.scope():
        # Recorded on the order of the stop that was named, and on no other.
        (event,) = events(day.orders[0])
        assert event.kind == "order.message_received"
        assert event.data == {"message": row["last"]["id"], "thread": thread["id"], "with": "driver"}
        assert not events(day.orders[1])
        assert "Message from the driver about it" in [
            one.text for one in history.lines(journal.history([event.subject_id]))
        ]


def test_what_a_phone_sends_twice_is_there_once(amber: World, day: Day) -> None:
    first, second = line("One"), line("Two")
    assert [one["status"] for one in phone(amber, first)["results"]] == ["applied"]
    said = phone(amber, first, second)
    assert [one["status"] for one in said["results"]] == ["duplicate", "applied"]
    assert [one["text"] for one in said["messages"]] == ["One", "Two"]
    with amber.scope():
        assert Thread.objects.get().received == 2


def test_a_line_written_offline_keeps_its_time_and_a_wrong_clock_is_corrected(amber: World, day: Day) -> None:
    early = (NOW - timedelta(hours=2)).isoformat()
    phone(amber, line("Late", device_at=early))
    wrong = NOW - timedelta(days=3)
    phone(amber, line("Wrong clock", device_at=(wrong - timedelta(minutes=5)).isoformat()), sent_at=wrong.isoformat())
    with amber.scope():
        late, corrected = ThreadMessage.objects.order_by("id")
        assert late.sent_at == NOW - timedelta(hours=2)
        assert corrected.sent_at == NOW - timedelta(minutes=5)
        assert corrected.device_at == wrong - timedelta(minutes=5)


def test_a_driver_sees_and_reads_only_their_own(amber: World, day: Day) -> None:
    for driver, text in zip(amber.drivers, ("For the first", "For the second"), strict=True):
        thread = open_thread(amber, driver=driver.id)
        post(amber.client(), f"threads/{thread['id']}/messages/", {"text": text}, 201)
    assert [one["text"] for one in phone(amber, number=1)["messages"]] == ["For the second"]
    with amber.scope():
        first = ThreadMessage.objects.get(text="For the first")
        assert first.delivered_at is None
    phone(amber, number=1, read=str(first.id))
    with amber.scope():
        assert ThreadMessage.objects.get(text="For the first").read_at is None
        # A stop of somebody else's route is not named by this driver's line.
        phone(amber, line("Whose?", stop=str(day.stops[0].id)), number=1)
        assert ThreadMessage.objects.get(text="Whose?").stop is None


# --- With a recipient -------------------------------------------------------------------------------------------------


def test_a_line_to_a_recipient_goes_by_mail_with_the_link_and_says_what_came_of_it(
    amber: World, day: Day, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = day.orders[0]
    thread = open_thread(amber, order=order.id)
    sent = post(amber.client(), f"threads/{thread['id']}/messages/", {"text": "Is <b>16:00</b> fine?\nDana"}, 201)
    assert (sent["state"], sent["channel"]) == ("queued", "email")
    with amber.scope():
        carrier = Message.objects.get(template="message")
        (event,) = events(order)
        assert (event.kind, event.data["with"], carrier.event_id) == ("order.message_sent", "recipient", event.id)
        assert "16:00" not in json.dumps(event.data) + event.reason
        assert links.link_for(order) in carrier.text
        assert "Is <b>16:00</b> fine?\nDana" in carrier.text
        assert "Is &lt;b&gt;16:00&lt;/b&gt; fine?<br>Dana" in carrier.html
    actions.send_due(amber.organization.id)
    assert (shown[-1]["message"][0]["state"], shown[-1]["message"][0]["id"]) == ("sent", sent["id"])

    def refuse(*_: object, **__: object) -> None:
        raise channels.NotSent("The mail server refused the recipient's address.", final=True)

    monkeypatch.setattr(channels, "send", refuse)
    post(amber.client(), f"threads/{thread['id']}/messages/", {"text": "Hello?"}, 201)
    actions.send_due(amber.organization.id)
    row = shown[-1]["message"][0]
    assert (row["state"], row["error"]) == ("failed", "The mail server refused the recipient's address.")


@pytest.mark.parametrize(
    ("email", "phone_number", "channel"), [("a@example.com", "+49301", "email"), ("", "+49301", "sms"), ("", "", "")]
)
def test_who_cannot_be_reached_is_said_so(amber: World, email: str, phone_number: str, channel: str) -> None:
    with amber.scope():
        order = distributed(amber, 1).orders[0]
        order.recipient_email, order.recipient_phone = email, phone_number
        order.save()
    thread = open_thread(amber, order=order.id)
    text = "A long story. " * 60
    sent = post(amber.client(), f"threads/{thread['id']}/messages/", {"text": text}, 201)
    assert (sent["channel"], sent["state"]) == (channel, "queued" if channel else "failed")
    assert sent["error"] == ("" if channel else message_actions.UNREACHABLE)
    with amber.scope():
        carriers = list(Message.objects.filter(template="message"))
        assert [one.channel for one in carriers] == ([channel] if channel else [])
        if channel == "sms":
            assert "… Answer: http" in carriers[0].text
            assert len(carriers[0].text) < 420


def test_a_recipient_writes_and_reads_with_the_link_alone(amber: World, day: Day, shown: list[Any]) -> None:
    order = day.orders[0]
    path = path_of(amber, order)
    told = writes(path, "  Leave it with the neighbour\u202e\x07 ")
    assert told.status_code == 201
    assert [one["text"] for one in told.json()["messages"]] == ["Leave it with the neighbour"]
    row = shown[-1]["thread"][0]
    assert (row["kind"], row["order"]["id"], row["order"]["stop"]) == ("recipient", str(order.id), str(day.stops[0].id))
    assert unread(row, amber) == 1
    thread = row["id"]
    answered = post(amber.client(), f"threads/{thread}/messages/", {"text": "We will."}, 201)
    page = Client(headers={"Accept": "application/json"}).get(path).json()
    assert [(one["mine"], one["text"]) for one in page["messages"]] == [
        (True, "Leave it with the neighbour"),
        (False, "We will."),
    ]
    assert "Dispatcher" not in json.dumps(page), "who sits at the desk is nobody's business at the door"
    with amber.scope():
        assert ThreadMessage.objects.get(id=answered["id"]).read_at is None, "looking changes nothing"
    assert Client().post(path, {"read": answered["id"]}).json() == {"read": True}
    assert shown[-1]["message"][0]["state"] == "read"
    with amber.scope():
        assert [event.kind for event in events(order)] == ["order.message_received", "order.message_sent"]
        assert [one.who for one in history.lines(events(order))] == [order.recipient_name, "Dispatcher Amber"]


def test_the_conversation_works_as_a_plain_page(amber: World, day: Day) -> None:
    path = path_of(amber, day.orders[0])
    page = Client().get(path)
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert Client().post(path, {"text": "Ring <twice>"}).status_code == 302
    assert "Ring &lt;twice&gt;" in Client().get(path).content.decode()
    empty = Client().post(path, {"text": " \n "})
    assert empty.status_code == 400
    assert "Write something first." in empty.content.decode()


def test_a_recipient_cannot_flood_the_inbox(amber: World, day: Day, wall: Wall) -> None:
    path = path_of(amber, day.orders[0])
    mark = str(uuid4())
    for number in range(5):
        assert writes(path, f"Line {number}", id=mark if number == 4 else str(uuid4())).status_code == 201
    many = writes(path, "One more")
    assert (many.status_code, many.json()["code"]) == (429, "too_fast")
    wall.at = NOW + timedelta(seconds=61)
    assert writes(path, "One more").status_code == 201
    with amber.scope():
        assert Thread.objects.get().received == 6
    for minute in range(2, 13):
        wall.at = NOW + timedelta(minutes=2 * minute)
        statuses = [writes(path, f"{minute} {number}").status_code for number in range(5)]
    assert statuses == [201, 201, 201, 201, 429], "sixty a day"
    wall.at = NOW + timedelta(days=1, minutes=30)
    assert writes(path, "The next day").status_code == 201


def test_the_same_line_sent_again_is_one_line(amber: World, day: Day) -> None:
    path, mark = path_of(amber, day.orders[0]), str(uuid4())
    assert writes(path, "Ring twice", id=mark).status_code == 201
    assert len(writes(path, "Ring twice", id=mark).json()["messages"]) == 1
    assert writes(path, "Ring twice", id="nonsense").status_code == 400


def test_a_day_after_the_delivery_the_conversation_is_closed(amber: World, day: Day, wall: Wall) -> None:
    order = day.orders[0]
    path = path_of(amber, order)
    with amber.scope():
        row = reload(order)
        journal.transition(row, "out_for_delivery", by=amber.dispatcher, at=NOW)
        journal.transition(row, "delivered", by=amber.dispatcher, at=NOW)
    wall.at = NOW + timedelta(hours=23)
    assert writes(path, "The box is dented").status_code == 201
    wall.at = NOW + timedelta(hours=25)
    late = writes(path, "Hello?")
    assert (late.status_code, late.json()["code"]) == (409, "closed")
    assert Client(headers={"Accept": "application/json"}).get(path).json()["open"] is False
    assert "this conversation is closed" in Client().get(path).content.decode()
    assert Client().post("/t/amber/" + "x" * 32 + "/messages/", {"text": "Hello"}).status_code == 404


# --- To many ----------------------------------------------------------------------------------------------------------


def test_a_broadcast_is_one_line_in_each_thread(amber: World, day: Day) -> None:
    with amber.scope():
        row = reload(day.orders[2])
        row.recipient_email = row.recipient_phone = ""
        row.save()
    told = post(
        amber.client(),
        "messages:broadcast",
        {
            "text": "Snow: an hour later.",
            "drivers": [str(one.id) for one in amber.drivers],
            "stops": [str(one.id) for one in day.stops],
            "orders": [str(day.orders[0].id)],
        },
        201,
    )
    assert (told["sent"], told["unreachable"], len(told["threads"])) == (5, 1, 5)
    with amber.scope():
        assert set(ThreadMessage.objects.values_list("broadcast_id", flat=True)) == {UUID(told["broadcast"])}
        assert Message.objects.filter(template="message").count() == 2
        assert [len(events(order)) for order in day.orders] == [1, 1, 1]
    assert [one["text"] for one in phone(amber, number=1)["messages"]] == ["Snow: an hour later."]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "x"},
        {"text": " ", "drivers": ["driver"]},
        {"text": "x" * 2001, "drivers": ["driver"]},
        {"text": "x", "drivers": ["foreign"]},
        {"text": "x", "stops": ["foreign"]},
        {"text": "x", "orders": ["foreign"]},
    ],
)
def test_a_bad_broadcast_writes_nothing(amber: World, birch: World, body: dict[str, Any]) -> None:
    known = {"driver": str(amber.drivers[0].id), "foreign": str(birch.drivers[0].id)}
    body = {name: [known[one] for one in value] if isinstance(value, list) else value for name, value in body.items()}
    post(amber.client(), "messages:broadcast", body, 400)
    with amber.scope():
        assert not ThreadMessage.objects.exists()


def test_what_was_written_stands_on_the_orders_page(amber: World, day: Day) -> None:
    order = day.orders[0]
    path = f"/orders/{order.id}/"
    assert f'hx-get="{path}messages/"' in amber.client().get(path).content.decode()
    writes(path_of(amber, order), "Ring <twice>")
    phone(amber, line("At the door", stop=str(day.stops[0].id)), line("Lunch?"))
    mark = str(uuid4())
    for _ in range(2):
        sent = amber.client().post(f"{path}messages/", {"text": "We ring twice.", "mark": mark})
        assert (sent.status_code, sent["Location"]) == (302, path)
    shown = amber.client("viewer").get(f"{path}messages/").content.decode()
    assert "Ring &lt;twice&gt;" in shown
    assert "At the door" in shown
    assert "Lunch?" not in shown, "what is about no stop is between the driver and the desk"
    assert shown.count("We ring twice.") == 1
    assert "<textarea" not in shown, "viewers only read"
    assert amber.client("viewer").post(f"{path}messages/", {"text": "x", "mark": mark}).status_code == 403
    assert amber.client().post(f"{path}messages/", {"text": " ", "mark": str(uuid4())}).status_code == 400
    assert amber.client().post(f"{path}messages/", {"text": "x", "mark": "nonsense"}).status_code == 400


# --- Rights and walls -------------------------------------------------------------------------------------------------


def test_viewers_read_and_do_not_write(amber: World, day: Day) -> None:
    thread = open_thread(amber, driver=amber.drivers[0].id)
    post(amber.client(), f"threads/{thread['id']}/messages/", {"text": "Hello"}, 201)
    viewer = amber.client("viewer")
    assert len(get(viewer, f"threads/{thread['id']}/messages/")["results"]) == 1
    post(viewer, f"threads/{thread['id']}/messages/", {"text": "Hello"}, 403)
    post(viewer, "messages:broadcast", {"text": "x"}, 403)
    post(viewer, f"threads/{thread['id']}:read", {})


def test_what_belongs_to_another_organization_is_not_there(amber: World, birch: World) -> None:
    theirs = open_thread(birch, driver=birch.drivers[0].id)
    post(amber.client(), f"threads/{theirs['id']}/messages/", {"text": "Hello"}, 404)
    post(amber.client(), f"threads/{theirs['id']}:read", {}, 404)
    post(amber.client(), "threads/", {"driver": str(birch.drivers[0].id)}, 404)
    post(amber.client(), "threads/", {"driver": str(amber.drivers[0].id), "order": str(uuid4())}, 400)
    assert get(amber.client(), "threads/")["results"] == []


def test_the_inbox_is_newest_first_in_pages(amber: World, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_queries, "PAGE", 3)
    with amber.scope():
        orders = distributed(amber, 7).orders
    for number, order in enumerate(orders):
        wall.at = NOW + timedelta(minutes=number)
        thread = open_thread(amber, order=order.id)
        post(amber.client(), f"threads/{thread['id']}/messages/", {"text": f"To {number}"}, 201)
    open_thread(amber, driver=amber.drivers[0].id)  # nothing was written there: not in the inbox
    found: list[str] = []
    path: str | None = "threads/"
    while path:
        page = get(amber.client(), path)
        found += [one["last"]["text"] for one in page["results"]]
        path = page["next"] and page["next"].partition("/api/v1/")[2]
    assert found == [f"To {number}" for number in reversed(range(7))]
    assert get(amber.client(), "threads/?unread=true")["results"] == []
    assert amber.client().get("/api/v1/threads/?cursor=nonsense").status_code == 400


def test_a_member_reads_what_was_there_not_what_came_meanwhile(amber: World, day: Day) -> None:
    phone(amber, line("One"), line("Two"), line("Three"))
    row = get(amber.client(), "threads/?unread=true")["results"][0]
    row = post(amber.client(), f"threads/{row['id']}:read", {"received": 2})
    assert unread(row, amber) == 1
    states = [one["state"] for one in get(amber.client(), f"threads/{row['id']}/messages/")["results"]]
    assert states == ["read", "read", "queued"]
    row = post(amber.client(), f"threads/{row['id']}:read", {"received": 1})
    assert unread(row, amber) == 1, "a mark never goes back"


@given(st.text(max_size=300))
def test_cleaning_leaves_what_can_be_read_and_is_done_once(text: str) -> None:
    clean = message_text.clean(text)
    assert message_text.clean(clean) == clean
    assert "\n\n\n" not in clean
    assert all(char == "\n" or char.isprintable() or char.isspace() or char == "\u200d" for char in clean)
    assert len(message_text.shortened(clean, 40)) <= 40


def test_words_of_any_script_survive_cleaning() -> None:
    for text in ("Çiçekçi Sokağı 3'te bırakın", "اتركه عند الجار", "👨‍👩‍👧 ok", "línea\nuna", "🇹🇷"):
        assert message_text.clean(text) == text
    assert timezone.is_aware(NOW)
