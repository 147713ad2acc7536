"""The facts of one order's story, gathered for its recipient, and the part of it that the page may ask for again."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from accounts.models import Organization
from dispatch import states
from dispatch.models import Attempt, Stop, StopOrder
from orders.models import Order
from tracking import queries, story
from tracking.models import LastPosition
from tracking.queries import instant


class SpanRow(TypedDict):
    start: str
    end: str


class SeenDriverRow(TypedDict):
    first_name: str
    vehicle: str
    lat: float | None
    lon: float | None
    heading: float | None
    fix_at: str | None


class PointRow(TypedDict):
    lat: float
    lon: float


class DeliveredRow(TypedDict):
    at: str
    outcome: str


class AnswerRow(TypedDict):
    """What the recipient said of the visit: confirmed, declined or nothing; `open` while it may still be changed."""

    said: str
    open: bool


class SenderRow(TypedDict):
    name: str
    phone: str


class StateRow(TypedDict):
    """All that the page is ever told; nothing may be added without a thought for who else may hold the link."""

    status: str
    headline: str
    window: SpanRow | None
    eta: SpanRow | None
    stops_before: int | None
    driver: SeenDriverRow | None
    destination: PointRow | None
    delivered: DeliveredRow | None
    answer: AnswerRow
    organization: SenderRow
    at: str


def story_of(order: Order, organization: Organization, *, at: datetime) -> story.Story:
    """The order's story as of now."""
    return story.tell(facts_of(order, organization, at=at))


def facts_of(order: Order, organization: Organization, *, at: datetime) -> story.Facts:
    link = (
        StopOrder.objects.filter(order=order, live=True)
        .select_related("stop__route__shift__driver", "stop__route__shift__vehicle").first()
    )
    stop: Stop | None = link.stop if link else None
    route = stop.route if stop else None
    last = queries.last_position(route.shift.driver_id) if route and route.status == "started" else None
    place = order.place
    attempt = Attempt.objects.filter(order=order).order_by("-number").first()
    return story.Facts(
        order_status=order.status,
        stop_status=stop.status if stop else None,
        now=at,
        zone=ZoneInfo(organization.timezone),
        window=(order.promised_start_at, order.promised_end_at)
        if order.promised_start_at and order.promised_end_at else None,
        eta_at=stop.eta_at if stop else None,
        stops_before=_before(stop) if stop else None,
        driver=_driver(stop, last) if stop else None,
        destination=(place.lat, place.lon) if place.lat is not None and place.lon is not None else None,
        city=place.city,
        attempt=_attempt(attempt) if attempt else None,
        organization=organization.name,
        answer=order.recipient_answer,
    )


def _before(stop: Stop) -> int | None:
    """How many stops the driver visits before this one."""
    if stop.route is None or stop.status not in states.TO_DO:
        return None
    if stop.status in ("next", "arrived"):
        return 0
    waiting = Stop.objects.filter(route=stop.route, status__in=states.TO_DO).exclude(id=stop.id)
    return sum(1 for one in waiting if one.status in ("next", "arrived") or (one.position or 0) < (stop.position or 0))


def _driver(stop: Stop, last: LastPosition | None) -> story.Driver | None:
    """Who comes: told only while this stop is the one that the driver heads for or is at."""
    if stop.route is None or stop.route.status != "started" or stop.status not in ("next", "arrived"):
        return None
    shift = stop.route.shift
    first_name = shift.driver.name.split()[0] if shift.driver.name.split() else ""
    if last is None or last.route_id != stop.route_id:
        return story.Driver(first_name, shift.vehicle.name)
    return story.Driver(first_name, shift.vehicle.name, last.lat, last.lon, last.heading, last.fix_at)


def _attempt(attempt: Attempt) -> story.Attempt:
    kinds = tuple(sorted(set(attempt.proofs.values_list("kind", flat=True))))
    return story.Attempt(attempt.outcome, attempt.succeeded, attempt.at, attempt.name, kinds)


def state_row(told: story.Story, organization: Organization, *, at: datetime) -> StateRow:
    """The page's JSON."""
    driver, attempt = told.driver, told.attempt
    return {
        "status": told.status,
        "headline": told.headline,
        "window": _span(told.window),
        "eta": _span(told.eta),
        "stops_before": told.stops_before,
        "driver": {
            "first_name": driver.first_name, "vehicle": driver.vehicle, "lat": driver.lat, "lon": driver.lon,
            "heading": driver.heading, "fix_at": instant(driver.seen_at) if driver.seen_at else None,
        } if driver else None,
        "destination": {"lat": round(told.destination[0], 5), "lon": round(told.destination[1], 5)}
        if told.destination else None,
        "delivered": {"at": instant(attempt.at), "outcome": attempt.outcome}
        if attempt and told.status == "delivered" else None,
        "answer": {"said": told.answer, "open": told.may_answer},
        "organization": {"name": organization.name, "phone": organization.phone},
        "at": instant(at),
    }


def _span(span: tuple[datetime, datetime] | None) -> SpanRow | None:
    return {"start": instant(span[0]), "end": instant(span[1])} if span else None
