"""Reports of a phone that was out of reach, against a plan that was changed meanwhile: the two sides."""

from __future__ import annotations

from uuid import UUID

from core.models import Event
from core.words import mark
from dispatch import states
from dispatch.models import Route
from tracking import queries
from tracking.models import DayException, Report

CHANGES = ("stop.unassigned", "stop.moved", "stop.cancelled", "stop.planned", "stop.allocated", "stop.attempted",
           "stop.left_out")


def report_of(exception: DayException) -> Report | None:
    """The report that an exception is about, while it is unsettled."""
    report_id = exception.about.get("report")
    if not report_id:
        return None
    row: Report | None = (
        Report.objects.select_related("driver", "stop").filter(id=UUID(report_id), status="conflict").first())
    return row


def route_of(report: Report) -> Route | None:
    """The driver's own route of the stop's plan."""
    if report.stop is None:
        return None
    row: Route | None = (
        Route.objects.filter(plan_id=report.stop.plan_id, shift__driver_id=report.driver_id,
                             status__in=["started", "completed"]).order_by("-started_at").first())
    return row


def obstacle(report: Report) -> str | None:
    """Why the report cannot be kept, as a sentence; None when it can."""
    if report.stop is None:
        return mark("The stop is not there any more.")
    if report.stop.status in states.DONE:
        return mark("Another attempt at this stop was recorded meanwhile.")
    if report.stop.status == "cancelled":
        return mark("The order was cancelled meanwhile: what was handed over has to be settled with the sender.")
    if route_of(report) is None:
        return mark("This driver has no route of that day that was started.")
    return None


def change_before(report: Report) -> Event | None:
    """The change of the stop that the report contradicts: the last one that was not the driver's own."""
    row: Event | None = (
        Event.objects.filter(subject_id=report.stop_id, kind__in=CHANGES, at__lte=report.received_at)
        .exclude(actor_kind="driver").order_by("-sequence").first())
    return row


def here(route: Route | None) -> tuple[float, float] | None:
    """Where the van of a route under way was seen last."""
    if route is None:
        return None
    last = queries.last_position(route.shift.driver_id)
    if last is None or route.started_at is None or last.fix_at < route.started_at:
        return None
    return last.lat, last.lon
