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
        morning = amber.shifts[0]
        assert _driven(morning) is None
        half = timedelta(hours=5)
        evening = Shift.objects.create(
            day_on=morning.day_on, driver=morning.driver, vehicle=morning.vehicle, depot=morning.depot,
            starts_at=morning.ends_at + half, ends_at=morning.ends_at + 2 * half)
        plan = Plan.objects.create(day_on=morning.day_on, depot=morning.depot, status="distributed")
        later, first = (Route.objects.create(plan=plan, shift=shift, status="distributed") for shift in (evening, morning))
        assert _driven(morning) == first.id
        Route.objects.filter(id=later.id).update(status="started", started_at=evening.starts_at)
        assert _driven(morning) == later.id


def _driven(shift):
    driving = queries.whereabouts(shift.driver_id).driving
    return driving.route_id if driving else None
