"""Orders by hand: new, changed, and the address that is completed while it is typed."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import permissions
from core import clock, errors
from core.words import say
from orders import actions, forms, geocoding, queries
from orders.api import bodies
from orders.importing import values
from orders.models import Order
from orders.pages.door import READ, OrdersPage

BOTH = {"GET": permissions.ORDERS_WRITE, "POST": permissions.ORDERS_WRITE}
SUGGESTIONS = 6
TYPED_CHARS = 120


class New(OrdersPage):
    """`/orders/new/`."""

    permissions: ClassVar[dict[str, str]] = BOTH

    def get(self, request: HttpRequest) -> HttpResponse:
        form = forms.OrderForm(
            initial={
                "delivery_on": self.today,
                "priority": "normal",
                "proof_required": "none",
                "pieces": 1,
                "service_minutes": 3,
                "promise": True,
            }
        )
        return self._form(request, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.OrderForm(request.POST)
        if not form.is_valid():
            return self._form(request, form, status=400)
        at = clock.now()
        reference = form.cleaned_data["reference"]
        if reference and (taken := Order.objects.filter(reference=reference).first()):
            form.add_error(
                "reference",
                say("This reference is taken by the order for {recipient_name}.", recipient_name=taken.recipient_name),
            )
            return self._form(request, form, status=400, taken=taken)
        try:
            with transaction.atomic():
                draft = bodies.draft_of(form.body(self.zone), self.caller.organization, at=at)
                order = actions.receive_order(draft, source="form", by=self.caller.actor, at=at)
                if not form.cleaned_data["promise"] and order.promised_start_at:
                    none = {"promised_start_at": None, "promised_end_at": None}
                    order = actions.edit_order(order, values=none, by=self.caller.actor, at=at)
        except errors.Refused as problem:
            told(form, problem)
            return self._form(request, form, status=problem.status)
        self.say(say("{reference} is received.", reference=order.reference))
        return HttpResponseRedirect(f"/orders/{order.id}/")

    def _form(
        self, request: HttpRequest, form: forms.OrderForm, *, status: int = 200, taken: Order | None = None
    ) -> HttpResponse:
        return self.show(
            request,
            "orders/form.html",
            {
                "form": form,
                "merchants": self.merchant_names(),
                "taken": taken,
                "nav": "orders",
                **shown_pin(form),
            },
            status=status,
        )


class Edit(OrdersPage):
    """`/orders/<id>/edit/`: what may still be changed; what somebody else changed meanwhile is not overwritten."""

    permissions: ClassVar[dict[str, str]] = BOTH

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        return self._form(request, order, forms.OrderForm(initial=forms.initial_of(order, self.zone)))

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        form = forms.OrderForm(request.POST)
        form.fields["reference"].required = False
        if not form.is_valid():
            return self._form(request, order, form, status=400)
        at = clock.now()
        try:
            with transaction.atomic():
                actions.edit_order(order, **self._changes(form, order, at), by=self.caller.actor, at=at)
        except errors.Refused as problem:
            told(form, problem)
            return self._form(request, order, form, status=problem.status)
        self.say(say("{reference} is saved.", reference=order.reference))
        return HttpResponseRedirect(f"/orders/{order.id}/")

    def _changes(self, form: forms.OrderForm, order: Order, at: Any) -> dict[str, Any]:
        body = form.body(self.zone)
        place = body.pop("place")
        if form.cleaned_data["promise"]:
            body["promised"] = body["window"]
        changes = bodies.patch_of(body, order, self.caller.organization, at=at)
        if place["line"] != order.place.line or "lat" in place:
            place["country"] = order.place.country
            changes["address"] = bodies.address_draft(place, self.caller.organization, day=order.delivery_on)
        changes["version"] = form.cleaned_data["version"]
        return changes

    def _form(self, request: HttpRequest, order: Order, form: forms.OrderForm, *, status: int = 200) -> HttpResponse:
        return self.show(
            request,
            "orders/form.html",
            {
                "form": form,
                "order": order,
                "merchants": self.merchant_names(),
                "nav": "orders",
                **shown_pin(form),
            },
            status=status,
        )


def told(form: forms.OrderForm, problem: errors.Refused) -> None:
    """Put a refusal beside the field it is about, or over the form."""
    field = forms.PARAMS.get(problem.param or "", problem.param or "")
    shown = field in form.fields and not form[field].is_hidden
    form.add_error(field if shown else None, problem.message)


def shown_pin(form: forms.OrderForm) -> dict[str, Any]:
    """The point of a picked suggestion, to be drawn again with a form that comes back."""
    if not form.is_bound:
        return {}
    typed = getattr(form, "cleaned_data", {})
    lat, lon = typed.get("lat"), typed.get("lon")
    picked = typed.get("picked") and typed.get("picked") == typed.get("address")
    return {"pin": {"lat": lat, "lon": lon}} if picked and lat is not None and lon is not None else {}


class Suggest(OrdersPage):
    """`/orders/suggest?q=`: places on the map for a half-typed address (an htmx fragment)."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = request.GET.get("q") or request.GET.get("address", "")
        found: list[geocoding.Located] = []
        away = False
        if len(typed.strip()) >= 3:
            try:
                found = geocoding.from_settings().suggest(typed[:TYPED_CHARS], SUGGESTIONS)
            except geocoding.GeocoderUnavailable:
                away = True
        return self.show(
            request,
            "orders/suggestions.html",
            {"found": found, "away": away, "typed": typed.strip(), "into": _into(request)},
        )


class Suggested(OrdersPage):
    """`/orders/suggested?…`: the address field, or the pin, as it stands after a suggestion was picked."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        pin = forms.PinForm(request.GET)
        if not pin.is_valid():
            raise errors.Invalid("bad_position", say("This suggestion has no position."))
        if _into(request) == "pin":
            return self.show(request, "orders/pin.html", {"pin": pin.cleaned_data, "picked": True})
        line, _ = values.clean(request.GET.get("line", ""))
        form = forms.OrderForm(initial={"address": line, "picked": line, **pin.cleaned_data})
        return self.show(request, "orders/address.html", {"form": form, "pin": pin.cleaned_data, "picked": True})


def _into(request: HttpRequest) -> str:
    return "pin" if request.GET.get("into") == "pin" else "address"
