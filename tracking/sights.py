"""The day's rows as what `detection` looks at: a fixed number of queries however many vans there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from core import ids
from dispatch.models import Attempt, Route, Stop, StopOrder
from orders.models import Order
from routing import roads
from tracking import detection, queries
from tracking.detection import Finding
from tracking.models import LastPosition, Report, RouteWatch

AHEAD = ("planned", "allocated", "out_for_delivery", "next", "arrived", "attempted")
BACK = timedelta(days=7)
"""What failed or contradicts longer ago than this opens nothing any more."""
MOST = 50
"""Of what waits for a van this many are in the queue; the board's own lists show all."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A route and what is seen of it."""

    route: Route
    seen: detection.RouteSight


def of_routes(*, today: date) -> list[Sight]:
    """Routes under way, and those of today that wait at the depot."""
    routes = list(
        Route.objects.select_related("shift__driver", "shift__depot", "plan").filter(
            Q(status="started") | Q(status="distributed", plan__day_on=today)))
    stops: dict[UUID, list[detection.StopSight]] = defaultdict(list)
    rows = list(
        Stop.objects.filter(plan_id__in={route.plan_id for route in routes}, route__isnull=False, status__in=AHEAD)
        .values_list("id", "route_id", "status", "place__lat", "place__lon", "window_end_at", "eta_at",
                     "planned_arrival_at", "service_s"))
    promised = _promised([row[0] for row in rows])
    for stop_id, route_id, status, lat, lon, window_end, eta, planned, service_s in rows:
        stops[route_id].append(detection.StopSight(
            str(stop_id), status, (lat or 0.0, lon or 0.0), promised.get(stop_id, window_end), eta or planned,
            service_s, planned))
    fixes = {row.driver_id: row for row in queries.last_positions({route.shift.driver_id for route in routes})}
    watches = {row.route_id: row for row in RouteWatch.objects.filter(route__in=routes)}
    return [
        _sight(route, stops[route.id], fixes.get(route.shift.driver_id), watches.get(route.id)) for route in routes]


def _promised(stop_ids: list[UUID]) -> dict[UUID, datetime]:
    """The end of the earliest promise at each stop that has one. Asked apart from the stops: joined and grouped, the
    database looks at every pair as soon as its statistics are a day old."""
    ends: dict[UUID, datetime] = {}
    links = StopOrder.objects.filter(stop_id__in=stop_ids, live=True, order__promised_end_at__isnull=False)
    for stop_id, end in links.values_list("stop_id", "order__promised_end_at"):
        ends[stop_id] = min(end, ends.get(stop_id, end))
    return ends


def _sight(
    route: Route, stops: list[detection.StopSight], last: LastPosition | None, held: RouteWatch | None
) -> Sight:
    driver, depot = route.shift.driver, route.shift.depot
    return Sight(route, detection.RouteSight(
        id=str(route.id), driver=str(driver.id), status=route.status, duty=driver.status, depot=(depot.lat, depot.lon),
        starts_at=route.starts_at, started_at=route.started_at, fix_at=last.fix_at if last else None,
        fix=(last.lat, last.lon) if last else None, watch=_watch(held) if held else None, stops=stops))


def _watch(row: RouteWatch) -> detection.Watch:
    return detection.Watch(
        (row.anchor_lat, row.anchor_lon), row.anchor_at, row.fix_at, row.off_fixes, row.off_m, row.off_since)


def remember(sights: Iterable[Sight], *, at: datetime) -> list[Sight]:
    """Take the newest fixes of routes under way into what is remembered; one write for all of them."""
    answer, rows = [], []
    for sight in sights:
        seen = sight.seen
        if seen.fix is None or seen.fix_at is None or seen.started_at is None or seen.fix_at < seen.started_at:
            answer.append(sight)
            continue
        watch = detection.watched(seen.watch, seen.fix, seen.fix_at, detection.off_line_m(seen.fix, _line(sight.route)))
        if detection.stands_rightly(seen):
            watch = detection.rested(watch, at)
        if watch != seen.watch:
            rows.append(_row(sight.route, watch))
        answer.append(Sight(sight.route, replace(seen, watch=watch)))
    RouteWatch.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["tenant", "route"],
        update_fields=["anchor_lat", "anchor_lon", "anchor_at", "fix_at", "off_fixes", "off_m", "off_since"])
    return answer


