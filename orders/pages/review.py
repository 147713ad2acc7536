"""Orders whose place a person has to look at, one after the other."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core import clock, errors
from core.words import say
from orders import actions, forms, queries
from orders.models import Order
from orders.pages.door import READ, WRITE, OrdersPage

LISTED = 30


class Review(OrdersPage):
    """`/orders/review/`: the first order that needs a look, or the one after `?after=`."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        queue = queries.review_queue()
        order = next_after(_id(request.GET.get("after", ""))) or queue.first()
        return self.show(request, "orders/review.html", review_context(order))


class ReviewOne(OrdersPage):
    """`/orders/review/<id>/`: this order."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        return self.show(request, "orders/review.html", review_context(queries.order_of(id)))


def review_context(order: Order | None) -> dict[str, Any]:
    queue = queries.review_queue()
    context: dict[str, Any] = {"order": order, "nav": "review", "queue": queue[:LISTED], "waiting": queue.count()}
    if order is not None:
        place = order.place
        context |= {
            "same_place": Order.objects.filter(place=place, status="needs_attention").exclude(id=order.id).count(),
            "place_known": place.lat is not None,
            "pin": {"lat": place.lat, "lon": place.lon} if place.lat is not None else None,
            "upcoming": next_after(order),
        }
    return context


def next_after(order: Order | None) -> Order | None:
    """The next order in the queue: by day, then as they came."""
    if order is None:
        return None
    later = Q(delivery_on__gt=order.delivery_on) | Q(delivery_on=order.delivery_on, id__gt=order.id)
    following: Order | None = queries.review_queue().filter(later).first()
    return following


def _id(text: str) -> Order | None:
    try:
        found: Order | None = Order.objects.filter(id=UUID(text)).first() if text else None
    except ValueError:
        return None
    return found


class Position(OrdersPage):
    """The pin is right: where the geocoder put it, or where a person moved it."""

    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        form = forms.PinForm(request.POST)
        if not form.is_valid():
            raise errors.Invalid(
                "no_position", say("Set the pin on the map first, or type its latitude and longitude.")
            )
        actions.confirm_place(order, **form.cleaned_data, by=self.caller.actor, at=clock.now())
        self.say(say("{reference}: the position is confirmed.", reference=order.reference))
        return back(request, order)


class WrongAddress(OrdersPage):
    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())
        actions.reject_place(order, reason=reason, by=self.caller.actor, at=clock.now())
        self.say(say("{reference} waits for a corrected address.", reference=order.reference))
        return back(request, order)


class Again(OrdersPage):
    """Ask the geocoder again."""

    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        at = clock.now()
        actions.relocate(order, by=self.caller.actor, at=at)
        actions.request_location(by=self.caller.actor, at=at)
        self.say(say("{reference} is looked up again.", reference=order.reference))
        return back(request, order)


def back(request: HttpRequest, order: Order) -> HttpResponse:
    """To the next in the queue, or to the order, from where the form was sent."""
    if request.POST.get("from") == "order":
        return HttpResponseRedirect(f"/orders/{order.id}/")
    return HttpResponseRedirect(f"/orders/review/?after={order.id}")
