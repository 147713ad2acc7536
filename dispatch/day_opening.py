"""What a board shows before its day has come whole: each route without its line, the stops of the first ones, counts.

Thousands of stops take a second or two on their way; a dispatcher sees a dozen cards at first. The snapshot follows and
replaces all of this.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from accounts.queries import OperationRow
from dispatch import day_routes, day_stops, queries, states
from dispatch.day_rows import OrganizationRow, PlanRow, RouteRow, StopRow
from dispatch.models import Plan, Stop, StopOrder
from fleet import queries as fleet
from fleet.queries import DepotRow, ZoneRow
from orders.models import Order

FIRST = 20
"""So many routes come with their stops: a few more than a tall screen shows."""


class DayCountsRow(TypedDict):
    """What only the whole day's rows would tell."""

    done: int
    failed: int
    waiting: int
    ready: int
    needs_attention: int
    shifts: int


class OpeningRow(TypedDict):
    """The beginning of one day of one depot; `whole` names the routes whose stops are all there."""

    at: str
    day: str
    organization: OrganizationRow
    depots: list[DepotRow]
    zones: list[ZoneRow]
    plan: PlanRow | None
    routes: list[RouteRow]
    stops: list[StopRow]
    whole: list[str]
    operations: list[OperationRow]
    counts: DayCountsRow


def opening(*, on: date, depot_id: UUID | None, organization: Any, at: datetime) -> OpeningRow:
    """The beginning of that day, of the first depot when none is named."""
    depots = list(fleet.depots())
    depot_id = depot_id or (depots[0].id if depots else None)
    plan = Plan.objects.filter(day_on=on, depot_id=depot_id).first()
    routes = day_routes.plan_route_rows(plan, lines=False) if plan else []
    whole = [row["id"] for row in sorted(routes, key=_place)[:FIRST]]
    return {
        "at": at.isoformat(),
        "day": on.isoformat(),
        "organization": queries.organization_row(organization),
        "depots": fleet.depot_rows(depots),
        "zones": fleet.zone_rows(fleet.zones()),
        "plan": queries.plan_rows([plan])[0] if plan else None,
        "routes": routes,
        "stops": day_stops.plan_stop_rows(plan, whole) if plan else [],
        "whole": whole,
        "operations": queries.live_operation_rows(plan),
        "counts": _counts(on, depot_id, plan),
    }


def _place(row: RouteRow) -> tuple[str, str]:
    """Where the board's list has the route: by driver's name, accents aside. The board sorts by the reader's language
    and draws the cards only as far as their stops are there, so a name that the two place apart does no harm."""
    letters = unicodedata.normalize("NFKD", row["driver"]["name"].casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), row["starts_at"] or ""


def _counts(on: date, depot_id: UUID | None, plan: Plan | None) -> DayCountsRow:
    stops = Stop.objects.filter(plan=plan).exclude(status="cancelled").order_by()
    told: dict[str, int] = stops.aggregate(
        done=Count("id", filter=Q(status__in=states.DONE)),
        failed=Count("id", filter=Q(outcome__startswith="failed")),
        waiting=Count("id", filter=Q(status="unassigned", unassigned_code="not_planned_yet")),
    )
    planned = Exists(StopOrder.objects.filter(live=True, order=OuterRef("id")))
    of_day = Order.objects.filter(delivery_on=on).order_by()
    return {
        "done": told["done"],
        "failed": told["failed"],
        "waiting": told["waiting"],
        "ready": of_day.filter(status="ready").exclude(planned).count(),
        "needs_attention": of_day.filter(status="needs_attention").count(),
        "shifts": fleet.shifts_on(on, depot_id).count(),
    }
