"""The page of metrics: numbers, charts and the tables behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypedDict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions
from analytics import api, queries
from analytics.templatetags import measures
from core.words import number, say, say_many


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
            change = say("{value} before", value=write(old))
            tone = "go" if (value > old) == more_is_better else "bad"
        return {"label": label, "value": write(value), "note": note, "change": change, "tone": tone}

    return [
        one(
            say("First-attempt rate"),
            "first_attempt",
            measures.percent,
            say("{part} of {whole} orders", **_of(now["first_attempt"])),
            more_is_better=True,
        ),
        one(say("On time"), "on_time", measures.percent, say("{part} of {whole} "
                                                             "attempts", **_of(now["on_time"])), more_is_better=True),
        one(
            say("Cost per delivery"),
            "cost_per_delivery_cents",
            lambda cents: measures.money(cents, found["currency"]),
            say("{count} delivered", count=now["delivered"]),
            more_is_better=False,
        ),
        one(
            say("Time per route"),
            "route_s",
            measures.span,
            say_many("{count} route completed", "{count} routes completed", now["routes"]),
            more_is_better=False,
        ),
        one(
            say("Stops per hour on the road"),
            "stops_per_hour",
            measures.decimal,
            say("{distance} driven", distance=measures.distance(now["distance_m"], unit)),
            more_is_better=True,
        ),
    ]


def _any(row: queries.SummaryRow) -> dict[str, Any]:
    return {**row}


def _of(fraction: queries.FractionRow) -> dict[str, str]:
    return {"part": number(fraction["of"]), "whole": number(fraction["by"])}
