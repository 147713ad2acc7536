"""The recipient's page: what it tells, to whom, and what it never tells."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core import clock, journal
from core.models import Event
from dispatch import states as dispatch_states
from orders import states as order_states
from orders.models import Order
from tests.fixtures import NOW, World
from tests.tracking.conftest import Phone, Wall
from tests.tracking.day import Day, distributed, reload
from tracking import handlers, links, story
from tracking.models import TrackingLink

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALLOWED = {"status", "headline", "window", "eta", "stops_before", "driver", "destination", "delivered",
           "answer", "organization", "at"}


@pytest.fixture(autouse=True)
def _wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wall, "now", NOW)
    monkeypatch.setattr(clock, "now", lambda: Wall.now)


@pytest.fixture
def day(amber: World) -> Day:
    with amber.scope():
        return distributed(amber)


def path_of(world: World, order: Order) -> str:
    with world.scope():
        return links.link_for(order).removeprefix("http://127.0.0.1:8000").removeprefix("http://testserver")


def get(path: str, **headers: Any) -> Any:
    return Client().get("/t/" + path.partition("/t/")[2], **headers)


def state(world: World, order: Order) -> dict[str, Any]:
    answer = get(path_of(world, order) + "state")
    assert answer.status_code == 200
    row: dict[str, Any] = answer.json()
    assert set(row) == ALLOWED
    return row


def test_a_link_is_long_random_and_kept_as_a_hash(amber: World, day: Day) -> None:
    with amber.scope():
        first, again = links.link_for(day.orders[0]), links.link_for(day.orders[0])
        other = links.link_for(day.orders[1])
        rows = list(TrackingLink.objects.all())
    assert first == again != other
    token = first.rstrip("/").rpartition("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert all(token not in (row.token_sha256, row.sealed_token) for row in rows)
    assert f"/t/{amber.organization.slug}/" in first


def test_a_changed_server_key_keeps_sent_links_and_makes_new_ones(amber: World, day: Day, settings: Any) -> None:
    sent = path_of(amber, day.orders[0])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 30 + "new-key-of-the-server" * 2
    assert path_of(amber, day.orders[0]) == sent
    settings.SECRET_KEY_FALLBACKS = []
    assert get(sent).status_code == 200
    fresh = path_of(amber, day.orders[0])
    assert fresh != sent
    assert get(fresh).status_code == 200
    assert get(sent).status_code == 404


def test_the_story_of_a_day(amber: World, phone: Phone, day: Day) -> None:
    first, second, third = day.orders
    row = state(amber, second)
    assert (row["status"], row["driver"], row["eta"], row["stops_before"]) == ("scheduled", None, None, None)
    assert row["window"]["start"] == day.orders[1].promised_start_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    phone.report(day.report("route_started", 0), now=day.at(0))
    phone.moves(day.fix(1, 500), now=day.at(1))
    row = state(amber, second)
    assert (row["status"], row["stops_before"], row["driver"]) == ("out_for_delivery", 1, None)
    assert state(amber, third)["stops_before"] == 2
    row = state(amber, first)
    assert (row["status"], row["headline"]) == ("next", "You are next")
    assert row["driver"]["first_name"] == "Amber"
    assert abs(row["driver"]["lat"] - (amber.depot.lat + 500 / 111_195)) < 0.0005
    start, end = (datetime.fromisoformat(row["eta"][name]) for name in ("start", "end"))
    assert start.minute % 5 == end.minute % 5 == 0
    assert start <= day.at(5) <= end
    phone.report(day.report("arrived", 5, day.stops[0]), now=day.at(5))
    assert state(amber, first)["status"] == "arrived"
    phone.report(
        day.report("attempted", 6, day.stops[0], data={"outcome": "delivered_to_recipient", "name": "Ada"}),
        now=day.at(6))
    row = state(amber, first)
    assert (row["status"], row["driver"], row["destination"]) == ("delivered", None, None)
    assert row["delivered"]["outcome"] == "delivered_to_recipient"
    phone.report(day.report("departed", 7, day.stops[0]), now=day.at(7))
    assert state(amber, second)["status"] == "next"
    phone.report(day.report("attempted", 12, day.stops[1], data={"outcome": "failed_not_home"}), now=day.at(12))
    row = state(amber, second)
    assert (row["status"], row["driver"], row["delivered"]) == ("failed", None, None)
    page = get(path_of(amber, second)).content.decode()
    assert "Nobody was there" in page
    assert "another day" in page


def test_the_van_is_seen_only_by_whom_it_is_coming_to(amber: World, phone: Phone, day: Day) -> None:
    """Over all of the day, at most one page shows the driver, and it is that of the stop headed for."""
    steps: list[list[dict[str, Any]]] = [[day.report("route_started", 0)]]
    for number, stop in enumerate(day.stops):
        at = 5 + 10 * number
        steps += [[day.report("arrived", at, stop)],
                  [day.report("attempted", at + 1, stop, data={"outcome": "delivered_to_recipient"})],
                  [day.report("departed", at + 2, stop)]]
    for step in steps:
        minutes = float(step[0]["sequence"]) / 60
        phone.report(*step, now=day.at(minutes))
        phone.moves(day.fix(minutes + 0.5, 300 * minutes), now=day.at(minutes + 0.5))
        with amber.scope():
            heading_for = [stop.id for stop in map(reload, day.stops) if stop.status in ("next", "arrived")]
        shown = [stop.id for stop, order in zip(day.stops, day.orders, strict=True) if state(amber, order)["driver"]]
        assert shown == heading_for


def test_a_page_says_it_all_without_javascript_and_keeps_to_itself(amber: World, phone: Phone, day: Day) -> None:
    phone.report(day.report("route_started", 0), now=day.at(0))
    path = path_of(amber, day.orders[0])
    with amber.scope():
        before = Event.objects.count(), TrackingLink.objects.get(order=day.orders[0])
    answer = get(path)
    page = answer.content.decode()
    assert "You are next" in page
    assert "Amber Logistics" in page
    assert 'href="tel:+4962210000"' in page
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert 'http-equiv="refresh"' in page
    for secret in (day.orders[1].recipient_name, day.orders[0].recipient_email, day.orders[0].recipient_phone,
                   day.orders[0].reference, str(day.orders[0].id), amber.drivers[0].phone, amber.drivers[0].name,
                   day.orders[1].place.line):
        assert secret not in page
    assert not re.findall(r'(?:src|href)="https?://', page)
    head = Client().head("/t/" + path.partition("/t/")[2])
    assert head.status_code == 200
    with amber.scope():
        after = Event.objects.count(), TrackingLink.objects.get(order=day.orders[0])
        assert after[0] == before[0]
        assert after[1].expires_at is None


def test_unknown_expired_revoked_and_foreign_links_are_the_same(amber: World, birch: World, day: Day) -> None:
    real = path_of(amber, day.orders[0])
    token = real.rstrip("/").rpartition("/")[2]
    expired, revoked = path_of(amber, day.orders[1]), path_of(amber, day.orders[2])
    with amber.scope():
        TrackingLink.objects.filter(order=day.orders[1]).update(expires_at=clock.now() - timedelta(seconds=1))
        links.revoke(day.orders[2], at=clock.now())
    wrong = [f"/t/amber/{'A' * 32}/", f"/t/nobody/{token}/", f"/t/birch/{token}/", f"/t/amber/{token[:-1]}/",
             f"/t/amber/{token}%00/", expired, revoked]
    answers = []
    for path in wrong:
        cache.clear()
        answers.append(get(path))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    cache.clear()
    bodies = {get(path + "state").content for path in wrong[:4]}
    assert len(bodies) == 1
    cache.clear()
    assert get(real).status_code == 200


def test_ten_misses_a_minute_close_the_door_for_that_address(amber: World, day: Day) -> None:
    real = path_of(amber, day.orders[0])
    codes = [get(f"/t/amber/{number:032d}/").status_code for number in range(11)]
    assert codes == [404] * 10 + [429]
    answer = get(real)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert get(real, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_links_open_with_the_distribution_and_end_three_days_after_the_order(amber: World, day: Day) -> None:
    with amber.scope():
        events = journal.record_many(day.stops, "allocated", by=amber.dispatcher, at=NOW)
        for _ in range(2):
            handlers.on_stop_allocated(events)
        assert TrackingLink.objects.count() == 3
        assert set(TrackingLink.objects.values_list("expires_at", flat=True)) == {None}
        order = reload(day.orders[0])
        event = journal.transition(order, "cancelled", by=amber.dispatcher, at=NOW)
        handlers.on_order_end([event])
        assert TrackingLink.objects.get(order=order).expires_at == NOW + timedelta(hours=72)
    assert state(amber, order)["status"] == "cancelled"


def test_a_stop_taken_off_by_hand_brings_the_others_forward(amber: World, phone: Phone, day: Day) -> None:
    phone.report(day.report("route_started", 0), now=day.at(0))
    phone.moves(day.fix(0.1, 0), now=day.at(0.1))
    with amber.scope():
        before = reload(day.stops[2]).eta_at
        stop = reload(day.stops[1])
        stop.route = stop.position = None
        event = journal.transition(stop, "unassigned", by=amber.dispatcher, at=NOW, changes=["route", "position"])
        handlers.on_route_disturbed([event])
        sooner = before - reload(day.stops[2]).eta_at
    assert timedelta(minutes=2.5) < sooner < timedelta(minutes=5)


FACTS = st.builds(
    story.Facts, order_status=st.sampled_from(order_states.ORDER.states),
    stop_status=st.none() | st.sampled_from(dispatch_states.STOP.states), now=st.just(NOON), zone=st.just(BERLIN),
    window=st.none() | st.just((NOON, NOON + timedelta(hours=2))),
    eta_at=st.none() | st.integers(-600, 40_000).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    stops_before=st.none() | st.integers(0, 40),
    driver=st.none() | st.just(story.Driver("Ada", "Van 1", 49.4, 8.7, 90.0, NOON)),
    destination=st.none() | st.just((49.41, 8.71)), city=st.sampled_from(["", "Heidelberg"]),
    attempt=st.none() | st.builds(
        story.Attempt, st.sampled_from(dispatch_states.OUTCOMES), st.booleans(), st.just(NOON)),
    organization=st.just("Amber Logistics"),
)


@given(facts=FACTS)
def test_every_state_has_its_words(facts: story.Facts) -> None:
    told = story.tell(facts)
    assert told.headline
    assert told.detail.endswith(".")
    assert "_" not in told.headline + told.detail
    if told.driver is not None:
        assert facts.order_status == "out_for_delivery"
        assert facts.stop_status in ("next", "arrived")
    if told.eta is not None:
        assert told.eta[0] < told.eta[1]
        assert told.eta[0].minute % 5 == told.eta[1].minute % 5 == 0
    assert told.step is None or 0 <= told.step <= len(story.STEPS)


@given(minutes=st.integers(0, 600), more=st.integers(1, 120))
def test_the_farther_away_the_wider(minutes: int, more: int) -> None:
    near = story.eta_window(NOON + timedelta(minutes=minutes), NOON)
    far = story.eta_window(NOON + timedelta(minutes=minutes + more), NOON)
    assert near[0] <= NOON + timedelta(minutes=minutes) <= near[1]
    assert far[1] - far[0] >= near[1] - near[0] - timedelta(minutes=5)
    assert NOON - timedelta(minutes=5) < near[0]


@pytest.mark.parametrize("outcome", dispatch_states.OUTCOMES)
def test_every_outcome_has_a_sentence(outcome: str) -> None:
    assert outcome in {**story.FAILED, **story.HANDED}


def test_the_json_on_the_page_is_the_state(amber: World, day: Day) -> None:
    page = get(path_of(amber, day.orders[0])).content.decode()
    found = re.search(r'<script id="state-row" type="application/json">(.*?)</script>', page)
    assert found is not None
    assert set(json.loads(found[1])) == ALLOWED
