"""The dispatcher's pages: the board (its rows come by API and socket), what a plan costs, an order's attempts."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as later

from accounts import doors, objectives, permissions
from core import clock, errors
from core.words import say
from dispatch import judging, queries
from dispatch.models import Plan
from orders import progress
from orders.models import Order


class Board(doors.PageDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = {
            "may_plan": self.caller.may(permissions.PLAN_WRITE),
            "may_fleet": self.caller.may(permissions.FLEET_WRITE),
            "may_message": self.caller.may(permissions.MESSAGES_WRITE),
            "member": self.caller.membership_id,
            "opening": _opening(request),
        }
        return render(request, "dispatch/board.html", shown)


def _opening(request: HttpRequest) -> str:
    """Where the board will ask for what it shows first: spelled as it does (board/api.ts), so that the browser can ask
    before the board's program has come."""
    asked = {name: request.GET[name] for name in ("day", "depot") if request.GET.get(name)}
    return f"/api/v1/board/opening/?{urlencode(asked)}"


class PlanCosts(doors.PageDoor):
    """What a plan is judged by, and what each route has of it."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        plan = Plan.objects.select_related("depot").filter(id=id).first()
        if plan is None:
            raise errors.Missing("plan")
        row = queries.objective_row(plan)
        shown = {
            "plan": plan,
            "title": say(objectives.title_of(row["objective"])),
            "hard": [term for term in row["terms"] if term["kind"] == "hard"],
            "soft": [term for term in row["terms"] if term["kind"] == "soft" and (term["price"] or term["amount"])],
            "total_cents": sum(term["cents"] or 0 for term in row["terms"]),
            "judged": bool(plan.objective),
            "routes": row["routes"],
            "columns": [term["name"] for term in row["terms"] if _on_a_route(term["name"], row)],
            "may_change": self.caller.may(permissions.SETTINGS_WRITE),
        }
        for route in row["routes"]:
            route["terms"] = [term for term in route["terms"] if term["name"] in shown["columns"]]
        return render(request, "dispatch/costs.html", shown)


def _on_a_route(name: str, row: judging.ObjectiveRow) -> bool:
    """Whether any route has some of this term."""
    return any(
        term["name"] == name and (term["amount"] or term["cents"]) for one in row["routes"] for term in one["terms"]
    )


class DayForm(forms.Form):
    """The day of another attempt."""

    day = forms.DateField(error_messages={"required": later("Choose the day of the next attempt.")})


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
            raise errors.Invalid("day_is_past", say("The next attempt cannot be on a day that is over."), param="day")
        progress.reattempt(order, day=form.cleaned_data["day"], by=self.caller.actor, at=clock.now())
        self.say(say("Order {reference} is ready for another attempt.", reference=order.reference))
        return HttpResponseRedirect(f"/orders/{order.id}/")


def _order(id: UUID) -> Order:
    order: Order | None = Order.objects.filter(id=id).first()
    if order is None:
        raise errors.Missing("order")
    return order
