"""One order."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve

from core import clock
from core.words import say
from orders import actions, history, queries, states
from orders.models import Order
from orders.pages.door import READ, WRITE, OrdersPage


class One(OrdersPage):
    """`/orders/<id>/`: everything known of one order."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        return self.show(request, "orders/one.html", one_context(queries.order_of(id)))


def one_context(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "nav": "orders",
        "lines": history.lines(queries.order_history(order)),
        "editable": order.status in (*states.OPEN, "attempt_failed"),
        "cancellable": states.ORDER.allows(order.status, "cancelled"),
        "movable": order.status in states.OPEN,
        "attempts_link": _link_above(order, "attempts"),
        "messages_link": _link_above(order, "messages"),
        "others_here": Order.objects.filter(place_id=order.place_id).exclude(id=order.id).count(),
    }


def _link_above(order: Order, what: str) -> str:
    """Where a floor above shows the order's attempts or messages, if it does."""
    link = f"/orders/{order.id}/{what}/"
    try:
        resolve(link)
    except Resolver404:
        return ""
    return link


class Cancel(OrdersPage):
    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:300]
        actions.cancel_order(order, reason=reason, by=self.caller.actor, at=clock.now())
        self.say(say("{reference} is cancelled.", reference=order.reference))
        return HttpResponseRedirect(f"/orders/{order.id}/")
