"""What was written about an order, shown inside its page: with its recipient, and with drivers about its stops."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts import doors, permissions
from core import clock, errors
from core.words import say
from notifications import message_actions, message_queries
from orders.models import Order


class OrderMessages(doors.PageDoor):
    """The lines about one order, and the place to write to its recipient."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.MESSAGES_READ, "POST": permissions.MESSAGES_WRITE}

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = _order(id)
        shown = {
            "order": order,
            "rows": message_queries.lines_about(order),
            "mark": uuid4(),
            "may_write": self.caller.may(permissions.MESSAGES_WRITE),
        }
        with timezone.override(ZoneInfo(self.caller.organization.timezone)):
            return render(request, "notifications/order_messages.html", shown)

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """Write to the order's recipient; the same form sent twice is one message."""
        order, now = _order(id), clock.now()
        try:
            mark = UUID(request.POST.get("mark", ""))
        except ValueError as error:
            raise errors.Invalid("bad_id", say("This page is out of date: load it again."), param="mark") from error
        (thread,) = message_actions.open_threads(orders=[order], at=now)
        line = message_actions.Line(request.POST.get("text", ""), mark)
        message_actions.send(thread, line, author="member", by=self.caller.actor, at=now)
        self.say(say("Your message to {recipient_name} is on its way.", recipient_name=order.recipient_name))
        return HttpResponseRedirect(f"/orders/{order.id}/")


def _order(id: UUID) -> Order:
    order: Order | None = Order.objects.filter(id=id).first()
    if order is None:
        raise errors.Missing("order")
    return order
