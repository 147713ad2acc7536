"""Proposals: worked out beside the plan, taken whole or in parts, or left; a plan that went on is never overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from core import operations
from core.models import Event, Operation
from dispatch.actions import plans
from dispatch.models import Plan, Proposal, Route, Stop
from tests.dispatch.by_hand import lay
from tests.fixtures import NOW, World, located_order, make_world

pytestmark = pytest.mark.django_db


SEARCH_S = 1.5
"""How long a search goes on after its first plan: on a busy machine that one alone may take many seconds."""


def worked_out(world: World, address: str, search_s: float = SEARCH_S, **body: Any) -> Operation:
    """Ask by the API and do what a worker does; it is stopped a while after its first plan."""
    answer = world.api().post(address, {"seconds": 100, **body})
    assert answer.status_code == 202, answer.content
    first: list[float] = []

    def told(_: Any, operation_id: Any) -> None:
        with world.scope():
            row = Operation.objects.get(id=operation_id)
            if row.status != "running" or "cost_cents" not in row.progress:
                return
            first.append(row.progress["seconds"])
            if row.progress["seconds"] >= first[0] + search_s and not row.cancel_requested:
                operations.request_cancel(row, by=world.dispatcher, at=NOW)

    watchers, operations._watchers[:] = list(operations._watchers), [told]
    try:
        operations.run(world.organization.id, answer.json()["id"])
    finally:
        operations._watchers[:] = watchers
    with world.scope():
        return Operation.objects.get(id=answer.json()["id"])


def preview(world: World, plan: Plan, **body: Any) -> dict[str, Any]:
    operation = worked_out(world, f"plans/{plan.id}:reoptimize", preview=True, **body)
    assert operation.status == "succeeded", operation.error
    answer = world.api().get(f"proposals/{operation.result['proposal']}/")
    assert answer.status_code == 200, answer.content
    row: dict[str, Any] = answer.json()
    return row


def order_of(world: World, plan: Plan) -> dict[str, list[str]]:
    """Stop ids in order by shift."""
    with world.scope():
        stops = Stop.objects.filter(plan=plan, route__isnull=False).select_related("route").order_by("position")
        found: dict[str, list[str]] = {}
        for stop in stops:
            found.setdefault(str(stop.route.shift_id), []).append(str(stop.id))
        return found


@pytest.fixture
def corners(db: None) -> tuple[World, Plan]:
    """Two drivers, each with six stops in a corner of their own that only they may make."""
    world = make_world("Amber", lat=49.41, lon=8.69)
    with world.scope():
        for number in range(12):
            east = number >= 6
            located_order(
                world,
                f"C{number:02d}",
                lat=49.41 + 0.01 * (number % 3) + 0.004 * (number % 2),
                lon=(8.75 if east else 8.60) + 0.007 * (number % 4),
                skills=["fridge"] if east else ["two_person"],
            )
        plan = plans.open_plan(day=world.day, depot=world.depot, by=world.dispatcher, at=NOW)
    # Round and round in zigzag, so that there is something to win on each of them.
    zigzag = ("0", "4", "1", "5", "2", "3")
    east, west = ([f"C{number + int(at):02d}" for at in zigzag] for number in (6, 0))
    lay(world, plan, {0: east, 1: west})
    return world, plan


def test_a_preview_changes_nothing_until_it_is_accepted(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    before = order_of(world, plan)
    row = preview(world, plan)
    assert order_of(world, plan) == before and row["status"] == "open" and not row["stale"]
    changes = row["difference"]
    assert changes["totals"]["delta_cents"] < 0 and len(changes["groups"]) == 2
    with world.scope():
        plan.refresh_from_db()
        assert plan.status == "optimized"
        stored = {str(route.shift_id): route for route in Route.objects.filter(plan=plan).exclude(status="cancelled")}
    assert row["before"]["cost_cents"] == sum(route.cost_cents for route in stored.values()), "as the board shows it"
    answer = world.api().post(f"proposals/{row['id']}:accept", {})
    assert answer.status_code == 200 and answer.json()["status"] == "accepted", answer.content
    with world.scope():
        routes = list(Route.objects.filter(plan=plan).exclude(status="cancelled"))
    assert sum(route.cost_cents for route in routes) == row["after"]["cost_cents"]
    assert sum(route.distance_m for route in routes) == row["after"]["distance_m"]
    assert order_of(world, plan) == {line["shift"]: line["stops"] for line in row["lines"]}
    with world.scope():
        kinds = list(Event.objects.filter(subject="proposal").order_by("id").values_list("kind", flat=True))
    assert kinds == ["proposal.made", "proposal.accepted"]


def test_one_row_is_accepted_and_then_the_other(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    before = order_of(world, plan)
    row = preview(world, plan)
    first, second = row["difference"]["groups"]
    answer = world.api().post(f"proposals/{row['id']}:accept", {"groups": [first["id"]]})
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "partly_accepted" and answer.json()["accepted"] == [first["id"]]
    lines = {line["shift"]: line["stops"] for line in row["lines"]}
    now = order_of(world, plan)
    assert now[first["id"]] == lines[first["id"]] and now[second["id"]] == before[second["id"]]
    answer = world.api().post(f"proposals/{row['id']}:accept", {"groups": [first["id"]]})
    assert answer.status_code == 400 and answer.json()["code"] == "no_such_group"
    answer = world.api().post(f"proposals/{row['id']}:accept", {})
    assert answer.json()["status"] == "accepted" and order_of(world, plan) == lines
    answer = world.api().post(f"proposals/{row['id']}:reject", {})
    assert answer.status_code == 409 and answer.json()["code"] == "already_decided"


def test_a_rejected_proposal_leaves_everything(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    before = order_of(world, plan)
    row = preview(world, plan)
    answer = world.api().post(f"proposals/{row['id']}:reject", {})
    assert answer.status_code == 200 and answer.json()["status"] == "rejected"
    assert order_of(world, plan) == before
    assert world.api().get(f"plans/{plan.id}/proposals/", open="1").json()["results"] == []
    assert len(world.api().get(f"plans/{plan.id}/proposals/").json()["results"]) == 1


def test_a_plan_that_went_on_is_not_overwritten(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    row = preview(world, plan)
    first, second = row["difference"]["groups"]
    moved = order_of(world, plan)[first["id"]][-1]
    answer = world.api().post(f"stops/{moved}:move", {"shift": first["id"], "position": 0})
    assert answer.status_code == 200, answer.content
    now = order_of(world, plan)
    for body in ({}, {"groups": [first["id"]]}):
        answer = world.api().post(f"proposals/{row['id']}:accept", body)
        assert answer.status_code == 409 and answer.json()["code"] == "proposal_stale", answer.content
        assert "optimise again" in answer.json()["message"]
    assert order_of(world, plan) == now
    assert world.api().get(f"proposals/{row['id']}/").json()["stale"] is True
    # What nobody touched may still be taken.
    answer = world.api().post(f"proposals/{row['id']}:accept", {"groups": [second["id"]]})
    assert answer.status_code == 200, answer.content
    answer = world.api().post(f"proposals/{row['id']}:reject", {})
    assert answer.json()["status"] == "stale"


def test_what_breaks_a_rule_is_refused_in_words(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    row = preview(world, plan)
    before = order_of(world, plan)
    fridge, other = str(world.shifts[0].id), str(world.shifts[1].id)
    with world.scope():
        proposal = Proposal.objects.get()
        routes = {route["shift"]: route for route in proposal.after["routes"]}
        routes[other]["stops"].append(routes[fridge]["stops"].pop())
        proposal.save()
    answer = world.api().post(f"proposals/{row['id']}:accept", {})
    assert answer.status_code == 422 and answer.json()["code"] == "rule_broken", answer.content
    assert "fridge" in answer.json()["message"]
    assert order_of(world, plan) == before and world.api().get(f"proposals/{row['id']}/").json()["status"] == "open"


def test_stopping_keeps_the_best(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    operation = worked_out(world, f"plans/{plan.id}:reoptimize", search_s=0, preview=True)
    assert operation.status == "succeeded" and operation.cancel_requested, operation.error
    assert (operation.finished_at - operation.started_at).total_seconds() < 90
    row = world.api().get(f"proposals/{operation.result['proposal']}/").json()
    assert row["after"]["cost_cents"] <= row["before"]["cost_cents"] and row["after"]["unassigned"] == 0
    told = operation.progress
    assert told["plan"] == str(plan.id) and told["budget_s"] == 100 and told["seconds"] < 90
    assert row["after"]["cost_cents"] <= told["cost_cents"], "nothing that was seen is lost"


def test_what_was_sent_and_what_was_promised_stays(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    with world.scope():
        plans.distribute(plan, by=world.dispatcher, at=NOW)
    before = order_of(world, plan)
    row = preview(world, plan, keep_loaded=True, keep_promises=True)
    now = {line["shift"]: set(line["stops"]) for line in row["lines"]}
    assert now == {shift: set(stops) for shift, stops in before.items()}
    assert row["after"]["promises_broken"] == 0
    answer = world.api().post(f"proposals/{row['id']}:accept", {})
    assert answer.status_code == 200, answer.content


def test_birch_sees_none_of_it(corners: tuple[World, Plan], birch: World) -> None:
    world, plan = corners
    row = preview(world, plan)
    api = birch.api()
    assert api.get(f"proposals/{row['id']}/").status_code == 404
    assert api.get(f"plans/{plan.id}/proposals/").status_code == 404
    for verb in ("accept", "reject", "arrange"):
        assert api.post(f"proposals/{row['id']}:{verb}", {}).status_code == 404
    assert api.post(f"plans/{plan.id}:what-if", {"fleet": {"absent": []}}).status_code == 404


def what_if(world: World, plan: Plan, **fleet: Any) -> dict[str, Any]:
    operation = worked_out(world, f"plans/{plan.id}:what-if", fleet=fleet)
    assert operation.status == "succeeded", operation.error
    row: dict[str, Any] = world.api().get(f"proposals/{operation.result['proposal']}/").json()
    return row


def test_what_if_a_driver_is_absent(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    before = order_of(world, plan)
    shift = str(world.shifts[0].id)
    row = what_if(world, plan, absent=[shift])
    assert row["after"]["unassigned"] == 6 and row["after"]["vans"] == 1 and row["kind"] == "what_if"
    assert order_of(world, plan) == before, "the real day stays"
    answer = world.api().post(f"proposals/{row['id']}:accept", {})
    assert answer.status_code == 422 and answer.json()["code"] == "not_real"
    assert "called off" in answer.json()["message"]
    assert world.api().post(f"proposals/{row['id']}:arrange", {}).status_code == 200
    assert set(order_of(world, plan)) == {str(world.shifts[1].id)}
    shifts = world.api().get("shifts/", day=world.day.isoformat()).json()["results"]
    assert {one["status"] for one in shifts if one["id"] == shift} == {"cancelled"}


def test_what_if_a_shift_is_longer_or_a_van_comes_in(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    shift = str(world.shifts[0].id)
    row = what_if(world, plan, longer=[{"shift": shift, "minutes": 45}])
    assert [need["kind"] for need in row["needs"]] == ["lengthen"] and "18:45" in row["needs"][0]["message"]
    assert world.api().post(f"proposals/{row['id']}:arrange", {}).status_code == 200
    with world.scope():
        event = Event.objects.get(kind="shift.hours_changed")
        assert event.reason.startswith("What if")
    row = what_if(world, plan, more=[{"like": shift}])
    assert row["needs"][0]["kind"] == "buy"
    answer = world.api().post(f"proposals/{row['id']}:arrange", {})
    assert answer.status_code == 422 and answer.json()["code"] == "not_possible_here"


def test_what_if_makes_no_sense(corners: tuple[World, Plan], birch: World) -> None:
    world, plan = corners
    api, address = world.api(), f"plans/{plan.id}:what-if"
    for fleet, status in (
        ({}, 400),
        ({"absent": [str(birch.shifts[0].id)]}, 422),
        ({"more": [{"like": None}]}, 400),
        ({"more": [{"driver": str(world.drivers[0].id), "vehicle": str(world.vehicles[0].id)}]}, 400),
        ({"more": [{"driver": str(birch.drivers[0].id), "vehicle": str(birch.vehicles[0].id)}]}, 400),
        ({"longer": [{"shift": str(world.shifts[0].id), "minutes": 100_000}]}, 400),
    ):
        answer = api.post(address, {"fleet": fleet})
        assert answer.status_code == status, (fleet, answer.content)
    with world.scope():
        assert not Operation.objects.filter(kind="propose").exists()


def test_what_was_accepted_is_undone_as_one(corners: tuple[World, Plan]) -> None:
    world, plan = corners
    before = order_of(world, plan)
    row = preview(world, plan)
    assert world.api().post(f"proposals/{row['id']}:accept", {}).status_code == 200
    accepted = order_of(world, plan)
    assert accepted != before
    shown = world.api().get(f"plans/{plan.id}/edits/").json()
    assert shown["undo"]["kind"] == "accept" and shown["undo"]["label"]
    answer = world.api().post(f"plans/{plan.id}:undo", {})
    assert answer.status_code == 200 and order_of(world, plan) == before, answer.content
    answer = world.api().post(f"plans/{plan.id}:redo", {})
    assert answer.status_code == 200 and order_of(world, plan) == accepted, answer.content
