"""One change to many orders: first what it would do, then done, with an answer for each."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from core import clock, errors
from core.words import mark, say, say_many
from orders.actions import many
from orders.models import PRIORITIES, Order
from orders.pages.door import WRITE, OrdersPage
from orders.pages.searching import ids_of

BUTTONS = {many.CANCEL: mark("Cancel them"), many.DAY: mark("Set the day"), many.PRIORITY: mark("Set the priority")}


def _title(action: str, count: int) -> str:
    if action == many.CANCEL:
        return say_many("Cancel {count} order", "Cancel {count} orders", count)
    if action == many.DAY:
        return say_many("Set the day of {count} order", "Set the day of {count} orders", count)
    return say_many("Set the priority of {count} order", "Set the priority of {count} orders", count)


class Look(OrdersPage):
    """`/orders/many/look`: the dialog that says what an action would do to the chosen orders."""

    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest) -> HttpResponse:
        action, orders = _asked(request)
        return self.show(request, "orders/many_look.html", self._context(action, orders))

    def _context(self, action: str, orders: list[Order]) -> dict[str, Any]:
        return {
            "action": action,
            "title": _title(action, len(orders)),
            "button": say(BUTTONS[action]),
            "outlook": many.look(orders, action),
            "chosen": orders,
            "priorities": PRIORITIES,
        }


class Do(Look):
    """`/orders/many`: it is done; the answer says for each order what became of it."""

    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest) -> HttpResponse:
        action, orders = _asked(request)
        try:
            results = self._do(request, action, orders)
        except errors.Invalid as problem:
            context = {**self._context(action, orders), "problem": problem.message}
            return self.show(request, "orders/many_look.html", context)
        failed = [result for result in results if result.problem]
        context = {"done": len(results) - len(failed), "failed": failed, "action": action}
        return self.show(request, "orders/many_done.html", context)

    def _do(self, request: HttpRequest, action: str, orders: list[Order]) -> list[many.Result]:
        by, at = self.caller.actor, clock.now()
        if action == many.CANCEL:
            return many.cancel_orders(orders, reason=request.POST.get("reason", ""), by=by, at=at)
        if action == many.PRIORITY:
            return many.set_priority(orders, priority=request.POST.get("priority", ""), by=by, at=at)
        try:
            day = date.fromisoformat(request.POST.get("day", ""))
        except ValueError as error:
            raise errors.Invalid("bad_day", say("Choose the new delivery day."), param="day") from error
        return many.set_day(orders, day=day, zone=self.zone, by=by, at=at)


def _asked(request: HttpRequest) -> tuple[str, list[Order]]:
    action = request.POST.get("action", "")
    if action not in many.ACTIONS:
        raise errors.Invalid("bad_action", say("There is no such action."), param="action")
    ids = ids_of(request.POST.getlist("order"), many.AT_ONCE)
    orders = list(Order.objects.select_related("place", "merchant").filter(id__in=ids).order_by("-id"))
    if len(orders) < len(set(ids)):
        raise errors.Missing("order")
    return action, orders
