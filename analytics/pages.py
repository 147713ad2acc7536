"""The page of metrics: numbers, charts and the tables behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypedDict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions
from analytics import api, queries
from analytics.templatetags import measures


class Figure(TypedDict):
    """One big number, with its change against the days before: better, worse or neither."""

    label: str
    value: str
    note: str
    change: str
    tone: str


class Insights(doors.PageDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.INSIGHTS_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        first, last = api.span_of(request.GET.get("from"), request.GET.get("to"), self.caller)
        found = queries.insights(first, last, currency=self.caller.organization.currency)
        return render(
            request,
            "analytics/insights.html",
            {
                "insights": found,
                "figures": figures(found, self.caller.organization.distance_unit),
                "first": first,
                "last": last,
                "days_count": (last - first).days + 1,
            },
        )


def figures(found: queries.InsightsRow, unit: str) -> list[Figure]:
    """The page's big numbers."""
    now, before = found["total"], found["before"]

    def one(label: str, name: str, write: Callable[[float | None], str], note: str, *, more_is_better: bool) -> Figure:
        value, old = (row[name]["value"] for row in (_any(now), _any(before)))
        change, tone = "", ""
        if value is not None and old is not None and write(value) != write(old):
            change = f"{write(old)} before"
            tone = "go" if (value > old) == more_is_better else "bad"
        return {"label": label, "value": write(value), "note": note, "change": change, "tone": tone}

    return [
        one(
            "First-attempt rate",
            "first_attempt",
            measures.percent,
            _of(now["first_attempt"], "orders"),
            more_is_better=True,
        ),
        one("On time", "on_time", measures.percent, _of(now["on_time"], "attempts"), more_is_better=True),
        one(
            "Cost per delivery",
            "cost_per_delivery_cents",
            lambda cents: measures.money(cents, found["currency"]),
            f"{now['delivered']} delivered",
            more_is_better=False,
        ),
        one("Time per route", "route_s", measures.span, f"{now['routes']} routes completed", more_is_better=False),
        one(
            "Stops per hour on the road",
            "stops_per_hour",
            measures.decimal,
            f"{measures.distance(now['distance_m'], unit)} driven",
            more_is_better=True,
        ),
    ]


def _any(row: queries.SummaryRow) -> dict[str, Any]:
    return {**row}


def _of(fraction: queries.FractionRow, what: str) -> str:
    return f"{fraction['of']:.0f} of {fraction['by']:.0f} {what}"
