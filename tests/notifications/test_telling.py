"""Who is told what, once, and what becomes of a message on its way out."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from core import clock, journal
from core.models import Event
from dispatch.actions import driving
from notifications import actions, channels, handlers, hearing, tasks
from notifications.models import Message, Promise
from orders.actions import answering
from orders.models import Order
from tests.fixtures import NOW, World
from tests.tracking.day import Day, distributed, reload


@pytest.fixture(autouse=True)
def _wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def day(amber: World) -> Day:
    with amber.scope():
        return distributed(amber)


def heard(*kinds: str) -> list[Event]:
    return list(Event.objects.filter(kind__in=kinds or handlers.KINDS).order_by("id"))


def told(template: str) -> list[Message]:
    return list(Message.objects.filter(template=template).select_related("order").order_by("id"))


def allocate(day: Day) -> None:
    journal.record_many(day.stops, "allocated", by=day.world.dispatcher, at=NOW)
    handlers.on_tellable(heard("stop.allocated"))


def test_a_distributed_order_is_promised_its_window_once(amber: World, day: Day) -> None:
    with amber.scope():
        allocate(day)
        handlers.on_tellable(heard("stop.allocated"))
        assert [message.order.reference for message in told("planned")] == ["A0-1", "A0-2", "A0-3"]
        message = told("planned")[0]
        assert (message.channel, message.to, message.status) == ("email", "a0-1@example.com", "queued")
        # 09:05 local time, promised from half an hour before to an hour and a half after.
        assert message.subject == "Your delivery is planned for today, 08:35 – 10:35"
        assert "between 08:35 and 10:35" in message.text
        assert f"/t/{amber.organization.slug}/" in message.text
        assert "08:35 – 10:35" in message.html
        promise = Promise.objects.get(order=day.orders[0])
        assert (promise.kind, promise.start_at, promise.end_at, promise.message_id) == (
            "window", day.orders[0].promised_start_at, day.orders[0].promised_end_at, message.id)
        # Sent to another driver within the same window: nothing new to say. Another window is news.
        allocate(day)
        assert len(told("planned")) == 3
        order = reload(day.orders[0])
        order.promised_end_at += timedelta(hours=1)
        order.save()
        allocate(day)
        assert [message.order_id for message in told("planned")[3:]] == [order.id]


def test_who_is_to_confirm_is_asked_with_the_plan_and_again(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 2, confirmation_required=True)
        answering.answer(day.orders[1], "confirmed", by=amber.dispatcher, at=NOW)
        allocate(day)
        asked, answered = told("planned")
        assert "whether you will be there" in asked.text and "Say whether you will be there" in asked.html
        assert "whether you will be there" not in answered.text + answered.html
        answering.ask(day.orders[0], by=amber.dispatcher, at=NOW)
        for _ in range(2):
            handlers.on_tellable(heard("order.confirmation_asked"))
        (message,) = told("confirm")
        assert (message.channel, message.order_id) == ("sms", day.orders[0].id)
        assert message.text.startswith("Amber Logistics: will you be there today between 08:35 and 10:35? Say so here:")
        assert f"/t/{amber.organization.slug}/" in message.text
        Order.objects.filter(id=day.orders[1].id).update(recipient_phone="")
        answering.ask(day.orders[1], by=amber.dispatcher, at=NOW)
        handlers.on_tellable(heard("order.confirmation_asked"))
        mailed = told("confirm")[1]
        assert (mailed.channel, mailed.subject) == ("email", "Will you be there? Your delivery today, 08:43 – 10:43")
        assert "/t/amber/" in mailed.text and "/t/amber/" in mailed.html
        # The driver has been there meanwhile: nobody is asked any more.
        Order.objects.filter(id=day.orders[0].id).update(status="delivered")
        day.orders[0].refresh_from_db()
        journal.record(day.orders[0], answering.ASKED, by=amber.dispatcher, at=NOW)
        handlers.on_tellable(heard("order.confirmation_asked"))
        assert len(told("confirm")) == 2


def test_a_day_is_told_as_it_happens(amber: World, day: Day) -> None:
    first, second, _ = day.stops
    driver = amber.dispatcher
    with amber.scope():
        driving.start_route(day.route, by=driver, at=day.at(0))
        handlers.on_tellable(heard())
        assert [message.order_id for message in told("on_its_way")] == [day.orders[1].id, day.orders[2].id]
        assert [message.order_id for message in told("next")] == [day.orders[0].id]
        assert told("next")[0].channel == "sms"
        assert told("next")[0].to == "+4915112345678"
        assert "you are next, expected" in told("next")[0].text
        assert set(Promise.objects.values_list("kind", flat=True)) == {"eta"}
        stop = reload(first)
        driving.record_attempt(stop, outcomes={day.orders[0].id: "delivered_to_third_party"}, name="Ada",
                               report_id=stop.id, by=driver, at=day.at(6), device_at=day.at(6))
        driving.depart(reload(first), by=driver, at=day.at(7))
        handlers.on_tellable(heard())
        (delivered,) = told("delivered")
        assert delivered.subject == "Delivered at 09:06"
        assert "Handed to somebody near you at 09:06, received by Ada." in delivered.text
        stop = reload(second)
        driving.record_attempt(stop, outcomes={day.orders[1].id: "failed_not_home"}, report_id=stop.id, by=driver,
                               at=day.at(12), device_at=day.at(12))
        driving.depart(reload(second), by=driver, at=day.at(13))
        handlers.on_tellable(heard())
        (failed,) = told("failed")
        assert "Nobody was there to take it." in failed.text
        assert len(told("next")) == 3
        count = Message.objects.count()
        # The relay may run a handler twice, over any cut of the events.
        for event in reversed(heard()):
            handlers.on_tellable([event])
        assert Message.objects.count() == count == 7


def test_what_was_reported_late_is_not_told_as_news(amber: World, day: Day) -> None:
    with amber.scope():
        driving.start_route(day.route, by=amber.dispatcher, at=day.at(0))
        stop = reload(day.stops[0])
        driving.record_attempt(stop, outcomes={day.orders[0].id: "delivered_to_recipient"}, report_id=stop.id,
                               by=amber.dispatcher, at=day.at(6), device_at=day.at(6))
        handlers.on_tellable(heard())
        assert {message.template for message in Message.objects.filter(order=day.orders[0])} == {"delivered"}


def test_a_cancellation_is_told_only_to_who_expected_something(amber: World, day: Day) -> None:
    with amber.scope():
        journal.record(day.stops[0], "allocated", by=amber.dispatcher, at=NOW)
        handlers.on_tellable(heard("stop.allocated"))
        for order in day.orders[:2]:
            journal.transition(reload(order), "cancelled", by=amber.dispatcher, at=NOW)
        handlers.on_tellable(heard("order.cancelled"))
        assert [message.order_id for message in told("cancelled")] == [day.orders[0].id]
        assert "/t/" not in told("cancelled")[0].text


@pytest.mark.parametrize(("email", "phone", "expected"), [
    ("ada@example.com", "+49301", "email"), ("", "+49301", "sms"), ("ada@example.com", "", "email"), ("", "", None)])
def test_the_channel_is_the_first_that_reaches(amber: World, email: str, phone: str, expected: str | None) -> None:
    with amber.scope():
        day = distributed(amber, 1)
        order = day.orders[0]
        order.recipient_email, order.recipient_phone = email, phone
        order.save()
        allocate(day)
        assert [message.channel for message in told("planned")] == ([expected] if expected else [])
        if expected == "sms":
            assert told("planned")[0].html == ""
            assert len(told("planned")[0].text) < 200


def test_a_pin_is_told_with_the_window_and_not_after(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 1, proof_required="pin", pin="4711")
        allocate(day)
        assert "4711" in told("planned")[0].text
        assert "4711" in told("planned")[0].html
        driving.start_route(day.route, by=amber.dispatcher, at=day.at(0))
        stop = reload(day.stops[0])
        driving.record_attempt(stop, outcomes={day.orders[0].id: "delivered_to_recipient"}, pin="4711",
                               report_id=stop.id, by=amber.dispatcher, at=day.at(6), device_at=day.at(6))
        handlers.on_tellable(heard())
        assert "4711" not in told("delivered")[0].text + told("delivered")[0].html


def test_names_cannot_write_markup_or_headers(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 1, recipient_name="<b>Ada</b> & {{ x }}")
        amber.organization.name = "Amber\r\nBcc: all@example.com <Logistics>"
        amber.organization.save()
        allocate(day)
        message = told("planned")[0]
        assert "Hello <b>Ada</b> & {{ x }}," in message.text
        assert "<Logistics>" not in message.html
        assert channels.one_line(amber.organization.name) == "Amber Bcc: all@example.com <Logistics>"


def test_every_telling_has_its_words_on_each_channel(amber: World, day: Day) -> None:
    from django.template.loader import get_template

    for telling in hearing.HEARING.values():
        for suffix in ("txt", "html", "sms.txt"):
            assert get_template(f"notifications/{telling.template}.{suffix}")


def test_nobody_elses_orders_are_told(amber: World, birch: World, day: Day) -> None:
    with amber.scope():
        journal.record_many(day.stops, "allocated", by=amber.dispatcher, at=NOW)
        events = heard("stop.allocated")
    with birch.scope():
        handlers.on_tellable(events)
        assert not Message.objects.exists()


def queued(amber: World, day: Day, channel: str = "email") -> Message:
    with amber.scope():
        if channel == "sms":
            for order in day.orders:
                order.recipient_email = ""
                order.save()
        journal.record(day.stops[0], "allocated", by=amber.dispatcher, at=NOW)
        handlers.on_tellable(heard("stop.allocated"))
        return told("planned")[0]


def now_due(amber: World) -> None:
    with amber.scope():
        Message.objects.update(due_at=timezone.now())


def test_mail_goes_out_once_in_the_organizations_name(amber: World, day: Day, settings: Any) -> None:
    settings.MAIL = "smtp://mail.example.com"
    message = queued(amber, day)
    assert actions.send_due(amber.organization.id) == 1
    assert actions.send_due(amber.organization.id) == 0
    (sent,) = mail.outbox
    assert sent.to == ["a0-1@example.com"]
    assert sent.from_email.startswith("Amber Logistics <no-reply@")
    assert sent.subject == message.subject
    assert sent.alternatives[0][1] == "text/html"
    with amber.scope():
        row = reload(message)
        assert (row.status, row.tries, row.error) == ("sent", 1, "")
        assert row.sent_at is not None


def test_the_sweep_sends_what_no_worker_was_woken_for(amber: World, birch: World, day: Day) -> None:
    message = queued(amber, day)
    tasks.sweep()
    with amber.scope():
        assert reload(message).status == "sent"


def _raiser(error: Exception) -> Callable[..., None]:
    def send(self: Any, *args: Any, **kwargs: Any) -> None:
        raise error
    return send


@pytest.mark.parametrize(("error", "final"), [
    (ConnectionRefusedError(), False), (TimeoutError(), False), (smtplib.SMTPServerDisconnected("x"), False),
    (smtplib.SMTPDataError(451, b"later"), False), (smtplib.SMTPDataError(554, b"no"), True),
    (smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}), True),
    (smtplib.SMTPRecipientsRefused({"a": (450, b"busy")}), False)])
def test_what_cannot_be_sent_is_tried_again_or_given_up(
    amber: World, day: Day, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, final: bool
) -> None:
    settings.MAIL = "smtp://mail.example.com"
    message = queued(amber, day)
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", _raiser(error))
    assert actions.send_due(amber.organization.id) == 0
    with amber.scope():
        row = reload(message)
    assert row.error
    if final:
        assert (row.status, row.tries) == ("failed", 1)
        return
    assert row.status == "queued"
    assert row.due_at > timezone.now() + timedelta(seconds=20)
    pauses: list[datetime] = [row.due_at]
    for _ in range(actions.MOST_TRIES - 1):
        now_due(amber)
        actions.send_due(amber.organization.id)
        with amber.scope():
            pauses.append(reload(message).due_at)
    with amber.scope():
        row = reload(message)
    assert (row.status, row.tries) == ("failed", actions.MOST_TRIES)
    assert actions.send_due(amber.organization.id) == 0


def test_a_worker_that_died_leaves_the_message_to_the_next(amber: World, day: Day) -> None:
    message = queued(amber, day)
    with amber.scope():
        (claimed,) = actions.claim(timezone.now())
        assert actions.claim(timezone.now()) == []
        assert actions.claim(timezone.now() + actions.LEASE) == [claimed]
        assert reload(message).tries == 2


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """An SMS service: its address, what it was sent, and the codes it answers."""
    taken: list[dict[str, Any]] = []
    codes: list[int] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(codes.pop(0) if codes else 200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http:http://127.0.0.1:{server.server_port}/send", taken, codes
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_sms_goes_to_the_service(
    amber: World, day: Day, settings: Any, gateway: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    settings.SMS, taken, codes = gateway
    message = queued(amber, day, "sms")
    codes += [503, 200]
    assert actions.send_due(amber.organization.id) == 0
    now_due(amber)
    assert actions.send_due(amber.organization.id) == 1
    assert taken[1] == {"id": str(message.id), "to": "+4915112345678", "from": "Amber Logis", "text": message.text}
    assert taken[0] == taken[1]


def test_a_refused_number_is_given_up_at_once(
    amber: World, day: Day, settings: Any, gateway: tuple[str, list[dict[str, Any]], list[int]]
) -> None:
    settings.SMS, _, codes = gateway
    message = queued(amber, day, "sms")
    codes += [400]
    actions.send_due(amber.organization.id)
    with amber.scope():
        assert reload(message).status == "failed"
        assert "400" in reload(message).error


def test_without_a_way_out_a_production_house_says_so(amber: World, day: Day, settings: Any) -> None:
    settings.DEVELOPMENT = settings.TESTING = False
    message = queued(amber, day)
    actions.send_due(amber.organization.id)
    with amber.scope():
        assert reload(message).status == "failed"
        assert "set up" in reload(message).error
