"""The metrics of a span of days, from the facts: rows for the page, its charts and the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypedDict

from analytics import metrics
from analytics.models import AttemptFact, RouteFact
from fleet.models import Driver


class FractionRow(TypedDict):
    of: float
    by: float
    value: float | None


class SummaryRow(TypedDict):
    first_attempt: FractionRow
    success: FractionRow
    attempts_per_delivery: FractionRow
    on_time: FractionRow
    early: FractionRow
    late: FractionRow
    cost_per_delivery_cents: FractionRow
    route_s: FractionRow
    stop_s: FractionRow
    stops_per_hour: FractionRow
    gap_s: FractionRow
    distance_m: int
    routes: int
    attempts: int
    delivered: int


class DaySummaryRow(TypedDict):
    day: str
    summary: SummaryRow


class DriverSummaryRow(TypedDict):
    driver: str
    name: str
    summary: SummaryRow


class FailureRow(TypedDict):
    code: str
    count: int
    rate: float


class InsightsRow(TypedDict):
    """Everything of a span of days, both ends included."""

    first_day: str
    last_day: str
    currency: str
    total: SummaryRow
    before: SummaryRow
    days: list[DaySummaryRow]
    drivers: list[DriverSummaryRow]
    failures: list[FailureRow]


def insights(first: date, last: date, *, currency: str) -> InsightsRow:
    """The metrics from `first` to `last`, by day, by driver and by reason; `before` is the span of the same length
    before."""
    attempts, drives = _attempts(first, last), _drives(first, last)
    span = last - first
    earlier_last = first - timedelta(days=1)
    earlier_first = earlier_last - span
    names = {str(id): name for id, name in Driver.objects.values_list("id", "name")}
    by_day = metrics.by_key(attempts, drives, lambda one: one.day_on, lambda one: one.day_on)
    by_driver = metrics.by_key(attempts, drives, lambda one: one.driver, lambda one: one.driver)
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "currency": currency,
        "total": summary_row(metrics.summary(attempts, drives)),
        "before": summary_row(
            metrics.summary(_attempts(earlier_first, earlier_last), _drives(earlier_first, earlier_last))
        ),
        "days": [{"day": day.isoformat(), "summary": summary_row(one)} for day, one in by_day.items()],
        "drivers": sorted(
            ({"driver": id, "name": names.get(id, "—"), "summary": summary_row(one)} for id, one in by_driver.items()),
            key=lambda row: row["name"],
        ),
        "failures": [
            {"code": code, "count": round(rate.of), "rate": rate.value or 0.0}
            for code, rate in metrics.failures(attempts)
        ],
    }


def _attempts(first: date, last: date) -> list[metrics.Attempt]:
    return [
        metrics.Attempt(
            str(row.order_id),
            str(row.driver_id),
            row.day_on,
            row.number,
            row.succeeded,
            row.outcome,
            row.arrived_at,
            row.promised_start_at,
            row.promised_end_at,
        )
        for row in AttemptFact.objects.filter(day_on__range=(first, last)).order_by("at")
    ]


def _drives(first: date, last: date) -> list[metrics.Drive]:
    return [
        metrics.Drive(
            str(row.driver_id),
            row.day_on,
            row.planned_s,
            row.worked_s,
            row.planned_m,
            row.driven_m,
            row.attempts,
            row.driver_cents,
            row.distance_cents,
            row.vehicle_cents,
            row.reattempt_cents,
        )
        for row in RouteFact.objects.filter(day_on__range=(first, last)).order_by("started_at")
    ]


def fraction_row(fraction: metrics.Fraction) -> FractionRow:
    return {"of": fraction.of, "by": fraction.by, "value": fraction.value}


def summary_row(one: metrics.Summary) -> SummaryRow:
    return {
        "first_attempt": fraction_row(one.first_attempt),
        "success": fraction_row(one.success),
        "attempts_per_delivery": fraction_row(one.attempts_per_delivery),
        "on_time": fraction_row(one.on_time),
        "early": fraction_row(one.early),
        "late": fraction_row(one.late),
        "cost_per_delivery_cents": fraction_row(one.cost_per_delivery_cents),
        "route_s": fraction_row(one.route_s),
        "stop_s": fraction_row(one.stop_s),
        "stops_per_hour": fraction_row(one.stops_per_hour),
        "gap_s": fraction_row(one.gap_s),
        "distance_m": one.distance_m,
        "routes": one.routes,
        "attempts": one.attempts,
        "delivered": one.delivered,
    }