def _row(route: Route, watch: detection.Watch) -> RouteWatch:
    return RouteWatch(
        id=ids.new_id(), route=route, anchor_lat=watch.anchor[0], anchor_lon=watch.anchor[1],
        anchor_at=watch.anchor_at, fix_at=watch.fix_at, off_fixes=watch.off_fixes, off_m=watch.off_m,
        off_since=watch.off_since)


def _line(route: Route) -> npt.NDArray[np.float64]:
    return _decoded(route.geometry)


@lru_cache(maxsize=1024)
def _decoded(geometry: str) -> npt.NDArray[np.float64]:
    points = roads.decode(geometry) if geometry else []
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def failed(*, at: datetime, today: date) -> list[Finding]:
    """Orders whose attempt failed and about which nothing has been decided."""
    rows = dict(
        Order.objects.filter(status="attempt_failed", delivery_on__gte=today - BACK).order_by("id")
        .values_list("id", "changed_at"))
    tried = {
        order_id: (outcome, str(route_id or "")) for order_id, outcome, route_id in
        Attempt.objects.filter(order_id__in=list(rows)).order_by("number")
        .values_list("order_id", "outcome", "stop__route_id")}
    found = []
    for order_id, changed_at in rows.items():
        outcome, route_id = tried.get(order_id, ("", ""))
        found.append(Finding("failed", "order", str(order_id), changed_at, {"code": outcome}, route_id))
    return found


def unassigned(*, at: datetime, today: date) -> list[Finding]:
    """Of plans that have been sent to their drivers: stops without a route, and orders that came too late for a stop.

    Before a plan is distributed nothing is wrong with a stop that has no route: the dispatcher is planning.
    """
    sent = Route.objects.filter(plan__day_on=today, status__in=["distributed", "started", "completed"])
    plans = set(sent.values_list("plan_id", flat=True))
    if not plans:
        return []
    stops = Stop.objects.filter(plan_id__in=plans, status="unassigned").order_by("id")[:MOST]
    orders = (
        Order.objects.filter(delivery_on=today, status="ready").exclude(stop_orders__live=True).order_by("id")[:MOST])
    return [
        *(Finding("unassigned", "stop", str(stop.id), at, {"code": stop.unassigned_code}) for stop in stops),
        *(Finding("unassigned", "order", str(order_id), at, {"code": "came_late"})
          for order_id in orders.values_list("id", flat=True)),
    ]


def visits(*, today: date) -> list[detection.VisitSight]:
    """On routes of today and later that have been sent: orders that are to be confirmed and are not, of recipients who
    can be written to, and those whose recipients say they cannot be there. Few of a day's orders are either."""
    silent = Q(order__confirmation_required=True, order__recipient_answer="") & ~Q(
        order__recipient_email="", order__recipient_phone="")
    rows = StopOrder.objects.filter(
        silent | Q(order__recipient_answer="declined"), live=True, stop__status__in=detection.TO_DO,
    ).filter(
        Q(stop__route__status="started") | Q(stop__route__status="distributed", stop__plan__day_on__gte=today)
    ).order_by("id").values_list(
        "order_id", "stop_id", "stop__route_id", "stop__status", "order__recipient_answer", "order__answered_at",
        "stop__eta_at", "stop__planned_arrival_at", "stop__route__status", "stop__route__starts_at")
    return [
        detection.VisitSight(
            str(order_id), str(stop_id), str(route_id), status, answer, answered_at, eta or planned, planned,
            None if route_status == "started" else starts_at)
        for order_id, stop_id, route_id, status, answer, answered_at, eta, planned, route_status, starts_at in rows]


def conflicts(*, at: datetime) -> list[Finding]:
    """What a phone that was out of reach reports of a stop that was changed meanwhile; the latest of each stop."""
    rows = Report.objects.filter(
        status="conflict", kind="attempted", stop__isnull=False, received_at__gte=at - BACK
    ).order_by("received_at")
    return list({
        row.stop_id: Finding("report_conflict", "stop", str(row.stop_id), row.device_at, {"report": str(row.id)})
        for row in rows}.values())
