"""JSON doors of the metrics."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import callers, doors, permissions, rows
from analytics import queries
from core import clock, errors
from core.words import say

MAX_DAYS = 366
USUAL_DAYS = 14


def span_of(first: str | None, last: str | None, caller: callers.Caller) -> tuple[date, date]:
    """The asked span of days: the last fortnight when nothing is said."""
    parse = serializers.DateField().run_validation
    try:
        end = parse(last) if last else clock.now().astimezone(ZoneInfo(caller.organization.timezone)).date()
        begin = parse(first) if first else end - timedelta(days=USUAL_DAYS - 1)
    except (serializers.ValidationError, OverflowError) as error:
        raise errors.Invalid("bad_day", say("A day is written like 2026-11-23."), param="from") from error
    if begin > end:
        raise errors.Invalid("ends_before_start", say("The span ends before it begins."), param="to")
    if (end - begin).days >= MAX_DAYS or begin.year < 2000:
        raise errors.Invalid(
            "span_too_long", say("A span has at most {max_days} days.", max_days=MAX_DAYS), param="from"
        )
    return begin, end


class Insights(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.INSIGHTS_READ}

    @extend_schema(
        operation_id="insights_read",
        responses=rows.schema_of(queries.InsightsRow),
        parameters=[OpenApiParameter("from", date), OpenApiParameter("to", date)],
    )
    def get(self, request: Request) -> Response:
        first, last = span_of(request.query_params.get("from"), request.query_params.get("to"), self.caller)
        return Response(queries.insights(first, last, currency=self.caller.organization.currency))
