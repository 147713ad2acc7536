"""The page of metrics: numbers, charts and the tables behind them."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions
from analytics import api, queries


class Insights(doors.PageDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.INSIGHTS_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        first, last = api.span_of(request.GET.get("from"), request.GET.get("to"), self.caller)
        return render(request, "analytics/insights.html", {
            "insights": queries.insights(first, last, currency=self.caller.organization.currency),
            "first": first, "last": last})
