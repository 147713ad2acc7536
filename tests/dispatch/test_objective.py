"""What a plan is judged by: chosen by the organization, stored with the plan, shown term by term."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import actions
from core.models import Event
from dispatch.actions import plans
from dispatch.models import Plan, Route, Stop
from tests.dispatch.test_day import solve
from tests.fixtures import NOW, World, located_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(amber: World) -> Plan:
    """Ten orders around the depot, not optimised yet."""
    with amber.scope():
        for number in range(10):
            located_order(amber, f"A{number:02d}", lat=49.41 + 0.004 * (number % 5), lon=8.69 + 0.006 * (number // 5))
        return plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)


def judged(world: World, plan: Plan) -> Any:
    answer = world.api().get(f"plans/{plan.id}/objective/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def term(row: Any, name: str) -> Any:
    return next(one for one in row["terms"] if one["name"] == name)


def test_before_the_first_optimisation_terms_and_prices_are_told(amber: World, opened: Plan) -> None:
    row = judged(amber, opened)
    assert row["objective"] == "cheapest" and row["routes"] == []
    km = term(row, "km")
    assert (km["kind"], km["unit"], km["price"]) == ("soft", "km", {"from_cents": 35, "to_cents": 35})
    assert km["amount"] is None and km["cents"] is None
    assert term(row, "shifts")["kind"] == "hard" and term(row, "shifts")["price"] is None


def test_every_cent_of_a_plan_is_told_by_route(amber: World, opened: Plan) -> None:
    assert solve(amber, opened).status == "succeeded"
    row = judged(amber, opened)
    with amber.scope():
        routes = {str(route.id): route for route in Route.objects.filter(plan=opened).exclude(status="cancelled")}
    assert {one["route"] for one in row["routes"]} == set(routes)
    for one in row["routes"]:
        route = routes[one["route"]]
        amounts = {each["name"]: each for each in one["terms"]}
        assert sum(each["cents"] for each in one["terms"]) == one["cost_cents"] == route.cost_cents
        assert amounts["km"]["amount"] == pytest.approx(route.distance_m / 1000)
        assert amounts["hours"]["amount"] == pytest.approx(route.duration_s / 3600, abs=0.001)
    for name in ("fixed", "hours", "km"):
        shares = sum(each["cents"] for one in row["routes"] for each in one["terms"] if each["name"] == name)
        assert term(row, name)["cents"] == shares
    with amber.scope():
        opened.refresh_from_db()
    assert opened.terms["total"] == sum(one["cents"] or 0 for one in row["terms"])


def test_a_move_by_hand_keeps_the_sums(amber: World, opened: Plan) -> None:
    solve(amber, opened)
    with amber.scope():
        stop = Stop.objects.filter(plan=opened, status="planned").first()
    answer = amber.api().post(f"stops/{stop.id}:move", {})
    assert answer.status_code == 200 and answer.json()["applied"], answer.content
    row = judged(amber, opened)
    assert term(row, "left_out")["amount"] == 1
    assert term(row, "left_out")["cents"] == term(row, "left_out")["price"]["from_cents"]
    shares = sum(each["cents"] for one in row["routes"] for each in one["terms"] if each["name"] == "km")
    assert term(row, "km")["cents"] == shares
    with amber.scope():
        shift = Route.objects.filter(plan=opened).exclude(status="cancelled").first().shift_id
    assert amber.api().post(f"stops/{stop.id}:move", {"shift": str(shift)}).json()["applied"]
    assert term(judged(amber, opened), "left_out")["cents"] == 0


def test_the_wish_decides_how_the_next_plan_looks(amber: World, opened: Plan) -> None:
    with amber.scope():
        actions.set_objective(amber.organization, "balanced", by=amber.dispatcher, at=NOW)
    operation = solve(amber, opened)
    assert operation.result["objective"] == "balanced"
    row = judged(amber, opened)
    assert row["objective"] == "balanced"
    assert term(row, "balance")["price"]["from_cents"] == 2400  # an hour of the dearest driver
    with amber.scope():
        actions.set_objective(amber.organization, "fewest_vans", by=amber.dispatcher, at=NOW)
    assert judged(amber, opened)["objective"] == "balanced"  # what it was judged by stays on record
    operation = solve(amber, opened)
    row = judged(amber, opened)
    assert len(row["routes"]) == 1 == operation.result["routes"]
    route = row["routes"][0]
    fixed = next(one["cents"] for one in route["terms"] if one["name"] == "fixed")
    assert fixed > 4000  # what the objective counts for a van
    assert route["cost_cents"] == sum(one["cents"] for one in route["terms"]) - fixed + 4000  # what is paid
    assert operation.result["cost_cents"] == route["cost_cents"]


def test_the_page_shows_it_to_those_who_see_plans(amber: World, birch: World, opened: Plan) -> None:
    page = amber.client("viewer").get(f"/plans/{opened.id}/costs/")
    assert page.status_code == 200 and "Will be optimised for" in page.content.decode()
    solve(amber, opened)
    text = amber.client("owner").get(f"/plans/{opened.id}/costs/").content.decode()
    assert "Optimised for “Cheapest”" in text and "Work lies in the driver" in text and "/settings/" in text
    assert "€0.35 / km" in text and "Amber driver" in text
    assert birch.client("owner").get(f"/plans/{opened.id}/costs/").status_code == 404
    assert birch.api().get(f"plans/{opened.id}/objective/").status_code == 404


def test_owners_and_admins_choose_and_it_is_on_record(amber: World, birch: World) -> None:
    owner = amber.client("owner")
    answer = owner.patch("/api/v1/organization/", {"objective": "on_time"}, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["objective"] == "on_time"
    assert amber.client("viewer").get("/api/v1/organization/").json()["objective"] == "on_time"
    with amber.scope():
        event = Event.objects.get(kind="organization.changed")
        assert event.data == {"objective": {"before": "cheapest", "after": "on_time"}}
        assert event.actor_id == amber.members["owner"].id
    assert owner.post("/settings/", {"objective": "on_time"}).status_code == 302
    with amber.scope():
        assert Event.objects.filter(kind="organization.changed").count() == 1  # nothing changed
    assert birch.client("owner").get("/api/v1/organization/").json()["objective"] == "cheapest"


def test_nobody_else_chooses_and_nothing_strange_is_chosen(amber: World) -> None:
    for role in ("dispatcher", "viewer"):
        client = amber.client(role)
        assert client.post("/settings/", {"objective": "balanced"}).status_code == 403
        page = client.get("/settings/").content.decode()
        assert "disabled" in page and "Owners and admins change this." in page
        answer = client.patch("/api/v1/organization/", {"objective": "balanced"}, content_type="application/json")
        assert answer.status_code == 403
    assert amber.api().patch("organization/", {"objective": "balanced"}).status_code == 403  # a key is no person
    admin = amber.client("admin")
    for wrong in ("", "free", "CHEAPEST"):
        answer = admin.patch("/api/v1/organization/", {"objective": wrong}, content_type="application/json")
        assert answer.status_code == 400
        page = admin.post("/settings/", {"objective": wrong})
        assert page.status_code == 400 and "cheapest, on_time" in page.content.decode()
    amber.organization.refresh_from_db()
    assert amber.organization.objective == "cheapest"
    assert admin.post("/settings/", {"objective": "balanced"}, follow=True).status_code == 200
    amber.organization.refresh_from_db()
    assert amber.organization.objective == "balanced"
