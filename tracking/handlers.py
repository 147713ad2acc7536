"""What tracking does when something happened below: live rows for the boards, links and arrivals for recipients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from accounts import queries as accounts
from core import clock, tenancy
from core.models import Event, Journaled, Operation
from dispatch import queries as dispatch
from dispatch.models import Plan, Stop, StopOrder
from fleet import queries as fleet
from fleet.models import Depot, Driver, Shift, Vehicle, Zone
from orders import queries as orders
from orders.models import Order
from tracking import links, live
from tracking.actions import etas

ENDED = ("delivered", "partly_delivered", "cancelled", "returned")

FLEET: dict[str, tuple[type[Journaled], Callable[[Any], list[Any]], Callable[[Any], bool]]] = {
    "driver": (Driver, fleet.driver_rows, lambda row: row.active),
    "vehicle": (Vehicle, fleet.vehicle_rows, lambda row: row.status == "active"),
    "depot": (Depot, fleet.depot_rows, lambda row: row.status == "active"),
    "zone": (Zone, fleet.zone_rows, lambda row: row.status == "active"),
    "shift": (Shift, fleet.shift_rows, lambda row: row.status == "rostered"),
}
"""Of each subject of the fleet: its table, its rows, and whether a board shows it."""


def on_board_change(events: list[Event]) -> None:
    """Everything that these events changed on a board, as rows; the sums of plans behind the rest, because nobody waits
    for them and thousands of stops are counted. Hears stop, route, plan, order, operation, driver, vehicle, depot,
    zone and shift."""
    named: dict[str, dict[UUID, int]] = defaultdict(dict)
    for event in events:
        named[event.subject][event.subject_id] = max(event.sequence, named[event.subject].get(event.subject_id, 0))
    rows: dict[str, list[Any]] = {}
    if named["order"]:
        rows["order"] = [*orders.order_rows(Order.objects.filter(id__in=list(named["order"])))]
        for stop_id in StopOrder.objects.filter(order_id__in=list(named["order"])).values_list("stop_id", flat=True):
            named["stop"].setdefault(stop_id, 0)
    route_ids, plan_ids = set(named["route"]), set(named["plan"])
    if named["stop"]:
        found = list(dispatch.stops().filter(id__in=list(named["stop"])))
        rows["stop"] = [
            *dispatch.stop_rows(stop for stop in found if stop.status != "cancelled"),
            *(live.gone(stop.id, stop.version) for stop in found if stop.status == "cancelled"),
            *_vanished(named["stop"], {stop.id for stop in found}),
        ]
        route_ids |= {stop.route_id for stop in found if stop.route_id} | _left(named["stop"])
        plan_ids |= {stop.plan_id for stop in found}
    if route_ids:
        routes = list(dispatch.routes().filter(id__in=list(route_ids)))
        rows["route"] = [
            *dispatch.route_rows(route for route in routes if route.status != "cancelled"),
            *(live.gone(route.id, route.version) for route in routes if route.status == "cancelled"),
            *_vanished(named["route"], {route.id for route in routes}),
        ]
        plan_ids |= {route.plan_id for route in routes}
    if named["operation"]:
        rows["operation"] = [*accounts.operation_rows(Operation.objects.filter(id__in=list(named["operation"])))]
    for subject, (model, as_rows, on_board) in FLEET.items():
        if named[subject]:
            found = list(model.objects.filter(id__in=list(named[subject])))
            rows[subject] = [
                *as_rows(row for row in found if on_board(row)),
                *(live.gone(row.id, row.version) for row in found if not on_board(row)),
            ]
    live.publish(tenancy.current(), rows, at_once=True, committed=True)
    if plan_ids:
        plans = {"plan": dispatch.plan_rows(Plan.objects.filter(id__in=list(plan_ids)))}
        live.publish(tenancy.current(), plans, at_once=True, committed=True)


def _left(stop_ids: dict[UUID, int]) -> set[UUID]:
    """The routes that these stops were on before, by what the journal says of them: their counts have changed too."""
    told = Event.objects.filter(
        subject_id__in=list(stop_ids), kind__in=["stop.planned", "stop.moved"], data__has_key="route"
    ).values_list("data__route", flat=True).distinct()
    return {UUID(route) for route in told if route and route != "None"}


def _vanished(named: dict[UUID, int], found: set[UUID]) -> list[dict[str, Any]]:
    return [live.gone(subject_id, version + 1) for subject_id, version in named.items() if subject_id not in found]


def on_stop_allocated(events: list[Event]) -> None:
    """Routes were distributed: each order on them gets its recipient's link. Hears stop.allocated."""
    links.open_links(Order.objects.filter(
        stop_orders__stop_id__in=[event.subject_id for event in events], stop_orders__live=True).distinct())


def on_order_end(events: list[Event]) -> None:
    """Orders have ended: links end in three days. Hears order.delivered, partly_delivered, cancelled, returned."""
    for event in events:
        links.end(Order.objects.filter(id=event.subject_id, status__in=ENDED), at=event.at)


def on_route_disturbed(events: list[Event]) -> None:
    """Something else than the driver's own report changed what is ahead: arrivals are worked out anew.

    Hears stop.unassigned, stop.cancelled, stop.skipped.
    """
    stop_ids = {event.subject_id: 0 for event in events}
    held = Stop.objects.filter(id__in=list(stop_ids), route__isnull=False).values_list("route_id", flat=True)
    etas.project_etas({*held, *_left(stop_ids)}, at=clock.now())


def show_progress(tenant_id: UUID, operation_id: UUID) -> None:
    """An operation has got on: its row, at once. Called by `core.operations` after the commit, in the worker."""
    with tenancy.scope(tenant_id):
        operations = Operation.objects.filter(id=operation_id)
        live.publish(tenant_id, {"operation": accounts.operation_rows(operations)}, at_once=True)
