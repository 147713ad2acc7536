"""The day's hand-over agrees with the insights of the day, and keeps what people wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics import handover
from analytics.models import HandoverNote
from dispatch import queries
from dispatch.actions import plans
from lastmile import relay
from tests.dispatch.paper_text import text_of
from tests.dispatch.test_day import drive, solve
from tests.fixtures import NOW, World, located_order
from tracking.models import DayException

pytestmark = pytest.mark.django_db
DAY = "2026-11-23"


@pytest.fixture
def driven(amber: World) -> World:
    """Six orders attempted, one of them refused; one that came too late; promises for tomorrow."""
    with amber.scope():
        for number in range(6):
            promised = {"promised_start_at": NOW, "promised_end_at": NOW + timedelta(hours=4)} if number < 4 else {}
            located_order(amber, f"A{number}", lat=49.41 + 0.003 * number, lon=8.69, **promised)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan, 3)
    with amber.scope():
        plans.distribute(plan, by=amber.dispatcher, at=NOW)
        for route in queries.routes().filter(plan=plan, status="distributed"):
            drive(amber, route, lambda order: "failed_refused" if order.reference == "A2" else "delivered_to_mailbox")
        located_order(amber, "LATE-1", lat=49.4, lon=8.7)
        tomorrow = amber.day + timedelta(days=1)
        window = {"promised_start_at": NOW + timedelta(days=1), "promised_end_at": NOW + timedelta(days=1, hours=2)}
        located_order(amber, "T-1", lat=49.4, lon=8.7, delivery_on=tomorrow, **window)
        located_order(amber, "T-2", lat=49.4, lon=8.7, delivery_on=tomorrow)
        located_order(
            amber, "T-3", lat=49.4, lon=8.7, delivery_on=tomorrow, status="needs_attention",
            attention_reason="The street is there twice.", **window,
        )  # fmt: skip
    while relay.hand_out(amber.organization.id):
        pass
    return amber


def test_the_figures_agree_with_the_insights(driven: World) -> None:
    with driven.scope():
        found = handover.handover(driven.day, currency="EUR", at=NOW)
    told = driven.api().get("insights/", **{"from": DAY, "to": DAY}).json()
    assert found["total"] == told["total"] and found["failures"] == told["failures"]
    assert found["total"]["attempts"] == 6 and found["total"]["delivered"] == 5
    page = driven.client("viewer").get(f"/handover/?day={DAY}").content.decode()
    insights = driven.client("viewer").get(f"/insights/?from={DAY}&to={DAY}").content.decode()
    for share in (told["total"]["first_attempt"]["value"], told["total"]["on_time"]["value"]):
        assert f"{share * 100:.1f} %" in page and f"{share * 100:.1f} %" in insights
    assert "Refused" in page and "5 of 6 orders" in page and "5 of 6 orders" in insights


def test_what_is_open_and_at_risk_is_listed_with_its_reason(driven: World) -> None:
    with driven.scope():
        found = handover.handover(driven.day, currency="EUR", at=NOW)
    assert [(row["reference"], row["why"]) for row in found["failed"]] == [("A2", "Refused")]
    assert [(row["reference"], row["why"]) for row in found["open"]] == [("LATE-1", "On no route.")]
    assert {row["reference"]: row["why"] for row in found["at_risk"]} == {
        "T-1": "On no route yet.",
        "T-3": "The street is there twice.",
    }
    assert (found["next_orders"], found["next_unplanned"], found["orders"], found["planned"]) == (3, 3, 7, 6)


def test_a_promise_that_the_plan_breaks_is_at_risk(amber: World) -> None:
    with amber.scope():
        order = located_order(amber, "A1", lat=49.41, lon=8.69)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan, 3)
    with amber.scope():
        stop = queries.stops().get()
        order.promised_start_at = stop.planned_arrival_at - timedelta(minutes=60)
        order.promised_end_at = stop.planned_arrival_at - timedelta(minutes=25)
        order.save()
        found = handover.handover(amber.day - timedelta(days=1), currency="EUR", at=NOW)
    assert [row["why"] for row in found["at_risk"]] == ["Planned 25 min after its promise."]


def test_what_its_driver_has_is_not_said_to_be_unsent(amber: World) -> None:
    with amber.scope():
        located_order(amber, "A1", lat=49.41, lon=8.69)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan, 3)
    told = []
    with amber.scope():
        for step in ("planned", "sent"):
            if step == "sent":
                plan.refresh_from_db()
                plans.distribute(plan, by=amber.dispatcher, at=NOW)
            (row,) = handover.handover(amber.day, currency="EUR", at=NOW)["open"]
            told.append(row["why"])
    assert told == ["Planned, not sent out.", "Its driver has it on a route that has not left."]


def test_notes_are_kept_with_who_and_when(driven: World, birch: World) -> None:
    client = driven.client()
    answer = client.post("/handover/", {"day": DAY, "text": "Van 2 needs <b>oil</b>.\nKey at the gate."})
    assert answer.status_code == 302 and answer["Location"] == f"/handover/?day={DAY}#notes"
    client.post("/handover/", {"day": DAY, "text": "And air."})
    page = client.get(f"/handover/?day={DAY}").content.decode()
    assert "Van 2 needs &lt;b&gt;oil&lt;/b&gt;.<br>Key at the gate." in page and "Dispatcher Amber" in page
    assert page.index("Van 2") < page.index("And air")
    assert "Van 2" not in client.get("/handover/?day=2026-11-24").content.decode()
    assert "Van 2" not in birch.client().get(f"/handover/?day={DAY}").content.decode()
    assert client.post("/handover/", {"day": DAY, "text": "  "}).status_code == 400
    assert "kept here" in client.post("/handover/", {"day": DAY, "text": "kept here" + "x" * 2000}).content.decode()
    assert driven.client("viewer").post("/handover/", {"day": DAY, "text": "x"}).status_code == 403
    with driven.scope():
        assert HandoverNote.objects.count() == 2


@pytest.mark.parametrize("day", ["2026-13-01", "x", "0001-01-01", "2026-11-23\x00"])
def test_a_wrong_day_is_said(amber: World, day: str) -> None:
    assert amber.client().get("/handover/", {"day": day}).status_code == 400
    assert amber.client().get("/handover.pdf", {"day": day}).status_code == 400


def test_it_is_printed(driven: World) -> None:
    driven.client().post("/handover/", {"day": DAY, "text": "Anahtar kapıda: Gülşah."})
    answer = driven.client("viewer").get(f"/handover.pdf?day={DAY}")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    text = text_of(answer.content)
    for words in ("Hand-over of Monday", "A2", "Refused", "LATE-1", "T-3", "Anahtar kapıda: Gülşah.", "83.3 %"):
        assert words in text, words


def test_what_needs_somebody_is_handed_over(amber: World) -> None:
    """The queue as the board shows it, with who looks after what; what was resolved is not told."""
    with amber.scope():
        order = located_order(amber, "X-1", lat=49.4, lon=8.7)
        for kind, status, by in (("failed", "open", ""), ("predicted_late", "acknowledged", "Otto Other"),
                                 ("stuck", "resolved", "")):  # fmt: skip
            DayException.objects.create(
                kind=kind, status=status, subject_kind="order", subject_id=order.id, day_on=amber.day,
                opened_at=NOW, since_at=NOW, closed_at=NOW if status == "resolved" else None, taken_by=by,
            )  # fmt: skip
        found = handover.handover(amber.day, currency="EUR", at=NOW)
        assert [(row["kind"], row["taken_by"]) for row in found["exceptions"]] in (
            [("Failed", ""), ("Will be late", "Otto Other")], [("Will be late", "Otto Other"), ("Failed", "")],
        )  # fmt: skip
        assert found["exceptions_count"] == 2
        assert {row["about"] for row in found["exceptions"]} == {order.recipient_name}
    page = amber.client("viewer").get(f"/handover/?day={DAY}").content.decode()
    assert "Will be late" in page and "Otto Other" in page and "nobody yet" in page
    paper = text_of(amber.client("viewer").get(f"/handover.pdf?day={DAY}").content)
    assert "Otto Other looks after it" in paper
