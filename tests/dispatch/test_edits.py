"""Edits by hand: several stops as one, undone and made again, locks, versions, and consequences before the drop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core import errors
from core.actor import SYSTEM, Actor
from core.models import Event
from dispatch import edit_queries, spots, standings
from dispatch.actions import edits, moving, plans, relaying
from dispatch.models import Edit, Plan, Route, Stop, StopOrder
from orders.models import Order
from tests.dispatch.test_day import solve
from tests.fixtures import NOW, World, located_order, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    standings.forget()


def other(world: World) -> Actor:
    return Actor("member", world.members["admin"].id, "Otto Other")


def stop_for(reference: str) -> Stop:
    stop: Stop = (
        StopOrder.objects.select_related("stop__route__shift", "stop__plan").get(order__reference=reference).stop
    )
    return stop


def lanes(plan: Plan) -> dict[str, list[str]]:
    return spots.lanes_of(spots.of_plan(plan))


@pytest.fixture
def planned(amber: World) -> Plan:
    """Six stops on each of the two shifts (the fridge van first), laid by hand: no solver's choice or time."""
    with amber.scope():
        for number in range(12):
            located_order(
                amber,
                f"A{number:02d}",
                lat=49.41 + 0.004 * (number % 4),
                lon=8.69 + 0.005 * (number // 4),
                skills=["fridge"] if number == 3 else [],
            )
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
        first, second = shifts_of(amber)
        changes = [
            edits.Change(stop_for(f"A{number:02d}").id, first if number < 6 else second, number % 6)
            for number in range(12)
        ]
        edits.edit(plan, changes, by=amber.dispatcher, at=NOW)
        plan.refresh_from_db()
        return plan


def shifts_of(world: World) -> tuple[UUID, UUID]:
    return world.shifts[0].id, world.shifts[1].id


def test_several_stops_move_as_one_and_back_again(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        before, times = lanes(planned), arrivals(planned)
        moved = [stop_for("A00").id, stop_for("A01").id]
        done = edits.edit(
            planned, [edits.Change(one, second, at) for at, one in enumerate(moved, 2)], by=amber.dispatcher, at=NOW
        )
        assert done.edit is not None and done.edit.label == "2 stops from Amber driver 1 to Amber driver 2"
        after = lanes(planned)
        assert after[str(second)][2:4] == [str(one) for one in moved] and len(after[str(first)]) == 4
        assert done.row["applied"] and done.row["delta_m"] == metres(planned) - metres_of(done, planned)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        assert lanes(planned) == before and arrivals(planned) == times
        edits.redo(planned, by=amber.dispatcher, at=NOW)
        assert lanes(planned) == after
        kinds = list(
            Event.objects.filter(kind__startswith="plan.edit").order_by("sequence").values_list("kind", flat=True)
        )
        assert kinds == ["plan.edited", "plan.edited", "plan.edit_undone", "plan.edit_redone"]
        reasons = set(Event.objects.filter(subject_id=moved[0], kind="stop.moved").values_list("reason", flat=True))
        assert f"Undone: {done.edit.label}" in reasons and f"Again: {done.edit.label}" in reasons


def arrivals(plan: Plan) -> dict[Any, Any]:
    return dict(Stop.objects.filter(plan=plan).values_list("id", "planned_arrival_at"))


def metres(plan: Plan) -> int:
    return sum(Route.objects.filter(plan=plan).exclude(status="cancelled").values_list("distance_m", flat=True))


def metres_of(done: edits.Done, plan: Plan) -> int:
    """The routes' metres before the edit, by taking its word for the difference back from what is there."""
    event = Event.objects.filter(kind="plan.edited").latest("sequence")
    assert event.data["edit"] == str(done.edit.id if done.edit else "")
    return metres(plan) - done.row["delta_m"]


def test_a_change_that_breaks_a_rule_changes_nothing_at_all(amber: World, planned: Plan) -> None:
    with amber.scope():
        _, second = shifts_of(amber)
        before, count = lanes(planned), Edit.objects.count()
        changes = [edits.Change(stop_for("A00").id, second, 0), edits.Change(stop_for("A03").id, second, 0)]
        with pytest.raises(errors.Refused, match="fridge") as refused:
            edits.edit(planned, changes, by=amber.dispatcher, at=NOW)
        assert refused.value.code == "rule_broken"
        assert lanes(planned) == before and Edit.objects.count() == count
        look = edits.edit(planned, changes, dry_run=True, by=amber.dispatcher, at=NOW)
        assert look.edit is None and look.row["broken"] and lanes(planned) == before


def test_off_a_route_and_back_with_its_reason(amber: World, planned: Plan) -> None:
    with amber.scope():
        stop = stop_for("A05")
        before = lanes(planned)
        done = edits.edit(planned, [edits.Change(stop.id, None)], by=amber.dispatcher, at=NOW)
        stop.refresh_from_db()
        assert stop.status == "unassigned" and stop.unassigned_code == "taken_out"
        assert done.edit and done.edit.label == "Order A05 off Amber driver 1's route"
        assert Order.objects.get(reference="A05").status == "ready"
        back = edits.edit(planned, [edits.Change(stop.id, amber.shifts[1].id)], by=amber.dispatcher, at=NOW)
        assert back.edit and back.edit.label.startswith("Order A05 to Amber driver 2, ")
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        stop.refresh_from_db()
        assert stop.status == "unassigned" and stop.unassigned_code == "taken_out"
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        assert lanes(planned) == before and Order.objects.get(reference="A05").status == "scheduled"


def test_undo_is_refused_when_somebody_moved_on(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00")
        edits.edit(planned, [edits.Change(stop.id, second, 0)], by=amber.dispatcher, at=NOW)
        edits.edit(planned, [edits.Change(stop.id, first, 3)], by=other(amber), at=NOW + minutes(1))
        before = lanes(planned)
        with pytest.raises(errors.Conflict, match="Order A00 was moved by Otto Other") as refused:
            edits.undo(planned, by=amber.dispatcher, at=NOW + minutes(2))
        assert refused.value.code == "cannot_go_back" and lanes(planned) == before
        edits.undo(planned, by=other(amber), at=NOW + minutes(3))
        edits.undo(planned, by=amber.dispatcher, at=NOW + minutes(4))
        assert str(stop.id) in lanes(planned)[str(first)]


def test_undo_is_refused_when_the_driver_is_on_the_way(amber: World, planned: Plan) -> None:
    with amber.scope():
        _, second = shifts_of(amber)
        stop = stop_for("A00")
        edits.edit(planned, [edits.Change(stop.id, second, 0)], by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        Stop.objects.filter(id=stop.id).update(status="out_for_delivery")
        with pytest.raises(errors.Conflict, match="cannot be undone"):
            edits.undo(planned, by=amber.dispatcher, at=NOW)


def test_a_cancelled_order_does_not_stand_in_the_way(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00")
        edits.edit(planned, [edits.Change(stop.id, second, 0)], by=amber.dispatcher, at=NOW)
        plans.drop_order(Order.objects.get(reference="A02"), reason="cancelled", by=amber.dispatcher, at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        assert lanes(planned)[str(first)][0] == str(stop.id) and len(lanes(planned)[str(first)]) == 5


def test_a_new_edit_empties_my_redo_list_and_nobody_elses(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        edits.edit(planned, [edits.Change(stop_for("A00").id, second, 0)], by=other(amber), at=NOW)
        edits.undo(planned, by=other(amber), at=NOW)
        edits.edit(planned, [edits.Change(stop_for("A01").id, first, 3)], by=amber.dispatcher, at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        edits.edit(planned, [edits.Change(stop_for("A02").id, first, 0)], by=amber.dispatcher, at=NOW)
        with pytest.raises(errors.Conflict, match="nothing of yours"):
            edits.redo(planned, by=amber.dispatcher, at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        edits.redo(planned, by=other(amber), at=NOW)


def test_what_was_seen_is_compared_and_the_other_is_named(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop, neighbour = stop_for("A00"), stop_for("A01")
        seen = {str(one.id): one.version for one in (stop, neighbour)}
        edits.edit(planned, [edits.Change(stop.id, second, 0)], by=other(amber), at=NOW)
    api = amber.api()
    body = {"changes": [{"stop": str(stop.id), "shift": str(first), "position": 2}], "seen": seen}
    answer = api.post(f"plans/{planned.id}/edits/", body)
    assert answer.status_code == 409 and answer.json()["code"] == "changed_meanwhile"
    (changed,) = answer.json()["details"]["stops"]
    assert changed["by"] == "Otto Other" and "Order A00 was moved by Otto Other" in changed["sentence"]
    assert changed["now"]["id"] == str(stop.id) and changed["now"]["version"] > seen[str(stop.id)]
    # A neighbour that only got another number and another time was not moved by anybody.
    body = {"changes": [{"stop": str(neighbour.id), "shift": str(first), "position": 4}], "seen": seen}
    assert api.post(f"plans/{planned.id}/edits/", body).status_code == 200
    body = {
        "changes": [{"stop": str(stop.id), "shift": str(first), "position": 2}],
        "seen": {changed["id"]: changed["now"]["version"]},
    }
    answer = api.post(f"plans/{planned.id}/edits/", body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["undo"]["id"] == answer.json()["edit"]["id"] and answer.json()["redo"] is None


def test_the_door_for_one_stop_records_an_edit_too(amber: World, planned: Plan) -> None:
    with amber.scope():
        _, second = shifts_of(amber)
        stop = stop_for("A00")
        before = lanes(planned)
        row = moving.move_stop(moving.Move(stop, second, 1), dry_run=False, by=amber.dispatcher, at=NOW)
        assert row["applied"] and Edit.objects.latest("number").meant == [str(stop.id)]
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        assert lanes(planned) == before


def test_locks_stand_against_a_hand_until_it_is_confirmed(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop, mover = stop_for("A04"), stop_for("A00")
        edits.lock(planned, [stop.id], strength="position", by=amber.dispatcher, at=NOW)
        with pytest.raises(errors.Conflict, match="locked to") as refused:
            edits.edit(planned, [edits.Change(stop.id, second, 0)], by=other(amber), at=NOW)
        assert refused.value.code == "locked"
        with pytest.raises(errors.Conflict, match="locked to"):
            edits.edit(planned, [edits.Change(stop.id, None)], by=other(amber), at=NOW)
        with pytest.raises(errors.Conflict, match="locked to be 5"):
            edits.edit(planned, [edits.Change(mover.id, second, 0)], by=other(amber), at=NOW)
        edits.edit(planned, [edits.Change(stop.id, second, 0)], despite_locks=True, by=other(amber), at=NOW)
        stop.refresh_from_db()
        assert stop.lock == "position" and stop.route.shift_id == second
        edits.edit(planned, [edits.Change(stop.id, None)], despite_locks=True, by=other(amber), at=NOW)
        stop.refresh_from_db()
        assert stop.lock == ""
        edits.undo(planned, by=other(amber), at=NOW)
        stop.refresh_from_db()
        assert stop.lock == "position" and stop.position == 1
        edits.undo(planned, by=other(amber), at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        stop.refresh_from_db()
        assert stop.lock == "" and stop.route.shift_id == first


@pytest.mark.parametrize("near", [False, True])
def test_a_real_solve_keeps_what_is_locked(amber: World, planned: Plan, near: bool) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        # Against all sense: a block in zigzag, the farthest first, one on the van that would not be needed.
        block = [stop_for(name).id for name in ("A05", "A00", "A02")]
        edits.edit(
            planned, [edits.Change(one, first, at) for at, one in enumerate(block, 1)], by=amber.dispatcher, at=NOW
        )
        fixed, owned = stop_for("A11").id, stop_for("A08").id
        edits.edit(planned, [edits.Change(fixed, second, 1)], by=amber.dispatcher, at=NOW)
        edits.lock(planned, block, strength="order", by=amber.dispatcher, at=NOW)
        edits.lock(planned, [fixed], strength="position", by=amber.dispatcher, at=NOW)
        edits.lock(planned, [owned], strength="driver", by=amber.dispatcher, at=NOW)
        located_order(amber, "NEW", lat=49.415, lon=8.695)
        planned.refresh_from_db()
    if near:
        from tests.dispatch.test_reoptimize import again

        again(amber, planned, seconds=6)
    else:
        assert solve(amber, planned, seconds=6).status == "succeeded"
    with amber.scope():
        now = lanes(planned)
        places = [now[str(first)].index(str(one)) for one in block]
        assert places == sorted(places)
        assert now[str(second)].index(str(fixed)) == 1 and str(owned) in now[str(second)]
        assert sum(len(lane) for lane in now.values()) == 13
        assert Stop.objects.exclude(lock="").count() == 5


def test_what_others_lay_anew_is_undone_the_same_way(amber: World, planned: Plan) -> None:
    with amber.scope():
        before, was = edits.snapshot_of(planned), lanes(planned)
        planned.refresh_from_db()
        turned = {shift: list(reversed(lane)) for shift, lane in was.items()}
        look = relaying.look_at(planned, turned, [UUID(shift) for shift in turned], [])
        relaying.write(planned, look, left={}, meant=[], reason="a rule", by=SYSTEM, at=NOW)
        after = edits.snapshot_of(planned)
        row = edits.record(
            planned, kind="automatic", label="Delays evened out", before=before, after=after, by=SYSTEM, at=NOW
        )
        assert lanes(planned) == turned and len(row.meant) == 12
        mine = edit_queries.edits_row(planned, amber.dispatcher)
        assert mine["results"][0]["label"] == "Delays evened out" and not mine["results"][0]["mine"]
        found = edits.undo(planned, edit_id=row.id, by=amber.dispatcher, at=NOW)
        assert found.id == row.id and lanes(planned) == was


def test_the_consequence_before_the_drop_is_what_comes_of_it(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00")
    api = amber.api()
    ask = f"plans/{planned.id}/consequences/"
    foretold = api.post(ask, {"stops": [str(stop.id)], "shift": str(second), "position": 3}).json()
    body = {"changes": [{"stop": str(stop.id), "shift": str(second), "position": 3}]}
    done = api.post(f"plans/{planned.id}/edits/", body).json()["consequence"]
    assert {**done, "applied": False} == {key: value for key, value in foretold.items() if key != "place"}
    # The kept plan must not be asked as it was before the edit.
    back = api.post(ask, {"stops": [str(stop.id)], "shift": str(first), "position": 0}).json()
    assert back["delta_m"] == -done["delta_m"] and back["delta_s"] == -done["delta_s"]
    best = api.post(ask, {"stops": [str(stop.id)], "shift": str(first)}).json()
    assert best["delta_cents"] <= back["delta_cents"] and best["place"]["shift"] == str(first)
    off = api.post(ask, {"stops": [str(stop.id)], "shift": None}).json()
    assert off["delta_m"] < 0 and off["place"] == {"shift": None, "positions": []}
    with amber.scope():
        fridge = str(stop_for("A03").id)
    wrong = api.post(ask, {"stops": [fridge], "shift": str(second), "position": 0}).json()
    assert "fridge" in wrong["broken"][0]


def test_a_plan_made_ready_is_not_made_again_for_the_first_question(
    amber: World, planned: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, ask = amber.api(), f"plans/{planned.id}/consequences/"
    with amber.scope():
        movable = Stop.objects.filter(plan=planned).count()
        stop = stop_for("A00")
    assert api.get(ask).json() == {"stops": movable}

    def made(*_: object) -> None:
        raise AssertionError("the plan is on the shelf")

    monkeypatch.setattr(standings, "_made", made)
    assert api.post(ask, {"stops": [str(stop.id)], "shift": None}).status_code == 200
    with amber.scope():
        Plan.objects.filter(id=planned.id).update(status="optimizing")
    assert api.get(ask).json() == {"stops": 0}


def test_a_kept_plan_is_as_one_made_anew(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00")

        def compared() -> None:
            plan = Plan.objects.get(id=planned.id)
            kept = standings.of_plan(plan)
            standings.forget()
            fresh = standings.of_plan(plan)
            assert kept is not fresh and kept.day == fresh.day and kept.versions == fresh.versions
            assert kept.standing.plan.tours == fresh.standing.plan.tours

        standings.of_plan(Plan.objects.get(id=planned.id))
        edits.edit(planned, [edits.Change(stop.id, second, 2)], by=amber.dispatcher, at=NOW)
        compared()
        edits.lock(planned, [stop.id], strength="order", by=amber.dispatcher, at=NOW)
        compared()
        edits.edit(planned, [edits.Change(stop_for("A07").id, None)], by=amber.dispatcher, at=NOW)
        compared()
        edits.edit(planned, [edits.Change(stop_for("A01").id, first, 5)], by=amber.dispatcher, at=NOW)
        compared()


def test_who_is_late_then_is_named(amber: World, planned: Plan) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        last = Stop.objects.filter(route__shift_id=second).order_by("position").last()
        order = last.stop_orders.get().order
        order.promised_start_at = last.planned_arrival_at - minutes(30)
        order.promised_end_at = last.planned_arrival_at
        order.version += 1
        order.save()
        mover = stop_for("A00")
    row = (
        amber.api()
        .post(f"plans/{planned.id}/consequences/", {"stops": [str(mover.id)], "shift": str(second), "position": 0})
        .json()
    )
    # Leaving earlier may make up for the detour: then nobody is late, and nothing may be said.
    with amber.scope():
        done = edits.edit(planned, [edits.Change(mover.id, second, 0)], by=amber.dispatcher, at=NOW)
        last.refresh_from_db()
        late = last.planned_arrival_at > order.promised_end_at
        assert (
            (order.recipient_name in row["newly_late"]) == late == (order.recipient_name in done.row["promises_broken"])
        )
        assert first != second and late


def test_birch_can_ask_and_undo_nothing_here(amber: World, birch: World, planned: Plan) -> None:
    with amber.scope():
        stop = stop_for("A00")
    api = birch.api()
    for path, body in (
        ("edits/", {"changes": [{"stop": str(stop.id)}]}),
        ("consequences/", {"stops": [str(stop.id)]}),
        (":undo", {}),
        (":redo", {}),
        (":lock", {"stops": [str(stop.id)], "lock": "driver"}),
    ):
        slash = "" if path.startswith(":") else "/"
        assert api.post(f"plans/{planned.id}{slash}{path}", body).status_code == 404, path
    assert api.get(f"plans/{planned.id}/edits/").status_code == 404
    wrong = amber.api().post(f"plans/{planned.id}/edits/", {"changes": [{"stop": str(planned.id)}]})
    assert wrong.status_code == 400 and wrong.json()["code"] == "not_found"


def test_a_sent_stop_that_changes_its_driver_does_not_hold_the_plan(amber: World, planned: Plan) -> None:
    """Nothing of it has to be sent: the plan goes back to distributed, and both phones show it as it is."""
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00")
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        stop.refresh_from_db()
        edits.edit(planned, [edits.Change(stop.id, second, 0)], by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
        assert planned.status == "optimized"
        assert not Stop.objects.filter(plan=planned, status="planned").exists()
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
        assert planned.status == "distributed"
        assert Event.objects.filter(subject_id=planned.id, kind="plan.distributed").count() == 2
        stop.refresh_from_db()
        assert stop.status == "allocated" and stop.route is not None and stop.route.shift_id == second
        with pytest.raises(errors.Conflict):
            plans.distribute(planned, by=amber.dispatcher, at=NOW)
        # And off its route: nobody has to be sent anything, either.
        edits.edit(planned, [edits.Change(stop.id, None)], by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
        plans.distribute(planned, by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
        assert planned.status == "distributed" and first in set(
            Route.objects.filter(plan=planned, status="distributed").values_list("shift_id", flat=True)
        )
