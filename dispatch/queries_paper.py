"""Routes as the sheets that are printed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Organization
from core import tenancy
from core.words import day, number
from dispatch import facts, queries
from dispatch.models import Plan, Route, Stop
from dispatch.paper import Parcel, Sheet, StopOnPaper, Trip
from orders.models import Order

_METRES = {"km": 1000.0, "mi": 1609.344}


def plan_sheets(plan: Plan) -> list[Sheet]:
    """All routes of the plan that have stops, by their drivers' names."""
    rows = queries.routes().filter(plan=plan).exclude(status="cancelled").order_by("shift__driver__name", "id")
    return [sheet for sheet in sheets(rows) if sheet.stops]


def route_sheet(route: Route) -> Sheet:
    return sheets([route])[0]


def sheets(routes: Iterable[Route]) -> list[Sheet]:
    """A sheet for each route (loaded with shift, driver and vehicle), in their order."""
    routes = list(routes)
    organization: Organization = Organization.objects.get(id=tenancy.current())
    zone = ZoneInfo(organization.timezone)
    stops = list(
        queries.stops()
        .filter(route_id__in=[route.id for route in routes])
        .exclude(status__in=["cancelled", "unassigned"])
        .order_by("position")
    )
    served = facts.orders_of(stops)
    return [
        _sheet(route, [stop for stop in stops if stop.route_id == route.id], served, organization, zone)
        for route in routes
    ]


def _sheet(
    route: Route, stops: list[Stop], served: dict[str, list[Order]], organization: Organization, zone: ZoneInfo
) -> Sheet:
    shift = route.shift
    papers = tuple(_stop(number, stop, served[str(stop.id)], zone) for number, stop in enumerate(stops, 1))
    unit = organization.distance_unit
    return Sheet(
        organization=organization.name,
        day=day(shift.day_on, "day_number"),
        driver=shift.driver.name,
        vehicle=shift.vehicle.name,
        plate=shift.vehicle.plate,
        depot=shift.depot.name,
        starts=_clock(route.starts_at, zone),
        ends=_clock(route.ends_at, zone),
        rest=_span(route.break_start_at, route.break_end_at, zone),
        distance=f"{number(route.distance_m / _METRES[unit], 1)} {unit}",
        trips=(Trip(1, papers),) if papers else (),
        capacity_g=shift.vehicle.weight_g,
        capacity_ml=shift.vehicle.volume_ml,
    )


def _stop(number: int, stop: Stop, orders: list[Order], zone: ZoneInfo) -> StopOnPaper:
    return StopOnPaper(
        number=number,
        arrival=_clock(stop.planned_arrival_at, zone),
        window=_span(stop.window_start_at, stop.window_end_at, zone),
        service_min=round(stop.service_s / 60),
        address=stop.place.line,
        parcels=tuple(_parcel(order, zone) for order in orders),
        skills=tuple(sorted({skill for order in orders for skill in order.skills})),
    )


def _parcel(order: Order, zone: ZoneInfo) -> Parcel:
    return Parcel(
        reference=order.reference,
        recipient=order.recipient_name,
        phone=order.recipient_phone,
        pieces=order.pieces,
        weight_g=order.weight_g,
        volume_ml=order.volume_ml,
        pallets=order.pallets,
        proof="" if order.proof_required == "none" else str(order.get_proof_required_display()),
        promised=_span(order.promised_start_at, order.promised_end_at, zone),
        instructions=order.instructions,
        priority="" if order.priority == "normal" else str(order.get_priority_display()),
        merchant=order.merchant.name if order.merchant else "",
    )


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""


def _span(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
    return f"{_clock(start, zone)}–{_clock(end, zone)}" if start and end else ""
