"""The dispatcher's pages: the board, whose rows come from the API and the socket, and an order's attempts."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts import doors, permissions
from core import clock, errors
from dispatch import queries
from orders import progress
from orders.models import Order


class Board(doors.PageDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "dispatch/board.html", {"may_plan": self.caller.may(permissions.PLAN_WRITE)})


class DayForm(forms.Form):
    """The day of another attempt."""

    day = forms.DateField(error_messages={"required": "Choose the day of the next attempt."})


class OrderAttempts(doors.PageDoor):
    """An order's attempts with their proofs, shown inside its page; after a failure, the door to another attempt."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ, "POST": permissions.ORDERS_WRITE}

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = _order(id)
        zone = ZoneInfo(self.caller.organization.timezone)
        shown = {
            "order": order,
            "attempts": queries.order_attempts(order.id),
            "today": clock.now().astimezone(zone).date(),
            "may_retry": order.status == "attempt_failed" and self.caller.may(permissions.ORDERS_WRITE),
        }
        with timezone.override(zone):
            return render(request, "dispatch/order_attempts.html", shown)

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """Try again on the chosen day."""
        order, form = _order(id), DayForm(request.POST)
        today = clock.now().astimezone(ZoneInfo(self.caller.organization.timezone)).date()
        if not form.is_valid():
            raise errors.Invalid("bad_day", str(next(iter(form.errors.values()))[0]), param="day")
        if form.cleaned_data["day"] < today:
            raise errors.Invalid("day_is_past", "The next attempt cannot be on a day that is over.", param="day")
        progress.reattempt(order, day=form.cleaned_data["day"], by=self.caller.actor, at=clock.now())
        self.say(f"Order {order.reference} is ready for another attempt.")
        return HttpResponseRedirect(f"/orders/{order.id}/")


def _order(id: UUID) -> Order:
    order: Order | None = Order.objects.filter(id=id).first()
    if order is None:
        raise errors.Missing("order")
    return order
