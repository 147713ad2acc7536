"""Facts written by events, numbers on the page and from the API, for one organization only."""

from __future__ import annotations

import pytest

from core import tenancy
from dispatch import queries
from dispatch.actions import plans
from lastmile import relay
from tests.dispatch.test_day import drive, solve
from tests.fixtures import NOW, World, located_order

pytestmark = pytest.mark.django_db


def test_a_driven_day_becomes_numbers(amber: World, birch: World) -> None:
    with amber.scope():
        for number in range(6):
            located_order(amber, f"A{number}", lat=49.41 + 0.003 * number, lon=8.69)
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan)
    with amber.scope():
        plans.distribute(plan, by=amber.dispatcher, at=NOW)
        for route in queries.routes().filter(plan=plan, status="distributed"):
            drive(amber, route, lambda order: "failed_refused" if order.reference == "A2" else "delivered_to_mailbox")
    for _ in range(2):  # a second run of the handlers changes nothing
        while relay.hand_out(amber.organization.id):
            pass
    assert tenancy.current_or_none() is None
    body = amber.api().get("insights/", **{"from": "2026-11-23", "to": "2026-11-23"}).json()
    assert body["total"]["first_attempt"] == {"of": 5, "by": 6, "value": 5 / 6}
    assert body["failures"] == [{"code": "failed_refused", "count": 1, "rate": 1 / 6}]
    assert body["total"]["routes"] >= 1 and body["total"]["cost_per_delivery_cents"]["value"] > 0
    assert birch.api().get("insights/", **{"from": "2026-11-23", "to": "2026-11-23"}).json()["total"]["attempts"] == 0
    page = amber.client("viewer").get("/insights/?from=2026-11-23&to=2026-11-23").content.decode()
    assert "83.3 %" in page and "Refused" in page


@pytest.mark.parametrize("query", ["from=2026-13-01", "from=0001-01-01", "from=2026-11-23&to=2026-11-01", "from=x\x00"])
def test_wrong_spans_are_said(amber: World, query: str) -> None:
    answer = amber.api().client.get(f"/api/v1/insights/?{query}")
    assert answer.status_code == 400 and answer.json()["message"]
    assert amber.client().get(f"/insights/?{query}").status_code == 400
