"""Planning keeps to zones: a strict driver never leaves theirs, another leaves them at a price that is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import errors
from dispatch import facts, fingerprint, planning, standings, why
from dispatch.actions import edits, plans
from dispatch.models import Plan, Route, Stop
from fleet import actions, queries
from fleet.models import Driver, Zone
from routing import solver
from routing.solver import laying, objective
from tests.dispatch.test_day import solve
from tests.dispatch.test_edits import planned, shifts_of, stop_for
from tests.dispatch.test_planning import facts as day_of_one
from tests.fixtures import NOW, World, located_order

__all__ = ["planned"]
pytestmark = pytest.mark.django_db

NORTH = [[49.415, 8.6], [49.415, 8.8], [49.6, 8.8], [49.6, 8.6]]
WEST = [[49.3, 8.6], [49.3, 8.697], [49.415, 8.697], [49.415, 8.6]]


def zone(world: World, name: str, outline: list[list[float]], *drivers: Driver) -> Zone:
    return actions.add_zone(name=name, outline=outline, drivers=drivers, by=world.dispatcher, at=NOW)


def strict(world: World, driver: Driver) -> None:
    actions.change(driver, {"zones_strict": True}, by=world.dispatcher, at=NOW)


@pytest.fixture
def orders(amber: World) -> Plan:
    """Four stops in the north, four in the west, and one that lies in no zone."""
    with amber.scope():
        for number in range(4):
            located_order(amber, f"N{number}", lat=49.42 + 0.004 * number, lon=8.69)
            located_order(amber, f"W{number}", lat=49.40 + 0.003 * number, lon=8.67 + 0.004 * number)
        located_order(amber, "E0", lat=49.40, lon=8.72)
        return plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)


def driven_by(plan: Plan) -> dict[str, str]:
    """Who drives each order, by its reference."""
    rows = Stop.objects.filter(plan=plan, route__isnull=False)
    return dict(rows.values_list("stop_orders__order__reference", "route__shift__driver__name"))


def test_strict_drivers_stay_in_their_zones(amber: World, orders: Plan) -> None:
    north, west = amber.drivers
    with amber.scope():
        zone(amber, "North", NORTH, north)
        zone(amber, "West", WEST, west)
        strict(amber, north)
        strict(amber, west)
    assert solve(amber, orders).status == "succeeded"
    with amber.scope():
        driven = driven_by(orders)
        case = why.case(stop_for("E0"))
        found = [(way.row["code"], way.row["possible"]) for way in why.ways(case)]
        assert ("ignore_zone", False) in found
        assert {driven[f"N{number}"] for number in range(4)} == {north.name}
        assert {driven[f"W{number}"] for number in range(4)} == {west.name}
        assert "E0" not in driven, "nobody works outside all zones"
        left = Stop.objects.get(plan=orders, route__isnull=True)
        assert left.unassigned_code == "outside_zones" and "no zone" in left.unassigned_message


def test_who_keeps_to_no_zone_takes_what_lies_outside(amber: World, orders: Plan) -> None:
    north, anywhere = amber.drivers
    with amber.scope():
        zone(amber, "North", NORTH, north)
        strict(amber, north)
    solve(amber, orders)
    with amber.scope():
        driven = driven_by(orders)
        assert len(driven) == 9
        assert driven["E0"] == driven["W0"] == anywhere.name


def test_another_leaves_the_zone_at_a_price(amber: World, orders: Plan) -> None:
    """With one driver alone, who keeps to the north but not strictly: all stops are made, five of them are paid for."""
    north = amber.drivers[0]
    with amber.scope():
        zone(amber, "North", NORTH, north)
        amber.shifts[1].delete()
    solve(amber, orders)
    with amber.scope():
        route = Route.objects.get(plan=orders)
        assert len(driven_by(orders)) == 9
        assert route.amounts["zones"] == [5, 5 * planning.OUT_OF_ZONE_CENTS]
    page = amber.client().get(f"/plans/{orders.id}/costs/").content.decode()
    assert "outside the zones in which the vehicle works" in page


def test_a_hand_is_told_of_the_zone(amber: World, planned: Plan) -> None:
    _, second = shifts_of(amber)
    with amber.scope():
        zone(amber, "North", NORTH, amber.drivers[1])
        strict(amber, amber.drivers[1])
        inside, outside = stop_for("A02"), stop_for("A00")
        assert not standings.ask(planned, [inside.id], shift_id=second, position=0)["broken"]
        broken = standings.ask(planned, [outside.id], shift_id=second, position=0)["broken"]
        assert len(broken) == 1 and "does not work" in broken[0]
        with pytest.raises(errors.Refused, match="does not work"):
            edits.edit(planned, [edits.Change(outside.id, second, 0)], by=amber.dispatcher, at=NOW)


def test_a_kept_plan_hears_of_a_new_zone(amber: World, planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "TRUSTED_S", 0.0)
    _, second = shifts_of(amber)
    with amber.scope():
        stop = stop_for("A00").id
        assert not standings.ask(planned, [stop], shift_id=second, position=0)["broken"]
        strict(amber, amber.drivers[1])
        north = zone(amber, "North", NORTH, amber.drivers[1])
        assert standings.ask(planned, [stop], shift_id=second, position=0)["broken"]
        actions.change_zone(north, {"drivers": []}, by=amber.dispatcher, at=NOW)
        assert not standings.ask(planned, [stop], shift_id=second, position=0)["broken"]


def test_a_proposal_is_overtaken_only_where_a_zone_matters(amber: World, planned: Plan) -> None:
    with amber.scope():
        before = fingerprint.prints(facts.of_plan(planned))
        zone(amber, "North", NORTH, amber.drivers[0])
        now = fingerprint.prints(facts.of_plan(planned))
    first = str(shifts_of(amber)[0])
    assert fingerprint.differing(before, now, ["plan", first]) == [first]


def test_where_nobody_keeps_to_a_zone_the_problem_is_the_same(amber: World, planned: Plan) -> None:
    with amber.scope():
        before = planning.to_problem(facts.of_plan(planned))
        zone(amber, "North", NORTH)
        assert planning.to_problem(facts.of_plan(planned)) == before


def test_the_price_is_explained() -> None:
    day = day_of_one()
    travel = solver.Travel(np.array([[0, 600], [700, 0]], np.int32), np.array([[0, 5000], [6000, 0]], np.int32))
    cents = {}
    for name, zones in {"anywhere": None, "inside": {"North"}, "outside": {"South"}}.items():
        kept = None if zones is None else frozenset(zones)
        zoned = replace(
            day, stops=(replace(day.stops[0], zone="North"),), shifts=(replace(day.shifts[0], zones=kept),))
        problem = planning.to_problem(zoned)
        plan = laying.lay(problem, travel, zoned.sequences)
        cents[name] = next(one.cents for one in objective.explain(problem, plan).plan if one.term.name == "zones")
        assert solver.check(problem, travel, plan) == []
    assert cents == {"anywhere": 0, "inside": 0, "outside": planning.OUT_OF_ZONE_CENTS}


def test_a_route_that_stands_outside_a_new_zone_can_still_be_worked_on(amber: World, planned: Plan) -> None:
    """Ana's six stops lie outside what has just been drawn: a hand may change their order, a lock leaves what it holds
    out, and the next plan leaves no stop of hers outside."""
    with amber.scope():
        first, _ = shifts_of(amber)
        zone(amber, "North", NORTH, amber.drivers[0])
        strict(amber, amber.drivers[0])
        outside = stop_for("A00")
        done = edits.edit(planned, [edits.Change(outside.id, first, 3)], by=amber.dispatcher, at=NOW)
        assert done.edit is not None
        edits.lock(planned, [outside.id], strength="driver", by=amber.dispatcher, at=NOW)
        planned.refresh_from_db()
    operation = solve(amber, planned)
    assert operation.status == "succeeded", operation.error
    with amber.scope():
        own = Stop.objects.filter(plan=planned, route__shift_id=first).select_related("place")
        zones = queries.zoning()
        assert own and all(zones.zone_at((stop.place.lat, stop.place.lon)) == "North" for stop in own)
        outside.refresh_from_db()
        assert (outside.route_id, outside.unassigned_code) == (None, "outside_zones")
