"""Facts are written when their events come by. May run twice: a fact is stored once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Organization
from analytics.models import AttemptFact, RouteFact
from core import tenancy
from core.models import Event
from dispatch import queries as dispatch
from dispatch.models import Attempt, Route, Stop
from tracking import geo
from tracking.models import Position

NOISE_M = 30.0


def on_attempt(events: list[Event]) -> None:
    """order.delivered, order.attempt_failed: one fact for each attempt."""
    ids = [UUID(event.data["attempt"]) for event in events if "attempt" in event.data]
    attempts = Attempt.objects.filter(id__in=ids).select_related("order", "stop", "stop__plan")
    AttemptFact.objects.bulk_create(
        [
            AttemptFact(
                attempt_id=attempt.id,
                order_id=attempt.order_id,
                route_id=attempt.stop.route_id,
                driver_id=attempt.driver_id,
                merchant_id=attempt.order.merchant_id,
                day_on=attempt.stop.plan.day_on,
                number=attempt.number,
                succeeded=attempt.succeeded,
                outcome=attempt.outcome,
                at=attempt.at,
                arrived_at=attempt.arrived_at,
                promised_start_at=attempt.order.promised_start_at,
                promised_end_at=attempt.order.promised_end_at,
                planned_arrival_at=attempt.stop.planned_arrival_at,
            )
            for attempt in attempts
        ],
        ignore_conflicts=True,
    )


def on_route_completed(events: list[Event]) -> None:
    """route.completed: one fact for each route, with its cost by parts."""
    routes = (
        dispatch.routes()
        .select_related("plan")
        .filter(id__in=[event.subject_id for event in events], status="completed")
    )
    RouteFact.objects.bulk_create(_route_facts(routes), ignore_conflicts=True)


def _route_facts(routes: Iterable[Route]) -> list[RouteFact]:
    reattempt_cents = Organization.objects.get(id=tenancy.current()).reattempt_cents
    facts = []
    for route in routes:
        assert route.started_at is not None and route.completed_at is not None, "a completed route has both"
        shift, van = route.shift, route.shift.vehicle
        worked_s = max(0, round((route.completed_at - route.started_at).total_seconds()))
        driven_m = _driven_m(route.id) or route.distance_m
        attempts = list(Attempt.objects.filter(stop__route=route))
        failed = sum(not attempt.succeeded for attempt in attempts)
        facts.append(
            RouteFact(
                route_id=route.id,
                driver_id=shift.driver_id,
                vehicle_id=van.id,
                depot_id=shift.depot_id,
                day_on=route.plan.day_on,
                started_at=route.started_at,
                completed_at=route.completed_at,
                planned_s=route.duration_s,
                worked_s=worked_s,
                shift_s=round((shift.ends_at - shift.starts_at).total_seconds()),
                planned_m=route.distance_m,
                driven_m=driven_m,
                stops=Stop.objects.filter(route=route).count(),
                attempts=len(attempts),
                delivered=len(attempts) - failed,
                driver_cents=round(worked_s * shift.driver.cents_per_hour / 3600),
                distance_cents=round(driven_m * van.cents_per_km / 1000),
                vehicle_cents=van.day_cents,
                reattempt_cents=failed * reattempt_cents,
            )
        )
    return facts


def _driven_m(route_id: UUID) -> int:
    """Length of the recorded way, metres; 0 when nothing was recorded. Steps shorter than the fixes' own noise are not
    counted, or a van that stands still would drive kilometres."""
    driven, anchor = 0.0, None
    for lat, lon in Position.objects.filter(route_id=route_id).order_by("fix_at").values_list("lat", "lon"):
        if anchor is None:
            anchor = (lat, lon)
        elif (step := geo.distance_m(*anchor, lat, lon)) >= NOISE_M:
            driven, anchor = driven + step, (lat, lon)
    return round(driven)
