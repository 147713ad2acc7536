"""What dispatch adds to the list of orders: who drives them, when they come, whether they are late."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from core import errors
from core.words import mark, say
from dispatch import facts
from dispatch.models import StopOrder
from fleet import queries as fleet
from orders import narrowing
from orders.models import Order

_REACHED = Coalesce("stop__arrived_at", "stop__eta_at", "stop__planned_arrival_at")


def connect() -> None:
    """Offer filters and columns to the list of orders."""
    narrowing.register(
        narrowing.Narrowing("driver", mark("Driver"), drivers, by_driver),
        narrowing.Narrowing("only", mark("Only"), lambda: list(_ONLY), by_trouble),
        narrowing.Extra("driver", mark("Driver"), driver_names),
        narrowing.Extra("arrival", mark("Arrival"), arrivals),
    )


def drivers() -> list[tuple[str, str]]:
    return [(str(driver.id), driver.name) for driver in fleet.drivers()]


def by_driver(rows: QuerySet[Order], value: str) -> QuerySet[Order]:
    """Orders that are or were on a route of this driver."""
    try:
        driver = UUID(value)
    except ValueError as error:
        raise errors.Invalid("bad_id", say("driver is not an id."), param="driver") from error
    mine = StopOrder.objects.filter(stop__route__shift__driver_id=driver)
    return rows.filter(id__in=mine.values("order_id"))


_ONLY = (("late", mark("Late for the promise")), ("unplanned", mark("Ready, on no route")))


def by_trouble(rows: QuerySet[Order], value: str) -> QuerySet[Order]:
    """Late: reached, or expected to be, after the end of the promised window."""
    live = StopOrder.objects.filter(order=OuterRef("pk"), live=True)
    if value == "late":
        after = live.annotate(reached=_REACHED).filter(reached__gt=OuterRef("promised_end_at"))
        return rows.filter(Exists(after))
    if value == "unplanned":
        return rows.filter(~Exists(live.filter(stop__route__isnull=False)), status__in=["ready", "scheduled"])
    raise errors.Invalid("bad_only", say("only is late or unplanned."), param="only")


def driver_names(orders: Sequence[Order]) -> dict[UUID, str]:
    return dict(_live(orders).values_list("order_id", "stop__route__shift__driver__name"))


def arrivals(orders: Sequence[Order]) -> dict[UUID, str]:
    """When the stop was or will be reached, by the organization's clock."""
    zone = facts.zone_of_tenant()
    found = _live(orders).annotate(reached=_REACHED).exclude(reached=None).values_list("order_id", "reached")
    return {order: at.astimezone(zone).strftime("%H:%M") for order, at in found}


def _live(orders: Sequence[Order]) -> QuerySet[StopOrder]:
    rows: QuerySet[StopOrder] = StopOrder.objects.filter(
        order__in=[order.id for order in orders], live=True, stop__route__isnull=False
    )
    return rows
