"""Optimising again from the present routes, with few changes."""

from __future__ import annotations

from typing import Any

import pytest

from core import operations
from core.models import Operation
from dispatch.actions import plans
from dispatch.models import Plan, Route, Stop
from tests.dispatch.test_day import planned, solve
from tests.fixtures import NOW, World, located_order

pytestmark = pytest.mark.django_db
__all__ = ["planned"]


def again(world: World, plan: Plan, **wanted: Any) -> Operation:
    """Ask by the API and do what a worker does."""
    answer = world.api().post(f"plans/{plan.id}:reoptimize", {"seconds": 2, **wanted})
    assert answer.status_code == 202, answer.content
    operations.run(world.organization.id, answer.json()["id"])
    with world.scope():
        operation = Operation.objects.get(id=answer.json()["id"])
    assert operation.status == "succeeded", operation.error
    return operation


def owners(world: World, plan: Plan) -> dict[str, Any]:
    with world.scope():
        stops = Stop.objects.filter(plan=plan, route__isnull=False).select_related("route")
        return {str(stop.id): stop.route.shift_id for stop in stops}


def test_a_new_order_joins_and_nobody_else_changes_their_driver(amber: World, planned: Plan) -> None:
    before = owners(amber, planned)
    with amber.scope():
        located_order(amber, "NEW", lat=49.415, lon=8.695)
    operation = again(amber, planned, max_changes=0)
    after = owners(amber, planned)
    assert operation.result["assigned"] == 13 and len(after) == 13
    assert {stop: after[stop] for stop in before} == before
    row = amber.api().get(f"plans/{planned.id}/objective/").json()
    assert any(term["name"] == "max_changes" and term["kind"] == "hard" for term in row["terms"])


@pytest.mark.parametrize("scope", ["reorder_all_stops", "reorder_changed_stops"])
def test_a_narrow_scope_keeps_drivers(amber: World, planned: Plan, scope: str) -> None:
    before = owners(amber, planned)
    with amber.scope():
        route = Route.objects.filter(plan=planned).exclude(status="cancelled").first()
        order = [str(stop.id) for stop in Stop.objects.filter(route=route).order_by("position")]
    again(amber, planned, scope=scope, changed=[order[0]])
    assert owners(amber, planned) == before
    if scope == "reorder_changed_stops":
        with amber.scope():
            now = [str(stop.id) for stop in Stop.objects.filter(route=route).order_by("position")]
        assert [stop for stop in now if stop != order[0]] == order[1:]


def test_what_makes_no_sense_is_refused_in_words(amber: World, planned: Plan) -> None:
    api = amber.api()
    for wrong in (
        {"scope": "everything"},
        {"max_changes": -1},
        {"change_cents": "x"},
        {"changed": ["x"]},
        {"seconds": 0},
    ):
        assert api.post(f"plans/{planned.id}:reoptimize", wrong).status_code == 400, wrong
    with amber.scope():
        plan = plans.open_plan(day=amber.day.replace(day=24), depot=amber.depot, by=amber.dispatcher, at=NOW)
        order = located_order(amber, "OTHER", lat=49.415, lon=8.695)
        order.delivery_on = plan.day_on
        order.save()
    answer = api.post(f"plans/{plan.id}:reoptimize", {})
    assert answer.status_code == 422 and answer.json()["code"] == "nothing_to_reoptimize", answer.content


def test_after_it_an_optimisation_from_scratch_is_free_again(amber: World, planned: Plan) -> None:
    again(amber, planned, max_changes=0)
    with amber.scope():
        planned.refresh_from_db()
    solve(amber, planned)
    row = amber.api().get(f"plans/{planned.id}/objective/").json()
    assert not any(term["name"] == "max_changes" for term in row["terms"])
