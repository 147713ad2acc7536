"""The stops of a plan's day for the snapshot that a board begins with: thousands of rows, read as plain tuples.

Models and Python's dates are most of what thousands of rows cost, and nobody needs either here (`dispatch.instants`).
The rows are those of `dispatch.queries.stop_rows` (tests/dispatch/test_day_rows.py proves it).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.words import say
from dispatch import facts
from dispatch.day_rows import StopOrderRow, StopRow
from dispatch.instants import iso, span_of, texts
from dispatch.models import Plan, Stop, StopOrder
from fleet.queries import Span

_ORDER = (
    *("reference", "recipient_name", "recipient_phone", "status", "priority", "proof_required", "instructions"),
    "recipient_answer",
)
_LOAD = ("weight_g", "volume_ml", "pieces", "pallets")
_PROMISE = ("promised_start_at", "promised_end_at")
_STOP = (
    *("id", "route_id", "position", "status", "place__line", "place__lat", "place__lon", "service_s"),
    *("unassigned_code", "unassigned_message", "outcome", "lock", "version", "after"),
)
_INSTANTS = (
    *("window_start_at", "window_end_at", "planned_arrival_at", "planned_departure_at"),
    *("eta_at", "arrived_at", "departed_at"),
)


class _Served(NamedTuple):
    """An order that a stop serves."""

    row: StopOrderRow
    skills: list[str]
    load: tuple[int, int, int, int]
    promised: Span | None


def lateness() -> dict[str, Any]:
    """Annotations for stops: when each is or was `reached` as far as is known, when it was `due` (the first end of a
    window told to a recipient, else of the planned window), and how long `after` that it is."""
    promised = (
        StopOrder.objects.filter(stop_id=OuterRef("id"), order__promised_end_at__isnull=False)
        .order_by()
        .values("stop_id")
        .annotate(first=Min("order__promised_end_at"))
        .values("first")
    )
    return {
        "reached": Coalesce("arrived_at", "eta_at", "planned_arrival_at"),
        "due": Coalesce(Subquery(promised), "window_end_at"),
        "after": ExpressionWrapper(F("reached") - F("due"), output_field=DurationField()),
    }


def plan_stop_rows(plan: Plan, routes: Sequence[str] | None = None) -> list[StopRow]:
    """The rows of all the plan's stops, or of those on some routes, but the cancelled ones; by id."""
    found = Stop.objects.filter(plan=plan).exclude(status="cancelled").annotate(**lateness()).order_by("id")
    links = StopOrder.objects.filter(stop__plan=plan).order_by("id")
    if routes is not None:
        found, links = found.filter(route__in=routes), links.filter(stop__route__in=routes)
    served, name = _served(links), str(plan.id)
    return [_row(name, one, served[one[0]]) for one in found.values_list(*_STOP, *texts(_INSTANTS))]


def _served(links: QuerySet[StopOrder]) -> dict[UUID, list[_Served]]:
    """The orders of these links by stop."""
    served: dict[UUID, list[_Served]] = defaultdict(list)
    names = (f"order__{name}" for name in (*_ORDER, "skills", *_LOAD))
    for link in links.values_list("stop_id", "order_id", *names, *texts(_PROMISE, "order__")):
        stop, order, reference, recipient, phone, status, priority, proof, instructions, answer, skills, *load = link
        row: StopOrderRow = {
            "id": str(order),
            "reference": reference,
            "recipient": recipient,
            "phone": phone,
            "status": status,
            "priority": priority,
            "proof_required": proof,
            "instructions": instructions,
            "recipient_answer": answer,
        }
        served[stop].append(_Served(row, skills, tuple(load[:4]), span_of(*load[4:])))
    return served


def _row(plan: str, stop: tuple[Any, ...], served: list[_Served]) -> StopRow:
    id, route, position, status, line, lat, lon, service_s, code, message, outcome, lock, version, after = stop[:14]
    opens, closes, arrival, departure, eta, arrived, departed = stop[14:]
    weight_g, volume_ml, pieces, pallets = (sum(one.load[at] for one in served) for at in range(4))
    return {
        "id": str(id),
        "plan": plan,
        "route": str(route) if route else None,
        "sequence": position,
        "status": status,
        "place": {"line": line, "lat": lat, "lon": lon},
        "orders": [one.row for one in served],
        "window": span_of(opens, closes),
        "promised": next((one.promised for one in served if one.promised), None),
        "service_s": service_s,
        "planned_arrival_at": iso(arrival),
        "planned_departure_at": iso(departure),
        "eta_at": iso(eta),
        "arrived_at": iso(arrived),
        "departed_at": iso(departed),
        "late_s": max(0, round(after.total_seconds())) if after else 0,
        "unassigned": {"code": code, "message": say(message)} if status == "unassigned" else None,
        "skills": sorted({skill for one in served for skill in one.skills}),
        "load": {"weight_g": weight_g, "volume_ml": volume_ml, "pieces": pieces, "pallets": pallets},
        "priority": max((one.row["priority"] for one in served), key=facts.RANK.__getitem__, default="normal"),
        "outcome": outcome or None,
        "lock": lock or None,
        "version": version,
    }
