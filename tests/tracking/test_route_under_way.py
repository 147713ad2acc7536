"""Which route a driver's positions belong to."""

from __future__ import annotations

from datetime import timedelta

from dispatch.models import Plan, Route
from fleet.models import Shift
from tracking import queries


def test_a_route_forgotten_yesterday_does_not_get_todays_positions(amber):
    with amber.scope():
        today = amber.shifts[0]
        day = timedelta(days=1)
        yesterday = Shift.objects.create(
            day_on=today.day_on - day, driver=today.driver, vehicle=today.vehicle, depot=today.depot,
            starts_at=today.starts_at - day, ends_at=today.ends_at - day)
        routes = {}
        for shift in (today, yesterday):
            plan = Plan.objects.create(day_on=shift.day_on, depot=shift.depot, status="distributed")
            routes[shift.id] = Route.objects.create(plan=plan, shift=shift, status="started",
                                                    started_at=shift.starts_at)
        assert _driven(today) == routes[today.id].id
        Route.objects.filter(id=routes[today.id].id).update(status="completed")
        assert _driven(today) == routes[yesterday.id].id


def test_before_any_is_started_the_first_one_to_set_out_gets_them(amber):
    with amber.scope():
        today = amber.shifts[0]
        assert _driven(today) is None
        day = timedelta(days=1)
        tomorrow = Shift.objects.create(
            day_on=today.day_on + day, driver=today.driver, vehicle=today.vehicle, depot=today.depot,
            starts_at=today.starts_at + day, ends_at=today.ends_at + day)
        plan = Plan.objects.create(day_on=today.day_on, depot=today.depot, status="distributed")
        later, first = (
            Route.objects.create(plan=plan, shift=shift, status="distributed") for shift in (tomorrow, today))
        assert _driven(today) == first.id
        Route.objects.filter(id=later.id).update(status="started", started_at=tomorrow.starts_at)
        assert _driven(today) == later.id


def _driven(shift):
    driving = queries.whereabouts(shift.driver_id).driving
    return driving.route_id if driving else None
