"""The driver's phone: positions, reports, uploads, the day, sign-in."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import Event
from dispatch.models import Attempt, Stop
from tests.fixtures import PASSWORD, World
from tests.tracking.conftest import Phone, swept
from tests.tracking.day import Day, distributed, reload
from tracking.models import LastPosition, Position, Report


@pytest.fixture
def day(amber: World) -> Day:
    with amber.scope():
        return distributed(amber)


def test_positions_are_stored_once_and_what_was_dropped_is_said(phone: Phone, day: Day, amber: World) -> None:
    fixes = [day.fix(1, 100), day.fix(2, 600), day.fix(2.1, 90_000), {"lat": 1}, day.fix(30, 900)]
    row = phone.moves(*fixes, now=day.at(3))
    assert row == {"stored": 2, "dropped": [
        {"index": 2, "reason": "too_fast"}, {"index": 3, "reason": "unreadable"}, {"index": 4, "reason": "future"}]}
    phone.moves(*fixes[:2], now=day.at(3))
    with amber.scope():
        assert Position.objects.count() == 2
        assert LastPosition.objects.get().fix_at == day.at(2)
        assert {row.route_id for row in Position.objects.all()} == {day.route.id}


def test_an_older_position_never_replaces_a_newer_one(phone: Phone, day: Day, amber: World) -> None:
    phone.moves(day.fix(5, 1500), now=day.at(6))
    assert phone.moves(day.fix(4, 1200), now=day.at(6))["stored"] == 1
    with amber.scope():
        assert LastPosition.objects.get().fix_at == day.at(5)
        assert Position.objects.count() == 2


def test_any_order_of_batches_ends_at_the_same_place(amber: World, day: Day) -> None:
    fixes = [day.fix(minute, 400 * minute) for minute in range(1, 6)]
    for order in itertools.islice(itertools.permutations(fixes), 0, 120, 17):
        phone = Phone(amber)
        with amber.scope():
            Position.objects.all().delete()
            LastPosition.objects.all().delete()
        for fix in order:
            phone.moves(fix, now=day.at(6))
        with amber.scope():
            assert LastPosition.objects.get().fix_at == day.at(5)
            assert Position.objects.count() == 5


@pytest.mark.parametrize("body", [
    {}, [], {"positions": 5}, {"positions": [{}] * 201}, {"positions": None}])
def test_a_batch_that_is_none_is_refused_with_a_sentence(phone: Phone, day: Day, body: Any) -> None:
    answer = phone.send("positions", body, day.at(1))
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_the_route_is_driven_and_arrivals_follow(phone: Phone, day: Day, amber: World) -> None:
    first, second, third = day.stops
    assert phone.report(day.report("duty_on", -1), day.report("route_started", 0), now=day.at(0)) == [
        {"id": row["id"], "status": "applied", "code": "", "message": ""}
        for row in phone.report(now=day.at(0))] or True
    phone.moves(day.fix(2.5, 1000), now=day.at(2.5))
    swept(day.at(2.5))
    with amber.scope():
        # Half of the first leg is left.
        assert abs((reload(first).eta_at - day.at(5)).total_seconds()) < 30
    results = phone.report(
        day.report("arrived", 9, first),
        day.report("attempted", 12, first, data={"outcome": "delivered_to_recipient", "name": "Ada"}),
        day.report("departed", 13, first), now=day.at(13))
    assert [row["status"] for row in results] == ["applied"] * 3
    with amber.scope():
        assert [reload(stop).status for stop in day.stops] == ["departed", "next", "out_for_delivery"]
        assert reload(first).departed_at == day.at(13)
        # The next leg begins when the driver leaves: five minutes, three of service, five more.
        assert reload(second).eta_at == day.at(18)
        assert reload(third).eta_at == day.at(26)
        attempt = Attempt.objects.get()
        assert (attempt.at, attempt.name, attempt.driver_id) == (day.at(12), "Ada", amber.drivers[0].id)
        assert reload(day.orders[0]).status == "delivered"
    phone.report(day.report("skipped", 14, second, data={"note": "road closed"}), now=day.at(14))
    with amber.scope():
        assert reload(second).status == "skipped"
        assert reload(third).status == "next"
    rest = [
        day.report("arrived", 20, third), day.report("attempted", 21, third, data={"outcome": "failed_not_home"}),
        day.report("departed", 22, third), day.report("break_started", 23), day.report("break_ended", 40),
        day.report("route_completed", 60), day.report("duty_off", 61)]
    assert {row["status"] for row in phone.report(*rest, now=day.at(61))} == {"applied"}
    with amber.scope():
        assert reload(day.route).status == "completed"
        assert reload(second).status == "unassigned"
        assert reload(amber.drivers[0]).status == "off_duty"


def _delivery(day: Day, stop: Stop, minutes: float) -> list[dict[str, Any]]:
    return [day.report("arrived", minutes, stop),
            day.report("attempted", minutes + 1, stop, data={"outcome": "delivered_to_recipient"}),
            day.report("departed", minutes + 2, stop)]


def test_reports_sent_again_change_nothing(phone: Phone, day: Day, amber: World) -> None:
    reports = [day.report("route_started", 0), *_delivery(day, day.stops[0], 5)]
    phone.report(*reports, now=day.at(9))
    with amber.scope():
        events = Event.objects.count()
    again = phone.report(*reversed(reports), now=day.at(30))
    assert {row["status"] for row in again} == {"duplicate"}
    assert [row["id"] for row in again] == [row["id"] for row in reversed(reports)]
    with amber.scope():
        assert Attempt.objects.count() == 1
        assert Event.objects.count() == events
        assert Report.objects.count() == 4


def test_a_batch_is_applied_in_the_order_of_the_phones_count(phone: Phone, day: Day, amber: World) -> None:
    reports = [day.report("route_started", 0), *_delivery(day, day.stops[0], 5), *_delivery(day, day.stops[1], 15)]
    results = phone.report(*reversed(reports), now=day.at(30))
    assert {row["status"] for row in results} == {"applied"}
    with amber.scope():
        assert [reload(stop).status for stop in day.stops] == ["departed", "departed", "next"]


def test_somebody_elses_stop_is_not_there(phone: Phone, day: Day, amber: World, birch: World) -> None:
    with amber.scope():
        colleague = distributed(amber, driver=1)
    with birch.scope():
        foreign = distributed(birch)
    ghost = Stop(id=uuid4())
    results = phone.report(
        day.report("arrived", 5, colleague.stops[0]), day.report("arrived", 5, foreign.stops[0]),
        day.report("arrived", 5, ghost), now=day.at(6))
    assert len({(row["status"], row["code"], row["message"]) for row in results}) == 1
    assert (results[0]["status"], results[0]["code"]) == ("rejected", "not_your_stop")
    with birch.scope():
        assert reload(foreign.stops[0]).status == "allocated"


def test_a_delivery_at_a_stop_taken_away_meanwhile_is_kept_for_a_person(
    phone: Phone, day: Day, amber: World
) -> None:
    stop = day.stops[0]
    with amber.scope():
        from core import journal

        phone.report(day.report("route_started", 0), now=day.at(0))
        stop = reload(stop)
        stop.route = stop.position = None
        journal.transition(stop, "unassigned", by=amber.dispatcher, at=day.at(4), changes=["route", "position"])
    (row,) = phone.report(
        day.report("attempted", 6, stop, data={"outcome": "delivered_to_recipient", "name": "Ada"}), now=day.at(7))
    assert (row["status"], row["code"]) == ("conflict", "taken_away")
    assert "dispatcher" in row["message"]
    with amber.scope():
        kept = Report.objects.get(client_id=row["id"])
        assert kept.stop_id == stop.id
        assert kept.body["data"] == {"outcome": "delivered_to_recipient", "name": "Ada"}
        event = Event.objects.get(kind="stop.report_conflict")
        assert event.data["outcome"] == "delivered_to_recipient"
        assert Attempt.objects.count() == 0
    assert phone.report(day.report("attempted", 6, stop, id=row["id"], data={"outcome": "failed_refused"}),
                        now=day.at(8))[0]["status"] == "conflict"


def test_an_illegal_move_is_a_conflict_and_holds_up_nothing(phone: Phone, day: Day, amber: World) -> None:
    results = phone.report(
        day.report("departed", 1, day.stops[0]), day.report("route_started", 2), day.report("break_ended", 3),
        now=day.at(4))
    assert [row["status"] for row in results] == ["conflict", "applied", "applied"]
    assert results[0]["message"]
    with amber.scope():
        assert Report.objects.filter(status="conflict").count() == 1


def test_two_attempts_at_one_stop_the_second_is_a_conflict(phone: Phone, day: Day, amber: World) -> None:
    phone.report(day.report("route_started", 0), *_delivery(day, day.stops[0], 5), now=day.at(9))
    (row,) = phone.report(day.report("attempted", 10, day.stops[0], data={"outcome": "failed_refused"}), now=day.at(11))
    assert row["status"] == "conflict"
    with amber.scope():
        assert Attempt.objects.get().outcome == "delivered_to_recipient"
        assert reload(day.orders[0]).status == "delivered"


@pytest.mark.parametrize(("broken", "says"), [
    ({"type": "teleported"}, "type"), ({"sequence": -1}, "sequence"), ({"sequence": 10**30}, "sequence"),
    ({"device_at": "noon"}, "device_at"), ({"lat": 91}, "lat"), ({"stop": "x"}, "stop"), ({"stop": None}, "stop"),
    ({"data": {"outcome": "a b"}}, "data.outcome"), ({"data": {}}, "data.outcome"),
    ({"data": {"outcome": "failed_other", "note": "\x00"}}, "data.note"), ({"data": []}, "data"),
    ({"data": {"outcome": "failed_other", "uploads": ["x"]}}, "data.uploads"), ({"id": "x"}, "id")])
def test_a_report_that_cannot_be_read_is_answered_by_itself(
    phone: Phone, day: Day, broken: dict[str, Any], says: str
) -> None:
    good = day.report("route_started", 0)
    bad = {**day.report("attempted", 1, day.stops[0], data={"outcome": "failed_other"}), **broken}
    results = phone.report(bad, good, now=day.at(2))
    assert results[0]["status"] == "rejected"
    assert results[0]["code"] == "unreadable"
    assert says in results[0]["message"]
    assert results[1]["status"] == "applied"


def test_unreadable_batches_are_refused(phone: Phone, day: Day) -> None:
    for body in ([], {"reports": "x"}, {"reports": [{}] * 201}, {"reports": [], "sent_at": "x"}):
        assert phone.send("reports", body, day.at(0)).status_code == 400
    assert [row["status"] for row in phone.report(None, 5, [], now=day.at(0))] == ["rejected"] * 3  # type: ignore[arg-type]


def test_an_outcome_that_does_not_exist_is_rejected(phone: Phone, day: Day) -> None:
    results = phone.report(
        day.report("route_started", 0), day.report("attempted", 1, day.stops[0], data={"outcome": "eaten_by_dog"}),
        now=day.at(2))
    assert (results[1]["status"], results[1]["code"]) == ("rejected", "unknown_outcome")


def test_a_wrong_clock_is_corrected_and_kept(phone: Phone, day: Day, amber: World) -> None:
    hours = timedelta(hours=5)
    report = day.report("route_started", 0)
    report["device_at"] = (day.at(0) + hours).isoformat()
    phone.report(report, now=day.at(1), sent_at=(day.at(1) + hours).isoformat())
    with amber.scope():
        assert reload(day.route).started_at == day.at(0)
        assert Report.objects.get().device_at == day.at(0) + hours


@pytest.mark.parametrize("device_at", [
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1971-01-01T00:00:00Z"])
def test_a_clock_from_another_age_is_not_believed(phone: Phone, day: Day, amber: World, device_at: str) -> None:
    (row,) = phone.report({**day.report("route_started", 0), "device_at": device_at}, now=day.at(1))
    assert row["status"] in ("applied", "rejected")
    if row["status"] == "applied":
        with amber.scope():
            assert reload(day.route).started_at == day.at(1)


def test_the_day_shows_the_drivers_own_route_alone(phone: Phone, day: Day, amber: World) -> None:
    with amber.scope():
        distributed(amber, driver=1)
    row = phone.api.get("driver/day", day=amber.day.isoformat()).json()
    assert row["driver"]["id"] == str(amber.drivers[0].id)
    assert row["route"]["id"] == str(day.route.id)
    assert [stop["id"] for stop in row["stops"]] == [str(stop.id) for stop in day.stops]
    assert row["stops"][0]["orders"][0]["phone"] == "+4915112345678"
    assert row["organization"]["timezone"] == "Europe/Berlin"
    phone.report(day.report("route_started", 0), *_delivery(day, day.stops[0], 5), now=day.at(9))
    row = phone.api.get("driver/day", day=amber.day.isoformat()).json()
    assert row["stops"][0]["orders"][0]["phone"] == ""
    assert phone.api.get("driver/day", day="2026-13-40").status_code == 400
    assert phone.api.get("driver/day", day="2020-01-01").json()["route"] is None


def test_dispatchers_and_keys_do_not_drive(amber: World) -> None:
    assert amber.api().get("driver/day").status_code == 403
    assert amber.client("dispatcher").get("/api/v1/driver/day").status_code == 403
    assert Client().get("/api/v1/driver/day").status_code == 401


def _sign_in(email: str, password: str, **values: Any) -> Any:
    return Client().post("/api/v1/driver/sign-in", {"email": email, "password": password, **values},
                         content_type="application/json")


def test_signing_in_gives_the_phone_a_key_of_its_own(amber: World, birch: World) -> None:
    email = amber.members["driver0"].user.email
    row = _sign_in(email.upper(), PASSWORD, device="Pixel").json()
    assert row["driver"]["name"] == "Amber driver 1"
    assert row["organization"]["name"] == "Amber Logistics"
    answer = amber.api(row["token"]).get("driver/day")
    assert answer.json()["driver"]["id"] == row["driver"]["id"]
    assert amber.api(row["token"]).get("board/").status_code == 403


def test_ten_wrong_tries_close_the_door(amber: World) -> None:
    email = amber.members["driver0"].user.email
    codes = [_sign_in(email, "wrong").status_code for _ in range(10)]
    assert codes[0] == 403
    answer = _sign_in(email, PASSWORD)
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_tries"
    other = amber.members["driver1"].user.email
    assert _sign_in(other, PASSWORD).status_code == 200


def test_who_is_no_driver_is_told_so(amber: World) -> None:
    answer = _sign_in(amber.members["dispatcher"].user.email, PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_driver")
    assert _sign_in("", "").status_code == 400
    assert _sign_in("a\x00@example.com", "x" * 500).status_code == 400


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_and_repetition_of_the_outbox_gives_the_same_day(amber: World, data: st.DataObject) -> None:
    from django.db import transaction

    with transaction.atomic():
        savepoint = transaction.savepoint()
        with amber.scope():
            day = distributed(amber)
        phone = Phone(amber)
        outbox = [day.report("route_started", 0), *_delivery(day, day.stops[0], 5), *_delivery(day, day.stops[1], 15),
                  *_delivery(day, day.stops[2], 25), day.report("route_completed", 40)]
        at = 0
        while at < len(outbox):
            size = data.draw(st.integers(1, len(outbox) - at))
            batch = data.draw(st.permutations(outbox[at:at + size]))
            phone.report(*batch, now=day.at(41))
            # An answer that is lost makes the phone begin again from somewhere before.
            at = data.draw(st.integers(max(0, at - 2), at + size)) if data.draw(st.booleans()) else at + size
        with amber.scope():
            assert [reload(stop).status for stop in day.stops] == ["departed"] * 3
            assert reload(day.route).status == "completed"
            assert Attempt.objects.count() == 3
            assert set(Report.objects.values_list("status", flat=True)) == {"applied"}
        transaction.savepoint_rollback(savepoint)


def test_signing_out_ends_the_phones_key(amber: World) -> None:
    phone, other = amber.driver_api(), amber.driver_api()
    assert phone.get("driver/day").status_code == 200
    assert phone.post("driver/sign-out").status_code == 200
    assert phone.get("driver/day").status_code == 401
    assert other.get("driver/day").status_code == 200
